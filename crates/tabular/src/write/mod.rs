//! Writes spreadsheets row by row; memory does not grow with the number of rows.

mod csv;
mod template;
mod xlsx;

use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};

pub(crate) use csv::is_formula_trigger;
pub use template::{TemplateColumn, write_template};

use crate::Lang;

/// The format of a written file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Xlsx,
    /// UTF-8 with CRLF line ends; with a byte order mark Excel reads Chinese correctly.
    Csv {
        bom: bool,
    },
}

/// How the values of a column are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    Number {
        decimals: u8,
    },
    /// Two decimals, grouped by thousands in .xlsx.
    Money,
    Date,
    DateTime,
    Bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub title: String,
    pub kind: ColumnKind,
    /// Width in characters of the standard font; Chinese characters take two.
    pub width: f64,
}

impl Column {
    /// A column as wide as its title and kind need.
    pub fn new(title: impl Into<String>, kind: ColumnKind) -> Self {
        let title = title.into();
        let title_width: usize = title.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        let kind_width = match kind {
            ColumnKind::Text => 16,
            ColumnKind::Number { .. } => 10,
            ColumnKind::Money => 14,
            ColumnKind::Date => 12,
            ColumnKind::DateTime => 20,
            ColumnKind::Bool => 8,
        };
        Self { width: (title_width + 4).clamp(kind_width, 60) as f64, title, kind }
    }
}

/// One value to write.
#[derive(Debug, Clone, PartialEq)]
pub enum OutCell {
    Empty,
    /// Always written as text, whatever it looks like.
    Text(String),
    Integer(i64),
    Number(f64),
    /// `unscaled` / 10^`scale`, exact in .csv: an amount of 12.50 is `{ unscaled: 1250, scale: 2 }`.
    Decimal {
        unscaled: i64,
        scale: u8,
    },
    Date(NaiveDate),
    DateTime(NaiveDateTime),
    Bool(bool),
    /// A value that could not be imported and why: in .xlsx on red with a note.
    Fault {
        value: String,
        message: String,
    },
}

/// What a file may have besides its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extras {
    /// A last line, and in .xlsx the page footer: who exported the file and when.
    pub watermark: Option<String>,
    /// Title of a further last column that collects the messages of a row's [`OutCell::Fault`]s.
    pub fault_column: Option<String>,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Rows without the header and the watermark.
    pub rows: u32,
    /// Texts cut to the 32,767 characters that a cell of .xlsx holds.
    pub shortened: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("the file cannot be written")]
    Io(#[from] std::io::Error),
    #[error("the workbook cannot be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    #[error("a .csv file holds one sheet")]
    OneSheet,
    #[error("an .xlsx sheet holds at most {limit} rows")]
    TooManyRows { limit: u32 },
    #[error("the row has {cells} cells, the sheet {columns} columns")]
    TooManyCells { cells: usize, columns: usize },
}

impl WriteError {
    /// The message for the person who asked for the file.
    pub fn message(&self, lang: Lang) -> String {
        match (lang, self) {
            (Lang::Zh, Self::Io(error)) => format!("无法写入文件：{error}。"),
            (Lang::Zh, Self::Workbook(error)) => format!("无法写入工作簿：{error}。"),
            (Lang::Zh, Self::OneSheet) => "CSV 文件只有一个工作表。".to_owned(),
            (Lang::Zh, Self::TooManyRows { limit }) => {
                format!("一个 Excel 工作表最多 {limit} 行。请缩小范围，或导出为 CSV。")
            }
            (Lang::Zh, Self::TooManyCells { cells, columns }) => {
                format!("该行有 {cells} 个单元格，而表格只有 {columns} 列。")
            }
            (Lang::En, Self::Io(error)) => format!("The file cannot be written: {error}."),
            (Lang::En, Self::Workbook(error)) => format!("The workbook cannot be written: {error}."),
            (Lang::En, Self::TooManyRows { limit }) => {
                format!("An Excel sheet holds at most {limit} rows. Narrow the selection or export as CSV.")
            }
            (Lang::En, error) => error.to_string(),
        }
    }
}

/// Writes one sheet. Nothing is complete before [`Writer::finish`].
pub struct Writer {
    sink: Sink,
    columns: Vec<Column>,
    extras: Extras,
    rows: u32,
}

