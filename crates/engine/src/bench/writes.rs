//! Writing: creating one customer, many at once, and a spreadsheet of them.

use super::Bench;
use super::measure::{Budget, Cpu, Figure, Round, figure};
use super::{as_user, samples::Samples};
use crate::demo::another_customer;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::duplicates::OnDuplicate;
use crate::records::{create, get};
use crate::setting;
use huike_model::Id;
use huike_store::bare::{self, Statement};
use huike_store::clock::Stopwatch;
use huike_tabular::{Column, ColumnKind, Format, OutCell, Writer};
use serde_json::{Map, Value as Json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const CLIENTS: u64 = 32;
const SUSTAINED: Duration = Duration::from_secs(8);
const FLOOR_ROUNDS: usize = 300;
const IMPORTED: u64 = 100_000;
const CREATE: &str = "新建 create";
const IMPORT: &str = "导入 import";

/// Customers that nobody has, a new one each time.
#[derive(Clone)]
struct Fresh {
    seed: u64,
    next: Arc<AtomicU64>,
}

impl Fresh {
    /// Other customers than those of any earlier run on this database.
    fn begin(engine: &Engine) -> Result<Fresh> {
        const KEY: &str = "bench_next";
        /// More than one run makes.
        const EACH: u64 = 1_000_000;
        let first = engine.store().write_blocking(|conn| {
            let known =
                setting::get(conn, KEY)?.and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
            setting::put(conn, KEY, &(known + EACH).to_string())?;
            Ok::<_, EngineError>(known)
        })?;
        let seed = u64::try_from(engine.now()).unwrap_or_default();
        Ok(Fresh { seed, next: Arc::new(AtomicU64::new(first)) })
    }

    fn take(&self) -> Map<String, Json> {
        another_customer(self.seed, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Every measurement of writing, told as it is done. The company is a few ten thousand customers larger afterwards.
///
/// # Errors
/// What an operation fails with.
pub fn all(bench: &mut Bench, folder: Option<&Path>, told: &mut dyn FnMut(Figure)) -> Result<()> {
    let fresh = Fresh::begin(&bench.engine)?;
    let user = bench.user("sales1")?;
    if CREATE.contains(&bench.only) {
        told(one(bench, &fresh, user)?);
        told(many(bench, &fresh, user)?);
    }
    if let Some(folder) = folder.filter(|_| IMPORT.contains(&bench.only)) {
        told(import(bench, &fresh, user, folder)?);
    }
    Ok(())
}

fn one(bench: &mut Bench, fresh: &Fresh, user: i64) -> Result<Figure> {
    let (engine, customers) = (bench.engine.clone(), fresh.clone());
    let op = move |_: usize| -> Round {
        let (engine, body) = (engine.clone(), customers.take());
        Box::pin(async move {
            let made = engine
                .create_record(as_user(&engine, user)?, "customer".into(), body, OnDuplicate::Warn)
                .await?;
            Ok(serde_json::to_vec(&made.body).map_or(0, |bytes| bytes.len()))
        })
    };
    let mut figure =
        bench.time(&format!("{CREATE} with checks, duplicate check, log and index, 1 client"), op)?;
    figure.budget = Some(Budget::P99(Duration::from_millis(10)));
    let (engine, customers) = (bench.engine.clone(), fresh.clone());
    let cx = as_user(&engine, user)?;
    let (floor, statements) =
        bench.floor_of_writes(move |_| rehearsed(&engine, cx.clone(), customers.take()), FLOOR_ROUNDS)?;
    (figure.floor, figure.statements) = (Some(floor), statements);
    Ok(figure)
}

/// What creating a record asks of the database, without leaving anything there.
fn rehearsed(engine: &Engine, cx: crate::cx::Cx, body: Map<String, Json>) -> Result<Vec<Statement>> {
    const REHEARSED: &str = "rehearsed";
    let this = engine.clone();
    bare::record();
    let done = engine.store().write_blocking(move |conn| {
        let object = cx.object("customer")?.clone();
        let access = cx.access(conn, &object)?;
        let id = create::create(conn, &this, &cx, &access, &body, OnDuplicate::Warn)?;
        get::answer(conn, &cx, &access, id)?;
        Err::<(), _>(EngineError::internal(REHEARSED))
    });
    let run = bare::recorded();
    match done {
        Err(EngineError::Internal(what)) if what == REHEARSED => Ok(run),
        Err(error) => Err(error),
        Ok(()) => Ok(run),
    }
}

fn many(bench: &mut Bench, fresh: &Fresh, user: i64) -> Result<Figure> {
    let (engine, fresh) = (bench.engine.clone(), fresh.clone());
    let (times, cpu, whole) = bench.runtime.block_on(async move {
        let (before, whole) = (Cpu::now(), Stopwatch::start());
        let clients: Vec<_> =
            (0..CLIENTS).map(|_| tokio::spawn(client(engine.clone(), fresh.clone(), user, whole))).collect();
        let mut times = Vec::new();
        for client in clients {
            times.extend(client.await.map_err(|_| EngineError::internal("a client panicked"))??);
        }
        Ok::<_, EngineError>((times, before.since(), whole.elapsed()))
    })?;
    let each_second = times.len() as f64 / whole.as_secs_f64();
    let mut figure = figure(&format!("{CREATE}, {CLIENTS} clients, sustained"), times, cpu);
    figure.per_second = Some(each_second);
    figure.budget = Some(Budget::PerSecond(1_000.0));
    Ok(figure)
}

async fn client(engine: Engine, fresh: Fresh, user: i64, whole: Stopwatch) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    while whole.elapsed() < SUSTAINED {
        let watch = Stopwatch::start();
        engine
            .create_record(as_user(&engine, user)?, "customer".into(), fresh.take(), OnDuplicate::Warn)
            .await?;
        times.push(watch.elapsed());
    }
    Ok(times)
}

/// A spreadsheet as somebody would have it: titles in Chinese, numbers as text.
fn spreadsheet(path: &Path, fresh: &Fresh, samples: &Samples) -> Result<()> {
    const COLUMNS: [(&str, &str); 6] = [
        ("客户名称", "name"),
        ("统一社会信用代码", "credit_code"),
        ("单位电话", "phone"),
        ("邮箱", "email"),
        ("简称", "short_name"),
        ("备注", "remark"),
    ];
    let refused = |error: huike_tabular::WriteError| EngineError::internal(error.to_string());
    let columns = COLUMNS.map(|(title, _)| Column::new(title, ColumnKind::Text));
    let mut writer = Writer::create(path, "客户", Format::Xlsx, &columns).map_err(refused)?;
    for row in 0..IMPORTED {
        let mut body = fresh.take();
        // One in twenty is a customer that is there.
        if row.is_multiple_of(20) {
            let known = samples.customer(usize::try_from(row / 20).unwrap_or_default());
            body.insert("name".into(), known.name.as_str().into());
        }
        let cell = |field: &str| match body.get(field).and_then(Json::as_str) {
            Some(text) => OutCell::Text(text.to_owned()),
            None => OutCell::Empty,
        };
        writer.write_row(&COLUMNS.map(|(_, field)| cell(field))).map_err(refused)?;
    }
    writer.finish().map_err(refused)?;
    Ok(())
}

fn import(bench: &mut Bench, fresh: &Fresh, user: i64, folder: &Path) -> Result<Figure> {
    let path = folder.join("bench.xlsx");
    spreadsheet(&path, fresh, &bench.samples)?;
    let engine = bench.engine.clone();
    let file = path.clone();
    let (time, cpu, shown) = bench.runtime.block_on(async move {
        let (before, whole) = (Cpu::now(), Stopwatch::start());
        let cx = || as_user(&engine, user);
        let made = engine.create_import(cx()?, "customer".into(), "bench.xlsx".into(), file).await?;
        let id = made["id"].as_str().and_then(|id| id.parse::<Id>().ok()).map_or(0, Id::number);
        let mut events = engine.import_events();
        engine.start_import(cx()?, id).await?;
        let shown = loop {
            // An event may be missed; the job itself is asked now and then.
            let _ = tokio::time::timeout(Duration::from_millis(200), events.recv()).await;
            let shown = engine.import(cx()?, id).await?;
            if !matches!(shown["state"].as_str(), Some("running" | "checking")) {
                break shown;
            }
        };
        Ok::<_, EngineError>((whole.elapsed(), before.since(), shown))
    })?;
    // It was written for this alone.
    let _ = std::fs::remove_file(&path);
    let state = shown["state"].as_str().unwrap_or_default();
    if state != "done" {
        return Err(EngineError::internal(format!(
            "the measured import ended as {state}: {}",
            shown["message"]
        )));
    }
    let mut figure = figure(&format!("{IMPORT} of {IMPORTED} rows from .xlsx"), vec![time], cpu);
    figure.per_second = Some(IMPORTED as f64 / time.as_secs_f64());
    figure.budget = Some(Budget::Total(Duration::from_secs(20)));
    Ok(figure)
}
