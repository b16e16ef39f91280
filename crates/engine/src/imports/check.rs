//! Asking for a dry run.

use super::change::{OPEN, is_open};
use super::job::{Progress, State, wrong_state};
use super::plan::{Plan, Targets};
use super::{view, worker};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use serde_json::Value as Json;

impl Engine {
    /// Rehearses every row in the background; the report stands in the import when its state is `checked`. No record is written.
    ///
    /// # Errors
    /// `not_found`, `conflict` once it is at work, `invalid` when the mapping can't stand.
    pub async fn check_import(&self, cx: Cx, id: i64) -> Result<Json> {
        let shown = self
            .write(move |conn| {
                let mut job = view::own_locked(conn, &cx, id)?;
                if !is_open(&job) {
                    return Err(wrong_state(State::Checking));
                }
                Plan::check(&Targets::open(conn, &cx, &job.object)?, &job.definition)?;
                (job.state, job.progress, job.updated_at) =
                    (State::Checking, Progress::default(), cx.moment.now);
                (job.definition.message, job.definition.lang) = (None, cx.lang());
                job.content.report = None;
                job.save(conn, cx.keys(), &OPEN)?;
                Ok(view::json(&cx, &job))
            })
            .await?;
        worker::spawn(self, id);
        Ok(shown)
    }
}
