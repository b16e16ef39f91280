//! What leaves the house, on both databases, through a mail server on this machine.

use super::list::DeliveryRequest;
use super::post;
use crate::obligations::run;
use crate::obligations::tests::desk::{Desk, HOUR};
use crate::session::testing::{Company, DAY, MINUTE, code, faults};
use huike_courier::testing::{MailSink, WebSink};
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Map, Value as Json, json};

huike_store::on_both_databases!(
    a_reminder_leaves_with_its_notification_and_once_only,
    reminders_of_two_minutes_leave_as_one_mail,
    a_message_that_was_sent_when_its_sender_died_is_sent_again_under_the_same_name,
    a_channel_that_was_down_for_two_days_brings_everything_once_and_drops_yesterdays_digest,
    what_waited_for_its_channel_does_not_come_in_the_night,
    whoever_looks_after_settings_is_told_once_that_a_channel_is_down,
    who_has_no_address_is_reached_in_the_page_alone,
    an_address_that_is_refused_becomes_a_dead_letter_that_can_be_tried_again,
    what_was_read_in_the_page_is_not_mailed,
    two_nodes_send_nothing_twice,
    a_robot_names_no_customer_unless_it_may,
    secrets_are_sealed_and_never_shown,
    wishes_are_ones_own_and_checked,
    a_digest_comes_at_the_time_that_its_reader_chose,
    whoever_leads_people_is_told_of_the_weeks_leaks,
    a_channel_that_is_switched_off_drops_what_waits,
    only_who_looks_after_settings_sees_channels,
);

pub fn members(json: Json) -> Map<String, Json> {
    let Json::Object(members) = json else { panic!("an object") };
    members
}

/// A desk whose mail goes to `sink`, and whose people have addresses.
pub fn desk(db: &TestDb, sink: &MailSink) -> Desk {
    let desk = Desk::open(db);
    desk.company.engine.open_outside(sink.allowed(), "https://crm.example.com".into());
    for login in ["boss", "head", "sales"] {
        let body = json!({"email": format!("{login}@example.com"), "mobile": "13000000001"});
        let system = desk.system();
        desk.company.update(&system, "user", desk.company.user(login), body).unwrap();
    }
    channel(
        &desk,
        json!({"kind": "email", "name": "公司邮箱", "settings": {"host": "127.0.0.1", "port": sink.address.port(),
        "security": "none", "from": "crm@example.com"}, "secrets": {"password": "s3cret-word"}}),
    );
    wish(&desk, "sales", json!({"own": ["email"]}));
    desk
}

pub fn channel(desk: &Desk, body: Json) -> i64 {
    let made =
        desk.company.wait(desk.company.engine.create_channel(desk.company.boss(), members(body))).unwrap();
    made["id"].as_str().unwrap().parse::<Id>().unwrap().number()
}

fn wish(desk: &Desk, login: &str, body: Json) {
    desk.company.wait(desk.company.engine.put_reach(desk.company.cx(login), members(body))).unwrap();
}

fn post(desk: &Desk) -> usize {
    desk.company.wait(post::round(&desk.company.engine)).unwrap()
}

pub fn at(desk: &Desk, ms: i64) {
    desk.at(ms);
    post(desk);
}

pub fn subjects(sink: &MailSink) -> Vec<String> {
    sink.mails().iter().map(|mail| mail.to.join(",")).collect()
}

fn states(desk: &Desk) -> Vec<String> {
    desk.texts("select state from delivery order by id")
}

/// A day later at ten: a task that sales was reminded of an hour before it was due.
fn reminded(desk: &Desk) {
    let customer = desk.customer("杭州示例包装有限公司");
    desk.task(customer, START_MS + 5 * HOUR);
    desk.work();
    desk.at(START_MS + 5 * HOUR + 1);
}

fn a_reminder_leaves_with_its_notification_and_once_only(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    reminded(&desk);
    assert_eq!(states(&desk), ["waiting"]);
    assert_eq!(post(&desk), 0, "it waits for what else may come");
    at(&desk, START_MS + 5 * HOUR + 3 * MINUTE);
    at(&desk, START_MS + 5 * HOUR + 30 * MINUTE);
    let mails = sink.mails();
    assert_eq!((mails.len(), states(&desk)), (1, vec!["sent".to_owned()]));
    assert_eq!(mails[0].to, ["sales@example.com"]);
    assert_eq!(mails[0].login, None, "nobody signs in without a name");
    let text = decoded(&mails[0].data);
    assert!(
        text.contains("杭州示例包装有限公司") && text.contains("https://crm.example.com/o/customer/"),
        "{text}"
    );
    // The page was told all the same.
    assert_eq!(desk.told(), ["sales reminder"]);
}

