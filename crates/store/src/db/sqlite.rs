//! One SQLite connection: settings, statements, rows, errors.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef as SqliteRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::clock::Stopwatch;
use crate::db::Options;
use crate::row::Row;
use crate::{Sql, SqlValue, StoreError};

/// Statements kept prepared per connection.
const CACHED_STATEMENTS: usize = 512;
/// How many times as much as a reader the writer holds.
const WRITER_CACHE: u32 = 4;
/// Bytes of a page, and of what stands before it in the log (sqlite.org/walformat.html).
const PAGE: u64 = 4_096;
const FRAME_HEADER: u64 = 24;
/// Virtual machine steps between two looks at the clock: about a millisecond.
const STEPS_PER_LOOK: i32 = 20_000;

pub(crate) struct SqliteConn {
    conn: Connection,
    limit: Arc<Limit>,
    timeout: Option<Duration>,
    /// Frames that the log holds since it was begun anew.
    frames: Arc<AtomicU64>,
    /// Transaction number of the running job, and the last one given out (0: not read yet).
    tx: Option<i64>,
    last_tx: i64,
    writer: bool,
}

/// The moment after which a statement is interrupted, in microseconds of `watch`; 0 is never.
struct Limit {
    watch: Stopwatch,
    until: AtomicU64,
}

impl Limit {
    fn now(&self) -> u64 {
        u64::try_from(self.watch.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Writer,
    Reader,
    /// A reader that leaves no trace: not even the files that readers share.
    Copy,
    Checkpointer,
}

impl SqliteConn {
    pub(crate) fn open(file: &Path, role: Role, options: &Options) -> Result<Self, StoreError> {
        Self::open_raw(file, role, options).map_err(|e| plain_error(&e))
    }

    fn open_raw(file: &Path, role: Role, options: &Options) -> rusqlite::Result<Self> {
        let access = match role {
            Role::Reader | Role::Copy => OpenFlags::SQLITE_OPEN_READ_ONLY,
            _ => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        };
        let access = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = if role == Role::Copy && !has_log(file) {
            // Nobody writes it, so nothing need be shared with anybody (sqlite.org/uri.html, "immutable").
            Connection::open_with_flags(unchanging(file), access | OpenFlags::SQLITE_OPEN_URI)?
        } else {
            Connection::open_with_flags(file, access)?
        };
        conn.busy_timeout(match role {
            Role::Checkpointer => Duration::from_millis(100),
            _ => Duration::from_secs(5),
        })?;
        conn.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        keep_plans(&conn)?;
        if role == Role::Writer {
            conn.pragma_update(None, "journal_mode", "WAL")?;
        }
        if !matches!(role, Role::Reader | Role::Copy) {
            conn.pragma_update(None, "synchronous", "FULL")?;
            conn.pragma_update(None, "wal_autocheckpoint", 0)?;
            conn.pragma_update(None, "foreign_keys", true)?;
        }
        conn.pragma_update(None, "trusted_schema", false)?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        // New entries go all over the indexes: what the writer doesn't hold it reads from the file for every one of them.
        let cache = if role == Role::Writer { WRITER_CACHE * options.cache_kib } else { options.cache_kib };
        conn.pragma_update(None, "cache_size", -i64::from(cache))?;
        conn.pragma_update(None, "mmap_size", options.mmap_bytes as i64)?;
        let frames = Arc::new(AtomicU64::new(0));
        if role == Role::Writer {
            // Reused in place, the log costs neither new pages of the cache nor new blocks of the disk; what a large job left goes back.
            let kept = i64::try_from(options.wal_limit_bytes).unwrap_or(i64::MAX).saturating_mul(4);
            conn.pragma_update(None, "journal_size_limit", kept)?;
            let frames = frames.clone();
            conn.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, now: std::ffi::c_int| {
                frames.store(u64::try_from(now).unwrap_or(0), Ordering::Relaxed);
                Ok(())
            }))?;
        }
        let limit = Arc::new(Limit { watch: Stopwatch::start(), until: AtomicU64::new(0) });
        if options.statement_timeout.is_some() {
            let limit = limit.clone();
            conn.progress_handler(
                STEPS_PER_LOOK,
                Some(move || {
                    let until = limit.until.load(Ordering::Relaxed);
                    until != 0 && limit.now() > until
                }),
            )?;
        }
        let timeout = options.statement_timeout;
        Ok(Self { conn, limit, timeout, frames, tx: None, last_tx: 0, writer: role == Role::Writer })
    }

