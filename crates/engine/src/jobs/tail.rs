//! Following the change log: every node tells its listeners what was committed, by itself or by another node, in log order.

use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::keys::{DESTROYED, KEYS};
use crate::records::load;
use huike_store::log::{self, Cursor};
use huike_store::query::Deleted;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, broadcast};

/// How long another node's change may go unnoticed.
const POLL: Duration = Duration::from_millis(500);
const BATCH: u32 = 500;
/// Listeners that fall this far behind lose the oldest and are told so.
const KEPT: usize = 1_024;

/// A committed change, without its values: listeners fetch what they may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub at: Cursor,
    pub object: String,
    pub record: i64,
    pub op: String,
    pub actor: i64,
}

/// Where changes are told.
pub struct Events {
    woken: Arc<Notify>,
    changes: broadcast::Sender<Change>,
}

impl Default for Events {
    fn default() -> Events {
        Events { woken: Arc::default(), changes: broadcast::channel(KEPT).0 }
    }
}

impl Events {
    /// Says that something was committed on this node.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
}

impl Engine {
    /// Whether the caller may know of a change: whether they reach the record.
    ///
    /// # Errors
    /// The database's.
    pub async fn may_notice(&self, cx: Cx, change: Change) -> Result<bool> {
        self.read(move |conn| {
            let Some(object) = cx.schema.object(&change.object).cloned() else { return Ok(false) };
            let access = cx.access_or_none(conn, &object)?;
            Ok(!load::find_many(conn, &cx, &access, &[change.record], Deleted::Any)?.is_empty())
        })
        .await
    }
}

/// Follows the log until the process ends. The dictionary and the people are read anew when the log says that they changed.
pub async fn follow(engine: Engine) {
    let mut cursor = loop {
        match begin(&engine).await {
            Ok(cursor) => break cursor,
            Err(error) => tracing::warn!(%error, "the change log can't be read; trying again"),
        }
        tokio::time::sleep(POLL).await;
    };
    loop {
        let _ = tokio::time::timeout(POLL, engine.events().woken.notified()).await;
        loop {
            match engine.read(move |conn| Ok(log::read_after(conn, cursor, BATCH)?)).await {
                Ok(entries) => {
                    let full = entries.len() == BATCH as usize;
                    if let Some(last) = entries.last() {
                        cursor = last.cursor();
                    }
                    tell(&engine, entries).await;
                    if !full {
                        break;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the change log can't be read; trying again");
                    break;
                }
            }
        }
    }
}

/// Where to begin; what was committed before is read anew, for it may be younger than what this node started with.
async fn begin(engine: &Engine) -> Result<Cursor> {
    let cursor = engine.read(|conn| Ok(log::settled_end(conn)?)).await?;
    engine.renew().await?;
    engine.keys().forget_all();
    Ok(cursor)
}

async fn tell(engine: &Engine, entries: Vec<log::LogEntry>) {
    let renews = |object: &str| {
        let people = matches!(object, "user" | "department" | "role" | "dictionary" | "settings");
        people || matches!(object, "calendar" | "absence" | "reminder_rule" | "channel" | "reach")
    };
    if entries.iter().any(|entry| renews(&entry.object))
        && let Err(error) = engine.renew().await
    {
        tracing::warn!(%error, "the dictionary or the people can't be read anew");
    }
    for entry in entries {
        let Some(record) = entry.record_id else { continue };
        if (entry.object.as_str(), entry.op.as_str()) == (KEYS, DESTROYED) {
            engine.keys().forget(record);
            continue;
        }
        let change = Change {
            at: entry.cursor(),
            object: entry.object,
            record,
            op: entry.op,
            actor: entry.actor.unwrap_or_default(),
        };
        // Nobody listening is no fault.
        let _ = engine.events().changes.send(change);
    }
}
