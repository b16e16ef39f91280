//! What points at a record, found from the dictionary: lookups of whatever object, texts that hold the id of a record, lists of files.

use super::MAX_MOVED;
use super::fold::Fold;
use super::journal::{Changed, Columns, RowKind, id_key, json_of, sql_of};
use super::request::Party;
use crate::error::{EngineError, Result};
use crate::records::load;
use crate::records::log::{Change, entry};
use huike_model::access::ObjectAccess;
use huike_model::kinds::FieldType;
use huike_model::{Code, Field, Id, Object, Problem, Schema, Value};
use huike_store::ddl::{ColumnDef, LIVE};
use huike_store::log::{COLUMNS, Cursor};
use huike_store::query::{self, Deleted};
use huike_store::sql::ident;
use huike_store::tally::changing;
use huike_store::{Conn, Kind, Row, Sql, SqlValue};
use serde_json::Value as Json;
use std::sync::Arc;

/// Rows that one statement changes.
const CHUNK: usize = 500;

/// How a column points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// It holds the id.
    Id,
    /// It holds the id as text, of a record of the object that another column names.
    Text,
    /// It holds a list of ids.
    List,
}

/// A column that may point at records of an object.
struct Pointer {
    child: Arc<Object>,
    field: Arc<Field>,
    manner: Manner,
}

/// Every column that may point at records of `object`, those of retired fields too: they may be taken up again.
fn pointers(schema: &Schema, object: &str) -> Vec<Pointer> {
    let mut found = Vec::new();
    for child in schema.objects() {
        for field in child.all_fields().filter(|field| !field.system && !field.encrypted) {
            let manner = match field.kind {
                FieldType::Lookup if field.reference.as_deref() == Some(object) => Manner::Id,
                FieldType::File | FieldType::Image if object == "file" => Manner::List,
                _ if field.record_of.is_some() => Manner::Text,
                _ => continue,
            };
            found.push(Pointer { child: child.clone(), field: field.clone(), manner });
        }
    }
    found
}

/// A row that points at a loser.
struct Pointing {
    id: i64,
    updated_at: Json,
    updated_by: Json,
    before: Json,
    after: Json,
}

/// Turns everything that points at the losers to the winner.
///
/// # Errors
/// `conflict` when too much would move.
pub(super) fn point(fold: &mut Fold<'_>, conn: &mut Conn, object: &Arc<Object>, party: &Party) -> Result<()> {
    let schema = fold.cx.schema.clone();
    for pointer in pointers(&schema, &object.name) {
        let rows = pointing(fold, conn, object, party, &pointer)?;
        fold.moved += rows.len() as i64;
        if fold.moved > MAX_MOVED {
            return Err(too_much());
        }
        if pointer.child.link.contains(&pointer.field.name) {
            for row in rows {
                move_link(fold, conn, &pointer, row)?;
            }
        } else {
            move_rows(fold, conn, &pointer, &rows)?;
        }
    }
    Ok(())
}

fn too_much() -> EngineError {
    Problem::new(Code::Conflict)
        .with_detail(
            format!("要转移的资料超过 {MAX_MOVED} 条，不能在一次合并中完成；请改为以资料多的那条为保留记录"),
            format!(
                "More than {MAX_MOVED} records would move; merge into the record that has the most instead"
            ),
        )
        .into()
}

fn pointing(
    fold: &Fold<'_>,
    conn: &mut Conn,
    object: &Object,
    party: &Party,
    pointer: &Pointer,
) -> Result<Vec<Pointing>> {
    let (table, column) = (ident(&pointer.child.name)?, ident(&pointer.field.column)?);
    let text = |id: i64| Id::new(id).map(|id| id.to_string()).unwrap_or_default();
    let losers = || party.losers.iter().map(|record| record.id);
    let mut sql =
        Sql::raw(format!("select id, updated_at, updated_by, {column} from {table} where {LIVE} and "));
    match pointer.manner {
        Manner::Id => {
            sql.push_in(&column, losers());
        }
        Manner::Text => {
            let beside = pointer.field.record_of.as_deref().and_then(|name| pointer.child.any_field(name));
            let Some(beside) = beside else { return Ok(Vec::new()) };
            sql.push(&ident(&beside.column)?).push(" = ").bind(object.name.as_str()).push(" and ");
            sql.push_in(&column, losers().map(text));
        }
        Manner::List => {
            sql.push("(1=0");
            for loser in losers() {
                sql.push(" or ").push(&column).push(" like ").bind(format!("%|{}|%", text(loser)));
            }
            sql.push(")");
        }
    }
    // Records of the party point at each other as they did: those that went keep their values.
    if pointer.child.name == object.name {
        sql.push(" and ").push_not_in("id", party.everybody().map(|record| record.id));
    }
    sql.push(" order by id limit ").bind(MAX_MOVED + 1 - fold.moved.min(MAX_MOVED));
    sql.push(conn.dialect().for_update());
    let winner = party.winner.id;
    let after = |before: &Json| match pointer.manner {
        Manner::Id => Json::from(winner),
        Manner::Text => text(winner).into(),
        Manner::List => replaced(
            before.as_str().unwrap_or_default(),
            &losers().map(text).collect::<Vec<_>>(),
            &text(winner),
        ),
    };
    let read = |row: &Row| -> Result<Pointing> {
        let before = json_of(row.value(3));
        Ok(Pointing {
            id: row.int(0)?,
            updated_at: json_of(row.value(1)),
            updated_by: json_of(row.value(2)),
            after: after(&before),
            before,
        })
    };
    conn.query(&sql)?.iter().map(read).collect()
}

