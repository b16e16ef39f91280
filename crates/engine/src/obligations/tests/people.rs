//! What people are told about reminding: who hears of what, how a team keeps up, and which reminders nobody heeds.

use super::desk::{Desk, HOUR};
use crate::access::shares;
use crate::obligations::act::Action;
use crate::obligations::notify::recipients;
use crate::obligations::row;
use crate::obligations::rule::Level;
use crate::session::testing::{DAY, code};
use huike_model::{Code, Id};
use huike_store::Sql;
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Map, Value as Json, json};

huike_store::on_both_databases!(
    of_a_record_it_is_told_who_was_reminded_and_who_will_be,
    what_was_done_by_mistake_is_opened_again,
    a_manager_sees_how_their_people_keep_up,
    whoever_may_change_a_customer_or_its_task_is_a_collaborator,
    whoever_chose_their_own_quiet_hours_is_disturbed_outside_of_these,
    a_rule_that_reminds_very_often_asks_first,
    reminders_that_nobody_heeds_are_reported_with_a_proposal,
);

fn object(json: Json) -> Map<String, Json> {
    json.as_object().unwrap().clone()
}

/// The logins behind references to people.
fn logins(desk: &Desk, items: &Json) -> Vec<String> {
    let login = |one: &Json| {
        let id = one["id"].as_str().unwrap().parse::<Id>().unwrap().number();
        desk.company.engine.org().user(id).unwrap().login.clone()
    };
    items.as_array().unwrap().iter().map(login).collect()
}

