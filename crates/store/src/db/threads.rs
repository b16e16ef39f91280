//! Threads of the store: begun with a name, waited for when it closes.

use std::thread::JoinHandle;

use crate::StoreError;

pub(crate) fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(run);
    spawned.map_err(|e| StoreError::unavailable(format!("no thread for the database: {}", e.kind())))
}

/// Waits for the end of these threads, which are told to end. An effect may hold the last handle to the store, and a thread cannot wait for
/// itself: then for none.
pub(crate) fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    let threads: Vec<JoinHandle<()>> = threads.into_iter().collect();
    let me = std::thread::current().id();
    if threads.iter().any(|thread| thread.thread().id() == me) {
        return;
    }
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a database thread had panicked");
        }
    }
}
