//! The server is killed at work, as a power cut would. What was confirmed is there; what wasn't is there whole or not at all.

use crate::binary::{Installation, Served, said};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

fn post(served: &Served, key: &str, path: &str, once: &str, body: &Json) -> Option<(u16, Json)> {
    let headers = [("authorization", key), ("content-type", "application/json"), ("idempotency-key", once)];
    served.send("POST", path, &headers, body.to_string().as_bytes())
}

fn query(served: &Served, key: &str, object: &str, body: &Json) -> Json {
    let path = format!("/records/{object}/query");
    let (status, _, page) = served.call("POST", &path, &[("authorization", key)], body);
    assert_eq!(status, 200, "{page}");
    page
}

/// All values of a field, in one list.
fn all(served: &Served, key: &str, object: &str, field: &str) -> Vec<String> {
    let (mut values, mut cursor) = (Vec::new(), Json::Null);
    loop {
        let body = json!({"fields": [field], "sort": [], "limit": 200, "cursor": cursor});
        let page = query(served, key, object, &body);
        let items = page["items"].as_array().unwrap().iter();
        values.extend(items.map(|item| item[field].as_str().unwrap_or_default().to_owned()));
        cursor = page["next_cursor"].clone();
        if cursor.is_null() {
            return values;
        }
    }
}

fn visit(customer: &str, text: &str) -> Json {
    json!({"kind": "call", "customer": customer, "content": text, "next_step": text, "next_step_at": "2027-01-05T02:00:00Z"})
}

/// Writes until the server is gone: what was confirmed with its id, and what may or may not have happened.
fn write(served: &Served, key: &str, customer: &str, worker: usize) -> (Vec<(String, String)>, String) {
    let mut confirmed = Vec::new();
    for number in 0.. {
        let text = format!("visit {worker}-{number}");
        match post(served, key, "/records/interaction", &text, &visit(customer, &text)) {
            Some((201, record)) => confirmed.push((text, record["id"].as_str().unwrap().to_owned())),
            Some((status, problem)) => panic!("{status} {problem}"),
            None => return (confirmed, text),
        }
    }
    unreachable!("the server is killed before the numbers end")
}

fn writes_are_whole_and_confirmed_ones_outlive_a_kill(db: &mut TestDb) {
    let place = Installation::new(db);
    let mut served = place.serve();
    let key = place.found(&served);
    let made = post(&served, &key, "/records/customer", "customer", &json!({"name": "杭州示例科技有限公司"}));
    let customer = made.unwrap().1["id"].as_str().unwrap().to_owned();
    let mut confirmed = Vec::new();
    let mut expected = BTreeSet::new();
    for round in 0..3 {
        let unknown: Vec<String> = thread::scope(|scope| {
            let (server, key, customer) = (&served, &key, &customer);
            let workers: Vec<_> = (0..4)
                .map(|worker| scope.spawn(move || write(server, key, customer, round * 10 + worker)))
                .collect();
            thread::park_timeout(Duration::from_millis(900 + 130 * round as u64));
            server.signal("KILL");
            let ended = workers.into_iter().map(|worker| worker.join().unwrap());
            ended
                .map(|(done, unknown)| {
                    confirmed.extend(done);
                    unknown
                })
                .collect()
        });
        served.kill();
        served = place.serve();
        for text in unknown {
            // The same request again takes effect once, whether or not it did before.
            let (status, record) =
                post(&served, &key, "/records/interaction", &text, &visit(&customer, &text)).unwrap();
            assert_eq!(status, 201, "{record}");
            confirmed.push((text, record["id"].as_str().unwrap().to_owned()));
        }
    }
    assert!(confirmed.len() > 30, "only {} were written", confirmed.len());
    for (text, id) in &confirmed {
        let path = format!("/records/interaction/{id}");
        let (status, _, record) = served.call("GET", &path, &[("authorization", &key)], &json!({}));
        assert_eq!((status, record["content"].as_str()), (200, Some(text.as_str())));
        expected.insert(text.clone());
    }
    // Each once, each with the task that it makes, and the customer's figures are those of its rows.
    for (object, field) in [("interaction", "content"), ("task", "title")] {
        let values = all(&served, &key, object, field);
        assert_eq!(values.len(), expected.len(), "{object}");
        assert_eq!(values.into_iter().collect::<BTreeSet<_>>(), expected, "{object}");
    }
    let (_, _, record) =
        served.call("GET", &format!("/records/customer/{customer}"), &[("authorization", &key)], &json!({}));
    let newest = query(&served, &key, "interaction", &json!({"sort": ["-occurred_at"], "limit": 1}));
    assert_eq!(record["last_contact_at"], newest["items"][0]["occurred_at"], "{record}");
    assert_eq!(record["next_step_at"], "2027-01-05T02:00:00Z", "{record}");
    assert!(served.end());
    let public = said(place.command().args(["audit", "key"]).output().unwrap());
    let verified = said(place.command().args(["audit", "verify", "--key", &public]).output().unwrap());
    assert!(verified.contains("The log is as it was written"), "{verified}");
}

