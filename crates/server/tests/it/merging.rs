//! Merging through HTTP.

use crate::harness::World;
use huike_store::testing::TestDb;
use serde_json::json;

fn two_customers_become_one_and_two_again(db: &mut TestDb) {
    let (_world, admin) = World::founded(db);
    let winner = admin.make("customer", json!({"name": "杭州海星机械有限公司"}));
    let loser = admin.make("customer", json!({"name": "海星机械", "email": "sales@example.cn"}));
    let contact = admin.make("contact", json!({"name": "王芳", "customer": loser}));
    let body = json!({"winner": winner, "losers": [loser], "dry_run": true});
    let preview = admin.post("/records/customer/merge", &body).expect(200).json();
    assert_eq!(preview["records"].as_array().map(Vec::len), Some(2));
    assert_eq!(preview["record"]["email"], "sales@example.cn");
    assert_eq!(preview["moved"][0]["object"], "contact");
    let body = json!({"winner": winner, "losers": [loser], "versions": {(winner.clone()): 1, (loser.clone()): 1},
        "fields": {"name": {"from": loser}, "remark": {"value": "合并过"}}});
    let done = admin.post("/records/customer/merge", &body).expect(200).json();
    assert_eq!(
        (&done["record"]["name"], &done["record"]["aliases"]),
        (&json!("海星机械"), &json!("杭州海星机械有限公司"))
    );
    assert_eq!(admin.get(&format!("/records/customer/{loser}")).expect(200).json()["id"], json!(winner));
    assert_eq!(
        admin.get(&format!("/records/customer/{loser}/overview")).expect(200).json()["record"]["id"],
        json!(winner)
    );
    admin.get(&format!("/records/customer/{winner}/timeline")).expect(200);
    admin.get(&format!("/records/customer/{winner}/history")).expect(200);
    admin.post("/records/customer/merge", &body).expect_problem("conflict");
    let merges = admin.get("/records/customer/merges").expect(200).json();
    let id = merges["items"][0]["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(merges["items"][0]["can_undo"], true);
    admin.post(&format!("/records/customer/merges/{id}/undo"), &json!({"dry_run": true})).expect(200);
    admin.post(&format!("/records/customer/merges/{id}/undo"), &json!({"not_same": true})).expect(200);
    assert_eq!(
        admin.get(&format!("/records/contact/{contact}")).expect(200).json()["customer"],
        json!(loser)
    );
    assert_eq!(admin.get(&format!("/records/customer/{loser}")).expect(200).json()["name"], "海星机械");
    admin.post(&format!("/records/customer/merges/{id}/undo"), &json!({})).expect_problem("conflict");
    let pair = json!({"records": [winner, loser], "forget": true});
    assert_eq!(admin.post("/records/customer/not-same", &pair).expect(200).json()["not_same"], false);
}

huike_store::on_both_databases!(two_customers_become_one_and_two_again);
