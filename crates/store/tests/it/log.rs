use std::sync::mpsc::channel;

use huike_store::log::{Cursor, LogEntry, read_after};
use huike_store::testing::TestDb;
use huike_store::{Conn, Sql, StoreError};

use crate::ids::append;
use crate::{read, sql, write};

fn after(db: &TestDb, cursor: Cursor, limit: u32) -> Vec<LogEntry> {
    read(db, |conn| read_after(conn, cursor, limit)).unwrap()
}

fn rows_come_back_whole_in_order_and_by_pages(db: &mut TestDb) {
    let written: Vec<LogEntry> =
        (0..5).flat_map(|_| write(db, |conn| Ok([append(conn)?, append(conn)?])).unwrap()).collect();
    db.settle();
    let mut cursor = Cursor::default();
    let mut seen = Vec::new();
    loop {
        let page = after(db, cursor, 3);
        let Some(last) = page.last() else { break };
        cursor = last.cursor();
        seen.extend(page);
    }
    assert_eq!(seen, written);
}

fn a_reader_beside_many_writers_sees_every_row_once(db: &mut TestDb) {
    let store = &db.store;
    let mut seen: Vec<Cursor> = Vec::new();
    let mut written: Vec<Cursor> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(move || {
                    let job = |conn: &mut Conn| append(conn).map(|entry| entry.cursor());
                    (0..25).map(|_| store.write_blocking(job).unwrap()).collect::<Vec<_>>()
                })
            })
            .collect();
        while seen.len() < 200 {
            let page = after(db, seen.last().copied().unwrap_or_default(), 50);
            seen.extend(page.iter().map(LogEntry::cursor));
        }
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    written.sort_unstable();
    assert_eq!(seen, written);
}

fn numbers_go_on_above_a_restored_log(db: &mut TestDb) {
    let far = 5_000_000_000_000_i64;
    write(db, move |conn| {
        let mut entry = append(conn)?;
        entry.tx = far;
        conn.execute(&entry.insert()?)
    })
    .unwrap();
    db.reopen();
    let first = write(db, append).unwrap();
    assert!(first.tx > far);
    db.reopen();
    let second = write(db, append).unwrap();
    assert!(second.tx > first.tx);
    db.settle();
    let seen: Vec<i64> = after(db, Cursor { tx: far, id: i64::MAX }, 10).iter().map(|e| e.tx).collect();
    assert_eq!(seen, [first.tx, second.tx]);
}

huike_store::on_both_databases!(
    rows_come_back_whole_in_order_and_by_pages,
    a_reader_beside_many_writers_sees_every_row_once,
    numbers_go_on_above_a_restored_log,
);

#[test]
fn a_reader_does_not_pass_a_transaction_that_commits_late() {
    let db = TestDb::postgres();
    let (numbered, wait_numbered) = channel();
    let (commit, wait_commit) = channel::<()>();
    let store = db.store.clone();
    let late = std::thread::spawn(move || {
        let wait_commit = parking_lot::Mutex::new(wait_commit);
        store.write_blocking(move |conn: &mut Conn| {
            let entry = append(conn)?;
            numbered.send(entry.tx).ok();
            wait_commit.lock().recv().ok();
            Ok::<_, StoreError>(entry)
        })
    });
    let smaller: i64 = wait_numbered.recv().unwrap();
    let larger = write(&db, append).unwrap();
    assert!(larger.tx > smaller);
    // The larger one is there for everybody to see, but a reader of the log must wait.
    let visible = sql("select count(*) from change_log where tx = $1", [larger.tx.into()]);
    assert_eq!(read(&db, |conn| conn.query_one(&visible)?.int(0)), Ok(1));
    assert_eq!(after(&db, Cursor::default(), 10), []);
    commit.send(()).unwrap();
    let earlier = late.join().unwrap().unwrap();
    db.settle();
    assert_eq!(after(&db, Cursor::default(), 10), [earlier, larger]);
}

#[test]
fn sqlite_numbers_follow_the_order_of_commits_without_gaps_in_a_group() {
    let db = TestDb::sqlite();
    let store = &db.store;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(move || (0..10).for_each(|_| drop(store.write_blocking(append).unwrap())));
        }
    });
    let rows = read(&db, |conn| conn.query(&Sql::raw("select tx from change_log order by rowid"))).unwrap();
    let numbers: Vec<i64> = rows.iter().map(|row| row.int(0).unwrap()).collect();
    assert_eq!(numbers, (1..=80).collect::<Vec<_>>());
}
