//! The one pipeline of every write: what it fills, checks, keeps and refuses.

use crate::company::{Company, DAY, faults, ids, number, problem};
use huike_engine::records::batch::BatchRequest;
use huike_model::{Code, Lang};
use huike_store::Dialect;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

fn a_new_record_gets_its_defaults_number_owner_and_department(db: &mut TestDb) {
    let company = Company::new(db);
    let south = company.department("华南部", None);
    let anna = company.hire("anna", "sales", Some(&south));
    let made =
        company.try_create(&company.cx("anna"), "customer", json!({"name": "示例机械有限公司"})).unwrap();
    assert_eq!(made["kind"], "company");
    assert_eq!(made["stage"], "lead");
    assert_eq!(made["budget_confirmed"], false);
    assert_eq!(made["number"], "KH-202603-00001");
    assert_eq!((made["owner"].as_str(), made["department"].as_str()), (Some(&*anna), Some(&*south)));
    assert_eq!((made["created_by"].as_str(), made["version"].as_i64()), (Some(&*anna), Some(1)));
    assert_eq!(made["created_at"], "2026-03-02T01:00:00Z");
    assert_eq!(made["_can"], json!({"update": true, "delete": false, "share": true}));
}

fn every_fault_is_told_at_once_in_both_languages(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let body = json!({
        "name": "",
        "stage": "nowhere",
        "founded_on": "昨天之前",
        "nonsense": 1,
        "parent": company.department("不是客户", None),
        "website": 17,
    });
    let problem = company.try_create(&system, "customer", body).unwrap_err();
    assert_eq!(problem.code, Code::Invalid);
    let found = faults(&problem);
    let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["founded_on", "name", "nonsense", "parent", "parent_relation", "stage", "website"]);
    for fault in &problem.faults {
        assert!(!fault.message.zh.is_ascii(), "{:?}", fault.message);
        assert!(!fault.message.en.is_empty() && fault.message.en != fault.message.zh, "{:?}", fault.message);
    }
    let (zh, en) = (problem.to_json(Lang::Zh), problem.to_json(Lang::En));
    assert_ne!(zh["errors"], en["errors"]);
}

fn what_may_not_be_written_is_refused_by_name(db: &mut TestDb) {
    let company = Company::new(db);
    company.hire("anna", "sales", None);
    let anna = company.cx("anna");
    let body = json!({"name": "示例公司", "number": "KH-1", "lifetime_value": 5, "created_at": "2020-01-01T00:00:00Z", "credit_limit": 9, "zzz": 1});
    let problem = company.try_create(&anna, "customer", body).unwrap_err();
    let expected = [
        ("created_at", "read_only"),
        ("credit_limit", "read_only"),
        ("lifetime_value", "read_only"),
        ("number", "read_only"),
        ("zzz", "unknown_field"),
    ];
    assert_eq!(faults(&problem), expected.map(|(field, code)| (field.to_owned(), code)));
    // What an answer carries may come back: id, version and the like are passed over.
    let id = company.create(&anna, "customer", json!({"name": "示例公司"}));
    let back = json!({"id": id, "version": 7, "_can": {}, "_masked": [], "name": "示例公司二"});
    assert_eq!(company.update(&anna, "customer", &id, back)["name"], "示例公司二");
}

fn a_hidden_field_and_one_that_does_not_exist_give_the_same_fault(db: &mut TestDb) {
    let company = Company::new(db);
    company.hire("mary", "steward", None);
    let mary = company.cx("mary");
    let code = |body: Json| faults(&company.try_create(&mary, "customer", body).unwrap_err());
    let hidden = code(json!({"name": "示例公司", "bank_account": "622200001111"}));
    let absent = code(json!({"name": "示例公司", "bank_accounts": "622200001111"}));
    assert_eq!(hidden[0].1, absent[0].1);
    assert_eq!(hidden.len(), absent.len());
}