/// The text of a mail, whatever its transfer encoding.
fn decoded(data: &str) -> String {
    use std::fmt::Write as _;
    let (head, body) = data.split_once("\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    if head.to_lowercase().contains("base64") {
        let table = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let places: Vec<u32> = body
            .bytes()
            .filter_map(|byte| table.iter().position(|known| *known == byte))
            .map(|at| at as u32)
            .collect();
        for chunk in places.chunks(4) {
            let number = chunk.iter().enumerate().fold(0u32, |sum, (at, place)| sum | place << (18 - 6 * at));
            bytes.extend(number.to_be_bytes()[1..chunk.len()].iter());
        }
    } else {
        let mut rest = body.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'=' => {
                    let (Some(a), Some(b)) = (rest.next(), rest.next()) else { break };
                    let mut digits = String::new();
                    write!(digits, "{}{}", char::from(a), char::from(b)).unwrap();
                    bytes.extend(u8::from_str_radix(&digits, 16).ok());
                }
                byte => bytes.push(byte),
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn reminders_of_two_minutes_leave_as_one_mail(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    let customer = desk.customer("宁波示例五金有限公司");
    desk.task(customer, START_MS + 5 * HOUR);
    desk.task(customer, START_MS + 5 * HOUR + MINUTE);
    desk.work();
    desk.at(START_MS + 5 * HOUR + MINUTE + 1);
    at(&desk, START_MS + 5 * HOUR + 5 * MINUTE);
    assert_eq!((sink.mails().len(), states(&desk)), (1, vec!["sent".to_owned(); 2]));
    assert_eq!(desk.int("select count(distinct parcel) from delivery"), 1);
}

fn a_message_that_was_sent_when_its_sender_died_is_sent_again_under_the_same_name(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    reminded(&desk);
    desk.company.clock.set_ms(START_MS + 5 * HOUR + 3 * MINUTE);
    let mut deaths = 1;
    desk.company.engine.set_failpoints(move |place| {
        let dies = place == "post.sent" && deaths > 0;
        deaths -= i32::from(dies);
        dies
    });
    desk.company.wait(post::round(&desk.company.engine)).unwrap_err();
    assert_eq!((sink.mails().len(), states(&desk)), (1, vec!["sending".to_owned()]));
    assert_eq!(post(&desk), 0, "its lease stands");
    desk.company.clock.set_ms(START_MS + 5 * HOUR + 20 * MINUTE);
    assert_eq!(post(&desk), 1);
    let mails = sink.mails();
    assert_eq!(mails[0].header("Message-ID"), mails[1].header("Message-ID"));
    assert_eq!(states(&desk), ["sent"]);
}

fn a_channel_that_was_down_for_two_days_brings_everything_once_and_drops_yesterdays_digest(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    reminded(&desk);
    sink.set_down(true);
    for hour in 0..48 {
        at(&desk, START_MS + 6 * HOUR + hour * HOUR);
    }
    assert_eq!(sink.mails(), []);
    let listed = desk.company.wait(desk.company.engine.channels(desk.company.boss())).unwrap();
    assert_eq!(listed["items"][0]["state"], "down");
    assert!(!listed["items"][0]["fault"].as_str().unwrap().is_ascii());
    sink.set_down(false);
    for hour in 0..4 {
        at(&desk, START_MS + 55 * HOUR + hour * HOUR);
    }
    let mails = sink.mails();
    let names: std::collections::BTreeSet<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(names.len(), mails.len(), "nothing came twice");
    assert!(subjects(&sink).contains(&"sales@example.com".to_owned()));
    let stale = desk.int("select count(*) from delivery d join notification n on n.id = d.notification_id where d.state = 'stale' and n.kind = 'digest'");
    assert!(stale > 0, "{:?}", states(&desk));
    assert_eq!(desk.int("select count(*) from delivery d join notification n on n.id = d.notification_id where n.kind = 'reminder' and d.state <> 'sent'"), 0);
}

fn what_waited_for_its_channel_does_not_come_in_the_night(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    reminded(&desk);
    sink.set_down(true);
    at(&desk, START_MS + 5 * HOUR + 3 * MINUTE);
    sink.set_down(false);
    // Half past eight in the evening, and three in the morning.
    for later in [11 * HOUR + 30 * MINUTE, 18 * HOUR] {
        at(&desk, START_MS + later);
        assert_eq!((sink.mails().len(), states(&desk)[0].as_str()), (0, "waiting"));
    }
    at(&desk, START_MS + 23 * HOUR + MINUTE);
    assert_eq!(subjects(&sink), ["sales@example.com"]);
    assert_eq!(desk.int("select attempts from delivery order by id limit 1"), 2, "waiting is no attempt");
}

fn whoever_looks_after_settings_is_told_once_that_a_channel_is_down(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    reminded(&desk);
    sink.set_down(true);
    for minutes in (3..60).step_by(3) {
        at(&desk, START_MS + 5 * HOUR + minutes * MINUTE);
    }
    let told = desk.texts("select u.login || ' ' || n.why from notification n join \"user\" u on u.id = n.user_id where n.kind = 'channel'");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("boss ") && told[0].contains("公司邮箱"), "{told:?}");
    let waits = "select count(*) from delivery d join notification n on n.id = d.notification_id where n.kind = 'channel'";
    assert_eq!(desk.int(waits), 0, "not through the channel that is down");
    let boss = desk.company.boss();
    let listed = desk.company.wait(desk.company.engine.notifications(boss, false, None, None)).unwrap();
    let text =
        listed["items"].as_array().unwrap().iter().find(|one| one["kind"] == "channel").unwrap()["text"]
            .clone();
    assert!(text.as_str().unwrap().starts_with("通知渠道“公司邮箱”发不出去："), "{text}");
}

fn who_has_no_address_is_reached_in_the_page_alone(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    let system = desk.system();
    desk.company.update(&system, "user", desk.company.user("sales"), json!({"email": null})).unwrap();
    reminded(&desk);
    at(&desk, START_MS + 5 * HOUR + 3 * MINUTE);
    assert_eq!((sink.mails().len(), states(&desk)), (0, vec!["dropped".to_owned()]));
    assert_eq!(desk.int("select count(*) from dead_letter"), 0, "nobody has to mend that");
}

fn an_address_that_is_refused_becomes_a_dead_letter_that_can_be_tried_again(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    reminded(&desk);
    sink.refuse(Some("550 no such user"));
    at(&desk, START_MS + 5 * HOUR + 3 * MINUTE);
    assert_eq!(states(&desk), ["dead"]);
    let boss = desk.company.boss();
    let list = desk.company.wait(crate::obligations::dead::list(&desk.company.engine, &boss)).unwrap();
    let letter = &list["items"][0];
    assert!(letter["fault"].as_str().unwrap().contains("no such user"), "{letter}");
    let listed = desk
        .company
        .wait(desk.company.engine.deliveries(
            boss.clone(),
            DeliveryRequest { state: Some("dead".into()), ..DeliveryRequest::default() },
        ))
        .unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    sink.refuse(None);
    let id = letter["id"].as_str().unwrap().parse::<Id>().unwrap().number();
    desk.company.wait(crate::obligations::dead::retry(&desk.company.engine, &boss, id)).unwrap();
    assert_eq!(post(&desk), 1);
    assert_eq!((states(&desk), desk.int("select count(*) from dead_letter")), (vec!["sent".to_owned()], 0));
}

fn what_was_read_in_the_page_is_not_mailed(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    reminded(&desk);
    desk.company.wait(desk.company.engine.read_notifications(desk.company.cx("sales"), None)).unwrap();
    at(&desk, START_MS + 5 * HOUR + 3 * MINUTE);
    assert_eq!((sink.mails().len(), states(&desk)), (0, vec!["dropped".to_owned()]));
}

fn two_nodes_send_nothing_twice(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    reminded(&desk);
    desk.company.clock.set_ms(START_MS + 5 * HOUR + 3 * MINUTE);
    let engine = desk.company.engine.clone();
    desk.company.wait(async {
        let (a, b, c) = tokio::join!(post::round(&engine), post::round(&engine), post::round(&engine));
        assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 1);
    });
    assert_eq!(sink.mails().len(), 1);
}

