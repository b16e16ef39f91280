//! Who works on an import: one thread at a time, under a lease that runs out when its process dies.

use super::events::ImportEvent;
use super::job::{self, Job, State, json_text};
use super::{revert, run, source};
use crate::cx::{Caller, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::jobs::lease::{self, End, Held, MAX_ATTEMPTS};
use huike_model::{Code, Label, Problem};
use huike_store::{Conn, Sql};
use tokio::runtime::Handle;

const TABLE: &str = "import_job";
/// How long an import's file and its reports are kept after it was last touched (milliseconds).
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// The right to work on one job.
#[derive(Clone, Debug)]
pub struct Lease {
    pub job: i64,
    pub state: State,
    held: Held,
}

impl Lease {
    /// Renews it; false when it is lost. Comes first in every transaction of the work.
    ///
    /// # Errors
    /// The database's.
    pub fn renew(&self, conn: &mut Conn, now: i64) -> Result<bool> {
        self.held.renew(conn, self.state.name(), now)
    }

    /// Writes down how far the job got. The lease must have been renewed in the same transaction.
    ///
    /// # Errors
    /// The database's.
    pub fn advance(&self, conn: &mut Conn, progress: &job::Progress, now: i64) -> Result<()> {
        conn.execute(&Sql::with(
            "update import_job set progress = $1, rows_done = $2, updated_at = $3 where id = $4",
            [json_text(progress)?.into(), progress.done.into(), now.into(), self.job.into()],
        )?)?;
        Ok(())
    }
}

/// Begins to work on a job in the background. When this node dies or is busy elsewhere, [`tend`] sees to it.
pub fn spawn(engine: &Engine, id: i64) {
    let (engine, handle) = (engine.clone(), Handle::current());
    if engine.imports().stopping() {
        return;
    }
    let own = handle.clone();
    handle.spawn_blocking(move || work(&engine, &own, id));
}

/// Takes up imports that nobody works on and tidies up old ones, until [`Engine::stop_imports`].
pub async fn tend(engine: Engine) {
    let resume = |engine: Engine| async move { engine.resume_imports().await };
    let tidy = |engine: Engine| async move { engine.tidy_imports().await };
    lease::tend(engine, "imports", resume, tidy).await;
}

impl Engine {
    /// Takes up the imports whose worker is gone; how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn resume_imports(&self) -> Result<usize> {
        let now = self.now();
        let at_work = || State::AT_WORK.iter().map(|state| state.name());
        let idle = self.read(move |conn| lease::idle(conn, TABLE, at_work(), now)).await?;
        idle.iter().for_each(|id| spawn(self, *id));
        Ok(idle.len())
    }

    /// Removes the files, samples and reports of imports that were last touched a month ago. What they wrote stays.
    async fn tidy_imports(&self) -> Result<()> {
        let cx = self.cx(Caller::system(Via::System))?;
        let old = self
            .write(move |conn| {
                let mut sql = Sql::raw("select id from import_job where updated_at < ");
                sql.bind(cx.moment.now - KEPT_MS).push(" and (holder is null or holder <> 'purged') and ");
                sql.push_not_in("state", State::AT_WORK.iter().map(|state| state.name()))
                    .push(" order by id limit 50");
                let mut old = Vec::new();
                for row in conn.query(&sql)? {
                    let mut job = job::lock(conn, cx.keys(), row.int(0)?)?;
                    let from = job.state;
                    if matches!(from, State::Draft | State::Checked) {
                        job.state = State::Cancelled;
                    }
                    job.definition.purged = true;
                    job.save(conn, cx.keys(), &[from])?;
                    cx.keys().destroy(conn, job.id, cx.moment.now)?;
                    conn.execute(&Sql::with(
                        "update import_job set holder = 'purged' where id = $1",
                        [job.id.into()],
                    )?)?;
                    old.push(job.id);
                }
                Ok(old)
            })
            .await?;
        if old.is_empty() {
            return Ok(());
        }
        let paths: Vec<_> = old.iter().map(|id| source::path(self, *id)).collect();
        crate::files::sealed::on_thread(move || {
            paths.iter().for_each(|path| drop(std::fs::remove_file(path)));
            Ok(())
        })
        .await
    }
}

