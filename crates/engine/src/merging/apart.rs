//! "Not the same": pairs of records of which a person has said so. They are proposed to nobody again, and merging them takes it back.

use super::MAX_LOSERS;
use super::holders;
use super::journal::{Changed, Columns, RowKind};
use super::request::{self, Party};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::load;
use crate::records::log::{self, Change};
use crate::records::render::id_text;
use huike_model::access::ObjectAccess;
use huike_model::{Code, Fault, Id, Object};
use huike_store::query::{Deleted, RecordQuery};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::HashSet;
use std::sync::Arc;

const TABLE: &str = "not_same";
const KEY: [&str; 3] = ["object", "a_id", "b_id"];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotSame {
    /// Each pair of them is not the same.
    pub records: Vec<Id>,
    /// Take it back: they may be proposed again.
    #[serde(default)]
    pub forget: bool,
}

impl Engine {
    /// Remembers that records are not the same, or forgets it.
    ///
    /// # Errors
    /// `not_found`, `forbidden` unless the caller may change all of them, `invalid`.
    pub async fn not_same(&self, cx: Cx, object: String, request: NotSame) -> Result<Json> {
        let engine = self.clone();
        self.write(move |conn| {
            let access = request::mergeable(conn, &cx, &object)?;
            mark(conn, &engine, &cx, &access, &request)
        })
        .await
    }
}

/// As [`Engine::not_same`], inside a transaction.
pub(super) fn mark(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    request: &NotSame,
) -> Result<Json> {
    let mut ids: Vec<i64> = request.records.iter().map(|id| id.number()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() < 2 || ids.len() > MAX_LOSERS {
        return Err(Fault::new(
            "records",
            "range",
            format!("请给出 2 到 {MAX_LOSERS} 条记录"),
            format!("Name 2 to {MAX_LOSERS} records"),
        )
        .into());
    }
    if load::find_many(conn, cx, access, &ids, Deleted::Live)?.len() < ids.len() {
        return Err(Code::NotFound.into());
    }
    let mut query = RecordQuery::new(access, &cx.schema, &[]);
    query.filter = load::by_id(&access.object, &ids).and(access.update_scope());
    query.limit = ids.len() as i64;
    if query.run(conn)?.len() < ids.len() {
        return Err(Code::Forbidden.into());
    }
    if request.forget {
        forget(conn, &access.object, &ids)?
    } else {
        put(conn, cx, &access.object, &ids)?
    }
    tell(conn, engine, cx, &access.object, &ids, request.forget)?;
    Ok(json!({"records": ids.iter().map(|id| id_text(*id)).collect::<Vec<_>>(), "not_same": !request.forget}))
}

fn tell(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    object: &Arc<Object>,
    ids: &[i64],
    forget: bool,
) -> Result<()> {
    let Some(first) = ids.first() else { return Ok(()) };
    let others: Vec<Json> = ids.iter().map(|id| id_text(*id)).collect();
    let meta = json!({"records": others, "forget": forget});
    log::append(
        conn,
        engine,
        cx,
        object,
        *first,
        "not_same",
        Change { meta: Some(meta), ..Change::default() },
    )
}

/// Remembers it of each pair. The ids are sorted.
pub(super) fn put(conn: &mut Conn, cx: &Cx, object: &Object, ids: &[i64]) -> Result<()> {
    for (a, b) in pairs(ids) {
        conn.execute(&Sql::with(
            "insert into not_same (object, a_id, b_id, made_by, at) values ($1, $2, $3, $4, $5) \
             on conflict (object, a_id, b_id) do nothing",
            [object.name.as_str().into(), a.into(), b.into(), cx.author().into(), cx.moment.now.into()],
        )?)?;
    }
    Ok(())
}

fn forget(conn: &mut Conn, object: &Object, ids: &[i64]) -> Result<()> {
    for (a, b) in pairs(ids) {
        conn.execute(&Sql::with(
            "delete from not_same where object = $1 and a_id = $2 and b_id = $3",
            [object.name.as_str().into(), a.into(), b.into()],
        )?)?;
    }
    Ok(())
}

/// Each pair once, the smaller id first.
fn pairs(ids: &[i64]) -> Vec<(i64, i64)> {
    let each = ids.iter().flat_map(|a| ids.iter().filter(move |b| a < *b).map(move |b| (*a, *b)));
    each.collect()
}

/// The records that are not the same as this one.
///
/// # Errors
/// The database's.
pub(crate) fn apart_from(conn: &mut Conn, object: &str, record: i64) -> Result<HashSet<i64>> {
    let sql = Sql::with(
        "select b_id from not_same where object = $1 and a_id = $2 \
         union all select a_id from not_same where object = $3 and b_id = $4",
        [object.into(), record.into(), object.into(), record.into()],
    )?;
    Ok(conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<std::result::Result<_, _>>()?)
}

/// What was said of a loser holds of the winner from now on; that members of the party are not the same holds no longer.
pub(super) fn join(
    conn: &mut Conn,
    cx: &Cx,
    changes: &mut Vec<Changed>,
    object: &Object,
    party: &Party,
) -> Result<()> {
    let members: HashSet<i64> = party.everybody().map(|record| record.id).collect();
    let winner = party.winner.id;
    let mut wanted: HashSet<i64> = HashSet::new();
    for record in party.everybody() {
        for other in apart_from(conn, &object.name, record.id)? {
            let within = members.contains(&other);
            if within || record.id != winner {
                let pair = (record.id.min(other), record.id.max(other));
                separate(conn, changes, object, pair)?;
            }
            if !within {
                wanted.insert(other);
            }
        }
    }
    let known = apart_from(conn, &object.name, winner)?;
    for other in wanted.difference(&known) {
        let pair = (winner.min(*other), winner.max(*other));
        let after = Columns::from_iter([
            ("object".to_owned(), Json::from(object.name.as_str())),
            ("a_id".to_owned(), pair.0.into()),
            ("b_id".to_owned(), pair.1.into()),
            ("made_by".to_owned(), cx.author().into()),
            ("at".to_owned(), cx.moment.now.into()),
        ]);
        write(conn, changes, None, Some(after))?;
    }
    Ok(())
}

/// Forgets of one pair that they are not the same, if it is still there.
fn separate(conn: &mut Conn, changes: &mut Vec<Changed>, object: &Object, (a, b): (i64, i64)) -> Result<()> {
    let columns: Vec<String> = ["object", "a_id", "b_id", "made_by", "at"].map(str::to_owned).into();
    let key = Columns::from_iter([
        ("object".to_owned(), Json::from(object.name.as_str())),
        ("a_id".to_owned(), a.into()),
        ("b_id".to_owned(), b.into()),
    ]);
    match super::journal::row(conn, TABLE, &columns, &key)? {
        Some(before) => write(conn, changes, Some(before), None),
        None => Ok(()),
    }
}

fn write(
    conn: &mut Conn,
    changes: &mut Vec<Changed>,
    before: Option<Columns>,
    after: Option<Columns>,
) -> Result<()> {
    holders::put(conn, TABLE, &KEY, before.as_ref(), after.as_ref())?;
    let row = after.as_ref().or(before.as_ref());
    let key =
        KEY.iter().filter_map(|column| Some(((*column).to_owned(), row?.get(*column)?.clone()))).collect();
    changes.push(Changed { kind: RowKind::System, table: TABLE.into(), key, before, after });
    Ok(())
}
