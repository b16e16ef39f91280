//! The time in a clause: a day, an hour, or both, wherever they stand.

mod english;

use std::ops::Range;

use chrono::{Datelike, Days, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use crate::date::{parse_date, time, words};

pub(super) struct When {
    pub at: NaiveDateTime,
    /// Whether an hour or a part of the day was said.
    pub timed: bool,
    /// The characters that say it.
    pub parts: Vec<Range<usize>>,
}

/// A day, with the hour that its word implies (今晚).
struct Day {
    range: Range<usize>,
    date: NaiveDate,
    time: Option<NaiveTime>,
}

struct Clock {
    range: Range<usize>,
    time: NaiveTime,
}

const MORNING: u32 = 9;
/// The longest way of writing a day: 二〇二六年十二月二十三日.
const DAY_CHARS: usize = 12;
const CLOCK_CHARS: usize = 9;

/// The time that a clause speaks of; the first that isn't past, if there are several. `ahead`: a bare weekday or day of the month that
/// has passed is the next one.
pub(super) fn find(chars: &[char], now: NaiveDateTime, ahead: bool) -> Option<When> {
    if let Some((range, at)) = distance(chars, now) {
        return Some(When { at, timed: true, parts: vec![widened(chars, range)] });
    }
    let mut days = days(chars, now.date(), ahead);
    let told = days.len();
    days.retain(|day| day.date >= now.date());
    let day = days.into_iter().next();
    if day.is_none() && told > 0 {
        return None;
    }
    let clock = clock(chars, day.as_ref());
    let time = clock.as_ref().map(|clock| clock.time).or(day.as_ref().and_then(|day| day.time));
    let date = match (&day, time) {
        (Some(day), _) => day.date,
        (None, Some(time)) if time > now.time() || !ahead => now.date(),
        // 9点开会, said in the afternoon. A part of the day alone is today's.
        (None, Some(_)) if clock.as_ref().is_some_and(|clock| !is_part_of_day(chars, clock)) => {
            now.date().succ_opt()?
        }
        _ => return None,
    };
    let mut parts: Vec<Range<usize>> = day.map(|day| day.range).into_iter().collect();
    parts.extend(clock.map(|clock| clock.range));
    parts.sort_by_key(|part| part.start);
    let joined = join(chars, parts);
    let parts = joined.into_iter().map(|part| widened(chars, part)).collect();
    Some(When { at: date.and_time(time.unwrap_or_else(|| hour(MORNING))), timed: time.is_some(), parts })
}

fn hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}

/// Parts with nothing but a space or 的 between them are one.
fn join(chars: &[char], parts: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for part in parts {
        match joined.last_mut() {
            Some(last)
                if part.start >= last.end
                    && chars[last.end..part.start].iter().all(|c| matches!(c, ' ' | '的')) =>
            {
                last.end = part.end;
            }
            _ => joined.push(part),
        }
    }
    joined
}

/// Takes in the words that belong to a time: 在…, …之前, by …
fn widened(chars: &[char], part: Range<usize>) -> Range<usize> {
    const AFTER: [&str; 12] =
        ["之前", "以前", "前后", "前", "左右", "之内", "以内", "内", "那天", "的时候", "时候", "的"];
    const BEFORE: [&str; 9] = ["等到", "在", "于", "等", "on ", "by ", "at ", "before ", "around "];
    let (mut start, mut end) = (part.start, part.end);
    let ends = |end: usize, word: &str| {
        let word: Vec<char> = word.chars().collect();
        end >= word.len() && chars[end - word.len()..end] == word[..]
    };
    if let Some(word) = AFTER.iter().find(|word| at(chars, end, word)) {
        end += word.chars().count();
    }
    if let Some(word) = BEFORE.iter().find(|word| ends(start, word)) {
        start -= word.chars().count();
    }
    start..end
}

fn at(chars: &[char], from: usize, word: &str) -> bool {
    let word: Vec<char> = word.chars().collect();
    chars.get(from..from + word.len()).is_some_and(|found| found == &word[..])
}

/// 半小时后, 2个小时后, 30分钟后, in 2 hours.
fn distance(chars: &[char], now: NaiveDateTime) -> Option<(Range<usize>, NaiveDateTime)> {
    if let Some((range, minutes)) = english::distance(chars) {
        return Some((range, now + Duration::minutes(minutes)));
    }
    for start in 0..chars.len() {
        for length in (3..=8).rev() {
            let Some(part) = chars.get(start..start + length) else { continue };
            let text: String = part.iter().collect();
            let Some(amount) = ["以后", "之后", "后"].iter().find_map(|word| text.strip_suffix(word))
            else {
                continue;
            };
            let minutes = if amount == "半小时" || amount == "半个小时" {
                Some(30)
            } else {
                let units = [("个小时", 60), ("小时", 60), ("分钟", 1)];
                units.iter().find_map(|(unit, minutes)| Some(count(amount.strip_suffix(unit)?)? * minutes))
            };
            if let Some(minutes) = minutes.filter(|minutes| *minutes <= 7 * 24 * 60) {
                return Some((start..start + length, now + Duration::minutes(minutes)));
            }
        }
    }
    None
}

