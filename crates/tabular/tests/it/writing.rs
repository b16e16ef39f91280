use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};
use huike_tabular::{
    Cell, Column, ColumnKind, Extras, Format, Lang, Limits, OutCell, TemplateColumn, WriteError, Writer,
    Written, inspect, write_template,
};
use proptest::prelude::*;

use crate::{read_rows, shown};

fn columns() -> Vec<Column> {
    vec![
        Column::new("名称", ColumnKind::Text),
        Column::new("数量", ColumnKind::Number { decimals: 2 }),
        Column::new("金额", ColumnKind::Money),
        Column::new("日期", ColumnKind::Date),
        Column::new("时间", ColumnKind::DateTime),
        Column::new("有效", ColumnKind::Bool),
    ]
}

fn write(path: &Path, format: Format, columns: &[Column], extras: Extras, rows: &[Vec<OutCell>]) -> Written {
    let mut writer = Writer::create_with(path, "客户", format, columns, extras).unwrap();
    for row in rows {
        writer.write_row(row).unwrap();
    }
    writer.finish().unwrap()
}

fn text(value: &str) -> OutCell {
    OutCell::Text(value.into())
}

/// Anything that may stand in a cell of XML; the rest is escaped by the format but not by other readers alike.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "[=+\\-@'\t\r\n][ -~]{0,6}",
        "[汇客一-龥，。＝'\",;|=\n\r\t a-z&<>]{0,10}",
        "_x[0-9A-F]{4}_?",
        any::<String>().prop_map(|s| s
            .chars()
            .filter(
                |c| !matches!(c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}')
            )
            .collect()),
    ]
}

fn any_moment() -> impl Strategy<Value = NaiveDateTime> {
    (1i64..2_900_000, 0i64..86_400_000).prop_map(|(day, millis)| {
        NaiveDate::from_ymd_opt(1899, 12, 31).unwrap().and_hms_opt(0, 0, 0).unwrap()
            + chrono::Duration::days(day)
            + chrono::Duration::milliseconds(millis)
    })
}

fn value_of(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number { value, .. } => Some(*value),
        _ => None,
    }
}

