//! The cells of one .xls sheet.

use super::XlsSheet;
use super::biff::{BOF, EOF, PART, Records};
use super::cfb::{u16_at, u32_at};
use super::strings::long_string;
use crate::cell::date_from_serial;
use crate::header::Merge;
use crate::workbook::Survey;
use crate::xlsx::Shown;
use crate::xlsx::column_letters;
use crate::{Cell, Limits, Refusal, Row};

const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const BOOLERR: u16 = 0x0205;
const FORMULA: u16 = 0x0006;
const STRING: u16 = 0x0207;
const RK: u16 = 0x027E;
const MULRK: u16 = 0x00BD;
const LABELSST: u16 = 0x00FD;
const RSTRING: u16 = 0x00D6;
const MERGECELLS: u16 = 0x00E5;

const MAX_MERGES: usize = 4_096;

/// Where a cell stands and where its bytes are: 12 bytes per cell.
#[derive(Clone, Copy)]
pub(super) struct CellAt {
    row: u16,
    column: u16,
    /// Offset in the stream of the record (NUMBER …), of the pair within a MULRK, or of the STRING after a FORMULA.
    at: u32,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Number,
    Label,
    BoolErr,
    Formula,
    Rk,
    RkInRun,
    Shared,
    FormulaText,
}

impl Kind {
    /// The kind of cell in a record of this type, if it is one cell.
    fn of(record: u16) -> Option<Self> {
        Some(match record {
            NUMBER => Self::Number,
            LABEL | RSTRING => Self::Label,
            BOOLERR => Self::BoolErr,
            FORMULA => Self::Formula,
            RK => Self::Rk,
            LABELSST => Self::Shared,
            _ => return None,
        })
    }
}

/// Lists the cells that hold something, in row order.
pub(super) fn index(stream: &[u8], position: usize) -> Result<(Vec<CellAt>, Survey), Refusal> {
    let mut cells: Vec<CellAt> = Vec::new();
    let mut survey = Survey::default();
    let mut depth = 0usize;
    let mut complete = false;
    // The text of a formula follows in a record of its own.
    let mut formula: Option<(u16, u16)> = None;
    for record in Records::new(stream, position) {
        let place = (u16_at(record.data, 0), u16_at(record.data, 2));
        match record.kind {
            BOF => depth += 1,
            EOF => {
                depth = depth.saturating_sub(1);
                complete = depth == 0;
                if complete {
                    break;
                }
            }
            // Charts within the sheet have cells of their own.
            _ if depth != 1 => {}
            MERGECELLS => read_merges(record.data, &mut survey.merges),
            STRING => {
                if let Some((row, column)) = formula.take() {
                    cells.push(CellAt { row, column, at: record.at as u32, kind: Kind::FormulaText });
                }
            }
            MULRK => {
                let (Some(row), Some(first)) = place else { continue };
                let runs = record.data.len().saturating_sub(6) / 6;
                cells.extend((0..runs).map(|i| CellAt {
                    row,
                    column: first.saturating_add(i as u16),
                    at: (record.at + 4 + 6 * i) as u32,
                    kind: Kind::RkInRun,
                }));
            }
            kind => {
                let Some(kind) = Kind::of(kind) else { continue };
                let (Some(row), Some(column)) = place else { continue };
                // A result that begins with 0x00 and ends with 0xFFFF is a text ([MS-XLS] 2.5.133).
                let is_text = kind == Kind::Formula
                    && u16_at(record.data, 12) == Some(0xFFFF)
                    && record.data.get(6) == Some(&0);
                if is_text {
                    formula = Some((row, column));
                } else {
                    cells.push(CellAt { row, column, at: record.at as u32, kind });
                }
            }
        }
    }
    if !complete {
        return Err(Refusal::corrupt(PART, "a sheet ends too early"));
    }
    // Stable, so of two records for one cell the later one wins below.
    cells.sort_by_key(|cell| (cell.row, cell.column));
    survey.rows = cells.last().map_or(0, |cell| u32::from(cell.row) + 1);
    survey.columns = cells.iter().map(|cell| usize::from(cell.column) + 1).max().unwrap_or(0);
    Ok((cells, survey))
}

fn read_merges(data: &[u8], merges: &mut Vec<Merge>) {
    for range in data.get(2..).unwrap_or_default().chunks_exact(8) {
        let at = |i: usize| u16_at(range, 2 * i).unwrap_or(0);
        let merge = Merge {
            first_row: u32::from(at(0)) + 1,
            last_row: u32::from(at(1)) + 1,
            first_column: usize::from(at(2)),
            last_column: usize::from(at(3)),
        };
        if merges.len() < MAX_MERGES && merge.concerns_header() {
            merges.push(merge);
        }
    }
}

/// The rows of an .xls sheet.
pub(crate) struct XlsRows<'a> {
    sheet: &'a XlsSheet,
    limits: &'a Limits,
    next: usize,
}

