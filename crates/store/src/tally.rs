//! Counts and sums that are kept with every row that is written: what a board of many records shows is then read from some hundred rows
//! in place of all (Gray et al., Data Cube, 1997: the finest cells of a cube, which add up to all others).
//!
//! Whoever changes rows takes what they add out of their cells before, and puts it in after ([`changing`], [`put_in`]). On SQLite the one
//! writer changes the cells themselves. On PostgreSQL everybody who writes would wait for the same few; so there a cell is the sum of rows
//! that are only ever added, and who has added a few hundred in all folds those that nobody else holds.

use crate::ddl::{ColumnDef, LIVE, columns};
use crate::sql::ident;
use crate::{Conn, Dialect, Kind, Sql, StoreError};
use std::hash::{BuildHasher, RandomState};

/// About so many rows are added between two foldings.
const FOLDED_EACH: u64 = 500;
/// At most so many are folded at once.
const FOLDED: u32 = 20_000;
/// Rows in one statement.
const CHUNK: usize = 500;

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
        format!("tally_of_{}", self.table)
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

    /// What each row adds to its cell, once or minus once, under the names of the cells' columns.
    fn addition(&self, sign: &str) -> Result<String, StoreError> {
        let mut values = Vec::new();
        for column in &self.by {
            let name = ident(&column.name)?;
            values.push(format!("coalesce({name}, {}) as {name}", nothing(column.kind)));
        }
        values.push(format!("{sign}1 as n"));
        for sum in &self.sums {
            let (name, known, total) = (ident(sum)?, ident(&known(sum))?, ident(&total(sum))?);
            values.push(format!("case when {name} is null then 0 else {sign}1 end as {known}"));
            values.push(format!("{sign}coalesce({name}, 0) as {total}"));
        }
        Ok(values.join(", "))
    }

    fn added(&self) -> Result<Vec<String>, StoreError> {
        self.columns().iter().skip(self.by.len()).map(|name| ident(name)).collect()
    }

    /// Adds what live rows add, once or minus once; `rows` is a table or what stands for one.
    fn add(&self, dialect: Dialect, sign: &str, rows: Sql) -> Result<Sql, StoreError> {
        let (cells, added) = (ident(&self.name())?, self.added()?);
        let parts = format!("select {} from ", self.addition(sign)?);
        let mut sql = Sql::raw(format!("insert into {cells} "));
        match dialect {
            Dialect::Sqlite => {
                let set = added.iter().map(|name| format!("{name} = {name} + excluded.{name}"));
                let set = set.collect::<Vec<_>>().join(", ");
                sql.push(&parts).append(rows).push(&format!(" on conflict do update set {set}"));
            }
            Dialect::Postgres => {
                let keys = self.keys()?.join(", ");
                let summed = added.iter().map(|name| format!("sum({name})")).collect::<Vec<_>>().join(", ");
                sql.push(&format!("select {keys}, {summed} from ({parts}")).append(rows);
                sql.push(&format!(") as parts group by {keys}"));
            }
        }
        Ok(sql)
    }

    /// Adds what these rows add. PostgreSQL: those that are taken out are locked first, so that what is taken out is what is changed then.
    fn add_some(&self, conn: &mut Conn, sign: &str, ids: &[i64]) -> Result<u64, StoreError> {
        let (dialect, table) = (conn.dialect(), ident(&self.table)?);
        let mut added = 0;
        for ids in ids.chunks(CHUNK) {
            let mut rows = Sql::raw(table.clone());
            let locked = dialect == Dialect::Postgres && !sign.is_empty();
            if locked {
                rows = Sql::raw(format!("(select * from {table}"));
            }
            rows.push(" where ").push_in("id", ids.iter().copied());
            rows.push(if locked { " order by id for update) as held where " } else { " and " }).push(LIVE);
            added += conn.execute(&self.add(dialect, sign, rows)?)?;
        }
        Ok(added)
    }

    /// PostgreSQL: makes the rows that nobody else holds one for each cell, about once in so many added. What is folded says the same as
    /// before, so that how often does not matter.
    fn fold(&self, conn: &mut Conn, added: u64) -> Result<(), StoreError> {
        if conn.dialect() == Dialect::Sqlite || RandomState::new().hash_one(added) % FOLDED_EACH >= added {
            return Ok(());
        }
        let (cells, keys, added) = (ident(&self.name())?, self.keys()?.join(", "), self.added()?);
        let summed = added.iter().map(|name| format!("sum({name})")).collect::<Vec<_>>();
        let left = summed.iter().map(|sum| format!("{sum} <> 0")).collect::<Vec<_>>().join(" or ");
        let fold = format!(
            "with gone as (delete from {cells} where ctid in (select ctid from {cells} limit {FOLDED} for update skip locked) returning *) \
             insert into {cells} select {keys}, {} from gone group by {keys} having {left}",
            summed.join(", ")
        );
        conn.execute(&Sql::raw(fold)).map(drop)
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        self.by.iter().map(|column| ident(&column.name)).collect()
    }

    /// Whether a column says to which cell a row adds what.
    pub(crate) fn watches(&self, column: &str) -> bool {
        column == "deleted_at"
            || self.by.iter().any(|by| by.name == column)
            || self.sums.iter().any(|sum| sum == column)
    }

    /// The table with all that is counted.
    fn statements(&self, dialect: Dialect) -> Result<[Sql; 2], StoreError> {
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
        let counted = Sql::raw(format!("{} where {LIVE}", ident(&self.table)?));
        Ok([
            Sql::raw(format!("create table {} ({}{end}", ident(&self.name())?, parts.join(", "))),
            self.add(dialect, "", counted)?,
        ])
    }

    /// Takes the table away, and what kept tallies before: triggers.
    fn remove(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let former = format!("tally_{}", self.table);
        for when in ["insert", "update", "delete"] {
            let part = ident(&format!("{former}_{when}"))?;
            conn.execute(&Sql::raw(match conn.dialect() {
                Dialect::Sqlite => format!("drop trigger if exists {part}"),
                Dialect::Postgres => format!("drop function if exists {part}() cascade"),
            }))?;
        }
        for name in [former, self.name()] {
            conn.execute(&Sql::raw(format!("drop table if exists {}", ident(&name)?)))?;
        }
        Ok(())
    }
}

