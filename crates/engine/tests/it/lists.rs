//! Lists: pages, sorts, counts, selections.

use crate::company::{Company, ids, number};
use crate::specimen::{Dice, World};
use huike_model::{Code, Value};
use huike_store::testing::TestDb;
use huike_store::{Sql, query};
use serde_json::{Value as Json, json};
use std::cmp::Ordering;
use std::collections::HashMap;

/// Every page of a list, one after the other.
fn walk(world: &World, mut request: Json, limit: i64) -> Vec<String> {
    let cx = world.company.cx("boss");
    request["limit"] = limit.into();
    let mut all = Vec::new();
    loop {
        let page = world.company.list(&cx, "specimen", request.clone());
        let found = ids(&page);
        assert!(
            found.len() as i64 <= limit && (page["next_cursor"].is_null() || found.len() as i64 == limit)
        );
        all.extend(found);
        match &page["next_cursor"] {
            Json::Null => return all,
            cursor => request["cursor"] = cursor.clone(),
        }
    }
}

/// The stored sort keys of each specimen, live and deleted.
fn stored_keys(world: &World) -> HashMap<String, HashMap<String, Value>> {
    let object = world.company.system().object("specimen").unwrap().clone();
    let fields: Vec<(String, String)> = object
        .fields()
        .map(|field| (field.name.clone(), field.sort_column().unwrap_or_else(|| field.column.clone())))
        .collect();
    let columns: Vec<&str> = fields.iter().map(|(_, column)| column.as_str()).collect();
    let sql = Sql::raw(format!("select id, {} from specimen", columns.join(", ")));
    let rows = world.company.read(move |conn| Ok(conn.query(&sql)?));
    let by_number: HashMap<i64, &String> = world.specimens.iter().map(|id| (number(id), id)).collect();
    rows.iter()
        .map(|row| {
            let keys = fields
                .iter()
                .enumerate()
                .map(|(place, (name, _))| (name.clone(), query::value_of(row, place + 1)))
                .collect();
            (by_number[&row.int(0).unwrap()].clone(), keys)
        })
        .collect()
}

/// Empty first ascending and last descending; texts by their bytes; ties by id in the direction of the last key.
fn expected(world: &World, stored: &HashMap<String, HashMap<String, Value>>, sort: &[&str]) -> Vec<String> {
    let mut all = world.company.found(&world.company.cx("boss"), "specimen", json!({}));
    let rank = |value: &Value| match value {
        Value::Null => (0, 0, String::new()),
        Value::Int(number) => (1, *number, String::new()),
        Value::Text(text) => (1, 0, text.clone()),
    };
    all.sort_by(|a, b| {
        let mut order = Ordering::Equal;
        let mut descending = true;
        for key in sort {
            let name = key.trim_start_matches('-');
            descending = key.starts_with('-');
            let each = rank(&stored[a][name]).cmp(&rank(&stored[b][name]));
            order = order.then(if descending { each.reverse() } else { each });
        }
        let last = number(a).cmp(&number(b));
        order.then(if descending { last.reverse() } else { last })
    });
    all
}

fn every_sort_walks_every_record_exactly_once_in_order(db: &mut TestDb) {
    let world = World::new(db, 50);
    let stored = stored_keys(&world);
    let object = world.company.system().object("specimen").unwrap().clone();
    let names: Vec<String> = object
        .fields()
        .filter(|field| field.sortable() && field.name != "id")
        .map(|field| field.name.clone())
        .collect();
    assert!(names.len() > 25, "{names:?}");
    for name in &names {
        for key in [name.clone(), format!("-{name}")] {
            let expected = expected(&world, &stored, &[&key]);
            for limit in [1, 7, 200] {
                assert_eq!(
                    walk(&world, json!({"sort": [key], "fields": ["name"]}), limit),
                    expected,
                    "{key} by {limit}"
                );
            }
        }
    }
    let mut dice = Dice(99);
    for _ in 0..60 {
        let count = 2 + dice.below(2);
        let from = dice.below(names.len());
        let name = |place: usize| &names[(from + place * 7) % names.len()];
        let keys: Vec<String> =
            (0..count).map(|place| format!("{}{}", ["", "-"][dice.below(2)], name(place))).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let limit = 1 + dice.below(9) as i64;
        assert_eq!(
            walk(&world, json!({"sort": keys, "fields": ["name"]}), limit),
            expected(&world, &stored, &keys),
            "{keys:?} by {limit}"
        );
    }
    // The id is a key like any other, and ends the order.
    for (keys, same) in [
        (["id", "name"], ["id", "id"]),
        (["-id", "price"], ["-id", "-id"]),
        (["kind", "-id"], ["kind", "-id"]),
        (["-kind", "-id"], ["-kind", "-id"]),
    ] {
        assert_eq!(
            walk(&world, json!({"sort": keys, "fields": ["name"]}), 4),
            expected(&world, &stored, &same),
            "{keys:?}"
        );
    }
    // The rest of a list stays in its order when a page's last record changes or goes.
    let cx = world.company.cx("boss");
    let order = expected(&world, &stored, &["price"]);
    let page = world.company.list(&cx, "specimen", json!({"sort": ["price"], "limit": 10}));
    world.company.delete(&cx, "specimen", &order[9]);
    let rest = world.company.list(
        &cx,
        "specimen",
        json!({"sort": ["price"], "limit": 200, "cursor": page["next_cursor"]}),
    );
    assert_eq!(ids(&rest), order[10..]);
}

