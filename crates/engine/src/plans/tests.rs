//! Plans through the door of the engine, on both databases.

use super::act::Closing;
use crate::error::EngineError;
use crate::obligations::tests::desk::Desk;
use crate::session::testing::{DAY, code, faults};
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Map, Value as Json, json};

huike_store::on_both_databases!(
    a_customer_who_becomes_what_a_plan_is_for_is_put_on_it_once,
    a_talk_does_a_step_and_its_outcome_says_what_follows,
    a_step_is_a_promise_with_a_reminder_and_ends_with_it,
    who_is_on_the_way_keeps_to_the_version_they_began_with,
    a_role_that_nobody_holds_falls_to_somebody_and_is_said,
    steps_are_passed_over_and_plans_ended_only_with_a_reason_and_by_whom_may,
    leaving_the_stage_or_the_company_ends_the_plan,
    a_merged_customer_s_plan_goes_on_with_the_survivor,
    a_customer_whom_nobody_has_is_on_no_plan_until_somebody_does,
    a_plan_with_conditions_begins_when_they_come_true,
    a_plan_that_asks_for_a_figure_begins_when_it_is_reached,
    every_fault_of_a_plan_is_told,
    a_dry_run_says_what_a_plan_would_have_done,
);

fn members(json: Json) -> Map<String, Json> {
    let Json::Object(members) = json else { panic!("an object") };
    members
}

/// Two steps for leads: a call, then whatever follows from it.
fn definition() -> Json {
    json!({
        "name": "新线索跟进", "start": {"automatic": true, "stages": ["lead"]},
        "steps": [
            {"key": "call", "action": "首次联系", "after": {"working_minutes": 120}, "evidence": {"kind": "talk", "kinds": ["call"]},
             "branches": [{"outcome": "refused"}, {"outcome": "positive", "to": "offer"}]},
            {"key": "need", "action": "登记需求", "after": {"working_days": 1}, "evidence": {"kind": "field", "field": "need_tags"}},
            {"key": "offer", "action": "发报价", "role": "manager", "after": {"working_days": 2}},
        ],
    })
}

fn plan(desk: &Desk, mut definition: Json) -> Result<i64, EngineError> {
    definition["active"] = true.into();
    let made =
        desk.company.wait(desk.company.engine.create_plan(desk.company.boss(), members(definition)))?;
    desk.work();
    Ok(made["id"].as_str().unwrap().parse::<Id>().unwrap().number())
}

fn lead(desk: &Desk, name: &str) -> i64 {
    let id = desk.company.create(&desk.company.cx("sales"), "customer", json!({"name": name}));
    desk.work();
    id
}

fn plans(desk: &Desk, login: &str, id: i64) -> Json {
    let cx = desk.company.cx(login);
    desk.company.wait(desk.company.engine.plans_of(cx, "customer".into(), id)).unwrap()
}

fn states(desk: &Desk, id: i64) -> Vec<(String, String)> {
    let all = plans(desk, "sales", id);
    let steps = all["items"][0]["steps"].as_array().cloned().unwrap_or_default();
    let text = |step: &Json, name: &str| step[name].as_str().unwrap().to_owned();
    steps.iter().map(|step| (text(step, "key"), text(step, "state"))).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(key, state)| ((*key).to_owned(), (*state).to_owned())).collect()
}

fn open_step(desk: &Desk) -> i64 {
    desk.int("select id from plan_step where state = 'open'")
}

fn close(desk: &Desk, login: &str, step: i64, closing: Closing) -> Result<Json, EngineError> {
    desk.company.wait(desk.company.engine.close_step(desk.company.cx(login), step, closing))
}

fn skip(reason: &str) -> Closing {
    Closing::Skipped { reason: reason.into() }
}

fn done(outcome: Option<&str>) -> Closing {
    Closing::Done { outcome: outcome.map(str::to_owned), note: None }
}

