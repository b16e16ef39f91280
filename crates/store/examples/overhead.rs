//! What the store costs over the bare database for the same statement: `cargo run -p huike-store
//! --profile release --example overhead`, with `HUIKE_TEST_PG_URL` for PostgreSQL too.
//!
//! Prints p50 in microseconds, CPU microseconds per operation of this process, and the ratios.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement for a terminal

use std::time::Duration;

use huike_store::clock::Stopwatch;
use huike_store::ddl::{ColumnDef, IndexColumn, IndexDef, Kept, LIVE, create_index, create_table};
use huike_store::testing::TestDb;
use huike_store::{Conn, Dialect, Kind, Location, Sql, SqlValue, StoreError};

const ROWS: i64 = 50_000;

struct Figure {
    p50: Duration,
    cpu: Duration,
}

fn measure(rounds: usize, mut op: impl FnMut(usize)) -> Figure {
    (0..rounds / 10).for_each(&mut op);
    let before = cpu();
    let mut times: Vec<Duration> = (0..rounds)
        .map(|i| {
            let watch = Stopwatch::start();
            op(i);
            watch.elapsed()
        })
        .collect();
    let cpu = (cpu() - before) / rounds as u32;
    times.sort_unstable();
    Figure { p50: times[rounds / 2], cpu }
}

/// User and system time of this process, in the kernel's hundredths of a second.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn report(name: &str, bare: &Figure, ours: &Figure) {
    let us = |d: Duration| d.as_secs_f64() * 1e6;
    println!(
        "{name:34} bare {:8.1} ({:7.1})  store {:8.1} ({:7.1})  ratio {:.2} (CPU {:.2})",
        us(bare.p50),
        us(bare.cpu),
        us(ours.p50),
        us(ours.cpu),
        us(ours.p50) / us(bare.p50),
        us(ours.cpu) / us(bare.cpu).max(0.01),
    );
}

fn fields() -> Vec<ColumnDef> {
    let kind = |i| if i % 3 == 0 { Kind::Int } else { Kind::Text };
    (0..23).map(|i| ColumnDef::new(format!("f{i}"), kind(i))).collect()
}

fn column_names() -> String {
    let system = huike_store::ddl::SYSTEM_COLUMNS.iter().map(|(name, ..)| (*name).to_owned());
    system.chain(fields().into_iter().map(|c| c.name)).collect::<Vec<_>>().join(", ")
}

fn fill(db: &TestDb) {
    let columns: Vec<ColumnDef> = huike_store::ddl::SYSTEM_COLUMNS
        .iter()
        .map(|(name, kind, _)| ColumnDef::new(*name, *kind))
        .chain(fields())
        .collect();
    let value = |id: i64, column: &ColumnDef| -> SqlValue {
        match (column.name.as_str(), column.kind) {
            ("id", _) => id.into(),
            ("owner_id", _) => (id % 100).into(),
            ("deleted_at" | "raw", _) => SqlValue::Null,
            (_, Kind::Text) => format!("值 {} of {id}", column.name).into(),
            _ => (id * 7_919 % 1_000_003).into(),
        }
    };
    let filled = db.store.write_blocking(move |conn: &mut Conn| {
        conn.allow_long_statements()?;
        create_table(conn, "customer", &fields())?;
        for from in (0..ROWS).step_by(5_000) {
            let rows: Vec<Vec<SqlValue>> =
                (from..from + 5_000).map(|id| columns.iter().map(|c| value(id, c)).collect()).collect();
            conn.insert_many("customer", &columns, &rows)?;
        }
        create_index(
            conn,
            &IndexDef {
                name: "customer_list".into(),
                table: "customer".into(),
                columns: vec![
                    IndexColumn::asc("owner_id"),
                    IndexColumn::desc("updated_at"),
                    IndexColumn::desc("id"),
                ],
                kept: Kept::All,
            },
        )?;
        conn.execute(&conn.dialect().analyze(Some("customer"))?)
    });
    filled.map_err(|e: StoreError| e).unwrap();
}

fn point(id: i64) -> Sql {
    let mut sql = Sql::raw(format!("select {} from customer where id = ", column_names()));
    sql.bind(id);
    sql
}

fn page(owner: i64) -> Sql {
    let mut sql = Sql::raw(format!("select {} from customer where owner_id = ", column_names()));
    sql.bind(owner).push(" and ").push(LIVE);
    sql.push(" order by updated_at desc nulls last, id desc nulls last limit ").bind(50);
    sql
}

fn key(i: usize) -> i64 {
    (i as i64 * 7_919) % ROWS
}

fn insert(n: i64) -> Sql {
    Sql::with("insert into setting (key, value) values ($1, $2)", [format!("k{n}").into(), "v".into()])
        .unwrap()
}

type Bare<'a> = &'a mut dyn FnMut(&Sql);

