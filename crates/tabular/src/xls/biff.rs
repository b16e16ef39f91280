//! BIFF records and the workbook globals.

use std::collections::HashMap;

use encoding_rs::WINDOWS_1252;

use super::cfb::{u16_at, u32_at};
use super::strings::{Version, code_page, long_string, shared_strings, short_string};
use crate::xlsx::Shown;
use crate::{Found, Refusal};

pub(super) const PART: &str = "Workbook";

pub(super) const BOF: u16 = 0x0809;
pub(super) const EOF: u16 = 0x000A;
const FILEPASS: u16 = 0x002F;
const CODEPAGE: u16 = 0x0042;
const DATEMODE: u16 = 0x0022;
const FORMAT: u16 = 0x041E;
const XF: u16 = 0x00E0;
const BOUNDSHEET: u16 = 0x0085;
const SST: u16 = 0x00FC;
const CONTINUE: u16 = 0x003C;
const SUPBOOK: u16 = 0x01AE;
const EXTERNSHEET: u16 = 0x0017;

/// One record: its type, and its data at `at` in the stream.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) kind: u16,
    pub(super) at: usize,
    pub(super) data: &'a [u8],
}

/// The records from a position on, up to the first that is cut short.
pub(super) struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(stream: &'a [u8], at: usize) -> Self {
        Self { stream, at }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let kind = u16_at(self.stream, self.at)?;
        let length = usize::from(u16_at(self.stream, self.at + 2)?);
        let at = self.at + 4;
        let data = self.stream.get(at..at + length)?;
        self.at = at + length;
        Some(Record { kind, at, data })
    }
}

pub(super) struct BoundSheet {
    pub(super) name: String,
    pub(super) position: usize,
    pub(super) hidden: bool,
}

/// What the first substream says about the whole workbook.
pub(super) struct Globals {
    pub(super) version: Version,
    pub(super) is_1904: bool,
    pub(super) sheets: Vec<BoundSheet>,
    pub(super) strings: Vec<String>,
    /// By index of the cell format.
    pub(super) shown: Vec<Shown>,
}

impl Globals {
    pub(super) fn parse(stream: &[u8]) -> Result<Self, Refusal> {
        let mut records = Records::new(stream, 0).peekable();
        let version = match records.next() {
            Some(bof) if bof.kind == BOF => u16_at(bof.data, 0).unwrap_or(0),
            Some(bof) if matches!(bof.kind, 0x0009 | 0x0209 | 0x0409) => {
                return Err(Refusal::NotASpreadsheet { found: Found::OldExcel });
            }
            _ => return Err(Refusal::corrupt(PART, "it does not begin with a workbook")),
        };
        let version = if version == 0x0600 { Version::Biff8 } else { Version::Biff5(WINDOWS_1252) };
        let mut globals =
            Self { version, is_1904: false, sheets: Vec::new(), strings: Vec::new(), shown: Vec::new() };
        let mut custom: HashMap<u32, Shown> = HashMap::new();
        let mut formats: Vec<u32> = Vec::new();
        let mut ended = false;
        while let Some(record) = records.next() {
            match record.kind {
                SST => {
                    let mut segments = vec![record.data];
                    while let Some(more) = records.next_if(|r| r.kind == CONTINUE) {
                        segments.push(more.data);
                    }
                    globals.strings = shared_strings(&segments);
                }
                FORMAT => {
                    let code = match globals.version {
                        Version::Biff8 => long_string(record.data, 2, globals.version),
                        Version::Biff5(_) => short_string(record.data, 2, globals.version),
                    };
                    if let (Some(id), Some(code)) = (u16_at(record.data, 0), code) {
                        custom.insert(u32::from(id), Shown::by_code(&code));
                    }
                }
                XF => formats.push(u16_at(record.data, 2).map_or(0, u32::from)),
                EOF => {
                    ended = true;
                    break;
                }
                _ => globals.read(&record)?,
            }
        }
        if !ended {
            return Err(Refusal::corrupt(PART, "it ends too early"));
        }
        globals.shown = formats
            .iter()
            .map(|id| custom.get(id).copied().unwrap_or_else(|| Shown::built_in(*id)))
            .collect();
        Ok(globals)
    }

    fn read(&mut self, record: &Record<'_>) -> Result<(), Refusal> {
        let data = record.data;
        match record.kind {
            FILEPASS => return Err(Refusal::Encrypted),
            CODEPAGE => {
                if let Version::Biff5(encoding) = &mut self.version {
                    *encoding = code_page(u16_at(data, 0).unwrap_or(0));
                }
            }
            DATEMODE => self.is_1904 = u16_at(data, 0) == Some(1),
            SUPBOOK if is_external_book(data) => {
                return Err(Refusal::ExternalLinks { place: "SUPBOOK".into() });
            }
            // In BIFF5 an encoded document name (0x01) stands for another file, DDE or OLE.
            EXTERNSHEET if matches!(self.version, Version::Biff5(_)) && data.get(1) == Some(&0x01) => {
                return Err(Refusal::ExternalLinks { place: "EXTERNSHEET".into() });
            }
            BOUNDSHEET => self.read_sheet(data)?,
            _ => {}
        }
        Ok(())
    }

    fn read_sheet(&mut self, data: &[u8]) -> Result<(), Refusal> {
        // [MS-XLS] 2.4.28: kind 0 is a worksheet, 1 a macro sheet, 2 a chart, 6 a Visual Basic module.
        let kind = data.get(5).copied().unwrap_or(0);
        if kind == 1 || kind == 6 {
            return Err(Refusal::Macros);
        }
        if kind != 0 {
            return Ok(());
        }
        let (Some(position), Some(name)) = (u32_at(data, 0), short_string(data, 6, self.version)) else {
            return Err(Refusal::corrupt(PART, "the list of sheets is broken"));
        };
        let hidden = data.get(4).is_some_and(|state| state & 0x03 != 0);
        self.sheets.push(BoundSheet { name, position: position as usize, hidden });
        Ok(())
    }
}

/// A SUPBOOK record names another workbook or a DDE or OLE source unless it stands for this workbook (0x0401) or
/// for add-in functions (0x3A01) ([MS-XLS] 2.4.271).
fn is_external_book(data: &[u8]) -> bool {
    !matches!(u16_at(data, 2), Some(0x0401 | 0x3A01))
}
