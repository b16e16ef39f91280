//! One job of the SQLite writer: run inside a shared transaction, answered after its commit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::StoreError;
use crate::db::conn::{Conn, Effect};

/// A write job without its types, so that jobs of all kinds stand in one queue.
pub(crate) trait Job: Send {
    /// Runs the job; whether what it wrote may stay.
    fn run(&mut self, conn: &mut Conn) -> bool;
    /// Answers the caller: what the job returned, or why it was not kept.
    fn answer(self: Box<Self>, kept: Result<(), StoreError>);
}

pub(crate) struct WriteJob<F, R, E, A> {
    pub(crate) job: F,
    pub(crate) done: Option<Result<R, E>>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) answer: A,
}

impl<F, R, E, A> Job for WriteJob<F, R, E, A>
where
    F: FnMut(&mut Conn) -> Result<R, E> + Send,
    R: Send,
    E: From<StoreError> + Send,
    A: FnOnce(Result<R, E>) + Send,
{
    fn run(&mut self, conn: &mut Conn) -> bool {
        let done = caught(|| (self.job)(conn));
        self.effects = conn.take_effects();
        let done = match done {
            Ok(_) if conn.failed() => Err(StoreError::Aborted.into()),
            done => done,
        };
        let kept = done.is_ok();
        self.done = Some(done);
        kept
    }

    fn answer(self: Box<Self>, kept: Result<(), StoreError>) {
        let done = match (self.done, kept) {
            (Some(Ok(value)), Ok(())) => {
                run_effects(self.effects);
                Ok(value)
            }
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(_)) | None, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(StoreError::Panicked.into()),
        };
        (self.answer)(done);
    }
}

/// Turns a panic of a job into an error: its transaction is rolled back and the thread lives on.
pub(crate) fn caught<R, E: From<StoreError>>(f: impl FnOnce() -> Result<R, E>) -> Result<R, E> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_| Err(StoreError::Panicked.into()))
}

pub(crate) fn run_effects(effects: Vec<Effect>) {
    for effect in effects {
        if catch_unwind(AssertUnwindSafe(effect)).is_err() {
            tracing::error!("an effect after a commit panicked");
        }
    }
}
