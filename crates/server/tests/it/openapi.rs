//! The table of operations, the router and the document are one.

use crate::harness::{World, filled, method};
use axum::http::Method;
use huike_server::http::operations::{BASE, all};
use huike_store::testing::TestDb;
use serde_json::json;

fn every_operation_of_the_table_is_routed(db: &mut TestDb) {
    let (world, _) = World::founded(db);
    for operation in all() {
        let path = format!("{BASE}{}", filled(operation.path, "customer", "0000000000001"));
        let reply = world.stranger().raw(method(operation.verb.name()), &path, vec![]);
        assert!(reply.headers.contains_key("x-request-id"), "{} is not behind a guard", operation.id);
        let other = world.stranger().raw(Method::TRACE, &path, vec![]);
        assert_eq!(other.expect_problem("method_not_allowed")["status"], 405, "{}", operation.id);
    }
}

fn a_field_added_at_run_time_is_in_the_document_and_in_records_at_once(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let field =
        json!({"name": "fax", "type": "text", "label": {"zh": "传真", "en": "Fax"}, "max_length": 40});
    admin.post("/dictionary/customer/fields", &field).expect(201);
    let document = admin.raw(Method::GET, "/api/openapi.json", vec![]).expect(200).json();
    assert_eq!(document["components"]["schemas"]["customer"]["properties"]["fax"]["maxLength"], 40);
    let id = admin.make("customer", json!({"name": "杭州示例科技有限公司", "fax": "0571-00000000"}));
    assert_eq!(admin.get(&format!("/records/customer/{id}")).expect(200).json()["fax"], "0571-00000000");
}

fn the_documentation_is_served_from_here_alone(db: &mut TestDb) {
    let (world, _) = World::founded(db);
    let get = |path: &str| world.stranger().raw(Method::GET, path, vec![]);
    assert_eq!(get("/api/docs").status, 308);
    let page = get("/api/docs/").expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    let text = page.text();
    assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("//cdn"), "{text}");
    let named = text.split(['"', '\'']).filter(|part| part.ends_with(".js") || part.ends_with(".css"));
    let mut files = 0;
    for name in named {
        get(&format!("/api/docs/{}", name.trim_start_matches("./"))).expect(200);
        files += 1;
    }
    assert!(files >= 3, "{text}");
    assert!(get("/api/docs/swagger-initializer.js").text().contains("/api/openapi.json"));
    get("/api/docs/no-such-file.js").expect_problem("not_found");
}

huike_store::on_both_databases!(
    every_operation_of_the_table_is_routed,
    a_field_added_at_run_time_is_in_the_document_and_in_records_at_once,
    the_documentation_is_served_from_here_alone,
);
