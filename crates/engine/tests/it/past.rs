//! What happened to a record, and the record as it was.

use crate::company::{Company, MINUTE, members, number, problem};
use crate::specimen::{Dice, World, fields, samples};
use huike_engine::Cx;
use huike_engine::records::timeline::TimelineRequest;
use huike_model::Code;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

/// What is kept of a record by the log: everything that isn't worked out.
fn kept(world: &World, mut record: Json) -> Json {
    let object = world.company.system().object("specimen").unwrap().clone();
    let computed: Vec<String> = object
        .fields()
        .filter(|field| field.computed() && field.format.is_none())
        .map(|field| field.name.clone())
        .collect();
    let members = record.as_object_mut().unwrap();
    members.retain(|name, _| !name.starts_with('_') && !computed.contains(name));
    record
}

fn a_record_is_exactly_what_it_was_at_any_time(db: &mut TestDb) {
    let world = World::new(db, 2);
    let (company, system) = (&world.company, world.company.system());
    let id = company.create(&system, "specimen", json!({"name": "起初", "secret": "Ab", "count": 1}));
    let born = company.engine.now();
    let mut states = vec![(born, kept(&world, company.get(&system, "specimen", &id)))];
    let mut dice = Dice(5);
    let names: Vec<String> = fields()
        .iter()
        .map(|field| field["name"].as_str().unwrap().to_owned())
        .filter(|name| !samples(name).is_empty())
        .collect();
    for round in 0..40 {
        company.clock.advance_ms(MINUTE);
        let system = company.system();
        let deleted = company.get(&system, "specimen", &id)["deleted_at"] != Json::Null;
        if deleted {
            company.try_restore(&system, "specimen", &id).unwrap();
        } else if round % 7 == 6 {
            company.delete(&system, "specimen", &id);
        } else {
            let mut body = json!({});
            for _ in 0..1 + dice.below(4) {
                let name = &names[dice.below(names.len())];
                let choices = samples(name);
                let pick = dice.below(choices.len() + 1);
                if !matches!(name.as_str(), "doubled" | "children")
                    && (name != "name" || pick < choices.len())
                {
                    body[name] = choices.get(pick).cloned().unwrap_or_default();
                }
            }
            company.update(&system, "specimen", &id, body);
        }
        states.push((company.engine.now(), kept(&world, company.get(&company.system(), "specimen", &id))));
    }
    let at = |time: i64| {
        company.wait(company.engine.record_at(company.system(), "specimen".into(), number(&id), time))
    };
    for (time, state) in &states {
        assert_eq!(kept(&world, at(*time).unwrap()), *state, "at {time}");
        assert_eq!(kept(&world, at(*time + MINUTE - 1).unwrap()), *state, "just before the next");
    }
    assert_eq!(at(born - 1).map_err(problem).unwrap_err().code, Code::NotFound);
    // The history tells the same changes, newest first, whatever the page.
    let entries = |limit: i64| {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = company
                .wait(company.engine.record_history(
                    company.system(),
                    "specimen".into(),
                    number(&id),
                    None,
                    limit,
                    cursor,
                ))
                .unwrap();
            all.extend(page["items"].as_array().unwrap().clone());
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return all;
            }
        }
    };
    let all = entries(200);
    assert_eq!(all.last().unwrap()["op"], "create");
    assert_eq!(entries(3), all);
    for change in all.iter().flat_map(|entry| entry["changes"].as_array().unwrap()) {
        assert_ne!(change["before"], change["after"]);
    }
    // Of one field: the same changes, without those that left it alone.
    for field in ["name", "count"] {
        let of = |change: &&Json| change["field"] == field;
        let told: Vec<&Json> =
            all.iter().flat_map(|entry| entry["changes"].as_array().unwrap()).filter(of).collect();
        let page = company.wait(company.engine.record_history(
            company.system(),
            "specimen".into(),
            number(&id),
            Some(field.into()),
            200,
            None,
        ));
        let page = page.unwrap();
        let asked: Vec<&Json> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|entry| entry["changes"].as_array().unwrap())
            .collect();
        assert_eq!(asked, told, "{field}");
        assert!(!told.is_empty(), "{field}");
    }
    let unknown = company.wait(company.engine.record_history(
        company.system(),
        "specimen".into(),
        number(&id),
        Some("unicorn".into()),
        3,
        None,
    ));
    assert_eq!(unknown.map_err(problem).unwrap_err().faults[0].code, "unknown_field");
    let refused = company.wait(company.engine.record_history(
        system,
        "specimen".into(),
        number(&id),
        None,
        3,
        Some("zz".into()),
    ));
    assert_eq!(refused.map_err(problem).unwrap_err().code, Code::BadCursor);
}

