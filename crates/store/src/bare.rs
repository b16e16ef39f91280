//! The bare database under the store, for measuring: what an operation's statements cost through nothing but the driver.
//!
//! [`record`] keeps what every connection of this process runs until [`recorded`] takes it; [`Bare`] runs the same again, prepared and
//! with every value read, as any program would have to. Only the `bench` feature has this.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join3;
use parking_lot::Mutex;

use crate::db::postgres::{FIXED_PLANS, USUAL_PLANS, type_of};
use crate::db::sqlite::keep_plans;
use crate::{Location, Sql, SqlValue, StoreError};

/// How a statement was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Rows,
    /// Planned for its very values.
    RowsCustomPlan,
    /// Planned once, as its text says.
    RowsFixedPlan,
    Change,
}

/// A statement as it was run.
#[derive(Debug, Clone)]
pub struct Statement {
    pub asked: Asked,
    pub sql: Sql,
}

static ON: AtomicBool = AtomicBool::new(false);
static STATEMENTS: Mutex<Vec<Statement>> = Mutex::new(Vec::new());

/// From now on every statement of this process is kept.
pub fn record() {
    STATEMENTS.lock().clear();
    ON.store(true, Ordering::Release);
}

/// What was run since [`record`].
pub fn recorded() -> Vec<Statement> {
    ON.store(false, Ordering::Release);
    std::mem::take(&mut STATEMENTS.lock())
}

pub(crate) fn note(asked: Asked, sql: &Sql) {
    if ON.load(Ordering::Relaxed) {
        STATEMENTS.lock().push(Statement { asked, sql: sql.clone() });
    }
}

/// One connection of the driver's own.
pub enum Bare {
    Sqlite(Box<rusqlite::Connection>),
    Postgres(Box<BarePg>),
}

pub struct BarePg {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
    prepared: HashMap<String, tokio_postgres::Statement>,
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::unavailable(error.to_string())
}

impl Bare {
    /// Connects to a database that a store has made, with the settings that the store's connections have.
    ///
    /// # Errors
    /// The driver's.
    pub fn open(location: &Location, options: &crate::Options) -> Result<Bare, StoreError> {
        match location {
            Location::Sqlite { folder } => {
                let conn = rusqlite::Connection::open(folder.join("huike.db")).map_err(failed)?;
                let set = || -> rusqlite::Result<()> {
                    conn.busy_timeout(std::time::Duration::from_secs(5))?;
                    conn.pragma_update(None, "synchronous", "FULL")?;
                    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
                    conn.pragma_update(None, "temp_store", "MEMORY")?;
                    conn.pragma_update(None, "cache_size", -i64::from(options.cache_kib))?;
                    conn.pragma_update(None, "mmap_size", i64::try_from(options.mmap_bytes).unwrap_or(0))
                };
                set().map_err(failed)?;
                conn.set_prepared_statement_cache_capacity(512);
                keep_plans(&conn).map_err(failed)?;
                Ok(Bare::Sqlite(Box::new(conn)))
            }
            Location::Postgres { url } => {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
                let (client, connection) =
                    runtime.block_on(tokio_postgres::connect(url, tokio_postgres::NoTls)).map_err(failed)?;
                runtime.spawn(connection);
                Ok(Bare::Postgres(Box::new(BarePg { runtime, client, prepared: HashMap::new() })))
            }
        }
    }

    /// Runs what a read ran. How many rows came.
    ///
    /// # Errors
    /// The driver's.
    pub fn read(&mut self, statements: &[Statement]) -> Result<usize, StoreError> {
        match self {
            Bare::Sqlite(conn) => {
                control(conn, "begin")?;
                let rows = statements.iter().try_fold(0, |rows, one| Ok(rows + sqlite(conn, one)?))?;
                control(conn, "rollback")?;
                Ok(rows)
            }
            Bare::Postgres(pg) => statements.iter().try_fold(0, |rows, one| Ok(rows + pg.run(one)?)),
        }
    }

