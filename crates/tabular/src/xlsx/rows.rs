//! The rows of one sheet, as a stream.

use std::io::Read;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use quick_xml::events::{BytesStart, Event};

use super::part::{XmlPart, decode_escapes};
use super::{SharedStrings, Shown, Styles, parse_reference};
use crate::cell::date_from_serial;
use crate::{Cell, Limits, NOT_CALCULATED, Refusal, Row};

/// What a cell needs from the rest of the workbook.
pub(crate) struct Context<'a> {
    pub(crate) sheet: &'a str,
    pub(crate) strings: &'a mut SharedStrings,
    pub(crate) styles: &'a Styles,
    pub(crate) is_1904: bool,
    pub(crate) limits: &'a Limits,
}

pub(crate) struct XlsxRows<'a, R> {
    part: XmlPart<R>,
    context: Context<'a>,
    /// Number of the last row seen, from 1.
    last: u32,
    from: u32,
    text: String,
}

/// The `t` attribute of a cell (ECMA-376 Part 1, 18.18.11 ST_CellType).
#[derive(Clone, Copy, PartialEq)]
enum CellType {
    Number,
    Shared,
    Text,
    Bool,
    Error,
    Date,
}

struct CellStart {
    column: usize,
    style: usize,
    cell_type: CellType,
}

enum Step {
    Row(Option<u32>),
    Cell(CellStart),
    Value,
    Formula,
    EndOfCell,
    EndOfRow,
    EndOfSheet,
    Other,
}

impl<'a, R: Read> XlsxRows<'a, R> {
    /// Rows with a number below `from` are passed over without building their cells.
    pub(crate) fn new(part: XmlPart<R>, context: Context<'a>, from: u32) -> Self {
        Self { part, context, last: 0, from, text: String::new() }
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, Refusal> {
        loop {
            let declared = match self.step(0)? {
                Step::Row(declared) => declared,
                Step::EndOfSheet => return Ok(None),
                _ => continue,
            };
            let number = declared.unwrap_or(self.last.saturating_add(1));
            if number <= self.last {
                return Err(self.part.corrupt(format!("row {number} comes after row {}", self.last)));
            }
            self.last = number;
            if number < self.from {
                self.skip_row()?;
                continue;
            }
            let cells = self.read_cells(number)?;
            if number > self.context.limits.max_rows && cells.iter().any(|c| !c.is_blank()) {
                let sheet = self.context.sheet.to_owned();
                return Err(Refusal::TooManyRows { sheet, limit: self.context.limits.max_rows });
            }
            return Ok(Some(Row { number, cells }));
        }
    }

    fn skip_row(&mut self) -> Result<(), Refusal> {
        loop {
            match self.part.next()? {
                Event::End(element) if element.local_name().as_ref() == "row" => return Ok(()),
                Event::Eof => return Err(self.part.corrupt("the XML ends too early")),
                _ => {}
            }
        }
    }

    /// The next event that matters; `next_column` is the place of a cell that does not say its own.
    fn step(&mut self, next_column: usize) -> Result<Step, Refusal> {
        let step = match self.part.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "c" => Step::Cell(cell_start(&element, next_column)),
                "v" | "is" => Step::Value,
                "f" => Step::Formula,
                "row" => Step::Row(row_number(&element)),
                _ => Step::Other,
            },
            Event::End(element) => match element.local_name().as_ref() {
                "c" => Step::EndOfCell,
                "row" => Step::EndOfRow,
                "sheetData" => Step::EndOfSheet,
                _ => Step::Other,
            },
            Event::Eof => Step::EndOfSheet,
            _ => Step::Other,
        };
        Ok(step)
    }

    fn read_cells(&mut self, row: u32) -> Result<Vec<Cell>, Refusal> {
        let mut cells: Vec<Cell> = Vec::new();
        let mut next_column = 0;
        loop {
            match self.step(next_column)? {
                Step::Cell(start) => {
                    let column = start.column;
                    let cell = self.read_cell(row, start)?;
                    next_column = column + 1;
                    if cell == Cell::Empty {
                        continue;
                    }
                    let limit = self.context.limits.max_columns;
                    if column >= limit {
                        let sheet = self.context.sheet.to_owned();
                        return Err(Refusal::TooManyColumns { sheet, columns: column + 1, limit });
                    }
                    if column >= cells.len() {
                        cells.resize(column + 1, Cell::Empty);
                    }
                    cells[column] = cell;
                }
                Step::EndOfRow => return Ok(cells),
                Step::EndOfSheet => return Err(self.part.corrupt("the XML ends too early")),
                _ => {}
            }
        }
    }

    fn read_cell(&mut self, row: u32, start: CellStart) -> Result<Cell, Refusal> {
        let max_bytes = self.context.limits.max_cell_chars.saturating_mul(4);
        let (mut has_value, mut has_formula) = (false, false);
        self.text.clear();
        loop {
            match self.step(0)? {
                Step::Value => {
                    let mut text = std::mem::take(&mut self.text);
                    text.clear();
                    self.part.read_text(&mut text, max_bytes)?;
                    self.text = text;
                    has_value = true;
                }
                Step::Formula => {
                    has_formula = true;
                    let mut ignored = String::new();
                    self.part.read_text(&mut ignored, 0)?;
                }
                Step::EndOfCell => break,
                Step::EndOfSheet => return Err(self.part.corrupt("the XML ends too early")),
                _ => {}
            }
        }
        if self.text.is_empty() && !(has_value && start.cell_type == CellType::Text) {
            return Ok(if has_formula { Cell::Error(NOT_CALCULATED.into()) } else { Cell::Empty });
        }
        self.build(row, &start)
    }

    fn build(&mut self, row: u32, start: &CellStart) -> Result<Cell, Refusal> {
        let cell = match start.cell_type {
            CellType::Number => {
                let text = self.text.trim();
                let Some(value) = text.parse::<f64>().ok().filter(|v| v.is_finite()) else {
                    return Err(self.part.corrupt(format!("row {row} holds a number that is none")));
                };
                match self.context.styles.shown(start.style) {
                    Shown::Percent => Cell::Percent(value),
                    Shown::Date => date_from_serial(value, self.context.is_1904)
                        .map_or_else(|| Cell::number(value, text), Cell::Date),
                    Shown::Number => Cell::number(value, text),
                }
            }
            CellType::Shared => {
                let index = self.text.trim().parse::<usize>().ok();
                let text = match index {
                    Some(index) => self.context.strings.get(index)?,
                    None => None,
                };
                Cell::Text(
                    text.ok_or_else(|| self.part.corrupt(format!("row {row} refers to a missing text")))?,
                )
            }
            CellType::Text => {
                let mut text = std::mem::take(&mut self.text);
                decode_escapes(&mut text);
                Cell::Text(text)
            }
            CellType::Bool => Cell::Bool(matches!(self.text.trim(), "1" | "true")),
            CellType::Error => Cell::Error(std::mem::take(&mut self.text)),
            CellType::Date => match parse_iso_date(self.text.trim()) {
                Some(moment) => Cell::Date(moment),
                None => Cell::Text(std::mem::take(&mut self.text)),
            },
        };
        match cell {
            Cell::Text(text) if text.is_empty() => Ok(Cell::Empty),
            Cell::Text(text) if too_long(&text, self.context.limits.max_cell_chars) => {
                Err(Refusal::CellTooLong {
                    row,
                    column: start.column + 1,
                    limit: self.context.limits.max_cell_chars,
                })
            }
            cell => Ok(cell),
        }
    }
}

