//! 统一社会信用代码, the unified social credit code (GB 32100-2015), and the organisation code inside it
//! (GB 11714-1997).

use std::fmt;

use crate::text::fold;

/// GB 32100-2015 table 2: digits and capitals without I, O, S, V and Z; the position is the value.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CreditCodeFault {
    Empty,
    /// Not 18 characters; the number found.
    Length(usize),
    /// A character that the code cannot contain, at this position (from 1).
    Character {
        position: usize,
    },
    CheckDigit,
    /// Digits are gone (`9.1E+17`).
    LostDigits,
}

impl CreditCodeFault {
    pub fn zh(self) -> String {
        match self {
            Self::Empty => "统一社会信用代码为空".to_owned(),
            Self::Length(found) => format!("统一社会信用代码应为 18 位，现为 {found} 位"),
            Self::Character { position } => format!("第 {position} 位含有代码中不允许的字符"),
            Self::CheckDigit => "校验位不符，请核对是否有一位输错".to_owned(),
            Self::LostDigits => "被 Excel 转成科学计数法，数字已丢失".to_owned(),
        }
    }
}

impl fmt::Display for CreditCodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the credit code is empty"),
            Self::Length(found) => write!(f, "a credit code has 18 characters, this has {found}"),
            Self::Character { position } => {
                write!(f, "character {position} cannot occur in a credit code")
            }
            Self::CheckDigit => f.write_str("the check digit does not fit: one character may be mistyped"),
            Self::LostDigits => f.write_str("Excel turned it into scientific notation and digits are lost"),
        }
    }
}

impl std::error::Error for CreditCodeFault {}

/// Reads a code: 18 capitals and digits with a fitting check digit. Spaces and dashes are dropped, and
/// letters that the alphabet lacks are read as the digits they look like (O 0, I 1, S 5, B 8, Z 2) only
/// if the check digit then fits.
///
/// # Errors
/// The first [`CreditCodeFault`].
pub fn parse(text: &str) -> Result<String, CreditCodeFault> {
    let code = compact(text);
    if code.is_empty() {
        return Err(CreditCodeFault::Empty);
    }
    if code.contains("E+") {
        return Err(CreditCodeFault::LostDigits);
    }
    let length = code.chars().count();
    if length != 18 {
        return Err(CreditCodeFault::Length(length));
    }
    let found = check(&code);
    match found {
        Ok(()) => Ok(code),
        Err(fault) => repaired(&code).ok_or(fault),
    }
}

/// Upper case without spaces, dashes and quotes.
pub(crate) fn compact(text: &str) -> String {
    fold(text).to_uppercase().chars().filter(|c| !matches!(c, ' ' | '-' | '\'' | '"' | '`' | '·')).collect()
}

fn check(code: &str) -> Result<(), CreditCodeFault> {
    let mut sum = 0;
    let mut weight = 1;
    let mut last = 0;
    for (at, c) in code.chars().enumerate() {
        let value = value(c).ok_or(CreditCodeFault::Character { position: at + 1 })?;
        // Positions 3–8 are the region code, digits only.
        if (2..8).contains(&at) && value > 9 {
            return Err(CreditCodeFault::Character { position: at + 1 });
        }
        if at < 17 {
            sum += value * weight;
            weight = weight * 3 % 31;
        }
        last = value;
    }
    if last == (31 - sum % 31) % 31 { Ok(()) } else { Err(CreditCodeFault::CheckDigit) }
}

fn value(c: char) -> Option<usize> {
    ALPHABET.iter().position(|a| char::from(*a) == c)
}

/// The code with look-alikes replaced, if it then passes. B is a legal character, so it is tried only
/// when the others alone do not do; each B by itself, as two misread B in one code are unlikely.
fn repaired(code: &str) -> Option<String> {
    if !code.is_ascii() {
        return None;
    }
    let plain: String = code
        .chars()
        .map(|c| match c {
            'O' => '0',
            'I' => '1',
            'S' => '5',
            'Z' => '2',
            other => other,
        })
        .collect();
    if check(&plain).is_ok() {
        return Some(plain);
    }
    let in_region =
        plain.char_indices().map(|(at, c)| if c == 'B' && (2..8).contains(&at) { '8' } else { c });
    let plain: String = in_region.collect();
    // Never the check character itself: that would make a wrong code pass too easily.
    let one_b = plain[..17].match_indices('B').map(|(at, _)| [&plain[..at], "8", &plain[at + 1..]].concat());
    let mut passing = [plain.clone()].into_iter().chain(one_b).filter(|c| check(c).is_ok());
    // Two ways to repair are no repair.
    passing.next().filter(|_| passing.next().is_none())
}

