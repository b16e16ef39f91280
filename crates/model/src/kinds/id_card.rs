//! 公民身份号码, the number of a person's identity card (GB 11643-1999): region, date of birth, serial number, check digit.

use super::{FieldKind, Parsed, Storage, explained, normalised, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use huike_matching::id_card::{self, IdCardFault};
use serde_json::Value as Json;

pub struct IdCard;

impl FieldKind for IdCard {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    /// By whole numbers only: half of one is a date of birth.
    fn operators(&self) -> &'static [Op] {
        operators::EXACT
    }

    fn parse(&self, input: &Json, field: &Field, moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?;
        match id_card::parse(&typed, moment.today()) {
            Ok(card) => Ok(normalised(card.number, &typed)),
            Err(reason) => {
                let code = if reason == IdCardFault::CheckDigit { "check_digit" } else { "format" };
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

    fn mask(&self, value: &Value, _field: &Field) -> Json {
        id_card::mask(value.as_text().unwrap_or_default()).into()
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads};
    use crate::kinds::{FieldType, test_field};
    use crate::value::Value;
    use serde_json::json;

    /// The example of GB 11643-1999.
    const NUMBER: &str = "11010519491231002X";

    #[test]
    fn a_number_is_read_in_any_written_form_and_the_old_one() {
        let field = test_field(FieldType::IdCard);
        for typed in [
            NUMBER,
            "11010519491231002x",
            "110105 19491231 002X",
            "１１０１０５１９４９１２３１００２Ｘ",
            "110105491231002",
        ] {
            assert_eq!(reads(&field, &json!(typed)), json!(NUMBER), "{typed}");
        }
    }

    #[test]
    fn a_refusal_says_why_and_does_not_repeat_the_number() {
        let field = test_field(FieldType::IdCard);
        for (typed, code, zh) in [
            ("110105194912310020", "check_digit", "字段：校验位不符，请核对是否有一位输错"),
            ("110105202712310025", "format", "字段：其中的出生日期无效"),
            ("1101051949", "format", "字段：身份证号应为 18 位，现为 10 位"),
        ] {
            let (found, message, _) = fails(&field, &json!(typed));
            assert_eq!((found, message.as_str()), (code, zh), "{typed}");
        }
        assert_eq!(
            fails(&field, &json!("110105194912310020")).2,
            "Field: the check digit does not fit: one digit may be mistyped"
        );
        assert_eq!(fails(&field, &json!([])).0, "type");
    }

    #[test]
    fn a_masked_number_hides_the_date_of_birth() {
        let field = test_field(FieldType::IdCard);
        assert_eq!(field.kind.kind().mask(&Value::from(NUMBER), &field), json!("110105********002X"));
    }
}
