use super::desk::{Desk, counts, id_of, nothing};
use crate::imports::Correction;
use crate::session::testing::code;
use huike_model::Code;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

const ROWS: &[&[&str]] = &[
    &["客户名称", "手机号", "备注"],
    &["上海远望仪器有限公司", "15430009999", ""],
    &["北京恒通电气有限公司", "12", "号码不对"],
    &["", "", "没有名称"],
    &["广州蓝海贸易有限公司", "15430008888", ""],
];

fn correction(row: u32, column: usize, text: &str) -> Correction {
    Correction { row, column, text: text.into() }
}

fn faulty(desk: &Desk, import: &Json, cursor: Option<&str>) -> Json {
    let asked = desk.engine().faulty_rows(desk.boss(), id_of(import), Some(1), cursor.map(str::to_owned));
    desk.company.wait(asked).unwrap()
}

fn mapped() -> Json {
    json!({"mapping": [{"column": 1, "field": "mobile"}, {"column": 2, "field": "remark"}]})
}

fn what_is_corrected_before_the_import_comes_in_corrected(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let draft = desk.upload(&boss, "customer", &desk.sheet("list.xlsx", ROWS));
    desk.change(&boss, &draft, mapped()).unwrap();
    let checked = desk.check(&boss, &draft);
    assert_eq!(checked["report"]["faulty"], 2);
    let first = faulty(&desk, &checked, None);
    assert_eq!(first["items"][0]["row"], 3);
    assert_eq!(first["items"][0]["cells"], json!(["北京恒通电气有限公司", "12", "号码不对"]));
    assert_eq!(first["items"][0]["faults"][0]["column"], 1);
    let second = faulty(&desk, &checked, first["next_cursor"].as_str());
    assert_eq!((&second["items"][0]["row"], &second["next_cursor"]), (&json!(4), &json!(null)));

    let corrections = json!({"corrections": [
        {"row": 3, "column": 1, "text": "15430007777"}, {"row": 4, "column": 0, "text": "成都云杉软件有限公司"}]});
    desk.change(&boss, &draft, corrections).unwrap();
    assert_eq!(desk.check(&boss, &draft)["report"]["faulty"], 0);
    assert_eq!(counts(&desk.run(&boss, &draft)), [4, 4, 0, 0, 0]);
    let numbers: Vec<Json> =
        desk.list(&boss, "customer", &["mobile"]).iter().map(|record| record["mobile"].clone()).collect();
    assert!(numbers.contains(&json!("+8615430007777")), "{numbers:?}");
}

fn failed_rows_come_in_again_as_an_import_of_their_own_and_only_once(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let done = desk.bring_in(&boss, "customer", &desk.sheet("list.xlsx", ROWS), mapped());
    assert_eq!(counts(&done), [4, 2, 0, 0, 2]);
    let again = |corrections: Vec<Correction>| {
        desk.company.wait(desk.engine().import_again(desk.boss(), id_of(&done), corrections))
    };
    let made = again(vec![correction(3, 1, "15430007777")]).unwrap();
    assert_eq!(made["preview"][0]["values"]["mobile"], "154 3000 7777", "{}", made["preview"]);
    assert_eq!(counts(&desk.run(&boss, &made)), [1, 1, 0, 0, 0]);
    assert_eq!(desk.count(&boss, "customer"), 3);
    let left = desk.company.wait(desk.engine().import(boss.clone(), id_of(&done))).unwrap();
    assert_eq!(left["progress"]["failed"], 1);
    assert_eq!(faulty(&desk, &done, None)["items"][0]["row"], 4);
    assert_eq!(code(again(vec![correction(3, 1, "15430007777")])), Code::Conflict, "once is enough");
    // Each is undone by itself.
    desk.undo(&boss, &made);
    assert_eq!(desk.count(&boss, "customer"), 2);
}

fn corrections_that_mean_no_cell_are_refused_each_by_name(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let done = desk.bring_in(&boss, "customer", &desk.sheet("list.xlsx", ROWS), nothing());
    let wrong = vec![correction(3, 9, "x"), correction(1, 0, "x"), correction(3, 0, &"长".repeat(40_000))];
    let refused = desk.company.wait(desk.engine().import_again(boss, id_of(&done), wrong)).unwrap_err();
    let found: Vec<String> =
        crate::session::testing::faults(refused).into_iter().map(|(field, _)| field).collect();
    assert_eq!(found, ["corrections.0.column", "corrections.1.row", "corrections.2.text"]);
    let none = desk.company.wait(desk.engine().import_again(desk.boss(), id_of(&done), Vec::new()));
    assert_eq!(code(none), Code::Invalid);
}

huike_store::on_both_databases!(
    what_is_corrected_before_the_import_comes_in_corrected,
    failed_rows_come_in_again_as_an_import_of_their_own_and_only_once,
    corrections_that_mean_no_cell_are_refused_each_by_name,
);