fn a_customer_who_becomes_what_a_plan_is_for_is_put_on_it_once(db: &mut TestDb) {
    let desk = Desk::open(db);
    let old = lead(&desk, "苏州旧客户机械有限公司");
    desk.company.clock.set_ms(START_MS + 60_000);
    plan(&desk, definition()).unwrap();
    assert_eq!(plans(&desk, "sales", old)["items"], json!([]), "who was a lead before is left alone");
    desk.company.clock.set_ms(START_MS + 120_000);
    let new = lead(&desk, "苏州新客户机械有限公司");
    assert_eq!(states(&desk, new), pairs(&[("call", "open"), ("need", "ahead"), ("offer", "ahead")]));
    desk.company.update(&desk.company.cx("sales"), "customer", new, json!({"remark": "改了"})).unwrap();
    desk.work();
    assert_eq!(desk.int("select count(*) from plan_run"), 1);
    let existing = members(json!({"existing": true}));
    let id = desk.int("select plan_id from plan_run");
    desk.company.wait(desk.company.engine.update_plan(desk.company.boss(), id, None, existing)).unwrap();
    desk.work();
    assert_eq!(desk.int("select count(*) from plan_run"), 2, "those there already, when they are meant");
    assert_eq!(desk.broken(), []);
}

fn a_talk_does_a_step_and_its_outcome_says_what_follows(db: &mut TestDb) {
    let desk = Desk::open(db);
    plan(&desk, definition()).unwrap();
    let (a, b, c) = (
        lead(&desk, "苏州甲机械有限公司"),
        lead(&desk, "苏州乙机械有限公司"),
        lead(&desk, "苏州丙机械有限公司"),
    );
    desk.company.clock.set_ms(START_MS + 3_600_000);
    desk.talk(a, json!({"outcome": "positive"}));
    desk.talk(b, json!({"outcome": "refused"}));
    desk.talk(c, json!({"outcome": "no_answer"}));
    desk.work();
    assert_eq!(
        states(&desk, a),
        pairs(&[("call", "done"), ("offer", "open")]),
        "the branch leads past a step"
    );
    assert_eq!(plans(&desk, "sales", b)["items"][0]["state"], "done", "a branch to nowhere ends it");
    assert_eq!(states(&desk, c)[0].1, "open", "who wasn't reached was not talked with");
    desk.talk(c, json!({"outcome": "neutral"}));
    desk.work();
    assert_eq!(states(&desk, c), pairs(&[("call", "done"), ("need", "open"), ("offer", "ahead")]));
    desk.company.update(&desk.company.cx("sales"), "customer", c, json!({"need_tags": ["cost"]})).unwrap();
    desk.work();
    assert_eq!(states(&desk, c)[1..], pairs(&[("need", "done"), ("offer", "open")]));
    let offer = plans(&desk, "sales", c)["items"][0]["steps"][2].clone();
    assert_eq!((&offer["responsible"]["name"], &offer["fallback"]), (&json!("员工head"), &json!(false)));
    assert_eq!(desk.broken(), []);
}

fn a_step_is_a_promise_with_a_reminder_and_ends_with_it(db: &mut TestDb) {
    let desk = Desk::open(db);
    plan(&desk, definition()).unwrap();
    let id = lead(&desk, "苏州丁机械有限公司");
    let promise = "select count(*) from obligation where kind = 'plan_step' and closed_at is null";
    assert_eq!(
        (
            desk.int(promise),
            desk.int("select count(*) from leak where reason = 'no_next_step' and closed_at is null")
        ),
        (1, 0)
    );
    let mine = desk.list("sales", crate::obligations::list::Request::default());
    let step = mine.iter().find(|one| one["kind"] == "plan_step").unwrap();
    assert_eq!((&step["title"], &step["can"]), (&json!("首次联系"), &json!(["done", "waive"])));
    desk.at(START_MS + 3 * 3_600_000);
    assert!(desk.told().iter().any(|told| told.starts_with("sales ")), "{:?}", desk.told());
    assert_eq!(states(&desk, id)[0].1, "late");
    let obligation = step["id"].as_str().unwrap().parse::<Id>().unwrap().number();
    let waive = crate::obligations::act::Action::Waive { reason: "电话打不通".into() };
    desk.company
        .wait(desk.company.engine.act_on_obligation(desk.company.cx("sales"), obligation, waive))
        .unwrap();
    assert_eq!(states(&desk, id), pairs(&[("call", "skipped"), ("need", "open"), ("offer", "ahead")]));
    assert_eq!(
        desk.texts("select state from obligation where kind = 'plan_step' order by id"),
        ["waived", "open"]
    );
    desk.work();
    assert_eq!(desk.broken(), []);
}

