//! Records out of the database: found as far as the caller reaches, sealed values opened.

use super::values::Values;
use crate::cx::Cx;
use crate::error::Result;
use crate::merging;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::schema::Level;
use huike_model::{Code, Field, Object, Value};
use huike_store::query::{Deleted, RecordQuery, StoredRecord};
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use std::sync::Arc;

/// A record as the engine knows it, whatever the caller may see of it.
#[derive(Clone, Debug)]
pub struct Record {
    pub id: i64,
    pub version: i64,
    pub deleted: bool,
    pub values: Values,
    /// As stored: sealed values still sealed. Aligned with the object's fields.
    pub stored: Vec<Value>,
    /// What was typed, as kept.
    pub raw: Option<String>,
    /// Which grants of the access reach it.
    pub reached: Vec<bool>,
}

impl Record {
    /// Whether an access opens more of the record than what everybody knows of it.
    pub fn open_in_full(&self, access: &ObjectAccess) -> bool {
        access.level_on_row(Level::Business, &self.reached) >= FieldAccess::Read
    }
}

/// Every live field of an object, in order.
pub fn all_fields(object: &Object) -> Vec<Arc<Field>> {
    object.fields().cloned().collect()
}

/// A condition on the id.
pub fn by_id(object: &Object, ids: &[i64]) -> Resolved {
    match object.field("id") {
        Some(field) if ids.len() == 1 => Resolved::own(&object.name, field, Test::Equal(Value::Int(ids[0]))),
        Some(field) => {
            Resolved::own(&object.name, field, Test::OneOf(ids.iter().copied().map(Value::Int).collect()))
        }
        None => Resolved::nothing(),
    }
}

/// The record with this id if the caller reaches it.
///
/// # Errors
/// `not_found`: there is none, it is deleted, or it is out of the caller's scope; `conflict` when it was merged into a record that isn't.
pub fn find(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, id: i64, deleted: Deleted) -> Result<Record> {
    match find_many(conn, cx, access, &[id], deleted)?.pop() {
        Some(record) => Ok(record),
        None if deleted == Deleted::Any => Err(Code::NotFound.into()),
        None => Err(merging::refuse_merged(conn, cx, access, id, Code::NotFound.into())),
    }
}

/// The record with this id, live or in the recycle bin; of one that was merged its survivor, so that links to it go on working.
///
/// # Errors
/// `not_found`.
pub fn find_or_survivor(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, id: i64) -> Result<Record> {
    let found = find_many(conn, cx, access, &[id], Deleted::Any)?.pop();
    if let Some(record) = found.as_ref().filter(|record| !record.deleted) {
        return Ok(record.clone());
    }
    match merging::survivor(conn, &access.object.name, id)? {
        Some(survivor) => find(conn, cx, access, survivor, Deleted::Any),
        None => found.ok_or_else(|| Code::NotFound.into()),
    }
}

/// Keeps a record from changing until the end of the transaction, so that what is worked out from it stays true.
///
/// # Errors
/// The database's.
pub fn lock(conn: &mut Conn, object: &Object, id: i64) -> Result<()> {
    let lock = conn.dialect().for_update();
    if !lock.is_empty() {
        conn.query_opt(&Sql::with(
            format!("select id from {} where id = $1{lock}", ident(&object.name)?),
            [id.into()],
        )?)?;
    }
    Ok(())
}

/// The records with these ids that the caller reaches, in no order.
///
/// # Errors
/// The database's.
pub fn find_many(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    ids: &[i64],
    deleted: Deleted,
) -> Result<Vec<Record>> {
    let fields = all_fields(&access.object);
    let mut query = RecordQuery::new(access, &cx.schema, &fields);
    query.filter = by_id(&access.object, ids);
    query.limit = ids.len() as i64;
    query.deleted = deleted;
    query.raw = true;
    query.exact = true;
    let rows = query.run(conn)?;
    records(conn, cx, &access.object, &fields, rows)
}

/// Opens what was fetched with `fields`.
///
/// # Errors
/// The database's.
pub fn records(
    conn: &mut Conn,
    cx: &Cx,
    object: &Arc<Object>,
    fields: &[Arc<Field>],
    rows: Vec<StoredRecord>,
) -> Result<Vec<Record>> {
    if fields.iter().any(|field| field.encrypted) {
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        cx.keys().prefetch(conn, &ids)?;
    }
    let open = |row: StoredRecord| {
        let mut values = Values::new(object);
        for (field, value) in fields.iter().zip(&row.values) {
            let open = match value {
                Value::Text(sealed) if field.encrypted => {
                    cx.keys().open_value(&object.name, field, row.id, sealed).into()
                }
                value => value.clone(),
            };
            values.set(&field.name, open);
        }
        values.set("id", Value::Int(row.id));
        values.set("version", Value::Int(row.version));
        Record {
            id: row.id,
            version: row.version,
            deleted: row.deleted_at.is_some(),
            values,
            stored: row.values,
            raw: row.raw,
            reached: row.reached,
        }
    };
    Ok(rows.into_iter().map(open).collect())
}
