//! Proposals and what became of them: one row a value, in the order in which they are written.

use super::look::Proposal;
use super::readable;
use super::run::{Fate, Origin, Run};
use crate::cx::Cx;
use crate::error::{EngineError, Result};
use crate::records::load::{self, Record};
use crate::records::log::value_from_log;
use crate::records::render::{Names, id_text};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Code, Fault, Field, Label, Value};
use huike_store::ddl::ColumnDef;
use huike_store::query::Deleted;
use huike_store::{Conn, Kind, Row, Sql, SqlValue};
use serde_json::{Value as Json, json};
use std::sync::Arc;

const MAX_LIMIT: i64 = 100;

/// A proposal as it is kept.
#[derive(Clone, Debug)]
pub struct Change {
    pub n: i64,
    pub record: i64,
    pub field: String,
    pub origin: Origin,
    pub source: Json,
    pub before: Value,
    pub after: Value,
    pub fate: Fate,
    pub reason: Option<Label>,
    pub at: i64,
}

/// Which of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangesRequest {
    pub field: Option<String>,
    pub origin: Option<String>,
    pub state: Option<String>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

pub const COLUMNS: &str = "n, record_id, field, origin, source, before, after, state, reason, at";

/// Keeps what is proposed for some records, behind the run's last proposal.
///
/// # Errors
/// The database's.
pub fn insert<'a>(
    conn: &mut Conn,
    run: &Run,
    proposals: impl Iterator<Item = (&'a Record, &'a Proposal)>,
    now: i64,
) -> Result<i64> {
    let int = |name: &str| ColumnDef::new(name, Kind::Int);
    let text = |name: &str| ColumnDef::new(name, Kind::Text);
    let columns = [
        int("run_id"),
        int("n"),
        text("object"),
        int("record_id"),
        text("field"),
        text("origin"),
        text("source"),
        text("before"),
        text("after"),
        text("state"),
        int("at"),
    ];
    let mut n = run.progress.proposed;
    let rows: Vec<Vec<SqlValue>> = proposals
        .map(|(record, proposal)| {
            n += 1;
            let found = &proposal.found;
            vec![
                run.id.into(),
                n.into(),
                run.object.as_str().into(),
                record.id.into(),
                found.field.name.as_str().into(),
                proposal.origin.name().into(),
                found.source.to_string().into(),
                logged(record.values.of(&found.field)).into(),
                logged(&found.value).into(),
                Fate::Proposed.name().into(),
                now.into(),
            ]
        })
        .collect();
    conn.insert_many("cleaning_change", &columns, &rows)?;
    Ok(n)
}

fn logged(value: &Value) -> String {
    match value {
        Value::Null => Json::Null,
        Value::Int(number) => (*number).into(),
        Value::Text(text) => Json::from(text.as_str()),
    }
    .to_string()
}

/// The next of a run's changes with one fate: behind `n` when going forward, before it when going back.
///
/// # Errors
/// The database's.
pub fn next(conn: &mut Conn, run: i64, fate: Fate, n: i64, forward: bool, limit: i64) -> Result<Vec<Change>> {
    let (than, order) = if forward { (">", "asc") } else { ("<", "desc") };
    let mut sql = Sql::raw(format!("select {COLUMNS} from cleaning_change where run_id = "));
    sql.bind(run).push(" and n ").push(than).push(" ").bind(n).push(" and state = ").bind(fate.name());
    sql.push(&format!(" order by n {order} limit ")).bind(limit);
    conn.query(&sql)?.iter().map(read).collect()
}

/// Writes down what became of some of them.
///
/// # Errors
/// The database's.
pub fn settle(
    conn: &mut Conn,
    run: i64,
    changes: &[i64],
    fate: Fate,
    reason: Option<&Label>,
    now: i64,
) -> Result<()> {
    let mut sql = Sql::raw("update cleaning_change set state = ");
    sql.bind(fate.name()).push(", at = ").bind(now).push(", reason = ");
    sql.bind(reason.map(|reason| json!(reason).to_string())).push(" where run_id = ").bind(run);
    sql.push(" and ").push_in("n", changes.iter().copied());
    conn.execute(&sql)?;
    Ok(())
}

pub fn read(row: &Row) -> Result<Change> {
    let unreadable = || EngineError::internal("a change of a cleaning can't be read");
    let json = |place: usize| serde_json::from_str::<Json>(row.text(place)?).map_err(|_| unreadable());
    Ok(Change {
        n: row.int(0)?,
        record: row.int(1)?,
        field: row.text(2)?.to_owned(),
        origin: Origin::parse(row.text(3)?).ok_or_else(unreadable)?,
        source: json(4)?,
        before: value_from_log(&json(5)?),
        after: value_from_log(&json(6)?),
        fate: Fate::parse(row.text(7)?).ok_or_else(unreadable)?,
        reason: row.opt_text(8)?.and_then(|text| serde_json::from_str(text).ok()),
        at: row.int(9)?,
    })
}

