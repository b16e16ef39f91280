//! Signing in, cookies, CSRF, keys.

use crate::harness::{PASSWORD, World, filled, method};
use huike_server::http::operations::{Access, BASE, all};
use huike_store::testing::TestDb;
use serde_json::json;

fn the_first_visit_makes_the_administrator_and_only_the_first(db: &mut TestDb) {
    let world = World::fresh(db);
    let stranger = world.stranger();
    assert_eq!(
        stranger.get("/setup").expect(200).json(),
        json!({"needed": true, "signed_in": false, "company": null, "logo": null})
    );
    let faulty =
        stranger.post("/setup", &json!({"company": " ", "name": "", "login": "a b", "password": "123"}));
    let faults = faulty.expect(422).faults();
    for field in ["company", "name", "login", "password"] {
        assert!(faults.iter().any(|fault| fault.starts_with(field)), "{field} in {faults:?}");
    }
    assert_eq!(
        stranger.get("/setup").expect(200).json(),
        json!({"needed": true, "signed_in": false, "company": null, "logo": null})
    );
    let body = json!({"company": "示例公司", "name": "周岚", "login": "admin", "password": PASSWORD, "language": "zh"});
    let reply = stranger.post("/setup", &body).expect(200);
    let session = reply.json();
    assert_eq!(session["user"]["login"], "admin");
    assert_eq!(session["company"]["name"], "示例公司");
    assert_eq!(session["admin"], json!(["users", "dictionary", "audit", "settings"]));
    assert_eq!(session["demo"], false);
    let admin = world.signed_in(&reply);
    assert_eq!(admin.get("/session").expect(200).json(), session);
    assert_eq!(admin.get("/setup").expect(200).json()["signed_in"], true);
    admin.delete("/session").expect(204);
    assert_eq!(admin.get("/setup").expect(200).json()["signed_in"], false, "a session that is over");
    stranger.post("/setup", &body).expect_problem("conflict");
}

fn the_cookie_is_out_of_reach_of_scripts_and_other_sites(db: &mut TestDb) {
    let (world, _) = World::founded(db);
    let credentials = json!({"login": "admin", "password": PASSWORD});
    let cookie = world.stranger().post("/session", &credentials).expect(200).header("set-cookie").to_owned();
    assert!(cookie.starts_with("hk_session=hs_"), "{cookie}");
    assert!(
        cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax") && cookie.contains("; Path=/"),
        "{cookie}"
    );
    assert!(!cookie.contains("Secure"), "without TLS a secure cookie would never come back");
}

fn over_tls_the_cookie_is_sent_over_tls_alone(db: &mut TestDb) {
    let (world, _) = World::founded_with(db, &[("public_url", "https://crm.test")]);
    let credentials = json!({"login": "admin", "password": PASSWORD});
    let cookie = world.stranger().post("/session", &credentials).expect(200).header("set-cookie").to_owned();
    assert!(cookie.contains("; Secure"), "{cookie}");
}

fn changes_by_cookie_need_the_csrf_token_and_come_from_here(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let body = json!({"theme": "dark"});
    admin.clone().without("x-csrf-token").patch("/session", &body).expect_problem("csrf_failed");
    admin
        .clone()
        .without("x-csrf-token")
        .with("x-csrf-token", "forged")
        .patch("/session", &body)
        .expect_problem("csrf_failed");
    admin
        .clone()
        .with("origin", "https://evil.example.com")
        .patch("/session", &body)
        .expect_problem("csrf_failed");
    admin.clone().with("origin", "null").patch("/session", &body).expect_problem("csrf_failed");
    admin.clone().with("sec-fetch-site", "cross-site").patch("/session", &body).expect_problem("csrf_failed");
    admin.clone().with("origin", "http://crm.test").patch("/session", &body).expect(200);
    admin.clone().without("x-csrf-token").get("/session").expect(200);
    let login = json!({"login": "admin", "password": PASSWORD});
    world
        .stranger()
        .with("origin", "https://evil.example.com")
        .post("/session", &login)
        .expect_problem("csrf_failed");
}