/// Claims a job and works on it until it is done, lost or given up. Blocks.
pub fn work(engine: &Engine, handle: &Handle, id: i64) {
    let lease = match handle.block_on(claim(engine, id)) {
        Ok(Some(lease)) => lease,
        Ok(None) => return,
        Err(error) => return tracing::warn!(%error, "an import can't be taken up"),
    };
    let done = match lease.1.state {
        State::Undoing => revert::run(engine, handle, lease.1, &lease.0),
        _ => run::run(engine, handle, lease.1, &lease.0),
    };
    let lease = lease.0;
    let ended = match done {
        Ok(End::Finished | End::Lost) => Ok(()),
        Ok(End::Stopping) => handle.block_on(release(engine, lease)),
        // The database will be back; whoever sees the lease run out goes on.
        Err(EngineError::Store(error)) => {
            tracing::warn!(%error, "an import was interrupted and will be taken up again");
            Ok(())
        }
        Err(error) => handle.block_on(fail(engine, lease, error.into_problem())),
    };
    if let Err(error) = ended {
        tracing::warn!(%error, "the end of an import can't be written down");
    }
}

async fn claim(engine: &Engine, id: i64) -> Result<Option<(Lease, Job)>> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let held = Held::new(TABLE, id);
    let claimed = engine
        .write(move |conn| {
            let now = cx.moment.now;
            if !held.take(conn, State::AT_WORK.iter().map(|state| state.name()), now)? {
                return Ok(None);
            }
            let mut job = job::load(conn, cx.keys(), id)?;
            let lease = Lease { job: id, state: job.state, held: held.clone() };
            job.progress.attempts += 1;
            lease.advance(conn, &job.progress, now)?;
            Ok(Some((lease, job)))
        })
        .await?;
    match claimed {
        Some((lease, job)) if job.progress.attempts > MAX_ATTEMPTS => {
            fail(engine, lease, Problem::new(Code::Internal)).await?;
            Ok(None)
        }
        claimed => Ok(claimed),
    }
}

/// Gives the job back, so that it is taken up at once.
async fn release(engine: &Engine, lease: Lease) -> Result<()> {
    engine.write(move |conn| lease.held.give_back(conn)).await
}

/// Ends a job with the reason.
async fn fail(engine: &Engine, lease: Lease, problem: Problem) -> Result<()> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let failed = engine
        .write(move |conn| {
            if !lease.renew(conn, cx.moment.now)? {
                return Ok(None);
            }
            let mut job = job::load(conn, cx.keys(), lease.job)?;
            (job.state, job.updated_at) = (State::Failed, cx.moment.now);
            job.definition.message = Some(reason(&problem));
            job.save(conn, cx.keys(), &[lease.state])?;
            Ok(Some(ImportEvent::of(&job)))
        })
        .await?;
    if let Some(event) = failed {
        engine.imports().tell(event);
    }
    Ok(())
}

/// Why an import as a whole failed, for the person who started it.
fn reason(problem: &Problem) -> Label {
    match problem.code {
        Code::NotSignedIn => Label::new(
            "发起导入的账号已停用，导入已停止",
            "The account that started the import is no longer active, so the import was stopped",
        ),
        Code::Forbidden | Code::NotFound => Label::new(
            "发起人已没有导入权限，导入已停止",
            "Whoever started the import may no longer import, so the import was stopped",
        ),
        code => {
            let told =
                problem.detail.clone().or_else(|| problem.faults.first().map(|fault| fault.message.clone()));
            told.unwrap_or_else(|| code.title())
        }
    }
}
