//! The dictionary at run time: what is added works at once, everywhere, and what is wrong is told.

use crate::company::{Company, MINUTE, faults, ids, members, problem};
use crate::specimen::{fields, samples};
use huike_model::{Code, Problem};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

fn add(company: &Company, object: &str, field: Json) -> Result<Json, Box<Problem>> {
    company.wait(company.engine.add_field(company.system(), object.into(), field)).map_err(problem)
}

fn change(company: &Company, object: &str, field: &str, changes: Json) -> Result<Json, Box<Problem>> {
    let changed =
        company.engine.change_field(company.system(), object.into(), field.into(), members(changes));
    company.wait(changed).map_err(problem)
}

fn retire(company: &Company, object: &str, field: &str, retired: bool) -> Result<(), Box<Problem>> {
    company
        .wait(company.engine.retire_field(company.system(), object.into(), field.into(), retired))
        .map_err(problem)
}

fn text(name: &str) -> Json {
    json!({"name": name, "type": "text", "label": {"zh": "新字段", "en": "New"}})
}

fn a_field_of_every_type_works_from_its_first_moment_while_others_read(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let old = company.create(&system, "tag", json!({"name": "重点"}));
    let customer = company.create(&system, "customer", json!({"name": "示例公司"}));
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let page = company.list(&company.system(), "tag", json!({"sort": ["name"]}));
                    assert_eq!(page["items"][0]["name"], "重点");
                }
            });
        }
        let _stop = Stop(&done);
        for mut field in fields() {
            let (name, kind) = (
                format!("x_{}", field["name"].as_str().unwrap()),
                field["type"].as_str().unwrap().to_owned(),
            );
            let samples = match kind.as_str() {
                "lookup" => vec![json!(customer)],
                _ => samples(field["name"].as_str().unwrap()),
            };
            match kind.as_str() {
                "lookup" => field["reference"] = "customer".into(),
                "formula" => field["formula"] = "x_count * 2.0".into(),
                "rollup" => field["rollup"] = json!({"object": "tagging", "via": "tag", "kind": "count"}),
                _ => {}
            }
            field["name"] = name.clone().into();
            field["required"] = false.into();
            let described =
                add(&company, "tag", field).unwrap_or_else(|problem| panic!("{name}: {problem} {problem:?}"));
            assert_eq!((&described["name"], &described["custom"]), (&json!(name), &json!(true)));
            let system = company.system();
            if let Some(value) = samples.first().filter(|_| !matches!(kind.as_str(), "formula" | "rollup")) {
                let id = company.create(
                    &system,
                    "tag",
                    json!({"name": format!("最后{name}"), name.clone(): value}),
                );
                let filled = json!({"field": name, "op": "not_empty"});
                assert_eq!(company.found(&system, "tag", filled), [id.as_str()], "{name}");
                company.delete(&system, "tag", &id);
            }
            if described["sortable"] == true {
                assert_eq!(ids(&company.list(&system, "tag", json!({"sort": [name]})))[0], old, "{name}");
            }
        }
    });
    let kinds: Vec<Json> =
        company.wait(company.engine.describe_object(company.system(), "tag".into())).unwrap()["fields"]
            .as_array()
            .unwrap()
            .clone();
    assert!(kinds.iter().filter(|field| field["custom"] == true).count() >= 30);
    // A restart finds it all.
    let again = Company::opened(db.store.clone(), db.clock.clone());
    assert_eq!(again.get(&again.system(), "tag", &old)["x_count"], Json::Null);
}

