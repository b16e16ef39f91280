//! A decimal number. Stored as an integer scaled by the field's decimal places, so that sums are exact.

use super::number::Form;
use super::{FieldKind, Parsed, Storage, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::{Value, format_scaled, scaled_to_json};
use serde_json::Value as Json;

pub struct Decimal;

impl FieldKind for Decimal {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::ORDERED
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        Form::plain(field, field.scale).parse(input, field)
    }

    fn to_json(&self, value: &Value, field: &Field) -> Json {
        scaled_to_json(value.as_int().unwrap_or_default(), field.scale)
    }

    fn display(&self, value: &Value, field: &Field, _moment: &Moment) -> String {
        format_scaled(value.as_int().unwrap_or_default(), field.scale)
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads};
    use crate::kinds::{FieldType, test_field};
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn decimals_keep_their_places_and_no_more() {
        let field = test_field(FieldType::Decimal);
        assert_eq!(reads(&field, &json!("12.3456")), json!(12.3456));
        assert_eq!(reads(&field, &json!("-0.5")), json!(-0.5));
        assert_eq!(reads(&field, &json!("12.5万")), json!(125_000));
        let (code, zh, en) = fails(&field, &json!("12.34567"));
        assert_eq!(code, "too_precise");
        assert_eq!(zh, "字段最多保留 4 位小数");
        assert_eq!(en, "Field may have 4 decimal places at most");
        assert_eq!(fails(&field, &json!("12.5%")).0, "format");
        assert_eq!(fails(&field, &json!([1])).0, "type");
    }

    #[test]
    fn numbers_beyond_a_double_are_answered_as_text() {
        let field = test_field(FieldType::Decimal);
        assert_eq!(field.kind.kind().to_json(&Value::Int(i64::MAX), &field), json!("922337203685477.5807"));
        assert_eq!(reads(&field, &json!("922337203685477.5807")), json!("922337203685477.5807"));
    }
}
