//! Rules of assignment through the door of the engine, on both databases.

use super::choose::{Candidate, Ledger, choose, level, took};
use super::rule::{Definition, Method};
use super::run::AssignByRule;
use crate::session::testing::{Company, DAY, code};
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

huike_store::on_both_databases!(
    a_new_customer_goes_to_whom_the_first_fitting_rule_says_and_says_why,
    whoever_has_left_is_away_or_is_full_is_passed_over,
    when_nobody_fits_it_goes_to_the_steward_or_to_the_pool_and_is_seen_to,
    a_selection_is_assigned_by_hand_only_by_whoever_may_change_it,
    a_rule_is_tried_on_the_last_month_without_writing,
);

struct Desk {
    company: Company,
}

impl Desk {
    fn open(db: &TestDb) -> Desk {
        Desk { company: Company::selling(db, ["ann", "ben", "cai"]).0 }
    }

    fn work(&self) {
        self.company.follow_up();
    }

    fn id(&self, login: &str) -> Json {
        json!(Id::new(self.company.user(login)).unwrap())
    }

    fn rule(&self, members: Json) -> Json {
        let mut whole = json!({"name": {"zh": "华东线索", "en": "East"}, "on": ["page", "api", "import"], "take_over": true});
        for (name, value) in members.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let members = whole.as_object().unwrap().clone();
        self.company.wait(self.company.engine.create_assignment_rule(self.company.boss(), members)).unwrap()
    }

    fn arrives(&self, body: Json) -> i64 {
        let id = self.company.create(&self.company.boss(), "customer", body);
        self.work();
        id
    }

    fn owner(&self, customer: i64) -> Option<i64> {
        self.company.int(&format!("select owner_id from customer where id = {customer}"))
    }

    fn history(&self, customer: i64) -> Json {
        self.company.wait(self.company.engine.custody(self.company.boss(), customer)).unwrap()["items"]
            .clone()
    }
}

fn definition(method: Method) -> Definition {
    let text = json!({"name": {"zh": "规则", "en": "Rule"}, "targets": [], "method": method});
    serde_json::from_value(text).unwrap()
}

#[test]
fn turns_follow_the_weights_and_a_newcomer_is_level_with_the_others() {
    let candidate = |user, weight| Candidate { user, weight, unfit: None };
    let mut ledger = Ledger::new();
    let mut counts = BTreeMap::new();
    let mut people = vec![candidate(1, 3), candidate(2, 1)];
    let mut run = |people: &[Candidate], ledger: &mut Ledger, rounds: i64| {
        counts.clear();
        for at in 0..rounds {
            level(ledger, people);
            let (chosen, _) = choose(&definition(Method::Turns), people, ledger);
            took(ledger, chosen.unwrap(), at);
            *counts.entry(chosen.unwrap()).or_insert(0) += 1;
        }
        counts.values().copied().collect::<Vec<_>>()
    };
    assert_eq!(run(&people, &mut ledger, 40), [30, 10]);
    people.push(candidate(3, 1));
    let counts = run(&people, &mut ledger, 50);
    assert!((29..=31).contains(&counts[0]) && (9..=11).contains(&counts[2]), "{counts:?}");
    people[0].unfit = Some("absent");
    let (chosen, skipped) = choose(&definition(Method::Load), &people, &ledger);
    assert_ne!(chosen, Some(1));
    assert_eq!(skipped[0].because, "absent");
}

fn a_new_customer_goes_to_whom_the_first_fitting_rule_says_and_says_why(db: &mut TestDb) {
    let desk = Desk::open(db);
    let east = json!({"field": "source", "op": "eq", "value": "website"});
    desk.rule(
        json!({"filter": east, "targets": [{"user": desk.id("ann"), "weight": 2}, {"user": desk.id("ben")}]}),
    );
    desk.rule(json!({"name": {"zh": "其他", "en": "Others"}, "targets": [{"user": desk.id("cai")}]}));
    let owners: Vec<Option<i64>> = (0..6)
        .map(|n| desk.owner(desk.arrives(json!({"name": format!("示例网站客户{n}"), "source": "website"}))))
        .collect();
    let of = |login: &str| owners.iter().filter(|owner| **owner == Some(desk.company.user(login))).count();
    assert_eq!((of("ann"), of("ben")), (4, 2));
    let other = desk.arrives(json!({"name": "示例展会客户", "source": "exhibition"}));
    assert_eq!(desk.owner(other), Some(desk.company.user("cai")));
    let history = desk.history(other);
    assert_eq!(history[0]["how"], "assigned");
    assert!(history[0]["rule"].as_str().unwrap().contains("其他"), "{history}");
    let results = "select count(*) from assignment_result";
    assert_eq!(desk.company.int(results), Some(7));
    desk.company.execute("delete from log_cursor where consumer = 'obligations'");
    desk.company.execute("insert into log_cursor (consumer, tx, id) values ('obligations', 0, 0)");
    desk.work();
    assert_eq!(desk.company.int(results), Some(7), "reading the log twice changes nothing");
    // Whoever makes a customer for themselves keeps it where the rule doesn't take over.
    let mine = desk.company.create(&desk.company.system(), "customer", json!({"name": "示例系统客户"}));
    desk.work();
    assert_eq!(desk.owner(mine), None, "what the system makes comes through no channel");
}

