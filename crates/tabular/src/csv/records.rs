//! Splits decoded text into records (RFC 4180, with the liberties that Excel takes).
//!
//! The records are counted as Excel counts rows, so a blank line is a row; a quote within an unquoted field is an
//! ordinary character; a field that never closes its quote ends at the cell limit, not at the end of memory.

use std::io::Read;

use super::decode::Decoded;
use crate::formula::reaches_out;
use crate::write::is_formula_trigger;
use crate::{Cell, Limits, Refusal, Row};

#[derive(Clone, Copy, PartialEq)]
enum State {
    FieldStart,
    Unquoted,
    Quoted,
    /// After a quote within a quoted field: either the end of it or the first of two.
    QuoteInQuoted,
}

/// Splits one character at a time.
struct Splitter {
    delimiter: char,
    state: State,
    /// The last character was a carriage return that ended a record; a line feed after it belongs to it.
    after_return: bool,
    field: String,
    field_chars: usize,
    quoted: bool,
    fields: Vec<Field>,
}

struct Field {
    text: String,
    quoted: bool,
}

impl Splitter {
    fn new(delimiter: char) -> Self {
        Self {
            delimiter,
            state: State::FieldStart,
            after_return: false,
            field: String::new(),
            field_chars: 0,
            quoted: false,
            fields: Vec::new(),
        }
    }

    /// Takes one character; true if it ended a record, which then stands in `fields`.
    fn push(&mut self, c: char) -> bool {
        if std::mem::take(&mut self.after_return) && c == '\n' {
            return false;
        }
        match (self.state, c) {
            (State::Quoted, '"') => self.state = State::QuoteInQuoted,
            (State::QuoteInQuoted, '"') => {
                self.keep('"');
                self.state = State::Quoted;
            }
            (State::Quoted, _) => self.keep(c),
            (State::FieldStart, '"') => {
                self.quoted = true;
                self.state = State::Quoted;
            }
            (_, '\n' | '\r') => {
                self.after_return = c == '\r';
                self.end_field();
                return true;
            }
            (_, c) if c == self.delimiter => self.end_field(),
            (_, c) => {
                self.keep(c);
                self.state = State::Unquoted;
            }
        }
        false
    }

    fn keep(&mut self, c: char) {
        self.field.push(c);
        self.field_chars += 1;
    }

    fn end_field(&mut self) {
        self.fields.push(Field { text: std::mem::take(&mut self.field), quoted: self.quoted });
        self.quoted = false;
        self.field_chars = 0;
        self.state = State::FieldStart;
    }

    /// True if text has ended within a record.
    fn is_within_record(&self) -> bool {
        self.state != State::FieldStart || !self.fields.is_empty()
    }
}

/// All records of a short text.
pub(super) fn split_sample(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut splitter = Splitter::new(delimiter);
    let mut records = Vec::new();
    let take = |fields: &mut Vec<Field>| fields.drain(..).map(|f| f.text).collect::<Vec<_>>();
    for c in text.chars() {
        if splitter.push(c) {
            records.push(take(&mut splitter.fields));
        }
    }
    if splitter.is_within_record() {
        splitter.end_field();
        records.push(take(&mut splitter.fields));
    }
    records
}

/// The rows of a delimited text, as a stream.
pub(crate) struct CsvRows<'a, R = std::fs::File> {
    decoded: Decoded<R>,
    splitter: Splitter,
    /// Decoded but not yet split; `at` is the next byte of it.
    chunk: String,
    at: usize,
    number: u32,
    from: u32,
    skip_first: bool,
    sheet: &'a str,
    limits: &'a Limits,
}

