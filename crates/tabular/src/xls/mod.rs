//! Excel 97–2003 and Excel 95 workbooks (.xls): BIFF records ([MS-XLS]) in a compound file ([MS-CFB]).
//!
//! The file is held in memory (at most [`Limits::max_xls_bytes`]); cells are indexed by place and decoded when
//! their row is asked for. No declared count is trusted: memory follows the bytes that are there.

mod biff;
mod cfb;
mod sheet;
mod strings;

use std::path::Path;
use std::sync::Arc;

pub(crate) use sheet::XlsRows;

use crate::workbook::Survey;
use crate::{Found, Limits, Refusal};

/// What the workbook globals say, with the stream the cells are in.
pub(crate) struct XlsBook {
    stream: Vec<u8>,
    globals: biff::Globals,
}

/// One sheet: its cells in row order.
pub(crate) struct XlsSheet {
    book: Arc<XlsBook>,
    name: String,
    cells: Vec<sheet::CellAt>,
}

impl XlsBook {
    pub(crate) fn open(path: &Path, limits: &Limits) -> Result<Self, Refusal> {
        let bytes = std::fs::read(path).map_err(|e| Refusal::from_io("file", &e))?;
        if bytes.len() as u64 > limits.max_xls_bytes {
            return Err(Refusal::TooLarge { bytes: bytes.len() as u64, limit: limits.max_xls_bytes });
        }
        let container = cfb::Container::parse(&bytes)?;
        if container.has("EncryptedPackage") {
            return Err(Refusal::Encrypted);
        }
        let Some(stream) = container.stream("Workbook").or_else(|| container.stream("Book")) else {
            return Err(Refusal::NotASpreadsheet { found: Found::OtherOle });
        };
        if container.has("_VBA_PROJECT_CUR") || container.has("_VBA_PROJECT") {
            return Err(Refusal::Macros);
        }
        let stream = stream?;
        let globals = biff::Globals::parse(&stream)?;
        Ok(Self { stream, globals })
    }

    /// (name, hidden) of every worksheet in the workbook's order.
    pub(crate) fn sheets(&self) -> impl Iterator<Item = (&str, bool)> {
        self.globals.sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.hidden))
    }
}

impl XlsSheet {
    /// Indexes the cells of the sheet with this index.
    pub(crate) fn open(
        book: &Arc<XlsBook>,
        index: usize,
        limits: &Limits,
    ) -> Result<(Self, Survey), Refusal> {
        let bound = book.globals.sheets.get(index).ok_or(Refusal::NoSuchSheet { index })?;
        let (cells, mut survey) = sheet::index(&book.stream, bound.position)?;
        survey.check(&bound.name, limits);
        Ok((Self { book: Arc::clone(book), name: bound.name.clone(), cells }, survey))
    }
}
