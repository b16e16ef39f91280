//! What only time changes, with nobody writing anything.

use super::desk::{Desk, HOUR};
use crate::session::testing::DAY;
use huike_model::Id;
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Value as Json, json};

huike_store::on_both_databases!(
    what_lies_far_ahead_is_promised_when_it_comes_into_reach,
    what_comes_every_year_is_promised_anew_every_year,
    a_condition_about_time_is_asked_again_every_day,
    a_condition_about_another_record_is_asked_again_every_day,
);

/// The rule about contracts that every company has is out of the way.
fn rule(desk: &Desk, filter: Json) {
    desk.company.execute("update reminder_rule set active = 0 where definition like '%\"contract\"%'");
    desk.company.engine.mark_stale();
    let rule = json!({
        "name": {"zh": "框架合同", "en": "Frameworks"}, "filter": filter, "confirmed": true,
        "trigger": {"kind": "date", "object": "contract", "field": "end_on"}, "steps": [{"to": "owner"}],
    });
    let members = rule.as_object().unwrap().clone();
    desk.company.wait(desk.company.engine.create_rule(desk.company.boss(), members)).unwrap();
}

fn contract(desk: &Desk, customer: i64, end_on: &str) -> i64 {
    let body = json!({"name": "框架合同", "customer": Id::new(customer).unwrap(), "status": "performing",
        "signed_on": "2026-03-01", "end_on": end_on});
    desk.company.create(&desk.company.cx("sales"), "contract", body)
}

fn promises(desk: &Desk) -> Vec<String> {
    desk.texts("select state from obligation where holder = 'contract' order by id")
}

fn what_lies_far_ahead_is_promised_when_it_comes_into_reach(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("杭州示例仪表有限公司");
    // More than are looked at in one write, and one that ends a day later.
    for _ in 0..230 {
        contract(&desk, customer, "2026-09-01");
    }
    contract(&desk, customer, "2026-09-02");
    desk.work();
    let open = || promises(&desk).len();
    // The second of March and 92 days are the second of June; its horizon is the last of August.
    desk.at(START_MS + 92 * DAY);
    assert_eq!(open(), 0);
    desk.at(START_MS + 93 * DAY);
    assert_eq!(open(), 230);
    desk.at(START_MS + 93 * DAY + HOUR);
    assert_eq!(open(), 230, "once");
    desk.at(START_MS + 94 * DAY);
    assert_eq!(open(), 231);
    assert_eq!(desk.broken(), []);
}

fn what_comes_every_year_is_promised_anew_every_year(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("宁波示例轴承有限公司");
    let contact = json!({"name": "林示例", "customer": Id::new(customer).unwrap(), "birthday": "1980-02-29"});
    desk.company.create(&desk.company.cx("sales"), "contact", contact);
    desk.work();
    let due =
        || desk.texts("select state from obligation where holder = 'contact' and kind = 'date' order by id");
    assert_eq!(due().len(), 0, "it was yesterday but one");
    for year in 1..=2 {
        // 91 days before the end of February, and after it.
        desk.at(START_MS + (year * 365 - 93) * DAY);
        assert_eq!(due().iter().filter(|state| *state == "open").count(), 0, "{year}");
        desk.at(START_MS + (year * 365 - 90) * DAY);
        assert_eq!(due().last().map(String::as_str), Some("open"), "{year}");
        desk.at(START_MS + (year * 365 + 1) * DAY);
        assert_eq!(
            due().last().map(String::as_str),
            Some("void"),
            "{year}: over without anybody doing anything"
        );
        assert_eq!(due().len() as i64, year);
    }
}

fn a_condition_about_time_is_asked_again_every_day(db: &mut TestDb) {
    let desk = Desk::open(db);
    rule(&desk, json!({"field": "signed_on", "op": "within", "value": {"last": "10d"}}));
    let customer = desk.customer("绍兴示例纺织有限公司");
    contract(&desk, customer, "2026-05-15");
    desk.work();
    assert_eq!(promises(&desk), ["open"]);
    desk.at(START_MS + 5 * DAY);
    assert_eq!(promises(&desk), ["open"]);
    desk.at(START_MS + 12 * DAY);
    assert_eq!(promises(&desk), ["done"], "the condition holds no more, though nobody wrote anything");
}

fn a_condition_about_another_record_is_asked_again_every_day(db: &mut TestDb) {
    let desk = Desk::open(db);
    rule(&desk, json!({"field": "customer.stage", "op": "eq", "value": "won"}));
    let customer = desk.customer("嘉兴示例电子有限公司");
    contract(&desk, customer, "2026-05-15");
    desk.work();
    assert_eq!(promises(&desk).len(), 0);
    let stage = |stage: &str| {
        desk.company.update(&desk.system(), "customer", customer, json!({"stage": stage})).unwrap();
    };
    stage("won");
    desk.at(START_MS + DAY);
    assert_eq!(promises(&desk), ["open"]);
    stage("interested");
    desk.at(START_MS + 2 * DAY);
    assert_eq!(promises(&desk), ["done"]);
}
