//! The work of undoing: the change log read backwards.
//!
//! What an import wrote stands in the log under its id, between the transactions of its first and its last chunk. A record is as the import
//! left it when the newest entry that changed it is the import's; only then is it touched. Records are taken back in the order opposite to
//! that of their making, so that those that point to others go first.

use super::events::ImportEvent;
use super::job::{Job, Progress, State};
use super::report::{MAX_FAULTS, UndoConflict, UndoReport};
use super::worker::Lease;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::jobs::lease::End;
use crate::records::body::Assignment;
use crate::records::write::Writer;
use crate::records::{delete, history, load};
use huike_model::access::ObjectAccess;
use huike_model::filter::{Resolved, Test};
use huike_model::{Code, Field, Label, Object, Value};
use huike_store::log::{COLUMNS, Cursor, LogEntry};
use huike_store::query::{Deleted, RecordQuery};
use huike_store::{Conn, Sql, StoreError};
use serde_json::{Map, Value as Json};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Entries of the log looked at in one transaction.
const CHUNK: i64 = 200;
/// Entries of one record looked at; one that was written more often than this during an import is left alone.
const ENTRIES: i64 = 1_000;

/// Works until everything is taken back or told. Blocks.
///
/// # Errors
/// `not_signed_in`; the database's, after which it can be taken up again.
pub fn run(engine: &Engine, handle: &Handle, mut job: Job, lease: &Lease) -> Result<End> {
    loop {
        if engine.imports().stopping() {
            return Ok(End::Stopping);
        }
        let mut caller = job.caller();
        caller.request = job.undo_request();
        let task =
            Task { engine: engine.clone(), cx: engine.cx(caller)?, lease: lease.clone(), job: job.clone() };
        let Some(done) = handle.block_on(engine.write(move |conn| task.run(conn)))? else {
            return Ok(End::Lost);
        };
        job = done;
        engine.imports().tell(ImportEvent::of(&job));
        if job.state == State::Undone {
            return Ok(End::Finished);
        }
    }
}

/// One transaction of the work.
struct Task {
    engine: Engine,
    cx: Cx,
    lease: Lease,
    job: Job,
}

impl Task {
    /// The job as it stands afterwards; none when the lease is lost. May run again when the database asks for it.
    fn run(&self, conn: &mut Conn) -> Result<Option<Job>> {
        if !self.lease.renew(conn, self.cx.moment.now)? {
            return Ok(None);
        }
        let mut job = self.job.clone();
        let entries = self.entries(conn, &job.progress)?;
        let mut looked_at: HashSet<(String, i64)> = HashSet::new();
        for entry in &entries {
            job.progress.undo_before = Some((entry.tx, entry.id));
            let Some(record) = entry.record_id else { continue };
            if looked_at.insert((entry.object.clone(), record)) {
                self.take_back(conn, &mut job, entry, record)?;
            }
        }
        job.progress.attempts = 0;
        job.updated_at = self.cx.moment.now;
        if (entries.len() as i64) < CHUNK {
            job.state = State::Undone;
            job.save(conn, self.cx.keys(), &[State::Undoing])?;
        } else {
            self.lease.advance(conn, &job.progress, self.cx.moment.now)?;
        }
        Ok(Some(job))
    }

    /// The import's next entries, newest first.
    fn entries(&self, conn: &mut Conn, progress: &Progress) -> Result<Vec<LogEntry>> {
        let (Some(first), Some(last)) = (progress.first_tx, progress.last_tx) else { return Ok(Vec::new()) };
        let before =
            progress.undo_before.map_or(Cursor { tx: last, id: i64::MAX }, |(tx, id)| Cursor { tx, id });
        let mut sql = Sql::raw(format!("select {COLUMNS} from change_log where (tx, id) < ("));
        sql.bind(before.tx).push(", ").bind(before.id).push(") and tx >= ").bind(first);
        sql.push(" and request = ")
            .bind(self.job.request())
            .push(" order by tx desc, id desc limit ")
            .bind(CHUNK);
        Ok(conn.query(&sql)?.iter().map(LogEntry::read).collect::<std::result::Result<_, StoreError>>()?)
    }