/// Sets a flag when a scope ends, however it ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn a_bad_definition_tells_every_fault(db: &mut TestDb) {
    let company = Company::new(db);
    let told = |field: Json| {
        let problem = add(&company, "tag", field).unwrap_err();
        assert_eq!(problem.code, Code::Invalid);
        for fault in &problem.faults {
            assert!(!fault.message.zh.is_ascii() && !fault.message.en.is_empty());
        }
        faults(&problem)
    };
    let label = json!({"zh": "字段", "en": "Field"});
    let codes = |found: Vec<(String, &'static str)>| {
        found.into_iter().map(|(field, code)| format!("{field} {code}")).collect::<Vec<_>>()
    };
    assert_eq!(
        codes(told(json!({"name": "Bad Name", "type": "text", "label": {"zh": "", "en": ""}}))),
        ["label required", "name format"]
    );
    assert_eq!(codes(told(json!({"name": "x", "type": "novel", "label": label}))), ["type unknown_option"]);
    assert_eq!(
        codes(told(json!({"name": "x", "type": "text", "label": label, "colour": 1}))),
        ["colour unknown_field"]
    );
    assert_eq!(codes(told(json!({"name": "name", "type": "text", "label": label}))), ["name taken"]);
    assert_eq!(codes(told(json!({"name": "owner", "type": "user", "label": label}))), ["name taken"]);
    assert_eq!(codes(told(json!({"name": "raw", "type": "text", "label": label}))), [" definition"]);
    let several = json!({"name": "x", "type": "choice", "label": label, "pattern": "(", "min": "abc", "encrypted": true, "scale": 9,
        "options": [{"value": "a|b", "label": label}, {"value": "c", "label": label}, {"value": "c", "label": label}]});
    assert!(told(several).len() >= 6);
    for bad in [
        json!({"type": "choice"}),
        json!({"type": "lookup"}),
        json!({"type": "lookup", "reference": "nowhere"}),
        json!({"type": "tree", "tree": "plants"}),
        json!({"type": "auto_number", "format": "no sequence"}),
        json!({"type": "formula"}),
        json!({"type": "formula", "formula": "1 +"}),
        json!({"type": "formula", "formula": "nowhere * 2.0"}),
        json!({"type": "formula", "formula": "x * 2.0"}),
        json!({"type": "rollup"}),
        json!({"type": "rollup", "rollup": {"object": "tagging", "via": "nowhere", "kind": "count"}}),
        json!({"type": "rollup", "rollup": {"object": "tagging", "via": "tag", "kind": "sum", "field": "nowhere"}}),
        json!({"type": "rollup", "rollup": {"object": "tagging", "via": "tag", "kind": "latest", "field": "created_at"}}),
        json!({"type": "rollup", "rollup": {"object": "tagging", "via": "tag", "kind": "count", "where": {"field": "nowhere", "op": "eq", "value": 1}}}),
        json!({"type": "rollup", "rollup": {"object": "tagging", "via": "tag", "kind": "count", "where": {"field": "created_at", "op": "within", "value": {"last": "7d"}}}}),
        json!({"type": "rollup", "rollup": {"object": "tagging", "via": "tag", "kind": "count", "where": {"field": "owner", "op": "eq", "value": "me"}}}),
        json!({"type": "rollup", "rollup": {"object": "tagging", "via": "tag", "kind": "count", "where": {"field": "tag.name", "op": "eq", "value": "x"}}}),
        json!({"type": "id_card", "encrypted": true}),
        json!({"type": "integer", "encrypted": true, "level": "core"}),
    ] {
        let mut field = bad.clone();
        field["name"] = "x".into();
        field["label"] = label.clone();
        assert!(!told(field).is_empty(), "{bad}");
    }
    let nobody = company
        .wait(company.engine.add_field(company.system(), "nothing".into(), text("x")))
        .map_err(problem);
    assert_eq!(nobody.unwrap_err().code, Code::NotFound);
    for object in [
        json!({"name": "customer", "label": label}),
        json!({"name": "setting", "label": label}),
        json!({"name": "Thing", "label": label}),
        json!({"label": label}),
        json!({"name": "thing", "label": label, "name_field": "nowhere"}),
        json!({"name": "thing", "label": label, "fields": [{"name": "a"}]}),
    ] {
        let refused = company
            .wait(company.engine.add_object(company.system(), object.clone()))
            .map_err(problem)
            .unwrap_err();
        assert_eq!(refused.code, Code::Invalid, "{object}");
    }
    company.hire("anna", "sales", None);
    let refused =
        company.wait(company.engine.add_field(company.cx("anna"), "tag".into(), text("x"))).map_err(problem);
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    assert!(add(&company, "tag", text("x")).is_ok());
}

