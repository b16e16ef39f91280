use super::desk::{Desk, counts, id_of, mapping, nothing, reported};
use huike_store::testing::TestDb;
use rust_xlsxwriter::{Format, Formula, Workbook};
use serde_json::{Value as Json, json};
use std::path::PathBuf;

/// A list as it comes from a sales office: a title over all, notes, line breaks in titles, numbers as text and text as numbers, full-width
/// characters, blank rows, a repeated header, sums.
fn office_list(desk: &Desk) -> PathBuf {
    let mut book = Workbook::new();
    let cover = book.add_worksheet();
    cover.set_name("说明").unwrap().set_hidden(true);
    cover.write_string(0, 0, "内部使用").unwrap();
    let sheet = book.add_worksheet();
    sheet.set_name("客户").unwrap().set_active(true);
    sheet.merge_range(0, 0, 0, 7, "2026 年客户资料汇总表", &Format::new()).unwrap();
    sheet.write_string(1, 0, "制表人：王老板").unwrap();
    let titles =
        ["客户\n名称*", "联系人", "联系电话", "客户等级", "成立日期", "信用额度（元）", "业务员", "详细地址"];
    let write_titles = |sheet: &mut rust_xlsxwriter::Worksheet, row: u32| {
        for (column, title) in titles.iter().enumerate() {
            sheet.write_string(row, column as u16, *title).unwrap();
        }
    };
    write_titles(sheet, 2);
    let date = Format::new().set_num_format("yyyy/m/d");
    let text = |sheet: &mut rust_xlsxwriter::Worksheet, row: u32, cells: &[&str]| {
        for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row, column as u16, *text).unwrap();
        }
    };
    // Row 4: a phone as a number, a date as a date, an amount as a number.
    text(
        sheet,
        3,
        &["上海远望仪器有限公司", "张　伟", "", "A 类", "", "", "boss", "上海市浦东新区张江路 1 号"],
    );
    sheet.write_number(3, 2, 15_430_001_234.0).unwrap();
    sheet.write_number_with_format(3, 4, 38_504.0, &date).unwrap();
    sheet.write_number(3, 5, 50_000.0).unwrap();
    // Row 5: full-width, Chinese numerals and units, marks of absence.
    text(
        sheet,
        4,
        &[
            "北京恒通电气（集团）有限公司",
            "李娜",
            "０１０－９３４５６７８１",
            "Ｂ类",
            "２００８年６月１日",
            "12.5万",
            "王老板",
            "/",
        ],
    );
    // Row 6 is blank. Row 7: everything wrong at once.
    text(sheet, 6, &["", "王芳", "8765432", "Z", "下个月", "很多", "没有这个人", "广州"]);
    // Row 8 repeats the titles, row 9 is a formula without a result.
    write_titles(sheet, 7);
    text(sheet, 8, &["广州蓝海贸易有限公司", "赵敏", "", "", "", "", "", ""]);
    sheet.write_formula(8, 5, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    // Row 10: the first company again, with another person. Row 11: sums.
    text(sheet, 9, &["上海远望仪器有限公司", "陈静", "15430001299", "A 类", "", "", "", ""]);
    text(sheet, 10, &["合计", "", "", "", "", "62500", "", ""]);
    let path = desk.path("客户资料.xlsx");
    book.save(&path).unwrap();
    path
}

