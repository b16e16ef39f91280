use calamine::{Data, Reader};
use encoding_rs::GBK;
use huike_tabular::{Cell, FileKind, Found, Limits, Refusal, inspect};

use crate::{agrees, file_of, fixture, read_rows, refusal_of, shown};

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
        let first = other.sheet_names()[0].clone();
        let range = other.worksheet_range(&first).unwrap();
        let rows = read_rows(&fixture(name), 0, 1).unwrap();
        let mut compared = 0;
        for row in &rows {
            for (column, cell) in row.cells.iter().enumerate() {
                let theirs = range.get_value((row.number - 1, column as u32)).unwrap_or(&Data::Empty);
                assert!(
                    agrees(cell, theirs),
                    "{name} row {} column {column}: {cell:?} and {theirs:?}",
                    row.number
                );
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
    let text =
        |row: usize| format!("{}{row}", if row.is_multiple_of(3) { "ab" } else { "汇客" }.repeat(row % 97));
    for (i, row) in all.iter().enumerate() {
        assert_eq!(row.cells[0], Cell::Text(text(i)));
        assert_eq!(row.cells[3].display(), if i == 0 { "0".to_owned() } else { format!("-{i}") });
    }
}

/// A compound file with one stream of this name: sector 0 is the table, sector 1 the directory.
fn compound_file(name: &str, stream: &[u8]) -> Vec<u8> {
    let length = stream.len().div_ceil(512).max(8) * 512;
    let mut stream = stream.to_vec();
    stream.resize(length, 0);
    let mut header = vec![0u8; 512];
    header[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    header[76..].fill(0xFF);
    for (at, value) in
        [(24, 0x0003_003Eu32), (28, 0x0009_FFFE), (32, 6), (44, 1), (48, 1), (56, 4096), (76, 0)]
    {
        header[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    for at in [60, 68] {
        header[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    }
    let sectors = 2 + length as u32 / 512;
    let end = 0xFFFF_FFFEu32;
    let mut table = vec![0xFFFF_FFFDu32, end];
    table.extend((2..sectors).map(|s| if s + 1 < sectors { s + 1 } else { end }));
    table.resize(128, u32::MAX);
    let mut directory = vec![0u8; 512];
    for (i, (name, kind, start, size)) in
        [("Root Entry", 5u8, end, 0), (name, 2, 2, length as u32)].into_iter().enumerate()
    {
        let entry = &mut directory[i * 128..(i + 1) * 128];
        for (unit, place) in name.encode_utf16().zip(entry.chunks_exact_mut(2)) {
            place.copy_from_slice(&unit.to_le_bytes());
        }
        entry[64..66].copy_from_slice(&(name.len() as u16 * 2 + 2).to_le_bytes());
        entry[66] = kind;
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&size.to_le_bytes());
    }
    let table: Vec<u8> = table.into_iter().flat_map(u32::to_le_bytes).collect();
    [header, table, directory, stream].concat()
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [kind.to_le_bytes().to_vec(), (data.len() as u16).to_le_bytes().to_vec(), data.to_vec()].concat()
}

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000A;

/// A workbook of Excel 95 in code page 936 with further records among its globals and these in its sheet.
fn excel_95(globals: &[Vec<u8>], cells: &[Vec<u8>], sheet_kind: u8) -> Vec<u8> {
    let name = GBK.encode("客户").0.into_owned();
    let mut head = record(BOF, &[0x00, 0x05, 0x05, 0x00, 0, 0, 0, 0]);
    head.extend(record(0x0042, &936u16.to_le_bytes()));
    head.extend(globals.concat());
    let bound = |position: u32| {
        let start = [position.to_le_bytes().to_vec(), vec![0, sheet_kind, name.len() as u8]].concat();
        record(0x0085, &[start, name.clone()].concat())
    };
    let position = head.len() + bound(0).len() + 4;
    head.extend(bound(position as u32));
    head.extend(record(EOF, &[]));
    head.extend(record(BOF, &[0x00, 0x05, 0x10, 0x00, 0, 0, 0, 0]));
    head.extend(cells.concat());
    head.extend(record(EOF, &[]));
    compound_file("Book", &head)
}

fn label(row: u8, column: u8, text: &str) -> Vec<u8> {
    let bytes = GBK.encode(text).0.into_owned();
    record(0x0204, &[vec![row, 0, column, 0, 0, 0, bytes.len() as u8, 0], bytes].concat())
}

#[test]
fn excel_95_files_are_read_in_their_code_page() {
    let mut formula = vec![1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];
    formula.resize(22, 0);
    let text = GBK.encode("计算结果").0.into_owned();
    let cells = [
        label(0, 0, "名称"),
        label(0, 1, "电话"),
        label(1, 0, "上海甲公司"),
        record(0x0006, &formula),
        record(0x0207, &[vec![text.len() as u8, 0], text].concat()),
        // A value of #DIV/0! and the flag that it is an error.
        record(0x0205, &[1, 0, 2, 0, 0, 0, 0x07, 1]),
    ];
    let (_folder, path) = file_of(&excel_95(&[], &cells, 0));
    assert_eq!(inspect(&path, "x", &Limits::default()).unwrap().sheets()[0].name, "客户");
    let rows = read_rows(&path, 0, 1).unwrap();
    assert_eq!(shown(&rows[0]), ["名称", "电话"]);
    assert_eq!(rows[1].cells[..2], [Cell::Text("上海甲公司".into()), Cell::Text("计算结果".into())]);
    assert_eq!(rows[1].cells[2], Cell::Error("#DIV/0!".into()));
}

#[test]
fn dangerous_old_workbooks_are_refused() {
    let cells = [label(0, 0, "x")];
    assert_eq!(refusal_of(&excel_95(&[record(0x002F, &[1, 0])], &cells, 0)), Refusal::Encrypted);
    assert_eq!(refusal_of(&excel_95(&[], &cells, 1)), Refusal::Macros);
    let link = record(0x01AE, &[1, 0, 4, 0, 0, 1, b'b', b'.', b'x']);
    assert_eq!(refusal_of(&excel_95(&[link], &cells, 0)).code(), "file_external_links");
    assert_eq!(
        refusal_of(&compound_file("WordDocument", b"x")),
        Refusal::NotASpreadsheet { found: Found::OtherOle }
    );
    assert_eq!(refusal_of(&compound_file("EncryptedPackage", b"x")), Refusal::Encrypted);
    let wide = record(0x0204, &[0, 0, 0xFF, 0x7F, 0, 0, 1, 0, b'x']);
    assert_eq!(refusal_of(&excel_95(&[], &[wide], 0)).code(), "file_too_many_columns");
}