/// Every page of a customer's timeline.
fn timeline(company: &Company, cx: &Cx, id: &str, limit: i64, kinds: &[&str]) -> Vec<Json> {
    let (mut all, mut cursor) = (Vec::new(), None);
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    loop {
        let request = TimelineRequest { limit: Some(limit), cursor, kinds: kinds.clone() };
        let page = company
            .wait(company.engine.record_timeline(cx.clone(), "customer".into(), number(id), request))
            .unwrap();
        assert!(page["items"].as_array().unwrap().len() as i64 <= limit);
        all.extend(page["items"].as_array().unwrap().clone());
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            return all;
        }
    }
}

fn a_timeline_merges_everything_without_gaps_or_doubles(db: &mut TestDb) {
    let company = Company::new(db);
    let anna = company.hire("anna", "sales", None);
    company.hire("bob", "sales", None);
    let customer = company.create(&company.system(), "customer", json!({"name": "示例公司", "owner": anna}));
    let mut dice = Dice(11);
    for round in 0..60 {
        // Some things happen at the very same moment.
        company.clock.advance_ms(dice.below(3) as i64 * MINUTE);
        let system = company.system();
        match dice.below(5) {
            0 => drop(company.create(
                &system,
                "interaction",
                json!({"customer": customer, "content": format!("谈话{round}"), "owner": anna}),
            )),
            1 => drop(company.create(
                &system,
                "task",
                json!({"customer": customer, "title": format!("任务{round}"), "owner": anna}),
            )),
            2 => drop(company.create(
                &system,
                "interaction",
                json!({"customer": customer, "content": "很久以前", "occurred_at": "1969-05-01T00:00:00Z"}),
            )),
            3 => drop(company.update(
                &system,
                "customer",
                &customer,
                json!({"short_name": format!("简称{round}")}),
            )),
            _ => drop(company.update(
                &system,
                "customer",
                &customer,
                json!({"remark": format!("只给负责人看{round}")}),
            )),
        }
    }
    let anna = company.cx("anna");
    let all = timeline(&company, &anna, &customer, 200, &[]);
    assert!(all.len() >= 60);
    let mut times: Vec<&str> = all.iter().map(|item| item["at"].as_str().unwrap()).collect();
    let sorted = {
        let mut sorted = times.clone();
        sorted.sort_by(|a, b| b.cmp(a));
        sorted
    };
    assert_eq!(times, sorted);
    times.dedup();
    let mut ids: Vec<&str> = all.iter().map(|item| item["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len());
    for limit in [1, 3, 10] {
        assert_eq!(timeline(&company, &anna, &customer, limit, &[]), all, "by {limit}");
    }
    // A colleague sees what they may; what they may not see makes no holes.
    let bob = company.cx("bob");
    let seen = timeline(&company, &bob, &customer, 200, &[]);
    assert!(!seen.is_empty() && !json!(seen).to_string().contains("只给负责人看"));
    assert_eq!(
        seen.iter().filter(|item| item["kind"] == "change").count(),
        all.iter().filter(|item| item["changes"][0]["field"] == "short_name").count()
    );
    for limit in [1, 2, 7] {
        assert_eq!(timeline(&company, &bob, &customer, limit, &[]), seen, "by {limit}");
    }
    let tasks = timeline(&company, &anna, &customer, 4, &["task"]);
    assert!(!tasks.is_empty() && tasks.iter().all(|item| item["kind"] == "task"));
    // One talk that is linked twice to the same customer is one talk.
    let contact = company.create(&company.system(), "contact", json!({"name": "张三", "customer": customer}));
    let request = members(json!({"customer": customer, "contact": contact, "content": "面谈"}));
    company
        .wait(company.engine.create_record(
            company.system(),
            "interaction".into(),
            request,
            Default::default(),
        ))
        .unwrap();
    assert_eq!(
        timeline(&company, &company.cx("anna"), &customer, 200, &["interaction"])
            .iter()
            .filter(|item| item["text"] == "面谈")
            .count(),
        1
    );
}

huike_store::on_both_databases!(
    a_record_is_exactly_what_it_was_at_any_time,
    a_timeline_merges_everything_without_gaps_or_doubles,
);
