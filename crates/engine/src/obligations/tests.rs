//! Promises through the door of the engine, on both databases.

mod budget;
pub(crate) mod desk;
mod late;
mod passing;
mod people;
mod recheck;

use self::desk::{Desk, HOUR};
use super::list::{Bucket, Request, Scope};
use super::run;
use crate::obligations::act::Action;
use crate::session::testing::{Company, DAY, code};
use huike_model::{Code, Id};
use huike_store::Sql;
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Value as Json, json};

huike_store::on_both_databases!(
    a_task_with_a_date_is_a_promise_until_it_is_done,
    talking_with_a_customer_keeps_what_was_due_and_opens_what_follows,
    a_promise_follows_its_task_to_another_owner_date_and_bin,
    reminders_climb_the_ladder_and_none_comes_twice,
    nobody_is_disturbed_in_quiet_hours,
    a_week_of_down_time_is_caught_up_without_a_storm,
    a_customer_without_owner_or_next_step_is_on_the_list_of_leaks,
    silence_becomes_a_leak_and_a_call_ends_it,
    reading_the_log_twice_changes_nothing,
    work_that_dies_half_way_is_done_again,
    what_one_may_not_see_is_no_promise_of_ones_own,
    a_promise_is_kept_let_go_or_put_off_by_hand,
    a_contract_that_ends_is_told_a_month_ahead,
    a_payment_that_is_late_stays_late_however_old_it_gets,
    a_rule_says_what_it_would_have_done,
    holidays_hours_and_leave_are_the_companys_to_set,
    the_radar_shows_what_the_caller_may_see,
    records_from_before_the_first_start_are_looked_through,
    a_hook_that_is_broken_is_found_by_the_check,
);

fn a_task_with_a_date_is_a_promise_until_it_is_done(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("杭州示例包装有限公司");
    let task = desk.task(customer, START_MS + 5 * HOUR);
    let undated = desk.company.create(&desk.company.cx("sales"), "task", json!({"title": "整理样品"}));
    desk.work();
    assert_eq!((desk.state(task).as_str(), desk.open_of_task(undated)), ("open", 0));
    let counts = desk.counts("sales", Scope::Mine);
    assert_eq!(
        counts,
        json!({"late": 0, "today": 1, "week": 0, "none": 0}),
        "a task counts once, and stands for its customer"
    );
    let today = desk.list("sales", Request { bucket: Some(Bucket::Today), ..Request::default() });
    assert_eq!(today[0]["title"], "发报价单");
    assert_eq!(today[0]["record"]["name"], "杭州示例包装有限公司");
    desk.company.update(&desk.company.cx("sales"), "task", task, json!({"status": "done"})).unwrap();
    desk.work();
    assert_eq!((desk.state(task).as_str(), desk.open_of_task(task)), ("done", 0));
    assert_eq!(desk.counts("sales", Scope::Mine)["none"], 1, "now nothing is planned");
    let none = desk.list("sales", Request { bucket: Some(Bucket::None), ..Request::default() });
    assert_eq!(none[0]["record"]["id"], json!(Id::new(customer).unwrap()));
    assert_eq!(desk.broken(), []);
}

fn talking_with_a_customer_keeps_what_was_due_and_opens_what_follows(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("宁波示例五金有限公司");
    let later = |ms: i64| crate::shown::instant_text(START_MS + ms);
    desk.talk(customer, json!({"next_step": "寄样品", "next_step_at": later(DAY)}));
    desk.work();
    let first = desk.int("select holder_id from obligation where kind = 'follow_up' and closed_at is null");
    // A call that reached nobody keeps nothing.
    desk.at(START_MS + DAY);
    desk.talk(customer, json!({"outcome": "no_answer"}));
    desk.work();
    assert_eq!(desk.open_of_task(first), 1);
    let second = desk.talk(customer, json!({"next_step": "报价", "next_step_at": later(4 * DAY)}));
    desk.work();
    assert_eq!(desk.texts(&format!("select status from task where id = {first}")), ["done"]);
    let evidence = format!("select evidence_id from obligation where holder_id = {first}");
    assert_eq!(desk.int(&evidence), second);
    assert_eq!(desk.int("select count(*) from obligation where kind = 'follow_up' and closed_at is null"), 1);
    let next = desk.int(&format!("select next_step_at from customer where id = {customer}"));
    assert_eq!(next, START_MS + 4 * DAY);
    // A talk well ahead of time, with nothing new agreed, leaves the agreed step standing.
    desk.talk(customer, json!({}));
    desk.work();
    assert_eq!(desk.int("select count(*) from obligation where kind = 'follow_up' and closed_at is null"), 1);
    assert_eq!(desk.broken(), []);
}