/// A page of a run's changes in fields that the caller may read, of records in the caller's reach.
///
/// # Errors
/// `bad_cursor`; `invalid` for an unknown field.
pub fn page(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    run: &Run,
    request: &ChangesRequest,
) -> Result<Json> {
    let limit = request.limit.unwrap_or(30).clamp(1, MAX_LIMIT);
    let known: Vec<&Arc<Field>> = access.object.fields().filter(|field| readable(access, field)).collect();
    if let Some(name) = request.field.as_ref().filter(|name| !known.iter().any(|field| field.name == **name))
    {
        return Err(Fault::unknown_field(name).into());
    }
    let words = |known: Vec<&str>, wanted: &Option<String>, at: &str| match wanted {
        Some(wanted) if !known.contains(&wanted.as_str()) => {
            let zh = format!("应为以下之一：{}", known.join("、"));
            Err(Fault::new(at, "unknown_option", zh, format!("Must be one of {}", known.join(", "))))
        }
        _ => Ok(()),
    };
    words(Origin::ALL.iter().map(|origin| origin.name()).collect(), &request.origin, "origin")?;
    words(Fate::ALL.iter().map(|fate| fate.name()).collect(), &request.state, "state")?;
    let fields = known.iter().map(|field| field.name.as_str());
    let fields = fields.filter(|name| request.field.as_ref().is_none_or(|wanted| wanted == name));
    let mut sql = Sql::raw(format!("select {COLUMNS} from cleaning_change where run_id = "));
    sql.bind(run.id).push(" and ").push_in("field", fields);
    for (column, wanted) in [("origin", &request.origin), ("state", &request.state)] {
        if let Some(wanted) = wanted {
            sql.push(" and ").push(column).push(" = ").bind(wanted.as_str());
        }
    }
    if let Some(cursor) = &request.cursor {
        sql.push(" and n > ").bind(cursor.parse::<i64>().map_err(|_| Code::BadCursor)?);
    }
    sql.push(" order by n limit ").bind(limit + 1);
    let found: Vec<Change> = conn.query(&sql)?.iter().map(read).collect::<Result<_>>()?;
    let more = found.len() as i64 > limit;
    let shown = &found[..found.len().min(limit as usize)];
    let next = shown.last().filter(|_| more).map(|last| last.n.to_string());
    Ok(json!({"items": render(conn, cx, access, shown)?, "next_cursor": next}))
}

/// Changes with the names of their records; those out of reach are left out.
fn render(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, changes: &[Change]) -> Result<Vec<Json>> {
    let mut ids: Vec<i64> = changes.iter().map(|change| change.record).collect();
    ids.dedup();
    let records = match ids.is_empty() {
        true => Vec::new(),
        false => load::find_many(conn, cx, access, &ids, Deleted::Any)?,
    };
    let mut names = Names::default();
    names.add(
        conn,
        cx,
        &access.object.name,
        changes.iter().filter_map(|change| source_record(&change.source)),
    )?;
    let mut items = Vec::with_capacity(changes.len());
    for change in changes {
        let (Some(record), Some(field)) =
            (records.iter().find(|each| each.id == change.record), access.object.field(&change.field))
        else {
            continue;
        };
        let named = access.on_row(&access.object.name_field, &record.reached) >= FieldAccess::Read;
        let written = |value: &Value| match value {
            Value::Null => Json::Null,
            value => field.kind.kind().display(value, field, &cx.moment).into(),
        };
        items.push(json!({
            "n": change.n,
            "record": {"id": id_text(change.record), "name": named.then(|| record.values.title())},
            "field": field.name,
            "label": field.label,
            "origin": change.origin.name(),
            "source": source(&access.object.name, &names, &change.source),
            "before": written(&change.before),
            "after": written(&change.after),
            "state": change.fate.name(),
            "reason": change.reason,
        }));
    }
    Ok(items)
}

/// The record that a value was taken from.
pub fn source_record(source: &Json) -> Option<i64> {
    source["record"].as_str()?.parse::<huike_model::Id>().ok().map(huike_model::Id::number)
}

/// A source as it is shown: how it was found, from which record, by which provider.
pub fn source(object: &str, names: &Names, source: &Json) -> Json {
    let record = source_record(source).map(|id| names.reference(object, id));
    json!({"how": source["how"], "record": record, "provider": source["provider"]})
}