fn a_messy_list_comes_in_and_its_faults_are_told_where_they_stand(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let import = desk.upload(&boss, "customer", &office_list(&desk));
    assert_eq!(
        (import["sheet"].as_i64(), import["header_row"].as_i64(), &import["state"]),
        (Some(1), Some(3), &json!("draft"))
    );
    assert_eq!(import["sheets"][0]["hidden"], true);
    let fields: Vec<Option<String>> = mapping(&import).into_iter().map(|(_, field)| field).collect();
    let expected = [
        "name",
        "contact.name",
        "contact.mobile",
        "tier",
        "founded_on",
        "credit_limit",
        "owner",
        "region_address",
    ];
    assert_eq!(fields, expected.map(|field| Some(field.to_owned())));
    let preview = import["preview"].as_array().unwrap();
    assert_eq!(preview.iter().map(|row| row["row"].as_i64().unwrap()).collect::<Vec<_>>(), [4, 5, 7, 9, 10]);
    assert_eq!(preview[0]["values"]["contact.mobile"], "154 3000 1234");
    assert_eq!(preview[0]["values"]["founded_on"], "2005-06-01");
    assert_eq!(preview[1]["values"]["credit_limit"], "¥125,000.00");
    assert_eq!(preview[0]["faults"], json!([]));
    assert_eq!(desk.count(&boss, "customer"), 0, "a preview writes nothing");

    let checked = desk.check(&boss, &import);
    assert_eq!(checked["state"], "checked", "{checked:#}");
    let report = &checked["report"];
    assert_eq!((&report["rows"], &report["valid"], &report["faulty"]), (&json!(5), &json!(3), &json!(2)));
    let mut faults = reported(&checked);
    faults.sort();
    let at = |row: i64, field: &str, code: &str| (row, field.to_owned(), code.to_owned());
    assert_eq!(
        faults,
        [
            at(7, "contact.mobile", "format"),
            at(7, "credit_limit", "format"),
            at(7, "founded_on", "format"),
            at(7, "name", "required"),
            at(7, "owner", "unknown_reference"),
            at(7, "tier", "unknown_option"),
            at(9, "credit_limit", "cell_error"),
        ]
    );
    assert_eq!(desk.count(&boss, "customer"), 0, "a dry run writes nothing");

    let done = desk.run(&boss, &import);
    assert_eq!((done["state"].as_str(), counts(&done)), (Some("done"), [5, 2, 1, 0, 2]), "{done:#}");
    let customers = desk.list(
        &boss,
        "customer",
        &["name", "tier", "founded_on", "credit_limit", "owner", "region_address"],
    );
    assert_eq!(customers.len(), 2);
    assert_eq!(customers[0]["owner"]["name"], "王老板");
    assert_eq!(customers[0]["tier"], "a");
    assert_eq!(customers[1]["tier"], "b");
    assert_eq!(customers[1]["credit_limit"], 125_000);
    assert_eq!(customers[1]["region_address"], Json::Null);
    let contacts = desk.list(&boss, "contact", &["name", "mobile", "phone", "customer"]);
    let told: Vec<_> = contacts
        .iter()
        .map(|c| (c["name"].as_str().unwrap(), c["customer"]["name"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("张 伟", "上海远望仪器有限公司"),
            ("李娜", customers[1]["name"].as_str().unwrap()),
            ("陈静", "上海远望仪器有限公司"),
        ]
    );
    assert_eq!(contacts[0]["mobile"], "+8615430001234");
    let entries =
        desk.company.log("create").into_iter().filter(|entry| entry.via == "import").collect::<Vec<_>>();
    assert_eq!(entries.len(), 5, "two customers and three contacts");
    assert!(entries.iter().all(|entry| entry.request.as_deref() == import["id"].as_str()
        && entry.actor == Some(desk.company.user("boss"))));
}

fn what_failed_comes_as_a_workbook_that_can_be_corrected_and_sent_again(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let import = desk.upload(&boss, "customer", &office_list(&desk));
    desk.run(&boss, &import);
    let errors = desk.company.wait(desk.engine().import_errors(boss.clone(), id_of(&import))).unwrap();
    let (titles, rows) = desk.read(&errors);
    assert_eq!((errors.file_name.as_str(), errors.rows), ("客户资料 待修正.xlsx", 2), "{rows:#?}");
    assert_eq!((titles[0].as_str(), titles.last().map(String::as_str)), ("客户名称", Some("错误原因")));
    assert_eq!(rows[0][1], "王芳");
    for part in ["请填写客户名称", "没有找到“没有这个人”", "客户等级"] {
        assert!(rows[0].last().unwrap().contains(part), "{part}: {:?}", rows[0].last());
    }
    let english = desk.company.wait(desk.engine().import_errors(desk.english(), id_of(&import))).unwrap();
    assert!(desk.read(&english).1[0].last().unwrap().contains("Name is required"));

    let corrected = desk.sheet(
        "客户资料 待修正.xlsx",
        &[
            &titles.iter().map(String::as_str).collect::<Vec<_>>(),
            &[
                "武汉长江机电有限公司",
                "王芳",
                "15430001236",
                "C 类",
                "2010-01-01",
                "30000",
                "王老板",
                "武汉市武昌区中南路 2 号",
                &rows[0][8],
            ],
            &["广州蓝海贸易有限公司", "赵敏", "", "", "", "8000", "", "", &rows[1][8]],
        ],
    );
    let again = desk.upload(&boss, "customer", &corrected);
    assert_eq!(mapping(&again).len(), 8, "the column of the reasons is no column of data");
    assert_eq!(counts(&desk.run(&boss, &again)), [2, 2, 0, 0, 0]);
    assert_eq!(desk.names(&boss, "customer").len(), 4);
}

fn text_files_in_the_encodings_of_chinese_offices_are_read(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let text = "客户名称,座机,备注\r\n杭州西子电梯配件有限公司,0571-93456781,\"老客户,每月订货\"\r\n宁波镇海化工有限公司,0574-93456782,喆\r\n";
    let (gb18030, _, failed) = encoding_rs::GB18030.encode(text);
    assert!(!failed);
    let path = desk.bytes("客户.csv", &gb18030);
    let done = desk.bring_in(&boss, "customer", &path, nothing());
    assert_eq!(counts(&done), [2, 2, 0, 0, 0]);
    let customers = desk.list(&boss, "customer", &["name", "phone", "remark"]);
    assert_eq!(customers[0]["remark"], "老客户,每月订货");
    assert_eq!(customers[1]["phone"], "+8657493456782");
    let mut tabbed = b"\xff\xfe".to_vec();
    tabbed.extend("客户名称\t备注\r\n温州瓯江泵阀有限公司\t新\r\n".encode_utf16().flat_map(u16::to_le_bytes));
    let done = desk.bring_in(&boss, "customer", &desk.bytes("客户.txt", &tabbed), nothing());
    assert_eq!(counts(&done), [1, 1, 0, 0, 0]);
}

fn another_sheet_and_another_title_row_may_be_chosen(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let import = desk.upload(&boss, "customer", &office_list(&desk));
    let other = desk.change(&boss, &import, json!({"sheet": 0})).unwrap();
    assert_eq!((&other["sheet"], other["columns"].as_array().unwrap().len()), (&json!(0), 1));
    let back = desk.change(&boss, &import, json!({"sheet": 1, "header_row": 3})).unwrap();
    assert_eq!(mapping(&back).len(), 8);
    assert_eq!(
        desk.change(&boss, &import, json!({"header_row": 900})).unwrap_err().into_problem().faults[0].field,
        "header_row"
    );
    assert_eq!(
        desk.change(&boss, &import, json!({"sheet": 9})).unwrap_err().into_problem().code.name(),
        "refused_file"
    );
}

fn a_file_that_is_no_sheet_is_refused_with_the_reason_and_not_kept(db: &mut TestDb) {
    let desk = Desk::new(db);
    let path = desk.bytes("客户.xlsx", b"%PDF-1.7 ...");
    let problem = desk.try_upload(&desk.boss(), "customer", &path).unwrap_err().into_problem();
    assert_eq!((problem.code.name(), problem.faults[0].code), ("refused_file", "file_not_a_spreadsheet"));
    assert!(problem.detail.unwrap().zh.contains("PDF"));
    assert_eq!(std::fs::read_dir(desk.engine().files().join("imports")).map_or(0, Iterator::count), 0);
    for junk in [b"junk".as_slice(), b"\x01\x02\x03\x04"] {
        let path = desk.bytes("客户.xlsx", junk);
        let problem = desk.try_upload(&desk.boss(), "customer", &path).unwrap_err().into_problem();
        assert_eq!((problem.code.name(), problem.faults[0].code), ("refused_file", "file_not_a_spreadsheet"));
    }
}

fn the_kept_file_is_sealed_and_lies_open_only_while_it_is_read(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let text = "客户名称,备注\n杭州示例科技有限公司,只有自己人该知道的备注\n";
    let import = desk.upload(&boss, "customer", &desk.bytes("客户.csv", text.as_bytes()));
    let secret = "该知道的备注".as_bytes();
    let lies_open = || {
        let folders = ["imports", "uploads", "exports"].map(|folder| desk.engine().files().join(folder));
        let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
        files
            .map(|file| std::fs::read(file.unwrap().path()).unwrap())
            .any(|file| file.windows(secret.len()).any(|part| part == secret))
    };
    assert!(!lies_open());
    desk.change(&boss, &import, json!({"header_row": 1})).unwrap();
    assert!(!lies_open());
    let done = desk.run(&boss, &import);
    assert_eq!((done["state"].as_str(), desk.count(&boss, "customer")), (Some("done"), 1));
    assert!(!lies_open());
}

fn what_a_sheet_shows_in_percent_is_percent_and_elsewhere_the_share_it_is(db: &mut TestDb) {
    use rust_xlsxwriter::{Format, Workbook};
    let desk = Desk::new(db);
    let boss = desk.boss();
    let field = json!({"name": "margin", "type": "percent", "label": {"zh": "毛利率", "en": "Margin"}});
    desk.company.wait(desk.engine().add_field(boss, "customer".into(), field)).unwrap();
    let boss = desk.boss();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in ["客户名称", "毛利率", "信用额度", "备注"].iter().enumerate() {
        sheet.write_string(0, column as u16, *title).unwrap();
    }
    let percent = Format::new().set_num_format("0.0%");
    sheet.write_string(1, 0, "杭州示例科技有限公司").unwrap();
    for column in 1..4 {
        sheet.write_number_with_format(1, column, 0.07, &percent).unwrap();
    }
    let path = desk.path("客户.xlsx");
    book.save(&path).unwrap();
    let import = desk.upload(&boss, "customer", &path);
    let mapping = json!([
        {"column": 0, "field": "name"}, {"column": 1, "field": "margin"},
        {"column": 2, "field": "credit_limit"}, {"column": 3, "field": "remark"},
    ]);
    let changed = desk.change(&boss, &import, json!({"mapping": mapping})).unwrap();
    assert_eq!(changed["preview"][0]["values"]["margin"], "7%", "{changed}");
    let done = desk.run(&boss, &import);
    assert_eq!(done["progress"]["created"], 1, "{done}");
    let request = crate::records::list::ListRequest::default();
    let list = desk.company.wait(desk.engine().list_records(boss, "customer".into(), request)).unwrap();
    let made = &list["items"][0];
    assert_eq!((made["margin"].as_f64(), made["credit_limit"].as_f64()), (Some(7.0), Some(0.07)));
    assert_eq!(made["remark"], "7%");
}

fn several_numbers_in_one_cell_find_their_fields_or_are_told(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let path = desk.sheet(
        "联系人.xlsx",
        &[
            &["姓名", "手机"],
            &["张三", "15430017788 / 021-58881234"],
            &["李四", "021-58881235、15430017789"],
            &["王五", "15430017790;15430017791；021-58881236"],
        ],
    );
    let import = desk.upload(&boss, "contact", &path);
    let warned = &import["preview"][2]["faults"];
    assert_eq!(
        (&warned[0]["code"], &warned[0]["column"]),
        (&json!("several_numbers"), &json!(1)),
        "{import}"
    );
    let done = desk.run(&boss, &import);
    assert_eq!((&done["progress"]["created"], &done["progress"]["failed"]), (&json!(3), &json!(0)), "{done}");
    let request = crate::records::list::ListRequest { sort: vec!["created_at".into()], ..Default::default() };
    let list =
        desk.company.wait(desk.engine().list_records(boss.clone(), "contact".into(), request)).unwrap();
    let phones = |name: &str| {
        let items = list["items"].as_array().unwrap();
        let found = items.iter().find(|item| item["name"] == name).unwrap();
        (found["mobile"].as_str().unwrap().to_owned(), found["phone"].as_str().unwrap().to_owned())
    };
    assert_eq!(phones("张三"), ("+8615430017788".into(), "+862158881234".into()));
    assert_eq!(phones("李四"), ("+8615430017789".into(), "+862158881235".into()));
    assert_eq!(phones("王五"), ("+8615430017790".into(), "+862158881236".into()));
    // What found no place comes with its row to be looked at.
    let id = crate::imports::tests::desk::id_of(&import);
    let errors = desk.company.wait(desk.engine().import_errors(boss, id)).unwrap();
    let (_, rows) = desk.read(&errors);
    assert_eq!((rows.len(), rows[0][0].as_str()), (1, "王五"));
    assert!(rows[0].last().unwrap().contains("7791"), "{rows:?}");
}

huike_store::on_both_databases!(
    a_messy_list_comes_in_and_its_faults_are_told_where_they_stand,
    what_failed_comes_as_a_workbook_that_can_be_corrected_and_sent_again,
    text_files_in_the_encodings_of_chinese_offices_are_read,
    another_sheet_and_another_title_row_may_be_chosen,
    a_file_that_is_no_sheet_is_refused_with_the_reason_and_not_kept,
    the_kept_file_is_sealed_and_lies_open_only_while_it_is_read,
    what_a_sheet_shows_in_percent_is_percent_and_elsewhere_the_share_it_is,
    several_numbers_in_one_cell_find_their_fields_or_are_told,
);