fn a_promise_follows_its_task_to_another_owner_date_and_bin(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("温州示例阀门有限公司");
    let task = desk.task(customer, START_MS + 5 * HOUR);
    desk.work();
    let other = desk.company.user("other");
    let system = desk.system();
    desk.company.update(&system, "task", task, json!({"owner": Id::new(other).unwrap()})).unwrap();
    desk.work();
    assert_eq!(desk.int(&format!("select owner_id from obligation where holder_id = {task}")), other);
    desk.company
        .update(&system, "task", task, json!({"due_at": crate::shown::instant_text(START_MS + DAY)}))
        .unwrap();
    desk.work();
    assert_eq!(desk.int(&format!("select due_at from obligation where holder_id = {task}")), START_MS + DAY);
    desk.company.wait(desk.company.engine.delete_record(system.clone(), "task".into(), task, None)).unwrap();
    desk.work();
    assert_eq!(desk.state(task), "void");
    desk.company.wait(desk.company.engine.restore_record(system.clone(), "task".into(), task)).unwrap();
    desk.work();
    assert_eq!(desk.open_of_task(task), 1);
    desk.company
        .update(&system, "task", task, json!({"status": "cancelled", "result": "客户取消了项目"}))
        .unwrap();
    desk.work();
    assert_eq!(desk.state(task), "waived");
    assert_eq!(desk.broken(), []);
}

fn reminders_climb_the_ladder_and_none_comes_twice(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("嘉兴示例纺织有限公司");
    desk.company.update(&desk.company.cx("sales"), "customer", customer, json!({"tier": "a"})).unwrap();
    desk.task(customer, START_MS + 5 * HOUR);
    desk.work();
    assert_eq!(desk.told(), [""; 0]);
    desk.at(START_MS + 5 * HOUR - 30 * 60_000);
    assert_eq!(desk.told(), ["sales reminder"]);
    desk.at(START_MS + 5 * HOUR);
    desk.work();
    assert_eq!(desk.told().len(), 2);
    desk.at(START_MS + 5 * HOUR + DAY);
    assert_eq!(desk.told()[2..], ["head escalation"]);
    desk.at(START_MS + 5 * HOUR + 3 * DAY);
    let climbed = desk.told();
    assert_eq!(climbed[3..].iter().filter(|told| *told == "boss escalation").count(), 1, "{climbed:?}");
    // The same moment again, on another node too, and the clock turned back.
    for back in [0, DAY, 2 * DAY, 4 * DAY] {
        desk.at(START_MS + 5 * HOUR + 4 * DAY - back);
    }
    let of_task = "select count(*) from notification n join obligation o on o.id = n.obligation_id where o.holder = 'task'";
    assert_eq!(desk.int(of_task), 4);
    let cx = desk.company.cx("head");
    let page = desk.company.wait(desk.company.engine.notifications(cx.clone(), false, None, None)).unwrap();
    let escalation =
        page["items"].as_array().unwrap().iter().find(|one| one["kind"] == "escalation").unwrap();
    let id = escalation["id"].as_str().unwrap().parse::<Id>().unwrap().number();
    let why = desk.company.wait(desk.company.engine.explain_notification(cx, id)).unwrap();
    assert!(why["reasons"].to_string().contains("上级"), "{why}");
    assert_eq!(why["heard"].as_array().unwrap().len(), 4);
    let stranger = desk.company.wait(desk.company.engine.explain_notification(desk.company.cx("other"), id));
    assert_eq!(code(stranger), Code::NotFound);
}

fn nobody_is_disturbed_in_quiet_hours(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("绍兴示例印染有限公司");
    // Due at half past nine in the evening; quiet from eight.
    desk.task(customer, START_MS + 12 * HOUR + HOUR / 2);
    desk.at(START_MS + 12 * HOUR + HOUR / 2);
    desk.at(START_MS + 13 * HOUR);
    assert_eq!(desk.told(), [""; 0]);
    assert_eq!(desk.texts("select state from obligation where kind = 'task'"), ["late"], "late all the same");
    desk.at(START_MS + 23 * HOUR);
    assert_eq!(desk.told(), ["sales reminder"], "at eight in the morning, once for both steps");
}

