//! Days and hours in English: tomorrow, next Friday, in two weeks, Nov 25, at 3, 3:30 pm.

use super::{Clock, Day, hour, next_weekday, of_a_working_day};
use crate::date::{MONTHS, time};
use chrono::{Datelike, Days, Duration, Months, NaiveDate, Weekday};
use std::ops::Range;

const LONGEST: usize = 24;
const WEEKDAYS: [(&str, &str, Weekday); 7] = [
    ("monday", "mon", Weekday::Mon),
    ("tuesday", "tue", Weekday::Tue),
    ("wednesday", "wed", Weekday::Wed),
    ("thursday", "thu", Weekday::Thu),
    ("friday", "fri", Weekday::Fri),
    ("saturday", "sat", Weekday::Sat),
    ("sunday", "sun", Weekday::Sun),
];
const NUMBERS: [&str; 11] =
    ["a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// Whole words from a place on, the longest first.
fn phrases(chars: &[char], start: usize) -> impl Iterator<Item = (String, usize)> {
    let inside = start > 0 && chars[start - 1].is_ascii_alphanumeric();
    let most = if inside { 0 } else { LONGEST.min(chars.len() - start) };
    (2..=most).rev().filter_map(move |length| {
        let ends = chars.get(start + length).is_none_or(|next| !next.is_ascii_alphanumeric());
        let part = &chars[start..start + length];
        let whole =
            ends && part.last().is_some_and(char::is_ascii_alphanumeric) && part.iter().all(char::is_ascii);
        whole.then(|| (part.iter().collect(), length))
    })
}

fn number(word: &str) -> Option<u64> {
    if word == "an" {
        return Some(1);
    }
    let spelled = NUMBERS.iter().position(|known| *known == word).map(|at| at.max(1) as u64);
    spelled.or_else(|| word.parse().ok().filter(|number| (1..=1000).contains(number)))
}

pub(super) fn day(chars: &[char], start: usize, today: NaiveDate) -> Option<Day> {
    phrases(chars, start).find_map(|(text, length)| {
        let evening = (text == "tonight").then(|| hour(19));
        Some(Day { range: start..start + length, date: named(&text, today)?, time: evening })
    })
}

fn named(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let days = |count: u64| today.checked_add_days(Days::new(count));
    let first_of_next = || today.with_day(1)?.checked_add_months(Months::new(1));
    match text.strip_prefix("the ").unwrap_or(text) {
        "today" | "tonight" => return Some(today),
        "tomorrow" => return days(1),
        "day after tomorrow" => return days(2),
        "yesterday" => return today.pred_opt(),
        "next week" => return next_weekday(today, Weekday::Mon, 1),
        "next month" => return first_of_next(),
        "this week" | "end of week" | "end of the week" | "end of this week" => {
            return next_weekday(today, Weekday::Fri, 0);
        }
        "end of month" | "end of the month" | "end of this month" => return first_of_next()?.pred_opt(),
        _ => {}
    }
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let weekday = |word: &str| {
        WEEKDAYS.iter().find(|(long, short, _)| word == *long || word == *short).map(|(.., day)| *day)
    };
    match words[..] {
        // sat and sun alone are other words as well
        [day] if day.len() > 3 => next_weekday(today, weekday(day)?, 0),
        ["this" | "on" | "by", day] => next_weekday(today, weekday(day)?, 0),
        ["next", day] => next_weekday(today, weekday(day)?, 1),
        ["last", day] => next_weekday(today, weekday(day)?, 0)?.checked_sub_days(Days::new(7)),
        ["in", count, unit] => match unit.trim_end_matches('s') {
            "day" => days(number(count)?),
            "week" => days(number(count)? * 7),
            "month" => today.checked_add_months(Months::new(u32::try_from(number(count)?).ok()?)),
            _ => None,
        },
        [a, b] => month_and_day(a, b, today).or_else(|| month_and_day(b, a, today)),
        _ => None,
    }
}

/// nov 25, november 25th. Without a year, one that is long past is next year's.
fn month_and_day(month: &str, day: &str, today: NaiveDate) -> Option<NaiveDate> {
    let month = MONTHS.iter().position(|known| *known == month || known[..3] == *month)?;
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| day.strip_suffix(end)).unwrap_or(day);
    let date = NaiveDate::from_ymd_opt(today.year(), u32::try_from(month + 1).ok()?, digits.parse().ok()?)?;
    if date + Duration::days(30) < today { date.checked_add_months(Months::new(12)) } else { Some(date) }
}

/// in 2 hours, in half an hour, in 30 minutes: the minutes.
pub(super) fn distance(chars: &[char]) -> Option<(Range<usize>, i64)> {
    (0..chars.len()).find_map(|start| {
        phrases(chars, start).find_map(|(text, length)| {
            let amount = text.strip_prefix("in ")?;
            let minutes = if amount == "half an hour" {
                30
            } else {
                let (count, unit) = amount.split_once(' ')?;
                let each = match unit.trim_end_matches('s') {
                    "hour" => 60,
                    "minute" | "min" => 1,
                    _ => return None,
                };
                i64::try_from(number(count)?).ok()? * each
            };
            Some((start..start + length, minutes))
        })
    })
}

/// 3pm, 3:30 pm, at 3, at 10:30, morning.
pub(super) fn clock(chars: &[char], start: usize) -> Option<Clock> {
    const PARTS: [(&str, u32); 4] = [("morning", 9), ("noon", 12), ("afternoon", 14), ("evening", 19)];
    phrases(chars, start).find_map(|(text, length)| {
        let range = start..start + length;
        if let Some((_, at)) = PARTS.iter().find(|(word, _)| *word == text) {
            return Some(Clock { range, time: hour(*at) });
        }
        let stated = text.strip_prefix("at ");
        let written = stated.unwrap_or(&text);
        if !written.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let halved = written.ends_with("am") || written.ends_with("pm");
        let bare = stated.filter(|hours| hours.len() <= 2 && !halved);
        let text = bare.map_or_else(|| written.to_owned(), |hours| format!("{hours}:00"));
        if !halved && bare.is_none() && !written.contains(':') {
            return None;
        }
        let (time, None) = time::clock_of(&text)? else { return None };
        Some(Clock { range, time: if halved { time } else { of_a_working_day(time) } })
    })
}
