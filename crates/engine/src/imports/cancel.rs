//! Stopping an import at work.

use super::events::ImportEvent;
use super::job::{State, wrong_state};
use super::view;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use serde_json::Value as Json;

impl Engine {
    /// Stops behind the chunk that is being written. What was written stays and can be undone; a dry run leaves a draft.
    ///
    /// # Errors
    /// `not_found`; `conflict` when there is nothing to stop.
    pub async fn cancel_import(&self, cx: Cx, id: i64) -> Result<Json> {
        let (shown, event) = self
            .write(move |conn| {
                let mut job = view::own_locked(conn, &cx, id)?;
                let from = job.state;
                job.state = match from {
                    State::Checking => State::Draft,
                    State::Running => State::Cancelled,
                    _ => return Err(wrong_state(State::Cancelled)),
                };
                job.updated_at = cx.moment.now;
                job.save(conn, cx.keys(), &[from])?;
                Ok((view::json(&cx, &job), ImportEvent::of(&job)))
            })
            .await?;
        self.imports().tell(event);
        Ok(shown)
    }
}