impl<'a> XlsRows<'a> {
    pub(crate) fn new(sheet: &'a XlsSheet, limits: &'a Limits, from: u32) -> Self {
        let next = sheet.cells.partition_point(|cell| u32::from(cell.row) + 1 < from);
        Self { sheet, limits, next }
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, Refusal> {
        let Some(first) = self.sheet.cells.get(self.next) else { return Ok(None) };
        let row = first.row;
        let number = u32::from(row) + 1;
        if number > self.limits.max_rows {
            return Err(Refusal::TooManyRows { sheet: self.sheet.name.clone(), limit: self.limits.max_rows });
        }
        let mut cells: Vec<Cell> = Vec::new();
        while let Some(at) = self.sheet.cells.get(self.next).filter(|cell| cell.row == row) {
            self.next += 1;
            let column = usize::from(at.column);
            let limit = self.limits.max_columns;
            if column >= limit {
                let sheet = self.sheet.name.clone();
                return Err(Refusal::TooManyColumns { sheet, columns: column + 1, limit });
            }
            let cell = self.decode(at).ok_or_else(|| {
                Refusal::corrupt(PART, format!("cell {}{number} is broken", column_letters(column)))
            })?;
            if let Cell::Text(text) = &cell
                && text.chars().nth(self.limits.max_cell_chars).is_some()
            {
                let limit = self.limits.max_cell_chars;
                return Err(Refusal::CellTooLong { row: number, column: column + 1, limit });
            }
            if cells.len() <= column {
                cells.resize(column + 1, Cell::Empty);
            }
            cells[column] = cell;
        }
        while cells.last() == Some(&Cell::Empty) {
            cells.pop();
        }
        Ok(Some(Row { number, cells }))
    }

    /// The value of a cell; `None` if its record is too short.
    fn decode(&self, cell: &CellAt) -> Option<Cell> {
        let book = &self.sheet.book;
        let at = cell.at as usize;
        // The length of the record stands in the two bytes before its data.
        let data = |at: usize| {
            let length = usize::from(u16_at(&book.stream, at.checked_sub(2)?)?);
            book.stream.get(at..at + length)
        };
        let number = |value: f64, format: u16| {
            let plain = Cell::Number { value, original: None };
            match book.globals.shown.get(usize::from(format)).copied().unwrap_or_default() {
                Shown::Percent => Cell::Percent(value),
                Shown::Date => date_from_serial(value, book.globals.is_1904).map_or(plain, Cell::Date),
                Shown::Number => plain,
            }
        };
        Some(match cell.kind {
            Kind::Number => number(f64_at(data(at)?, 6)?, u16_at(data(at)?, 4)?),
            Kind::Rk => number(rk_value(u32_at(data(at)?, 6)?), u16_at(data(at)?, 4)?),
            Kind::RkInRun => number(rk_value(u32_at(&book.stream, at + 2)?), u16_at(&book.stream, at)?),
            Kind::Label => text_cell(long_string(data(at)?, 6, book.globals.version)?),
            Kind::FormulaText => text_cell(long_string(data(at)?, 0, book.globals.version)?),
            Kind::Shared => text_cell(book.globals.strings.get(u32_at(data(at)?, 6)? as usize)?.clone()),
            Kind::BoolErr => match data(at)? {
                [_, _, _, _, _, _, value, 0, ..] => Cell::Bool(*value != 0),
                [_, _, _, _, _, _, code, ..] => error_cell(*code),
                _ => return None,
            },
            Kind::Formula => {
                let data = data(at)?;
                match (u16_at(data, 12)?, *data.get(6)?) {
                    (0xFFFF, 1) => Cell::Bool(*data.get(8)? != 0),
                    (0xFFFF, 2) => error_cell(*data.get(8)?),
                    (0xFFFF, _) => Cell::Empty,
                    _ => number(f64_at(data, 6)?, u16_at(data, 4)?),
                }
            }
        })
    }
}

fn text_cell(text: String) -> Cell {
    if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
}

fn f64_at(data: &[u8], at: usize) -> Option<f64> {
    let value = f64::from_le_bytes(data.get(at..at + 8)?.try_into().ok()?);
    value.is_finite().then_some(value)
}

/// A number in 30 bits, whole or the high part of a double, perhaps to be divided by 100 ([MS-XLS] 2.5.217).
fn rk_value(rk: u32) -> f64 {
    let value =
        if rk & 2 == 0 { f64::from_bits(u64::from(rk & !3) << 32) } else { f64::from((rk as i32) >> 2) };
    let value = if value.is_finite() { value } else { 0.0 };
    if rk & 1 == 0 { value } else { value / 100.0 }
}

/// [MS-XLS] 2.5.10 BErr.
fn error_cell(code: u8) -> Cell {
    Cell::Error(
        match code {
            0x00 => "#NULL!",
            0x07 => "#DIV/0!",
            0x0F => "#VALUE!",
            0x17 => "#REF!",
            0x1D => "#NAME?",
            0x24 => "#NUM!",
            _ => "#N/A",
        }
        .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::rk_value;

    #[test]
    fn packed_numbers_are_decoded_in_all_four_forms() {
        assert_eq!(rk_value(0x3FF0_0000), 1.0);
        assert_eq!(rk_value(0x004B_5646), 1_234_321.0);
        assert_eq!(rk_value(0x004B_5647), 12_343.21);
        assert_eq!(rk_value((-5i32 << 2) as u32 | 2), -5.0);
    }
}
