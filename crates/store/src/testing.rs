//! A database of one's own for each test, on both engines.
//!
//! ```ignore
//! fn a_row_comes_back(db: &mut TestDb) { … }
//! huike_store::on_both_databases!(a_row_comes_back);
//! ```
//! PostgreSQL is taken from `HUIKE_TEST_PG_URL`; `cargo xtask pg run -- cargo nextest run` starts a
//! throw-away cluster and sets it. Every test gets its own schema.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::db::postgres::{Mode, PgConn, PgSettings};
use crate::{Conn, Dialect, Location, Options, SetClock, Sql, Store, StoreError, ddl};

/// 2026-03-02T01:00:00Z, a Monday morning in China.
pub const START_MS: i64 = 1_772_413_200_000;

/// A fresh database with a clock that moves only when told to.
pub struct TestDb {
    pub store: Store,
    pub clock: Arc<SetClock>,
    location: Location,
    schema: Option<String>,
    _folder: Option<tempfile::TempDir>,
}

impl TestDb {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let location = Location::Sqlite { folder: folder.path().to_owned() };
        Self::open(location, None, Some(folder))
    }

    /// # Panics
    /// When `HUIKE_TEST_PG_URL` is not set or nobody answers there.
    pub fn postgres() -> Self {
        let url = std::env::var("HUIKE_TEST_PG_URL").expect(
            "HUIKE_TEST_PG_URL is not set; run the tests as `cargo xtask pg run -- cargo nextest run`",
        );
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let schema = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        control(&url, &format!("create schema {schema}")).expect("the test cluster takes a schema");
        let joint = if url.contains('?') { '&' } else { '?' };
        let location = Location::Postgres { url: format!("{url}{joint}options=-csearch_path%3D{schema}") };
        Self::open(location, Some(schema), None)
    }

    fn open(location: Location, schema: Option<String>, folder: Option<tempfile::TempDir>) -> Self {
        let clock = Arc::new(SetClock::at_ms(START_MS));
        let options = Options { clock: clock.clone(), ..Options::default() };
        let store = Store::open_blocking(&location, options).expect("a fresh database opens");
        Self { store, clock, location, schema, _folder: folder }
    }

    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Closes the store and opens the same database again, as a restart would. No other clone of the
    /// store may be left.
    pub fn reopen(&mut self) {
        self.reopen_with(|_| {});
    }

    /// Like `reopen`, with other options.
    pub fn reopen_with(&mut self, change: impl FnOnce(&mut Options)) {
        let mut options = self.options();
        change(&mut options);
        // Another, empty database takes its place for a moment: SQLite's folder must be let go first.
        let idle = tempfile::tempdir().expect("a temporary folder can be made");
        let nowhere = Location::Sqlite { folder: idle.path().to_owned() };
        self.store = Store::open_blocking(&nowhere, self.options()).expect("a fresh database opens");
        self.store = Store::open_blocking(&self.location, options).expect("the database opens again");
    }

    /// Waits until readers of the log can see everything committed so far: on PostgreSQL other tests'
    /// open transactions in the same cluster hold them back.
    pub fn settle(&self) {
        let ask = |text: &str| {
            let sql = Sql::raw(format!("select cast(cast({text}(pg_current_snapshot()) as text) as bigint)"));
            let answer = self.store.read_blocking(|conn| conn.query_one(&sql)?.int(0));
            answer.map_err(|e: StoreError| e).expect("the database tells its snapshot")
        };
        if self.store.dialect() == Dialect::Postgres {
            let seen = ask("pg_snapshot_xmax");
            while ask("pg_snapshot_xmin") < seen {
                std::thread::yield_now();
            }
        }
    }

    /// The options of the store: its clock, otherwise the usual.
    pub fn options(&self) -> Options {
        Options { clock: self.clock.clone(), ..Options::default() }
    }
}

/// What is kept of each table, and what its rows say.
fn tallies(conn: &mut Conn) -> Result<Vec<[Vec<String>; 2]>, StoreError> {
    let tables = match conn.dialect() {
        Dialect::Sqlite => "select name from sqlite_schema where type = 'table'",
        Dialect::Postgres => "select tablename::text from pg_tables where schemaname = current_schema()",
    };
    let rows = conn.query(&Sql::raw(tables))?;
    let names = rows.iter().map(|row| row.text(0).map(str::to_owned)).collect::<Result<Vec<_>, _>>()?;
    let mut all = Vec::new();
    for table in names.iter().filter(|name| names.contains(&format!("tally_of_{name}"))) {
        let cells = format!("tally_of_{table}");
        let columns = ddl::columns(conn, &cells)?;
        let sums: Vec<&str> = columns.iter().filter_map(|name| name.strip_prefix("known_")).collect();
        let sum_of = |name: &str| name == "n" || name.starts_with("known_") || name.starts_with("total_");
        let keys = columns.iter().filter(|name| !sum_of(name));
        // An empty value stands in a cell as an empty text or nought.
        let keys = keys.map(|name| format!("coalesce(nullif(cast({name} as text), '0'), '')"));
        let keys = keys.collect::<Vec<_>>().join(" || '/' || ");
        let told: String = sums
            .iter()
            .map(|name| {
                format!(
                    " || '/' || cast(sum(known_{name}) as text) || '/' || cast(sum(total_{name}) as text)"
                )
            })
            .collect();
        let counted: String = sums
            .iter()
            .map(|name| {
                format!(
                    " || '/' || cast(count({name}) as text) || '/' || cast(coalesce(sum({name}), 0) as text)"
                )
            })
            .collect();
        let mut ask = |text: String| {
            let rows = conn.query(&Sql::raw(text))?;
            rows.iter().map(|row| row.text(0).map(str::to_owned)).collect::<Result<Vec<_>, _>>()
        };
        all.push([
            ask(format!(
                "select {keys} || '/' || cast(sum(n) as text){told} from {cells} group by {keys} having sum(n) <> 0 order by 1"
            ))?,
            ask(format!(
                "select {keys} || '/' || cast(count(*) as text){counted} from {table} where deleted_at is null group by {keys} order by 1"
            ))?,
        ]);
    }
    Ok(all)
}

impl Drop for TestDb {
    fn drop(&mut self) {
        // Whatever a test has written, and by whatever way: what is counted of it has to be right. (Some leave no database to ask.)
        if !std::thread::panicking()
            && let Ok(all) = self.store.read_blocking(tallies)
        {
            for [told, counted] in all {
                assert_eq!(told, counted, "a tally differs from its rows");
            }
        }
        if let (Some(schema), Ok(url)) = (&self.schema, std::env::var("HUIKE_TEST_PG_URL")) {
            // A schema that stays behind goes with the cluster.
            let _ = control(&url, &format!("drop schema {schema} cascade"));
        }
    }
}

fn control(url: &str, text: &str) -> Result<(), StoreError> {
    let settings = Arc::new(PgSettings::new(url, &Options::default())?);
    let mut conn = PgConn::open(settings)?;
    conn.start(Mode::Write);
    conn.control(text)?;
    conn.finish(true)
}

/// Makes a test for each database out of functions that take a `&mut TestDb`.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* $name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[test] $(#[$attribute])* fn $name() { super::$name(&mut $crate::testing::TestDb::sqlite()); })+
        }
        mod on_postgres {
            $(#[test] $(#[$attribute])* fn $name() { super::$name(&mut $crate::testing::TestDb::postgres()); })+
        }
    };
}
