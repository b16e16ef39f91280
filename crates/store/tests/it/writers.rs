use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use huike_store::clock::Stopwatch;
use huike_store::testing::TestDb;
use huike_store::{Conn, Dialect, Sql, StoreError};

use crate::{add_note, note_table, numbers, read, sql, write};

/// Jobs that wait behind a slow one are committed together on SQLite.
fn a_failing_job_takes_nothing_of_its_neighbours_with_it(db: &mut TestDb) {
    note_table(db);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let (release, wait) = channel::<()>();
    let wait = parking_lot::Mutex::new(wait);
    let effects = Arc::new(AtomicU32::new(0));
    runtime.block_on(async {
        let store = db.store.clone();
        let slow = tokio::spawn(async move {
            let job = move |conn: &mut Conn| {
                let id = add_note(conn, 0, "slow");
                wait.lock().recv().ok();
                id
            };
            store.write(job).await
        });
        let jobs: Vec<_> = (1..=20_i64)
            .map(|n| {
                let (store, effects) = (db.store.clone(), effects.clone());
                tokio::spawn(async move {
                    let job = move |conn: &mut Conn| {
                        add_note(conn, n, "in a group")?;
                        let effects = effects.clone();
                        conn.after_commit(Box::new(move || {
                            effects.fetch_add(1, Ordering::SeqCst);
                        }));
                        match n % 5 {
                            1 => Err(StoreError::other("test", "refused")),
                            2 => conn.execute(&Sql::raw("insert into nowhere (a) values (1)")).map(drop),
                            3 => panic!("on purpose"),
                            _ => Ok(()),
                        }
                    };
                    store.write(job).await
                })
            })
            .collect();
        release.send(()).unwrap();
        slow.await.unwrap().unwrap();
        for (n, job) in (1..).zip(jobs) {
            let done = job.await.unwrap();
            assert_eq!(done.is_ok(), matches!(n % 5, 0 | 4), "{n}: {done:?}");
        }
    });
    assert_eq!(numbers(db), [0, 4, 5, 9, 10, 14, 15, 19, 20]);
    assert_eq!(effects.load(Ordering::SeqCst), 8);
}

fn sixty_four_writers_lose_no_number_and_give_none_twice(db: &mut TestDb) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let mut numbers: Vec<i64> = runtime.block_on(async {
        let writers: Vec<_> = (0..64)
            .map(|_| {
                let store = db.store.clone();
                tokio::spawn(async move {
                    let mut mine = Vec::new();
                    for _ in 0..10 {
                        let next = |conn: &mut Conn| {
                            let text = "insert into number_counter (rule, period, next) values ($1, '', 1) \
                                on conflict (rule, period) do update set next = number_counter.next + 1 \
                                returning next";
                            conn.query_one(&sql(text, ["Q".into()]))?.int(0)
                        };
                        mine.push(store.write(next).await.unwrap());
                    }
                    mine
                })
            })
            .collect();
        let mut all = Vec::new();
        for writer in writers {
            all.extend(writer.await.unwrap());
        }
        all
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=640).collect::<Vec<_>>());
}

fn writers_that_lock_rows_crosswise_all_succeed(db: &mut TestDb) {
    note_table(db);
    write(db, |conn| (0..2).try_for_each(|n| add_note(conn, n, "0").map(drop))).unwrap();
    std::thread::scope(|scope| {
        for worker in 0..2_i64 {
            let store = db.store.clone();
            scope.spawn(move || {
                for _ in 0..3 {
                    store
                        .write_blocking(move |conn| {
                            for n in [worker, 1 - worker] {
                                let add = "update note set version = version + 1 where n = $1";
                                conn.execute(&sql(add, [n.into()]))?;
                            }
                            Ok::<_, StoreError>(())
                        })
                        .unwrap();
                }
            });
        }
    });
    let versions = read(db, |conn| conn.query(&Sql::raw("select version from note"))).unwrap();
    assert!(versions.iter().all(|row| row.int(0) == Ok(7)));
}

fn transaction_numbers_are_one_per_job_and_rise(db: &mut TestDb) {
    let mut last = 0;
    for _ in 0..5 {
        let (first, second) = write(db, |conn| Ok((conn.tx_number()?, conn.tx_number()?))).unwrap();
        assert_eq!(first, second);
        assert!(first > last, "{first} after {last}");
        last = first;
    }
}

fn async_reads_wait_for_each_other_and_all_answer(db: &mut TestDb) {
    note_table(db);
    write(db, |conn| (0..50).try_for_each(|n| add_note(conn, n, "x").map(drop))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let reads = (0..100_i64).map(|n| {
            db.store.read(move |conn: &mut Conn| {
                let below = sql("select count(*) from note where n < $1", [(n % 50).into()]);
                conn.query_one(&below)?.int(0)
            })
        });
        let counts = futures_util::future::join_all(reads).await;
        assert!(counts.into_iter().enumerate().all(|(n, count)| count == Ok(n as i64 % 50)));
    });
}

