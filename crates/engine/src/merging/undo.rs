//! Taking a merge back, row by row as the journal has it.
//!
//! A row is taken back if it is still as the merge left it. One that was changed since is told, and nothing is undone unless the caller says
//! that such rows shall stay as they are.

use super::fold::Fold;
use super::journal::{Changed, Columns, RowKind, kept_columns, row, sql_of};
use super::list::{Merge, State};
use super::pointers::append_many;
use super::{UNDO_PERIOD, apart, holders, journal, list, merged, request};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::load::{self, Record};
use crate::records::log::{self, Change, value_from_log};
use crate::records::render::{Names, id_text};
use crate::records::write::unique_fault;
use crate::records::{duplicates, rollups};
use crate::search;
use huike_model::access::ObjectAccess;
use huike_model::{Code, Field, Object, Problem};
use huike_store::query::{self, Deleted, RecordQuery};
use huike_store::sql::ident;
use huike_store::tally::changing;
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Conflicts that are told one by one.
const MAX_TOLD: usize = 200;
const CHUNK: usize = 500;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UndoRequest {
    /// Only say what would stand in the way.
    #[serde(default)]
    pub dry_run: bool,
    /// Undo what is as the merge left it, and leave what was changed since.
    #[serde(default)]
    pub leave_conflicts: bool,
    /// Remember that the records are not the same.
    #[serde(default)]
    pub not_same: bool,
}

/// A row to take back, and the columns that were changed since.
struct Step {
    change: Changed,
    set: Columns,
    conflicts: Vec<String>,
}

impl Engine {
    /// Takes a merge back within 30 days.
    ///
    /// # Errors
    /// `not_found`, `forbidden` unless the caller may change and delete the records; `conflict` when it is too late, was undone already, the
    /// surviving record was merged itself or deleted, or rows were changed since (`conflicts`); `invalid` when a value that must be unique was
    /// given to another record since.
    pub async fn undo_merge(&self, cx: Cx, object: String, id: i64, request: UndoRequest) -> Result<Json> {
        let engine = self.clone();
        let work = move |conn: &mut Conn| {
            let access = request::mergeable(conn, &cx, &object)?;
            let merge = list::load(conn, &access.object.name, id)?;
            undo(conn, &engine, &cx, &access, &merge, request)
        };
        if request.dry_run { self.read(work).await } else { self.write(work).await }
    }
}

fn undo(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    merge: &Merge,
    request: UndoRequest,
) -> Result<Json> {
    if !request.dry_run {
        for id in merge.everybody() {
            load::lock(conn, &access.object, id)?;
        }
    }
    permitted(conn, cx, access, merge)?;
    possible(conn, cx, access, merge)?;
    let changes = journal::read(conn, merge.id)?;
    let steps = steps(conn, cx, changes)?;
    let conflicts = conflicts(conn, cx, &steps)?;
    if request.dry_run {
        return Ok(json!({"undone": false, "conflicts": conflicts}));
    }
    if !conflicts.is_empty() && !request.leave_conflicts {
        return Err(Problem::new(Code::Conflict)
            .with_detail(
                "合并之后有内容被改过。可以只撤销没有改过的部分，改过的保持现状",
                "Some of it was changed after the merge. You can undo the rest and leave that as it is",
            )
            .with("conflicts", conflicts.into())
            .into());
    }
    let fold = Fold::new(engine, cx, merge.id);
    take_back(conn, &fold, &steps)?;
    list::mark_undone(conn, cx, merge.id)?;
    if request.not_same {
        apart::put(conn, cx, &access.object, &merge.everybody().collect::<Vec<_>>())?;
    }
    Ok(json!({"undone": true, "conflicts": conflicts}))
}

fn permitted(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, merge: &Merge) -> Result<()> {
    let ids: Vec<i64> = merge.everybody().collect();
    let mut count = |filter| -> Result<usize> {
        let mut query = RecordQuery::new(access, &cx.schema, &[]);
        query.filter = filter;
        query.deleted = Deleted::Any;
        query.limit = ids.len() as i64;
        Ok(query.run(conn)?.len())
    };
    let these = load::by_id(&access.object, &ids);
    if count(these.clone())? < ids.len() {
        return Err(Code::NotFound.into());
    }
    let may = these.and(access.update_scope()).and(access.delete_scope());
    if count(may)? < ids.len() { Err(Code::Forbidden.into()) } else { Ok(()) }
}

