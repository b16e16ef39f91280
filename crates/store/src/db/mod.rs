//! Opening a database and running jobs on it.
//!
//! A job is a synchronous closure over a `Conn`. Reads run on one of a few connections, each seeing one
//! snapshot; writes run in one transaction, on SQLite through its only writer (`writer`), on PostgreSQL
//! on a pooled connection with retries. The async calls hand the closure to a blocking thread; the
//! `…_blocking` ones run it where they are and must not be called from async code.

pub(crate) mod conn;
mod job;
mod merging;
mod pending;
mod pool;
pub(crate) mod postgres;
mod postgres_types;
pub(crate) mod sqlite;
mod threads;
#[cfg(not(feature = "bench"))]
mod unmeasured;
mod writer;

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use crate::clock::{Clock, SystemClock};
use crate::ids::IdSource;
use crate::{Dialect, StoreError, system};
use conn::Conn;
pub(crate) use conn::Db;
use job::{WriteJob, caught, run_effects};
use pending::Pending;
use pool::Pool;
use postgres::{Mode, PgConn, PgSettings};
use sqlite::{Role, SqliteConn};
use writer::{Gate, Writer, WriterParts};

/// How often a PostgreSQL write is tried when it collides with others.
const ATTEMPTS: u32 = 5;
/// How long a job waits for a free connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the database is. `Debug` hides the password.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder with `huike.db`.
    Sqlite { folder: PathBuf },
    /// `postgres://user:password@host/database`; `?options=-csearch_path%3Dx` chooses a schema.
    Postgres { url: String },
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite { folder } => write!(f, "sqlite:{}", folder.display()),
            Self::Postgres { .. } => f.write_str("postgres:…"),
        }
    }
}

impl Location {
    /// `postgres://…` and `postgresql://…` are PostgreSQL; `sqlite:DIR` and everything else is a folder.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Self::Postgres { url: text.to_owned() };
        }
        let folder = text.strip_prefix("sqlite://").or(text.strip_prefix("sqlite:")).unwrap_or(text);
        Self::Sqlite { folder: folder.into() }
    }
}

#[derive(Clone)]
pub struct Options {
    /// Connections for reading on SQLite; more than a few make each other's caches cold.
    pub readers: usize,
    /// Connections to PostgreSQL.
    pub pool_size: usize,
    /// A statement that runs longer answers `StoreError::Timeout`.
    pub statement_timeout: Option<Duration>,
    /// SQLite page cache per connection.
    pub cache_kib: u32,
    /// SQLite memory map. On: reads alone 1.4–2.4 times faster; off: up to 1.7 times more writes in a mix.
    pub mmap_bytes: u64,
    /// The length of SQLite's log at which it is copied into the database.
    pub wal_limit_bytes: u64,
    /// After so long without a write SQLite's caches and the file of its log go back to the system.
    pub quiet_after: Duration,
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 3,
            pool_size: 16,
            statement_timeout: Some(Duration::from_secs(30)),
            cache_kib: 16 * 1024,
            mmap_bytes: 0,
            wal_limit_bytes: 128 << 20,
            quiet_after: Duration::from_secs(15),
            clock: Arc::new(SystemClock),
        }
    }
}

/// An open database. Clones share it; the last one closes it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    dialect: Dialect,
    options: Arc<Options>,
    ids: Arc<IdSource>,
    pool: Arc<Pool<Conn>>,
    /// Bounds the blocking threads that async jobs take.
    permits: Arc<Semaphore>,
    place: Place,
}

enum Place {
    // Fields drop in order: the writer ends before the folder is released.
    Sqlite { writer: Writer, file: PathBuf, gate: Arc<Gate>, _lock: File },
    Postgres { settings: Arc<PgSettings>, pending: Pending },
}

impl Store {
    /// Opens the database and brings its system tables up to date.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be reached, or when another process has the folder open.
    pub async fn open(location: Location, options: Options) -> Result<Self, StoreError> {
        let opened = tokio::task::spawn_blocking(move || Self::open_blocking(&location, options)).await;
        opened.unwrap_or(Err(StoreError::Panicked))
    }

    /// Like `open`, outside of async code.
    pub fn open_blocking(location: &Location, options: Options) -> Result<Self, StoreError> {
        let options = Arc::new(options);
        let ids = Arc::new(IdSource::new(options.clock.clone()));
        let (dialect, size) = match location {
            Location::Sqlite { .. } => (Dialect::Sqlite, options.readers.max(1)),
            Location::Postgres { .. } => (Dialect::Postgres, options.pool_size.max(1)),
        };
        let pool = Arc::new(Pool::new(size));
        let place = match location {
            Location::Sqlite { folder } => open_folder(folder, &options, &ids, &pool)?,
            Location::Postgres { url } => {
                let settings = Arc::new(PgSettings::new(url, &options)?);
                Place::Postgres { pending: Pending::start(settings.clone())?, settings }
            }
        };
        let permits = Arc::new(Semaphore::new(size));
        let store = Self(Arc::new(Inner { dialect, options, ids, pool, permits, place }));
        system::migrate(&store)?;
        Ok(store)
    }

