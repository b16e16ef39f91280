//! What has a shape of its own: mail and web addresses, credit codes, phone numbers, WeChat ids.

use super::{Reader, Role, role_of};
use crate::{credit_code, email, phone, url};
use std::ops::Range;

pub(super) fn read(reader: &mut Reader<'_>) {
    emails(reader);
    websites(reader);
    codes(reader);
    chat_ids(reader);
    phones(reader);
    same_as_phone(reader);
}

/// Grows a range to both sides while the characters fit.
fn grow(
    chars: &[char],
    at: usize,
    left: impl Fn(char) -> bool,
    right: impl Fn(char) -> bool,
) -> Range<usize> {
    let start = at - chars[..at].iter().rev().take_while(|c| left(**c)).count();
    let end = at + chars[at..].iter().take_while(|c| right(**c)).count();
    start..end
}

fn emails(reader: &mut Reader<'_>) {
    let chars = &reader.source.chars;
    for at in (0..chars.len()).filter(|at| chars[*at] == '@') {
        let local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
        let domain = |c: char| c.is_ascii_alphanumeric() || ".-@".contains(c);
        let range = grow(chars, at, local, domain);
        let range = reader.source.trimmed(range);
        let text: String = chars[range.clone()].iter().collect();
        if reader.free(&range) && email::parse(text.trim_end_matches('.')).is_ok() {
            let end = range.end - usize::from(text.ends_with('.'));
            reader.add(Role::Email, range.start..end, 98);
        }
    }
}

/// Endings of names that are meant as web addresses even without `www.`.
const ENDINGS: [&str; 14] = [
    ".com", ".cn", ".net", ".org", ".io", ".cc", ".top", ".vip", ".shop", ".tech", ".hk", ".tw", ".de", ".co",
];

fn websites(reader: &mut Reader<'_>) {
    let chars = &reader.source.chars;
    let part = |c: char| c.is_ascii_alphanumeric() || "-._~/?#=&%:".contains(c);
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_alphanumeric() || reader.used[at] {
            at += 1;
            continue;
        }
        let range = grow(chars, at, |_| false, part);
        at = range.end;
        let text: String = chars[range.clone()].iter().collect();
        let shown = text.trim_end_matches(['.', ':', '/', '-']);
        // A label may be glued to it: `Web:www.example.com`.
        let (skipped, shown) = match shown.split_once(':') {
            Some((label, rest))
                if !rest.starts_with("//") && label.chars().all(|c| c.is_ascii_alphabetic()) =>
            {
                (label.chars().count() + 1, rest)
            }
            _ => (0, shown),
        };
        let lower = shown.to_ascii_lowercase();
        let host = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
        let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default();
        let meant = lower.starts_with("http")
            || lower.starts_with("www.")
            || ENDINGS.iter().any(|e| host.ends_with(e));
        let place = range.start + skipped..range.start + skipped + shown.chars().count();
        if meant && reader.free(&place) && url::parse(shown).is_ok() {
            reader.add(Role::Website, place, 95);
        }
    }
}

fn codes(reader: &mut Reader<'_>) {
    let chars = &reader.source.chars;
    let mut at = 0;
    while at < chars.len() {
        let length = chars[at..].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
        let range = at..at + length;
        if length == 18 && reader.free(&range) {
            let text: String = chars[range.clone()].iter().collect();
            if credit_code::parse(&text).is_ok() {
                reader.add(Role::CreditCode, range, 99);
            }
        }
        at += length.max(1);
    }
}

const CHAT_LABELS: [&str; 8] = ["微信号", "微信id", "微信", "wechatid", "wechat", "weixin", "vx", "wx"];

/// `微信：wx_id1`, `WeChat id: …`: a letter and five to nineteen letters, digits, `_` or `-` (WeChat's own rule), or a mobile number.
fn chat_ids(reader: &mut Reader<'_>) {
    let source = reader.source;
    for at in 0..source.len() {
        let Some(label) = CHAT_LABELS.iter().find(|label| starts_with(&source.plain[at..], label)) else {
            continue;
        };
        let mut from = at + label.chars().count();
        while from < source.len() && " :是为号-】]".contains(source.chars[from]) {
            from += 1;
        }
        let is_id = |c: &&char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let length = source.chars[from..].iter().take_while(is_id).count();
        let range = from..from + length;
        let first = source.chars.get(from).copied().unwrap_or_default();
        let digits = source.chars[range.clone()].iter().all(char::is_ascii_digit);
        let mobile = digits && length == 11 && first == '1';
        if reader.free(&range) && (mobile || (first.is_ascii_alphabetic() && (5..=20).contains(&length))) {
            reader.add(Role::Wechat, range.clone(), 95);
            // The number under 手机/微信 is a phone as well.
            let before: String = source.plain[at.saturating_sub(6)..at].iter().collect();
            if mobile && (before.ends_with('/') || before.ends_with('&')) {
                let value = source.value(range.clone());
                reader.add_value(Role::Mobile, range.clone(), value, 95);
            }
            reader.mark(at..range.end);
        }
    }
}

