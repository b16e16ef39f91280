//! Rows of `custody`: at most one is open for a customer.

use crate::error::Result;
use huike_store::{Conn, Row, Sql, SqlValue};
use std::collections::HashMap;

/// How somebody came to a customer, or the customer to a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Made with this owner, or in this pool from the start.
    Created,
    /// Somebody changed the owner.
    Changed,
    Claimed,
    /// Given by a rule, or by whoever looks after a pool.
    Assigned,
    Returned,
    Recycled,
    Handover,
    /// A handover was taken back.
    Undone,
}

impl How {
    pub fn name(self) -> &'static str {
        match self {
            How::Created => "created",
            How::Changed => "changed",
            How::Claimed => "claimed",
            How::Assigned => "assigned",
            How::Returned => "returned",
            How::Recycled => "recycled",
            How::Handover => "handover",
            How::Undone => "undone",
        }
    }
}

/// A span as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub record: i64,
    pub owner: Option<i64>,
    pub pool: Option<i64>,
    pub since: i64,
    pub until: Option<i64>,
    pub how: String,
    pub reason: Option<String>,
    pub note: Option<String>,
    pub by: i64,
}

const COLUMNS: &str = "record_id, owner_id, pool_id, since_at, until_at, how, reason, note, made_by";

fn read(row: &Row) -> Result<Span> {
    Ok(Span {
        record: row.int(0)?,
        owner: row.opt_int(1)?,
        pool: row.opt_int(2)?,
        since: row.int(3)?,
        until: row.opt_int(4)?,
        how: row.text(5)?.to_owned(),
        reason: row.opt_text(6)?.map(str::to_owned),
        note: row.opt_text(7)?.map(str::to_owned),
        by: row.int(8)?,
    })
}

/// The span that lasts.
///
/// # Errors
/// The database's.
pub(crate) fn open(conn: &mut Conn, record: i64) -> Result<Option<Span>> {
    let text = format!("select {COLUMNS} from custody where record_id = $1 and until_at is null");
    conn.query_opt(&Sql::with(text, [record.into()])?)?.map(|row| read(&row)).transpose()
}

/// The last spans of a customer, the newest first.
///
/// # Errors
/// The database's.
pub(crate) fn of_record(conn: &mut Conn, record: i64, limit: i64) -> Result<Vec<Span>> {
    let text = format!("select {COLUMNS} from custody where record_id = $1 order by id desc limit $2");
    conn.query(&Sql::with(text, [record.into(), limit.into()])?)?.iter().map(read).collect()
}

/// Ends the span that lasts; whether there was one.
///
/// # Errors
/// The database's.
pub(crate) fn end(conn: &mut Conn, record: i64, at: i64) -> Result<bool> {
    let text = "update custody set until_at = $1 where record_id = $2 and until_at is null";
    Ok(conn.execute(&Sql::with(text, [at.into(), record.into()])?)? > 0)
}

/// Writes a span, unless one that lasts is there already.
///
/// # Errors
/// The database's.
pub(crate) fn put(conn: &mut Conn, span: &Span) -> Result<()> {
    let text = "insert into custody (id, record_id, owner_id, pool_id, since_at, until_at, how, reason, note, made_by) \
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (record_id) where until_at is null do nothing";
    let values: [SqlValue; 10] = [
        conn.next_id()?.into(),
        span.record.into(),
        span.owner.into(),
        span.pool.into(),
        span.since.into(),
        span.until.into(),
        span.how.as_str().into(),
        span.reason.as_deref().into(),
        span.note.as_deref().into(),
        span.by.into(),
    ];
    conn.execute(&Sql::with(text, values)?)?;
    Ok(())
}

/// The pools that some of these customers are in.
///
/// # Errors
/// The database's.
pub(crate) fn pools_of(conn: &mut Conn, records: &[i64]) -> Result<HashMap<i64, i64>> {
    let mut sql = Sql::raw(
        "select record_id, pool_id from custody where until_at is null and pool_id is not null and ",
    );
    sql.push_in("record_id", records.iter().copied());
    conn.query(&sql)?.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

/// Since when somebody who had a customer until lately has been without it; none when that is longer ago than `after`.
///
/// # Errors
/// The database's.
pub(crate) fn lost_since(conn: &mut Conn, record: i64, owner: i64, after: i64) -> Result<Option<i64>> {
    let text = "select max(until_at) from custody where record_id = $1 and owner_id = $2 and until_at > $3";
    let row = conn.query_one(&Sql::with(text, [record.into(), owner.into(), after.into()])?)?;
    Ok(row.opt_int(0)?)
}

/// How many customers somebody has claimed since a moment.
///
/// # Errors
/// The database's.
pub(crate) fn claimed_since(conn: &mut Conn, owner: i64, since: i64) -> Result<i64> {
    let text = "select count(*) from custody where owner_id = $1 and since_at >= $2 and how = 'claimed'";
    Ok(conn.query_one(&Sql::with(text, [owner.into(), since.into()])?)?.int(0)?)
}
