//! Colleagues named in a follow-up are told of it, once, and only of what they may read.

use crate::company::Company;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

fn told(company: &Company, login: &str) -> Vec<Json> {
    let asked = company.engine.notifications(company.cx(login), false, None, None);
    company.wait(asked).unwrap()["items"].as_array().unwrap().clone()
}

fn who_is_named_is_told_once_and_only_of_what_they_may_read(db: &mut TestDb) {
    let company = Company::new(db);
    for (login, role) in [("boss", "admin"), ("anna", "sales"), ("bert", "sales")] {
        company.hire(login, role, None);
    }
    let name = |login: &str| {
        let cx = company.cx(login);
        cx.org.user(cx.moment.me).map(|person| person.name.clone()).unwrap()
    };
    let anna = company.cx("anna");
    let customer = company.create(&anna, "customer", json!({"name": "示例公司"}));
    let content = format!("报价已发，@{} 请过目，@{} 也看看", name("boss"), name("bert"));
    let id = company.create(
        &anna,
        "interaction",
        json!({"kind": "call", "customer": customer, "content": content, "occurred_at": "2026-11-20T02:00:00Z"}),
    );
    let found = told(&company, "boss");
    assert_eq!(
        (found.len(), &found[0]["kind"], &found[0]["record"]["id"]),
        (1, &json!("mention"), &json!(id))
    );
    assert_eq!(found[0]["text"], json!(format!("{}提到了您", name("anna"))));
    // A colleague's follow-up is not theirs to read, so there is nothing to tell.
    assert_eq!(told(&company, "bert"), Vec::<Json>::new());
    company.update(&anna, "interaction", &id, json!({"content": format!("{content}。")}));
    assert_eq!(told(&company, "boss").len(), 1, "named before");
    assert_eq!(told(&company, "anna"), Vec::<Json>::new());
}

huike_store::on_both_databases!(who_is_named_is_told_once_and_only_of_what_they_may_read);
