//! The scheduler: claims promises whose time has come, takes their next step, and says when to look again.
//!
//! A claim, its effects and the next appointment are one transaction: work that dies leaves nothing behind and is claimed again. Nodes pass
//! over each other's rows, and the unique `once` of a notification stops what would be said twice.

use super::budget::Told;
use super::ladder;
use super::notify::{recipients, reminder};
use super::row::{COLUMNS, End, Kind, Obligation, State, close, read_all};
use super::rule::{Level, Rule, Step, Trigger};
use super::{dead, leaks, reconcile};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use huike_model::worktime::WorkCalendar;
use huike_store::{Conn, Sql};
use std::collections::BTreeSet;
use std::ops::Range;

/// Promises in one transaction.
pub const BATCH: usize = 200;

/// What one pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    pub claimed: usize,
    pub reminders: usize,
}

/// Takes every step whose time has come.
///
/// # Errors
/// The database's. What was done until then stays done.
pub async fn run_due(engine: &Engine) -> Result<Pass> {
    let mut whole = Pass::default();
    loop {
        let pass = run_batch(engine).await?;
        whole.claimed += pass.claimed;
        whole.reminders += pass.reminders;
        if pass.claimed < BATCH {
            return Ok(whole);
        }
    }
}

/// One transaction's worth of [`run_due`].
///
/// # Errors
/// The database's.
pub async fn run_batch(engine: &Engine) -> Result<Pass> {
    let now = engine.now();
    let due = engine
        .read(move |conn| {
            let sql = "select 1 from obligation where next_at is not null and next_at <= $1 limit 1";
            Ok(conn.query_opt(&Sql::with(sql, [now.into()])?)?.is_some())
        })
        .await?;
    if !due {
        return Ok(Pass::default());
    }
    let this = engine.clone();
    engine.write(move |conn| batch(conn, &this)).await
}

/// The statement that finds what is due.
pub fn claim(conn: &Conn, now: i64, most: usize) -> Sql {
    let mut sql =
        Sql::raw(format!("select {COLUMNS} from obligation where next_at is not null and next_at <= "));
    sql.bind(now).push(" order by next_at limit ").bind(i64::try_from(most).unwrap_or(i64::MAX));
    sql.push(conn.dialect().for_update_skip_locked());
    sql
}

fn batch(conn: &mut Conn, engine: &Engine) -> Result<Pass> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let due = read_all(conn, &claim(conn, cx.moment.now, BATCH))?;
    if due.is_empty() {
        return Ok(Pass::default());
    }
    engine.failpoint("schedule.claimed")?;
    let mut told = Told::of(conn, &cx, &due)?;
    let mut statements = Vec::with_capacity(due.len() * 2);
    let mut silent = BTreeSet::new();
    let mut lapsed: Vec<(String, i64)> = Vec::new();
    let mut pass = Pass { claimed: due.len(), reminders: 0 };
    for obligation in due {
        let step = take(conn, &cx, &mut told, obligation)?;
        pass.reminders += step.reminders;
        statements.extend(step.statements);
        silent.extend(step.silent);
        lapsed.extend(step.lapsed);
    }
    conn.batch(&statements)?;
    engine.failpoint("schedule.written")?;
    if !silent.is_empty() {
        leaks::sync(conn, &cx, Some(&silent.into_iter().collect::<Vec<_>>()))?;
    }
    // Next year's.
    for (object, id) in lapsed {
        dead::try_one(conn, &cx, &object.clone(), id, |conn| {
            reconcile::records(conn, &cx, &object, &BTreeSet::from([id]), cx.moment.now).map(drop)
        })?;
    }
    Ok(pass)
}

/// What came of looking at one promise.
#[derive(Default)]
struct Taken {
    statements: Vec<Sql>,
    reminders: usize,
    /// A customer who was not contacted in time.
    silent: Option<i64>,
    /// A holder whose promise is over by itself.
    lapsed: Option<(String, i64)>,
}

