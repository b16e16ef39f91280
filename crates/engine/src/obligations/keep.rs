//! The reader of the change log that keeps promises in step with records.

use super::fed::{self, Records};
use super::reconcile;
use super::row::{self, End};
use super::standard::{CUSTOMER, INTERACTION, NO_ANSWER, TALKS, TASK};
use super::{dead, leaks};
use crate::assignment::{self, Channel};
use crate::custody;
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::cursor;
use crate::lifecycle;
use crate::plans;
use crate::records::body::Assignment;
use crate::records::load;
use crate::records::write::Writer;
use crate::tiers;
use huike_model::Value;
use huike_model::access::ObjectAccess;
use huike_store::log::{self, LogEntry};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql};
use std::collections::{BTreeMap, BTreeSet};

pub const CONSUMER: &str = "obligations";
/// Rows of the log in one transaction.
const BATCH: u32 = 200;

/// What some rows of the log touched.
#[derive(Debug, Default)]
struct Touched {
    records: Records,
    /// People came, left or moved: whole lists of customers may leak.
    people: bool,
    /// When the first of it happened.
    at: i64,
    /// Customers that were made, each with the channel it came through.
    new: BTreeMap<i64, Channel>,
}

/// Reads the log to its end; how many rows.
///
/// # Errors
/// The database's. What was read until then stays done.
pub async fn catch_up(engine: &Engine) -> Result<usize> {
    let mut read = 0;
    // A quiet log costs no write.
    if !engine.read(pending).await? {
        return Ok(read);
    }
    loop {
        let this = engine.clone();
        let count = engine.write(move |conn| batch(conn, &this)).await?;
        read += count;
        if count < BATCH as usize {
            return Ok(read);
        }
    }
}

/// Whether the reader has something to read, or has never read.
///
/// # Errors
/// The database's.
pub fn pending(conn: &mut Conn) -> Result<bool> {
    match cursor::of(conn, CONSUMER)? {
        Some(at) => Ok(!log::read_after(conn, at, 1)?.is_empty()),
        None => Ok(true),
    }
}

/// Whether anything committed is still unread, that included which a reader must wait for because of a transaction that is open.
///
/// # Errors
/// The database's.
pub fn unread(conn: &mut Conn) -> Result<bool> {
    let at = cursor::of(conn, CONSUMER)?.unwrap_or_default();
    let sql = "select 1 from change_log where (tx, id) > ($1, $2) limit 1";
    Ok(conn.query_opt(&Sql::with(sql, [at.tx.into(), at.id.into()])?)?.is_some())
}

fn batch(conn: &mut Conn, engine: &Engine) -> Result<usize> {
    let from = match cursor::of(conn, CONSUMER)? {
        Some(known) => known,
        // What was there before is found by looking through the records ([`super::sweep`]).
        None => log::settled_end(conn)?,
    };
    let from = cursor::locked(conn, CONSUMER, from)?;
    let entries = log::read_after(conn, from, BATCH)?;
    let Some(last) = entries.last().map(LogEntry::cursor) else { return Ok(0) };
    let cx = engine.cx(Caller::system(Via::System))?;
    let touched = touched(&cx, &entries);
    engine.failpoint("keep.read")?;
    let together = conn.savepoint(|conn| bring_up(conn, engine, &cx, &touched));
    if let Err(error) = together {
        if dead::is_passing(&error) {
            return Err(error);
        }
        // One by one, so that the one that can't be done doesn't hold up the rest.
        one_by_one(conn, engine, &cx, &touched)?;
    }
    engine.failpoint("keep.done")?;
    cursor::advance(conn, CONSUMER, last)?;
    Ok(entries.len())
}

fn touched(cx: &Cx, entries: &[LogEntry]) -> Touched {
    let at = entries.iter().map(|entry| entry.at).min().unwrap_or(cx.moment.now).min(cx.moment.now);
    let mut touched = Touched { at, ..Touched::default() };
    for entry in entries {
        let Some(record) = entry.record_id else { continue };
        // Whatever changed it, merging and its undo among them: looking once too often changes nothing.
        if matches!(entry.op.as_str(), "read" | "export") {
            continue;
        }
        touched.people |= entry.object == "user";
        if let ("create", CUSTOMER, Some(channel)) =
            (entry.op.as_str(), entry.object.as_str(), Channel::of(&entry.via))
        {
            touched.new.insert(record, channel);
        }
        let Some(object) = cx.schema.object(&entry.object) else { continue };
        touched.records.entry(entry.object.clone()).or_default().insert(record);
        for text in [&entry.before, &entry.after].into_iter().flatten() {
            fed::named(&cx.schema, &object.name, text, &mut touched.records);
        }
    }
    touched
}

fn bring_up(conn: &mut Conn, engine: &Engine, cx: &Cx, touched: &Touched) -> Result<()> {
    let records = fed::with_parents(conn, cx, &touched.records)?;
    let customers = records.get(CUSTOMER).cloned().unwrap_or_default();
    for (object, ids) in records.iter().filter(|(object, _)| *object != CUSTOMER) {
        reconcile::records(conn, cx, object, ids, touched.at)?;
    }
    if let Some(interactions) = touched.records.get(INTERACTION) {
        for id in interactions {
            fulfil(conn, engine, cx, *id)?;
        }
    }
    reconcile::records(conn, cx, CUSTOMER, &customers, touched.at)?;
    assignment::for_new(conn, engine, cx, &touched.new)?;
    if let Some(changed) = touched.records.get(CUSTOMER) {
        custody::sync(conn, cx, changed.iter().copied())?;
    }
    for (object, ids) in &records {
        journey(conn, engine, cx, object, &ids.iter().copied().collect::<Vec<_>>())?;
    }
    if touched.people {
        leaks::sync(conn, cx, None)?;
    }
    Ok(())
}

