//! How something repeats: a recurrence rule of RFC 5545 §3.3.10, such as `FREQ=WEEKLY;BYDAY=MO`, by the day, week, month or year.
//! `UNTIL` is a day, kept as `20261231`; the time of day is that of the date which repeats.

use super::{FieldKind, Parsed, Storage, explained, normalised, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::text::{Label, Lang};
use crate::value::Value;
use chrono::{NaiveDate, TimeZone as _};
use chrono_tz::Tz;
use rrule::{RRule, Unvalidated};
use serde_json::Value as Json;

pub struct Recurrence;

const LONGEST: usize = 200;
const FREQUENCIES: [&str; 4] = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"];
/// Parts about hours and less, and about days that the library doesn't know: nobody repeats a task by the minute.
const KNOWN: [&str; 9] =
    ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"];
/// Occurrences that are counted before a rule is taken to have ended.
const MOST: u16 = 5_000;

impl FieldKind for Recurrence {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::PRESENCE
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?;
        match read(&typed) {
            Ok(rule) => Ok(normalised(rule.text(), &typed)),
            Err(Label { zh, en }) => Err(explained(field, "format", zh, en)),
        }
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_text().unwrap_or_default().into()
    }

    fn display(&self, value: &Value, _field: &Field, moment: &Moment) -> String {
        let text = value.as_text().unwrap_or_default();
        read(text).map_or_else(|_| text.to_owned(), |rule| rule.words().get(moment.lang).to_owned())
    }

    fn search_text(&self, _value: &Value, _field: &Field) -> Option<String> {
        None
    }
}

/// A rule that is right, in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    /// Everything but its end, in order.
    parts: Vec<(String, String)>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Never,
    After(u32),
    On(NaiveDate),
}

/// Reads and checks a rule.
fn read(typed: &str) -> Result<Rule, Label> {
    let wrong = |zh: String, en: String| Label::new(zh, en);
    let text = typed.trim().to_ascii_uppercase();
    let text = text.strip_prefix("RRULE:").unwrap_or(&text).trim_end_matches(';');
    if text.len() > LONGEST {
        return Err(wrong("重复规则太长".into(), "the rule is too long".into()));
    }
    let (mut parts, mut end): (Vec<(String, String)>, _) = (Vec::new(), End::Never);
    for part in text.split(';') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        if !KNOWN.contains(&name) || value.is_empty() || parts.iter().any(|(known, _)| known == name) {
            return Err(wrong(
                format!("重复规则中的“{part}”无法识别，例如应为 FREQ=WEEKLY;BYDAY=MO"),
                format!("“{part}” can't be read; a rule looks like FREQ=WEEKLY;BYDAY=MO"),
            ));
        }
        match name {
            "COUNT" | "UNTIL" if end != End::Never => {
                return Err(wrong(
                    "重复规则的次数和截止日期只能写一个".into(),
                    "a rule ends after so many times or on a day, not both".into(),
                ));
            }
            "COUNT" => {
                let count = value.parse().ok().filter(|count| (1..=9_999).contains(count));
                end = End::After(count.ok_or_else(|| {
                    wrong("重复次数应为 1 到 9999".into(), "COUNT must be 1 to 9999".into())
                })?);
            }
            "UNTIL" => {
                let day = NaiveDate::parse_from_str(value.get(..8).unwrap_or_default(), "%Y%m%d");
                end = End::On(day.map_err(|_| {
                    wrong("截止日期应写作 20261231".into(), "UNTIL is written 20261231".into())
                })?);
            }
            "INTERVAL" if !value.parse().is_ok_and(|every: u16| (1..=999).contains(&every)) => {
                return Err(wrong("重复间隔应为 1 到 999".into(), "INTERVAL must be 1 to 999".into()));
            }
            _ => parts.push((name.to_owned(), value.to_owned())),
        }
    }
    let rule = Rule { parts, end };
    if !rule.part("FREQ").is_some_and(|frequency| FREQUENCIES.contains(&frequency)) {
        return Err(wrong(
            "重复规则须写明按天、周、月或年重复（FREQ=DAILY、WEEKLY、MONTHLY 或 YEARLY）".into(),
            "a rule repeats by the day, week, month or year (FREQ=DAILY, WEEKLY, MONTHLY or YEARLY)".into(),
        ));
    }
    // What the library says of a rule, it says of its start too: any day does.
    let start = chrono_tz::UTC.with_ymd_and_hms(2024, 1, 1, 9, 0, 0).single();
    let checked =
        start.and_then(|start| rule.of_library()?.validate(start.with_timezone(&rrule::Tz::UTC)).ok());
    match checked {
        Some(_) => Ok(rule),
        None => Err(wrong(
            format!("重复规则“{text}”不成立，请检查间隔、星期和日期"),
            format!("the rule “{text}” can't be; check interval, weekdays and days"),
        )),
    }
}