fn compare(db: &TestDb, bare: Bare<'_>) {
    let name = db.store.dialect().name();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let in_place =
        |sql: Sql| drop(db.store.read_blocking(|conn| conn.query(&sql)).map_err(|e: StoreError| e).unwrap());
    // In one task, as a request is: only the call itself counts.
    let in_task = |rounds: usize, sql: fn(i64) -> Sql| {
        let store = db.store.clone();
        let task = async move {
            let read = |i| {
                let (store, sql) = (store.clone(), sql(key(i)));
                async move { store.read(move |conn: &mut Conn| conn.query(&sql)).await }
            };
            let before = cpu();
            let mut times = Vec::new();
            for i in 0..rounds {
                // A request is polled afresh.
                tokio::task::yield_now().await;
                let watch = Stopwatch::start();
                drop(read(i).await.map_err(|e: StoreError| e).unwrap());
                times.push(watch.elapsed());
            }
            times.sort_unstable();
            Figure { p50: times[rounds / 2], cpu: (cpu() - before) / rounds as u32 }
        };
        runtime.block_on(runtime.spawn(task)).unwrap()
    };
    for (what, rounds, sql) in [
        ("point read, 33 columns", 20_000, point as fn(i64) -> Sql),
        ("page of 50, 33 columns", 3_000, (|i| page(i % 100)) as fn(i64) -> Sql),
    ] {
        let floor = measure(rounds, |i| bare(&sql(key(i))));
        report(&format!("{name} {what}, in place"), &floor, &measure(rounds, |i| in_place(sql(key(i)))));
        report(&format!("{name} {what}, async"), &floor, &in_task(rounds, sql));
    }
    let mut n = 0;
    let floor = measure(1_000, |_| {
        n += 1;
        bare(&insert(n));
    });
    let ours = measure(1_000, |_| {
        n += 1;
        let one = insert(n);
        db.store
            .write_blocking(move |conn: &mut Conn| conn.execute(&one))
            .map_err(|e: StoreError| e)
            .unwrap();
    });
    report(&format!("{name} insert, one row, one commit"), &floor, &ours);
}

fn on_sqlite() {
    let mut db = TestDb::sqlite();
    fill(&db);
    db.reopen();
    let Location::Sqlite { folder } = db.location().clone() else { unreachable!("opened as SQLite") };
    let conn = rusqlite::Connection::open(folder.join("huike.db")).unwrap();
    conn.busy_timeout(Duration::from_secs(5)).unwrap();
    conn.pragma_update(None, "synchronous", "FULL").unwrap();
    conn.pragma_update(None, "cache_size", -16 * 1024).unwrap();
    conn.set_prepared_statement_cache_capacity(64);
    compare(&db, &mut |sql| {
        let mut statement = conn.prepare_cached(sql.text()).unwrap();
        let params = rusqlite::params_from_iter(sql.params());
        if statement.column_count() == 0 {
            statement.execute(params).unwrap();
            return;
        }
        let columns = statement.column_count();
        let mut rows = statement.query(params).unwrap();
        let mut read = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            // Owned values: what any caller needs that outlives the statement.
            let values: Vec<rusqlite::types::Value> = (0..columns).map(|i| row.get(i).unwrap()).collect();
            read.push(values);
        }
        assert!(!read.is_empty());
    });
}

fn on_postgres() {
    let db = TestDb::postgres();
    fill(&db);
    let Location::Postgres { url } = db.location().clone() else { unreachable!("opened as PostgreSQL") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (client, connection) =
        runtime.block_on(tokio_postgres::connect(&url, tokio_postgres::NoTls)).unwrap();
    runtime.spawn(connection);
    let mut prepared = std::collections::HashMap::new();
    compare(&db, &mut |sql| {
        runtime.block_on(async {
            if !prepared.contains_key(sql.text()) {
                prepared.insert(sql.text().to_owned(), client.prepare(sql.text()).await.unwrap());
            }
            let statement = &prepared[sql.text()];
            let params: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
                sql.params().iter().map(|p| p as &(dyn tokio_postgres::types::ToSql + Sync)).collect();
            if statement.columns().is_empty() {
                client.execute(statement, &params).await.unwrap();
                return;
            }
            let rows = client.query(statement, &params).await.unwrap();
            let owned: Vec<Vec<Option<String>>> = rows
                .iter()
                .map(|row: &tokio_postgres::Row| {
                    let text = |i: usize| {
                        if row.columns()[i].type_().name() == "text" {
                            row.get(i)
                        } else {
                            std::hint::black_box(row.get::<_, Option<i64>>(i));
                            None
                        }
                    };
                    (0..row.len()).map(text).collect()
                })
                .collect();
            assert!(!owned.is_empty());
        });
    });
    assert_eq!(db.store.dialect(), Dialect::Postgres);
}

fn main() {
    on_sqlite();
    if std::env::var_os("HUIKE_TEST_PG_URL").is_some() {
        on_postgres();
    }
}
