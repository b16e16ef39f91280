//! Letting an import begin.

use super::change::OPEN;
use super::job::{Progress, State, wrong_state};
use super::plan::{Plan, Targets};
use super::{view, worker};
use crate::cx::{Actor, Cx};
use crate::engine::Engine;
use crate::error::Result;
use serde_json::Value as Json;

impl Engine {
    /// Begins to write in the background, as the caller. One that failed on its way goes on where it stopped.
    ///
    /// # Errors
    /// `not_found`, `conflict` when it is at work or done, `invalid` when the mapping can't stand or leaves a required field out.
    pub async fn start_import(&self, cx: Cx, id: i64) -> Result<Json> {
        let shown = self
            .write(move |conn| {
                let mut job = view::own_locked(conn, &cx, id)?;
                if !OPEN.contains(&job.state) || job.definition.purged {
                    return Err(wrong_state(State::Running));
                }
                let plan = Plan::check(&Targets::open(conn, &cx, &job.object)?, &job.definition)?;
                let missing = plan.missing();
                if !missing.is_empty() {
                    return Err(missing.into());
                }
                job.progress = if job.progress.first_tx.is_some() {
                    Progress { attempts: 0, ..job.progress }
                } else {
                    Progress::default()
                };
                (job.state, job.updated_at) = (State::Running, cx.moment.now);
                (job.definition.message, job.definition.lang, job.definition.confirmed) =
                    (None, cx.lang(), true);
                job.definition.api_key = match cx.caller.actor {
                    Actor::Key { key, .. } => Some(key),
                    Actor::User(_) | Actor::Watcher { .. } | Actor::System => None,
                };
                job.save(conn, cx.keys(), &OPEN)?;
                Ok(view::json(&cx, &job))
            })
            .await?;
        worker::spawn(self, id);
        Ok(shown)
    }
}
