//! Keeping plans in step with customers: who is to be on one, which steps were done, what is promised now. Looking again changes nothing.

use super::became;
use super::definition::{Definition, Evidence, Plan, Step};
use super::rows::{self, Run, StepRow};
use super::who::responsible;
use crate::cx::Cx;
use crate::error::Result;
use crate::obligations::{CUSTOMER, Promise, leaks, settle_steps};
use crate::records::load::{self, Record, by_id};
use huike_model::access::ObjectAccess;
use huike_model::filter::Resolved;
use huike_model::{Object, Value};
use huike_store::query::{Deleted, RecordQuery};
use huike_store::{Conn, Sql, first_id_at};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Why a run ended without being done.
pub const LEFT: &str = "left";
pub const GONE: &str = "gone";
pub const NOBODYS: &str = "pool";

/// A call that reached nobody shows nothing, unless a branch asks for it.
const NO_ANSWER: &str = "no_answer";

/// Brings the plans of these customers up to date.
///
/// # Errors
/// The database's.
pub fn records(conn: &mut Conn, cx: &Cx, ids: &[i64]) -> Result<()> {
    let Some(object) = cx.schema.object(CUSTOMER).cloned() else { return Ok(()) };
    for chunk in ids.chunks(500) {
        let some = cx.org.plans.iter().any(|plan| plan.active && plan.definition.start.automatic);
        let present = rows::present(conn, CUSTOMER, chunk)?;
        let mut live = HashMap::new();
        if some || !present.is_empty() {
            let everything = ObjectAccess::of_the_system(&object);
            let found = load::find_many(conn, cx, &everything, chunk, Deleted::Live)?;
            live.extend(found.into_iter().map(|record| (record.id, record)));
            leave_and_begin(conn, cx, &object, &live, &present)?;
            let running: Vec<Run> =
                rows::present(conn, CUSTOMER, chunk)?.into_iter().filter(Run::running).collect();
            advance(conn, cx, &live, &running)?;
        }
        // Of a customer who was merged into another the runs are the other's, and the promises follow.
        if promise(conn, cx, chunk, &live)? > 0 {
            leaks::sync(conn, cx, Some(chunk))?;
        }
    }
    Ok(())
}

/// The customers whom a passing day may make those a plan is for. Who is on one already is [`rows::on_a_plan`].
pub fn concerned(cx: &Cx) -> Resolved {
    let begins = cx.org.plans.iter().filter(|plan| plan.active && plan.definition.start.automatic);
    let passing = begins.filter_map(|plan| plan.definition.checked(cx)).filter(|filter| !filter.is_steady());
    passing.fold(Resolved::nothing(), |concerned, filter| concerned.or(filter.resolve(&cx.moment, cx)))
}

/// Ends the runs of customers that are gone, nobody's or no longer what the plan is for, and begins those of customers who have become it.
fn leave_and_begin(
    conn: &mut Conn,
    cx: &Cx,
    object: &Arc<Object>,
    live: &HashMap<i64, Record>,
    present: &[Run],
) -> Result<()> {
    let now = cx.moment.now;
    for run in present.iter().filter(|run| !live.contains_key(&run.record)) {
        rows::end(conn, run.id, "stopped", Some(GONE), now, 0)?;
        rows::leave(conn, run.id, now)?;
    }
    let nobodys = |run: &&Run| {
        run.running() && live.get(&run.record).is_some_and(|record| record.values.int("owner").is_none())
    };
    for run in present.iter().filter(nobodys) {
        rows::end(conn, run.id, "stopped", Some(NOBODYS), now, 0)?;
        rows::leave(conn, run.id, now)?;
    }
    let ids: Vec<i64> = live.keys().copied().collect();
    for plan in &cx.org.plans {
        let on: Vec<&Run> =
            present.iter().filter(|run| run.plan == plan.id && live.contains_key(&run.record)).collect();
        let begins = plan.active && plan.definition.start.automatic;
        if !begins && on.is_empty() {
            continue;
        }
        let fits = fitting(conn, cx, object, plan, &ids)?;
        for run in on.iter().filter(|run| !fits.contains(&run.record) && run.left_at.is_none()) {
            rows::leave(conn, run.id, now)?;
            if run.automatic && plan.definition.stop_when_left {
                rows::end(conn, run.id, "stopped", Some(LEFT), now, 0)?;
            }
        }
        if !begins {
            continue;
        }
        let known: HashSet<i64> = on.iter().map(|run| run.record).collect();
        let new: Vec<i64> = fits.into_iter().filter(|id| !known.contains(id)).collect();
        let became = became::since(conn, cx, live, &new, plan)?;
        for id in new {
            if became.get(&id).is_some_and(|at| *at >= plan.active_since) {
                begin(conn, cx, plan, &live[&id], true)?;
            }
        }
    }
    Ok(())
}

