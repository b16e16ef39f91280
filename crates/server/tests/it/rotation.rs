//! The master key changes while people work.

use crate::binary::{Installation, Served, said};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Phones that were confirmed, by record.
type Phones = BTreeMap<String, String>;

fn read(served: &Served, key: &str, id: &str) -> Json {
    let (status, _, record) =
        served.call("GET", &format!("/records/customer/{id}"), &[("authorization", key)], &json!({}));
    assert_eq!(status, 200, "{record}");
    record["mobile"].clone()
}

/// Makes customers with phones and reads earlier ones until told to stop; every answer must be right.
fn work(served: &Served, key: &str, worker: usize, done: &AtomicBool) -> Phones {
    let mut made = Phones::new();
    let mut number = 0;
    while !done.load(Ordering::Relaxed) {
        // Numbers that no operator gives out.
        let phone = format!("154{worker}{:07}", 2_071_358 + number * 7_919);
        let body = json!({"name": format!("轮换{worker}号第{number}家有限公司"), "mobile": phone});
        let headers = [("authorization", key)];
        let (status, _, record) =
            served.call("POST", "/records/customer?on_duplicate=allow", &headers, &body);
        assert_eq!(status, 201, "{record}");
        made.insert(record["id"].as_str().unwrap().to_owned(), format!("+86{phone}"));
        let (id, phone) = made.iter().nth(number * 7 % made.len()).unwrap();
        assert_eq!(read(served, key, id), json!(phone));
        number += 1;
    }
    made
}

fn heard(lines: &Receiver<String>, wanted: &str) {
    for _ in 0..600 {
        match lines.recv_timeout(Duration::from_millis(100)) {
            Ok(line) if line.contains(wanted) => return,
            Ok(line) => assert!(!line.contains("ERROR"), "{line}"),
            Err(_) => {}
        }
    }
    panic!("the server never said: {wanted}");
}

fn the_master_key_changes_while_serving_and_nothing_fails_or_is_lost(db: &mut TestDb) {
    let place = Installation::new(db);
    let mut served = place.serve();
    let (sender, lines) = channel();
    let errors = served.errors();
    thread::spawn(move || errors.map_while(|line| sender.send(line).ok()).count());
    let key = place.found(&served);
    let done = AtomicBool::new(false);
    let phones: Phones = thread::scope(|scope| {
        let workers: Vec<_> = (0..3)
            .map(|worker| {
                let (served, key, done) = (&served, &key, &done);
                scope.spawn(move || work(served, key, worker, done))
            })
            .collect();
        for _ in 0..2 {
            thread::park_timeout(Duration::from_millis(700));
            said(place.command().args(["key", "rotate"]).output().unwrap());
            served.signal("HUP");
            heard(&lines, "everything is under the current master key");
        }
        thread::park_timeout(Duration::from_millis(500));
        done.store(true, Ordering::Relaxed);
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(phones.len() > 20, "only {} were made", phones.len());
    assert!(served.end());
    // The older keys may be thrown away.
    let file = place.data.path().join("keys/master.key");
    let text = std::fs::read_to_string(&file).unwrap();
    let keys: Vec<&str> = text.lines().filter(|line| line.contains(':') && !line.starts_with('#')).collect();
    assert_eq!(keys.len(), 3);
    std::fs::write(
        &file,
        keys.iter().max_by_key(|line| line.split(':').next().unwrap().parse::<u32>().unwrap()).unwrap(),
    )
    .unwrap();
    let served = place.serve();
    for (id, phone) in &phones {
        assert_eq!(read(&served, &key, id), json!(phone));
    }
    // A sealed value is still found by what it is.
    let (id, phone) = phones.iter().next().unwrap();
    let filter = json!({"filter": {"field": "mobile", "op": "eq", "value": phone}});
    let (_, _, found) = served.call("POST", "/records/customer/query", &[("authorization", &key)], &filter);
    assert_eq!(found["items"][0]["id"], json!(id), "{found}");
    assert!(served.end());
}

huike_store::on_both_databases!(the_master_key_changes_while_serving_and_nothing_fails_or_is_lost);
