//! Phone numbers as Chinese people write them.
//!
//! Shapes: mobiles have 11 digits and begin 13–19; landlines have an area code of three digits (010, 02x)
//! or four (03xx–09xx) and a local part of 7 or 8 digits not beginning with 0 or 1; 400 and 800 numbers have ten
//! (the numbering plan of the Ministry of Industry and Information Technology, 电信网编号计划 2017).
//! Foreign numbers follow ITU-T E.164.

pub(crate) mod area;
mod written;

use std::fmt;

pub use area::region;
pub use written::{display, mask};

/// A number in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phone {
    /// `+` and at most 15 digits; Chinese landlines without the 0 of the area code (`+8657188881234`).
    pub e164: String,
    pub kind: PhoneKind,
    /// Digits of the extension, at most 6.
    pub extension: Option<String>,
}

impl fmt::Display for Phone {
    /// The Chinese written form, which parses back to the same value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&display(&self.e164))?;
        match &self.extension {
            Some(extension) => write!(f, " 转 {extension}"),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhoneKind {
    Mobile,
    Landline,
    /// 400 and 800 numbers.
    Service,
    International,
}

/// Why a text is not a phone number. `Display` is English; [`PhoneFault::zh`] is Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhoneFault {
    Empty,
    /// Letters or other characters that no number has.
    NotANumber,
    TooShort,
    TooLong,
    /// Eleven digits that begin with a number no mobile has, an area code that does not exist.
    BadShape,
    /// Seven or eight digits: a landline without its area code.
    NoAreaCode,
    UnknownCountry,
    /// Excel turned it into scientific notation and the digits are gone (`1.38E+10`).
    LostDigits,
    /// A number people type to get past a required field (13800138000, 11111111).
    Placeholder,
}

impl PhoneFault {
    pub fn zh(self) -> &'static str {
        match self {
            Self::Empty => "号码为空",
            Self::NotANumber => "含有号码以外的字符",
            Self::TooShort => "位数太少",
            Self::TooLong => "位数太多",
            Self::BadShape => "不是有效的手机号、固定电话或 400/800 号码",
            Self::NoAreaCode => "固定电话缺少区号",
            Self::UnknownCountry => "国家或地区代码不存在",
            Self::LostDigits => "被 Excel 转成科学计数法，末尾数字已丢失，请从原始文件重新复制",
            Self::Placeholder => "是占位号码，不是真实号码",
        }
    }
}

impl fmt::Display for PhoneFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the number is empty",
            Self::NotANumber => "it contains characters that no phone number has",
            Self::TooShort => "it has too few digits",
            Self::TooLong => "it has too many digits",
            Self::BadShape => "it is no valid mobile, landline or 400/800 number",
            Self::NoAreaCode => "the landline number lacks its area code",
            Self::UnknownCountry => "the country code does not exist",
            Self::LostDigits => {
                "Excel turned it into scientific notation and digits are lost; copy it again from the source"
            }
            Self::Placeholder => "it is a placeholder, not a real number",
        })
    }
}

impl std::error::Error for PhoneFault {}

/// Longest text that is looked at; a cell with more is not one number.
const TEXT_CHARS: usize = 64;
/// Numbers read from one cell.
const NUMBERS: usize = 16;

/// Reads one number: spaces, dashes, brackets, full-width digits, `+86`, `0086`, a leading 0 before a
/// mobile, extensions (`转123`, `-123`, `ext. 123`), labels (`电话：`) and the traces of Excel (`'138…`,
/// `….0`, `1.3800138001E+10` with all digits) are understood.
///
/// # Errors
/// A [`PhoneFault`]; placeholders are refused with [`PhoneFault::Placeholder`].
pub fn parse(text: &str) -> Result<Phone, PhoneFault> {
    let phone = parse_shape(text)?;
    if is_placeholder(&phone) { Err(PhoneFault::Placeholder) } else { Ok(phone) }
}

/// Reads all numbers of a cell, separated by `、`, `/`, `;`, `,`, line breaks, 或, or white space
/// between complete numbers. One result for each, in order; a repeated number is given once.
pub fn parse_many(text: &str) -> Vec<Result<Phone, PhoneFault>> {
    let mut found: Vec<Result<Phone, PhoneFault>> = Vec::new();
    for part in written::split(text).into_iter().take(NUMBERS) {
        let phone = parse(&part);
        if !found.contains(&phone) {
            found.push(phone);
        }
    }
    found
}