fn a_robot_names_no_customer_unless_it_may(db: &mut TestDb) {
    let sink = WebSink::open(|_| (200, json!({"errcode": 0, "errmsg": "ok"}).to_string()));
    let desk = Desk::open(db);
    desk.company.engine.open_outside(sink.allowed(), "https://crm.example.com".into());
    let hook = format!("http://{}/cgi-bin/webhook/send?key=k", sink.address);
    let id = channel(&desk, json!({"kind": "wecom", "name": "销售群", "secrets": {"webhook": hook}}));
    wish(&desk, "sales", json!({"own": ["robot"]}));
    reminded(&desk);
    at(&desk, START_MS + 5 * HOUR + 3 * MINUTE);
    let told = sink.asked()[0].body.clone();
    assert!(told.contains("员工sales") && !told.contains("示例包装") && !told.contains("发报价单"), "{told}");
    let change = members(json!({"settings": {"details": true}}));
    desk.company.wait(desk.company.engine.update_channel(desk.company.boss(), id, change)).unwrap();
    let customer = desk.customer("温州示例阀门有限公司");
    desk.task(customer, START_MS + 6 * HOUR);
    desk.work();
    desk.at(START_MS + 6 * HOUR + 1);
    at(&desk, START_MS + 6 * HOUR + 3 * MINUTE);
    assert!(sink.asked()[1].body.contains("温州示例阀门"));
}

