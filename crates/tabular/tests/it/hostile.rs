use std::io::{Cursor, Write};

use huike_tabular::{Found, Lang, Limits, Refusal, inspect};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::{file_of, inspect_bytes, refusal_of};

const RELS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str =
    r#"<workbook xmlns:r="x"><sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A package of these parts.
fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn workbook_with_parts(sheet: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    parts.extend(more);
    package(&parts)
}

/// A workbook with one sheet whose first row has these cells.
pub fn workbook_with_cells(cells: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData><row r=\"1\">{cells}</row></sheetData></worksheet>");
    workbook_with_parts(sheet.as_bytes(), &[])
}

/// 64 MiB of rows with nothing but blanks between them, which deflate almost a thousandfold.
fn bomb() -> Vec<u8> {
    let mut sheet = b"<worksheet><sheetData><row r=\"1\"><c><v>1</v></c></row>".to_vec();
    let mut row = b"<row></row>".to_vec();
    row.resize(16 * 1024, b' ');
    sheet.extend(row.repeat(4 * 1024));
    sheet.truncate(64 * 1024 * 1024);
    sheet
}

#[test]
fn a_zip_bomb_is_refused_by_what_it_inflates_to() {
    let bytes = workbook_with_parts(&bomb(), &[]);
    assert!(bytes.len() * 200 < 64 * 1024 * 1024);
    assert_eq!(refusal_of(&bytes).code(), "file_zip_bomb");
}

#[test]
fn a_zip_bomb_that_declares_a_small_size_is_refused_all_the_same() {
    let mut bytes = workbook_with_parts(&bomb(), &[]);
    // The true size stands in the local header and in the central directory.
    let declared = (64u32 * 1024 * 1024).to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4).filter(|&i| bytes[i..i + 4] == declared).collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place..place + 4].copy_from_slice(&1000u32.to_le_bytes());
    }
    let code = refusal_of(&bytes).code();
    assert!(["file_zip_bomb", "file_corrupt"].contains(&code), "{code}");
}

#[test]
fn the_total_of_all_parts_is_limited() {
    let limits = Limits { max_uncompressed_bytes: 2_000, ..Limits::default() };
    let (_folder, path) =
        file_of(&workbook_with_parts(b"<worksheet/>", &[("xl/media/a.bin", &[b'x'; 3_000])]));
    assert_eq!(inspect(&path, "x", &limits).err().map(|r| r.code()), Some("file_zip_bomb"));
}

#[test]
fn entity_bombs_do_not_expand() {
    let bomb = r#"<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet><sheetData><row r="1"><c t="str"><v>&b;</v></c></row></sheetData></worksheet>"#;
    assert_eq!(refusal_of(&workbook_with_parts(bomb.as_bytes(), &[])).code(), "file_corrupt");
}

#[test]
fn ten_thousand_columns_are_refused() {
    let cells = "<c><v>1</v></c>".repeat(10_000);
    let refusal = refusal_of(&workbook_with_cells(&cells));
    assert_eq!(refusal, Refusal::TooManyColumns { sheet: "表".into(), columns: 10_000, limit: 256 });
    assert!(refusal.message(Lang::Zh).contains("10000 列，超过上限 256 列"));
}

#[test]
fn a_value_far_down_is_refused_when_rows_are_limited() {
    let sheet = br#"<worksheet><sheetData><row r="5001"><c><v>1</v></c></row></sheetData></worksheet>"#;
    let (_folder, path) = file_of(&workbook_with_parts(sheet, &[]));
    let limits = Limits { max_rows: 5_000, ..Limits::default() };
    assert_eq!(inspect(&path, "x", &limits).err().map(|r| r.code()), Some("file_too_many_rows"));
    assert!(inspect(&path, "x", &Limits::default()).is_ok());
}

#[test]
fn macros_links_and_connections_are_refused() {
    let with = |part: &str| refusal_of(&workbook_with_parts(b"<worksheet/>", &[(part, b"x")])).code();
    assert_eq!(with("xl/vbaProject.bin"), "file_macros");
    assert_eq!(with("xl/macrosheets/sheet1.xml"), "file_macros");
    assert_eq!(with("xl/externalLinks/externalLink1.xml"), "file_external_links");
    assert_eq!(with("xl\\ExternalLinks\\externalLink1.xml"), "file_external_links");
    assert_eq!(with("xl/connections.xml"), "file_external_links");
}

#[test]
fn formulas_that_reach_out_are_refused_with_their_place() {
    for formula in ["WEBSERVICE(\"http://example.com\")", "cmd|'/C calc'!A0", "[1]Sheet1!A1"] {
        let refusal = refusal_of(&workbook_with_cells(&format!("<c r=\"C1\"><f>{formula}</f><v>1</v></c>")));
        assert_eq!(refusal, Refusal::ExternalLinks { place: "表!C1".into() });
    }
    assert!(inspect_bytes(&workbook_with_cells("<c r=\"C1\"><f>SUM(A1:B1)</f><v>1</v></c>")).is_ok());
}