fn a_week_of_down_time_is_caught_up_without_a_storm(db: &mut TestDb) {
    let desk = Desk::open(db);
    desk.company.wait(desk.company.engine.read(|_| Ok(()))).unwrap();
    for number in 0..30 {
        let customer = desk.customer(&format!("湖州示例第{number}厂"));
        desk.task(customer, START_MS + 2 * HOUR + number * 60_000);
    }
    desk.work();
    // Nobody was there for a week: Monday morning again.
    desk.at(START_MS + 7 * DAY + HOUR);
    let told = |login: &str, live: i64| {
        let user = desk.company.user(login);
        desk.int(&format!(
            "select count(*) from notification where user_id = {user} and live = {live} and kind not in ('digest', 'leaks')"
        ))
    };
    let limit = i64::from(desk.company.engine.org().follow.settings.daily_limit);
    for login in ["sales", "head"] {
        assert!(told(login, 1) <= limit, "{login}: {}", told(login, 1));
        assert!(told(login, 0) > 0, "the rest is left to the digest");
    }
    let user = desk.company.user("sales");
    assert_eq!(
        desk.int(&format!("select count(*) from notification where user_id = {user} and kind = 'digest'")),
        1
    );
    assert_eq!(desk.int("select count(*) from obligation where kind = 'task' and state <> 'late'"), 0);
    let once = "select count(*) from (select obligation_id, level, user_id from notification where obligation_id is not null \
         group by obligation_id, level, user_id having count(*) > 1) twice";
    assert_eq!(desk.int(once), 0);
    assert_eq!(desk.broken(), []);
}

fn a_customer_without_owner_or_next_step_is_on_the_list_of_leaks(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("金华示例食品有限公司");
    desk.work();
    let open = |reason: &str| {
        desk.int(&format!("select count(*) from leak where record_id = {customer} and reason = '{reason}' and closed_at is null"))
    };
    assert_eq!((open("no_owner"), open("no_next_step")), (0, 1));
    let task = desk.task(customer, START_MS + DAY);
    desk.company.update(&desk.system(), "customer", customer, json!({"owner": null})).unwrap();
    desk.work();
    assert_eq!((open("no_owner"), open("no_next_step")), (1, 0));
    let sales = Id::new(desk.company.user("sales")).unwrap();
    desk.company.update(&desk.system(), "customer", customer, json!({"owner": sales})).unwrap();
    desk.company.update(&desk.system(), "user", sales.number(), json!({"active": false})).unwrap();
    desk.work();
    assert_eq!((open("no_owner"), open("owner_left")), (0, 1));
    desk.company.update(&desk.system(), "task", task, json!({"status": "done"})).unwrap();
    desk.company.update(&desk.system(), "customer", customer, json!({"stage": "lost"})).unwrap();
    desk.work();
    assert_eq!(
        desk.int("select count(*) from leak where closed_at is null"),
        0,
        "nobody need care for the lost"
    );
    assert_eq!(desk.broken(), []);
}

fn silence_becomes_a_leak_and_a_call_ends_it(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("台州示例模具有限公司");
    desk.work();
    let silent = "select count(*) from leak where reason = 'silent' and closed_at is null";
    let contact = "select state from obligation where kind = 'contact' order by id";
    assert_eq!((desk.int(silent), desk.texts(contact)), (0, vec!["open".into()]));
    // Three working days: until Thursday midnight.
    desk.at(START_MS + 3 * DAY);
    assert_eq!(desk.int(silent), 0);
    desk.at(START_MS + 4 * DAY);
    assert_eq!((desk.int(silent), desk.texts(contact)), (1, vec!["late".into()]));
    desk.talk(customer, json!({}));
    desk.work();
    assert_eq!((desk.int(silent), desk.texts(contact)), (0, vec!["done".into(), "open".into()]));
    // While nobody is late, a call moves the same promise on.
    desk.at(START_MS + 5 * DAY);
    desk.talk(customer, json!({}));
    desk.work();
    assert_eq!(desk.texts(contact).len(), 2);
    assert_eq!(desk.broken(), []);
}

