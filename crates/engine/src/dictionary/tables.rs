//! Tables and indexes of an object. Only ever adds: a retired field keeps its column and values.

use crate::error::Result;
use huike_model::kinds::{FieldType, Storage};
use huike_model::{Field, Object};
use huike_store::ddl::{self, ColumnDef, IndexColumn, IndexDef, Kept};
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
    for former in object.fields().filter_map(|field| field.blind_columns()) {
        for column in [former.0, former.1] {
            // What there was before: the same with all rows that have no value.
            ddl::drop_index(conn, &index_name(object, &[&column], Kept::All))?;
        }
    }
    if let Some(tally) = query::tally(object) {
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
    index_name(object, &[&field.column], Kept::Unique)
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
fn index_name(object: &Object, columns: &[&str], kept: Kept) -> String {
    let kind = match kept {
        Kept::All => "ix",
        Kept::Known => "known",
        Kept::Unique => "key",
    };
    let full = format!("{}_{}_{kind}", object.name, columns.join("_"));
    if full.len() <= 60 { full } else { format!("{}_{}_{kind}", &full[..40], &hex(&hash(&full))[..12]) }
}

/// Every index an object has. Each ends in the id, so that pages have one order.
pub(crate) fn indexes(object: &Object) -> Vec<IndexDef> {
    let mut indexes: Vec<IndexDef> = Vec::new();
    let mut add = |columns: &[(&str, bool)], kept: Kept| {
        let mut parts: Vec<IndexColumn> = columns
            .iter()
            .map(
                |(name, descending)| {
                    if *descending { IndexColumn::desc(*name) } else { IndexColumn::asc(*name) }
                },
            )
            .collect();
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let name = index_name(object, &names, kept);
        if kept != Kept::Unique {
            let last = columns.last().is_some_and(|(_, descending)| *descending);
            parts.push(if last { IndexColumn::desc("id") } else { IndexColumn::asc("id") });
        }
        if !indexes.iter().any(|index: &IndexDef| index.name == name) {
            indexes.push(IndexDef { name, table: object.name.clone(), columns: parts, kept });
        }
    };
    add(&[("updated_at", true)], Kept::All);
    add(&[("owner_id", false), ("updated_at", true)], Kept::All);
    add(&[("department_id", false), ("updated_at", true)], Kept::All);
    if let Some(sort) = object.name_field.sort_column() {
        add(&[(&sort, false)], Kept::All);
    }
    for field in object.fields().filter(|field| !field.system) {
        if field.unique {
            match field.blind_columns() {
                Some((blind, _)) => add(&[(&blind, false)], Kept::Unique),
                None => add(&[(&field.column, false)], Kept::Unique),
            }
        } else if let Some((blind, tail)) = field.blind_columns() {
            add(&[(&blind, false)], Kept::Known);
            add(&[(&tail, false)], Kept::Known);
        } else if field.kind == FieldType::Lookup {
            add(&[(&field.column, false), ("updated_at", true)], Kept::All);
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
        add(&columns, Kept::All);
    }
    indexes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::Company;
    use huike_store::testing::TestDb;

    fn an_object_has_its_tally(db: &mut TestDb) {
        let company = Company::founded(db);
        let columns = company.engine.read(|conn| Ok(ddl::columns(conn, "tally_of_opportunity")?));
        assert!(!company.wait(columns).unwrap().is_empty());
    }

    fn an_index_of_sealed_numbers_takes_the_place_of_the_one_with_empties(db: &mut TestDb) {
        let company = Company::founded(db);
        let customer = company.engine.schema().object("customer").unwrap().clone();
        let brought = company.engine.store().write_blocking(move |conn| {
            let known = indexes(&customer).into_iter().find(|index| index.name == "customer_mobile_bx_known");
            let former = IndexDef { name: "customer_mobile_bx_ix".into(), kept: Kept::All, ..known.unwrap() };
            ddl::create_index(conn, &former)?;
            bring_up(conn, &customer)?;
            // Nothing stands in the way of the name, and of the new one's.
            Ok::<_, crate::EngineError>([
                conn.execute(&huike_store::Sql::raw("create index customer_mobile_bx_ix on customer (id)"))
                    .is_ok(),
                conn.execute(&huike_store::Sql::raw("drop index customer_mobile_bx_known")).is_ok(),
            ])
        });
        assert_eq!(brought.unwrap(), [true, true]);
    }

    huike_store::on_both_databases!(
        an_object_has_its_tally,
        an_index_of_sealed_numbers_takes_the_place_of_the_one_with_empties,
    );
}
