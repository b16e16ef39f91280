//! A connection inside one job: statements, savepoints, effects after the commit.

use std::any::Any;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[cfg(feature = "bench")]
use crate::bare::{Asked, note as noted};
use crate::db::Options;
use crate::db::merging::Merging;
use crate::db::postgres::{Mode, PgConn};
use crate::db::sqlite::SqliteConn;
#[cfg(not(feature = "bench"))]
use crate::db::unmeasured::{Asked, noted};
use crate::ddl::ColumnDef;
use crate::ids::IdSource;
use crate::row::Row;
use crate::sql::ident;
use crate::{Dialect, Sql, SqlValue, StoreError};

/// Something to do after the commit: wake a reader of the log, swap a snapshot. It must be quick and
/// must not wait for the store.
pub type Effect = Box<dyn FnOnce() + Send>;

/// Rows per `insert_many` statement on PostgreSQL.
const ROWS_PER_INSERT: usize = 1_000;

/// The connection a job works with. All its statements are one transaction; a read sees one snapshot.
///
/// After a failed statement every further one answers `StoreError::Aborted`, on both databases alike,
/// unless `savepoint` surrounds the failure.
pub struct Conn {
    pub(crate) db: Db,
    ids: Arc<IdSource>,
    options: Arc<Options>,
    effects: Vec<Effect>,
    /// Statements for the end of the transaction.
    late: Vec<Late>,
    merging: Merging,
    /// Whether this transaction has put search words on PostgreSQL's lists.
    indexed: bool,
    /// What the job keeps for itself.
    memo: Option<Box<dyn Any + Send>>,
    failed: bool,
    conflict: bool,
    /// COMMIT has been sent.
    committing: bool,
    depth: u32,
    /// Jobs that wait for the writer, where there is only one.
    waiting: Option<Arc<AtomicUsize>>,
}

/// A change to an object's search index, made at the end of the transaction.
pub(crate) struct Late {
    object: String,
    sql: Sql,
}

pub(crate) enum Db {
    Sqlite(Box<SqliteConn>),
    Postgres(Box<PgConn>),
}

/// What the planner would do with a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub text: String,
    /// Indexes used, in the order of the plan.
    pub indexes: Vec<String>,
    /// Tables read in full.
    pub scans: Vec<String>,
}

impl Conn {
    pub(crate) fn new(db: Db, ids: Arc<IdSource>, options: Arc<Options>) -> Self {
        Self {
            db,
            ids,
            options,
            effects: Vec::new(),
            late: Vec::new(),
            merging: Merging::default(),
            indexed: false,
            memo: None,
            failed: false,
            conflict: false,
            committing: false,
            depth: 0,
            waiting: None,
        }
    }

    /// Makes this the writer's connection: `waiting` counts the jobs that stand in its queue.
    pub(crate) fn count_waiting(&mut self, waiting: Arc<AtomicUsize>) {
        self.waiting = Some(waiting);
    }

    /// Whether somebody waits for this transaction to end. On PostgreSQL always: others write beside it, and may meet its locks.
    pub fn others_wait(&self) -> bool {
        self.waiting.as_ref().is_none_or(|waiting| waiting.load(Ordering::Relaxed) > 0)
    }