/// What reading takes off on purpose: the tab or `="…"` that programs put around digits.
fn is_export_trick(text: &str) -> bool {
    let digits = text.trim_matches('\t');
    digits.len() < text.len() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_to_xlsx_is_read_back(
        rows in prop::collection::vec((any_text(), -1e12..1e12f64, -1_000_000_000_000i64..1_000_000_000_000, any_moment(), any::<bool>()), 1..8)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xlsx");
        let out: Vec<Vec<OutCell>> = rows.iter().map(|(name, number, cents, moment, flag)| vec![
            text(name), OutCell::Number(*number), OutCell::Decimal { unscaled: *cents, scale: 2 },
            OutCell::Date(moment.date()), OutCell::DateTime(*moment), OutCell::Bool(*flag),
        ]).collect();
        write(&path, Format::Xlsx, &columns(), Extras::default(), &out);
        let read = read_rows(&path, 0, 2).unwrap();
        prop_assert_eq!(read.len(), rows.len());
        for (row, (name, number, cents, moment, flag)) in read.iter().zip(&rows) {
            prop_assert_eq!(row.cells[0].display(), name.as_str());
            prop_assert_eq!(value_of(&row.cells[1]), Some(*number));
            let read_cents = value_of(&row.cells[2]).map(|value| (value * 100.0).round() as i64);
            prop_assert_eq!(read_cents, Some(*cents));
            prop_assert_eq!(&row.cells[3], &Cell::Date(moment.date().and_hms_opt(0, 0, 0).unwrap()));
            prop_assert_eq!(&row.cells[4], &Cell::Date(*moment));
            prop_assert_eq!(&row.cells[5], &Cell::Bool(*flag));
        }
    }

    #[test]
    fn what_is_written_to_csv_is_read_back_and_starts_no_formula(
        names in prop::collection::vec((any_text(), any_text()), 1..8), bom in any::<bool>()
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let two = [Column::new("甲", ColumnKind::Text), Column::new("乙", ColumnKind::Text), Column::new("丙", ColumnKind::Bool)];
        let names: Vec<_> = names.into_iter().filter(|(a, b)| !is_export_trick(a) && !is_export_trick(b)).collect();
        let out: Vec<Vec<OutCell>> = names.iter().map(|(a, b)| vec![text(a), text(b), OutCell::Bool(true)]).collect();
        write(&path, Format::Csv { bom }, &two, Extras::default(), &out);
        let dialect = inspect(&path, "a", &Limits::default()).unwrap().kind();
        prop_assume!(matches!(dialect, huike_tabular::FileKind::Csv { delimiter: huike_tabular::Delimiter::Comma, .. }));
        let read = read_rows(&path, 0, 2).unwrap();
        prop_assert_eq!(read.len(), names.len());
        for (row, (a, b)) in read.iter().zip(&names) {
            prop_assert_eq!(shown(row), [a.as_str(), b.as_str(), "TRUE"]);
        }
        let bytes = std::fs::read_to_string(&path).unwrap();
        let raw = calm_fields(&bytes);
        prop_assert!(raw.iter().all(|field| !field.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{raw:?}");
    }
}

/// The fields of a comma-separated text as a program that knows nothing of apostrophes sees them.
fn calm_fields(text: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields
}

#[test]
fn formulas_are_neutralised_in_csv_and_stay_text_in_xlsx() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["=1+1", "+86 138", "-5", "@SUM(A1)", "\tx", "'=x", "plain", "=cmd|'/C calc'!A0"];
    let rows: Vec<_> = names.iter().map(|n| vec![text(n)]).collect();
    let column = [Column::new("=名称", ColumnKind::Text)];
    let (csv, xlsx) = (folder.path().join("a.csv"), folder.path().join("a.xlsx"));
    write(&csv, Format::Csv { bom: true }, &column, Extras::default(), &rows);
    write(&xlsx, Format::Xlsx, &column, Extras::default(), &rows);
    let written = std::fs::read_to_string(&csv).unwrap();
    assert_eq!(
        written,
        "\u{feff}'=名称\r\n'=1+1\r\n'+86 138\r\n'-5\r\n'@SUM(A1)\r\n'\tx\r\n''=x\r\nplain\r\n'=cmd|'/C calc'!A0\r\n"
    );
    for path in [csv, xlsx] {
        let read: Vec<_> = read_rows(&path, 0, 2).unwrap().into_iter().map(|r| r.cells).collect();
        let expected: Vec<_> = names.iter().map(|n| vec![Cell::Text((*n).into())]).collect();
        assert_eq!(read, expected);
    }
}

#[test]
fn the_other_reader_finds_no_formula_in_what_is_written() {
    use calamine::Reader;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    let rows = [vec![text("=1+1")], vec![text("甲公司")]];
    write(&path, Format::Xlsx, &[Column::new("名称", ColumnKind::Text)], Extras::default(), &rows);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
    assert!(book.worksheet_formula("客户").unwrap().is_empty());
    let range = book.worksheet_range("客户").unwrap();
    assert_eq!(range.get_value((1, 0)), Some(&calamine::Data::String("=1+1".into())));
}

#[test]
fn a_fault_is_red_noted_and_collected() {
    let folder = tempfile::tempdir().unwrap();
    let fault = |value: &str, message: &str| OutCell::Fault { value: value.into(), message: message.into() };
    let rows = [
        vec![text("甲公司"), fault("138", "手机号应为 11 位")],
        vec![fault("", "不能为空"), fault("x", "不是数字")],
        vec![text("乙公司")],
    ];
    let two = [Column::new("名称", ColumnKind::Text), Column::new("手机", ColumnKind::Text)];
    let extras = Extras {
        fault_column: Some("错误原因".into()),
        watermark: Some("导出人：王芳 & 2024-01-31".into()),
    };
    for (name, format) in [("a.xlsx", Format::Xlsx), ("a.csv", Format::Csv { bom: false })] {
        let path = folder.path().join(name);
        let written = write(&path, format, &two, extras.clone(), &rows);
        assert_eq!(written, Written { rows: 3, shortened: 0 });
        let read: Vec<_> = read_rows(&path, 0, 1).unwrap().iter().map(shown).collect();
        assert_eq!(read[0], ["名称", "手机", "错误原因"]);
        assert_eq!(read[1], ["甲公司", "138", "手机: 手机号应为 11 位"]);
        assert_eq!(read[2], ["", "x", "名称: 不能为空; 手机: 不是数字"]);
        assert_eq!(read[3], ["乙公司"]);
        assert_eq!(read[4], ["导出人：王芳 & 2024-01-31"]);
    }
    let mut zip = zip::ZipArchive::new(std::fs::File::open(folder.path().join("a.xlsx")).unwrap()).unwrap();
    let mut part = |name: &str| std::io::read_to_string(zip.by_name(name).unwrap()).unwrap();
    assert!(part("xl/comments1.xml").contains("手机号应为 11 位"));
    assert!(part("xl/styles.xml").contains("FFFFC7CE"));
    let sheet = part("xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<autoFilter ref=\"A1:C4\"/>") && sheet.contains("state=\"frozen\""));
}

