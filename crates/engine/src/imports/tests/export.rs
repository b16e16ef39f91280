use super::desk::{Desk, counts};
use crate::cx::Cx;
use crate::imports::{Download, ExportRequest};
use crate::session::testing::{code, faults};
use huike_model::Code;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

fn export(desk: &Desk, cx: &Cx, request: Json) -> Download {
    try_export(desk, cx, request).unwrap()
}

fn try_export(desk: &Desk, cx: &Cx, request: Json) -> crate::Result<Download> {
    let request: ExportRequest = serde_json::from_value(request).unwrap();
    desk.company.wait(desk.engine().export_records(cx.clone(), "customer".into(), request))
}

fn an_export_shows_what_its_author_may_see_and_is_written_down(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    desk.company.hire("steve", "steward");
    let steve = desk.company.cx("steve");
    for (name, mobile) in
        [("=HYPERLINK(\"https://example.com\")公司", "15430001234"), ("北京恒通电气有限公司", "15430001235")]
    {
        let record = json!({"name": name, "mobile": mobile, "credit_limit": 1250.5, "founded_on": "2005-06-01", "tier": "a"});
        desk.company.create(&boss, "customer", record);
    }
    let request = json!({
        "fields": ["name", "mobile", "founded_on", "tier", "owner"],
        "sort": ["name"],
        "filter": {"field": "tier", "op": "eq", "value": "a"},
    });
    let file = export(&desk, &steve, request.clone());
    assert_eq!(file.rows, 2);
    let (titles, rows) = desk.read(&file);
    assert_eq!(titles, ["客户名称", "手机（个人客户）", "成立日期", "客户等级", "负责人"]);
    let row = |name: &str| rows.iter().find(|row| row[0].contains(name)).unwrap().clone();
    assert_eq!(row("恒通"), ["北京恒通电气有限公司", "154****1235", "2005-06-01", "A 类", "王老板"]);
    assert_eq!(row("HYPERLINK")[0], "=HYPERLINK(\"https://example.com\")公司", "text, not a formula");
    assert!(rows.last().unwrap()[0].contains("员工steve"), "the watermark: {:?}", rows.last());
    let csv = export(&desk, &boss, json!({"fields": ["name", "mobile", "credit_limit"], "format": "csv"}));
    let text = std::fs::read_to_string(csv.path()).unwrap();
    assert!(
        text.contains("1250.5")
            && text.contains("154 3000 1234")
            && !text.contains("\r\n=HYPER")
            && !text.contains("\r\n\"=HYPER"),
        "{text}"
    );

    let log = desk.company.log("export");
    assert_eq!(log.len(), 2);
    assert_eq!(
        (log[0].actor, log[0].object.as_str(), log[0].record_id),
        (Some(desk.company.user("steve")), "customer", None)
    );
    let meta: Json = serde_json::from_str(log[0].meta.as_deref().unwrap()).unwrap();
    assert_eq!(
        (&meta["rows"], &meta["filter"], &meta["fields"]),
        (&json!(2), &request["filter"], &request["fields"])
    );
}

fn a_hidden_field_can_be_neither_taken_out_nor_asked_about(db: &mut TestDb) {
    let desk = Desk::new(db);
    desk.company.hire("steve", "steward");
    let steve = desk.company.cx("steve");
    let error = try_export(&desk, &steve, json!({"fields": ["name", "bank_account"]})).unwrap_err();
    assert_eq!(faults(error), [("bank_account".to_owned(), "unknown_field")]);
    let filter = json!({"filter": {"field": "credit_limit", "op": "gt", "value": 1}});
    assert_eq!(code(try_export(&desk, &steve, filter)), Code::BadFilter);
    let (titles, _) = desk.read(&export(&desk, &steve, json!({})));
    assert!(
        titles.contains(&"客户名称".to_owned()) && !titles.contains(&"银行账号".to_owned()),
        "{titles:?}"
    );
}

fn pages_are_put_together_and_what_goes_out_can_come_in_again(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let mut text = String::from("客户名称,单位电话,成立日期\n");
    for at in 0..1_203 {
        text.push_str(&format!("示例{at:05}贸易有限公司,0571-9{:07},2005-06-01\n", 1_000_000 + at));
    }
    let done = desk.bring_in(
        &boss,
        "customer",
        &desk.bytes("list.csv", text.as_bytes()),
        json!({"on_duplicate": "create"}),
    );
    assert_eq!(counts(&done), [1_203, 1_203, 0, 0, 0]);
    let file = export(&desk, &boss, json!({"fields": ["name", "phone", "founded_on", "owner"]}));
    assert_eq!(file.rows, 1_203);
    let path = desk.path("again.xlsx");
    std::fs::copy(file.path(), &path).unwrap();
    let again = desk.upload(&boss, "customer", &path);
    desk.change(&boss, &again, json!({"mode": "update", "key": "name"})).unwrap();
    let again = desk.run(&boss, &again);
    assert_eq!(counts(&again)[3], 1_203, "every record is as it was: {:?}", counts(&again));
    assert_eq!(counts(&again)[1..3], [0, 0]);
}

huike_store::on_both_databases!(
    an_export_shows_what_its_author_may_see_and_is_written_down,
    a_hidden_field_can_be_neither_taken_out_nor_asked_about,
    pages_are_put_together_and_what_goes_out_can_come_in_again,
);
