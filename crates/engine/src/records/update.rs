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
    let record = writable(conn, cx, access, id, version)?;
    let (assignments, faults) =
        body::read_most(body, &access.object, cx, |field| access.on_row(field, &record.reached));
    let mut writer = Writer { engine, cx, conn };
    if !faults.is_empty() {
        return Err(writer.faults_of_change(&record, assignments, faults)?.into());
    }
    writer.update(&record, assignments)
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
    let scope = access.update_scope();
    if !scope.is_everything() {
        let mut query = RecordQuery::new(access, &cx.schema, &[]);
        query.filter = load::by_id(&access.object, &[id]).and(scope);
        query.limit = 1;
        if query.run(conn)?.is_empty() {
            return Err(Code::Forbidden.into());
        }
    }
    if version.is_some_and(|version| version != record.version) {
        return Err(stale(conn, cx, access, id));
    }
    Ok(record)
}

fn stale(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, id: i64) -> EngineError {
    match get::answer(conn, cx, access, id) {
        Ok(current) => Problem::new(Code::Stale).with("current", current.body).into(),
        Err(error) => error,
    }
}
