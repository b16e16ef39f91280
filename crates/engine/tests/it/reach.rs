//! How far callers reach: what they don't may not be noticed anywhere.

use crate::company::{Company, DAY, ids, members, number, problem};
use huike_engine::access::shares;
use huike_engine::records::aggregate::AggregateRequest;
use huike_engine::records::timeline::TimelineRequest;
use huike_engine::search::find::SearchRequest;
use huike_engine::{Actor, Cx, EngineError};
use huike_model::{Code, Problem};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

const MOBILE: &str = "16420031240";
const PHONE: &str = "0571-98881234";
const ACCOUNT: &str = "6222 0000 1111 2222";

/// Anna's and Bob's customers in one company.
struct Sales {
    company: Company,
    hers: String,
    his: String,
}

impl Sales {
    fn new(db: &TestDb) -> Sales {
        let company = Company::new(db);
        let (anna, bob) = (company.hire("anna", "sales", None), company.hire("bob", "sales", None));
        company.hire("mary", "steward", None);
        let customer = |name: &str, owner: &str| {
            let body = json!({"name": name, "owner": owner, "phone": PHONE, "mobile": MOBILE, "bank_account": ACCOUNT, "credit_limit": 5000, "source": "referral",
                "remark": "只有负责人能看"});
            company.create(&company.system(), "customer", body)
        };
        let (hers, his) = (customer("甲方公司", &anna), customer("乙方公司", &bob));
        Sales { company, hers, his }
    }

    fn aggregate(&self, cx: &Cx, request: Json) -> Result<Json, Box<Problem>> {
        let request: AggregateRequest = serde_json::from_value(request).unwrap();
        self.company
            .wait(self.company.engine.aggregate_records(cx.clone(), "customer".into(), request))
            .map_err(problem)
    }

    fn search(&self, cx: &Cx, q: &str) -> Json {
        self.company
            .wait(
                self.company
                    .engine
                    .search(cx.clone(), SearchRequest { q: q.into(), ..SearchRequest::default() }),
            )
            .unwrap()
    }

    fn history(&self, cx: &Cx, id: &str) -> Json {
        self.company
            .wait(self.company.engine.record_history(
                cx.clone(),
                "customer".into(),
                number(id),
                None,
                200,
                None,
            ))
            .unwrap()
    }
}

fn a_salesperson_sees_the_own_in_full_and_of_others_the_basics(db: &mut TestDb) {
    let sales = Sales::new(db);
    let anna = sales.company.cx("anna");
    let own = sales.company.get(&anna, "customer", &sales.hers);
    assert_eq!(
        (&own["phone"], &own["mobile"], &own["credit_limit"]),
        (&json!("+8657198881234"), &json!("+8616420031240"), &json!(5000))
    );
    assert_eq!(own["_masked"], json!(["bank_account"]));
    assert!(!own.to_string().contains("6222"));
    assert_eq!(own["_can"], json!({"update": true, "delete": false, "share": true}));

    let other = sales.company.get(&anna, "customer", &sales.his);
    assert_eq!((&other["name"], &other["stage"]), (&json!("乙方公司"), &json!("lead")));
    for field in
        ["phone", "mobile", "bank_account", "credit_limit", "source", "remark", "lifetime_value", "_masked"]
    {
        assert!(other.get(field).is_none(), "{field}");
    }
    assert_eq!(other["_can"], json!({"update": false, "delete": false, "share": false}));
    let page = sales.company.list(&anna, "customer", json!({"sort": ["name"]}));
    assert_eq!(ids(&page), [sales.hers.clone(), sales.his.clone()]);
    assert!(page["items"][0].get("phone").is_some() && page["items"][1].get("phone").is_none());
    let refused = |result: Result<Json, Box<Problem>>| result.unwrap_err().code;
    assert_eq!(
        refused(sales.company.try_update(&anna, "customer", &sales.his, None, json!({"name": "改名"}))),
        Code::Forbidden
    );
    assert_eq!(sales.company.try_delete(&anna, "customer", &sales.his).unwrap_err().code, Code::Forbidden);
    assert_eq!(sales.company.try_delete(&anna, "customer", &sales.hers).unwrap_err().code, Code::Forbidden);
}

