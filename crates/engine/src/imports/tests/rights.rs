use super::desk::{Desk, counts, id_of, mapping, nothing};
use crate::session::testing::{code, faults};
use huike_model::Code;
use huike_store::testing::TestDb;
use serde_json::json;

fn whoever_may_not_import_or_export_cannot(db: &mut TestDb) {
    let desk = Desk::new(db);
    desk.company.hire("mark", "marketing");
    desk.company.hire("sally", "sales");
    let path = desk.sheet("list.xlsx", &[&["客户名称"], &["上海远望仪器有限公司"]]);
    let (mark, sally) = (desk.company.cx("mark"), desk.company.cx("sally"));
    assert_eq!(code(desk.try_upload(&mark, "customer", &path)), Code::Forbidden);
    assert_eq!(code(desk.try_upload(&sally, "nothing", &path)), Code::NotFound);
    assert_eq!(
        code(desk.company.wait(desk.engine().import_template(mark, "customer".into()))),
        Code::Forbidden
    );
    let export = desk.engine().export_records(sally, "customer".into(), Default::default());
    assert_eq!(code(desk.company.wait(export)), Code::Forbidden);
}

fn a_field_that_may_not_be_written_is_no_field(db: &mut TestDb) {
    let desk = Desk::new(db);
    desk.company.hire("sally", "sales");
    let sally = desk.company.cx("sally");
    let path = desk.sheet(
        "list.xlsx",
        &[&["客户名称", "银行账号", "信用额度"], &["上海远望仪器有限公司", "示例银行 0000", "100"]],
    );
    let import = desk.upload(&sally, "customer", &path);
    assert_eq!(mapping(&import)[1].1, None, "masked for sales");
    let map = |field: &str| json!({"mapping": [{"column": 1, "field": field}]});
    for field in [
        "bank_account",
        "credit_limit",
        "number",
        "created_at",
        "no_such_field",
        "contact.id_card",
        "user.name",
    ] {
        let error = desk.change(&sally, &import, map(field)).unwrap_err();
        assert_eq!(faults(error), [(field.to_owned(), "unknown_field")]);
    }
    let twice = json!({"mapping": [{"column": 1, "field": "name"}]});
    assert_eq!(
        faults(desk.change(&sally, &import, twice).unwrap_err()),
        [("name".to_owned(), "mapped_twice")]
    );
    let nowhere = json!({"mapping": [{"column": 7, "field": "name"}]});
    assert_eq!(
        faults(desk.change(&sally, &import, nowhere).unwrap_err()),
        [("mapping".to_owned(), "unknown_column")]
    );
}

fn an_update_by_import_reaches_no_further_than_its_author(db: &mut TestDb) {
    let desk = Desk::new(db);
    for login in ["sally", "tom"] {
        desk.company.hire(login, "sales");
    }
    let (sally, tom) = (desk.company.cx("sally"), desk.company.cx("tom"));
    desk.company.create(
        &sally,
        "customer",
        json!({"name": "上海远望仪器有限公司", "phone": "0571-93456781", "remark": "甲"}),
    );
    let path = desk.sheet("list.xlsx", &[&["客户名称", "备注"], &["上海远望仪器有限公司", "乙"]]);
    let done = desk.bring_in(&tom, "customer", &path, json!({"mode": "update", "key": "name"}));
    assert_eq!(counts(&done), [1, 0, 0, 0, 1]);
    assert_eq!(desk.list(&sally, "customer", &["remark"])[0]["remark"], "甲");
    // The phone of others' customers is hidden from sales, so that it can't find them either.
    let path = desk.sheet("phones.xlsx", &[&["客户名称", "单位电话"], &["别的名字", "0571-93456781"]]);
    let done = desk.bring_in(&tom, "customer", &path, json!({"mode": "update", "key": "phone"}));
    let errors = desk.company.wait(desk.engine().import_errors(tom.clone(), id_of(&done))).unwrap();
    assert!(desk.read(&errors).1[0].last().unwrap().contains("没有单位电话相同的客户可以更新"));
}

fn an_import_is_its_authors_business_alone(db: &mut TestDb) {
    let desk = Desk::new(db);
    for login in ["sally", "tom"] {
        desk.company.hire(login, "sales");
    }
    let (sally, tom) = (desk.company.cx("sally"), desk.company.cx("tom"));
    let path = desk.sheet("list.xlsx", &[&["客户名称"], &["上海远望仪器有限公司"]]);
    let import = desk.upload(&sally, "customer", &path);
    let (engine, id) = (desk.engine(), id_of(&import));
    assert_eq!(code(desk.company.wait(engine.import(tom.clone(), id))), Code::NotFound);
    assert_eq!(code(desk.change(&tom, &import, nothing())), Code::NotFound);
    assert_eq!(code(desk.company.wait(engine.start_import(tom.clone(), id))), Code::NotFound);
    assert_eq!(code(desk.company.wait(engine.undo_import(tom.clone(), id))), Code::NotFound);
    assert_eq!(code(desk.company.wait(engine.import_errors(tom.clone(), id))), Code::NotFound);
    let listed =
        |cx| desk.company.wait(engine.list_imports(cx, 20, None)).unwrap()["items"].as_array().unwrap().len();
    assert_eq!((listed(sally), listed(tom)), (1, 0));
}

fn an_import_stops_when_its_author_leaves(db: &mut TestDb) {
    let desk = Desk::new(db);
    let sally = desk.company.hire("sally", "sales");
    let cx = desk.company.cx("sally");
    let path = desk.sheet("list.xlsx", &[&["客户名称"], &["上海远望仪器有限公司"]]);
    let import = desk.upload(&cx, "customer", &path);
    desk.company.update(&desk.boss(), "user", sally, json!({"active": false})).unwrap();
    desk.company.wait(desk.engine().start_import(cx.clone(), id_of(&import))).unwrap();
    let ended = desk.settled(&cx, &import);
    assert_eq!(ended["state"], "failed");
    assert!(ended["message"].as_str().unwrap().contains("已停用"), "{}", ended["message"]);
    assert_eq!(desk.count(&desk.boss(), "customer"), 0);
}

fn nothing_starts_while_a_required_field_has_no_column(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let path = desk.sheet("list.xlsx", &[&["备注", "丁栏"], &["一", "上海远望仪器有限公司"]]);
    let import = desk.upload(&boss, "customer", &path);
    let start = || desk.company.wait(desk.engine().start_import(boss.clone(), id_of(&import)));
    assert_eq!(faults(start().unwrap_err()), [("name".to_owned(), "required")]);
    desk.change(&boss, &import, json!({"mapping": [{"column": 1, "field": "name"}]})).unwrap();
    start().unwrap();
    assert_eq!(counts(&desk.settled(&boss, &import)), [1, 1, 0, 0, 0]);
    assert_eq!(code(start()), Code::Conflict);
    assert_eq!(code(desk.change(&boss, &import, nothing())), Code::Conflict);
}

huike_store::on_both_databases!(
    whoever_may_not_import_or_export_cannot,
    a_field_that_may_not_be_written_is_no_field,
    an_update_by_import_reaches_no_further_than_its_author,
    an_import_is_its_authors_business_alone,
    an_import_stops_when_its_author_leaves,
    nothing_starts_while_a_required_field_has_no_column,
);
