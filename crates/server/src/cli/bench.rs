//! `huike bench`: what the budgets of docs/performance.md come to on this machine.

use super::{Complaint, Place, open, say};
use crate::config::Config;
use clap::{Args, Subcommand};
use huike_engine::bench::{self, Bench as Measuring, Budget, Figure, Report};
use huike_engine::session::keys::{self, NewKey};
use huike_engine::{Actor, Caller, Engine, EngineError, Options, Store, StoreOptions, Via};
use huike_model::Lang;
use std::path::PathBuf;
use std::time::Duration;

mod matching;
mod served;

/// Where the measured company is kept when nothing else is said: never in the folder of a real one.
const FOLDER: &str = "bench-data";

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Bench {
    #[command(subcommand)]
    what: Option<What>,
    /// 客户数 How many customers; three interactions and half an opportunity each
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=5_000_000))]
    customers: u64,
    /// 把结果写成 JSON Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// 把结果写成 Markdown Write the table as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// 只准备数据 Only make the company
    #[arg(long)]
    prepare: bool,
    /// 不测导入 Leave the import out
    #[arg(long)]
    no_import: bool,
    /// 只测名称含此文字的项目 Only what has this text in its name; nothing over HTTP
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// 把各语句最慢的一次写入文件 Write the slowest run of each statement of the reads, slowest first
    #[arg(long, value_name = "FILE")]
    statements: Option<PathBuf>,
    /// 只测读 Leave out everything that writes
    #[arg(long)]
    reads: bool,
}

#[derive(Subcommand)]
enum What {
    /// 测量查重 Measure the finding of duplicates
    Matching(matching::Matching),
}

pub fn run(place: &Place, options: &Bench) -> Result<(), Complaint> {
    if let Some(What::Matching(options)) = &options.what {
        return matching::run(options);
    }
    let mut sources = place.sources();
    sources.flags.entry("data").or_insert_with(|| FOLDER.to_owned());
    let config = Config::load(&sources)?;
    open::log(&config);
    prepare(&config, options.customers)?;
    if options.prepare {
        return Ok(());
    }
    let mut report = Report { customers: options.customers, ..Report::default() };
    say(bench::TABLE_HEAD)?;
    let told = |report: &mut Report, figure: Figure| -> Result<(), Complaint> {
        say(&bench::row(&figure))?;
        report.figures.push(figure);
        Ok(())
    };
    if options.only.is_empty() {
        let key = key(&config)?;
        for figure in served::measure(&config, &key, !options.reads)? {
            told(&mut report, figure)?;
        }
    }
    let engine = open::engine(&config)?;
    (report.database, report.machine) = (bench::database(&engine)?, bench::machine());
    let mut measuring = Measuring::new(&engine, &open::location(&config), options.only.clone())?;
    let mut figures: Vec<Figure> = Vec::new();
    let mut tell = |figure: Figure| {
        // A table that can't be printed is still written to its file.
        let _ = say(&bench::row(&figure));
        figures.push(figure);
    };
    if options.statements.is_some() {
        measuring.keep_slowest();
    }
    bench::reads::all(&mut measuring, &mut tell)?;
    if let Some(path) = &options.statements {
        std::fs::write(path, measuring.slowest().join("\n"))?;
    }
    if !options.reads {
        let folder = (!options.no_import).then_some(config.data.as_path());
        bench::writes::all(&mut measuring, folder, &mut tell)?;
        bench::promises::all(&measuring, &mut tell)?;
    }
    report.figures.extend(figures);
    if let Some(path) = &options.json {
        std::fs::write(path, format!("{:#}\n", bench::json(&report)))?;
    }
    if let Some(path) = &options.markdown {
        std::fs::write(path, bench::markdown(&report))?;
    }
    Ok(())
}

/// Makes the company unless it is there.
fn prepare(config: &Config, customers: u64) -> Result<(), Complaint> {
    let watch = huike_engine::Stopwatch::start();
    let engine = engine_for_loading(config)?;
    let made = bench::company::make(&engine, customers)?;
    if made > 0 {
        drop(engine);
        let engine = engine_for_loading(config)?;
        bench::company::settle(&engine, &open::location(config))?;
        say(&format!("{made} records loaded in {:.0} s", watch.elapsed().as_secs_f64()))?;
    }
    Ok(())
}

fn engine_for_loading(config: &Config) -> Result<Engine, Complaint> {
    let fresh = config.database_url.is_some() || !config.data.join("huike.db").exists();
    let keys = config.master_key.read(fresh)?;
    let options = bench::company::loading(StoreOptions::default());
    let store = Store::open_blocking(&open::location(config), options).map_err(EngineError::from)?;
    Ok(Engine::open(Options { store, keys, files: config.data.join("files") })?)
}

/// A key with which the measured server is asked.
fn key(config: &Config) -> Result<String, Complaint> {
    let engine = open::engine(config)?;
    let user = engine.org().user_by_login("sales1").map(|user| user.id);
    let user = user.ok_or_else(|| Complaint::Other("the measured company has no sales1".into()))?;
    let cx = engine.cx(Caller {
        actor: Actor::User(user),
        lang: Lang::Zh,
        via: Via::Cli,
        request: String::new(),
    })?;
    let new = NewKey { name: "bench".into(), scopes: vec!["read".into(), "write".into()], expires_at: None };
    Ok(open::runtime()?.block_on(keys::create(&engine, &cx, new))?.key)
}

fn amount(work: &str, amount: String) -> Figure {
    Figure { work: work.to_owned(), amount: Some(amount), ..Figure::default() }
}

fn memory(work: &str, bytes: u64, most: u64) -> Figure {
    let mebibytes = bytes / (1 << 20);
    Figure {
        budget: Some(Budget::Mebibytes(most)),
        kept: Some(mebibytes <= most),
        ..amount(work, format!("{mebibytes} MiB"))
    }
}

fn start(time: Duration) -> Figure {
    Figure {
        work: "启动 start of the process to its first list page".into(),
        rounds: 1,
        p50: time,
        p99: time,
        budget: Some(Budget::Total(Duration::from_secs(1))),
        ..Figure::default()
    }
}
