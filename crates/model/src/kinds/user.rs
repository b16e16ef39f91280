//! A user. `"me"` is the one who asks.

use super::reference::{id_to_json, id_to_text, parse_id};
use super::{FieldKind, Parsed, Storage, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct User;

impl FieldKind for User {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::EXACT
    }

    /// `"me"` is nobody when the system itself writes.
    fn parse(&self, input: &Json, field: &Field, moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        if input.as_str() == Some("me") {
            return Ok(Value::from((moment.me > 0).then_some(moment.me)).into());
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
    fn me_is_the_one_who_asks_and_nobody_for_the_system() {
        let field = test_field(FieldType::User);
        assert_eq!(stored(&field, &json!("me")), Value::Int(7));
        let system = Moment { me: 0, ..test_moment(Lang::Zh) };
        assert_eq!(field.kind.kind().parse(&json!("me"), &field, &system).unwrap().value, Value::Null);
    }

    #[test]
    fn others_are_named_by_id() {
        let field = test_field(FieldType::User);
        assert_eq!(reads(&field, &json!({"id": "000000000001a"})), json!("000000000001a"));
        assert_eq!(fails(&field, &json!("王小明")).0, "reference");
    }
}