fn reading_the_log_twice_changes_nothing(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("丽水示例竹木有限公司");
    let later = crate::shown::instant_text(START_MS + DAY);
    desk.talk(customer, json!({"next_step": "寄样品", "next_step_at": later}));
    desk.task(customer, START_MS + 2 * HOUR);
    desk.at(START_MS + 3 * HOUR);
    let rows = || {
        desk.texts(
            "select id || state || level || due_at || coalesce(next_at, 0) from obligation order by id",
        )
    };
    let (before, told) = (rows(), desk.told());
    let rewind = Sql::raw("update log_cursor set tx = 0, id = 0 where consumer = 'obligations'");
    desk.company.write(move |conn| Ok(conn.execute(&rewind)?));
    desk.work();
    assert_eq!((rows(), desk.told()), (before, told));
    assert_eq!(desk.broken(), []);
}

fn work_that_dies_half_way_is_done_again(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("衢州示例化工有限公司");
    let engine = &desk.company.engine;
    let mut asked = 0;
    engine.set_failpoints(move |_| {
        asked += 1;
        asked % 3 != 0
    });
    let task = desk.task(customer, START_MS + 2 * HOUR);
    desk.company.settle();
    let mut died = 0;
    for step in 0..60_i64 {
        desk.company.clock.set_ms(START_MS + step * HOUR / 10);
        died += i64::from(desk.company.wait(run::round(engine)).is_err());
    }
    engine.set_failpoints(|_| false);
    desk.work();
    assert!(died > 5, "{died}");
    assert_eq!((desk.open_of_task(task), desk.state(task).as_str()), (1, "late"));
    let of_task = "select count(*) from notification n join obligation o on o.id = n.obligation_id where o.holder = 'task'";
    assert_eq!(desk.int(of_task), 1, "of two steps that nobody could take, one");
    assert_eq!(desk.broken(), []);
}

fn what_one_may_not_see_is_no_promise_of_ones_own(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("舟山示例水产有限公司");
    let task = desk.task(customer, START_MS + 2 * HOUR);
    desk.work();
    let obligation = desk.int(&format!("select id from obligation where holder_id = {task}"));
    let engine = &desk.company.engine;
    let done = |login: &str| {
        desk.company.wait(engine.act_on_obligation(
            desk.company.cx(login),
            obligation,
            Action::Done { note: None },
        ))
    };
    assert_eq!(code(done("other")), Code::NotFound);
    assert_eq!(desk.list("other", Request::default()), [Json::Null; 0]);
    let owner = Some(desk.company.user("sales"));
    let asked = Request { owner, ..Request::default() };
    assert_eq!(
        code(desk.company.wait(engine.obligations(desk.company.cx("other"), asked.clone()))),
        Code::NotFound
    );
    assert_eq!(desk.list("head", asked).len(), 1, "a manager sees the work of their people");
    assert_eq!(desk.counts("head", Scope::Team)["today"], 1);
    assert_eq!(desk.counts("other", Scope::Team), json!({"late": 0, "today": 0, "week": 0, "none": 0}));
    let of =
        |login: &str| desk.company.wait(engine.obligations_of(desk.company.cx(login), "task".into(), task));
    assert_eq!(code(of("other")), Code::NotFound);
    assert!(done("sales").is_ok());
}

