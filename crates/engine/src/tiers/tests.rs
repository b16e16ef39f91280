//! Tiers through the door of the engine, on both databases.

use super::rhythm::{Request, Scope};
use crate::error::EngineError;
use crate::obligations::tests::desk::Desk;
use crate::session::testing::{DAY, code, faults};
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Map, Value as Json, json};

huike_store::on_both_databases!(
    tiers_follow_value_and_potential_once_they_are_switched_on,
    a_tier_that_was_set_by_hand_stands_with_its_reason_until_its_day,
    a_preview_counts_who_would_move_and_moves_nobody,
    who_is_talked_with_less_than_their_tier_asks_for_is_behind,
    what_a_tier_asks_for_shortens_the_promise_to_be_in_touch,
    every_fault_of_the_tiers_is_told,
);

fn members(json: Json) -> Map<String, Json> {
    let Json::Object(members) = json else { panic!("an object") };
    members
}

fn settings(desk: &Desk) -> Map<String, Json> {
    members(super::edit::read(&desk.company.boss()).unwrap())
}

fn put(desk: &Desk, login: &str, settings: Map<String, Json>) -> Result<Json, EngineError> {
    let put = desk.company.wait(desk.company.engine.put_tiers(desk.company.cx(login), None, settings));
    desk.work();
    put
}

fn switch_on(desk: &Desk) {
    let mut settings = settings(desk);
    settings.insert("active".into(), true.into());
    put(desk, "boss", settings).unwrap();
}

fn customer(desk: &Desk, name: &str, tier: Option<&str>) -> i64 {
    let body = json!({"name": name, "tier": tier});
    desk.company.create(&desk.company.cx("sales"), "customer", body)
}

/// An opportunity: potential by the shipped formula.
fn deal(desk: &Desk, customer: i64, amount: i64) {
    let body = json!({"name": "新产线", "customer": Id::new(customer).unwrap(), "stage": "contact", "amount": amount});
    desk.company.create(&desk.company.cx("sales"), "opportunity", body);
    desk.work();
}

fn tier(desk: &Desk, id: i64) -> String {
    desk.texts(&format!("select tier from customer where id = {id}"))[0].clone()
}

fn shown(desk: &Desk, id: i64) -> Json {
    desk.company.wait(desk.company.engine.tier_of(desk.company.cx("sales"), "customer".into(), id)).unwrap()
}

fn set(desk: &Desk, login: &str, id: i64, reason: &str, until: Option<&str>) -> Result<Json, EngineError> {
    let (cx, until) = (desk.company.cx(login), until.map(str::to_owned));
    desk.company.wait(desk.company.engine.set_tier(
        cx,
        "customer".into(),
        id,
        "a".into(),
        reason.into(),
        until,
    ))
}

fn tiers_follow_value_and_potential_once_they_are_switched_on(db: &mut TestDb) {
    let desk = Desk::open(db);
    let id = customer(&desk, "无锡一号机械有限公司", Some("a"));
    desk.work();
    assert_eq!(tier(&desk, id), "a", "off until somebody switches it on");
    switch_on(&desk);
    assert_eq!(tier(&desk, id), "c");
    deal(&desk, id, 400_000);
    assert_eq!(tier(&desk, id), "b", "of no value yet, of high potential");
    let worked = shown(&desk, id)["worked"].clone();
    assert_eq!(
        (&worked["potential"]["number"], &worked["potential"]["level"]),
        (&json!(400_000.0), &json!("high"))
    );
    let written = desk.int("select count(*) from change_log where object = 'customer'");
    desk.work();
    desk.at(START_MS + DAY);
    assert_eq!(
        desk.int("select count(*) from change_log where object = 'customer'"),
        written,
        "nothing is written twice"
    );
    assert_eq!(desk.broken(), []);
}

fn a_tier_that_was_set_by_hand_stands_with_its_reason_until_its_day(db: &mut TestDb) {
    let desk = Desk::open(db);
    desk.company.hire("stranger", "sysadmin");
    let id = customer(&desk, "无锡二号机械有限公司", None);
    switch_on(&desk);
    let sales = desk.company.cx("sales");
    let plain = desk.company.update(&sales, "customer", id, json!({"tier": "a"}));
    assert_eq!(faults(plain.unwrap_err()), [("tier_reason".to_owned(), "required")], "one pipeline");
    assert_eq!(faults(set(&desk, "sales", id, " ", Some("2020-01-01")).unwrap_err()).len(), 2);
    assert_eq!(code(set(&desk, "stranger", id, "老板的朋友", None)), Code::NotFound);
    assert_eq!(code(set(&desk, "other", id, "老板的朋友", None)), Code::Forbidden);
    let first = set(&desk, "sales", id, "战略客户", Some("2026-03-10")).unwrap();
    assert_eq!(first["manual"], json!({"reason": "战略客户", "until": "2026-03-10"}));
    desk.work();
    assert_eq!((tier(&desk, id).as_str(), &shown(&desk, id)["worked"]["tier"]["value"]), ("a", &json!("c")));
    desk.at(START_MS + 20 * DAY);
    assert_eq!(tier(&desk, id), "c", "its day has passed");
    assert_eq!(shown(&desk, id)["manual"], Json::Null);
    let again = self::set(&desk, "sales", id, "又成了战略客户", None).unwrap();
    assert_eq!(again["tier"]["value"], "a");
    let back = desk.company.engine.reset_tier(desk.company.cx("sales"), "customer".into(), id);
    assert_eq!(desk.company.wait(back).unwrap()["tier"]["value"], "c");
}