    /// Runs `f` on a database as it lies there: nothing is locked, brought up to date or written.
    ///
    /// # Errors
    /// `Unavailable` when there is none; what `f` fails with.
    pub fn read_copy<R, E: From<StoreError>>(
        location: &Location,
        f: impl FnOnce(&mut Conn) -> Result<R, E>,
    ) -> Result<R, E> {
        let options = Arc::new(Options::default());
        let db = match location {
            Location::Sqlite { folder } => {
                Db::Sqlite(Box::new(SqliteConn::open(&folder.join("huike.db"), Role::Copy, &options)?))
            }
            Location::Postgres { url } => {
                Db::Postgres(Box::new(PgConn::open(Arc::new(PgSettings::new(url, &options)?))?))
            }
        };
        let mut conn = Conn::new(db, Arc::new(IdSource::new(options.clock.clone())), options);
        conn.begin_read()?;
        let done = caught(|| f(&mut conn));
        conn.end_read();
        done
    }

    pub fn dialect(&self) -> Dialect {
        self.0.dialect
    }

    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.options.clock
    }

    /// Runs `f` on a connection for reading; all its statements see one snapshot.
    pub async fn read<R, E>(&self, f: impl FnOnce(&mut Conn) -> Result<R, E> + Send + 'static) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.on_thread(move |inner, answer| inner.read(f, answer)).await
    }

    /// Runs `f` in one transaction and commits it when it succeeds. `f` may run more than once: when it
    /// collides with others it is rolled back and repeated.
    pub async fn write<R, E>(&self, f: impl FnMut(&mut Conn) -> Result<R, E> + Send + 'static) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.0.place {
            Place::Sqlite { writer, .. } => {
                let (answer, answered) = oneshot::channel();
                let answer = move |done| drop(answer.send(done));
                writer.submit(Box::new(WriteJob { job: f, done: None, effects: Vec::new(), answer }));
                answered.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
            }
            Place::Postgres { .. } => {
                self.on_thread(move |inner, answer| answer(inner.write_postgres(f))).await
            }
        }
    }

    /// Like `read`, on the calling thread. Not for async code.
    pub fn read_blocking<R, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut done = None;
        self.0.read(f, |answer| done = Some(answer));
        done.unwrap_or_else(|| Err(StoreError::Panicked.into()))
    }

    /// Like `write`, waiting on the calling thread. Not for async code.
    pub fn write_blocking<R, E>(
        &self,
        f: impl FnMut(&mut Conn) -> Result<R, E> + Send + 'static,
    ) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.0.place {
            Place::Sqlite { writer, .. } => {
                let (answer, answered) = std::sync::mpsc::sync_channel(1);
                let answer = move |done| drop(answer.send(done));
                writer.submit(Box::new(WriteJob { job: f, done: None, effects: Vec::new(), answer }));
                answered.recv().unwrap_or_else(|_| Err(StoreError::Panicked.into()))
            }
            Place::Postgres { .. } => self.0.write_postgres(f),
        }
    }

    /// The tables that ids are leased from exist from now on.
    pub(crate) fn migrated(&self) {
        self.0.ids.activate();
    }

    async fn on_thread<R, E, F>(&self, run: F) -> Result<R, E>
    where
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&Inner, Box<dyn FnOnce(Result<R, E>) + Send>) + Send + 'static,
    {
        // The semaphore is never closed.
        let permit = self.0.permits.clone().acquire_owned().await.ok();
        let inner = self.0.clone();
        let (answer, answered) = oneshot::channel();
        tokio::task::spawn_blocking(move || {
            run(&inner, Box::new(move |done| drop(answer.send(done))));
            drop(permit);
        });
        answered.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }
}

impl Inner {
    fn connect(&self) -> Result<Conn, StoreError> {
        let db = match &self.place {
            Place::Sqlite { file, .. } => {
                Db::Sqlite(Box::new(SqliteConn::open(file, Role::Reader, &self.options)?))
            }
            Place::Postgres { settings, .. } => Db::Postgres(Box::new(PgConn::open(settings.clone())?)),
        };
        Ok(Conn::new(db, self.ids.clone(), self.options.clone()))
    }

