//! What is to be done: one's own promises and those of one's people, as columns of a day.

use super::row::{self, Ended, Kind, OF_TASK, Obligation};
use super::standard::{CUSTOMER, LOST, TASK};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::list as records;
use crate::records::render::{Names, id_text};
use crate::shown::instant_text;
use huike_model::access::FieldAccess;
use huike_model::filter::Period;
use huike_model::{Code, Fault, Id, Lang};
use huike_store::query::{Deleted, RecordQuery};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Whose promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    Mine,
    /// Of everybody below the caller.
    Team,
}

row::words! {
    /// A column of the day.
    Bucket {
        Late "late",
        Today "today",
        /// From tomorrow to Sunday.
        Week "week",
        Later "later",
        /// Customers for whom nothing is planned.
        None "none",
    }
}

/// What a caller asks.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub scope: Scope,
    pub bucket: Option<Bucket>,
    /// Only this person's, who must be the caller or one of their people.
    pub owner: Option<i64>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// More people than this are not asked about one by one.
const MAX_PEOPLE: usize = 2_000;
/// Counts end here.
const COUNTED: i64 = 10_000;

impl Engine {
    /// The next page of promises, the earliest first.
    ///
    /// # Errors
    /// `invalid`, `bad_cursor`; `not_found` for an owner who is none of the caller's.
    pub async fn obligations(&self, cx: Cx, request: Request) -> Result<Json> {
        let engine = self.clone();
        self.read(move |conn| match request.bucket {
            Some(Bucket::None) => unplanned(conn, &engine, &cx, &request),
            _ => page(conn, &cx, &request),
        })
        .await
    }

    /// How many there are in each column.
    ///
    /// # Errors
    /// As [`Engine::obligations`].
    pub async fn obligation_counts(&self, cx: Cx, request: Request) -> Result<Json> {
        self.read(move |conn| {
            let people = people(&cx, &request)?;
            let bounds = Bounds::of(&cx);
            let mut sql = Sql::raw("select count(case when o.due_at < ");
            sql.bind(bounds.now).push(" then 1 end), count(case when o.due_at >= ").bind(bounds.now);
            sql.push(" and o.due_at < ").bind(bounds.tomorrow);
            sql.push(" then 1 end), count(*) from (select o.due_at from obligation o where ");
            planned(&mut sql, &people);
            sql.push(" and o.due_at < ").bind(bounds.week_end).push(" limit ").bind(COUNTED).push(") o");
            let row = conn.query_one(&sql)?;
            let (late, today, all) = (row.int(0)?, row.int(1)?, row.int(2)?);
            let none = unplanned_count(conn, &cx, &people)?;
            Ok(json!({"late": late, "today": today, "week": all - late - today, "none": none}))
        })
        .await
    }

    /// What was promised about one record, open first, with what came of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn obligations_of(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            crate::records::load::find(conn, &cx, &access, id, Deleted::Any)?;
            let mut sql = Sql::raw(format!("select {} from obligation where object = ", row::COLUMNS));
            sql.bind(object.name.as_str()).push(" and record_id = ").bind(id);
            sql.push(
                " order by case when closed_at is null then 0 else 1 end, due_at desc, id desc limit 100",
            );
            let found = row::read_all(conn, &sql)?;
            Ok(json!({"items": shown(conn, &cx, found)?}))
        })
        .await
    }
}

/// The instants between the columns.
pub(super) struct Bounds {
    pub(super) now: i64,
    pub(super) tomorrow: i64,
    pub(super) week_end: i64,
}

impl Bounds {
    pub(super) fn of(cx: &Cx) -> Bounds {
        let today = cx.moment.today();
        let tomorrow = Period::Day.shift(today, 1);
        let next_week = Period::Week.shift(Period::Week.start(today), 1);
        Bounds {
            now: cx.moment.now,
            tomorrow: cx.moment.midnight(tomorrow),
            week_end: cx.moment.midnight(next_week),
        }
    }

    /// First instant, and the one behind the last.
    fn span(&self, bucket: Option<Bucket>) -> (i64, i64) {
        match bucket {
            Some(Bucket::Late) => (i64::MIN, self.now),
            Some(Bucket::Today) => (self.now, self.tomorrow),
            Some(Bucket::Week) => (self.tomorrow, self.week_end),
            Some(Bucket::Later) => (self.week_end, i64::MAX),
            Some(Bucket::None) | None => (i64::MIN, i64::MAX),
        }
    }
}

/// Whose promises are asked for, and may be.
fn people(cx: &Cx, request: &Request) -> Result<Vec<i64>> {
    let me = cx.caller.actor.user();
    let mut people = match request.scope {
        Scope::Mine => stood_in_for(cx, me),
        Scope::Team => cx.org.reports_of(me),
    };
    if let Some(owner) = request.owner {
        if owner != me && !cx.org.reports_of(me).contains(&owner) {
            return Err(Code::NotFound.into());
        }
        people = vec![owner];
    }
    people.truncate(MAX_PEOPLE);
    Ok(people)
}

