//! A field that may not be known must not be noticed anywhere: not by its value, its order, its effect or its name.

use crate::harness::{Client, World};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

/// What is in the hidden field of the one customer that has it.
const SECRET: &str = "secret-remark-7421";

/// An administrator, and a salesperson to whom `customer.remark` is hidden, with the customer that has one.
fn company(db: &TestDb) -> (Client, Client, String) {
    let (world, admin) = World::founded(db);
    let roles = admin
        .post("/records/role/query", &json!({"filter": {"field": "code", "op": "eq", "value": "sales"}}))
        .json();
    let role = roles["items"][0]["id"].as_str().unwrap().to_owned();
    let mut granted = admin.get(&format!("/roles/{role}/permissions")).expect(200).json();
    granted["objects"]["customer"]["fields"]["remark"] = "hidden".into();
    admin.put(&format!("/roles/{role}/permissions"), &granted).expect(200);
    let sales = world.person(&admin, "sales1", "sales");
    let me = sales.get("/session").json()["user"]["id"].clone();
    let id = admin.make("customer", json!({"name": "杭州示例科技有限公司", "remark": SECRET, "owner": me}));
    admin.make("customer", json!({"name": "宁波示例科技有限公司", "owner": me}));
    (admin, sales, id)
}

/// What is answered about the field is the very answer about a field that doesn't exist.
#[track_caller]
fn like_no_field(sales: &Client, path: &str, body: impl Fn(&str) -> Json) {
    let (hidden, none) = (sales.post(path, &body("remark")), sales.post(path, &body("no_such_field")));
    assert_eq!(hidden.status, none.status, "{path}");
    assert!(hidden.status.is_client_error(), "{path}: {}", hidden.text());
    assert_eq!(hidden.text().replace("remark", "no_such_field"), none.text(), "{path}");
}

fn a_hidden_field_is_like_no_field_in_every_request(db: &mut TestDb) {
    let (_, sales, id) = company(db);
    let query = "/records/customer/query";
    like_no_field(
        &sales,
        query,
        |field| json!({"filter": {"field": field, "op": "contains", "value": "secret"}}),
    );
    like_no_field(&sales, query, |field| json!({"filter": {"not": {"field": field, "op": "is_empty"}}}));
    like_no_field(&sales, query, |field| json!({"sort": [field]}));
    like_no_field(&sales, query, |field| json!({"fields": [field]}));
    like_no_field(&sales, query, |field| json!({"expand": [field]}));
    let aggregate = "/records/customer/aggregate";
    like_no_field(&sales, aggregate, |field| json!({"groups": [field], "measures": [{"kind": "count"}]}));
    like_no_field(
        &sales,
        aggregate,
        |field| json!({"groups": [], "measures": [{"kind": "max", "field": field}]}),
    );
    like_no_field(&sales, "/records/customer", |field| json!({"name": "新公司", field: "x"}));
    like_no_field(
        &sales,
        "/records/customer/batch",
        |field| json!({"mode": "all", "operations": [{"op": "update", "id": id, "fields": {field: "x"}}]}),
    );
    let patch = |field: &str| sales.patch(&format!("/records/customer/{id}"), &json!({field: "x"}));
    assert_eq!(
        patch("remark").expect(422).text().replace("remark", "no_such_field"),
        patch("no_such_field").text()
    );
}

fn the_value_of_a_hidden_field_is_in_no_answer(db: &mut TestDb) {
    let (admin, sales, id) = company(db);
    let path = format!("/records/customer/{id}");
    admin.patch(&path, &json!({"remark": format!("{SECRET}-changed")})).expect(200);
    let contact = admin.make("contact", json!({"name": "李明", "customer": id}));
    let answers = [
        sales.get("/dictionary"),
        sales.get("/dictionary/customer"),
        sales.get("/records/customer"),
        sales.get(&path),
        sales.get(&format!("{path}/overview")),
        sales.get(&format!("{path}/timeline")),
        sales.get(&format!("{path}/history")),
        sales.get(&format!("{path}/history?at=2099-01-01T00:00:00Z")),
        sales.get("/search?q=secret"),
        sales.get("/search?q=7421"),
        sales.get(&format!("/records/contact/{contact}?expand=customer")),
        sales.post(
            "/records/customer/duplicates",
            &json!({"fields": {"name": "杭州示例科技有限公司", "remark": SECRET}}),
        ),
        sales.post("/records/customer", &json!({"name": "杭州示例科技有限公司"})),
        sales.clone().with("if-match", "\"1\"").patch(&path, &json!({"website": "https://example.com"})),
        sales.raw(axum::http::Method::GET, "/api/openapi.json", vec![]),
    ];
    for answer in answers {
        assert!(!answer.text().contains("secret-remark"), "{answer:?}");
    }
    let visible = sales.get(&path).expect(200).json();
    assert!(visible.get("remark").is_none());
    assert!(admin.get(&path).json()["remark"].is_string());
    let fields = sales.get("/dictionary/customer").json()["fields"].clone();
    assert!(fields.as_array().unwrap().iter().all(|field| field["name"] != "remark"));
}

fn search_does_not_find_by_what_may_not_be_read(db: &mut TestDb) {
    let (_, sales, _) = company(db);
    for q in ["secret", "7421", SECRET] {
        assert_eq!(sales.get(&format!("/search?q={q}")).expect(200).json()["items"], json!([]), "{q}");
    }
}

fn a_masked_field_shows_that_it_is_there_and_nothing_of_its_order_or_value(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let sales = world.person(&admin, "sales1", "sales");
    let me = sales.get("/session").json()["user"]["id"].clone();
    let id = admin.make(
        "customer",
        json!({"name": "杭州示例科技有限公司", "bank_account": "6222020000000000001", "owner": me}),
    );
    let seen = sales.get(&format!("/records/customer/{id}")).expect(200).json();
    assert!(seen["_masked"].as_array().unwrap().contains(&json!("bank_account")), "{seen}");
    assert!(!seen["bank_account"].as_str().unwrap().contains("020000000000"), "{seen}");
    let find = json!({"filter": {"field": "bank_account", "op": "eq", "value": "6222020000000000001"}});
    sales.post("/records/customer/query", &find).expect_problem("bad_filter");
    assert_eq!(
        admin.post("/records/customer/query", &find).expect(200).json()["items"].as_array().unwrap().len(),
        1
    );
    sales
        .patch(&format!("/records/customer/{id}"), &json!({"bank_account": "6222020000000000002"}))
        .expect(422);
}

huike_store::on_both_databases!(
    a_hidden_field_is_like_no_field_in_every_request,
    the_value_of_a_hidden_field_is_in_no_answer,
    search_does_not_find_by_what_may_not_be_read,
    a_masked_field_shows_that_it_is_there_and_nothing_of_its_order_or_value,
);
