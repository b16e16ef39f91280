//! New data waits to be accepted: records that came by import or from a program are looked at by the steward before they count as good.
//!
//! The change log tells which came how; this is one more reader of it.

use super::care::{Care, caring};
use super::remedy::{named, problems};
use super::score::assess;
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::cursor;
use crate::records::load;
use crate::records::log::{self, Change};
use crate::records::render::id_text;
use crate::shown::{instant_text, person};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::schema::Quality;
use huike_model::{Code, Fault, Field, Id, Value};
use huike_store::log::{read_after, settled_end};
use huike_store::query::Deleted;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

const READER: &str = "acceptance";
/// Rows of the log read in one transaction.
const PIECE: u32 = 1_000;
const MAX_LIMIT: i64 = 100;
/// Records decided in one go.
const DECIDED: usize = 500;
/// The field that says where a record comes from.
const SOURCE: &str = "source";

/// What becomes of records that wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub records: Vec<Id>,
    /// Or else they are sent back.
    pub accept: bool,
    #[serde(default)]
    pub reason: Option<String>,
}

/// Which records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitingRequest {
    /// `waiting`, `accepted` or `returned`.
    pub state: Option<String>,
    pub source: Option<String>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

impl Engine {
    /// Records that wait to be accepted, newest first, with what is wrong with each, and how many came from where.
    ///
    /// # Errors
    /// `not_found`; `forbidden` unless the caller may change every record; `bad_cursor`.
    pub async fn waiting_records(&self, cx: Cx, object: String, request: WaitingRequest) -> Result<Json> {
        follow(self).await?;
        self.read(move |conn| {
            let access = caring(conn, &cx, &object)?;
            page(conn, &cx, &access, &request)
        })
        .await
    }

    /// Accepts records or sends them back; each decision stands in the record's log.
    ///
    /// # Errors
    /// As [`Engine::waiting_records`]; `invalid` without records or with too many, and when records are sent back without a reason.
    pub async fn decide_waiting(&self, cx: Cx, object: String, decision: Decision) -> Result<Json> {
        cx.require_to_write()?;
        let engine = self.clone();
        self.write(move |conn| {
            let access = caring(conn, &cx, &object)?;
            let faults = decision.faults();
            if !faults.is_empty() {
                return Err(faults.into());
            }
            decide(conn, &engine, &cx, &access, &decision)
        })
        .await
    }
}

impl Decision {
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty())
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.records.is_empty() || self.records.len() > DECIDED {
            let (zh, en) = ("一次 1 到 500 条", "Between 1 and 500 at once");
            faults.push(Fault::new("records", "range", zh, en));
        }
        if !self.accept && self.reason().is_none() {
            let (zh, en) = ("退回时请写明原因", "Say why they are sent back");
            faults.push(Fault::new("reason", "required", zh, en));
        }
        if self.reason().is_some_and(|reason| reason.chars().count() > 200) {
            faults.push(Fault::new("reason", "too_long", "最多 200 个字", "At most 200 characters"));
        }
        faults
    }
}

/// Reads the log as far as it is settled.
///
/// # Errors
/// The database's.
pub async fn follow(engine: &Engine) -> Result<()> {
    loop {
        let this = engine.clone();
        if !engine.write(move |conn| piece(conn, &this)).await? {
            return Ok(());
        }
    }
}

/// The next rows; whether there may be more. What was there before anybody read waits for nobody.
fn piece(conn: &mut Conn, engine: &Engine) -> Result<bool> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let end = settled_end(conn)?;
    let from = cursor::locked(conn, READER, end)?;
    let entries = read_after(conn, from, PIECE)?;
    let mut cares: HashMap<String, Care> = HashMap::new();
    for entry in entries.iter().filter(|entry| entry.op == "create") {
        let measured = cx.schema.object(&entry.object).is_some_and(|object| object.quality.is_some());
        let Some(record) = entry.record_id.filter(|_| measured) else { continue };
        if !cares.contains_key(&entry.object) {
            cares.insert(entry.object.clone(), Care::of(conn, &entry.object)?);
        }
        if !cares.get(&entry.object).is_some_and(|care| care.channels.contains(&entry.via)) {
            continue;
        }
        let values = [
            entry.object.as_str().into(),
            record.into(),
            entry.via.as_str().into(),
            entry.at.into(),
            entry.actor.into(),
        ];
        conn.execute(&Sql::with(
            "insert into acceptance (object, record_id, channel, state, at, brought_by) values ($1, $2, $3, 'waiting', $4, $5) \
             on conflict (object, record_id) do nothing",
            values,
        )?)?;
    }
    if let Some(last) = entries.last() {
        cursor::advance(conn, READER, last.cursor())?;
    }
    Ok(entries.len() == PIECE as usize)
}

struct Waiting {
    record: i64,
    channel: String,
    at: i64,
    by: Option<i64>,
    reason: Option<String>,
}

