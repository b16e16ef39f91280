use chrono::TimeZone;
use proptest::prelude::*;

use super::*;

/// A Thursday.
fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 5).unwrap()
}

fn read(text: &str) -> String {
    parse_date(text, today()).map_or_else(|f| format!("{f:?}"), |d| d.to_string())
}

#[test]
fn written_dates_are_read() {
    for text in [
        "2024-3-5",
        "2024-03-05",
        "2024/03/05",
        "2024/3/5",
        "2024.3.5",
        "2024.03.05.",
        "20240305",
        "2024年3月5日",
        "2024年03月05号",
        "2024 年 3 月 5 日",
        "24-3-5",
        "24年3月5日",
        "24.3.5",
        "5 Mar 2024",
        "5-Mar-24",
        "March 5, 2024",
        "Mar 5th 2024",
        "二〇二四年三月五日",
        "二○二四年三月五日",
        "二零二四年3月5日",
        "２０２４－０３－０５",
        "2024-03-05 15:30",
        "2024-03-05T15:30:00Z",
        "2024-03-05T15:30:00.123+08:00",
        "2024/3/5 下午3点",
        "45356",
        "45356.0",
        "45356.75",
        "'2024-03-05",
        "2024-03-05(周二)",
        "2024年3月5日 星期二",
        "2024-03-05 00:00:00",
    ] {
        assert_eq!(read(text), "2024-03-05", "{text}");
    }
    for (text, expected) in [
        ("3/25/2024", "2024-03-25"),
        ("25/3/2024", "2024-03-25"),
        ("5/5/2024", "2024-05-05"),
        ("3/5/2024", "Ambiguous"),
        ("03-05-06", "Ambiguous"),
        ("98-3-5", "1998-03-05"),
        ("3月5日", "2026-03-05"),
        ("十二月二十三日", "2026-12-23"),
        ("二〇二四年十二月卅一日", "2024-12-31"),
        ("2024-02-30", "NoSuchDay"),
        ("2024-13-01", "NoSuchDay"),
        ("20241301", "NoSuchDay"),
        ("13/13/2024", "NoSuchDay"),
        ("1024-01-01", "OutOfRange"),
        ("2024年3月", "NotADate"),
        ("2024-03", "NotADate"),
        ("待定", "NotADate"),
        ("13912345670", "NotADate"),
        ("3.5", "NotADate"),
        ("", "Empty"),
        ("  ", "Empty"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn words_relative_to_today_are_read() {
    for (text, expected) in [
        ("今天", "2026-03-05"),
        ("昨天", "2026-03-04"),
        ("明天", "2026-03-06"),
        ("大后天", "2026-03-08"),
        ("下周三", "2026-03-11"),
        ("下星期三", "2026-03-11"),
        ("周五", "2026-03-06"),
        ("本周日", "2026-03-08"),
        ("上周一", "2026-02-23"),
        ("下下周一", "2026-03-16"),
        ("3天后", "2026-03-08"),
        ("两周后", "2026-03-19"),
        ("一个月后", "2026-04-05"),
        ("半年前", "2025-09-05"),
        ("月底", "2026-03-31"),
        ("下月底", "2026-04-30"),
        ("下个月5号", "2026-04-05"),
        ("15号", "2026-03-15"),
        ("年底", "2026-12-31"),
        ("明天下午3点", "2026-03-06"),
        ("下周三 10:00", "2026-03-11"),
        ("Tomorrow", "2026-03-06"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn times_of_day_are_read() {
    for (text, expected) in [
        ("15:30", "15:30:00"),
        ("9:05:07", "09:05:07"),
        ("上午9点半", "09:30:00"),
        ("下午3点", "15:00:00"),
        ("下午三点一刻", "15:15:00"),
        ("晚上8点20分", "20:20:00"),
        ("中午12点", "12:00:00"),
        ("中午1点", "13:00:00"),
        ("凌晨2点", "02:00:00"),
        ("下午15:30", "15:30:00"),
        ("两点", "02:00:00"),
        ("十点整", "10:00:00"),
        ("3:30pm", "15:30:00"),
        ("3 PM", "15:00:00"),
        ("12:10 am", "00:10:00"),
        ("15：30", "15:30:00"),
    ] {
        assert_eq!(parse_time(text).map(|t| t.to_string()).as_deref(), Ok(expected), "{text}");
    }
    for text in ["25:00", "9", "上午", "下午25点", "abc", "12:60"] {
        assert_eq!(parse_time(text), Err(DateFault::NotATime), "{text}");
    }
}

#[test]
fn moments_are_local_unless_they_name_a_zone() {
    let beijing = FixedOffset::east_opt(8 * 3600).unwrap();
    let at = |h, m| beijing.with_ymd_and_hms(2024, 3, 5, h, m, 0).unwrap();
    for (text, expected) in [
        ("2024-03-05 15:30", at(15, 30)),
        ("2024-03-05T15:30:00", at(15, 30)),
        ("2024-03-05T07:30:00Z", at(15, 30)),
        ("2024-03-05T07:30:00+00:00", at(15, 30)),
        ("2024-03-05 02:30:00 -0500", at(15, 30)),
        ("2024年3月5日下午3点半", at(15, 30)),
        ("2024/3/5 3:30 PM", at(15, 30)),
        ("45356.645833333336", at(15, 30)),
        ("2024-03-05", at(0, 0)),
    ] {
        assert_eq!(parse_datetime(text, today(), beijing), Ok(expected), "{text}");
    }
    assert_eq!(parse_datetime("2024-02-30 10:00", today(), beijing), Err(DateFault::NoSuchDay));
}

proptest! {
    #[test]
    fn any_text_is_safe_and_dates_read_back(
        s in "\\PC{0,20}|[0-9年月日/.: 一二三十〇廿上下周午点-]{0,24}", days in -40_000i64..40_000
    ) {
        let beijing = FixedOffset::east_opt(8 * 3600).unwrap();
        let today = today() + chrono::Duration::days(days);
        let _ = parse_time(&s);
        let _ = parse_datetime(&s, today, beijing);
        if let Ok(date) = parse_date(&s, today) {
            prop_assert_eq!(parse_date(&date.to_string(), today), Ok(date));
        }
    }
}
