//! What people do with plans: put a customer on one, say that a step was done or passed over, end it.

use super::definition::{Evidence, Plan};
use super::follow;
use super::rows::{self, StepRow};
use super::{list, who};
use crate::audit::{Author, Note, append};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::obligations::CUSTOMER;
use crate::records::load::{self, Record};
use crate::records::update::writable;
use huike_model::access::ObjectAccess;
use huike_model::{Code, Fault, Problem};
use huike_store::Conn;
use huike_store::query::Deleted;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// How somebody ends a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    Done { outcome: Option<String>, note: Option<String> },
    Skipped { reason: String },
}

const LONGEST_NOTE: usize = 500;

impl Engine {
    /// Puts a customer on a plan by hand; the customer's plans then.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for whoever may not change the customer; `conflict` when they are on it already, or nobody's.
    pub async fn start_plan(&self, cx: Cx, object: String, id: i64, plan: i64) -> Result<Json> {
        let engine = self.clone();
        self.write(move |conn| {
            let object = cx.object(&object)?.clone();
            if object.name != CUSTOMER {
                return Err(Code::NotFound.into());
            }
            let access = cx.access(conn, &object)?;
            let record = writable(conn, &cx, &access, id, None)?;
            let unknown = || {
                Fault::new(
                    "plan",
                    "unknown_plan",
                    "没有这个计划，或已停用",
                    "There is no such plan, or it is off",
                )
            };
            let plan = startable(&cx, plan).ok_or_else(unknown)?;
            if record.values.int("owner").is_none() {
                let (zh, en) = (
                    "客户没有负责人，请先领取或分配",
                    "The customer is nobody's; claim or assign them first",
                );
                return Err(Problem::new(Code::Conflict).with_detail(zh, en).into());
            }
            if !follow::begin(conn, &cx, &plan, &record, false)? {
                let problem = Problem::new(Code::Conflict);
                return Err(problem
                    .with_detail("客户已在这个计划中", "The customer is on this plan already")
                    .into());
            }
            log(conn, &engine, &cx, "plan_start", record.id, json!({"plan": plan.definition.name}))?;
            settled(conn, &engine, id)?;
            list::of_record(conn, &cx, &access, id)
        })
        .await
    }

    /// Ends a plan of a customer before it is done.
    ///
    /// # Errors
    /// `not_found`, `forbidden`; `conflict` when it has ended; `invalid` without a reason.
    pub async fn stop_plan(&self, cx: Cx, run: i64, reason: String) -> Result<Json> {
        cx.require_to_write()?;
        text("reason", &reason, true)?;
        let engine = self.clone();
        self.write(move |conn| {
            let run = rows::run(conn, run)?.ok_or(Code::NotFound)?;
            let access = customers(conn, &cx)?;
            load::find(conn, &cx, &access, run.record, Deleted::Live).map_err(|_| Code::NotFound)?;
            writable(conn, &cx, &access, run.record, None)?;
            if !run.running() {
                return Err(ended());
            }
            rows::end(conn, run.id, "stopped", Some(reason.trim()), cx.moment.now, cx.author())?;
            log(conn, &engine, &cx, "plan_stop", run.record, json!({"reason": reason.trim()}))?;
            settled(conn, &engine, run.record)?;
            list::of_record(conn, &cx, &access, run.record)
        })
        .await
    }

    /// Ends the open step of a plan, done or passed over; the customer's plans then.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for whoever neither does the step nor may change the customer; `conflict` when it has ended; `invalid` for
    /// an outcome that the step doesn't know, or without a reason.
    pub async fn close_step(&self, cx: Cx, step: i64, closing: Closing) -> Result<Json> {
        cx.require_to_write()?;
        let engine = self.clone();
        self.write(move |conn| {
            let record = close(conn, &engine, &cx, step, &closing)?;
            let access = customers(conn, &cx)?;
            list::of_record(conn, &cx, &access, record)
        })
        .await
    }
}

