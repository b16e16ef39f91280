//! Messages to people's own browsers, on both databases, through a push service on this machine.

use super::post;
use super::tests::{at, channel};
use crate::obligations::tests::desk::{Desk, HOUR};
use crate::session::sign_out::sign_out;
use crate::session::testing::{MINUTE, code, faults};
use huike_courier::push::Device;
use huike_courier::testing::{Browser, WebSink};
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Value as Json, json};

huike_store::on_both_databases!(
    a_browser_shows_what_its_owner_is_reminded_of,
    a_browser_that_is_gone_or_signed_out_is_told_nothing_more,
    a_browser_is_taken_down_for_its_own_session_alone,
);

fn desk(db: &TestDb, service: &WebSink) -> Desk {
    let desk = Desk::open(db);
    desk.company.engine.open_outside(service.allowed(), String::new());
    channel(&desk, json!({"kind": "push", "name": "浏览器通知", "settings": {"contact": "crm@example.com"}}));
    desk
}

/// Takes a browser of this person down, which signs in with it; the cookie and the answer.
fn allow(desk: &Desk, login: &str, device: Device) -> (String, Json) {
    let cookie = desk.company.cookie(login);
    let visitor = desk.company.visit(&cookie).unwrap();
    let engine = &desk.company.engine;
    let answer = desk.company.wait(engine.put_device(desk.company.cx(login), &visitor, device)).unwrap();
    (cookie, answer)
}

fn devices(desk: &Desk) -> Option<i64> {
    desk.company.int("select count(*) from push_device")
}

/// A task that sales is reminded of, five hours after the start.
fn remind(desk: &Desk, name: &str) -> i64 {
    let customer = desk.customer(name);
    desk.task(customer, START_MS + 5 * HOUR);
    desk.work();
    at(desk, START_MS + 5 * HOUR + 1);
    at(desk, START_MS + 5 * HOUR + 3 * MINUTE);
    customer
}

fn a_browser_shows_what_its_owner_is_reminded_of(db: &mut TestDb) {
    let service = WebSink::open(|_| (201, String::new()));
    let desk = desk(db, &service);
    let browser = Browser::open();
    let (_, answer) = allow(&desk, "sales", browser.device(0, &format!("http://{}/p/1", service.address)));
    assert_eq!(answer["key"].as_str().map(str::len), Some(87), "an uncompressed point in base64url");
    assert_eq!((&answer["devices"][0]["current"], &answer["devices"][1]), (&json!(true), &Json::Null));
    assert!(!answer.to_string().contains("/p/1"), "an address lets whoever has it try");
    let customer = remind(&desk, "杭州示例推送有限公司");
    let asked = service.asked();
    assert_eq!(asked.len(), 1, "once, and nobody else was asked");
    let told: Json = serde_json::from_slice(&browser.read(&asked[0].bytes)).unwrap();
    assert!(told["title"].as_str().unwrap().starts_with("提醒："), "{told}");
    assert!(told["body"].as_str().unwrap().contains("杭州示例推送有限公司"), "{told}");
    assert_eq!(told["url"], format!("/o/customer/{}", Id::new(customer).unwrap()));
    assert_eq!(desk.texts("select state from delivery"), ["sent"]);
    let kept = desk.texts("select endpoint from push_device union select secret from push_device");
    assert!(kept.iter().all(|text| !text.contains("/p/1")));
}

fn a_browser_that_is_gone_or_signed_out_is_told_nothing_more(db: &mut TestDb) {
    let service = WebSink::open(|asked| (if asked.path == "/p/gone" { 410 } else { 201 }, String::new()));
    let desk = desk(db, &service);
    let device = |path: &str| Browser::open().device(0, &format!("http://{}{path}", service.address));
    allow(&desk, "sales", device("/p/gone"));
    let (cookie, _) = allow(&desk, "sales", device("/p/out"));
    let visitor = desk.company.visit(&cookie).unwrap();
    desk.company.wait(sign_out(&desk.company.engine, &visitor)).unwrap();
    remind(&desk, "嘉兴示例推送有限公司");
    let asked: Vec<String> = service.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(asked, ["/p/gone"]);
    assert_eq!(desk.texts("select state from delivery"), ["dropped"], "the page says it all the same");
    assert_eq!(devices(&desk), Some(1), "of the session that is over");
    allow(&desk, "sales", device("/p/new"));
    assert_eq!(devices(&desk), Some(1));
}

fn a_browser_is_taken_down_for_its_own_session_alone(db: &mut TestDb) {
    let service = WebSink::open(|_| (201, String::new()));
    let desk = desk(db, &service);
    let engine = &desk.company.engine;
    let device = || Browser::open().device(0, &format!("http://{}/p/1", service.address));
    let (cookie, answer) = allow(&desk, "sales", device());
    // The same browser, signed in by somebody else: it shows nothing of who was there before.
    let (_, other) = allow(&desk, "head", device());
    assert_eq!(devices(&desk), Some(1));
    let id = |answer: &Json| answer["devices"][0]["id"].as_str().unwrap().parse::<Id>().unwrap().number();
    let delete = |login: &str, id: i64| desk.company.wait(engine.delete_device(desk.company.cx(login), id));
    assert_eq!(code(delete("sales", id(&answer))), Code::NotFound);
    assert_eq!(code(delete("sales", id(&other))), Code::NotFound);
    delete("head", id(&other)).unwrap();
    assert_eq!(devices(&desk), Some(0));
    let visitor = desk.company.visit(&cookie).unwrap();
    let wrong =
        Device { id: 0, endpoint: "https://127.0.0.1/".into(), public_key: "x".into(), auth: "x".into() };
    let refused =
        desk.company.wait(engine.put_device(desk.company.cx("sales"), &visitor, wrong)).unwrap_err();
    let fields: Vec<String> = faults(refused).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["endpoint", "p256dh", "auth"]);
    let channel = desk.int("select id from channel");
    desk.company.wait(engine.delete_channel(desk.company.boss(), channel)).unwrap();
    let none = desk.company.wait(engine.put_device(desk.company.cx("sales"), &visitor, device()));
    assert_eq!(code(none), Code::Conflict);
    let shown = desk.company.wait(engine.devices(desk.company.cx("sales"), &visitor)).unwrap();
    assert_eq!(shown, json!({"key": null, "devices": []}));
    assert_eq!(desk.company.wait(post::round(engine)).unwrap(), 0);
}
