//! The running whole.

use crate::access::Org;
use crate::collision::presence::Presence;
use crate::dictionary;
use crate::error::{EngineError, Result};
use crate::imports::Imports;
use crate::jobs::Events;
use crate::keys::Keys;
use crate::lifecycle;
use crate::obligations::{self, Gauges, Notices};
use crate::pool;
use crate::records::ahead::Ahead;
use crate::records::insert::Shapes;
use crate::records::key_index::Moving;
use crate::records::reads::Reads;
use crate::records::rekey;
use crate::session::Live;
use arc_swap::ArcSwap;
use huike_courier::Outbound;
use huike_model::Schema;
use huike_store::{Clock, Conn, Store};
use huike_vault::keys::KeyRing;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What an engine is made of.
pub struct Options {
    pub store: Store,
    pub keys: KeyRing,
    /// Where uploaded and exported files live.
    pub files: PathBuf,
}

/// Database, dictionary, people, keys and clock. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    schema: ArcSwap<Schema>,
    org: ArcSwap<Org>,
    keys: Arc<Keys>,
    events: Events,
    live: Live,
    imports: Imports,
    reads: Reads,
    shapes: Shapes,
    keys_moving: Moving,
    numbers_ahead: Ahead,
    files: PathBuf,
    gauges: Arc<Gauges>,
    notices: Notices,
    presence: Presence,
    failpoints: Failpoints,
    /// How often the dictionary or the people changed in a transaction of this node, and up to which of these changes they were read anew.
    changed: AtomicU64,
    renewed: AtomicU64,
    /// One reads them anew at a time: what was read later is not replaced by what was read before it.
    renewing: Mutex<()>,
    /// Where messages may go, and where the pages stand.
    outbound: ArcSwap<(Outbound, String)>,
}

