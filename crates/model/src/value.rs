//! Values as they are kept: an integer or a text. The field's type says what they mean.

/// A stored value. Booleans are 0 and 1; decimals, money and percent are scaled by the field; dates are days and datetimes
/// milliseconds since 1970-01-01 UTC; references are ids; lists are `|a|b|`. Both databases keep exactly this.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    #[default]
    Null,
    Int(i64),
    Text(String),
}

impl Value {
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(number) = self { Some(*number) } else { None }
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    /// The members of a list value.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.as_text().unwrap_or_default().split('|').filter(|member| !member.is_empty())
    }

    /// A list value; none when there is no member. Members never contain `|`: they are codes or ids.
    pub fn list<S: AsRef<str>>(members: impl IntoIterator<Item = S>) -> Value {
        let mut text = String::new();
        for member in members {
            if text.is_empty() {
                text.push('|');
            }
            text.push_str(member.as_ref());
            text.push('|');
        }
        if text.is_empty() { Value::Null } else { Value::Text(text) }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// Why a text is no scaled number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    /// Not a number at all.
    NotANumber,
    /// More decimal places than the field keeps.
    TooPrecise,
    /// Does not fit into 63 bits after scaling.
    TooLarge,
}

/// Reads a decimal number exactly, scaled by `10^scale`: `"1,250.5"` with scale 2 is 125050. Accepts thousands separators, a sign and
/// an exponent as JSON writes it; never goes through a float.
///
/// # Errors
/// [`NumberFault`].
pub fn parse_scaled(text: &str, scale: u32) -> Result<i64, NumberFault> {
    let text: String = text.trim().chars().filter(|c| !matches!(c, ',' | ' ' | '_')).collect();
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().map_err(|_| NumberFault::NotANumber)?),
        None => (text.as_str(), 0),
    };
    let (negative, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return Err(NumberFault::NotANumber);
    }
    let mut number: i128 = 0;
    for byte in whole.bytes().chain(fraction.bytes()) {
        number = number.checked_mul(10).ok_or(NumberFault::TooLarge)? + i128::from(byte - b'0');
    }
    let mut shift = i64::from(scale) - fraction.len() as i64 + i64::from(exponent);
    if shift.abs() > 40 && number != 0 {
        return Err(if shift > 0 { NumberFault::TooLarge } else { NumberFault::TooPrecise });
    }
    while shift > 0 && number != 0 {
        number = number.checked_mul(10).ok_or(NumberFault::TooLarge)?;
        shift -= 1;
    }
    while shift < 0 && number != 0 {
        if number % 10 != 0 {
            return Err(NumberFault::TooPrecise);
        }
        number /= 10;
        shift += 1;
    }
    let number = i64::try_from(number).map_err(|_| NumberFault::TooLarge)?;
    Ok(if negative { -number } else { number })
}

/// Writes a scaled number without trailing zeros: 125050 with scale 2 is `1250.5`.
pub fn format_scaled(number: i64, scale: u32) -> String {
    let unit = 10u64.pow(scale.min(18));
    let magnitude = number.unsigned_abs();
    let sign = if number < 0 { "-" } else { "" };
    let fraction = format!("{:0width$}", magnitude % unit, width = scale as usize);
    let fraction = fraction.trim_end_matches('0');
    if scale == 0 || fraction.is_empty() {
        format!("{sign}{}", magnitude / unit)
    } else {
        format!("{sign}{}.{fraction}", magnitude / unit)
    }
}

/// A scaled number as JSON: a number where a double holds it exactly enough to come back, a string beyond (RFC 8259 §6).
pub fn scaled_to_json(number: i64, scale: u32) -> serde_json::Value {
    if scale == 0 {
        return number.into();
    }
    let text = format_scaled(number, scale);
    if number.unsigned_abs() < 1 << 53 {
        if let Ok(whole) = text.parse::<i64>() {
            return whole.into();
        }
        if let Ok(double) = text.parse::<f64>() {
            return double.into();
        }
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_exactly() {
        assert_eq!(parse_scaled("1,250.5", 2), Ok(125_050));
        assert_eq!(parse_scaled("-0.01", 2), Ok(-1));
        assert_eq!(parse_scaled("1.38E+3", 2), Ok(138_000));
        assert_eq!(parse_scaled("1.5e-1", 2), Ok(15));
        assert_eq!(parse_scaled("90071992547409.93", 2), Ok(9_007_199_254_740_993));
        assert_eq!(parse_scaled("0.005", 2), Err(NumberFault::TooPrecise));
        assert_eq!(parse_scaled("1e30", 2), Err(NumberFault::TooLarge));
        assert_eq!(parse_scaled("1e999999999", 2), Err(NumberFault::TooLarge));
        assert_eq!(parse_scaled("十", 0), Err(NumberFault::NotANumber));
        assert_eq!(parse_scaled(".", 0), Err(NumberFault::NotANumber));
    }

    proptest! {
        #[test]
        fn writing_and_reading_give_the_same_number(number in -1_000_000_000_000_000i64..1_000_000_000_000_000, scale in 0u32..5) {
            prop_assert_eq!(parse_scaled(&format_scaled(number, scale), scale), Ok(number));
            let json = scaled_to_json(number, scale);
            let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            prop_assert_eq!(parse_scaled(&text, scale), Ok(number));
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".*", scale in 0u32..8) {
            let _ = parse_scaled(&text, scale);
        }
    }
}