/// Which of these live customers a plan is for.
fn fitting(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, plan: &Plan, ids: &[i64]) -> Result<HashSet<i64>> {
    let Some(filter) = plan.definition.checked(cx) else { return Ok(HashSet::new()) };
    let access = ObjectAccess::of_the_system(object);
    let mut query = RecordQuery::new(&access, &cx.schema, &[]);
    query.filter = by_id(object, ids).and(filter.resolve(&cx.moment, cx));
    query.limit = ids.len() as i64;
    Ok(query.run(conn)?.iter().map(|row| row.id).collect())
}

/// Puts a customer on a plan and opens its first step; nothing when they are on it.
///
/// # Errors
/// The database's.
pub fn begin(conn: &mut Conn, cx: &Cx, plan: &Plan, record: &Record, automatic: bool) -> Result<bool> {
    let run = Run {
        id: conn.next_id()?,
        plan: plan.id,
        version: plan.version,
        record: record.id,
        state: "running".into(),
        automatic,
        started_at: cx.moment.now,
        started_by: cx.author(),
        ended_at: None,
        reason: None,
        left_at: None,
    };
    if !rows::begin(conn, CUSTOMER, &run)? {
        return Ok(false);
    }
    match plan.definition.steps.first() {
        Some(first) => open(conn, cx, &run, &plan.definition, first, cx.moment.now, record)?,
        None => rows::end(conn, run.id, "done", None, cx.moment.now, 0)?,
    }
    Ok(true)
}

fn open(
    conn: &mut Conn,
    cx: &Cx,
    run: &Run,
    definition: &Definition,
    step: &Step,
    at: i64,
    record: &Record,
) -> Result<()> {
    let owner = responsible(cx, &step.role, record.values.int("owner"), record.id).user;
    let anchor = if step.from_start { run.started_at } else { at };
    let due_at = step.after.from(anchor, &cx.org.calendar_of(owner));
    let row = StepRow {
        id: conn.next_id()?,
        run: run.id,
        step: step.key.clone(),
        state: "open".into(),
        opened_at: at,
        due_at: due_at.max(at),
        closed_at: None,
        closed_by: None,
        outcome: None,
        note: None,
        evidence: None,
        evidence_id: None,
    };
    rows::open_step(conn, &row, definition.place(&step.key))
}

/// Ends a step, and opens what follows it or ends the run.
///
/// # Errors
/// The database's.
pub fn close(
    conn: &mut Conn,
    cx: &Cx,
    run: &Run,
    definition: &Definition,
    row: &StepRow,
    record: &Record,
) -> Result<()> {
    if !rows::close_step(conn, row)? {
        return Ok(());
    }
    let at = row.closed_at.unwrap_or(cx.moment.now);
    match definition.after(&row.step, row.outcome.as_deref()) {
        Some(next) => open(conn, cx, run, definition, next, at, record),
        None => rows::end(conn, run.id, "done", None, cx.moment.now, row.closed_by.unwrap_or_default()),
    }
}

/// What happened with some customers that may show that steps were done.
struct Seen {
    talks: HashMap<i64, Vec<Talk>>,
    /// The newest file of each.
    files: HashMap<i64, i64>,
}

struct Talk {
    id: i64,
    kind: String,
    outcome: Option<String>,
    at: i64,
}

/// Closes the steps that something shows to be done, as far as that leads.
fn advance(conn: &mut Conn, cx: &Cx, live: &HashMap<i64, Record>, running: &[Run]) -> Result<()> {
    if running.is_empty() {
        return Ok(());
    }
    let definitions = rows::versions(conn, running)?;
    let ids: Vec<i64> = running.iter().map(|run| run.id).collect();
    let steps = rows::steps(conn, &ids)?;
    let opened = steps.values().flatten().filter(|step| step.open()).map(|step| step.opened_at).min();
    let records: Vec<i64> = running.iter().map(|run| run.record).collect();
    let seen = look(conn, &records, opened.unwrap_or(cx.moment.now))?;
    for run in running {
        let (Some(record), Some(definition)) =
            (live.get(&run.record), definitions.get(&(run.plan, run.version)))
        else {
            continue;
        };
        let mut open = steps.get(&run.id).and_then(|steps| steps.iter().find(|step| step.open())).cloned();
        // Each round closes a step, and steps only lead ahead.
        while let Some(row) = open.take() {
            let Some(step) = definition.step(&row.step) else { break };
            let Some(closed) = shown(step, &row, record, &seen, cx.moment.now) else { break };
            close(conn, cx, run, definition, &closed, record)?;
            open = rows::steps(conn, &[run.id])?
                .remove(&run.id)
                .and_then(|steps| steps.into_iter().find(StepRow::open));
        }
    }
    Ok(())
}