    /// Runs a read and answers it before the connection is tidied up.
    fn read<R, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<R, E>,
        answer: impl FnOnce(Result<R, E>),
    ) {
        let mut conn = match self.pool.take(PATIENCE, || self.connect()) {
            Ok(conn) => conn,
            Err(error) => return answer(Err(error.into())),
        };
        let pass = match &self.place {
            Place::Sqlite { gate, .. } => Some(gate.read()),
            Place::Postgres { .. } => None,
        };
        let usable = match conn.begin_read() {
            Ok(()) => {
                answer(caught(|| f(&mut conn)));
                conn.take_effects();
                conn.end_read()
            }
            Err(error) => {
                answer(Err(error.into()));
                false
            }
        };
        drop(pass);
        self.pool.give(usable.then_some(conn));
    }

    fn write_postgres<R, E: From<StoreError>>(
        &self,
        mut f: impl FnMut(&mut Conn) -> Result<R, E>,
    ) -> Result<R, E> {
        let Place::Postgres { settings, pending } = &self.place else {
            return Err(StoreError::misuse("SQLite writes through its only writer").into());
        };
        let mut conn = self.pool.take(PATIENCE, || self.connect())?;
        let mut attempt = 1;
        let done = loop {
            let done = match self.lease(&mut conn) {
                Ok(()) => write_once(&mut conn, &mut f),
                Err(error) => Err(error.into()),
            };
            let broken = conn.lost();
            // A connection that broke before COMMIT was sent has changed nothing.
            let again =
                done.is_err() && (conn.conflict() || (broken && conn.before_commit() && attempt == 1));
            if !again || attempt >= ATTEMPTS {
                break done;
            }
            if broken {
                match PgConn::open(settings.clone()) {
                    Ok(fresh) => conn.db = Db::Postgres(Box::new(fresh)),
                    Err(_) => break done,
                }
            }
            conn.pause(attempt);
            attempt += 1;
        };
        if done.is_ok() && conn.has_indexed() {
            pending.tell();
        }
        let usable = !conn.lost();
        self.pool.give(usable.then_some(conn));
        done
    }

    /// Renews this node's lease on its number, in a transaction of its own.
    fn lease(&self, conn: &mut Conn) -> Result<(), StoreError> {
        if !self.ids.lease_is_short() {
            return Ok(());
        }
        let ids = &self.ids;
        let lease = write_once(conn, &mut |conn: &mut Conn| ids.renew(conn))?;
        ids.install(lease);
        Ok(())
    }
}

fn write_once<R, E: From<StoreError>>(
    conn: &mut Conn,
    f: &mut impl FnMut(&mut Conn) -> Result<R, E>,
) -> Result<R, E> {
    conn.start(Mode::Write);
    let done = caught(|| f(conn));
    let effects = conn.take_effects();
    match done {
        Ok(_) if conn.failed() => {
            conn.end_write(false)?;
            Err(StoreError::Aborted.into())
        }
        Ok(value) => {
            conn.end_write(true)?;
            run_effects(effects);
            Ok(value)
        }
        Err(error) => {
            // When even this fails the connection is lost, and thrown away by the caller.
            if let Err(rollback) = conn.end_write(false) {
                tracing::warn!(error = %rollback, "rollback failed");
            }
            Err(error)
        }
    }
}

fn open_folder(
    folder: &Path,
    options: &Arc<Options>,
    ids: &Arc<IdSource>,
    pool: &Arc<Pool<Conn>>,
) -> Result<Place, StoreError> {
    let denied = |what: &str, e: &std::io::Error| StoreError::unavailable(format!("{what}: {}", e.kind()));
    std::fs::create_dir_all(folder).map_err(|e| denied("the data folder cannot be made", &e))?;
    let lock = lock_folder(&folder.join("huike.lock"))?;
    let file = folder.join("huike.db");
    let writer = Db::Sqlite(Box::new(SqliteConn::open(&file, Role::Writer, options)?));
    let gate = Arc::new(Gate::new(()));
    let writer = Writer::start(WriterParts {
        conn: Conn::new(writer, ids.clone(), options.clone()),
        checkpointer: SqliteConn::open(&file, Role::Checkpointer, options)?,
        gate: gate.clone(),
        ids: ids.clone(),
        wal_limit_bytes: options.wal_limit_bytes,
        quiet_after: options.quiet_after,
        pool: pool.clone(),
    })?;
    Ok(Place::Sqlite { writer, file, gate, _lock: lock })
}

/// Two processes on one folder would each count transactions for themselves. The system releases the
/// lock when its process ends, however it ends.
fn lock_folder(path: &Path) -> Result<File, StoreError> {
    let failed = |e: &std::io::Error| StoreError::unavailable(format!("{}: {}", path.display(), e.kind()));
    let open = File::options().read(true).write(true).create(true).truncate(false).open(path);
    let mut file = open.map_err(|e| failed(&e))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Only to name the holder; the message stands without it.
            let _ = file.read_to_string(&mut holder);
            return Err(StoreError::unavailable(format!(
                "process {} has {} open",
                if holder.is_empty() { "?" } else { holder.trim() },
                path.parent().unwrap_or(path).display()
            )));
        }
        Err(std::fs::TryLockError::Error(e)) => return Err(failed(&e)),
    }
    let write = |file: &mut File| -> std::io::Result<()> {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(|e| failed(&e))?;
    Ok(file)
}