fn whoever_has_left_is_away_or_is_full_is_passed_over(db: &mut TestDb) {
    let desk = Desk::open(db);
    let system = desk.company.system();
    desk.company.update(&system, "user", desk.company.user("ann"), json!({"active": false})).unwrap();
    let absence = format!(
        "insert into absence (id, user_id, from_at, to_at) values (1, {}, {}, {})",
        desk.company.user("ben"),
        START_MS - DAY,
        START_MS + DAY
    );
    desk.company.execute(&absence);
    desk.company.engine.renew_blocking().unwrap();
    let targets = json!([{"user": desk.id("ann")}, {"user": desk.id("ben")}, {"user": desk.id("cai")}]);
    desk.rule(json!({"targets": targets, "per_day": 1}));
    let first = desk.arrives(json!({"name": "示例一号客户"}));
    assert_eq!(desk.owner(first), Some(desk.company.user("cai")));
    let why = desk.history(first)[0]["rule"].as_str().unwrap().to_owned();
    assert!(why.contains("员工ann已离职") && why.contains("员工ben请假"), "{why}");
    let second = desk.arrives(json!({"name": "示例二号客户"}));
    assert_eq!(desk.owner(second), Some(desk.company.user("boss")), "no rule, so it stays with who made it");
    desk.company.clock.set_ms(START_MS + 2 * DAY);
    let third = desk.arrives(json!({"name": "示例三号客户"}));
    assert_ne!(desk.owner(third), Some(desk.company.user("boss")));
}

fn when_nobody_fits_it_goes_to_the_steward_or_to_the_pool_and_is_seen_to(db: &mut TestDb) {
    let desk = Desk::open(db);
    let only = json!({"field": "source", "op": "eq", "value": "website"});
    let targets = json!([{"user": desk.id("ann"), "filter": {"field": "tier", "op": "eq", "value": "a"}}]);
    desk.rule(json!({"filter": only, "targets": targets.clone(), "otherwise": {"kind": "steward", "user": desk.id("ben")}}));
    desk.rule(json!({"targets": targets, "otherwise": {"kind": "pool"}}));
    let skilled = desk.arrives(json!({"name": "示例重点客户", "tier": "a", "source": "website"}));
    let steward = desk.arrives(json!({"name": "示例网站客户", "source": "website"}));
    let pooled = desk.arrives(json!({"name": "示例电话客户", "source": "phone_in"}));
    let user = |login: &str| Some(desk.company.user(login));
    assert_eq!(
        (desk.owner(skilled), desk.owner(steward), desk.owner(pooled)),
        (user("ann"), user("ben"), None)
    );
    let told = format!(
        "select count(*) from notification where kind = 'assignment' and user_id = {}",
        user("ben").unwrap()
    );
    assert_eq!(desk.company.int(&told), Some(1));
    let history = desk.history(pooled);
    assert!(
        history[0]["pool"]["name"].is_string() && history[0]["rule"].as_str().unwrap().contains("进入公海"),
        "{history}"
    );
}

fn a_selection_is_assigned_by_hand_only_by_whoever_may_change_it(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.company.create(&desk.company.cx("ann"), "customer", json!({"name": "示例待分客户"}));
    desk.rule(json!({"on": [], "targets": [{"user": desk.id("ben")}]}));
    desk.work();
    assert_eq!(
        desk.owner(customer),
        Some(desk.company.user("ann")),
        "a rule for nothing new waits to be asked"
    );
    let ask = |login: &str| {
        let request = AssignByRule { customers: vec![Id::new(customer).unwrap()] };
        desk.company.wait(desk.company.engine.assign_by_rule(desk.company.cx(login), request)).unwrap()["results"][0].clone()
    };
    assert_eq!(ask("cai")["status"], 403);
    let done = ask("boss");
    assert_eq!((&done["status"], &done["owner"]["id"]), (&json!(200), &desk.id("ben")), "{done}");
    assert!(done["why"].as_str().unwrap().contains("轮到"));
    assert_eq!(desk.owner(customer), Some(desk.company.user("ben")));
    let refused =
        desk.company.wait(desk.company.engine.create_assignment_rule(desk.company.cx("ann"), Map::new()));
    assert_eq!(code(refused), Code::Forbidden);
    let wrong = json!({"name": {"zh": "", "en": "x"}, "targets": [{"weight": 0}], "per_day": 0});
    let faults = desk.company.wait(
        desk.company.engine.create_assignment_rule(desk.company.boss(), wrong.as_object().unwrap().clone()),
    );
    let fields: Vec<String> =
        faults.unwrap_err().into_problem().faults.into_iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["name.zh", "targets.0.user", "targets.0.weight", "per_day"]);
}

fn a_rule_is_tried_on_the_last_month_without_writing(db: &mut TestDb) {
    let desk = Desk::open(db);
    for n in 0..4 {
        desk.arrives(
            json!({"name": format!("示例旧客户{n}"), "source": if n == 0 { "website" } else { "search" }}),
        );
    }
    let members = json!({"name": {"zh": "试试", "en": "Try"}, "filter": {"field": "source", "op": "eq", "value": "search"},
        "targets": [{"user": desk.id("ann")}, {"user": desk.id("ben")}]});
    let tried = desk
        .company
        .wait(
            desk.company
                .engine
                .try_assignment_rule(desk.company.boss(), members.as_object().unwrap().clone()),
        )
        .unwrap();
    assert_eq!(
        (&tried["customers"], &tried["matched"], &tried["nobody"]),
        (&json!(4), &json!(3), &json!(0)),
        "{tried}"
    );
    assert_eq!(
        tried["people"].as_array().unwrap().iter().map(|one| one["count"].as_i64().unwrap()).sum::<i64>(),
        3
    );
    assert_eq!(desk.company.int("select count(*) from assignment_result"), Some(0));
}