fn conditions_on_a_partly_visible_field_tell_nothing_of_the_rest(db: &mut TestDb) {
    let sales = Sales::new(db);
    let anna = sales.company.cx("anna");
    let found = |filter: Json| sales.company.found(&anna, "customer", filter);
    let source = |op: &str, value: Json| json!({"field": "source", "op": op, "value": value});
    assert_eq!(found(source("eq", json!("referral"))), [sales.hers.as_str()]);
    assert_eq!(found(source("in", json!(["referral", "website"]))), [sales.hers.as_str()]);
    assert_eq!(found(source("not_empty", Json::Null)), [sales.hers.as_str()]);
    assert_eq!(found(json!({"field": "mobile", "op": "eq", "value": MOBILE})), [sales.hers.as_str()]);
    assert_eq!(found(json!({"field": "phone", "op": "contains", "value": "9888"})), [sales.hers.as_str()]);
    // Whatever his customer's source is, the same answers come.
    let filters = [
        source("ne", json!("referral")),
        source("ne", json!("website")),
        json!({"not": source("eq", json!("referral"))}),
        source("is_empty", Json::Null),
        json!({"not": source("is_empty", Json::Null)}),
        json!({"any": [source("eq", json!("website")), {"field": "stage", "op": "eq", "value": "won"}]}),
        json!({"not": {"all": [source("eq", json!("website")), {"field": "name", "op": "contains", "value": "乙"}]}}),
    ];
    let before: Vec<Vec<String>> = filters.iter().cloned().map(found).collect();
    sales.company.update(&sales.company.system(), "customer", &sales.his, json!({"source": "website"}));
    assert_eq!(filters.iter().cloned().map(found).collect::<Vec<_>>(), before);
    sales.company.update(&sales.company.system(), "customer", &sales.his, json!({"source": null}));
    assert_eq!(filters.iter().cloned().map(found).collect::<Vec<_>>(), before);
    // Order and totals would tell it.
    for sort in ["source", "-phone", "lifetime_value", "mobile"] {
        let problem = sales.company.try_list(&anna, "customer", json!({"sort": [sort]})).unwrap_err();
        assert_eq!(problem.faults[0].code, "not_sortable", "{sort}");
    }
    for request in [
        json!({"groups": ["source"], "measures": [{"kind": "count"}]}),
        json!({"measures": [{"kind": "sum", "field": "lifetime_value"}]}),
        json!({"measures": [{"kind": "max", "field": "credit_limit"}]}),
    ] {
        assert_eq!(sales.aggregate(&anna, request).unwrap_err().faults[0].code, "not_measurable");
    }
    assert_eq!(
        sales.aggregate(&anna, json!({"groups": ["stage"], "measures": [{"kind": "count"}]})).unwrap()["rows"],
        json!([{"group": ["lead"], "values": [2]}])
    );
    // Through a reference only what is readable everywhere can be asked.
    let talk = json!({"customer": sales.his, "content": "谈话", "owner": sales.company.engine.org().user_by_login("anna").map(|user| huike_model::Id::new(user.id).unwrap())});
    let talk = sales.company.create(&sales.company.system(), "interaction", talk);
    let through = |field: &str, value: &str| {
        sales.company.try_list(
            &anna,
            "interaction",
            json!({"filter": {"field": field, "op": "eq", "value": value}}),
        )
    };
    assert_eq!(ids(&through("customer.name", "乙方公司").unwrap()), [talk]);
    assert_eq!(through("customer.source", "referral").unwrap_err().faults[0].code, "unknown_field");
    assert_eq!(through("customer.mobile", MOBILE).unwrap_err().faults[0].code, "unknown_field");
}

