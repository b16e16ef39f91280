//! One row of a sheet, sorted by what its cells are to become. Nothing here knows the database.

use super::plan::{Mapped, Plan};
use huike_matching::phone::{self, Phone, PhoneKind};
use huike_matching::text::fold;
use huike_model::kinds::FieldType;
use huike_model::{Fault, Field, Label};
use huike_tabular::{Cell, Row};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A cell as a person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CellText {
    #[serde(rename = "t")]
    Text(String),
    /// A formula that failed, as `#N/A`.
    #[serde(rename = "e")]
    Error(String),
    /// A number that the sheet shows in percent: as it is shown, and as it is.
    #[serde(rename = "p")]
    Percent(String, String),
}

impl CellText {
    pub fn of(cell: &Cell) -> CellText {
        match cell {
            Cell::Error(error) => CellText::Error(error.clone()),
            Cell::Percent(value) => CellText::Percent(cell.display(), value.to_string()),
            cell => CellText::Text(cell.display()),
        }
    }

    pub fn text(&self) -> &str {
        match self {
            CellText::Text(text) | CellText::Error(text) | CellText::Percent(text, _) => text,
        }
    }
}

/// The cells of a row as texts.
pub fn texts(row: &Row) -> Vec<CellText> {
    row.cells.iter().map(CellText::of).collect()
}

/// Something wrong with a row, where it can be located in a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFault {
    pub column: Option<usize>,
    /// The path of the field; empty when the row as a whole is meant.
    pub field: String,
    pub code: String,
    pub message: Label,
}

impl RowFault {
    pub fn of(fault: &Fault, plan: &Plan) -> RowFault {
        RowFault {
            column: plan.column_of(&fault.field),
            field: fault.field.clone(),
            code: fault.code.to_owned(),
            message: fault.message.clone(),
        }
    }
}

/// A reference given by name.
#[derive(Clone, Debug)]
pub struct Named {
    pub field: Arc<Field>,
    pub path: Arc<str>,
    pub text: String,
}

/// What one record is made from.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Texts as typed, by field.
    pub body: Map<String, Json>,
    pub names: Vec<Named>,
}

impl Part {
    pub fn is_empty(&self) -> bool {
        self.body.is_empty() && self.names.is_empty()
    }

    /// What was typed for a field.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.body.get(field).and_then(Json::as_str)
    }
}

/// A row ready for the database.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub row: u32,
    pub main: Part,
    /// By the place of the related object in the plan; parts without any cell are left out.
    pub related: Vec<(usize, Part)>,
    /// The paths of the fields that hold something.
    pub filled: Vec<Arc<str>>,
    pub faults: Vec<RowFault>,
    /// What the person should look at, although the row comes in.
    pub warnings: Vec<RowFault>,
}

impl Draft {
    pub fn new(plan: &Plan, row: u32, cells: &[CellText]) -> Draft {
        let mut draft = Draft { row, ..Draft::default() };
        let mut main = Part::default();
        for mapped in &plan.main {
            draft.put(&mut main, mapped, cells);
        }
        draft.spread(&mut main, &plan.main, &plan.phones);
        draft.main = main;
        for (place, related) in plan.related.iter().enumerate() {
            let mut part = Part::default();
            for mapped in &related.fields {
                draft.put(&mut part, mapped, cells);
            }
            draft.spread(&mut part, &related.fields, &related.phones);
            if !part.is_empty() {
                draft.related.push((place, part));
            }
        }
        draft
    }

    fn put(&mut self, part: &mut Part, mapped: &Mapped, cells: &[CellText]) {
        let field = &mapped.field;
        let text = match cells.get(mapped.column) {
            None => return,
            Some(CellText::Error(error)) => {
                self.note(mapped);
                self.faults.push(RowFault {
                    column: Some(mapped.column),
                    field: mapped.path.to_string(),
                    code: "cell_error".into(),
                    message: Label::new(
                        format!("{}：单元格的公式没有结果（{error}），请改成数值", field.label.zh),
                        format!(
                            "{}: the cell's formula has no result ({error}); put a value there",
                            field.label.en
                        ),
                    ),
                });
                return;
            }
            // What is shown in percent is that share where a number is wanted, and reads as it looks where percent or text is.
            Some(CellText::Percent(_, number)) if is_quantity(field) => number,
            Some(CellText::Percent(shown, _)) => shown,
            Some(CellText::Text(text)) if is_blank(text, field) => return,
            Some(CellText::Text(text)) => text,
        };
        self.note(mapped);
        if field.target().is_some() && field.name != "id" {
            part.names.push(Named { field: field.clone(), path: mapped.path.clone(), text: text.clone() });
            return;
        }
        if let Some(option) = option_meant(text, field) {
            part.body.insert(field.name.clone(), option.into());
            return;
        }
        let joined = match (part.text(&field.name), separator(field)) {
            (Some(before), Some(separator)) => join(before, separator, text.trim()),
            _ => text.clone(),
        };
        part.body.insert(field.name.clone(), joined.into());
    }

