//! The rules that a company starts with.

use super::rule::{self, Definition, Level, Offset, Rule, Step, Trigger};
use crate::error::Result;
use crate::setting;
use huike_model::Label;
use huike_store::Conn;
use serde_json::{Value as Json, json};

/// The key in `setting` that says that the rules were made: those that were deleted since don't come back.
const SEEDED: &str = "reminder_rules";

/// Makes the rules of a new company, once.
///
/// # Errors
/// The database's.
pub fn seed(conn: &mut Conn) -> Result<()> {
    if !setting::put_first(conn, SEEDED, "1")? {
        return Ok(());
    }
    for (position, (active, definition)) in (1_i64..).zip(rules()) {
        let rule = Rule { id: conn.next_id()?, position: position * 10, active, version: 1, definition };
        conn.execute(&rule::store(&rule)?)?;
    }
    Ok(())
}

fn to(to: Level, after: Offset) -> Step {
    Step { to, after }
}

fn days(days: i32) -> Offset {
    Offset { days, ..Offset::default() }
}

fn working_days(working_days: i32) -> Offset {
    Offset { working_days, ..Offset::default() }
}

fn rule(zh: &str, en: &str, trigger: Trigger, filter: Json, steps: Vec<Step>) -> Definition {
    let filter = (!filter.is_null()).then_some(filter);
    Definition {
        name: Label::new(zh, en),
        trigger,
        filter,
        steps,
        urgent: false,
        in_quiet_hours: false,
        digest: false,
    }
}

fn date(object: &str, field: &str) -> Trigger {
    Trigger::Date { object: object.into(), field: field.into(), yearly: false, shift_days: 0, lapses: false }
}

fn yearly(object: &str, field: &str) -> Trigger {
    Trigger::Date { object: object.into(), field: field.into(), yearly: true, shift_days: 0, lapses: true }
}

/// Data that grows old is no emergency: it waits for the digest.
fn recheck(zh: &str, en: &str, object: &str, filter: Json) -> (bool, Definition) {
    let steps = vec![to(Level::Owner, Offset::default())];
    let rule = rule(zh, en, date(object, "recheck_on"), filter, steps);
    (true, Definition { digest: true, ..rule })
}

/// Each with whether it is in force from the start.
fn rules() -> Vec<(bool, Definition)> {
    use Level::{Collaborator, Director, Manager, Owner};
    let half_hour = Offset { minutes: -30, ..Offset::default() };
    let due = Offset::default();
    let ladder = |more: &[Step]| {
        let mut steps = vec![to(Owner, half_hour), to(Owner, due), to(Manager, working_days(1))];
        steps.extend(more);
        steps
    };
    let key = json!({"field": "customer.tier", "op": "eq", "value": "a"});
    let mut key_tasks = rule(
        "重点客户的跟进与任务",
        "Follow-ups and tasks of key customers",
        Trigger::Task,
        key,
        ladder(&[to(Collaborator, working_days(1)), to(Director, working_days(3))]),
    );
    key_tasks.urgent = true;
    let silence = |zh: &str, en: &str, working_days: u16, filter: Json, late: Vec<Step>| {
        let mut steps = vec![to(Owner, days(0))];
        steps.extend(late);
        (true, rule(zh, en, Trigger::Silence { working_days }, filter, steps))
    };
    let stage = |op: &str, value: Json| json!({"field": "stage", "op": op, "value": value});
    let tier = |value: &str| json!({"field": "tier", "op": "eq", "value": value});
    let won = || stage("eq", "won".into());
    let in_talks = || stage("in", json!(["lead", "potential", "interested"]));
    vec![
        (true, key_tasks),
        (true, rule("跟进与任务", "Follow-ups and tasks", Trigger::Task, Json::Null, ladder(&[]))),
        silence(
            "成交客户 A 类：10 个工作日未联系",
            "Won, tier A: no contact for 10 working days",
            10,
            json!({"all": [won(), tier("a")]}),
            vec![to(Manager, working_days(1)), to(Director, working_days(3))],
        ),
        silence(
            "成交客户 B 类：20 个工作日未联系",
            "Won, tier B: no contact for 20 working days",
            20,
            json!({"all": [won(), tier("b")]}),
            vec![to(Manager, working_days(3))],
        ),
        silence(
            "其他成交客户：40 个工作日未联系",
            "Other won customers: no contact for 40 working days",
            40,
            won(),
            vec![],
        ),
        silence(
            "洽谈中的 C 类客户：10 个工作日未联系",
            "In talks, tier C: no contact for 10 working days",
            10,
            json!({"all": [in_talks(), tier("c")]}),
            vec![],
        ),
        silence(
            "洽谈中的客户：3 个工作日未联系",
            "In talks: no contact for 3 working days",
            3,
            in_talks(),
            vec![to(Manager, working_days(2))],
        ),
        (
            true,
            rule(
                "合同到期",
                "Contract ends",
                date("contract", "end_on"),
                json!({"field": "status", "op": "in", "value": ["signed", "performing"]}),
                vec![to(Owner, days(-30)), to(Owner, days(-7)), to(Owner, due), to(Manager, working_days(1))],
            ),
        ),
        (
            true,
            rule(
                "回款到期",
                "Payment due",
                date("payment_plan", "due_on"),
                json!({"field": "status", "op": "eq", "value": "planned"}),
                vec![
                    to(Owner, days(-3)),
                    to(Owner, due),
                    to(Manager, working_days(3)),
                    to(Director, working_days(10)),
                ],
            ),
        ),
        (
            true,
            rule(
                "联系人生日",
                "Birthday of a contact",
                yearly("contact", "birthday"),
                json!({"field": "left", "op": "ne", "value": true}),
                vec![to(Owner, days(-1)), to(Owner, due)],
            ),
        ),
        (
            true,
            rule(
                "合作周年",
                "Anniversary of cooperation",
                yearly("customer", "cooperation_since"),
                stage("eq", "won".into()),
                vec![to(Owner, days(-3))],
            ),
        ),
        recheck("成交客户资料复核", "Re-check of a won customer's data", "customer", won()),
        recheck(
            "成交客户联系人复核",
            "Re-check of a won customer's contact",
            "contact",
            json!({"all": [
                {"field": "left", "op": "ne", "value": true},
                {"field": "customer.stage", "op": "eq", "value": "won"},
            ]}),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use huike_model::{Lang, Moment};

    #[test]
    fn the_shipped_rules_fit_the_shipped_dictionary() {
        let schema = crate::dictionary::standard().unwrap();
        let zone = chrono_tz::Asia::Shanghai;
        let moment = Moment { now: 0, zone, lang: Lang::Zh, me: 0, departments: Vec::new() };
        for (_, definition) in rules() {
            let checked = definition.check(&schema, &moment);
            assert!(checked.is_ok(), "{}: {:?}", definition.name.en, checked.err());
            let text = serde_json::to_string(&definition).unwrap();
            assert_eq!(serde_json::from_str::<Definition>(&text).unwrap(), definition);
        }
    }
}
