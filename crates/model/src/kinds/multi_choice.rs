//! Any number of the options that the field lists. Stored as `|a|b|` in the order of the options.

use super::choice::{self, live_option};
use super::{FieldKind, Parsed, Storage, fault, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::text::Lang;
use crate::value::Value;
use serde_json::Value as Json;

pub struct MultiChoice;

impl FieldKind for MultiChoice {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::LIST
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let wrong_type = || fault(field, "type", "应为选项的列表", "must be a list of options");
        let typed: Vec<&str> = match input {
            Json::String(text) if live_option(text, field).is_ok() => vec![text],
            Json::String(text) => text.split(SEPARATORS).filter(|part| !part.trim().is_empty()).collect(),
            Json::Array(list) => {
                list.iter().map(|member| member.as_str().ok_or_else(wrong_type)).collect::<Result<_, _>>()?
            }
            _ => return Err(wrong_type()),
        };
        let mut chosen = Vec::new();
        let mut faults = Vec::new();
        for option in typed {
            match live_option(option, field) {
                Ok(option) => chosen.push(&option.value),
                Err(fault) => faults.extend(fault.into_iter().take(MOST_FAULTS - faults.len())),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let in_order =
            field.options.iter().map(|option| &option.value).filter(|value| chosen.contains(value));
        Ok(Value::list(in_order).into())
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.members().collect()
    }

    fn display(&self, value: &Value, field: &Field, moment: &Moment) -> String {
        let separator = if moment.lang == Lang::Zh { "、" } else { ", " };
        value
            .members()
            .map(|member| choice::label(member, field, moment.lang))
            .collect::<Vec<_>>()
            .join(separator)
    }

    /// Choices are picked, not searched.
    fn search_text(&self, _value: &Value, _field: &Field) -> Option<String> {
        None
    }

    /// One member.
    fn parse_operand(&self, input: &Json, field: &Field, moment: &Moment) -> Result<Value, Vec<Fault>> {
        choice::Choice.parse_operand(input, field, moment)
    }
}

/// What people put between options in one cell.
const SEPARATORS: [char; 10] = [',', '，', '、', ';', '；', '|', '/', '／', '\n', '\r'];
/// A list of a thousand wrong options is one mistake.
const MOST_FAULTS: usize = 10;

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, shows, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::text::{Label, Lang};
    use serde_json::json;

    #[test]
    fn lists_and_cells_with_separators_are_read_in_the_order_of_the_options() {
        let mut field = test_field(FieldType::MultiChoice);
        for input in [
            json!(["won", "lead"]),
            json!(["成交", "线索", "lead"]),
            json!("成交、线索"),
            json!("won, lead,"),
            json!("Won；线索"),
            json!("|lead|won|"),
        ] {
            assert_eq!(reads(&field, &input), json!(["lead", "won"]), "{input}");
        }
        assert_eq!(reads(&field, &json!([])), json!(null));
        field.options[0].label = Label::new("线索/商机", "Lead / deal");
        assert_eq!(reads(&field, &json!("线索/商机")), json!(["lead"]));
    }

    #[test]
    fn every_wrong_member_is_named() {
        let field = test_field(FieldType::MultiChoice);
        let faults =
            field.kind.kind().parse(&json!("成交,甲,乙"), &field, &test_moment(Lang::Zh)).unwrap_err();
        assert_eq!(faults.len(), 2);
        assert_eq!(faults[1].message.zh, "字段没有“乙”这个选项，请选择：线索、成交");
        let many: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        let faults = field.kind.kind().parse(&json!(many), &field, &test_moment(Lang::Zh)).unwrap_err();
        assert_eq!(faults.len(), 10);
        assert_eq!(fails(&field, &json!(["won", 1])).0, "type");
        assert_eq!(fails(&field, &json!(["old"])).0, "retired_option");
    }

    #[test]
    fn people_see_labels() {
        let field = test_field(FieldType::MultiChoice);
        assert_eq!(shows(&field, &json!(["lead", "won"]), Lang::Zh), "线索、成交");
        assert_eq!(shows(&field, &json!(["lead", "won"]), Lang::En), "Lead, Won");
    }
}
