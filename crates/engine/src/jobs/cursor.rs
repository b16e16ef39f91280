//! Where a reader of the change log stands.

use crate::error::Result;
use huike_store::log::Cursor;
use huike_store::{Conn, Sql};

/// The place of a reader, if it has ever read.
///
/// # Errors
/// The database's.
pub fn of(conn: &mut Conn, consumer: &str) -> Result<Option<Cursor>> {
    let sql = Sql::with("select tx, id from log_cursor where consumer = $1", [consumer.into()])?;
    Ok(match conn.query_opt(&sql)? {
        Some(row) => Some(Cursor { tx: row.int(0)?, id: row.int(1)? }),
        None => None,
    })
}

/// The place of a reader, `from` when it has never read; nobody else moves it until this transaction ends.
///
/// # Errors
/// The database's.
pub fn locked(conn: &mut Conn, consumer: &str, from: Cursor) -> Result<Cursor> {
    conn.execute(&Sql::with(
        "insert into log_cursor (consumer, tx, id) values ($1, $2, $3) on conflict (consumer) do update set tx = log_cursor.tx",
        [consumer.into(), from.tx.into(), from.id.into()],
    )?)?;
    Ok(of(conn, consumer)?.unwrap_or(from))
}

/// # Errors
/// The database's.
pub fn advance(conn: &mut Conn, consumer: &str, to: Cursor) -> Result<()> {
    let values = [to.tx.into(), to.id.into(), consumer.into()];
    conn.execute(&Sql::with("update log_cursor set tx = $1, id = $2 where consumer = $3", values)?)?;
    Ok(())
}
