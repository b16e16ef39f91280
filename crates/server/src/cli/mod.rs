//! The command line. Every command reads the same configuration, opens the same engine, and makes one call of it.

mod audit;
mod bench;
mod dedupe;
mod doctor;
mod import;
mod key;
mod open;
mod serve;
mod simulate;
mod user;

use crate::config::{Config, Sources, keys};
use clap::{Args, Parser, Subcommand};
use huike_engine::EngineError;
use huike_model::{Fault, Lang, Problem};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// Huike 汇客: customers, and everything about them.
#[derive(Parser)]
#[command(name = "huike", version, about, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Which company.
#[derive(Args)]
struct Place {
    /// 配置文件 Configuration file; `huike.toml` in the data folder when not given
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// 数据目录 The data folder
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<String>,
    /// PostgreSQL 地址 The PostgreSQL database, instead of SQLite in the data folder
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// 启动服务 Serve the pages and the interface
    Serve(serve::Serve),
    /// 账号 Accounts
    #[command(subcommand)]
    User(user::User),
    /// 程序密钥 Keys for programs
    #[command(subcommand)]
    Key(key::Key),
    /// 导入表格 Import a spreadsheet
    Import(import::Import),
    /// 查重 Find the duplicates of a spreadsheet
    Dedupe(dedupe::Dedupe),
    /// 审计日志 The audit log
    #[command(subcommand)]
    Audit(audit::Audit),
    /// 检查配置、数据库和密钥 Check configuration, database and keys
    Doctor,
    /// 测量 Measure the budgets of docs/performance.md
    Bench(bench::Bench),
    /// 模拟一家公司的一年，带故障，逐日检查没有漏跟进 Simulate a company's year with faults and check every day that nothing is lost
    Simulate(simulate::Simulate),
    /// 输出接口文档 Print the document of the interface (OpenAPI 3.1)
    Openapi,
    /// 输出配置说明 Print the page about configuration
    Config,
}

/// Runs the command that the process was called with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Serve(serve) => serve::run(&cli.place, serve),
        Command::User(user) => user::run(&cli.place, user),
        Command::Key(key) => key::run(&cli.place, key),
        Command::Import(import) => import::run(&cli.place, import),
        Command::Dedupe(options) => dedupe::run(options),
        Command::Audit(audit) => audit::run(&cli.place, audit),
        Command::Doctor => doctor::run(&cli.place),
        Command::Bench(bench) => bench::run(&cli.place, bench),
        Command::Simulate(options) => simulate::run(&cli.place, options),
        Command::Openapi => crate::openapi::standard().map_err(Complaint::from).and_then(|text| say(&text)),
        Command::Config => say(&keys::document()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            complaint.print();
            ExitCode::FAILURE
        }
    }
}

/// Why a command failed.
#[derive(Debug)]
enum Complaint {
    Faults(Vec<Fault>),
    Problem(Box<Problem>),
    Other(String),
}

impl Complaint {
    /// Both languages: whoever runs the server may read either.
    fn print(&self) {
        let mut out = std::io::stderr().lock();
        let mut line = |text: &str| {
            // A complaint that can't be printed can't be complained about either.
            let _ = writeln!(out, "{text}");
        };
        let mut fault = |fault: &Fault| {
            let at = if fault.field.is_empty() { String::new() } else { format!("{}: ", fault.field) };
            line(&format!("{at}{} / {}", fault.message.get(Lang::Zh), fault.message.get(Lang::En)));
        };
        match self {
            Complaint::Faults(faults) => faults.iter().for_each(fault),
            Complaint::Problem(problem) => {
                problem.faults.iter().for_each(&mut fault);
                let title = problem.code.title();
                let detail = problem.detail.as_ref().unwrap_or(&title);
                line(&format!("{} / {}", detail.zh, detail.en));
            }
            Complaint::Other(text) => line(text),
        }
    }
}

impl From<Vec<Fault>> for Complaint {
    fn from(faults: Vec<Fault>) -> Complaint {
        Complaint::Faults(faults)
    }
}

impl From<EngineError> for Complaint {
    fn from(error: EngineError) -> Complaint {
        match error {
            EngineError::Problem(problem) => Complaint::Problem(problem),
            other => Complaint::Other(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Complaint {
    fn from(error: std::io::Error) -> Complaint {
        Complaint::Other(error.to_string())
    }
}

impl Place {
    fn sources(&self) -> Sources {
        let mut sources = Sources { file: self.config.clone(), ..Sources::default() };
        sources.flags.extend(self.data.clone().map(|data| ("data", data)));
        sources.flags.extend(self.database_url.clone().map(|url| ("database_url", url)));
        sources
    }

    fn config(&self) -> Result<Config, Complaint> {
        Ok(Config::load(&self.sources())?)
    }
}

/// What a command answers goes to the standard output; everything else to the log.
fn say(text: &str) -> Result<(), Complaint> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_of_the_place_stand_before_or_after_the_command() {
        for line in ["huike --data d serve", "huike serve --data d"] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.place.sources().flags.get("data").map(String::as_str), Some("d"), "{line}");
        }
    }
}
