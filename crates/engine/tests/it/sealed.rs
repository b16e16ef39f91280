//! Encrypted fields: sealed at rest and in the log, found by exact value, gone with their key.

use crate::company::{Company, number};
use huike_engine::Result;
use huike_store::testing::TestDb;
use huike_store::{Dialect, Sql};
use serde_json::{Value as Json, json};

const MOBILE: &str = "16420031240";

fn contact(company: &Company) -> String {
    let body = json!({"name": "张三", "mobile": MOBILE, "id_card": "110101199003070038"});
    company.create(&company.system(), "contact", body)
}

/// Every text of every table in which a value could be left lying about.
fn everything_stored(company: &Company) -> String {
    let mut all = company
        .texts("select coalesce(before, '') || coalesce(after, '') || coalesce(meta, '') from change_log");
    for column in ["mobile", "mobile_bx", "mobile_tx", "id_card", "id_card_bx", "raw"] {
        all.extend(company.texts(&format!("select {column} from contact")));
    }
    all.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn a_sealed_value_lies_nowhere_in_plain(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let id = contact(&company);
    company.update(&system, "contact", &id, json!({"mobile": "164 2003 1241"}));
    assert_eq!(company.get(&system, "contact", &id)["mobile"], "+8616420031241");
    let stored = everything_stored(&company);
    for plain in ["16420031240", "16420031241", "1241", "164 2003 1241", "110101199003070038", "19900307"] {
        assert!(!stored.contains(plain), "{plain}");
    }
    let index = company.write(|conn| {
        let text = match conn.dialect() {
            Dialect::Sqlite => {
                conn.execute(&Sql::raw(
                    "create virtual table tokens using fts5vocab('search_contact', 'row')",
                ))?;
                "select term from tokens"
            }
            Dialect::Postgres => "select cast(tsv as text) from search_contact",
        };
        let rows = conn.query(&Sql::raw(text))?;
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect::<Result<Vec<_>>>()
    });
    assert!(index.join(" ").contains("zhang") && !index.join(" ").contains("1241"), "{index:?}");
}

fn a_sealed_value_is_found_when_it_is_known_exactly(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let id = contact(&company);
    let other = company.create(&system, "contact", json!({"name": "李四"}));
    let found = |op: &str, value: Json| {
        company.found(&system, "contact", json!({"field": "mobile", "op": op, "value": value}))
    };
    assert_eq!(found("eq", json!("164-2003-1240")), [id.as_str()]);
    assert_eq!(found("in", json!(["16430051277", MOBILE])), [id.as_str()]);
    assert_eq!(found("eq", json!("16430051277")), Vec::<String>::new());
    assert_eq!(found("is_empty", Json::Null), [other]);
    assert_eq!(found("not_empty", Json::Null), [id.as_str()]);
    let refused = company.try_list(
        &system,
        "contact",
        json!({"filter": {"field": "mobile", "op": "contains", "value": "1240"}}),
    );
    assert_eq!(refused.unwrap_err().code, huike_model::Code::BadFilter);
    company.update(&system, "contact", &id, json!({"mobile": null}));
    assert_eq!(found("eq", json!(MOBILE)), Vec::<String>::new());
}

fn with_its_key_a_person_is_gone_everywhere(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let id = contact(&company);
    company.update(&system, "contact", &id, json!({"mobile": "16420031241"}));
    assert_eq!(company.get(&system, "contact", &id)["mobile"], "+8616420031241");
    let (keys, record) = (company.engine.keys().clone(), number(&id));
    company.write(move |conn| keys.destroy(conn, record, 0));
    assert_eq!(company.get(&system, "contact", &id)["mobile"], Json::Null);
    assert_eq!(company.list(&system, "contact", json!({}))["items"][0]["mobile"], Json::Null);
    let history = company
        .wait(company.engine.record_history(system.clone(), "contact".into(), record, None, 50, None))
        .unwrap();
    assert!(!history.to_string().contains("1642003"), "{history}");
    let then = company
        .wait(company.engine.record_at(system.clone(), "contact".into(), record, company.engine.now()))
        .unwrap();
    assert_eq!((&then["name"], &then["mobile"]), (&json!("张三"), &Json::Null));
    let timeline = company
        .wait(company.engine.record_timeline(system.clone(), "contact".into(), record, Default::default()))
        .unwrap();
    assert!(!timeline.to_string().contains("1642003"), "{timeline}");
    // The record stays of use.
    assert_eq!(company.update(&system, "contact", &id, json!({"name": "匿名"}))["name"], "匿名");
}

fn a_person_who_is_gone_is_forgotten_by_every_node(db: &mut TestDb) {
    let company = Company::new(db);
    let id = contact(&company);
    let other = Company::opened(db.store.clone(), db.clock.clone());
    other.runtime.spawn(huike_engine::jobs::follow(other.engine.clone()));
    assert_eq!(
        other.get(&other.system(), "contact", &id)["mobile"],
        company.get(&company.system(), "contact", &id)["mobile"]
    );
    let (keys, record) = (company.engine.keys().clone(), number(&id));
    company.write(move |conn| keys.destroy(conn, record, 0));
    for _ in 0..600 {
        if other.get(&other.system(), "contact", &id)["mobile"] == Json::Null {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    panic!("the other node keeps the key");
}

fn a_key_made_in_a_write_that_fails_is_not_used_again(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let request = serde_json::from_value(json!({"mode": "each", "operations": [
        {"op": "create", "fields": {"name": "张三", "mobile": MOBILE, "title": 17}},
        {"op": "create", "fields": {"name": "李四", "mobile": MOBILE}},
    ]}));
    let done = company
        .wait(company.engine.batch_records(system.clone(), "contact".into(), request.unwrap()))
        .unwrap();
    let id = done["results"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(company.get(&system, "contact", &id)["mobile"], "+8616420031240");
}

huike_store::on_both_databases!(
    a_person_who_is_gone_is_forgotten_by_every_node,
    a_sealed_value_lies_nowhere_in_plain,
    a_sealed_value_is_found_when_it_is_known_exactly,
    with_its_key_a_person_is_gone_everywhere,
    a_key_made_in_a_write_that_fails_is_not_used_again,
);
