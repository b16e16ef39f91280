//! Writing one row of an object's table. Who may and what is checked before is the engine's affair.

use crate::sql::ident;
use crate::{Sql, SqlValue, StoreError};
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

/// Changes a row if it still has `version`; the statement then counts one row.
///
/// # Errors
/// A column name that is no identifier.
pub fn update(table: &str, id: i64, version: i64, columns: &[(String, SqlValue)]) -> Result<Sql, StoreError> {
    let mut sql = Sql::raw(format!("update {} set ", ident(table)?));
    for (place, (column, value)) in columns.iter().enumerate() {
        sql.push(if place > 0 { ", " } else { "" }).push(&ident(column)?).push(" = ").bind(value.clone());
    }
    sql.push(" where id = ").bind(id).push(" and version = ").bind(version);
    Ok(sql)
}
