//! .xlsx in the constant-memory mode of the writing library: each row goes to a temporary file at once.

use std::path::{Path, PathBuf};

use chrono::NaiveTime;
use rust_xlsxwriter::{Color, Format, FormatAlign, Note, Workbook, Worksheet, XlsxError};

use super::{Column, ColumnKind, Extras, OutCell, WriteError, decimal_digits};
use crate::cell::serial_from_date;

/// Rows of an Excel sheet, the header and the watermark among them.
const MAX_ROWS: u32 = 1_048_576;
/// Excel counts the characters of a cell in UTF-16.
const MAX_TEXT_UNITS: usize = 32_767;
/// Notes are held in memory until the end, so only the first faults get one; all of them turn red, and the fault
/// column names them all.
const MAX_NOTES: u32 = 1_000;
/// Whole numbers beyond this are not exact as doubles and are written as text.
const MAX_EXACT: u64 = 1 << 53;
/// Excel's limit of a page footer is 255 characters.
const MAX_FOOTER_CHARS: usize = 200;

pub(super) struct XlsxSink {
    workbook: Workbook,
    sheet: Worksheet,
    path: PathBuf,
    formats: Vec<Format>,
    fault: Format,
    next_row: u32,
    max_row: u32,
    notes: u32,
    shortened: u32,
}

impl XlsxSink {
    pub(super) fn create(
        path: &Path,
        sheet_name: &str,
        columns: &[Column],
        extras: &Extras,
    ) -> Result<Self, WriteError> {
        let mut workbook = Workbook::new();
        let mut sheet = workbook.new_worksheet_with_constant_memory()?;
        sheet.set_name(valid_sheet_name(sheet_name))?;
        write_header(&mut sheet, columns)?;
        if let Some(watermark) = &extras.watermark {
            let footer: String = watermark.chars().take(MAX_FOOTER_CHARS).collect();
            sheet.set_footer(format!("&C{}", footer.replace('&', "&&")));
        }
        let formats = columns.iter().map(|column| value_format(column.kind)).collect();
        let max_row = MAX_ROWS - u32::from(extras.watermark.is_some());
        let fault =
            Format::new().set_background_color(Color::RGB(0xFFC7CE)).set_font_color(Color::RGB(0x9C0006));
        let path = path.to_owned();
        Ok(Self { workbook, sheet, path, formats, fault, next_row: 1, max_row, notes: 0, shortened: 0 })
    }

    pub(super) fn write_row(&mut self, cells: &[OutCell], messages: Option<&str>) -> Result<(), WriteError> {
        if self.next_row >= self.max_row {
            return Err(WriteError::TooManyRows { limit: self.max_row - 1 });
        }
        for (column, cell) in cells.iter().enumerate() {
            self.write_cell(column as u16, cell)?;
        }
        if let Some(messages) = messages.filter(|m| !m.is_empty()) {
            self.write_text(self.formats.len() as u16 - 1, messages, None)?;
        }
        self.next_row += 1;
        Ok(())
    }

    pub(super) fn next_sheet(&mut self, sheet_name: &str, columns: &[Column]) -> Result<(), WriteError> {
        self.make_filterable()?;
        let mut sheet = self.workbook.new_worksheet_with_constant_memory()?;
        sheet.set_name(valid_sheet_name(sheet_name))?;
        write_header(&mut sheet, columns)?;
        self.workbook.push_worksheet(std::mem::replace(&mut self.sheet, sheet));
        self.formats = columns.iter().map(|column| value_format(column.kind)).collect();
        self.next_row = 1;
        Ok(())
    }