#[test]
fn long_texts_are_cut_and_counted_and_wide_rows_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    let column = [Column::new("备注", ColumnKind::Text)];
    let written = write(&path, Format::Xlsx, &column, Extras::default(), &[vec![text(&"汇".repeat(40_000))]]);
    assert_eq!(written.shortened, 1);
    assert_eq!(read_rows(&path, 0, 2).unwrap()[0].cells[0].display().chars().count(), 32_767);
    let mut writer = Writer::create(&path, "x", Format::Xlsx, &column).unwrap();
    let error = writer.write_row(&[OutCell::Empty, OutCell::Empty]).unwrap_err();
    assert!(matches!(error, WriteError::TooManyCells { cells: 2, columns: 1 }));
}

#[test]
fn large_whole_numbers_and_amounts_stay_exact() {
    let folder = tempfile::tempdir().unwrap();
    let rows =
        [vec![OutCell::Integer(i64::MAX), OutCell::Decimal { unscaled: 123_456_789_012_345_678, scale: 2 }]];
    let two = [Column::new("号", ColumnKind::Number { decimals: 0 }), Column::new("额", ColumnKind::Money)];
    for (name, format) in [("a.xlsx", Format::Xlsx), ("a.csv", Format::Csv { bom: true })] {
        let path = folder.path().join(name);
        write(&path, format, &two, Extras::default(), &rows);
        assert_eq!(
            shown(&read_rows(&path, 0, 2).unwrap()[0]),
            ["9223372036854775807", "1234567890123456.78"]
        );
    }
}

#[test]
fn a_template_explains_its_columns_and_is_read_back_without_marks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    let column = |title: &str, required, choices: &[&str]| TemplateColumn {
        column: Column::new(title, ColumnKind::Text),
        required,
        meaning: format!("{title}的含义"),
        choices: choices.iter().map(|c| (*c).to_owned()).collect(),
        example: "示例".into(),
    };
    let columns = [
        column("客户名称", true, &[]),
        column("级别", false, &["A, 重点", "B"]),
        column("来源", false, &["展会"]),
    ];
    write_template(&path, "客户", &columns, Lang::Zh).unwrap();
    let book = inspect(&path, "x", &Limits::default()).unwrap();
    let sheets: Vec<_> = book.sheets().iter().map(|s| (s.name.as_str(), s.hidden)).collect();
    assert_eq!(sheets, [("客户", false), ("填写说明", false), ("选项", true)]);
    assert_eq!(book.open_sheet(0).unwrap().header_guess().columns, ["客户名称", "级别", "来源"]);
    let guide = read_rows(&path, 1, 1).unwrap();
    assert_eq!(shown(&guide[0]), ["列名", "必填", "含义", "可选值", "示例"]);
    assert_eq!(shown(&guide[1]), ["客户名称", "是", "客户名称的含义", "", "示例"]);
    assert_eq!(shown(&guide[2]), ["级别", "", "级别的含义", "A, 重点、B", "示例"]);
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
    let sheet = std::io::read_to_string(zip.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
    assert!(sheet.contains("sqref=\"B2:B1048576\"><formula1>'选项'!$A$1:$A$2</formula1>"), "{sheet}");
    assert!(sheet.contains("sqref=\"C2:C1048576\"><formula1>'选项'!$B$1:$B$1</formula1>"));
}
