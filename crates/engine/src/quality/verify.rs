//! Somebody has checked that fields are still right.

use super::score;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::get::{self, Answer};
use crate::records::log::{self, Change};
use crate::records::update;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Fault, Field, Object};
use huike_store::{Conn, SqlValue, query};
use std::sync::Arc;

impl Engine {
    /// Notes that the caller has found fields right today; all that age and are filled in when none are named. Answers the record.
    ///
    /// # Errors
    /// `not_found`, `forbidden` for who may not change the record, `invalid` for fields that don't age or may not be written.
    pub async fn verify_record(
        &self,
        cx: Cx,
        object: String,
        id: i64,
        fields: Vec<String>,
    ) -> Result<Answer> {
        let engine = self.clone();
        self.write(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            verify(conn, &engine, &cx, &access, id, &fields)?;
            get::answer(conn, &cx, &access, id)
        })
        .await
    }
}

/// As [`Engine::verify_record`], inside a write.
///
/// # Errors
/// As there.
pub(crate) fn verify(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    id: i64,
    names: &[String],
) -> Result<()> {
    let record = update::writable(conn, cx, access, id, None)?;
    let object: &Arc<Object> = &access.object;
    let ages = |field: &Field| {
        field.freshness_days.is_some() && access.on_row(field, &record.reached) == FieldAccess::Write
    };
    let mut faults = Vec::new();
    let mut fields: Vec<Arc<Field>> = Vec::new();
    for name in names {
        match object.field(name).filter(|field| ages(field)) {
            Some(field) => fields.push(field.clone()),
            None => faults.push(Fault::unknown_field(name)),
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    if names.is_empty() {
        fields.extend(object.fields().filter(|field| ages(field)).cloned());
    }
    fields.retain(|field| !record.values.of(field).is_null());
    let mut values = record.values.clone();
    score::confirm(cx, &mut values, &fields);
    let changed: Vec<&Arc<Field>> =
        object.fields().filter(|field| record.values.of(field) != values.of(field)).collect();
    if changed.is_empty() {
        return Ok(());
    }
    let columns: Vec<(String, SqlValue)> =
        changed.iter().map(|field| (field.column.clone(), values.of(field).into())).collect();
    query::update(conn, object, id, record.version, &columns)?;
    let mut change = Change::default();
    for field in changed {
        change.note(field, Some(record.values.of(field)), Some(values.of(field)));
    }
    log::append(conn, engine, cx, object, id, "verify", change)
}