fn a_hidden_field_leaves_no_trace(db: &mut TestDb) {
    let sales = Sales::new(db);
    let (company, mary) = (&sales.company, sales.company.cx("mary"));
    company.update(
        &company.system(),
        "customer",
        &sales.hers,
        json!({"bank_account": "6222 3333 4444 5555"}),
    );
    company.update(
        &company.system(),
        "customer",
        &sales.hers,
        json!({"bank_account": "6222 3333 4444 6666", "tier": "a"}),
    );
    let engine = &company.engine;
    let duplicates = engine.duplicate_candidates(
        mary.clone(),
        "customer".into(),
        members(json!({"name": "甲方公司", "bank_account": ACCOUNT})),
        None,
    );
    let answers = [
        company.get(&mary, "customer", &sales.hers),
        company.list(&mary, "customer", json!({})),
        sales.history(&mary, &sales.hers),
        company
            .wait(engine.record_timeline(
                mary.clone(),
                "customer".into(),
                number(&sales.hers),
                TimelineRequest::default(),
            ))
            .unwrap(),
        company.wait(engine.record_overview(mary.clone(), "customer".into(), number(&sales.hers))).unwrap(),
        company
            .wait(engine.record_at(mary.clone(), "customer".into(), number(&sales.hers), engine.now()))
            .unwrap(),
        company.wait(engine.describe_object(mary.clone(), "customer".into())).unwrap(),
        company.wait(engine.describe_dictionary(mary.clone())).unwrap()["objects"]
            .as_array()
            .unwrap()
            .iter()
            .find(|object| object["name"] == "customer")
            .cloned()
            .unwrap(),
        company.wait(duplicates).unwrap(),
        sales.search(&mary, "6666"),
        sales.search(&mary, "甲方公司"),
    ];
    for answer in answers {
        let text = answer.to_string();
        for trace in ["bank_account", "银行账号", "6222", "6666", "credit_limit"] {
            assert!(!text.contains(trace), "{trace} in {text}");
        }
    }
    // A change of nothing else is not there at all.
    assert_eq!(sales.history(&mary, &sales.hers)["items"].as_array().unwrap().len(), 2);
    // Whatever is asked of it, it is a name like any other that doesn't exist.
    let same = |of: &dyn Fn(&str) -> Box<Problem>| {
        let shown = |field: &str| of(field).to_json(huike_model::Lang::Zh).to_string().replace(field, "?");
        assert_eq!(shown("bank_account"), shown("bank_accounts"));
    };
    same(&|field| {
        company
            .try_list(&mary, "customer", json!({"filter": {"field": field, "op": "eq", "value": "1"}}))
            .unwrap_err()
    });
    same(&|field| {
        company
            .try_list(&mary, "customer", json!({"filter": {"field": field, "op": "between", "value": "1"}}))
            .unwrap_err()
    });
    same(&|field| company.try_list(&mary, "customer", json!({"sort": [field]})).unwrap_err());
    same(&|field| company.try_list(&mary, "customer", json!({"fields": [field]})).unwrap_err());
    same(&|field| company.try_list(&mary, "customer", json!({"expand": [field]})).unwrap_err());
    same(&|field| {
        sales.aggregate(&mary, json!({"groups": [field], "measures": [{"kind": "count"}]})).unwrap_err()
    });
    same(&|field| {
        sales.aggregate(&mary, json!({"measures": [{"kind": "max", "field": field}]})).unwrap_err()
    });
    same(&|field| {
        company.try_update(&mary, "customer", &sales.hers, None, json!({field: "6222"})).unwrap_err()
    });
    same(&|field| {
        company.try_create(&mary, "customer", json!({"name": "丙公司", field: "6222"})).unwrap_err()
    });
    same(&|field| {
        company
            .try_list(
                &mary,
                "contact",
                json!({"filter": {"field": format!("customer.{field}"), "op": "eq", "value": "1"}}),
            )
            .unwrap_err()
    });
}