fn signing_out_ends_the_session_for_good(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let reply = admin.delete("/session").expect(204);
    assert!(
        reply.header("set-cookie").starts_with("hk_session=;")
            && reply.header("set-cookie").contains("Max-Age=0")
    );
    admin.get("/session").expect_problem("not_signed_in");
}

fn a_key_acts_for_its_owner_within_its_scope(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let key = |scopes: serde_json::Value| {
        let made = admin.post("/keys", &json!({"name": "对接", "scopes": scopes})).expect(201).json();
        world.stranger().with("authorization", &format!("Bearer {}", made["key"].as_str().unwrap()))
    };
    let (reader, writer) = (key(json!(["read"])), key(json!(["read", "write"])));
    let id = writer.make("customer", json!({"name": "杭州示例科技有限公司"}));
    reader.get(&format!("/records/customer/{id}")).expect(200);
    reader.post("/records/customer", &json!({"name": "宁波示例科技有限公司"})).expect_problem("forbidden");
    reader.patch(&format!("/records/customer/{id}"), &json!({"name": "改名"})).expect_problem("forbidden");
    reader.delete(&format!("/records/customer/{id}")).expect_problem("forbidden");
    for program in [&reader, &writer] {
        program.get("/keys").expect_problem("forbidden");
        program.post("/keys", &json!({"name": "x", "scopes": ["read"]})).expect_problem("forbidden");
        program.get("/session").expect_problem("forbidden");
    }
    let listed = admin.get("/keys").expect(200).json();
    for item in listed["items"].as_array().unwrap() {
        admin.delete(&format!("/keys/{}", item["id"].as_str().unwrap())).expect(204);
    }
    writer.get(&format!("/records/customer/{id}")).expect_problem("not_signed_in");
}

fn a_given_password_must_be_changed_before_anything_else(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let user = admin.post("/records/user", &json!({"name": "李晓燕", "login": "sales1"})).expect(201).id();
    let given =
        admin.post(&format!("/users/{user}/password"), &json!({})).expect(200).json()["password"].clone();
    let given = given.as_str().unwrap();
    let person = world.sign_in("sales1", given);
    assert_eq!(person.get("/session").expect(200).json()["must_change_password"], true);
    person.get("/dictionary").expect_problem("forbidden");
    let other = world.sign_in("sales1", given);
    person.post("/session/password", &json!({"current": given, "new": PASSWORD})).expect(204);
    person.get("/dictionary").expect(200);
    other.get("/session").expect_problem("not_signed_in");
    assert_eq!(person.get("/sessions").expect(200).json()["items"].as_array().unwrap().len(), 1);
}

fn who_looks_as_another_changes_nothing_through_any_operation(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let colleague = admin.make("user", json!({"name": "李四", "login": "lisi"}));
    admin.put("/session/see-as", &json!({"user": "0000000000001"})).expect(422);
    admin.put("/session/see-as", &json!({"user": colleague})).expect(204);
    let session = admin.get("/session").expect(200).json();
    assert_eq!((&session["user"]["login"], &session["seen_by"]["name"]), (&json!("lisi"), &json!("周岚")));
    assert_eq!(session["admin"], json!([]));
    for operation in all().filter(|one| one.access != Access::Anybody && !one.for_watchers) {
        let path = format!("{BASE}{}", filled(operation.path, "customer", &colleague));
        let reply = admin.raw(method(operation.verb.name()), &path, b"{}".to_vec());
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["code"]),
            (403, &json!("forbidden")),
            "{}",
            operation.id
        );
    }
    admin.delete("/session/see-as").expect(204);
    assert_eq!(admin.get("/session").expect(200).json()["user"]["login"], "admin");
}

huike_store::on_both_databases!(
    who_looks_as_another_changes_nothing_through_any_operation,
    the_first_visit_makes_the_administrator_and_only_the_first,
    the_cookie_is_out_of_reach_of_scripts_and_other_sites,
    over_tls_the_cookie_is_sent_over_tls_alone,
    changes_by_cookie_need_the_csrf_token_and_come_from_here,
    signing_out_ends_the_session_for_good,
    a_key_acts_for_its_owner_within_its_scope,
    a_given_password_must_be_changed_before_anything_else,
);
