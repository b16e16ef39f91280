use super::desk::{Desk, counts, mapping, nothing};
use huike_store::testing::TestDb;
use serde_json::json;

fn a_likely_duplicate_is_skipped_or_made_as_asked(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    desk.company.create(&boss, "customer", json!({"name": "上海远望仪器有限公司"}));
    let path = desk.sheet(
        "list.xlsx",
        &[
            &["客户名称", "备注"],
            &["上海远望仪器有限公司", "已有"],
            &["北京恒通电气有限公司", "新"],
            &["北京恒通电气有限公司", "又一次"],
        ],
    );
    let import = desk.upload(&boss, "customer", &path);
    let codes: Vec<_> =
        import["preview"].as_array().unwrap().iter().map(|row| row["faults"][0]["code"].clone()).collect();
    assert_eq!(codes, [json!("duplicate"), json!(null), json!("duplicate_in_file")]);
    let checked = desk.check(&boss, &import);
    assert_eq!(
        (&checked["report"]["duplicates"], &checked["report"]["duplicates_in_file"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(checked["report"]["faulty"], 0);
    assert_eq!(counts(&desk.run(&boss, &import)), [3, 1, 0, 2, 0]);
    let done = desk.bring_in(&boss, "customer", &path, json!({"on_duplicate": "create"}));
    assert_eq!(counts(&done), [3, 3, 0, 0, 0]);
    assert_eq!(desk.count(&boss, "customer"), 5);
}

/// A list of people repeats their company; a company that only shares a phone and a house with an earlier one isn't that.
fn people_go_to_the_company_of_their_row(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let house = "浙江省杭州市滨江区江南大道100号";
    let path = desk.sheet(
        "list.xlsx",
        &[
            &["客户名称", "单位电话", "地址", "联系人", "联系人手机"],
            &["重庆渝锦机械有限公司", "0571-88881234", house, "李建国", "13900001001"],
            &["重庆渝锦机械有限公司", "0571-88881234", house, "王海燕", "13900001002"],
            &["渝锦机械", "0571-88881234", house, "张伟", "13900001003"],
            &["苏州长风模具厂", "0571-88881234", house, "赵敏", "13900001004"],
        ],
    );
    let import = desk.upload(&boss, "customer", &path);
    let checked = desk.check(&boss, &import);
    assert_eq!(checked["report"]["duplicates"], 1, "{checked}");
    let done = desk.run(&boss, &import);
    // One made, two persons added to it, one company left for a person to decide.
    assert_eq!(counts(&done), [4, 1, 2, 1, 0]);
    assert_eq!(desk.count(&boss, "contact"), 3);
    let done = desk.bring_in(&boss, "customer", &path, json!({"on_duplicate": "create"}));
    assert_eq!(desk.count(&boss, "contact"), 7, "{done}");
}

fn what_the_dictionary_blocks_no_import_makes(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    desk.company.create(&boss, "customer", json!({"name": "上海远望仪器有限公司", "credit_code": CODES[0]}));
    let path = desk.sheet(
        "list.xlsx",
        &[&["客户名称", "税号"], &["远望仪器厂", CODES[0]], &["北京恒通电气有限公司", CODES[1]]],
    );
    let done = desk.bring_in(&boss, "customer", &path, json!({"on_duplicate": "create"}));
    assert_eq!(counts(&done), [2, 1, 0, 0, 1]);
}

const CODES: [&str; 3] = ["91330106YY00087E2Q", "91330106YY000GEW65", "91330106YY000QNB94"];

fn records_are_found_by_a_key_and_updated_or_made(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let known = desk.company.create(
        &boss,
        "customer",
        json!({"name": "上海远望仪器有限公司", "credit_code": CODES[0], "remark": "旧"}),
    );
    let rows: [&[&str]; 4] = [
        &["客户名称", "统一社会信用代码", "备注"],
        &["上海远望仪器股份有限公司", " 91330106yy00087e2q ", "新"],
        &["北京恒通电气有限公司", CODES[1], ""],
        &["广州蓝海贸易有限公司", "", "没有代码"],
    ];
    let path = desk.sheet("list.xlsx", &rows);
    let import = desk.upload(&boss, "customer", &path);
    let changed = desk.change(&boss, &import, json!({"mode": "update"})).unwrap();
    assert_eq!(changed["key"], "credit_code", "the unique field suggests itself");
    assert_eq!(counts(&desk.run(&boss, &import)), [3, 0, 1, 0, 2]);
    let done = desk.bring_in(&boss, "customer", &path, json!({"mode": "upsert", "key": "credit_code"}));
    assert_eq!(counts(&done), [3, 2, 0, 1, 0], "the first row changes nothing any more");
    let customers = desk.list(&boss, "customer", &["name", "remark"]);
    assert_eq!(customers.len(), 3);
    assert_eq!(
        (&customers[0]["name"], &customers[0]["remark"]),
        (&json!("上海远望仪器股份有限公司"), &json!("新"))
    );
    assert_eq!(customers[0]["id"], huike_model::Id::new(known).unwrap().to_string());
}

fn a_sealed_field_may_be_the_key(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    desk.company.create(&boss, "contact", json!({"name": "张伟", "mobile": "15430001234"}));
    let path = desk.sheet(
        "people.xlsx",
        &[&["姓名", "手机", "职务"], &["张伟", "154-3000-1234", "厂长"], &["李娜", "15430001235", "采购"]],
    );
    let done = desk.bring_in(&boss, "contact", &path, json!({"mode": "upsert", "key": "mobile"}));
    assert_eq!(counts(&done), [2, 1, 1, 0, 0]);
    assert_eq!(desk.list(&boss, "contact", &["title"])[0]["title"], "厂长");
}

fn a_key_that_several_records_share_is_a_fault(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    for _ in 0..2 {
        desk.company.create(&boss, "customer", json!({"name": "上海远望仪器有限公司"}));
    }
    let path = desk.sheet("list.xlsx", &[&["客户名称", "备注"], &["上海远望仪器有限公司", "新"]]);
    let done = desk.bring_in(&boss, "customer", &path, json!({"mode": "update", "key": "name"}));
    assert_eq!(counts(&done), [1, 0, 0, 0, 1]);
}

fn people_beside_their_company_come_in_once_however_often_the_list_does(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let path = desk.sheet(
        "list.xlsx",
        &[
            &["公司名称", "联系人", "手机", "职务"],
            &["上海远望仪器有限公司", "张伟", "15430001234", "厂长"],
            &["上海远望仪器有限公司", "李娜", "15430001235", ""],
            &["北京恒通电气有限公司", "", "", ""],
        ],
    );
    let done = desk.bring_in(&boss, "customer", &path, nothing());
    assert_eq!(counts(&done), [3, 2, 1, 0, 0]);
    assert_eq!(desk.names(&boss, "contact"), ["张伟", "李娜"]);
    let second = desk.sheet(
        "list.xlsx",
        &[
            &["公司名称", "联系人", "手机", "职务"],
            &["上海远望仪器有限公司", "张伟", "15430001234", "总经理"],
            &["上海远望仪器有限公司", "李娜", "15430001235", ""],
            &["上海远望仪器有限公司", "王芳", "15430001236", ""],
            &["北京恒通电气有限公司", "", "", ""],
        ],
    );
    let done = desk.bring_in(&boss, "customer", &second, json!({"mode": "upsert", "key": "name"}));
    assert_eq!(counts(&done), [4, 0, 2, 2, 0]);
    let contacts = desk.list(&boss, "contact", &["name", "title"]);
    let told: Vec<_> = contacts
        .iter()
        .map(|contact| (contact["name"].as_str().unwrap(), contact["title"].clone()))
        .collect();
    assert_eq!(told, [("张伟", json!("总经理")), ("李娜", json!(null)), ("王芳", json!(null))]);
}

fn names_lead_to_records_when_they_name_exactly_one(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    desk.company.create(&boss, "customer", json!({"name": "远望集团有限公司"}));
    for _ in 0..2 {
        desk.company.create(&boss, "customer", json!({"name": "恒通集团有限公司"}));
    }
    let path = desk.sheet(
        "list.xlsx",
        &[
            &["客户名称", "上级单位", "与上级的关系"],
            &["远望仪器（苏州）有限公司", "远望集团有限公司", "子公司"],
            &["恒通电气（天津）有限公司", "恒通集团有限公司", "子公司"],
            &["远望仪器苏州第二工厂", "远望仪器（苏州）有限公司", "分公司"],
            &["蓝海贸易（佛山）有限公司", "蓝海集团", "子公司"],
        ],
    );
    let import = desk.upload(&boss, "customer", &path);
    assert!(mapping(&import).iter().all(|(_, field)| field.is_some()));
    let codes: Vec<_> =
        import["preview"].as_array().unwrap().iter().map(|row| row["faults"][0]["code"].clone()).collect();
    assert_eq!(codes, [json!(null), json!("ambiguous_reference"), json!(null), json!("unknown_reference")]);
    assert_eq!(counts(&desk.run(&boss, &import)), [4, 2, 0, 0, 2]);
    let customers = desk.list(&boss, "customer", &["name", "parent"]);
    assert_eq!(customers[4]["parent"]["name"], customers[3]["name"], "a row may refer to one before it");
}

huike_store::on_both_databases!(
    a_likely_duplicate_is_skipped_or_made_as_asked,
    people_go_to_the_company_of_their_row,
    what_the_dictionary_blocks_no_import_makes,
    records_are_found_by_a_key_and_updated_or_made,
    a_sealed_field_may_be_the_key,
    a_key_that_several_records_share_is_a_fault,
    people_beside_their_company_come_in_once_however_often_the_list_does,
    names_lead_to_records_when_they_name_exactly_one,
);
