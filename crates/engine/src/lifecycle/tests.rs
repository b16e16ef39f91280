//! Stages through the door of the engine, on both databases.

use super::transitions::Request;
use crate::cx::Cx;
use crate::error::EngineError;
use crate::obligations::tests::desk::Desk;
use crate::session::testing::{DAY, code, faults};
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Map, Value as Json, json};

huike_store::on_both_databases!(
    a_plain_update_of_the_stage_is_held_to_what_the_stage_asks_for,
    transitions_say_what_is_missing_and_perform_with_it_in_one_call,
    a_stage_is_reached_only_from_where_the_way_is_open,
    what_one_may_not_read_has_no_transitions_and_no_place_in_the_figures,
    the_first_paid_order_makes_a_customer_won,
    a_long_silence_is_warned_of_once_and_then_moves_the_customer,
    moves_that_would_go_in_a_circle_are_refused,
    figures_count_who_came_in_who_went_on_and_who_was_lost,
    a_preview_counts_what_a_change_would_mean,
    new_records_are_held_to_their_stage_only_where_it_is_asked_for,
);

fn members(json: Json) -> Map<String, Json> {
    let Json::Object(members) = json else { panic!("an object") };
    members
}

fn lead(desk: &Desk, name: &str) -> i64 {
    desk.company.create(&desk.company.cx("sales"), "customer", json!({"name": name}))
}

fn shown(desk: &Desk, login: &str, id: i64) -> Json {
    let cx = desk.company.cx(login);
    desk.company.wait(desk.company.engine.transitions(cx, "customer".into(), id)).unwrap()
}

fn go(desk: &Desk, login: &str, id: i64, to: &str, values: Json) -> Result<Json, EngineError> {
    let request = Request { to: to.into(), values: members(values), note: Some("谈妥了".into()) };
    let cx = desk.company.cx(login);
    desk.company
        .wait(desk.company.engine.transition(cx, "customer".into(), id, None, request))
        .map(|answer| answer.body)
}

fn step<'a>(shown: &'a Json, to: &str) -> &'a Json {
    shown["items"].as_array().unwrap().iter().find(|item| item["to"] == to).unwrap()
}

fn stage(desk: &Desk, id: i64) -> String {
    desk.texts(&format!("select stage from customer where id = {id}"))[0].clone()
}

fn lifecycle(desk: &Desk) -> Map<String, Json> {
    members(super::edit::read(&desk.company.boss(), "customer").unwrap())
}

fn put(desk: &Desk, cx: Cx, definition: Map<String, Json>) -> Result<Json, EngineError> {
    desk.company.wait(desk.company.engine.put_lifecycle(cx, "customer".into(), None, definition))
}

fn a_plain_update_of_the_stage_is_held_to_what_the_stage_asks_for(db: &mut TestDb) {
    let desk = Desk::open(db);
    let (id, sales) = (lead(&desk, "宁波海曙阀门有限公司"), desk.company.cx("sales"));
    let refused =
        desk.company.update(&sales, "customer", id, json!({"stage": "interested", "website": "x y"}));
    let found: Vec<String> = faults(refused.unwrap_err()).into_iter().map(|(field, _)| field).collect();
    assert_eq!(found, ["website", "need_tags", "budget_confirmed", "contact_count"], "all faults at once");
    assert_eq!(stage(&desk, id), "lead");
    let filled = json!({"stage": "potential", "need_tags": ["cost"]});
    desk.company.update(&sales, "customer", id, filled).unwrap();
    assert_eq!(stage(&desk, id), "potential");
    // What isn't a move isn't held up by what the stage would ask for.
    desk.company.update(&sales, "customer", id, json!({"need_tags": null, "remark": "改"})).unwrap();
}