#[test]
fn one_endless_cell_is_refused() {
    let text = "汇".repeat(40_000);
    let bytes = workbook_with_cells(&format!("<c r=\"B1\" t=\"str\"><v>{text}</v></c>"));
    let (_folder, path) = file_of(&bytes);
    let refusal = inspect(&path, "x", &Limits::default()).and_then(|book| book.open_sheet(0)).err();
    assert_eq!(refusal, Some(Refusal::CellTooLong { row: 1, column: 2, limit: 32_767 }));
}

#[test]
fn rows_that_go_backwards_are_called_damaged() {
    let sheet = br#"<worksheet><sheetData><row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row></sheetData></worksheet>"#;
    let (_folder, path) = file_of(&workbook_with_parts(sheet, &[]));
    let refusal = inspect(&path, "x", &Limits::default()).and_then(|book| book.open_sheet(0)).err();
    assert_eq!(refusal.map(|r| r.code()), Some("file_corrupt"));
}

#[test]
fn files_that_are_something_else_are_named() {
    let found = |bytes: &[u8]| match refusal_of(bytes) {
        Refusal::NotASpreadsheet { found } => found,
        other => panic!("{other:?}"),
    };
    assert_eq!(found(b"%PDF-1.7\n"), Found::Pdf);
    assert_eq!(found(b"\x89PNG\r\n\x1a\n"), Found::Image);
    assert_eq!(found(b"\r\n<html><table><tr><td>1</td></tr></table></html>"), Found::Html);
    assert_eq!(found(b"\xEF\xBB\xBF<!DOCTYPE html><html></html>"), Found::Html);
    let xml = b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>";
    assert_eq!(found(xml), Found::SpreadsheetXml);
    assert_eq!(found(&package(&[("word/document.xml", b"<w/>")])), Found::OtherArchive);
    assert_eq!(found(&package(&[("mimetype", b"x"), ("content.xml", b"<x/>")])), Found::OpenDocument);
    assert_eq!(found(&package(&[("xl/workbook.bin", b"x")])), Found::Xlsb);
    assert_eq!(found(&[1, 0, 0, 0, 7, 8, 9, 0, 0, 0, 3, 0, 1]), Found::Binary);
}

#[test]
fn a_password_protected_workbook_is_named() {
    // An encrypted workbook is a compound file with a stream of this name.
    let mut bytes = std::fs::read(crate::fixture("customers.xls")).unwrap();
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let (old, new) = (utf16("Workbook"), utf16("EncryptedPackage"));
    let at = bytes.windows(old.len()).rposition(|w| w == old).unwrap();
    bytes[at..at + new.len()].copy_from_slice(&new);
    bytes[at + 64..at + 66].copy_from_slice(&((new.len() + 2) as u16).to_le_bytes());
    assert_eq!(refusal_of(&bytes), Refusal::Encrypted);
}

#[test]
fn large_files_are_refused_before_they_are_opened() {
    let (_folder, path) = file_of(b"a,b\n1,2\n");
    let limits = Limits { max_bytes: 4, ..Limits::default() };
    assert_eq!(inspect(&path, "x", &limits).err(), Some(Refusal::TooLarge { bytes: 8, limit: 4 }));
    let limits = Limits { max_xls_bytes: 1_000, ..Limits::default() };
    assert_eq!(
        inspect(&crate::fixture("customers.xls"), "x", &limits).err().map(|r| r.code()),
        Some("file_too_large")
    );
}

#[test]
fn every_refusal_says_what_is_wrong_in_both_languages() {
    let refusals = [
        Refusal::TooLarge { bytes: 150 * 1024 * 1024, limit: 100 * 1024 * 1024 },
        Refusal::Encrypted,
        Refusal::Macros,
        Refusal::Empty,
        Refusal::ZipBomb { part: "xl/worksheets/sheet1.xml".into() },
        Refusal::NotASpreadsheet { found: Found::Html },
    ];
    for refusal in refusals {
        let (chinese, english) = (refusal.message(Lang::Zh), refusal.message(Lang::En));
        assert!(
            chinese.ends_with('。') && english.ends_with('.') && english.is_ascii(),
            "{chinese} {english}"
        );
        assert_eq!(refusal.to_string(), english);
    }
    let large = Refusal::TooLarge { bytes: 150 * 1024 * 1024, limit: 100 * 1024 * 1024 };
    assert_eq!(large.message(Lang::Zh), "文件大小 150 MB，超过上限 100 MB。请拆分后再上传。");
}
