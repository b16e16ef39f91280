//! A spreadsheet through the interface: uploaded, looked at, brought in, undone; and out again.

use crate::harness::{Client, Reply, World};
use axum::http::Method;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

const SHEET: &str =
    "客户名称,手机,网址\n杭州示例科技有限公司,15430017788,https://example.com\n宁波海潮贸易有限公司,,\n,,\n";

fn upload(client: &Client, parts: &[(&str, &str)]) -> Reply {
    let mut body = String::new();
    for (disposition, content) in parts {
        body.push_str(&format!(
            "--edge\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n"
        ));
    }
    body.push_str("--edge--\r\n");
    let client = client.clone().with("content-type", "multipart/form-data; boundary=edge");
    client.raw(Method::POST, "/api/v1/imports", body.into_bytes())
}

pub fn sheet(client: &Client) -> Reply {
    upload(client, &[("name=\"object\"", "customer"), ("name=\"file\"; filename=\"客户.csv\"", SHEET)])
}

/// Waits until nothing is being done any more.
fn settled(client: &Client, id: &str) -> Json {
    for _ in 0..300 {
        let import = client.get(&format!("/imports/{id}")).expect(200).json();
        if !matches!(import["state"].as_str(), Some("checking" | "running" | "undoing")) {
            return import;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    panic!("the import {id} does not end");
}

fn a_sheet_is_looked_at_checked_brought_in_and_undone(db: &mut TestDb) {
    let (_, admin) = World::founded(db);
    let import = sheet(&admin).expect(201).json();
    let id = import["id"].as_str().unwrap().to_owned();
    assert_eq!((import["state"].as_str(), import["file_name"].as_str()), (Some("draft"), Some("客户.csv")));
    let mapped: Vec<&str> =
        import["columns"].as_array().unwrap().iter().filter_map(|column| column["field"].as_str()).collect();
    assert_eq!(mapped, ["name", "mobile", "website"]);
    assert_eq!(import["preview"].as_array().unwrap().len(), 2);
    admin.post(&format!("/imports/{id}/check"), &json!({})).expect(202);
    let checked = settled(&admin, &id);
    assert_eq!(
        (checked["state"].as_str(), checked["report"]["rows"].as_i64()),
        (Some("checked"), Some(2)),
        "{checked}"
    );
    assert_eq!(admin.get("/records/customer?count=exact").json()["count"], 0, "a check writes nothing");
    admin.post(&format!("/imports/{id}/start"), &json!({})).expect(202);
    let done = settled(&admin, &id);
    assert_eq!(
        (done["state"].as_str(), done["progress"]["created"].as_i64()),
        (Some("done"), Some(2)),
        "{done}"
    );
    let found = admin.get("/records/customer?sort=name").json();
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    let history =
        admin.get(&format!("/records/customer/{}/history", found["items"][0]["id"].as_str().unwrap())).json();
    assert_eq!(history["items"][0]["via"], "import");
    admin.post(&format!("/imports/{id}/undo"), &json!({})).expect(202);
    assert_eq!(settled(&admin, &id)["state"], "undone");
    assert_eq!(admin.get("/records/customer?count=exact").json()["count"], 0);
    assert_eq!(admin.get("/imports").expect(200).json()["items"][0]["id"], id);
}

fn an_upload_that_is_no_form_or_lacks_a_part_is_refused(db: &mut TestDb) {
    let (_, admin) = World::founded_with(db, &[("upload_limit_bytes", "65536")]);
    let file = "name=\"file\"; filename=\"a.csv\"";
    assert_eq!(upload(&admin, &[]).expect(422).faults(), ["object required", "file required"]);
    assert_eq!(
        upload(&admin, &[(file, SHEET), ("name=\"x\"", "1")]).faults(),
        ["x unknown_member", "object required"]
    );
    upload(&admin, &[("name=\"object\"", "no_such_object"), (file, SHEET)]).expect_problem("not_found");
    upload(&admin, &[("name=\"object\"", "customer"), (file, "")]).expect_problem("refused_file");
    upload(&admin, &[("name=\"object\"", &"x".repeat(300)), (file, SHEET)]).expect_problem("too_large");
    upload(&admin, &[("name=\"object\"", "customer"), (file, &"x".repeat(70_000))])
        .expect_problem("too_large");
    let wrong = admin.clone().with("content-type", "application/json");
    wrong.raw(Method::POST, "/api/v1/imports", b"{}".to_vec()).expect_problem("unsupported_media");
    let cut = admin.clone().with("content-type", "multipart/form-data; boundary=edge");
    cut.raw(Method::POST, "/api/v1/imports", b"--edge\r\nContent-Disposition: form-data; na".to_vec())
        .expect_problem("malformed");
}

fn somebody_elses_import_is_not_there(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    let id = sheet(&admin).expect(201).id();
    let sales = world.person(&admin, "sales1", "sales");
    sales.get(&format!("/imports/{id}")).expect_problem("not_found");
    sales.post(&format!("/imports/{id}/start"), &json!({})).expect_problem("not_found");
    assert_eq!(sales.get("/imports").expect(200).json()["items"], json!([]));
    let nobody = world.person(&admin, "compliance1", "compliance");
    sheet(&nobody).expect_problem("forbidden");
}

fn lists_and_templates_come_as_files(db: &mut TestDb) {
    let (world, admin) = World::founded(db);
    admin.make("customer", json!({"name": "=HYPERLINK(\"https://example.com\")"}));
    let csv =
        admin.post("/records/customer/export", &json!({"format": "csv", "fields": ["name"]})).expect(200);
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(csv.header("content-disposition").contains("filename*=UTF-8''"));
    assert_eq!(csv.header("content-length"), csv.body.len().to_string());
    assert!(csv.text().contains("'=HYPERLINK"), "a formula is taken out as text: {}", csv.text());
    let xlsx = admin.post("/records/customer/export", &json!({})).expect(200);
    assert!(xlsx.body.starts_with(b"PK"));
    assert!(admin.get("/import-templates/customer.xlsx").expect(200).body.starts_with(b"PK"));
    admin.get("/import-templates/customer").expect_problem("not_found");
    let sales = world.person(&admin, "sales1", "sales");
    sales.post("/records/customer/export", &json!({})).expect_problem("forbidden");
}

huike_store::on_both_databases!(
    a_sheet_is_looked_at_checked_brought_in_and_undone,
    an_upload_that_is_no_form_or_lacks_a_part_is_refused,
    somebody_elses_import_is_not_there,
    lists_and_templates_come_as_files,
);