fn take(conn: &mut Conn, cx: &Cx, told: &mut Told, mut obligation: Obligation) -> Result<Taken> {
    let now = cx.moment.now;
    let calendar = cx.org.calendar_of(obligation.owner);
    let rule = cx.org.follow.rule(obligation.ladder).cloned();
    let steps = ladder::steps(rule.as_deref(), &calendar, obligation.due_at, obligation.all_day);
    let mut taken = Taken::default();
    let reached = ladder::first_level(&steps, now);
    if obligation.due_at < now && obligation.state == State::Open {
        if rule.as_deref().is_some_and(lapses) {
            let end = End::Void { reason: "lapsed" };
            taken.statements.push(close(obligation.id, &end, now, 0)?);
            taken.lapsed = Some((obligation.holder, obligation.holder_id));
            return Ok(taken);
        }
        (obligation.state, obligation.late_at) = (State::Late, Some(obligation.due_at));
        taken.silent = (obligation.kind == Kind::Contact).then_some(obligation.record);
        // Made or moved when its steps were over already, as for this afternoon or into the past: whoever is late hears of it once.
        let over = reached > 0 && reached <= obligation.level && obligation.opened_at < obligation.due_at;
        if over && !was_told(conn, &obligation)? {
            obligation.level = reached - 1;
        }
    }
    let appointment = match rule.as_deref().filter(|_| reached > obligation.level) {
        None => ladder::next_at(&obligation, &steps),
        Some(rule) => match loud(
            cx,
            rule,
            &calendar,
            obligation.owner,
            steps.get(passed(&obligation, reached)).unwrap_or_default(),
        ) {
            // Nobody is disturbed by noting that it is late.
            Some(later) if obligation.state == State::Open => {
                Some(later.min(obligation.due_at.saturating_add(1)))
            }
            Some(later) => Some(later),
            None => {
                // Of several steps that came up while nobody was looking, one reminder at each level of people is enough.
                let mut levels = BTreeSet::new();
                for place in passed(&obligation, reached).rev() {
                    let Some((_, step)) = steps.get(place) else { continue };
                    if !levels.insert(step.to.name()) {
                        continue;
                    }
                    for user in recipients(conn, cx, &obligation, step.to)? {
                        let mut draft = reminder(&obligation, rule, place as i64, step.to, user);
                        if draft.live {
                            told.place(conn, cx, &mut draft)?;
                        }
                        taken.statements.extend(draft.insert(conn, cx)?);
                        taken.reminders += 1;
                    }
                }
                obligation.level = reached;
                ladder::next_at(&obligation, &steps)
            }
        },
    };
    // Never the same instant again: a promise that could claim itself for ever would hold up all others.
    obligation.next_at = appointment.map(|at| at.max(now + 1));
    taken.statements.push(obligation.update()?);
    Ok(taken)
}

/// Whether anybody heard of the promise as it is due now.
fn was_told(conn: &mut Conn, obligation: &Obligation) -> Result<bool> {
    let sql = "select 1 from notification where obligation_id = $1 and due_at = $2 limit 1";
    let values = [obligation.id.into(), obligation.due_at.into()];
    Ok(conn.query_opt(&Sql::with(sql, values)?)?.is_some())
}

fn lapses(rule: &Rule) -> bool {
    matches!(rule.definition.trigger, Trigger::Date { lapses: true, .. })
}

/// The places of the steps that came up since it was looked at last.
fn passed(obligation: &Obligation, reached: i64) -> Range<usize> {
    let place = |level: i64| usize::try_from(level).unwrap_or_default();
    place(obligation.level)..place(reached)
}

/// When quiet hours end, if they are now and the rule keeps them: the owner's own where nobody else is to be told, else the company's.
fn loud(
    cx: &Cx,
    rule: &Rule,
    calendar: &WorkCalendar,
    owner: Option<i64>,
    steps: &[(i64, Step)],
) -> Option<i64> {
    let now = cx.moment.now;
    let owner = owner.and_then(|owner| cx.org.acting(owner, now));
    let own = owner.and_then(|owner| cx.org.outside.reach(owner).quiet.as_ref());
    let alone = steps.iter().all(|(_, step)| step.to == Level::Owner);
    let quiet = own.filter(|_| alone).unwrap_or(&cx.org.follow.settings.quiet);
    let wait = !rule.definition.in_quiet_hours && calendar.is_quiet(quiet, now);
    wait.then(|| calendar.next_loud(quiet, now)).filter(|later| *later > now)
}