fn a_promise_is_kept_let_go_or_put_off_by_hand(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("杭州示例机电有限公司");
    let tasks = [1, 2, 3].map(|hours| desk.task(customer, START_MS + hours * HOUR));
    desk.work();
    let engine = &desk.company.engine;
    let act = |task: i64, action: Action| {
        let id = desk.int(&format!("select id from obligation where holder_id = {task}"));
        desk.company.wait(engine.act_on_obligation(desk.company.cx("sales"), id, action))
    };
    let done = act(tasks[0], Action::Done { note: Some("已发".into()) }).unwrap();
    assert_eq!((&done["state"], &done["can"]), (&json!("done"), &json!([])));
    assert_eq!(desk.texts(&format!("select result from task where id = {}", tasks[0])), ["已发"]);
    assert_eq!(code(act(tasks[1], Action::Waive { reason: " ".into() })), Code::Invalid);
    assert_eq!(act(tasks[1], Action::Waive { reason: "客户不要了".into() }).unwrap()["state"], "waived");
    let past = Action::Snooze { until: crate::shown::instant_text(START_MS - 1) };
    assert_eq!(code(act(tasks[2], past)), Code::Invalid);
    let until = crate::shown::instant_text(START_MS + 2 * DAY);
    assert_eq!(act(tasks[2], Action::Snooze { until: until.clone() }).unwrap()["due_at"], json!(until));
    assert_eq!(code(act(tasks[0], Action::Done { note: None })), Code::Conflict);
    let contact = desk.int("select id from obligation where kind = 'contact'");
    let by_hand = engine.act_on_obligation(desk.company.cx("sales"), contact, Action::Done { note: None });
    assert_eq!(code(desk.company.wait(by_hand)), Code::Conflict, "to be in touch is kept by being in touch");
    desk.work();
    assert_eq!(desk.broken(), []);
}

fn a_contract_that_ends_is_told_a_month_ahead(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("杭州示例仪表有限公司");
    let body = json!({"name": "年度框架", "customer": Id::new(customer).unwrap(), "status": "performing", "signed_on": "2025-04-15", "end_on": "2026-04-15"});
    let contract = desk.company.create(&desk.company.cx("sales"), "contract", body);
    let years = json!({"name": "三年框架", "customer": Id::new(customer).unwrap(), "status": "performing", "signed_on": "2025-04-15", "end_on": "2029-04-15"});
    desk.company.create(&desk.company.cx("sales"), "contract", years);
    desk.work();
    let dated = "select count(*) from obligation where kind = 'date' and closed_at is null";
    assert_eq!(desk.int(dated), 1, "what lies years ahead is opened when its time comes nearer");
    let told = || {
        let sql = "select count(*) from notification n join obligation o on o.id = n.obligation_id where o.kind = 'date'";
        desk.int(sql)
    };
    // A month before is Monday, 16 March.
    desk.at(START_MS + 13 * DAY + 12 * HOUR);
    assert_eq!(told(), 0);
    desk.at(START_MS + 14 * DAY + 2 * HOUR);
    assert_eq!(told(), 1);
    desk.company.update(&desk.system(), "contract", contract, json!({"status": "done"})).unwrap();
    desk.work();
    assert_eq!(desk.texts("select state from obligation where kind = 'date'"), ["done"]);
    desk.at(START_MS + 60 * DAY);
    assert_eq!(told(), 1);
}

fn a_payment_that_is_late_stays_late_however_old_it_gets(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("杭州示例泵业有限公司");
    let body = |due: &str| json!({"name": "预付款", "customer": Id::new(customer).unwrap(), "due_on": due, "amount": 1000});
    let plan = desk.company.create(&desk.system(), "payment_plan", body("2026-03-10"));
    desk.company.create(&desk.system(), "payment_plan", body("2020-03-10"));
    desk.work();
    let states = || desk.texts("select state from obligation where kind = 'date'");
    assert_eq!(states(), ["open"], "what was over years ago promises nothing");
    desk.at(START_MS + 200 * DAY);
    desk.company.update(&desk.system(), "payment_plan", plan, json!({"remark": "在催"})).unwrap();
    desk.work();
    assert_eq!(states(), ["late"]);
    desk.company.update(&desk.system(), "payment_plan", plan, json!({"status": "paid"})).unwrap();
    desk.work();
    assert_eq!(states(), ["done"]);
}