/// What follows for the way that records go: their stages, their tiers, the plans that they are on.
///
/// # Errors
/// The database's.
pub(super) fn journey(conn: &mut Conn, engine: &Engine, cx: &Cx, object: &str, ids: &[i64]) -> Result<()> {
    let Some(object) = cx.schema.object(object).cloned() else { return Ok(()) };
    if !ids.is_empty() {
        lifecycle::follow::records(conn, engine, cx, &object, ids)?;
        tiers::follow::records(conn, engine, cx, &object, ids)?;
        if object.name == CUSTOMER {
            plans::follow::records(conn, cx, ids)?;
        }
    }
    Ok(())
}

fn one_by_one(conn: &mut Conn, engine: &Engine, cx: &Cx, touched: &Touched) -> Result<()> {
    for (object, ids) in &touched.records {
        for id in ids {
            let records = BTreeMap::from([(object.clone(), BTreeSet::from([*id]))]);
            let new = touched.new.iter().filter(|(new, _)| *object == CUSTOMER && *new == id);
            let new = new.map(|(id, channel)| (*id, *channel)).collect();
            let one = Touched { records, people: touched.people, at: touched.at, new };
            dead::try_one(conn, cx, object, *id, |conn| bring_up(conn, engine, cx, &one))?;
        }
    }
    Ok(())
}

/// Does the work of one record again.
///
/// # Errors
/// What it fails with.
pub fn again(conn: &mut Conn, engine: &Engine, cx: &Cx, object: &str, id: i64) -> Result<()> {
    let records = BTreeMap::from([(object.to_owned(), BTreeSet::from([id]))]);
    let one = Touched { records, at: cx.moment.now, ..Touched::default() };
    bring_up(conn, engine, cx, &one)
}

/// Whoever talked with a customer has kept the follow-ups that were due by then, and those that a newly agreed step takes the place of.
fn fulfil(conn: &mut Conn, engine: &Engine, cx: &Cx, interaction: i64) -> Result<()> {
    let Some(object) = cx.schema.object(INTERACTION) else { return Ok(()) };
    let everything = ObjectAccess::of_the_system(object);
    let Some(talk) = load::find_many(conn, cx, &everything, &[interaction], Deleted::Live)?.pop() else {
        return Ok(());
    };
    let text = |name: &str| talk.values.get(name).as_text().unwrap_or_default().to_owned();
    let (Some(customer), Some(at)) = (talk.values.int(CUSTOMER), talk.values.int("occurred_at")) else {
        return Ok(());
    };
    if !TALKS.contains(&text("kind").as_str()) || text("outcome") == NO_ANSWER {
        return Ok(());
    }
    let calendar = cx.org.calendar_of(talk.values.int("owner"));
    // A talk a little ahead of time keeps the promise too: due until the end of the next working day.
    let until =
        calendar.working_day_after(calendar.day(at), 1).succ_opt().map_or(at, |day| calendar.midnight(day));
    // Such promises are all made by tasks: to say so would lead the planner through every open task's.
    let mut sql = Sql::raw(
        "select holder_id, id from obligation where closed_at is null and kind = 'follow_up' and object = ",
    );
    sql.bind(CUSTOMER).push(" and record_id = ").bind(customer);
    // Ids are ordered by time: steps that were agreed on in this talk or after it are still to be done.
    sql.push(" and holder_id < ").bind(interaction);
    if talk.values.int("next_step_at").is_none() {
        sql.push(" and due_at < ").bind(until);
    }
    sql.push(" order by id");
    for row in conn.query(&sql)? {
        let (task, obligation) = (row.int(0)?, row.int(1)?);
        finish_task(conn, engine, cx, task, at)?;
        let end = End::Done { evidence: INTERACTION.into(), record: Some(interaction) };
        conn.execute(&row::close(obligation, &end, cx.moment.now, cx.author())?)?;
    }
    Ok(())
}

fn finish_task(conn: &mut Conn, engine: &Engine, cx: &Cx, task: i64, at: i64) -> Result<()> {
    let Some(object) = cx.schema.object(TASK) else { return Ok(()) };
    load::lock(conn, object, task)?;
    let everything = ObjectAccess::of_the_system(object);
    let Some(record) = load::find_many(conn, cx, &everything, &[task], Deleted::Live)?.pop() else {
        return Ok(());
    };
    if record.values.get("status").as_text() != Some("open") {
        return Ok(());
    }
    let set = [("status", Value::from("done")), ("done_at", Value::Int(at.min(cx.moment.now)))];
    let assignments = set.into_iter().filter_map(|(name, value)| {
        Some(Assignment { field: object.field(name)?.clone(), parsed: value.into() })
    });
    Writer { engine, cx, conn }.update(&record, assignments.collect())?;
    Ok(())
}
