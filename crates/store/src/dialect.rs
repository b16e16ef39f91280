//! Everything in which the two databases differ in SQL. Nothing else asks which one it is.

use crate::bulk::SEARCH_BUFFER_USUAL;
use crate::newest::spans;
use crate::sql::ident;
use crate::{Sql, StoreError};

/// How PostgreSQL's search indexes take new words: on a list of at most so many kB, which `Pending` sorts in.
pub(crate) const SEARCH_PENDING: &str = "fastupdate = on, gin_pending_list_limit = 65536";

/// PostgreSQL's search indexes, each as `i`: what comes behind `from`.
pub(crate) const SEARCH_INDEXES: &str = "pg_class i join pg_am a on a.oid = i.relam \
    where a.amname = 'gin' and i.relname like 'search\\_%\\_tsv' \
    and i.relnamespace = cast(current_schema() as regnamespace)";

/// The database behind a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// The storage class of a column. Three carry every field type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Int,
    Text,
    Blob,
}

/// Sort direction with the place of NULL always the same: NULL counts as the smallest value, so it is
/// first ascending and last descending. SQLite's indexes can only be built so, and PostgreSQL's can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Asc,
    Desc,
}

impl Direction {
    /// For `order by`, on both databases.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Asc => "asc nulls first",
            Self::Desc => "desc nulls last",
        }
    }
}

