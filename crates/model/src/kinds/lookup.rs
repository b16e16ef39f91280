//! A reference to a record of another object, or of the same. Stored as its id; whether that record is there is the engine's to see.

use super::reference::{id_to_json, id_to_text, parse_id};
use super::{FieldKind, Parsed, Storage, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct Lookup;

impl FieldKind for Lookup {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::TREE
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        parse_id(input, field).map(Parsed::from)
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        id_to_json(value)
    }

    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        id_to_text(value)
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, stored};
    use crate::kinds::{FieldType, test_field};
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn an_id_is_read_alone_and_from_an_expanded_reference() {
        let field = test_field(FieldType::Lookup);
        assert_eq!(stored(&field, &json!("000000000001a")), Value::Int(42));
        for input in [json!(" 000000000001a "), json!({"id": "000000000001a", "name": "某公司"})] {
            assert_eq!(reads(&field, &input), json!("000000000001a"));
        }
    }

    #[test]
    fn names_and_numbers_are_no_ids() {
        let field = test_field(FieldType::Lookup);
        let (code, zh, en) = fails(&field, &json!("某公司"));
        assert_eq!(
            (code, zh.as_str(), en.as_str()),
            ("reference", "字段不是有效的记录编号", "Field is not a valid id of a record")
        );
        for input in [json!(42), json!({"name": "某公司"}), json!({"id": 42}), json!(["000000000001a"])] {
            assert_eq!(fails(&field, &input).0, "type", "{input}");
        }
        assert_eq!(fails(&field, &json!("0000000000000")).0, "reference");
    }
}