fn a_unique_value_is_unique_among_live_records_only(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let product = |code: &str| json!({"name": "减速机", "code": code});
    let first = company.create(&system, "product", product("P-1"));
    let problem = company.try_create(&system, "product", product("P-1")).unwrap_err();
    assert_eq!((problem.code, faults(&problem)), (Code::Invalid, vec![("code".to_owned(), "not_unique")]));
    company.delete(&system, "product", &first);
    let second = company.create(&system, "product", product("P-1"));
    let refused = company.try_restore(&system, "product", &first).unwrap_err();
    assert_eq!((refused.code, faults(&refused)), (Code::Invalid, vec![("code".to_owned(), "not_unique")]));
    company.delete(&system, "product", &second);
    assert_eq!(company.try_restore(&system, "product", &first).unwrap()["code"], "P-1");
    // Changing into a taken value is refused as well.
    let third = company.create(&system, "product", product("P-3"));
    let refused = company.try_update(&system, "product", &third, None, json!({"code": "P-1"})).unwrap_err();
    assert_eq!(faults(&refused), vec![("code".to_owned(), "not_unique")]);
    // Several empty values are no twins.
    company.department("一部", None);
    company.department("二部", None);
}

fn what_was_typed_is_kept_beside_what_it_means(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let id =
        company.create(&system, "customer", json!({"name": "  示例公司  ", "phone": "（0571）9888 1234"}));
    assert_eq!(company.get(&system, "customer", &id)["phone"], "+8657198881234");
    let raw = || company.texts(&format!("select raw from customer where id = {}", number(&id)))[0].clone();
    let kept: Json = serde_json::from_str(&raw().unwrap()).unwrap();
    assert_eq!(kept["phone"], "（0571）9888 1234");
    company.update(&system, "customer", &id, json!({"short_name": "示例"}));
    assert_eq!(serde_json::from_str::<Json>(&raw().unwrap()).unwrap()["phone"], "（0571）9888 1234");
    company.update(&system, "customer", &id, json!({"phone": null}));
    let after: Option<Json> = raw().map(|raw| serde_json::from_str(&raw).unwrap());
    assert!(after.is_none_or(|raw| raw.get("phone").is_none()));
}

fn a_stale_write_is_refused_and_shows_the_record_as_it_is(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let id = company.create(&system, "customer", json!({"name": "示例公司"}));
    let changed = company.try_update(&system, "customer", &id, Some(1), json!({"tier": "a"})).unwrap();
    assert_eq!(changed["version"], 2);
    let stale = company.try_update(&system, "customer", &id, Some(1), json!({"tier": "b"})).unwrap_err();
    assert_eq!(stale.code, Code::Stale);
    assert_eq!(
        (&stale.extra["current"]["version"], &stale.extra["current"]["tier"]),
        (&json!(2), &json!("a"))
    );
    let stale =
        company.wait(company.engine.delete_record(system.clone(), "customer".into(), number(&id), Some(1)));
    assert_eq!(stale.map_err(problem).unwrap_err().code, Code::Stale);
    // Nothing changed, nothing written.
    company.update(&system, "customer", &id, json!({"tier": "a"}));
    assert_eq!(company.get(&system, "customer", &id)["version"], 2);
    assert_eq!(company.logged("customer", &id, "update"), 1);
}

fn the_department_follows_a_new_owner(db: &mut TestDb) {
    let company = Company::new(db);
    let (south, north) = (company.department("华南部", None), company.department("华北部", None));
    let (anna, bob) =
        (company.hire("anna", "sales", Some(&south)), company.hire("bob", "sales", Some(&north)));
    let system = company.system();
    let id = company.create(&system, "customer", json!({"name": "示例公司", "owner": anna}));
    assert_eq!(company.get(&system, "customer", &id)["department"].as_str(), Some(&*south));
    assert_eq!(
        company.update(&system, "customer", &id, json!({"owner": bob}))["department"].as_str(),
        Some(&*north)
    );
    assert_eq!(
        company.update(&system, "customer", &id, json!({"owner": anna, "department": north}))["department"]
            .as_str(),
        Some(&*north)
    );
    assert_eq!(company.update(&system, "customer", &id, json!({"owner": null}))["department"], Json::Null);
    // A contact belongs to whom its customer belongs to.
    company.update(&system, "customer", &id, json!({"owner": bob}));
    let contact = company.create(&company.cx("anna"), "contact", json!({"name": "张三"}));
    assert_eq!(company.get(&system, "contact", &contact)["owner"].as_str(), Some(&*anna));
    let contact = company.create(&system, "contact", json!({"name": "李四", "customer": id}));
    assert_eq!(company.get(&system, "contact", &contact)["owner"].as_str(), Some(&*bob));
}