/// How many rows are brought: more each time, until a machine is too slow to have them all before it is killed.
const ROWS: [usize; 3] = [1_500, 6_000, 24_000];

fn an_import_that_is_killed_goes_on_and_brings_no_row_twice(db: &mut TestDb) {
    let place = Installation::new(db);
    let served = place.serve();
    let key = place.found(&served);
    let bearer = [("authorization", key.as_str())];
    let wait = |served: &Served, path: &str, enough: &dyn Fn(&Json) -> bool| {
        for _ in 0..12_000 {
            let (_, _, import) = served.call("GET", path, &bearer, &json!({}));
            if enough(&import) {
                return import;
            }
            thread::park_timeout(Duration::from_millis(10));
        }
        panic!("the import does not get there");
    };
    let mut brought = 0;
    let (path, rows) = ROWS
        .into_iter()
        .find_map(|rows| {
            let path = bring(&served, &key, brought, rows);
            brought += rows;
            let begun = |import: &Json| import["progress"]["done"].as_i64().unwrap_or_default() > 0;
            (wait(&served, &path, &begun)["state"] == "running").then_some((path, rows))
        })
        .expect("it is killed before its end");
    served.kill();
    let served = place.serve();
    let done = wait(&served, &path, &|import| import["state"] != "running");
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(
        (done["progress"]["done"].as_u64(), done["progress"]["created"].as_u64()),
        (Some(rows as u64), Some(rows as u64))
    );
    let names = all(&served, &key, "customer", "name");
    assert_eq!(names.len(), brought);
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), brought);
    assert!(served.end());
}

/// Starts an import of customers that are numbered from `first`; tells its path.
fn bring(served: &Served, key: &str, first: usize, rows: usize) -> String {
    let rows: String =
        (first..first + rows).map(|row| format!("第{row}号示例有限公司,1543{row:07}\n")).collect();
    let body = format!(
        "--e\r\nContent-Disposition: form-data; name=\"object\"\r\n\r\ncustomer\r\n--e\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n客户名称,手机\n{rows}\r\n--e--\r\n"
    );
    let headers = [("authorization", key), ("content-type", "multipart/form-data; boundary=e")];
    let (status, import) = served.send("POST", "/imports", &headers, body.as_bytes()).unwrap();
    assert_eq!(status, 201, "{import}");
    let path = format!("/imports/{}", import["id"].as_str().unwrap());
    assert_eq!(served.call("POST", &format!("{path}/start"), &[("authorization", key)], &json!({})).0, 202);
    path
}

const PAIRS: usize = 24;

/// Two customers that are one, the second with people and a follow-up.
struct Twins {
    winner: String,
    loser: String,
}

