//! What happened to a record, and the record as it was: readings of the change log.

use super::load;
use super::log::value_from_log;
use super::render::{Names, id_text};
use super::values::Values;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::files::members as members_of;
use chrono::{DateTime, SecondsFormat, Utc};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Code, Fault, Field, Id, Value};
use huike_store::log::{COLUMNS, Cursor, LogEntry};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql, StoreError};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

const MAX_REPLAYED: i64 = 100_000;

/// The entries that make a new version of a record, as a list in SQL.
pub(super) const WRITES: &str = "'create', 'update', 'delete', 'restore', 'merge', 'unmerge'";

impl Engine {
    /// The changes of a record, newest first, as far as the caller may read the fields. With a field only those of that field.
    ///
    /// # Errors
    /// `not_found`, `bad_cursor`; `invalid` for a field that the caller may not read or that isn't there.
    pub async fn record_history(
        &self,
        cx: Cx,
        object: String,
        id: i64,
        field: Option<String>,
        limit: i64,
        cursor: Option<String>,
    ) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let record = load::find(conn, &cx, &access, id, Deleted::Any)?;
            if let Some(name) = &field {
                let shown =
                    |field: &&Arc<Field>| access.on_row(field, &record.reached) >= FieldAccess::Masked;
                object.field(name).filter(shown).ok_or_else(|| vec![Fault::unknown_field(name)])?;
            }
            let before = cursor.as_deref().map(read_cursor).transpose()?;
            let limit = limit.clamp(1, super::list::MAX_LIMIT);
            let mut entries = entries_of(conn, &object.name, id, field.as_deref(), before, limit + 1)?;
            let more = entries.len() as i64 > limit;
            entries.truncate(limit as usize);
            let next = entries.last().filter(|_| more).map(|last| cursor_text(last.cursor()));
            let mut shown = render(conn, &cx, &access, &record.reached, &entries)?;
            if let Some(field) = &field {
                shown.retain_mut(|change| only(change, field));
            }
            Ok(json!({"items": shown, "next_cursor": next}))
        })
        .await
    }

    /// The record as it was at a time (milliseconds since 1970), in the fields the caller may read now.
    ///
    /// # Errors
    /// `not_found` when the caller doesn't reach the record, or it didn't exist yet.
    pub async fn record_at(&self, cx: Cx, object: String, id: i64, at: i64) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let record = load::find(conn, &cx, &access, id, Deleted::Any)?;
            let past = replay(conn, &cx, &record, at)?.ok_or(Code::NotFound)?;
            let fields: Vec<Arc<Field>> = object
                .fields()
                .filter(|field| !field.computed() || field.format.is_some())
                .cloned()
                .collect();
            let names = Names::default();
            let rendering = super::render::Rendering {
                access: &access,
                fields: &fields,
                expand: &Default::default(),
                names: &names,
            };
            Ok(rendering.record(&past))
        })
        .await
    }
}

/// The record as its entries up to a time make it; none when it wasn't there yet.
fn replay(conn: &mut Conn, cx: &Cx, record: &load::Record, at: i64) -> Result<Option<load::Record>> {
    let object = record.values.object().clone();
    let mut sql = Sql::raw(format!("select {COLUMNS} from change_log where object = "));
    sql.bind(object.name.as_str()).push(" and record_id = ").bind(record.id).push(" and at <= ").bind(at);
    sql.push(&format!(" and op in ({WRITES}) order by tx, id limit ")).bind(MAX_REPLAYED);
    let mut past =
        load::Record { version: 0, deleted: false, values: Values::new(&object), ..record.clone() };
    cx.keys().prefetch(conn, &[record.id])?;
    for row in conn.query(&sql)? {
        apply(cx, &mut past, &LogEntry::read(&row)?)?;
    }
    Ok((past.version > 0).then_some(past))
}

/// Takes one entry over into a record of the past. Each is one version.
fn apply(cx: &Cx, past: &mut load::Record, entry: &LogEntry) -> Result<()> {
    let object = past.values.object().clone();
    for (name, json) in members(entry.after.as_deref())? {
        if let Some(field) = object.any_field(&name) {
            past.values.set(&name, opened(cx, &object.name, field, past.id, value_from_log(&json)));
        }
    }
    past.version += 1;
    past.deleted = entry.op == "delete";
    if entry.op == "create" {
        past.values.set("created_at", Value::Int(entry.at));
        past.values.set("created_by", entry.actor.into());
    }
    past.values.set("updated_at", Value::Int(entry.at));
    past.values.set("updated_by", entry.actor.into());
    past.values.set("deleted_at", past.deleted.then_some(entry.at).into());
    Ok(())
}