fn a_retired_field_keeps_its_values(db: &mut TestDb) {
    let company = Company::new(db);
    add(&company, "tag", text("motto")).unwrap();
    let id = company.create(&company.system(), "tag", json!({"name": "重点", "motto": "要常联系"}));
    retire(&company, "tag", "motto", true).unwrap();
    let system = company.system();
    assert!(company.get(&system, "tag", &id).get("motto").is_none());
    assert_eq!(
        company.try_list(&system, "tag", json!({"sort": ["motto"]})).unwrap_err().faults[0].code,
        "unknown_field"
    );
    assert_eq!(
        company.try_update(&system, "tag", &id, None, json!({"motto": "x"})).unwrap_err().faults[0].code,
        "unknown_field"
    );
    assert_eq!(faults(&add(&company, "tag", text("motto")).unwrap_err()), [("name".to_owned(), "taken")]);
    company.update(&system, "tag", &id, json!({"name": "非重点"}));
    retire(&company, "tag", "motto", false).unwrap();
    assert_eq!(company.get(&company.system(), "tag", &id)["motto"], "要常联系");
    // What others stand on stays.
    assert_eq!(retire(&company, "tag", "name", true).unwrap_err().code, Code::Invalid);
    assert_eq!(retire(&company, "order", "amount", true).unwrap_err().code, Code::Invalid);
    assert_eq!(retire(&company, "interaction", "occurred_at", true).unwrap_err().code, Code::Invalid);
    assert_eq!(retire(&company, "tag", "nothing", true).unwrap_err().code, Code::NotFound);
    assert_eq!(retire(&company, "tag", "owner", true).unwrap_err().code, Code::NotFound);
}

