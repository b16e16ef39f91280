//! Damaged files end in rows or in a refusal, never in a panic.

use huike_tabular::{Limits, inspect};
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;

use crate::{file_of, fixture};

/// Reads whatever can be read.
fn read_everything(bytes: &[u8]) {
    let (_folder, path) = file_of(bytes);
    let limits = Limits { max_rows: 10_000, ..Limits::default() };
    let Ok(book) = inspect(&path, "x", &limits) else { return };
    for index in 0..book.sheets().len() {
        let Ok(mut reader) = book.open_sheet(index) else { continue };
        let guess = reader.header_guess();
        assert_eq!(guess.columns.len(), guess.positions.len());
        let mut last = 0;
        for row in reader.rows(1).map_while(Result::ok) {
            assert!(row.number > last);
            last = row.number;
            row.cells.iter().for_each(|cell| drop(cell.display()));
            let _ = row.is_totals_row();
        }
    }
}

fn small_workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for row in 0..20 {
        sheet.write(row, 0, format!("示例第{row}公司")).unwrap();
        sheet.write(row, 1, row).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[derive(Debug, Clone)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Set(prop::sample::Index, u32),
    Cut(prop::sample::Index),
    Copy(prop::sample::Index, prop::sample::Index, usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<prop::sample::Index>(), 1u8..).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        2 => (any::<prop::sample::Index>(), prop_oneof![Just(u32::MAX), Just(0), Just(0xFFFF), any::<u32>()])
            .prop_map(|(at, value)| Damage::Set(at, value)),
        1 => any::<prop::sample::Index>().prop_map(Damage::Cut),
        1 => (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1usize..200)
            .prop_map(|(from, to, length)| Damage::Copy(from, to, length)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damages: &[Damage]) {
    for damage in damages.iter().filter(|_| !bytes.is_empty()).cloned().collect::<Vec<_>>() {
        let length = bytes.len();
        match damage {
            Damage::Flip(at, bits) => bytes[at.index(length)] ^= bits,
            Damage::Set(at, value) => {
                let at = at.index(length);
                let end = (at + 4).min(length);
                bytes[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
            }
            Damage::Cut(at) => bytes.truncate(at.index(length).max(1)),
            Damage::Copy(from, to, count) => {
                let (from, to) = (from.index(length), to.index(length));
                let count = count.min(length - from).min(length - to);
                bytes.copy_within(from..from + count, to);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_old_workbook_never_panics(damages in prop::collection::vec(damage(), 1..12)) {
        let mut bytes = std::fs::read(fixture("customers.xls")).unwrap();
        apply(&mut bytes, &damages);
        read_everything(&bytes);
    }

    #[test]
    fn a_damaged_package_never_panics(damages in prop::collection::vec(damage(), 1..6)) {
        let mut bytes = small_workbook();
        apply(&mut bytes, &damages);
        read_everything(&bytes);
    }

    #[test]
    fn a_damaged_part_never_panics(damages in prop::collection::vec(damage(), 1..12)) {
        let sheet = r#"<c r="A1" s="1" t="s"><v>0</v></c><c r="B1" t="str"><f>A1&amp;"x"</f><v>a&lt;b_x000D_</v></c><c r="C1"><v>1.5E+3</v></c><c r="D1" t="inlineStr"><is><r><t>x</t></r></is></c>"#;
        let mut bytes = sheet.as_bytes().to_vec();
        apply(&mut bytes, &damages);
        read_everything(&crate::hostile::workbook_with_cells(&String::from_utf8_lossy(&bytes)));
    }

    #[test]
    fn a_damaged_text_never_panics(damages in prop::collection::vec(damage(), 1..12), noise in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = "名称,电话\n\"甲,公司\",='1'\n乙;公司\t1|2\n".as_bytes().to_vec();
        apply(&mut bytes, &damages);
        read_everything(&bytes);
        read_everything(&noise);
    }
}
