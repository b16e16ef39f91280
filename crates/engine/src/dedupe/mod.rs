//! Finding the duplicates of a spreadsheet, without a database: `huike dedupe`.
//!
//! ```text
//! file ─► columns (what each one holds, by title and by content) ─► Draft ─► Prepared ─┐
//!                                                                                      ├─ resolve ─► clusters, relations
//! file again, row by row ─► the same rows with `cluster` and `confidence` behind ◄─────┘
//! ```
//!
//! The file is read twice, so that only what is compared is kept in memory.

mod columns;
mod write;

pub use columns::{Holds, Layout};

use huike_matching::entity::{self, Draft, Kinship, Prepared, Resolution, Said, Weights};
use huike_tabular::{Cell, Lang as SheetLang, Limits, Refusal, Row, SheetReader, WriteError, inspect};
use std::path::Path;

/// What was found, for the person who asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub records: usize,
    pub clusters: usize,
    /// Records that are not alone in their cluster.
    pub duplicates: usize,
    pub relations: usize,
    /// Each column's title with what it was taken to hold.
    pub columns: Vec<(String, Holds)>,
}

#[derive(Debug, thiserror::Error)]
pub enum DedupeError {
    #[error("{}", .0.message(SheetLang::En))]
    Refused(Refusal),
    #[error("{}", .0.message(SheetLang::En))]
    Unwritten(#[from] WriteError),
    /// No column holds anything by which records can be compared.
    #[error(
        "no column holds names, phone numbers, e-mail addresses, postal addresses or credit codes; the columns are: {0}"
    )]
    NothingToCompare(String),
}

impl DedupeError {
    /// Both languages, as the command line says things.
    pub fn message(&self) -> String {
        let (zh, en) = match self {
            Self::Refused(refusal) => (refusal.message(SheetLang::Zh), refusal.message(SheetLang::En)),
            Self::Unwritten(error) => (error.message(SheetLang::Zh), error.message(SheetLang::En)),
            Self::NothingToCompare(columns) => (
                format!("没有可供比对的列（名称、电话、邮箱、地址或统一社会信用代码）；现有的列：{columns}"),
                self.to_string(),
            ),
        };
        format!("{zh} / {en}")
    }
}

impl From<Refusal> for DedupeError {
    fn from(refusal: Refusal) -> DedupeError {
        DedupeError::Refused(refusal)
    }
}

/// A person waits for the answer at their own machine, so more is read than of an upload.
fn limits() -> Limits {
    Limits {
        max_bytes: 4 << 30,
        max_rows: 20_000_000,
        max_uncompressed_bytes: 8 << 30,
        max_cell_chars: 1_000_000,
        ..Limits::default()
    }
}

/// Opens the sheet with the most rows.
pub(crate) fn open(path: &Path) -> Result<(SheetReader, Layout), DedupeError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let workbook = inspect(path, &name, &limits())?;
    let usable = workbook.sheets().iter().enumerate().filter(|(_, sheet)| sheet.refusal.is_none());
    let index = usable
        .max_by_key(|(at, sheet)| (sheet.estimated_rows, std::cmp::Reverse(*at)))
        .map_or(0, |(at, _)| at);
    let sheet = workbook.open_sheet(index)?;
    let layout = Layout::guess(&sheet);
    if !layout.is_comparable() {
        let titles: Vec<String> = layout.columns().map(|(title, _)| title.to_owned()).collect();
        return Err(DedupeError::NothingToCompare(titles.join("、")));
    }
    Ok((sheet, layout))
}

/// The records of a sheet, in the order of its rows; blank rows are none.
pub(crate) fn read(sheet: &mut SheetReader, layout: &Layout) -> Result<Vec<Prepared>, DedupeError> {
    let mut records = Vec::new();
    for row in sheet.rows(layout.first_row()) {
        let row = row?;
        if !row.is_blank() {
            records.push(layout.prepare(&texts(&row)));
        }
    }
    Ok(records)
}

/// The cells of a row as text.
pub(crate) fn texts(row: &Row) -> Vec<String> {
    row.cells.iter().map(Cell::display).collect()
}

/// Reads `input`, finds which rows are one entity, and writes them to `output` with the columns `cluster` (a number for each entity)
/// and `confidence` (0 to 1) behind; to `relations` which branches belong to which companies, if asked for.
///
/// # Errors
/// A file that can't be read or written, or that holds nothing to compare.
pub fn dedupe(input: &Path, output: &Path, relations: Option<&Path>) -> Result<Report, DedupeError> {
    let (mut sheet, layout) = open(input)?;
    let records = read(&mut sheet, &layout)?;
    let resolution = entity::resolve(&records, Weights::shipped(), &Said::default());
    drop(records);
    write::rows(&mut sheet, &layout, &resolution, output)?;
    let mut written = 0;
    if let Some(path) = relations {
        written = write::relations(&mut sheet, &layout, &resolution, path)?;
    }
    Ok(report(&layout, &resolution, written))
}

fn report(layout: &Layout, resolution: &Resolution, relations: usize) -> Report {
    let mut sizes = vec![0usize; resolution.clusters.len()];
    resolution.clusters.iter().for_each(|home| sizes[*home as usize] += 1);
    Report {
        records: resolution.clusters.len(),
        clusters: sizes.iter().filter(|size| **size > 0).count(),
        duplicates: sizes.iter().filter(|size| **size > 1).sum(),
        relations,
        columns: layout.columns().map(|(title, holds)| (title.to_owned(), holds)).collect(),
    }
}

/// The relations that are written: branches under companies.
fn branches(resolution: &Resolution) -> impl Iterator<Item = (u32, u32)> {
    resolution.relations.iter().filter(|r| r.kinship == Kinship::Branch).map(|r| (r.child, r.parent))
}

#[cfg(test)]
mod tests;