/// A number of a cell, in whatever state it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Loose {
    Whole(Phone),
    /// Seven or eight digits: a landline without its area code.
    Local(String),
    /// Digits of a number with too many or too few of them, or of no known shape.
    Malformed(String),
}

/// Reads all numbers of a cell, keeping what can still be compared of those that [`parse`] refuses.
pub(crate) fn read_loosely(text: &str) -> Vec<Loose> {
    let mut found = Vec::new();
    for part in written::split(text).into_iter().take(NUMBERS) {
        let digits = || part.chars().filter(char::is_ascii_digit).collect::<String>();
        let number = match parse(&part) {
            Ok(phone) => Loose::Whole(phone),
            Err(PhoneFault::NoAreaCode) => Loose::Local(digits()),
            Err(PhoneFault::TooShort | PhoneFault::TooLong | PhoneFault::BadShape) => {
                let digits = digits();
                if !(6..=14).contains(&digits.len()) {
                    continue;
                }
                Loose::Malformed(digits)
            }
            Err(_) => continue,
        };
        if !found.contains(&number) {
            found.push(number);
        }
    }
    found
}

fn parse_shape(text: &str) -> Result<Phone, PhoneFault> {
    if text.chars().take(TEXT_CHARS + 1).count() > TEXT_CHARS {
        return Err(PhoneFault::TooLong);
    }
    let text = written::undo_excel(&written::simplify(text))?;
    let (number, extension) = written::split_extension(&text);
    let foreign = number.trim_start().starts_with('+');
    let digits = written::digits_of(number)?;
    if digits.is_empty() {
        return Err(PhoneFault::Empty);
    }
    let alike = digits.bytes().all(|b| Some(&b) == digits.as_bytes().first());
    if digits.len() >= 5 && (alike || "12345678901".starts_with(&digits) || digits == "12345678900") {
        return Err(PhoneFault::Placeholder);
    }
    let mut phone = match (foreign, digits.strip_prefix("00")) {
        (true, _) => international(&digits)?,
        (false, Some(rest)) => international(rest)?,
        (false, None) => domestic(&digits, number)?,
    };
    if extension.is_some() {
        phone.extension = extension;
    }
    Ok(phone)
}

fn international(digits: &str) -> Result<Phone, PhoneFault> {
    if let Some(national) = digits.strip_prefix("86") {
        // `+86 (0)571 …` keeps the 0 by mistake.
        let national = national.trim_start_matches('0');
        return chinese(national).or_else(|_| chinese(&format!("0{national}")));
    }
    if digits.len() > 15 {
        return Err(PhoneFault::TooLong);
    }
    let code = (1..=3).find(|n| digits.get(..*n).is_some_and(is_country_code));
    let national = digits.len() - code.ok_or(PhoneFault::UnknownCountry)?;
    if national < 5 {
        return Err(PhoneFault::TooShort);
    }
    Ok(Phone { e164: format!("+{digits}"), kind: PhoneKind::International, extension: None })
}

fn domestic(digits: &str, written: &str) -> Result<Phone, PhoneFault> {
    let first_error = match chinese(digits) {
        Ok(phone) => return Ok(phone),
        Err(fault) => fault,
    };
    // 86 without its plus; a trunk 0 before a mobile.
    let rest = digits.strip_prefix("86").filter(|r| r.len() >= 9);
    if let Some(phone) = rest.and_then(|r| chinese(r).or_else(|_| chinese(&format!("0{r}"))).ok()) {
        return Ok(phone);
    }
    let after_trunk = digits.strip_prefix('0').and_then(|r| chinese(r).ok());
    if let Some(phone) = after_trunk.filter(|p| matches!(p.kind, PhoneKind::Mobile | PhoneKind::Service)) {
        return Ok(phone);
    }
    // 0571-88881234-801: the last group is an extension.
    if let Some((number, extension)) = written.trim().rsplit_once(['-', ' ']) {
        let number: String = number.chars().filter(char::is_ascii_digit).collect();
        let plausible = (1..=6).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_digit());
        let phone = chinese(&number).ok().filter(|p| plausible && p.kind != PhoneKind::Mobile);
        if let Some(phone) = phone {
            return Ok(Phone { extension: Some(extension.to_owned()), ..phone });
        }
    }
    Err(first_error)
}

