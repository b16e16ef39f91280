//! Live changes: heard by those who reach the record, and by nobody else.

use crate::harness::World;
use huike_store::testing::TestDb;
use serde_json::json;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(3);

fn changes_are_told_to_those_who_reach_the_record(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let sales = world.person(&admin, "sales1", "sales");
    world.follow();
    let mut made = Vec::new();
    let heard = sales.listen("/events", PATIENCE, || {
        let me = sales.get("/session").json()["user"]["id"].clone();
        made.push(admin.make("task", json!({"title": "管理员的任务"})));
        made.push(admin.make("task", json!({"title": "销售的任务", "owner": me})));
    });
    assert!(heard.contains("event: change"), "{heard}");
    assert!(
        heard.contains(&made[1])
            && heard.contains("\"object\":\"task\",")
            && heard.contains("\"op\":\"create\""),
        "{heard}"
    );
    assert!(!heard.contains(&made[0]), "a task out of reach was told: {heard}");
    assert!(!heard.contains("任务"), "values are fetched by those who may read them: {heard}");
}

fn imports_are_told_to_whoever_started_them(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let sales = world.person(&admin, "sales1", "sales");
    world.follow();
    let start = || {
        let import = crate::imports::sheet(&admin).expect(201).id();
        admin.post(&format!("/imports/{import}/start"), &json!({})).expect(202);
    };
    let heard = admin.listen("/events", PATIENCE, start);
    assert!(heard.contains("event: import") && heard.contains("\"state\":\"done\""), "{heard}");
    let heard = sales.listen("/events", PATIENCE, start);
    assert!(!heard.contains("event: import"), "{heard}");
}

huike_store::on_both_databases!(
    changes_are_told_to_those_who_reach_the_record,
    imports_are_told_to_whoever_started_them
);