    fn make_filterable(&mut self) -> Result<(), WriteError> {
        let last_column = (self.formats.len() as u16).saturating_sub(1);
        if !self.formats.is_empty() {
            self.sheet.autofilter(0, 0, self.next_row - 1, last_column)?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self, watermark: Option<&str>) -> Result<u32, WriteError> {
        self.make_filterable()?;
        if let Some(watermark) = watermark {
            let grey = Format::new().set_italic().set_font_color(Color::Gray);
            self.write_text(0, watermark, Some(&grey))?;
        }
        self.workbook.push_worksheet(self.sheet);
        self.workbook.save(&self.path)?;
        Ok(self.shortened)
    }

    fn write_cell(&mut self, column: u16, cell: &OutCell) -> Result<(), WriteError> {
        let row = self.next_row;
        let format = &self.formats[usize::from(column)];
        match cell {
            OutCell::Empty => {}
            OutCell::Text(text) => self.write_text(column, text, None)?,
            OutCell::Number(value) if !value.is_finite() => {
                self.write_text(column, &value.to_string(), None)?
            }
            OutCell::Number(value) => {
                self.sheet.write_number_with_format(row, column, *value, format)?;
            }
            OutCell::Integer(value) if value.unsigned_abs() > MAX_EXACT => {
                self.write_text(column, &value.to_string(), None)?;
            }
            OutCell::Integer(value) => {
                self.sheet.write_number_with_format(row, column, *value as f64, format)?;
            }
            OutCell::Decimal { unscaled, scale } => self.write_decimal(column, *unscaled, *scale)?,
            OutCell::Date(date) => match serial_from_date(&date.and_time(NaiveTime::MIN)) {
                Some(serial) => {
                    self.sheet.write_number_with_format(row, column, serial, format)?;
                }
                None => self.write_text(column, &date.to_string(), None)?,
            },
            OutCell::DateTime(moment) => match serial_from_date(moment) {
                Some(serial) => {
                    self.sheet.write_number_with_format(row, column, serial, format)?;
                }
                None => self.write_text(column, &moment.to_string(), None)?,
            },
            OutCell::Bool(value) => {
                self.sheet.write_boolean(row, column, *value)?;
            }
            OutCell::Fault { value, message } => self.write_fault(column, value, message)?,
        }
        Ok(())
    }

    /// A decimal with more digits than a double keeps is written as text rather than rounded.
    fn write_decimal(&mut self, column: u16, unscaled: i64, scale: u8) -> Result<(), WriteError> {
        let digits = decimal_digits(unscaled, scale);
        match digits.parse::<f64>().ok().filter(|_| unscaled.unsigned_abs() < 1_000_000_000_000_000) {
            Some(value) => {
                let format = &self.formats[usize::from(column)];
                self.sheet.write_number_with_format(self.next_row, column, value, format)?;
                Ok(())
            }
            None => self.write_text(column, &digits, None),
        }
    }

    fn write_fault(&mut self, column: u16, value: &str, message: &str) -> Result<(), WriteError> {
        let fault = self.fault.clone();
        if value.is_empty() {
            self.sheet.write_blank(self.next_row, column, &fault)?;
        } else {
            self.write_text(column, value, Some(&fault))?;
        }
        if self.notes < MAX_NOTES && !message.is_empty() {
            let note: String = message.chars().take(2_000).collect();
            let note = Note::new(note).set_author("Huike").add_author_prefix(false);
            self.sheet.insert_note(self.next_row, column, &note)?;
            self.notes += 1;
        }
        Ok(())
    }

    /// Always a string cell, so nothing in it is ever calculated.
    fn write_text(&mut self, column: u16, text: &str, format: Option<&Format>) -> Result<(), WriteError> {
        let cut = cut_to_units(text, MAX_TEXT_UNITS);
        self.shortened += u32::from(cut.len() < text.len());
        match format {
            Some(format) => self.sheet.write_string_with_format(self.next_row, column, cut, format)?,
            None => self.sheet.write_string(self.next_row, column, cut)?,
        };
        Ok(())
    }
}

/// The longest beginning of a text with at most `units` UTF-16 units.
fn cut_to_units(text: &str, units: usize) -> &str {
    if text.len() <= units {
        return text;
    }
    let mut left = units;
    for (at, c) in text.char_indices() {
        match left.checked_sub(c.len_utf16()) {
            Some(rest) => left = rest,
            None => return &text[..at],
        }
    }
    text
}

/// Bold titles in row 1, frozen, with the widths and formats of the columns.
pub(super) fn write_header(sheet: &mut Worksheet, columns: &[Column]) -> Result<(), XlsxError> {
    let header = Format::new()
        .set_bold()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0xE8EEF7));
    for (at, column) in columns.iter().enumerate() {
        let at = at as u16;
        sheet.set_column_width(at, column.width.clamp(1.0, 255.0))?;
        sheet.set_column_format(at, &value_format(column.kind))?;
        sheet.write_string_with_format(0, at, cut_to_units(&column.title, MAX_TEXT_UNITS), &header)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

pub(super) fn value_format(kind: ColumnKind) -> Format {
    let format = Format::new();
    match kind {
        // The text format keeps Excel from changing phone and identity numbers that are typed in later.
        ColumnKind::Text => format.set_num_format("@"),
        ColumnKind::Number { decimals: 0 } => format.set_num_format("0"),
        ColumnKind::Number { decimals } => {
            format.set_num_format(format!("0.{}", "0".repeat(usize::from(decimals.min(15)))))
        }
        ColumnKind::Money => format.set_num_format("#,##0.00"),
        ColumnKind::Date => format.set_num_format("yyyy-mm-dd"),
        ColumnKind::DateTime => format.set_num_format("yyyy-mm-dd hh:mm:ss"),
        ColumnKind::Bool => format,
    }
}

/// A name that Excel accepts: up to 31 UTF-16 units, none of `* ? : [ ] \ /`, no apostrophe at either end.
pub(super) fn valid_sheet_name(name: &str) -> String {
    let replaced: String =
        name.chars().map(|c| if "*?:[]\\/".contains(c) || c.is_control() { ' ' } else { c }).collect();
    let cut = cut_to_units(replaced.trim().trim_matches('\''), 31);
    let cut = cut.trim().trim_matches('\'');
    if cut.is_empty() { "Sheet1".to_owned() } else { cut.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_names_are_made_valid() {
        assert_eq!(valid_sheet_name("客户/联系人[1]"), "客户 联系人 1");
        assert_eq!(valid_sheet_name("'*?'"), "Sheet1");
        assert_eq!(valid_sheet_name(&"汇".repeat(40)).chars().count(), 31);
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(cut_to_units("a😀b", 2), "a");
        assert_eq!(cut_to_units("汇客", 2), "汇客");
    }
}