    /// Several numbers in one cell: the one that suits the field stays, the others go into the record's other phone fields that this row
    /// leaves empty; what finds no place is told.
    fn spread(&mut self, part: &mut Part, mapped: &[Mapped], phones: &[Arc<Field>]) {
        for each in mapped.iter().filter(|each| each.field.kind == FieldType::Phone) {
            let Some(mut numbers) = part.text(&each.field.name).and_then(several) else { continue };
            let own = take(&mut numbers, &each.field);
            part.body.insert(each.field.name.clone(), own.into());
            for other in phones {
                if !numbers.is_empty() && !part.body.contains_key(&other.name) {
                    let next = take(&mut numbers, other);
                    part.body.insert(other.name.clone(), next.into());
                }
            }
            if !numbers.is_empty() {
                let left: Vec<String> = numbers.iter().map(Phone::to_string).collect();
                let label = &each.field.label;
                self.warnings.push(RowFault {
                    column: Some(each.column),
                    field: each.path.to_string(),
                    code: "several_numbers".into(),
                    message: Label::new(
                        format!("{}：有多个号码，{}没有地方存放，未导入", label.zh, left.join("、")),
                        format!(
                            "{}: of several numbers {} found no field and stay out",
                            label.en,
                            left.join(", ")
                        ),
                    ),
                });
            }
        }
    }

    fn note(&mut self, mapped: &Mapped) {
        if !self.filled.contains(&mapped.path) {
            self.filled.push(mapped.path.clone());
        }
    }
}

/// The numbers of a text that holds more than one and nothing else.
pub fn several(text: &str) -> Option<Vec<Phone>> {
    if phone::parse(text).is_ok() {
        return None;
    }
    let numbers: Vec<Phone> = phone::parse_many(text).into_iter().collect::<Result<_, _>>().ok()?;
    (numbers.len() > 1).then_some(numbers)
}

/// Takes the number that suits a field: a mobile one where the field's name says so, else one of another kind, else the first.
fn take(numbers: &mut Vec<Phone>, field: &Field) -> String {
    let mobile = field.name.contains("mobile");
    let suits = |number: &Phone| (number.kind == PhoneKind::Mobile) == mobile;
    let place = numbers.iter().position(suits).unwrap_or_default();
    numbers.remove(place).to_string()
}

fn is_quantity(field: &Field) -> bool {
    use FieldType::{Decimal, Duration, Integer, Money, Rating};
    matches!(field.kind, Integer | Decimal | Money | Duration | Rating)
}

/// Joins cells; what the next one says again (a whole address behind its city) is said once.
fn join(before: &str, separator: &str, next: &str) -> String {
    match separator {
        "" if next.starts_with(before) => next.to_owned(),
        "" if before.ends_with(next) => before.to_owned(),
        _ => format!("{before}{separator}{next}"),
    }
}

/// The option whose label a cell has but for blanks, width and case: `A类` is `A 类`.
fn option_meant<'a>(text: &str, field: &'a Field) -> Option<&'a str> {
    if field.kind != FieldType::Choice || field.option(text).is_some() {
        return None;
    }
    let close = |text: &str| fold(text).replace(' ', "");
    let text = close(text);
    let mut meant = field.options.iter().filter(|option| !option.retired).filter(|option| {
        [&option.label.zh, &option.label.en, &option.value].into_iter().any(|label| close(label) == text)
    });
    meant.next().filter(|_| meant.next().is_none()).map(|option| option.value.as_str())
}

/// What stands between the cells of several columns that fill one field; none where that makes no sense.
pub fn separator(field: &Field) -> Option<&'static str> {
    match field.kind {
        FieldType::Address => Some(""),
        FieldType::LongText => Some("\n"),
        FieldType::MultiChoice => Some("、"),
        _ => None,
    }
}

/// Whether a cell holds nothing, or one of the marks that people put where there is nothing.
fn is_blank(text: &str, field: &Field) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}');
    if text.is_empty()
        || matches!(text, "-" | "--" | "—" | "——" | "/" | "\\" | "N/A" | "n/a" | "NULL" | "null")
    {
        return true;
    }
    let prose = matches!(
        field.kind,
        FieldType::Text | FieldType::LongText | FieldType::Choice | FieldType::MultiChoice
    );
    !prose && matches!(text, "无" | "暂无" | "没有" | "未知" | "不详" | "none" | "None" | "unknown")
}
