//! What is asked for: which records become one, and what a person has chosen by hand.

use super::fold::Fold;
use super::{MAX_LOSERS, apart, choose, journal, merged};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::once::once;
use crate::records::get;
use crate::records::load::{self, Record};
use crate::records::render::id_text;
use huike_model::access::ObjectAccess;
use huike_model::schema::Layer;
use huike_model::{Code, Fault, Id, Object, Problem};
use huike_store::query::{Deleted, RecordQuery};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// A value chosen by hand: one of the records', or a new one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    #[serde(default)]
    pub from: Option<Id>,
    #[serde(default)]
    pub value: Option<Json>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeRequest {
    /// The record that stays.
    pub winner: Id,
    pub losers: Vec<Id>,
    /// Fields chosen by hand; the others follow the object's rules.
    #[serde(default)]
    pub fields: BTreeMap<String, Choice>,
    /// The versions that the caller saw, by id.
    #[serde(default)]
    pub versions: BTreeMap<Id, i64>,
    /// Only say what would become of it.
    #[serde(default)]
    pub dry_run: bool,
}

/// The records that take part.
pub(super) struct Party {
    pub winner: Record,
    pub losers: Vec<Record>,
}

impl Party {
    pub fn everybody(&self) -> impl Iterator<Item = &Record> {
        std::iter::once(&self.winner).chain(&self.losers)
    }
}

impl Engine {
    /// Makes one record of several: their values by the object's rules, everything that points at them moved. With `dry_run` only says
    /// which value would stay.
    ///
    /// # Errors
    /// `not_found`, `forbidden` unless the caller may change and delete every one of them, `conflict` when one was merged already, `stale`,
    /// `invalid` with every fault.
    pub async fn merge_records(&self, cx: Cx, object: String, request: MergeRequest) -> Result<Json> {
        let engine = self.clone();
        if request.dry_run {
            return self
                .read(move |conn| {
                    let access = mergeable(conn, &cx, &object)?;
                    let party = party(conn, &cx, &access, &request)?;
                    choose::preview(conn, &cx, &access, &party, &request.fields)
                })
                .await;
        }
        self.write(move |conn| {
            let access = mergeable(conn, &cx, &object)?;
            let done = once(conn, &cx, |conn| merge(conn, &engine, &cx, &access, &request))?;
            let winner = request.winner.number();
            let record = get::answer(conn, &cx, &access, winner)?;
            Ok(json!({"id": done["id"], "record": record.body, "moved": done["moved"]}))
        })
        .await
    }
}

/// The object, if its records can be merged.
pub(super) fn mergeable(conn: &mut Conn, cx: &Cx, object: &str) -> Result<ObjectAccess> {
    let object = cx.object(object)?.clone();
    let access = cx.access(conn, &object)?;
    // Two accounts, roles or departments are not one: sign-in and rights hang on them.
    if object.layer == Layer::System {
        let fault = Fault::new(
            "object",
            "not_mergeable",
            format!("{}不能合并", object.label.zh),
            format!("{} records can't be merged", object.label.en),
        );
        return Err(fault.into());
    }
    Ok(access)
}

pub(super) fn merge(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    request: &MergeRequest,
) -> Result<Json> {
    let mut ids: Vec<i64> = all_ids(request);
    // Whoever merges the same records at once locks them in one order.
    ids.sort_unstable();
    for id in &ids {
        load::lock(conn, &access.object, *id)?;
    }
    let party = party(conn, cx, access, request)?;
    let hand = choose::by_hand(cx, access, &party, &request.fields)?;
    let moved = choose::moved(conn, cx, &access.object, &party)?;
    let id = conn.next_id()?;
    journal::forget_before(conn, cx.moment.now - super::UNDO_PERIOD)?;
    record(conn, cx, &access.object, id, request)?;
    let mut fold = Fold::new(engine, cx, id);
    apart::join(conn, cx, &mut fold.changes, &access.object, &party)?;
    fold.fold(conn, &party, &hand)?;
    journal::keep(conn, id, &fold.changes)?;
    Ok(json!({"id": id_text(id), "moved": moved}))
}

fn all_ids(request: &MergeRequest) -> Vec<i64> {
    std::iter::once(&request.winner).chain(&request.losers).map(|id| id.number()).collect()
}

/// The records, if the caller may do this with every one of them and has seen them as they are.
fn party(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, request: &MergeRequest) -> Result<Party> {
    let mut ids = all_ids(request);
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    if request.losers.is_empty() || request.losers.len() > MAX_LOSERS || ids.len() < count {
        return Err(Fault::new(
            "losers",
            "range",
            format!("请给出 1 到 {MAX_LOSERS} 条要并入的记录，每条一次，且不含保留的那条"),
            format!("Name 1 to {MAX_LOSERS} records to merge, each once, without the one that stays"),
        )
        .into());
    }
    let mut records = load::find_many(conn, cx, access, &ids, Deleted::Live)?;
    if let Some(missing) = ids.iter().find(|id| records.iter().all(|record| record.id != **id)) {
        return Err(merged::refuse_merged(conn, cx, access, *missing, Code::NotFound.into()));
    }
    let mut query = RecordQuery::new(access, &cx.schema, &[]);
    query.filter = load::by_id(&access.object, &ids).and(access.update_scope()).and(access.delete_scope());
    query.limit = count as i64;
    if query.run(conn)?.len() < count {
        return Err(Code::Forbidden.into());
    }
    let stale: Vec<Json> = records
        .iter()
        .filter(|record| {
            let seen = Id::new(record.id).ok().and_then(|id| request.versions.get(&id));
            seen.is_some_and(|seen| *seen != record.version)
        })
        .map(|record| id_text(record.id))
        .collect();
    if !stale.is_empty() {
        return Err(Problem::new(Code::Stale).with("stale", stale.into()).into());
    }
    let mut take = |id: &Id| {
        let place = records.iter().position(|record| record.id == id.number());
        place.map(|place| records.swap_remove(place)).ok_or(Code::NotFound)
    };
    let winner = take(&request.winner)?;
    let losers = request.losers.iter().map(take).collect::<Result<_, _>>()?;
    Ok(Party { winner, losers })
}

/// Writes down who merged what into what.
fn record(conn: &mut Conn, cx: &Cx, object: &Object, id: i64, request: &MergeRequest) -> Result<()> {
    let losers: Vec<i64> = request.losers.iter().map(|id| id.number()).collect();
    conn.execute(&Sql::with(
        "insert into record_merge (id, object, winner_id, losers, state, at, made_by) values ($1, $2, $3, $4, 'merged', $5, $6)",
        [
            id.into(),
            object.name.as_str().into(),
            request.winner.number().into(),
            json!(losers).to_string().into(),
            cx.moment.now.into(),
            cx.author().into(),
        ],
    )?)?;
    Ok(())
}
