//! Records through the interface: one life from creation to the recycle bin and back.

use crate::harness::World;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

fn a_record_is_made_read_changed_deleted_and_restored(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let made = admin.post("/records/customer", &json!({"name": "杭州示例科技有限公司"})).expect(201);
    assert_eq!(made.header("etag"), "\"1\"");
    let path = format!("/records/customer/{}", made.id());
    let read = admin.get(&path).expect(200);
    assert_eq!(read.json()["name"], "杭州示例科技有限公司");
    assert_eq!(read.json()["_can"], json!({"update": true, "delete": true, "share": true}));
    let changed = admin
        .clone()
        .with("if-match", "\"1\"")
        .patch(&path, &json!({"website": "https://example.com"}))
        .expect(200);
    assert_eq!((changed.header("etag"), changed.json()["version"].clone()), ("\"2\"", json!(2)));
    assert_eq!(changed.json()["name"], "杭州示例科技有限公司", "an absent field stays");
    admin.patch(&path, &json!({"website": null})).expect(200);
    assert_eq!(admin.get(&path).json()["website"], Json::Null);
    admin.delete(&path).expect(204);
    let bin = admin.get("/records/customer?deleted=only").expect(200).json();
    assert_eq!(bin["items"].as_array().unwrap().len(), 1);
    admin.patch(&path, &json!({"name": "改名"})).expect_problem("not_found");
    admin.send(axum::http::Method::POST, &format!("{path}/restore"), None).expect(200);
    assert_eq!(admin.get("/records/customer").expect(200).json()["items"].as_array().unwrap().len(), 1);
}

fn a_stale_version_is_refused_with_the_record_as_it_is(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let id = admin.make("customer", json!({"name": "杭州示例科技有限公司"}));
    let path = format!("/records/customer/{id}");
    admin.patch(&path, &json!({"website": "https://example.com"})).expect(200);
    let stale = admin
        .clone()
        .with("if-match", "\"1\"")
        .patch(&path, &json!({"name": "旧稿"}))
        .expect_problem("stale");
    assert_eq!(stale["current"]["version"], 2);
    assert_eq!(stale["current"]["website"], "https://example.com");
    admin.clone().with("if-match", "\"1\"").delete(&path).expect_problem("stale");
    admin.clone().with("if-match", "one").patch(&path, &json!({"name": "旧稿"})).expect_problem("malformed");
}

fn a_batch_of_all_or_nothing_tells_likely_duplicates_as_one_of_each_does(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let known = admin.make("customer", json!({"name": "杭州示例科技有限公司"}));
    let operations = json!([
        {"op": "create", "fields": {"name": "宁波海潮贸易有限公司"}},
        {"op": "create", "fields": {"name": "杭州示例科技有限公司"}},
    ]);
    let run = |mode: &str| {
        let body = json!({"mode": mode, "on_duplicate": "block", "operations": operations});
        admin.post("/records/customer/batch", &body)
    };
    let all = run("all").expect_problem("duplicate");
    assert_eq!(all["candidates"][0]["id"], json!(known), "{all}");
    assert_eq!(
        (&all["candidates"][0]["operation"], &all["errors"][0]["field"]),
        (&json!(1), &json!("operations.1"))
    );
    assert_eq!(admin.get("/records/customer?count=exact").json()["count"], 1);
    let each = run("each").expect(200).json();
    assert_eq!(each["results"][0]["status"], 201);
    let mut told = each["results"][1]["problem"]["candidates"][0].clone();
    told["operation"] = json!(1);
    assert_eq!(told, all["candidates"][0]);
}

fn whoever_may_only_make_records_fills_them_and_is_told_no_more(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let role = admin.make("role", json!({"name": "前台登记", "code": "front_desk"}));
    let nothing = json!({"read": "none", "update": "none", "delete": "none"});
    let mut customer = nothing.clone();
    customer["create"] = true.into();
    customer["levels"] =
        json!({"general": "write", "business": "hidden", "sensitive": "hidden", "core": "hidden"});
    admin
        .put(&format!("/roles/{role}/permissions"), &json!({"admin": [], "objects": {"customer": customer}}))
        .expect(200);
    let desk = world.person(&admin, "desk1", "front_desk");
    let made = desk.post("/records/customer", &json!({"name": "上门客户有限公司"})).expect(201);
    assert_eq!(made.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "version"]);
    assert_eq!(admin.get(&format!("/records/customer/{}", made.id())).json()["name"], "上门客户有限公司");
    let fields = desk.get("/dictionary/customer").expect(200).json()["fields"].clone();
    let named = |name: &str| fields.as_array().unwrap().iter().find(|field| field["name"] == name).cloned();
    assert_eq!(named("name").unwrap()["access"], "write");
    assert_eq!(named("remark"), None);
    let refused = desk.post("/records/customer", &json!({"name": "又一家", "remark": "x"}));
    assert_eq!(refused.faults(), ["remark unknown_field"]);
    desk.get(&format!("/records/customer/{}", made.id())).expect_problem("not_found");
    desk.get("/records/customer").expect_problem("forbidden");
    let counted = json!({"groups": [], "measures": [{"kind": "count"}]});
    desk.post("/records/customer/aggregate", &counted).expect_problem("forbidden");
}

