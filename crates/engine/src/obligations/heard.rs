//! Who was reminded of a record's promises, when, and who will be.

use super::ladder;
use super::list::{reached, title_of};
use super::notify::recipients;
use super::row::{self, Kind, OF_TASK};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::render::id_text;
use crate::shown::{instant_text, person};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashSet};

/// Reminders shown of the past.
const PAST: i64 = 50;
/// Promises whose steps are looked at, and steps shown of what lies ahead.
const OPEN: i64 = 20;
const AHEAD: usize = 12;

impl Engine {
    /// Of one record: the steps that lie ahead with the people who will hear of them as things stand, and who heard of what.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn reminders_of(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            crate::records::load::find(conn, &cx, &access, id, Deleted::Any)?;
            let ahead = ahead(conn, &cx, &object.name, id)?;
            let told = told(conn, &cx, &object.name, id)?;
            Ok(json!({"ahead": ahead, "told": told}))
        })
        .await
    }
}

fn ahead(conn: &mut Conn, cx: &Cx, object: &str, id: i64) -> Result<Vec<Json>> {
    let mut sql = Sql::raw(format!(
        "select {} from obligation where closed_at is null and next_at is not null and object = ",
        row::COLUMNS
    ));
    sql.bind(object).push(" and record_id = ").bind(id).push(" order by next_at, id limit ").bind(OPEN);
    let open = row::read_all(conn, &sql)?;
    let holders = open.iter().map(|one| (one.holder.clone(), one.holder_id)).collect::<HashSet<_>>();
    let reached = reached(conn, cx, holders.into_iter())?;
    let mut steps = Vec::new();
    for one in &open {
        let Some(holder) = reached.get(&(one.holder.clone(), one.holder_id)) else { continue };
        let rule = cx.org.follow.rule(one.ladder);
        let calendar = cx.org.calendar_of(one.owner);
        let title = if one.rule == OF_TASK {
            holder.clone().unwrap_or_default()
        } else {
            title_of(cx, one.kind, one.ladder, &one.title)
        };
        let from = usize::try_from(one.level).unwrap_or_default();
        let climbed = ladder::steps(rule.map(AsRef::as_ref), &calendar, one.due_at, one.all_day);
        for (at, step) in climbed.into_iter().skip(from) {
            steps.push((at, step.to, title.clone(), one));
        }
    }
    steps.sort_by_key(|(at, ..)| *at);
    steps.truncate(AHEAD);
    let mut shown = Vec::with_capacity(steps.len());
    for (at, to, title, one) in steps {
        let people: Vec<Json> =
            recipients(conn, cx, one, to)?.into_iter().map(|user| person(cx, user)).collect();
        shown.push(json!({
            "obligation": id_text(one.id), "title": title, "due_at": instant_text(one.due_at),
            "at": instant_text(at.max(cx.moment.now)), "to": to.name(), "people": people,
        }));
    }
    Ok(shown)
}

fn told(conn: &mut Conn, cx: &Cx, object: &str, id: i64) -> Result<Vec<Json>> {
    let sql = "select n.user_id, n.at, n.kind, n.title, n.due_at, n.read_at, n.rule_id, n.live, o.kind, o.holder, o.holder_id \
         from notification n left join obligation o on o.id = n.obligation_id \
         where n.object = $1 and n.record_id = $2 order by n.id desc limit $3";
    let rows = conn.query(&Sql::with(sql, [object.into(), id.into(), PAST.into()])?)?;
    let mut holders = BTreeSet::new();
    for row in &rows {
        holders.extend(row.opt_text(9)?.map(str::to_owned).zip(row.opt_int(10)?));
    }
    let reached = reached(conn, cx, holders.into_iter())?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in &rows {
        let kind = row.opt_text(8)?.and_then(Kind::parse);
        let holder = row.opt_text(9)?.map(str::to_owned).zip(row.opt_int(10)?);
        let title = match (kind, holder.as_ref().map(|holder| reached.get(holder))) {
            // What it was about is out of the caller's reach.
            (_, Some(None)) => continue,
            (Some(Kind::Task | Kind::FollowUp), Some(Some(title))) => title.clone().unwrap_or_default(),
            (Some(kind), _) => title_of(cx, kind, row.int(6)?, row.text(3)?),
            (None, _) => row.text(3)?.to_owned(),
        };
        shown.push(json!({
            "user": person(cx, row.int(0)?),
            "at": instant_text(row.int(1)?),
            "kind": row.text(2)?,
            "title": title,
            "due_at": row.opt_int(4)?.map(instant_text),
            "live": row.int(7)? != 0,
            "read_at": row.opt_int(5)?.map(instant_text),
        }));
    }
    Ok(shown)
}
