//! Promises: what is claimed next among a million open ones, and a minute in which 50,000 come due while people list.

use super::measure::{Budget, Cpu, Figure, figure};
use super::{Bench, as_user};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::obligations::schedule;
use crate::records::list::ListRequest;
use huike_model::Id;
use huike_model::moment::DAY_MS;
use huike_store::clock::Stopwatch;
use huike_store::ddl::ColumnDef;
use huike_store::{Conn, Kind, Sql, SqlValue};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const WORK: &str = "提醒 promises";
const OPEN: i64 = 1_000_000;
const DUE: i64 = 50_000;
const CLAIMS: usize = 300;
/// People who list meanwhile.
const READERS: usize = 4;
/// `rule_id` of the rows made here, one more for each that a record already holds.
const MADE: i64 = 1_000;
/// Between two batches of a backlog, as the scheduler does it.
const BREATH: Duration = Duration::from_millis(20);

/// Every measurement of promises, told as it is done. What was made for it is taken away again.
///
/// # Errors
/// What an operation fails with.
pub fn all(bench: &Bench, told: &mut dyn FnMut(Figure)) -> Result<()> {
    if !WORK.contains(&bench.only) {
        return Ok(());
    }
    let (admin, user) = (bench.user("admin")?, bench.user("sales1")?);
    let engine = &bench.engine;
    let rule = bench.runtime.block_on(rule(engine, admin))?;
    let measured = measure(bench, rule, user, told);
    let gone = bench.runtime.block_on(async {
        engine.delete_rule(as_user(engine, admin)?, rule).await?;
        while engine.write(clear).await? {}
        Ok::<_, EngineError>(())
    });
    measured.and(gone)
}

/// A rule that tells the owner on the day, at night too, and that no record of the company fits.
async fn rule(engine: &Engine, admin: i64) -> Result<i64> {
    let rule = json!({
        "name": {"zh": "测量", "en": "Measured"}, "in_quiet_hours": true, "confirmed": true,
        "trigger": {"kind": "date", "object": "contract", "field": "end_on"},
        "filter": {"field": "name", "op": "eq", "value": "-"},
        "steps": [{"to": "owner"}],
    });
    let members: Map<String, Json> = rule.as_object().cloned().unwrap_or_default();
    let made = engine.create_rule(as_user(engine, admin)?, members).await?;
    let id = made["id"].as_str().and_then(|id| id.parse::<Id>().ok());
    id.map(Id::number).ok_or_else(|| EngineError::internal("a rule without an id"))
}

