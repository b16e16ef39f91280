//! Working time: weekly hours, public holidays with make-up days 调休, quiet hours; and how to count in it.
//!
//! Everything is worked out on the wall clock of one time zone and given back as instants (milliseconds since 1970 UTC), so that a change
//! of the clock in between neither adds nor loses working time.

mod arithmetic;
mod holidays;
#[cfg(test)]
mod tests;

pub use holidays::{Holiday, shipped, shipped_years};

use crate::moment::{day_from_number, day_number, instant, wall_clock};
use chrono::{Datelike, Duration, NaiveDate};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;

/// A time of the wall clock in minutes since midnight; `24:00` is the end of the day. Written `"09:00"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// None behind `24:00`.
    pub fn new(hour: u16, minute: u16) -> Option<TimeOfDay> {
        (minute < 60 && hour * 60 + minute <= DAY_MINUTES).then_some(TimeOfDay(hour * 60 + minute))
    }

    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = &'static str;

    fn try_from(text: String) -> Result<TimeOfDay, &'static str> {
        let wrong = "a time of day is written 09:00";
        let (hour, minute) = text.split_once(':').ok_or(wrong)?;
        let number = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u16>().ok().filter(|_| digits).ok_or(wrong)
        };
        TimeOfDay::new(number(hour)?, number(minute)?).ok_or(wrong)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> String {
        format!("{:02}:{:02}", time.0 / 60, time.0 % 60)
    }
}

/// Working hours from one time of day to a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span(pub TimeOfDay, pub TimeOfDay);

/// The hours of each weekday, Monday first. The spans of a day are in order and don't overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "[Vec<Span>; 7]", into = "[Vec<Span>; 7]")]
pub struct Week([Vec<Span>; 7]);

impl Week {
    /// # Errors
    /// Spans that end before they begin or overlap; a week without any working time, in which nothing could ever become due.
    pub fn new(days: [Vec<Span>; 7]) -> Result<Week, &'static str> {
        for day in &days {
            if day.iter().any(|span| span.0 >= span.1) {
                return Err("working hours must end after they begin");
            }
            if day.windows(2).any(|pair| pair[0].1 > pair[1].0) {
                return Err("working hours of a day must be in order and must not overlap");
            }
        }
        if days.iter().all(Vec::is_empty) { Err("a week needs working hours") } else { Ok(Week(days)) }
    }

    fn on(&self, weekday: usize) -> &[Span] {
        self.0.get(weekday).map_or(&[], Vec::as_slice)
    }

    /// What is worked on a make-up day that falls on a free weekday: the hours of the first working day of the week.
    fn usual(&self) -> &[Span] {
        self.0.iter().find(|day| !day.is_empty()).map_or(&[], Vec::as_slice)
    }
}

impl TryFrom<[Vec<Span>; 7]> for Week {
    type Error = &'static str;

    fn try_from(days: [Vec<Span>; 7]) -> Result<Week, &'static str> {
        Week::new(days)
    }
}

impl From<Week> for [Vec<Span>; 7] {
    fn from(week: Week) -> [Vec<Span>; 7] {
        week.0
    }
}

impl Default for Week {
    /// Monday to Friday, 9:00–12:00 and 13:30–18:00.
    fn default() -> Week {
        let day = || vec![Span(TimeOfDay(540), TimeOfDay(720)), Span(TimeOfDay(810), TimeOfDay(1_080))];
        Week([day(), day(), day(), day(), day(), Vec::new(), Vec::new()])
    }
}

/// What a day is beside its weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayKind {
    /// A holiday.
    Off,
    /// A make-up working day 调休.
    Work,
    /// What its weekday says: takes a shipped day back.
    Usual,
}

/// Special days by number since 1970-01-01.
pub type Days = BTreeMap<i64, DayKind>;

/// When nobody is to be disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// From this time of day …
    pub from: TimeOfDay,
    /// … to this one, of the next day when it is not later. The same time twice means no quiet hours.
    pub to: TimeOfDay,
    /// Whether days without work are quiet as a whole.
    pub free_days: bool,
}

impl Default for Quiet {
    /// 20:00 to 8:00, and days without work.
    fn default() -> Quiet {
        Quiet { from: TimeOfDay(1_200), to: TimeOfDay(480), free_days: true }
    }
}

/// The working time of some people: weekly hours, special days, time zone.
#[derive(Clone, Debug)]
pub struct WorkCalendar {
    pub zone: Tz,
    pub week: Week,
    pub days: Arc<Days>,
}

impl WorkCalendar {
    pub fn new(zone: Tz, week: Week, days: Arc<Days>) -> WorkCalendar {
        WorkCalendar { zone, week, days }
    }

    /// The hours worked on a day.
    fn hours(&self, day: NaiveDate) -> &[Span] {
        let usual = self.week.on(day.weekday().num_days_from_monday() as usize);
        match self.days.get(&day_number(day)) {
            Some(DayKind::Off) => &[],
            Some(DayKind::Work) if usual.is_empty() => self.week.usual(),
            _ => usual,
        }
    }

    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        !self.hours(day).is_empty()
    }

    /// The day that an instant falls on.
    pub fn day(&self, at: i64) -> NaiveDate {
        wall_clock(self.zone, at).date()
    }

    /// The instant of a time of a day.
    pub fn at(&self, day: NaiveDate, time: TimeOfDay) -> i64 {
        let midnight = day.and_hms_opt(0, 0, 0).unwrap_or_default();
        instant(self.zone, midnight + Duration::minutes(time.0.into()))
    }

    /// The first instant of a day.
    pub fn midnight(&self, day: NaiveDate) -> i64 {
        self.at(day, TimeOfDay(0))
    }

    /// Working time of a day as pairs of instants, the end not included. Hours that the clock jumps over aren't there.
    fn spans(&self, day: NaiveDate) -> impl DoubleEndedIterator<Item = (i64, i64)> + '_ {
        let spans = self.hours(day).iter().map(move |span| (self.at(day, span.0), self.at(day, span.1)));
        spans.filter(|(from, to)| from < to)
    }

    pub fn is_working(&self, at: i64) -> bool {
        self.spans(self.day(at)).any(|(from, to)| (from..to).contains(&at))
    }

    pub fn is_quiet(&self, quiet: &Quiet, at: i64) -> bool {
        let local = wall_clock(self.zone, at);
        let minute = (local.time() - chrono::NaiveTime::MIN).num_minutes();
        let (from, to) = (i64::from(quiet.from.0), i64::from(quiet.to.0));
        let night = if from < to {
            (from..to).contains(&minute)
        } else {
            from != to && (minute >= from || minute < to)
        };
        night || quiet.free_days && !self.is_working_day(local.date())
    }

    /// The first instant from `at` on that is not quiet.
    pub fn next_loud(&self, quiet: &Quiet, at: i64) -> i64 {
        if !self.is_quiet(quiet, at) {
            return at;
        }
        let mut day = self.day(at);
        for _ in 0..MAX_STEPS {
            let candidates = [self.midnight(day), self.at(day, quiet.to)];
            if let Some(found) =
                candidates.into_iter().filter(|each| *each >= at && !self.is_quiet(quiet, *each)).min()
            {
                return found;
            }
            match day.succ_opt() {
                Some(next) => day = next,
                None => return at,
            }
        }
        at
    }
}

/// Days that are walked at most: ten years. A calendar that somebody filled with holidays must not hang whoever asks.
const MAX_STEPS: i64 = 3_660;

/// The day `count` days later; the last day there is beyond the end of time.
fn later(day: NaiveDate, count: i64) -> NaiveDate {
    day_from_number(day_number(day) + count).unwrap_or(day)
}
