//! The leak radar: which customers nobody looks after, for how long, and whether it gets better. Never more than the caller may see: each
//! reason shows itself only where the field behind it may be read.

use super::leaks::Reason;
use super::list::{cursor_text, mark};
use super::run::CHECK_RESULT;
use super::standard::CUSTOMER;
use crate::custody::history::Seen;
use crate::custody::span as custody;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::pool::{self, Pool};
use crate::records::list;
use crate::records::load;
use crate::records::render::{Names, Rendering, id_text};
use crate::setting;
use crate::shown::{instant_text, person};
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::moment::{DAY_MS, day_number};
use huike_model::{Code, Fault, Field, Value};
use huike_store::query::{Deleted, condition};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What a caller asks.
#[derive(Clone, Debug, Default)]
pub struct LeakRequest {
    pub reason: Option<Reason>,
    /// Only customers of this department and those below it.
    pub department: Option<i64>,
    pub owner: Option<i64>,
    pub tier: Option<String>,
    /// Only leaks that are so many days old.
    pub days: Option<i64>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// Days of the trend.
const TREND_DAYS: i64 = 30;
const MAX_GROUPS: i64 = 1_000;
/// Ages by which leaks are counted.
const AGES: [i64; 4] = [3, 7, 30, 90];

impl Engine {
    /// The next page, the oldest first: one item for each customer and reason.
    ///
    /// # Errors
    /// `invalid`, `bad_cursor`; `not_found` for whoever sees no customers.
    pub async fn leaks(&self, cx: Cx, request: LeakRequest) -> Result<Json> {
        self.read(move |conn| page(conn, &cx, &request)).await
    }