/// Changes rows of a table: by as much as they change their cells do. Those that are gone afterwards add nothing. `ids` are those of rows
/// that were seen, here or in an earlier transaction, and no others are changed: one that somebody adds meanwhile would be counted twice.
///
/// # Errors
/// Those of `change`, the database's; the transaction can't go on then, or only behind a savepoint.
pub fn changing<T, E: From<StoreError>>(
    conn: &mut Conn,
    tally: Option<&TallyDef>,
    ids: &[i64],
    change: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    let Some(tally) = tally else { return change(conn) };
    let taken = tally.add_some(conn, "-", ids)?;
    let changed = change(conn)?;
    let put = tally.add_some(conn, "", ids)?;
    tally.fold(conn, taken + put)?;
    Ok(changed)
}

/// Puts in what new rows add.
///
/// # Errors
/// The database's.
pub fn put_in(conn: &mut Conn, tally: Option<&TallyDef>, ids: &[i64]) -> Result<(), StoreError> {
    let Some(tally) = tally else { return Ok(()) };
    let added = tally.add_some(conn, "", ids)?;
    tally.fold(conn, added)
}

/// Begins to keep a tally; does nothing where it is kept, and counts anew when it is another one.
///
/// # Errors
/// The database's; a name that is no identifier.
pub fn bring_up(conn: &mut Conn, tally: &TallyDef) -> Result<(), StoreError> {
    let (mut present, mut wanted) = (columns(conn, &tally.name())?, tally.columns());
    present.sort_unstable();
    wanted.sort_unstable();
    if present == wanted { Ok(()) } else { count_anew(conn, tally) }
}

/// Counts all rows: after they were written in bulk.
///
/// # Errors
/// The database's; a name that is no identifier.
pub fn count_anew(conn: &mut Conn, tally: &TallyDef) -> Result<(), StoreError> {
    // What others are writing is counted then.
    conn.lock_table(&tally.table)?;
    tally.remove(conn)?;
    tally.statements(conn.dialect())?.iter().try_for_each(|sql| conn.execute(sql).map(drop))
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
