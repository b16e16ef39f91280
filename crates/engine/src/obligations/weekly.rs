//! The week's leaks, told on its first working morning to whoever leads people: how many customers of theirs nobody looks after, and why.

use super::leaks::Reason;
use super::notify::{Draft, overseers};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::setting;
use chrono::Datelike;
use huike_store::{Conn, Sql};
use serde_json::{Map, json};
use std::collections::{BTreeMap, BTreeSet};

/// The key in `setting`: the last week that was told, as `2026-47`.
const LAST: &str = "leaks_week";

/// Open leaks by the owner of the customer and the reason.
type Counts = BTreeMap<Option<i64>, BTreeMap<Reason, i64>>;

/// Tells the week's leaks when their time has come; how many people were told.
///
/// # Errors
/// The database's.
pub async fn run(engine: &Engine) -> Result<usize> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let (today, calendar) = (cx.moment.today(), cx.org.calendar_of(None));
    let from = calendar.at(today, cx.org.follow.settings.digest_at);
    if cx.moment.now < from || !calendar.is_working_day(today) {
        return Ok(0);
    }
    let week = today.iso_week();
    let week = format!("{}-{:02}", week.year(), week.week());
    let done = engine.read(|conn| setting::get(conn, LAST)).await?;
    if done.as_deref() == Some(week.as_str()) {
        return Ok(0);
    }
    engine.write(move |conn| write(conn, &cx, &week)).await
}

fn write(conn: &mut Conn, cx: &Cx, week: &str) -> Result<usize> {
    setting::put(conn, LAST, week)?;
    let counts = count(conn)?;
    let everybody = overseers(cx);
    let mut told = 0;
    for person in cx.org.users().filter(|person| person.active) {
        let mut people: BTreeSet<Option<i64>> = cx.org.reports_of(person.id).into_iter().map(Some).collect();
        if people.is_empty() && !everybody.contains(&person.id) {
            continue;
        }
        // What has no owner is for whoever looks after the accounts.
        if everybody.contains(&person.id) {
            people.insert(None);
        }
        let sum = |reason: Reason| -> i64 {
            people.iter().filter_map(|owner| counts.get(owner)?.get(&reason)).sum()
        };
        let figures: Map<String, serde_json::Value> =
            Reason::ALL.iter().map(|reason| (reason.name().to_owned(), sum(*reason).into())).collect();
        if figures.values().all(|figure| figure == 0) {
            continue;
        }
        let draft = Draft::plain(person.id, "leaks", json!(figures), format!("w{week}:{}", person.id));
        conn.batch(&draft.insert(conn, cx)?)?;
        told += 1;
    }
    Ok(told)
}

fn count(conn: &mut Conn) -> Result<Counts> {
    let sql = "select t.owner_id, l.reason, count(*) from leak l join customer t on t.id = l.record_id \
         where l.closed_at is null and t.deleted_at is null group by t.owner_id, l.reason";
    let mut counts = Counts::new();
    for row in conn.query(&Sql::raw(sql))? {
        if let Some(reason) = Reason::parse(row.text(1)?) {
            counts.entry(row.opt_int(0)?).or_default().insert(reason, row.int(2)?);
        }
    }
    Ok(counts)
}