/// The caller, and those whom they stand in for now.
fn stood_in_for(cx: &Cx, me: i64) -> Vec<i64> {
    let now = cx.moment.now;
    let away = cx.org.follow.absences.iter().filter(|away| (away.from..away.to).contains(&now));
    let others =
        away.map(|away| away.user).filter(|user| *user != me && cx.org.acting(*user, now) == Some(me));
    std::iter::once(me).chain(others.collect::<HashSet<_>>()).collect()
}

/// Open promises of some people. That a customer is to be contacted goes without saying where something is agreed with them.
pub(super) fn planned(sql: &mut Sql, people: &[i64]) {
    sql.push("o.closed_at is null and ").push_in("o.owner_id", people.iter().copied());
    sql.push(
        " and not (o.kind = 'contact' and exists (select 1 from obligation p where p.closed_at is null \
         and p.object = o.object and p.record_id = o.record_id and p.kind in ('follow_up', 'task', 'plan_step')))",
    );
}

fn page(conn: &mut Conn, cx: &Cx, request: &Request) -> Result<Json> {
    let limit = limit(request)?;
    let people = people(cx, request)?;
    let (from, to) = Bounds::of(cx).span(request.bucket);
    let mut sql = Sql::raw(format!("select {} from obligation o where ", row::columns_of("o")));
    planned(&mut sql, &people);
    sql.push(" and o.due_at >= ").bind(from).push(" and o.due_at < ").bind(to);
    if let Some(cursor) = &request.cursor {
        let (due_at, id) = mark(cursor)?;
        sql.push(" and (o.due_at, o.id) > (").bind(due_at).push(", ").bind(id).push(")");
    }
    sql.push(" order by o.due_at, o.id limit ").bind(limit + 1);
    let mut found = row::read_all(conn, &sql)?;
    let more = found.len() as i64 > limit;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| cursor_text(last.due_at, last.id));
    Ok(json!({"items": shown(conn, cx, found)?, "next_cursor": next}))
}

