//! Data that grows old is promised to be checked again.

use super::super::act::Action;
use super::desk::{Desk, HOUR};
use crate::session::testing::{DAY, code};
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Value as Json, json};

huike_store::on_both_databases!(
    data_that_grows_old_is_promised_to_be_checked_until_it_is,
    who_says_that_data_was_checked_has_checked_it,
    a_contacts_data_is_checked_by_the_customers_owner_in_the_digest,
);

/// A customer with a phone (good for 180 days) and an address of mail (for 365); the rules are for all, whatever their stage.
fn customer(desk: &Desk) -> i64 {
    let rules = "select cast(id as text) from reminder_rule where definition like '%recheck_on%'";
    for id in desk.texts(rules) {
        let change = json!({"filter": null, "confirmed": true}).as_object().cloned().unwrap();
        let changed = desk.company.engine.update_rule(desk.company.boss(), id.parse().unwrap(), change);
        desk.company.wait(changed).unwrap();
    }
    let body =
        json!({"name": "杭州示例阀门有限公司", "phone": "0571-95112233", "email": "valve@example.com"});
    desk.company.create(&desk.company.cx("sales"), "customer", body)
}

/// Days go by in which the work is done now and then.
fn pass(desk: &Desk, days: std::ops::Range<i64>) {
    for day in days.clone().step_by(30).skip(1).chain([days.end]) {
        desk.at(START_MS + day * DAY);
    }
}

fn promises(desk: &Desk, holder: &str) -> Vec<String> {
    desk.texts(&format!(
        "select state from obligation where kind = 'date' and holder = '{holder}' order by due_at, id"
    ))
}

fn data_that_grows_old_is_promised_to_be_checked_until_it_is(db: &mut TestDb) {
    let desk = Desk::open(db);
    let id = customer(&desk);
    desk.work();
    assert!(promises(&desk, "customer").is_empty(), "half a year ahead nobody need think of it");
    pass(&desk, 0..100);
    assert_eq!(promises(&desk, "customer"), ["open"]);
    let due = "select due_at from obligation where kind = 'date' and holder = 'customer'";
    assert_eq!((desk.int(due) + 1 - START_MS).div_euclid(DAY), 180, "the phone is the first to grow old");
    pass(&desk, 100..190);
    assert_eq!(promises(&desk, "customer"), ["late"]);
    // The new number has been heard just now; the address is next.
    let sales = desk.company.cx("sales");
    desk.company.update(&sales, "customer", id, json!({"phone": "0571-95112244"})).unwrap();
    desk.work();
    assert_eq!(promises(&desk, "customer"), ["done"]);
    let evidence = desk.texts(
        "select evidence from obligation where state = 'done' and holder = 'customer' and kind = 'date'",
    );
    assert_eq!(evidence, ["customer"]);
    pass(&desk, 190..300);
    assert_eq!(promises(&desk, "customer"), ["done", "open"]);
    pass(&desk, 300..364);
    let check = desk.company.engine.verify_record(
        desk.company.cx("sales"),
        "customer".into(),
        id,
        vec!["email".into()],
    );
    desk.company.wait(check).unwrap();
    desk.work();
    assert_eq!(
        promises(&desk, "customer"),
        ["done", "open"],
        "in time: its date moves on to that of the phone"
    );
    assert_eq!((desk.int(&format!("{due} and closed_at is null")) + 1 - START_MS).div_euclid(DAY), 370);
    desk.company.update(&desk.system(), "customer", id, json!({"phone": null, "email": null})).unwrap();
    desk.work();
    assert_eq!(promises(&desk, "customer"), ["done", "done"], "nothing is left to grow old");
}

fn act(desk: &Desk, login: &str, action: Action) -> crate::error::Result<Json> {
    let id = desk.int("select max(id) from obligation where kind = 'date' and holder = 'customer'");
    desk.company.wait(desk.company.engine.act_on_obligation(desk.company.cx(login), id, action))
}

fn who_says_that_data_was_checked_has_checked_it(db: &mut TestDb) {
    let desk = Desk::open(db);
    let id = customer(&desk);
    pass(&desk, 0..190);
    assert_eq!(promises(&desk, "customer"), ["late"]);
    let done = act(&desk, "sales", Action::Done { note: None }).unwrap();
    assert_eq!((&done["state"], &done["can"]), (&json!("done"), &json!([])));
    let overview = desk.company.engine.record_overview(desk.company.cx("sales"), "customer".into(), id);
    let stale = desk.company.wait(overview).unwrap()["quality"]["stale"].clone();
    assert!(stale.as_array().is_none_or(Vec::is_empty), "{stale}");
    assert_eq!(desk.int("select count(*) from change_log where op = 'verify'"), 1);
    assert_eq!(code(act(&desk, "sales", Action::Reopen)), Code::Conflict);
    desk.work();
    assert_eq!(promises(&desk, "customer"), ["done"]);
}

fn a_contacts_data_is_checked_by_the_customers_owner_in_the_digest(db: &mut TestDb) {
    let desk = Desk::open(db);
    let id = customer(&desk);
    let sales = desk.company.cx("sales");
    let contact = json!({"name": "林示例", "email": "lin@example.com", "customer": Id::new(id).unwrap()});
    desk.company.create(&sales, "contact", contact);
    pass(&desk, 0..366);
    desk.at(START_MS + 366 * DAY + 2 * HOUR);
    assert_eq!(promises(&desk, "contact"), ["late"]);
    let about = "select object from obligation where kind = 'date' and holder = 'contact'";
    assert_eq!(desk.texts(about), ["customer"], "it belongs to the customer");
    let told = |live: i64| {
        desk.int(&format!(
            "select count(*) from notification n join obligation o on o.id = n.obligation_id \
             where o.kind = 'date' and o.holder = 'contact' and n.live = {live}"
        ))
    };
    assert_eq!((told(0), told(1)), (1, 0), "it waits for the digest");
}
