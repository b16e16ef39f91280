//! Dates relative to today, and Chinese numerals.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// A date in words: 今天, 大后天, 下周三, 周五 (of this week), 3天后, 两周前, 下个月5号, 月底, 年底, today …
pub(crate) fn relative(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    const DAYS: [(&str, i64); 16] = [
        ("今天", 0),
        ("今日", 0),
        ("今晚", 0),
        ("today", 0),
        ("明天", 1),
        ("明日", 1),
        ("明早", 1),
        ("tomorrow", 1),
        ("后天", 2),
        ("后日", 2),
        ("大后天", 3),
        ("昨天", -1),
        ("昨日", -1),
        ("yesterday", -1),
        ("前天", -2),
        ("大前天", -3),
    ];
    if let Some((_, days)) = DAYS.iter().find(|(word, _)| *word == text) {
        return shift_days(today, *days);
    }
    weekday(text, today).or_else(|| distance(text, today)).or_else(|| in_month(text, today))
}

fn shift_days(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let amount = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(amount) } else { date.checked_add_days(amount) }
}

fn shift_months(date: NaiveDate, months: i64) -> Option<NaiveDate> {
    let amount = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 { date.checked_sub_months(amount) } else { date.checked_add_months(amount) }
}

/// Weeks begin on Monday (GB/T 7408).
fn weekday(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    const WEEKS: [(&str, i64); 8] = [
        ("下下", 14),
        ("下个", 7),
        ("下", 7),
        ("上上", -14),
        ("上个", -7),
        ("上", -7),
        ("这个", 0),
        ("这", 0),
    ];
    let (rest, shift) = WEEKS
        .iter()
        .find_map(|(word, days)| Some((text.strip_prefix(word)?, *days)))
        .unwrap_or((text.strip_prefix('本').unwrap_or(text), 0));
    let day = ["星期", "礼拜", "周"].iter().find_map(|word| rest.strip_prefix(word))?;
    let day = match day {
        "一" | "1" => Weekday::Mon,
        "二" | "2" => Weekday::Tue,
        "三" | "3" => Weekday::Wed,
        "四" | "4" => Weekday::Thu,
        "五" | "5" => Weekday::Fri,
        "六" | "6" | "末" => Weekday::Sat,
        "日" | "天" | "7" => Weekday::Sun,
        _ => return None,
    };
    let from_today =
        i64::from(day.num_days_from_monday()) - i64::from(today.weekday().num_days_from_monday());
    shift_days(today, from_today + shift)
}

/// 3天后, 两周前, 一个月以后, 半年后, 一年前.
fn distance(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let (amount, sign) = [("以后", 1), ("之后", 1), ("以前", -1), ("之前", -1), ("后", 1), ("前", -1)]
        .iter()
        .find_map(|(word, sign)| Some((text.strip_suffix(word)?, *sign)))?;
    match amount {
        "半个月" => return shift_days(today, 15 * sign),
        "半年" => return shift_months(today, 6 * sign),
        _ => {}
    }
    let (number, unit) = ["个星期", "个礼拜", "星期", "周", "个月", "天", "日", "年"]
        .iter()
        .find_map(|unit| Some((amount.strip_suffix(unit)?, *unit)))?;
    let number: i64 = arabic(&number.replace('两', "二")).trim().parse().ok().filter(|n| *n <= 10_000)?;
    match unit {
        "天" | "日" => shift_days(today, number * sign),
        "个月" => shift_months(today, number * sign),
        "年" => shift_months(today, number * 12 * sign),
        _ => shift_days(today, number * 7 * sign),
    }
}

/// 月底, 下月底, 年底, 本月15日, 下个月5号, 15号.
fn in_month(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    if let "年底" | "年末" | "今年底" = text {
        return NaiveDate::from_ymd_opt(today.year(), 12, 31);
    }
    const MONTHS: [(&str, i64); 9] = [
        ("下个月", 1),
        ("下月", 1),
        ("上个月", -1),
        ("上月", -1),
        ("这个月", 0),
        ("本月", 0),
        ("这月", 0),
        ("当月", 0),
        ("月", 0),
    ];
    let named = MONTHS.iter().find_map(|(word, shift)| Some((text.strip_prefix(word)?, *shift)));
    let (rest, shift) = named.unwrap_or((text, 0));
    let first = shift_months(today.with_day(1)?, shift)?;
    if named.is_some() && matches!(rest, "底" | "末") {
        return shift_months(first, 1)?.pred_opt();
    }
    let day = rest.strip_suffix('号').or_else(|| rest.strip_suffix('日').filter(|_| named.is_some()))?;
    first.with_day(arabic(day).parse().ok()?)
}

/// Chinese numerals as digits: place by place (二〇二四 → 2024) or with tens (二十三 → 23, 十 → 10, 廿五 → 25).
pub(crate) fn arabic(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(['\0']) {
        if numeral(c).is_some() || matches!(c, '十' | '廿' | '卅') {
            run.push(c);
            continue;
        }
        if !run.is_empty() {
            out.push_str(&value_of(&run));
            run.clear();
        }
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

fn value_of(run: &str) -> String {
    let digits = |s: &str| s.chars().filter_map(numeral).map(|d| d.to_string()).collect::<String>();
    let Some((tens, units)) = run.split_once(['十', '廿', '卅']) else { return digits(run) };
    let tens = match run.chars().nth(tens.chars().count()) {
        Some('廿') => "2".to_owned(),
        Some('卅') => "3".to_owned(),
        _ if tens.is_empty() => "1".to_owned(),
        _ => digits(tens),
    };
    let units = if units.is_empty() { "0".to_owned() } else { digits(units) };
    tens + &units
}

fn numeral(c: char) -> Option<u32> {
    let digits = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let found = match c {
        '零' | '○' => Some(0),
        _ => digits.iter().position(|d| *d == c),
    };
    found.and_then(|at| u32::try_from(at).ok())
}
