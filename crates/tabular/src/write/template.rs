//! An empty workbook to fill in: the columns, what they mean, and drop-downs for those with fixed choices.

use std::path::Path;

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, Formula, Workbook,
};

use super::xlsx::{valid_sheet_name, value_format, write_header};
use super::{Column, ColumnKind, WriteError};
use crate::Lang;
use crate::xlsx::column_letters;

/// A column of a template and what the person who fills it in should know.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateColumn {
    pub column: Column,
    /// Marked with `*` in the header; reading leaves the mark out.
    pub required: bool,
    pub meaning: String,
    /// Allowed values; empty if anything goes.
    pub choices: Vec<String>,
    pub example: String,
}

const LAST_ROW: u32 = 1_048_575;

/// Writes a template: a sheet with the header, one that explains each column, and a hidden one with the choices.
///
/// # Errors
/// If the file cannot be written.
pub fn write_template(
    path: &Path,
    sheet_name: &str,
    columns: &[TemplateColumn],
    lang: Lang,
) -> Result<(), WriteError> {
    let (guide_name, choices_name) = match lang {
        Lang::Zh => ("填写说明", "选项"),
        Lang::En => ("Guide", "Choices"),
    };
    let mut sheet_name = valid_sheet_name(sheet_name);
    if [guide_name, choices_name].contains(&sheet_name.as_str()) {
        sheet_name = "Sheet1".to_owned();
    }
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(sheet_name)?;
    let titled: Vec<Column> = columns.iter().map(marked).collect();
    write_header(sheet, &titled)?;
    let mut listed = 0;
    for (at, column) in columns.iter().enumerate().filter(|(_, c)| !c.choices.is_empty()) {
        let letters = column_letters(listed);
        let range = format!("='{choices_name}'!${letters}$1:${letters}${}", column.choices.len());
        let validation = DataValidation::new()
            .allow_list_formula(Formula::new(range))
            .set_error_style(DataValidationErrorStyle::Warning);
        sheet.add_data_validation(1, at as u16, LAST_ROW, at as u16, &validation)?;
        listed += 1;
    }
    write_guide(&mut workbook, guide_name, columns, lang)?;
    if listed > 0 {
        let sheet = workbook.add_worksheet();
        sheet.set_name(choices_name)?.set_hidden(true);
        let with_choices = columns.iter().filter(|c| !c.choices.is_empty());
        for (at, column) in with_choices.enumerate() {
            for (row, choice) in column.choices.iter().enumerate() {
                sheet.write_string_with_format(
                    row as u32,
                    at as u16,
                    choice,
                    &value_format(ColumnKind::Text),
                )?;
            }
        }
    }
    workbook.save(path)?;
    Ok(())
}

fn marked(column: &TemplateColumn) -> Column {
    let mut titled = column.column.clone();
    if column.required {
        titled.title.push('*');
    }
    titled
}

fn write_guide(
    workbook: &mut Workbook,
    name: &str,
    columns: &[TemplateColumn],
    lang: Lang,
) -> Result<(), WriteError> {
    let (titles, yes, separator) = match lang {
        Lang::Zh => (["列名", "必填", "含义", "可选值", "示例"], "是", "、"),
        Lang::En => (["Column", "Required", "Meaning", "Choices", "Example"], "Yes", ", "),
    };
    let sheet = workbook.add_worksheet();
    sheet.set_name(name)?;
    let widths = [20.0, 8.0, 50.0, 50.0, 24.0];
    let header: Vec<Column> = titles
        .iter()
        .zip(widths)
        .map(|(title, width)| Column { title: (*title).to_owned(), kind: ColumnKind::Text, width })
        .collect();
    write_header(sheet, &header)?;
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let required = Format::new().set_align(FormatAlign::Top).set_font_color(Color::RGB(0x9C0006));
    for (row, column) in (1u32..).zip(columns) {
        sheet.write_string_with_format(row, 0, &column.column.title, &wrapped)?;
        if column.required {
            sheet.write_string_with_format(row, 1, yes, &required)?;
        }
        sheet.write_string_with_format(row, 2, &column.meaning, &wrapped)?;
        let choices: String = column.choices.join(separator).chars().take(32_000).collect();
        sheet.write_string_with_format(row, 3, choices, &wrapped)?;
        sheet.write_string_with_format(row, 4, &column.example, &wrapped)?;
    }
    Ok(())
}
