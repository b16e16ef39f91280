//! A figure kept from the records that point to this one. Kept and shown as the type of its result.

use super::{FieldKind, Parsed, Storage, operators, refuse_computed, result_kind};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct Rollup;

impl FieldKind for Rollup {
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
    fn a_rollup_can_not_be_written() {
        assert_eq!(fails(&test_field(FieldType::Rollup), &json!(1)).0, "computed");
    }

    #[test]
    fn a_rollup_is_answered_and_shown_as_its_result() {
        let mut field = test_field(FieldType::Rollup);
        field.result = FieldType::Integer;
        let kind = field.kind.kind();
        assert_eq!(kind.to_json(&Value::Int(3), &field), json!(3));
        assert_eq!(kind.display(&Value::Int(3), &field, &test_moment(Lang::En)), "3");
        assert_eq!(kind.mask(&Value::Int(3), &field), json!("****"));
    }

    #[test]
    fn a_result_that_is_computed_itself_is_shown_as_text_instead_of_for_ever() {
        let mut field = test_field(FieldType::Rollup);
        field.result = FieldType::Formula;
        assert_eq!(field.kind.kind().to_json(&Value::from("a"), &field), json!("a"));
    }
}
