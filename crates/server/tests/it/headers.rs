//! Security headers on every answer, whatever it is.

use crate::harness::{World, filled, method};
use axum::http::Method;
use huike_server::http::operations::{BASE, all};
use huike_store::testing::TestDb;

fn every_answer_carries_the_security_headers(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let mut replies = vec![];
    for path in [
        "/",
        "/customers",
        "/assets/none.js",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/openapi.json",
        "/api/docs",
        "/api/docs/",
        "/api/none",
    ] {
        replies.push((path.to_owned(), admin.raw(Method::GET, path, vec![])));
    }
    for operation in all().filter(|operation| operation.id != "events") {
        let path = format!("{BASE}{}", filled(operation.path, "customer", "0000000000001"));
        replies.push((path.clone(), admin.raw(method(operation.verb.name()), &path, vec![])));
    }
    for (path, reply) in replies {
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
        assert!(reply.header("permissions-policy").contains("camera=()"), "{path}");
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe-eval") && !policy.contains("http"), "{path}: {policy}");
        // The styles of the documentation's page stand in the page; scripts never do.
        assert!(path.starts_with("/api/docs/") || !policy.contains("unsafe"), "{path}: {policy}");
        assert!(!reply.headers.contains_key("strict-transport-security"), "{path}: not without TLS");
    }
}

fn answers_of_the_interface_are_not_kept_by_caches(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    assert_eq!(admin.get("/session").header("cache-control"), "no-store");
    assert_eq!(
        admin.post("/records/customer/query", &serde_json::json!({})).header("cache-control"),
        "no-store"
    );
    let dictionary = admin.get("/dictionary").expect(200);
    assert_eq!(dictionary.header("cache-control"), "private, no-cache");
    let known = admin.clone().with("if-none-match", dictionary.header("etag"));
    let again = known.get("/dictionary").expect(304);
    assert!(again.body.is_empty());
    assert_eq!(again.header("etag"), dictionary.header("etag"));
}

fn behind_tls_browsers_are_told_to_stay_there(db: &mut TestDb) {
    let (_, admin) = World::founded_with(db, &[("public_url", "https://crm.test")]);
    assert_eq!(admin.get("/session").expect(200).header("strict-transport-security"), "max-age=63072000");
}

huike_store::on_both_databases!(
    every_answer_carries_the_security_headers,
    answers_of_the_interface_are_not_kept_by_caches,
    behind_tls_browsers_are_told_to_stay_there,
);
