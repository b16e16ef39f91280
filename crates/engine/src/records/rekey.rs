//! Duplicate keys follow the normalisers that make them: when those change, the keys of records that are there are made anew in the background.

use super::{duplicates, load};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::setting;
use huike_matching::entity::VERSION;
use huike_model::access::ObjectAccess;
use huike_model::{Id, Object};
use huike_store::query::{Mark, RecordQuery};
use huike_store::{Conn, Sql};
use std::sync::Arc;

/// Under what keys are kept, beside the matching engine's own version.
const KEPT: u32 = 2;
const SETTING: &str = "match_keys";
/// Records of one transaction.
const CHUNK: i64 = 300;

fn wanted() -> String {
    format!("{VERSION}.{KEPT}")
}

/// A database without keys has none of an elder kind.
///
/// # Errors
/// The database's.
pub(crate) fn begin(conn: &mut Conn) -> Result<()> {
    let empty = conn.query_opt(&Sql::raw("select 1 from match_key limit 1"))?.is_none();
    if empty && setting::get(conn, SETTING)?.is_none() {
        setting::put(conn, SETTING, &wanted())?;
    }
    Ok(())
}

/// Makes the keys of every record anew if they were made by other rules; goes on where a process that died stopped.
///
/// # Errors
/// The database's.
pub(crate) async fn bring_up(engine: &Engine) -> Result<()> {
    if engine.read(|conn| setting::get(conn, SETTING)).await?.as_deref() == Some(&wanted()) {
        return Ok(());
    }
    let cx = engine.cx(Caller::system(Via::System))?;
    for object in cx.schema.objects().filter(|object| !object.duplicates.is_empty()) {
        let mark = format!("{SETTING}.{}.{}", wanted(), object.name);
        loop {
            let (cx, object, mark) = (cx.clone(), object.clone(), mark.clone());
            if engine.write(move |conn| piece(conn, &cx, &object, &mark)).await? {
                break;
            }
        }
    }
    engine.write(|conn| setting::put(conn, SETTING, &wanted())).await
}

/// The next records; whether they were the last.
fn piece(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, mark: &str) -> Result<bool> {
    let after = setting::get(conn, mark)?.and_then(|text| text.parse::<Id>().ok()).map(Id::number);
    let everything = ObjectAccess::of_the_system(object);
    let fields = load::all_fields(object);
    let mut query = RecordQuery::new(&everything, &cx.schema, &fields);
    query.after = after.map(|id| Mark { values: Vec::new(), id });
    query.limit = CHUNK;
    let rows = query.run(conn)?;
    let records = load::records(conn, cx, object, &fields, rows)?;
    for record in &records {
        duplicates::remove(conn, record.id)?;
        duplicates::put(conn, cx, None, &record.values)?;
    }
    if let Some(last) = records.last().and_then(|record| Id::new(record.id).ok()) {
        setting::put(conn, mark, &last.to_string())?;
    }
    Ok((records.len() as i64) < CHUNK)
}
