//! Office Open XML workbooks (ECMA-376), read part by part from the zip package without ever extracting a file.

mod package;
mod part;
mod rows;
mod strings;
mod styles;
mod survey;

pub(crate) use package::{Package, WorkbookParts};
pub(crate) use rows::{Context, XlsxRows};
pub(crate) use strings::SharedStrings;
pub(crate) use styles::{Shown, Styles};
pub(crate) use survey::survey;

/// Parses "AB12" into 1-based row and 0-based column; `None` if it is no such reference.
pub(crate) fn parse_reference(reference: &str) -> Option<(u32, usize)> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    if letters == 0 || letters > 3 {
        return None;
    }
    let column = reference[..letters]
        .bytes()
        .fold(0usize, |n, b| n * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1);
    let row = reference[letters..].parse().ok().filter(|&row| row >= 1)?;
    Some((row, column - 1))
}

/// The letters of a 0-based column: 0 is A, 27 is AB.
pub(crate) fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut n = column + 1;
    while n > 0 {
        letters.push(char::from(b'A' + ((n - 1) % 26) as u8));
        n = (n - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_letters_are_inverse() {
        for column in [0, 25, 26, 27, 701, 702, 16_383] {
            assert_eq!(parse_reference(&format!("{}7", column_letters(column))), Some((7, column)));
        }
        for bad in ["", "7", "A", "A0", "ABCD1", "A-1", "A1B", "列1"] {
            assert_eq!(parse_reference(bad), None, "{bad}");
        }
    }
}
