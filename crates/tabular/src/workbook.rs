//! The door: what kind of file it is, which sheets it has, and their rows.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zip::read::ZipFile;

use crate::csv::{self, CsvRows, Delimiter, Dialect, TextEncoding};
use crate::header::{self, HEAD_ROWS, HeaderGuess, Merge};
use crate::xls::{XlsBook, XlsRows, XlsSheet};
use crate::xlsx::{self, Context, Package, SharedStrings, Styles, WorkbookParts, XlsxRows};
use crate::{Found, Limits, Refusal, Row};

/// What a file is, told by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Xlsx,
    Xls,
    Csv { encoding: TextEncoding, delimiter: Delimiter },
}

/// One sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetInfo {
    pub name: String,
    /// Number of the last row that holds a value; for .csv an estimate from the first records.
    pub estimated_rows: u32,
    /// Hidden from the person who opens the file in Excel.
    pub hidden: bool,
    /// Why this sheet cannot be opened although others can.
    pub refusal: Option<Refusal>,
}

/// A file that passed the checks that concern it as a whole.
pub struct Workbook {
    path: PathBuf,
    limits: Limits,
    kind: FileKind,
    sheets: Vec<SheetInfo>,
    contents: Contents,
}

enum Contents {
    Xlsx { parts: WorkbookParts, merges: Vec<Vec<Merge>> },
    Xls(Arc<XlsBook>),
    Csv(Dialect),
}

/// What one pass over a sheet tells before any row is taken from it.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// Number of the last row that holds a value.
    pub(crate) rows: u32,
    /// Number of the last column that holds a value.
    pub(crate) columns: usize,
    pub(crate) merges: Vec<Merge>,
    pub(crate) refusal: Option<Refusal>,
}

impl Survey {
    pub(crate) fn check(&mut self, sheet: &str, limits: &Limits) {
        if self.columns > limits.max_columns {
            let (columns, limit) = (self.columns, limits.max_columns);
            self.refusal = Some(Refusal::TooManyColumns { sheet: sheet.to_owned(), columns, limit });
        } else if self.rows > limits.max_rows {
            self.refusal = Some(Refusal::TooManyRows { sheet: sheet.to_owned(), limit: limits.max_rows });
        }
    }

    fn info(&self, name: &str, hidden: bool) -> SheetInfo {
        SheetInfo { name: name.to_owned(), estimated_rows: self.rows, hidden, refusal: self.refusal.clone() }
    }
}

/// Looks at a file by content (never by extension) and refuses what must not be read.
///
/// `original_name` is the name it was uploaded under; it only names the single sheet of a .csv file. Reads an
/// .xlsx or .csv file once as a stream.
///
/// # Errors
/// A [`Refusal`] that concerns the whole file, or its only usable sheet.
pub fn inspect(path: &Path, original_name: &str, limits: &Limits) -> Result<Workbook, Refusal> {
    let mut file = File::open(path).map_err(|e| Refusal::from_io("file", &e))?;
    let bytes = file.metadata().map_err(|e| Refusal::from_io("file", &e))?.len();
    if bytes == 0 {
        return Err(Refusal::Empty);
    }
    if bytes > limits.max_bytes {
        return Err(Refusal::TooLarge { bytes, limit: limits.max_bytes });
    }
    let mut opening = Vec::new();
    file.by_ref().take(4096).read_to_end(&mut opening).map_err(|e| Refusal::from_io("file", &e))?;
    drop(file);
    let (kind, sheets, contents) = match sniff(&opening)? {
        Sniffed::Zip => inspect_xlsx(path, limits)?,
        Sniffed::Ole => inspect_xls(path, limits)?,
        Sniffed::Text if is_junk(&opening, original_name) => {
            return Err(Refusal::NotASpreadsheet { found: Found::Binary });
        }
        Sniffed::Text => inspect_csv(path, original_name, limits)?,
    };
    if sheets.iter().all(|sheet| sheet.estimated_rows == 0) {
        return Err(Refusal::Empty);
    }
    if sheets.iter().all(|sheet| sheet.refusal.is_some() || sheet.estimated_rows == 0)
        && let Some(refusal) = sheets.iter().find_map(|sheet| sheet.refusal.clone())
    {
        return Err(refusal);
    }
    Ok(Workbook { path: path.to_owned(), limits: limits.clone(), kind, sheets, contents })
}

type Inspected = (FileKind, Vec<SheetInfo>, Contents);

