//! 统一社会信用代码, the unified social credit code of an organisation (GB 32100-2015): 18 characters, the last a check digit.

use super::{FieldKind, Parsed, Storage, explained, normalised, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use huike_matching::credit_code::{self, CreditCodeFault};
use huike_matching::text::clean;
use serde_json::Value as Json;

pub struct CreditCode;

impl FieldKind for CreditCode {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::TEXT
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?;
        match credit_code::parse(&typed) {
            Ok(code) => Ok(normalised(code, &typed)),
            Err(reason) => {
                let code = if reason == CreditCodeFault::CheckDigit { "check_digit" } else { "format" };
                Err(explained(field, code, reason.zh(), reason))
            }
        }
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_text().unwrap_or_default().into()
    }

    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        value.as_text().unwrap_or_default().to_owned()
    }

    /// The registering authority and the region stay (positions 1 to 8), the organisation does not.
    fn mask(&self, value: &Value, _field: &Field) -> Json {
        value
            .as_text()
            .and_then(|code| code.get(..8))
            .map_or("****".into(), |authority| format!("{authority}****").into())
    }

    /// A whole code in any written form, or a part of one.
    fn parse_operand(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Value, Vec<Fault>> {
        let typed = text_of(input, field)?;
        Ok(Value::Text(credit_code::parse(&typed).unwrap_or_else(|_| clean(&typed).to_uppercase())))
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, raw, reads, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use crate::value::Value;
    use serde_json::json;

    /// The example of GB 32100-2015 is not assigned; this one has its shape and a fitting check digit.
    const CODE: &str = "91350100M000100Y43";

    #[test]
    fn a_code_is_read_in_any_written_form() {
        let field = test_field(FieldType::CreditCode);
        for typed in [
            CODE,
            "91350100m000100y43",
            " 9135 0100 M000 100Y43 ",
            "９１３５０１００Ｍ０００１００Ｙ４３",
            "9135O1OOMOOO1OOY43",
        ] {
            assert_eq!(reads(&field, &json!(typed)), json!(CODE), "{typed}");
        }
        assert_eq!(raw(&field, &json!("91350100m000100y43")).as_deref(), Some("91350100m000100y43"));
    }

    #[test]
    fn a_mistyped_character_and_a_wrong_length_are_explained() {
        let field = test_field(FieldType::CreditCode);
        assert_eq!(
            fails(&field, &json!("91350100M000100Y44")),
            (
                "check_digit",
                "字段：校验位不符，请核对是否有一位输错".into(),
                "Field: the check digit does not fit: one character may be mistyped".into()
            )
        );
        assert_eq!(
            fails(&field, &json!("9135")),
            (
                "format",
                "字段：统一社会信用代码应为 18 位，现为 4 位".into(),
                "Field: a credit code has 18 characters, this has 4".into()
            )
        );
        assert_eq!(fails(&field, &json!(false)).0, "type");
    }

    #[test]
    fn a_filter_takes_part_of_a_code_and_a_mask_hides_the_organisation() {
        let field = test_field(FieldType::CreditCode);
        let kind = field.kind.kind();
        assert_eq!(
            kind.parse_operand(&json!("m0001"), &field, &test_moment(Lang::Zh)),
            Ok(Value::from("M0001"))
        );
        assert_eq!(kind.mask(&Value::from(CODE), &field), json!("91350100****"));
    }
}