fn a_masked_value_is_known_to_be_there_and_no_more(db: &mut TestDb) {
    let sales = Sales::new(db);
    let mary = sales.company.cx("mary");
    let shown = sales.company.get(&mary, "customer", &sales.hers);
    assert_eq!(shown["_masked"], json!(["mobile"]));
    assert_eq!(shown["mobile"], "164****1240");
    assert!(!sales.history(&mary, &sales.hers).to_string().contains("20031240"));
    let refused = sales
        .company
        .try_list(&mary, "customer", json!({"filter": {"field": "mobile", "op": "eq", "value": MOBILE}}))
        .unwrap_err();
    assert_eq!(refused.faults[0].code, "unknown_field");
    assert_eq!(sales.search(&mary, "1240")["items"], json!([]));
    assert_eq!(sales.search(&mary, MOBILE)["items"], json!([]));
    let refused = sales
        .company
        .try_update(&mary, "customer", &sales.hers, None, json!({"mobile": "164****1240"}))
        .unwrap_err();
    assert_eq!(refused.faults[0].code, "read_only");
}

fn what_is_out_of_scope_is_not_there(db: &mut TestDb) {
    let sales = Sales::new(db);
    let (company, anna) = (&sales.company, sales.company.cx("anna"));
    let deal = company.create(
        &company.system(),
        "opportunity",
        json!({"name": "大单", "customer": sales.his, "amount": 9, "owner":
        huike_model::Id::new(company.engine.org().user_by_login("bob").unwrap().id).unwrap()}),
    );
    let engine = &company.engine;
    let (object, id): (String, i64) = ("opportunity".into(), number(&deal));
    let absent = |result: Result<(), EngineError>| {
        assert_eq!(result.map_err(problem).unwrap_err().code, Code::NotFound)
    };
    absent(company.wait(engine.get_record(anna.clone(), object.clone(), id, vec![])).map(drop));
    absent(
        company
            .wait(engine.update_record(
                anna.clone(),
                object.clone(),
                id,
                Some(1),
                members(json!({"name": "x"})),
            ))
            .map(drop),
    );
    absent(company.wait(engine.delete_record(anna.clone(), object.clone(), id, None)));
    absent(company.wait(engine.restore_record(anna.clone(), object.clone(), id)).map(drop));
    absent(company.wait(engine.record_history(anna.clone(), object.clone(), id, None, 10, None)).map(drop));
    absent(company.wait(engine.record_at(anna.clone(), object.clone(), id, engine.now())).map(drop));
    absent(
        company
            .wait(engine.record_timeline(anna.clone(), object.clone(), id, TimelineRequest::default()))
            .map(drop),
    );
    absent(company.wait(engine.record_overview(anna.clone(), object.clone(), id)).map(drop));
    absent(company.wait(engine.list_records(anna.clone(), "nothing".into(), Default::default())).map(drop));
    absent(
        company
            .wait(engine.list_records(company.cx("mary"), "view_of_nobody".into(), Default::default()))
            .map(drop),
    );
    assert_eq!(company.list(&anna, "opportunity", json!({"count": "exact"}))["count"], 0);
    assert_eq!(sales.search(&anna, "大单")["items"], json!([]));
    let count = engine.aggregate_records(
        anna.clone(),
        object,
        serde_json::from_value(json!({"measures": [{"kind": "count"}, {"kind": "sum", "field": "amount"}]}))
            .unwrap(),
    );
    assert_eq!(company.wait(count).unwrap()["rows"], json!([{"group": [], "values": [0, null]}]));
    // Neither does the customer's own page tell of it.
    let page = company.wait(engine.record_overview(anna, "customer".into(), number(&sales.his))).unwrap();
    assert!(!page.to_string().contains("大单"), "{page}");
}

