//! Tests through the crate's door: files in, rows or a refusal out.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used)]

mod csv_files;
mod damaged;
mod hostile;
mod writing;
mod xls_files;
mod xlsx_files;

use std::path::{Path, PathBuf};

use huike_tabular::{Cell, Limits, Refusal, Row, Workbook, inspect};
use tempfile::TempDir;

/// A file with these bytes; the folder goes when the first part is dropped.
fn file_of(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("upload.bin");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn inspect_bytes(bytes: &[u8]) -> Result<Workbook, Refusal> {
    let (_folder, path) = file_of(bytes);
    inspect(&path, "upload", &Limits::default())
}

fn refusal_of(bytes: &[u8]) -> Refusal {
    match inspect_bytes(bytes) {
        Ok(_) => panic!("the file was not refused"),
        Err(refusal) => refusal,
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn read_rows(path: &Path, sheet: usize, from: u32) -> Result<Vec<Row>, Refusal> {
    inspect(path, "表.csv", &Limits::default())?.open_sheet(sheet)?.rows(from).collect()
}

fn shown(row: &Row) -> Vec<String> {
    row.cells.iter().map(Cell::display).collect()
}

/// True if the independent reader found the same in a cell.
fn agrees(cell: &Cell, theirs: &calamine::Data) -> bool {
    use calamine::Data;
    match (cell, theirs) {
        (Cell::Empty, Data::Empty) => true,
        (Cell::Text(ours), Data::String(theirs)) => ours == theirs,
        (Cell::Number { value, .. }, Data::Float(theirs)) => value == theirs,
        (Cell::Number { value, .. }, Data::Int(theirs)) => *value == *theirs as f64,
        (Cell::Bool(ours), Data::Bool(theirs)) => ours == theirs,
        (Cell::Date(ours), Data::DateTime(theirs)) => {
            let (year, month, day, hour, minute, second, _) = theirs.to_ymd_hms_milli();
            let theirs = format!("{year}-{month}-{day} {hour}:{minute}:{second}");
            ours.format("%Y-%-m-%-d %-H:%-M:%-S").to_string() == theirs
        }
        _ => false,
    }
}
