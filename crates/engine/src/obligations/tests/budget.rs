//! How much people are told at once in a day, as a whole and by tier.

use super::desk::{Desk, HOUR};
use crate::session::testing::{DAY, faults};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Value as Json, json};

huike_store::on_both_databases!(
    customers_of_a_small_tier_leave_room_for_others,
    a_limit_of_nothing_leaves_a_tier_to_the_digest,
    limits_are_of_tiers_that_there_are,
);

fn limit(desk: &Desk, whole: u32, tiers: Json) {
    let Json::Object(changes) = json!({"daily_limit": whole, "tier_limits": tiers}) else { unreachable!() };
    desk.company.wait(desk.company.engine.put_calendar(desk.company.boss(), changes)).unwrap();
}

/// So many customers of a tier with a task each, due one minute after the other.
fn customers(desk: &Desk, tier: &str, count: i64, from: i64) {
    for number in 0..count {
        let customer = desk.customer(&format!("湖州示例{tier}第{number}厂"));
        desk.company.update(&desk.system(), "customer", customer, json!({"tier": tier})).unwrap();
        desk.task(customer, from + number * 60_000);
    }
}

/// What somebody was told at once about customers of a tier since a time.
fn told(desk: &Desk, login: &str, tier: &str, since: i64) -> i64 {
    let user = desk.company.user(login);
    desk.int(&format!(
        "select count(*) from notification n join customer c on n.object = 'customer' and c.id = n.record_id \
         where n.user_id = {user} and n.live = 1 and n.at >= {since} and c.tier = '{tier}'"
    ))
}

fn customers_of_a_small_tier_leave_room_for_others(db: &mut TestDb) {
    let desk = Desk::open(db);
    limit(&desk, 8, json!({"c": 3}));
    // The small ones are due first.
    customers(&desk, "c", 10, START_MS + DAY + HOUR);
    customers(&desk, "b", 10, START_MS + DAY + 3 * HOUR);
    desk.work();
    let tuesday = START_MS + DAY - HOUR;
    // In several passes, so that what was told before is read from the database.
    for hour in 1..8 {
        desk.at(START_MS + DAY + hour * HOUR);
    }
    let user = desk.company.user("sales");
    let whole = desk.int(&format!(
        "select count(*) from notification where user_id = {user} and live = 1 and at >= {tuesday}"
    ));
    // The digest of the morning is one of them.
    assert_eq!((told(&desk, "sales", "c", tuesday), whole), (3, 8));
    assert!(told(&desk, "sales", "b", tuesday) >= 4);
    let waiting = format!(
        "select count(*) from notification where user_id = {user} and live = 0 and kind = 'reminder'"
    );
    assert!(desk.int(&waiting) > 0, "nothing is lost: the rest is in the digest");
    // The next day begins anew.
    let wednesday = START_MS + 2 * DAY - HOUR;
    customers(&desk, "c", 10, START_MS + 2 * DAY + HOUR);
    desk.at(START_MS + 2 * DAY + 4 * HOUR);
    assert_eq!(told(&desk, "sales", "c", wednesday), 3);
    assert_eq!(desk.broken(), []);
}

fn a_limit_of_nothing_leaves_a_tier_to_the_digest(db: &mut TestDb) {
    let desk = Desk::open(db);
    limit(&desk, 20, json!({"c": 0}));
    customers(&desk, "c", 3, START_MS + HOUR);
    customers(&desk, "b", 3, START_MS + HOUR);
    desk.work();
    desk.at(START_MS + 4 * HOUR);
    assert_eq!(told(&desk, "sales", "c", 0), 0);
    assert!(told(&desk, "sales", "b", 0) >= 3);
    assert_eq!(desk.broken(), []);
}

fn limits_are_of_tiers_that_there_are(db: &mut TestDb) {
    let desk = Desk::open(db);
    let put = |limits: Json| {
        let Json::Object(changes) = json!({"tier_limits": limits}) else { unreachable!() };
        desk.company.wait(desk.company.engine.put_calendar(desk.company.boss(), changes))
    };
    let found = faults(put(json!({"z": 3, "a": 201, "b": 0})).unwrap_err());
    assert_eq!(
        found,
        [("tier_limits.a".to_owned(), "range"), ("tier_limits.z".to_owned(), "unknown_option")]
    );
    for wrong in [json!("many"), json!({"a": -1}), json!({"a": 1.5}), json!({"a": null}), json!([])] {
        assert_eq!(faults(put(wrong).unwrap_err()).len(), 1);
    }
    assert_eq!(put(json!({"a": 30})).unwrap()["tier_limits"], json!({"a": 30}));
    assert_eq!(put(json!({})).unwrap()["tier_limits"], json!({}));
}
