use huike_tabular::{Cell, FileKind, Limits, NOT_CALCULATED, inspect};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use crate::{agrees, file_of, inspect_bytes, read_rows, shown};

/// A workbook as people send them: a title, a note, group headings, mixed types, blank rows, totals, a hidden sheet.
fn messy() -> Vec<u8> {
    let mut book = Workbook::new();
    let (plain, date) = (Format::new(), Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\""));
    let sheet = book.add_worksheet();
    sheet.set_name("客户").unwrap();
    sheet.merge_range(0, 0, 0, 6, "2024年客户汇总", &plain).unwrap();
    sheet.write(1, 0, "说明：带*的为必填").unwrap();
    sheet.merge_range(2, 0, 3, 0, "公司名称*", &plain).unwrap();
    sheet.merge_range(2, 1, 2, 2, "联系人", &plain).unwrap();
    sheet.write(3, 1, "姓 名").unwrap();
    sheet.write(3, 2, "电话").unwrap();
    for (column, title) in [(3, "签约日期"), (4, "金额"), (6, "备注")] {
        sheet.merge_range(2, column, 3, column, title, &plain).unwrap();
    }
    sheet.write(4, 0, "Ｓｈａｎｇｈａｉ 甲公司").unwrap();
    sheet.write(4, 1, "张伟").unwrap();
    sheet.write(4, 2, 13_800_000_000_f64).unwrap();
    sheet.write_with_format(4, 3, ExcelDateTime::from_ymd(2024, 1, 31).unwrap(), &date).unwrap();
    sheet.write(4, 4, 0.1 + 0.2).unwrap();
    sheet.write(6, 0, "乙公司").unwrap();
    sheet.write(6, 2, "13800000001").unwrap();
    sheet.write(6, 4, Formula::new("=E5*2").set_result("0.6")).unwrap();
    sheet.write(6, 6, "第一行\n第二行 & <标签>").unwrap();
    sheet.write(8, 0, "合计").unwrap();
    sheet.write(8, 4, Formula::new("=SUM(E5:E7)").set_result("0.9")).unwrap();
    let hidden = book.add_worksheet();
    hidden.set_name("内部").unwrap().set_hidden(true);
    hidden.write(0, 0, "x").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_messy_workbook_is_read_as_a_person_sees_it() {
    let (_folder, path) = file_of(&messy());
    let book = inspect(&path, "客户.xls", &Limits::default()).unwrap();
    assert_eq!(book.kind(), FileKind::Xlsx);
    let sheets: Vec<_> =
        book.sheets().iter().map(|s| (s.name.as_str(), s.estimated_rows, s.hidden)).collect();
    assert_eq!(sheets, [("客户", 9, false), ("内部", 1, true)]);
    let mut reader = book.open_sheet(0).unwrap();
    let guess = reader.header_guess();
    assert_eq!((guess.row_index, guess.header_rows), (4, 2));
    assert_eq!(guess.columns, ["公司名称", "联系人 姓名", "联系人 电话", "签约日期", "金额", "备注"]);
    assert_eq!(guess.positions, [0, 1, 2, 3, 4, 6]);
    assert_eq!(guess.skipped, ["2024年客户汇总", "说明：带*的为必填"]);
    assert!(guess.confidence > 0.9);
    let rows: Vec<_> =
        reader.rows(guess.first_data_row()).map(Result::unwrap).filter(|r| !r.is_blank()).collect();
    assert_eq!(rows.iter().map(|r| r.number).collect::<Vec<_>>(), [5, 7, 9]);
    assert_eq!(shown(&rows[0]), ["Ｓｈａｎｇｈａｉ 甲公司", "张伟", "13800000000", "2024-01-31", "0.3"]);
    assert_eq!(shown(&rows[1]), ["乙公司", "", "13800000001", "", "0.6", "", "第一行\n第二行 & <标签>"]);
    assert!(rows[2].is_totals_row() && !rows[1].is_totals_row());
}

#[test]
fn reading_again_from_any_row_gives_the_rest_of_the_same_rows() {
    let (_folder, path) = file_of(&messy());
    let all = read_rows(&path, 0, 1).unwrap();
    for from in 0..12 {
        let rest = read_rows(&path, 0, from).unwrap();
        assert_eq!(rest, all.iter().filter(|row| row.number >= from).cloned().collect::<Vec<_>>());
    }
}

#[test]
fn every_cell_agrees_with_an_independent_reader() {
    use calamine::{Data, Reader};
    let bytes = messy();
    let (_folder, path) = file_of(&bytes);
    let mut other: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let range = other.worksheet_range("客户").unwrap();
    let mut compared = 0;
    for row in read_rows(&path, 0, 1).unwrap() {
        for (column, cell) in row.cells.iter().enumerate() {
            let theirs = range.get_value((row.number - 1, column as u32)).unwrap_or(&Data::Empty);
            assert!(agrees(cell, theirs), "row {} column {column}: {cell:?} and {theirs:?}", row.number);
            compared += usize::from(*cell != Cell::Empty);
        }
    }
    assert!(compared > 15);
}

#[test]
fn numbers_dates_and_errors_keep_what_the_file_says() {
    let sheet = r#"<c r="A1"><v>1.38E+10</v></c><c r="B1" t="b"><v>1</v></c><c r="C1" t="e"><v>#N/A</v></c>
        <c r="D1" t="d"><v>2024-01-31T08:30:00</v></c><c r="E1"><f>A1+1</f></c><c r="F1" t="str"><f>A1&amp;""</f><v></v></c>
        <c r="G1" t="inlineStr"><is><r><t>富</t></r><r><t>文本</t></r></is></c><c r="H1"><v>110105194912310021</v></c>"#;
    let (_folder, path) = file_of(&crate::hostile::workbook_with_cells(sheet));
    let rows = read_rows(&path, 0, 1).unwrap();
    assert_eq!(
        shown(&rows[0]),
        [
            "13800000000",
            "TRUE",
            "#N/A",
            "2024-01-31 08:30:00",
            NOT_CALCULATED,
            "",
            "富文本",
            "110105194912310021"
        ]
    );
    assert!(matches!(&rows[0].cells[0], Cell::Number { original: Some(text), .. } if &**text == "1.38E+10"));
}

#[test]
fn a_workbook_without_values_is_empty() {
    let mut book = Workbook::new();
    book.add_worksheet();
    assert_eq!(inspect_bytes(&book.save_to_buffer().unwrap()).err().map(|r| r.code()), Some("file_empty"));
}

#[test]
fn a_sheet_with_too_many_columns_does_not_block_the_others() {
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 9_999, "x").unwrap();
    book.add_worksheet().write(0, 0, "客户").unwrap();
    let (_folder, path) = file_of(&book.save_to_buffer().unwrap());
    let book = inspect(&path, "x", &Limits::default()).unwrap();
    assert_eq!(book.open_sheet(0).err().map(|r| r.code()), Some("file_too_many_columns"));
    assert_eq!(book.open_sheet(1).unwrap().rows(1).count(), 1);
    assert_eq!(book.open_sheet(2).err().map(|r| r.code()), Some("file_no_such_sheet"));
}
