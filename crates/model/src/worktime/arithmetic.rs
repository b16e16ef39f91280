//! Counting in working time.

use super::{MAX_STEPS, WorkCalendar, later};
use crate::moment::{instant, wall_clock};
use chrono::NaiveDate;

impl WorkCalendar {
    /// The first working instant from `at` on.
    pub fn next_working(&self, at: i64) -> i64 {
        self.forward_spans(at).next().map_or(at, |(from, _)| from.max(at))
    }

    /// The instant when so much working time (milliseconds) has passed since `at`; a negative amount counts back. Nothing added to
    /// free time is the next working instant.
    pub fn add_working(&self, at: i64, amount: i64) -> i64 {
        if amount < 0 {
            return self.subtract_working(at, -amount);
        }
        let mut left = amount;
        let mut last = at;
        for (from, to) in self.forward_spans(at) {
            let from = from.max(at);
            if left < to - from {
                return from + left;
            }
            left -= to - from;
            last = to;
        }
        last + left
    }

    fn subtract_working(&self, at: i64, amount: i64) -> i64 {
        let mut left = amount;
        let mut last = at;
        for (from, to) in self.backward_spans(at) {
            let to = to.min(at);
            if left <= to - from {
                return to - left;
            }
            left -= to - from;
            last = from;
        }
        last - left
    }

    /// The working time (milliseconds) from one instant to a later one; negative when the second is the earlier.
    pub fn working_between(&self, from: i64, to: i64) -> i64 {
        if to < from {
            return -self.working_between(to, from);
        }
        let mut sum = 0;
        let (mut day, last) = (self.day(from), self.day(to));
        while day <= last {
            sum += self.spans(day).map(|(begin, end)| (end.min(to) - begin.max(from)).max(0)).sum::<i64>();
            match day.succ_opt() {
                Some(next) => day = next,
                None => break,
            }
        }
        sum
    }

    /// The same time of day so many working days later, or earlier for a negative count; the day itself doesn't count. Nothing added
    /// leaves the instant as it is.
    pub fn add_working_days(&self, at: i64, count: i64) -> i64 {
        let local = wall_clock(self.zone, at);
        let day = self.working_day_after(local.date(), count);
        if day == local.date() { at } else { instant(self.zone, day.and_time(local.time())) }
    }

    /// The working day so many working days after a day.
    pub fn working_day_after(&self, day: NaiveDate, count: i64) -> NaiveDate {
        let (step, mut left, mut found) = (count.signum(), count.abs(), day);
        // Whoever asks for more than the calendar is walked for gets plain days for the rest.
        for _ in 0..MAX_STEPS {
            if left == 0 {
                return found;
            }
            found = later(found, step);
            left -= i64::from(self.is_working_day(found));
        }
        later(found, step * left)
    }

    /// Working days after the day of `from` up to the day of `to`, that one included; negative when `to` is earlier.
    pub fn working_days_between(&self, from: i64, to: i64) -> i64 {
        if to < from {
            return -self.working_days_between(to, from);
        }
        let (mut day, last) = (self.day(from), self.day(to));
        let mut count = 0;
        while day < last {
            day = later(day, 1);
            count += i64::from(self.is_working_day(day));
        }
        count
    }

    fn forward_spans(&self, at: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        let first = self.day(at);
        let days = (0..MAX_STEPS).map(move |step| later(first, step));
        days.flat_map(|day| self.spans(day)).filter(move |(_, to)| *to > at)
    }

    fn backward_spans(&self, at: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        let first = self.day(at);
        let days = (0..MAX_STEPS).map(move |step| later(first, -step));
        days.flat_map(|day| self.spans(day).rev()).filter(move |(from, _)| *from < at)
    }
}
