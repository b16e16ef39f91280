//! Reading one record.

use super::load::{self, Record};
use super::render::{Names, Rendering, id_text};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Fault, Field};
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A record as an answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub id: i64,
    pub version: i64,
    pub body: Json,
}

impl Engine {
    /// A record with every field that the caller may see, and what they may do with it. The id of a record that was merged gives the one
    /// that it was merged into.
    ///
    /// # Errors
    /// `not_found`; `invalid` for an unknown field in `expand`.
    pub async fn get_record(&self, cx: Cx, object: String, id: i64, expand: Vec<String>) -> Result<Answer> {
        let engine = self.clone();
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let expand = references(&access, &expand)?;
            let record = load::find_or_survivor(conn, &cx, &access, id)?;
            engine.reads().note(&cx, &access, &load::all_fields(&object), std::iter::once(&record));
            rendered(conn, &cx, &access, &record, &expand)
        })
        .await
    }
}

/// The record as the caller sees it, after a write. Of what they gave away they are told its id and version and no more.
///
/// # Errors
/// The database's.
pub fn answer(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, id: i64) -> Result<Answer> {
    if let Some(record) = load::find_many(conn, cx, access, &[id], Deleted::Any)?.pop() {
        return rendered(conn, cx, access, &record, &BTreeSet::new());
    }
    let everything = ObjectAccess::of_the_system(&access.object);
    let version = load::find(conn, cx, &everything, id, Deleted::Any)?.version;
    Ok(Answer { id, version, body: json!({"id": id_text(id), "version": version}) })
}

/// # Errors
/// The database's.
pub fn rendered(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    record: &Record,
    expand: &BTreeSet<String>,
) -> Result<Answer> {
    let fields = load::all_fields(&access.object);
    let expanded: Vec<Arc<Field>> =
        fields.iter().filter(|field| expand.contains(&field.name)).cloned().collect();
    let names = Names::of(conn, cx, &expanded, std::iter::once(record))?;
    let mut body = Rendering { access, fields: &fields, expand, names: &names }.record(record);
    let mut permitted = |scope| -> Result<bool> {
        let mut query = RecordQuery::new(access, &cx.schema, &[]);
        query.filter = load::by_id(&access.object, &[record.id]).and(scope);
        query.deleted = Deleted::Any;
        query.limit = 1;
        Ok(!query.run(conn)?.is_empty())
    };
    let update = permitted(access.update_scope())?;
    let delete = permitted(access.delete_scope())?;
    let share = match access.shares_what_it_changes() {
        Some(share) => share,
        None => permitted(access.share_scope())?,
    };
    body["_can"] = json!({"update": update && !record.deleted, "delete": delete, "share": update && share});
    Ok(Answer { id: record.id, version: record.version, body })
}

/// Checks the names of references to expand. A field that may not be read can't be expanded either, and isn't told from none.
///
/// # Errors
/// `invalid` with every name that isn't a readable reference.
pub fn references(access: &ObjectAccess, names: &[String]) -> Result<BTreeSet<String>> {
    let mut faults = Vec::new();
    for name in names {
        let readable = |field: &&Arc<Field>| {
            (field.target().is_some() || field.holds_files()) && access.best(field) >= FieldAccess::Read
        };
        if access.object.field(name).filter(readable).is_none() {
            faults.push(Fault::unknown_field(name));
        }
    }
    if faults.is_empty() { Ok(names.iter().cloned().collect()) } else { Err(faults.into()) }
}