fn a_forged_or_foreign_cursor_is_refused(db: &mut TestDb) {
    let world = World::new(db, 6);
    let cx = world.company.cx("boss");
    let list = |object: &str, sort: &str, cursor: &str| {
        world.company.try_list(&cx, object, json!({"sort": [sort], "limit": 2, "cursor": cursor}))
    };
    let page = world.company.list(&cx, "specimen", json!({"sort": ["count"], "limit": 2}));
    let own = page["next_cursor"].as_str().unwrap().to_owned();
    assert!(list("specimen", "count", &own).is_ok());
    let id = &world.specimens[1];
    let forged = |json: Json| huike_vault::hex(json.to_string().as_bytes());
    let cursors = [
        ("specimen", "-count", own.clone()),
        ("specimen", "name", own.clone()),
        ("customer", "name", own.clone()),
        ("specimen", "count", String::new()),
        ("specimen", "count", "zz".into()),
        ("specimen", "count", own[2..].to_owned()),
        ("specimen", "count", forged(json!(["specimen:count", ["text"], id]))),
        ("specimen", "count", forged(json!(["specimen:count", [1, 2], id]))),
        ("specimen", "count", forged(json!(["specimen:count", [], id]))),
        ("specimen", "count", forged(json!(["specimen:count", [1], "drop table"]))),
        ("specimen", "count", forged(json!(["specimen:count", [{"a": 1}, 1], id]))),
        ("specimen", "name", forged(json!(["specimen:name", [17], id]))),
        ("specimen", "name", forged(json!(["specimen:name", ["a\u{0}"], id]))),
        ("specimen", "count", "🙂".repeat(10)),
    ];
    for (object, sort, cursor) in cursors {
        assert_eq!(
            list(object, sort, &cursor).unwrap_err().code,
            Code::BadCursor,
            "{object} {sort} {cursor}"
        );
    }
}

fn a_list_tells_every_fault_of_its_request(db: &mut TestDb) {
    let world = World::new(db, 1);
    let request = json!({"limit": 0, "sort": ["nowhere", "tags", "secret"], "fields": ["name", "nothing"], "expand": ["name", "owner"], "deleted": "yes"});
    let problem = world.company.try_list(&world.company.cx("boss"), "specimen", request).unwrap_err();
    let mut found: Vec<(&str, &str)> =
        problem.faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
    found.sort();
    assert_eq!(problem.code, Code::Invalid);
    assert_eq!(
        found,
        [
            ("deleted", "unknown"),
            ("limit", "range"),
            ("name", "unknown_field"),
            ("nothing", "unknown_field"),
            ("nowhere", "unknown_field"),
            ("secret", "not_sortable"),
            ("tags", "not_sortable")
        ]
    );
}

fn a_list_is_counted_selected_and_expanded_as_asked(db: &mut TestDb) {
    let company = Company::new(db);
    let anna = company.hire("anna", "sales", None);
    company.hire("bob", "sales", None);
    let system = company.system();
    let customer = company.create(&system, "customer", json!({"name": "示例公司", "owner": anna}));
    for place in 0..7 {
        company.create(&system, "contact", json!({"name": format!("联系人{place}"), "customer": customer}));
    }
    let page = company.list(&company.cx("anna"), "contact", json!({"count": "exact", "limit": 3, "fields": ["name", "customer", "owner"], "expand": ["customer"]}));
    assert_eq!((&page["count"], &page["count_exact"]), (&json!(7), &json!(true)));
    let first = page["items"][0].as_object().unwrap();
    assert_eq!(first.keys().collect::<Vec<_>>(), ["id", "version", "name", "customer", "owner"]);
    assert_eq!(first["customer"], json!({"id": customer, "name": "示例公司"}));
    assert_eq!(first["owner"], json!(anna));
    let page = company.list(&company.cx("bob"), "contact", json!({"count": "estimate"}));
    assert_eq!((&page["items"], &page["count"]), (&json!([]), &json!(0)));
    // The recycle bin is a list of its own.
    let gone = ids(&company.list(&system, "contact", json!({"limit": 1})))[0].clone();
    company.delete(&system, "contact", &gone);
    assert_eq!(ids(&company.list(&system, "contact", json!({"deleted": "only"}))), [gone.as_str()]);
    assert_eq!(company.list(&system, "contact", json!({"count": "exact"}))["count"], 6);
    assert_eq!(company.get(&system, "contact", &gone)["deleted_at"], "2026-03-02T01:00:00Z");
}

