//! Taking an import back.

use super::job::{State, wrong_state};
use super::report::UndoReport;
use super::{view, worker};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use serde_json::Value as Json;

/// States in which an import has written what it will write.
const OVER: [State; 3] = [State::Done, State::Cancelled, State::Failed];

impl Engine {
    /// Takes back what an import wrote, in the background: created records go to the recycle bin, updated ones get their former values.
    /// Records that were changed since, or that others have come to belong to, stay and are told.
    ///
    /// Whoever started an import may take it back, also without the right to delete: nothing but their own doing is undone.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it has written nothing or is still at work.
    pub async fn undo_import(&self, cx: Cx, id: i64) -> Result<Json> {
        let shown = self
            .write(move |conn| {
                let mut job = view::own_locked(conn, &cx, id)?;
                if !OVER.contains(&job.state) || job.progress.last_tx.is_none() {
                    return Err(wrong_state(State::Undoing));
                }
                let from = job.state;
                (job.state, job.updated_at, job.definition.lang) = (State::Undoing, cx.moment.now, cx.lang());
                (job.progress.undone, job.progress.conflicts, job.progress.attempts) = (0, 0, 0);
                job.progress.undo_before = None;
                job.content.undo = Some(UndoReport::default());
                job.save(conn, cx.keys(), &[from])?;
                Ok(view::json(&cx, &job))
            })
            .await?;
        worker::spawn(self, id);
        Ok(shown)
    }
}
