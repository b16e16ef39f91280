//! The merges that were made: who, when, what, and whether they can still be undone.

use super::{UNDO_PERIOD, request};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::load;
use crate::records::render::{Names, id_text};
use crate::shown::instant_text;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Code, Id};
use huike_store::query::Deleted;
use huike_store::{Conn, Row, Sql};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Merged,
    Undone,
}

/// A merge that was made.
#[derive(Clone, Debug)]
pub(super) struct Merge {
    pub id: i64,
    pub winner: i64,
    pub losers: Vec<i64>,
    pub state: State,
    pub at: i64,
    pub by: i64,
    pub undone_at: Option<i64>,
    pub undone_by: Option<i64>,
}

impl Merge {
    pub fn everybody(&self) -> impl Iterator<Item = i64> {
        std::iter::once(self.winner).chain(self.losers.iter().copied())
    }
}

const COLUMNS: &str = "id, winner_id, losers, state, at, made_by, undone_at, undone_by";
/// Merges looked at for one page: those of records beyond the caller's reach are passed over.
const LOOKED_AT: i64 = 200;

impl Engine {
    /// Merges of an object's records, newest first, as far as the caller sees the surviving record.
    ///
    /// # Errors
    /// `not_found`, `bad_cursor`.
    pub async fn list_merges(
        &self,
        cx: Cx,
        object: String,
        limit: i64,
        cursor: Option<String>,
    ) -> Result<Json> {
        self.read(move |conn| {
            let access = request::mergeable(conn, &cx, &object)?;
            let before = match &cursor {
                None => None,
                Some(text) => Some(text.parse::<Id>().map_err(|_| Code::BadCursor)?.number()),
            };
            page(conn, &cx, &access, limit.clamp(1, 100), before)
        })
        .await
    }
}

fn page(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, limit: i64, before: Option<i64>) -> Result<Json> {
    let mut sql = Sql::raw(format!("select {COLUMNS} from record_merge where object = "));
    sql.bind(access.object.name.as_str());
    if let Some(before) = before {
        sql.push(" and id < ").bind(before);
    }
    sql.push(" order by id desc limit ").bind(LOOKED_AT);
    let merges: Vec<Merge> = conn.query(&sql)?.iter().map(read).collect::<Result<_>>()?;
    let mut ids: Vec<i64> = merges.iter().flat_map(Merge::everybody).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut seen = HashMap::new();
    for chunk in ids.chunks(500) {
        for record in load::find_many(conn, cx, access, chunk, Deleted::Any)? {
            let readable = access.on_row(&access.object.name_field, &record.reached) >= FieldAccess::Read;
            seen.insert(record.id, Some(record.values.title()).filter(|_| readable));
        }
    }
    let mut names = Names::default();
    names.add(
        conn,
        cx,
        "user",
        merges.iter().flat_map(|merge| [Some(merge.by), merge.undone_by]).flatten(),
    )?;
    let (mut items, mut next) = (Vec::new(), None);
    let full = merges.len() as i64 == LOOKED_AT;
    for merge in &merges {
        if items.len() as i64 == limit {
            break;
        }
        next = Some(merge.id);
        if seen.contains_key(&merge.winner) {
            items.push(shown(cx, merge, &seen, &names));
        }
    }
    let more = full || merges.last().is_some_and(|last| Some(last.id) != next);
    Ok(json!({"items": items, "next_cursor": next.filter(|_| more).map(id_text)}))
}

fn shown(cx: &Cx, merge: &Merge, seen: &HashMap<i64, Option<String>>, names: &Names) -> Json {
    // Who may not see a record gets neither its id nor its name.
    let record = |id: i64| json!({"id": seen.get(&id).map(|_| id_text(id)), "name": seen.get(&id)});
    let until = merge.at + UNDO_PERIOD;
    json!({
        "id": id_text(merge.id),
        "winner": record(merge.winner),
        "losers": merge.losers.iter().map(|id| record(*id)).collect::<Vec<_>>(),
        "at": instant_text(merge.at),
        "by": names.reference("user", merge.by),
        "state": if merge.state == State::Merged { "merged" } else { "undone" },
        "undone_at": merge.undone_at.map(instant_text),
        "undone_by": merge.undone_by.map(|by| names.reference("user", by)),
        "undo_until": instant_text(until),
        "can_undo": merge.state == State::Merged && cx.moment.now <= until,
    })
}

/// The merge with this id among those of an object.
pub(super) fn load(conn: &mut Conn, object: &str, id: i64) -> Result<Merge> {
    let sql = Sql::with(
        format!("select {COLUMNS} from record_merge where id = $1 and object = $2"),
        [id.into(), object.into()],
    )?;
    let row = conn.query_opt(&sql)?.ok_or(Code::NotFound)?;
    read(&row)
}

/// # Errors
/// `conflict` when somebody undid it at the same time.
pub(super) fn mark_undone(conn: &mut Conn, cx: &Cx, id: i64) -> Result<()> {
    let marked = conn.execute(&Sql::with(
        "update record_merge set state = 'undone', undone_at = $1, undone_by = $2 where id = $3 and state = 'merged'",
        [cx.moment.now.into(), cx.author().into(), id.into()],
    )?)?;
    conn.execute(&Sql::with("delete from merge_change where merge_id = $1", [id.into()])?)?;
    if marked == 1 { Ok(()) } else { Err(Code::Conflict.into()) }
}

fn read(row: &Row) -> Result<Merge> {
    let losers =
        serde_json::from_str(row.text(2)?).map_err(|_| EngineError::internal("a merge can't be read"))?;
    Ok(Merge {
        id: row.int(0)?,
        winner: row.int(1)?,
        losers,
        state: if row.text(3)? == "merged" { State::Merged } else { State::Undone },
        at: row.int(4)?,
        by: row.int(5)?,
        undone_at: row.opt_int(6)?,
        undone_by: row.opt_int(7)?,
    })
}
