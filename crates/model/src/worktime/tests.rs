use super::*;
use proptest::prelude::*;

const HOUR: i64 = 3_600_000;

fn china() -> WorkCalendar {
    WorkCalendar::new(chrono_tz::Asia::Shanghai, Week::default(), Arc::new(Holiday::days()))
}

fn at(text: &str) -> i64 {
    instant(chrono_tz::Asia::Shanghai, text.parse().unwrap())
}

fn shown(at: i64) -> String {
    wall_clock(chrono_tz::Asia::Shanghai, at).format("%m-%d %H:%M").to_string()
}

#[test]
fn spring_festival_is_passed_over_and_its_make_up_saturday_is_worked() {
    let calendar = china();
    // 2026: free from Sunday 15 to Monday 23 February; Saturdays 14 and 28 are worked.
    assert_eq!(shown(calendar.add_working_days(at("2026-02-13T16:00:00"), 1)), "02-14 16:00");
    assert_eq!(shown(calendar.add_working_days(at("2026-02-14T16:00:00"), 1)), "02-24 16:00");
    assert_eq!(shown(calendar.add_working_days(at("2026-02-24T16:00:00"), -1)), "02-14 16:00");
    assert_eq!(shown(calendar.add_working(at("2026-02-14T17:00:00"), 2 * HOUR)), "02-24 10:00");
    assert_eq!(shown(calendar.next_working(at("2026-02-16T03:00:00"))), "02-24 09:00");
    assert_eq!(calendar.working_days_between(at("2026-02-13T12:00:00"), at("2026-03-02T12:00:00")), 7);
    assert!(calendar.is_working_day("2026-02-28".parse().unwrap()));
}

#[test]
fn the_noon_break_is_no_working_time() {
    let calendar = china();
    assert!(!calendar.is_working(at("2026-03-02T12:30:00")));
    assert_eq!(calendar.working_between(at("2026-03-02T11:00:00"), at("2026-03-02T14:30:00")), 2 * HOUR);
    assert_eq!(shown(calendar.add_working(at("2026-03-02T11:30:00"), HOUR)), "03-02 14:00");
    assert_eq!(shown(calendar.add_working(at("2026-03-02T14:00:00"), -HOUR)), "03-02 11:30");
}

#[test]
fn quiet_hours_end_on_the_morning_of_the_next_working_day() {
    let (calendar, quiet) = (china(), Quiet::default());
    assert_eq!(shown(calendar.next_loud(&quiet, at("2026-03-02T07:59:00"))), "03-02 08:00");
    assert_eq!(shown(calendar.next_loud(&quiet, at("2026-03-02T12:30:00"))), "03-02 12:30");
    // A Friday evening, before a free weekend.
    assert_eq!(shown(calendar.next_loud(&quiet, at("2026-03-06T20:00:00"))), "03-09 08:00");
    let never = Quiet { from: TimeOfDay(0), to: TimeOfDay(0), free_days: false };
    assert_eq!(shown(calendar.next_loud(&never, at("2026-03-08T03:00:00"))), "03-08 03:00");
}

#[test]
fn a_day_taken_back_is_what_its_weekday_says() {
    let mut days = Holiday::days();
    days.insert(day_number("2026-02-14".parse().unwrap()), DayKind::Usual);
    let calendar = WorkCalendar::new(chrono_tz::Asia::Shanghai, Week::default(), Arc::new(days));
    assert!(!calendar.is_working_day("2026-02-14".parse().unwrap()));
}

