//! What runs by itself: the reader of the log, the scheduler, sweeps, the digest and the nightly check, on every node.

use super::notify::{Draft, overseers};
use super::tell::Teller;
use super::{check, digest, keep, leaks, schedule, sweep, weekly};
use crate::channels::greetings;
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::setting;
use huike_model::moment::day_number;
use huike_model::worktime::TimeOfDay;
use huike_store::{Conn, Sql};
use serde_json::json;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How often a quiet node looks for work.
const PACE: Duration = Duration::from_secs(1);
/// Between two batches of a backlog: pages come first.
const BREATH: Duration = Duration::from_millis(20);
/// The key in `setting`: the last day whose nightly check was done.
const CHECKED: &str = "leak_check_day";
/// The key in `setting`: when the last nightly check was done and how many invariants it found broken.
pub(super) const CHECK_RESULT: &str = "leak_check_result";

/// Figures for the metrics page, as this node last saw them.
#[derive(Debug, Default)]
pub struct Gauges {
    pub reminders: AtomicU64,
    pub claimed: AtomicU64,
    /// Promises whose time has come, and for how long the oldest of them has waited (milliseconds).
    pub backlog: AtomicI64,
    pub lag_ms: AtomicI64,
    pub dead: AtomicI64,
    /// What the last nightly check found broken.
    pub broken: AtomicI64,
}

/// Keeps promises until the process ends.
pub async fn keep_promises(engine: Engine) {
    let mut teller = Teller::new(&engine);
    loop {
        let worked = match round(&engine).await {
            Ok(worked) => worked,
            Err(error) => {
                tracing::warn!(%error, "promises can't be looked after; trying again");
                false
            }
        };
        if let Err(error) = teller.tell(&engine).await {
            tracing::warn!(%error, "new notifications can't be told; trying again");
        }
        tokio::time::sleep(if worked { BREATH } else { PACE }).await;
    }
}

/// One round of everything; whether there is more to do at once.
///
/// # Errors
/// The database's.
pub async fn round(engine: &Engine) -> Result<bool> {
    keep::catch_up(engine).await?;
    let pass = schedule::run_batch(engine).await?;
    let gauges = engine.gauges();
    gauges.claimed.fetch_add(pass.claimed as u64, Relaxed);
    gauges.reminders.fetch_add(pass.reminders as u64, Relaxed);
    let sweeping = sweep::step(engine).await?;
    let more = pass.claimed == schedule::BATCH || sweeping;
    if !more {
        digest::run(engine).await?;
        weekly::run(engine).await?;
        greetings::propose(engine).await?;
        nightly(engine).await?;
        measure(engine).await?;
    }
    Ok(more)
}

/// Notes how far behind the scheduler is.
///
/// # Errors
/// The database's.
pub async fn measure(engine: &Engine) -> Result<()> {
    let now = engine.now();
    let (backlog, oldest, dead) = engine
        .read(move |conn| {
            let due =
                "select count(*), min(next_at) from obligation where next_at is not null and next_at <= $1";
            let row = conn.query_one(&Sql::with(due, [now.into()])?)?;
            let dead = conn.query_one(&Sql::raw("select count(*) from dead_letter"))?.int(0)?;
            Ok((row.int(0)?, row.opt_int(1)?, dead))
        })
        .await?;
    let gauges = engine.gauges();
    gauges.backlog.store(backlog, Relaxed);
    gauges.lag_ms.store(oldest.map_or(0, |oldest| (now - oldest).max(0)), Relaxed);
    gauges.dead.store(dead, Relaxed);
    Ok(())
}

/// Proves once a night, at two, that the list of leaks is complete and no promise is lost; mends and tells when it isn't.
///
/// # Errors
/// The database's.
pub async fn nightly(engine: &Engine) -> Result<Vec<check::Broken>> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let (today, calendar) = (cx.moment.today(), cx.org.calendar_of(None));
    let two = TimeOfDay::new(2, 0).map_or(0, |two| calendar.at(today, two));
    let number = day_number(today);
    let done = engine.read(|conn| setting::get(conn, CHECKED)).await?;
    if cx.moment.now < two || done == Some(number.to_string()) {
        return Ok(Vec::new());
    }
    // Only at a moment at which everything that happened is known and done.
    keep::catch_up(engine).await?;
    schedule::run_due(engine).await?;
    // In a million customers the proof takes seconds: a reader looks, and only what it finds is looked at again where others wait for it.
    let this = cx.clone();
    let sound =
        engine.read(move |conn| Ok(check_quietly(conn, &this)?.map(|broken| broken.is_empty()))).await?;
    let Some(sound) = sound else { return Ok(Vec::new()) };
    let gauges = engine.gauges();
    let broken = engine
        .write(move |conn| {
            let broken = if sound { Some(Vec::new()) } else { check_quietly(conn, &cx)? };
            let Some(broken) = broken else { return Ok(Vec::new()) };
            setting::put(conn, CHECKED, &number.to_string())?;
            let result = json!({"at": crate::shown::instant_text(cx.moment.now), "broken": broken.len()});
            setting::put(conn, CHECK_RESULT, &result.to_string())?;
            if !broken.is_empty() {
                leaks::sync(conn, &cx, None)?;
                let found: Vec<String> = broken.iter().map(ToString::to_string).collect();
                for user in overseers(&cx) {
                    let why = json!({"broken": &found});
                    let alert = Draft::plain(user, "alert", why, format!("n{number}:{user}"));
                    conn.batch(&alert.insert(conn, &cx)?)?;
                }
            }
            Ok(broken)
        })
        .await?;
    gauges.broken.store(broken.len() as i64, Relaxed);
    for each in &broken {
        tracing::error!(invariant = each.invariant, count = each.count, records = ?each.records, "the nightly check found something lost");
    }
    Ok(broken)
}

/// What is broken; none while something is written, which would look lost: better a quiet moment a little later.
fn check_quietly(conn: &mut Conn, cx: &Cx) -> Result<Option<Vec<check::Broken>>> {
    if keep::unread(conn)? {
        return Ok(None);
    }
    conn.allow_long_statements()?;
    check::check(conn, cx).map(Some)
}
