//! How a manager's people keep up: what is late, which customers are cared for, and how fast new ones are answered.
//!
//! Promises are those of the people below the caller. Customers are counted only as far as the caller may read them.

use super::leaks::Reason;
use super::list::{Bounds, planned};
use super::radar::{self, LeakRequest};
use super::standard::{CUSTOMER, INTERACTION, LOST, TALKS};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::list::filter;
use crate::records::render::id_text;
use crate::shown::person;
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::moment::DAY_MS;
use huike_store::query::{RecordQuery, condition};
use huike_store::{Conn, Sql, first_id_at};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// More people than this are not shown one by one.
const MAX_PEOPLE: usize = 300;
/// Days over which keeping and answering are measured.
const WINDOW_DAYS: i64 = 30;
/// New customers whose first contact is looked for, the newest ones.
const MAX_NEW: i64 = 5_000;

/// One person's figures.
#[derive(Clone, Debug, Default)]
struct Figures {
    late: i64,
    today: i64,
    week: i64,
    /// Promises of the window that have come due: kept in time, kept late, not kept.
    kept: i64,
    kept_late: i64,
    missed: i64,
    customers: i64,
    unplanned: i64,
    silent: i64,
    new: i64,
    unanswered: i64,
    /// Working minutes from a customer's creation to the first contact.
    answered: Vec<i64>,
}

type Tiers = BTreeMap<Option<String>, (i64, i64)>;

impl Engine {
    /// The caller's people, those with the most that is late first.
    ///
    /// # Errors
    /// None but the database's.
    pub async fn team(&self, cx: Cx) -> Result<Json> {
        self.read(move |conn| team(conn, &cx)).await
    }
}

fn team(conn: &mut Conn, cx: &Cx) -> Result<Json> {
    let mut people = cx.org.reports_of(cx.caller.actor.user());
    people.retain(|user| cx.org.is_active(*user));
    let whole = people.len();
    people.truncate(MAX_PEOPLE);
    let mut each: BTreeMap<i64, Figures> = people.iter().map(|user| (*user, Figures::default())).collect();
    let mut tiers = Tiers::new();
    if !people.is_empty() {
        promises(conn, cx, &people, &mut each)?;
        kept(conn, cx, &people, &mut each)?;
        let object = cx.object(CUSTOMER)?.clone();
        let access = cx.access_or_none(conn, &object)?;
        let open = |name: &str| {
            let field = access.object.field(name);
            field
                .is_some_and(|field| matches!(access.reach(field, FieldAccess::Read), FieldReach::Everywhere))
        };
        if access.reads_anything() && open("owner") && open("stage") {
            customers(conn, cx, &access, &people, open("tier"), &mut each, &mut tiers)?;
            silent(conn, cx, &access, &people, open("tier"), &mut each, &mut tiers)?;
            if open("last_contact_at") {
                answered(conn, cx, &access, &people, &mut each)?;
            }
        }
    }
    let mut shown: Vec<(i64, Json)> =
        each.into_iter().map(|(user, figures)| (figures.late, shown(cx, user, figures))).collect();
    shown.sort_by_key(|(late, _)| std::cmp::Reverse(*late));
    let tiers: Vec<Json> = tiers
        .into_iter()
        .map(|(tier, (customers, silent))| json!({"tier": tier, "customers": customers, "silent": silent}))
        .collect();
    Ok(json!({
        "days": WINDOW_DAYS, "people": shown.into_iter().map(|(_, one)| one).collect::<Vec<_>>(),
        "tiers": tiers, "more": whole > MAX_PEOPLE,
    }))
}

fn shown(cx: &Cx, user: i64, mut figures: Figures) -> Json {
    figures.answered.sort_unstable();
    let median = figures.answered.get(figures.answered.len() / 2);
    let department = cx.org.user(user).and_then(|person| person.department);
    let department = department.map(|id| {
        json!({"id": id_text(id), "name": cx.org.department(id).map(|department| department.name.clone())})
    });
    json!({
        "user": person(cx, user), "department": department,
        "late": figures.late, "today": figures.today, "week": figures.week,
        "kept": figures.kept, "kept_late": figures.kept_late, "missed": figures.missed,
        "customers": figures.customers, "unplanned": figures.unplanned, "silent": figures.silent,
        "new": figures.new, "unanswered": figures.unanswered, "response_minutes": median,
    })
}

fn promises(conn: &mut Conn, cx: &Cx, people: &[i64], each: &mut BTreeMap<i64, Figures>) -> Result<()> {
    let bounds = Bounds::of(cx);
    let mut sql = Sql::raw("select o.owner_id, count(case when o.due_at < ");
    sql.bind(bounds.now).push(" then 1 end), count(case when o.due_at >= ").bind(bounds.now);
    sql.push(" and o.due_at < ")
        .bind(bounds.tomorrow)
        .push(" then 1 end), count(*) from obligation o where ");
    planned(&mut sql, people);
    sql.push(" and o.due_at < ").bind(bounds.week_end).push(" group by o.owner_id");
    conn.query_each(&sql, |row| {
        if let Some(figures) = each.get_mut(&row.int(0)?) {
            (figures.late, figures.today) = (row.int(1)?, row.int(2)?);
            figures.week = row.int(3)? - figures.late - figures.today;
        }
        Ok(())
    })?;
    Ok(())
}