fn transitions_say_what_is_missing_and_perform_with_it_in_one_call(db: &mut TestDb) {
    let desk = Desk::open(db);
    let id = lead(&desk, "宁波北仑模具有限公司");
    let before = shown(&desk, "sales", id);
    assert_eq!((&before["stage"], &step(&before, "lead")["current"]), (&json!("lead"), &json!(true)));
    assert_eq!(
        step(&before, "potential")["missing"],
        json!([{"field": "need_tags", "label": "需求标签", "code": "required", "message": "请填写需求标签", "fill": true}])
    );
    let won = step(&before, "won");
    assert_eq!(
        (&won["permitted"], &won["missing"][0]["fill"], &won["missing"][0]["message"]),
        (&json!(true), &json!(false), &json!("转为“成交客户”需要订单数不少于1"))
    );
    let refused = go(&desk, "sales", id, "lost", json!({})).unwrap_err();
    assert_eq!(faults(refused), [("lost_reason".to_owned(), "required")]);
    desk.company.clock.set_ms(START_MS + 3 * DAY);
    let moved = go(&desk, "sales", id, "lost", json!({"lost_reason": "price"})).unwrap();
    assert_eq!((&moved["stage"], &moved["lost_reason"]), (&json!("lost"), &json!("price")));
    let after = shown(&desk, "sales", id);
    let one = &after["history"][0];
    assert_eq!((&one["from"]["value"], &one["to"]["value"]), (&json!("lead"), &json!("lost")));
    assert_eq!((&one["days"], &one["note"], &one["automatic"]), (&json!(3), &json!("谈妥了"), &json!(false)));
    assert_eq!(one["by"]["name"], "员工sales");
    assert_eq!(code(go(&desk, "sales", id, "nowhere", json!({}))), Code::Invalid);
}

fn a_stage_is_reached_only_from_where_the_way_is_open(db: &mut TestDb) {
    let desk = Desk::open(db);
    let mut changed = lifecycle(&desk);
    changed["stages"][2]["from"] = json!(["potential"]);
    put(&desk, desk.company.boss(), changed).unwrap();
    let id = lead(&desk, "宁波镇海化工有限公司");
    let closed = step(&shown(&desk, "sales", id), "interested").clone();
    assert_eq!(
        (&closed["permitted"], &closed["why_not"]),
        (&json!(false), &json!("不能从“线索”直接转为“意向客户”"))
    );
    let refused = go(&desk, "sales", id, "interested", json!({})).unwrap_err();
    assert!(faults(refused).contains(&("stage".to_owned(), "stage_closed")));
}

fn what_one_may_not_read_has_no_transitions_and_no_place_in_the_figures(db: &mut TestDb) {
    let desk = Desk::open(db);
    desk.company.hire("stranger", "sysadmin");
    let id = lead(&desk, "宁波象山船舶有限公司");
    let engine = &desk.company.engine;
    let asked = desk.company.wait(engine.transitions(desk.company.cx("stranger"), "customer".into(), id));
    assert_eq!(code(asked), Code::NotFound);
    assert_eq!(code(go(&desk, "stranger", id, "lost", json!({"lost_reason": "price"}))), Code::NotFound);
    let figures = |login: &str| {
        let asked = super::figures::Request::default();
        desk.company.wait(engine.stage_figures(desk.company.cx(login), "customer".into(), asked))
    };
    assert_eq!(figures("sales").unwrap()["stages"][0]["now"], 1);
    assert_eq!(code(figures("stranger")), Code::NotFound);
    let moved = desk.company.wait(engine.transition(
        desk.company.cx("sales"),
        "customer".into(),
        id,
        None,
        super::transitions::Request {
            to: "potential".into(),
            values: members(json!({"need_tags": ["cost"]})),
            note: Some("想降成本".into()),
        },
    ));
    moved.unwrap();
    let seen = |login: &str| {
        desk.company.wait(engine.transitions(desk.company.cx(login), "customer".into(), id)).unwrap()
    };
    let of = |seen: &Json| {
        let next = &seen["items"][2];
        (
            next["permitted"] == true,
            next["missing"].as_array().unwrap().len(),
            seen["history"][0]["note"].clone(),
        )
    };
    assert_eq!(of(&seen("sales")), (true, 2, json!("想降成本")));
    assert_eq!(of(&seen("other")), (false, 0, Json::Null), "a colleague sees the stage and no more");
    let put = put(&desk, desk.company.cx("sales"), lifecycle(&desk));
    assert_eq!(code(put), Code::Forbidden);
    let tasks = desk.company.wait(engine.transitions(desk.company.boss(), "task".into(), id));
    assert_eq!(code(tasks), Code::NotFound, "tasks have no stages");
}