/// As [`Engine::close_step`], in a transaction; the customer.
///
/// # Errors
/// As there.
pub(crate) fn close(conn: &mut Conn, engine: &Engine, cx: &Cx, step: i64, closing: &Closing) -> Result<i64> {
    match closing {
        Closing::Done { note, .. } => text("note", note.as_deref().unwrap_or_default(), false)?,
        Closing::Skipped { reason } => text("reason", reason, true)?,
    }
    let row = rows::step(conn, step)?.ok_or(Code::NotFound)?;
    // The run is locked: of two who close its step at once, the second sees that it is closed.
    let run = rows::run(conn, row.run)?.ok_or(Code::NotFound)?;
    let row = rows::step(conn, row.id)?.ok_or(Code::NotFound)?;
    let access = customers(conn, cx)?;
    let record = load::find(conn, cx, &access, run.record, Deleted::Live).map_err(|_| Code::NotFound)?;
    if !row.open() || !run.running() {
        return Err(ended());
    }
    let definition = rows::versions(conn, std::slice::from_ref(&run))?
        .remove(&(run.plan, run.version))
        .ok_or_else(|| EngineError::internal("a plan's version is gone"))?;
    let known = definition.step(&row.step).ok_or_else(|| EngineError::internal("a plan's step is gone"))?;
    if !does(cx, &known.role, &record) {
        writable(conn, cx, &access, run.record, None)?;
    }
    if let Closing::Done { outcome: Some(outcome), .. } = closing
        && !known.branches.iter().any(|branch| branch.outcome == *outcome)
    {
        let (zh, en) = ("这一步没有这个结果", "This step has no such outcome");
        return Err(Fault::new("outcome", "unknown_option", zh, en).into());
    }
    let closed = closed(cx, &row, closing);
    follow::close(conn, cx, &run, &definition, &closed, &record)?;
    let op = if closed.state == "done" { "plan_step_done" } else { "plan_step_skipped" };
    let by_hand = known.evidence == Evidence::Hand;
    let meta = json!({
        "plan": definition.name, "step": known.action, "outcome": closed.outcome, "note": closed.note, "by_hand": by_hand,
    });
    log(conn, engine, cx, op, run.record, meta)?;
    settled(conn, engine, run.record)?;
    Ok(run.record)
}

fn closed(cx: &Cx, row: &StepRow, closing: &Closing) -> StepRow {
    let trimmed = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (state, outcome, note) = match closing {
        Closing::Done { outcome, note } => ("done", outcome.clone(), note.as_deref().and_then(trimmed)),
        Closing::Skipped { reason } => ("skipped", None, trimmed(reason)),
    };
    StepRow {
        state: state.into(),
        closed_at: Some(cx.moment.now),
        closed_by: Some(cx.author()),
        outcome,
        note,
        evidence: (state == "done").then(|| "person".to_owned()),
        evidence_id: None,
        ..row.clone()
    }
}

/// Whether the step is the caller's to do, or that of one of their people.
fn does(cx: &Cx, role: &str, record: &Record) -> bool {
    who::is_theirs(cx, who::responsible(cx, role, record.values.int("owner"), record.id))
}

pub(super) fn startable(cx: &Cx, id: i64) -> Option<Arc<Plan>> {
    cx.org.plans.iter().find(|plan| plan.id == id && plan.active).cloned()
}

fn customers(conn: &mut Conn, cx: &Cx) -> Result<ObjectAccess> {
    let object = cx.object(CUSTOMER)?.clone();
    cx.access(conn, &object)
}

fn text(at: &str, text: &str, required: bool) -> Result<()> {
    if required && text.trim().is_empty() {
        return Err(Fault::new(at, "required", "请写明原因", "Please give the reason").into());
    }
    if text.chars().count() > LONGEST_NOTE {
        return Err(Fault::new(at, "too_long", "最多 500 个字", "At most 500 characters").into());
    }
    Ok(())
}

fn ended() -> EngineError {
    let problem = Problem::new(Code::Conflict);
    problem.with_detail("这一步或整个计划已经结束", "This step, or its plan, has ended already").into()
}

fn log(conn: &mut Conn, engine: &Engine, cx: &Cx, op: &str, record: i64, meta: Json) -> Result<()> {
    let note = Note::new(op, CUSTOMER, record).meta(meta);
    append(conn, engine, &Author::from(&cx.caller), note)
}

/// What follows, at once.
fn settled(conn: &mut Conn, engine: &Engine, record: i64) -> Result<()> {
    let system = engine.cx(Caller::system(Via::System))?;
    follow::records(conn, &system, &[record])
}