fn kept(conn: &mut Conn, cx: &Cx, people: &[i64], each: &mut BTreeMap<i64, Figures>) -> Result<()> {
    let now = cx.moment.now;
    let mut sql = Sql::raw(
        "select owner_id, count(case when state = 'done' and closed_at <= due_at then 1 end), \
         count(case when state = 'done' and closed_at > due_at then 1 end), \
         count(case when closed_at is null then 1 end) from obligation where id >= ",
    );
    // Ids are ordered by time: promises made within the window. That a customer is to be contacted was agreed with nobody.
    sql.bind(first_id_at(now - WINDOW_DAYS * DAY_MS)).push(" and (due_at < ").bind(now);
    sql.push(" or state = 'done') and kind <> 'contact' and ")
        .push_in("owner_id", people.iter().copied())
        .push(" group by owner_id");
    conn.query_each(&sql, |row| {
        if let Some(figures) = each.get_mut(&row.int(0)?) {
            (figures.kept, figures.kept_late, figures.missed) = (row.int(1)?, row.int(2)?, row.int(3)?);
        }
        Ok(())
    })?;
    Ok(())
}

fn customers(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    people: &[i64],
    tiered: bool,
    each: &mut BTreeMap<i64, Figures>,
    tiers: &mut Tiers,
) -> Result<()> {
    let ids: Vec<Json> = people.iter().map(|id| id_text(*id)).collect();
    let living = json!({"all": [
        {"field": "owner", "op": "in", "value": ids}, {"field": "stage", "op": "ne", "value": LOST},
    ]});
    let mut query = RecordQuery::new(access, &cx.schema, &[]);
    query.filter = filter(cx, access, &living)?;
    let plans = access
        .object
        .field("next_step_at")
        .filter(|field| matches!(access.reach(field, FieldAccess::Read), FieldReach::Everywhere));
    let unplanned = match plans {
        Some(field) => {
            format!("count(case when t.{} is null then 1 end)", huike_store::sql::ident(&field.column)?)
        }
        None => "0".to_owned(),
    };
    let tier = if tiered { "t.tier" } else { "cast(null as text)" };
    let mut sql = Sql::raw(format!("select t.owner_id, {tier}, count(*), {unplanned} from "));
    query.source(&mut sql, conn)?;
    sql.push(" group by 1, 2");
    conn.query_each(&sql, |row| {
        let (owner, count) = (row.int(0)?, row.int(2)?);
        if let Some(figures) = each.get_mut(&owner) {
            figures.customers += count;
            figures.unplanned += row.int(3)?;
        }
        if tiered {
            tiers.entry(row.opt_text(1)?.map(str::to_owned)).or_default().0 += count;
        }
        Ok(())
    })?;
    Ok(())
}

fn silent(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    people: &[i64],
    tiered: bool,
    each: &mut BTreeMap<i64, Figures>,
    tiers: &mut Tiers,
) -> Result<()> {
    let request = LeakRequest { reason: Some(Reason::Silent), ..LeakRequest::default() };
    let tier = if tiered { "t.tier" } else { "cast(null as text)" };
    let mut sql = Sql::raw(format!("select t.owner_id, {tier}, count(*) from "));
    sql.append(radar::source(conn, cx, access, &request, None)?).push(" and ");
    sql.push_in("t.owner_id", people.iter().copied()).push(" group by 1, 2");
    conn.query_each(&sql, |row| {
        if let Some(figures) = each.get_mut(&row.int(0)?) {
            figures.silent += row.int(2)?;
        }
        if tiered {
            tiers.entry(row.opt_text(1)?.map(str::to_owned)).or_default().1 += row.int(2)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// How long new customers waited for the first talk, in working minutes of their owner.
fn answered(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    people: &[i64],
    each: &mut BTreeMap<i64, Figures>,
) -> Result<()> {
    let from = cx.moment.now - WINDOW_DAYS * DAY_MS;
    let mut sql = Sql::raw("select t.owner_id, t.created_at, (select min(i.occurred_at) from ");
    sql.push_ident(INTERACTION)?;
    sql.push(" i where i.customer = t.id and i.deleted_at is null and i.occurred_at >= t.created_at and ");
    sql.push_in("i.kind", TALKS).push(") from customer t where t.deleted_at is null and t.id >= ");
    sql.bind(first_id_at(from)).push(" and t.created_at >= ").bind(from).push(" and ");
    sql.push_in("t.owner_id", people.iter().copied()).push(" and ");
    sql.append(condition(&access.read_scope(), "t", &cx.schema, conn.dialect())?);
    sql.push(" order by t.id desc limit ").bind(MAX_NEW);
    let mut waited = Vec::new();
    conn.query_each(&sql, |row| {
        waited.push((row.int(0)?, row.int(1)?, row.opt_int(2)?));
        Ok(())
    })?;
    for (owner, made, first) in waited {
        let Some(figures) = each.get_mut(&owner) else { continue };
        figures.new += 1;
        match first {
            None => figures.unanswered += 1,
            Some(first) => {
                let working = cx.org.calendar_of(Some(owner)).working_between(made, first);
                figures.answered.push(working / 60_000);
            }
        }
    }
    Ok(())
}