fn a_rule_says_what_it_would_have_done(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("杭州示例轴承有限公司");
    desk.company.clock.set_ms(START_MS + 8 * DAY);
    desk.talk(customer, json!({}));
    desk.at(START_MS + 20 * DAY);
    let trial = |rule: Json| {
        let Json::Object(rule) = rule else { panic!("a rule is an object") };
        desk.company.wait(desk.company.engine.try_rule(desk.company.boss(), rule))
    };
    let rule = json!({
        "name": {"zh": "三天", "en": "Three days"},
        "trigger": {"kind": "silence", "working_days": 3},
        "steps": [{"to": "owner"}],
    });
    // Silent from the 2nd to the 10th and from then on: twice.
    let tried = trial(rule.clone()).unwrap();
    assert_eq!((&tried["reminders"], &tried["people"]), (&json!(2), &json!(1)), "{tried}");
    let mut wrong = rule;
    wrong["trigger"]["working_days"] = json!(0);
    wrong["filter"] = json!({"field": "no_such_field", "op": "eq", "value": 1});
    wrong["name"]["zh"] = json!("");
    let faults: Vec<String> =
        crate::session::testing::faults(trial(wrong).unwrap_err()).into_iter().map(|(at, _)| at).collect();
    assert_eq!(faults.len(), 3, "{faults:?}");
    let list = super::rules::list(&desk.company.boss()).unwrap();
    let first = &list["items"][0];
    let id = first["id"].as_str().unwrap().parse::<Id>().unwrap().number();
    let changed = json!({"active": false});
    let Json::Object(changed) = changed else { panic!() };
    let changed =
        desk.company.wait(desk.company.engine.update_rule(desk.company.boss(), id, changed)).unwrap();
    assert_eq!((&changed["active"], &changed["version"]), (&json!(false), &json!(2)));
    assert_eq!(code(super::rules::list(&desk.company.cx("sales"))), Code::Forbidden);
    desk.work();
    assert_eq!(desk.broken(), []);
}

fn holidays_hours_and_leave_are_the_companys_to_set(db: &mut TestDb) {
    let desk = Desk::open(db);
    let engine = &desk.company.engine;
    let object = |json: Json| json.as_object().unwrap().clone();
    let put = |changes: Json| desk.company.wait(engine.put_calendar(desk.company.boss(), object(changes)));
    let wrong =
        put(json!({"week": [[["18:00", "09:00"]], [], [], [], [], [], []], "daily_limit": 0, "moon": 1}));
    assert_eq!(crate::session::testing::faults(wrong.unwrap_err()).len(), 3);
    let read =
        put(json!({"daily_limit": 5, "quiet": {"from": "19:00", "to": "09:00", "free_days": true}})).unwrap();
    assert_eq!((&read["daily_limit"], &read["quiet"]["from"]), (&json!(5), &json!("19:00")));
    assert_eq!(engine.org().follow.settings.daily_limit, 5);
    assert_eq!(
        code(desk.company.wait(engine.put_calendar(desk.company.cx("sales"), object(json!({}))))),
        Code::Forbidden
    );
    let tuesday = super::calendar::SpecialDay {
        day: "2026-03-03".into(),
        kind: huike_model::worktime::DayKind::Off,
        name: "厂庆".into(),
    };
    desk.company.wait(engine.put_work_days(desk.company.boss(), vec![tuesday])).unwrap();
    assert!(!engine.org().calendar_of(None).is_working_day("2026-03-03".parse().unwrap()));
    let days = desk.company.wait(engine.work_days(Some(2026))).unwrap();
    assert!(days.to_string().contains("厂庆"));
    // Who is away is stood in for.
    let (sales, other) = (desk.company.user("sales"), desk.company.user("other"));
    let leave = super::calendar::NewAbsence {
        user: None,
        from: crate::shown::instant_text(START_MS),
        to: crate::shown::instant_text(START_MS + 3 * DAY),
        stand_in: Id::new(other).ok(),
    };
    desk.company.wait(engine.create_absence(desk.company.cx("sales"), leave.clone())).unwrap();
    let for_a_stranger = super::calendar::NewAbsence { user: Id::new(sales).ok(), ..leave };
    assert_eq!(
        code(desk.company.wait(engine.create_absence(desk.company.cx("other"), for_a_stranger))),
        Code::Forbidden
    );
    assert_eq!(engine.org().acting(sales, START_MS + DAY), Some(other));
    let customer = desk.customer("杭州示例电缆有限公司");
    desk.task(customer, START_MS + 2 * HOUR);
    desk.at(START_MS + 2 * HOUR);
    assert_eq!(desk.told(), ["other reminder"]);
}

