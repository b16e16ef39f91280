//! Who is where, and what is to be known before a call, on both databases.

use super::presence::{Doing, PresentHere};
use crate::session::testing::{Company, DAY, code};
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Value as Json, json};

huike_store::on_both_databases!(
    people_at_one_record_see_each_other_and_are_forgotten_after_a_minute,
    a_colleagues_contact_and_the_customers_wishes_are_told_before_a_call,
    who_may_not_read_a_record_learns_nothing_of_it,
);

const HOUR: i64 = 3_600_000;

fn company(db: &TestDb) -> Company {
    let company = Company::founded(db);
    let department = Some(company.department("销售部"));
    for login in ["ann", "ben"] {
        company.hire_into(login, "sales", department);
    }
    company
}

fn present(company: &Company, login: &str, record: i64, doing: Doing) -> Json {
    let said = PresentHere { object: "customer".into(), record: Id::new(record).unwrap(), doing };
    company.wait(company.engine.be_present(company.cx(login), said)).unwrap()["items"].clone()
}

fn warned(company: &Company, login: &str, object: &str, record: i64) -> Vec<Json> {
    let check = company.engine.contact_check(company.cx(login), object.into(), record);
    company.wait(check).unwrap()["warnings"].as_array().unwrap().clone()
}

fn people_at_one_record_see_each_other_and_are_forgotten_after_a_minute(db: &mut TestDb) {
    let company = company(db);
    let customer = company.create(&company.cx("ann"), "customer", json!({"name": "杭州示例钢构有限公司"}));
    let mut told = company.engine.presence().listen();
    assert_eq!(present(&company, "ann", customer, Doing::Looking), json!([]));
    assert!(told.try_recv().is_err(), "nobody else is there to be told");
    let seen = present(&company, "ben", customer, Doing::Looking);
    assert_eq!(
        (seen[0]["user"]["name"].as_str(), seen[0]["doing"].as_str()),
        (Some("员工ann"), Some("looking"))
    );
    let stirred = told.try_recv().unwrap();
    assert_eq!((stirred.record, stirred.people), (customer, vec![company.user("ann")]));
    present(&company, "ann", customer, Doing::Calling);
    assert_eq!(present(&company, "ben", customer, Doing::Looking)[0]["doing"], "calling");
    told.try_recv().unwrap();
    assert!(told.try_recv().is_err(), "saying the same again disturbs nobody");
    present(&company, "ann", customer, Doing::Left);
    assert_eq!(present(&company, "ben", customer, Doing::Looking), json!([]));
    present(&company, "ann", customer, Doing::Writing);
    company.clock.set_ms(START_MS + 61_000);
    assert_eq!(
        present(&company, "ben", customer, Doing::Looking),
        json!([]),
        "whoever says nothing has gone"
    );
}

fn a_colleagues_contact_and_the_customers_wishes_are_told_before_a_call(db: &mut TestDb) {
    let company = company(db);
    let boss = company.boss();
    let customer = company.create(&company.cx("ann"), "customer", json!({"name": "宁波示例泵业有限公司"}));
    let id = Id::new(customer).unwrap();
    assert_eq!(warned(&company, "boss", "customer", customer), [Json::Null; 0]);
    let talk = |by: &str, at: i64| {
        let body = json!({"kind": "call", "customer": id, "content": "报价", "occurred_at": crate::shown::instant_text(at)});
        company.create(&company.cx(by), "interaction", body);
    };
    talk("ann", START_MS - HOUR);
    let warnings = warned(&company, "boss", "customer", customer);
    assert_eq!((&warnings[0]["kind"], &warnings[0]["by"]["name"]), (&json!("recent"), &json!("员工ann")));
    assert_eq!(
        warned(&company, "ann", "customer", customer),
        [Json::Null; 0],
        "one's own contact is no surprise"
    );
    let of_others = warned(&company, "ben", "customer", customer);
    assert_eq!(
        (&of_others[0]["kind"], &of_others[0]["by"]),
        (&json!("recent"), &Json::Null),
        "when, and no more"
    );
    company.clock.set_ms(START_MS + 4 * DAY);
    assert_eq!(warned(&company, "boss", "customer", customer), [Json::Null; 0]);
    let wishes = json!({"no_contact_at": ["morning"], "no_contact_until": "2026-03-10", "no_contact_reason": "月底盘点"});
    company.update(&boss, "customer", customer, wishes).unwrap();
    let kinds: Vec<String> = warned(&company, "boss", "customer", customer)
        .iter()
        .map(|one| {
            format!("{} {}", one["kind"].as_str().unwrap(), one["reason"].as_str().unwrap_or_default())
        })
        .collect();
    assert_eq!(kinds, ["paused 月底盘点", "not_now 月底盘点"]);
    let body = json!({"name": "李工", "customer": id, "do_not_contact": true});
    let contact = company.create(&company.cx("ann"), "contact", body);
    let kinds: Vec<Json> =
        warned(&company, "ann", "contact", contact).iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(kinds, [json!("do_not_contact"), json!("paused"), json!("not_now")]);
    let rules = super::settings::ContactRules { recent_days: 5 };
    assert_eq!(
        code(company.wait(company.engine.put_contact_rules(company.cx("ann"), rules))),
        Code::Forbidden
    );
    company.wait(company.engine.put_contact_rules(boss, rules)).unwrap();
    assert_eq!(warned(&company, "boss", "customer", customer).len(), 3, "five days back it is told again");
}

fn who_may_not_read_a_record_learns_nothing_of_it(db: &mut TestDb) {
    let company = company(db);
    let contact = company.create(&company.cx("ann"), "contact", json!({"name": "周经理"}));
    let said =
        PresentHere { object: "contact".into(), record: Id::new(contact).unwrap(), doing: Doing::Looking };
    assert_eq!(code(company.wait(company.engine.be_present(company.cx("ben"), said))), Code::NotFound);
    let check = company.engine.contact_check(company.cx("ben"), "contact".into(), contact);
    assert_eq!(code(company.wait(check)), Code::NotFound);
}
