//! Keeping, letting go and putting off a promise by hand.

use super::row::{self, End, Kind, OF_TASK, Obligation, State};
use super::standard::TASK;
use super::{ladder, list, reconcile};
use crate::audit::{Author, Note, append};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::plans::{self, act::Closing};
use crate::quality::verify::verify;
use crate::records::update::{update, writable};
use crate::shown::{instant_text, parse_instant};
use huike_model::moment::DAY_MS;
use huike_model::{Code, Fault, Problem};
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// What is to become of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Done {
        note: Option<String>,
    },
    Waive {
        reason: String,
    },
    /// The task is due at another time.
    Snooze {
        until: String,
    },
    /// Done or let go by mistake.
    Reopen,
}

const LONGEST_NOTE: usize = 500;
/// Nothing is put off for longer than two years.
const LONGEST_SNOOZE: i64 = 2 * 366 * DAY_MS;

impl Engine {
    /// Answers the promise as it is then.
    ///
    /// # Errors
    /// `not_found` for what is out of reach; `forbidden` for whoever may not change the record it is about; `conflict` for what has ended
    /// or ends only by itself; `invalid`.
    pub async fn act_on_obligation(&self, cx: Cx, id: i64, action: Action) -> Result<Json> {
        cx.require_to_write()?;
        let until = check(&cx, &action)?;
        let (engine, id) = (self.clone(), list::numbered(id)?);
        self.write(move |conn| {
            let found = visible(conn, &cx, id)?;
            let name = match &action {
                Action::Done { .. } => "done",
                Action::Waive { .. } => "waive",
                Action::Snooze { .. } => "snooze",
                Action::Reopen => "reopen",
            };
            if !list::allowed(found.kind, found.ended()).contains(&name) {
                return Err(refused(&found));
            }
            if found.rule == OF_TASK {
                on_task(conn, &engine, &cx, &found, &action, until)?;
            } else if found.kind == Kind::PlanStep {
                on_step(conn, &engine, &cx, &found, action.clone())?;
            } else if let (Action::Done { .. }, true) = (&action, asks_for_a_check(&cx, &found)) {
                on_check(conn, &engine, &cx, &found)?;
            } else {
                on_rule(conn, &engine, &cx, &found, &action)?;
            }
            let sql =
                Sql::with(format!("select {} from obligation where id = $1", row::COLUMNS), [id.into()])?;
            let found = row::read_all(conn, &sql)?;
            list::shown(conn, &cx, found)?.pop().ok_or_else(|| Code::NotFound.into())
        })
        .await
    }
}

/// Checks the request; the time of a snooze.
fn check(cx: &Cx, action: &Action) -> Result<Option<i64>> {
    let text = match action {
        Action::Done { note } => note.as_deref(),
        Action::Waive { reason } => Some(reason.as_str()),
        Action::Snooze { .. } | Action::Reopen => None,
    };
    if text.is_some_and(|text| text.chars().count() > LONGEST_NOTE) {
        let at = if matches!(action, Action::Waive { .. }) { "reason" } else { "note" };
        return Err(Fault::new(at, "too_long", "最多 500 个字", "At most 500 characters").into());
    }
    match action {
        Action::Waive { reason } if reason.trim().is_empty() => {
            Err(Fault::new("reason", "required", "请写明原因", "Please give the reason").into())
        }
        Action::Snooze { until } => {
            let at = parse_instant(until)
                .filter(|at| (cx.moment.now..=cx.moment.now + LONGEST_SNOOZE).contains(at));
            let fault = || {
                Fault::new("until", "range", "应为两年内的将来时间", "Must be a time ahead, within two years")
            };
            Ok(Some(at.ok_or_else(fault)?))
        }
        _ => Ok(None),
    }
}

/// The promise, if the caller may know of it.
fn visible(conn: &mut Conn, cx: &Cx, id: i64) -> Result<Obligation> {
    let lock = conn.dialect().for_update();
    let text = format!("select {} from obligation where id = $1{lock}", row::COLUMNS);
    let found = row::read_all(conn, &Sql::with(text, [id.into()])?)?.pop().ok_or(Code::NotFound)?;
    if list::shown(conn, cx, vec![found.clone()])?.is_empty() {
        return Err(Code::NotFound.into());
    }
    Ok(found)
}

fn refused(found: &Obligation) -> EngineError {
    let (zh, en) = match (found.closed_at, found.kind) {
        (Some(_), _) => ("这件事已经了结", "This has come to its end already"),
        (None, Kind::Contact) => {
            ("联系客户并记一次跟进，或约定下一步", "Contact the customer and log it, or agree on a next step")
        }
        _ => ("这件事的日期由资料决定，不能推迟", "Its date is that of the record and can't be put off"),
    };
    Problem::new(Code::Conflict).with_detail(zh, en).into()
}

