//! Who is late hears of it, whenever the promise was made.

use super::desk::Desk;
use crate::session::testing::DAY;
use huike_store::testing::{START_MS, TestDb};
use serde_json::json;

huike_store::on_both_databases!(whoever_is_late_hears_of_it_though_every_step_was_over,);

fn whoever_is_late_hears_of_it_though_every_step_was_over(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("杭州示例照明有限公司");
    let task = desk.task(customer, START_MS + 11 * DAY);
    desk.at(START_MS + 8 * DAY);
    let told = "select count(*) from notification n join obligation o on o.id = n.obligation_id where o.kind = 'contact'";
    assert_eq!(desk.int(told), 0, "a step is agreed");
    // Called off: silent since the day the customer came in, and nobody was told on the day.
    desk.company.update(&desk.system(), "task", task, json!({"status": "cancelled"})).unwrap();
    desk.work();
    assert_eq!(desk.int(told), 1);
    desk.at(START_MS + 9 * DAY);
    assert_eq!(desk.int(told), 1);
}