/// Whether nine characters are an organisation code with a fitting check character (GB 11714-1997:
/// weights 3, 7, 9, 10, 5, 8, 4, 2 modulo 11, X for ten).
pub fn is_organisation_code(code: &str) -> bool {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let code = compact(code);
    let Some((body, check)) = code.split_at_checked(8) else { return false };
    if check.len() != 1 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let sum: u32 = body.chars().zip(WEIGHTS).filter_map(|(c, w)| Some(c.to_digit(36)? * w)).sum();
    let expected = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    check.starts_with(expected)
}

/// The nine characters of the organisation code, by which a credit code (positions 9–17) meets the
/// organisation code of before 2015. Empty strings and other lengths give `None`.
pub fn organisation_key(code: &str) -> Option<String> {
    let code = compact(code);
    if !code.is_ascii() {
        return None;
    }
    match code.len() {
        18 => Some(parse(&code).unwrap_or(code)[8..17].to_owned()),
        9 => Some(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A valid code for a body of 17 characters.
    fn with_check(body: &str) -> String {
        let found = ALPHABET.iter().map(|c| format!("{body}{}", char::from(*c))).find(|c| check(c).is_ok());
        found.expect("one of 31 characters fits")
    }

    #[test]
    fn a_code_is_read_and_written_mistakes_are_repaired() {
        // The example of GB 32100-2015, annex B.
        assert_eq!(parse("91350100M000100Y43").as_deref(), Ok("91350100M000100Y43"));
        for written in [
            "91350100m000100y43",
            " 9135 0100-M000 100Y43 ",
            "９１３５０１００M000100Y43",
            "9I35OIOOMOOO1OOY43",
        ] {
            assert_eq!(parse(written).as_deref(), Ok("91350100M000100Y43"), "{written}");
        }
    }

    #[test]
    fn a_misread_b_is_repaired_only_if_the_check_digit_then_fits() {
        let code = with_check("9133010679868888X");
        assert_eq!(parse(&code.replacen('8', "B", 1)), Ok(code.clone()));
        assert_eq!(parse("91350100M000100Y44"), Err(CreditCodeFault::CheckDigit));
    }

    #[test]
    fn faults_say_what_is_wrong() {
        assert_eq!(parse(""), Err(CreditCodeFault::Empty));
        assert_eq!(parse("9135010"), Err(CreditCodeFault::Length(7)));
        assert_eq!(parse("9.1350100E+17"), Err(CreditCodeFault::LostDigits));
        assert_eq!(parse("91350100M000100中43"), Err(CreditCodeFault::Character { position: 16 }));
        assert_eq!(CreditCodeFault::Length(7).zh(), "统一社会信用代码应为 18 位，现为 7 位");
    }

    #[test]
    fn organisation_codes_have_their_own_check_character() {
        // The example of GB 11714-1997.
        assert!(is_organisation_code("D2143569-X"));
        assert!(!is_organisation_code("D2143569-1"));
        assert!(!is_organisation_code("D214"));
        assert_eq!(organisation_key("91350100M000100Y43").as_deref(), Some("M000100Y4"));
        assert_eq!(organisation_key("M000100Y-4").as_deref(), Some("M000100Y4"));
        assert_eq!(organisation_key("无"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_safe_and_reading_is_idempotent(s in "\\PC{0,24}|[0-9A-Z]{18}|[0-9]{8}[0-9OISB]{10}") {
            organisation_key(&s);
            is_organisation_code(&s);
            if let Ok(code) = parse(&s) {
                prop_assert_eq!(parse(&code), Ok(code));
            }
        }

        #[test]
        fn one_wrong_digit_never_passes(body in "91[0-9]{6}[0-9]{9}", at in 8usize..17, digit in 0u32..10) {
            let code = with_check(&body);
            let mut wrong: Vec<char> = code.chars().collect();
            let new = char::from_digit(digit, 10).unwrap();
            prop_assume!(wrong[at] != new);
            wrong[at] = new;
            prop_assert!(parse(&wrong.into_iter().collect::<String>()).is_err());
        }
    }
}