/// Through the task itself, with the caller's rights; the promise follows at once.
fn on_task(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    found: &Obligation,
    action: &Action,
    until: Option<i64>,
) -> Result<()> {
    let object = cx.object(TASK)?.clone();
    let access = cx.access(conn, &object)?;
    let mut body = Map::new();
    match action {
        Action::Done { note } => {
            body.insert("status".into(), "done".into());
            body.insert("done_at".into(), instant_text(cx.moment.now).into());
            body.extend(
                note.as_ref()
                    .filter(|note| !note.trim().is_empty())
                    .map(|note| ("result".into(), json!(note))),
            );
        }
        Action::Waive { reason } => {
            body.insert("status".into(), "cancelled".into());
            body.insert("result".into(), reason.as_str().into());
        }
        Action::Snooze { .. } => {
            body.insert("due_at".into(), until.map_or(Json::Null, |at| instant_text(at).into()));
        }
        Action::Reopen => return Err(refused(found)),
    }
    update(conn, engine, cx, &access, found.holder_id, None, &body)?;
    let system = engine.cx(Caller::system(Via::System))?;
    reconcile::records(conn, &system, TASK, &BTreeSet::from([found.holder_id]), cx.moment.now).map(drop)
}

/// Through the plan, which opens what follows.
fn on_step(conn: &mut Conn, engine: &Engine, cx: &Cx, found: &Obligation, action: Action) -> Result<()> {
    let closing = match action {
        Action::Done { note } => Closing::Done { outcome: None, note },
        Action::Waive { reason } => Closing::Skipped { reason },
        // Its date is the plan's, and what followed it has begun.
        Action::Snooze { .. } | Action::Reopen => return Err(refused(found)),
    };
    plans::act::close(conn, engine, cx, found.holder_id, &closing).map(drop)
}

fn asks_for_a_check(cx: &Cx, found: &Obligation) -> bool {
    let rule = cx.org.follow.rule(found.rule);
    let field = rule.and_then(|rule| rule.checked(&cx.schema, &cx.moment)?.1);
    field.is_some_and(|field| reconcile::is_recheck(&field))
}

/// Whoever says that data was checked has checked it: the record says so too, and when it is due again.
fn on_check(conn: &mut Conn, engine: &Engine, cx: &Cx, found: &Obligation) -> Result<()> {
    let object = cx.object(&found.holder)?.clone();
    let access = cx.access(conn, &object)?;
    verify(conn, engine, cx, &access, found.holder_id, &[])?;
    let end = End::Done { evidence: found.holder.clone(), record: Some(found.holder_id) };
    conn.execute(&row::close(found.id, &end, cx.moment.now, cx.author())?)?;
    let system = engine.cx(Caller::system(Via::System))?;
    let (holder, ids) = (&found.holder, BTreeSet::from([found.holder_id]));
    reconcile::records(conn, &system, holder, &ids, cx.moment.now).map(drop)
}

fn on_rule(conn: &mut Conn, engine: &Engine, cx: &Cx, found: &Obligation, action: &Action) -> Result<()> {
    let object = cx.object(&found.object)?.clone();
    let access = cx.access(conn, &object)?;
    writable(conn, cx, &access, found.record, None)?;
    let (end, note) = match action {
        Action::Waive { reason } => (End::Waived { reason: Some(reason.clone()) }, Some(reason.clone())),
        Action::Done { note } => {
            (End::Done { evidence: row::PERSON.into(), record: Some(cx.caller.actor.user()) }, note.clone())
        }
        Action::Snooze { .. } => return Err(refused(found)),
        Action::Reopen => return reopen(conn, engine, cx, found),
    };
    conn.execute(&row::close(found.id, &end, cx.moment.now, cx.author())?)?;
    if let (Action::Done { .. }, Some(note)) = (action, &note) {
        let sql = "update obligation set note = $1 where id = $2";
        conn.execute(&Sql::with(sql, [note.as_str().into(), found.id.into()])?)?;
    }
    let op = if matches!(action, Action::Waive { .. }) { "waive" } else { "done" };
    let meta = json!({"obligation": found.kind.name(), "holder": found.holder, "due_at": instant_text(found.due_at), "note": note});
    let note = Note::new(op, &found.object, found.record).meta(meta);
    append(conn, engine, &Author::from(&cx.caller), note)
}

/// Takes back that it was done or let go: the steps still ahead are climbed again, unless a new promise stands in its place.
fn reopen(conn: &mut Conn, engine: &Engine, cx: &Cx, found: &Obligation) -> Result<()> {
    if !row::open_of(conn, &found.holder, found.rule, &[found.holder_id])?.is_empty() {
        return Err(refused(found));
    }
    let now = cx.moment.now;
    let rule = cx.org.follow.rule(found.ladder).filter(|rule| rule.active).cloned();
    let calendar = cx.org.calendar_of(found.owner);
    let steps = ladder::steps(rule.as_deref(), &calendar, found.due_at, found.all_day);
    let mut open = found.clone();
    open.state = if found.late_at.is_some() { State::Late } else { State::Open };
    open.level = found.level.max(ladder::first_level(&steps, now));
    open.next_at = ladder::next_at(&open, &steps);
    let sql = "update obligation set closed_at = null, closed_by = null, evidence = null, evidence_id = null, note = null where id = $1";
    conn.execute(&Sql::with(sql, [found.id.into()])?)?;
    conn.execute(&open.update()?)?;
    let meta = json!({"obligation": found.kind.name(), "holder": found.holder, "due_at": instant_text(found.due_at)});
    let note = Note::new("reopen", &found.object, found.record).meta(meta);
    append(conn, engine, &Author::from(&cx.caller), note)
}