fn a_preview_counts_who_would_move_and_moves_nobody(db: &mut TestDb) {
    let desk = Desk::open(db);
    let a = customer(&desk, "无锡三号机械有限公司", Some("a"));
    customer(&desk, "无锡四号机械有限公司", Some("c"));
    let kept = json!({"name": "无锡五号机械有限公司", "tier": "a", "tier_reason": "战略客户"});
    desk.company.create(&desk.company.cx("sales"), "customer", kept);
    let seen =
        desk.company.wait(desk.company.engine.preview_tiers(desk.company.boss(), settings(&desk))).unwrap();
    assert_eq!((&seen["looked_at"], &seen["moved"], &seen["kept"]), (&json!(3), &json!(1), &json!(1)));
    assert_eq!(seen["moves"], json!([{"from": "a", "to": "c", "count": 1}]));
    assert_eq!(
        seen["tiers"],
        json!([{"tier": "a", "now": 2, "then": 1}, {"tier": "c", "now": 1, "then": 2}])
    );
    desk.work();
    assert_eq!(tier(&desk, a), "a");
    assert_eq!(code(put(&desk, "sales", settings(&desk))), Code::Forbidden);
}

fn who_is_talked_with_less_than_their_tier_asks_for_is_behind(db: &mut TestDb) {
    let desk = Desk::open(db);
    let (a, b) = (
        customer(&desk, "无锡六号机械有限公司", Some("a")),
        customer(&desk, "无锡七号机械有限公司", Some("b")),
    );
    let behind = |login: &str, scope: Scope| -> Vec<(String, i64)> {
        let request = Request { scope, ..Request::default() };
        let page = desk.company.wait(desk.company.engine.behind(desk.company.cx(login), request)).unwrap();
        let item = |item: &Json| {
            (item["record"]["name"].as_str().unwrap().to_owned(), item["done"].as_i64().unwrap())
        };
        page["items"].as_array().unwrap().iter().map(item).collect()
    };
    assert_eq!(behind("sales", Scope::Mine), [], "nobody is behind with whom there was no time yet");
    desk.at(START_MS + 31 * DAY);
    desk.talk(a, json!({"kind": "visit"}));
    desk.talk(a, json!({"kind": "wechat"}));
    desk.talk(b, json!({"kind": "call"}));
    desk.work();
    assert_eq!(
        behind("sales", Scope::Mine),
        [("无锡六号机械有限公司".to_owned(), 1)],
        "a message is no deep talk"
    );
    assert_eq!(behind("head", Scope::Team).len(), 1);
    assert_eq!(behind("other", Scope::All), []);
    let rhythm = shown(&desk, a)["rhythm"].clone();
    assert_eq!((&rhythm["done"], &rhythm["talks"], &rhythm["behind"]), (&json!(1), &json!(2), &json!(true)));
    let counts =
        desk.company.wait(desk.company.engine.behind_counts(desk.company.cx("sales"), Scope::Mine)).unwrap();
    let of = |place: usize| {
        (counts["tiers"][place]["customers"].clone(), counts["tiers"][place]["behind"].clone())
    };
    assert_eq!((of(0), of(1)), ((json!(1), json!(1)), (json!(1), json!(0))));
    desk.talk(a, json!({"kind": "meeting"}));
    assert_eq!(behind("sales", Scope::Mine), []);
}

fn what_a_tier_asks_for_shortens_the_promise_to_be_in_touch(db: &mut TestDb) {
    let desk = Desk::open(db);
    let id = customer(&desk, "无锡八号机械有限公司", Some("c"));
    desk.work();
    let due = format!(
        "select due_at from obligation where kind = 'contact' and record_id = {id} and closed_at is null"
    );
    let before = desk.int(&due);
    let mut settings = settings(&desk);
    settings["rhythm"][2] = json!({"tier": "c", "talks": 4, "days": 28, "kinds": ["call"]});
    put(&desk, "boss", settings).unwrap();
    assert!(desk.int(&due) < before, "five working days instead of ten");
    assert_eq!(desk.broken(), []);
}

fn every_fault_of_the_tiers_is_told(db: &mut TestDb) {
    let desk = Desk::open(db);
    let wrong = json!({
        "value": {"formula": "lifetime_value +", "middling": 1, "high": 2},
        "potential": {"formula": "no_such * 2.0", "middling": 5, "high": 5},
        "matrix": [["a", "b", "c"], ["x", "b", "c"], ["a", "b", "c"]],
        "rhythm": [{"tier": "a", "talks": 0, "days": 0, "kinds": []}],
    });
    let found: Vec<String> =
        faults(put(&desk, "boss", members(wrong)).unwrap_err()).into_iter().map(|(field, _)| field).collect();
    assert_eq!(
        found,
        [
            "value.formula",
            "potential.formula",
            "potential.high",
            "matrix.1.0",
            "rhythm.0.talks",
            "rhythm.0.days",
            "rhythm.0.kinds"
        ]
    );
}
