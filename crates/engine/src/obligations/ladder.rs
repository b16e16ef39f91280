//! The steps of a promise: when each is taken.

use super::row::{Obligation, State};
use super::rule::{Rule, Step};
use huike_model::worktime::WorkCalendar;

/// The steps in the order of time, each with its instant.
pub fn steps(rule: Option<&Rule>, calendar: &WorkCalendar, due_at: i64, all_day: bool) -> Vec<(i64, Step)> {
    let Some(rule) = rule else { return Vec::new() };
    let anchor = anchor(calendar, due_at, all_day);
    let mut steps: Vec<(i64, Step)> =
        rule.definition.steps.iter().map(|step| (step.after.from(anchor, calendar), *step)).collect();
    steps.sort_by_key(|(at, _)| *at);
    steps
}

/// What steps are counted from: the due time itself; for a whole day the first working hour of it, or of the working day before when
/// nobody works that day.
fn anchor(calendar: &WorkCalendar, due_at: i64, all_day: bool) -> i64 {
    if !all_day {
        return due_at;
    }
    let day = calendar.day(due_at);
    let day = if calendar.is_working_day(day) { day } else { calendar.working_day_after(day, -1) };
    calendar.next_working(calendar.midnight(day))
}

/// Where a promise that is opened or moved at `now` begins: what would have been said before isn't said any more.
pub fn first_level(steps: &[(i64, Step)], now: i64) -> i64 {
    steps.iter().take_while(|(at, _)| *at <= now).count() as i64
}

/// When the promise must be looked at next: its next step, or the moment it becomes late.
pub fn next_at(obligation: &Obligation, steps: &[(i64, Step)]) -> Option<i64> {
    let step = usize::try_from(obligation.level).ok().and_then(|level| steps.get(level)).map(|(at, _)| *at);
    // Late is what is past its due time, not what is at it.
    let late = (obligation.state == State::Open).then_some(obligation.due_at.saturating_add(1));
    [step, late].into_iter().flatten().min()
}
