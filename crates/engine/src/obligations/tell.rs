//! Telling open pages that somebody has a new notification, whichever node wrote it.

use crate::engine::Engine;
use crate::error::Result;
use huike_store::{Sql, first_id_at};
use std::collections::BTreeSet;
use tokio::sync::broadcast;

/// Listeners that fall this far behind lose the oldest and are told so.
const KEPT: usize = 256;
/// Another node's transaction may commit so much later than it took its ids (milliseconds).
const OVERLAP_MS: i64 = 10_000;
const BATCH: i64 = 1_000;

/// The users who have something new.
pub struct Notices(broadcast::Sender<i64>);

impl Default for Notices {
    fn default() -> Notices {
        Notices(broadcast::channel(KEPT).0)
    }
}

impl Notices {
    pub fn listen(&self) -> broadcast::Receiver<i64> {
        self.0.subscribe()
    }
}

/// What was told already.
#[derive(Debug)]
pub struct Teller {
    after: i64,
    told: BTreeSet<i64>,
}

impl Teller {
    /// Begins now.
    pub fn new(engine: &Engine) -> Teller {
        Teller { after: first_id_at(engine.now()), told: BTreeSet::new() }
    }

    /// Tells what is new; each person once, however much there is.
    ///
    /// # Errors
    /// The database's.
    pub async fn tell(&mut self, engine: &Engine) -> Result<()> {
        let after = self.after;
        let rows = engine
            .read(move |conn| {
                let sql =
                    "select id, user_id from notification where id > $1 and live = 1 order by id limit $2";
                let rows = conn.query(&Sql::with(sql, [after.into(), BATCH.into()])?)?;
                rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect::<Result<Vec<_>>>()
            })
            .await?;
        let full = rows.len() as i64 == BATCH;
        let last = rows.last().map(|(id, _)| *id);
        let new: BTreeSet<i64> =
            rows.into_iter().filter(|(id, _)| self.told.insert(*id)).map(|(_, user)| user).collect();
        for user in new {
            // Nobody listening is no fault.
            let _ = engine.notices().0.send(user);
        }
        let settled = first_id_at(engine.now() - OVERLAP_MS);
        // A clock that was turned back leaves the mark where it is.
        self.after = self.after.max(if full { last.unwrap_or(settled).min(settled) } else { settled });
        let after = self.after;
        self.told.retain(|id| *id > after);
        Ok(())
    }
}
