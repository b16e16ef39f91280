//! Days and times as offsets from today, written as docs/interface.md asks. China keeps one time, UTC+8, all year.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

/// Working hours in Beijing: 08:30 to 18:00, in minutes of the day. All lie in the same UTC day.
pub(super) const OPENING: i64 = 510;
pub(super) const CLOSING: i64 = 1_080;
const BEIJING: i64 = 480;

/// The day that the invented history ends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    pub today: NaiveDate,
}

fn digits(text: &mut String, value: u32, width: u32) {
    for place in (0..width).rev() {
        text.push(char::from(b'0' + (value / 10u32.pow(place) % 10) as u8));
    }
}

impl Calendar {
    /// The day so many days ago; negative numbers lie ahead.
    pub fn day(self, ago: i64) -> NaiveDate {
        let days = Days::new(ago.unsigned_abs());
        if ago >= 0 { self.today - days } else { self.today + days }
    }

    /// The same day, or the Friday before when it is a weekend.
    pub fn workday(self, ago: i64) -> i64 {
        ago + match self.day(ago).weekday() {
            Weekday::Sat => 1,
            Weekday::Sun => 2,
            _ => 0,
        }
    }

    /// `2026-11-21`
    pub fn date(self, ago: i64) -> String {
        let day = self.day(ago);
        let mut text = String::with_capacity(20);
        digits(&mut text, day.year().unsigned_abs(), 4);
        text.push('-');
        digits(&mut text, day.month(), 2);
        text.push('-');
        digits(&mut text, day.day(), 2);
        text
    }

    /// `2026-11-21T06:30:00Z` for a minute of the day in Beijing, from 08:00 on.
    pub fn time(self, ago: i64, minute: i64) -> String {
        let utc = (minute - BEIJING).clamp(0, 1_439) as u32;
        let mut text = self.date(ago);
        text.push('T');
        digits(&mut text, utc / 60, 2);
        text.push(':');
        digits(&mut text, utc % 60, 2);
        text.push_str(":00Z");
        text
    }

    /// The same as [`Calendar::time`] for programs.
    pub fn instant(self, ago: i64, minute: i64) -> DateTime<Utc> {
        self.day(ago).and_time(NaiveTime::MIN).and_utc()
            + TimeDelta::minutes((minute - BEIJING).clamp(0, 1_439))
    }
}

#[cfg(test)]
mod tests {
    use super::Calendar;
    use chrono::NaiveDate;

    #[test]
    fn written_times_are_utc_and_agree_with_the_instant() {
        let calendar = Calendar { today: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() };
        assert_eq!(calendar.time(0, 14 * 60 + 30), "2026-03-01T06:30:00Z");
        assert_eq!(calendar.date(1), "2026-02-28");
        assert_eq!(calendar.date(-31), "2026-04-01");
        assert_eq!(calendar.instant(1, 540).to_rfc3339(), "2026-02-28T01:00:00+00:00");
        // 2026-03-01 is a Sunday.
        assert_eq!(calendar.workday(0), 2);
    }
}
