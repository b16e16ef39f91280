//! Making one record.

use super::body;
use super::duplicates::{self, OnDuplicate};
use super::get::{self, Answer};
use super::write::Writer;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::once::once;
use huike_model::access::ObjectAccess;
use huike_model::{Code, Object};
use huike_store::Conn;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

impl Engine {
    /// Makes a record from what a caller sent; answers it as the caller sees it.
    ///
    /// # Errors
    /// `not_found` for an object that the caller knows nothing of, `forbidden`, `invalid` with every fault, `duplicate` with the
    /// candidates.
    pub async fn create_record(
        &self,
        cx: Cx,
        object: String,
        body: Map<String, Json>,
        on_duplicate: OnDuplicate,
    ) -> Result<Answer> {
        let (engine, mut cx) = (self.clone(), cx);
        let making = self.making(&mut cx, &object).await?;
        let made = self
            .write(move |conn| {
                let object = cx.object(&object)?.clone();
                let access = cx.access(conn, &object)?;
                let made = once(conn, &cx, |conn| {
                    let id = create(conn, &engine, &cx, &access, &body, on_duplicate)?;
                    Ok(id.into())
                })?;
                let id = made.as_i64().ok_or_else(|| EngineError::internal("a kept result is no id"))?;
                get::answer(conn, &cx, &access, id)
            })
            .await;
        if let Some(making) = making {
            making.done(&made);
        }
        made
    }
}

/// As [`Engine::create_record`], inside a transaction; the new id.
///
/// # Errors
/// As there.
pub fn create(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    body: &Map<String, Json>,
    on_duplicate: OnDuplicate,
) -> Result<i64> {
    if !access.create {
        return Err(Code::Forbidden.into());
    }
    let object: &Arc<Object> = &access.object;
    let (assignments, faults) = body::read_most(body, object, cx, body::access_for_new(access));
    if !faults.is_empty() {
        return Err(Writer { engine, cx, conn }.faults_of_new(object, assignments, faults)?.into());
    }
    duplicates::check_new(conn, cx, access, &assignments, on_duplicate)?;
    Writer { engine, cx, conn }.create(object, assignments)
}
