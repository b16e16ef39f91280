//! What became of a record that was merged into another.

use crate::cx::Cx;
use crate::error::{EngineError, Result};
use crate::records::load;
use crate::records::render::id_text;
use huike_model::access::ObjectAccess;
use huike_model::{Code, Problem};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql};

/// Merges of merges are followed this far.
const MAX_CHAIN: usize = 64;
/// Records that went into one record, shown with it.
const MAX_ABSORBED: i64 = 500;

/// The record that lives on in the place of one that was merged; none when it wasn't.
///
/// # Errors
/// The database's.
pub(crate) fn survivor(conn: &mut Conn, object: &str, record: i64) -> Result<Option<i64>> {
    let mut at = record;
    for _ in 0..MAX_CHAIN {
        let sql = Sql::with(
            "select winner_id from merged_record where object = $1 and record_id = $2",
            [object.into(), at.into()],
        )?;
        match conn.query_opt(&sql)? {
            Some(row) => at = row.int(0)?,
            None => break,
        }
    }
    Ok((at != record).then_some(at))
}

/// The records that were merged into this one, directly or through others.
///
/// # Errors
/// The database's.
pub(crate) fn absorbed(conn: &mut Conn, object: &str, record: i64) -> Result<Vec<i64>> {
    let first = Sql::with(
        "select record_id from merged_record where object = $1 and winner_id = $2 limit $3",
        [object.into(), record.into(), MAX_ABSORBED.into()],
    )?;
    let ids = |rows: Vec<huike_store::Row>| -> Result<Vec<i64>> {
        Ok(rows.iter().map(|row| row.int(0)).collect::<std::result::Result<_, _>>()?)
    };
    let mut found = ids(conn.query(&first)?)?;
    let mut next = found.clone();
    for _ in 0..MAX_CHAIN {
        if next.is_empty() || found.len() as i64 >= MAX_ABSORBED {
            break;
        }
        let mut sql = Sql::raw("select record_id from merged_record where object = ");
        sql.bind(object).push(" and ");
        sql.push_in("winner_id", next.iter().copied()).push(" limit ").bind(MAX_ABSORBED);
        next = ids(conn.query(&sql)?)?;
        found.extend(&next);
    }
    Ok(found)
}

/// Says of a record that isn't found that it was merged, if its survivor is within the caller's reach.
///
/// # Errors
/// `conflict` with `merged_into`; otherwise `error` itself.
pub(crate) fn refuse_merged(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    record: i64,
    error: EngineError,
) -> EngineError {
    let unfound = matches!(&error, EngineError::Problem(problem) if problem.code == Code::NotFound);
    if !unfound {
        return error;
    }
    let found = survivor(conn, &access.object.name, record).and_then(|survivor| match survivor {
        Some(id) => Ok(load::find_many(conn, cx, access, &[id], Deleted::Any)?.pop()),
        None => Ok(None),
    });
    match found {
        Ok(Some(winner)) => Problem::new(Code::Conflict)
            .with_detail(
                "这条记录已合并到另一条记录，请在那条记录上操作",
                "This record was merged into another; use that one",
            )
            .with("merged_into", id_text(winner.id))
            .into(),
        Ok(None) => error,
        Err(broken) => broken,
    }
}
