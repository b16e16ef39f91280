//! Spans that follow from what customers are: of every change of an owner that no operation of this part made.

use super::span::{self, How, Span};
use crate::cx::Cx;
use crate::error::{EngineError, Result};
use crate::obligations::standard::{CUSTOMER, LOST};
use crate::pool;
use huike_store::{Conn, Sql};
use std::collections::BTreeMap;

/// A customer beside the span that lasts.
struct Beside {
    id: i64,
    owner: Option<i64>,
    /// Somebody need care for it.
    living: bool,
    created_at: i64,
    created_by: i64,
    updated_by: i64,
    span: Option<(Option<i64>, Option<i64>)>,
}

impl Beside {
    fn fits(&self) -> bool {
        match (self.owner, self.living, self.span) {
            (Some(owner), _, Some((Some(of), _))) => owner == of,
            (None, true, Some((None, Some(_)))) => true,
            (None, false, None) => true,
            _ => false,
        }
    }
}

/// Brings the spans of these customers up to date; how many changed. Doing it again changes nothing.
///
/// # Errors
/// The database's.
pub(crate) fn sync(conn: &mut Conn, cx: &Cx, ids: impl IntoIterator<Item = i64>) -> Result<usize> {
    let object = cx.schema.object(CUSTOMER).ok_or_else(|| EngineError::internal("there are no customers"))?;
    let stage = object.field("stage").ok_or_else(|| EngineError::internal("customers have no stage"))?;
    let mut sql = Sql::raw(
        "select t.id, t.owner_id, t.deleted_at, t.created_at, t.created_by, t.updated_by, c.id, c.owner_id, c.pool_id, t.",
    );
    sql.push_ident(&stage.column)?;
    sql.push(" from customer t left join custody c on c.record_id = t.id and c.until_at is null where ");
    sql.push_in("t.id", ids);
    let mut found = Vec::new();
    for row in conn.query(&sql)? {
        let deleted = row.opt_int(2)?.is_some();
        let open = row.opt_int(6)?.is_some();
        found.push(Beside {
            id: row.int(0)?,
            owner: row.opt_int(1)?.filter(|_| !deleted),
            living: !deleted && row.opt_text(9)? != Some(LOST),
            created_at: row.int(3)?,
            created_by: row.opt_int(4)?.unwrap_or_default(),
            updated_by: row.opt_int(5)?.unwrap_or_default(),
            span: if open { Some((row.opt_int(7)?, row.opt_int(8)?)) } else { None },
        });
    }
    found.retain(|beside| !beside.fits());
    let orphans: BTreeMap<i64, Option<i64>> = found
        .iter()
        .filter(|beside| beside.owner.is_none() && beside.living)
        .map(|beside| (beside.id, beside.span.and_then(|(owner, _)| owner)))
        .collect();
    let pools = pool::pools_for(conn, cx, &orphans)?;
    for beside in &found {
        follow(conn, cx, beside, pools.get(&beside.id).copied())?;
    }
    Ok(found.len())
}

fn follow(conn: &mut Conn, cx: &Cx, beside: &Beside, pool: Option<i64>) -> Result<()> {
    let now = cx.moment.now;
    let ended = span::end(conn, beside.id, now)?;
    let pool = pool.filter(|_| beside.owner.is_none());
    if beside.owner.is_none() && pool.is_none() {
        return Ok(());
    }
    let (how, since, by) = match ended {
        true => (How::Changed, now, beside.updated_by),
        false => (How::Created, beside.created_at.min(now), beside.created_by),
    };
    let span = Span {
        record: beside.id,
        owner: beside.owner,
        pool,
        // A pool has a customer from when it is seen there.
        since: if pool.is_some() { now } else { since },
        until: None,
        how: how.name().into(),
        reason: None,
        note: None,
        by,
    };
    span::put(conn, &span)
}