    /// How many there are, by reason, tier and department, and how many there were on each of the last days.
    ///
    /// # Errors
    /// As [`Engine::leaks`].
    pub async fn leak_counts(&self, cx: Cx, request: LeakRequest) -> Result<Json> {
        self.read(move |conn| counts(conn, &cx, &request)).await
    }
}

/// `leak l join customer t` with everything the caller asks and may see; open leaks only, or those of the trend.
pub(super) fn source(
    conn: &Conn,
    cx: &Cx,
    access: &ObjectAccess,
    request: &LeakRequest,
    since: Option<i64>,
) -> Result<Sql> {
    let mut sql = Sql::raw("leak l join customer t on t.id = l.record_id where l.object = ");
    sql.bind(CUSTOMER).push(" and t.deleted_at is null and (");
    match since {
        None => sql.push("l.closed_at is null"),
        Some(since) => sql.push("l.closed_at is null or l.closed_at >= ").bind(since),
    };
    sql.push(") and ").append(condition(&access.read_scope(), "t", &cx.schema, conn.dialect())?);
    sql.push(" and (1=0");
    for reason in Reason::ALL.iter().filter(|reason| request.reason.is_none_or(|asked| asked == **reason)) {
        let Some(scope) = noticed(access, *reason) else { continue };
        sql.push(" or (l.reason = ").bind(reason.name()).push(" and ");
        sql.append(condition(&scope, "t", &cx.schema, conn.dialect())?).push(")");
    }
    sql.push(")");
    let filters = [
        request.department.map(|id| {
            ("department", Test::OneOf(cx.org.departments_under(id).into_iter().map(Value::Int).collect()))
        }),
        request.owner.map(|id| ("owner", Test::Equal(Value::Int(id)))),
        request.tier.as_ref().map(|tier| ("tier", Test::Equal(Value::from(tier.as_str())))),
    ];
    for (name, test) in filters.into_iter().flatten() {
        let field = field(access, name).ok_or_else(|| Fault::unknown_field(name))?;
        let own = Resolved::own(&access.object.name, &field, test);
        let bounded = match access.reach(&field, FieldAccess::Read) {
            FieldReach::Nowhere => return Err(Fault::unknown_field(name).into()),
            FieldReach::Everywhere => own,
            FieldReach::Where(reach) => reach.and(own),
        };
        sql.push(" and ").append(condition(&bounded, "t", &cx.schema, conn.dialect())?);
    }
    if let Some(days) = request.days {
        sql.push(" and l.since <= ").bind(cx.moment.now.saturating_sub(days.saturating_mul(DAY_MS)));
    }
    Ok(sql)
}

fn field(access: &ObjectAccess, name: &str) -> Option<Arc<Field>> {
    access.object.field(name).cloned()
}

/// On which customers the caller may notice a reason.
fn noticed(access: &ObjectAccess, reason: Reason) -> Option<Resolved> {
    let name = match reason {
        Reason::NoOwner | Reason::OwnerLeft => "owner",
        Reason::NoNextStep => "next_step_at",
        Reason::Silent => "last_contact_at",
    };
    let known = |name: &str| -> Option<Resolved> {
        let field = field(access, name)?;
        match access.reach(&field, FieldAccess::Read) {
            FieldReach::Nowhere => None,
            FieldReach::Everywhere => Some(Resolved::everything()),
            FieldReach::Where(reach) => Some(reach),
        }
    };
    // That somebody leaks tells that they are not lost.
    Some(known(name)?.and(known("stage")?))
}

fn readable(conn: &mut Conn, cx: &Cx) -> Result<ObjectAccess> {
    let object = cx.object(CUSTOMER)?.clone();
    let access = cx.access(conn, &object)?;
    if access.reads_anything() { Ok(access) } else { Err(Code::NotFound.into()) }
}

fn page(conn: &mut Conn, cx: &Cx, request: &LeakRequest) -> Result<Json> {
    let limit = request.limit.unwrap_or(list::DEFAULT_LIMIT);
    if !(1..=list::MAX_LIMIT).contains(&limit) {
        let (zh, en) = ("每页条数应在 1 到 200 之间", "The page size must be between 1 and 200");
        return Err(Fault::new("limit", "range", zh, en).into());
    }
    let access = readable(conn, cx)?;
    let mut sql = Sql::raw("select l.since, l.record_id, l.reason from ");
    sql.append(source(conn, cx, &access, request, None)?);
    if let Some(cursor) = &request.cursor {
        let (since, last) = mark(cursor)?;
        sql.push(" and (l.since, l.record_id) > (").bind(since).push(", ").bind(last).push(")");
    }
    sql.push(" order by l.since, l.record_id, l.reason limit ").bind(limit + 1 + Reason::ALL.len() as i64);
    let rows = conn.query(&sql)?;
    let mut found: Vec<(i64, i64, String)> = Vec::new();
    for row in &rows {
        found.push((row.int(0)?, row.int(1)?, row.text(2)?.to_owned()));
    }
    let more = found.len() as i64 > limit;
    if more {
        // A page ends behind all reasons of its last customer at that instant.
        let mut end = usize::try_from(limit).unwrap_or_default();
        while end < found.len() && (found[end].0, found[end].1) == (found[end - 1].0, found[end - 1].1) {
            end += 1;
        }
        found.truncate(end);
    }
    let next = found.last().filter(|_| more).map(|(since, record, _)| cursor_text(*since, *record));
    Ok(json!({"items": items(conn, cx, &access, &found)?, "next_cursor": next}))
}

fn items(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, found: &[(i64, i64, String)]) -> Result<Vec<Json>> {
    let ids: BTreeSet<i64> = found.iter().map(|(_, record, _)| *record).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let fields: Vec<Arc<Field>> = ["name", "stage", "tier", "owner", "last_contact_at", "next_step_at"]
        .iter()
        .filter_map(|name| field(access, name))
        .collect();
    let records = load::find_many(conn, cx, access, &ids, Deleted::Live)?;
    let expand = BTreeSet::from(["owner".to_owned()]);
    let names = Names::of(conn, cx, &fields, records.iter())?;
    let rendering = Rendering { access, fields: &fields, expand: &expand, names: &names };
    let pools: Vec<Pool> = pool::load_all(conn)?.into_iter().filter(|pool| pool::uses(cx, pool)).collect();
    let pooled = custody::pools_of(conn, &ids)?;
    // Where a customer without owner is free to claim, as far as the caller may know that it has none.
    let pool_of = |record: &load::Record| {
        let id = pooled.get(&record.id).filter(|_| Seen::of(access, record).owner)?;
        pools.iter().find(|pool| pool.id == *id).and_then(|pool| pool::named(&pools, pool.id, cx.lang()))
    };
    let shown: HashMap<i64, (Json, Json)> = records
        .iter()
        .map(|record| (record.id, (rendering.record(record), json!(pool_of(record)))))
        .collect();
    let item = |(since, record, reason): &(i64, i64, String)| {
        let (customer, pool) = shown.get(record)?;
        Some(json!({
            "reason": reason,
            "since": instant_text(*since),
            "days": (cx.moment.now - since).max(0) / DAY_MS,
            "customer": customer,
            "pool": pool,
        }))
    };
    Ok(found.iter().filter_map(item).collect())
}

fn counts(conn: &mut Conn, cx: &Cx, request: &LeakRequest) -> Result<Json> {
    let access = readable(conn, cx)?;
    let from = source(conn, cx, &access, request, None)?;
    let mut sql = Sql::raw("select count(distinct l.record_id) from ");
    sql.append(from.clone());
    let customers = conn.query_one(&sql)?.int(0)?;
    let grouped = |conn: &mut Conn, by: &str| -> Result<Vec<(Option<Json>, i64)>> {
        let mut sql = Sql::raw(format!("select {by}, count(*) from "));
        sql.append(from.clone()).push(&format!(" group by {by} order by count(*) desc limit {MAX_GROUPS}"));
        let rows = conn.query(&sql)?;
        let group = |row: &huike_store::Row| match row.value(0) {
            huike_store::ValueRef::Text(text) => Some(json!(text)),
            huike_store::ValueRef::Int(id) => Some(id_text(id)),
            _ => None,
        };
        rows.iter().map(|row| Ok((group(row), row.int(1)?))).collect()
    };
    let mut reasons = BTreeMap::from_iter(Reason::ALL.iter().map(|reason| (reason.name(), 0)));
    for (reason, count) in grouped(conn, "l.reason")? {
        if let Some(known) = reason.as_ref().and_then(Json::as_str).and_then(Reason::parse) {
            reasons.insert(known.name(), count);
        }
    }
    let everywhere = |name: &str| {
        field(&access, name)
            .is_some_and(|field| matches!(access.reach(&field, FieldAccess::Read), FieldReach::Everywhere))
    };
    let mut tiers = Vec::new();
    if everywhere("tier") {
        tiers = grouped(conn, "t.tier")?
            .into_iter()
            .map(|(tier, count)| json!({"tier": tier, "count": count}))
            .collect();
    }
    let mut departments = Vec::new();
    for (id, count) in grouped(conn, "t.department_id")? {
        let number = id.as_ref().and_then(Json::as_str).and_then(|id| id.parse::<huike_model::Id>().ok());
        let name =
            number.and_then(|id| cx.org.department(id.number())).map(|department| department.name.clone());
        departments.push(json!({"department": id.map(|id| json!({"id": id, "name": name})), "count": count}));
    }
    let mut owners = Vec::new();
    if everywhere("owner") {
        let found = grouped(conn, "t.owner_id")?;
        let person = |id: &Json| {
            let id = id.as_str()?.parse::<huike_model::Id>().ok()?.number();
            Some(person(cx, id))
        };
        owners = found
            .iter()
            .map(|(id, count)| json!({"owner": id.as_ref().and_then(person), "count": count}))
            .collect();
    }
    let ages = ages(conn, cx, &from)?;
    let trend = trend(conn, cx, &access, request)?;
    Ok(json!({
        "customers": customers, "reasons": reasons, "tiers": tiers, "departments": departments, "owners": owners,
        "ages": ages, "trend": trend, "checked": checked(conn)?,
    }))
}

/// How many leaks are at least so many days old.
fn ages(conn: &mut Conn, cx: &Cx, from: &Sql) -> Result<Vec<Json>> {
    let mut sql = Sql::raw("select ");
    for (place, days) in AGES.iter().enumerate() {
        sql.push(if place > 0 { ", count(case when l.since <= " } else { "count(case when l.since <= " });
        sql.bind(cx.moment.now.saturating_sub(days * DAY_MS)).push(" then 1 end)");
    }
    sql.push(" from ").append(from.clone());
    let row = conn.query_one(&sql)?;
    AGES.iter().enumerate().map(|(place, days)| Ok(json!({"days": days, "count": row.int(place)?}))).collect()
}

/// What the last nightly check found; null before the first.
fn checked(conn: &mut Conn) -> Result<Json> {
    let kept = setting::get(conn, CHECK_RESULT)?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// How many leaks were open at the end of each of the last days, today so far included.
fn trend(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, request: &LeakRequest) -> Result<Vec<Json>> {
    let today = day_number(cx.moment.today());
    let day_of = |at: i64| day_number(cx.moment.local(at).date());
    let first = today - TREND_DAYS + 1;
    let start = huike_model::moment::day_from_number(first).map_or(0, |day| cx.moment.midnight(day));
    let mut sql = Sql::raw("select l.since, l.closed_at from ");
    sql.append(source(conn, cx, access, request, Some(start))?);
    let (mut opened, mut closed, mut before) = (BTreeMap::new(), BTreeMap::new(), 0_i64);
    conn.query_each(&sql, |row| {
        let (since, end) = (row.int(0)?, row.opt_int(1)?);
        if since < start {
            before += 1;
        } else {
            *opened.entry(day_of(since)).or_insert(0_i64) += 1;
        }
        if let Some(end) = end {
            *closed.entry(day_of(end)).or_insert(0_i64) += 1;
        }
        Ok(())
    })?;
    let mut open = before;
    let days = (first..=today).map(|day| {
        open += opened.get(&day).unwrap_or(&0) - closed.get(&day).unwrap_or(&0);
        let date = huike_model::moment::day_from_number(day).map(|day| day.to_string());
        json!({"day": date, "open": open})
    });
    Ok(days.collect())
}