fn inspect_xlsx(path: &Path, limits: &Limits) -> Result<Inspected, Refusal> {
    let mut package = Package::open(path, limits)?;
    package.refuse_dangerous_parts()?;
    let parts = package.workbook_parts(limits)?;
    let (mut sheets, mut merges) = (Vec::new(), Vec::new());
    let mut spent = 0;
    for sheet in &parts.sheets {
        let mut survey = Survey::default();
        if let Some(mut part) = package.part(&sheet.part, spent, limits)? {
            survey = xlsx::survey(&mut part, &sheet.name, limits)?;
            spent += part.inflated();
        }
        sheets.push(survey.info(&sheet.name, sheet.hidden));
        merges.push(survey.merges);
    }
    Ok((FileKind::Xlsx, sheets, Contents::Xlsx { parts, merges }))
}

fn inspect_xls(path: &Path, limits: &Limits) -> Result<Inspected, Refusal> {
    let book = Arc::new(XlsBook::open(path, limits)?);
    let mut sheets = Vec::new();
    for (index, (name, hidden)) in book.sheets().enumerate() {
        let (_, survey) = XlsSheet::open(&book, index, limits)?;
        sheets.push(survey.info(name, hidden));
    }
    Ok((FileKind::Xls, sheets, Contents::Xls(book)))
}

fn inspect_csv(path: &Path, original_name: &str, limits: &Limits) -> Result<Inspected, Refusal> {
    let (dialect, estimated_rows) = csv::inspect(path, limits)?;
    let base = original_name.rsplit(['/', '\\']).next().unwrap_or(original_name);
    let name = base.rsplit_once('.').map_or(base, |(stem, _)| stem).to_owned();
    let kind = FileKind::Csv { encoding: dialect.encoding, delimiter: dialect.delimiter };
    let sheet = SheetInfo { name, estimated_rows, hidden: false, refusal: None };
    Ok((kind, vec![sheet], Contents::Csv(dialect)))
}

enum Sniffed {
    Zip,
    Ole,
    Text,
}

/// Text that is no table: with control characters that no text has, or one word under the name of a workbook. Text tables under such a name
/// are taken, for many systems export them so.
fn is_junk(opening: &[u8], original_name: &str) -> bool {
    let wide = opening.contains(&0);
    let control = |byte: &u8| matches!(byte, 1..=8 | 14..=26 | 28..=31);
    if !wide && opening.iter().any(control) {
        return true;
    }
    let name = original_name.to_ascii_lowercase();
    let named_workbook = [".xlsx", ".xlsm", ".xls"].iter().any(|end| name.ends_with(end));
    let parted = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'\t' | b',' | b';');
    named_workbook && !opening.iter().any(parted)
}

/// Tells the kind of file by its first bytes.
fn sniff(opening: &[u8]) -> Result<Sniffed, Refusal> {
    let found = match opening {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => return Ok(Sniffed::Zip),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => return Ok(Sniffed::Ole),
        [b'%', b'P', b'D', b'F', ..] => Found::Pdf,
        [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] | [b'G', b'I', b'F', b'8', ..] => Found::Image,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Found::Image,
        [b'R', b'a', b'r', b'!', ..] | [b'7', b'z', 0xBC, 0xAF, ..] | [0x1F, 0x8B, ..] => Found::OtherArchive,
        // BIFF without a compound file around it.
        [0x09, 0x00 | 0x02 | 0x04 | 0x08, _, 0x00, ..] => Found::OldExcel,
        _ => match markup(opening) {
            Some(found) => found,
            None => return Ok(Sniffed::Text),
        },
    };
    Err(Refusal::NotASpreadsheet { found })
}

/// Web pages and XML tables that many systems export under the name .xls.
fn markup(opening: &[u8]) -> Option<Found> {
    let text: String = opening.iter().filter(|b| b.is_ascii() && **b != 0).map(|&b| char::from(b)).collect();
    let text = text.trim_start().to_ascii_lowercase();
    if text.starts_with("mime-version:") {
        return Some(Found::Html);
    }
    if !text.starts_with('<') {
        return None;
    }
    if text.contains("urn:schemas-microsoft-com:office:spreadsheet") && !text.contains("<html") {
        return Some(Found::SpreadsheetXml);
    }
    let tags = [
        "<?xml",
        "<!doctype",
        "<!--",
        "<html",
        "<head",
        "<meta",
        "<style",
        "<table",
        "<body",
        "<div",
        "<script",
    ];
    tags.iter().any(|tag| text.starts_with(tag)).then_some(Found::Html)
}

