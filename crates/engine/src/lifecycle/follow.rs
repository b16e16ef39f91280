//! Moves that happen by themselves. As with promises, what is counts and not what happened: a record that fits a rule is moved whenever
//! it is looked at, after a change of it or at the daily look through all of them.

use super::definition::{Automatic, Definition, Lifecycle, own_filter};
use super::{lifecycle, stage_of};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::{Draft, dead};
use crate::records::body::{self, Assignment};
use crate::records::load::{self, Record, by_id};
use crate::records::values::Values;
use crate::records::write::Writer;
use crate::shown::instant_text;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::filter::{Facts, Filter, Resolved};
use huike_model::moment::DAY_MS;
use huike_model::{Field, Object, Value};
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Whose silence a warning is still news: older ones are seen on the page, and a first start is no storm.
const NEWS_DAYS: i64 = 2;

/// Moves what should have moved among these records, and warns of what is about to; how many moved.
///
/// # Errors
/// The database's.
pub fn records(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    object: &Arc<Object>,
    ids: &[i64],
) -> Result<usize> {
    let Some(known) = lifecycle(cx, object) else { return Ok(0) };
    let mut moved = 0;
    for (place, rule) in known.definition.automatic.iter().enumerate() {
        for chunk in ids.chunks(500) {
            if !rule.warn_only {
                for id in fitting(conn, cx, object, &known.definition, rule, chunk, 0)? {
                    dead::try_one(conn, cx, &object.name, id, |conn| {
                        moved += usize::from(perform(conn, engine, cx, object, &known, rule, id)?);
                        Ok(())
                    })?;
                }
            }
            warn(conn, cx, object, &known.definition, (place, rule), chunk)?;
        }
    }
    Ok(moved)
}

/// The records of an object that a passing day may concern: those that fit a rule, and those whose owners are to be warned now.
pub fn concerned(cx: &Cx, object: &Object) -> Resolved {
    let Some(known) = lifecycle(cx, object) else { return Resolved::nothing() };
    let mut concerned = Resolved::nothing();
    for rule in &known.definition.automatic {
        let moves = (!rule.warn_only).then(|| filter(cx, &known.definition, rule, 0));
        let warned = rule.silent_days.filter(|_| rule.warn_days > 0).map(|days| {
            let near = filter(cx, &known.definition, rule, rule.warn_days.into());
            let told = (i64::from(days) - i64::from(rule.warn_days) + NEWS_DAYS) * DAY_MS;
            json!({"all": [near, {"not": silent_since(cx.moment.now - told)}]})
        });
        for json in [moves, warned].into_iter().flatten() {
            if let Some(filter) = checked(cx, object, &json) {
                concerned = concerned.or(filter.resolve(&cx.moment, cx));
            }
        }
    }
    concerned
}

/// The filter for records that a rule moves, as of so many days before the end of its silence.
pub(super) fn filter(cx: &Cx, definition: &Definition, rule: &Automatic, days_before: i64) -> Json {
    let mut all = vec![json!({"field": definition.field, "op": "ne", "value": rule.to})];
    if !rule.from.is_empty() {
        all.push(json!({"field": definition.field, "op": "in", "value": rule.from}));
    }
    all.extend(rule.when.clone());
    if let Some(days) = rule.silent_days {
        let until = cx.moment.now - (i64::from(days) - days_before) * DAY_MS;
        all.push(silent_since(until));
    }
    json!({"all": all})
}

/// Nobody was in contact after `until`, and the record is older than that.
fn silent_since(until: i64) -> Json {
    let until = instant_text(until);
    json!({"any": [
        {"field": "last_contact_at", "op": "lte", "value": until},
        {"all": [
            {"field": "last_contact_at", "op": "is_empty"},
            {"field": "created_at", "op": "lte", "value": until},
        ]},
    ]})
}

/// The checked filter of a rule; none when the dictionary has changed from under it.
pub(super) fn checked(cx: &Cx, object: &Object, json: &Json) -> Option<Filter> {
    own_filter(json, object, &cx.schema, &cx.moment).ok()
}

fn fitting(
    conn: &mut Conn,
    cx: &Cx,
    object: &Arc<Object>,
    definition: &Definition,
    rule: &Automatic,
    ids: &[i64],
    days_before: i64,
) -> Result<Vec<i64>> {
    let Some(filter) = checked(cx, object, &filter(cx, definition, rule, days_before)) else {
        return Ok(Vec::new());
    };
    let access = ObjectAccess::of_the_system(object);
    let mut query = RecordQuery::new(&access, &cx.schema, &[]);
    query.filter = by_id(object, ids).and(filter.resolve(&cx.moment, cx));
    query.limit = ids.len() as i64;
    Ok(query.run(conn)?.iter().map(|row| row.id).collect())
}

