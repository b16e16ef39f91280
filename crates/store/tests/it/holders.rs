use huike_store::holders::{HOLDERS, OTHER_IDS, names_something};
use huike_store::testing::TestDb;
use huike_store::{Dialect, Sql, ddl};

use crate::read;

fn every_column_that_names_a_record_is_on_the_list(db: &mut TestDb) {
    let tables = read(db, |conn| {
        let list = match conn.dialect() {
            Dialect::Sqlite => {
                "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
            }
            Dialect::Postgres => "select tablename::text from pg_tables where schemaname = current_schema()",
        };
        let names: Vec<String> = conn
            .query(&Sql::raw(list))?
            .iter()
            .map(|row| row.text(0).map(str::to_owned))
            .collect::<Result<_, _>>()?;
        names
            .into_iter()
            .map(|name| Ok((ddl::columns(conn, &name)?, name)))
            .collect::<Result<Vec<_>, huike_store::StoreError>>()
    })
    .unwrap();
    let known = |table: &str, column: &str| {
        HOLDERS.iter().any(|holder| (holder.table, holder.record) == (table, column))
            || OTHER_IDS.contains(&(table, column))
    };
    for (columns, table) in &tables {
        for column in columns.iter().filter(|column| names_something(column)) {
            assert!(known(table, column), "{table}.{column}: say in holders.rs what a merge makes of it");
        }
    }
    for holder in HOLDERS {
        let columns = tables.iter().find(|(_, table)| table == holder.table).map(|(columns, _)| columns);
        let columns = columns.unwrap_or_else(|| panic!("there is no table {}", holder.table));
        let named = holder.key.iter().copied().chain([holder.record]).chain(holder.object);
        for column in named {
            assert!(columns.iter().any(|known| known == column), "{}.{column} isn't there", holder.table);
        }
    }
}

huike_store::on_both_databases!(every_column_that_names_a_record_is_on_the_list);