fn page(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, request: &WaitingRequest) -> Result<Json> {
    let object = &access.object;
    let quality = object.quality.as_ref().ok_or(Code::NotFound)?;
    let limit = request.limit.unwrap_or(30).clamp(1, MAX_LIMIT);
    let state = request.state.as_deref().unwrap_or("waiting");
    let source =
        object.field(SOURCE).filter(|field| access.best(field) >= FieldAccess::Read && !field.encrypted);
    let rows = rows(conn, access, source, state, request, limit)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.record).collect();
    let records = load::find_many(conn, cx, access, &ids, Deleted::Live)?;
    let items: Vec<Json> = rows
        .iter()
        .take(limit as usize)
        .filter_map(|row| {
            let record = records.iter().find(|record| record.id == row.record)?;
            let found = assess(cx, quality, &record.values);
            Some(json!({
                "record": {"id": id_text(record.id), "name": record.values.of(&object.name_field).as_text()},
                "channel": row.channel,
                "source": source.map(|field| field.value_type().kind().to_json(record.values.of(field), field)),
                "at": instant_text(row.at),
                "by": row.by.map(|by| person(cx, by)),
                "score": found.score,
                "problems": labels(access, quality, &problems(&found)),
                "reason": row.reason,
            }))
        })
        .collect();
    let next =
        rows.get(limit as usize - 1).filter(|_| rows.len() as i64 > limit).map(|row| id_text(row.record));
    Ok(json!({"items": items, "next_cursor": next, "sources": sources(conn, access, source, state)?}))
}

pub(super) fn labels(
    access: &ObjectAccess,
    quality: &Quality,
    problems: &std::collections::BTreeSet<String>,
) -> Vec<Json> {
    let shown =
        |problem: &String| Some(json!({"problem": problem, "label": named(access, quality, problem)?}));
    problems.iter().filter_map(shown).collect()
}

/// Rows of a state whose record is still there, one more than asked for.
fn rows(
    conn: &mut Conn,
    access: &ObjectAccess,
    source: Option<&Arc<Field>>,
    state: &str,
    request: &WaitingRequest,
    limit: i64,
) -> Result<Vec<Waiting>> {
    let object = &access.object;
    let mut sql = Sql::raw(format!(
        "select a.record_id, a.channel, a.at, a.brought_by, a.reason from acceptance a join {} t on t.id = a.record_id \
         where t.deleted_at is null and a.object = ",
        ident(&object.name)?
    ));
    sql.bind(object.name.as_str()).push(" and a.state = ").bind(state);
    if let Some(cursor) = &request.cursor {
        let before: Id = cursor.parse().map_err(|_| Code::BadCursor)?;
        sql.push(" and a.record_id < ").bind(before.number());
    }
    if let (Some(wanted), Some(field)) = (&request.source, source) {
        sql.push(&format!(" and t.{} = ", ident(&field.column)?)).bind(wanted);
    }
    sql.push(" order by a.record_id desc limit ").bind(limit + 1);
    conn.query(&sql)?
        .iter()
        .map(|row| {
            Ok(Waiting {
                record: row.int(0)?,
                channel: row.text(1)?.to_owned(),
                at: row.int(2)?,
                by: row.opt_int(3)?,
                reason: row.opt_text(4)?.map(str::to_owned),
            })
        })
        .collect()
}

/// How many came from where.
fn sources(
    conn: &mut Conn,
    access: &ObjectAccess,
    source: Option<&Arc<Field>>,
    state: &str,
) -> Result<Vec<Json>> {
    let Some(field) = source else { return Ok(Vec::new()) };
    let object = &access.object;
    let column = ident(&field.column)?;
    let mut sql = Sql::raw(format!(
        "select t.{column}, count(*) from acceptance a join {} t on t.id = a.record_id where t.deleted_at is null and a.object = ",
        ident(&object.name)?
    ));
    sql.bind(object.name.as_str()).push(" and a.state = ").bind(state);
    sql.push(&format!(" group by t.{column} order by count(*) desc limit 50"));
    let mut found = Vec::new();
    for row in conn.query(&sql)? {
        let value = row.opt_text(0)?.map_or(Value::Null, Value::from);
        found.push(json!({"source": field.value_type().kind().to_json(&value, field), "count": row.int(1)?}));
    }
    Ok(found)
}

fn decide(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    decision: &Decision,
) -> Result<Json> {
    let object = &access.object;
    let state = if decision.accept { "accepted" } else { "returned" };
    let ids: Vec<i64> = decision.records.iter().map(|id| id.number()).collect();
    let mut decided = 0;
    for record in load::find_many(conn, cx, access, &ids, Deleted::Live)? {
        let sql = "update acceptance set state = $1, decided_by = $2, decided_at = $3, reason = $4 \
             where object = $5 and record_id = $6 and state <> $7";
        let values = [
            state.into(),
            cx.author().into(),
            cx.moment.now.into(),
            decision.reason().into(),
            object.name.as_str().into(),
            record.id.into(),
            state.into(),
        ];
        if conn.execute(&Sql::with(sql, values)?)? == 0 {
            continue;
        }
        let op = if decision.accept { "accept" } else { "return" };
        log::append(conn, engine, cx, object, record.id, op, Change::default())?;
        decided += 1;
    }
    Ok(json!({"decided": decided}))
}