/// True if `text` has more than `limit` characters.
pub(crate) fn too_long(text: &str, limit: usize) -> bool {
    text.len() > limit && text.chars().nth(limit).is_some()
}

/// The number that a row says it has.
pub(super) fn row_number(element: &BytesStart<'_>) -> Option<u32> {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).flatten().find(|a| a.key.as_ref() == "r");
    found.and_then(|a| a.value.parse().ok()).filter(|&number| number >= 1)
}

/// The 0-based column that a cell says it is in.
pub(super) fn cell_column(element: &BytesStart<'_>) -> Option<usize> {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).flatten().find(|a| a.key.as_ref() == "r");
    found.and_then(|a| parse_reference(&a.value)).map(|(_, column)| column)
}

fn cell_start(element: &BytesStart<'_>, next_column: usize) -> CellStart {
    let mut start = CellStart { column: next_column, style: 0, cell_type: CellType::Number };
    for attribute in element.attributes().with_checks(false).flatten() {
        let value = attribute.value.as_ref();
        match attribute.key.as_ref() {
            "r" => start.column = parse_reference(value).map_or(next_column, |(_, column)| column),
            "s" => start.style = value.parse().unwrap_or(0),
            "t" => {
                start.cell_type = match value {
                    "s" => CellType::Shared,
                    "str" | "inlineStr" => CellType::Text,
                    "b" => CellType::Bool,
                    "e" => CellType::Error,
                    "d" => CellType::Date,
                    _ => CellType::Number,
                }
            }
            _ => {}
        }
    }
    start
}

fn parse_iso_date(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim_end_matches('Z');
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .ok()
        .or_else(|| Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN)))
}