impl Rule {
    fn part(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Without its end.
    fn body(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
        parts.join(";")
    }

    fn text(&self) -> String {
        let body = self.body();
        match self.end {
            End::Never => body,
            End::After(count) => format!("{body};COUNT={count}"),
            End::On(day) => format!("{body};UNTIL={}", day.format("%Y%m%d")),
        }
    }

    fn of_library(&self) -> Option<RRule<Unvalidated>> {
        self.body().parse().ok()
    }

    fn words(&self) -> Label {
        let n: u32 = self.part("INTERVAL").and_then(|text| text.parse().ok()).unwrap_or(1);
        let (unit_zh, unit_en) = match self.part("FREQ") {
            Some("DAILY") => ("天", "day"),
            Some("WEEKLY") => ("周", "week"),
            Some("MONTHLY") => ("个月", "month"),
            _ => ("年", "year"),
        };
        let days = self.part("BYDAY").map(weekdays);
        let workdays = self.part("BYDAY") == Some("MO,TU,WE,TH,FR") && n == 1;
        let (mut zh, mut en) = match n {
            1 => (format!("每{}", unit_zh.trim_start_matches('个')), format!("every {unit_en}")),
            n => (format!("每 {n} {unit_zh}"), format!("every {n} {unit_en}s")),
        };
        if workdays {
            (zh, en) = ("每周一至周五".into(), "every Monday to Friday".into());
        } else if let Some(Label { zh: days, en: names }) = days {
            zh = if zh == "每周" { format!("每{days}") } else { format!("{zh}的{days}") };
            en = format!("{en} on {names}");
        }
        if let Some(day) = self.part("BYMONTHDAY") {
            let last = day == "-1";
            zh.push_str(&if last { "最后一天".to_owned() } else { format!(" {day} 日") });
            en.push_str(&if last { " on the last day".to_owned() } else { format!(" on day {day}") });
        }
        match self.end {
            End::Never => {}
            End::After(count) => {
                zh.push_str(&format!("，共 {count} 次"));
                en.push_str(&format!(", {count} times"));
            }
            End::On(day) => {
                zh.push_str(&format!("，到 {}", day.format("%Y-%m-%d")));
                en.push_str(&format!(", until {}", day.format("%Y-%m-%d")));
            }
        }
        Label::new(zh, en)
    }
}

/// `MO,WE` in words; `1MO` is the first Monday.
fn weekdays(text: &str) -> Label {
    const NAMES: [(&str, &str, &str); 7] = [
        ("MO", "周一", "Monday"),
        ("TU", "周二", "Tuesday"),
        ("WE", "周三", "Wednesday"),
        ("TH", "周四", "Thursday"),
        ("FR", "周五", "Friday"),
        ("SA", "周六", "Saturday"),
        ("SU", "周日", "Sunday"),
    ];
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for day in text.split(',') {
        let (place, name) = day.split_at(day.len().saturating_sub(2));
        let Some((_, word_zh, word_en)) = NAMES.iter().find(|(code, _, _)| *code == name) else { continue };
        match place.trim_start_matches('+') {
            "" => (zh.push((*word_zh).to_owned()), en.push((*word_en).to_owned())),
            "-1" => (zh.push(format!("最后一个{word_zh}")), en.push(format!("the last {word_en}"))),
            n => (zh.push(format!("第 {n} 个{word_zh}")), en.push(format!("{word_en} no. {n}"))),
        };
    }
    Label::new(zh.join("、"), en.join(", "))
}

/// The next occurrence after `last` and after `now`, and the rule as it goes on from there: what was to come so many times comes fewer times.
/// Both are milliseconds since 1970; the time of day is that of `last` on the clock of `zone`. None when the rule has ended or can't be read.
pub fn next(rule: &str, zone: Tz, last: i64, now: i64) -> Option<(i64, String)> {
    let mut rule = read(rule).ok()?;
    let zone: rrule::Tz = zone.into();
    let at = |ms: i64| zone.timestamp_millis_opt(ms).single();
    let start = at(last)?;
    let set = rule.of_library()?.build(start).ok()?;
    let found = set.clone().after(at(last.max(now) + 1)?).all(1).dates.first().copied()?;
    match rule.end {
        End::Never => {}
        End::On(day) if found.date_naive() > day => return None,
        End::On(_) => {}
        End::After(count) => {
            // With the last one itself, and those that were let go by.
            let passed =
                set.after(at(last + 1)?).before(at(found.timestamp_millis() - 1)?).all(MOST).dates.len();
            let left = count.checked_sub(u32::try_from(passed).ok()? + 1).filter(|left| *left > 0)?;
            rule.end = End::After(left);
        }
    }
    Some((found.timestamp_millis(), rule.text()))
}

/// What a rule says, for messages beside the dictionary.
pub fn words(rule: &str, lang: Lang) -> Option<String> {
    read(rule).ok().map(|rule| rule.words().get(lang).to_owned())
}

#[cfg(test)]
mod tests {
    use super::next;
    use crate::kinds::tests::{fails, reads, shows};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use chrono_tz::Asia::Shanghai;
    use serde_json::json;