fn a_reference_leads_to_a_live_record_in_reach(db: &mut TestDb) {
    let company = Company::new(db);
    let (anna, _) = (company.hire("anna", "sales", None), company.hire("bob", "sales", None));
    let system = company.system();
    let hers = company.create(
        &system,
        "opportunity",
        json!({"name": "商机", "owner": anna, "amount": 1, "customer":
        company.create(&system, "customer", json!({"name": "示例公司", "owner": anna}))}),
    );
    let body = |opportunity: &str| json!({"title": "打电话", "opportunity": opportunity});
    company.create(&company.cx("anna"), "task", body(&hers));
    let refused = company.try_create(&company.cx("bob"), "task", body(&hers)).unwrap_err();
    assert_eq!(faults(&refused), vec![("opportunity".to_owned(), "unknown_reference")]);
    let gone = company.create(
        &system,
        "opportunity",
        json!({"name": "商机二", "owner": anna, "amount": 1, "customer":
        company.create(&system, "customer", json!({"name": "另一公司", "owner": anna}))}),
    );
    company.delete(&system, "opportunity", &gone);
    let refused = company.try_create(&system, "task", body(&gone)).unwrap_err();
    assert_eq!(faults(&refused), vec![("opportunity".to_owned(), "unknown_reference")]);
}

fn a_tree_never_bites_its_own_tail(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let top = company.department("总部", None);
    let below = company.department("分部", Some(&top));
    let lowest = company.department("小组", Some(&below));
    for parent in [&top, &below, &lowest] {
        let refused =
            company.try_update(&system, "department", &top, None, json!({"parent": parent})).unwrap_err();
        assert_eq!(faults(&refused), vec![("parent".to_owned(), "circular")]);
    }
    company.update(&system, "department", &lowest, json!({"parent": top}));
}

fn a_deleted_parent_takes_its_children_along_loses_them_or_is_held(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let group = company.create(&system, "customer", json!({"name": "集团公司"}));
    let branch = company.create(
        &system,
        "customer",
        json!({"name": "分公司", "parent": group, "parent_relation": "branch"}),
    );
    let talk = company.create(&system, "interaction", json!({"customer": group, "content": "电话沟通"}));
    let contact = company.create(&system, "contact", json!({"name": "张三", "customer": group}));
    let order = company.create(&system, "order", json!({"customer": group, "amount": 100}));
    let product = company.create(&system, "product", json!({"name": "减速机", "code": "P-1"}));
    let line = company.create(&system, "order_line", json!({"order": order, "product": product, "price": 3}));

    let held = company.try_delete(&system, "customer", &group).unwrap_err();
    assert_eq!((held.code, faults(&held)), (Code::Conflict, vec![(String::new(), "referenced")]));
    assert_eq!(company.try_get(&system, "interaction", &talk).unwrap()["content"], "电话沟通");

    company.delete(&system, "order", &order);
    assert_eq!(
        company.list(&system, "order_line", json!({"deleted": "only"}))["items"][0]["id"].as_str(),
        Some(&*line)
    );
    company.delete(&system, "customer", &group);
    assert_eq!(company.get(&system, "customer", &branch)["parent"], Json::Null);
    assert_eq!(company.get(&system, "contact", &contact)["customer"], Json::Null);
    assert_eq!(company.list(&system, "interaction", json!({}))["items"], json!([]));
    assert_eq!(company.logged("interaction", &talk, "delete"), 1);
    assert_eq!(company.logged("contact", &contact, "update"), 1);
    // Back from the bin.
    assert_eq!(company.try_restore(&system, "customer", &group).unwrap()["name"], "集团公司");
    assert_eq!(company.try_restore(&system, "customer", &group).unwrap_err().code, Code::NotFound);
    assert_eq!(company.logged("customer", &group, "restore"), 1);
}

