//! A value worked out from the record's own fields (CEL). Kept and shown as the type of its result.

use super::{FieldKind, Parsed, Storage, operators, refuse_computed, result_kind};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct Formula;

impl FieldKind for Formula {
    /// That of the result counts; see [`Field::storage`].
    fn storage(&self) -> Storage {
        Storage::Int
    }

    /// Those of the result count; see [`Field::operators`].
    fn operators(&self) -> &'static [Op] {
        operators::PRESENCE
    }

    fn parse(&self, _input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        Err(refuse_computed(field))
    }

    fn to_json(&self, value: &Value, field: &Field) -> Json {
        result_kind(field).to_json(value, field)
    }

    fn display(&self, value: &Value, field: &Field, moment: &Moment) -> String {
        result_kind(field).display(value, field, moment)
    }

    fn mask(&self, value: &Value, field: &Field) -> Json {
        result_kind(field).mask(value, field)
    }

    fn search_text(&self, value: &Value, field: &Field) -> Option<String> {
        result_kind(field).search_text(value, field)
    }

    fn parse_operand(&self, input: &Json, field: &Field, moment: &Moment) -> Result<Value, Vec<Fault>> {
        result_kind(field).parse_operand(input, field, moment)
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn a_formula_can_not_be_written() {
        let field = test_field(FieldType::Formula);
        let (code, zh, en) = fails(&field, &json!(1));
        assert_eq!(
            (code, zh.as_str(), en.as_str()),
            (
                "computed",
                "字段由系统计算，不能填写",
                "Field is worked out by the system and can't be written"
            )
        );
    }

    #[test]
    fn a_formula_is_answered_shown_and_compared_as_its_result() {
        let mut field = test_field(FieldType::Formula);
        let (kind, moment) = (field.kind.kind(), test_moment(Lang::Zh));
        assert_eq!(kind.to_json(&Value::Int(125_050), &field), json!(1250.5));
        assert_eq!(kind.display(&Value::Int(125_050), &field, &moment), "¥1,250.50");
        assert_eq!(kind.parse_operand(&json!("1万"), &field, &moment), Ok(Value::Int(1_000_000)));
        field.result = FieldType::Date;
        assert_eq!(kind.display(&Value::Int(1), &field, &moment), "1970-01-02");
    }
}