    const HOUR: i64 = 3_600_000;
    const DAY: i64 = 24 * HOUR;
    /// Friday, 20 November 2026, ten in the morning in Shanghai.
    const FRIDAY: i64 = 1_795_140_000_000;

    #[test]
    fn rules_are_kept_in_capitals_without_their_name() {
        let field = test_field(FieldType::Recurrence);
        for (typed, kept) in [
            ("freq=daily", "FREQ=DAILY"),
            ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;", "FREQ=WEEKLY;BYDAY=MO,WE"),
            ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3"),
            ("FREQ=YEARLY;UNTIL=20301231T235959Z", "FREQ=YEARLY;UNTIL=20301231"),
        ] {
            assert_eq!(reads(&field, &json!(typed)), json!(kept), "{typed}");
        }
        for wrong in [
            "每周",
            "FREQ=HOURLY",
            "BYDAY=MO",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=3;UNTIL=20261231",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;FREQ=DAILY",
            "FREQ=MONTHLY;BYMONTHDAY=40",
            "FREQ=DAILY;BYHOUR=9",
            "DTSTART:20260101\nRRULE:FREQ=DAILY",
        ] {
            assert_eq!(fails(&field, &json!(wrong)).0, "format", "{wrong}");
        }
    }

    #[test]
    fn a_rule_is_shown_in_words() {
        let field = test_field(FieldType::Recurrence);
        for (rule, zh, en) in [
            ("FREQ=DAILY", "每天", "every day"),
            ("FREQ=WEEKLY;BYDAY=MO,WE", "每周一、周三", "every week on Monday, Wednesday"),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "每周一至周五", "every Monday to Friday"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "每 2 周的周五", "every 2 weeks on Friday"),
            ("FREQ=MONTHLY;BYMONTHDAY=15;COUNT=3", "每月 15 日，共 3 次", "every month on day 15, 3 times"),
            ("FREQ=MONTHLY;BYDAY=1MO", "每月的第 1 个周一", "every month on Monday no. 1"),
            ("FREQ=YEARLY;UNTIL=20301231", "每年，到 2030-12-31", "every year, until 2030-12-31"),
        ] {
            assert_eq!(shows(&field, &json!(rule), Lang::Zh), zh);
            assert_eq!(shows(&field, &json!(rule), Lang::En), en);
        }
    }

    #[test]
    fn the_next_time_is_after_now_and_counts_what_was_let_go_by() {
        let next = |rule: &str, now: i64| next(rule, Shanghai, FRIDAY, now);
        assert_eq!(next("FREQ=WEEKLY", FRIDAY - HOUR), Some((FRIDAY + 7 * DAY, "FREQ=WEEKLY".into())));
        assert_eq!(
            next("FREQ=WEEKLY;BYDAY=MO", FRIDAY),
            Some((FRIDAY + 3 * DAY, "FREQ=WEEKLY;BYDAY=MO".into()))
        );
        assert_eq!(next("FREQ=DAILY;COUNT=5", FRIDAY), Some((FRIDAY + DAY, "FREQ=DAILY;COUNT=4".into())));
        assert_eq!(
            next("FREQ=DAILY;COUNT=5", FRIDAY + 2 * DAY + HOUR),
            Some((FRIDAY + 3 * DAY, "FREQ=DAILY;COUNT=2".into()))
        );
        assert_eq!(next("FREQ=DAILY;COUNT=1", FRIDAY), None);
        assert_eq!(next("FREQ=DAILY;COUNT=3", FRIDAY + 10 * DAY), None);
        assert_eq!(next("FREQ=WEEKLY;UNTIL=20261126", FRIDAY), None);
        assert!(next("FREQ=WEEKLY;UNTIL=20261127", FRIDAY).is_some());
        assert_eq!(next("nonsense", FRIDAY), None);
    }
}
