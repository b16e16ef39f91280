//! The judgement of a simulated day.

use super::works;
use crate::cx::Cx;
use crate::error::Result;
use crate::obligations::check;
use chrono::Timelike;
use huike_model::moment::DAY_MS;
use huike_store::{Conn, Sql, first_id_at};
use std::collections::{HashMap, HashSet};

/// Until when a promise that is late must have led to something (milliseconds): two nights and a long holiday are no excuse, ten days are.
const TOLD_WITHIN: i64 = 10 * DAY_MS;

/// Promises that are late and of which nobody has heard, by promise and date, and since when that is known.
type Untold = HashMap<(i64, i64), i64>;

/// To whom, about which holder of a promise, by which rule at which of its steps, due when.
type Reminder = (i64, String, i64, i64, i64, Option<i64>);

/// What the judge remembers from day to day.
#[derive(Default)]
pub struct Memory {
    told: HashSet<Reminder>,
    untold: Untold,
}

/// What came of looking at a day.
pub struct Judgement {
    /// The first invariant that is broken.
    pub broken: Option<String>,
    /// Reminders so far.
    pub reminders: i64,
    pub memory: Memory,
}

/// Looks at what has happened since the last look.
///
/// # Errors
/// The database's.
pub fn judge(conn: &mut Conn, cx: &Cx, since: i64, mut memory: Memory) -> Result<Judgement> {
    let reminders = conn
        .query_one(&Sql::raw("select count(*) from notification where obligation_id is not null"))?
        .int(0)?;
    let mut broken = check::check(conn, cx)?.iter().map(ToString::to_string).next();
    let twice = twice(conn, since, &mut memory.told)?;
    if broken.is_none() {
        broken = twice;
    }
    if broken.is_none() {
        broken = in_quiet_hours(conn, cx, since)?;
    }
    memory.untold = untold(conn, cx, &memory.untold)?;
    if broken.is_none() {
        let waiting = memory.untold.iter().find(|(_, since)| **since < cx.moment.now - TOLD_WITHIN);
        broken = waiting.map(|((id, due), since)| {
            let at = |ms: i64| cx.moment.local(ms);
            format!("whoever is late was told: {id}, due {}, known since {}", at(*due), at(*since))
        });
    }
    if broken.is_none() {
        let dead = conn.query_opt(&Sql::raw("select fault from dead_letter limit 1"))?;
        broken = dead
            .map(|row| row.text(0).map(|fault| format!("no work ends as a dead letter: {fault}")))
            .transpose()?;
    }
    Ok(Judgement { broken, reminders, memory })
}

/// The first of the reminders since a moment that had come before.
fn twice(conn: &mut Conn, since: i64, told: &mut HashSet<Reminder>) -> Result<Option<String>> {
    let sql = "select n.user_id, o.holder, o.holder_id, n.rule_id, n.level, n.due_at from notification n \
         join obligation o on o.id = n.obligation_id where n.id >= $1";
    let mut again = None;
    for row in conn.query(&Sql::with(sql, [first_id_at(since).into()])?)? {
        let (user, holder) = (row.int(0)?, row.int(2)?);
        let reminder = (user, row.text(1)?.to_owned(), holder, row.int(3)?, row.int(4)?, row.opt_int(5)?);
        if !told.insert(reminder) {
            again.get_or_insert_with(|| format!("no reminder comes twice: to {user} about {holder}"));
        }
    }
    Ok(again)
}

/// Eight to eight on working days, by the plainest reading of the settings.
fn in_quiet_hours(conn: &mut Conn, cx: &Cx, since: i64) -> Result<Option<String>> {
    let sql = Sql::with(
        "select id, at from notification where id >= $1 and obligation_id is not null",
        [first_id_at(since).into()],
    )?;
    for row in conn.query(&sql)? {
        let local = cx.moment.local(row.int(1)?);
        if !(8..20).contains(&local.hour()) || !works(local.date()) {
            return Ok(Some(format!("no reminder comes in quiet hours: {} at {local}", row.int(0)?)));
        }
    }
    Ok(None)
}

/// Whoever promised something and is late has not heard of it, since a day that is `known` or since now. A date that was put off into the
/// past is late on the day on which somebody put it there.
fn untold(conn: &mut Conn, cx: &Cx, known: &Untold) -> Result<Untold> {
    let sql = "select o.id, o.due_at from obligation o where o.closed_at is null and o.state = 'late' and o.ladder_id <> 0 \
         and o.opened_at < o.due_at - 3600000 and not exists (select 1 from obligation p join notification n \
         on n.obligation_id = p.id where p.holder = o.holder and p.holder_id = o.holder_id and n.due_at = o.due_at)";
    let mut untold = Untold::new();
    for row in conn.query(&Sql::raw(sql))? {
        let key = (row.int(0)?, row.int(1)?);
        untold.insert(key, known.get(&key).copied().unwrap_or(cx.moment.now));
    }
    Ok(untold)
}