/// What is asked at a place where the work may be made to die.
type Failpoint = Box<dyn FnMut(&'static str) -> bool + Send>;

/// Nothing dies but in a simulation.
#[derive(Default)]
struct Failpoints(parking_lot::Mutex<Option<Failpoint>>);

impl Engine {
    /// Opens the company: brings the tables to the dictionary's shape and loads what every request needs.
    ///
    /// # Errors
    /// The database's; a dictionary that can't stand; a master key that doesn't open the database.
    pub fn open(options: Options) -> Result<Engine> {
        let Options { store, keys, files } = options;
        let schema = store.write_blocking(dictionary::bring_up)?;
        let keys = parking_lot::Mutex::new(Some(keys));
        let keys = store.write_blocking(move |conn| match keys.lock().take() {
            Some(ring) => Keys::open(conn, ring),
            None => Err(EngineError::internal("opening the keys was interrupted; start again")),
        })?;
        store.write_blocking(obligations::seed)?;
        store.write_blocking(pool::seed)?;
        store.write_blocking(lifecycle::seed)?;
        store.write_blocking(rekey::begin)?;
        let org = store.read_blocking(Org::load)?;
        Ok(Engine {
            inner: Arc::new(Inner {
                store,
                schema: ArcSwap::from_pointee(schema),
                org: ArcSwap::from_pointee(org),
                keys: Arc::new(keys),
                events: Events::default(),
                live: Live::default(),
                imports: Imports::default(),
                reads: Reads::default(),
                shapes: Shapes::default(),
                keys_moving: Moving::default(),
                numbers_ahead: Ahead::default(),
                files,
                gauges: Arc::default(),
                notices: Notices::default(),
                presence: Presence::default(),
                failpoints: Failpoints::default(),
                changed: AtomicU64::new(0),
                renewed: AtomicU64::new(0),
                renewing: Mutex::default(),
                outbound: ArcSwap::default(),
            }),
        })
    }

    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    pub fn now(&self) -> i64 {
        self.clock().now_ms()
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.inner.store.clock()
    }

    pub fn schema(&self) -> Arc<Schema> {
        self.inner.schema.load_full()
    }

    pub fn org(&self) -> Arc<Org> {
        self.inner.org.load_full()
    }

    pub fn keys(&self) -> &Arc<Keys> {
        &self.inner.keys
    }

    pub fn reads(&self) -> &Reads {
        &self.inner.reads
    }

    pub(crate) fn numbers_ahead(&self) -> &Ahead {
        &self.inner.numbers_ahead
    }

    pub(crate) fn keys_moving(&self) -> &Moving {
        &self.inner.keys_moving
    }

    pub(crate) fn shapes(&self) -> &Shapes {
        &self.inner.shapes
    }

    pub fn events(&self) -> &Events {
        &self.inner.events
    }

    /// What this node remembers about signing in.
    pub fn live(&self) -> &Live {
        &self.inner.live
    }

    /// What this node does for imports.
    pub fn imports(&self) -> &Imports {
        &self.inner.imports
    }

    /// How far the scheduler is behind, as this node last saw it.
    pub fn gauges(&self) -> Arc<Gauges> {
        self.inner.gauges.clone()
    }

    /// Where people's new notifications are told.
    pub fn notices(&self) -> &Notices {
        &self.inner.notices
    }

    /// Who is at which record on this node.
    pub fn presence(&self) -> &Presence {
        &self.inner.presence
    }

    /// From now on background work dies wherever `dies` says so, as if the process had been killed there: for simulations.
    pub fn set_failpoints(&self, dies: impl FnMut(&'static str) -> bool + Send + 'static) {
        *self.inner.failpoints.0.lock() = Some(Box::new(dies));
    }

    /// A place where background work may die.
    ///
    /// # Errors
    /// When a simulation says so.
    pub(crate) fn failpoint(&self, at: &'static str) -> Result<()> {
        match self.inner.failpoints.0.lock().as_mut().is_some_and(|dies| dies(at)) {
            true => Err(huike_store::StoreError::unavailable(format!("killed at {at}")).into()),
            false => Ok(()),
        }
    }

    /// Names the hosts outside that may be talked to besides the providers' own, and the address under which people open the pages.
    pub fn open_outside(&self, outbound: Outbound, address: String) {
        self.inner.outbound.store(Arc::new((outbound, address)));
    }

    /// The hosts, and the address of the pages (empty when nobody said).
    pub(crate) fn outside(&self) -> Arc<(Outbound, String)> {
        self.inner.outbound.load_full()
    }

    pub fn files(&self) -> &PathBuf {
        &self.inner.files
    }

    /// For a transaction that changes the dictionary, the people or what is kept with them: once it is committed these count as changed, and
    /// [`Engine::write`] reads them anew before it answers.
    pub fn renew_after(&self, conn: &mut Conn) {
        let engine = self.clone();
        conn.after_commit(Box::new(move || engine.mark_stale()));
    }

    /// As [`Engine::renew_after`], when the commit is over already.
    pub fn mark_stale(&self) {
        self.inner.changed.fetch_add(1, Ordering::AcqRel);
    }

    /// Reads the dictionary and the people anew.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub async fn renew(&self) -> Result<()> {
        let engine = self.clone();
        self.inner.store.read(move |conn| engine.renew_from(conn)).await
    }

    /// As [`Engine::renew`], for the command line and background threads.
    ///
    /// # Errors
    /// As [`Engine::renew`].
    pub fn renew_blocking(&self) -> Result<()> {
        self.inner.store.read_blocking(|conn| self.renew_from(conn))
    }

    fn renew_from(&self, conn: &mut Conn) -> Result<()> {
        let _turn = self.inner.renewing.lock();
        let changed = self.inner.changed.load(Ordering::Acquire);
        if dictionary::version(conn)? > self.inner.schema.load().version {
            self.inner.schema.store(Arc::new(dictionary::load(conn)?));
        }
        self.inner.org.store(Arc::new(Org::load(conn)?));
        self.inner.renewed.store(changed, Ordering::Release);
        Ok(())
    }

    /// Runs `work` on a reader: one consistent snapshot.
    ///
    /// # Errors
    /// What `work` fails with.
    pub async fn read<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        self.inner.store.read(work).await
    }

    /// Runs `work` in one transaction; it may run again when the database asks for it, so it changes nothing but the database.
    ///
    /// # Errors
    /// What `work` fails with; then nothing of it is kept.
    pub async fn write<R: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn) -> Result<R> + Send + 'static,
    ) -> Result<R> {
        let done = self.inner.store.write(work).await;
        // Whoever comes while another reads waits for its own turn: the answer to a change is never ahead of its effect.
        if self.inner.renewed.load(Ordering::Acquire) < self.inner.changed.load(Ordering::Acquire) {
            self.renew().await?;
        }
        done
    }
}