/// Whether the merge can be undone at all.
fn possible(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, merge: &Merge) -> Result<()> {
    let refuse = |zh: &str, en: &str| EngineError::from(Problem::new(Code::Conflict).with_detail(zh, en));
    if merge.state == State::Undone {
        return Err(refuse("这次合并已经撤销", "This merge was undone already"));
    }
    if cx.moment.now - merge.at > UNDO_PERIOD {
        return Err(refuse(
            "合并已超过 30 天，不能再撤销",
            "The merge is more than 30 days old and can't be undone",
        ));
    }
    let everything = ObjectAccess::of_the_system(&access.object);
    let winner = load::find(conn, cx, &everything, merge.winner, Deleted::Any)?;
    if !winner.deleted {
        return Ok(());
    }
    match merged::survivor(conn, &access.object.name, winner.id)? {
        Some(_) => Err(refuse(
            "保留的记录后来又并入了别的记录，请先撤销那次合并",
            "The surviving record was merged itself later; undo that merge first",
        )),
        None => Err(refuse(
            "保留的记录在回收站里，请先恢复它",
            "The surviving record is in the recycle bin; restore it first",
        )),
    }
}

fn steps(conn: &mut Conn, cx: &Cx, changes: Vec<Changed>) -> Result<Vec<Step>> {
    let pointing = current_pointers(conn, &changes)?;
    let mut steps = Vec::with_capacity(changes.len());
    for change in changes {
        let step = match change.kind {
            RowKind::System => system_step(conn, change)?,
            RowKind::Pointer => {
                let now = pointing.get(&(change.table.clone(), change.record()));
                record_step(cx, change, now)
            }
            RowKind::Record => {
                let columns = cx.schema.object(&change.table).map(|object| kept_columns(object));
                let now = row(conn, &change.table, &columns.unwrap_or_default(), &change.key)?;
                record_step(cx, change, now.as_ref())
            }
        };
        steps.push(step);
    }
    Ok(steps)
}

/// The rows that pointers were moved in, as they are now.
fn current_pointers(conn: &mut Conn, changes: &[Changed]) -> Result<HashMap<(String, i64), Columns>> {
    let mut tables: HashMap<&str, (HashSet<&str>, Vec<i64>)> = HashMap::new();
    for change in changes.iter().filter(|change| change.kind == RowKind::Pointer) {
        let (columns, ids) = tables.entry(&change.table).or_default();
        columns.extend(change.after.iter().flat_map(|after| after.keys()).map(String::as_str));
        ids.push(change.record());
    }
    let mut found = HashMap::new();
    for (table, (columns, ids)) in tables {
        let columns: Vec<&str> = columns.into_iter().collect();
        let mut head = String::from("select id");
        for column in &columns {
            head.push_str(", ");
            head.push_str(&ident(column)?);
        }
        for chunk in ids.chunks(CHUNK) {
            let mut sql = Sql::raw(format!("{head} from {} where ", ident(table)?));
            sql.push_in("id", chunk.iter().copied());
            for row in conn.query(&sql)? {
                let values = columns.iter().enumerate();
                let values = values
                    .map(|(place, column)| ((*column).to_owned(), journal::json_of(row.value(place + 1))));
                found.insert((table.to_owned(), row.int(0)?), values.collect());
            }
        }
    }
    Ok(found)
}

/// Bookkeeping that goes back silently, or stays when somebody wrote since.
const BOOKKEEPING: [&str; 3] = ["updated_at", "updated_by", "raw"];

