//! A percentage, written in percent: `12.5` is 12.5 %. Stored scaled by the field's decimal places.

use super::number::Form;
use super::{FieldKind, Parsed, Storage, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::{Value, format_scaled, scaled_to_json};
use serde_json::Value as Json;

pub struct Percent;

impl FieldKind for Percent {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::ORDERED
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        Form { before: &["百分之"], after: &["%"], ..Form::plain(field, field.scale) }.parse(input, field)
    }

    fn to_json(&self, value: &Value, field: &Field) -> Json {
        scaled_to_json(value.as_int().unwrap_or_default(), field.scale)
    }

    fn display(&self, value: &Value, field: &Field, _moment: &Moment) -> String {
        format!("{}%", format_scaled(value.as_int().unwrap_or_default(), field.scale))
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, shows};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use serde_json::json;

    #[test]
    fn a_percentage_is_written_in_percent() {
        let field = test_field(FieldType::Percent);
        for input in [
            json!(12.5),
            json!("12.5"),
            json!("12.5%"),
            json!("１２．５％"),
            json!("百分之12.5"),
            json!("12.50 %"),
        ] {
            assert_eq!(reads(&field, &input), json!(12.5), "{input}");
        }
        assert_eq!(shows(&field, &json!(12.5), Lang::Zh), "12.5%");
        assert_eq!(shows(&field, &json!(-3), Lang::En), "-3%");
    }

    #[test]
    fn limits_and_nonsense_are_explained() {
        let mut field = test_field(FieldType::Percent);
        field.max = Some(10_000);
        assert_eq!(
            fails(&field, &json!("120%")),
            ("too_large", "字段不能大于 100".into(), "Field can't be more than 100".into())
        );
        assert_eq!(fails(&field, &json!("八折")).0, "format");
        assert_eq!(fails(&field, &json!("1‰")).0, "format");
    }
}
