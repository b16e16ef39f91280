//! Which cell formats show a number as a date.

use std::collections::HashMap;
use std::io::Read;

use quick_xml::events::Event;

use super::part::{XmlPart, attribute};
use crate::Refusal;

/// Excel itself allows 65,490 cell formats.
const MAX_FORMATS: usize = 100_000;

/// `is_date[i]` for the cell format `i`.
#[derive(Default)]
pub(crate) struct Styles {
    is_date: Vec<bool>,
}

impl Styles {
    pub(crate) fn load<R: Read>(mut part: XmlPart<R>) -> Result<Self, Refusal> {
        let mut custom: HashMap<u32, bool> = HashMap::new();
        let mut is_date = Vec::new();
        let mut in_cell_formats = false;
        loop {
            match part.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "numFmt" if custom.len() < MAX_FORMATS => {
                        let id = attribute(&element, "numFmtId").and_then(|id| id.parse().ok());
                        if let (Some(id), Some(code)) = (id, attribute(&element, "formatCode")) {
                            custom.insert(id, is_date_format(&code));
                        }
                    }
                    "cellXfs" => in_cell_formats = true,
                    "xf" if in_cell_formats && is_date.len() < MAX_FORMATS => {
                        let id = attribute(&element, "numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                        is_date.push(custom.get(&id).copied().unwrap_or_else(|| is_builtin_date(id)));
                    }
                    _ => {}
                },
                Event::End(element) if element.local_name().as_ref() == "cellXfs" => in_cell_formats = false,
                Event::Eof => return Ok(Self { is_date }),
                _ => {}
            }
        }
    }

    pub(crate) fn is_date(&self, format: usize) -> bool {
        self.is_date.get(format).copied().unwrap_or(false)
    }
}

/// Built-in number formats that show dates, with the East Asian ones (ECMA-376 Part 1, 18.8.30).
pub(crate) fn is_builtin_date(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58 | 71..=81)
}

/// True if a custom format shows a moment: it has a date or time letter outside quotes, escapes and brackets.
/// An elapsed time (`[h]:mm`) is a quantity, not a moment.
pub(crate) fn is_date_format(code: &str) -> bool {
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

#[cfg(test)]
mod tests {
    use super::is_date_format;

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
