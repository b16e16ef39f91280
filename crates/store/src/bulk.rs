//! Filling an empty database with many rows: indexes set aside, search documents and match keys in bulk.

use std::collections::BTreeSet;

use crate::ddl::ColumnDef;
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
    pub object: String,
    /// Separated by spaces.
    pub tokens: String,
}

/// FTS5 holds so much in memory before it writes a segment; by default a megabyte.
const SEARCH_BUFFER: u32 = 64 << 20;
const SEARCH_BUFFER_USUAL: u32 = 1 << 20;

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
    pub fn search_in_bulk(&mut self, bulk: bool) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Sqlite {
            let size = if bulk { SEARCH_BUFFER } else { SEARCH_BUFFER_USUAL };
            let text = format!("insert into search_fts (search_fts, rank) values ('hashsize', {size})");
            self.execute(&Sql::raw(text))?;
        }
        Ok(())
    }

    /// Puts new documents into the search index; none of their records may be in it.
    ///
    /// # Errors
    /// The database's.
    pub fn search_put_many(&mut self, documents: &[Document]) -> Result<(), StoreError> {
        let record = |document: &Document| SqlValue::Int(document.record);
        match self.dialect() {
            Dialect::Sqlite => {
                let columns = [ColumnDef::new("rowid", Kind::Int), ColumnDef::new("body", Kind::Text)];
                let rows: Vec<_> =
                    documents.iter().map(|one| vec![record(one), one.tokens.as_str().into()]).collect();
                self.insert_many("search_fts", &columns, &rows)?;
            }
            Dialect::Postgres => {
                let columns = [("record_id", Kind::Int), ("object", Kind::Text), ("tokens", Kind::Text)]
                    .map(|(n, k)| ColumnDef::new(n, k));
                let rows: Vec<_> = documents
                    .iter()
                    .map(|one| vec![record(one), one.object.as_str().into(), one.tokens.as_str().into()])
                    .collect();
                self.execute(&Sql::raw("create temporary table if not exists search_load (record_id bigint, object text, tokens text)"))?;
                self.insert_many("search_load", &columns, &rows)?;
                self.execute(&Sql::raw(
                    "insert into search_doc (record_id, object, tsv) select record_id, object, \
                     array_to_tsvector(array_remove(string_to_array(tokens, ' '), '')) from search_load",
                ))?;
                self.execute(&Sql::raw("truncate search_load"))?;
            }
        }
        Ok(())
    }
}
