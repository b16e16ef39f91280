//! Times of day: `15:30`, `下午3点`, `上午9点半`, `3pm`.

use chrono::{FixedOffset, NaiveTime};

use super::{Clock, DateFault, words};
use crate::text::fold;

/// Reads a time of day.
///
/// # Errors
/// [`DateFault::Empty`] or [`DateFault::NotATime`].
pub fn parse_time(s: &str) -> Result<NaiveTime, DateFault> {
    if s.chars().take(32).count() == 32 {
        return Err(DateFault::NotATime);
    }
    let text = fold(s);
    if text.is_empty() {
        return Err(DateFault::Empty);
    }
    match clock_of(&text) {
        Some((time, None)) => Ok(time),
        _ => Err(DateFault::NotATime),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Half {
    Morning,
    Noon,
    Afternoon,
}

/// A time with an optional zone in folded text; a leading `t` or space is the separator of ISO 8601.
pub(crate) fn clock_of(text: &str) -> Option<Clock> {
    let text = text.trim_start_matches(' ');
    let text = text.strip_prefix('t').unwrap_or(text).trim();
    let (text, half) = half_of(text);
    let (text, zone) = zone_of(text)?;
    let (hour, minute, second) = numbers(&words::arabic(&text.replace('两', "二")), half.is_some())?;
    let hour = match half {
        None | Some(Half::Morning) if half.is_none() || hour < 12 => hour,
        Some(Half::Morning) if hour == 12 => 0,
        Some(Half::Noon) if hour < 3 => hour + 12,
        Some(Half::Noon | Half::Afternoon) if (12..24).contains(&hour) => hour,
        Some(Half::Noon) if hour >= 11 => hour,
        Some(Half::Afternoon) if (1..12).contains(&hour) => hour + 12,
        _ => return None,
    };
    Some((NaiveTime::from_hms_opt(hour, minute, second)?, zone))
}

fn half_of(text: &str) -> (&str, Option<Half>) {
    const BEFORE: [(&str, Half); 11] = [
        ("上午", Half::Morning),
        ("早上", Half::Morning),
        ("早晨", Half::Morning),
        ("凌晨", Half::Morning),
        ("清晨", Half::Morning),
        ("中午", Half::Noon),
        ("下午", Half::Afternoon),
        ("傍晚", Half::Afternoon),
        ("晚上", Half::Afternoon),
        ("晚", Half::Afternoon),
        ("早", Half::Morning),
    ];
    const AFTER: [(&str, Half); 4] =
        [("am", Half::Morning), ("a.m.", Half::Morning), ("pm", Half::Afternoon), ("p.m.", Half::Afternoon)];
    let before = BEFORE.iter().find_map(|(word, half)| Some((text.strip_prefix(word)?, Some(*half))));
    let after = || AFTER.iter().find_map(|(word, half)| Some((text.strip_suffix(word)?, Some(*half))));
    let (rest, half) = before.or_else(after).unwrap_or((text, None));
    (rest.trim(), half)
}

/// `15:30z`, `15:30+08:00`, `15:30 +0800`; the inner option is the zone, the outer one whether it is valid.
fn zone_of(text: &str) -> Option<(&str, Option<FixedOffset>)> {
    if let Some(rest) = text.strip_suffix('z') {
        return Some((rest.trim_end(), FixedOffset::east_opt(0)));
    }
    let Some(at) = text.rfind(['+', '-']).filter(|at| text[..*at].contains(':')) else {
        return Some((text, None));
    };
    let digits: String = text[at + 1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits[2..].parse().unwrap_or(0);
    let seconds = hours * 3600 + minutes * 60;
    let zone = FixedOffset::east_opt(if text[at..].starts_with('-') { -seconds } else { seconds })?;
    Some((text[..at].trim_end(), Some(zone)))
}

/// Hour, minute and second of `15:30`, `15:30:05.123`, `9点半`, `9点一刻`, `9时5分`, and of a bare hour where the
/// half of the day was said (`3pm`).
fn numbers(text: &str, bare_hour: bool) -> Option<(u32, u32, u32)> {
    let number = |s: &str| -> Option<u32> {
        let plain = (1..=2).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
        s.parse().ok().filter(|_| plain)
    };
    if let Some((hour, rest)) = text.split_once(['点', '时']) {
        let rest = rest.trim_start_matches('钟').trim();
        let minute = match rest {
            "" | "整" => 0,
            "半" => 30,
            "1刻" => 15,
            "3刻" => 45,
            minutes => number(minutes.trim_end_matches('分').trim_start_matches('过'))?,
        };
        return Some((number(hour.trim())?, minute, 0));
    }
    let mut parts = text.split(':');
    let hour = number(parts.next()?.trim())?;
    let Some(minute) = parts.next() else {
        return bare_hour.then_some((hour, 0, 0));
    };
    let second = match parts.next() {
        Some(seconds) => number(seconds.split('.').next()?)?,
        None => 0,
    };
    parts.next().is_none().then_some((hour, number(minute)?, second))
}
