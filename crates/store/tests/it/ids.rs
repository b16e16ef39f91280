use std::collections::HashSet;

use huike_store::log::LogEntry;
use huike_store::testing::{START_MS, TestDb};
use huike_store::{Conn, Sql, Store, StoreError, id_ms};

use crate::{read, write};

fn some_ids(store: &Store, count: usize) -> Vec<i64> {
    store
        .write_blocking(move |conn| {
            (0..count).map(|_| conn.next_id()).collect::<Result<Vec<_>, StoreError>>()
        })
        .unwrap()
}

/// As the engine does: what is written is logged, and the log tells the newest id after a restart.
fn logged_id(store: &Store) -> i64 {
    store.write_blocking(|conn: &mut Conn| append(conn).map(|entry| entry.id)).unwrap()
}

pub fn append(conn: &mut Conn) -> Result<LogEntry, StoreError> {
    let entry = LogEntry {
        tx: conn.tx_number()?,
        id: conn.next_id()?,
        at: START_MS,
        actor: Some(1),
        actor_kind: "user".into(),
        via: "http".into(),
        request: None,
        object: "customer".into(),
        record_id: Some(7),
        op: "update".into(),
        before: Some("{}".into()),
        after: None,
        meta: None,
    };
    conn.execute(&entry.clone().insert()?)?;
    Ok(entry)
}

fn ids_rise_and_carry_their_time(db: &mut TestDb) {
    let mut last = 0;
    for ms in [0, 0, 1, 5_000, 86_400_000 * 365] {
        let now = db.clock.advance_ms(ms);
        // More than one millisecond's worth of sequence numbers.
        let ids = some_ids(&db.store, 5_000);
        assert!(ids.is_sorted_by(|a, b| a < b) && ids[0] > last);
        assert!((now..now + 20).contains(&id_ms(ids[4_999])));
        last = ids[4_999];
    }
}

fn ids_rise_while_the_clock_goes_back(db: &mut TestDb) {
    let before = some_ids(&db.store, 10);
    db.clock.advance_ms(-3_600_000);
    let after = some_ids(&db.store, 10_000);
    assert!(after.is_sorted_by(|a, b| a < b) && after[0] > before[9]);
}

fn ids_rise_over_a_restart_with_the_clock_behind(db: &mut TestDb) {
    let before = logged_id(&db.store);
    db.clock.advance_ms(-3_600_000);
    db.reopen();
    let after = logged_id(&db.store);
    assert!(after > before, "{after} > {before}");
}

fn threads_never_share_an_id(db: &mut TestDb) {
    let store = &db.store;
    let ids: HashSet<i64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(move || some_ids(store, 2_000))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 16_000);
}

fn a_lapsed_lease_is_taken_anew_before_the_next_job(db: &mut TestDb) {
    let before = some_ids(&db.store, 1)[0];
    db.clock.advance_ms(86_400_000);
    // Another process took the number in the meantime.
    write(db, |conn| {
        conn.execute(&Sql::raw("update node set holder = 'another', leased_until = 9000000000000"))
    })
    .unwrap();
    db.clock.advance_ms(86_400_000);
    let after = some_ids(&db.store, 1)[0];
    let node = |id: i64| (id >> 12) & 1023;
    assert_eq!((node(before), node(after)), (0, 1));
    let nodes = read(db, |conn| conn.query(&Sql::raw("select id, holder from node order by id"))).unwrap();
    assert_eq!((nodes.len(), nodes[0].text(1)), (2, Ok("another")));
}

fn a_job_that_outlives_its_lease_fails(db: &mut TestDb) {
    let clock = db.clock.clone();
    let late = write(db, move |conn| {
        conn.next_id()?;
        clock.advance_ms(3_600_000);
        conn.next_id()
    });
    assert!(matches!(late, Err(StoreError::Unavailable { .. })), "{late:?}");
    assert_eq!(some_ids(&db.store, 3).len(), 3);
}

huike_store::on_both_databases!(
    ids_rise_and_carry_their_time,
    ids_rise_while_the_clock_goes_back,
    ids_rise_over_a_restart_with_the_clock_behind,
    threads_never_share_an_id,
    a_lapsed_lease_is_taken_anew_before_the_next_job,
    a_job_that_outlives_its_lease_fails,
);

#[test]
fn nodes_never_share_an_id_even_when_a_fast_clock_takes_over_a_number() {
    let db = TestDb::postgres();
    let fast = std::sync::Arc::new(huike_store::SetClock::at_ms(START_MS));
    let mut options = db.options();
    options.clock = fast.clone();
    let other = Store::open_blocking(db.location(), options).unwrap();
    let mut seen: HashSet<i64> = HashSet::new();
    let mut count = 0;
    for hop in [0, 1, 700_000, -1_300_000, 2_000_000, 5] {
        fast.advance_ms(hop);
        db.clock.advance_ms(hop / 3);
        for store in [&db.store, &other, &db.store] {
            seen.extend(some_ids(store, 500));
            count += 500;
        }
    }
    assert_eq!(seen.len(), count);
}