fn limit(request: &Request) -> Result<i64> {
    let limit = request.limit.unwrap_or(records::DEFAULT_LIMIT);
    if (1..=records::MAX_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    let zh = format!("每页条数应在 1 到 {} 之间", records::MAX_LIMIT);
    let en = format!("The page size must be between 1 and {}", records::MAX_LIMIT);
    Err(Fault::new("limit", "range", zh, en).into())
}

pub(crate) fn cursor_text(at: i64, id: i64) -> String {
    huike_vault::hex(json!([at, id]).to_string().as_bytes())
}

pub(crate) fn mark(text: &str) -> Result<(i64, i64)> {
    let read = || serde_json::from_slice(&huike_vault::from_hex(text)?).ok();
    read().ok_or_else(|| Code::BadCursor.into())
}

/// The filter for living customers of some people for whom nothing is planned.
fn unplanned_filter(people: &[i64]) -> Json {
    let ids: Vec<Json> = people.iter().map(|id| id_text(*id)).collect();
    json!({"all": [
        {"field": "owner", "op": "in", "value": ids},
        {"field": "next_step_at", "op": "is_empty"},
        {"field": "stage", "op": "ne", "value": LOST},
    ]})
}

/// As records are listed anywhere, so that nothing is seen that isn't elsewhere.
fn unplanned(conn: &mut Conn, engine: &Engine, cx: &Cx, request: &Request) -> Result<Json> {
    let people = people(cx, request)?;
    let object = cx.object(CUSTOMER)?.clone();
    let access = cx.access_or_none(conn, &object)?;
    if people.is_empty() || !access.reads_anything() {
        return Ok(json!({"items": [], "next_cursor": null}));
    }
    let request = records::ListRequest {
        filter: Some(unplanned_filter(&people)),
        sort: vec!["last_contact_at".into()],
        fields: ["name", "owner", "last_contact_at"].map(str::to_owned).to_vec(),
        expand: vec!["owner".into()],
        limit: request.limit,
        cursor: request.cursor.clone(),
        ..records::ListRequest::default()
    };
    let listed = records::list(conn, engine, cx, &access, &request)?;
    let items = listed["items"].as_array().map(Vec::as_slice).unwrap_or_default().iter().map(|customer| {
        json!({
            "id": null, "kind": "none", "title": "", "object": CUSTOMER,
            "record": {"id": customer["id"], "name": customer["name"]},
            "owner": customer["owner"], "due_at": null, "all_day": false, "state": "open",
            "last_contact_at": customer["last_contact_at"], "task": null, "step": null, "rule": null, "can": []
        })
    });
    Ok(json!({"items": items.collect::<Vec<_>>(), "next_cursor": listed["next_cursor"]}))
}

fn unplanned_count(conn: &mut Conn, cx: &Cx, people: &[i64]) -> Result<i64> {
    let object = cx.object(CUSTOMER)?.clone();
    let access = cx.access_or_none(conn, &object)?;
    if people.is_empty() || !access.reads_anything() {
        return Ok(0);
    }
    let mut query = RecordQuery::new(&access, &cx.schema, &[]);
    query.filter = records::filter(cx, &access, &unplanned_filter(people))?;
    Ok(query.count(conn, Some(COUNTED))?)
}

/// The record of a subject as the caller reaches it: absent = not at all.
pub(crate) fn reached(
    conn: &mut Conn,
    cx: &Cx,
    wanted: impl Iterator<Item = (String, i64)>,
) -> Result<HashMap<(String, i64), Option<String>>> {
    let mut by_object: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (object, id) in wanted {
        by_object.entry(object).or_default().push(id);
    }
    let mut found = HashMap::new();
    for (name, ids) in by_object {
        let Some(object) = cx.schema.object(&name).cloned() else { continue };
        let access = cx.access_or_none(conn, &object)?;
        let fields = [object.name_field.clone()];
        let mut query = RecordQuery::new(&access, &cx.schema, &fields);
        query.filter = crate::records::load::by_id(&object, &ids);
        query.limit = ids.len() as i64;
        query.deleted = Deleted::Any;
        for row in query.run(conn)? {
            let readable = access.on_row(&object.name_field, &row.reached) >= FieldAccess::Read;
            let title = row.values.first().and_then(|value| value.as_text()).filter(|_| readable);
            found.insert((name.clone(), row.id), title.map(str::to_owned));
        }
    }
    Ok(found)
}

/// What a rule says of a promise, in the caller's language.
pub(super) fn title_of(cx: &Cx, kind: Kind, ladder: i64, title: &str) -> String {
    let rule = cx.org.follow.rule(ladder).map(|rule| rule.definition.name.get(cx.lang()).to_owned());
    match (kind, rule) {
        (Kind::Date | Kind::Contact, Some(rule)) if title.is_empty() => rule,
        (Kind::Date | Kind::Contact, Some(rule)) if cx.lang() == Lang::Zh => format!("{rule}：{title}"),
        (Kind::Date | Kind::Contact, Some(rule)) => format!("{rule}: {title}"),
        _ => title.to_owned(),
    }
}

/// Promises as the caller may see them; those about records out of reach are left out.
pub(super) fn shown(conn: &mut Conn, cx: &Cx, found: Vec<Obligation>) -> Result<Vec<Json>> {
    let subjects = found.iter().map(|one| (one.object.clone(), one.record));
    let holders = found.iter().map(|one| (one.holder.clone(), one.holder_id));
    let reached = reached(conn, cx, subjects.chain(holders).collect::<HashSet<_>>().into_iter())?;
    let mut names = Names::default();
    names.add(conn, cx, "user", found.iter().filter_map(|one| one.owner))?;
    let mut items = Vec::with_capacity(found.len());
    for one in found {
        let holder = reached.get(&(one.holder.clone(), one.holder_id));
        let subject = reached.get(&(one.object.clone(), one.record));
        let of_task = one.rule == OF_TASK;
        let of_plan = one.kind == Kind::PlanStep;
        if (holder.is_none() && !of_plan) || (!of_task && subject.is_none()) {
            continue;
        }
        let title = if of_task {
            holder.cloned().flatten().unwrap_or_default()
        } else {
            title_of(cx, one.kind, one.ladder, &one.title)
        };
        let rule = cx
            .org
            .follow
            .rule(one.ladder)
            .map(|rule| json!({"id": id_text(rule.id), "name": rule.definition.name.get(cx.lang())}));
        items.push(json!({
            "id": id_text(one.id),
            "kind": one.kind.name(),
            "title": title,
            "object": one.object,
            "record": {"id": id_text(one.record), "name": subject.cloned().flatten()},
            "owner": one.owner.map(|owner| names.reference("user", owner)),
            "due_at": instant_text(one.due_at),
            "all_day": one.all_day,
            "state": if one.closed_at.is_none() && one.due_at < cx.moment.now { "late" } else { one.state.name() },
            "closed_at": one.closed_at.map(instant_text),
            "task": (one.holder == TASK).then(|| id_text(one.holder_id)),
            "step": of_plan.then(|| id_text(one.holder_id)),
            "rule": rule,
            "can": allowed(one.kind, one.ended()),
        }));
    }
    Ok(items)
}

/// What can be done with a promise, for whoever may change what it is about. What a record shows to be done is opened again with the record.
pub(super) fn allowed(kind: Kind, ended: Option<Ended>) -> &'static [&'static str] {
    match (ended, kind) {
        (Some(Ended::ByHand), Kind::Date) => &["reopen"],
        (Some(_), _) | (None, Kind::Contact) => &[],
        (None, Kind::Date | Kind::PlanStep) => &["done", "waive"],
        (None, Kind::FollowUp | Kind::Task) => &["done", "waive", "snooze"],
    }
}

/// An id of a request's path.
pub(super) fn numbered(id: i64) -> Result<i64> {
    Ok(Id::new(id).map_err(|_| Code::NotFound)?.number())
}
