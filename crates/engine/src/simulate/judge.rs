//! The judgement of a simulated day.

use super::works;
use crate::cx::Cx;
use crate::error::Result;
use crate::obligations::check;
use chrono::Timelike;
use huike_model::moment::DAY_MS;
use huike_store::{Conn, Sql};

/// What a promise that is late must have led to by now (milliseconds): two nights and a long holiday are no excuse, ten days are.
const TOLD_WITHIN: i64 = 10 * DAY_MS;

/// The first invariant that is broken, and how many reminders there were so far.
///
/// # Errors
/// The database's.
pub fn judge(conn: &mut Conn, cx: &Cx, since: i64) -> Result<(Option<String>, i64)> {
    let reminders = conn
        .query_one(&Sql::raw("select count(*) from notification where obligation_id is not null"))?
        .int(0)?;
    let mut broken = check::check(conn, cx)?.iter().map(ToString::to_string).next();
    if broken.is_none() {
        broken = twice(conn)?;
    }
    if broken.is_none() {
        broken = in_quiet_hours(conn, cx, since)?;
    }
    if broken.is_none() {
        broken = untold(conn, cx)?;
    }
    if broken.is_none() {
        let dead = conn.query_opt(&Sql::raw("select fault from dead_letter limit 1"))?;
        broken = dead
            .map(|row| row.text(0).map(|fault| format!("no work ends as a dead letter: {fault}")))
            .transpose()?;
    }
    Ok((broken, reminders))
}

fn twice(conn: &mut Conn) -> Result<Option<String>> {
    let sql = "select n.user_id, o.holder_id from notification n join obligation o on o.id = n.obligation_id \
         group by n.user_id, o.holder, o.holder_id, n.rule_id, n.level, n.due_at having count(*) > 1 limit 1";
    let found = conn.query_opt(&Sql::raw(sql))?;
    let text = |row: huike_store::Row| {
        Ok::<_, crate::EngineError>(format!(
            "no reminder comes twice: to {} about {}",
            row.int(0)?,
            row.int(1)?
        ))
    };
    found.map(text).transpose()
}

/// Eight to eight on working days, by the plainest reading of the settings.
fn in_quiet_hours(conn: &mut Conn, cx: &Cx, since: i64) -> Result<Option<String>> {
    let sql = Sql::with(
        "select id, at from notification where at >= $1 and obligation_id is not null",
        [since.into()],
    )?;
    for row in conn.query(&sql)? {
        let local = cx.moment.local(row.int(1)?);
        if !(8..20).contains(&local.hour()) || !works(local.date()) {
            return Ok(Some(format!("no reminder comes in quiet hours: {} at {local}", row.int(0)?)));
        }
    }
    Ok(None)
}

/// Whoever promised something and is late has heard of it.
fn untold(conn: &mut Conn, cx: &Cx) -> Result<Option<String>> {
    let mut sql = Sql::raw(
        "select o.id from obligation o where o.closed_at is null and o.state = 'late' and o.ladder_id <> 0 \
         and o.opened_at < o.due_at - 3600000 and o.due_at < ",
    );
    sql.bind(cx.moment.now - TOLD_WITHIN);
    sql.push(
        " and not exists (select 1 from notification n join obligation p on p.id = n.obligation_id \
         where p.holder = o.holder and p.holder_id = o.holder_id and n.due_at = o.due_at) limit 1",
    );
    let found = conn.query_opt(&sql)?;
    let text = |row: huike_store::Row| {
        Ok::<_, crate::EngineError>(format!("whoever is late was told: {}", row.int(0)?))
    };
    found.map(text).transpose()
}
