//! A web address, http or https. Stored in its normal form, `https://` when no scheme was written.

use super::text::check_text;
use super::{FieldKind, Parsed, Storage, explained, normalised, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use huike_matching::text::clean;
use huike_matching::url;
use serde_json::Value as Json;

pub struct Url;

impl FieldKind for Url {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::TEXT
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?;
        match url::parse(&typed) {
            Ok(address) => {
                check_text(&address, field)?;
                Ok(normalised(address, &typed))
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

    /// A whole address when it begins with its scheme, otherwise a part of one: `example.com` is found behind `http://www.`, too.
    fn parse_operand(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Value, Vec<Fault>> {
        let typed = clean(&text_of(input, field)?);
        let whole = typed.contains("://").then(|| url::parse(&typed).ok()).flatten();
        Ok(Value::Text(whole.unwrap_or(typed)))
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
    fn addresses_are_brought_to_one_form() {
        let field = test_field(FieldType::Url);
        for (typed, address) in [
            ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
            ("example.com", "https://example.com"),
            (" HTTP://WWW.Example.COM:80/ ", "http://www.example.com"),
            ("ｗｗｗ.example。com/产品", "https://www.example.com/产品"),
        ] {
            assert_eq!(reads(&field, &json!(typed)), json!(address), "{typed}");
        }
        assert_eq!(raw(&field, &json!("example.com")).as_deref(), Some("example.com"));
    }

    #[test]
    fn links_that_run_code_or_hide_where_they_lead_are_refused() {
        let field = test_field(FieldType::Url);
        assert_eq!(
            fails(&field, &json!("javascript:alert(1)")),
            (
                "format",
                "字段：网址只能以 http:// 或 https:// 开头".into(),
                "Field: a web address begins with http:// or https://".into()
            )
        );
        assert_eq!(fails(&field, &json!("https://bank.example@example.com/")).1, "字段：网址中不能带用户名");
        assert_eq!(fails(&field, &json!("暂无")).0, "format");
        assert_eq!(fails(&field, &json!(format!("example.com/{}", "a".repeat(200)))).0, "too_long");
        assert_eq!(fails(&field, &json!(null)).0, "type");
    }

    #[test]
    fn a_filter_takes_part_of_an_address() {
        let field = test_field(FieldType::Url);
        let operand =
            |typed: &str| field.kind.kind().parse_operand(&json!(typed), &field, &test_moment(Lang::Zh));
        assert_eq!(operand("example.com"), Ok(Value::from("example.com")));
        assert_eq!(operand("HTTPS://Example.com/"), Ok(Value::from("https://example.com")));
    }
}