/// A number in digits or Chinese numerals.
fn count(text: &str) -> Option<i64> {
    words::arabic(&text.replace('两', "二")).trim().parse().ok().filter(|number| (1..=1000).contains(number))
}

/// Every day that is named, from left to right.
fn days(chars: &[char], today: NaiveDate, ahead: bool) -> Vec<Day> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < chars.len() {
        match chinese(chars, start, today, ahead).or_else(|| english::day(chars, start, today)) {
            Some(day) => {
                start = day.range.end;
                found.push(day);
            }
            None => start += 1,
        }
    }
    found
}

fn chinese(chars: &[char], start: usize, today: NaiveDate, ahead: bool) -> Option<Day> {
    (2..=DAY_CHARS).rev().find_map(|length| {
        let text: String = chars.get(start..start + length)?.iter().collect();
        let next = chars.get(start + length);
        let before = start.checked_sub(1).map(|before| chars[before]);
        let (date, time) = if let Some((date, time)) = own_word(&text, today) {
            (date, time)
        } else if let Some(date) = words::relative(&text, today) {
            // 3号楼 is a place, not a day.
            if text.ends_with('号') && next.is_some_and(|c| "楼线门机院厂馆店仓桌展库井路车".contains(*c))
            {
                return None;
            }
            (rolled(&text, date, today, ahead), None)
        } else {
            (written(&text, before, next.copied(), today, ahead)?, None)
        };
        Some(Day { range: start..start + length, date, time })
    })
}

/// A bare weekday or day of the month that has passed is the next one.
fn rolled(text: &str, date: NaiveDate, today: NaiveDate, ahead: bool) -> NaiveDate {
    if date >= today || !ahead {
        return date;
    }
    let next = if text.starts_with(['周', '星', '礼']) {
        date.checked_add_days(Days::new(7))
    } else if text.starts_with(|c: char| c.is_ascii_digit() || "一二三四五六七八九十廿".contains(c))
        && text.ends_with('号')
    {
        date.checked_add_months(Months::new(1))
    } else {
        None
    };
    next.unwrap_or(date)
}

/// Words of plans that a column of a spreadsheet doesn't hold: 明晚, 下周, 本周内, 月初, 过两天, 3天内.
fn own_word(text: &str, today: NaiveDate) -> Option<(NaiveDate, Option<NaiveTime>)> {
    let days = |count: u64| today.checked_add_days(Days::new(count));
    let monday = today.checked_sub_days(Days::new(u64::from(today.weekday().num_days_from_monday())))?;
    let first = |months: u32| today.with_day(1)?.checked_add_months(Months::new(months));
    let evening = Some(hour(19));
    let early = Some(hour(MORNING));
    let found = match text {
        "今晚" | "今天晚上" => (today, evening),
        "明晚" => (days(1)?, evening),
        "明早" | "明天一早" => (days(1)?, early),
        "后天一早" => (days(2)?, early),
        "下周" | "下星期" | "下礼拜" | "下个星期" | "下个礼拜" | "下周初" => {
            (monday.checked_add_days(Days::new(7))?, None)
        }
        "下下周" | "下下个星期" => (monday.checked_add_days(Days::new(14))?, None),
        "本周" | "这周" | "本周内" | "这周内" | "本周底" | "这个星期" => {
            let friday = monday.checked_add_days(Days::new(4))?;
            (friday.max(today), None)
        }
        "下个月" | "下月" | "下月初" | "下个月初" | "月初" => (first(1)?, None),
        "下月中" | "下个月中" | "下月中旬" | "下个月中旬" => (first(1)?.with_day(15)?, None),
        "月中" => {
            let middle = today.with_day(15)?;
            (if middle < today { first(1)?.with_day(15)? } else { middle }, None)
        }
        "过两天" | "过几天" => (days(if text == "过两天" { 2 } else { 3 })?, None),
        _ => {
            let within = text.strip_suffix("天内").or_else(|| text.strip_prefix('过')?.strip_suffix('天'));
            (days(u64::try_from(count(within?)?).ok()?)?, None)
        }
    };
    Some(found)
}