impl<'a, R: Read> CsvRows<'a, R> {
    pub(crate) fn new(
        source: R,
        dialect: super::Dialect,
        sheet: &'a str,
        limits: &'a Limits,
        from: u32,
    ) -> Self {
        Self {
            decoded: Decoded::new(source, dialect.encoding),
            splitter: Splitter::new(dialect.delimiter.as_char()),
            chunk: String::new(),
            at: 0,
            number: 0,
            from,
            skip_first: dialect.separator_line,
            sheet,
            limits,
        }
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, Refusal> {
        while self.next_record()? {
            if std::mem::take(&mut self.skip_first) {
                self.splitter.fields.clear();
                continue;
            }
            self.number = self.number.saturating_add(1);
            if self.number < self.from {
                self.splitter.fields.clear();
                continue;
            }
            return self.build().map(Some);
        }
        Ok(None)
    }

    /// Reads up to the end of a record; false at the end of the file.
    fn next_record(&mut self) -> Result<bool, Refusal> {
        loop {
            while let Some(c) = self.chunk[self.at..].chars().next() {
                self.at += c.len_utf8();
                if self.splitter.push(c) {
                    return Ok(true);
                }
                if self.splitter.field_chars > self.limits.max_cell_chars {
                    return Err(Refusal::CellTooLong {
                        row: self.number.saturating_add(1),
                        column: self.splitter.fields.len() + 1,
                        limit: self.limits.max_cell_chars,
                    });
                }
                // Empty trailing columns are common and harmless, but a line of nothing else must not fill memory.
                if self.splitter.fields.len() > self.limits.max_columns.saturating_mul(64) {
                    return Err(self.too_many_columns(self.splitter.fields.len()));
                }
            }
            self.at = 0;
            self.chunk.clear();
            match self.decoded.chunk()? {
                Some(chunk) => self.chunk.push_str(chunk),
                None => {
                    // Ctrl-Z ends old DOS text files.
                    let only_end_mark = self.splitter.fields.is_empty() && self.splitter.field == "\u{1a}";
                    let more = self.splitter.is_within_record() && !only_end_mark;
                    self.splitter.end_field();
                    if !more {
                        self.splitter.fields.clear();
                    }
                    return Ok(more);
                }
            }
        }
    }

    fn build(&mut self) -> Result<Row, Refusal> {
        for (column, field) in self.splitter.fields.iter().enumerate() {
            if field.text.starts_with('=') && reaches_out(&field.text) {
                let letters = crate::xlsx::column_letters(column);
                return Err(Refusal::ExternalLinks { place: format!("{letters}{}", self.number) });
            }
        }
        let mut cells: Vec<Cell> = self.splitter.fields.drain(..).map(cell_of).collect();
        while cells.last().is_some_and(|cell| *cell == Cell::Empty) {
            cells.pop();
        }
        if cells.len() > self.limits.max_columns {
            return Err(self.too_many_columns(cells.len()));
        }
        if self.number > self.limits.max_rows && cells.iter().any(|cell| !cell.is_blank()) {
            return Err(Refusal::TooManyRows { sheet: self.sheet.to_owned(), limit: self.limits.max_rows });
        }
        Ok(Row { number: self.number, cells })
    }

    fn too_many_columns(&self, columns: usize) -> Refusal {
        Refusal::TooManyColumns { sheet: self.sheet.to_owned(), columns, limit: self.limits.max_columns }
    }
}

/// Takes off what programs put around a value only to keep Excel from changing it: `="0123"`, a tab beside digits,
/// and the apostrophe that an export puts before text that would start a formula.
fn cell_of(field: Field) -> Cell {
    let text = field.text;
    if text.is_empty() {
        return Cell::Empty;
    }
    let neutralised = text.trim_start_matches('\'');
    if neutralised.len() < text.len() && neutralised.starts_with(is_formula_trigger) {
        return Cell::Text(text[1..].to_owned());
    }
    if let Some(inner) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'))
        && !inner.contains('"')
    {
        return if inner.is_empty() { Cell::Empty } else { Cell::Text(inner.to_owned()) };
    }
    let digits = text.trim_matches('\t');
    if digits.len() < text.len()
        && !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    {
        return Cell::Text(digits.to_owned());
    }
    if !field.quoted && text == "\u{1a}" { Cell::Empty } else { Cell::Text(text) }
}

#[cfg(test)]
mod tests {
    use super::super::{Delimiter, Dialect, TextEncoding};
    use super::*;

    fn rows(text: &str, limits: &Limits) -> Result<Vec<(u32, Vec<String>)>, Refusal> {
        let dialect =
            Dialect { encoding: TextEncoding::Utf8, delimiter: Delimiter::Comma, separator_line: false };
        let mut rows = CsvRows::new(text.as_bytes(), dialect, "表", limits, 1);
        let mut out = Vec::new();
        while let Some(row) = rows.next_row()? {
            out.push((row.number, row.cells.iter().map(Cell::display).collect()));
        }
        Ok(out)
    }

    #[test]
    fn records_are_split_as_excel_does() {
        let text = "a,\"b,1\"\r\n\r\n\"line\n2\",\"say \"\"hi\"\"\",5\" disk\n=\"0123\",\t13800000000,'+86\n";
        let out = rows(text, &Limits::default()).unwrap();
        let expected: [(u32, &[&str]); 4] = [
            (1, &["a", "b,1"]),
            (2, &[]),
            (3, &["line\n2", "say \"hi\"", "5\" disk"]),
            (4, &["0123", "13800000000", "+86"]),
        ];
        assert_eq!(out.len(), 4);
        for ((number, cells), (expected_number, expected_cells)) in out.iter().zip(expected) {
            assert_eq!(*number, expected_number);
            assert_eq!(cells, expected_cells);
        }
    }

    #[test]
    fn an_unclosed_quote_is_refused_at_its_place() {
        let text = format!("a,b\n1,\"{}", "x\n".repeat(40_000));
        let refusal = rows(&text, &Limits::default()).unwrap_err();
        assert_eq!(refusal, Refusal::CellTooLong { row: 2, column: 2, limit: 32_767 });
    }

    #[test]
    fn too_many_columns_and_rows_are_refused() {
        let wide = vec!["x"; 300].join(",");
        assert_eq!(rows(&wide, &Limits::default()).unwrap_err().code(), "file_too_many_columns");
        assert!(rows(&format!("a{}", ",".repeat(300)), &Limits::default()).is_ok());
        let limits = Limits { max_rows: 2, ..Limits::default() };
        assert!(rows("1\n2\n\n\n", &limits).is_ok());
        assert_eq!(rows("1\n2\n3\n", &limits).unwrap_err().code(), "file_too_many_rows");
    }

    #[test]
    fn a_formula_that_calls_out_is_refused() {
        let refusal = rows("名称,值\n甲,=cmd|'/C calc'!A0\n", &Limits::default()).unwrap_err();
        assert_eq!(refusal, Refusal::ExternalLinks { place: "B2".into() });
    }
}