    /// Runs what a write ran, and commits it.
    ///
    /// # Errors
    /// The driver's.
    pub fn write(&mut self, statements: &[Statement]) -> Result<(), StoreError> {
        match self {
            Bare::Sqlite(conn) => {
                control(conn, "begin immediate")?;
                statements.iter().try_for_each(|one| sqlite(conn, one).map(drop))?;
                control(conn, "commit")
            }
            Bare::Postgres(pg) => {
                pg.control("begin")?;
                statements.iter().try_for_each(|one| pg.run(one).map(drop))?;
                pg.control("commit")
            }
        }
    }

    /// Statements outside of any transaction, such as PostgreSQL's `vacuum`.
    ///
    /// # Errors
    /// The driver's.
    pub fn control(&mut self, text: &str) -> Result<(), StoreError> {
        match self {
            Bare::Sqlite(conn) => conn.execute_batch(text).map_err(failed),
            Bare::Postgres(pg) => pg.control(text),
        }
    }
}

fn control(conn: &rusqlite::Connection, text: &str) -> Result<(), StoreError> {
    conn.prepare_cached(text).and_then(|mut statement| statement.raw_execute()).map(drop).map_err(failed)
}

fn sqlite(conn: &rusqlite::Connection, one: &Statement) -> Result<usize, StoreError> {
    let run = || -> rusqlite::Result<usize> {
        let mut statement = conn.prepare_cached(one.sql.text())?;
        let params = rusqlite::params_from_iter(one.sql.params());
        let columns = statement.column_count();
        if columns == 0 {
            return statement.execute(params);
        }
        let mut rows = statement.query(params)?;
        // Owned values: what any caller needs that outlives the statement.
        let mut read: Vec<Vec<rusqlite::types::Value>> = Vec::new();
        while let Some(row) = rows.next()? {
            read.push((0..columns).map(|i| row.get(i)).collect::<rusqlite::Result<_>>()?);
        }
        Ok(std::hint::black_box(read).len())
    };
    run().map_err(failed)
}

impl BarePg {
    fn control(&mut self, text: &str) -> Result<(), StoreError> {
        self.runtime.block_on(self.client.batch_execute(text)).map_err(failed)
    }

    fn run(&mut self, one: &Statement) -> Result<usize, StoreError> {
        let (client, text) = (&self.client, one.sql.text());
        let params: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> = one
            .sql
            .params()
            .iter()
            .map(|p: &SqlValue| p as &(dyn tokio_postgres::types::ToSql + Sync))
            .collect();
        if one.asked != Asked::RowsCustomPlan && !self.prepared.contains_key(text) {
            let statement = self.runtime.block_on(client.prepare(text)).map_err(failed)?;
            self.prepared.insert(text.to_owned(), statement);
        }
        let done = self.runtime.block_on(async {
            let Some(statement) = self.prepared.get(text) else {
                // As the store does it: the values say their types, which the text may take for others.
                let typed = one.sql.params().iter().map(|p| (p, type_of(p)));
                let rows = client.query_typed_raw(text, typed).await?;
                let rows: Vec<_> = futures_util::TryStreamExt::try_collect(rows).await?;
                rows.iter().for_each(|row| drop(std::hint::black_box(owned(row))));
                return Ok(rows.len());
            };
            if one.asked == Asked::Change {
                return Ok(client.execute(statement, &params).await? as usize);
            }
            let rows = if one.asked == Asked::RowsFixedPlan {
                let (_, rows, _) = join3(
                    client.batch_execute(FIXED_PLANS),
                    client.query(statement, &params),
                    client.batch_execute(USUAL_PLANS),
                )
                .await;
                rows?
            } else {
                client.query(statement, &params).await?
            };
            rows.iter().for_each(|row| drop(std::hint::black_box(owned(row))));
            Ok(rows.len())
        });
        done.map_err(|error: tokio_postgres::Error| failed(error))
    }
}

enum Owned {
    Number(#[allow(dead_code, reason = "read only by black_box")] Option<i64>),
    Text(#[allow(dead_code, reason = "read only by black_box")] Option<String>),
    Other,
}

fn owned(row: &tokio_postgres::Row) -> Vec<Owned> {
    let value = |i: usize| match row.columns()[i].type_().name() {
        "int8" => Owned::Number(row.get(i)),
        "text" => Owned::Text(row.get(i)),
        _ => Owned::Other,
    };
    (0..row.len()).map(value).collect()
}
