//! Dates and times as people write them in Chinese spreadsheets and notes.
//!
//! Read: `2024-3-5`, `2024/03/05`, `2024.3.5`, `20240305`, `2024年3月5日`, `24-3-5`, `3/25/2024` (only when it can
//! be read in one way), `5 Mar 2024`, `二〇二四年三月五日`, ISO 8601 with time and zone, Excel day numbers (1900
//! system), `3月5日` (of the year of `today`), and words relative to `today` (明天, 下周三, 3天后, 月底).

pub(crate) mod time;
pub(crate) mod words;

use std::fmt;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime};

pub use time::parse_time;

use crate::text::fold;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateFault {
    Empty,
    /// No known way of writing a date.
    NotADate,
    /// Well written, but the calendar has no such day (30 February).
    NoSuchDay,
    /// Day and month could be swapped (`3/5/2024`), or the year stand first or last (`03-05-06`).
    Ambiguous,
    /// Before 1900 or after 2199.
    OutOfRange,
    NotATime,
}

impl DateFault {
    pub fn zh(self) -> &'static str {
        match self {
            Self::Empty => "日期为空",
            Self::NotADate => "不是可识别的日期，请写成 2024-03-05 的形式",
            Self::NoSuchDay => "日历上没有这一天",
            Self::Ambiguous => "年月日的先后有歧义，请写成 2024-03-05 的形式",
            Self::OutOfRange => "日期应在 1900 年至 2199 年之间",
            Self::NotATime => "不是可识别的时间，请写成 15:30 的形式",
        }
    }
}

impl fmt::Display for DateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the date is empty",
            Self::NotADate => "it is not a known form of date; write it as 2024-03-05",
            Self::NoSuchDay => "the calendar has no such day",
            Self::Ambiguous => "the order of year, month and day is unclear; write it as 2024-03-05",
            Self::OutOfRange => "the date must lie between the years 1900 and 2199",
            Self::NotATime => "it is not a known form of time; write it as 15:30",
        })
    }
}

impl std::error::Error for DateFault {}

/// Longer texts are not dates.
const TEXT_CHARS: usize = 48;

/// Reads a date; a time after it is dropped. Years of two digits lie between 79 years before and 20 after
/// `today`.
///
/// # Errors
/// A [`DateFault`].
pub fn parse_date(s: &str, today: NaiveDate) -> Result<NaiveDate, DateFault> {
    let text = prepare(s)?;
    match date_of(&text, today) {
        Err(DateFault::NotADate) => split_time(&text, today).map(|(date, _)| date),
        found => found,
    }
}

/// Reads a date with an optional time (midnight without). A zone in the text (`Z`, `+08:00`) is obeyed;
/// without one the time is local to `offset`. The result is in `offset`.
///
/// # Errors
/// A [`DateFault`].
pub fn parse_datetime(
    s: &str,
    today: NaiveDate,
    offset: FixedOffset,
) -> Result<DateTime<FixedOffset>, DateFault> {
    let text = prepare(s)?;
    let (date, (clock, zone)) = if let Some((date, seconds)) = serial(&text) {
        let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).ok_or(DateFault::NotATime)?;
        (date, (time, None))
    } else {
        match date_of(&text, today) {
            Ok(date) => (date, (NaiveTime::MIN, None)),
            Err(DateFault::NotADate) => split_time(&text, today)?,
            Err(fault) => return Err(fault),
        }
    };
    let local = date.and_time(clock).and_local_timezone(zone.unwrap_or(offset));
    let moment = local.single().ok_or(DateFault::OutOfRange)?;
    Ok(moment.with_timezone(&offset))
}

fn prepare(s: &str) -> Result<String, DateFault> {
    if s.chars().take(TEXT_CHARS + 1).count() > TEXT_CHARS {
        return Err(DateFault::NotADate);
    }
    let text = fold(s);
    let text = text.trim_matches(|c: char| matches!(c, '\'' | '"' | '`' | ' ' | '。' | ',' | '.'));
    if text.is_empty() { Err(DateFault::Empty) } else { Ok(text.to_owned()) }
}

/// A date followed by a time, and the time with its zone.
type Clock = (NaiveTime, Option<FixedOffset>);

fn split_time(text: &str, today: NaiveDate) -> Result<(NaiveDate, Clock), DateFault> {
    let mut before = None;
    let mut fault = DateFault::NotADate;
    for (at, c) in text.char_indices() {
        // A number is not cut in two.
        let inside_number = before.is_some_and(|b: char| b.is_ascii_digit()) && c.is_ascii_digit();
        before = Some(c);
        if at == 0 || inside_number {
            continue;
        }
        let (date, clock) = text.split_at(at);
        let Some(clock) = time::clock_of(clock) else { continue };
        match date_of(date.trim_end_matches([' ', ',', 't']), today) {
            Ok(date) => return Ok((date, clock)),
            Err(DateFault::NotADate) => {}
            Err(other) => fault = other,
        }
    }
    Err(fault)
}