impl Dialect {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    pub fn column_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Sqlite, Kind::Int) => "integer",
            (Self::Postgres, Kind::Int) => "bigint",
            (_, Kind::Text) => "text",
            (Self::Sqlite, Kind::Blob) => "blob",
            (Self::Postgres, Kind::Blob) => "bytea",
        }
    }

    /// The type of an object's column. Texts compare by their bytes on both databases, whatever language the PostgreSQL database was
    /// made for: ranges, letters in either case and sort keys mean the same everywhere.
    pub(crate) fn object_column_type(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Postgres, Kind::Text) => "text collate \"C\"",
            _ => self.column_type(kind),
        }
    }

    /// DDL written in PostgreSQL's types. `{keyed}` marks a small table that is only read by its key.
    pub(crate) fn ddl(self, text: &str) -> String {
        match self {
            // Only the very words `integer primary key` make the key the row's own address.
            Self::Sqlite => {
                let text = text.replace("bigint", "integer").replace("bytea", "blob");
                text.replace("{keyed}", " without rowid")
            }
            Self::Postgres => text.replace("{keyed}", ""),
        }
    }

    /// Keeps other nodes from changing a table until the end of the transaction, where there are others.
    pub(crate) fn lock_table(self, table: &str) -> Result<Option<Sql>, StoreError> {
        match self {
            Self::Sqlite => Ok(None),
            Self::Postgres => Ok(Some(Sql::raw(format!("lock table {} in exclusive mode", ident(table)?)))),
        }
    }

    /// An expression above every transaction number the server has given out; none where the writer counts.
    pub(crate) fn next_tx(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some("cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint)"),
        }
    }

    /// The direction inside `create index`: SQLite takes no NULLS clause there and orders so by itself.
    pub fn index_direction(self, direction: Direction) -> &'static str {
        match (self, direction) {
            (Self::Sqlite, Direction::Asc) => "asc",
            (Self::Sqlite, Direction::Desc) => "desc",
            (Self::Postgres, _) => direction.sql(),
        }
    }

    /// The column that an index of live rows ends in, so that what it holds can be counted without the rows: SQLite looks at the column
    /// of the index's own condition again, and would fetch every row for it; PostgreSQL doesn't.
    pub(crate) fn covering_live(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some("\"deleted_at\""),
            Self::Postgres => None,
        }
    }

    /// That a column is empty, where many rows are: SQLite's statistics know only how many rows a value has on average, take the empties
    /// for one more value, and then sort what an index has in order already (sqlite.org/lang_corefunc.html#likelihood).
    pub fn often_null(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("likelihood({column} is null, 0.25)"),
            Self::Postgres => format!("{column} is null"),
        }
    }

    /// Row lock for a read that a write depends on. SQLite's writer is alone anyway.
    pub fn for_update(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " for update",
        }
    }

    /// Row lock that passes over rows which others hold: for claiming work.
    pub fn for_update_skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " for update skip locked",
        }
    }

    /// `column` as an aggregate that stays a 64-bit integer (`sum(bigint)` is numeric on PostgreSQL).
    pub fn sum_int(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("sum({column})"),
            Self::Postgres => format!("cast(sum({column}) as bigint)"),
        }
    }

    /// The average of `column` as an integer, halves away from zero.
    pub fn average_int(self, column: &str) -> String {
        match self {
            Self::Sqlite => format!("cast(round(avg({column})) as integer)"),
            Self::Postgres => format!("cast(round(avg({column})) as bigint)"),
        }
    }

    /// The function that says where a text begins within another, 0 for nowhere; letters are told apart by case.
    pub fn position_of(self) -> &'static str {
        match self {
            Self::Sqlite => "instr",
            Self::Postgres => "strpos",
        }
    }

    /// The condition that keeps log readers behind every transaction that may still commit; it takes
    /// the base that is added to transaction numbers. SQLite numbers in commit order.
    pub fn settled_tx(self, column: &str, base: i64) -> Option<String> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(format!(
                "{column} < {base} + cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)"
            )),
        }
    }

    /// One row, one integer: about how many rows the table has. NULL when nothing is known yet.
    pub fn estimated_count(self, table: &str) -> Result<Sql, StoreError> {
        match self {
            // sqlite_stat1.stat starts with the row count of the table; ANALYZE writes it.
            Self::Sqlite => Sql::with(
                "select max(cast(stat as integer)) from sqlite_stat1 where tbl = $1",
                [table.into()],
            ),
            Self::Postgres => Sql::with(
                "select nullif(cast(reltuples as bigint), -1) from pg_class \
                 where oid = to_regclass(cast($1 as text))",
                [table.into()],
            ),
        }
    }

    /// Rows `(name)`: the columns of a table in this schema; none when there is no such table.
    pub fn columns_of(self, table: &str) -> Result<Sql, StoreError> {
        match self {
            Self::Sqlite => Sql::with("select name from pragma_table_info($1)", [table.into()]),
            Self::Postgres => Sql::with(
                "select attname from pg_attribute where attrelid = to_regclass(cast($1 as text)) \
                 and attnum > 0 and not attisdropped",
                [table.into()],
            ),
        }
    }

    /// Fresh statistics for the planner.
    pub fn analyze(self, table: Option<&str>) -> Result<Sql, StoreError> {
        Ok(Sql::raw(match table {
            Some(table) => format!("analyze {}", ident(table)?),
            None => "analyze".to_owned(),
        }))
    }

    /// The statement that explains `sql` without running it.
    pub fn explain(self, sql: &Sql) -> Sql {
        let mut explain = Sql::raw(match self {
            Self::Sqlite => "explain query plan ",
            Self::Postgres => "explain ",
        });
        explain.append(sql.clone());
        explain
    }

    /// The column of an `explain` row that holds the text.
    pub(crate) fn explain_column(self) -> usize {
        match self {
            Self::Sqlite => 3,
            Self::Postgres => 0,
        }
    }

    /// The index a line of a plan uses, and the table a line of a plan reads in full.
    pub(crate) fn plan_line(self, line: &str) -> (Option<&str>, Option<&str>) {
        let word_after = |marker: &str| {
            let at = line.find(marker)? + marker.len();
            line[at..].split([' ', '(']).find(|w| !w.is_empty())
        };
        match self {
            Self::Sqlite => {
                let index = word_after("USING COVERING INDEX ").or_else(|| word_after("USING INDEX "));
                let scan = if index.is_none() { line.strip_prefix("SCAN ") } else { None };
                (index, scan.filter(|s| !s.contains("VIRTUAL TABLE")).and_then(|s| s.split(' ').next()))
            }
            Self::Postgres => {
                let index = [
                    "Index Scan using ",
                    "Index Only Scan using ",
                    "Index Scan Backward using ",
                    "Index Only Scan Backward using ",
                    "Bitmap Index Scan on ",
                ];
                (index.iter().find_map(|m| word_after(m)), word_after("Seq Scan on "))
            }
        }
    }

    /// The statements that put the search text of a record of an object in the place of what was there. `tokens` are separated by
    /// spaces.
    pub fn search_put(self, object: &str, record_id: i64, tokens: &str) -> Result<Vec<Sql>, StoreError> {
        match self {
            Self::Sqlite => {
                Ok(vec![self.search_remove(object, record_id)?, self.search_add(object, record_id, tokens)?])
            }
            Self::Postgres => {
                let mut sql = self.search_add(object, record_id, tokens)?;
                sql.push(" on conflict (record_id) do update set tsv = excluded.tsv");
                Ok(vec![sql])
            }
        }
    }

    /// The statement that puts the search text of a new record in.
    pub fn search_add(self, object: &str, record_id: i64, tokens: &str) -> Result<Sql, StoreError> {
        let table = search_table(object)?;
        match self {
            Self::Sqlite => Sql::with(
                format!("insert into {table} (rowid, body) values ($1, $2)"),
                [record_id.into(), tokens.into()],
            ),
            // The tokens are lexemes already; PostgreSQL's parser would cut Han text its own way.
            Self::Postgres => Sql::with(
                format!(
                    "insert into {table} (record_id, tsv) values ($1, \
                     array_to_tsvector(array_remove(string_to_array($2, ' '), '')))"
                ),
                [record_id.into(), (tokens.to_owned() + &spans(record_id)).into()],
            ),
        }
    }

    /// Lets an object's search index merge up to so many pages of what it has in pieces; SQLite only.
    pub(crate) fn search_merge(self, object: &str, pages: u32) -> Result<Sql, StoreError> {
        let table = search_table(object)?;
        Sql::with(
            format!("insert into {table} ({table}, rank) values ('merge', $1)"),
            [i64::from(pages).into()],
        )
    }

    pub fn search_remove(self, object: &str, record_id: i64) -> Result<Sql, StoreError> {
        let (table, id) = self.search_table(object)?;
        Sql::with(format!("delete from {table} where {id} = $1"), [record_id.into()])
    }

    /// The table of an object's search index and its record id column.
    pub fn search_table(self, object: &str) -> Result<(String, &'static str), StoreError> {
        Ok((search_table(object)?, if self == Self::Sqlite { "rowid" } else { "record_id" }))
    }

    /// The search index of one object: a query then reads the words of its own object only. One index for all took 40 ms where the
    /// customers' own takes 1 ms, for every word led through the notes about them.
    pub(crate) fn create_search_index(self, object: &str) -> Result<Vec<String>, StoreError> {
        let table = search_table(object)?;
        Ok(match self {
            // Contentless: the text exists once, in the records. detail=none holds no positions: pairs of characters take the place of
            // phrases. Beginnings of three to five letters (two initials and more, most syllables) are indexed: merging the words that
            // begin so took 5 to 40 ms with 180,000 customers, and takes 0.2 ms.
            Self::Sqlite => vec![
                format!(
                    "create virtual table if not exists {table} using fts5(body, content='', \
                     contentless_delete=1, detail=none, columnsize=1, prefix='3 4 5', tokenize='ascii')"
                ),
                format!("insert into {table} ({table}, rank) values ('hashsize', {SEARCH_BUFFER_USUAL})"),
                // The writer has it merged piece by piece: see `Conn::run_late`.
                format!("insert into {table} ({table}, rank) values ('automerge', 0)"),
                format!("insert into {table} ({table}, rank) values ('usermerge', 8)"),
                format!("insert into {table} ({table}, rank) values ('crisismerge', 256)"),
            ],
            Self::Postgres => vec![
                format!(
                    "create table if not exists {table} (record_id bigint primary key, tsv tsvector not null)"
                ),
                // Nobody asks the planner how many there are.
                format!("alter table {table} alter column tsv set statistics 0"),
                format!(
                    "create index if not exists {table}_tsv on {table} using gin (tsv) with ({SEARCH_PENDING})"
                ),
            ],
        })
    }
}

/// The name of an object's search index, which needs no quotes: an object's name has at most 40 letters, so that it fits.
fn search_table(object: &str) -> Result<String, StoreError> {
    let name = format!("search_{object}");
    ident(&name)?;
    Ok(name)
}