fn a_next_step_makes_its_task_exactly_once(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let customer = company.create(&system, "customer", json!({"name": "示例公司"}));
    let talk = json!({"customer": customer, "content": "谈了价格", "next_step": "发报价单", "next_step_at": "2026-03-05T01:00:00Z"});
    let talk = company.create(&system, "interaction", talk);
    let tasks = || company.list(&system, "task", json!({}))["items"].as_array().unwrap().clone();
    assert_eq!(tasks().len(), 1);
    assert_eq!(
        (&tasks()[0]["title"], &tasks()[0]["due_at"]),
        (&json!("发报价单"), &json!("2026-03-05T01:00:00Z"))
    );
    assert_eq!(tasks()[0]["customer"].as_str(), Some(&*customer));
    company.update(&system, "interaction", &talk, json!({"next_step_at": "2026-03-06T01:00:00Z"}));
    company.update(&system, "interaction", &talk, json!({"content": "谈了价格和交期"}));
    assert_eq!(tasks().len(), 1);
    // Added later it makes its task then.
    let later =
        company.create(&system, "interaction", json!({"customer": customer, "content": "又打了电话"}));
    assert_eq!(tasks().len(), 1);
    company.update(
        &system,
        "interaction",
        &later,
        json!({"next_step": "上门", "next_step_at": "2026-03-09T01:00:00Z"}),
    );
    assert_eq!(tasks().len(), 2);
    // A rule of the object refuses a time without a step, and nothing is made.
    let refused = company.try_create(
        &system,
        "interaction",
        json!({"customer": customer, "content": "x", "next_step_at": "2026-03-09T01:00:00Z"}),
    );
    assert_eq!(faults(&refused.unwrap_err()), vec![("next_step".to_owned(), "rule")]);
    assert_eq!(tasks().len(), 2);
}