fn date_of(text: &str, today: NaiveDate) -> Result<NaiveDate, DateFault> {
    let text = without_weekday(text);
    if let Some(date) = words::relative(text, today) {
        return in_range(date);
    }
    if let Some((date, _)) = serial(text) {
        return in_range(date);
    }
    let arabic = words::arabic(text);
    if let Some([day, month, year]) = english(&arabic) {
        return build(full_year(year, today), month, day);
    }
    let separator =
        |c: char| matches!(c, '-' | '/' | '.' | '年' | '月' | '日' | '号' | ' ' | ',' | '–' | '—' | '−');
    if !arabic.chars().all(|c| c.is_ascii_digit() || separator(c)) {
        return Err(DateFault::NotADate);
    }
    let parts: Vec<&str> = arabic.split(separator).filter(|p| !p.is_empty()).collect();
    let number = |s: &str| s.parse::<u32>().map_err(|_| DateFault::NotADate);
    match parts[..] {
        [all] if all.len() == 8 && arabic == all => {
            build(number(&all[..4])?, number(&all[4..6])?, number(&all[6..])?)
        }
        [month, day] if arabic.contains('月') && !arabic.contains('年') => {
            build(today.year().unsigned_abs(), number(month)?, number(day)?)
        }
        [a, b, c] if a.len() == 4 && b.len() <= 2 && c.len() <= 2 => {
            build(number(a)?, number(b)?, number(c)?)
        }
        [a, b, c] if a.len() <= 2 && b.len() <= 2 && c.len() == 4 && !arabic.contains(['年', '月', '日']) => {
            western(number(a)?, number(b)?, number(c)?)
        }
        [a, b, c] if a.len() <= 2 && b.len() <= 2 && c.len() <= 2 => {
            let (a, b, c) = (number(a)?, number(b)?, number(c)?);
            if a <= 12 && !arabic.contains('年') {
                return Err(DateFault::Ambiguous);
            }
            build(full_year(a, today), b, c)
        }
        _ => Err(DateFault::NotADate),
    }
}

fn build(year: u32, month: u32, day: u32) -> Result<NaiveDate, DateFault> {
    let year = i32::try_from(year).map_err(|_| DateFault::OutOfRange)?;
    in_range(NaiveDate::from_ymd_opt(year, month, day).ok_or(DateFault::NoSuchDay)?)
}

fn in_range(date: NaiveDate) -> Result<NaiveDate, DateFault> {
    if (1900..=2199).contains(&date.year()) { Ok(date) } else { Err(DateFault::OutOfRange) }
}

/// Month and day before the year: American or European, if only one of them is possible.
fn western(a: u32, b: u32, year: u32) -> Result<NaiveDate, DateFault> {
    match (a, b) {
        _ if a > 12 && b > 12 => Err(DateFault::NoSuchDay),
        _ if a > 12 => build(year, b, a),
        _ if b > 12 || a == b => build(year, a, b),
        _ => Err(DateFault::Ambiguous),
    }
}

fn full_year(year: u32, today: NaiveDate) -> u32 {
    if year >= 100 {
        return year;
    }
    let this = today.year().unsigned_abs();
    let near = this / 100 * 100 + year;
    if near > this + 20 { near - 100 } else { near }
}

/// `2024-03-05(周二)`, `2024年3月5日 星期二`.
fn without_weekday(text: &str) -> &str {
    let at = text.find(['(', '星', '周', '礼']).filter(|at| text[..*at].bytes().any(|b| b.is_ascii_digit()));
    let Some(at) = at else { return text };
    let is_note =
        text[at..].trim_matches(['(', ')', ' ']).strip_prefix(['星', '周', '礼']).is_some_and(|day| {
            day.chars().count() <= 2 && day.ends_with(['一', '二', '三', '四', '五', '六', '日', '天'])
        });
    if is_note { text[..at].trim_end() } else { text }
}

/// Excel's day number in the 1900 system (day 1 is 1900-01-01; Excel believes in 29 February 1900, so
/// numbers from 61 on count from 1899-12-30) and the seconds of its fraction. Only numbers of five digits,
/// 1927 to 2173, are taken for one.
fn serial(text: &str) -> Option<(NaiveDate, u32)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |s: &str| !s.is_empty() && s.len() <= 16 && s.bytes().all(|b| b.is_ascii_digit());
    if whole.len() != 5 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let days = whole.parse::<u64>().ok().filter(|d| *d >= 10_000)?;
    let date = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))?;
    let part: f64 = format!("0.{fraction}").parse().ok()?;
    // The fraction is below one, so the product fits.
    let seconds = (part * 86_400.0).round() as u32;
    Some((date, seconds.min(86_399)))
}

pub(crate) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Day, month and year of `5 mar 2024`, `mar 5, 2024`, `5-mar-24`, `march 5th, 2024`.
fn english(text: &str) -> Option<[u32; 3]> {
    let parts: Vec<&str> = text.split([' ', ',', '-', '/', '.']).filter(|p| !p.is_empty()).collect();
    let [a, b, year] = parts[..] else { return None };
    let month = |s: &str| {
        let named = |m: &&str| s.len() >= 3 && (m.starts_with(s) || s == "sept" && *m == "september");
        MONTHS.iter().position(named).and_then(|at| u32::try_from(at + 1).ok())
    };
    let day = |s: &str| {
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|e| s.strip_suffix(e)).unwrap_or(s);
        digits.parse::<u32>().ok().filter(|_| digits.len() <= 2)
    };
    let year = year.parse().ok().filter(|_| matches!(year.len(), 2 | 4))?;
    match (day(a), month(b), month(a), day(b)) {
        (Some(day), Some(month), ..) | (_, _, Some(month), Some(day)) => Some([day, month, year]),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
