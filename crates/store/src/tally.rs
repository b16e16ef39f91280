//! Counts and sums that the database keeps up itself with every row that is written, by whatever way: what a board of many records shows
//! is then read from some hundred rows in place of all (Gray et al., Data Cube, 1997: the finest cells of a cube, which add up to all
//! others). Triggers keep it, for no way of writing passes them by.

mod postgres;

use crate::ddl::{ColumnDef, LIVE, columns};
use crate::sql::ident;
use crate::{Conn, Dialect, Kind, Sql, StoreError};

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
        "cast(coalesce(sum(t.n), 0) as bigint)"
    }

    /// How many of them have a value in a column that is summed up.
    ///
    /// # Errors
    /// A name that is no identifier.
    pub fn known(&self, column: &str) -> Result<String, StoreError> {
        Ok(format!("cast(coalesce(sum(t.{}), 0) as bigint)", ident(&known(column))?))
    }

    /// The sum of a column; empty where no row has a value.
    ///
    /// # Errors
    /// A name that is no identifier.
    pub fn total(&self, column: &str) -> Result<String, StoreError> {
        Ok(format!(
            "case when sum(t.{}) > 0 then cast(sum(t.{}) as bigint) end",
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
            values.push(format!("case when {value} is null then 0 else {sign}1 end"));
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

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        self.by.iter().map(|column| ident(&column.name)).collect()
    }

    /// Columns that say to which cell a row adds what.
    fn watched(&self) -> Result<Vec<String>, StoreError> {
        let names = self.by.iter().map(|column| &column.name).chain(&self.sums);
        std::iter::once(Ok("deleted_at".to_owned())).chain(names.map(|name| ident(name))).collect()
    }

    /// The name of the trigger that looks after an insert, an update or a delete.
    fn part(&self, when: &str) -> Result<String, StoreError> {
        ident(&format!("{}_{when}", self.name()))
    }

    /// The table and what keeps it.
    fn statements(&self, dialect: Dialect) -> Result<Vec<String>, StoreError> {
        let (sum, end) = match dialect {
            Dialect::Sqlite => {
                ("integer", format!(", primary key ({})) without rowid", self.keys()?.join(", ")))
            }
            // A sum that grows beyond 64 bits must not keep anybody from writing.
            Dialect::Postgres => ("numeric", ")".to_owned()),
        };
        let mut parts = Vec::new();
        for column in &self.by {
            parts.push(format!(
                "{} {} not null",
                ident(&column.name)?,
                dialect.object_column_type(column.kind)
            ));
        }
        for name in self.columns().iter().skip(self.by.len()) {
            parts.push(format!("{} {sum} not null", ident(name)?));
        }
        let mut statements =
            vec![format!("create table {} ({}{end}", ident(&self.name())?, parts.join(", "))];
        statements.extend(match dialect {
            Dialect::Sqlite => self.sqlite()?,
            Dialect::Postgres => self.postgres()?,
        });
        Ok(statements)
    }

    fn sqlite(&self) -> Result<Vec<String>, StoreError> {
        let table = ident(&self.table)?;
        let (added, removed) = (self.add("new.", "")?, self.add("old.", "-")?);
        let watched = self.watched()?.join(", ");
        let trigger = |when: &str, of: &str, act: &str| {
            let name = self.part(when)?;
            Ok::<_, StoreError>(format!("create trigger {name} after {when}{of} on {table} begin {act} end"))
        };
        Ok(vec![
            trigger("insert", "", &added)?,
            trigger("update", &format!(" of {watched}"), &format!("{removed} {added}"))?,
            trigger("delete", "", &removed)?,
            self.add("", "")?,
        ])
    }

    /// Takes away the table and what keeps it.
    fn remove(&self, conn: &mut Conn) -> Result<(), StoreError> {
        for when in ["insert", "update", "delete"] {
            let part = self.part(when)?;
            conn.execute(&Sql::raw(match conn.dialect() {
                Dialect::Sqlite => format!("drop trigger if exists {part}"),
                Dialect::Postgres => format!("drop function if exists {part}() cascade"),
            }))?;
        }
        conn.execute(&Sql::raw(format!("drop table if exists {}", ident(&self.name())?))).map(drop)
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
    tally.remove(conn)?;
    let statements = tally.statements(conn.dialect())?;
    statements.into_iter().try_for_each(|text| conn.execute(&Sql::raw(text)).map(drop))
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
