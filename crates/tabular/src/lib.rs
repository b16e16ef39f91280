//! Turns messy or hostile spreadsheet files into a stream of rows, and writes spreadsheets as a stream.
//!
//! What comes in: a path to a file somebody uploaded. What goes out: [`Row`]s of [`Cell`]s, or one [`Refusal`]
//! that says in Chinese and English why the file is not taken. Nothing here knows about customers or databases.
//!
//! ```text
//! inspect(path) ─► Workbook ─► open_sheet(i) ─► SheetReader ─► header_guess()
//!   │ format by content         │                 └─► rows(from) ─► Row, Row, Row …
//!   │ zip bomb, macros, links   └ shared strings, styles
//! ```
//!
//! Memory does not grow with the file: .xlsx and .csv are read as streams (shared strings beyond a few
//! megabytes go to a temporary file), .xls is loaded whole but capped at [`Limits::max_xls_bytes`].
//! The readers are our own because the limits must hold while a byte is inflated, decoded and parsed, not
//! afterwards; the tests compare them with an independent reader.

mod cell;
mod csv;
mod formula;
mod header;
mod limits;
mod refusal;
mod workbook;
mod write;
mod xls;
mod xlsx;

pub use cell::{Cell, NOT_CALCULATED, Row};
pub use csv::{Delimiter, TextEncoding};
pub use header::HeaderGuess;
pub use limits::Limits;
pub use refusal::{Found, Lang, Refusal};
pub use workbook::{FileKind, Rows, SheetInfo, SheetReader, Workbook, inspect};
pub use write::{
    Column, ColumnKind, Extras, Format, OutCell, TemplateColumn, WriteError, Writer, Written, write_template,
};
