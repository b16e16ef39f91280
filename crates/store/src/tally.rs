//! Counts and sums that the database keeps up itself with every row that is written, by whatever way: what a board of many records shows
//! is then read from some hundred rows in place of all (Gray et al., Data Cube, 1997: the finest cells of a cube, which add up to all
//! others). In SQLite's words; [`crate::query::tally`] says where they are kept.

use crate::ddl::{ColumnDef, LIVE, columns};
use crate::sql::ident;
use crate::{Conn, Kind, Sql, StoreError};

/// What is counted and summed up of a table's live rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TallyDef {
    pub table: String,
    /// By which columns; together they have few values.
    pub by: Vec<ColumnDef>,
    /// Columns of integers.
    pub sums: Vec<String>,
}

impl TallyDef {
    fn name(&self) -> String {
        format!("tally_{}", self.table)
    }

    fn columns(&self) -> Vec<String> {
        let sums = self.sums.iter().flat_map(|sum| [known(sum), total(sum)]);
        self.by.iter().map(|column| column.name.clone()).chain(["n".to_owned()]).chain(sums).collect()
    }

    /// The cells as a table to read from, with empty values where the rows have them.
    ///
    /// # Errors
    /// A name that is no identifier.
    pub fn source(&self) -> Result<String, StoreError> {
        let cell = |column: &ColumnDef| {
            let name = ident(&column.name)?;
            Ok(format!("nullif({name}, {}) as {name}", nothing(column.kind)))
        };
        let mut parts = self.by.iter().map(cell).collect::<Result<Vec<_>, StoreError>>()?;
        for name in self.columns().iter().skip(self.by.len()) {
            parts.push(ident(name)?);
        }
        Ok(format!("(select {} from {})", parts.join(", "), ident(&self.name())?))
    }

    /// How many rows there are.
    pub fn count(&self) -> &'static str {
        "coalesce(sum(t.n), 0)"
    }

    /// How many of them have a value in a column that is summed up.
    ///
    /// # Errors
    /// A name that is no identifier.
    pub fn known(&self, column: &str) -> Result<String, StoreError> {
        Ok(format!("coalesce(sum(t.{}), 0)", ident(&known(column))?))
    }

    /// The sum of a column; empty where no row has a value.
    ///
    /// # Errors
    /// A name that is no identifier.
    pub fn total(&self, column: &str) -> Result<String, StoreError> {
        Ok(format!(
            "case when sum(t.{}) > 0 then sum(t.{}) end",
            ident(&known(column))?,
            ident(&total(column))?
        ))
    }

    /// What a row (`new.` or `old.`, or each row of the table where there is no such word) adds to its cell, once or minus once.
    fn addition(&self, row: &str, sign: &str) -> Result<String, StoreError> {
        let of = |name: &str| Ok::<_, StoreError>(format!("{row}{}", ident(name)?));
        let mut values = Vec::new();
        for column in &self.by {
            values.push(format!("coalesce({}, {})", of(&column.name)?, nothing(column.kind)));
        }
        values.push(format!("{sign}1"));
        for sum in &self.sums {
            let value = of(sum)?;
            values.push(format!("{sign}({value} is not null)"));
            values.push(format!("{sign}coalesce({value}, 0)"));
        }
        Ok(values.join(", "))
    }

    fn add(&self, row: &str, sign: &str) -> Result<String, StoreError> {
        let table = ident(&self.name())?;
        let added = self.columns().split_off(self.by.len());
        let added = added.iter().map(|name| {
            let name = ident(name)?;
            Ok(format!("{name} = {name} + excluded.{name}"))
        });
        let added = added.collect::<Result<Vec<_>, StoreError>>()?.join(", ");
        let (values, live) = (self.addition(row, sign)?, format!("{row}{LIVE}"));
        let from = if row.is_empty() { format!("from {}", ident(&self.table)?) } else { String::new() };
        Ok(format!(
            "insert into {table} select {values} {from} where {live} on conflict do update set {added};"
        ))
    }

    fn statements(&self) -> Result<Vec<String>, StoreError> {
        let (table, cells) = (ident(&self.table)?, ident(&self.name())?);
        let mut parts = Vec::new();
        for column in &self.by {
            let kind = if column.kind == Kind::Int { "integer" } else { "text" };
            parts.push(format!("{} {kind} not null", ident(&column.name)?));
        }
        for name in self.columns().iter().skip(self.by.len()) {
            parts.push(format!("{} integer not null", ident(name)?));
        }
        let keys = self.by.iter().map(|column| ident(&column.name)).collect::<Result<Vec<_>, _>>()?;
        let watched = keys.iter().cloned().map(Ok).chain(self.sums.iter().map(|sum| ident(sum)));
        let watched = watched.collect::<Result<Vec<_>, StoreError>>()?.join(", ");
        let trigger = |when: &str| ident(&format!("{}_{when}", self.name()));
        let (added, removed) = (self.add("new.", "")?, self.add("old.", "-")?);
        Ok(vec![
            format!(
                "create table {cells} ({}, primary key ({})) without rowid",
                parts.join(", "),
                keys.join(", ")
            ),
            format!("create trigger {} after insert on {table} begin {added} end", trigger("insert")?),
            format!(
                "create trigger {} after update of deleted_at, {watched} on {table} begin {removed} {added} end",
                trigger("update")?
            ),
            format!("create trigger {} after delete on {table} begin {removed} end", trigger("delete")?),
            self.add("", "")?,
        ])
    }
}

/// Begins to keep a tally; does nothing where it is kept, and counts anew when it is another one.
///
/// # Errors
/// The database's; a name that is no identifier.
pub fn bring_up(conn: &mut Conn, tally: &TallyDef) -> Result<(), StoreError> {
    let (mut present, mut wanted) = (columns(conn, &tally.name())?, tally.columns());
    present.sort_unstable();
    wanted.sort_unstable();
    if present == wanted {
        return Ok(());
    }
    for when in ["insert", "update", "delete"] {
        let trigger = ident(&format!("{}_{when}", tally.name()))?;
        conn.execute(&Sql::raw(format!("drop trigger if exists {trigger}")))?;
    }
    conn.execute(&Sql::raw(format!("drop table if exists {}", ident(&tally.name())?)))?;
    tally.statements()?.into_iter().try_for_each(|text| conn.execute(&Sql::raw(text)).map(drop))
}

/// What stands for an empty value in a cell's key, where it couldn't be told from another.
fn nothing(kind: Kind) -> &'static str {
    if kind == Kind::Int { "0" } else { "''" }
}

fn known(column: &str) -> String {
    format!("known_{column}")
}

fn total(column: &str) -> String {
    format!("total_{column}")
}
