//! Rate limits, and what operators ask.

use crate::harness::{PASSWORD, World};
use axum::http::Method;
use huike_store::testing::TestDb;
use serde_json::json;

fn a_caller_who_asks_too_often_waits_and_others_do_not(db: &mut TestDb) {
    let (world, admin) = World::founded_with(db, &[("requests_per_minute", "30")]);
    let sales = world.person(&admin, "sales1", "sales");
    let refused = (0..40)
        .map(|_| admin.get("/session"))
        .find(|reply| reply.status == 429)
        .expect("the limit is reached");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=2).contains(&seconds));
    assert_eq!(refused.expect_problem("too_many_requests")["retry_after"], seconds);
    sales.get("/session").expect(200);
    assert!(world.app.metrics().page().contains("huike_http_refused_total 1\n"));
}

fn attempts_to_sign_in_are_counted_by_address(db: &mut TestDb) {
    let (world, _) =
        World::founded_with(db, &[("sign_ins_per_minute", "5"), ("trusted_proxies", "127.0.0.0/8")]);
    let from = |address: &str| world.stranger().with("x-forwarded-for", address);
    let wrong = json!({"login": "nobody", "password": "wrong"});
    for _ in 0..5 {
        from("198.51.100.7").post("/session", &wrong).expect_problem("bad_credentials");
    }
    from("198.51.100.7").post("/session", &wrong).expect_problem("too_many_requests");
    from("203.0.113.9, 198.51.100.7").post("/session", &wrong).expect_problem("too_many_requests");
    from("198.51.100.8").post("/session", &json!({"login": "admin", "password": PASSWORD})).expect(200);
}

fn whoever_is_no_trusted_proxy_can_not_choose_an_address(db: &mut TestDb) {
    let (world, _) = World::founded_with(db, &[("sign_ins_per_minute", "5")]);
    let wrong = json!({"login": "nobody", "password": "wrong"});
    let refused = (0..10).any(|n| {
        world.stranger().with("x-forwarded-for", &format!("198.51.100.{n}")).post("/session", &wrong).status
            == 429
    });
    assert!(refused);
}

fn operators_learn_whether_it_runs_and_how(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let get = |path: &str| world.stranger().raw(Method::GET, path, vec![]);
    assert_eq!(get("/healthz").expect(200).text(), "ok\n");
    assert_eq!(get("/readyz").expect(200).text(), "ok\n");
    admin.post("/records/customer/query", &json!({})).expect(200);
    let page = get("/metrics").expect(200);
    assert!(page.header("content-type").starts_with("text/plain; version=0.0.4"));
    assert!(
        page.text().contains("huike_http_requests_total{operation=\"queryRecords\",status=\"2xx\"} 1\n"),
        "{}",
        page.text()
    );
}

fn metrics_are_for_the_networks_that_the_configuration_names(db: &mut TestDb) {
    let (world, _) = World::founded_with(db, &[("metrics_from", "10.0.0.0/8")]);
    world.stranger().raw(Method::GET, "/metrics", vec![]).expect_problem("not_found");
}

huike_store::on_both_databases!(
    a_caller_who_asks_too_often_waits_and_others_do_not,
    attempts_to_sign_in_are_counted_by_address,
    whoever_is_no_trusted_proxy_can_not_choose_an_address,
    operators_learn_whether_it_runs_and_how,
    metrics_are_for_the_networks_that_the_configuration_names,
);
