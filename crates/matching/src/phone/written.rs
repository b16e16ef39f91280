//! The written forms: what surrounds a number in a cell, and how it is shown.

use super::{PhoneFault, area_code_len};
use crate::text::fold;

/// Folded text without labels: `电话：138…（王经理）` keeps the number.
pub(super) fn simplify(text: &str) -> String {
    let folded = fold(text);
    let unlabelled = folded.trim_start_matches(|c: char| {
        !(c.is_ascii_digit() || matches!(c, '+' | '(' | '\'' | '"' | '`' | '-'))
    });
    let dashed: String = unlabelled
        .chars()
        .map(|c| match c {
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' | 'ー' | '_' | '~' => '-',
            '·' | '•' => ' ',
            other => other,
        })
        .collect();
    // Without any digit keep the original, so that the fault is "not a number", not "empty".
    if dashed.is_empty() { folded } else { dashed }
}

/// Takes off what a spreadsheet leaves: apostrophes, quotes, `.0`, scientific notation.
///
/// # Errors
/// [`PhoneFault::LostDigits`] when scientific notation has fewer digits than the number had.
pub(super) fn undo_excel(text: &str) -> Result<String, PhoneFault> {
    let text = text.trim_matches(|c: char| matches!(c, '\'' | '"' | '`' | '=' | ' '));
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') && is_digits(whole) => {
            whole
        }
        _ => text,
    };
    let Some((mantissa, exponent)) = whole.split_once('e') else { return Ok(whole.to_owned()) };
    let (Some((one, fraction)), Ok(exponent)) = (
        mantissa.split_once('.').or(Some((mantissa, ""))),
        exponent.trim_start_matches('+').parse::<usize>(),
    ) else {
        return Ok(whole.to_owned());
    };
    if !is_digits(one) || !(fraction.is_empty() || is_digits(fraction)) {
        return Ok(whole.to_owned());
    }
    // The last digits may really be zeros, but then nobody can know.
    if exponent > 15 || fraction.len() < exponent {
        return Err(PhoneFault::LostDigits);
    }
    let (digits, rest) = fraction.split_at(exponent);
    if rest.bytes().any(|b| b != b'0') {
        return Err(PhoneFault::NotANumber);
    }
    Ok(format!("{one}{digits}"))
}

fn is_digits(s: &str) -> bool {
    !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit())
}

/// Cuts off a marked extension (`转123`, `ext.123`, `分机123`, `x123`, `#123`) and a note in brackets or
/// words after the number.
pub(super) fn split_extension(text: &str) -> (&str, Option<String>) {
    const MARKS: [&str; 9] = ["分机号", "分机", "转", "extension", "ext", "内线", "#", "*", "x"];
    for mark in MARKS {
        if let Some((number, after)) = text.split_once(mark) {
            let digits: String = after
                .trim_start_matches([' ', '.', ':', '-', '接', '至'])
                .chars()
                .take_while(char::is_ascii_digit)
                .take(7)
                .collect();
            if (1..=6).contains(&digits.len()) && number.bytes().any(|b| b.is_ascii_digit()) {
                return (number.trim_end_matches([' ', '-', ',', '(', '.']), Some(digits));
            }
        }
    }
    (without_note(text), None)
}

/// `138…(王经理)` and `138…王经理` lose the note.
fn without_note(text: &str) -> &str {
    let note = text.char_indices().find(|(_, c)| !c.is_ascii() || c.is_ascii_alphabetic());
    let Some((at, _)) = note else { return text };
    let before = text[..at].trim_end_matches(['(', ' ', '[', '-', ',', ':']);
    // A note follows a complete number; anything else is a character in the middle of one.
    let digits = before.bytes().filter(u8::is_ascii_digit).count();
    let after_has_digits = text[at..].bytes().any(|b| b.is_ascii_digit());
    if digits >= 7 && !after_has_digits { before } else { text }
}

