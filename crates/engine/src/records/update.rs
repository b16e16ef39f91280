//! Changing one record.

use super::body;
use super::get::{self, Answer};
use super::load::{self, Record};
use super::write::Writer;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::access::ObjectAccess;
use huike_model::{Code, Problem};
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};
use serde_json::{Map, Value as Json};

impl Engine {
    /// Changes the fields in `body` and no others; answers the record as the caller sees it.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `stale` with the record as it is now, `invalid` with every fault.
    pub async fn update_record(
        &self,
        cx: Cx,
        object: String,
        id: i64,
        version: Option<i64>,
        body: Map<String, Json>,
    ) -> Result<Answer> {
        let engine = self.clone();
        self.write(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            update(conn, &engine, &cx, &access, id, version, &body)?;
            get::answer(conn, &cx, &access, id)
        })
        .await
    }
}

/// As [`Engine::update_record`], inside a transaction; the new version.
///
/// # Errors
/// As there.
pub fn update(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    id: i64,
    version: Option<i64>,
    body: &Map<String, Json>,
) -> Result<i64> {
    update_noted(conn, engine, cx, access, id, version, body, None)
}

/// As [`update`], with what the log says of it beside the values.
///
/// # Errors
/// As there.
#[allow(clippy::too_many_arguments)] // one more than `update`
pub fn update_noted(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    id: i64,
    version: Option<i64>,
    body: &Map<String, Json>,
    meta: Option<Json>,
) -> Result<i64> {
    let record = writable(conn, cx, access, id, version)?;
    let (assignments, faults) =
        body::read_most(body, &access.object, cx, |field| access.on_row(field, &record.reached));
    let mut writer = Writer { engine, cx, conn };
    if !faults.is_empty() {
        return Err(writer.faults_of_change(&record, assignments, faults)?.into());
    }
    writer.update_noted(&record, assignments, meta)
}

/// The record, if the caller may change it and has seen its latest version.
///
/// # Errors
/// `not_found`, `forbidden`, `stale`.
pub fn writable(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    id: i64,
    version: Option<i64>,
) -> Result<Record> {
    load::lock(conn, &access.object, id)?;
    let record = load::find(conn, cx, access, id, Deleted::Live)?;
    if !may_write(conn, cx, access, id)? {
        return Err(Code::Forbidden.into());
    }
    if version.is_some_and(|version| version != record.version) {
        return Err(stale(conn, cx, access, id));
    }
    Ok(record)
}

/// Whether the caller may change a record that they may read.
///
/// # Errors
/// The database's.
pub fn may_write(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, id: i64) -> Result<bool> {
    let scope = access.update_scope();
    if scope.is_everything() {
        return Ok(true);
    }
    let mut query = RecordQuery::new(access, &cx.schema, &[]);
    query.filter = load::by_id(&access.object, &[id]).and(scope);
    query.limit = 1;
    Ok(!query.run(conn)?.is_empty())
}

fn stale(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, id: i64) -> EngineError {
    match get::answer(conn, cx, access, id) {
        Ok(current) => Problem::new(Code::Stale).with("current", current.body).into(),
        Err(error) => error,
    }
}
