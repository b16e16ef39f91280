//! Malformed input everywhere: a 4xx with a code of the table, never our own fault.

use crate::harness::{Client, Reply, World, filled, method};
use huike_server::http::operations::{BASE, Body, Operation, all};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

/// Operations that never answer, or end the session that the test needs.
const LEFT_OUT: [&str; 2] = ["events", "signOut"];

fn operations() -> impl Iterator<Item = &'static Operation> {
    all().filter(|operation| !LEFT_OUT.contains(&operation.id))
}

fn ask(client: &Client, operation: &Operation, path: &str, body: Vec<u8>) -> Reply {
    client.raw(method(operation.verb.name()), &format!("{BASE}{path}"), body)
}

#[track_caller]
fn refused(operation: &Operation, what: &str, reply: &Reply) {
    assert!(
        reply.status.is_client_error(),
        "{} with {what}: {} {}",
        operation.id,
        reply.status,
        reply.text()
    );
    reply.problem();
}

fn deep(levels: usize) -> Vec<u8> {
    let mut text = "{\"filter\":".to_owned();
    text.push_str(&"[".repeat(levels));
    text.push_str(&"]".repeat(levels));
    text.push('}');
    text.into_bytes()
}

fn a_body_that_is_no_json_is_refused_by_every_operation_that_takes_one(db: &mut TestDb) {
    let (_, admin) = World::founded_with(db, &[("body_limit_bytes", "65536")]);
    let id = admin.make("customer", json!({"name": "杭州示例科技有限公司"}));
    let with = |kind: &str| admin.clone().with("content-type", kind);
    let (json, text, gbk) =
        (with("application/json"), with("text/plain"), with("application/json; charset=gbk"));
    let cases: Vec<(&str, &Client, Vec<u8>, &str)> = vec![
        ("nothing", &json, vec![], "malformed"),
        ("half a body", &json, b"{\"name\": \"".to_vec(), "malformed"),
        ("bytes that are no UTF-8", &json, b"{\"name\": \"\xff\xfe\"}".to_vec(), "malformed"),
        ("a bare word", &json, b"name".to_vec(), "malformed"),
        ("a deep body", &json, deep(10_000), "malformed"),
        ("a body after another", &json, b"{} {}".to_vec(), "malformed"),
        (
            "too large a body",
            &json,
            format!("{{\"name\": \"{}\"}}", "x".repeat(70_000)).into_bytes(),
            "too_large",
        ),
        ("another type", &text, b"{}".to_vec(), "unsupported_media"),
        ("another charset", &gbk, b"{}".to_vec(), "unsupported_media"),
        ("no type", &admin, b"{}".to_vec(), "unsupported_media"),
    ];
    for operation in operations().filter(|operation| !matches!(operation.body, Body::None | Body::Form(_))) {
        let path = filled(operation.path, "customer", &id);
        for (what, client, body, code) in &cases {
            let reply = ask(client, operation, &path, body.clone());
            refused(operation, what, &reply);
            reply.expect_problem(code);
        }
    }
}

fn json_of_the_wrong_shape_is_refused_by_every_operation_that_takes_a_body(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let id = admin.make("customer", json!({"name": "杭州示例科技有限公司"}));
    let bodies = [
        json!(null),
        json!(17),
        json!("text"),
        json!([1, 2]),
        json!({"no_such_member": 1}),
        json!({"filter": 1, "operations": 1, "fields": 1, "groups": 1, "name": {"a": []}, "login": [], "objects": 3, "grantee": 5}),
        json!({"filter": {"field": "name", "op": "like", "value": 1}, "operations": [{"op": "explode"}]}),
        json!({"name": "\u{0}", "login": "\u{0}", "password": "\u{0}", "code": "\u{0}"}),
    ];
    for operation in operations().filter(|operation| !matches!(operation.body, Body::None | Body::Form(_))) {
        let path = filled(operation.path, "customer", &id);
        for body in &bodies {
            let reply = admin.send(method(operation.verb.name()), &path, Some(body));
            assert!(reply.status.as_u16() < 500, "{} with {body}: {}", operation.id, reply.text());
            if body == &json!({"no_such_member": 1}) {
                refused(operation, "an unknown member", &reply);
            }
            if !reply.status.is_success() {
                reply.problem();
            }
        }
    }
}

fn paths_that_lead_nowhere_are_not_found(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let long = "9".repeat(3_000);
    let ids = [
        "1",
        "-1",
        "zzzzzzzzzzzzz",
        "0000000000001",
        "%00",
        "%E5%AE%A2",
        "..%2F..%2Fetc",
        "'%20or%201=1",
        &long,
    ];
    let client = admin.clone().with("content-type", "application/json");
    for operation in operations().filter(|operation| operation.path.contains('{')) {
        for id in ids {
            for object in ["customer", "no_such_object", "%00", id] {
                let path = filled(operation.path, object, id);
                let reply = ask(&client, operation, &path, b"{}".to_vec());
                assert!(reply.status.as_u16() < 500, "{} at {path}: {}", operation.id, reply.text());
                if !reply.status.is_success() {
                    reply.problem();
                }
            }
        }
        let reply = ask(&client, operation, &filled(operation.path, "%ff%fe", "%ff"), b"{}".to_vec());
        refused(operation, "a path that is no UTF-8", &reply);
    }
}