/// A list with the winner in the place of the losers, once.
fn replaced(list: &str, losers: &[String], winner: &str) -> Json {
    let mut members: Vec<&str> = Vec::new();
    for member in list.split('|').filter(|member| !member.is_empty()) {
        let member = if losers.iter().any(|loser| loser == member) { winner } else { member };
        if !members.contains(&member) {
            members.push(member);
        }
    }
    match Value::list(members) {
        Value::Text(text) => text.into(),
        _ => Json::Null,
    }
}

/// A link that would be there twice is merged into the one that is there.
fn move_link(fold: &mut Fold<'_>, conn: &mut Conn, pointer: &Pointer, row: Pointing) -> Result<()> {
    match twin(conn, pointer, &row)? {
        None => move_rows(fold, conn, pointer, &[row]),
        Some(twin) => {
            let everything = ObjectAccess::of_the_system(&pointer.child);
            let mut pair = load::find_many(conn, fold.cx, &everything, &[twin, row.id], Deleted::Live)?;
            let place = pair.iter().position(|record| record.id == twin);
            let (Some(place), 2) = (place, pair.len()) else {
                return Err(EngineError::internal("a link went away while it was merged"));
            };
            let winner = pair.swap_remove(place);
            fold.fold(conn, &Party { winner, losers: pair }, &[])
        }
    }
}

/// The live link that is what this one would become.
fn twin(conn: &mut Conn, pointer: &Pointer, row: &Pointing) -> Result<Option<i64>> {
    let child = &pointer.child;
    let table = ident(&child.name)?;
    let mut sql = Sql::raw(format!("select o.id from {table} m join {table} o on o.id <> m.id and o.{LIVE}"));
    for name in &child.link {
        let Some(field) = child.any_field(name) else { continue };
        let column = ident(&field.column)?;
        if field.name == pointer.field.name {
            sql.push(&format!(" and o.{column} = ")).bind(sql_of(&row.after));
        } else {
            sql.push(&format!(
                " and (o.{column} = m.{column} or (o.{column} is null and m.{column} is null))"
            ));
        }
    }
    sql.push(" where m.id = ").bind(row.id).push(" order by o.id limit 1");
    Ok(conn.query_opt(&sql)?.map(|row| row.int(0)).transpose()?)
}

fn move_rows(fold: &mut Fold<'_>, conn: &mut Conn, pointer: &Pointer, rows: &[Pointing]) -> Result<()> {
    let (now, me) = (fold.cx.moment.now, fold.cx.author());
    let (table, column) = (ident(&pointer.child.name)?, ident(&pointer.field.column)?);
    let counted = query::tally(&pointer.child);
    // Only lists differ from row to row.
    let size = if pointer.manner == Manner::List { 1 } else { CHUNK };
    for chunk in rows.chunks(size) {
        let Some(first) = chunk.first() else { continue };
        let mut sql = Sql::raw(format!("update {table} set {column} = "));
        sql.bind(sql_of(&first.after)).push(", version = version + 1, updated_at = ").bind(now);
        sql.push(", updated_by = ").bind(me).push(" where ");
        sql.push_in("id", chunk.iter().map(|row| row.id));
        let ids: Vec<i64> = chunk.iter().map(|row| row.id).collect();
        changing(conn, counted.as_ref(), &ids, |conn| conn.execute(&sql))?;
    }
    let side = |value: &Json, at: Json, by: Json| {
        let pairs = [
            (pointer.field.column.clone(), value.clone()),
            ("updated_at".into(), at),
            ("updated_by".into(), by),
        ];
        Columns::from_iter(pairs)
    };
    for row in rows {
        fold.changes.push(Changed {
            kind: RowKind::Pointer,
            table: pointer.child.name.clone(),
            key: id_key(row.id),
            before: Some(side(&row.before, row.updated_at.clone(), row.updated_by.clone())),
            after: Some(side(&row.after, now.into(), me.into())),
        });
    }
    tell(fold, conn, pointer, rows)
}

/// One entry of the log for each row that was moved.
fn tell(fold: &Fold<'_>, conn: &mut Conn, pointer: &Pointer, rows: &[Pointing]) -> Result<()> {
    let moves: Vec<(i64, Change)> = rows
        .iter()
        .map(|row| {
            let side =
                |value: &Json| serde_json::Map::from_iter([(pointer.field.name.clone(), value.clone())]);
            (row.id, Change { before: side(&row.before), after: side(&row.after), meta: Some(fold.meta()) })
        })
        .collect();
    append_many(fold, conn, &pointer.child, "update", moves)
}

/// Appends entries for many records of one object.
pub(super) fn append_many(
    fold: &Fold<'_>,
    conn: &mut Conn,
    object: &Object,
    op: &str,
    changes: Vec<(i64, Change)>,
) -> Result<()> {
    let integers = ["tx", "id", "at", "actor", "record_id"];
    let columns: Vec<ColumnDef> = COLUMNS
        .split(", ")
        .map(|name| ColumnDef::new(name, if integers.contains(&name) { Kind::Int } else { Kind::Text }))
        .collect();
    let tx = conn.tx_number()?;
    let mut entries: Vec<Vec<SqlValue>> = Vec::with_capacity(changes.len());
    for (record, change) in changes {
        let place = Cursor { tx, id: conn.next_id()? };
        entries.push(entry(fold.cx, object, record, op, change, place).into_values().into());
    }
    conn.insert_many("change_log", &columns, &entries)?;
    let engine = fold.engine.clone();
    conn.after_commit(Box::new(move || engine.events().wake()));
    Ok(())
}
