//! Search: by what people type, as far as they may read.

use crate::company::{Company, ids, number};
use huike_engine::Cx;
use huike_engine::search::find::SearchRequest;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

fn search(company: &Company, cx: &Cx, q: &str, objects: &[&str]) -> Vec<Json> {
    let request = SearchRequest {
        q: q.into(),
        objects: objects.iter().map(|name| (*name).to_owned()).collect(),
        limit: Some(50),
    };
    company.wait(company.engine.search(cx.clone(), request)).unwrap()["items"].as_array().unwrap().clone()
}

fn titles(company: &Company, q: &str, object: &str) -> Vec<String> {
    search(company, &company.system(), q, &[object])
        .iter()
        .map(|hit| hit["title"].as_str().unwrap().to_owned())
        .collect()
}

fn customers_are_found_by_what_people_type(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    for (name, more) in [
        ("重庆长安机械有限公司", json!({"phone": "023-98881234", "short_name": "长安"})),
        ("华东电子科技股份有限公司", json!({"credit_code": "91330106YY000001XD"})),
        ("杭州单氏纺织厂", json!({"email": "sales@example.com"})),
        ("Acme Robotics GmbH", json!({"aliases": "阿克米机器人"})),
    ] {
        let mut body = more;
        body["name"] = name.into();
        company.create(&system, "customer", body);
    }
    let (chongqing, huadong, hangzhou, acme) =
        ("重庆长安机械有限公司", "华东电子科技股份有限公司", "杭州单氏纺织厂", "Acme Robotics GmbH");
    let expected = [
        ("重", chongqing),
        ("长安", chongqing),
        ("chongqing", chongqing),
        ("cqca", chongqing),
        ("changan", chongqing),
        ("1234", chongqing),
        ("02398881234", chongqing),
        ("華東", huadong),
        ("電子", huadong),
        ("hddz", huadong),
        ("huadong", huadong),
        ("91330106YY000001XD", huadong),
        ("yy000001xd", huadong),
        ("纺织", hangzhou),
        ("hzss", hangzhou),
        ("fangzhi", hangzhou),
        ("sales@example.com", hangzhou),
        ("acme", acme),
        ("robot", acme),
        ("ACME robotics", acme),
        ("robotcis", acme),
        ("阿克米", acme),
        ("KH-202603-00001", chongqing),
        ("华东 科技", huadong),
    ];
    for (q, title) in expected {
        assert_eq!(titles(&company, q, "customer").first().map(String::as_str), Some(title), "{q}");
    }
    for nothing in
        ["", "   ", "不存在的公司", "zzzzqq", "9999", "\u{0}", "*", "\"", "' or 1=1 --", "|", "& !"]
    {
        assert_eq!(titles(&company, nothing, "customer"), Vec::<String>::new(), "{nothing:?}");
    }
    let hit = &search(&company, &system, "1234", &["customer"])[0];
    assert_eq!(hit["matched"]["field"], "phone");
    assert!(search(&company, &system, "长安", &["customer"])[0]["matched"].is_null());
    assert_eq!(search(&company, &system, "长安", &["nothing"]), Vec::<Json>::new());
}

fn the_index_follows_every_write(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let id = company.create(&system, "customer", json!({"name": "旧名字公司", "phone": "0571-98881234"}));
    company.update(&system, "customer", &id, json!({"name": "新名字公司"}));
    assert_eq!(titles(&company, "旧名", "customer"), Vec::<String>::new());
    assert_eq!(titles(&company, "新名", "customer"), ["新名字公司"]);
    company.delete(&system, "customer", &id);
    assert_eq!(titles(&company, "新名", "customer"), Vec::<String>::new());
    company.try_restore(&system, "customer", &id).unwrap();
    assert_eq!(titles(&company, "新名", "customer"), ["新名字公司"]);
}