/// The entries of one record before a place, newest first.
///
/// # Errors
/// The database's.
pub fn entries(
    conn: &mut Conn,
    object: &str,
    id: i64,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Vec<LogEntry>> {
    entries_of(conn, object, id, None, before, limit)
}

/// Leaves of a change what it did to one field; whether that is anything.
fn only(change: &mut Json, field: &str) -> bool {
    let Some(changes) = change["changes"].as_array_mut() else { return false };
    changes.retain(|one| one["field"] == field);
    !changes.is_empty()
}

/// The entries of one record before a place, newest first; with a field those that may have changed it.
fn entries_of(
    conn: &mut Conn,
    object: &str,
    id: i64,
    field: Option<&str>,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Vec<LogEntry>> {
    let mut sql = Sql::raw(format!("select {COLUMNS} from change_log where object = "));
    sql.bind(object).push(" and record_id = ").bind(id).push(&format!(" and op in ({WRITES})"));
    if let Some(field) = field {
        // The underscore of a name stands for any character here: what is found besides is left out afterwards.
        let member = format!("%\"{field}\":%");
        sql.push(" and (after like ").bind(member.as_str()).push(" or before like ").bind(member).push(")");
    }
    if let Some(before) = before {
        sql.push(" and (tx, id) < (").bind(before.tx).push(", ").bind(before.id).push(")");
    }
    sql.push(" order by tx desc, id desc limit ").bind(limit);
    Ok(conn.query(&sql)?.iter().map(LogEntry::read).collect::<Result<_, StoreError>>()?)
}

/// Entries as changes. A field that the caller may not read leaves no trace; an entry of which nothing is left stays out.
///
/// # Errors
/// The database's.
pub fn render(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    reached: &[bool],
    entries: &[LogEntry],
) -> Result<Vec<Json>> {
    let object = &access.object;
    let ids: Vec<i64> = entries.iter().filter_map(|entry| entry.record_id).collect();
    cx.keys().prefetch(conn, &ids)?;
    let mut names = Names::default();
    names.add(conn, cx, "user", entries.iter().filter_map(|entry| entry.actor))?;
    let mut parsed = Vec::with_capacity(entries.len());
    let mut files = BTreeSet::new();
    for entry in entries {
        let (before, after) = (members(entry.before.as_deref())?, members(entry.after.as_deref())?);
        for (name, json) in before.iter().chain(&after) {
            if object.field(name).is_some_and(|field| field.holds_files()) {
                files.extend(members_of(&value_from_log(json)));
            }
            let target = object.field(name).and_then(|field| field.target());
            if let (Some(target), Some(id)) = (target, json.as_i64()) {
                names.add(conn, cx, target, [id])?;
            }
        }
        parsed.push((entry, before, after));
    }
    names.add_files(conn, cx, &files)?;
    let mut shown = Vec::with_capacity(parsed.len());
    for (entry, before, after) in parsed {
        let changes = changes(cx, access, reached, entry, &before, &after, &names);
        if changes.is_empty() && entry.op == "update" {
            continue;
        }
        let actor = entry.actor.unwrap_or_default();
        shown.push(json!({
            "id": Id::new(entry.id).map(|id| id.to_string()).unwrap_or_default(),
            "at": time_text(entry.at),
            "by": {"id": id_text(actor), "name": names.get("user", actor), "kind": entry.actor_kind},
            "via": entry.via,
            "op": entry.op,
            "changes": changes,
        }));
    }
    Ok(shown)
}

fn changes(
    cx: &Cx,
    access: &ObjectAccess,
    reached: &[bool],
    entry: &LogEntry,
    before: &Map<String, Json>,
    after: &Map<String, Json>,
    names: &Names,
) -> Vec<Json> {
    let object = &access.object;
    let record = entry.record_id.unwrap_or_default();
    let fields =
        object.fields().filter(|field| before.contains_key(&field.name) || after.contains_key(&field.name));
    let side = |field: &Field, members: &Map<String, Json>| match members.get(&field.name) {
        None => Json::Null,
        Some(json) => {
            let value = opened(cx, &object.name, field, record, value_from_log(json));
            match (&value, field.target(), access.on_row(field, reached)) {
                (Value::Null, ..) => Json::Null,
                (_, _, FieldAccess::Masked) => field.value_type().kind().mask(&value, field),
                (Value::Int(id), Some(target), _) => names.reference(target, *id),
                _ if field.holds_files() => names.files(&value),
                _ => field.value_type().kind().to_json(&value, field),
            }
        }
    };
    fields
        .filter(|field| access.on_row(field, reached) >= FieldAccess::Masked)
        .map(|field| json!({"field": field.name, "label": field.label, "before": side(field, before), "after": side(field, after)}))
        .collect()
}

/// A value from the log, opened where it was sealed; empty when the subject's key is destroyed.
fn opened(cx: &Cx, object: &str, field: &Field, record: i64, value: Value) -> Value {
    match &value {
        Value::Text(sealed) if field.encrypted && huike_vault::seal::is_sealed(sealed) => {
            cx.keys().open_value(object, field, record, sealed).into()
        }
        _ => value,
    }
}

fn members(text: Option<&str>) -> Result<Map<String, Json>> {
    match text {
        None => Ok(Map::new()),
        Some(text) => {
            serde_json::from_str(text).map_err(|_| EngineError::internal("an entry of the log can't be read"))
        }
    }
}

/// RFC 3339 in UTC with milliseconds.
pub fn time_text(at: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(at)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A place in the log as an opaque text.
pub fn cursor_text(cursor: Cursor) -> String {
    format!("{:x}-{:x}", cursor.tx, cursor.id)
}

/// # Errors
/// `bad_cursor`.
pub fn read_cursor(text: &str) -> Result<Cursor> {
    let number = |part: &str| i64::from_str_radix(part, 16).ok().filter(|number| *number >= 0);
    text.split_once('-')
        .and_then(|(tx, id)| Some(Cursor { tx: number(tx)?, id: number(id)? }))
        .ok_or_else(|| Code::BadCursor.into())
}
