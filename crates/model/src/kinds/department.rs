//! A department. `"my_department"` is that of the one who asks.

use super::reference::{id_to_json, id_to_text, parse_id};
use super::{FieldKind, Parsed, Storage, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct Department;

impl FieldKind for Department {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::TREE
    }

    fn parse(&self, input: &Json, field: &Field, moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        if input.as_str() == Some("my_department") {
            return Ok(Value::from(moment.departments.first().copied()).into());
        }
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
    use crate::kinds::tests::{fails, reads, stored, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::moment::Moment;
    use crate::text::Lang;
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn my_department_is_the_callers_own_and_none_without_one() {
        let field = test_field(FieldType::Department);
        assert_eq!(stored(&field, &json!("my_department")), Value::Int(3));
        let nowhere = Moment { departments: vec![], ..test_moment(Lang::Zh) };
        assert_eq!(
            field.kind.kind().parse(&json!("my_department"), &field, &nowhere).unwrap().value,
            Value::Null
        );
    }

    #[test]
    fn others_are_named_by_id() {
        let field = test_field(FieldType::Department);
        assert_eq!(reads(&field, &json!("000000000001a")), json!("000000000001a"));
        assert_eq!(fails(&field, &json!("销售部")).0, "reference");
    }
}