fn of_a_record_it_is_told_who_was_reminded_and_who_will_be(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("杭州示例阀门有限公司");
    desk.task(customer, START_MS + 2 * HOUR);
    desk.work();
    let reminders = |login: &str| {
        let cx = desk.company.cx(login);
        desk.company.wait(desk.company.engine.reminders_of(cx, "customer".into(), customer))
    };
    let before = reminders("sales").unwrap();
    let steps = before["ahead"].as_array().unwrap();
    let of_task: Vec<&Json> = steps.iter().filter(|step| step["title"] == "发报价单").collect();
    let to: Vec<&str> = of_task.iter().map(|step| step["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["owner", "owner", "manager"]);
    assert_eq!(
        (logins(&desk, &of_task[0]["people"]), logins(&desk, &of_task[2]["people"])),
        (vec!["sales".into()], vec!["head".into()])
    );
    assert_eq!(before["told"], json!([]));
    desk.at(START_MS + 2 * DAY);
    let after = reminders("sales").unwrap();
    let told: Vec<String> = after["told"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| logins(&desk, &json!([one["user"]])).remove(0))
        .collect();
    assert_eq!(told.len(), desk.told().len());
    assert!(told.contains(&"sales".to_owned()) && told.contains(&"head".to_owned()), "{told:?}");
    let missing = desk.company.engine.reminders_of(desk.company.cx("sales"), "customer".into(), 7);
    assert_eq!(code(desk.company.wait(missing)), Code::NotFound);
}

fn what_was_done_by_mistake_is_opened_again(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("杭州示例管业有限公司");
    let body = json!({"name": "年度框架", "customer": Id::new(customer).unwrap(), "status": "performing", "signed_on": "2025-04-15", "end_on": "2026-04-15"});
    desk.company.create(&desk.company.cx("sales"), "contract", body);
    desk.work();
    let id = desk.int("select id from obligation where kind = 'date'");
    let act = |action: Action| {
        desk.company.wait(desk.company.engine.act_on_obligation(desk.company.cx("sales"), id, action))
    };
    assert_eq!(code(act(Action::Reopen)), Code::Conflict, "it is open");
    let done = act(Action::Done { note: None }).unwrap();
    assert_eq!((&done["state"], &done["can"]), (&json!("done"), &json!(["reopen"])));
    desk.work();
    assert_eq!(desk.texts("select state from obligation where kind = 'date'"), ["done"]);
    let open = act(Action::Reopen).unwrap();
    assert_eq!((&open["state"], &open["can"]), (&json!("open"), &json!(["done", "waive"])));
    // A month before its end it is told as if nothing had been done.
    desk.at(START_MS + 14 * DAY + 2 * HOUR);
    assert_eq!(desk.int("select count(*) from notification n join obligation o on o.id = n.obligation_id where o.kind = 'date'"), 1);
    assert_eq!(desk.broken(), []);
}

fn a_manager_sees_how_their_people_keep_up(db: &mut TestDb) {
    let desk = Desk::open(db);
    let (one, two) = (desk.customer("杭州示例机电有限公司"), desk.customer("杭州示例机床有限公司"));
    desk.task(one, START_MS + HOUR);
    desk.company.clock.set_ms(START_MS + 30 * 60_000);
    desk.talk(two, json!({}));
    desk.at(START_MS + 2 * HOUR);
    let team = |login: &str| desk.company.wait(desk.company.engine.team(desk.company.cx(login))).unwrap();
    let seen = team("head");
    let person = |login: &str| {
        let people = seen["people"].as_array().unwrap();
        let user = json!(Id::new(desk.company.user(login)).unwrap());
        people.iter().find(|one| one["user"]["id"] == user).unwrap().clone()
    };
    let sales = person("sales");
    let figures = ["late", "customers", "unplanned", "new", "unanswered", "response_minutes"]
        .map(|name| sales[name].clone());
    assert_eq!(figures, [json!(1), json!(2), json!(1), json!(2), json!(1), json!(30)]);
    assert_eq!(person("other")["customers"], 0);
    assert_eq!(seen["tiers"][0]["customers"], 2);
    assert_eq!(team("sales")["people"], json!([]), "nobody is below them");
}

fn whoever_may_change_a_customer_or_its_task_is_a_collaborator(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("宁波示例协作有限公司");
    let task = desk.task(customer, START_MS + DAY);
    desk.work();
    let share = |object: &str, record: i64, with: &str, level: &str, until: Option<i64>| {
        let new = serde_json::from_value(json!({
            "grantee": {"kind": "user", "id": Id::new(desk.company.user(with)).unwrap()},
            "level": level, "expires_at": until.map(crate::shown::instant_text),
        }));
        let engine = &desk.company.engine;
        let sales = desk.company.cx("sales");
        desk.company.wait(shares::share(engine, &sales, object, record, new.unwrap())).unwrap();
    };
    share("customer", customer, "other", "write", Some(START_MS + 2 * DAY));
    share("customer", customer, "boss", "read", None);
    share("task", task, "head", "write", None);
    let told = || {
        let cx = desk.system();
        desk.company.write(move |conn| {
            let sql = format!(
                "select {} from obligation where holder = 'task' and holder_id = {task}",
                row::COLUMNS
            );
            let one = row::read_all(conn, &Sql::raw(sql))?.remove(0);
            recipients(conn, &cx, &one, Level::Collaborator)
        })
    };
    let who = |logins: &[&str]| logins.iter().map(|login| desk.company.user(login)).collect();
    assert_eq!(told(), who(&["other", "head"]), "not who may only read");
    desk.company.clock.set_ms(START_MS + 3 * DAY);
    assert_eq!(told(), who(&["head"]), "nor whose time is over");
}

fn whoever_chose_their_own_quiet_hours_is_disturbed_outside_of_these(db: &mut TestDb) {
    let desk = Desk::open(db);
    let wish = |from: &str, to: &str| {
        let quiet = json!({"quiet": {"from": from, "to": to, "free_days": false}});
        desk.company.wait(desk.company.engine.put_reach(desk.company.cx("sales"), object(quiet))).unwrap();
    };
    let customer = desk.customer("绍兴示例夜班有限公司");
    desk.task(customer, START_MS + 12 * HOUR + HOUR / 2);
    desk.work();
    // Half past nine in the evening is no quiet hour of theirs, though the company's.
    wish("23:00", "06:00");
    desk.at(START_MS + 12 * HOUR + 1);
    assert_eq!(desk.told(), ["sales reminder"]);
    desk.task(customer, START_MS + 23 * HOUR);
    desk.work();
    wish("18:00", "11:00");
    desk.at(START_MS + 24 * HOUR);
    assert_eq!(desk.told(), ["sales reminder"], "at nine, which is loud for the company alone");
    desk.at(START_MS + 26 * HOUR);
    assert_eq!(desk.told(), ["sales reminder"; 3], "at eleven both tasks that are late");
}

fn busy(desk: &Desk) {
    for number in 0..25 {
        let customer = desk.customer(&format!("宁波示例第{number}厂"));
        desk.task(customer, START_MS + DAY + number * HOUR / 4);
    }
}

fn a_rule_that_reminds_very_often_asks_first(db: &mut TestDb) {
    let desk = Desk::open(db);
    busy(&desk);
    desk.at(START_MS + 4 * DAY);
    let steps: Vec<Json> =
        (1..=10).map(|step| json!({"to": "owner", "after": {"minutes": -step * 10}})).collect();
    let rule =
        json!({"name": {"zh": "十次", "en": "Ten times"}, "trigger": {"kind": "task"}, "steps": steps});
    let create = |extra: Json| {
        let mut members = object(rule.clone());
        members.extend(object(extra));
        desk.company.wait(desk.company.engine.create_rule(desk.company.boss(), members))
    };
    assert_eq!(code(create(json!({}))), Code::Conflict);
    // Out of force it harms nobody; put in force it asks.
    let made = create(json!({"active": false})).unwrap();
    let id = made["id"].as_str().unwrap().parse::<Id>().unwrap().number();
    let update = |changes: Json| {
        desk.company.wait(desk.company.engine.update_rule(desk.company.boss(), id, object(changes)))
    };
    assert_eq!(code(update(json!({"active": true}))), Code::Conflict);
    assert_eq!(update(json!({"active": true, "confirmed": true})).unwrap()["active"], true);
    assert!(
        update(json!({"name": {"zh": "十遍", "en": "Ten times over"}})).is_ok(),
        "its name reminds nobody"
    );
    assert!(create(json!({"confirmed": true})).is_ok());
}

fn reminders_that_nobody_heeds_are_reported_with_a_proposal(db: &mut TestDb) {
    let desk = Desk::open(db);
    busy(&desk);
    for day in 1..=9 {
        desk.at(START_MS + day * DAY + 9 * HOUR);
    }
    let engine = &desk.company.engine;
    let report = |login: &str, days: i64| {
        let cx = if login == "boss" { desk.company.boss() } else { desk.company.cx(login) };
        desk.company.wait(engine.ignored_reminders(cx, Some(days), None))
    };
    let found = report("boss", 30).unwrap();
    let tasks =
        found["items"].as_array().unwrap().iter().find(|item| item["rule"]["name"] == "跟进与任务").unwrap();
    assert_eq!(tasks["acted"], 0);
    assert!(tasks["told"].as_i64().unwrap() >= 25, "{tasks}");
    let people: Json = tasks["people"].as_array().unwrap().iter().map(|one| one["user"].clone()).collect();
    let mut told = logins(&desk, &people);
    told.sort();
    assert_eq!(told, ["head", "sales"]);
    let proposals = tasks["proposals"].as_array().unwrap();
    let digest = proposals.iter().find(|one| one["kind"] == "digest").unwrap();
    let id = tasks["rule"]["id"].as_str().unwrap().parse::<Id>().unwrap().number();
    let accepted = engine.update_rule(desk.company.boss(), id, object(digest["change"].clone()));
    assert_eq!(desk.company.wait(accepted).unwrap()["digest"], true);
    // From now on it is told in the digest only.
    let customer = desk.customer("宁波示例新厂");
    let due = START_MS + 10 * DAY + 2 * HOUR;
    let task = desk.task(customer, due);
    desk.at(due + HOUR);
    let live = format!(
        "select count(*) from notification n join obligation o on o.id = n.obligation_id where o.holder_id = {task} and n.live = 1"
    );
    assert_eq!(desk.int(&live), 0);
    let held = live.replace("n.live = 1", "n.live = 0");
    assert_eq!(desk.int(&held), 1);
    assert_eq!(code(report("sales", 30)), Code::Forbidden);
    assert_eq!(crate::session::testing::faults(report("boss", 3).unwrap_err()).len(), 1);
}
