//! Reading records: one by id, a page of a list, a count.
//!
//! Pages go on from a mark (the sort values and the id of the last row seen), never from an offset, so that the thousandth page costs
//! what the first does. A nullable sort column is read in two parts, values and empties, because no index serves "less than this or empty".

use super::condition::{column, condition};
use super::value_of;
use crate::ddl::ColumnDef;
use crate::dialect::Direction;
use crate::sql::ident;
use crate::tally::TallyDef;
use crate::{Conn, Dialect, Kind, Sql, StoreError};
use huike_model::access::ObjectAccess;
use huike_model::filter::Resolved;
use huike_model::kinds::Storage;
use huike_model::{Field, Object, Schema, Value};
use std::sync::Arc;

/// The tally of an object, where it has one.
pub fn tally(object: &Object) -> Option<TallyDef> {
    let tally = object.tally.as_ref()?;
    let column = |field: &Arc<Field>| {
        let kind = if field.storage() == Storage::Int { Kind::Int } else { Kind::Text };
        ColumnDef::new(field.column.clone(), kind)
    };
    Some(TallyDef {
        table: object.name.clone(),
        by: tally.by.iter().map(column).collect(),
        sums: tally.sum.iter().map(|field| field.column.clone()).collect(),
    })
}

/// Whether a filter asks for nothing but these of a record's own fields.
fn asks_only(filter: &Resolved, known: &dyn Fn(&Field) -> bool) -> bool {
    match filter {
        Resolved::All(parts) | Resolved::Any(parts) => parts.iter().all(|part| asks_only(part, known)),
        Resolved::Not(part) => asks_only(part, known),
        Resolved::Leaf(leaf) => leaf.path.hops.is_empty() && known(&leaf.path.field),
    }
}

/// Which rows with regard to the recycle bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deleted {
    #[default]
    Live,
    Only,
    Any,
}

/// One key of a sort. Empty values count as the smallest.
#[derive(Clone, Debug)]
pub struct Order {
    pub field: Arc<Field>,
    pub descending: bool,
}

/// Where the last page ended: one value per sort key, and the id.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub values: Vec<Value>,
    pub id: i64,
}

/// A read of records as far as an access reaches.
pub struct RecordQuery<'a> {
    pub access: &'a ObjectAccess,
    pub schema: &'a Schema,
    /// What is fetched beside id and version.
    pub fields: &'a [Arc<Field>],
    pub filter: Resolved,
    pub order: Vec<Order>,
    pub after: Option<Mark>,
    pub limit: i64,
    pub deleted: Deleted,
    /// Also fetch what was typed.
    pub raw: bool,
    /// Whether grants are told apart also where they differ in what may be written alone.
    pub exact: bool,
}

/// A row as it was stored, sealed values still sealed.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    pub id: i64,
    pub version: i64,
    pub deleted_at: Option<i64>,
    /// Aligned with the query's fields.
    pub values: Vec<Value>,
    pub raw: Option<String>,
    /// Which grants of the access reach this row.
    pub reached: Vec<bool>,
    /// The values of the sort keys, for the mark.
    pub order: Vec<Value>,
}

