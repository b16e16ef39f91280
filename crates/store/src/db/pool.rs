//! A fixed number of connections that jobs take in turn.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::StoreError;

/// Connections are opened when first needed and closed only when broken.
pub(crate) struct Pool<T> {
    state: Mutex<State<T>>,
    freed: Condvar,
    size: usize,
}

struct State<T> {
    idle: Vec<T>,
    open: usize,
}

impl<T> Pool<T> {
    pub(crate) fn new(size: usize) -> Self {
        Self { state: Mutex::new(State { idle: Vec::new(), open: 0 }), freed: Condvar::new(), size }
    }

    /// Takes an idle connection, opens one while fewer than `size` are open, or waits for one.
    pub(crate) fn take(
        &self,
        patience: Duration,
        open: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = self.state.lock();
        loop {
            if let Some(connection) = state.idle.pop() {
                return Ok(connection);
            }
            if state.open < self.size {
                state.open += 1;
                drop(state);
                return open().inspect_err(|_| self.give(None));
            }
            if self.freed.wait_for(&mut state, patience).timed_out() {
                return Err(StoreError::unavailable("every database connection is busy"));
            }
        }
    }

    /// Does something with every connection that nobody uses now; whoever wants one waits meanwhile.
    pub(crate) fn each_idle(&self, done: impl FnMut(&mut T)) {
        self.state.lock().idle.iter_mut().for_each(done);
    }

    /// Returns a connection, or with `None` the place of one that broke.
    pub(crate) fn give(&self, connection: Option<T>) {
        let mut state = self.state.lock();
        match connection {
            Some(connection) => state.idle.push(connection),
            None => state.open -= 1,
        }
        drop(state);
        self.freed.notify_one();
    }
}
