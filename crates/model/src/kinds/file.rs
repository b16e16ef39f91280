//! Files kept with the record, as a list of ids of `file` records: `|a|b|`.

use super::reference::{parse_ids, parse_member};
use super::{FieldKind, Parsed, Storage, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct File;

impl FieldKind for File {
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
    use crate::kinds::tests::{fails, reads, stored, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn files_are_listed_by_id_each_once() {
        let field = test_field(FieldType::File);
        let list = json!(["000000000001b", "000000000001a"]);
        assert_eq!(reads(&field, &list), list);
        assert_eq!(stored(&field, &list), Value::from("|000000000001b|000000000001a|"));
        assert_eq!(reads(&field, &json!("000000000001a")), json!(["000000000001a"]));
        let expanded = json!([{"id": "000000000001a", "name": "合同.pdf"}, "000000000001a"]);
        assert_eq!(reads(&field, &expanded), json!(["000000000001a"]));
        assert_eq!(reads(&field, &json!([])), json!(null));
    }

    #[test]
    fn names_and_endless_lists_are_refused() {
        let field = test_field(FieldType::File);
        assert_eq!(fails(&field, &json!(["合同.pdf"])).0, "reference");
        assert_eq!(fails(&field, &json!([1])).0, "type");
        let (code, zh, en) = fails(&field, &json!(vec!["000000000001a"; 101]));
        assert_eq!(
            (code, zh.as_str(), en.as_str()),
            ("too_many", "字段最多 100 个", "Field may have 100 members at most")
        );
    }

    #[test]
    fn a_filter_asks_for_one_file() {
        let field = test_field(FieldType::File);
        let operand =
            field.kind.kind().parse_operand(&json!("000000000001a"), &field, &test_moment(Lang::Zh));
        assert_eq!(operand, Ok(Value::from("000000000001a")));
    }
}