impl<'a> RecordQuery<'a> {
    pub fn new(access: &'a ObjectAccess, schema: &'a Schema, fields: &'a [Arc<Field>]) -> RecordQuery<'a> {
        RecordQuery {
            access,
            schema,
            fields,
            filter: Resolved::everything(),
            order: Vec::new(),
            after: None,
            limit: 50,
            deleted: Deleted::Live,
            raw: false,
            exact: false,
        }
    }

    fn tells_grants_apart(&self) -> bool {
        !if self.exact { self.access.is_uniform_for_writing() } else { self.access.is_uniform() }
    }

    /// The next page.
    ///
    /// # Errors
    /// The database's.
    pub fn run(&self, conn: &mut Conn) -> Result<Vec<StoredRecord>, StoreError> {
        if !self.access.reads_anything() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for part in self.parts() {
            let limit = self.limit - found.len() as i64;
            if limit <= 0 {
                break;
            }
            let sql = self.page(conn, part, limit)?;
            conn.query_each(&sql, |row| {
                found.push(self.decode(row));
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// The statements of the next page, for looking at their plans.
    ///
    /// # Errors
    /// A column name that is no identifier.
    pub fn statements(&self, conn: &mut Conn) -> Result<Vec<Sql>, StoreError> {
        self.parts().into_iter().map(|part| self.page(conn, part, self.limit)).collect()
    }

    /// How many records the whole list has, or `at_most` when there are more.
    ///
    /// # Errors
    /// The database's.
    pub fn count(&self, conn: &mut Conn, at_most: Option<i64>) -> Result<i64, StoreError> {
        if !self.access.reads_anything() {
            return Ok(0);
        }
        if let Some(tally) = self.tallied() {
            let mut sql = Sql::raw(format!("select {} from ", tally.count()));
            self.tally_source(&mut sql, conn, &tally)?;
            let count = conn.query_one(&sql)?.int(0)?;
            return Ok(at_most.map_or(count, |most| count.min(most)));
        }
        let mut sql = Sql::raw("select count(*) from ");
        match at_most {
            None => {
                self.source(&mut sql, conn)?;
            }
            Some(limit) => {
                sql.push("(select 1 from ");
                self.source(&mut sql, conn)?;
                sql.push(" limit ").bind(limit).push(") counted");
            }
        }
        conn.query_one(&sql)?.int(0)
    }

    /// The tally that knows these records as well: live ones, chosen by nothing but what it counts by.
    pub(crate) fn tallied(&self) -> Option<TallyDef> {
        let object = &self.access.object;
        let by = object.tally.as_ref().filter(|_| self.deleted == Deleted::Live)?;
        let counted = |field: &Field| by.by.iter().any(|one| one.name == field.name);
        let scope = self.access.read_scope();
        (asks_only(&self.filter, &counted) && asks_only(&scope, &counted)).then(|| tally(object))?
    }

    /// `tally t where scope and filter`.
    ///
    /// # Errors
    /// A name that is no identifier.
    pub(crate) fn tally_source(
        &self,
        sql: &mut Sql,
        conn: &Conn,
        tally: &TallyDef,
    ) -> Result<(), StoreError> {
        sql.push(&tally.source()?).push(" t where 1=1");
        self.chosen(sql, conn)
    }

    /// `table t where scope and filter`.
    ///
    /// # Errors
    /// A name that is no identifier.
    pub fn source(&self, sql: &mut Sql, conn: &Conn) -> Result<(), StoreError> {
        sql.push(&ident(&self.access.object.name)?).push(" t where ");
        match self.deleted {
            Deleted::Live => sql.push("t.deleted_at is null"),
            // A record that was merged is taken back by undoing the merge, not out of the bin.
            Deleted::Only => sql
                .push("t.deleted_at is not null and not exists (select 1 from merged_record g where g.object = ")
                .bind(self.access.object.name.as_str())
                .push(" and g.record_id = t.id)"),
            Deleted::Any => sql.push("1=1"),
        };
        self.chosen(sql, conn)
    }

    fn chosen(&self, sql: &mut Sql, conn: &Conn) -> Result<(), StoreError> {
        for part in [&self.filter, &self.access.read_scope()] {
            if !part.is_everything() {
                sql.push(" and ").append(condition(part, "t", self.schema, conn.dialect())?);
            }
        }
        Ok(())
    }

    /// The parts a page is read in, each with the bounds of the mark.
    fn parts(&self) -> Vec<Part> {
        let single_nullable = match self.order.as_slice() {
            [only] => !never_null(&only.field),
            _ => false,
        };
        match (&self.after, single_nullable) {
            (None, _) => vec![Part::Whole],
            (Some(_), false) => vec![Part::AfterMark],
            (Some(mark), true) => {
                let at_null = mark.values.first().is_none_or(Value::is_null);
                match (self.order[0].descending, at_null) {
                    // Values fall to the empties at the end.
                    (true, false) => vec![Part::ValuesAfterMark, Part::AllEmpties],
                    (true, true) => vec![Part::EmptiesAfterMark],
                    // The empties come first.
                    (false, true) => vec![Part::EmptiesAfterMark, Part::AllValues],
                    (false, false) => vec![Part::ValuesAfterMark],
                }
            }
        }
    }

    fn page(&self, conn: &Conn, part: Part, limit: i64) -> Result<Sql, StoreError> {
        let mut sql = Sql::raw("select t.id, t.version, t.deleted_at");
        for field in self.fields {
            sql.push(", ").push(&column("t", field)?);
        }
        if self.raw {
            sql.push(", t.raw");
        }
        for key in self.keys()? {
            sql.push(", ").push(&key.column);
        }
        if self.tells_grants_apart() {
            for grant in self.access.grants() {
                sql.push(", case when ").append(condition(&grant.read, "t", self.schema, conn.dialect())?);
                sql.push(" then 1 else 0 end");
            }
        }
        sql.push(" from ");
        self.source(&mut sql, conn)?;
        self.bound(&mut sql, part, conn.dialect())?;
        sql.push(" order by ");
        let (keys, last) = self.sorting()?;
        for key in &keys {
            sql.push(&key.column).push(" ").push(key.direction.sql()).push(", ");
        }
        // Spelled as in the index it closes, or as the primary key: PostgreSQL sorts again where the place of NULL differs, though an id is
        // never NULL.
        sql.push("t.id ").push(match (keys.is_empty(), last) {
            (false, _) => last.sql(),
            (true, Direction::Asc) => "asc",
            (true, Direction::Desc) => "desc",
        });
        sql.push(" limit ").bind(limit);
        Ok(sql)
    }

    /// The keys before the id, which ends every order, and the id's direction.
    fn sorting(&self) -> Result<(Vec<Key>, Direction), StoreError> {
        let mut keys = self.keys()?;
        let id = self.order.iter().position(|key| key.field.system && key.field.name == "id");
        let last =
            id.map_or(keys.last(), |place| keys.get(place)).map_or(Direction::Desc, |key| key.direction);
        keys.truncate(id.unwrap_or(keys.len()));
        Ok((keys, last))
    }

    fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.order.iter().map(Key::new).collect()
    }

    fn bound(&self, sql: &mut Sql, part: Part, dialect: Dialect) -> Result<(), StoreError> {
        let (keys, last) = self.sorting()?;
        let Some(mark) = &self.after else { return Ok(()) };
        let beyond_id = if last == Direction::Asc { "t.id > " } else { "t.id < " };
        let single = keys.first().map(|key| key.column.as_str()).unwrap_or("t.id");
        match part {
            Part::Whole => {}
            Part::AllEmpties => {
                sql.push(" and ").push(&dialect.often_null(single));
            }
            Part::AllValues => {
                sql.push(&format!(" and {single} is not null"));
            }
            Part::EmptiesAfterMark => {
                sql.push(" and ")
                    .push(&dialect.often_null(single))
                    .push(&format!(" and {beyond_id}"))
                    .bind(mark.id);
            }
            Part::ValuesAfterMark | Part::AfterMark => {
                sql.push(" and ").append(after_mark(
                    &keys,
                    &mark.values,
                    mark.id,
                    beyond_id,
                    matches!(part, Part::ValuesAfterMark),
                ));
            }
        }
        Ok(())
    }

    fn decode(&self, row: &crate::Row) -> StoredRecord {
        let mut next = 3;
        let mut take = |count: usize| {
            let from = next;
            next += count;
            (from..next).map(|at| value_of(row, at)).collect::<Vec<_>>()
        };
        let values = take(self.fields.len());
        let raw = take(usize::from(self.raw)).pop().and_then(|raw| raw.as_text().map(str::to_owned));
        let order = take(self.order.len());
        let grants = self.access.grants().len();
        let reached = if self.tells_grants_apart() {
            take(grants).iter().map(|flag| flag.as_int() == Some(1)).collect()
        } else {
            vec![true; grants]
        };
        StoredRecord {
            id: row.int(0).unwrap_or_default(),
            version: row.int(1).unwrap_or_default(),
            deleted_at: row.opt_int(2).unwrap_or_default(),
            values,
            raw,
            reached,
            order,
        }
    }
}

#[derive(Clone, Copy)]
enum Part {
    Whole,
    AfterMark,
    ValuesAfterMark,
    EmptiesAfterMark,
    AllEmpties,
    AllValues,
}

struct Key {
    column: String,
    direction: Direction,
    nullable: bool,
}

impl Key {
    fn new(order: &Order) -> Result<Key, StoreError> {
        let name = order.field.sort_column().unwrap_or_else(|| order.field.column.clone());
        let direction = if order.descending { Direction::Desc } else { Direction::Asc };
        Ok(Key { column: format!("t.{}", ident(&name)?), direction, nullable: !never_null(&order.field) })
    }
}

fn never_null(field: &Field) -> bool {
    field.system && matches!(field.name.as_str(), "id" | "created_at" | "updated_at" | "version")
}

/// `k1 beyond v1, or k1 = v1 and (k2 beyond v2, or …)`, with a bare bound on the first key that an index can serve. `apart`: the
/// empties are a part of their own.
fn after_mark(keys: &[Key], values: &[Value], id: i64, beyond_id: &str, apart: bool) -> Sql {
    let Some((key, rest)) = keys.split_first() else {
        let mut sql = Sql::raw(beyond_id);
        sql.bind(id);
        return sql;
    };
    let (value, values) = values.split_first().unwrap_or((&Value::Null, &[]));
    let mut sql = Sql::new();
    let name = &key.column;
    let further = after_mark(rest, values, id, beyond_id, apart);
    match (key.direction, value.is_null()) {
        (Direction::Asc, true) => {
            sql.push(&format!("({name} is not null or ({name} is null and ")).append(further).push("))");
        }
        (Direction::Desc, true) => {
            sql.push(&format!("({name} is null and ")).append(further).push(")");
        }
        (direction, false) => {
            let (within, beyond) = if direction == Direction::Asc { (">=", ">") } else { ("<=", "<") };
            let empties = direction == Direction::Desc && key.nullable && !apart;
            if empties {
                sql.push(&format!("({name} is null or "));
            }
            sql.push(&format!("({name} {within} "))
                .bind(value)
                .push(&format!(" and ({name} {beyond} "))
                .bind(value);
            sql.push(" or ").append(further).push("))");
            if empties {
                sql.push(")");
            }
        }
    }
    sql
}
