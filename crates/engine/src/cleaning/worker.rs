//! Who works on a cleaning: one task at a time, under a lease that runs out when its process dies.

use super::request::UNDONE_WITHIN;
use super::run::{Fate, Origin, Run, State, TABLE, load};
use super::steps;
use crate::cx::{Caller, Via};
use crate::engine::Engine;
use crate::enrichment;
use crate::error::{EngineError, Result};
use crate::jobs::lease::{self, End, Held, MAX_ATTEMPTS, idle};
use huike_model::{Code, Label, Problem};
use huike_store::Sql;

/// Begins to work on a run in the background. When this node dies or is busy elsewhere, [`tend`] sees to it.
pub fn spawn(engine: &Engine, id: i64) {
    if !engine.imports().stopping() {
        tokio::spawn(work(engine.clone(), id));
    }
}

/// Takes up runs that nobody works on and tidies up, for the life of the server.
pub async fn tend(engine: Engine) {
    let resume = |engine: Engine| async move { engine.resume_cleanings().await };
    let tidy = |engine: Engine| async move { engine.tidy_cleanings().await };
    lease::tend(engine, "cleanings", resume, tidy).await;
}

impl Engine {
    /// Takes up the cleanings whose worker is gone; how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn resume_cleanings(&self) -> Result<usize> {
        let now = self.now();
        let at_work = || State::AT_WORK.iter().map(|state| state.name());
        let found = self.read(move |conn| idle(conn, TABLE, at_work(), now)).await?;
        found.iter().for_each(|id| spawn(self, *id));
        Ok(found.len())
    }

    /// Forgets proposals of runs that can no longer be taken back, but for the sources of values, and answers whose time is over.
    ///
    /// # Errors
    /// The database's.
    pub async fn tidy_cleanings(&self) -> Result<()> {
        let now = self.now();
        self.write(move |conn| {
            let mut sql = Sql::raw("delete from cleaning_change where run_id in (select id from cleaning_run where updated_at < ");
            sql.bind(now - UNDONE_WITHIN).push(" and ");
            sql.push_not_in("state", State::AT_WORK.iter().map(|state| state.name()));
            sql.push(") and (state <> ").bind(Fate::Applied.name()).push(" or origin = ");
            sql.bind(Origin::Standard.name()).push(")");
            conn.execute(&sql)?;
            enrichment::tidy(conn, now)
        })
        .await
    }
}

async fn work(engine: Engine, id: i64) {
    let (held, run) = match claim(&engine, id).await {
        Ok(Some(claimed)) => claimed,
        Ok(None) => return,
        Err(error) => return tracing::warn!(%error, "a cleaning can't be taken up"),
    };
    let state = run.state;
    let done = match state {
        State::Looking => steps::look(&engine, run, &held).await,
        _ => steps::write(&engine, run, &held).await,
    };
    let ended = match done {
        Ok(End::Finished | End::Lost) => Ok(()),
        Ok(End::Stopping) => engine.write(move |conn| held.give_back(conn)).await,
        // The database will be back; whoever sees the lease run out goes on.
        Err(EngineError::Store(error)) => {
            tracing::warn!(%error, "a cleaning was interrupted and will be taken up again");
            Ok(())
        }
        Err(error) => fail(&engine, held, id, state, error.into_problem()).await,
    };
    if let Err(error) = ended {
        tracing::warn!(%error, "the end of a cleaning can't be written down");
    }
}

async fn claim(engine: &Engine, id: i64) -> Result<Option<(Held, Run)>> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let held = Held::new(TABLE, id);
    let claimed = engine
        .write(move |conn| {
            let now = cx.moment.now;
            if !held.take(conn, State::AT_WORK.iter().map(|state| state.name()), now)? {
                return Ok(None);
            }
            let mut run = load(conn, id, false)?;
            run.progress.attempts += 1;
            run.advance(conn, now)?;
            Ok(Some((held.clone(), run)))
        })
        .await?;
    match claimed {
        Some((held, run)) if run.progress.attempts > MAX_ATTEMPTS => {
            fail(engine, held, id, run.state, Problem::new(Code::Internal)).await?;
            Ok(None)
        }
        claimed => Ok(claimed),
    }
}

/// Ends a run with the reason. What it wrote stays and can be taken back.
async fn fail(engine: &Engine, held: Held, id: i64, state: State, problem: Problem) -> Result<()> {
    let now = engine.now();
    engine
        .write(move |conn| {
            if !held.renew(conn, state.name(), now)? {
                return Ok(());
            }
            let mut run = load(conn, id, false)?;
            run.state = State::Failed;
            run.definition.message = Some(reason(&problem));
            if run.progress.applied > run.progress.undone {
                run.definition.applied_at.get_or_insert(now);
            }
            run.save(conn, &[state], now)
        })
        .await
}

fn reason(problem: &Problem) -> Label {
    match problem.code {
        Code::NotSignedIn => Label::new(
            "发起清洗的账号已停用，清洗已停止",
            "The account that began the cleaning is no longer active, so it was stopped",
        ),
        Code::Forbidden | Code::NotFound => Label::new(
            "发起人已没有权限，清洗已停止",
            "Whoever began the cleaning may no longer do this, so it was stopped",
        ),
        code => problem.detail.clone().unwrap_or_else(|| code.title()),
    }
}
