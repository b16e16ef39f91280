//! The public holidays of China with their make-up days, as announced year by year (国务院办公厅关于部分节假日安排的通知).

use super::{DayKind, Days};
use crate::moment::day_number;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;

const HOLIDAYS: &str = include_str!("../../../../reference/holidays.csv");

/// A special day as it ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holiday {
    pub day: NaiveDate,
    pub kind: DayKind,
    pub name: &'static str,
}

/// Every day of `reference/holidays.csv`, in order.
pub fn shipped() -> impl Iterator<Item = Holiday> {
    HOLIDAYS.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        let day = cells.next()?.parse().ok()?;
        let kind = match cells.next()? {
            "off" => DayKind::Off,
            "work" => DayKind::Work,
            _ => return None,
        };
        Some(Holiday { day, kind, name: cells.next()? })
    })
}

/// The years that ship.
pub fn shipped_years() -> BTreeSet<i32> {
    shipped().map(|holiday| holiday.day.year()).collect()
}

impl Holiday {
    /// The shipped days by number.
    pub fn days() -> Days {
        shipped().map(|holiday| (day_number(holiday.day), holiday.kind)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_line_is_read_and_the_days_are_in_order() {
        let days: Vec<NaiveDate> = shipped().map(|holiday| holiday.day).collect();
        assert_eq!(days.len(), HOLIDAYS.lines().skip(1).count());
        assert!(days.windows(2).all(|pair| pair[0] < pair[1]));
    }

    /// 全国年节及纪念日放假办法 (2024 revision): 13 days a year from 2025 on, 11 before. What is free beyond them is made up for on weekends
    /// or is a weekend itself.
    #[test]
    fn the_free_days_of_a_year_are_the_statutory_ones() {
        let mut free: BTreeMap<i32, i64> = BTreeMap::new();
        for holiday in shipped() {
            let weekend = holiday.day.weekday().num_days_from_monday() >= 5;
            let change = match holiday.kind {
                DayKind::Off => i64::from(!weekend),
                DayKind::Work => {
                    assert!(weekend, "{} is no weekend", holiday.day);
                    -1
                }
                DayKind::Usual => 0,
            };
            *free.entry(holiday.day.year()).or_default() += change;
        }
        assert_eq!(free, BTreeMap::from([(2024, 11), (2025, 13), (2026, 13)]));
    }
}