impl Workbook {
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// The sheets in the order of the file, hidden ones among them.
    pub fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    /// Opens the sheet with this 0-based index; the reader is independent of the workbook.
    ///
    /// # Errors
    /// The refusal of that sheet, or whatever is wrong with its first rows.
    pub fn open_sheet(&self, index: usize) -> Result<SheetReader, Refusal> {
        let info = self.sheets.get(index).ok_or(Refusal::NoSuchSheet { index })?.clone();
        if let Some(refusal) = info.refusal {
            return Err(refusal);
        }
        let (source, merges) = match &self.contents {
            Contents::Xlsx { parts, merges } => (self.xlsx_source(parts, index)?, merges[index].clone()),
            Contents::Xls(book) => {
                let (sheet, survey) = XlsSheet::open(book, index, &self.limits)?;
                (Source::Xls(sheet), survey.merges)
            }
            Contents::Csv(dialect) => {
                (Source::Csv { path: self.path.clone(), dialect: *dialect }, Vec::new())
            }
        };
        let mut reader =
            SheetReader { name: info.name, limits: self.limits.clone(), source, merges, head: Vec::new() };
        let head: Result<Vec<Row>, Refusal> = reader.rows(1).take(HEAD_ROWS).collect();
        reader.head = head?;
        Ok(reader)
    }

    fn xlsx_source(&self, parts: &WorkbookParts, index: usize) -> Result<Source, Refusal> {
        let mut package = Package::open(&self.path, &self.limits)?;
        let mut strings = SharedStrings::default();
        if let Some(name) = &parts.shared_strings
            && let Some(part) = package.part(name, 0, &self.limits)?
        {
            strings = SharedStrings::load(part, &self.limits)?;
        }
        let mut styles = Styles::default();
        if let Some(name) = &parts.styles
            && let Some(part) = package.part(name, 0, &self.limits)?
        {
            styles = Styles::load(part)?;
        }
        let part = parts.sheets[index].part.clone();
        Ok(Source::Xlsx { package, part, strings, styles, is_1904: parts.is_1904 })
    }
}

/// One open sheet.
pub struct SheetReader {
    name: String,
    limits: Limits,
    source: Source,
    merges: Vec<Merge>,
    head: Vec<Row>,
}

enum Source {
    Xlsx { package: Package, part: String, strings: SharedStrings, styles: Styles, is_1904: bool },
    Xls(XlsSheet),
    Csv { path: PathBuf, dialect: Dialect },
}

impl SheetReader {
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first rows (at most 60), as for a preview.
    pub fn head(&self) -> &[Row] {
        &self.head
    }

    /// Guesses which row holds the column titles, among the first 20.
    pub fn header_guess(&self) -> HeaderGuess {
        header::guess(&self.head, &self.merges)
    }

    /// The columns as titled by the rows a person chose instead: the last title row (1-based) and how many there are
    /// (1 or 2). `None` if that row is not among the first 60.
    pub fn header_at(&self, row_index: u32, header_rows: u32) -> Option<HeaderGuess> {
        header::at(&self.head, &self.merges, row_index, header_rows)
    }

    /// The rows from number `from_row` (1-based as Excel shows it) on. Rows that are not in the file at all are
    /// missing from the stream, so numbers may jump; blank rows that are in it come as blank rows. The stream ends
    /// after the first refusal.
    pub fn rows(&mut self, from_row: u32) -> Rows<'_> {
        let limits = &self.limits;
        let stream = match &mut self.source {
            Source::Xls(sheet) => Ok(Stream::Xls(XlsRows::new(sheet, limits, from_row))),
            Source::Csv { path, dialect } => File::open(path)
                .map(|file| Stream::Csv(CsvRows::new(file, *dialect, &self.name, limits, from_row)))
                .map_err(|e| Refusal::from_io("file", &e)),
            Source::Xlsx { package, part, strings, styles, is_1904 } => {
                let context = Context { sheet: &self.name, strings, styles, is_1904: *is_1904, limits };
                match package.part(part, 0, limits) {
                    Ok(Some(part)) => Ok(Stream::Xlsx(XlsxRows::new(part, context, from_row))),
                    Ok(None) => Err(Refusal::corrupt(part.as_str(), "the part is missing")),
                    Err(refusal) => Err(refusal),
                }
            }
        };
        match stream {
            Ok(stream) => Rows { stream: Some(stream), refusal: None },
            Err(refusal) => Rows { stream: None, refusal: Some(refusal) },
        }
    }
}

/// The rows of a sheet as a stream; one row in memory at a time.
pub struct Rows<'a> {
    stream: Option<Stream<'a>>,
    refusal: Option<Refusal>,
}

// One stream exists at a time, so the size of the largest variant does not matter.
#[allow(clippy::large_enum_variant)]
enum Stream<'a> {
    Xlsx(XlsxRows<'a, ZipFile<'a, BufReader<File>>>),
    Xls(XlsRows<'a>),
    Csv(CsvRows<'a>),
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(refusal) = self.refusal.take() {
            return Some(Err(refusal));
        }
        let next = match self.stream.as_mut()? {
            Stream::Xlsx(rows) => rows.next_row(),
            Stream::Xls(rows) => rows.next_row(),
            Stream::Csv(rows) => rows.next_row(),
        };
        if !matches!(next, Ok(Some(_))) {
            self.stream = None;
        }
        next.transpose()
    }
}
