//! A telephone number: mobile, landline with area code, 400 or 800, foreign. Stored in E.164 (ITU-T), an extension as RFC 3966 writes
//! it: `+865718765432;ext=123`.

use super::{FieldKind, Parsed, Storage, explained, normalised, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::text::Lang;
use crate::value::Value;
use huike_matching::phone::{self, PhoneFault};
use huike_matching::text::clean;
use serde_json::Value as Json;

pub struct Phone;

const EXTENSION: &str = ";ext=";

impl FieldKind for Phone {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::PHONE
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?;
        let (number, extension) = parts(&typed);
        match phone::parse(number) {
            Ok(phone) => {
                let extension = extension.map(str::to_owned).or(phone.extension);
                let stored = match extension {
                    Some(extension) => format!("{}{EXTENSION}{extension}", phone.e164),
                    None => phone.e164,
                };
                Ok(normalised(stored, &typed))
            }
            Err(_) if phone::parse_many(&typed).iter().filter(|each| each.is_ok()).count() > 1 => Err(
                explained(field, "several", "含有多个号码，请只填一个", "it has several numbers; give one"),
            ),
            Err(reason @ PhoneFault::Placeholder) => {
                Err(explained(field, "placeholder", reason.zh(), reason))
            }
            Err(reason) => Err(explained(field, "format", reason.zh(), reason)),
        }
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_text().unwrap_or_default().into()
    }

    fn display(&self, value: &Value, _field: &Field, moment: &Moment) -> String {
        let (number, extension) = parts(value.as_text().unwrap_or_default());
        let number = phone::display(number);
        match (extension, moment.lang) {
            (None, _) => number,
            (Some(extension), Lang::Zh) => format!("{number} 转 {extension}"),
            (Some(extension), Lang::En) => format!("{number} ext. {extension}"),
        }
    }

    fn mask(&self, value: &Value, _field: &Field) -> Json {
        phone::mask(parts(value.as_text().unwrap_or_default()).0).into()
    }

    /// The digits as they are dialled: `13900001234`, `057187654321`.
    fn search_text(&self, value: &Value, _field: &Field) -> Option<String> {
        let (number, _) = parts(value.as_text()?);
        Some(phone::display(number).chars().filter(char::is_ascii_digit).collect())
    }

    /// A whole number in any written form, or some of its digits as they stand behind the country code.
    fn parse_operand(&self, input: &Json, field: &Field, moment: &Moment) -> Result<Value, Vec<Fault>> {
        self.parse(input, field, moment).map(|parsed| parsed.value).or_else(|faults| {
            let typed = clean(input.as_str().unwrap_or_default());
            let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
            let digits = digits.trim_start_matches('0');
            let written = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')');
            if digits.is_empty() || !typed.chars().all(written) {
                Err(faults)
            } else {
                Ok(Value::from(digits))
            }
        })
    }
}

/// The number and the extension of a stored value.
fn parts(stored: &str) -> (&str, Option<&str>) {
    let is_extension =
        |digits: &str| (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    match stored.split_once(EXTENSION) {
        Some((number, extension)) if is_extension(extension) => (number, Some(extension)),
        _ => (stored, None),
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, raw, reads, shows, stored, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn numbers_are_kept_in_one_form_and_as_typed() {
        let field = test_field(FieldType::Phone);
        for (typed, number) in [
            ("139 0000 1234", "+8613900001234"),
            ("+86-139-0000-1234", "+8613900001234"),
            ("１３９００００１２３４", "+8613900001234"),
            ("0571-8765 4321", "+8657187654321"),
            ("(0571)87654321转123", "+8657187654321;ext=123"),
            ("+8657187654321;ext=123", "+8657187654321;ext=123"),
            ("400-123-9876", "+864001239876"),
            ("+1 202 555 0143", "+12025550143"),
        ] {
            assert_eq!(reads(&field, &json!(typed)), json!(number), "{typed}");
        }
        assert_eq!(reads(&field, &json!(13_900_001_234_i64)), json!("+8613900001234"));
        assert_eq!(raw(&field, &json!("139 0000 1234")).as_deref(), Some("139 0000 1234"));
        assert_eq!(raw(&field, &json!("+8613900001234")), None);
    }

    #[test]
    fn people_see_the_form_they_would_write() {
        let field = test_field(FieldType::Phone);
        assert_eq!(shows(&field, &json!("13900001234"), Lang::Zh), "139 0000 1234");
        assert_eq!(shows(&field, &json!("0571-87654321转123"), Lang::Zh), "0571-8765 4321 转 123");
        assert_eq!(shows(&field, &json!("0571-87654321转123"), Lang::En), "0571-8765 4321 ext. 123");
    }

    #[test]
    fn a_masked_number_keeps_its_ends_and_loses_its_extension() {
        let field = test_field(FieldType::Phone);
        let mask = |typed: &str| field.kind.kind().mask(&stored(&field, &json!(typed)), &field);
        assert_eq!(mask("13900001234"), json!("139****1234"));
        assert_eq!(mask("0571-87654321转123"), json!("0571-****4321"));
    }

    #[test]
    fn the_search_index_holds_the_digits_that_are_dialled() {
        let field = test_field(FieldType::Phone);
        let text = |typed: &str| field.kind.kind().search_text(&stored(&field, &json!(typed)), &field);
        assert_eq!(text("139 0000 1234").as_deref(), Some("13900001234"));
        assert_eq!(text("0571-87654321转123").as_deref(), Some("057187654321"));
    }

    #[test]
    fn a_filter_takes_whole_numbers_and_some_digits() {
        let field = test_field(FieldType::Phone);
        let operand =
            |typed: &str| field.kind.kind().parse_operand(&json!(typed), &field, &test_moment(Lang::Zh));
        assert_eq!(operand("139 0000 1234"), Ok(Value::from("+8613900001234")));
        assert_eq!(operand("1234"), Ok(Value::from("1234")));
        assert_eq!(operand("139-00"), Ok(Value::from("13900")));
        assert_eq!(operand("0571-"), Ok(Value::from("571")));
        assert_eq!(operand("王").unwrap_err()[0].code, "format");
    }

    #[test]
    fn a_refusal_says_why() {
        let field = test_field(FieldType::Phone);
        assert_eq!(
            fails(&field, &json!("87654321")),
            (
                "format",
                "字段：固定电话缺少区号".into(),
                "Field: the landline number lacks its area code".into()
            )
        );
        assert_eq!(
            fails(&field, &json!("13900001234 / 13900005678")),
            (
                "several",
                "字段：含有多个号码，请只填一个".into(),
                "Field: it has several numbers; give one".into()
            )
        );
        assert_eq!(fails(&field, &json!("13800138000")).0, "placeholder");
        assert_eq!(fails(&field, &json!("无")).0, "format");
        assert_eq!(fails(&field, &json!({"number": 1})).0, "type");
    }
}
