//! Greetings from the promise to the mailbox, on both databases.

use super::post;
use super::tests::{at, desk, members, subjects};
use crate::obligations::tests::desk::{Desk, HOUR};
use crate::session::testing::{DAY, code};
use huike_courier::testing::MailSink;
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Value as Json, json};

huike_store::on_both_databases!(
    a_birthday_is_greeted_when_the_owner_approves_and_the_contact_agreed,
    nobody_is_greeted_who_did_not_agree_or_takes_it_back,
    a_greeting_is_its_owners_to_decide_and_once_only,
    who_agrees_during_the_day_is_proposed_within_the_hour,
    what_was_not_decided_goes_to_whoever_takes_the_contact_over,
);

/// A contact whose birthday is in two days, with the mail address `guest@example.com`.
fn guest(desk: &Desk, name: &str, more: Json) -> i64 {
    let customer = desk.customer(&format!("杭州{name}示例包装有限公司"));
    let day = huike_model::moment::wall_clock(chrono_tz::Asia::Shanghai, START_MS + 2 * DAY).date();
    let mut body = json!({"name": name, "customer": Id::new(customer).unwrap(), "email": "guest@example.com",
        "birthday": format!("1985{}", &day.to_string()[4..]), "greeting_consent": ["email"]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let id = desk.company.create(&desk.company.cx("sales"), "contact", body);
    desk.work();
    id
}

fn list(desk: &Desk, login: &str) -> Vec<Json> {
    let listed = desk.company.wait(desk.company.engine.greetings(desk.company.cx(login))).unwrap();
    listed["items"].as_array().unwrap().clone()
}

fn id(one: &Json) -> i64 {
    one["id"].as_str().unwrap().parse::<Id>().unwrap().number()
}

fn approve(desk: &Desk, login: &str, one: &Json, text: Option<&str>) -> crate::Result<Json> {
    let engine = &desk.company.engine;
    desk.company.wait(engine.approve_greeting(desk.company.cx(login), id(one), None, text.map(str::to_owned)))
}

fn greeted(sink: &MailSink) -> usize {
    subjects(sink).iter().filter(|to| *to == "guest@example.com").count()
}

fn a_birthday_is_greeted_when_the_owner_approves_and_the_contact_agreed(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    guest(&desk, "王小明", json!({}));
    at(&desk, START_MS + DAY);
    let listed = list(&desk, "sales");
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(
        (&listed[0]["occasion"], &listed[0]["state"], &listed[0]["way"]),
        (&json!("birthday"), &json!("proposed"), &json!("email"))
    );
    assert!(listed[0]["text"].as_str().unwrap().contains("王小明，您好"));
    let approved = approve(&desk, "sales", &listed[0], Some("生日快乐，王总！")).unwrap();
    assert_eq!(approved["state"], "approved");
    assert_eq!(code(approve(&desk, "sales", &listed[0], None)), Code::Conflict);
    at(&desk, START_MS + 2 * DAY - HOUR);
    assert_eq!(greeted(&sink), 0, "not before its time");
    at(&desk, START_MS + 2 * DAY + HOUR);
    at(&desk, START_MS + 2 * DAY + 2 * HOUR);
    assert_eq!((greeted(&sink), list(&desk, "sales")[0]["state"].clone()), (1, json!("sent")));
    desk.company.wait(post::round(&desk.company.engine)).unwrap();
    assert_eq!(greeted(&sink), 1);
}

fn nobody_is_greeted_who_did_not_agree_or_takes_it_back(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    guest(&desk, "李不愿", json!({"greeting_consent": []}));
    guest(&desk, "赵勿扰", json!({"do_not_contact": true}));
    guest(&desk, "钱没有", json!({"email": null}));
    let changes = guest(&desk, "孙反悔", json!({}));
    at(&desk, START_MS + DAY);
    let listed = list(&desk, "sales");
    assert_eq!(listed.len(), 1, "{listed:?}");
    approve(&desk, "sales", &listed[0], None).unwrap();
    desk.company
        .update(&desk.company.cx("sales"), "contact", changes, json!({"greeting_consent": []}))
        .unwrap();
    at(&desk, START_MS + 2 * DAY + HOUR);
    assert_eq!((greeted(&sink), list(&desk, "sales")[0]["state"].clone()), (0, json!("failed")));
}

fn who_agrees_during_the_day_is_proposed_within_the_hour(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    let late = guest(&desk, "吴后来", json!({"greeting_consent": []}));
    at(&desk, START_MS + DAY);
    assert_eq!(list(&desk, "sales").len(), 0);
    desk.company
        .update(&desk.company.cx("sales"), "contact", late, json!({"greeting_consent": ["email"]}))
        .unwrap();
    at(&desk, START_MS + DAY + HOUR);
    at(&desk, START_MS + DAY + 2 * HOUR);
    assert_eq!(list(&desk, "sales").len(), 1);
}

fn what_was_not_decided_goes_to_whoever_takes_the_contact_over(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    let (waits, decided) = (guest(&desk, "郑交接", json!({})), guest(&desk, "冯已定", json!({})));
    at(&desk, START_MS + DAY);
    let of = |login: &str, contact: i64| {
        let contact = Id::new(contact).unwrap().to_string();
        list(&desk, login).into_iter().find(|one| one["contact"]["id"] == json!(contact))
    };
    approve(&desk, "sales", &of("sales", decided).unwrap(), None).unwrap();
    let other = Id::new(desk.company.user("other")).unwrap();
    for contact in [waits, decided] {
        desk.company.update(&desk.company.boss(), "contact", contact, json!({"owner": other})).unwrap();
    }
    at(&desk, START_MS + DAY + HOUR);
    assert!(of("sales", waits).is_none());
    let taken_over = of("other", waits).unwrap();
    assert_eq!(taken_over["state"], "proposed");
    assert!(!taken_over["text"].as_str().unwrap().contains("sales"), "signed by whoever has them now");
    assert_eq!(of("head", decided).unwrap()["state"], "approved", "what was approved stays as it was read");
    at(&desk, START_MS + DAY + 2 * HOUR);
    let told = format!(
        "select count(*) from notification where kind = 'greeting' and user_id = {}",
        desk.company.user("other")
    );
    assert_eq!(desk.int(&told), 1);
    approve(&desk, "other", &taken_over, None).unwrap();
}

fn a_greeting_is_its_owners_to_decide_and_once_only(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    guest(&desk, "周同事", json!({}));
    at(&desk, START_MS + DAY);
    let one = list(&desk, "sales")[0].clone();
    assert_eq!((list(&desk, "other").len(), list(&desk, "head").len()), (0, 1));
    assert_eq!(code(approve(&desk, "other", &one, None)), Code::NotFound);
    assert_eq!(code(approve(&desk, "sales", &one, Some(" "))), Code::Invalid);
    approve(&desk, "head", &one, None).unwrap();
    let engine = &desk.company.engine;
    let skipped = desk.company.wait(engine.skip_greeting(desk.company.cx("sales"), id(&one))).unwrap();
    assert_eq!(skipped["state"], "skipped");
    at(&desk, START_MS + 2 * DAY + HOUR);
    assert_eq!((greeted(&sink), desk.int("select count(*) from greeting")), (0, 1));
    let put = |login: &str, body: Json| {
        desk.company.wait(engine.put_greeting_settings(desk.company.cx(login), members(body)))
    };
    assert_eq!(code(put("sales", json!({"active": false}))), Code::Forbidden);
    assert_eq!(code(put("boss", json!({"days_before": 99}))), Code::Invalid);
    assert_eq!(put("boss", json!({"active": false})).unwrap()["active"], false);
}
