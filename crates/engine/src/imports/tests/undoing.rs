use super::desk::{Desk, counts, id_of, nothing};
use crate::session::testing::code;
use huike_model::{Code, Id};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

fn what_was_made_goes_and_what_was_changed_is_as_before(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let known =
        json!({"name": "上海远望仪器有限公司", "mobile": "15430001234", "remark": "旧", "credit_limit": 5});
    desk.company.create(&boss, "customer", known);
    let fields = ["name", "mobile", "remark", "credit_limit", "owner"];
    let before = desk.list(&boss, "customer", &fields);
    let path = desk.sheet(
        "list.xlsx",
        &[
            &["客户名称", "手机号", "备注", "联系人", "职务"],
            &["上海远望仪器有限公司", "15430009999", "新", "张伟", "厂长"],
            &["北京恒通电气有限公司", "", "", "李娜", ""],
            &["上海远望仪器有限公司", "", "再新", "", ""],
        ],
    );
    let mapped = json!({"mode": "upsert", "key": "name", "mapping": [{"column": 1, "field": "mobile"}]});
    let done = desk.bring_in(&boss, "customer", &path, mapped);
    assert_eq!(counts(&done), [3, 1, 2, 0, 0]);
    assert_eq!(desk.list(&boss, "customer", &fields)[0]["mobile"], "+8615430009999");

    let undone = desk.undo(&boss, &done);
    assert_eq!(
        (undone["state"].as_str(), &undone["undo"]),
        (Some("undone"), &json!({"undone": 4, "conflicts": []}))
    );
    assert_eq!(desk.list(&boss, "contact", &["name"]), Vec::<Json>::new());
    let version = |record: &Json| record["version"].as_i64().unwrap();
    let mut after = desk.list(&boss, "customer", &fields);
    assert!(version(&after[0]) > version(&before[0]));
    after[0]["version"] = before[0]["version"].clone();
    assert_eq!(after, before);
    assert_eq!(
        code(desk.company.wait(desk.engine().undo_import(boss.clone(), id_of(&done)))),
        Code::Conflict,
        "once is enough"
    );
}

fn what_others_have_worked_with_since_stays_and_is_told(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let path = desk.sheet(
        "list.xlsx",
        &[&["客户名称"], &["上海远望仪器有限公司"], &["北京恒通电气有限公司"], &["广州蓝海贸易有限公司"]],
    );
    let done = desk.bring_in(&boss, "customer", &path, nothing());
    let ids: Vec<Json> =
        desk.list(&boss, "customer", &["name"]).iter().map(|record| record["id"].clone()).collect();
    let number = |id: &Json| id.as_str().unwrap().parse::<Id>().unwrap().number();
    desk.company.update(&boss, "customer", number(&ids[0]), json!({"remark": "谈过了"})).unwrap();
    desk.company.create(&boss, "contact", json!({"name": "张伟", "customer": ids[1]}));
    let undone = desk.undo(&boss, &done);
    assert_eq!(undone["undo"]["undone"], 1);
    let conflicts = undone["undo"]["conflicts"].as_array().unwrap();
    let told: Vec<(&Json, &str)> =
        conflicts.iter().map(|each| (&each["id"], each["message"].as_str().unwrap())).collect();
    assert_eq!(told.len(), 2);
    assert!(told.contains(&(&ids[0], "导入之后又被修改过，未撤销")), "{told:?}");
    assert!(told.contains(&(&ids[1], "导入之后有联系人关联到它，未撤销")), "{told:?}");
    assert_eq!(desk.names(&boss, "customer"), ["上海远望仪器有限公司", "北京恒通电气有限公司"]);
}

fn whoever_may_not_delete_may_still_take_back_their_own_import(db: &mut TestDb) {
    let desk = Desk::new(db);
    desk.company.hire("sally", "sales");
    let sally = desk.company.cx("sally");
    let path = desk.sheet("list.xlsx", &[&["客户名称"], &["上海远望仪器有限公司"]]);
    let done = desk.bring_in(&sally, "customer", &path, nothing());
    assert_eq!(desk.undo(&sally, &done)["undo"], json!({"undone": 1, "conflicts": []}));
    assert_eq!(desk.count(&sally, "customer"), 0);
    let deletes = desk.company.log("delete");
    assert_eq!((deletes.len(), deletes[0].via.as_str()), (1, "import"));
    assert_eq!(
        deletes[0].request.as_deref(),
        Some(format!("{}:undo", done["id"].as_str().unwrap()).as_str())
    );
}

fn what_wrote_nothing_cannot_be_undone(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let import =
        desk.upload(&boss, "customer", &desk.sheet("list.xlsx", &[&["客户名称"], &["上海远望仪器有限公司"]]));
    desk.check(&boss, &import);
    assert_eq!(
        code(desk.company.wait(desk.engine().undo_import(boss.clone(), id_of(&import)))),
        Code::Conflict
    );
    assert_eq!(
        code(desk.company.wait(desk.engine().cancel_import(boss.clone(), id_of(&import)))),
        Code::Conflict
    );
}

huike_store::on_both_databases!(
    what_was_made_goes_and_what_was_changed_is_as_before,
    what_others_have_worked_with_since_stays_and_is_told,
    whoever_may_not_delete_may_still_take_back_their_own_import,
    what_wrote_nothing_cannot_be_undone,
);
