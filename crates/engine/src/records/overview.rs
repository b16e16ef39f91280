//! One record with everything around it, in one request: the 360° page.

use super::get::{references, rendered};
use super::load;
use super::render::{Names, Rendering};
use super::timeline::{TimelineRequest, timeline};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::quality::figures;
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::schema::Layer;
use huike_model::{Field, Object, Value};
use huike_store::Conn;
use huike_store::query::{Order, RecordQuery};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Related records shown of each kind, and how far they are counted.
const SHOWN: i64 = 5;
const COUNTED: i64 = 999;

impl Engine {
    /// # Errors
    /// `not_found`.
    pub async fn record_overview(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        let engine = self.clone();
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let record = load::find_or_survivor(conn, &cx, &access, id)?;
            let id = record.id;
            engine.reads().note(&cx, &access, &load::all_fields(&object), std::iter::once(&record));
            let all: Vec<String> = object
                .fields()
                .filter(|field| field.target().is_some() && access.best(field) >= FieldAccess::Read)
                .map(|field| field.name.clone())
                .collect();
            let expand = references(&access, &all)?;
            let body = rendered(conn, &cx, &access, &record, &expand)?.body;
            let mut related = Vec::new();
            let schema = cx.schema.clone();
            for (child, via) in schema.references_to(&object.name) {
                if !via.system && child.layer != Layer::System {
                    related.extend(self::related(conn, &cx, child, via, id)?);
                }
            }
            let first = timeline(conn, &cx, &access, &record, &TimelineRequest::default())?;
            let quality = figures::of_record(&cx, &access, &record);
            Ok(json!({"record": body, "related": related, "timeline": first, "quality": quality}))
        })
        .await
    }
}

/// The newest of one kind, and how many there are; none when the caller knows nothing of them.
fn related(
    conn: &mut Conn,
    cx: &Cx,
    child: &Arc<Object>,
    via: &Arc<Field>,
    parent: i64,
) -> Result<Option<Json>> {
    let access: ObjectAccess = cx.access_or_none(conn, child)?;
    let through = match access.reach(via, FieldAccess::Read) {
        FieldReach::Nowhere => return Ok(None),
        FieldReach::Everywhere => Resolved::everything(),
        FieldReach::Where(reach) => reach,
    };
    let fields: Vec<Arc<Field>> = shown_fields(child, via, &access);
    let mut query = RecordQuery::new(&access, &cx.schema, &fields);
    query.filter = Resolved::own(&child.name, via, Test::Equal(Value::Int(parent))).and(through);
    query.order = child
        .field("updated_at")
        .map(|field| Order { field: field.clone(), descending: true })
        .into_iter()
        .collect();
    query.limit = SHOWN;
    let rows = query.run(conn)?;
    let count =
        if (rows.len() as i64) < SHOWN { rows.len() as i64 } else { query.count(conn, Some(COUNTED + 1))? };
    let records = load::records(conn, cx, child, &fields, rows)?;
    let expand: BTreeSet<String> =
        fields.iter().filter(|field| field.target().is_some()).map(|field| field.name.clone()).collect();
    let names = Names::of(conn, cx, &fields, records.iter())?;
    let rendering = Rendering { access: &access, fields: &fields, expand: &expand, names: &names };
    let items: Vec<Json> = records.iter().map(|record| rendering.record(record)).collect();
    let label = via.inverse.as_ref().map_or(&child.label_plural, |inverse| &inverse.label);
    Ok(Some(json!({
        "object": child.name,
        "via": via.name,
        "label": label,
        "items": items,
        "count": count.min(COUNTED),
        "more": count > COUNTED,
    })))
}

/// The name and what stands on the object's card.
fn shown_fields(object: &Object, via: &Field, access: &ObjectAccess) -> Vec<Arc<Field>> {
    let mut names: Vec<&str> = vec![&object.name_field.name];
    names.extend(object.layout.card.iter().map(String::as_str));
    names.extend(["owner", "updated_at"]);
    let mut fields: Vec<Arc<Field>> = Vec::new();
    for name in names {
        let field = object
            .field(name)
            .filter(|field| access.best(field) >= FieldAccess::Masked && field.name != via.name);
        if let Some(field) = field.filter(|field| fields.iter().all(|known| known.name != field.name)) {
            fields.push(field.clone());
        }
    }
    fields
}