    pub fn dialect(&self) -> Dialect {
        match self.db {
            Db::Sqlite(_) => Dialect::Sqlite,
            Db::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A new record id: time-ordered, positive, unique across nodes.
    ///
    /// # Errors
    /// `Unavailable` when this node's lease on its number ran out during the job.
    pub fn next_id(&self) -> Result<i64, StoreError> {
        self.ids.next()
    }

    /// All rows of a query.
    pub fn query(&mut self, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        noted(Asked::Rows, sql);
        self.watched(sql.text(), |db| match db {
            Db::Sqlite(c) => c.query(sql),
            Db::Postgres(c) => c.query(sql),
        })
    }

    /// Like `query`, planned for these very values: for statements whose best plan depends on them.
    pub fn query_custom_plan(&mut self, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        noted(Asked::RowsCustomPlan, sql);
        self.watched(sql.text(), |db| match db {
            Db::Sqlite(c) => c.query(sql),
            Db::Postgres(c) => c.query_custom_plan(sql),
        })
    }

    /// Like `query`, planned once for whatever values, without reading any table through: for statements whose text is their plan.
    pub(crate) fn query_fixed_plan(&mut self, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        noted(Asked::RowsFixedPlan, sql);
        self.watched(sql.text(), |db| match db {
            Db::Sqlite(c) => c.query(sql),
            Db::Postgres(c) => c.query_fixed_plan(sql),
        })
    }

    /// Rows one by one, in constant memory. An error from `f` ends the query and is returned.
    pub fn query_each(
        &mut self,
        sql: &Sql,
        mut f: impl FnMut(&Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        noted(Asked::Rows, sql);
        self.watched(sql.text(), |db| match db {
            Db::Sqlite(c) => c.query_each(sql, &mut f),
            Db::Postgres(c) => c.query_each(sql, &mut f),
        })
    }

    pub fn query_opt(&mut self, sql: &Sql) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql)?.into_iter().next())
    }

    /// # Errors
    /// `NoRow` when there is none.
    pub fn query_one(&mut self, sql: &Sql) -> Result<Row, StoreError> {
        self.query_opt(sql)?.ok_or(StoreError::NoRow)
    }

    /// The answers of several queries, in one round trip where there are round trips.
    pub fn query_batch(&mut self, statements: &[Sql]) -> Result<Vec<Vec<Row>>, StoreError> {
        statements.iter().for_each(|sql| noted(Asked::Rows, sql));
        let first = statements.first().map_or("", Sql::text);
        self.watched(first, |db| match db {
            Db::Sqlite(c) => statements.iter().map(|sql| c.query(sql)).collect(),
            Db::Postgres(c) => c.query_batch(statements),
        })
    }

    /// The number of rows changed.
    pub fn execute(&mut self, sql: &Sql) -> Result<u64, StoreError> {
        noted(Asked::Change, sql);
        self.watched(sql.text(), |db| match db {
            Db::Sqlite(c) => c.execute(sql),
            Db::Postgres(c) => c.execute(sql),
        })
    }

    /// Statements that do not depend on each other's answers, in one round trip where there are round
    /// trips; they run in order. The rows changed by each.
    pub fn batch(&mut self, statements: &[Sql]) -> Result<Vec<u64>, StoreError> {
        statements.iter().for_each(|sql| noted(Asked::Change, sql));
        let first = statements.first().map_or("", Sql::text);
        self.watched(first, |db| match db {
            Db::Sqlite(c) => statements.iter().map(|sql| c.execute(sql)).collect(),
            Db::Postgres(c) => c.batch(statements),
        })
    }

