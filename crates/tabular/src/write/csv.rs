//! Delimited text (RFC 4180) in UTF-8.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::{Column, ColumnKind, OutCell, decimal_digits};

/// Characters that make Excel and others take the text after them for a formula
/// (OWASP, "CSV Injection": `=`, `+`, `-`, `@`, tab, carriage return, line feed).
pub(crate) fn is_formula_trigger(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n')
}

pub(super) struct CsvSink {
    file: BufWriter<File>,
    line: String,
}

impl CsvSink {
    pub(super) fn create(path: &Path, bom: bool, columns: &[Column]) -> std::io::Result<Self> {
        let mut sink =
            Self { file: BufWriter::with_capacity(64 * 1024, File::create(path)?), line: String::new() };
        if bom {
            sink.file.write_all(b"\xEF\xBB\xBF")?;
        }
        for (at, column) in columns.iter().enumerate() {
            sink.separate(at);
            push_text(&mut sink.line, &column.title);
        }
        sink.end_line()?;
        Ok(sink)
    }

    pub(super) fn write_row(
        &mut self,
        columns: &[Column],
        cells: &[OutCell],
        messages: Option<&str>,
    ) -> std::io::Result<()> {
        let empty = OutCell::Empty;
        let width = columns.len() - usize::from(messages.is_some());
        for (at, column) in columns[..width].iter().enumerate() {
            self.separate(at);
            push_cell(&mut self.line, column.kind, cells.get(at).unwrap_or(&empty));
        }
        if let Some(messages) = messages {
            self.separate(width);
            push_text(&mut self.line, messages);
        }
        self.end_line()
    }

    pub(super) fn finish(mut self, watermark: Option<&str>) -> std::io::Result<()> {
        if let Some(watermark) = watermark {
            push_text(&mut self.line, watermark);
            self.end_line()?;
        }
        self.file.flush()
    }

    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.line.push(',');
        }
    }

    fn end_line(&mut self) -> std::io::Result<()> {
        self.line.push_str("\r\n");
        self.file.write_all(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

fn push_cell(line: &mut String, kind: ColumnKind, cell: &OutCell) {
    match cell {
        OutCell::Empty => {}
        OutCell::Text(text) | OutCell::Fault { value: text, .. } => push_text(line, text),
        OutCell::Integer(value) => line.push_str(&value.to_string()),
        OutCell::Number(value) if !value.is_finite() => push_text(line, &value.to_string()),
        OutCell::Number(value) => line.push_str(&match kind {
            ColumnKind::Number { decimals } => format!("{value:.*}", usize::from(decimals)),
            ColumnKind::Money => format!("{value:.2}"),
            _ => value.to_string(),
        }),
        OutCell::Decimal { unscaled, scale } => line.push_str(&decimal_digits(*unscaled, *scale)),
        OutCell::Date(date) => line.push_str(&date.format("%Y-%m-%d").to_string()),
        OutCell::DateTime(moment) => line.push_str(&moment.format("%Y-%m-%d %H:%M:%S%.f").to_string()),
        OutCell::Bool(value) => line.push_str(if *value { "TRUE" } else { "FALSE" }),
    }
}

/// Text that would start a formula gets an apostrophe before it, and so does text that already has one there, so that
/// reading takes off exactly what writing put on.
fn push_text(line: &mut String, text: &str) {
    let neutralise = text.trim_start_matches('\'').starts_with(is_formula_trigger);
    let quote = text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ');
    if quote {
        line.push('"');
    }
    if neutralise {
        line.push('\'');
    }
    if quote {
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}