fn the_first_paid_order_makes_a_customer_won(db: &mut TestDb) {
    let desk = Desk::open(db);
    let id = lead(&desk, "宁波慈溪电器有限公司");
    let (boss, customer) = (desk.company.boss(), Id::new(id).unwrap());
    let order = json!({"customer": customer, "status": "confirmed", "ordered_at": "2026-01-05T02:00:00Z", "amount": 1000});
    desk.company.create(&boss, "order", order);
    desk.work();
    assert_eq!(stage(&desk, id), "lead", "ordered, but not paid");
    let payment =
        json!({"customer": customer, "status": "received", "amount": 1000, "received_on": "2026-01-05"});
    desk.company.create(&boss, "payment", payment);
    desk.work();
    assert_eq!(stage(&desk, id), "won");
    let history = shown(&desk, "sales", id)["history"].clone();
    assert_eq!((&history[0]["automatic"], &history[0]["by"]), (&json!(true), &Json::Null));
    desk.work();
    assert_eq!(desk.int("select count(*) from stage_move"), 1, "looking again moves nothing");
    assert_eq!(desk.broken(), []);
}

fn a_long_silence_is_warned_of_once_and_then_moves_the_customer(db: &mut TestDb) {
    let desk = Desk::open(db);
    let mut changed = lifecycle(&desk);
    changed["automatic"][1]["silent_days"] = json!(30);
    changed["automatic"][1]["warn_days"] = json!(5);
    changed["automatic"][1]["warn_only"] = json!(false);
    put(&desk, desk.company.boss(), changed).unwrap();
    let id = lead(&desk, "宁波余姚灯具有限公司");
    let warned = "select count(*) from notification where kind = 'stage_warning'";
    desk.at(START_MS + 20 * DAY);
    assert_eq!(desk.int(warned), 0);
    for day in [25, 26, 27] {
        desk.at(START_MS + day * DAY + 3_600_000);
    }
    assert_eq!((desk.int(warned), stage(&desk, id).as_str()), (1, "lead"));
    let ahead = shown(&desk, "sales", id)["ahead"].clone();
    assert_eq!((&ahead[0]["to"], &ahead[0]["silent_days"]), (&json!("lost"), &json!(27)));
    desk.talk(id, json!({}));
    desk.at(START_MS + 40 * DAY);
    assert_eq!(stage(&desk, id), "lead", "a talk begins a new silence");
    desk.at(START_MS + 58 * DAY);
    assert_eq!((stage(&desk, id).as_str(), desk.int(warned)), ("lost", 1));
    assert_eq!(desk.texts("select lost_reason from customer"), ["silent"]);
    assert_eq!(desk.broken(), []);
}

fn moves_that_would_go_in_a_circle_are_refused(db: &mut TestDb) {
    let desk = Desk::open(db);
    let mut changed = lifecycle(&desk);
    let back =
        json!({"to": "lead", "from": ["lost"], "when": {"field": "order_count", "op": "gt", "value": 0}});
    let lost = json!({"to": "lost", "from": [], "silent_days": 90});
    changed.insert("automatic".into(), json!([lost, back]));
    let refused = put(&desk, desk.company.boss(), changed.clone()).unwrap_err();
    assert_eq!(faults(refused), [("automatic".to_owned(), "circle")]);
    changed.insert("automatic".into(), json!([{"to": "nowhere", "from": ["x"], "silent_days": 0}]));
    changed["stages"][0]["entry"] = json!({"field": "owner.name", "op": "eq", "value": "x"});
    changed["stages"][1]["required"] = json!(["no_such"]);
    let found: Vec<String> = faults(put(&desk, desk.company.boss(), changed).unwrap_err())
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(
        found,
        [
            "stages.0.entry.name",
            "stages.1.required",
            "automatic.0.to",
            "automatic.0.from",
            "automatic.0.silent_days",
            "automatic.0.warn_days"
        ]
    );
}

