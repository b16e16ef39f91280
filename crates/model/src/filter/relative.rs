//! Times that move with the calendar: the last seven days, this quarter.

use crate::fault::Fault;
use crate::moment::Moment;
use chrono::{Datelike, Days, Months, NaiveDate};
use serde_json::Value as Json;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Period {
    pub fn from_name(name: &str) -> Option<Period> {
        Some(match name {
            "day" => Period::Day,
            "week" => Period::Week,
            "month" => Period::Month,
            "quarter" => Period::Quarter,
            "year" => Period::Year,
            _ => return None,
        })
    }

    /// The first day of the period that holds `day`. Weeks begin on Monday (GB/T 7408, ISO 8601).
    pub fn start(self, day: NaiveDate) -> NaiveDate {
        let first = |month| NaiveDate::from_ymd_opt(day.year(), month, 1).unwrap_or(day);
        match self {
            Period::Day => day,
            Period::Week => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
            Period::Month => first(day.month()),
            Period::Quarter => first((day.month() - 1) / 3 * 3 + 1),
            Period::Year => first(1),
        }
    }

    /// The first day `count` periods after a first day.
    pub fn shift(self, start: NaiveDate, count: i32) -> NaiveDate {
        let months = |each: u32| {
            let months = Months::new(each * count.unsigned_abs());
            if count < 0 { start.checked_sub_months(months) } else { start.checked_add_months(months) }
        };
        let days = |each: u64| {
            let days = Days::new(each * u64::from(count.unsigned_abs()));
            if count < 0 { start.checked_sub_days(days) } else { start.checked_add_days(days) }
        };
        match self {
            Period::Day => days(1),
            Period::Week => days(7),
            Period::Month => months(1),
            Period::Quarter => months(3),
            Period::Year => months(12),
        }
        .unwrap_or(start)
    }
}

/// The operand of `within`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relative {
    /// From the start of the day `n` days ago up to now; hours are counted from now.
    Last {
        hours: i64,
    },
    Next {
        hours: i64,
    },
    This(Period),
    Previous(Period),
    Following(Period),
}

impl Relative {
    /// # Errors
    /// One fault without a field when the operand isn't `{"last":"7d"}`, `{"next":"24h"}`, `{"this":"week"}` and the like.
    pub fn parse(json: &Json) -> Result<Relative, Fault> {
        let fault = || {
            Fault::new(
                "",
                "operand",
                "时间范围应写成 {\"last\":\"7d\"}、{\"next\":\"24h\"} 或 {\"this\":\"month\"}",
                "A time range is written {\"last\":\"7d\"}, {\"next\":\"24h\"} or {\"this\":\"month\"}",
            )
        };
        let members = json.as_object().filter(|members| members.len() == 1).ok_or_else(fault)?;
        let (name, value) = members.iter().next().ok_or_else(fault)?;
        let value = value.as_str().ok_or_else(fault)?;
        let period = || Period::from_name(value).ok_or_else(fault);
        let hours = || {
            let (digits, unit) = value.split_at_checked(value.len().saturating_sub(1)).ok_or_else(fault)?;
            let count: i64 =
                digits.parse().ok().filter(|count| (1..=10_000).contains(count)).ok_or_else(fault)?;
            match unit {
                "h" => Ok(count),
                "d" => Ok(count * 24),
                "w" => Ok(count * 24 * 7),
                _ => Err(fault()),
            }
        };
        Ok(match name.as_str() {
            "last" => Relative::Last { hours: hours()? },
            "next" => Relative::Next { hours: hours()? },
            "this" => Relative::This(period()?),
            "previous" => Relative::Previous(period()?),
            "following" => Relative::Following(period()?),
            _ => return Err(fault()),
        })
    }

    /// First and last instant, both included, in milliseconds. "The last 7 days" reaches back to the company's midnight.
    pub fn instants(self, moment: &Moment) -> (i64, i64) {
        const HOUR: i64 = 3_600_000;
        let today = moment.today();
        let whole = |period: Period, count: i32| {
            let start = period.shift(period.start(today), count);
            (moment.midnight(start), moment.midnight(period.shift(start, 1)) - 1)
        };
        match self {
            Relative::Last { hours } if hours % 24 != 0 => (moment.now - hours * HOUR, moment.now),
            Relative::Next { hours } if hours % 24 != 0 => (moment.now, moment.now + hours * HOUR),
            Relative::Last { hours } => {
                let first = Period::Day.shift(today, -i32::try_from(hours / 24).unwrap_or(i32::MAX));
                (moment.midnight(first), moment.now)
            }
            Relative::Next { hours } => {
                let last =
                    Period::Day.shift(today, i32::try_from(hours / 24).unwrap_or(i32::MAX).saturating_add(1));
                (moment.now, moment.midnight(last) - 1)
            }
            Relative::This(period) => whole(period, 0),
            Relative::Previous(period) => whole(period, -1),
            Relative::Following(period) => whole(period, 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Lang;
    use serde_json::json;

    fn span(operand: Json) -> String {
        // Saturday 2026-11-21 14:30 in Shanghai.
        let moment = Moment {
            now: 1_795_242_600_000,
            zone: chrono_tz::Asia::Shanghai,
            lang: Lang::Zh,
            me: 1,
            departments: vec![],
        };
        let (from, to) = Relative::parse(&operand).unwrap().instants(&moment);
        format!("{} – {}", moment.local(from), moment.local(to))
    }

    #[test]
    fn ranges_follow_the_companys_calendar() {
        insta::assert_snapshot!(span(json!({"last":"7d"})), @"2026-11-14 00:00:00 – 2026-11-21 14:30:00");
        insta::assert_snapshot!(span(json!({"next":"1d"})), @"2026-11-21 14:30:00 – 2026-11-22 23:59:59.999");
        insta::assert_snapshot!(span(json!({"last":"5h"})), @"2026-11-21 09:30:00 – 2026-11-21 14:30:00");
        insta::assert_snapshot!(span(json!({"this":"week"})), @"2026-11-16 00:00:00 – 2026-11-22 23:59:59.999");
        insta::assert_snapshot!(span(json!({"this":"quarter"})), @"2026-10-01 00:00:00 – 2026-12-31 23:59:59.999");
        insta::assert_snapshot!(span(json!({"previous":"month"})), @"2026-10-01 00:00:00 – 2026-10-31 23:59:59.999");
        insta::assert_snapshot!(span(json!({"following":"year"})), @"2027-01-01 00:00:00 – 2027-12-31 23:59:59.999");
    }

    #[test]
    fn anything_else_is_refused() {
        for operand in [
            json!(null),
            json!("7d"),
            json!({"last":"7"}),
            json!({"last":"0d"}),
            json!({"last":"天"}),
            json!({"this":"age"}),
            json!({}),
        ] {
            assert!(Relative::parse(&operand).is_err(), "{operand}");
        }
    }
}
