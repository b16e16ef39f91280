//! What depends on who asks and when: resolved once per request, never cached.

use crate::text::Lang;
use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// A day that has neither been lengthened nor shortened, in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// The person, the time and the place of one request.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Milliseconds since 1970-01-01 UTC.
    pub now: i64,
    /// The company's time zone.
    pub zone: Tz,
    pub lang: Lang,
    /// The caller's user id; 0 for the system.
    pub me: i64,
    /// The caller's department and every department below it, its own first; empty when there is none.
    pub departments: Vec<i64>,
}

impl Moment {
    pub fn today(&self) -> NaiveDate {
        self.local(self.now).date()
    }

    /// The wall clock of the company at an instant.
    pub fn local(&self, at: i64) -> NaiveDateTime {
        wall_clock(self.zone, at)
    }

    /// The instant of a wall-clock time of the company. A time skipped by a change of the clock counts as the first moment after
    /// it, a time that happens twice as the earlier one.
    pub fn instant(&self, local: NaiveDateTime) -> i64 {
        instant(self.zone, local)
    }

    /// The first instant of a day.
    pub fn midnight(&self, day: NaiveDate) -> i64 {
        self.instant(day.and_hms_opt(0, 0, 0).unwrap_or_default())
    }
}

/// What clocks of a zone show at an instant.
pub fn wall_clock(zone: Tz, at: i64) -> NaiveDateTime {
    DateTime::<Utc>::from_timestamp_millis(at).unwrap_or_default().with_timezone(&zone).naive_local()
}

/// See [`Moment::instant`].
pub fn instant(zone: Tz, local: NaiveDateTime) -> i64 {
    let mut local = local;
    for _ in 0..8 {
        if let Some(at) = zone.from_local_datetime(&local).earliest() {
            return at.timestamp_millis();
        }
        local += Duration::minutes(30);
    }
    local.and_utc().timestamp_millis()
}

const EPOCH_FROM_CE: i32 = 719_163;

/// Days since 1970-01-01.
pub fn day_number(day: NaiveDate) -> i64 {
    i64::from(day.num_days_from_ce() - EPOCH_FROM_CE)
}

/// The day with this number; none outside the years a date can hold.
pub fn day_from_number(number: i64) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(number).ok()?.checked_add(EPOCH_FROM_CE)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        let day = NaiveDate::from_ymd_opt(1970, 1, 2).unwrap();
        assert_eq!(day_number(day), 1);
        assert_eq!(day_from_number(1), Some(day));
        assert_eq!(day_from_number(i64::MAX), None);
    }

    #[test]
    fn a_day_of_the_company_begins_at_its_own_midnight() {
        let moment = Moment {
            now: 1_732_203_000_000,
            zone: chrono_tz::Asia::Shanghai,
            lang: Lang::Zh,
            me: 1,
            departments: vec![],
        };
        // 2024-11-21 15:30 UTC is 23:30 in Shanghai, still the same day.
        assert_eq!(moment.today().to_string(), "2024-11-21");
        assert_eq!(moment.midnight(moment.today()), 1_732_118_400_000);
    }
}
