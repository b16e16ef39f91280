//! Live changes: heard by those who reach the record, and by nobody else.

use crate::harness::World;
use huike_store::testing::TestDb;
use serde_json::json;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(3);

fn changes_are_told_to_those_who_reach_the_record(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let sales = world.person(&admin, "sales1", "sales");
    world.follow(&admin);
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
    world.follow(&admin);
    let start = || {
        let import = crate::imports::sheet(&admin).expect(201).id();
        admin.post(&format!("/imports/{import}/start"), &json!({})).expect(202);
    };
    let heard = admin.listen("/events", PATIENCE, start);
    assert!(heard.contains("event: import") && heard.contains("\"state\":\"done\""), "{heard}");
    let heard = sales.listen("/events", PATIENCE, start);
    assert!(!heard.contains("event: import"), "{heard}");
}

fn many_changes_at_once_are_told_as_one(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    world.follow(&admin);
    let operations: Vec<_> =
        (0..400).map(|n| json!({"op": "create", "fields": {"title": format!("任务{n}")}})).collect();
    let heard = admin.listen("/events", PATIENCE, || {
        admin.post("/records/task/batch", &json!({"operations": operations})).expect(200);
    });
    assert!(heard.contains("event: missed"), "{heard}");
    assert!(heard.matches("event: change").count() < 200, "{heard}");
}

fn whoever_signs_out_hears_nothing_more(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let sales = world.person(&admin, "sales1", "sales");
    let me = sales.get("/session").json()["user"]["id"].clone();
    world.follow(&admin);
    let heard = sales.listen("/events", PATIENCE, || {
        sales.delete("/session").expect(204);
        admin.make("task", json!({"title": "离开之后", "owner": me}));
    });
    assert!(!heard.contains("event: change"), "{heard}");
}

fn one_caller_has_only_so_many_streams(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let open: Vec<_> = (0..30).map(|_| admin.open("/events").expect("within the limit")).collect();
    assert_eq!(admin.open("/events").err(), Some(429));
    drop(open);
    assert!(admin.open("/events").is_ok(), "a stream that was closed makes room");
}

huike_store::on_both_databases!(
    changes_are_told_to_those_who_reach_the_record,
    imports_are_told_to_whoever_started_them,
    many_changes_at_once_are_told_as_one,
    whoever_signs_out_hears_nothing_more,
    one_caller_has_only_so_many_streams,
);
