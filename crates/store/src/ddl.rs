//! The tables of the dictionary's objects, made and changed at run time.
//!
//! Everything here can be repeated, and rolls back with its transaction on both databases.

use crate::dialect::{Direction, Kind};
use crate::sql::ident;
use crate::{Conn, Sql, StoreError};

/// The condition of every index and query over live records. SQLite uses a partial index only where the
/// query says the very same thing, so nobody may spell it otherwise.
pub const LIVE: &str = "deleted_at is null";

/// A column of a physical table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDef {
    pub name: String,
    pub kind: Kind,
}

impl ColumnDef {
    pub fn new(name: impl Into<String>, kind: Kind) -> Self {
        Self { name: name.into(), kind }
    }
}

/// The columns every object table has, in order; the fields follow. Times are milliseconds since 1970,
/// `raw` holds what was typed where that differs from what is stored.
pub const SYSTEM_COLUMNS: [(&str, Kind, &str); 10] = [
    ("id", Kind::Int, "primary key"),
    ("created_at", Kind::Int, "not null"),
    ("created_by", Kind::Int, ""),
    ("updated_at", Kind::Int, "not null"),
    ("updated_by", Kind::Int, ""),
    ("owner_id", Kind::Int, ""),
    ("department_id", Kind::Int, ""),
    ("version", Kind::Int, "not null"),
    ("deleted_at", Kind::Int, ""),
    ("raw", Kind::Text, ""),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexColumn {
    pub name: String,
    pub direction: Direction,
}

impl IndexColumn {
    pub fn asc(name: impl Into<String>) -> Self {
        Self { name: name.into(), direction: Direction::Asc }
    }

    pub fn desc(name: impl Into<String>) -> Self {
        Self { name: name.into(), direction: Direction::Desc }
    }
}

/// Which rows an index has, of those that are not deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    All,
    /// Those with a value in the first column: for values that few rows have, and that are looked up by.
    Known,
    /// All, one for each value.
    Unique,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexDef {
    pub name: String,
    pub table: String,
    pub columns: Vec<IndexColumn>,
    pub kept: Kept,
}

/// Creates an object's table with the system columns and these.
pub fn create_table(conn: &mut Conn, name: &str, columns: &[ColumnDef]) -> Result<(), StoreError> {
    let dialect = conn.dialect();
    let mut parts = Vec::new();
    for (column, kind, constraint) in SYSTEM_COLUMNS {
        parts.push(format!("{} {} {constraint}", ident(column)?, dialect.object_column_type(kind)));
    }
    for column in columns {
        parts.push(format!("{} {}", ident(&column.name)?, dialect.object_column_type(column.kind)));
    }
    let text = format!("create table if not exists {} ({})", ident(name)?, parts.join(", "));
    conn.execute(&Sql::raw(text)).map(drop)
}

/// Adds a column that may be NULL; does nothing when it is there.
pub fn add_column(conn: &mut Conn, table: &str, column: &ColumnDef) -> Result<(), StoreError> {
    let dialect = conn.dialect();
    if columns(conn, table)?.contains(&column.name) {
        return Ok(());
    }
    let kind = dialect.object_column_type(column.kind);
    let text = format!("alter table {} add column {} {kind}", ident(table)?, ident(&column.name)?);
    conn.execute(&Sql::raw(text)).map(drop)
}

/// The physical columns of a table in no order; empty when there is no such table.
pub fn columns(conn: &mut Conn, table: &str) -> Result<Vec<String>, StoreError> {
    let sql = conn.dialect().columns_of(table)?;
    conn.query(&sql)?.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

pub fn create_index(conn: &mut Conn, index: &IndexDef) -> Result<(), StoreError> {
    let dialect = conn.dialect();
    if index.columns.is_empty() {
        return Err(StoreError::misuse("an index needs a column"));
    }
    let column =
        |c: &IndexColumn| Ok(format!("{} {}", ident(&c.name)?, dialect.index_direction(c.direction)));
    let mut columns = index.columns.iter().map(column).collect::<Result<Vec<String>, StoreError>>()?;
    let unique = index.kept == Kept::Unique;
    if !unique {
        columns.extend(dialect.covering_live().map(str::to_owned));
    }
    let known = match index.columns.first().filter(|_| index.kept == Kept::Known) {
        Some(first) => format!(" and {} is not null", ident(&first.name)?),
        None => String::new(),
    };
    let text = format!(
        "create {}index if not exists {} on {} ({}) where {LIVE}{known}",
        if unique { "unique " } else { "" },
        ident(&index.name)?,
        ident(&index.table)?,
        columns.join(", "),
    );
    conn.execute(&Sql::raw(text)).map(drop)
}

/// Creates an object's search index; does nothing when it is there.
pub fn create_search_index(conn: &mut Conn, object: &str) -> Result<(), StoreError> {
    let (table, _) = conn.dialect().search_table(object)?;
    if columns(conn, &table)?.is_empty() {
        for statement in conn.dialect().create_search_index(object)? {
            conn.execute(&Sql::raw(statement))?;
        }
    }
    Ok(())
}

pub fn drop_index(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    conn.execute(&Sql::raw(format!("drop index if exists {}", ident(name)?))).map(drop)
}

pub fn drop_table(conn: &mut Conn, name: &str) -> Result<(), StoreError> {
    conn.execute(&Sql::raw(format!("drop table if exists {}", ident(name)?))).map(drop)
}