fn secrets_are_sealed_and_never_shown(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    let listed = desk.company.wait(desk.company.engine.channels(desk.company.boss())).unwrap();
    assert!(!listed.to_string().contains("s3cret-word"));
    assert_eq!(listed["items"][0]["has_secrets"], true);
    let stored = desk.texts("select settings || secret from channel");
    assert!(!stored[0].contains("s3cret-word"));
    let logged = desk
        .texts("select coalesce(before, '') || coalesce(after, '') from change_log where object = 'channel'");
    assert!(!logged.concat().contains("s3cret-word") && logged.concat().contains("password"));
    // Changing the name keeps the secret.
    let id = listed["items"][0]["id"].as_str().unwrap().parse::<Id>().unwrap().number();
    desk.company
        .wait(desk.company.engine.update_channel(desk.company.boss(), id, members(json!({"name": "新名字"}))))
        .unwrap();
    let engine = desk.company.engine.clone();
    let system = desk.system();
    let plain = desk.company.wait(engine.read(move |conn| {
        let known = super::administer::find(conn, id)?;
        known.secrets(conn, &system)
    }));
    assert_eq!(plain.unwrap().get("password"), "s3cret-word");
}

fn wishes_are_ones_own_and_checked(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    let ask = |login: &str, body: Json| {
        desk.company.wait(desk.company.engine.put_reach(desk.company.cx(login), members(body)))
    };
    let answer = ask("sales", json!({"own": ["sms", "email", "email"], "daily_limit": 5, "digest_at": "07:45", "quiet": {"from": "21:00", "to": "07:30", "free_days": true}})).unwrap();
    assert_eq!(
        (&answer["own"], &answer["daily_limit"], &answer["digest_at"]),
        (&json!(["email", "sms"]), &json!(5), &json!("07:45"))
    );
    assert_eq!(answer["ways"]["email"], json!({"channel": "公司邮箱", "has_address": true}));
    assert_eq!(answer["ways"]["sms"], json!({"channel": null, "has_address": true}));
    let other = desk.company.wait(desk.company.engine.reach(desk.company.cx("other"))).unwrap();
    assert_eq!(
        (&other["own"], &other["digest"], &other["ways"]["email"]["has_address"]),
        (&json!(["browser"]), &json!(["email"]), &json!(false))
    );
    let wrong = faults(ask("sales", json!({"daily_limit": 0, "digest_at": "23:00"})).unwrap_err());
    assert_eq!(wrong.into_iter().map(|(field, _)| field).collect::<Vec<_>>(), ["daily_limit", "digest_at"]);
    for wrong in [json!({"own": ["pigeon"]}), json!({"fax": []}), json!({"quiet": 7})] {
        assert_eq!(code(ask("sales", wrong)), Code::Invalid);
    }
    let back = ask("sales", json!({"daily_limit": null, "quiet": null})).unwrap();
    assert_eq!((&back["daily_limit"], &back["quiet"]), (&Json::Null, &Json::Null));
}