fn figures_count_who_came_in_who_went_on_and_who_was_lost(db: &mut TestDb) {
    let desk = Desk::open(db);
    let ids: Vec<i64> = (0..4).map(|number| lead(&desk, &format!("宁波第{number}机械有限公司"))).collect();
    desk.company.clock.set_ms(START_MS + 2 * DAY);
    for id in &ids[..2] {
        go(&desk, "sales", *id, "potential", json!({"need_tags": ["cost"]})).unwrap();
    }
    go(&desk, "sales", ids[2], "lost", json!({"lost_reason": "price"})).unwrap();
    let cx = desk.company.cx("sales");
    let figures = |request| {
        desk.company.wait(desk.company.engine.stage_figures(cx.clone(), "customer".into(), request))
    };
    let all = figures(super::figures::Request::default()).unwrap();
    let first = &all["stages"][0];
    assert_eq!(
        (&first["now"], &first["entered"], &first["went_on"], &first["lost"]),
        (&json!(1), &json!(4), &json!(2), &json!(1))
    );
    assert_eq!(
        (&first["rate"], &first["loss_rate"], &first["days"]),
        (&json!(50.0), &json!(25.0), &json!(2.0))
    );
    assert_eq!((&all["stages"][1]["entered"], &all["stages"][1]["rate"]), (&json!(2), &json!(0.0)));
    assert_eq!(all["reasons"], json!([{"value": "price", "label": "价格", "color": "amber", "count": 1}]));
    let none =
        super::figures::Request { to: Some("2020-01-01".into()), ..super::figures::Request::default() };
    assert_eq!(figures(none).unwrap()["stages"][0]["entered"], 0);
    let wrong =
        super::figures::Request { from: Some("yesterday".into()), ..super::figures::Request::default() };
    assert_eq!(code(figures(wrong)), Code::Invalid);
}

fn a_preview_counts_what_a_change_would_mean(db: &mut TestDb) {
    let desk = Desk::open(db);
    lead(&desk, "宁波奉化气动有限公司");
    desk.customer("宁波鄞州包装有限公司");
    let cx = desk.company.boss();
    let mut changed = lifecycle(&desk);
    changed["automatic"][1]["silent_days"] = json!(1);
    changed["automatic"][1]["warn_days"] = json!(0);
    desk.company.clock.set_ms(START_MS + 5 * DAY);
    let cx = Cx { moment: huike_model::Moment { now: START_MS + 5 * DAY, ..cx.moment.clone() }, ..cx };
    let seen =
        desk.company.wait(desk.company.engine.preview_lifecycle(cx, "customer".into(), changed)).unwrap();
    assert_eq!(seen["stages"][2], json!({"value": "interested", "records": 1, "unmet": 1}));
    assert_eq!(seen["automatic"][1], json!({"to": "lost", "now": 2, "soon": 0, "warn_only": true}));
}

fn new_records_are_held_to_their_stage_only_where_it_is_asked_for(db: &mut TestDb) {
    let desk = Desk::open(db);
    desk.customer("宁波江北纺织有限公司");
    let mut changed = lifecycle(&desk);
    changed.insert("strict_new".into(), true.into());
    put(&desk, desk.company.boss(), changed).unwrap();
    let body = members(json!({"name": "宁波高新软件有限公司", "stage": "potential"}));
    let allow = crate::records::duplicates::OnDuplicate::Allow;
    let made = desk.company.engine.create_record(desk.company.cx("sales"), "customer".into(), body, allow);
    let refused = desk.company.wait(made).unwrap_err();
    assert_eq!(faults(refused), [("need_tags".to_owned(), "required")]);
}