fn record_step(cx: &Cx, change: Changed, now: Option<&Columns>) -> Step {
    let (mut set, mut conflicts) = (Columns::new(), Vec::new());
    let (Some(now), Some(before), Some(after)) = (now, &change.before, &change.after) else {
        return Step { change, set, conflicts };
    };
    let as_left = |column: &str| after.get(column).is_none_or(|left| now.get(column) == Some(left));
    for (name, columns) in by_field(cx, &change.table, after) {
        if columns.iter().all(|column| as_left(column)) {
            let back =
                columns.into_iter().filter_map(|column| Some((column.clone(), before.get(&column)?.clone())));
            set.extend(back);
        } else {
            conflicts.push(name);
        }
    }
    let untouched = as_left("updated_at") && as_left("updated_by");
    for column in BOOKKEEPING {
        let back = before.get(column).filter(|_| as_left(column) && (untouched || column == "raw"));
        set.extend(back.map(|value| (column.to_owned(), value.clone())));
    }
    Step { change, set, conflicts }
}

/// The changed columns of a record by field: a value goes with its sort key and its blind indexes.
fn by_field(cx: &Cx, table: &str, after: &Columns) -> Vec<(String, Vec<String>)> {
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    let columns = after.keys().filter(|column| !BOOKKEEPING.contains(&column.as_str()));
    for column in columns {
        let name = cx.schema.object(table).and_then(|object| field_of(object, column));
        let name = name.map_or_else(|| column.clone(), |field| field.name.clone());
        match fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, columns)) => columns.push(column.clone()),
            None => fields.push((name, vec![column.clone()])),
        }
    }
    fields
}

fn field_of<'a>(object: &'a Object, column: &str) -> Option<&'a Arc<Field>> {
    object.all_fields().find(|field| {
        field.column == column
            || field.sort_column().is_some_and(|sort| sort == column)
            || field.blind_columns().is_some_and(|(blind, tail)| blind == column || tail == column)
    })
}

fn system_step(conn: &mut Conn, change: Changed) -> Result<Step> {
    let columns: Vec<String> = change
        .after
        .as_ref()
        .or(change.before.as_ref())
        .into_iter()
        .flat_map(|row| row.keys().cloned())
        .collect();
    let now = row(conn, &change.table, &columns, &change.key)?;
    let conflicts = if now == change.after { Vec::new() } else { vec![String::new()] };
    Ok(Step { change, set: Columns::new(), conflicts })
}

/// What stands in the way. Records that the caller can't see are told without their names.
fn conflicts(conn: &mut Conn, cx: &Cx, steps: &[Step]) -> Result<Vec<Json>> {
    let mut told = Vec::new();
    for step in steps.iter().filter(|step| !step.conflicts.is_empty()).take(MAX_TOLD) {
        let (table, id) = (&step.change.table, step.change.record());
        let Some(object) = cx.schema.object(table) else {
            told.push(json!({"object": null, "id": null, "name": null, "field": null,
                "message": shared_since(cx)}));
            continue;
        };
        let mut names = Names::default();
        names.add(conn, cx, table, [id])?;
        let access = cx.access_or_none(conn, object)?;
        let seen = load::find_many(conn, cx, &access, &[id], Deleted::Any)?.pop().is_some();
        for field in &step.conflicts {
            let field = object.field(field).filter(|field| access.best(field) > Default::default());
            told.push(json!({
                "object": table,
                "id": Some(id).filter(|_| seen).map(id_text),
                "name": names.get(table, id),
                "field": field.map(|field| &field.name),
                "message": changed_since(cx, object, field),
            }));
        }
    }
    Ok(told)
}

fn changed_since(cx: &Cx, object: &Object, field: Option<&Arc<Field>>) -> String {
    let label = |label: &huike_model::Label| label.get(cx.lang()).to_owned();
    let what = field.map_or_else(String::new, |field| label(&field.label));
    match cx.lang() {
        huike_model::Lang::Zh => format!("{}的{what}在合并后被改过", label(&object.label)),
        huike_model::Lang::En => format!("{} {what} was changed after the merge", label(&object.label)),
    }
}

fn shared_since(cx: &Cx) -> &'static str {
    match cx.lang() {
        huike_model::Lang::Zh => "共享设置在合并后被改过",
        huike_model::Lang::En => "Sharing was changed after the merge",
    }
}