fn every_fault_of_a_record_is_told_at_once(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let faulty =
        json!({"no_such_field": 1, "website": 17, "created_at": "2026-01-01T00:00:00Z", "owner": "nobody"});
    let faults = admin.post("/records/customer", &faulty).expect(422).faults();
    for expected in ["no_such_field unknown_field", "created_at read_only", "name required"] {
        assert!(faults.contains(&expected.to_owned()), "{expected} in {faults:?}");
    }
    assert!(
        faults.iter().any(|fault| fault.starts_with("website "))
            && faults.iter().any(|fault| fault.starts_with("owner ")),
        "{faults:?}"
    );
}

fn a_list_is_read_page_by_page_without_gap_or_repetition(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let operations: Vec<Json> =
        (0..25).map(|n| json!({"op": "create", "fields": {"name": format!("第{n:02}客户")}})).collect();
    let made = admin
        .post("/records/customer/batch", &json!({"mode": "all", "operations": operations}))
        .expect(200)
        .json();
    assert!(made["results"].as_array().unwrap().iter().all(|result| result["status"] == 201));
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin
            .get(&format!("/records/customer?sort=-created_at,name&fields=name&limit=10&cursor={cursor}"));
        let page = page.expect(200).json();
        names.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(names.len(), 25);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 25);
    let filter =
        "%7B%22field%22%3A%22name%22%2C%22op%22%3A%22contains%22%2C%22value%22%3A%22%E7%AC%AC1%22%7D";
    let counted =
        admin.get(&format!("/records/customer?filter={filter}&count=exact&limit=1")).expect(200).json();
    assert_eq!(counted["count"], 10);
    let same = json!({"filter": {"field": "name", "op": "contains", "value": "第1"}, "count": "exact", "limit": 1, "cursor": null});
    assert_eq!(admin.post("/records/customer/query", &same).expect(200).json()["count"], 10);
}

fn a_batch_in_mode_all_keeps_nothing_when_one_fails_and_in_mode_each_the_rest(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let operations = json!([
        {"op": "create", "fields": {"name": "甲公司"}},
        {"op": "create", "fields": {}},
        {"op": "update", "id": "0000000000001", "fields": {"name": "乙"}},
    ]);
    let refused = admin
        .post("/records/customer/batch", &json!({"mode": "all", "operations": operations.clone()}))
        .expect(422);
    assert!(refused.faults().iter().any(|fault| fault == "operations.1.name required"), "{}", refused.text());
    assert_eq!(admin.get("/records/customer?count=exact").json()["count"], 0);
    let each = admin
        .post("/records/customer/batch", &json!({"mode": "each", "operations": operations}))
        .expect(200)
        .json();
    let statuses: Vec<_> =
        each["results"].as_array().unwrap().iter().map(|result| result["status"].clone()).collect();
    assert_eq!(statuses, [json!(201), json!(422), json!(404)]);
    assert_eq!(each["results"][1]["problem"]["code"], "invalid");
    assert_eq!(admin.get("/records/customer?count=exact").json()["count"], 1);
}

fn what_happened_to_a_record_can_be_read(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let id = admin.make("customer", json!({"name": "杭州示例科技有限公司"}));
    let path = format!("/records/customer/{id}");
    let before = db.clock.advance_ms(60_000);
    db.clock.advance_ms(60_000);
    admin.patch(&path, &json!({"name": "杭州新名科技有限公司"})).expect(200);
    let history = admin.get(&format!("{path}/history")).expect(200).json();
    let ops: Vec<_> = history["items"].as_array().unwrap().iter().map(|item| item["op"].clone()).collect();
    assert_eq!(ops, [json!("update"), json!("create")]);
    assert_eq!(history["items"][0]["changes"][0]["before"], "杭州示例科技有限公司");
    assert_eq!(history["items"][0]["by"]["name"], "周岚");
    assert_eq!(history["items"][0]["via"], "page");
    let at = "2026-03-02T01:01:30Z";
    assert!(before < db.clock.advance_ms(0));
    assert_eq!(
        admin.get(&format!("{path}/history?at={at}")).expect(200).json()["name"],
        "杭州示例科技有限公司"
    );
    let overview = admin.get(&format!("{path}/overview")).expect(200).json();
    assert_eq!(overview["record"]["name"], "杭州新名科技有限公司");
    assert!(overview["related"].is_array() && overview["timeline"]["items"].is_array());
    admin.get(&format!("{path}/history?at=yesterday")).expect(422);
    let of_name = admin.get(&format!("{path}/history?field=name")).expect(200).json();
    assert_eq!(of_name["items"].as_array().unwrap().len(), 2);
    assert_eq!(of_name["items"][1]["changes"].as_array().unwrap().len(), 1);
    admin.get(&format!("{path}/history?field=unicorn")).expect(422);
}