/// A number as dialled inside China.
fn chinese(digits: &str) -> Result<Phone, PhoneFault> {
    let phone = |e164: String, kind| Ok(Phone { e164, kind, extension: None });
    let bytes = digits.as_bytes();
    match bytes {
        [b'1', b'3'..=b'9', ..] if bytes.len() == 11 => phone(format!("+86{digits}"), PhoneKind::Mobile),
        [b'4' | b'8', b'0', b'0', ..] if bytes.len() == 10 => {
            phone(format!("+86{digits}"), PhoneKind::Service)
        }
        [b'0', b'1'..=b'9', ..] => {
            let local = bytes.get(area_code_len(digits)..).unwrap_or_default();
            // 0400 and 0800 would collide with the service numbers, and do not exist.
            let valid_area =
                !matches!(bytes, [b'0', b'1', b'1'..=b'9', ..] | [b'0', b'4' | b'8', b'0', b'0', ..]);
            match (valid_area, local) {
                (true, [b'2'..=b'9', ..]) if matches!(local.len(), 7 | 8) => {
                    phone(format!("+86{}", &digits[1..]), PhoneKind::Landline)
                }
                (_, local) if local.len() < 7 => Err(PhoneFault::TooShort),
                (_, local) if local.len() > 8 => Err(PhoneFault::TooLong),
                _ => Err(PhoneFault::BadShape),
            }
        }
        [b'2'..=b'9', ..] if matches!(bytes.len(), 7 | 8) => Err(PhoneFault::NoAreaCode),
        _ if bytes.len() < 10 => Err(PhoneFault::TooShort),
        _ if bytes.len() > 12 => Err(PhoneFault::TooLong),
        _ => Err(PhoneFault::BadShape),
    }
}

/// 010 and 02x have three digits, all others four.
fn area_code_len(national: &str) -> usize {
    if national.starts_with("01") || national.starts_with("02") { 3 } else { 4 }
}

/// Country calling codes by length (ITU-T E.164 list of assigned codes): one digit for zones 1 and 7, two
/// for those listed, three for the rest of zones 2–9.
fn is_country_code(code: &str) -> bool {
    const TWO: [&str; 44] = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
        "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81",
        "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    const THREE: [&str; 26] = [
        "211", "212", "213", "216", "218", "500", "670", "672", "673", "674", "675", "676", "677", "678",
        "679", "680", "681", "682", "683", "685", "686", "850", "852", "853", "855", "856",
    ];
    // Whole decades that are assigned but for a few numbers nobody writes.
    const DECADES: [&str; 17] = [
        "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "68", "69", "88", "96", "97",
    ];
    match code.len() {
        1 => matches!(code, "1" | "7"),
        2 => TWO.contains(&code),
        3 => {
            THREE.contains(&code)
                || DECADES.contains(&&code[..2])
                || matches!(code, "992" | "993" | "994" | "995" | "996" | "998")
        }
        _ => false,
    }
}

/// Numbers that stand for "none": the well-known ones, equal digits, and straight runs.
fn is_placeholder(phone: &Phone) -> bool {
    const KNOWN: [&str; 4] = ["13800138000", "13888888888", "18888888888", "13333333333"];
    let national = phone.e164.strip_prefix("+86").unwrap_or(&phone.e164[1..]);
    let local = match phone.kind {
        PhoneKind::Mobile => &national[3..],
        PhoneKind::Landline => &national[area_code_len(&format!("0{national}")) - 1..],
        PhoneKind::Service => &national[3..],
        PhoneKind::International => national,
    };
    let bytes = local.as_bytes();
    // Mobiles ending in eight equal digits are dear and real, except for zeros.
    let alike =
        bytes.windows(2).all(|w| w[0] == w[1]) && (phone.kind != PhoneKind::Mobile || local.starts_with('0'));
    let run = bytes.len() >= 7 && bytes.windows(2).all(|w| w[1] == w[0] + 1);
    KNOWN.contains(&national) || alike || run
}

/// The digits behind the area code of a landline; `None` for other kinds.
pub(crate) fn local_part(phone: &Phone) -> Option<&str> {
    let national = phone.e164.strip_prefix("+86").filter(|_| phone.kind == PhoneKind::Landline)?;
    let area = if national.starts_with('1') || national.starts_with('2') { 2 } else { 3 };
    national.get(area..)
}

/// Keys under which the same phone is looked for: the whole number, and for a landline its local part
/// alone (people leave the area code out). An extension does not matter.
pub fn blocking_keys(phone: &Phone) -> Vec<String> {
    let mut keys = vec![phone.e164.clone()];
    if let (PhoneKind::Landline, Some(national)) = (phone.kind, phone.e164.strip_prefix("+86")) {
        keys.push(national[area_code_len(&format!("0{national}")) - 1..].to_owned());
    }
    keys
}

#[cfg(test)]
mod tests;