fn twins(served: &Served, key: &str) -> Vec<Twins> {
    let made = |object: &str, once: String, body: Json| {
        let path = format!("/records/{object}?on_duplicate=allow");
        let (status, record) = post(served, key, &path, &once, &body).unwrap();
        assert_eq!(status, 201, "{record}");
        record["id"].as_str().unwrap().to_owned()
    };
    let customer = |n: usize, form: &str| {
        let body = json!({"name": format!("第{n}号示例{form}"), "phone": "0571-98881234"});
        made("customer", format!("customer {n} {}", form.len()), body)
    };
    let pair = |n: usize| {
        let (winner, loser) = (customer(n, "有限公司"), customer(n, "公司"));
        for person in 0..3 {
            let body = json!({"name": format!("联系人{n}之{person}"), "customer": loser});
            made("contact", format!("contact {n} {person}"), body);
        }
        made("interaction", format!("talk {n}"), json!({"kind": "call", "customer": loser, "content": "谈"}));
        Twins { winner, loser }
    };
    (0..PAIRS).map(pair).collect()
}

fn merge(served: &Served, key: &str, twins: &Twins) -> Option<(u16, Json)> {
    let body = json!({"winner": twins.winner, "losers": [twins.loser]});
    post(served, key, "/records/customer/merge", &format!("merge {}", twins.loser), &body)
}

/// How many contacts and follow-ups a customer has.
fn belongings(served: &Served, key: &str, customer: &str) -> (usize, usize) {
    let count = |object: &str| {
        let filter = json!({"field": "customer", "op": "eq", "value": customer});
        let page = query(served, key, object, &json!({"filter": filter, "fields": ["id"], "limit": 50}));
        page["items"].as_array().unwrap().len()
    };
    (count("contact"), count("interaction"))
}

fn a_merge_that_is_killed_is_whole_or_never_was_and_is_undone(db: &mut TestDb) {
    let place = Installation::new(db);
    let served = place.serve();
    let key = place.found(&served);
    let all = twins(&served, &key);
    let confirmed = thread::scope(|scope| {
        let (server, key, all) = (&served, &key, &all);
        let worker = scope.spawn(move || {
            let merged = |pair: &Twins| match merge(server, key, pair) {
                Some((200, merge)) => Some(merge["id"].as_str().unwrap().to_owned()),
                Some((status, problem)) => panic!("{status} {problem}"),
                None => None,
            };
            all.iter().map_while(merged).count()
        });
        thread::park_timeout(Duration::from_millis(700));
        server.signal("KILL");
        worker.join().unwrap()
    });
    served.kill();
    let served = place.serve();
    let bearer = [("authorization", key.as_str())];
    for (number, pair) in all.iter().enumerate() {
        let path = format!("/records/customer/{}", pair.loser);
        let (status, _, found) = served.call("GET", &path, &bearer, &json!({}));
        assert_eq!(status, 200, "{found}");
        let merged = found["id"] == pair.winner.as_str();
        assert!(merged || number >= confirmed, "what was confirmed is merged");
        assert!(merged == (number < confirmed) || number == confirmed, "what was not begun is not merged");
        let (of_winner, of_loser) = if merged { ((3, 1), (0, 0)) } else { ((0, 0), (3, 1)) };
        assert_eq!(belongings(&served, &key, &pair.winner), of_winner, "pair {number}");
        assert_eq!(belongings(&served, &key, &pair.loser), of_loser, "pair {number}");
    }
    for pair in &all {
        // Asked again it takes effect once, and can be taken back.
        let (status, merge) = merge(&served, &key, pair).unwrap();
        assert_eq!(status, 200, "{merge}");
        let undo = format!("/records/customer/merges/{}/undo", merge["id"].as_str().unwrap());
        let (status, _, undone) = served.call("POST", &undo, &bearer, &json!({}));
        assert_eq!((status, &undone["undone"]), (200, &json!(true)), "{undone}");
        assert_eq!(belongings(&served, &key, &pair.loser), (3, 1));
        assert_eq!(belongings(&served, &key, &pair.winner), (0, 0));
    }
    assert!(served.end());
}

huike_store::on_both_databases!(
    writes_are_whole_and_confirmed_ones_outlive_a_kill,
    an_import_that_is_killed_goes_on_and_brings_no_row_twice,
    a_merge_that_is_killed_is_whole_or_never_was_and_is_undone,
);