fn a_statement_that_runs_too_long_is_stopped(db: &mut TestDb) {
    db.reopen_with(|options| options.statement_timeout = Some(Duration::from_millis(50)));
    let endless = Sql::raw(
        "with recursive t (n) as (select 1 union all select n + 1 from t where n < 300000000) \
         select cast(max(n) as bigint) from t",
    );
    assert_eq!(read(db, |conn| conn.query(&endless)).unwrap_err(), StoreError::Timeout);
    let again = endless.clone();
    assert_eq!(write(db, move |conn| conn.query(&again)).unwrap_err(), StoreError::Timeout);
    assert_eq!(read(db, |conn| conn.query_one(&Sql::raw("select 1"))?.int(0)), Ok(1));
    let long = "with recursive t (n) as (select 1 union all select n + 1 from t where n < 400000) \
        select cast(max(n) as bigint) from t";
    let done = write(db, move |conn| {
        conn.allow_long_statements()?;
        conn.query_one(&Sql::raw(long))?.int(0)
    });
    assert_eq!(done, Ok(400_000));
}

fn a_closed_store_finishes_what_was_queued(db: &mut TestDb) {
    note_table(db);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let dialect = db.store.dialect();
    let store = db.store.clone();
    let tasks: Vec<_> = (0..50_i64)
        .map(|n| {
            let store = store.clone();
            runtime.spawn(async move { store.write(move |conn: &mut Conn| add_note(conn, n, "x")).await })
        })
        .collect();
    drop(store);
    runtime.block_on(async {
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    });
    db.reopen();
    assert_eq!(numbers(db).len(), 50);
    if dialect == Dialect::Sqlite {
        let huike_store::Location::Sqlite { folder } = db.location().clone() else { panic!("a folder") };
        assert!(folder.join("huike.db").metadata().unwrap().len() > 0);
    }
}

fn a_job_learns_when_others_wait_for_it(db: &mut TestDb) {
    note_table(db);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let own_writer = db.store.dialect() == Dialect::Sqlite;
    let (first, second) = (db.store.clone(), db.store.clone());
    let (begun, wait) = channel::<()>();
    let other = runtime.spawn(async move {
        tokio::task::spawn_blocking(move || wait.recv()).await.unwrap().unwrap();
        second.write(|conn: &mut Conn| add_note(conn, 2, "behind it").map(|_| conn.others_wait())).await
    });
    let seen = runtime.block_on(first.write(move |conn: &mut Conn| {
        let alone = conn.others_wait();
        add_note(conn, 1, "long work")?;
        begun.send(()).ok();
        // Ends when it has been seen; a fault of ours would keep it here until the runner ends the test.
        while !conn.others_wait() {
            std::thread::yield_now();
        }
        Ok::<_, StoreError>(alone)
    }));
    assert_eq!(seen, Ok(!own_writer), "where others write beside it there is always somebody");
    assert_eq!(runtime.block_on(other).unwrap(), Ok(!own_writer));
    assert_eq!(numbers(db), [1, 2]);
}

/// What came in bulk is merged while nobody writes, also what an earlier process has left.
#[test]
fn segments_of_a_bulk_are_merged_at_rest() {
    let db = &mut TestDb::sqlite();
    write(db, |conn| huike_store::ddl::create_search_index(conn, "note")).unwrap();
    let bulk = |db: &TestDb, first: i64| {
        write(db, move |conn| {
            let index = (first..first + 300)
                .map(|id| conn.dialect().search_add("note", id, &format!("whua{id} 华为")));
            let index = index.collect::<Result<Vec<_>, _>>()?;
            conn.batch_and_index("note", Vec::new(), index)
        })
        .unwrap();
    };
    let count =
        |db: &TestDb, text: &'static str| read(db, |conn| conn.query_one(&Sql::raw(text))?.int(0)).unwrap();
    let segments = |db: &TestDb| count(db, "select count(distinct segid) from search_note_idx");
    let merged = |db: &TestDb| {
        let watch = Stopwatch::start();
        while segments(db) >= 8 {
            assert!(watch.elapsed() < Duration::from_secs(30), "{} segments", segments(db));
        }
    };
    (0..12).for_each(|n| bulk(db, n * 300));
    merged(db);
    (12..24).for_each(|n| bulk(db, n * 300));
    db.reopen();
    merged(db);
    assert_eq!(count(db, "select count(*) from search_note where search_note match '华为'"), 24 * 300);
}

huike_store::on_both_databases!(
    a_job_learns_when_others_wait_for_it,
    a_failing_job_takes_nothing_of_its_neighbours_with_it,
    sixty_four_writers_lose_no_number_and_give_none_twice,
    writers_that_lock_rows_crosswise_all_succeed,
    transaction_numbers_are_one_per_job_and_rise,
    async_reads_wait_for_each_other_and_all_answer,
    a_statement_that_runs_too_long_is_stopped,
    a_closed_store_finishes_what_was_queued,
);
