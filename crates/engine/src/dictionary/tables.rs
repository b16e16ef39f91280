//! Tables and indexes of an object. Only ever adds: a retired field keeps its column and values.

use crate::error::Result;
use huike_model::kinds::{FieldType, Storage};
use huike_model::{Field, Object};
use huike_store::ddl::{self, ColumnDef, IndexColumn, IndexDef};
use huike_store::{Conn, Kind, query, tally};
use huike_vault::hex;
use huike_vault::token::hash;

/// Brings one object's table to its shape.
///
/// # Errors
/// The database's; a unique index fails when values are doubled already.
pub fn bring_up(conn: &mut Conn, object: &Object) -> Result<()> {
    let columns: Vec<ColumnDef> = query::record_columns(object)
        .into_iter()
        .map(|(name, storage)| {
            ColumnDef::new(name, if storage == Storage::Int { Kind::Int } else { Kind::Text })
        })
        .collect();
    let present = ddl::columns(conn, &object.name)?;
    if present.is_empty() {
        ddl::create_table(conn, &object.name, &columns)?;
    } else {
        for column in columns.iter().filter(|column| !present.contains(&column.name)) {
            ddl::add_column(conn, &object.name, column)?;
        }
    }
    for index in indexes(object) {
        ddl::create_index(conn, &index)?;
    }
    if let Some(tally) = query::tally(object, conn.dialect()) {
        tally::bring_up(conn, &tally)?;
    }
    if object.search {
        ddl::create_search_index(conn, &object.name)?;
    }
    Ok(())
}

/// Takes the uniqueness from a field that no longer asks for it.
///
/// # Errors
/// The database's.
pub fn allow_twins(conn: &mut Conn, object: &Object, field: &Field) -> Result<()> {
    Ok(ddl::drop_index(conn, &unique_name(object, field))?)
}

/// The name of the unique index of a field; [`field_of_index`] finds the way back.
fn unique_name(object: &Object, field: &Field) -> String {
    index_name(object, &[&field.column], "key")
}

/// The field whose unique index was violated.
pub fn field_of_index<'a>(object: &'a Object, index: &str) -> Option<&'a Field> {
    object
        .fields()
        .filter(|field| field.unique)
        .find(|field| unique_name(object, field) == index)
        .map(|field| &**field)
}

/// PostgreSQL keeps 63 bytes of a name; longer ones end in a hash of the whole.
fn index_name(object: &Object, columns: &[&str], kind: &str) -> String {
    let full = format!("{}_{}_{kind}", object.name, columns.join("_"));
    if full.len() <= 60 { full } else { format!("{}_{}_{kind}", &full[..40], &hex(&hash(&full))[..12]) }
}

/// Every index an object has. Each ends in the id, so that pages have one order.
pub(crate) fn indexes(object: &Object) -> Vec<IndexDef> {
    let mut indexes: Vec<IndexDef> = Vec::new();
    let mut add = |columns: &[(&str, bool)], unique: bool| {
        let mut parts: Vec<IndexColumn> = columns
            .iter()
            .map(
                |(name, descending)| {
                    if *descending { IndexColumn::desc(*name) } else { IndexColumn::asc(*name) }
                },
            )
            .collect();
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let name = index_name(object, &names, if unique { "key" } else { "ix" });
        if !unique {
            let last = columns.last().is_some_and(|(_, descending)| *descending);
            parts.push(if last { IndexColumn::desc("id") } else { IndexColumn::asc("id") });
        }
        if !indexes.iter().any(|index: &IndexDef| index.name == name) {
            indexes.push(IndexDef {
                name,
                table: object.name.clone(),
                columns: parts,
                unique,
                live_only: true,
            });
        }
    };
    add(&[("updated_at", true)], false);
    add(&[("owner_id", false), ("updated_at", true)], false);
    add(&[("department_id", false), ("updated_at", true)], false);
    if let Some(sort) = object.name_field.sort_column() {
        add(&[(&sort, false)], false);
    }
    for field in object.fields().filter(|field| !field.system) {
        if field.unique {
            match field.blind_columns() {
                Some((blind, _)) => add(&[(&blind, false)], true),
                None => add(&[(&field.column, false)], true),
            }
        } else if let Some((blind, tail)) = field.blind_columns() {
            add(&[(&blind, false)], false);
            add(&[(&tail, false)], false);
        } else if field.kind == FieldType::Lookup {
            add(&[(&field.column, false), ("updated_at", true)], false);
        }
    }
    for index in &object.indexes {
        let columns: Vec<(String, bool)> = index
            .iter()
            .map(|column| {
                (column.field.sort_column().unwrap_or_else(|| column.field.column.clone()), column.descending)
            })
            .collect();
        let columns: Vec<(&str, bool)> =
            columns.iter().map(|(name, descending)| (name.as_str(), *descending)).collect();
        add(&columns, false);
    }
    indexes
}

#[cfg(test)]
mod tests {
    use crate::session::testing::Company;
    use huike_store::testing::TestDb;
    use huike_store::{Dialect, ddl};

    fn only_sqlite_keeps_tallies(db: &mut TestDb) {
        let company = Company::founded(db);
        let columns = company.engine.read(|conn| Ok(ddl::columns(conn, "tally_opportunity")?));
        let columns = company.wait(columns).unwrap();
        let sqlite = db.store.dialect() == Dialect::Sqlite;
        assert_eq!(columns.is_empty(), !sqlite, "on PostgreSQL it would keep writers waiting");
    }

    huike_store::on_both_databases!(only_sqlite_keeps_tallies);
}
