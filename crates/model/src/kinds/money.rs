//! An amount in the company's currency. Stored in the smallest unit that the field keeps: fen with two decimal places.

use super::number::{Form, grouped};
use super::{FieldKind, Parsed, Storage, fault, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::{Value, scaled_to_json};
use huike_matching::text::clean;
use serde_json::Value as Json;

pub struct Money;

const BEFORE: &[&str] = &["¥", "人民币", "rmb", "cny"];
const AFTER: &[&str] = &["元整", "元", "圆", "块钱", "块", "rmb", "cny", "¥"];
/// Amounts in another currency are refused rather than taken at face value.
const FOREIGN: &[&str] = &[
    "$", "€", "£", "usd", "hkd", "eur", "gbp", "jpy", "美元", "美金", "港币", "港元", "欧元", "英镑", "日元",
];

impl FieldKind for Money {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::ORDERED
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        if let Some(typed) = input.as_str() {
            let typed = clean(typed).to_lowercase();
            if let Some(mark) = FOREIGN.iter().find(|mark| typed.contains(**mark)) {
                return Err(fault(
                    field,
                    "currency",
                    &format!("按公司的记账币种填写，不能带外币（{mark}）"),
                    &format!("is kept in the company's currency and can't be given in another ({mark})"),
                ));
            }
        }
        Form { before: BEFORE, after: AFTER, ..Form::plain(field, field.scale) }.parse(input, field)
    }

    fn to_json(&self, value: &Value, field: &Field) -> Json {
        scaled_to_json(value.as_int().unwrap_or_default(), field.scale)
    }

    fn display(&self, value: &Value, field: &Field, _moment: &Moment) -> String {
        let number = value.as_int().unwrap_or_default();
        let sign = if number < 0 { "-" } else { "" };
        format!("{sign}¥{}", grouped(number.unsigned_abs(), field.scale))
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, shows};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use serde_json::json;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let field = test_field(FieldType::Money);
        for (input, amount) in [
            (json!(1250.5), json!(1250.5)),
            (json!("1250.50"), json!(1250.5)),
            (json!("￥1,250.50"), json!(1250.5)),
            (json!("人民币1250.5元"), json!(1250.5)),
            (json!("RMB 1,250.50"), json!(1250.5)),
            (json!("１２５０．５０"), json!(1250.5)),
            (json!("12.5万元"), json!(125_000)),
            (json!("1.2亿"), json!(120_000_000)),
            (json!("(800)"), json!(-800)),
            (json!(0.1 + 0.2), json!(0.3)),
        ] {
            assert_eq!(reads(&field, &input), amount, "{input}");
        }
    }

    #[test]
    fn amounts_are_shown_with_separators_and_all_places() {
        let field = test_field(FieldType::Money);
        assert_eq!(shows(&field, &json!(1250.5), Lang::Zh), "¥1,250.50");
        assert_eq!(shows(&field, &json!(-1_234_567), Lang::En), "-¥1,234,567.00");
        assert_eq!(shows(&field, &json!(0), Lang::En), "¥0.00");
    }

    #[test]
    fn another_currency_and_fractions_of_a_fen_are_refused() {
        let mut field = test_field(FieldType::Money);
        field.max = Some(100_000_000);
        let (code, zh, en) = fails(&field, &json!("$1,250"));
        assert_eq!(code, "currency");
        assert_eq!(zh, "字段按公司的记账币种填写，不能带外币（$）");
        assert_eq!(en, "Field is kept in the company's currency and can't be given in another ($)");
        assert_eq!(fails(&field, &json!(0.005)).0, "too_precise");
        assert_eq!(fails(&field, &json!("约5000")).0, "format");
        assert_eq!(fails(&field, &json!("100.01万")).1, "字段不能大于 1000000");
    }
}
