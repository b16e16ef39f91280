//! Writing what was proposed, and taking it back: a chunk of changes in one transaction, each record through the pipeline of every write,
//! under the rights of whoever asked, in a savepoint of its own. What can't be written is left with the reason, and stops nothing.

use super::changes::{self, Change};
use super::run::{Fate, Origin, Run, State};
use super::writable;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::quality::care::caring;
use crate::records::body::Assignment;
use crate::records::load::Record;
use crate::records::update;
use crate::records::write::Writer;
use huike_model::access::ObjectAccess;
use huike_model::kinds::Parsed;
use huike_model::{Code, Label, Value};
use huike_store::Conn;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Changes of one transaction.
pub const CHUNK: i64 = 200;

/// Which way values go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// What was proposed is written.
    There,
    /// What was written is taken back.
    Back,
}

/// One transaction of the work; true at its end. The lease must have been renewed in it.
///
/// # Errors
/// `forbidden`, `not_found` when the caller may no longer do this; the database's.
pub fn piece(conn: &mut Conn, engine: &Engine, cx: &Cx, run: &mut Run) -> Result<bool> {
    let access = caring(conn, cx, &run.object)?;
    let way = if run.state == State::Undoing { Way::Back } else { Way::There };
    let waiting = if way == Way::Back { Fate::Applied } else { Fate::Proposed };
    let found = changes::next(conn, run.id, waiting, run.progress.at, way == Way::There, CHUNK)?;
    let mut rest = found.as_slice();
    while let Some(first) = rest.first() {
        let same = |each: &&Change| (each.record, each.origin) == (first.record, first.origin);
        let (group, others) = rest.split_at(rest.iter().take_while(same).count());
        let task = Task { engine, cx, access: &access, run, way };
        let settled = task.group(conn, group)?;
        settled.count(&mut run.progress, way);
        settled.keep(conn, run.id, way, cx.moment.now)?;
        run.progress.at = group.last().map_or(run.progress.at, |last| last.n);
        rest = others;
    }
    engine.failpoint("cleaning.written")?;
    Ok((found.len() as i64) < CHUNK)
}

struct Task<'a> {
    engine: &'a Engine,
    cx: &'a Cx,
    access: &'a ObjectAccess,
    run: &'a Run,
    way: Way,
}

/// What became of the changes of one record, by their numbers.
#[derive(Default)]
struct Settled {
    done: Vec<i64>,
    /// By reason.
    not: Vec<(Label, Vec<i64>)>,
}

impl Task<'_> {
    fn group(&self, conn: &mut Conn, group: &[Change]) -> Result<Settled> {
        match conn.savepoint(|conn| self.write(conn, group)) {
            Err(EngineError::Problem(problem)) => {
                let reason = match problem.code {
                    Code::NotFound => gone(),
                    code => problem
                        .faults
                        .first()
                        .map(|fault| fault.message.clone())
                        .or(problem.detail.clone())
                        .unwrap_or_else(|| code.title()),
                };
                let all = group.iter().map(|change| change.n).collect();
                Ok(Settled { done: Vec::new(), not: vec![(reason, all)] })
            }
            settled => settled,
        }
    }

    /// Writes what still can be; the rest with the reasons.
    fn write(&self, conn: &mut Conn, group: &[Change]) -> Result<Settled> {
        let record = update::writable(conn, self.cx, self.access, group[0].record, None)?;
        let (mut settled, mut assignments) = (Settled::default(), Vec::new());
        let mut sources: BTreeMap<&str, &Json> = BTreeMap::new();
        for change in group {
            match self.assignment(&record, change) {
                Ok(assignment) => {
                    settled.done.push(change.n);
                    sources.insert(&change.field, &change.source);
                    assignments.push(assignment);
                }
                Err(reason) => match settled.not.iter_mut().find(|(known, _)| *known == reason) {
                    Some((_, changes)) => changes.push(change.n),
                    None => settled.not.push((reason, vec![change.n])),
                },
            }
        }
        if !assignments.is_empty() {
            let undone = self.way == Way::Back;
            let meta = json!({"cleaning": self.run.request(), "undo": undone, "sources": sources});
            // Nobody has looked at a value that is only written otherwise, or put back.
            let checked = self.way == Way::There && group[0].origin != Origin::Standard;
            let mut writer = Writer { engine: self.engine, cx: self.cx, conn };
            if checked {
                writer.update_noted(&record, assignments, Some(meta))?;
            } else {
                writer.update_unchecked(&record, assignments, meta)?;
            }
        }
        Ok(settled)
    }

    fn assignment(&self, record: &Record, change: &Change) -> std::result::Result<Assignment, Label> {
        let field = self
            .access
            .object
            .field(&change.field)
            .filter(|field| writable(self.access, field))
            .ok_or_else(|| Label::new("没有权限修改这一项", "This may not be changed"))?;
        let (from, to) = match self.way {
            Way::There => (&change.before, &change.after),
            Way::Back => (&change.after, &change.before),
        };
        if record.values.of(field) != from {
            let (zh, en) = match self.way {
                Way::There => ("查看之后又被修改过", "It was changed after the preview"),
                Way::Back => ("清洗之后又被修改过", "It was changed after the cleaning"),
            };
            return Err(Label::new(zh, en));
        }
        let parsed = Parsed { value: to.clone(), raw: self.typed(record, change) };
        Ok(Assignment { field: field.clone(), parsed })
    }

    /// What somebody once typed stays beside the value.
    fn typed(&self, record: &Record, change: &Change) -> Option<String> {
        let kept: Map<String, Json> =
            record.raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
        let known = kept.get(&change.field).and_then(Json::as_str).map(str::to_owned);
        let before = match &change.before {
            Value::Text(text) if change.origin == Origin::Standard => Some(text.clone()),
            _ => None,
        };
        match self.way {
            Way::There => known.or(before),
            Way::Back => known.filter(|known| Some(known) != before.as_ref()),
        }
    }
}

fn gone() -> Label {
    Label::new("记录已删除或合并", "The record was deleted or merged")
}

impl Settled {
    fn count(&self, progress: &mut super::run::Progress, way: Way) {
        let done = self.done.len() as i64;
        let not: i64 = self.not.iter().map(|(_, changes)| changes.len() as i64).sum();
        match way {
            Way::There => (progress.applied, progress.left) = (progress.applied + done, progress.left + not),
            Way::Back => (progress.undone, progress.kept) = (progress.undone + done, progress.kept + not),
        }
    }

    fn keep(&self, conn: &mut Conn, run: i64, way: Way, now: i64) -> Result<()> {
        let (done, not) = match way {
            Way::There => (Fate::Applied, Fate::Left),
            Way::Back => (Fate::Undone, Fate::Kept),
        };
        if !self.done.is_empty() {
            changes::settle(conn, run, &self.done, done, None, now)?;
        }
        for (reason, changes) in &self.not {
            changes::settle(conn, run, changes, not, Some(reason), now)?;
        }
        Ok(())
    }
}
