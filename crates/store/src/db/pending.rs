//! What PostgreSQL's search indexes have pending.
//!
//! An inverted index takes a new document by a hundred words, each in a page of its own. PostgreSQL can put them on a list instead and sort
//! many documents in together (`fastupdate`, "GIN Fast Update Technique" in its manual), which takes less than half the time; but a search
//! reads the list, and whoever makes it full sorts it in while somebody waits for them. So the list may grow, and a thread of its own sorts
//! it in a moment after a commit has written to it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::postgres::{PgConn, PgSettings};
use crate::clock::Stopwatch;
use crate::{Dialect, Sql, StoreError};

/// So long words are gathered before they are sorted in.
const GATHERED: Duration = Duration::from_millis(250);
/// After so long without a write the connection is closed.
const QUIET: Duration = Duration::from_secs(60);

/// The thread, and how it is told that indexes of objects were written.
pub(crate) struct Pending {
    written: Option<Sender<BTreeSet<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Pending {
    pub(crate) fn start(settings: Arc<PgSettings>) -> Result<Self, StoreError> {
        let (written, told) = channel();
        let thread = std::thread::Builder::new()
            .name("huike-search".to_owned())
            .spawn(move || sort_in(&settings, &told))
            .map_err(|e| StoreError::unavailable(format!("no thread for the database: {}", e.kind())))?;
        Ok(Self { written: Some(written), thread: Some(thread) })
    }

    /// Committed documents of these objects are on their lists.
    pub(crate) fn tell(&self, objects: BTreeSet<String>) {
        if let Some(written) = &self.written
            && !objects.is_empty()
        {
            // The thread ends when this does, not before.
            let _ = written.send(objects);
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.written = None;
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("a database thread had panicked");
        }
    }
}

fn sort_in(settings: &Arc<PgSettings>, told: &Receiver<BTreeSet<String>>) {
    let mut conn: Option<PgConn> = None;
    // A process that was killed may have left something on the list of any object.
    let mut left_over = true;
    while let Some(objects) = next(told, &mut conn) {
        match sorted_in(settings, conn.take(), (!left_over).then_some(&objects)) {
            Ok(usable) => {
                conn = Some(usable);
                left_over = false;
            }
            // The next commit leads here again; until then searches read the list.
            Err(error) => tracing::warn!(%error, "what a search index has pending can't be sorted in"),
        }
    }
}

/// What was written within a moment; nothing when the store is closed.
fn next(told: &Receiver<BTreeSet<String>>, conn: &mut Option<PgConn>) -> Option<BTreeSet<String>> {
    let mut objects = match told.recv_timeout(QUIET) {
        Err(RecvTimeoutError::Timeout) => {
            *conn = None;
            told.recv().ok()?
        }
        answer => answer.ok()?,
    };
    let watch = Stopwatch::start();
    while let Some(left) = GATHERED.checked_sub(watch.elapsed()) {
        match told.recv_timeout(left) {
            Ok(more) => objects.extend(more),
            Err(RecvTimeoutError::Timeout) => break,
            // Whoever closes need not wait: the list is no worse for lying there.
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    Some(objects)
}

/// Sorts the lists of these objects in, of all when none are named. Each is a transaction of its own without a number, so that nobody who
/// reads the log in its order waits for it.
fn sorted_in(
    settings: &Arc<PgSettings>,
    conn: Option<PgConn>,
    objects: Option<&BTreeSet<String>>,
) -> Result<PgConn, StoreError> {
    let mut conn = match conn {
        Some(conn) => conn,
        None => {
            let mut conn = PgConn::open(settings.clone())?;
            conn.control("set statement_timeout = 0")?;
            conn
        }
    };
    let Some(objects) = objects else {
        conn.query(&Sql::raw(
            "select gin_clean_pending_list(i.oid) from pg_class i join pg_am a on a.oid = i.relam \
             where a.amname = 'gin' and i.relname like 'search\\_%' \
             and i.relnamespace = cast(current_schema() as regnamespace)",
        ))?;
        return Ok(conn);
    };
    for object in objects {
        let index = Dialect::Postgres.search_words(object)?;
        conn.query(&Sql::with(
            "select gin_clean_pending_list(cast(cast($1 as text) as regclass))",
            [index.into()],
        )?)?;
    }
    Ok(conn)
}
