//! Pictures kept with the record, shown as such; otherwise as files.

use super::reference::{parse_ids, parse_member};
use super::{FieldKind, Parsed, Storage, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct Image;

impl FieldKind for Image {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::LIST
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        parse_ids(input, field).map(Parsed::from)
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.members().collect()
    }

    /// The ids: names are the caller's to look up.
    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        value.members().collect::<Vec<_>>().join(", ")
    }

    fn mask(&self, _value: &Value, _field: &Field) -> Json {
        Json::Array(Vec::new())
    }

    fn search_text(&self, _value: &Value, _field: &Field) -> Option<String> {
        None
    }

    fn parse_operand(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Value, Vec<Fault>> {
        parse_member(input, field)
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads};
    use crate::kinds::{FieldType, test_field};
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn pictures_are_listed_by_id() {
        let field = test_field(FieldType::Image);
        assert_eq!(reads(&field, &json!(["000000000001a"])), json!(["000000000001a"]));
        assert_eq!(fails(&field, &json!("https://example.com/a.png")).0, "reference");
    }

    #[test]
    fn a_masked_list_does_not_even_tell_how_many() {
        let field = test_field(FieldType::Image);
        assert_eq!(field.kind.kind().mask(&Value::from("|000000000001a|"), &field), json!([]));
    }
}