fn measure(bench: &Bench, rule: i64, user: i64, told: &mut dyn FnMut(Figure)) -> Result<()> {
    let (engine, runtime) = (&bench.engine, &bench.runtime);
    fill(bench, rule)?;
    let now = engine.now();
    let mut times = Vec::with_capacity(CLAIMS);
    let before = Cpu::now();
    for _ in 0..CLAIMS {
        times.push(runtime.block_on(engine.write(move |conn| {
            let watch = Stopwatch::start();
            conn.query(&schedule::claim(conn, now + DAY_MS, schedule::BATCH))?;
            Ok::<_, EngineError>(watch.elapsed())
        }))?);
    }
    let mut claim = figure(
        &format!("{WORK}: the next {} to be claimed among {OPEN} open ones", schedule::BATCH),
        times,
        before.since(),
    );
    claim.budget = Some(Budget::P99(Duration::from_millis(5)));
    told(claim);
    runtime.block_on(engine.write(move |conn| come_due(conn, now)))?;
    let (engine, before) = (engine.clone(), Cpu::now());
    let (whole, mut lists) = runtime.block_on(async move {
        let over = Arc::new(AtomicBool::new(false));
        let readers: Vec<_> =
            (0..READERS).map(|_| tokio::spawn(reader(engine.clone(), user, over.clone()))).collect();
        let (watch, mut claimed) = (Stopwatch::start(), 0);
        loop {
            let pass = schedule::run_batch(&engine).await?;
            claimed += pass.claimed;
            if pass.claimed < schedule::BATCH {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
        let whole = watch.elapsed();
        if claimed < DUE as usize {
            return Err(EngineError::internal(format!(
                "of {DUE} promises that came due {claimed} were claimed"
            )));
        }
        over.store(true, Ordering::Relaxed);
        let mut lists = Vec::new();
        for reader in readers {
            lists.extend(reader.await.map_err(|_| EngineError::internal("a reader panicked"))??);
        }
        Ok::<_, EngineError>((whole, lists))
    })?;
    let mut due = figure(&format!("{WORK}: {DUE} due in one minute, each told"), vec![whole], before.since());
    due.per_second = Some(DUE as f64 / whole.as_secs_f64());
    due.budget = Some(Budget::Total(Duration::from_secs(60)));
    told(due);
    lists.sort_unstable();
    let none = (Duration::ZERO, None);
    let mut pages = figure(&format!("{WORK}: list pages of {READERS} people meanwhile"), lists, none);
    pages.budget = Some(Budget::P99(Duration::from_millis(10)));
    told(pages);
    Ok(())
}

async fn reader(engine: Engine, user: i64, over: Arc<AtomicBool>) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let request = ListRequest {
            filter: Some(json!({"field": "owner", "op": "eq", "value": "me"})),
            sort: vec!["-updated_at".into()],
            fields: ["name", "stage", "owner", "next_step_at"].map(str::to_owned).to_vec(),
            ..ListRequest::default()
        };
        let watch = Stopwatch::start();
        engine.list_records(as_user(&engine, user)?, "customer".into(), request).await?;
        times.push(watch.elapsed());
        // People read what they have asked for.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(times)
}

const COLUMNS: [(&str, Kind); 17] = [
    ("id", Kind::Int),
    ("kind", Kind::Text),
    ("object", Kind::Text),
    ("record_id", Kind::Int),
    ("source", Kind::Text),
    ("rule_id", Kind::Int),
    ("holder", Kind::Text),
    ("holder_id", Kind::Int),
    ("owner_id", Kind::Int),
    ("title", Kind::Text),
    ("opened_at", Kind::Int),
    ("due_at", Kind::Int),
    ("all_day", Kind::Int),
    ("state", Kind::Text),
    ("ladder_id", Kind::Int),
    ("level", Kind::Int),
    ("next_at", Kind::Int),
];

/// As many open promises as are missing, and at least those that come due, each of a customer, due over the next ninety days.
fn fill(bench: &Bench, rule: i64) -> Result<()> {
    const CHUNK: i64 = 2_000;
    let (engine, runtime) = (&bench.engine, &bench.runtime);
    let open = "select count(*) from obligation where closed_at is null";
    let there = runtime
        .block_on(engine.read(move |conn| Ok::<_, EngineError>(conn.query_one(&Sql::raw(open))?.int(0)?)))?;
    let mut missing = (OPEN - there).max(DUE);
    let (mut after, mut round, now) = (0, 0, engine.now());
    while missing > 0 {
        let most = missing.min(CHUNK);
        let (made, last) = runtime.block_on(engine.write(move |conn| {
            let text =
                "select id, owner_id from customer where deleted_at is null and id > $1 order by id limit $2";
            let found = conn.query(&Sql::with(text, [after.into(), most.into()])?)?;
            let mut rows: Vec<Vec<SqlValue>> = Vec::with_capacity(found.len());
            let mut last = None;
            for row in &found {
                let id = row.int(0)?;
                let due = now + 2 * DAY_MS + id.rem_euclid(88 * DAY_MS);
                rows.push(vec![
                    conn.next_id()?.into(),
                    "date".into(),
                    "customer".into(),
                    id.into(),
                    "rule".into(),
                    (MADE + round).into(),
                    "customer".into(),
                    id.into(),
                    row.opt_int(1)?.into(),
                    "".into(),
                    now.into(),
                    due.into(),
                    0_i64.into(),
                    "open".into(),
                    rule.into(),
                    0_i64.into(),
                    due.into(),
                ]);
                last = Some(id);
            }
            let columns = COLUMNS.map(|(name, kind)| ColumnDef::new(name, kind));
            conn.insert_many("obligation", &columns, &rows)?;
            Ok::<_, EngineError>((rows.len() as i64, last))
        }))?;
        missing -= made;
        match last {
            Some(last) if made == most => after = last,
            // Every customer has one: each gets another.
            _ => (after, round) = (0, round + 1),
        }
    }
    runtime.block_on(engine.write(|conn| {
        let analyze = conn.dialect().analyze(Some("obligation"))?;
        Ok::<_, EngineError>(conn.execute(&analyze).map(drop)?)
    }))
}

/// Some of them are due now.
fn come_due(conn: &mut Conn, now: i64) -> Result<()> {
    conn.allow_long_statements()?;
    let text = "update obligation set due_at = $1, next_at = $2 where id in \
         (select id from obligation where closed_at is null and rule_id >= $3 and rule_id < $4 order by next_at limit $5)";
    let values = [(now - 1).into(), (now - 1).into(), MADE.into(), (MADE * 2).into(), DUE.into()];
    conn.execute(&Sql::with(text, values)?)?;
    Ok(())
}

/// Takes away some of what was made; whether there may be more.
fn clear(conn: &mut Conn) -> Result<bool> {
    const CHUNK: i64 = 5_000;
    let text = "select id from obligation where rule_id >= $1 and rule_id < $2 limit $3";
    let found = conn.query(&Sql::with(text, [MADE.into(), (MADE * 2).into(), CHUNK.into()])?)?;
    let ids = found.iter().map(|row| row.int(0)).collect::<std::result::Result<Vec<i64>, _>>()?;
    for (table, column) in [("notification", "obligation_id"), ("obligation", "id")] {
        let mut sql = Sql::raw("delete from ");
        sql.push_ident(table)?.push(" where ").push_in(column, ids.iter().copied());
        conn.execute(&sql)?;
    }
    Ok(ids.len() as i64 == CHUNK)
}
