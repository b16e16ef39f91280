//! An e-mail address. Stored in lower case, without the name or `mailto:` that may stand around it.

use super::text::check_text;
use super::{FieldKind, Parsed, Storage, explained, normalised, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use huike_matching::email;
use huike_matching::text::clean;
use serde_json::Value as Json;

pub struct Email;

impl FieldKind for Email {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::TEXT
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?;
        match email::parse(&typed) {
            Ok(email) => {
                check_text(&email.address, field)?;
                Ok(normalised(email.address, &typed))
            }
            Err(reason) => Err(explained(field, "format", reason.zh(), reason)),
        }
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_text().unwrap_or_default().into()
    }

    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        value.as_text().unwrap_or_default().to_owned()
    }

    fn mask(&self, value: &Value, _field: &Field) -> Json {
        email::mask(value.as_text().unwrap_or_default()).into()
    }

    /// A whole address in any written form, or a part of one, such as `@example.com`.
    fn parse_operand(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Value, Vec<Fault>> {
        let typed = text_of(input, field)?;
        let whole = email::parse(&typed).map(|email| email.address);
        Ok(Value::Text(whole.unwrap_or_else(|_| clean(&typed).to_lowercase())))
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, raw, reads, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn addresses_are_read_in_any_written_form() {
        let field = test_field(FieldType::Email);
        for typed in [
            "wang@example.com",
            " Wang@Example.COM ",
            "王小明 <wang@example.com>",
            "mailto:wang@example.com",
            "ｗａｎｇ＠example。com",
        ] {
            assert_eq!(reads(&field, &json!(typed)), json!("wang@example.com"), "{typed}");
        }
        assert_eq!(raw(&field, &json!("Wang@Example.com")).as_deref(), Some("Wang@Example.com"));
    }

    #[test]
    fn the_wrong_part_is_named() {
        let field = test_field(FieldType::Email);
        assert_eq!(
            fails(&field, &json!("wang.example.com")),
            (
                "format",
                "字段：邮箱应有且只有一个 @".into(),
                "Field: an e-mail address has exactly one @".into()
            )
        );
        assert_eq!(fails(&field, &json!("wang@example")).1, "字段：@ 之后的域名无效");
        assert_eq!(fails(&field, &json!({})).0, "type");
    }

    #[test]
    fn a_mask_keeps_the_domain_and_a_filter_takes_it_alone() {
        let field = test_field(FieldType::Email);
        let kind = field.kind.kind();
        assert_eq!(kind.mask(&Value::from("wang@example.com"), &field), json!("w***@example.com"));
        let operand = |typed: &str| kind.parse_operand(&json!(typed), &field, &test_moment(Lang::Zh));
        assert_eq!(operand("@Example.com"), Ok(Value::from("@example.com")));
        assert_eq!(operand("王 <wang@example.com>"), Ok(Value::from("wang@example.com")));
    }
}
