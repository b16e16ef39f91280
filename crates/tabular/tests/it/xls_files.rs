use calamine::{Data, Reader};
use huike_tabular::{Cell, FileKind, Limits, inspect};

use crate::{fixture, read_rows, shown};

#[test]
fn an_old_workbook_is_read_with_its_groups_dates_and_hidden_sheets() {
    let book = inspect(&fixture("customers.xls"), "customers.xlsx", &Limits::default()).unwrap();
    assert_eq!(book.kind(), FileKind::Xls);
    let sheets: Vec<_> =
        book.sheets().iter().map(|s| (s.name.as_str(), s.estimated_rows, s.hidden)).collect();
    assert_eq!(sheets, [("客户", 10, false), ("内部", 1, true), ("空表", 0, false)]);
    let mut reader = book.open_sheet(0).unwrap();
    let guess = reader.header_guess();
    assert_eq!(guess.row_index, 3);
    assert_eq!(guess.columns, ["公司", "联系人 姓名", "联系人 电话", "签约日期", "金额", "有效", "更新时间"]);
    let rows: Vec<_> = reader.rows(4).map(Result::unwrap).collect();
    assert_eq!(
        shown(&rows[1]),
        ["示例第1有限公司", "李娜", "13800000001", "2024-02-01", "1235.5", "FALSE", "2024-02-29 08:30:00"]
    );
    assert_eq!(shown(&rows[4])[1], "𠮷田");
    assert!(rows.last().unwrap().is_totals_row());
    assert_eq!(rows.last().unwrap().number, 10);
}

#[test]
fn every_cell_of_an_old_workbook_agrees_with_an_independent_reader() {
    for name in ["customers.xls", "many_strings.xls"] {
        let mut other: calamine::Xls<_> = calamine::open_workbook(fixture(name)).unwrap();
        let (_, range) = other.worksheets().swap_remove(if name == "customers.xls" { 1 } else { 0 });
        let sheet = 0;
        let rows = read_rows(&fixture(name), sheet, 1).unwrap();
        let range = if range.get_size().0 > 1 { range } else { other.worksheet_range("客户").unwrap() };
        let mut compared = 0;
        for row in &rows {
            for (column, cell) in row.cells.iter().enumerate() {
                let theirs = range.get_value((row.number - 1, column as u32)).unwrap_or(&Data::Empty);
                let same = match (cell, theirs) {
                    (Cell::Empty, Data::Empty) => true,
                    (Cell::Text(a), Data::String(b)) => a == b,
                    (Cell::Number { value, .. }, Data::Float(b)) => value == b,
                    (Cell::Number { value, .. }, Data::Int(b)) => *value == *b as f64,
                    (Cell::Bool(a), Data::Bool(b)) => a == b,
                    (Cell::Date(_), Data::DateTime(_)) => true,
                    _ => false,
                };
                assert!(same, "{name} row {} column {column}: {cell:?} and {theirs:?}", row.number);
                compared += 1;
            }
        }
        assert!(compared >= rows.len());
    }
}

#[test]
fn reading_an_old_workbook_goes_on_from_any_row() {
    let all = read_rows(&fixture("many_strings.xls"), 0, 1).unwrap();
    assert_eq!(all.len(), 1500);
    assert_eq!(read_rows(&fixture("many_strings.xls"), 0, 1001).unwrap(), all[1000..]);
    let text = |row: usize| format!("{}{row}", if row % 3 == 0 { "ab" } else { "汇客" }.repeat(row % 97));
    for (i, row) in all.iter().enumerate() {
        assert_eq!(row.cells[0], Cell::Text(text(i)));
        assert_eq!(row.cells[3].display(), if i == 0 { "0".to_owned() } else { format!("-{i}") });
    }
}