fn the_radar_shows_what_the_caller_may_see(db: &mut TestDb) {
    use super::leaks::Reason;
    use super::radar::LeakRequest;
    let desk = Desk::open(db);
    for number in 0..5 {
        desk.customer(&format!("丽水示例第{number}厂"));
    }
    desk.at(START_MS + HOUR);
    let engine = &desk.company.engine;
    let page =
        |login: &str, request: LeakRequest| desk.company.wait(engine.leaks(desk.company.cx(login), request));
    let asked = LeakRequest { reason: Some(Reason::NoNextStep), limit: Some(2), ..LeakRequest::default() };
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let next = page("head", LeakRequest { cursor: cursor.clone(), ..asked.clone() }).unwrap();
        seen.extend(next["items"].as_array().unwrap().iter().map(|item| item["customer"]["id"].to_string()));
        match next["next_cursor"].as_str() {
            Some(text) => cursor = Some(text.to_owned()),
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5, "every one of them once");
    let counts =
        desk.company.wait(engine.leak_counts(desk.company.cx("head"), LeakRequest::default())).unwrap();
    assert_eq!((&counts["customers"], &counts["reasons"]["no_next_step"]), (&json!(5), &json!(5)));
    assert_eq!(counts["trend"].as_array().unwrap().last().unwrap()["open"], 5);
    let days = LeakRequest { days: Some(3), ..LeakRequest::default() };
    assert_eq!(page("head", days).unwrap()["items"], json!([]));
    let owner = LeakRequest { owner: Some(desk.company.user("other")), ..LeakRequest::default() };
    assert_eq!(page("head", owner).unwrap()["items"], json!([]));
    // A role that sees no next steps sees no leaks by them.
    let role = desk.company.role("sales");
    let blind = json!({"admin": [], "objects": {"customer": {"read": "all", "levels": {"general": "read"}, "fields": {"next_step_at": "hidden"}}}});
    desk.company
        .wait(crate::access::permissions::put_permissions(engine, &desk.company.boss(), role, &blind))
        .unwrap();
    assert_eq!(page("sales", LeakRequest::default()).unwrap()["items"], json!([]));
}

fn records_from_before_the_first_start_are_looked_through(db: &mut TestDb) {
    let company = Company::founded(db);
    company.hire("sales", "sales");
    let cx = company.cx("sales");
    let due = crate::shown::instant_text(START_MS + DAY);
    for number in 0..12 {
        let customer = company.create(&cx, "customer", json!({"name": format!("绍兴示例第{number}厂")}));
        let body = json!({"title": "回访", "customer": Id::new(customer).unwrap(), "due_at": due});
        company.create(&cx, "task", body);
    }
    let desk = Desk { company };
    desk.work();
    assert_eq!(desk.int("select count(*) from obligation where kind = 'task' and closed_at is null"), 12);
    assert_eq!(desk.int("select count(*) from obligation where kind = 'contact' and closed_at is null"), 12);
    assert_eq!(desk.broken(), []);
}

fn a_hook_that_is_broken_is_found_by_the_check(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("杭州示例电子有限公司");
    let task = desk.task(customer, START_MS + DAY);
    desk.work();
    assert_eq!(desk.broken(), []);
    let found = |sql: &str, back: &str| {
        desk.company.execute(sql);
        let broken = desk.broken();
        desk.company.execute(back);
        assert_eq!(desk.broken(), []);
        broken.iter().map(|one| one.invariant).collect::<Vec<_>>()
    };
    // What a change that nobody was told of leaves behind.
    assert_eq!(
        found(
            &format!("update task set status = 'done' where id = {task}"),
            &format!("update task set status = 'open' where id = {task}")
        ),
        ["every open obligation of a task belongs to an open task"]
    );
    assert_eq!(
        found(
            &format!("update task set due_at = due_at + 1 where id = {task}"),
            &format!("update task set due_at = due_at - 1 where id = {task}")
        ),
        ["every open task with a date is an open obligation of that date"]
    );
    assert_eq!(
        found(
            &format!("update customer set next_step_at = null where id = {customer}"),
            &format!("update customer set next_step_at = {} where id = {customer}", START_MS + DAY)
        ),
        ["every living customer has a next step or an open leak entry"]
    );
    assert_eq!(
        found(
            "insert into leak (object, record_id, reason, since) values ('customer', 7, 'silent', 1)",
            "delete from leak where record_id = 7"
        ),
        ["an open leak entry belongs to a customer who leaks"]
    );
    assert_eq!(
        found(
            "update obligation set next_at = 1 where kind = 'task'",
            &format!("update obligation set next_at = {} where kind = 'task'", START_MS + DAY)
        ),
        ["no obligation waits longer than ten minutes for its next step"]
    );
}