fn query_strings_are_checked_everywhere(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let id = admin.make("customer", json!({"name": "杭州示例科技有限公司"}));
    let client = admin.clone().with("content-type", "application/json");
    for operation in operations().filter(|operation| !operation.query.is_empty()) {
        let path = filled(operation.path, "customer", &id);
        let mut queries = vec!["no_such_parameter=1".to_owned()];
        for parameter in operation.query {
            for value in
                ["%ff", "%00", "-1", "x".repeat(5_000).as_str(), "{", "[[[[", "9223372036854775808", ""]
            {
                queries.push(format!("{}={value}", parameter.name));
            }
        }
        for query in queries {
            let reply = ask(&client, operation, &format!("{path}?{query}"), b"{}".to_vec());
            assert!(reply.status.as_u16() < 500, "{}?{query}: {}", operation.id, reply.text());
            if query.starts_with("no_such") {
                refused(operation, &query, &reply);
            }
            if !reply.status.is_success() {
                reply.problem();
            }
        }
    }
}

fn a_filter_of_any_shape_is_answered_or_refused(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let mut nested = json!({"field": "name", "op": "eq", "value": "甲"});
    for _ in 0..60 {
        nested = json!({"not": nested});
    }
    let many: Vec<Json> =
        (0..2_000).map(|n| json!({"field": "name", "op": "eq", "value": n.to_string()})).collect();
    let filters = [
        json!({}),
        json!({"all": {}}),
        json!({"any": [1]}),
        json!({"field": "name"}),
        json!({"field": "no_such_field", "op": "eq", "value": 1}),
        json!({"field": "name", "op": "between", "value": 1}),
        json!({"field": "name", "op": "eq", "value": {"a": 1}}),
        json!({"field": "owner.department.owner.department.name", "op": "eq", "value": "x"}),
        json!({"field": "created_at", "op": "within", "value": {"last": "99999999999d"}}),
        json!({"field": "owner", "op": "eq", "value": "not an id"}),
        json!({"field": "name", "op": "contains", "value": "\u{0}%_\\"}),
        nested,
        json!({"any": many}),
    ];
    for filter in filters {
        let reply = admin.post("/records/customer/query", &json!({"filter": filter}));
        assert!(reply.status.as_u16() < 500, "{filter}: {}", reply.text());
        if !reply.status.is_success() {
            reply.problem();
        }
    }
    admin.post("/records/customer/query", &json!({"cursor": "00ff"})).expect_problem("bad_cursor");
    admin.post("/records/customer/query", &json!({"cursor": "forged"})).expect_problem("bad_cursor");
}

fn unknown_paths_and_methods_are_problems_too(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    admin.get("/no/such/path").expect_problem("not_found");
    admin.raw(axum::http::Method::GET, "/api/v2/records", vec![]).expect_problem("not_found");
    admin.raw(axum::http::Method::PUT, "/api/v1/session", vec![]).expect_problem("method_not_allowed");
    admin.raw(axum::http::Method::POST, "/customers", vec![]).expect_problem("method_not_allowed");
    admin.raw(axum::http::Method::DELETE, "/healthz", vec![]).expect_problem("method_not_allowed");
}

fn problems_speak_the_language_that_is_asked_for_and_else_the_persons(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let title = |client: &Client| {
        client.get("/records/customer/0000000000001").problem()["title"].as_str().unwrap().to_owned()
    };
    assert!(!title(&admin).is_ascii(), "the person reads Chinese");
    assert!(title(&admin.clone().with("accept-language", "en")).is_ascii());
    admin.patch("/session", &json!({"language": "en"})).expect(200);
    assert!(title(&admin).is_ascii(), "now the person reads English");
    assert!(title(&admin.clone().with("accept-language", "fr")).is_ascii());
    let asking = admin.clone().with("accept-language", "zh-CN,zh;q=0.9,en;q=0.8");
    assert!(!title(&asking).is_ascii());
    // A link that was followed: only the browser's settings speak.
    assert!(title(&asking.with("sec-fetch-mode", "navigate")).is_ascii());
    assert!(title(&world.stranger().with("accept-language", "en-GB")).is_ascii());
    assert!(!title(&world.stranger()).is_ascii());
}

huike_store::on_both_databases!(
    a_body_that_is_no_json_is_refused_by_every_operation_that_takes_one,
    json_of_the_wrong_shape_is_refused_by_every_operation_that_takes_a_body,
    paths_that_lead_nowhere_are_not_found,
    query_strings_are_checked_everywhere,
    a_filter_of_any_shape_is_answered_or_refused,
    unknown_paths_and_methods_are_problems_too,
    problems_speak_the_language_that_is_asked_for_and_else_the_persons,
);
