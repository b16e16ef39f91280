//! Small texts of the machinery, by key.

use crate::error::Result;
use huike_store::{Conn, Sql};

/// # Errors
/// The database's.
pub(crate) fn get(conn: &mut Conn, key: &str) -> Result<Option<String>> {
    let row = conn.query_opt(&Sql::with("select value from setting where key = $1", [key.into()])?)?;
    Ok(row.map(|row| row.text(0).map(str::to_owned)).transpose()?)
}

/// # Errors
/// The database's.
pub(crate) fn put(conn: &mut Conn, key: &str, value: &str) -> Result<()> {
    conn.execute(&Sql::with(
        "insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
        [key.into(), value.into()],
    )?)?;
    Ok(())
}

/// Keeps a value unless one is kept already, perhaps by another node; whether it was the first.
///
/// # Errors
/// The database's.
pub(crate) fn put_first(conn: &mut Conn, key: &str, value: &str) -> Result<bool> {
    let sql = "insert into setting (key, value) values ($1, $2) on conflict (key) do nothing";
    Ok(conn.execute(&Sql::with(sql, [key.into(), value.into()])?)? > 0)
}
