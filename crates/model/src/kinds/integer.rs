//! A whole number. Stored as it is.

use super::number::Form;
use super::{FieldKind, Parsed, Storage, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct Integer;

/// Measure words that people write behind a count; the text with them is kept as typed.
const MEASURES: &[&str] = &["人", "名", "个", "家", "台", "件", "套", "次"];

impl FieldKind for Integer {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::ORDERED
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        Form { after: MEASURES, ..Form::plain(field, 0) }.parse(input, field)
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_int().into()
    }

    /// Without separators, which would spoil years and codes.
    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        value.as_int().unwrap_or_default().to_string()
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads};
    use crate::kinds::{FieldType, test_field};
    use serde_json::json;

    #[test]
    fn counts_are_read_as_people_write_them() {
        let field = test_field(FieldType::Integer);
        for input in [
            json!(1200),
            json!(1200.0),
            json!("1,200"),
            json!("1200人"),
            json!("１２００"),
            json!("1.2千"),
            json!("1.2E+3"),
        ] {
            assert_eq!(reads(&field, &input), json!(1200), "{input}");
        }
    }

    #[test]
    fn fractions_texts_and_numbers_beyond_the_limits_are_refused() {
        let mut field = test_field(FieldType::Integer);
        (field.min, field.max) = (Some(0), Some(100));
        assert_eq!(
            fails(&field, &json!(1.5)),
            ("too_precise", "字段应为整数".into(), "Field must be a whole number".into())
        );
        assert_eq!(fails(&field, &json!("很多")).0, "format");
        assert_eq!(fails(&field, &json!(true)).0, "type");
        assert_eq!(
            fails(&field, &json!(-1)),
            ("too_small", "字段不能小于 0".into(), "Field can't be less than 0".into())
        );
        assert_eq!(fails(&field, &json!(101)).0, "too_large");
        assert_eq!(fails(&field, &json!(1e300)).0, "too_large");
    }
}
