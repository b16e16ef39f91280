//! One pass over a sheet before any row is taken from it: what must be refused, how large it is, what is merged.

use std::io::Read;

use quick_xml::events::Event;

use super::column_letters;
use super::part::{XmlPart, attribute, push_text};
use super::rows::{cell_column, row_number};
use crate::formula::reaches_out;
use crate::header::Merge;
use crate::workbook::Survey;
use crate::{Limits, Refusal};

/// Longer formulas than this Excel does not accept (8,192 characters); reading stops there.
const MAX_FORMULA_BYTES: usize = 4 * 8_192;
const MAX_MERGES: usize = 4_096;

/// Reads the whole sheet. Refusals that concern this sheet alone stand in the survey, those that concern the
/// file are returned as errors.
pub(crate) fn survey<R: Read>(
    part: &mut XmlPart<R>,
    sheet: &str,
    limits: &Limits,
) -> Result<Survey, Refusal> {
    let mut survey = Survey::default();
    let (mut row, mut column) = (0u32, 0usize);
    let mut formula = String::new();
    loop {
        match part.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "row" => {
                    row = row_number(&element).unwrap_or(row.saturating_add(1));
                    column = 0;
                }
                "c" => column = cell_column(&element).unwrap_or(column) + 1,
                "v" | "is" => {
                    survey.rows = survey.rows.max(row);
                    survey.columns = survey.columns.max(column);
                }
                "f" => {
                    formula.clear();
                    read_formula(part, &mut formula)?;
                    if reaches_out(&formula) {
                        let cell = format!("{}{row}", column_letters(column.saturating_sub(1)));
                        return Err(Refusal::ExternalLinks { place: format!("{sheet}!{cell}") });
                    }
                }
                "mergeCell" if survey.merges.len() < MAX_MERGES => {
                    let merge = attribute(&element, "ref").and_then(|r| Merge::parse(&r));
                    survey.merges.extend(merge.filter(Merge::concerns_header));
                }
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    survey.check(sheet, limits);
    Ok(survey)
}

fn read_formula<R: Read>(part: &mut XmlPart<R>, out: &mut String) -> Result<(), Refusal> {
    loop {
        match part.next()? {
            Event::End(_) => return Ok(()),
            Event::Eof => return Err(part.corrupt("the XML ends too early")),
            event if out.len() <= MAX_FORMULA_BYTES => push_text(&event, out),
            _ => {}
        }
    }
}