fn an_estimate_is_exact_up_to_a_thousand_and_says_when_it_is_none(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let operations = |from: usize, count: usize| -> Vec<Json> {
        let fields = |place: usize| json!({"name": format!("标签{place}"), "color": "blue"});
        (from..from + count).map(|place| json!({"op": "create", "fields": fields(place)})).collect()
    };
    let add = |from: usize, count: usize| {
        let request =
            serde_json::from_value(json!({"mode": "all", "operations": operations(from, count)})).unwrap();
        company.wait(company.engine.batch_records(system.clone(), "tag".into(), request)).unwrap();
    };
    let counted = |filter: Json| {
        let page = company.list(&system, "tag", json!({"count": "estimate", "limit": 1, "filter": filter}));
        (page["count"].as_i64().unwrap(), page["count_exact"].as_bool().unwrap())
    };
    add(0, 1_000);
    assert_eq!(counted(Json::Null), (1_000, true));
    add(1_000, 1_000);
    add(2_000, 500);
    // With statistics it is near; without it is as many as were looked at. It never claims to be exact.
    let (count, exact) = counted(Json::Null);
    assert!(!exact && (1_001..=2_600).contains(&count), "{count}");
    company.execute("analyze");
    let (count, exact) = counted(Json::Null);
    assert!(!exact && (2_300..=2_700).contains(&count), "{count}");
    let (count, exact) = counted(json!({"field": "name", "op": "starts_with", "value": "标签"}));
    assert!(!exact && count >= 1_001, "{count}");
    assert_eq!(counted(json!({"field": "name", "op": "eq", "value": "标签7"})), (1, true));
    let page = company.list(&system, "tag", json!({"count": "exact", "limit": 1}));
    assert_eq!((&page["count"], &page["count_exact"]), (&json!(2_500), &json!(true)));
}

fn expanding_asks_once_for_each_object_however_many_records_refer_to_it(db: &mut TestDb) {
    use huike_store::bare;
    let company = Company::new(db);
    let system = company.system();
    for place in 0..40 {
        let customer = company.create(&system, "customer", json!({"name": format!("客户{place}")}));
        let contact = company.create(
            &system,
            "contact",
            json!({"name": format!("联系人{place}"), "customer": customer}),
        );
        let talk = json!({"customer": customer, "contact": contact, "content": "拜访"});
        company.create(&system, "interaction", talk);
    }
    let asked = |limit: i64, expand: &[&str]| {
        bare::record();
        let page = company.list(&system, "interaction", json!({"limit": limit, "expand": expand}));
        let run = bare::recorded();
        assert_eq!(page["items"].as_array().unwrap().len() as i64, limit);
        let named = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| expand.iter().all(|name| item[name]["name"].is_string()));
        assert!(named);
        run.iter().filter(|statement| statement.sql.text().starts_with("select")).count()
    };
    // The first time keys and shares are read as well.
    asked(40, &["customer", "contact"]);
    let plain = asked(40, &[]);
    assert_eq!(asked(40, &["customer"]), plain + 1);
    assert_eq!(asked(40, &["customer", "contact"]), plain + 2);
    assert_eq!(asked(5, &["customer", "contact"]), plain + 2);
}

fn names_are_sorted_by_pinyin_and_people_by_their_surnames(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    for name in ["重庆机械", "北京电子", "安徽 A 厂", "acme", "中山五金", "长沙重工"] {
        company.create(&system, "customer", json!({"name": name}));
    }
    for name in ["单雄信", "曾国华", "陈明", "仇英", "周杰"] {
        company.create(&system, "contact", json!({"name": name}));
    }
    let names = |object: &str| -> Vec<String> {
        let page = company.list(&system, object, json!({"sort": ["name"]}));
        page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("customer"), ["acme", "安徽 A 厂", "北京电子", "长沙重工", "重庆机械", "中山五金"]);
    assert_eq!(names("contact"), ["陈明", "仇英", "单雄信", "曾国华", "周杰"]);
}

huike_store::on_both_databases!(
    every_sort_walks_every_record_exactly_once_in_order,
    a_forged_or_foreign_cursor_is_refused,
    a_list_tells_every_fault_of_its_request,
    a_list_is_counted_selected_and_expanded_as_asked,
    an_estimate_is_exact_up_to_a_thousand_and_says_when_it_is_none,
    expanding_asks_once_for_each_object_however_many_records_refer_to_it,
    names_are_sorted_by_pinyin_and_people_by_their_surnames,
);