fn each_write_leaves_one_row_in_the_log_with_both_sides(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let id = company.create(&system, "customer", json!({"name": "示例公司", "tier": "a"}));
    company.update(&system, "customer", &id, json!({"tier": "b", "short_name": "示例"}));
    company.delete(&system, "customer", &id);
    company.try_restore(&system, "customer", &id).unwrap();
    let rows = company.texts(&format!(
        "select op || ' ' || coalesce(before, '-') || ' ' || coalesce(after, '-') from change_log where record_id = {} order by tx, id",
        number(&id)
    ));
    let rows: Vec<String> = rows.into_iter().flatten().collect();
    assert_eq!(rows.len(), 4, "{rows:#?}");
    assert!(rows[0].starts_with("create - {\"name\":\"示例公司\""), "{}", rows[0]);
    assert_eq!(rows[1], r#"update {"short_name":null,"tier":"a"} {"short_name":"示例","tier":"b"}"#);
    assert_eq!(rows[2..], ["delete - -", "restore - -"]);
}

fn a_batch_is_all_or_each(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let id = company.create(&system, "product", json!({"name": "减速机", "code": "P-0"}));
    let run = |mode: &str| {
        let request: BatchRequest = serde_json::from_value(json!({"mode": mode, "operations": [
            {"op": "create", "fields": {"name": "电机", "code": "P-1"}},
            {"op": "create", "fields": {"name": "电机", "code": "P-1", "list_price": "很贵"}},
            {"op": "update", "id": id, "version": 1, "fields": {"name": "减速机二"}},
            {"op": "update", "id": id, "version": 1, "fields": {"name": "减速机三"}},
            {"op": "delete"},
            {"op": "create", "fields": {"name": "轴承", "code": "P-1"}},
        ]}))
        .unwrap();
        company.wait(company.engine.batch_records(system.clone(), "product".into(), request)).map_err(problem)
    };
    let refused = run("all").unwrap_err();
    let found = faults(&refused);
    let expected: Vec<(String, &str)> = [
        ("operations.1.code", "not_unique"),
        ("operations.1.list_price", "format"),
        ("operations.3", "stale"),
        ("operations.4.id", "required"),
        ("operations.5.code", "not_unique"),
    ]
    .map(|(field, code)| (field.to_owned(), code))
    .into();
    assert_eq!(found, expected);
    assert_eq!(company.list(&system, "product", json!({}))["items"].as_array().unwrap().len(), 1);
    let done = run("each").unwrap();
    let statuses: Vec<i64> =
        done["results"].as_array().unwrap().iter().map(|each| each["status"].as_i64().unwrap()).collect();
    assert_eq!(statuses, [201, 422, 200, 412, 422, 422]);
    assert_eq!(company.get(&system, "product", &id)["name"], "减速机二");
    assert_eq!(company.list(&system, "product", json!({}))["items"].as_array().unwrap().len(), 2);
}

fn sixty_four_writers_never_share_a_number(db: &mut TestDb) {
    let company = Company::new(db);
    let made = company.wait(async {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..64 {
            let (engine, system) = (company.engine.clone(), company.system());
            writers.spawn(async move {
                let mut numbers = Vec::new();
                for round in 0..3 {
                    let body = crate::company::members(json!({"name": format!("客户{writer}之{round}")}));
                    let made = engine
                        .create_record(system.clone(), "customer".into(), body, Default::default())
                        .await
                        .unwrap();
                    numbers.push(made.body["number"].as_str().unwrap().to_owned());
                }
                numbers
            });
        }
        writers.join_all().await
    });
    let numbers: BTreeSet<String> = made.into_iter().flatten().collect();
    assert_eq!(numbers.len(), 192);
    // PostgreSQL: those that were taken ahead and not used stand ready, 64 at most.
    let most = if db.store.dialect() == Dialect::Sqlite { 192 } else { 192 + 64 };
    let possible: BTreeSet<String> = (1..=most).map(|number| format!("KH-202603-{number:05}")).collect();
    assert!(numbers.is_subset(&possible), "{numbers:?}");
}

fn numbers_start_again_with_the_month(db: &mut TestDb) {
    let company = Company::new(db);
    let number = || {
        let id = company.create(&company.system(), "customer", json!({"name": "示例公司"}));
        company.get(&company.system(), "customer", &id)["number"].as_str().unwrap().to_owned()
    };
    assert_eq!([number(), number()], ["KH-202603-00001", "KH-202603-00002"]);
    company.clock.advance_ms(30 * DAY);
    assert_eq!(number(), "KH-202604-00001");
    company.clock.advance_ms(-30 * DAY);
    assert_eq!(number(), "KH-202603-00003");
}

fn writers_of_different_fields_all_get_through(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let id = company.create(&system, "customer", json!({"name": "示例公司"}));
    company.wait(async {
        let mut writers = tokio::task::JoinSet::new();
        for (field, value) in [
            ("tier", "a"),
            ("size", "small"),
            ("short_name", "示例"),
            ("wechat", "wx1"),
            ("remark", "好"),
            ("source", "search"),
        ] {
            let (engine, system, id) = (company.engine.clone(), system.clone(), number(&id));
            let body = crate::company::members(json!({field: value}));
            writers.spawn(async move {
                engine.update_record(system, "customer".into(), id, None, body).await.unwrap().version
            });
        }
        let mut versions = writers.join_all().await;
        versions.sort_unstable();
        assert_eq!(versions, [2, 3, 4, 5, 6, 7]);
    });
    let now = company.get(&system, "customer", &id);
    assert_eq!([&now["tier"], &now["size"], &now["wechat"], &now["source"]], ["a", "small", "wx1", "search"]);
}

fn what_is_given_away_is_given_and_the_writer_is_answered(db: &mut TestDb) {
    let company = Company::new(db);
    company.hire("anna", "sales", None);
    let bob = company.hire("bob", "sales", None);
    let anna = company.cx("anna");
    let given = company.try_create(&anna, "task", json!({"title": "请回电", "owner": bob})).unwrap();
    let id = given["id"].as_str().unwrap();
    assert_eq!(ids(&company.list(&company.cx("bob"), "task", json!({}))), [id]);
    assert_eq!(company.try_get(&anna, "task", id).unwrap_err().code, Code::NotFound);
    let mine = company.create(&anna, "task", json!({"title": "自己的事"}));
    let given = company.try_update(&anna, "task", &mine, None, json!({"owner": bob})).unwrap();
    assert_eq!((given["id"].as_str(), given["version"].as_i64()), (Some(&*mine), Some(2)));
    assert!(given.get("title").is_none());
    assert_eq!(company.try_get(&anna, "task", &mine).unwrap_err().code, Code::NotFound);
}

fn odd_texts_are_kept_or_refused_and_never_break_anything(db: &mut TestDb) {
    let world = crate::specimen::World::new(db, 2);
    let (company, system) = (&world.company, world.company.system());
    for odd in [
        "a\u{0}b",
        "\u{0}",
        "\u{feff}甲",
        "'; drop table specimen; --",
        "%_\\",
        "😀👨‍👩‍👧",
        "\u{202e}反",
        "hk1:AAAA",
        "|a|",
        "null",
        "1e999",
        " ",
        "\t\n",
        "𠮷野家",
    ] {
        for field in [
            "name", "note", "mail", "web", "phone", "home", "kind", "tags", "extra", "secret", "day",
            "count", "customer",
        ] {
            let mut body = json!({"name": "样本"});
            body[field] = odd.into();
            match company.try_create(&system, "specimen", body) {
                Ok(made) => assert!(!made["id"].is_null()),
                Err(problem) => assert_eq!(problem.code, Code::Invalid, "{field} {odd:?}: {problem}"),
            }
        }
    }
    for odd in [
        json!(1e300),
        json!(-1),
        json!(u64::MAX),
        json!({"a": {"b": ["\u{0}"]}}),
        json!([[]]),
        json!([null]),
        json!(true),
    ] {
        for field in crate::specimen::fields() {
            let mut body = json!({"name": "样本"});
            body[field["name"].as_str().unwrap()] = odd.clone();
            if let Err(problem) = company.try_create(&system, "specimen", body) {
                assert_eq!(problem.code, Code::Invalid, "{field} {odd}: {problem}");
            }
        }
    }
}

huike_store::on_both_databases!(
    odd_texts_are_kept_or_refused_and_never_break_anything,
    a_new_record_gets_its_defaults_number_owner_and_department,
    every_fault_is_told_at_once_in_both_languages,
    what_may_not_be_written_is_refused_by_name,
    a_hidden_field_and_one_that_does_not_exist_give_the_same_fault,
    a_unique_value_is_unique_among_live_records_only,
    what_was_typed_is_kept_beside_what_it_means,
    a_stale_write_is_refused_and_shows_the_record_as_it_is,
    the_department_follows_a_new_owner,
    a_reference_leads_to_a_live_record_in_reach,
    a_tree_never_bites_its_own_tail,
    a_deleted_parent_takes_its_children_along_loses_them_or_is_held,
    a_next_step_makes_its_task_exactly_once,
    each_write_leaves_one_row_in_the_log_with_both_sides,
    a_batch_is_all_or_each,
    sixty_four_writers_never_share_a_number,
    numbers_start_again_with_the_month,
    writers_of_different_fields_all_get_through,
    what_is_given_away_is_given_and_the_writer_is_answered,
);