    pub(crate) fn query(&mut self, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        let mut rows: Vec<Row> = Vec::new();
        self.visit(sql, |raw, columns| {
            let mut row = rows.last().map_or_else(Row::default, Row::with_room_of);
            fill(&mut row, raw, columns)?;
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    pub(crate) fn query_each(
        &mut self,
        sql: &Sql,
        f: &mut dyn FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut row = Row::default();
        self.visit(sql, |raw, columns| {
            row.clear();
            fill(&mut row, raw, columns)?;
            f(&row)
        })
    }

    fn visit(
        &mut self,
        sql: &Sql,
        mut f: impl FnMut(&rusqlite::Row<'_>, usize) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.start_limit();
        let mut statement = self.bound(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.raw_query();
        loop {
            match rows.next() {
                Ok(Some(raw)) => f(raw, columns)?,
                Ok(None) => return Ok(()),
                Err(e) => return Err(self.error(&e)),
            }
        }
    }

    pub(crate) fn execute(&mut self, sql: &Sql) -> Result<u64, StoreError> {
        self.start_limit();
        let changed = self.bound(sql)?.raw_execute();
        changed.map(|n| n as u64).map_err(|e| self.error(&e))
    }

    /// One row per element of `rows`, through one prepared statement.
    pub(crate) fn execute_many(&mut self, text: &str, rows: &[Vec<SqlValue>]) -> Result<u64, StoreError> {
        self.start_limit();
        let run = || -> rusqlite::Result<u64> {
            let mut statement = self.conn.prepare_cached(text)?;
            let mut changed = 0;
            for row in rows {
                for (i, value) in row.iter().enumerate() {
                    statement.raw_bind_parameter(i + 1, value)?;
                }
                changed += statement.raw_execute()? as u64;
            }
            Ok(changed)
        };
        run().map_err(|e| self.error(&e))
    }

    fn bound(&self, sql: &Sql) -> Result<rusqlite::CachedStatement<'_>, StoreError> {
        let bind = || -> rusqlite::Result<_> {
            let mut statement = self.conn.prepare_cached(sql.text())?;
            if statement.parameter_count() != sql.params().len() {
                return Err(rusqlite::Error::InvalidParameterCount(
                    sql.params().len(),
                    statement.parameter_count(),
                ));
            }
            for (i, value) in sql.params().iter().enumerate() {
                statement.raw_bind_parameter(i + 1, value)?;
            }
            Ok(statement)
        };
        bind().map_err(|e| self.error(&e))
    }

    /// Transaction control, outside the count of failed statements.
    pub(crate) fn control(&mut self, text: &str) -> Result<(), StoreError> {
        self.limit.until.store(0, Ordering::Relaxed);
        let run = || self.conn.prepare_cached(text)?.raw_execute();
        run().map(|_| ()).map_err(|e| self.error(&e))
    }

    /// Rows that were changed since the connection was opened.
    pub(crate) fn total_changes(&self) -> u64 {
        self.conn.total_changes()
    }

    /// Whether SQLite has ended the transaction by itself, as it does when the disk is full.
    pub(crate) fn outside_transaction(&self) -> bool {
        self.conn.is_autocommit()
    }

    /// The number of the running job: one more than the last, counted by the only writer.
    pub(crate) fn tx_number(&mut self) -> Result<i64, StoreError> {
        if let Some(tx) = self.tx {
            return Ok(tx);
        }
        if !self.writer {
            return Err(StoreError::misuse("a read has no transaction number"));
        }
        if self.last_tx == 0 {
            let last = self.query(&Sql::raw(
                "select max(coalesce((select max(tx) from change_log), 0), \
                 coalesce((select max(tx) from log_cursor), 0), \
                 coalesce((select max(tx) from audit_leaf), 0))",
            ))?;
            self.last_tx = last.first().map_or(Ok(0), |row| row.int(0))?;
        }
        self.last_tx += 1;
        self.tx = Some(self.last_tx);
        Ok(self.last_tx)
    }

    pub(crate) fn start_job(&mut self, options: &Options) {
        self.tx = None;
        self.timeout = options.statement_timeout;
    }

    pub(crate) fn allow_long_statements(&mut self) {
        self.timeout = None;
    }

    /// The length of the part of the log that is in use, in bytes.
    pub(crate) fn log_bytes(&self) -> u64 {
        self.frames.load(Ordering::Relaxed) * (PAGE + FRAME_HEADER)
    }

    /// `(frames in the log, frames copied into the database)` after a checkpoint of the given mode,
    /// or `None` when another connection was in the way.
    pub(crate) fn checkpoint(&mut self, mode: &str) -> Result<Option<(i64, i64)>, StoreError> {
        let run = self.conn.query_row(&format!("pragma wal_checkpoint({mode})"), [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        });
        let (busy, frames, copied) = run.map_err(|e| self.error(&e))?;
        Ok((busy == 0).then_some((frames, copied)))
    }

    fn start_limit(&self) {
        let until = self.timeout.map_or(0, |t| self.limit.now() + t.as_micros() as u64);
        self.limit.until.store(until, Ordering::Relaxed);
    }

    fn error(&self, error: &rusqlite::Error) -> StoreError {
        if let rusqlite::Error::SqliteFailure(code, Some(message)) = error
            && is_unique_violation(code.extended_code)
        {
            return StoreError::UniqueViolation { index: self.index_of(message) };
        }
        plain_error(error)
    }

    /// The index behind "UNIQUE constraint failed: t.a, t.b" or "… failed: index 'name'": SQLite names
    /// the index only when it is partial or on an expression, PostgreSQL always.
    fn index_of(&self, message: &str) -> String {
        let subject = message.rsplit_once("failed: ").map_or(message, |(_, subject)| subject);
        if let Some(name) = subject.strip_prefix("index '") {
            return name.trim_end_matches('\'').to_owned();
        }
        let columns: Vec<&str> = subject.split(", ").filter_map(|c| c.split_once('.').map(|c| c.1)).collect();
        let table = subject.split('.').next().unwrap_or(subject);
        let find = || -> rusqlite::Result<Option<String>> {
            let mut indexes = self.conn.prepare(
                "select l.name, l.origin from pragma_index_list(?1) l where l.\"unique\" = 1 and \
                 (select group_concat(name, '.') from (select name from pragma_index_info(l.name) \
                 order by seqno)) = ?2",
            )?;
            let mut rows = indexes.query((table, columns.join(".")))?;
            while let Some(row) = rows.next()? {
                if row.get::<_, String>(1)? == "c" {
                    return Ok(Some(row.get(0)?));
                }
            }
            Ok(None)
        };
        // Not an index that was created by name: the primary key, named as PostgreSQL names it.
        find().ok().flatten().unwrap_or_else(|| format!("{table}_pkey"))
    }
}

/// Plans once for all values: with the statistics that ANALYZE gathers about single values a statement would be prepared anew whenever
/// another one is bound (sqlite.org/queryplanner-ng.html#qpsg), which took a tenth of an import.
pub(crate) fn keep_plans(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

impl rusqlite::ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => SqliteRef::Null,
            Self::Int(v) => SqliteRef::Integer(*v),
            Self::Text(v) => SqliteRef::Text(v.as_bytes()),
            Self::Blob(v) => SqliteRef::Blob(v),
        }))
    }
}