fn a_sentence_is_understood_with_the_people_of_the_customer(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let customer = admin.make("customer", json!({"name": "杭州示例科技有限公司"}));
    let wang = admin.make("contact", json!({"name": "王建国", "customer": customer}));
    admin.make("contact", json!({"name": "李娜", "customer": customer}));
    admin.make("contact", json!({"name": "李强", "customer": customer}));
    let text = "拜访了李总，明天下午3点回访王总报价";
    let about = json!({"text": text, "object": "customer", "id": customer});
    let found = admin.post("/understand", &about).expect(200).json();
    // The company's clock, eight hours ahead of UTC.
    assert_eq!(
        found["next_step"],
        json!({"text": "回访王总报价", "at": "2026-03-03T07:00:00Z", "timed": true, "said": "明天下午3点"})
    );
    // Two people are called Li: whom it means is not guessed.
    let people: Vec<_> = found["people"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
    assert_eq!(people, [json!(wang)]);
    assert_eq!(found["people"][0]["said"], "王总");
    let alone = admin.post("/understand", &json!({"text": "李强没接电话"})).expect(200).json();
    assert_eq!(alone, json!({"next_step": null, "people": []}));
    let named =
        admin.post("/understand", &json!({"text": "李强没接电话", "object": "customer", "id": customer}));
    assert_eq!(named.expect(200).json()["people"][0]["name"], "李强");
    admin.post("/understand", &json!({"text": text, "object": "customer"})).expect(422);
    admin.post("/understand", &json!({"text": text, "object": "customer", "id": wang})).expect(404);
}

fn a_record_is_found_by_characters_and_pinyin(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    admin.make("customer", json!({"name": "杭州示例科技有限公司"}));
    for q in ["%E7%A4%BA%E4%BE%8B", "shili", "hzsl"] {
        let found = admin.get(&format!("/search?q={q}")).expect(200).json();
        assert_eq!(found["items"][0]["title"], "杭州示例科技有限公司", "{q}: {found}");
    }
    assert_eq!(admin.get("/search").expect(200).json()["items"], json!([]));
}

fn a_request_with_a_key_takes_effect_once(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let keyed = admin.clone().with("idempotency-key", "order-17");
    let body = json!({"name": "杭州示例科技有限公司"});
    let first = keyed.post("/records/customer", &body).expect(201).id();
    assert_eq!(keyed.post("/records/customer", &body).expect(201).id(), first);
    keyed.post("/records/customer", &json!({"name": "另一家公司"})).expect_problem("idempotency_mismatch");
    admin.clone().with("idempotency-key", "").post("/records/customer", &body).expect_problem("invalid");
    let batch = json!({"operations": [{"op": "create", "fields": {"name": "宁波示例科技有限公司"}}]});
    let keyed = admin.clone().with("idempotency-key", "batch-1");
    let first = keyed.post("/records/customer/batch", &batch).expect(200).json();
    assert_eq!(keyed.post("/records/customer/batch", &batch).expect(200).json(), first);
    assert_eq!(admin.get("/records/customer?count=exact").json()["count"], 2);
}

huike_store::on_both_databases!(
    a_batch_of_all_or_nothing_tells_likely_duplicates_as_one_of_each_does,
    whoever_may_only_make_records_fills_them_and_is_told_no_more,
    a_record_is_made_read_changed_deleted_and_restored,
    a_stale_version_is_refused_with_the_record_as_it_is,
    every_fault_of_a_record_is_told_at_once,
    a_list_is_read_page_by_page_without_gap_or_repetition,
    a_batch_in_mode_all_keeps_nothing_when_one_fails_and_in_mode_each_the_rest,
    what_happened_to_a_record_can_be_read,
    a_sentence_is_understood_with_the_people_of_the_customer,
    a_record_is_found_by_characters_and_pinyin,
    a_request_with_a_key_takes_effect_once,
);
