//! 居民身份证号码, the citizen identification number (GB 11643-1999).

use std::fmt;

use chrono::{Datelike, NaiveDate};

use crate::address;
use crate::text::fold;

/// A number whose check digit, date and province are right.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdCard {
    /// 17 digits and a digit or `X`.
    pub number: String,
    /// Six-digit region code of issue. Codes that no longer exist are kept as they are.
    pub region: String,
    pub birth: NaiveDate,
    pub sex: Sex,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    Female,
    Male,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdCardFault {
    Empty,
    /// Not 18 (or, in the form before 1999, 15) characters; the number found.
    Length(usize),
    NotANumber,
    Region,
    /// No such day, before 1900, or after today.
    Birth,
    CheckDigit,
    LostDigits,
}

impl IdCardFault {
    pub fn zh(self) -> String {
        match self {
            Self::Empty => "身份证号为空".to_owned(),
            Self::Length(found) => format!("身份证号应为 18 位，现为 {found} 位"),
            Self::NotANumber => "身份证号只能是数字，末位可以是 X".to_owned(),
            Self::Region => "前两位不是有效的省级代码".to_owned(),
            Self::Birth => "其中的出生日期无效".to_owned(),
            Self::CheckDigit => "校验位不符，请核对是否有一位输错".to_owned(),
            Self::LostDigits => "被 Excel 转成科学计数法，末三位已丢失".to_owned(),
        }
    }
}

impl fmt::Display for IdCardFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the identity number is empty"),
            Self::Length(found) => write!(f, "an identity number has 18 characters, this has {found}"),
            Self::NotANumber => f.write_str("an identity number has digits only, the last may be X"),
            Self::Region => f.write_str("the first two digits are no province"),
            Self::Birth => f.write_str("the date of birth in it is not possible"),
            Self::CheckDigit => f.write_str("the check digit does not fit: one digit may be mistyped"),
            Self::LostDigits => f.write_str("Excel turned it into scientific notation and digits are lost"),
        }
    }
}

impl std::error::Error for IdCardFault {}

/// Reads a number of 18 characters; the form of 15 digits used before 1999 is brought to 18.
///
/// # Errors
/// The first [`IdCardFault`]; a birth after `today` is one.
pub fn parse(text: &str, today: NaiveDate) -> Result<IdCard, IdCardFault> {
    let compact: String =
        fold(text).to_uppercase().chars().filter(|c| !matches!(c, ' ' | '-' | '\'' | '"' | '`')).collect();
    if compact.is_empty() {
        return Err(IdCardFault::Empty);
    }
    if compact.contains("E+") {
        return Err(IdCardFault::LostDigits);
    }
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let number = match compact.chars().count() {
        15 if all_digits(&compact) => {
            let body = format!("{}19{}", &compact[..6], &compact[6..]);
            let check = check_character(&body);
            format!("{body}{check}")
        }
        18 => compact,
        found => return Err(IdCardFault::Length(found)),
    };
    let Some((body, check)) = number.split_at_checked(17).filter(|(body, _)| all_digits(body)) else {
        return Err(IdCardFault::NotANumber);
    };
    if !all_digits(check) && check != "X" {
        return Err(IdCardFault::NotANumber);
    }
    if address::region(&format!("{}0000", &body[..2])).is_none() {
        return Err(IdCardFault::Region);
    }
    let birth = NaiveDate::parse_from_str(&body[6..14], "%Y%m%d").map_err(|_| IdCardFault::Birth)?;
    if birth.year() < 1900 || birth > today {
        return Err(IdCardFault::Birth);
    }
    if !check.starts_with(check_character(body)) {
        return Err(IdCardFault::CheckDigit);
    }
    let sex = if body.as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female };
    Ok(IdCard { region: body[..6].to_owned(), birth, sex, number })
}

/// ISO 7064 MOD 11-2 over the first 17 digits.
fn check_character(body: &str) -> char {
    let sum = body.chars().filter_map(|c| c.to_digit(10)).fold(0, |sum, digit| (sum + digit) * 2 % 11);
    match (12 - sum % 11) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

/// Hides the date of birth and the serial number: `110105********0029` keeps six and four, shorter text
/// is hidden whole.
pub fn mask(number: &str) -> String {
    let chars: Vec<char> = number.trim().chars().collect();
    if chars.len() < 15 {
        return "*".repeat(chars.len().max(4));
    }
    let hidden = "*".repeat(chars.len() - 10);
    let (head, tail) = (&chars[..6], &chars[chars.len() - 4..]);
    [head.iter().collect::<String>(), hidden, tail.iter().collect()].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 5).unwrap()
    }

    #[test]
    fn the_example_of_the_standard_is_read() {
        // GB 11643-1999, annex A.
        let card = parse("11010519491231002X", today()).unwrap();
        assert_eq!(card.region, "110105");
        assert_eq!(card.birth, NaiveDate::from_ymd_opt(1949, 12, 31).unwrap());
        assert_eq!(card.sex, Sex::Female);
        assert_eq!(parse(" 110105 19491231 002x ", today()), Ok(card.clone()));
        assert_eq!(parse("110105491231002", today()), Ok(card));
        assert_eq!(parse("440524188001010014", today()), Err(IdCardFault::Birth));
    }

    #[test]
    fn each_fault_is_named() {
        for (text, fault) in [
            ("", IdCardFault::Empty),
            ("1101051949123100", IdCardFault::Length(16)),
            ("1101051949123100AX", IdCardFault::NotANumber),
            ("990105194912310025", IdCardFault::Region),
            ("110105194913310021", IdCardFault::Birth),
            ("110105204912310021", IdCardFault::Birth),
            ("110105194912310021", IdCardFault::CheckDigit),
            ("1.10105E+17", IdCardFault::LostDigits),
            ("一一○一○五一九四九一二三一○○二", IdCardFault::Length(17)),
        ] {
            assert_eq!(parse(text, today()), Err(fault), "{text}");
        }
    }

    #[test]
    fn a_mask_hides_birth_and_serial() {
        assert_eq!(mask("11010519491231002X"), "110105********002X");
        assert_eq!(mask("123"), "****");
    }

    proptest! {
        #[test]
        fn any_text_is_safe_and_reading_is_idempotent(s in "\\PC{0,24}|[0-9]{17}[0-9X]|[0-9]{15}") {
            mask(&s);
            if let Ok(card) = parse(&s, today()) {
                prop_assert_eq!(parse(&card.number, today()), Ok(card));
            }
        }
    }
}
