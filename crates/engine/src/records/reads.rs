//! Who saw sensitive values: written to the log shortly after the read, so that reading waits for no write.

use super::load::Record;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::schema::Level;
use huike_model::{Field, Id};
use huike_store::Conn;
use huike_store::log::LogEntry;
use parking_lot::Mutex;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// How long a read waits to be written down.
const PAUSE: Duration = Duration::from_millis(500);

/// What somebody saw of one object in one request.
#[derive(Clone, Debug)]
struct Seen {
    at: i64,
    actor: i64,
    kind: &'static str,
    via: &'static str,
    request: String,
    object: String,
    records: Vec<i64>,
    fields: BTreeSet<String>,
}

/// Reads that are not written down yet.
#[derive(Default)]
pub struct Reads(Mutex<Vec<Seen>>);

impl Reads {
    /// Notes the sensitive and core values that an answer shows in the clear.
    pub fn note<'a>(
        &self,
        cx: &Cx,
        access: &ObjectAccess,
        fields: &[Arc<Field>],
        records: impl Iterator<Item = &'a Record>,
    ) {
        let watched: Vec<&Arc<Field>> =
            fields.iter().filter(|field| field.level >= Level::Sensitive).collect();
        if cx.is_system() || watched.is_empty() {
            return;
        }
        let (mut ids, mut names) = (Vec::new(), BTreeSet::new());
        for record in records {
            let shown = watched.iter().filter(|field| {
                !record.values.of(field).is_null()
                    && access.on_row(field, &record.reached) >= FieldAccess::Read
            });
            let before = ids.len();
            for field in shown {
                if ids.len() == before {
                    ids.push(record.id);
                }
                names.insert(field.name.clone());
            }
        }
        if ids.is_empty() {
            return;
        }
        self.0.lock().push(Seen {
            at: cx.moment.now,
            actor: cx.author(),
            kind: cx.caller.actor.kind(),
            via: cx.caller.via.name(),
            request: cx.caller.request.clone(),
            object: access.object.name.clone(),
            records: ids,
            fields: names,
        });
    }
}

impl Engine {
    /// Writes down what was read so far; called when the server stops, and by [`keep_writing`].
    ///
    /// # Errors
    /// The database's; what could not be written stays for the next time.
    pub async fn write_reads(&self) -> Result<()> {
        let seen = std::mem::take(&mut *self.reads().0.lock());
        if seen.is_empty() {
            return Ok(());
        }
        let kept = seen.clone();
        let written = self.write(move |conn| seen.iter().try_for_each(|seen| append(conn, seen))).await;
        if written.is_err() {
            self.reads().0.lock().splice(0..0, kept);
        }
        written
    }
}

fn append(conn: &mut Conn, seen: &Seen) -> Result<()> {
    let ids: Vec<String> =
        seen.records.iter().filter_map(|id| Id::new(*id).ok()).map(|id| id.to_string()).collect();
    let entry = LogEntry {
        tx: conn.tx_number()?,
        id: conn.next_id()?,
        at: seen.at,
        actor: Some(seen.actor),
        actor_kind: seen.kind.into(),
        via: seen.via.into(),
        request: Some(seen.request.clone()).filter(|request| !request.is_empty()),
        object: seen.object.clone(),
        record_id: (seen.records.len() == 1).then(|| seen.records[0]),
        op: "read".into(),
        before: None,
        after: None,
        meta: Some(json!({"fields": seen.fields, "records": ids}).to_string()),
    };
    conn.execute(&entry.insert()?)?;
    Ok(())
}

/// Writes reads down until the process ends.
pub async fn keep_writing(engine: Engine) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Err(error) = engine.write_reads().await {
            tracing::warn!(%error, "reads can't be written down; trying again");
        }
    }
}