/// Digits of the number proper.
///
/// # Errors
/// [`PhoneFault::NotANumber`] when something else than separators stands among them.
pub(super) fn digits_of(number: &str) -> Result<String, PhoneFault> {
    let mut digits = String::with_capacity(number.len());
    for c in number.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '(' | ')' | '.' | '[' | ']' | '+' | '\'' | '/' | ',' | ':' => {}
            _ => return Err(PhoneFault::NotANumber),
        }
    }
    Ok(digits)
}

/// The texts of the single numbers of a cell.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let separated = text.split(['、', '/', '／', ';', '；', ',', '，', '\n', '\r', '\t', '|', '或', '和']);
    for part in separated.map(fold).filter(|p| !p.is_empty()) {
        let words: Vec<&str> = part.split(' ').collect();
        let complete = |w: &&&str| w.bytes().filter(u8::is_ascii_digit).count() >= 10;
        // Spaces separate numbers only when more than one word is a number by itself.
        if words.iter().filter(complete).count() > 1 {
            let numbers = words.iter().filter(|w| w.bytes().any(|b| b.is_ascii_digit()));
            parts.extend(numbers.map(|w| (*w).to_owned()));
        } else {
            parts.push(part);
        }
    }
    // A word beside a number is a note (`139…/微信`).
    let has_digit = |p: &String| p.bytes().any(|b| b.is_ascii_digit());
    if parts.iter().any(has_digit) {
        parts.retain(has_digit);
    }
    parts
}

/// The Chinese written form: `138 0013 8000`, `0571-8888 1234`, `010-8888 1234`, `400-123-4567`,
/// `+1 2025550123`. Text that is not E.164 is returned as it is.
pub fn display(e164: &str) -> String {
    let Some(digits) = e164.strip_prefix('+').filter(|d| is_digits(d)) else { return e164.to_owned() };
    let Some(national) = digits.strip_prefix("86") else {
        let code = (1..=3).find(|n| digits.get(..*n).is_some_and(super::is_country_code)).unwrap_or(0);
        let (code, rest) = digits.split_at(code);
        return if code.is_empty() { e164.to_owned() } else { format!("+{code} {rest}") };
    };
    let bytes = national.as_bytes();
    match bytes {
        [b'1', b'3'..=b'9', ..] if bytes.len() == 11 => {
            format!("{} {} {}", &national[..3], &national[3..7], &national[7..])
        }
        [b'4' | b'8', b'0', b'0', ..] if bytes.len() == 10 => {
            format!("{}-{}-{}", &national[..3], &national[3..6], &national[6..])
        }
        _ => {
            let dialled = format!("0{national}");
            let area = area_code_len(&dialled);
            let Some(local @ (7 | 8)) = dialled.len().checked_sub(area) else { return e164.to_owned() };
            let middle = area + local - 4;
            format!("{}-{} {}", &dialled[..area], &dialled[area..middle], &dialled[middle..])
        }
    }
}

/// Hides the middle of a shown or canonical number: `138****8000`, `0571-****1234`, `+1 202****0123`.
/// At most the last four digits and the prefix stay; shorter texts are hidden whole.
pub fn mask(display: &str) -> String {
    let shown = if display.starts_with('+') { self::display(display) } else { display.to_owned() };
    let number = shown.split(['转', 'x']).next().unwrap_or_default();
    let (prefix, rest) = match number.split_once('-') {
        Some((area, rest)) if number.len() > 9 => (format!("{area}-"), rest.to_owned()),
        _ => {
            let (country, national) = match number.strip_prefix('+').and_then(|_| number.split_once(' ')) {
                Some((country, national)) => (format!("{country} "), national),
                None => (String::new(), number),
            };
            let digits: String = national.chars().filter(char::is_ascii_digit).collect();
            let shown = if digits.len() > 8 { 3 } else { 0 };
            (format!("{country}{}", &digits[..shown]), digits[shown..].to_owned())
        }
    };
    let hidden: Vec<char> = rest.chars().filter(char::is_ascii_digit).collect();
    let tail = if hidden.len() >= 6 { 4 } else { 0 };
    format!("{prefix}****{}", hidden[hidden.len() - tail..].iter().collect::<String>())
}