fn perform(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    object: &Arc<Object>,
    known: &Lifecycle,
    rule: &Automatic,
    id: i64,
) -> Result<bool> {
    load::lock(conn, object, id)?;
    // It may have changed until it was locked.
    if fitting(conn, cx, object, &known.definition, rule, &[id], 0)?.is_empty() {
        return Ok(false);
    }
    let everything = ObjectAccess::of_the_system(object);
    let Some(record) = load::find_many(conn, cx, &everything, &[id], Deleted::Live)?.pop() else {
        return Ok(false);
    };
    let Some(field) = object.field(&known.definition.field) else { return Ok(false) };
    let mut assignments = body::read(&rule.set, object, cx, |_| FieldAccess::Write)?;
    // What somebody wrote stays.
    assignments.retain(|one| record.values.of(&one.field).is_null());
    let to = Value::from(rule.to.as_str());
    assignments.push(Assignment { field: field.clone(), parsed: to.into() });
    let meta = json!({"stage": {"automatic": true}});
    Writer { engine, cx, conn }.update_noted(&record, assignments, Some(meta))?;
    Ok(true)
}

/// Tells owners whose customers are about to be moved for silence, each silence once.
fn warn(
    conn: &mut Conn,
    cx: &Cx,
    object: &Arc<Object>,
    definition: &Definition,
    (place, rule): (usize, &Automatic),
    ids: &[i64],
) -> Result<()> {
    let Some(days) = rule.silent_days.filter(|_| rule.warn_days > 0) else { return Ok(()) };
    let near = fitting(conn, cx, object, definition, rule, ids, rule.warn_days.into())?;
    if near.is_empty() {
        return Ok(());
    }
    let everything = ObjectAccess::of_the_system(object);
    for record in load::find_many(conn, cx, &everything, &near, Deleted::Live)? {
        let Some(since) = quiet_since(&record.values) else { continue };
        let until = since + i64::from(days) * DAY_MS;
        let news = until - i64::from(rule.warn_days) * DAY_MS + NEWS_DAYS * DAY_MS;
        let Some(owner) = record.values.int("owner").filter(|_| cx.moment.now < news) else { continue };
        let Some(reader) = cx.org.acting(owner, cx.moment.now) else { continue };
        let label = object
            .field(&definition.field)
            .and_then(|field| field.option(&rule.to))
            .map(|option| option.label.clone())
            .unwrap_or_default();
        let why = json!({"to": "owner", "days": days, "stage": label, "warn_only": rule.warn_only});
        let draft = Draft {
            subject: Some((object.name.clone(), record.id)),
            due_at: Some(until),
            title: record.values.title(),
            // It comes up at night as often as not: the digest of the morning brings it.
            live: false,
            ..Draft::plain(
                reader,
                "stage_warning",
                why,
                format!("s{}:{}:{place}:{since}", object.name, record.id),
            )
        };
        conn.batch(&draft.insert(conn, cx)?)?;
    }
    Ok(())
}

fn quiet_since(values: &Values) -> Option<i64> {
    values.int("last_contact_at").or(values.int("created_at"))
}

/// What will happen to a record by itself if nobody gets in touch, as far as it is near and the caller may know.
pub(super) fn ahead(
    cx: &Cx,
    access: &ObjectAccess,
    definition: &Definition,
    field: &Field,
    record: &Record,
) -> Vec<Json> {
    let values = &record.values;
    let now = stage_of(values, field).unwrap_or_default();
    let known = access
        .object
        .field("last_contact_at")
        .is_some_and(|about| access.on_row(about, &record.reached) >= FieldAccess::Read);
    let near = |rule: &Automatic| -> Option<Json> {
        let days = i64::from(rule.silent_days.filter(|_| known)?);
        let leads = rule.to != now && (rule.from.is_empty() || rule.from.iter().any(|from| from == now));
        if record.deleted || !leads {
            return None;
        }
        if let Some(when) = &rule.when {
            let filter = checked(cx, &access.object, when)?;
            if !filter.resolve(&cx.moment, cx).matches(values as &dyn Facts) {
                return None;
            }
        }
        let since = quiet_since(values)?;
        let at = since + days * DAY_MS;
        let told = at - i64::from(rule.warn_days) * DAY_MS;
        let label = field.option(&rule.to).map(|option| option.label.get(cx.lang()));
        (cx.moment.now >= told).then(|| {
            json!({
                "to": rule.to, "label": label, "at": instant_text(at), "warn_only": rule.warn_only,
                "silent_days": (cx.moment.now - since).max(0) / DAY_MS, "set": rule.set,
            })
        })
    };
    definition.automatic.iter().filter_map(near).collect()
}
