use encoding_rs::GB18030;
use huike_tabular::{Delimiter, FileKind, Limits, TextEncoding, inspect};

use crate::{file_of, inspect_bytes, read_rows, shown};

const TEXT: &str = "客户名称,联系人,手机,备注\r\n上海甲公司,张伟,13800000000,\"说“好”,两\r\n行\"\r\n北京乙公司,李娜,13800000001,\r\n";

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|u| if big_endian { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
}

#[test]
fn the_same_table_is_read_from_every_encoding_and_delimiter() {
    for (delimiter, kind) in
        [(",", Delimiter::Comma), ("\t", Delimiter::Tab), (";", Delimiter::Semicolon), ("|", Delimiter::Pipe)]
    {
        let text = TEXT.replace("好”,两", "好”，两").replace(',', delimiter);
        let encodings = [
            (text.as_bytes().to_vec(), TextEncoding::Utf8),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), TextEncoding::Utf8Bom),
            (GB18030.encode(&text).0.into_owned(), TextEncoding::Gb18030),
            ([vec![0xFF, 0xFE], utf16(&text, false)].concat(), TextEncoding::Utf16Le),
            ([vec![0xFE, 0xFF], utf16(&text, true)].concat(), TextEncoding::Utf16Be),
            (utf16(&text, false), TextEncoding::Utf16Le),
        ];
        for (bytes, encoding) in encodings {
            let (_folder, path) = file_of(&bytes);
            let book = inspect(&path, "目录/客户.2024.csv", &Limits::default()).unwrap();
            assert_eq!(book.kind(), FileKind::Csv { encoding, delimiter: kind });
            assert_eq!(book.sheets()[0].name, "客户.2024");
            let mut reader = book.open_sheet(0).unwrap();
            let guess = reader.header_guess();
            assert_eq!(guess.columns, ["客户名称", "联系人", "手机", "备注"]);
            let rows: Vec<_> = reader.rows(2).map(Result::unwrap).collect();
            assert_eq!(shown(&rows[0]), ["上海甲公司", "张伟", "13800000000", "说“好”，两\r\n行"]);
            assert_eq!(shown(&rows[1]), ["北京乙公司", "李娜", "13800000001"]);
            assert_eq!(rows[1].number, 3);
        }
    }
}

#[test]
fn a_large_text_is_estimated_and_read_across_block_borders() {
    let line = |i: usize| format!("{i},示例第{i}公司,\"地址，第{i}号\"\n");
    let text: String = std::iter::once("编号,名称,地址\n".to_owned()).chain((0..20_000).map(line)).collect();
    for bytes in [text.clone().into_bytes(), GB18030.encode(&text).0.into_owned()] {
        let (_folder, path) = file_of(&bytes);
        let book = inspect(&path, "x.csv", &Limits::default()).unwrap();
        let estimate = book.sheets()[0].estimated_rows;
        assert!((18_000..24_000).contains(&estimate), "{estimate}");
        let rows = read_rows(&path, 0, 2).unwrap();
        assert_eq!(rows.len(), 20_000);
        for (i, row) in rows.iter().enumerate() {
            assert_eq!(shown(row), [i.to_string(), format!("示例第{i}公司"), format!("地址，第{i}号")]);
        }
    }
}

#[test]
fn a_text_of_nothing_but_white_space_is_empty() {
    for bytes in [b"".as_slice(), b"\n\n \r\n", b"\xEF\xBB\xBF", b"\xFF\xFE"] {
        assert_eq!(inspect_bytes(bytes).err().map(|r| r.code()), Some("file_empty"));
    }
}

#[test]
fn separators_declared_for_excel_are_no_row() {
    let (_folder, path) = file_of("sep=;\n名称;金额\n甲;1,5\n".as_bytes());
    let rows = read_rows(&path, 0, 1).unwrap();
    assert_eq!(rows.iter().map(shown).collect::<Vec<_>>(), [["名称", "金额"], ["甲", "1,5"]]);
}