fn fill(row: &mut Row, raw: &rusqlite::Row<'_>, columns: usize) -> Result<(), StoreError> {
    row.reserve(columns);
    for i in 0..columns {
        match raw.get_ref(i).map_err(|e| plain_error(&e))? {
            SqliteRef::Null => row.push_null(),
            SqliteRef::Integer(v) => row.push_int(v),
            SqliteRef::Text(v) => {
                let text = std::str::from_utf8(v)
                    .map_err(|_| StoreError::Corrupt { reason: format!("column {i} is not UTF-8") })?;
                row.push_text(text)?;
            }
            SqliteRef::Blob(v) => row.push_blob(v)?,
            SqliteRef::Real(_) => {
                return Err(StoreError::misuse(format!("column {i} is a float; cast it to an integer")));
            }
        }
    }
    Ok(())
}

/// Whether a log lies beside the database that holds some of it.
fn has_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|about| about.len() > 0)
}

/// The file as a URI that tells SQLite that it doesn't change.
fn unchanging(file: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let bytes = file.as_os_str().as_encoded_bytes().iter();
    let path: String = bytes
        .map(|byte| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("file:{path}?immutable=1")
}

fn is_unique_violation(extended_code: i32) -> bool {
    matches!(
        extended_code,
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID
    )
}

pub(crate) fn plain_error(error: &rusqlite::Error) -> StoreError {
    let (code, message) = match error {
        rusqlite::Error::SqliteFailure(code, message) => (code, message.as_deref().unwrap_or_default()),
        rusqlite::Error::SqlInputError { error, msg, .. } => (error, msg.as_str()),
        rusqlite::Error::InvalidParameterCount(given, wanted) => {
            return StoreError::misuse(format!("{given} values for {wanted} placeholders"));
        }
        _ => return StoreError::misuse("a statement was used in a way SQLite does not allow"),
    };
    let name = ffi::code_to_str(code.extended_code);
    match code.code {
        ErrorCode::ConstraintViolation if code.extended_code == ffi::SQLITE_CONSTRAINT_FOREIGNKEY => {
            StoreError::ForeignKey
        }
        ErrorCode::DiskFull => StoreError::unavailable("the disk is full"),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            StoreError::unavailable("another process holds the database file")
        }
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::PermissionDenied
        | ErrorCode::OutOfMemory
        | ErrorCode::FileLockingProtocolFailed => StoreError::unavailable(name),
        ErrorCode::ReadOnly => StoreError::unavailable("the database is open for reading only"),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt { reason: name.into() },
        ErrorCode::OperationInterrupted => StoreError::Timeout,
        ErrorCode::Unknown if message == "integer overflow" => StoreError::OutOfRange,
        // Syntax faults name tables and columns; FTS5 would quote the search words, so it is left out.
        _ if message.starts_with("fts5") || message.contains("MATCH") => {
            StoreError::other("SQLITE_ERROR", "malformed search expression")
        }
        ErrorCode::Unknown => StoreError::other("SQLITE_ERROR", message),
        _ => StoreError::other(format!("SQLITE_{}", code.extended_code), name),
    }
}