fn a_share_opens_a_record_for_its_time(db: &mut TestDb) {
    let sales = Sales::new(db);
    let company = &sales.company;
    let person =
        |login: &str| huike_model::Id::new(company.engine.org().user_by_login(login).unwrap().id).unwrap();
    let share = |level: &str, expires_at: Json| {
        let new = serde_json::from_value(json!({"grantee": {"kind": "user", "id": person("anna")}, "level": level, "expires_at": expires_at})).unwrap();
        company
            .wait(shares::share(&company.engine, &company.cx("bob"), "customer", number(&sales.his), new))
            .unwrap();
    };
    share("read", json!("2026-03-03T01:00:00Z"));
    assert_eq!(company.get(&company.cx("anna"), "customer", &sales.his)["phone"], "+8657198881234");
    assert_eq!(
        company
            .found(
                &company.cx("anna"),
                "customer",
                json!({"field": "source", "op": "eq", "value": "referral"})
            )
            .len(),
        2
    );
    assert_eq!(sales.search(&company.cx("anna"), "1240")["items"].as_array().unwrap().len(), 2);
    let write = || {
        company.try_update(&company.cx("anna"), "customer", &sales.his, None, json!({"remark": "来自安娜"}))
    };
    assert_eq!(write().unwrap_err().code, Code::Forbidden);
    company.clock.advance_ms(DAY);
    assert!(company.get(&company.cx("anna"), "customer", &sales.his).get("phone").is_none());
    share("write", Json::Null);
    assert_eq!(write().unwrap()["remark"], "来自安娜");
    assert_eq!(
        company.try_delete(&company.cx("anna"), "customer", &sales.his).unwrap_err().code,
        Code::Forbidden
    );
}

fn a_key_that_may_only_read_changes_nothing(db: &mut TestDb) {
    let sales = Sales::new(db);
    let company = &sales.company;
    company.hire("boss", "admin", None);
    let user = company.engine.org().user_by_login("boss").unwrap().id;
    let key = company.acting(Actor::Key { user, key: 1, writes: false });
    let engine = &company.engine;
    assert_eq!(
        company.get(&key, "customer", &sales.hers)["_can"],
        json!({"update": false, "delete": false, "share": false})
    );
    let refused = |result: Result<(), EngineError>| {
        assert_eq!(result.map_err(problem).unwrap_err().code, Code::Forbidden)
    };
    let id = number(&sales.hers);
    refused(
        company
            .wait(engine.create_record(
                key.clone(),
                "customer".into(),
                members(json!({"name": "丙公司"})),
                Default::default(),
            ))
            .map(drop),
    );
    refused(
        company
            .wait(engine.update_record(
                key.clone(),
                "customer".into(),
                id,
                None,
                members(json!({"tier": "a"})),
            ))
            .map(drop),
    );
    refused(company.wait(engine.delete_record(key.clone(), "customer".into(), id, None)));
    company.delete(&company.system(), "customer", &sales.hers);
    refused(company.wait(engine.restore_record(key.clone(), "customer".into(), id)).map(drop));
    let field = json!({"name": "extra", "type": "text", "label": {"zh": "更多", "en": "More"}});
    refused(company.wait(engine.add_field(key.clone(), "tag".into(), field.clone())).map(drop));
    refused(
        company
            .wait(engine.change_field(
                key.clone(),
                "tag".into(),
                "name".into(),
                members(json!({"required": false})),
            ))
            .map(drop),
    );
    refused(company.wait(engine.retire_field(key.clone(), "tag".into(), "name".into(), true)));
    refused(
        company
            .wait(
                engine
                    .add_object(key.clone(), json!({"name": "thing", "label": {"zh": "物", "en": "Thing"}})),
            )
            .map(drop),
    );
    refused(company.wait(engine.change_object(key, "tag".into(), members(json!({"icon": "x"})))).map(drop));
    let writing = company.acting(Actor::Key { user, key: 1, writes: true });
    company.create(&writing, "customer", json!({"name": "丁公司"}));
    company.wait(engine.add_field(writing, "tag".into(), field)).unwrap();
}

huike_store::on_both_databases!(
    a_salesperson_sees_the_own_in_full_and_of_others_the_basics,
    conditions_on_a_partly_visible_field_tell_nothing_of_the_rest,
    a_hidden_field_leaves_no_trace,
    a_masked_value_is_known_to_be_there_and_no_more,
    what_is_out_of_scope_is_not_there,
    a_share_opens_a_record_for_its_time,
    a_key_that_may_only_read_changes_nothing,
);
