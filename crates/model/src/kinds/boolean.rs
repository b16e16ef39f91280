//! Yes or no. Stored as 1 and 0.

use super::{FieldKind, Parsed, Storage, fault, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::text::Lang;
use crate::value::Value;
use huike_matching::text::clean;
use serde_json::Value as Json;

pub struct Boolean;

const YES: &[&str] = &["true", "yes", "y", "on", "1", "是", "有", "对", "√", "✓", "✔", "☑"];
const NO: &[&str] = &["false", "no", "n", "off", "0", "否", "无", "没有", "错", "不是", "×", "✗", "✘", "☐"];

impl FieldKind for Boolean {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::EXACT
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let yes = match input {
            Json::Bool(yes) => Some(*yes),
            Json::Number(number) => {
                number.as_i64().and_then(|number| [false, true].get(usize::try_from(number).ok()?).copied())
            }
            Json::String(typed) => {
                let word = clean(typed).to_lowercase();
                let word = word.as_str();
                if YES.contains(&word) { Some(true) } else { NO.contains(&word).then_some(false) }
            }
            _ => None,
        };
        let yes = yes.ok_or_else(|| fault(field, "format", "应为“是”或“否”", "must be yes or no"))?;
        Ok(Value::Int(yes.into()).into())
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        (*value == Value::Int(1)).into()
    }

    fn display(&self, value: &Value, _field: &Field, moment: &Moment) -> String {
        match (*value == Value::Int(1), moment.lang) {
            (true, Lang::Zh) => "是",
            (true, Lang::En) => "Yes",
            (false, Lang::Zh) => "否",
            (false, Lang::En) => "No",
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, shows};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use serde_json::json;

    #[test]
    fn yes_and_no_are_read_in_the_words_and_marks_of_both_languages() {
        let field = test_field(FieldType::Boolean);
        for input in [json!(true), json!(1), json!("1"), json!(" YES "), json!("Ｙ"), json!("是"), json!("√")]
        {
            assert_eq!(reads(&field, &input), json!(true), "{input}");
        }
        for input in [json!(false), json!(0), json!("No"), json!("否"), json!("没有"), json!("×")] {
            assert_eq!(reads(&field, &input), json!(false), "{input}");
        }
    }

    #[test]
    fn anything_between_is_refused() {
        let field = test_field(FieldType::Boolean);
        for input in [json!(2), json!(-1), json!(0.5), json!("也许"), json!([true]), json!({})] {
            assert_eq!(
                fails(&field, &input),
                ("format", "字段应为“是”或“否”".into(), "Field must be yes or no".into()),
                "{input}"
            );
        }
    }

    #[test]
    fn people_see_words() {
        let field = test_field(FieldType::Boolean);
        assert_eq!(shows(&field, &json!(true), Lang::Zh), "是");
        assert_eq!(shows(&field, &json!(false), Lang::En), "No");
    }
}