// There is one writer per file, so the size of the larger variant does not matter.
#[allow(clippy::large_enum_variant)]
enum Sink {
    Xlsx(xlsx::XlsxSink),
    Csv(csv::CsvSink),
}

impl Writer {
    /// Begins a file with a header row; in .xlsx the header is bold, frozen and filterable. An existing file is
    /// replaced. `sheet_name` is made valid for Excel.
    ///
    /// # Errors
    /// If the file or a temporary file cannot be created.
    pub fn create(
        path: &Path,
        sheet_name: &str,
        format: Format,
        columns: &[Column],
    ) -> Result<Self, WriteError> {
        Self::create_with(path, sheet_name, format, columns, Extras::default())
    }

    /// As [`Writer::create`], with a watermark or a column for faults.
    ///
    /// # Errors
    /// As [`Writer::create`].
    pub fn create_with(
        path: &Path,
        sheet_name: &str,
        format: Format,
        columns: &[Column],
        extras: Extras,
    ) -> Result<Self, WriteError> {
        let mut columns = columns.to_vec();
        if let Some(title) = &extras.fault_column {
            columns.push(Column { width: 40.0, ..Column::new(title.clone(), ColumnKind::Text) });
        }
        let sink = match format {
            Format::Xlsx => Sink::Xlsx(xlsx::XlsxSink::create(path, sheet_name, &columns, &extras)?),
            Format::Csv { bom } => Sink::Csv(csv::CsvSink::create(path, bom, &columns)?),
        };
        Ok(Self { sink, columns, extras, rows: 0 })
    }

    /// Ends the sheet and begins another one; its name must differ from those before.
    ///
    /// # Errors
    /// In .csv, which has one sheet; if a temporary file cannot be created.
    pub fn next_sheet(&mut self, sheet_name: &str, columns: &[Column]) -> Result<(), WriteError> {
        match &mut self.sink {
            Sink::Xlsx(sink) => sink.next_sheet(sheet_name, columns)?,
            Sink::Csv(_) => return Err(WriteError::OneSheet),
        }
        self.columns = columns.to_vec();
        self.extras = Extras::default();
        Ok(())
    }

    /// Writes one row; cells missing at its end stay empty.
    ///
    /// # Errors
    /// If the row is wider than the sheet, the sheet is full, or the file cannot be written.
    pub fn write_row(&mut self, cells: &[OutCell]) -> Result<(), WriteError> {
        let width = self.columns.len() - usize::from(self.extras.fault_column.is_some());
        if cells.len() > width {
            return Err(WriteError::TooManyCells { cells: cells.len(), columns: width });
        }
        let messages = self.extras.fault_column.as_ref().map(|_| fault_messages(&self.columns, cells));
        match &mut self.sink {
            Sink::Xlsx(sink) => sink.write_row(cells, messages.as_deref())?,
            Sink::Csv(sink) => sink.write_row(&self.columns, cells, messages.as_deref())?,
        }
        self.rows += 1;
        Ok(())
    }

    /// Completes the file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> Result<Written, WriteError> {
        let shortened = match self.sink {
            Sink::Xlsx(sink) => sink.finish(self.extras.watermark.as_deref())?,
            Sink::Csv(sink) => {
                sink.finish(self.extras.watermark.as_deref())?;
                0
            }
        };
        Ok(Written { rows: self.rows, shortened })
    }
}

/// "title: message; title: message" of the faults in a row.
fn fault_messages(columns: &[Column], cells: &[OutCell]) -> String {
    let mut out = String::new();
    for (column, cell) in columns.iter().zip(cells) {
        if let OutCell::Fault { message, .. } = cell {
            if !out.is_empty() {
                out.push_str("; ");
            }
            out.push_str(&column.title);
            out.push_str(": ");
            out.push_str(message);
        }
    }
    out
}

/// `unscaled` / 10^`scale` in digits, exactly.
fn decimal_digits(unscaled: i64, scale: u8) -> String {
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = usize::from(scale) + 1);
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(scale));
    let sign = if unscaled < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::decimal_digits;

    #[test]
    fn decimals_are_written_exactly() {
        assert_eq!(decimal_digits(1250, 2), "12.50");
        assert_eq!(decimal_digits(-5, 2), "-0.05");
        assert_eq!(decimal_digits(7, 0), "7");
        assert_eq!(decimal_digits(i64::MIN, 4), "-922337203685477.5808");
    }
}
