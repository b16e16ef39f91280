//! A length of time in whole minutes.

use super::number::Form;
use super::{FieldKind, Parsed, Storage, fault, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::text::Lang;
use crate::value::{Value, parse_scaled};
use huike_matching::text::clean;
use serde_json::Value as Json;

pub struct Duration;

impl FieldKind for Duration {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::ORDERED
    }

    /// `90`, `1小时30分`, `1.5小时`, `1个半小时`, `1h30m`, `1:30`. Days are refused: some have eight hours.
    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let form = Form { min: field.min.or(Some(0)), ..Form::plain(field, 0) };
        let Some(typed) = input.as_str() else { return form.parse(input, field) };
        let minutes = minutes(&clean(typed).to_lowercase()).ok_or_else(|| {
            fault(
                field,
                "format",
                "应为分钟数或“1小时30分”这样的时长",
                "must be a number of minutes, or a length of time such as 1h30m",
            )
        })?;
        form.check(minutes, field)?;
        Ok(Value::Int(minutes).into())
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_int().into()
    }

    fn display(&self, value: &Value, _field: &Field, moment: &Moment) -> String {
        let total = value.as_int().unwrap_or_default();
        match (total / 60, total % 60, moment.lang) {
            (0, minutes, Lang::Zh) => format!("{minutes}分钟"),
            (hours, 0, Lang::Zh) => format!("{hours}小时"),
            (hours, minutes, Lang::Zh) => format!("{hours}小时{minutes}分"),
            (0, minutes, Lang::En) => format!("{minutes} min"),
            (hours, 0, Lang::En) => format!("{hours} h"),
            (hours, minutes, Lang::En) => format!("{hours} h {minutes} min"),
        }
    }
}

/// Units in minutes; longer words first.
const HOURS: &[&str] = &["个小时", "小时", "个钟头", "钟头", "个钟", "时", "hours", "hour", "hrs", "hr", "h"];
const MINUTES: &[&str] = &["分钟", "分", "minutes", "minute", "mins", "min", "m", "'"];

/// The minutes in a cleaned, lower-case text.
fn minutes(text: &str) -> Option<i64> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some((hours, minutes)) = text.split_once(':') {
        let minutes = whole(minutes).filter(|left| minutes.len() == 2 && *left < 60)?;
        return whole(hours)?.checked_mul(60)?.checked_add(minutes);
    }
    if let Ok(minutes) = parse_scaled(&text, 0) {
        return Some(minutes);
    }
    let mut rest = text.as_str();
    let mut total = 0i64;
    for (names, size) in [(HOURS, 60), (MINUTES, 1)] {
        if let Some((part, after)) = quantity(rest, names, size) {
            total = total.checked_add(part)?;
            rest = after;
            // 1小时30, one hour and a half
            if size == 60 && !rest.is_empty() {
                if rest == "半" {
                    return total.checked_add(30);
                }
                if let Some(left) = whole(rest).filter(|left| *left < 60) {
                    return total.checked_add(left);
                }
            }
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(total)
}

/// A number with one of these units at the beginning of the text, in minutes, and what follows.
fn quantity<'a>(text: &'a str, names: &[&str], size: i64) -> Option<(i64, &'a str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    // 半小时, 1个半小时
    let (halves, rest) = match rest.strip_prefix("个半").or_else(|| rest.strip_prefix('半')) {
        Some(rest) if size == 60 => (1, rest),
        _ => (0, rest),
    };
    let rest = names.iter().find_map(|name| rest.strip_prefix(name))?;
    if number.is_empty() && halves == 0 {
        return None;
    }
    let hundredths = if number.is_empty() { 0 } else { parse_scaled(number, 2).ok()? };
    let scaled = hundredths.checked_mul(size)?;
    (scaled % 100 == 0)
        .then(|| (scaled / 100).checked_add(halves * size / 2))
        .flatten()
        .map(|minutes| (minutes, rest))
}

fn whole(digits: &str) -> Option<i64> {
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, shows};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use serde_json::json;

    #[test]
    fn lengths_of_time_are_read_in_minutes() {
        let field = test_field(FieldType::Duration);
        for input in [
            json!(90),
            json!("90"),
            json!("90分钟"),
            json!("90 min"),
            json!("1小时30分"),
            json!("1小时30"),
            json!("1 个小时 30 分钟"),
            json!("１小时３０分"),
            json!("1.5小时"),
            json!("1个半小时"),
            json!("1小时半"),
            json!("1h30m"),
            json!("1 h 30 min"),
            json!("1.5 Hours"),
            json!("1:30"),
            json!("01:30"),
        ] {
            assert_eq!(reads(&field, &input), json!(90), "{input}");
        }
        assert_eq!(reads(&field, &json!("半小时")), json!(30));
        assert_eq!(reads(&field, &json!("2钟头")), json!(120));
        assert_eq!(reads(&field, &json!(0)), json!(0));
    }

    #[test]
    fn lengths_of_time_are_shown_in_hours_and_minutes() {
        let field = test_field(FieldType::Duration);
        for (minutes, zh, en) in [
            (90, "1小时30分", "1 h 30 min"),
            (45, "45分钟", "45 min"),
            (120, "2小时", "2 h"),
            (0, "0分钟", "0 min"),
        ] {
            assert_eq!(shows(&field, &json!(minutes), Lang::Zh), zh);
            assert_eq!(shows(&field, &json!(minutes), Lang::En), en);
        }
    }

    #[test]
    fn days_fractions_of_a_minute_and_negative_lengths_are_refused() {
        let field = test_field(FieldType::Duration);
        let (code, zh, en) = fails(&field, &json!("2天"));
        assert_eq!(code, "format");
        assert_eq!(zh, "字段应为分钟数或“1小时30分”这样的时长");
        assert_eq!(en, "Field must be a number of minutes, or a length of time such as 1h30m");
        for text in
            ["1:75", "1:3", "1.001小时", "小时", "分", "30分1小时", "1小时90", "99999999999999999小时", "半"]
        {
            assert_eq!(fails(&field, &json!(text)).0, "format", "{text}");
        }
        assert_eq!(
            fails(&field, &json!(-5)),
            ("too_small", "字段不能小于 0".into(), "Field can't be less than 0".into())
        );
        assert_eq!(fails(&field, &json!(1.5)).0, "too_precise");
        assert_eq!(fails(&field, &json!(null)).0, "type");
    }
}