    /// Takes one record back if it is as the import left it. `entry` is one of the import's for this record.
    fn take_back(&self, conn: &mut Conn, job: &mut Job, entry: &LogEntry, record: i64) -> Result<()> {
        let Some(object) = self.cx.schema.object(&entry.object).cloned() else { return Ok(()) };
        let ours = self.job.request();
        let changes = changes(conn, &object.name, record)?;
        let Some(newest) = changes.first() else { return Ok(()) };
        let newest_of_ours = changes.iter().find(|change| change.request.as_deref() == Some(&ours));
        if newest_of_ours.is_none_or(|newest| newest.cursor() != entry.cursor()) {
            // Dealt with at the import's newest entry.
            return Ok(());
        }
        if newest.request.as_deref() != Some(&ours) {
            let undone = newest.request.as_deref() == Some(&self.job.undo_request());
            if !undone {
                let (zh, en) = (
                    "导入之后又被修改过，未撤销",
                    "It was changed after the import, so it was left as it is",
                );
                conflict(job, &object, record, Label::new(zh, en));
            }
            return Ok(());
        }
        let mine: Vec<&LogEntry> =
            changes.iter().take_while(|change| change.request.as_deref() == Some(&ours)).collect();
        let done = conn.savepoint(|conn| {
            if mine.iter().any(|change| change.op == "create") {
                self.delete(conn, &object, record)
            } else {
                self.restore(conn, &object, record, &mine)
            }
        });
        match done {
            Ok(()) => job.progress.undone += 1,
            Err(EngineError::Problem(problem)) => {
                let message = problem
                    .detail
                    .clone()
                    .or_else(|| problem.faults.first().map(|fault| fault.message.clone()));
                conflict(job, &object, record, message.unwrap_or_else(|| problem.code.title()));
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// Puts a record that the import made into the recycle bin, unless others have come to belong to it.
    fn delete(&self, conn: &mut Conn, object: &Arc<Object>, record: i64) -> Result<()> {
        if let Some(child) = self.child(conn, object, record)? {
            let (zh, en) = (&child.label.zh, &child.label.en);
            let problem = huike_model::Problem::new(Code::Conflict).with_detail(
                format!("导入之后有{zh}关联到它，未撤销"),
                format!("{en} records have come to belong to it since, so it was left as it is"),
            );
            return Err(problem.into());
        }
        let everything = ObjectAccess::of_the_system(object);
        delete::delete(conn, &self.engine, &self.cx, &everything, record, None)
    }

    /// An object with a live record that points to this one.
    fn child(&self, conn: &mut Conn, object: &Object, record: i64) -> Result<Option<Arc<Object>>> {
        for (child, field) in self.cx.schema.references_to(&object.name).filter(|(_, field)| !field.system) {
            let everything = ObjectAccess::of_the_system(child);
            let mut query = RecordQuery::new(&everything, &self.cx.schema, &[]);
            query.filter = Resolved::own(&child.name, field, Test::Equal(Value::Int(record)));
            query.limit = 1;
            if !query.run(conn)?.is_empty() {
                return Ok(Some(child.clone()));
            }
        }
        Ok(None)
    }

    /// Gives a record the values it had before the import's first change. `mine` are the import's changes, newest first.
    fn restore(&self, conn: &mut Conn, object: &Arc<Object>, id: i64, mine: &[&LogEntry]) -> Result<()> {
        let everything = ObjectAccess::of_the_system(object);
        let record = load::find(conn, &self.cx, &everything, id, Deleted::Live)?;
        let mut before: Map<String, Json> = Map::new();
        for change in mine {
            let text = change.before.as_deref().unwrap_or("{}");
            let members: Map<String, Json> = serde_json::from_str(text)
                .map_err(|_| EngineError::internal("an entry of the log can't be read"))?;
            before.extend(members);
        }
        self.cx.keys().prefetch(conn, &[id])?;
        let mut assignments = Vec::new();
        for (name, json) in before {
            let Some(field) = object.field(&name).filter(|field| !field.computed()) else { continue };
            let value = self.value(object, field, id, &json);
            assignments.push(Assignment { field: field.clone(), parsed: value.into() });
        }
        Writer { engine: &self.engine, cx: &self.cx, conn }.update(&record, assignments)?;
        Ok(())
    }

    /// A value as the log keeps it, opened where it is sealed.
    fn value(&self, object: &Object, field: &Field, record: i64, json: &Json) -> Value {
        match json {
            Json::Number(number) => number.as_i64().into(),
            Json::String(sealed) if field.encrypted => {
                self.cx.keys().open_value(&object.name, field, record, sealed).into()
            }
            Json::String(text) => text.as_str().into(),
            _ => Value::Null,
        }
    }
}

/// The entries that changed a record, newest first.
fn changes(conn: &mut Conn, object: &str, record: i64) -> Result<Vec<LogEntry>> {
    let mut entries = history::entries(conn, object, record, None, ENTRIES)?;
    entries.retain(|entry| {
        matches!(entry.op.as_str(), "create" | "update" | "delete" | "restore" | "merge" | "unmerge")
    });
    Ok(entries)
}

fn conflict(job: &mut Job, object: &Object, id: i64, message: Label) {
    job.progress.conflicts += 1;
    let undo = job.content.undo.get_or_insert_with(UndoReport::default);
    if undo.conflicts.len() < MAX_FAULTS {
        undo.conflicts.push(UndoConflict { object: object.name.clone(), id, message });
    }
}
