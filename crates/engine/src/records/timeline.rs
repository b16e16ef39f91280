//! Everything that happened around one record, newest first: the records on its timeline (往来, tasks …) and its own changes.
//!
//! Each source is read from one common place (time, id) on, and the pages are merged: ids are unique across objects, so the order is
//! total and a page ends at the same place in every source.

use super::get::references;
use super::history;
use super::load::{self, Record};
use super::render::{Names, Rendering, id_text};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::merging;
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::kinds::FieldType;
use huike_model::{Code, Field, Id, Object, Value};
use huike_store::log::{COLUMNS, LogEntry};
use huike_store::query::{Mark, Order, RecordQuery};
use huike_store::{Conn, Sql, StoreError};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a caller asks of a timeline.
#[derive(Clone, Debug, Default)]
pub struct TimelineRequest {
    pub limit: Option<i64>,
    pub cursor: Option<String>,
    /// Object names and `change`; everything when empty.
    pub kinds: Vec<String>,
}

/// One thing on the timeline, with its place.
struct Item {
    at: i64,
    id: i64,
    body: Json,
}

impl Engine {
    /// # Errors
    /// `not_found`, `bad_cursor`.
    pub async fn record_timeline(
        &self,
        cx: Cx,
        object: String,
        id: i64,
        request: TimelineRequest,
    ) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let record = load::find_or_survivor(conn, &cx, &access, id)?;
            timeline(conn, &cx, &access, &record, &request)
        })
        .await
    }
}

/// As [`Engine::record_timeline`], inside a read.
///
/// # Errors
/// As there.
pub fn timeline(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    record: &Record,
    request: &TimelineRequest,
) -> Result<Json> {
    let limit = request.limit.unwrap_or(30).clamp(1, super::list::MAX_LIMIT);
    let after = request.cursor.as_deref().map(place).transpose()?;
    let wanted = |kind: &str| request.kinds.is_empty() || request.kinds.iter().any(|each| each == kind);
    let mut items = Vec::new();
    let schema = cx.schema.clone();
    for (child, via) in schema.references_to(&access.object.name) {
        if child.timeline && !via.system && wanted(&child.name) {
            items.extend(records(conn, cx, child, via, record.id, after, limit + 1)?);
        }
    }
    if wanted("change") {
        items.extend(changes(conn, cx, access, record, after, limit + 1)?);
    }
    items.sort_by_key(|item| (std::cmp::Reverse(item.at), std::cmp::Reverse(item.id)));
    items.dedup_by_key(|item| item.id);
    let more = items.len() as i64 > limit;
    items.truncate(limit as usize);
    let next = items.last().filter(|_| more).map(|last| place_text(last.at, last.id));
    Ok(json!({"items": items.into_iter().map(|item| item.body).collect::<Vec<_>>(), "next_cursor": next}))
}

/// A place as an opaque text. Times before 1970 are negative.
fn place_text(at: i64, id: i64) -> String {
    format!("{at:x}-{id:x}")
}

fn place(text: &str) -> Result<(i64, i64)> {
    let read = || {
        let (at, id) = text.split_once('-')?;
        let number = |part: &str| u64::from_str_radix(part, 16).ok().map(u64::cast_signed);
        Some((number(at)?, number(id).filter(|id| *id > 0)?))
    };
    read().ok_or_else(|| Code::BadCursor.into())
}

/// When a record happened: its first time that is "now" unless said otherwise, or else when it was made. A time that the caller may not
/// read everywhere must not order what they see.
fn time_field<'a>(object: &'a Object, access: &ObjectAccess) -> Option<&'a Arc<Field>> {
    let stated = |field: &&Arc<Field>| {
        let now =
            field.kind == FieldType::DateTime && field.default.as_ref().and_then(Json::as_str) == Some("now");
        now && matches!(access.reach(field, FieldAccess::Read), FieldReach::Everywhere)
    };
    object.fields().find(stated).or_else(|| object.field("created_at"))
}