fn take_back(conn: &mut Conn, fold: &Fold<'_>, steps: &[Step]) -> Result<()> {
    let mut records: Vec<(Arc<Object>, i64)> = Vec::new();
    let mut moved: HashMap<&str, Vec<(i64, Change)>> = HashMap::new();
    let mut statements = Vec::new();
    for step in steps {
        let change = &step.change;
        match change.kind {
            RowKind::System if step.conflicts.is_empty() => {
                let key = holders::key_of(&change.table).unwrap_or_default();
                holders::put(conn, &change.table, key, change.after.as_ref(), change.before.as_ref())?;
            }
            RowKind::System => {}
            RowKind::Pointer if step.set.is_empty() => {}
            RowKind::Pointer => {
                let sql = set_columns(&change.table, change.record(), &step.set)?;
                match fold.cx.schema.object(&change.table).and_then(|object| query::tally(object)) {
                    Some(tally) => {
                        changing(conn, Some(&tally), &[change.record()], |conn| conn.execute(&sql))
                            .map(drop)?
                    }
                    None => statements.push(sql),
                }
                let entry = log_entry(fold, change, &step.set);
                moved.entry(&change.table).or_default().push((change.record(), entry));
            }
            RowKind::Record => {
                let Some(object) = fold.cx.schema.object(&change.table).cloned() else { continue };
                restore(conn, fold, &object, step)?;
                records.push((object, change.record()));
            }
        }
    }
    for chunk in statements.chunks(CHUNK) {
        conn.batch(chunk)?;
    }
    for (table, changes) in moved {
        if let Some(object) = fold.cx.schema.object(table) {
            append_many(fold, conn, object, "update", changes)?;
        }
    }
    for (object, id) in records {
        rollups::recompute_all(conn, fold.cx, &object, id)?;
    }
    Ok(())
}

fn set_columns(table: &str, id: i64, set: &Columns) -> Result<Sql> {
    let mut sql = Sql::raw(format!("update {} set version = version + 1", ident(table)?));
    for (column, value) in set {
        sql.push(", ").push(&ident(column)?).push(" = ").bind(sql_of(value));
    }
    sql.push(" where id = ").bind(id);
    Ok(sql)
}

/// What the log says of a row that goes back.
fn log_entry(fold: &Fold<'_>, change: &Changed, set: &Columns) -> Change {
    let mut entry = Change { meta: Some(fold.meta()), ..Change::default() };
    let Some(object) = fold.cx.schema.object(&change.table) else { return entry };
    for field in object
        .all_fields()
        .filter(|field| !field.system || matches!(field.name.as_str(), "owner" | "department"))
    {
        let (Some(back), Some(after)) = (set.get(&field.column), change.after.as_ref()) else { continue };
        let left = after.get(&field.column).cloned().unwrap_or(Json::Null);
        entry.note(field, Some(&value_from_log(&left)), Some(&value_from_log(back)));
    }
    entry
}

/// Puts a record that took part back, with everything that is kept beside it.
fn restore(conn: &mut Conn, fold: &Fold<'_>, object: &Arc<Object>, step: &Step) -> Result<()> {
    let (cx, id) = (fold.cx, step.change.record());
    let before = whole(conn, cx, object, id)?;
    let sql = set_columns(&object.name, id, &step.set)?;
    let done = changing(conn, query::tally(object).as_ref(), &[id], |conn| conn.execute(&sql));
    done.map_err(|error| unique_fault(object, error))?;
    conn.execute(&Sql::with(
        "delete from merged_record where object = $1 and record_id = $2 and merge_id = $3",
        [object.name.as_str().into(), id.into(), fold.merge.into()],
    )?)?;
    let after = whole(conn, cx, object, id)?;
    if after.deleted {
        return Ok(());
    }
    search::index::put(conn, cx, &after.values)?;
    let known = Some(&before.values).filter(|_| !before.deleted);
    duplicates::put(conn, cx, known, &after.values)?;
    let op = if before.deleted { "restore" } else { "unmerge" };
    let entry = match before.deleted {
        true => Change { meta: Some(fold.meta()), before: Map::new(), after: Map::new() },
        false => log_entry(fold, &step.change, &step.set),
    };
    log::append(conn, fold.engine, cx, object, id, op, entry)?;
    rollups::bring_up(conn, cx, known, Some(&after.values))
}

fn whole(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, id: i64) -> Result<Record> {
    load::find(conn, cx, &ObjectAccess::of_the_system(object), id, Deleted::Any)
}