fn a_digest_comes_at_the_time_that_its_reader_chose(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    let customer = desk.customer("嘉兴示例纺织有限公司");
    desk.task(customer, START_MS + DAY + 5 * HOUR);
    wish(&desk, "sales", json!({"digest_at": "10:00", "own": []}));
    let mailed = |desk: &Desk| {
        desk.int("select count(*) from notification n join \"user\" u on u.id = n.user_id where n.kind = 'digest' and u.login = 'sales'")
    };
    at(&desk, START_MS + DAY);
    let before = mailed(&desk);
    at(&desk, START_MS + DAY + HOUR + MINUTE);
    assert_eq!((before, mailed(&desk)), (0, 1));
    at(&desk, START_MS + DAY + 2 * HOUR);
    assert_eq!(mailed(&desk), 1);
    assert!(subjects(&sink).contains(&"sales@example.com".to_owned()));
}

fn whoever_leads_people_is_told_of_the_weeks_leaks(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    desk.customer("绍兴示例印染有限公司");
    desk.work();
    // The next Monday, after the digest's time.
    at(&desk, START_MS + 7 * DAY);
    at(&desk, START_MS + 7 * DAY + HOUR);
    let told = desk.texts("select u.login || ' ' || n.why from notification n join \"user\" u on u.id = n.user_id where n.kind = 'leaks' order by u.login");
    assert!(
        told.iter().any(|line| line.starts_with("head ") && line.contains("\"no_next_step\":1")),
        "{told:?}"
    );
    assert!(!told.iter().any(|line| line.starts_with("sales ")), "{told:?}");
    assert_eq!(
        told.len(),
        told.iter().map(|line| line.split(' ').next()).collect::<std::collections::BTreeSet<_>>().len()
    );
}

fn a_channel_that_is_switched_off_drops_what_waits(db: &mut TestDb) {
    let sink = MailSink::open();
    let desk = desk(db, &sink);
    reminded(&desk);
    let id = desk.int("select id from channel");
    let off = members(json!({"active": false}));
    desk.company.wait(desk.company.engine.update_channel(desk.company.boss(), id, off)).unwrap();
    assert_eq!(states(&desk), ["dropped"]);
    desk.company.wait(desk.company.engine.delete_channel(desk.company.boss(), id)).unwrap();
    at(&desk, START_MS + 6 * HOUR);
    assert_eq!(sink.mails(), []);
}

fn only_who_looks_after_settings_sees_channels(db: &mut TestDb) {
    let company = Company::founded(db);
    company.hire("sales", "sales");
    let sales = company.cx("sales");
    assert_eq!(code(company.wait(company.engine.channels(sales.clone()))), Code::Forbidden);
    assert_eq!(
        code(company.wait(company.engine.deliveries(sales.clone(), DeliveryRequest::default()))),
        Code::Forbidden
    );
    assert_eq!(code(company.wait(company.engine.create_channel(sales.clone(), Map::new()))), Code::Forbidden);
    let wrong = faults(company.wait(company.engine.create_channel(company.boss(), members(json!({"kind": "email", "name": "", "settings": {"host": "", "port": 99, "from": "x"}, "secrets": {"pin": "1"}})))).unwrap_err());
    let fields: Vec<String> = wrong.into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["name", "secrets.pin", "settings.host", "settings.from"]);
    let unreadable =
        json!({"kind": "tencent_sms", "name": "短信", "settings": {"fax": 1, "app_id": 7, "kind": "email"}});
    let wrong =
        faults(company.wait(company.engine.create_channel(company.boss(), members(unreadable))).unwrap_err());
    assert_eq!(wrong.into_iter().map(|(field, _)| field).collect::<Vec<_>>(), ["settings.kind"]);
    let unreadable = json!({"kind": "email", "name": "邮箱", "settings": {"fax": 1, "port": "smtp"}});
    let wrong =
        faults(company.wait(company.engine.create_channel(company.boss(), members(unreadable))).unwrap_err());
    assert_eq!(
        wrong.into_iter().map(|(field, _)| field).collect::<Vec<_>>(),
        ["settings.fax", "settings.port"]
    );
    company.wait(run::round(&company.engine)).unwrap();
}