fn records(
    conn: &mut Conn,
    cx: &Cx,
    child: &Arc<Object>,
    via: &Arc<Field>,
    parent: i64,
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<Item>> {
    let access = cx.access_or_none(conn, child)?;
    let through = match access.reach(via, FieldAccess::Read) {
        FieldReach::Nowhere => return Ok(Vec::new()),
        FieldReach::Everywhere => Resolved::everything(),
        FieldReach::Where(reach) => reach,
    };
    let Some(time) = time_field(child, &access) else { return Ok(Vec::new()) };
    let fields = load::all_fields(child);
    let mut query = RecordQuery::new(&access, &cx.schema, &fields);
    let placed = Resolved::own(&child.name, time, Test::Empty).complement();
    query.filter = Resolved::own(&child.name, via, Test::Equal(Value::Int(parent))).and(placed).and(through);
    query.order = vec![Order { field: time.clone(), descending: true }];
    query.after = after.map(|(at, id)| Mark { values: vec![Value::Int(at)], id });
    query.limit = limit;
    let rows = query.run(conn)?;
    let found = load::records(conn, cx, child, &fields, rows)?;
    let shown: Vec<Arc<Field>> = fields
        .iter()
        .filter(|field| !field.system || field.name == "owner")
        .filter(|field| field.name != via.name)
        .cloned()
        .collect();
    let targets: Vec<String> = shown
        .iter()
        .filter(|field| field.target().is_some() && access.best(field) >= FieldAccess::Read)
        .map(|field| field.name.clone())
        .collect();
    let expand: BTreeSet<String> = references(&access, &targets)?;
    let expanded: Vec<Arc<Field>> =
        shown.iter().filter(|field| expand.contains(&field.name)).cloned().collect();
    let names = Names::of(conn, cx, &expanded, found.iter())?;
    let rendering = Rendering { access: &access, fields: &shown, expand: &expand, names: &names };
    Ok(found.iter().map(|record| record_item(cx, &access, &rendering, time, record)).collect())
}

fn record_item(cx: &Cx, access: &ObjectAccess, rendering: &Rendering, time: &Field, record: &Record) -> Item {
    let object = &access.object;
    let readable = |field: &Field| access.on_row(field, &record.reached) >= FieldAccess::Read;
    let at = record.values.of(time).as_int().unwrap_or_default();
    let body_field = object.fields().find(|field| field.kind == FieldType::LongText && readable(field));
    let text = body_field.and_then(|field| record.values.of(field).as_text());
    let title = Some(&object.name_field).filter(|field| readable(field)).map(|field| {
        let value = record.values.of(field);
        if value.is_null() {
            String::new()
        } else {
            field.value_type().kind().display(value, field, &cx.moment)
        }
    });
    let owner = record.values.int("owner").unwrap_or_default();
    let body = json!({
        "id": id_text(record.id),
        "at": history::time_text(at),
        "kind": object.name,
        "object": object.name,
        "record_id": id_text(record.id),
        "by": {"id": id_text(owner), "name": cx.org.user(owner).map(|person| &person.name)},
        "title": title,
        "text": text,
        "fields": rendering.record(record),
        "changes": [],
    });
    Item { at, id: record.id, body }
}

/// The record's own changes. Those of which the caller may see nothing don't count: the log is read on until the page is full.
fn changes(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    record: &Record,
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<Item>> {
    let (mut items, mut after) = (Vec::new(), after);
    // The history of a merged record goes on in its survivor's.
    let mut records = vec![record.id];
    records.extend(merging::absorbed(conn, &access.object.name, record.id)?);
    loop {
        let entries = entries(conn, access, &records, after, limit)?;
        let shown = history::render(conn, cx, access, &record.reached, &entries)?;
        items.extend(shown.into_iter().map(|change| change_item(access, record.id, &entries, change)));
        match entries.last() {
            Some(last) if (entries.len() as i64) == limit && (items.len() as i64) < limit => {
                after = Some((last.at, last.id))
            }
            _ => return Ok(items),
        }
    }
}

fn entries(
    conn: &mut Conn,
    access: &ObjectAccess,
    records: &[i64],
    after: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<LogEntry>> {
    let mut sql = Sql::raw(format!("select {COLUMNS} from change_log where object = "));
    sql.bind(access.object.name.as_str()).push(" and ").push_in("record_id", records.iter().copied());
    sql.push(&format!(" and op in ({})", history::WRITES));
    if let Some((at, id)) = after {
        sql.push(" and (at, id) < (").bind(at).push(", ").bind(id).push(")");
    }
    sql.push(" order by at desc, id desc limit ").bind(limit);
    Ok(conn.query(&sql)?.iter().map(LogEntry::read).collect::<Result<_, StoreError>>()?)
}

fn change_item(access: &ObjectAccess, record: i64, entries: &[LogEntry], mut change: Json) -> Item {
    let id: i64 = change["id"].as_str().and_then(|id| id.parse::<Id>().ok()).map_or(0, Id::number);
    let at = entries.iter().find(|entry| entry.id == id).map_or(0, |entry| entry.at);
    let kind = if change["op"] == "create" { "created" } else { "change" };
    change["kind"] = kind.into();
    change["object"] = access.object.name.as_str().into();
    change["record_id"] = id_text(record);
    Item { at, id, body: change }
}
