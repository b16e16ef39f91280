//! A number that the engine gives to every new record, such as `KH-202611-00042`. Stored as text.

use super::{FieldKind, Parsed, Storage, fault, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct AutoNumber;

impl FieldKind for AutoNumber {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::TEXT
    }

    fn parse(&self, _input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        Err(fault(
            field,
            "computed",
            "由系统自动编号，不能填写",
            "is numbered by the system and can't be written",
        ))
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_text().unwrap_or_default().into()
    }

    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        value.as_text().unwrap_or_default().to_owned()
    }

    fn parse_operand(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Value, Vec<Fault>> {
        text_of(input, field).map(|typed| Value::Text(typed.trim().to_owned()))
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
    fn a_number_is_given_and_never_written() {
        let field = test_field(FieldType::AutoNumber);
        let (code, zh, en) = fails(&field, &json!("KH-1"));
        assert_eq!(
            (code, zh.as_str(), en.as_str()),
            (
                "computed",
                "字段由系统自动编号，不能填写",
                "Field is numbered by the system and can't be written"
            )
        );
    }

    #[test]
    fn a_number_is_searched_and_compared_as_text() {
        let field = test_field(FieldType::AutoNumber);
        let kind = field.kind.kind();
        let value = Value::from("KH-202611-00042");
        assert_eq!(
            kind.parse_operand(&json!(" KH-202611-00042 "), &field, &test_moment(Lang::Zh)),
            Ok(value.clone())
        );
        assert_eq!(kind.search_text(&value, &field).as_deref(), Some("KH-202611-00042"));
        assert_eq!(kind.to_json(&value, &field), json!("KH-202611-00042"));
    }
}
