//! What the number types share: reading what programs and people write, limits, and showing.

use super::{Parsed, fault};
use crate::fault::Fault;
use crate::schema::Field;
use crate::value::{NumberFault, Value, format_scaled, parse_scaled};
use huike_matching::text::clean;
use serde_json::{Number, Value as Json};

/// How a number type is written and what it may be. Limits are scaled like the values.
pub(super) struct Form {
    pub scale: u32,
    pub min: Option<i64>,
    pub max: Option<i64>,
    /// Marks that may stand before and after the number, in lower case.
    pub before: &'static [&'static str],
    pub after: &'static [&'static str],
}

/// Multipliers behind a number, as powers of ten; longer ones first.
const MULTIPLIERS: &[(&str, u32)] = &[
    ("万亿", 12),
    ("千万", 7),
    ("百万", 6),
    ("十万", 5),
    ("亿", 8),
    ("万", 4),
    ("w", 4),
    ("千", 3),
    ("k", 3),
    ("百", 2),
];

impl Form {
    /// A number without marks, with the field's limits.
    pub fn plain(field: &Field, scale: u32) -> Form {
        Form { scale, min: field.min, max: field.max, before: &[], after: &[] }
    }

    /// Reads a JSON number or what a person typed: `1,250.50`, `12.5万`, `(300)`, full width, with the form's marks.
    pub fn parse(&self, input: &Json, field: &Field) -> Result<Parsed, Vec<Fault>> {
        let (number, raw) = match input {
            Json::Number(number) => (self.json_number(number), None),
            Json::String(typed) => {
                let number = self.typed(typed);
                let plain = parse_scaled(typed, self.scale) == number;
                (number, (!plain).then(|| typed.clone()))
            }
            _ => return Err(fault(field, "type", "应为数字", "must be a number")),
        };
        let number = number.map_err(|reason| self.fault(reason, field))?;
        self.check(number, field)?;
        Ok(Parsed { value: Value::Int(number), raw })
    }

    /// A double carries 15 decimal digits (IEEE 754 binary64): beyond them stands the noise of somebody's arithmetic, such as
    /// 0.30000000000000004, and not a precision anybody asked for.
    fn json_number(&self, number: &Number) -> Result<i64, NumberFault> {
        match (parse_scaled(&number.to_string(), self.scale), number.as_f64()) {
            (Err(NumberFault::TooPrecise), Some(double)) if number.is_f64() => {
                parse_scaled(&format!("{double:.14e}"), self.scale)
            }
            (result, _) => result,
        }
    }

    fn typed(&self, typed: &str) -> Result<i64, NumberFault> {
        let text = clean(typed).replace('−', "-").to_lowercase();
        let mut rest = text.as_str();
        // Accountants write negative amounts in brackets.
        let bracketed = rest.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
        let mut negative = bracketed.is_some();
        rest = bracketed.unwrap_or(rest).trim();
        rest = self.without_prefix(rest);
        if let Some(magnitude) = rest.strip_prefix(['-', '负']) {
            if negative {
                return Err(NumberFault::NotANumber);
            }
            negative = true;
            rest = self.without_prefix(magnitude.trim_start());
        } else if let Some(magnitude) = rest.strip_prefix('+') {
            rest = magnitude;
        }
        rest = self.without_suffix(rest);
        let mut power = 0;
        if let Some((mark, tens)) = MULTIPLIERS.iter().find(|(mark, _)| rest.ends_with(mark)) {
            rest = rest[..rest.len() - mark.len()].trim_end();
            power = *tens;
        }
        if !well_grouped(rest) {
            return Err(NumberFault::NotANumber);
        }
        let number = parse_scaled(rest, self.scale + power)?;
        Ok(if negative { -number } else { number })
    }

    fn without_prefix<'a>(&self, text: &'a str) -> &'a str {
        self.before.iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text).trim()
    }

    fn without_suffix<'a>(&self, text: &'a str) -> &'a str {
        self.after.iter().find_map(|mark| text.strip_suffix(mark)).unwrap_or(text).trim()
    }

    fn fault(&self, reason: NumberFault, field: &Field) -> Vec<Fault> {
        match reason {
            NumberFault::NotANumber if self.scale == 0 => {
                fault(field, "format", "应为整数，例如 1250", "must be a whole number, such as 1250")
            }
            NumberFault::NotANumber => {
                fault(field, "format", "应为数字，例如 1250.5", "must be a number, such as 1250.5")
            }
            NumberFault::TooPrecise if self.scale == 0 => {
                fault(field, "too_precise", "应为整数", "must be a whole number")
            }
            NumberFault::TooPrecise => {
                let scale = self.scale;
                let places = if scale == 1 { "place" } else { "places" };
                fault(
                    field,
                    "too_precise",
                    &format!("最多保留 {scale} 位小数"),
                    &format!("may have {scale} decimal {places} at most"),
                )
            }
            NumberFault::TooLarge => fault(field, "too_large", "的数值太大", "is too large a number"),
        }
    }

    /// Holds a number to the limits.
    pub fn check(&self, number: i64, field: &Field) -> Result<(), Vec<Fault>> {
        if let Some(min) = self.min.filter(|min| number < *min) {
            let min = format_scaled(min, self.scale);
            return Err(fault(
                field,
                "too_small",
                &format!("不能小于 {min}"),
                &format!("can't be less than {min}"),
            ));
        }
        if let Some(max) = self.max.filter(|max| number > *max) {
            let max = format_scaled(max, self.scale);
            return Err(fault(
                field,
                "too_large",
                &format!("不能大于 {max}"),
                &format!("can't be more than {max}"),
            ));
        }
        Ok(())
    }
}