#[test]
fn times_of_day_and_weeks_that_make_no_sense_are_refused() {
    for wrong in ["9:00", "24:01", "12:60", "", "ab:cd", "12:5", "+1:00", "12:005"] {
        assert!(TimeOfDay::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
    let span = |from: u16, to: u16| Span(TimeOfDay(from), TimeOfDay(to));
    let monday = |spans: Vec<Span>| Week::new([spans, vec![], vec![], vec![], vec![], vec![], vec![]]);
    assert!(monday(vec![span(540, 540)]).is_err());
    assert!(monday(vec![span(540, 720), span(700, 800)]).is_err());
    assert!(monday(vec![]).is_err());
    assert!(monday(vec![span(540, 720), span(720, 800)]).is_ok());
}

#[test]
fn years_far_away_neither_hang_nor_fail() {
    let calendar = china();
    for far in ["1900-01-01T00:00:00", "2200-12-31T23:59:00"] {
        let far = at(far);
        for count in [-3, 3, 40_000] {
            assert_eq!((calendar.add_working_days(far, count) > far), count > 0);
        }
        assert!(calendar.add_working(far, HOUR) > far);
    }
    for edge in [i64::MIN / 4, i64::MAX / 4] {
        // Nothing but an answer is asked for.
        let _ = (calendar.next_working(edge), calendar.is_working(edge), calendar.add_working_days(edge, 2));
    }
}

/// Any week that a company may keep: spans of ten-minute marks, with nights up to midnight.
fn weeks() -> impl Strategy<Value = Week> {
    let day = prop_oneof![
        2 => Just(Vec::new()),
        5 => proptest::collection::btree_set(0_u16..=144, 2..7).prop_map(|marks| {
            let marks: Vec<u16> = marks.into_iter().collect();
            marks.chunks_exact(2).map(|pair| Span(TimeOfDay(pair[0] * 10), TimeOfDay(pair[1] * 10))).collect()
        }),
    ];
    proptest::collection::vec(day, 7)
        .prop_filter_map("a week needs working hours", |days| Week::new(days.try_into().ok()?).ok())
}

fn calendars() -> impl Strategy<Value = WorkCalendar> {
    let zones = prop_oneof![
        Just(chrono_tz::Asia::Shanghai),
        Just(chrono_tz::Europe::Berlin),
        Just(chrono_tz::America::New_York)
    ];
    (zones, weeks()).prop_map(|(zone, week)| WorkCalendar::new(zone, week, Arc::new(Holiday::days())))
}

/// 2024 to 2027.
const TIMES: std::ops::Range<i64> = 1_704_067_200_000..1_798_761_600_000;

/// So far ahead a calendar is surely walked: one with ten minutes a week has no 86 hours in ten years.
const WALKED: i64 = 3_000 * 24 * HOUR;

proptest! {
    #[test]
    fn what_is_added_is_what_lies_between(calendar in calendars(), at in TIMES, amount in 0..200 * HOUR) {
        prop_assume!(calendar.working_between(at, at + WALKED) >= amount);
        let end = calendar.add_working(at, amount);
        prop_assert!(end >= at);
        prop_assert_eq!(calendar.working_between(at, end), amount);
    }

    #[test]
    fn counting_back_undoes_counting_on(calendar in calendars(), at in TIMES, amount in 1..200 * HOUR) {
        prop_assume!(calendar.working_between(at - WALKED, at) >= amount);
        let start = calendar.add_working(at, -amount);
        prop_assert!(start < at);
        prop_assert_eq!(calendar.working_between(start, at), amount);
    }

    #[test]
    fn adding_twice_is_adding_the_sum(calendar in calendars(), at in TIMES, a in 0..60 * HOUR, b in 0..60 * HOUR) {
        prop_assume!(calendar.working_between(at, at + WALKED) >= a + b);
        prop_assert_eq!(calendar.add_working(calendar.add_working(at, a), b), calendar.add_working(at, a + b));
    }

    #[test]
    fn later_instants_never_come_out_earlier(calendar in calendars(), at in TIMES, gap in 0..50 * HOUR, amount in 0..60 * HOUR, days in 0_i64..30) {
        prop_assert!(calendar.add_working(at, amount) <= calendar.add_working(at + gap, amount));
        let day = |at| calendar.day(calendar.add_working_days(at, days));
        prop_assert!(day(at) <= day(at + gap));
    }

    #[test]
    fn working_time_is_the_sum_of_its_parts(calendar in calendars(), at in TIMES, a in 0..500 * HOUR, b in 0..500 * HOUR) {
        let (middle, end) = (at + a, at + a + b);
        prop_assert_eq!(
            calendar.working_between(at, middle) + calendar.working_between(middle, end),
            calendar.working_between(at, end)
        );
        prop_assert_eq!(calendar.working_between(end, at), -calendar.working_between(at, end));
        prop_assert!(calendar.working_between(at, end) <= a + b);
    }

    #[test]
    fn the_next_working_instant_is_worked_and_nothing_before_it(calendar in calendars(), at in TIMES) {
        let next = calendar.next_working(at);
        prop_assert!(next >= at && calendar.is_working(next));
        prop_assert_eq!(calendar.working_between(at, next), 0);
        prop_assert_eq!(calendar.add_working(at, 0), next);
    }

    #[test]
    fn so_many_working_days_later_lie_so_many_working_days(calendar in calendars(), at in TIMES, days in 1_i64..60) {
        let later = calendar.add_working_days(at, days);
        prop_assert!(calendar.is_working_day(calendar.day(later)));
        prop_assert_eq!(calendar.working_days_between(at, later), days);
    }

    #[test]
    fn what_is_loud_is_not_quiet(calendar in calendars(), at in TIMES, from in 0_u16..=1440, to in 0_u16..1440, free in any::<bool>()) {
        let quiet = Quiet { from: TimeOfDay(from), to: TimeOfDay(to), free_days: free };
        let loud = calendar.next_loud(&quiet, at);
        prop_assert!(loud >= at);
        prop_assert!(!calendar.is_quiet(&quiet, loud) || loud == at && (from, to) == (1440, 0));
        if !calendar.is_quiet(&quiet, at) {
            prop_assert_eq!(loud, at);
        }
    }
}