fn who_is_on_the_way_keeps_to_the_version_they_began_with(db: &mut TestDb) {
    let desk = Desk::open(db);
    let plan = plan(&desk, definition()).unwrap();
    let before = lead(&desk, "苏州戊机械有限公司");
    let mut steps = definition()["steps"].clone();
    steps[0]["action"] = "先加微信".into();
    steps.as_array_mut().unwrap().remove(1);
    let change = members(json!({"steps": steps}));
    let update = |members: Map<String, Json>| {
        desk.company.wait(desk.company.engine.update_plan(desk.company.boss(), plan, Some(1), members))
    };
    let changed = update(change).unwrap();
    assert_eq!(changed["version"], 2);
    assert_eq!(code(update(members(json!({"name": "另一个人改的"})))), Code::Stale);
    desk.work();
    let after = lead(&desk, "苏州己机械有限公司");
    let of = |id: i64| plans(&desk, "sales", id)["items"][0].clone();
    assert_eq!((&of(before)["version"], &of(before)["steps"][0]["action"]), (&json!(1), &json!("首次联系")));
    assert_eq!((&of(after)["version"], &of(after)["steps"][0]["action"]), (&json!(2), &json!("先加微信")));
    desk.company.wait(desk.company.engine.delete_plan(desk.company.boss(), plan)).unwrap();
    desk.work();
    assert_eq!(of(before)["state"], "running", "who is on the way goes on to the end");
    assert_eq!(desk.broken(), []);
}

