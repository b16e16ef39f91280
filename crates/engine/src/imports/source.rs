//! The uploaded file: whether it may be read, its sheets, where its titles stand.

use super::draft::{CellText, texts};
use super::job::{HeadRow, Sheet};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::files::sealed::{Reading, Writing, remove, unwritable};
use huike_model::{Code, Fault, Label, Problem};
use huike_tabular::{HeaderGuess, Lang, Limits, Refusal, SheetReader, Workbook};
use huike_vault::content::PIECE;
use huike_vault::keys::SubjectKey;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Rows of the preview.
pub const PREVIEWED: usize = 20;
/// Cells of a column kept to guess from.
const SAMPLES: usize = 12;

/// How one sheet is laid out.
#[derive(Clone, Debug)]
pub struct SheetLayout {
    pub header_row: u32,
    pub header_rows: u32,
    /// Place and title.
    pub columns: Vec<(usize, String)>,
    /// Aligned with the columns.
    pub samples: Vec<Vec<String>>,
    pub head: Vec<HeadRow>,
}

/// Where the file of an import lies, sealed.
pub fn path(engine: &Engine, import: i64) -> PathBuf {
    engine.files().join("imports").join(super::job::id_text(import))
}

/// Keeps a file sealed under the import's key. Blocks.
///
/// # Errors
/// The file system's.
pub fn keep(from: &Path, to: &Path, key: &SubjectKey, import: i64) -> Result<()> {
    let seal = || -> io::Result<()> {
        let mut writing = Writing::create(to, key, import)?;
        let mut file = std::fs::File::open(from)?;
        let mut piece = vec![0; PIECE];
        loop {
            match file.read(&mut piece)? {
                0 => return writing.finish().map(drop),
                read => writing.write(&piece[..read])?,
            }
        }
    };
    seal().map_err(|error| unwritable(&error))
}

/// An import's file as spreadsheets are read, removed when this is dropped: it lies open only while somebody works on it.
pub struct Unsealed(PathBuf);

impl Unsealed {
    /// Blocks.
    ///
    /// # Errors
    /// When the file or its key is gone; the file system's.
    pub fn of(engine: &Engine, key: Option<SubjectKey>, import: i64) -> Result<Unsealed> {
        let gone = || {
            EngineError::from(Problem::new(Code::RefusedFile).with_detail(
                "上传的文件已损坏或不在了，请重新上传",
                "The uploaded file is damaged or gone; upload it again",
            ))
        };
        let key = key.ok_or_else(gone)?;
        let unsealed = Unsealed(engine.files().join("uploads").join(huike_vault::random::token("")));
        let open = || -> io::Result<()> {
            let mut reading = Reading::open(&path(engine, import), &key, import)?;
            if let Some(folder) = unsealed.0.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let mut file = std::fs::File::create_new(&unsealed.0)?;
            let mut offset = 0;
            loop {
                let piece = reading.from(offset)?;
                if piece.is_empty() {
                    return file.flush();
                }
                offset += piece.len() as u64;
                file.write_all(&piece)?;
            }
        };
        open().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => gone(),
            _ => unwritable(&error),
        })?;
        Ok(unsealed)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Unsealed {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Opens a file after the checks that concern it as a whole. Blocks.
///
/// # Errors
/// `refused_file` with the reason.
pub fn open(path: &Path, file_name: &str) -> Result<Workbook> {
    huike_tabular::inspect(path, file_name, &Limits::default()).map_err(|refusal| refused(&refusal))
}

/// Why a file is not taken, for the person who brought it.
pub fn refused(refusal: &Refusal) -> EngineError {
    let message = message(refusal);
    let fault = Fault::new("file", refusal.code(), message.zh.clone(), message.en.clone());
    Problem::new(Code::RefusedFile).with_detail(message.zh, message.en).with_faults(vec![fault]).into()
}

fn message(refusal: &Refusal) -> Label {
    Label::new(refusal.message(Lang::Zh), refusal.message(Lang::En))
}

/// The sheets as people choose among them.
pub fn sheets(book: &Workbook) -> Vec<Sheet> {
    let sheet = |info: &huike_tabular::SheetInfo| Sheet {
        name: info.name.clone(),
        rows: info.estimated_rows,
        hidden: info.hidden,
        refusal: info.refusal.as_ref().map(message),
    };
    book.sheets().iter().map(sheet).collect()
}

/// The sheet that is probably meant: the first that is shown, readable and has more than titles.
pub fn likely_sheet(sheets: &[Sheet]) -> usize {
    let readable = |sheet: &Sheet| sheet.refusal.is_none() && sheet.rows > 1;
    sheets
        .iter()
        .position(|sheet| readable(sheet) && !sheet.hidden)
        .or_else(|| sheets.iter().position(readable))
        .or_else(|| sheets.iter().position(|sheet| sheet.refusal.is_none() && sheet.rows > 0))
        .unwrap_or_default()
}

/// Opens a sheet. Blocks.
///
/// # Errors
/// `refused_file`.
pub fn sheet(book: &Workbook, index: usize) -> Result<SheetReader> {
    book.open_sheet(index).map_err(|refusal| refused(&refusal))
}

/// Reads how a sheet is laid out; `header_row` where a person says the titles are.
///
/// # Errors
/// `invalid` when that row is not among the first sixty.
pub fn layout(reader: &SheetReader, header_row: Option<u32>) -> Result<SheetLayout> {
    let guess = reader.header_guess();
    let header = match header_row {
        None => guess,
        Some(row) if row == guess.row_index => guess,
        Some(row) => reader.header_at(row, 1).ok_or_else(|| {
            let (zh, en) = (
                "标题行应在前 60 行之内，且不能是空行",
                "The title row must be one of the first 60 rows and not blank",
            );
            EngineError::from(Fault::new("header_row", "range", zh, en))
        })?,
    };
    let kept: Vec<(usize, String)> = header
        .positions
        .iter()
        .copied()
        .zip(header.columns.iter().cloned())
        .filter(|(_, title)| !is_error_title(title))
        .collect();
    Ok(SheetLayout {
        header_row: header.row_index,
        header_rows: header.header_rows,
        samples: kept.iter().map(|(column, title)| samples(reader, &header, *column, title)).collect(),
        head: head(reader, &header),
        columns: kept,
    })
}

/// Titles of the column that error workbooks have, so that a corrected one comes in like its original.
pub const ERROR_TITLES: [&str; 2] = ["错误原因", "What is wrong"];

fn is_error_title(title: &str) -> bool {
    ERROR_TITLES.contains(&title)
}

fn data_rows<'a>(
    reader: &'a SheetReader,
    header: &HeaderGuess,
) -> impl Iterator<Item = &'a huike_tabular::Row> {
    let first = header.first_data_row();
    reader.head().iter().filter(move |row| row.number >= first && !row.is_blank() && !row.is_totals_row())
}

fn head(reader: &SheetReader, header: &HeaderGuess) -> Vec<HeadRow> {
    data_rows(reader, header)
        .take(PREVIEWED)
        .map(|row| HeadRow { number: row.number, cells: texts(row) })
        .collect()
}

fn samples(reader: &SheetReader, header: &HeaderGuess, column: usize, title: &str) -> Vec<String> {
    let mut samples: Vec<String> = Vec::new();
    for row in data_rows(reader, header) {
        let Some(cell) = row.cells.get(column).filter(|cell| !cell.is_blank()) else { continue };
        if let CellText::Text(text) = CellText::of(cell)
            && samples.len() < SAMPLES
            && text != title
            && !samples.contains(&text)
        {
            samples.push(text);
        }
    }
    samples
}
