//! The files of a record: in its own fields, in those of what points at it, and attached to it as a whole.

use super::load::{self, Record};
use super::render::{Names, id_text};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::files::members;
use crate::shown::instant_text;
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::{Field, Label, Object, Value};
use huike_store::query::{Order, RecordQuery};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Records of each kind that are looked through, the newest first.
const LOOKED_AT: i64 = 50;
/// Files attached to the record as a whole that are shown.
const ATTACHED: i64 = 200;

/// Where a file is named.
struct Place {
    file: i64,
    object: String,
    record: i64,
    title: String,
    label: Option<Label>,
    at: Option<i64>,
}

impl Engine {
    /// Files that the caller may read, the newest first.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn record_files(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let record = load::find_or_survivor(conn, &cx, &access, id)?;
            let mut places = named_by(&access, &record);
            let schema = cx.schema.clone();
            for (child, via) in schema.references_to(&object.name) {
                if child.fields().any(|field| field.holds_files()) {
                    places.extend(below(conn, &cx, child, via, record.id)?);
                }
            }
            places.extend(attached(conn, &access, &record)?);
            shown(conn, &cx, places)
        })
        .await
    }
}

fn title(access: &ObjectAccess, record: &Record) -> String {
    let known = access.on_row(&access.object.name_field, &record.reached) >= FieldAccess::Read;
    if known { record.values.title() } else { String::new() }
}

/// The files in the fields of a record that this caller may read.
fn named_by(access: &ObjectAccess, record: &Record) -> Vec<Place> {
    let object = &access.object;
    let title = title(access, record);
    let at = record.values.int("created_at");
    let readable = |field: &&Arc<Field>| {
        field.holds_files() && access.on_row(field, &record.reached) >= FieldAccess::Read
    };
    let place = |field: &Arc<Field>, file: i64| Place {
        file,
        object: object.name.clone(),
        record: record.id,
        title: title.clone(),
        label: Some(field.label.clone()),
        at,
    };
    let fields = object.fields().filter(readable);
    fields
        .flat_map(|field| members(record.values.of(field)).map(|file| place(field, file)).collect::<Vec<_>>())
        .collect()
}

/// The files of what points at a record.
fn below(conn: &mut Conn, cx: &Cx, child: &Arc<Object>, via: &Arc<Field>, parent: i64) -> Result<Vec<Place>> {
    let access = cx.access_or_none(conn, child)?;
    let through = match access.reach(via, FieldAccess::Read) {
        FieldReach::Nowhere => return Ok(Vec::new()),
        FieldReach::Everywhere => Resolved::everything(),
        FieldReach::Where(reach) => reach,
    };
    let holds = child.fields().filter(|field| field.holds_files());
    let some = holds.map(|field| Resolved::own(&child.name, field, Test::Empty).complement()).collect();
    let fields = load::all_fields(child);
    let mut query = RecordQuery::new(&access, &cx.schema, &fields);
    query.filter = Resolved::own(&child.name, via, Test::Equal(Value::Int(parent)))
        .and(Resolved::Any(some))
        .and(through);
    let newest = child.field("id").map(|field| Order { field: field.clone(), descending: true });
    (query.order, query.limit) = (newest.into_iter().collect(), LOOKED_AT);
    let rows = query.run(conn)?;
    let records = load::records(conn, cx, child, &fields, rows)?;
    Ok(records.iter().flat_map(|record| named_by(&access, record)).collect())
}

/// The files attached to the record as a whole.
fn attached(conn: &mut Conn, access: &ObjectAccess, record: &Record) -> Result<Vec<Place>> {
    // As open as its business fields, as where the content is given out.
    if !record.open_in_full(access) {
        return Ok(Vec::new());
    }
    let object = &access.object;
    let title = title(access, record);
    let sql = "select file_id from file_use where object = $1 and record_id = $2 and field = '' order by file_id desc limit $3";
    let rows =
        conn.query(&Sql::with(sql, [object.name.as_str().into(), record.id.into(), ATTACHED.into()])?)?;
    let ids = rows.iter().map(|row| Ok(row.int(0)?)).collect::<Result<BTreeSet<i64>>>()?;
    let place = |file: i64| Place {
        file,
        object: object.name.clone(),
        record: record.id,
        title: title.clone(),
        label: None,
        at: None,
    };
    Ok(ids.into_iter().map(place).collect())
}

fn shown(conn: &mut Conn, cx: &Cx, mut places: Vec<Place>) -> Result<Json> {
    places.sort_by_key(|place| std::cmp::Reverse(place.file));
    places.dedup_by_key(|place| place.file);
    let mut names = Names::default();
    names.add_files(conn, cx, &places.iter().map(|place| place.file).collect())?;
    let items: Vec<Json> = places
        .into_iter()
        .filter_map(|place| {
            let mut item = names.file(place.file)?.clone();
            item["object"] = place.object.into();
            item["record"] = json!({"id": id_text(place.record), "name": place.title});
            item["label"] = json!(place.label);
            item["at"] = json!(place.at.map(instant_text));
            Some(item)
        })
        .collect();
    Ok(json!({ "items": items }))
}
