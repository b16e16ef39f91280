//! Customers that will go back to a pool: their owner was told, and has time.

use crate::error::Result;
use huike_store::{Conn, Row, Sql};

/// A row of `pool_warning`.
#[derive(Clone, Debug)]
pub(crate) struct Warning {
    pub record: i64,
    pub pool: i64,
    pub owner: i64,
    pub reason: String,
    /// The day's number on which it goes back.
    pub day: i64,
    pub warned_at: i64,
}

const COLUMNS: &str = "record_id, pool_id, owner_id, reason, due_day, warned_at";

fn read(row: &Row) -> Result<Warning> {
    Ok(Warning {
        record: row.int(0)?,
        pool: row.int(1)?,
        owner: row.int(2)?,
        reason: row.text(3)?.to_owned(),
        day: row.int(4)?,
        warned_at: row.int(5)?,
    })
}

/// The warning of a customer.
///
/// # Errors
/// The database's.
pub(crate) fn of(conn: &mut Conn, record: i64) -> Result<Option<Warning>> {
    let text = format!("select {COLUMNS} from pool_warning where record_id = $1");
    conn.query_opt(&Sql::with(text, [record.into()])?)?.map(|row| read(&row)).transpose()
}

/// The next warnings by the customer's id.
///
/// # Errors
/// The database's.
pub(super) fn after(conn: &mut Conn, record: i64, limit: i64) -> Result<Vec<Warning>> {
    let text = format!("select {COLUMNS} from pool_warning where record_id > $1 order by record_id limit $2");
    conn.query(&Sql::with(text, [record.into(), limit.into()])?)?.iter().map(read).collect()
}

/// Writes a warning, over the one that was there.
///
/// # Errors
/// The database's.
pub(super) fn put(conn: &mut Conn, warning: &Warning) -> Result<()> {
    let text = "insert into pool_warning (record_id, pool_id, owner_id, reason, due_day, warned_at, told_at) \
                values ($1, $2, $3, $4, $5, $6, null) on conflict (record_id) do update set pool_id = excluded.pool_id, \
                owner_id = excluded.owner_id, reason = excluded.reason, due_day = excluded.due_day, \
                warned_at = excluded.warned_at";
    let values = [
        warning.record.into(),
        warning.pool.into(),
        warning.owner.into(),
        warning.reason.as_str().into(),
        warning.day.into(),
        warning.warned_at.into(),
    ];
    conn.execute(&Sql::with(text, values)?)?;
    Ok(())
}

/// Takes warnings back.
///
/// # Errors
/// The database's.
pub(super) fn drop_all(conn: &mut Conn, records: impl IntoIterator<Item = i64>) -> Result<()> {
    let mut sql = Sql::raw("delete from pool_warning where ");
    sql.push_in("record_id", records);
    conn.execute(&sql)?;
    Ok(())
}