/// 12月1日, 十一月二十五号, 2026-12-01, 12-1, 12/1.
fn written(
    text: &str,
    before: Option<char>,
    next: Option<char>,
    today: NaiveDate,
    ahead: bool,
) -> Option<NaiveDate> {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    if text.contains('月') && text.ends_with(['日', '号']) {
        let date = parse_date(text, today).ok()?;
        // Without a year, one that is long past is next year's.
        let past = !text.contains('年') && ahead && date + Duration::days(30) < today;
        return if past { date.checked_add_months(Months::new(12)) } else { Some(date) };
    }
    let numeric = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '/' | '.'));
    if !numeric || digit(before) || digit(next) || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    match parts[..] {
        [year, _, _] if year.len() == 4 => parse_date(text, today).ok(),
        // 1/3 is rather a third: a month and a day stand by themselves.
        [month, day] if !text.contains('.') && matches!(before, None | Some(' ')) && next != Some('%') => {
            let date = NaiveDate::from_ymd_opt(
                today.year(),
                month.parse().ok()?,
                day.parse().ok().filter(|_| day.len() <= 2)?,
            )?;
            if date + Duration::days(30) < today && ahead {
                date.checked_add_months(Months::new(12))
            } else {
                Some(date)
            }
        }
        _ => None,
    }
}

/// The hour, right after the day if it stands there, else anywhere in the clause.
fn clock(chars: &[char], day: Option<&Day>) -> Option<Clock> {
    let taken = |range: &Range<usize>| {
        day.is_some_and(|day| range.start < day.range.end && day.range.start < range.end)
    };
    let follows = day.map(|day| day.range.end);
    let found: Vec<Clock> = (0..chars.len())
        .filter_map(|start| {
            hour_at(chars, start, follows, day.is_some()).or_else(|| english::clock(chars, start))
        })
        .filter(|clock| !taken(&clock.range))
        .collect();
    let evening = day.and_then(|day| day.time).is_some_and(|time| time >= hour(18));
    let clock = found.into_iter().min_by_key(|clock| (is_part_of_day(chars, clock), clock.range.start))?;
    // 今晚8点
    let late = evening && clock.time < hour(12) && !is_part_of_day(chars, &clock);
    Some(if late { Clock { time: clock.time + Duration::hours(12), ..clock } } else { clock })
}

const PARTS_OF_DAY: [(&str, u32); 8] = [
    ("上午", 9),
    ("早上", 9),
    ("中午", 12),
    ("下午", 14),
    ("傍晚", 18),
    ("晚上", 19),
    ("一早", 9),
    ("早晨", 9),
];

fn is_part_of_day(chars: &[char], clock: &Clock) -> bool {
    chars[clock.range.clone()].iter().all(|c| !c.is_ascii_digit() && !matches!(c, '点' | '时'))
}

fn hour_at(chars: &[char], start: usize, follows: Option<usize>, on_a_day: bool) -> Option<Clock> {
    let before = start.checked_sub(1).map(|before| chars[before]);
    if before.is_some_and(|c| c.is_ascii_digit() || matches!(c, ':' | '.')) {
        return None;
    }
    for length in (2..=CLOCK_CHARS).rev() {
        let Some(part) = chars.get(start..start + length) else { continue };
        let next = chars.get(start + length);
        if !part.iter().any(|c| matches!(c, '点' | '时' | ':'))
            || next.is_some_and(char::is_ascii_digit)
            || part.contains(&' ')
        {
            continue;
        }
        let text: String = part.iter().collect();
        let Some((time, None)) = time::clock_of(&text) else { continue };
        let halved = PARTS_OF_DAY.iter().any(|(word, _)| text.starts_with(word)) || text.starts_with("凌晨");
        let placed = halved || follows == Some(start);
        // 快一点, 有两点要求
        let degree = text.ends_with("一点") && !placed;
        let points = !halved && !on_a_day && next.is_some_and(|c| "要意建问原需说内关想".contains(*c));
        if degree || points {
            continue;
        }
        let vague = !halved && !text.starts_with(['早', '晚']);
        return Some(Clock {
            range: start..start + length,
            time: if vague { of_a_working_day(time) } else { time },
        });
    }
    let (word, at_hour) = PARTS_OF_DAY.iter().find(|(word, _)| at(chars, start, word))?;
    Some(Clock { range: start..start + word.chars().count(), time: hour(*at_hour) })
}

/// 3点 is 15:00; nobody plans a visit for three in the morning.
fn of_a_working_day(time: NaiveTime) -> NaiveTime {
    if time >= hour(1) && time < hour(7) { time + Duration::hours(12) } else { time }
}

fn next_weekday(today: NaiveDate, day: Weekday, week: i64) -> Option<NaiveDate> {
    let distance = i64::from(day.num_days_from_monday()) - i64::from(today.weekday().num_days_from_monday());
    let distance = if week > 0 { distance + 7 * week } else { distance.rem_euclid(7) };
    today.checked_add_signed(Duration::days(distance))
}