pub(super) fn starts_with(chars: &[char], word: &str) -> bool {
    let mut rest = chars.iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

/// Numbers after these are no phones of anybody's.
const OTHER_NUMBERS: [&str; 18] = [
    "传真",
    "fax",
    "f",
    "账号",
    "帐号",
    "账户",
    "开户行及账号",
    "qq",
    "邮编",
    "zip",
    "编号",
    "单号",
    "订单号",
    "合同号",
    "身份证",
    "身份证号",
    "postcode",
    "卡号",
];

fn phones(reader: &mut Reader<'_>) {
    let source = reader.source;
    let chars = &source.chars;
    let mut at = 0;
    while at < chars.len() {
        let opens = chars[at].is_ascii_digit()
            || (matches!(chars[at], '+' | '(')
                && chars.get(at + 1).is_some_and(|c| c.is_ascii_digit() || *c == '+'));
        let glued = at > 0 && chars[at - 1].is_ascii_alphanumeric();
        if !opens || glued || reader.used[at] {
            at += 1;
            continue;
        }
        let run = number_run(reader, at);
        let Some((range, found)) = longest_number(reader, run.clone()) else {
            // Past this group of digits.
            at += chars[at..run.end].iter().take_while(|c| c.is_ascii_digit()).count().max(1);
            continue;
        };
        at = range.end;
        if other_number(reader, range.start) {
            reader.mark(range);
            continue;
        }
        let confidence = if found.kind == phone::PhoneKind::Mobile { 96 } else { 92 };
        reader.add(role_of(found.kind), range.clone(), confidence);
        if chat_label_before(reader, range.start) {
            let value = found.e164.trim_start_matches("+86").to_owned();
            reader.add_value(Role::Wechat, range, value, 92);
        }
    }
}

/// Digits and what stands among the digits of one number, with an extension behind.
fn number_run(reader: &Reader<'_>, at: usize) -> Range<usize> {
    let chars = &reader.source.chars;
    let fits = |i: usize| !reader.used[i] && (chars[i].is_ascii_digit() || " -()+.".contains(chars[i]));
    let mut end = at + (at..chars.len().min(at + 40)).take_while(|i| fits(*i)).count();
    for mark in ["转", "分机", "ext", "x"] {
        if !starts_with(&reader.source.plain[end..], mark) {
            continue;
        }
        let after = end + mark.chars().count();
        let gap = reader.source.chars[after..].iter().take_while(|c| " .:号".contains(**c)).count();
        let digits = reader.source.chars[after + gap..].iter().take_while(|c| c.is_ascii_digit()).count();
        if (1..=6).contains(&digits) {
            end = after + gap + digits;
        }
        break;
    }
    at..end
}

/// The longest beginning of a run that is a number, cut where groups of digits end.
fn longest_number(reader: &Reader<'_>, run: Range<usize>) -> Option<(Range<usize>, phone::Phone)> {
    let chars = &reader.source.chars;
    let ends = run.clone().rev().filter(|at| {
        chars[*at].is_ascii_digit() && !chars.get(at + 1).is_some_and(|next| next.is_ascii_alphanumeric())
    });
    for last in ends {
        let range = run.start..last + 1;
        let text: String = chars[range.clone()].iter().collect();
        if let Ok(found) = phone::parse(&text) {
            return Some((range, found));
        }
    }
    None
}

/// The letters right before a number, without separators: its label, if it has one.
fn word_before(reader: &Reader<'_>, at: usize) -> String {
    let plain = &reader.source.plain[at.saturating_sub(16)..at];
    let text: String = plain.iter().collect();
    let text = text.rsplit('\n').next().unwrap_or_default();
    text.trim_end_matches([' ', ':', '(', ')', '-', '.', '】', ']']).to_owned()
}

fn other_number(reader: &Reader<'_>, at: usize) -> bool {
    let before = word_before(reader, at);
    OTHER_NUMBERS.iter().any(|label| {
        before
            .strip_suffix(label)
            .is_some_and(|rest| !label.is_ascii() || !rest.ends_with(|c: char| c.is_ascii_alphanumeric()))
    })
}

fn chat_label_before(reader: &Reader<'_>, at: usize) -> bool {
    let before = word_before(reader, at);
    CHAT_LABELS.iter().any(|label| before.ends_with(label))
}

/// 微信同号: the number before it is the WeChat id too.
fn same_as_phone(reader: &mut Reader<'_>) {
    let text = reader.source.plain_text(0..reader.source.len());
    for mark in ["微信同号", "微信同步", "同微信", "微信同手机", "微信同电话", "wechat same"]
    {
        let Some(byte) = text.find(mark) else { continue };
        let at = text[..byte].chars().count();
        let place = at..at + mark.chars().count();
        let before = reader.source.bytes(place.clone()).start;
        let mobile =
            reader.found.iter().rfind(|found| found.role == Role::Mobile && found.span.end <= before);
        if let Some(mobile) = mobile.cloned() {
            reader.found.push(super::Found { role: Role::Wechat, confidence: 90, ..mobile });
        }
        reader.mark(place);
    }
}