fn a_sealed_number_is_found_by_its_tail_and_by_the_whole(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    for (name, mobile) in [("张三", "16420031240"), ("李四", "16430081240"), ("王五", "16430081241")] {
        company.create(&system, "contact", json!({"name": name, "mobile": mobile}));
    }
    let mut both = titles(&company, "1240", "contact");
    both.sort();
    assert_eq!(both, ["张三", "李四"]);
    assert_eq!(titles(&company, "16420031240", "contact"), ["张三"]);
    assert_eq!(titles(&company, "张三 1240", "contact"), ["张三"]);
    assert_eq!(titles(&company, "2003", "contact"), Vec::<String>::new());
}

fn everybody_finds_what_they_reach_and_nothing_else(db: &mut TestDb) {
    let company = Company::new(db);
    let (north, south) = (company.department("华北部", None), company.department("华南部", None));
    let (anna, bob) =
        (company.hire("anna", "sales", Some(&north)), company.hire("bob", "sales", Some(&south)));
    company.hire("head", "sales_manager", Some(&south));
    let system = company.system();
    let customer = company.create(&system, "customer", json!({"name": "示例公司", "owner": anna}));
    let deal = company.create(
        &system,
        "opportunity",
        json!({"name": "智能产线改造", "customer": customer, "owner": anna, "amount": 1}),
    );
    let finds = |login: &str| !search(&company, &company.cx(login), "产线", &[]).is_empty();
    assert_eq!(["anna", "bob", "head"].map(finds), [true, false, false]);
    company.update(&system, "opportunity", &deal, json!({"owner": bob}));
    assert_eq!(["anna", "bob", "head"].map(finds), [false, true, true]);
    company.update(&system, "opportunity", &deal, json!({"owner": null}));
    assert_eq!(["anna", "bob", "head"].map(finds), [false, false, false]);
}

fn what_was_shared_is_found_among_many(db: &mut TestDb) {
    let company = Company::new(db);
    let (anna, bob) = (company.hire("anna", "sales", None), company.hire("bob", "sales", None));
    let system = company.system();
    let customer = company.create(&system, "customer", json!({"name": "示例公司", "owner": anna}));
    let deal =
        |name: &str, owner: &str| json!({"name": name, "customer": customer, "owner": owner, "amount": 1});
    let old = company.create(&system, "opportunity", deal("产线改造一期", &anna));
    let shared = company.create(&system, "opportunity", deal("产线改造二期", &bob));
    let operations: Vec<Json> = (0..260)
        .map(|place| json!({"op": "create", "fields": deal(&format!("产线设备{place}"), &bob)}))
        .collect();
    let request = serde_json::from_value(json!({"operations": operations})).unwrap();
    company.wait(company.engine.batch_records(system.clone(), "opportunity".into(), request)).unwrap();
    let new =
        serde_json::from_value(json!({"grantee": {"kind": "user", "id": anna}, "level": "read"})).unwrap();
    company
        .wait(huike_engine::access::shares::share(
            &company.engine,
            &company.cx("bob"),
            "opportunity",
            number(&shared),
            new,
        ))
        .unwrap();
    let mut found: Vec<String> = search(&company, &company.cx("anna"), "产线", &["opportunity"])
        .iter()
        .map(|hit| hit["id"].as_str().unwrap().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, [old, shared]);
    // A scope that the index can't say is searched deeper than its newest records.
    let talk = company.create(
        &system,
        "interaction",
        json!({"customer": customer, "content": "谈了产线布局", "owner": bob}),
    );
    let operations: Vec<Json> = (0..260)
        .map(|place| json!({"op": "create", "fields": {"content": format!("产线巡检{place}"), "owner": bob}}))
        .collect();
    let request = serde_json::from_value(json!({"operations": operations})).unwrap();
    company.wait(company.engine.batch_records(system, "interaction".into(), request)).unwrap();
    let page = search(&company, &company.cx("anna"), "产线", &["interaction"]);
    assert_eq!(ids(&json!({"items": page})), [talk]);
}

huike_store::on_both_databases!(
    customers_are_found_by_what_people_type,
    the_index_follows_every_write,
    a_sealed_number_is_found_by_its_tail_and_by_the_whole,
    everybody_finds_what_they_reach_and_nothing_else,
    what_was_shared_is_found_among_many,
);
