//! Any JSON, for programs. Stored as compact text with the members of objects in order of their names, so that equal values have
//! equal texts.

use super::{FieldKind, Parsed, Storage, fault, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::{Map, Value as JsonValue};

pub struct Json;

const MOST_BYTES: usize = 64 * 1024;

impl FieldKind for Json {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::PRESENCE
    }

    /// A string that is itself an object or a list, as a cell of a spreadsheet holds it, is taken for what it says.
    fn parse(&self, input: &JsonValue, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let spelled_out = input.as_str().filter(|text| text.trim_start().starts_with(['{', '[']));
        let value = match spelled_out.and_then(|text| serde_json::from_str::<JsonValue>(text).ok()) {
            Some(value) => in_order(&value),
            None => in_order(input),
        };
        let text = value.to_string();
        if text.len() > MOST_BYTES {
            return Err(fault(
                field,
                "too_long",
                &format!("最多 64 KB，现在是 {} KB", text.len().div_ceil(1024)),
                &format!("may have 64 KB at most; it has {} KB", text.len().div_ceil(1024)),
            ));
        }
        Ok(Value::Text(text).into())
    }

    fn to_json(&self, value: &Value, _field: &Field) -> JsonValue {
        serde_json::from_str(value.as_text().unwrap_or_default()).unwrap_or_default()
    }

    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        value.as_text().unwrap_or_default().to_owned()
    }

    fn search_text(&self, _value: &Value, _field: &Field) -> Option<String> {
        None
    }
}

fn in_order(value: &JsonValue) -> JsonValue {
    match value {
        JsonValue::Array(list) => list.iter().map(in_order).collect(),
        JsonValue::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            members
                .into_iter()
                .map(|(name, value)| (name.clone(), in_order(value)))
                .collect::<Map<_, _>>()
                .into()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, stored};
    use crate::kinds::{FieldType, test_field};
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn equal_values_have_equal_texts() {
        let field = test_field(FieldType::Json);
        let text = Value::from(r#"{"a":[1,{"x":null,"y":"汉"}],"b":true}"#);
        assert_eq!(stored(&field, &json!({"b": true, "a": [1, {"y": "汉", "x": null}]})), text);
        assert_eq!(stored(&field, &json!("{ \"b\": true, \"a\": [1, {\"y\": \"汉\", \"x\": null}] }")), text);
    }

    #[test]
    fn plain_values_stay_what_they_are() {
        let field = test_field(FieldType::Json);
        for value in [json!("文字"), json!("{不是"), json!(12.5), json!(false), json!([]), json!("\"引号\"")]
        {
            assert_eq!(reads(&field, &value), value);
        }
    }

    #[test]
    fn more_than_64_kilobytes_are_refused() {
        let field = test_field(FieldType::Json);
        assert_eq!(reads(&field, &json!("a".repeat(65_534))).as_str().map(str::len), Some(65_534));
        let (code, zh, en) = fails(&field, &json!("a".repeat(65_535)));
        assert_eq!(
            (code, zh.as_str(), en.as_str()),
            ("too_long", "字段最多 64 KB，现在是 65 KB", "Field may have 64 KB at most; it has 65 KB")
        );
    }
}
