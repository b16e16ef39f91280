//! Every operation, tried by somebody who isn't signed in.

use crate::harness::{World, filled, method};
use huike_server::http::operations::{BASE, all};
use huike_store::testing::TestDb;
use serde_json::json;
use std::collections::BTreeSet;

/// What strangers may call. This list may only shrink.
const OPEN: [&str; 3] = ["readSetup", "setUp", "signIn"];

const SOMEBODY: &str = "0000000000001";

fn every_operation_but_the_open_ones_asks_who_calls(db: &mut TestDb) {
    let (world, _) = World::founded(db);
    let stranger = world.stranger();
    let forged = world
        .stranger()
        .with("cookie", "hk_session=hs_0123456789abcdefghijABCDEFGHIJ0123456789ab")
        .with("x-csrf-token", "x");
    let wrong_key =
        world.stranger().with("authorization", "Bearer hk_0123456789abcdefghijABCDEFGHIJ0123456789ab");
    let mut open = BTreeSet::new();
    for operation in all() {
        let path = format!("{BASE}{}", filled(operation.path, "customer", SOMEBODY));
        for caller in [&stranger, &forged, &wrong_key] {
            let reply = caller.raw(method(operation.verb.name()), &path, json!({}).to_string().into_bytes());
            if reply.status == 401 && reply.json()["code"] == "not_signed_in" {
                reply.problem();
            } else {
                open.insert(operation.id);
            }
        }
    }
    assert_eq!(open, BTreeSet::from(OPEN));
}

fn what_is_open_to_strangers_tells_them_nothing_about_people(db: &mut TestDb) {
    let (world, _) = World::founded(db);
    let stranger = world.stranger();
    let shown = stranger.get("/setup").expect(200).json();
    assert_eq!((&shown["needed"], shown.as_object().map(|members| members.len())), (&json!(false), Some(4)));
    assert_eq!(shown["signed_in"], json!(false));
    assert!(shown["company"].is_string() && shown["logo"].is_null(), "{shown}");
    let setup =
        json!({"company": "乙", "name": "乙", "login": "other", "password": "correct-Horse-7-battery"});
    stranger.post("/setup", &setup).expect_problem("conflict");
    let known = stranger.post("/session", &json!({"login": "admin", "password": "wrong"}));
    let unknown = stranger.post("/session", &json!({"login": "nobody", "password": "wrong"}));
    assert_eq!(known.expect_problem("bad_credentials"), unknown.expect_problem("bad_credentials"));
}

fn the_document_shows_strangers_no_object(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let document = |client: &crate::harness::Client| {
        client.raw(axum::http::Method::GET, "/api/openapi.json", vec![]).expect(200).json()["components"]["schemas"].clone()
    };
    assert!(document(&world.stranger()).get("customer").is_none());
    assert!(document(&admin)["customer"]["properties"]["name"].is_object());
}

fn someone_without_any_role_reaches_no_record_and_nothing_breaks(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let customer = admin.make("customer", json!({"name": "杭州示例科技有限公司"}));
    let user = admin.post("/records/user", &json!({"name": "新人", "login": "newcomer"})).expect(201).id();
    let first = "first-Horse-7-battery";
    admin.post(&format!("/users/{user}/password"), &json!({"password": first})).expect(200);
    let newcomer = world.sign_in("newcomer", first);
    newcomer.get("/dictionary").expect_problem("forbidden");
    newcomer
        .post("/session/password", &json!({"current": first, "new": crate::harness::PASSWORD}))
        .expect(204);
    let mut allowed = BTreeSet::new();
    for operation in all().filter(|operation| {
        !OPEN.contains(&operation.id) && operation.id != "events" && operation.id != "signOut"
    }) {
        let path = format!("{BASE}{}", filled(operation.path, "customer", &customer));
        let newcomer = newcomer.clone().with("content-type", "application/json");
        let reply = newcomer.raw(method(operation.verb.name()), &path, json!({}).to_string().into_bytes());
        assert!(reply.status.as_u16() < 500, "{}: {}", operation.id, reply.text());
        if reply.status.is_success() {
            assert!(!reply.text().contains("示例科技"), "{}: {}", operation.id, reply.text());
            allowed.insert(operation.id);
        } else {
            reply.problem();
        }
    }
    let own = [
        "beginTotp",
        "changeSession",
        "countObligations",
        "endSeeAs",
        "exportDictionary",
        "listAbsences",
        "listGreetings",
        "listImports",
        "listKeys",
        "listNotifications",
        "listObligations",
        "listPushDevices",
        "listSessions",
        "listWorkDays",
        "putReach",
        "readCalendar",
        "readContactRules",
        "readDictionary",
        "readNotifications",
        "readReach",
        "readSession",
        "readTeam",
        "readTree",
        "search",
    ];
    assert_eq!(allowed, BTreeSet::from(own));
}

huike_store::on_both_databases!(
    every_operation_but_the_open_ones_asks_who_calls,
    what_is_open_to_strangers_tells_them_nothing_about_people,
    the_document_shows_strangers_no_object,
    someone_without_any_role_reaches_no_record_and_nothing_breaks,
);