fn look(conn: &mut Conn, records: &[i64], since: i64) -> Result<Seen> {
    let mut seen = Seen { talks: HashMap::new(), files: HashMap::new() };
    let mut sql = Sql::raw("select customer, id, kind, outcome, occurred_at from interaction where ");
    sql.push_in("customer", records.iter().copied()).push(" and deleted_at is null and occurred_at >= ");
    sql.bind(since).push(" order by occurred_at, id");
    for row in conn.query(&sql)? {
        let talk = Talk {
            id: row.int(1)?,
            kind: row.opt_text(2)?.unwrap_or_default().into(),
            outcome: row.opt_text(3)?.map(str::to_owned),
            at: row.int(4)?,
        };
        seen.talks.entry(row.int(0)?).or_default().push(talk);
    }
    let mut sql = Sql::raw("select record_id, max(file_id) from file_use where object = ");
    sql.bind(CUSTOMER)
        .push(" and ")
        .push_in("record_id", records.iter().copied())
        .push(" group by record_id");
    for row in conn.query(&sql)? {
        seen.files.insert(row.int(0)?, row.int(1)?);
    }
    Ok(seen)
}

/// The step as something shows it to be done; none while nothing does.
fn shown(step: &Step, row: &StepRow, record: &Record, seen: &Seen, now: i64) -> Option<StepRow> {
    let done = |at: i64, outcome: Option<String>, evidence: &str, id: Option<i64>| StepRow {
        state: "done".into(),
        closed_at: Some(at.clamp(row.opened_at, now.max(row.opened_at))),
        closed_by: Some(0),
        outcome,
        evidence: Some(evidence.into()),
        evidence_id: id,
        ..row.clone()
    };
    match &step.evidence {
        Evidence::Hand => None,
        Evidence::Talk { kinds } => {
            let asked = |talk: &&Talk| {
                let outcome = talk.outcome.as_deref();
                let branch = step.branches.iter().any(|branch| Some(branch.outcome.as_str()) == outcome);
                talk.at >= row.opened_at
                    && kinds.contains(&talk.kind)
                    && (branch || outcome != Some(NO_ANSWER))
            };
            let talk = seen.talks.get(&record.id)?.iter().find(asked)?;
            Some(done(talk.at, talk.outcome.clone(), "interaction", Some(talk.id)))
        }
        Evidence::Field { field } => {
            let filled = !matches!(record.values.get(field), Value::Null);
            filled.then(|| done(now, None, "field", None))
        }
        Evidence::File => {
            // Ids are ordered by time.
            let file = seen.files.get(&record.id).filter(|id| **id >= first_id_at(row.opened_at))?;
            Some(done(now, None, "file", Some(*file)))
        }
    }
}

/// Brings the promises of these customers' steps to what they should be; how many changed.
fn promise(conn: &mut Conn, cx: &Cx, ids: &[i64], live: &HashMap<i64, Record>) -> Result<usize> {
    let running: Vec<Run> = rows::present(conn, CUSTOMER, ids)?.into_iter().filter(Run::running).collect();
    let definitions = rows::versions(conn, &running)?;
    let of_runs = rows::steps(conn, &running.iter().map(|run| run.id).collect::<Vec<_>>())?;
    let mut wanted = Vec::new();
    for run in &running {
        let (Some(record), Some(definition)) =
            (live.get(&run.record), definitions.get(&(run.plan, run.version)))
        else {
            continue;
        };
        for row in of_runs.get(&run.id).into_iter().flatten().filter(|row| row.open()) {
            let Some(step) = definition.step(&row.step) else { continue };
            let owner = responsible(cx, &step.role, record.values.int("owner"), record.id).user;
            wanted.push(Promise {
                step: row.id,
                record: record.id,
                owner,
                title: step.action.clone(),
                due_at: row.due_at,
            });
        }
    }
    settle_steps(conn, cx, ids, wanted)
}
