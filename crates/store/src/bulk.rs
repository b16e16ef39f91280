//! Filling an empty database with many rows: indexes set aside, search documents and match keys in bulk.

use std::collections::BTreeSet;

use crate::ddl::ColumnDef;
use crate::newest::spans;
use crate::sql::ident;
use crate::{Conn, Dialect, Kind, Sql, SqlValue, StoreError};

/// An index that was taken away, with the statement that makes it again.
#[derive(Debug, Clone)]
pub struct SetAside {
    pub name: String,
    pub table: String,
    sql: String,
}

/// What the search index holds of one record.
pub struct Document {
    pub record: i64,
    /// Separated by spaces.
    pub tokens: String,
}

/// FTS5 holds so much in memory before it writes a segment; by default a megabyte, which a chunk of an import fills several times.
const SEARCH_BUFFER: u32 = 64 << 20;
pub(crate) const SEARCH_BUFFER_USUAL: u32 = 32 << 20;

impl Conn {
    /// Takes every index of these tables away that is not a primary key.
    ///
    /// # Errors
    /// The database's.
    pub fn set_indexes_aside(&mut self, tables: &BTreeSet<String>) -> Result<Vec<SetAside>, StoreError> {
        let text = match self.dialect() {
            Dialect::Sqlite => {
                "select name, tbl_name, sql from sqlite_schema where type = 'index' and sql is not null"
            }
            Dialect::Postgres => {
                "select i.indexname::text, i.tablename::text, i.indexdef from pg_indexes i \
                 where i.schemaname = current_schema() and not exists \
                 (select 1 from pg_constraint c join pg_class k on k.oid = c.conindid where k.relname = i.indexname)"
            }
        };
        let mut aside = Vec::new();
        for row in self.query(&Sql::raw(text))? {
            let one =
                SetAside { name: row.text(0)?.into(), table: row.text(1)?.into(), sql: row.text(2)?.into() };
            if tables.contains(&one.table) {
                self.execute(&Sql::raw(format!("drop index {}", ident(&one.name)?)))?;
                aside.push(one);
            }
        }
        Ok(aside)
    }

    /// Makes an index again.
    ///
    /// # Errors
    /// The database's.
    pub fn restore_index(&mut self, index: &SetAside) -> Result<(), StoreError> {
        self.allow_long_statements()?;
        self.execute(&Sql::raw(index.sql.clone())).map(drop)
    }

    /// Lets the search index take much in, or go back to its usual ways.
    ///
    /// # Errors
    /// The database's.
    pub fn search_in_bulk(&mut self, object: &str, bulk: bool) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Sqlite {
            let size = if bulk { SEARCH_BUFFER } else { SEARCH_BUFFER_USUAL };
            let (table, _) = self.dialect().search_table(object)?;
            self.execute(&Sql::raw(format!(
                "insert into {table} ({table}, rank) values ('hashsize', {size})"
            )))?;
        }
        Ok(())
    }

    /// Puts new documents into an object's search index; none of their records may be in it.
    ///
    /// # Errors
    /// The database's.
    pub fn index_many(&mut self, object: &str, documents: &[Document]) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Sqlite {
            let add = |one: &Document| self.dialect().search_add(object, one.record, &one.tokens);
            let index = documents.iter().map(add).collect::<Result<Vec<_>, _>>()?;
            return self.batch_and_index(object, Vec::new(), index);
        }
        let row = |one: &Document| {
            vec![SqlValue::Int(one.record), (one.tokens.clone() + &spans(one.record)).into()]
        };
        let rows: Vec<_> = documents.iter().map(row).collect();
        let (table, id) = self.dialect().search_table(object)?;
        let columns = [ColumnDef::new(id, Kind::Int), ColumnDef::new("tsv", Kind::Text)];
        // The tokens are lexemes already, as for a single document.
        let made = |name: &str| match name {
            r#""tsv""# => "array_to_tsvector(array_remove(string_to_array(tsv, ' '), ''))".to_owned(),
            other => other.to_owned(),
        };
        self.insert_made(&table, &columns, made, &rows)?;
        self.note_indexed();
        Ok(())
    }
}