fn a_definition_changes_where_values_stay_what_they_are(db: &mut TestDb) {
    let company = Company::new(db);
    add(&company, "tag", text("code")).unwrap();
    let system = company.system();
    company.create(&system, "tag", json!({"name": "一", "code": "A"}));
    let twin = company.create(&system, "tag", json!({"name": "二", "code": "A"}));
    for frozen in [
        json!({"type": "integer"}),
        json!({"name": "other"}),
        json!({"encrypted": true, "level": "core"}),
        json!({"scale": 3}),
    ] {
        assert_eq!(
            change(&company, "tag", "code", frozen.clone()).unwrap_err().faults[0].code,
            "frozen",
            "{frozen}"
        );
    }
    assert_eq!(
        faults(&change(&company, "tag", "code", json!({"unique": true})).unwrap_err()),
        [("unique".to_owned(), "not_unique")]
    );
    company.update(&system, "tag", &twin, json!({"code": "B"}));
    change(&company, "tag", "code", json!({"unique": true, "label": {"zh": "编码", "en": "Code"}})).unwrap();
    let refused =
        company.try_create(&company.system(), "tag", json!({"name": "三", "code": "A"})).unwrap_err();
    assert_eq!(
        (faults(&refused), refused.faults[0].message.zh.as_str()),
        (vec![("code".to_owned(), "not_unique")], "已有记录使用了相同的编码")
    );
    change(&company, "tag", "code", json!({"unique": false})).unwrap();
    company.create(&company.system(), "tag", json!({"name": "三", "code": "A"}));
    change(&company, "tag", "code", json!({"required": true})).unwrap();
    assert_eq!(
        faults(&company.try_create(&company.system(), "tag", json!({"name": "四"})).unwrap_err()),
        [("code".to_owned(), "required")]
    );
    // Standard fields change the same way.
    change(&company, "customer", "short_name", json!({"label": {"zh": "俗称", "en": "Nickname"}})).unwrap();
    let described =
        company.wait(company.engine.describe_object(company.system(), "customer".into())).unwrap();
    let field = described["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["name"] == "short_name")
        .unwrap()
        .clone();
    assert_eq!((&field["label"]["zh"], &field["custom"]), (&json!("俗称"), &json!(false)));
}

fn figures_added_later_are_worked_out_for_what_is_there(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let customer = company.create(&system, "customer", json!({"name": "示例公司"}));
    let empty = company.create(&system, "customer", json!({"name": "空公司"}));
    for amount in [100, 250] {
        company.create(
            &system,
            "opportunity",
            json!({"name": "商机", "customer": customer, "amount": amount}),
        );
    }
    let gone =
        company.create(&system, "opportunity", json!({"name": "商机", "customer": customer, "amount": 9000}));
    company.delete(&system, "opportunity", &gone);
    let label = json!({"zh": "新指标", "en": "Figure"});
    let rollup =
        |kind: &str| json!({"object": "opportunity", "via": "customer", "kind": kind, "field": "amount"});
    add(
        &company,
        "customer",
        json!({"name": "largest", "type": "rollup", "label": label, "rollup": rollup("max")}),
    )
    .unwrap();
    add(
        &company,
        "customer",
        json!({"name": "total", "type": "rollup", "label": label, "rollup": rollup("sum")}),
    )
    .unwrap();
    add(&company, "customer", json!({"name": "share", "type": "formula", "label": label, "formula": "largest / total * 100.0", "result": "percent", "scale": 2})).unwrap();
    let figures = |id: &str| {
        let record = company.get(&company.system(), "customer", id);
        (record["largest"].clone(), record["total"].clone(), record["share"].clone())
    };
    assert_eq!(figures(&customer), (json!(250), json!(350), json!(71.43)));
    assert_eq!(figures(&empty), (Json::Null, json!(0), Json::Null));
    assert_eq!(company.get(&company.system(), "customer", &customer)["version"], 1);
    company.create(
        &company.system(),
        "opportunity",
        json!({"name": "商机", "customer": customer, "amount": 650}),
    );
    assert_eq!(figures(&customer), (json!(650), json!(1000), json!(65)));
    // A changed roll-up takes what stands on it along.
    change(&company, "customer", "largest", json!({"rollup": rollup("min")})).unwrap();
    assert_eq!(figures(&customer), (json!(100), json!(1000), json!(10)));
    // Retired figures are brought up to date when they come back.
    retire(&company, "customer", "share", true).unwrap();
    retire(&company, "customer", "total", true).unwrap();
    company.create(
        &company.system(),
        "opportunity",
        json!({"name": "商机", "customer": customer, "amount": 1000}),
    );
    retire(&company, "customer", "total", false).unwrap();
    retire(&company, "customer", "share", false).unwrap();
    assert_eq!(figures(&customer), (json!(100), json!(2000), json!(5)));
}

fn an_object_made_at_run_time_is_like_any_other(db: &mut TestDb) {
    let company = Company::new(db);
    company.hire("anna", "sales", None);
    let definition = json!({"name": "machine", "label": {"zh": "设备", "en": "Machine"}, "search": true, "timeline": true, "owner": "from:customer", "fields": [
        {"name": "name", "type": "text", "label": {"zh": "名称", "en": "Name"}, "required": true, "searchable": true, "sort": "pinyin"},
        {"name": "customer", "type": "lookup", "label": {"zh": "客户", "en": "Customer"}, "reference": "customer", "on_delete": "cascade"},
        {"name": "power", "type": "decimal", "label": {"zh": "功率", "en": "Power"}, "scale": 1}],
        "rules": [{"name": "positive", "check": "power == null || power > 0.0", "field": "power", "message": {"zh": "功率要大于 0", "en": "Power must be positive"}}]});
    let described = company.wait(company.engine.add_object(company.system(), definition)).unwrap();
    assert_eq!((&described["custom"], &described["can"]["create"]), (&json!(true), &json!(true)));
    let anna = company.cx("anna");
    let customer = company.create(&anna, "customer", json!({"name": "示例公司"}));
    let machine =
        company.create(&anna, "machine", json!({"name": "五轴机床", "customer": customer, "power": 7.5}));
    assert_eq!(
        faults(&company.try_update(&anna, "machine", &machine, None, json!({"power": -1})).unwrap_err()),
        [("power".to_owned(), "rule")]
    );
    assert_eq!(
        company.found(&anna, "machine", json!({"field": "customer.name", "op": "contains", "value": "示例"})),
        [machine.as_str()]
    );
    let hits = company
        .wait(company.engine.search(
            anna.clone(),
            huike_engine::search::find::SearchRequest { q: "wzjc".into(), ..Default::default() },
        ))
        .unwrap();
    assert_eq!(ids(&hits), [machine.as_str()]);
    let overview = company
        .wait(company.engine.record_overview(
            anna.clone(),
            "customer".into(),
            crate::company::number(&customer),
        ))
        .unwrap();
    assert!(
        overview["related"]
            .as_array()
            .unwrap()
            .iter()
            .any(|each| each["object"] == "machine" && each["count"] == 1)
    );
    let changed = company
        .wait(company.engine.change_object(
            company.system(),
            "machine".into(),
            members(json!({"label": {"zh": "机器", "en": "Machine"}})),
        ))
        .unwrap();
    assert_eq!(changed["label"]["zh"], "机器");
    let refused = company
        .wait(company.engine.change_object(
            company.system(),
            "machine".into(),
            members(json!({"fields": [], "name": "x"})),
        ))
        .map_err(problem);
    assert_eq!(faults(&refused.unwrap_err()).len(), 2);
    company.delete(&company.system(), "customer", &customer);
    assert_eq!(
        company.try_get(&anna, "machine", &machine).unwrap()["deleted_at"],
        company.try_get(&anna, "customer", &customer).unwrap()["deleted_at"]
    );
}

/// Two nodes on one PostgreSQL.
#[test]
fn another_node_knows_a_new_field_from_the_log() {
    let db = TestDb::postgres();
    let here = Company::new(&db);
    let store = huike_store::Store::open_blocking(db.location(), db.options()).unwrap();
    let there = Company::opened(store, db.clock.clone());
    there.runtime.spawn(huike_engine::jobs::follow(there.engine.clone()));
    there.wait(there.engine.renew()).unwrap();
    let id = here.create(&here.system(), "tag", json!({"name": "重点"}));
    add(&here, "tag", text("motto")).unwrap();
    here.update(&here.system(), "tag", &id, json!({"motto": "要常联系"}));
    here.department("新部门", None);
    let known = there.wait(async {
        for _ in 0..200 {
            let cx = there.engine.cx(huike_engine::Caller::system(huike_engine::Via::System)).unwrap();
            if cx.schema.object("tag").unwrap().field("motto").is_some() && cx.org.departments().count() == 1
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    });
    assert!(known);
    assert_eq!(there.get(&there.system(), "tag", &id)["motto"], "要常联系");
    there.update(&there.system(), "tag", &id, json!({"motto": "每周联系"}));
    assert_eq!(here.get(&here.system(), "tag", &id)["motto"], "每周联系");
    // The same name is taken on both, known or not; the other's writes on the old dictionary go through meanwhile.
    let stale = there.system();
    add(&here, "tag", text("slogan")).unwrap();
    there.update(&stale, "tag", &id, json!({"motto": "每天联系"}));
    let twin = there.wait(there.engine.add_field(stale, "tag".into(), text("slogan"))).map_err(problem);
    assert_eq!(faults(&twin.unwrap_err()), [("name".to_owned(), "taken")]);
}

/// Two nodes that start at once on an empty database make one dictionary and one set of keys.
#[test]
fn two_nodes_may_start_together() {
    let db = TestDb::postgres();
    let store = || huike_store::Store::open_blocking(db.location(), db.options()).unwrap();
    let (one, two) = std::thread::scope(|scope| {
        let open = || Company::opened(store(), db.clock.clone());
        let (one, two) = (scope.spawn(open), scope.spawn(open));
        (one.join().unwrap(), two.join().unwrap())
    });
    let id = one.create(&one.system(), "contact", json!({"name": "张三", "mobile": "16420031240"}));
    assert_eq!(two.get(&two.system(), "contact", &id)["mobile"], "+8616420031240");
    assert_eq!(
        two.found(&two.system(), "contact", json!({"field": "mobile", "op": "eq", "value": "16420031240"})),
        [id]
    );
    one.clock.advance_ms(MINUTE);
}

huike_store::on_both_databases!(
    a_field_of_every_type_works_from_its_first_moment_while_others_read,
    a_bad_definition_tells_every_fault,
    a_retired_field_keeps_its_values,
    a_definition_changes_where_values_stay_what_they_are,
    figures_added_later_are_worked_out_for_what_is_there,
    an_object_made_at_run_time_is_like_any_other,
);
