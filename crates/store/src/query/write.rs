//! Writing one row of an object's table. Who may and what is checked before is the engine's affair.

use super::tally;
use crate::sql::ident;
use crate::tally::changing;
use crate::{Conn, Sql, SqlValue, StoreError};
use huike_model::Object;

/// Every physical column of an object that a record may fill, sort keys and blind indexes included.
pub fn record_columns(object: &Object) -> Vec<(String, huike_model::kinds::Storage)> {
    use huike_model::kinds::Storage;
    let mut columns = Vec::new();
    for field in object.all_fields().filter(|field| !field.system) {
        columns.push((field.column.clone(), field.storage()));
        columns.extend(field.sort_column().map(|column| (column, Storage::Text)));
        if let Some((blind, tail)) = field.blind_columns() {
            columns.extend([(blind, Storage::Text), (tail, Storage::Text)]);
        }
    }
    columns
}

/// Changes a row if it still has `version`, and what is counted of it; how many rows that were, none or one.
///
/// # Errors
/// The database's; a column name that is no identifier.
pub fn update(
    conn: &mut Conn,
    object: &Object,
    id: i64,
    version: i64,
    columns: &[(String, SqlValue)],
) -> Result<u64, StoreError> {
    let mut sql = Sql::raw(format!("update {} set ", ident(&object.name)?));
    for (place, (column, value)) in columns.iter().enumerate() {
        sql.push(if place > 0 { ", " } else { "" }).push(&ident(column)?).push(" = ").bind(value.clone());
    }
    sql.push(" where id = ").bind(id).push(" and version = ").bind(version);
    let counted = tally(object).filter(|tally| columns.iter().any(|(column, _)| tally.watches(column)));
    changing(conn, counted.as_ref(), &[id], |conn| conn.execute(&sql))
}
