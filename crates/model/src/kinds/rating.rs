//! Stars: a whole number from 0 to 5, or to the field's own maximum.

use super::number::Form;
use super::{FieldKind, Parsed, Storage, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::text::Lang;
use crate::value::Value;
use serde_json::Value as Json;

pub struct Rating;

const STARS: i64 = 5;

impl FieldKind for Rating {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::ORDERED
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let form = Form {
            scale: 0,
            min: field.min.or(Some(0)),
            max: field.max.or(Some(STARS)),
            before: &[],
            after: &["星级", "星", "颗星", "分", "stars", "star"],
        };
        if let Some(stars) = input.as_str().and_then(drawn_stars) {
            form.check(stars, field)?;
            return Ok(Value::Int(stars).into());
        }
        form.parse(input, field)
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_int().into()
    }

    fn display(&self, value: &Value, _field: &Field, moment: &Moment) -> String {
        let stars = value.as_int().unwrap_or_default();
        match moment.lang {
            Lang::Zh => format!("{stars} 星"),
            Lang::En if stars == 1 => "1 star".into(),
            Lang::En => format!("{stars} stars"),
        }
    }
}

/// `★★★☆☆` is three; none for anything but stars.
fn drawn_stars(typed: &str) -> Option<i64> {
    let typed = typed.trim();
    let only_stars = !typed.is_empty() && typed.chars().all(|c| matches!(c, '★' | '☆' | '⭐'));
    only_stars.then(|| typed.chars().filter(|c| *c != '☆').count() as i64)
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, shows};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use serde_json::json;

    #[test]
    fn stars_are_read_from_numbers_words_and_drawings() {
        let field = test_field(FieldType::Rating);
        for input in [
            json!(4),
            json!("4"),
            json!("4星"),
            json!("4 stars"),
            json!("★★★★☆"),
            json!("⭐⭐⭐⭐"),
            json!("４分"),
        ] {
            assert_eq!(reads(&field, &input), json!(4), "{input}");
        }
        assert_eq!(reads(&field, &json!("☆☆☆☆☆")), json!(0));
        assert_eq!(shows(&field, &json!(1), Lang::En), "1 star");
        assert_eq!(shows(&field, &json!(3), Lang::Zh), "3 星");
    }

    #[test]
    fn there_are_five_stars_unless_the_field_says_otherwise() {
        let mut field = test_field(FieldType::Rating);
        assert_eq!(
            fails(&field, &json!(6)),
            ("too_large", "字段不能大于 5".into(), "Field can't be more than 5".into())
        );
        assert_eq!(fails(&field, &json!("★★★★★★")).0, "too_large");
        assert_eq!(fails(&field, &json!(-1)).0, "too_small");
        assert_eq!(fails(&field, &json!(3.5)).0, "too_precise");
        field.max = Some(10);
        assert_eq!(reads(&field, &json!(6)), json!(6));
    }
}