fn a_role_that_nobody_holds_falls_to_somebody_and_is_said(db: &mut TestDb) {
    let desk = Desk::open(db);
    let mut changed = definition();
    changed["steps"][0]["role"] = "service".into();
    plan(&desk, changed).unwrap();
    let id = lead(&desk, "苏州庚机械有限公司");
    let step = plans(&desk, "sales", id)["items"][0]["steps"][0].clone();
    assert_eq!((&step["responsible"]["name"], &step["fallback"]), (&json!("员工sales"), &json!(true)));
    let listed = desk.company.wait(desk.company.engine.plans(desk.company.boss())).unwrap();
    let mine = listed["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(mine["vacant"].as_array().unwrap().len(), 1, "{mine}");
    desk.company.hire("svc", "service");
    desk.at(START_MS + DAY);
    let step = plans(&desk, "sales", id)["items"][0]["steps"][0].clone();
    assert_eq!((&step["responsible"]["name"], &step["fallback"]), (&json!("员工svc"), &json!(false)));
    let owner = "select owner_id from obligation where kind = 'plan_step' and closed_at is null";
    assert_eq!(desk.int(owner), desk.company.user("svc"), "the promise goes with it");
}

fn steps_are_passed_over_and_plans_ended_only_with_a_reason_and_by_whom_may(db: &mut TestDb) {
    let desk = Desk::open(db);
    let mut by_hand = definition();
    by_hand["steps"][0] =
        json!({"key": "call", "action": "首次联系", "branches": [{"outcome": "同意", "to": "offer"}]});
    plan(&desk, by_hand).unwrap();
    desk.company.hire("stranger", "sysadmin");
    let id = lead(&desk, "苏州辛机械有限公司");
    let first = open_step(&desk);
    assert_eq!(code(close(&desk, "stranger", first, skip("x"))), Code::NotFound);
    assert_eq!(
        code(close(&desk, "other", first, skip("x"))),
        Code::Forbidden,
        "a colleague knows the basics"
    );
    let engine = &desk.company.engine;
    let seen = desk.company.wait(engine.plans_of(desk.company.cx("other"), "customer".into(), id));
    assert_eq!(code(seen), Code::NotFound);
    assert_eq!(plans(&desk, "head", id)["can_change"], true);
    assert_eq!(
        faults(close(&desk, "sales", first, skip("  ")).unwrap_err()),
        [("reason".to_owned(), "required")]
    );
    assert_eq!(
        faults(close(&desk, "sales", first, done(Some("x"))).unwrap_err()),
        [("outcome".to_owned(), "unknown_option")]
    );
    close(&desk, "head", first, done(Some("同意"))).unwrap();
    assert_eq!(states(&desk, id), pairs(&[("call", "done"), ("offer", "open")]));
    assert_eq!(code(close(&desk, "sales", first, skip("晚了"))), Code::Conflict);
    let run = desk.int("select id from plan_run");
    let stop = |reason: &str| {
        desk.company.wait(desk.company.engine.stop_plan(desk.company.cx("sales"), run, reason.into()))
    };
    assert_eq!(code(stop("")), Code::Invalid);
    let stopped = stop("客户改由经销商跟进").unwrap();
    assert_eq!(
        (&stopped["items"][0]["state"], &stopped["items"][0]["reason"]),
        (&json!("stopped"), &json!("客户改由经销商跟进"))
    );
    assert_eq!(states(&desk, id)[1].1, "void", "nothing of it is to be done any more");
    assert_eq!(code(stop("再来")), Code::Conflict);
    let plan = stopped["startable"][0]["id"].as_str().unwrap().parse::<Id>().unwrap().number();
    let start = || {
        desk.company.wait(desk.company.engine.start_plan(
            desk.company.cx("sales"),
            "customer".into(),
            id,
            plan,
        ))
    };
    assert_eq!(start().unwrap()["items"][0]["automatic"], false);
    assert_eq!(code(start()), Code::Conflict);
    desk.work();
    assert_eq!(desk.broken(), []);
}

fn leaving_the_stage_or_the_company_ends_the_plan(db: &mut TestDb) {
    let desk = Desk::open(db);
    plan(&desk, definition()).unwrap();
    let (a, b) = (lead(&desk, "苏州壬机械有限公司"), lead(&desk, "苏州癸机械有限公司"));
    let on = json!({"stage": "potential", "need_tags": ["cost"]});
    desk.company.update(&desk.company.cx("sales"), "customer", a, on).unwrap();
    let engine = &desk.company.engine;
    desk.company.wait(engine.delete_record(desk.system(), "customer".into(), b, None)).unwrap();
    desk.work();
    assert_eq!(desk.texts("select reason from plan_run order by id"), ["left", "gone"]);
    assert_eq!(desk.int("select count(*) from obligation where kind = 'plan_step' and closed_at is null"), 0);
    desk.company.clock.set_ms(START_MS + 60_000);
    desk.company.update(&desk.company.cx("sales"), "customer", a, json!({"stage": "lead"})).unwrap();
    desk.work();
    assert_eq!(
        desk.int("select count(*) from plan_run where state = 'running'"),
        1,
        "back among them, it begins anew"
    );
    assert_eq!(desk.broken(), []);
}

fn a_merged_customer_s_plan_goes_on_with_the_survivor(db: &mut TestDb) {
    let desk = Desk::open(db);
    let old = lead(&desk, "常州旧客户机械有限公司");
    desk.company.clock.set_ms(START_MS + 60_000);
    plan(&desk, definition()).unwrap();
    desk.company.clock.set_ms(START_MS + 120_000);
    let new = lead(&desk, "常州新客户机械有限公司");
    let (winner, loser) = (Id::new(old).unwrap(), Id::new(new).unwrap());
    let request = serde_json::from_value(json!({"winner": winner, "losers": [loser]})).unwrap();
    let engine = &desk.company.engine;
    desk.company.wait(engine.merge_records(desk.system(), "customer".into(), request)).unwrap();
    desk.work();
    assert_eq!(desk.int("select record_id from plan_run where state = 'running'"), old);
    let promise = "select record_id from obligation where kind = 'plan_step' and closed_at is null";
    assert_eq!(desk.int(promise), old, "and what is to be done goes with it");
    assert_eq!(desk.broken(), []);
}

fn a_customer_whom_nobody_has_is_on_no_plan_until_somebody_does(db: &mut TestDb) {
    let desk = Desk::open(db);
    plan(&desk, definition()).unwrap();
    let id = lead(&desk, "常州公海机械有限公司");
    let own = |owner: Json| {
        desk.company.update(&desk.system(), "customer", id, json!({"owner": owner})).unwrap();
        desk.work();
    };
    own(Json::Null);
    assert_eq!(desk.texts("select reason from plan_run"), ["pool"]);
    assert_eq!(desk.int("select count(*) from obligation where kind = 'plan_step' and closed_at is null"), 0);
    let plan = desk.int("select id from plan where active = 1");
    let start = desk.company.engine.start_plan(desk.company.boss(), "customer".into(), id, plan);
    assert_eq!(code(desk.company.wait(start)), Code::Conflict);
    own(json!(Id::new(desk.company.user("other")).unwrap()));
    let owner = "select owner_id from obligation where kind = 'plan_step' and closed_at is null";
    assert_eq!(desk.int(owner), desk.company.user("other"), "whoever takes them begins it");
    assert_eq!(desk.broken(), []);
}

fn a_plan_with_conditions_begins_when_they_come_true(db: &mut TestDb) {
    let desk = Desk::open(db);
    let id = lead(&desk, "常州条件机械有限公司");
    desk.company.clock.set_ms(START_MS + 60_000);
    let mut asked = definition();
    asked["start"]["filter"] = json!({"field": "budget_confirmed", "op": "eq", "value": true});
    plan(&desk, asked).unwrap();
    desk.company.clock.set_ms(START_MS + 120_000);
    desk.company.update(&desk.company.cx("sales"), "customer", id, json!({"remark": "改了"})).unwrap();
    desk.work();
    assert_eq!(plans(&desk, "sales", id)["items"], json!([]));
    desk.company
        .update(&desk.company.cx("sales"), "customer", id, json!({"budget_confirmed": true}))
        .unwrap();
    desk.work();
    assert_eq!(states(&desk, id)[0].1, "open");
}

fn a_plan_that_asks_for_a_figure_begins_when_it_is_reached(db: &mut TestDb) {
    let desk = Desk::open(db);
    let (old, long) = (lead(&desk, "常州新近机械有限公司"), lead(&desk, "常州一向机械有限公司"));
    let order = |customer: i64, status: &str| {
        let customer = Id::new(customer).unwrap();
        let order = json!({"customer": customer, "amount": 90_000, "status": status});
        let id = desk.company.create(&desk.company.boss(), "order", order);
        desk.work();
        id
    };
    order(long, "confirmed");
    let late = order(old, "draft");
    desk.company.clock.set_ms(START_MS + 60_000);
    let mut asked = definition();
    asked["start"] =
        json!({"automatic": true, "filter": {"field": "order_total", "op": "gte", "value": 80_000}});
    plan(&desk, asked).unwrap();
    desk.company.clock.set_ms(START_MS + 120_000);
    for id in [old, long] {
        desk.company.update(&desk.company.cx("sales"), "customer", id, json!({"remark": "改了"})).unwrap();
    }
    desk.work();
    assert_eq!(desk.int("select count(*) from plan_run"), 0, "one has no total yet, the other had it before");
    desk.company.update(&desk.company.boss(), "order", late, json!({"status": "confirmed"})).unwrap();
    desk.work();
    assert_eq!(desk.int("select record_id from plan_run"), old);
    assert_eq!(desk.broken(), []);
}

fn every_fault_of_a_plan_is_told(db: &mut TestDb) {
    let desk = Desk::open(db);
    let wrong = json!({
        "name": "", "start": {"stages": ["nowhere"], "filter": {"field": "no_such", "op": "eq", "value": 1}},
        "steps": [
            {"key": "a", "action": "", "role": "emperor", "after": {"days": -1}, "evidence": {"kind": "field", "field": "no_such"},
             "branches": [{"outcome": "好", "to": "a"}]},
            {"key": "a", "action": "二", "evidence": {"kind": "talk", "kinds": []}},
        ],
    });
    let found: Vec<String> =
        faults(plan(&desk, wrong).unwrap_err()).into_iter().map(|(field, _)| field).collect();
    assert_eq!(
        found,
        [
            "name",
            "start.stages",
            "start.filter.no_such",
            "steps.0.action",
            "steps.0.role",
            "steps.0.after",
            "steps.0.evidence.field",
            "steps.0.branches.0.to",
            "steps.1.key",
            "steps.1.evidence.kinds"
        ]
    );
    let made = desk.company.engine.create_plan(desk.company.cx("sales"), members(definition()));
    assert_eq!(code(desk.company.wait(made)), Code::Forbidden);
}

fn a_dry_run_says_what_a_plan_would_have_done(db: &mut TestDb) {
    let desk = Desk::open(db);
    lead(&desk, "苏州子机械有限公司");
    desk.customer("苏州丑机械有限公司");
    let tried =
        desk.company.wait(desk.company.engine.try_plan(desk.company.boss(), members(definition()))).unwrap();
    assert_eq!((&tried["matching"], &tried["started"], &tried["steps"]), (&json!(1), &json!(1), &json!(3)));
    assert_eq!(desk.int("select count(*) from plan_run"), 0);
}
