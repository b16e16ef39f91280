//! Which cell formats show a number as a date or in percent.

use std::collections::HashMap;
use std::io::Read;

use quick_xml::events::Event;

use super::part::{XmlPart, attribute};
use crate::Refusal;

/// Excel itself allows 65,490 cell formats.
const MAX_FORMATS: usize = 100_000;

/// What a cell format makes of a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Shown {
    #[default]
    Number,
    Date,
    Percent,
}

impl Shown {
    /// A format of the workbook's own, by its code.
    pub(crate) fn by_code(code: &str) -> Shown {
        match (is_date_format(code), is_percent_format(code)) {
            (true, _) => Shown::Date,
            (false, true) => Shown::Percent,
            (false, false) => Shown::Number,
        }
    }

    /// A format that every workbook has (ECMA-376 Part 1, 18.8.30).
    pub(crate) fn built_in(id: u32) -> Shown {
        match id {
            9 | 10 => Shown::Percent,
            id if is_builtin_date(id) => Shown::Date,
            _ => Shown::Number,
        }
    }
}

/// How the cell format `i` shows a number.
#[derive(Default)]
pub(crate) struct Styles {
    shown: Vec<Shown>,
}

impl Styles {
    pub(crate) fn load<R: Read>(mut part: XmlPart<R>) -> Result<Self, Refusal> {
        let mut custom: HashMap<u32, Shown> = HashMap::new();
        let mut shown = Vec::new();
        let mut in_cell_formats = false;
        loop {
            match part.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "numFmt" if custom.len() < MAX_FORMATS => {
                        let id = attribute(&element, "numFmtId").and_then(|id| id.parse().ok());
                        if let (Some(id), Some(code)) = (id, attribute(&element, "formatCode")) {
                            custom.insert(id, Shown::by_code(&code));
                        }
                    }
                    "cellXfs" => in_cell_formats = true,
                    "xf" if in_cell_formats && shown.len() < MAX_FORMATS => {
                        let id = attribute(&element, "numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                        shown.push(custom.get(&id).copied().unwrap_or_else(|| Shown::built_in(id)));
                    }
                    _ => {}
                },
                Event::End(element) if element.local_name().as_ref() == "cellXfs" => in_cell_formats = false,
                Event::Eof => return Ok(Self { shown }),
                _ => {}
            }
        }
    }

    pub(crate) fn shown(&self, format: usize) -> Shown {
        self.shown.get(format).copied().unwrap_or_default()
    }
}

/// Built-in number formats that show dates, with the East Asian ones (ECMA-376 Part 1, 18.8.30).
fn is_builtin_date(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58 | 71..=81)
}

/// True if a custom format shows a moment: it has a date or time letter outside quotes, escapes and brackets.
/// An elapsed time (`[h]:mm`) is a quantity, not a moment.
fn is_date_format(code: &str) -> bool {
    let mut chars = code.chars();
    let mut found = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                chars.by_ref().find(|&c| c == '"');
            }
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|&c| c != ']').collect();
                let elapsed = inside.to_ascii_lowercase();
                if !elapsed.is_empty()
                    && ["h", "m", "s"].iter().any(|unit| elapsed.replace(unit, "").is_empty())
                {
                    return false;
                }
            }
            // Only the first section decides; the others are for negative numbers, zero and text.
            ';' => break,
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => found = true,
            'G' | 'g' if chars.as_str().to_ascii_lowercase().starts_with("eneral") => return false,
            _ => {}
        }
    }
    found
}

/// True if the first section of a custom format has a percent sign outside quotes and escapes.
fn is_percent_format(code: &str) -> bool {
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                chars.by_ref().find(|&c| c == '"');
            }
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => {
                chars.by_ref().find(|&c| c == ']');
            }
            ';' => return false,
            '%' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Shown, is_date_format};

    #[test]
    fn percent_formats_are_told_from_others() {
        for code in ["0%", "0.00%", "0.0 %;[Red]-0.0 %", "[Blue]0%"] {
            assert_eq!(Shown::by_code(code), Shown::Percent, "{code}");
        }
        for code in ["0.00", "0\\%", "0\"%\"", "0;0%", "@"] {
            assert_eq!(Shown::by_code(code), Shown::Number, "{code}");
        }
        assert_eq!(
            (Shown::built_in(9), Shown::built_in(14), Shown::built_in(2)),
            (Shown::Percent, Shown::Date, Shown::Number)
        );
    }

    #[test]
    fn date_formats_are_told_from_number_formats() {
        for code in [
            "yyyy-mm-dd",
            "yyyy\"年\"m\"月\"d\"日\";@",
            "[$-804]yyyy/m/d h:mm",
            "h:mm:ss AM/PM",
            "[DBNum1][$-804]m\"月\"",
        ] {
            assert!(is_date_format(code), "{code}");
        }
        for code in [
            "General",
            "0.00",
            "#,##0;[Red]-#,##0",
            "\"days\" 0",
            "0\\d",
            "[h]:mm:ss",
            "¥#,##0.00_ ",
            "@",
            "0.00E+00",
        ] {
            assert!(!is_date_format(code), "{code}");
        }
    }
}
