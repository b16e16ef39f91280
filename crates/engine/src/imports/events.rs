//! What this node tells about imports at work, and whether it works on any.

use super::job::{Job, Progress, State, id_text};
use crate::engine::Engine;
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::broadcast;

/// Listeners that fall this far behind lose the oldest and are told so.
const KEPT: usize = 256;

/// A step of an import, for the person who started it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportEvent {
    pub id: i64,
    /// The user who started it; 0 for the system.
    pub by: i64,
    pub state: State,
    pub progress: Progress,
    pub total: Option<i64>,
}

impl ImportEvent {
    pub(super) fn of(job: &Job) -> ImportEvent {
        ImportEvent {
            id: job.id,
            by: job.created_by,
            state: job.state,
            progress: job.progress,
            total: job.total,
        }
    }

    /// `{id, state, progress}` as docs/interface.md has it.
    pub fn to_json(&self) -> Json {
        json!({"id": id_text(self.id), "state": self.state.name(), "progress": progress_json(&self.progress, self.total)})
    }
}

pub(super) fn progress_json(progress: &Progress, total: Option<i64>) -> Json {
    json!({
        "done": progress.done,
        "total": total,
        "created": progress.created,
        "updated": progress.updated,
        "skipped": progress.skipped,
        "failed": progress.failed,
        "undone": progress.undone,
        "conflicts": progress.conflicts,
    })
}

/// This node's part in imports.
pub struct Imports {
    events: broadcast::Sender<ImportEvent>,
    stopping: AtomicBool,
}

impl Default for Imports {
    fn default() -> Imports {
        Imports { events: broadcast::channel(KEPT).0, stopping: AtomicBool::new(false) }
    }
}

impl Imports {
    pub(super) fn tell(&self, event: ImportEvent) {
        // Nobody listening is no fault.
        let _ = self.events.send(event);
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }
}

impl Engine {
    /// The steps of the imports that this node works on.
    pub fn import_events(&self) -> broadcast::Receiver<ImportEvent> {
        self.imports().events.subscribe()
    }

    /// Lets the imports at work stop behind the chunk they are at and take up no more: another node, or the next start, goes on.
    pub fn stop_imports(&self) {
        self.imports().stopping.store(true, Ordering::Release);
    }
}
