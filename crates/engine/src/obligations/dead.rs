//! Work that could not be done: kept with its fault, to be looked at and tried again.

use super::keep;
use crate::channels::list::{about, reason};
use crate::channels::outbox;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::render::id_text;
use huike_model::access::AdminArea;
use huike_model::{Code, Id};
use huike_store::{Conn, Sql, StoreError};
use serde_json::{Value as Json, json};

/// The work of bringing something out of the house.
pub const DELIVER: &str = "deliver";

/// Whether trying again later will help by itself: the database was away, too slow or busy.
pub fn is_passing(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Store(
            StoreError::Unavailable { .. } | StoreError::Timeout | StoreError::Conflict | StoreError::Aborted
        )
    )
}

/// Does one piece of work; when it can't be done, writes that down instead.
///
/// # Errors
/// Faults of the database that will pass.
pub fn try_one(
    conn: &mut Conn,
    cx: &Cx,
    object: &str,
    record: i64,
    work: impl FnOnce(&mut Conn) -> Result<()>,
) -> Result<()> {
    match conn.savepoint(work) {
        Ok(()) => Ok(()),
        Err(error) if is_passing(&error) => Err(error),
        Err(error) => put(conn, cx, object, record, &error.to_string()),
    }
}

/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, cx: &Cx, object: &str, record: i64, fault: &str) -> Result<()> {
    tracing::warn!(object, record, fault, "promises of a record can't be kept in step; see the dead letters");
    put_work(conn, cx, "keep", object, record, fault)
}

/// Work of any kind that could not be done.
///
/// # Errors
/// The database's.
pub fn put_work(conn: &mut Conn, cx: &Cx, work: &str, object: &str, record: i64, fault: &str) -> Result<()> {
    let sql = "insert into dead_letter (id, work, object, record_id, fault, attempts, at) values ($1, $2, $3, $4, $5, 1, $6) \
         on conflict (work, object, record_id) do update set fault = excluded.fault, attempts = dead_letter.attempts + 1, at = excluded.at";
    let values = [
        conn.next_id()?.into(),
        work.into(),
        object.into(),
        record.into(),
        fault.into(),
        cx.moment.now.into(),
    ];
    conn.execute(&Sql::with(sql, values)?)?;
    Ok(())
}

/// The work that could not be done, newest first.
///
/// # Errors
/// `forbidden`.
pub async fn list(engine: &Engine, cx: &Cx) -> Result<Json> {
    cx.require(AdminArea::Settings)?;
    let cx = cx.clone();
    engine
        .read(move |conn| {
            let sql = "select id, object, record_id, fault, attempts, at, work from dead_letter order by at desc, id desc limit 200";
            let rows = conn.query(&Sql::raw(sql))?;
            let lang = cx.lang();
            let mut parcels = Vec::new();
            for row in &rows {
                if row.text(6)? == DELIVER {
                    parcels.push(row.int(2)?);
                }
            }
            let about = about(conn, &cx, &parcels)?;
            let item = |row: &huike_store::Row| -> Result<Json> {
                let deliver = row.text(6)? == DELIVER;
                let fault = match deliver {
                    true => reason(row.text(3)?).get(lang).to_owned(),
                    false => row.text(3)?.to_owned(),
                };
                Ok(json!({
                    "id": id_text(row.int(0)?),
                    "object": row.text(1)?,
                    "record_id": id_text(row.int(2)?),
                    "about": about.get(&row.int(2)?).filter(|_| deliver),
                    "fault": fault,
                    "attempts": row.int(4)?,
                    "at": crate::shown::instant_text(row.int(5)?),
                }))
            };
            let items = rows.iter().map(item).collect::<Result<Vec<_>>>()?;
            Ok(json!({"items": items}))
        })
        .await
}

/// Tries one again; it is gone when that succeeds.
///
/// # Errors
/// `forbidden`; `not_found`; `conflict` with the fault when it fails again.
pub async fn retry(engine: &Engine, cx: &Cx, id: i64) -> Result<()> {
    cx.require_to_change(AdminArea::Settings)?;
    let (this, system) = (engine.clone(), engine.cx(crate::Caller::system(crate::Via::System))?);
    let id = Id::new(id).map_err(|_| Code::NotFound)?.number();
    let failed = engine
        .write(move |conn| {
            let sql =
                Sql::with("select object, record_id, work from dead_letter where id = $1", [id.into()])?;
            let row = conn.query_opt(&sql)?.ok_or(Code::NotFound)?;
            let (object, record) = (row.text(0)?.to_owned(), row.int(1)?);
            if row.text(2)? == DELIVER {
                outbox::again(conn, record, system.moment.now)?;
                conn.execute(&Sql::with("delete from dead_letter where id = $1", [id.into()])?)?;
                return Ok(None);
            }
            match conn.savepoint(|conn| keep::again(conn, &this, &system, &object, record)) {
                Ok(()) => {
                    conn.execute(&Sql::with("delete from dead_letter where id = $1", [id.into()])?)?;
                    Ok(None)
                }
                Err(error) if is_passing(&error) => Err(error),
                Err(error) => {
                    put(conn, &system, &object, record, &error.to_string())?;
                    Ok(Some(()))
                }
            }
        })
        .await?;
    match failed {
        None => Ok(()),
        Some(()) => {
            let problem = huike_model::Problem::new(Code::Conflict)
                .with_detail("仍然无法处理，原因已更新", "It still can't be done; the reason was renewed");
            Err(problem.into())
        }
    }
}