    /// As [`Conn::batch`], with what is to be written to search indexes. That is read by nobody before the commit, so that SQLite does it last
    /// of all: a savepoint in between makes its index write a segment of its own for every record, and merge them (measured: a quarter of
    /// what a new record costs).
    ///
    /// # Errors
    /// As [`Conn::batch`]; what SQLite refuses later fails the whole transaction.
    pub fn batch_and_index(
        &mut self,
        object: &str,
        mut statements: Vec<Sql>,
        index: Vec<Sql>,
    ) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Postgres {
            self.indexed = true;
            statements.extend(index);
            return self.batch(&statements).map(drop);
        }
        self.batch(&statements)?;
        index.iter().for_each(|sql| noted(Asked::Change, sql));
        self.late.extend(index.into_iter().map(|sql| Late { object: object.to_owned(), sql }));
        Ok(())
    }

    /// Notes that search words were put on PostgreSQL's lists in another way than by `batch_and_index`.
    pub(crate) fn note_indexed(&mut self) {
        self.indexed = true;
    }

    /// Whether the transaction has put search words on PostgreSQL's lists.
    pub(crate) fn has_indexed(&self) -> bool {
        self.indexed
    }

    /// What the job has left for the end of the transaction.
    pub(crate) fn take_late(&mut self) -> Vec<Late> {
        std::mem::take(&mut self.late)
    }

    /// Runs what jobs have left, then lets the indexes that were written merge a little of what they have.
    pub(crate) fn run_late(&mut self, late: &[Late]) -> Result<(), StoreError> {
        for one in late {
            self.merging.changed(&one.object);
            self.run_one_late(&one.sql)?;
        }
        for (object, pages) in self.merging.due() {
            let merge = self.dialect().search_merge(&object, pages)?;
            self.run_one_late(&merge)?;
        }
        Ok(())
    }

    /// Search indexes that were there may have something to merge.
    pub(crate) fn look_at_segments(&mut self) -> Result<(), StoreError> {
        let Db::Sqlite(c) = &mut self.db else { return Ok(()) };
        let indexes = Sql::raw(
            "select substr(name, 8) from sqlite_schema \
             where type = 'table' and name like 'search\\_%' escape '\\' and sql like '%using fts5%'",
        );
        for row in c.query(&indexes)? {
            self.merging.look_at(row.text(0)?.to_owned());
        }
        Ok(())
    }

    /// Whether there is something to merge while nobody writes.
    pub(crate) fn has_segments(&self) -> bool {
        self.merging.at_rest().is_some()
    }

    /// Merges a little, within a transaction.
    pub(crate) fn merge_at_rest(&mut self) -> Result<(), StoreError> {
        let (Some((object, pages)), Db::Sqlite(c)) = (self.merging.at_rest(), &mut self.db) else {
            return Ok(());
        };
        let before = c.total_changes();
        c.execute(&Dialect::Sqlite.search_merge(&object, pages)?)?;
        // "If the difference is less than 2, then the 'merge' command was a no-op" (SQLite FTS5 Extension, 6.8).
        if c.total_changes() - before < 2 {
            self.merging.merged(&object);
        }
        Ok(())
    }

    pub(crate) fn give_up_merging(&mut self) {
        self.merging.give_up();
    }

    fn run_one_late(&mut self, sql: &Sql) -> Result<(), StoreError> {
        self.watched(sql.text(), |db| match db {
            Db::Sqlite(c) => c.execute(sql).map(drop),
            Db::Postgres(c) => c.execute(sql).map(drop),
        })
    }

    /// Inserts many rows into one table, each with a value for every column.
    pub fn insert_many(
        &mut self,
        table: &str,
        columns: &[ColumnDef],
        rows: &[Vec<SqlValue>],
    ) -> Result<u64, StoreError> {
        self.insert_made(table, columns, str::to_owned, rows)
    }

    /// As `insert_many`; on PostgreSQL `made` is what goes into the column of a name that stands for its value.
    pub(crate) fn insert_made(
        &mut self,
        table: &str,
        columns: &[ColumnDef],
        made: impl Fn(&str) -> String,
        rows: &[Vec<SqlValue>],
    ) -> Result<u64, StoreError> {
        if rows.iter().any(|row| row.len() != columns.len()) {
            return Err(StoreError::misuse(format!("insert into {table}: rows and columns differ in width")));
        }
        if rows.is_empty() || columns.is_empty() {
            return Ok(0);
        }
        let dialect = self.dialect();
        let names: Vec<String> = columns.iter().map(|c| ident(&c.name)).collect::<Result<_, _>>()?;
        let expressions = names.iter().map(|name| made(name)).collect::<Vec<_>>().join(", ");
        let names = names.join(", ");
        let table = ident(table)?;
        let places = |suffix: &dyn Fn(&ColumnDef) -> String| {
            let places = columns.iter().enumerate().map(|(i, c)| format!("${}{}", i + 1, suffix(c)));
            places.collect::<Vec<_>>().join(", ")
        };
        let text = match dialect {
            Dialect::Sqlite => {
                format!("insert into {table} ({names}) values ({})", places(&|_| String::new()))
            }
            Dialect::Postgres => {
                let arrays = places(&|c| format!("::{}[]", dialect.column_type(c.kind)));
                format!(
                    "insert into {table} ({names}) select {expressions} from unnest({arrays}) as u({names})"
                )
            }
        };
        self.watched(&text, |db| match db {
            Db::Sqlite(c) => c.execute_many(&text, rows),
            Db::Postgres(c) => rows
                .chunks(ROWS_PER_INSERT)
                .try_fold(0, |n, chunk| c.execute_arrays(&text, columns.len(), chunk).map(|m| n + m)),
        })
    }

    /// Runs `f`; when it fails, undoes what it did and lets the job go on.
    pub fn savepoint<R, E: From<StoreError>>(
        &mut self,
        f: impl FnOnce(&mut Self) -> Result<R, E>,
    ) -> Result<R, E> {
        if self.failed {
            return Err(StoreError::Aborted.into());
        }
        let name = format!("s{}", self.depth);
        let (effects, late) = (self.effects.len(), self.late.len());
        self.control(&format!("savepoint {name}"))?;
        self.depth += 1;
        let done = f(self);
        self.depth -= 1;
        match done {
            Ok(value) if !self.failed => {
                self.control(&format!("release savepoint {name}"))?;
                Ok(value)
            }
            done => {
                // A collision ends the whole transaction: only a retry of the job helps.
                if !self.conflict {
                    self.failed = false;
                    self.control(&format!("rollback to savepoint {name}"))?;
                    self.control(&format!("release savepoint {name}"))?;
                }
                self.effects.truncate(effects);
                self.late.truncate(late);
                done.and(Err(StoreError::Aborted.into()))
            }
        }
    }

    /// What this job has kept with [`Conn::keep`], when it is of this type.
    pub fn kept<T: Any>(&self) -> Option<&T> {
        self.memo.as_deref().and_then(|memo| memo.downcast_ref())
    }

    /// Keeps one thing for the rest of this job: what it would otherwise ask of its snapshot again and again.
    pub fn keep<T: Any + Send>(&mut self, thing: T) {
        self.memo = Some(Box::new(thing));
    }

    /// Forgets what was kept, after a change to what it was made of.
    pub fn forget(&mut self) {
        self.memo = None;
    }

    /// Registers something to do once this job's commit has succeeded; dropped when it does not.
    pub fn after_commit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// The number of this write transaction: later commits never appear below a number that
    /// `log::read_after` has passed.
    pub fn tx_number(&mut self) -> Result<i64, StoreError> {
        self.watched("transaction number", |db| match db {
            Db::Sqlite(c) => c.tx_number(),
            Db::Postgres(c) => c.tx_number(),
        })
    }

    /// Waits until nobody else is writing a table, and keeps others from it until the end of the transaction. On SQLite the writer is alone
    /// anyway.
    ///
    /// # Errors
    /// The database's; a name that is no identifier.
    pub fn lock_table(&mut self, table: &str) -> Result<(), StoreError> {
        match self.dialect().lock_table(table)? {
            Some(lock) => self.execute(&lock).map(drop),
            None => Ok(()),
        }
    }

    /// Lifts the statement timeout for the rest of this job: migrations, index builds, exports.
    pub fn allow_long_statements(&mut self) -> Result<(), StoreError> {
        match &mut self.db {
            Db::Sqlite(c) => {
                c.allow_long_statements();
                Ok(())
            }
            Db::Postgres(_) => self.control("set local statement_timeout = 0"),
        }
    }

    /// What the planner would do. The values matter: PostgreSQL plans for them.
    pub fn explain(&mut self, sql: &Sql) -> Result<Plan, StoreError> {
        let dialect = self.dialect();
        let rows = self.query_custom_plan(&dialect.explain(sql))?;
        let mut plan = Plan::default();
        for row in &rows {
            let line = row.text(dialect.explain_column())?;
            let (index, scan) = dialect.plan_line(line);
            plan.indexes.extend(index.map(str::to_owned));
            plan.scans.extend(scan.map(str::to_owned));
            plan.text.push_str(line);
            plan.text.push('\n');
        }
        Ok(plan)
    }

    /// About how many rows a table has, at once; `None` before the first statistics.
    pub fn estimated_count(&mut self, table: &str) -> Result<Option<i64>, StoreError> {
        let dialect = self.dialect();
        if dialect == Dialect::Sqlite && self.query(&dialect.columns_of("sqlite_stat1")?)?.is_empty() {
            return Ok(None);
        }
        match self.query_opt(&dialect.estimated_count(table)?)? {
            Some(row) => row.opt_int(0),
            None => Ok(None),
        }
    }

    /// Added to PostgreSQL's own transaction numbers; 0 on SQLite.
    pub(crate) fn tx_base(&self) -> i64 {
        match &self.db {
            Db::Sqlite(_) => 0,
            Db::Postgres(c) => c.tx_base(),
        }
    }

    pub(crate) fn set_tx_base(&self, base: i64) {
        if let Db::Postgres(c) = &self.db {
            c.set_tx_base(base);
        }
    }

    pub(crate) fn control(&mut self, text: &str) -> Result<(), StoreError> {
        self.watched(text, |db| match db {
            Db::Sqlite(c) => c.control(text),
            Db::Postgres(c) => c.control(text),
        })
    }

    /// Transaction control around a job.
    pub(crate) fn raw_control(&mut self, text: &str) -> Result<(), StoreError> {
        match &mut self.db {
            Db::Sqlite(c) => c.control(text),
            Db::Postgres(c) => c.control(text),
        }
    }

    /// The length of the part of SQLite's log that is in use, in bytes.
    pub(crate) fn log_bytes(&self) -> u64 {
        match &self.db {
            Db::Sqlite(c) => c.log_bytes(),
            Db::Postgres(_) => 0,
        }
    }

    /// Whether SQLite has ended the transaction by itself, as it does when the disk is full.
    pub(crate) fn outside_transaction(&self) -> bool {
        matches!(&self.db, Db::Sqlite(c) if c.outside_transaction())
    }

    fn watched<T>(
        &mut self,
        text: &str,
        op: impl FnOnce(&mut Db) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.failed {
            return Err(StoreError::Aborted);
        }
        op(&mut self.db).inspect_err(|error| {
            self.failed = true;
            self.conflict |= *error == StoreError::Conflict;
            if let StoreError::Other { code, message } = error {
                tracing::error!(%code, %message, sql = text, "statement failed");
            }
        })
    }

    pub(crate) fn start(&mut self, mode: Mode) {
        self.failed = false;
        self.conflict = false;
        self.committing = false;
        self.depth = 0;
        self.effects.clear();
        self.late.clear();
        self.indexed = false;
        self.memo = None;
        match &mut self.db {
            Db::Sqlite(c) => c.start_job(&self.options),
            Db::Postgres(c) => c.start(mode),
        }
    }

    pub(crate) fn begin_read(&mut self) -> Result<(), StoreError> {
        self.start(Mode::Read);
        match &mut self.db {
            Db::Sqlite(c) => c.control("begin deferred"),
            Db::Postgres(_) => Ok(()),
        }
    }

    /// Ends a read; whether the connection can be used again.
    pub(crate) fn end_read(&mut self) -> bool {
        match &mut self.db {
            Db::Sqlite(c) => c.outside_transaction() || c.control("rollback").is_ok(),
            Db::Postgres(c) => {
                c.finish_read();
                !c.lost()
            }
        }
    }

    /// Ends a PostgreSQL transaction.
    pub(crate) fn end_write(&mut self, commit: bool) -> Result<(), StoreError> {
        self.committing = commit;
        let ended = match &mut self.db {
            Db::Sqlite(c) => c.control(if commit { "commit" } else { "rollback" }),
            Db::Postgres(c) => c.finish(commit),
        };
        ended.inspect_err(|error| self.conflict |= *error == StoreError::Conflict)
    }

    /// Whether the job broke off before its COMMIT was sent.
    pub(crate) fn before_commit(&self) -> bool {
        !self.committing
    }

    pub(crate) fn lost(&self) -> bool {
        matches!(&self.db, Db::Postgres(c) if c.lost())
    }

    /// Waits before a job is tried again: twice as long each time, with jitter against lockstep.
    pub(crate) fn pause(&mut self, attempt: u32) {
        let base = 4_u64 << attempt;
        let jitter = RandomState::new().build_hasher().finish() % base;
        if let Db::Postgres(c) = &mut self.db {
            c.pause(Duration::from_millis(base / 2 + jitter));
        }
    }

    pub(crate) fn failed(&self) -> bool {
        self.failed
    }

    pub(crate) fn conflict(&self) -> bool {
        self.conflict
    }

    pub(crate) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }
}