/// Begins with a digit or a point, and separators stand only where people put them: between groups of three digits, or of four
/// as Chinese counts. `1,25` is refused, since it may mean 1.25 or 125.
fn well_grouped(text: &str) -> bool {
    let whole_end = text.find(['.', 'e']).unwrap_or(text.len());
    let (whole, rest) = text.split_at(whole_end);
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') || rest.contains([',', ' ', '_']) {
        return false;
    }
    let mut groups = whole.split([',', ' ']);
    let first = groups.next().map_or(0, str::len);
    let sizes: Vec<usize> = groups.map(str::len).collect();
    let even = |size: usize| (1..=size).contains(&first) && sizes.iter().all(|&group| group == size);
    !whole.contains('_') && (sizes.is_empty() || even(3) || even(4))
}

/// With separators and all decimal places: 125050 with scale 2 is `1,250.50`.
pub(super) fn grouped(magnitude: u64, scale: u32) -> String {
    let unit = 10u64.pow(scale.min(18));
    let whole = (magnitude / unit).to_string();
    let mut out = String::with_capacity(whole.len() * 2);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if scale > 0 {
        out.push_str(&format!(".{:0width$}", magnitude % unit, width = scale as usize));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{FieldType, test_field};
    use proptest::prelude::*;

    fn typed(text: &str, scale: u32) -> Result<i64, NumberFault> {
        let form =
            Form { before: &["¥"], after: &["元"], ..Form::plain(&test_field(FieldType::Decimal), scale) };
        form.typed(text)
    }

    #[test]
    fn separators_stand_between_whole_groups_only() {
        for (text, number) in
            [("1,250", 1250), ("1 250 000", 1_250_000), ("1,2500", 12500), ("１，２５０", 1250), ("+7", 7)]
        {
            assert_eq!(typed(text, 0), Ok(number), "{text}");
        }
        for text in [
            "1,25", "1,2,3", "12,", ",1", "1.250,50", "1__0", "--5", "(-5)", "-", "", "e5", "万", "十二",
            "1.2.3",
        ] {
            assert_eq!(typed(text, 2), Err(NumberFault::NotANumber), "{text}");
        }
    }

    #[test]
    fn multipliers_signs_and_brackets_are_understood() {
        for (text, number) in [
            ("12.5万", 12_500_000),
            ("1.2 亿元", 12_000_000_000),
            ("3w", 3_000_000),
            ("3.5K", 350_000),
            ("(1,250.50)", -125_050),
            ("（¥300）", -30_000),
            ("-¥300", -30_000),
            ("¥-300元", -30_000),
            ("−8", -800),
            ("负8", -800),
        ] {
            assert_eq!(typed(text, 2), Ok(number), "{text}");
        }
        assert_eq!(typed("99999999999999999999", 0), Err(NumberFault::TooLarge));
        assert_eq!(typed("0.00001万", 0), Err(NumberFault::TooPrecise));
    }

    #[test]
    fn the_noise_of_binary_arithmetic_is_no_precision() {
        let form = Form::plain(&test_field(FieldType::Decimal), 2);
        let read = |double: f64| form.json_number(&Number::from_f64(double).unwrap());
        assert_eq!(read(0.1 + 0.2), Ok(30));
        assert_eq!(read(1_250.499_999_999_999_8), Ok(125_050));
        assert_eq!(read(12.345), Err(NumberFault::TooPrecise));
        assert_eq!(read(1e30), Err(NumberFault::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_shown_with_separators_is_read_back(number in any::<i64>(), scale in 0u32..6) {
            prop_assume!(number != i64::MIN);
            let sign = if number < 0 { "-" } else { "" };
            let shown = format!("{sign}¥{}", grouped(number.unsigned_abs(), scale));
            prop_assert_eq!(typed(&shown, scale), Ok(number));
        }
    }
}
