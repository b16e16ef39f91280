//! What PostgreSQL's search indexes have pending.
//!
//! An inverted index takes a new document by a hundred words, each in a page of its own. PostgreSQL can put them on a list instead and sort
//! many documents in together (`fastupdate`, "GIN Fast Update Technique" in its manual), which takes less than half the time; but a search
//! reads the list, and whoever makes it full sorts it in while somebody waits for them. So the list may grow, and a thread of its own sorts
//! it in a moment after a commit has written to it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::postgres::{PgConn, PgSettings};
use super::threads;
use crate::clock::Stopwatch;
use crate::dialect::SEARCH_INDEXES;
use crate::{Sql, StoreError};

/// So long words are gathered before they are sorted in.
const GATHERED: Duration = Duration::from_millis(250);
/// While more comes than is sorted in so quickly, they are gathered for this many times as long as it took: words that many documents have
/// are then sorted in once for all of these. An import spends a fifth less on it, and a search meanwhile reads a longer list.
const REST: u32 = 3;
const LONGEST: Duration = Duration::from_secs(1);
/// After so long without a write the connection is closed.
const QUIET: Duration = Duration::from_secs(60);

/// The thread, and how it is told that there is something on the lists.
pub(crate) struct Pending {
    written: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Pending {
    pub(crate) fn start(settings: Arc<PgSettings>) -> Result<Self, StoreError> {
        let (written, told) = channel();
        // Whoever was here before has left some: until they are sorted in, every search reads them.
        let _ = written.send(());
        let thread = threads::start("huike-search", move || sort_in(&settings, &told))?;
        Ok(Self { written: Some(written), thread: Some(thread) })
    }

    /// Committed documents have words on the lists.
    pub(crate) fn tell(&self) {
        if let Some(written) = &self.written {
            // The thread ends when this does, not before.
            let _ = written.send(());
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.written = None;
        threads::join(self.thread.take());
    }
}

fn sort_in(settings: &Arc<PgSettings>, told: &Receiver<()>) {
    let mut conn: Option<PgConn> = None;
    let mut gathered = GATHERED;
    while wait(told, &mut conn, gathered) {
        let watch = Stopwatch::start();
        match sorted_in(settings, conn.take()) {
            Ok(usable) => conn = Some(usable),
            // The next commit leads here again; until then searches read the lists.
            Err(error) => tracing::warn!(%error, "what the search indexes have pending can't be sorted in"),
        }
        gathered = (watch.elapsed() * REST).clamp(GATHERED, LONGEST);
    }
}

/// Waits until a moment after something was written; false when the store is closed.
fn wait(told: &Receiver<()>, conn: &mut Option<PgConn>, gathered: Duration) -> bool {
    let first = match told.recv_timeout(QUIET) {
        Err(RecvTimeoutError::Timeout) => {
            *conn = None;
            told.recv().is_ok()
        }
        answer => answer.is_ok(),
    };
    let watch = Stopwatch::start();
    while first && let Some(left) = gathered.checked_sub(watch.elapsed()) {
        match told.recv_timeout(left) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => break,
            // Whoever closes need not wait: whoever opens next sorts in what lies there.
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    first
}

/// Sorts the lists of all indexes in: an empty one costs a look at its first page, and one that a killed process has left is found. The
/// transaction has no number, so that nobody who reads the log in its order waits for it.
fn sorted_in(settings: &Arc<PgSettings>, conn: Option<PgConn>) -> Result<PgConn, StoreError> {
    let mut conn = match conn {
        Some(conn) => conn,
        None => {
            let mut conn = PgConn::open(settings.clone())?;
            conn.control("set statement_timeout = 0")?;
            conn
        }
    };
    conn.query(&Sql::raw(format!("select gin_clean_pending_list(i.oid) from {SEARCH_INDEXES}")))?;
    Ok(conn)
}
