//! Whether customers are talked with as often as their tier asks for, and who is behind.

use super::definition::Rhythm;
use super::{REASON, TIER};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::{CUSTOMER, LOST, NO_ANSWER, cursor_text, mark};
use crate::records::list::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::records::load::Record;
use crate::records::render::{Names, id_text};
use crate::shown::instant_text;
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::Resolved;
use huike_model::moment::DAY_MS;
use huike_model::{Code, Fault};
use huike_store::query::condition;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};

/// Whose customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    Mine,
    Team,
    /// All that the caller may read.
    All,
}

#[derive(Clone, Debug, Default)]
pub struct Request {
    pub scope: Scope,
    pub tier: Option<String>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

impl Engine {
    /// The customers who were talked with less than their tier asks for, those longest without contact first.
    ///
    /// # Errors
    /// `not_found` for whoever sees no customers; `invalid`, `bad_cursor`.
    pub async fn behind(&self, cx: Cx, request: Request) -> Result<Json> {
        self.read(move |conn| page(conn, &cx, &request)).await
    }

    /// How many customers of each tier there are, and how many of them are behind.
    ///
    /// # Errors
    /// As [`Engine::behind`].
    pub async fn behind_counts(&self, cx: Cx, scope: Scope) -> Result<Json> {
        self.read(move |conn| counts(conn, &cx, scope)).await
    }
}

/// How one customer stands.
///
/// # Errors
/// The database's.
pub(super) fn of_record(conn: &mut Conn, cx: &Cx, rhythm: &Rhythm, record: &Record) -> Result<Json> {
    let mut sql = Sql::raw("select ");
    sql.append(talks(cx, rhythm, Some(record.id)));
    let done = conn.query_one(&sql)?.int(0)?;
    let since = cx.moment.now - i64::from(rhythm.days) * DAY_MS;
    let young = record.values.int("created_at").is_some_and(|made| made > since);
    let cared = record.values.get("stage").as_text() != Some(LOST) && !record.deleted;
    Ok(json!({
        "talks": rhythm.talks, "days": rhythm.days, "kinds": rhythm.kinds, "done": done,
        "behind": cared && !young && done < i64::from(rhythm.talks),
    }))
}

/// A subselect that counts the talks with the customer `t`, or with a given one, within the rhythm's days.
fn talks(cx: &Cx, rhythm: &Rhythm, record: Option<i64>) -> Sql {
    let mut sql =
        Sql::raw("(select count(*) from interaction i where i.deleted_at is null and i.customer = ");
    match record {
        Some(id) => sql.bind(id),
        None => sql.push("t.id"),
    };
    sql.push(" and ").push_in("i.kind", rhythm.kinds.iter().map(String::as_str));
    sql.push(" and coalesce(i.outcome, '') <> ").bind(NO_ANSWER);
    sql.push(" and i.occurred_at > ").bind(cx.moment.now - i64::from(rhythm.days) * DAY_MS);
    sql.push(" and i.occurred_at <= ").bind(cx.moment.now).push(")");
    sql
}

/// Living customers with an owner, of whom the caller may know tier and contact: that a colleague is behind is not among the basics.
fn source(conn: &mut Conn, cx: &Cx, scope: Scope) -> Result<Sql> {
    let object = cx.object(CUSTOMER)?.clone();
    let access = cx.access(conn, &object)?;
    if !access.reads_anything() {
        return Err(Code::NotFound.into());
    }
    let mut reach = access.read_scope();
    for name in [TIER, "stage", "owner", "last_contact_at", REASON] {
        reach = reach.and(readable(&access, name)?);
    }
    let mut sql =
        Sql::raw(" from customer t where t.deleted_at is null and t.owner_id is not null and t.stage <> ");
    sql.bind(LOST).push(" and ").append(condition(&reach, "t", &cx.schema, conn.dialect())?);
    let me = cx.caller.actor.user();
    match scope {
        Scope::Mine => {
            sql.push(" and t.owner_id = ").bind(me);
        }
        Scope::Team => {
            sql.push(" and ").push_in("t.owner_id", cx.org.reports_of(me));
        }
        Scope::All => {}
    }
    Ok(sql)
}

fn readable(access: &ObjectAccess, name: &str) -> Result<Resolved> {
    let field = access.object.field(name).ok_or(Code::NotFound)?;
    match access.reach(field, FieldAccess::Read) {
        FieldReach::Nowhere => Err(Code::NotFound.into()),
        FieldReach::Everywhere => Ok(Resolved::everything()),
        FieldReach::Where(reach) => Ok(reach),
    }
}

/// That a customer `t` of a tier is behind.
fn lagging(cx: &Cx, rhythm: &Rhythm) -> Sql {
    let since = cx.moment.now - i64::from(rhythm.days) * DAY_MS;
    let mut sql = Sql::raw("(t.tier = ");
    sql.bind(rhythm.tier.as_str()).push(" and t.created_at <= ").bind(since).push(" and ");
    sql.append(talks(cx, rhythm, None)).push(" < ").bind(i64::from(rhythm.talks)).push(")");
    sql
}

fn page(conn: &mut Conn, cx: &Cx, request: &Request) -> Result<Json> {
    let limit = request.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        let (zh, en) = ("每页条数应在 1 到 200 之间", "The page size must be between 1 and 200");
        return Err(Fault::new("limit", "range", zh, en).into());
    }
    let tiers = cx.org.tiers.clone();
    let asked: Vec<&Rhythm> = tiers
        .definition
        .rhythm
        .iter()
        .filter(|rhythm| request.tier.as_ref().is_none_or(|tier| *tier == rhythm.tier))
        .collect();
    let from = source(conn, cx, request.scope)?;
    let mut sql = Sql::raw(
        "select t.id, t.name, t.tier, t.owner_id, t.last_contact_at, coalesce(t.last_contact_at, 0), case ",
    );
    for rhythm in &asked {
        sql.push("when t.tier = ").bind(rhythm.tier.as_str()).push(" then ").append(talks(cx, rhythm, None));
        sql.push(" ");
    }
    sql.push("when 1=1 then 0 end").append(from).push(" and (1=0");
    for rhythm in &asked {
        sql.push(" or ").append(lagging(cx, rhythm));
    }
    sql.push(")");
    if let Some(cursor) = &request.cursor {
        let (at, id) = mark(cursor)?;
        sql.push(" and (coalesce(t.last_contact_at, 0), t.id) > (").bind(at).push(", ").bind(id).push(")");
    }
    sql.push(" order by coalesce(t.last_contact_at, 0), t.id limit ").bind(limit + 1);
    let rows = conn.query(&sql)?;
    let mut names = Names::default();
    let owners: Vec<i64> = rows.iter().filter_map(|row| row.opt_int(3).ok().flatten()).collect();
    names.add(conn, cx, "user", owners)?;
    let mut items = Vec::new();
    let mut last = None;
    for row in rows.iter().take(usize::try_from(limit).unwrap_or_default()) {
        let tier = row.opt_text(2)?;
        let rhythm = asked.iter().find(|rhythm| Some(rhythm.tier.as_str()) == tier);
        items.push(json!({
            "record": {"id": id_text(row.int(0)?), "name": row.opt_text(1)?},
            "tier": tier, "owner": row.opt_int(3)?.map(|owner| names.reference("user", owner)),
            "last_contact_at": row.opt_int(4)?.map(instant_text),
            "done": row.int(6)?, "talks": rhythm.map_or(0, |rhythm| rhythm.talks), "days": rhythm.map_or(0, |rhythm| rhythm.days),
        }));
        last = Some(cursor_text(row.int(5)?, row.int(0)?));
    }
    let more = rows.len() as i64 > limit;
    Ok(json!({"items": items, "next_cursor": last.filter(|_| more)}))
}

fn counts(conn: &mut Conn, cx: &Cx, scope: Scope) -> Result<Json> {
    let object = cx.object(CUSTOMER)?.clone();
    let from = source(conn, cx, scope)?;
    let mut tiers = Vec::new();
    for rhythm in &cx.org.tiers.definition.rhythm {
        let mut sql = Sql::raw("select count(*), coalesce(sum(case when ");
        sql.append(lagging(cx, rhythm)).push(" then 1 else 0 end), 0)").append(from.clone());
        sql.push(" and t.tier = ").bind(rhythm.tier.as_str());
        let row = conn.query_one(&sql)?;
        let option = object.field(TIER).and_then(|field| field.option(&rhythm.tier));
        tiers.push(json!({
            "tier": rhythm.tier, "label": option.map_or(rhythm.tier.as_str(), |option| option.label.get(cx.lang())),
            "color": option.map(|option| &option.color), "talks": rhythm.talks, "days": rhythm.days,
            "customers": row.int(0)?, "behind": row.int(1)?,
        }));
    }
    Ok(json!({"tiers": tiers}))
}
