//! A company's own weights of the comparison: learned from what its people confirmed and refused, or from the records themselves. What they
//! would change is shown first; they count once somebody switches them on, and until somebody switches them off.

use super::search;
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::merging::request;
use crate::records::{likeness, load};
use crate::setting;
use crate::shown::instant_text;
use huike_matching::entity::learn::{self, Proposal, Tally};
use huike_matching::entity::{Prepared, Weights};
use huike_model::access::ObjectAccess;
use huike_model::{Code, Fault, Object, Problem};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Records that are learned from, the newest: their compared pairs are kept in memory, some 1 kB each.
const RECORDS: usize = 6_000;
/// Answers that are learned from, the newest.
const ANSWERS: i64 = 2_000;
/// Fewer answers say too little.
const FEWEST: usize = 20;

/// What weights are learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LearnFrom {
    /// Merges, and pairs that were said to be different.
    Answers,
    /// The records, without anybody's answers (expectation–maximisation).
    Records,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearnRequest {
    pub from: LearnFrom,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchRequest {
    /// The proposal that was shown is taken into use; else the weights that come with the program are.
    pub own: bool,
}

/// Weights with where they come from, as they are kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    table: String,
    from: LearnFrom,
    at: i64,
    by: i64,
    /// Certain, likely, possible, different: pairs before and after.
    before: [usize; 4],
    after: [usize; 4],
}

impl Engine {
    /// Which weights count, what a proposal that waits would change, and how many answers there are.
    ///
    /// # Errors
    /// `not_found`; `forbidden` unless the caller may change and delete every record.
    pub async fn matching_weights(&self, cx: Cx, object: String) -> Result<Json> {
        self.read(move |conn| {
            let access = permitted(conn, &cx, &object)?;
            shown(conn, &cx, &access.object)
        })
        .await
    }

    /// Learns weights and says what they would change; nothing counts otherwise than before.
    ///
    /// # Errors
    /// As [`Engine::matching_weights`]; `invalid` with too few answers or records.
    pub async fn learn_matching(&self, cx: Cx, object: String, request: LearnRequest) -> Result<Json> {
        cx.require_to_write()?;
        let (this, name) = (cx.clone(), object.clone());
        let (list, answers, present) = self
            .read(move |conn| {
                let access = permitted(conn, &this, &name)?;
                let (list, answers) = material(conn, &this, &access.object)?;
                Ok((list, answers, present(conn, &name)?))
            })
            .await?;
        if request.from == LearnFrom::Answers && answers.len() < FEWEST {
            let zh =
                format!("至少要有 {FEWEST} 对已合并或标为“不是同一个”的资料，现在有 {} 对", answers.len());
            let en = format!(
                "At least {FEWEST} pairs must be merged or said to be different; there are {}",
                answers.len()
            );
            return Err(Fault::new("from", "too_few", zh, en).into());
        }
        let proposal = tokio::task::spawn_blocking(move || match request.from {
            LearnFrom::Answers => learn::from_answers(&list, &answers, &present),
            LearnFrom::Records => learn::from_records(&list, &present),
        })
        .await
        .map_err(|_| EngineError::internal("learning weights panicked"))?;
        let text = json!(kept(&cx, &proposal, request.from)).to_string();
        self.write(move |conn| {
            let access = permitted(conn, &cx, &object)?;
            setting::put(conn, &proposed(&object), &text)?;
            shown(conn, &cx, &access.object)
        })
        .await
    }

    /// Takes the proposal into use, or goes back to the weights that come with the program.
    ///
    /// # Errors
    /// As [`Engine::matching_weights`]; `conflict` without a proposal.
    pub async fn switch_matching(&self, cx: Cx, object: String, request: SwitchRequest) -> Result<Json> {
        cx.require_to_write()?;
        let engine = self.clone();
        self.write(move |conn| {
            let access = permitted(conn, &cx, &object)?;
            let before = own(conn, &object)?.map(|kept| kept.from);
            if request.own {
                let proposal = setting::get(conn, &proposed(&object))?.filter(|text| !text.is_empty());
                let none = || Problem::new(Code::Conflict).with_detail("请先试算", "Learn weights first");
                setting::put(conn, &in_use(&object), &proposal.ok_or_else(none)?)?;
                setting::put(conn, &proposed(&object), "")?;
            } else {
                setting::put(conn, &in_use(&object), "")?;
            }
            let after = own(conn, &object)?.map(|kept| kept.from);
            let note = Note::new("update", "settings", None)
                .change(json!({"matching": before}), json!({"matching": after}))
                .meta(json!({"object": object}));
            append(conn, &engine, &Author::from(&cx.caller), note)?;
            shown(conn, &cx, &access.object)
        })
        .await
    }
}

fn permitted(conn: &mut Conn, cx: &Cx, object: &str) -> Result<ObjectAccess> {
    let access = request::mergeable(conn, cx, object)?;
    if access.object.duplicates.is_empty() {
        return Err(Code::NotFound.into());
    }
    let all = [access.read_scope(), access.update_scope(), access.delete_scope()];
    if all.iter().all(|scope| scope.is_everything()) { Ok(access) } else { Err(Code::Forbidden.into()) }
}

fn in_use(object: &str) -> String {
    format!("match_weights.{object}")
}

fn proposed(object: &str) -> String {
    format!("match_proposal.{object}")
}

fn stored(conn: &mut Conn, key: &str) -> Result<Option<Kept>> {
    let text = setting::get(conn, key)?.filter(|text| !text.is_empty());
    let read = |text: String| {
        serde_json::from_str(&text)
            .map_err(|_| EngineError::internal("weights of the comparison can't be read"))
    };
    text.map(read).transpose()
}

fn own(conn: &mut Conn, object: &str) -> Result<Option<Kept>> {
    stored(conn, &in_use(object))
}

/// The weights that count for an object. A table is read once, however often it is asked for.
///
/// # Errors
/// The database's; a stored table that can't be read.
pub(crate) fn present(conn: &mut Conn, object: &str) -> Result<Arc<Weights>> {
    static SHIPPED: OnceLock<Arc<Weights>> = OnceLock::new();
    static LAST: parking_lot::Mutex<Option<(String, Arc<Weights>)>> = parking_lot::Mutex::new(None);
    let Some(text) = setting::get(conn, &in_use(object))?.filter(|text| !text.is_empty()) else {
        return Ok(SHIPPED.get_or_init(|| Arc::new(Weights::shipped().clone())).clone());
    };
    if let Some((_, weights)) = LAST.lock().as_ref().filter(|(known, _)| *known == text) {
        return Ok(weights.clone());
    }
    let unreadable = || EngineError::internal("weights of the comparison can't be read");
    let kept: Kept = serde_json::from_str(&text).map_err(|_| unreadable())?;
    let weights = Arc::new(Weights::parse(&kept.table).map_err(|_| unreadable())?);
    *LAST.lock() = Some((text, weights.clone()));
    Ok(weights)
}

/// Pairs of places in a list, with whether they are one.
type Answers = Vec<(u32, u32, bool)>;

/// The newest records ready to be compared, with those that people have answered about behind them.
fn material(conn: &mut Conn, cx: &Cx, object: &Arc<Object>) -> Result<(Vec<Prepared>, Answers)> {
    let mut list = search::List::default();
    while list.ids.len() < RECORDS {
        let piece = search::piece(conn, cx, object, list.ids.last().copied())?;
        let last = (piece.ids.len() as i64) < search::CHUNK;
        list.take(piece);
        if last {
            break;
        }
    }
    list.ids.truncate(RECORDS);
    list.prepared.truncate(RECORDS);
    let said = said(conn, &object.name)?;
    let mut places: HashMap<i64, u32> = list.ids.iter().copied().zip(0..).collect();
    let mut missing: Vec<i64> =
        said.iter().flat_map(|(a, b, _)| [*a, *b]).filter(|id| !places.contains_key(id)).collect();
    missing.sort_unstable();
    missing.dedup();
    let everything = ObjectAccess::of_the_system(object);
    let preparing = likeness::Preparing::of(object, true);
    // Records that were merged away are what the answers are about.
    for some in missing.chunks(500) {
        for record in load::find_many(conn, cx, &everything, some, Deleted::Any)? {
            places.insert(record.id, u32::try_from(list.prepared.len()).unwrap_or(u32::MAX));
            list.prepared.push(preparing.record(cx, &record.values));
        }
    }
    let placed = |(a, b, same): &(i64, i64, bool)| Some((*places.get(a)?, *places.get(b)?, *same));
    Ok((list.prepared, said.iter().filter_map(placed).collect()))
}

/// What people have said of pairs, the newest of each kind.
fn said(conn: &mut Conn, object: &str) -> Result<Vec<(i64, i64, bool)>> {
    let mut found = Vec::new();
    for (sql, same) in [
        (
            "select record_id, winner_id from merged_record where object = $1 order by merge_id desc limit $2",
            true,
        ),
        ("select a_id, b_id from not_same where object = $1 order by at desc limit $2", false),
    ] {
        for row in conn.query(&Sql::with(sql, [object.into(), ANSWERS.into()])?)? {
            found.push((row.int(0)?, row.int(1)?, same));
        }
    }
    Ok(found)
}

fn kept(cx: &Cx, proposal: &Proposal, from: LearnFrom) -> Kept {
    let counts = |tally: &Tally| [tally.certain, tally.likely, tally.possible, tally.different];
    Kept {
        table: proposal.weights.to_table(),
        from,
        at: cx.moment.now,
        by: cx.author(),
        before: counts(&proposal.before),
        after: counts(&proposal.after),
    }
}

fn shown(conn: &mut Conn, cx: &Cx, object: &Object) -> Result<Json> {
    let answers = said(conn, &object.name)?;
    let same = answers.iter().filter(|(.., same)| *same).count();
    let tiers = |counts: &[usize; 4]| json!({"certain": counts[0], "likely": counts[1], "possible": counts[2], "different": counts[3]});
    let told = |kept: Kept| {
        json!({
            "from": kept.from, "at": instant_text(kept.at),
            "by": cx.org.user(kept.by).map(|person| person.name.clone()),
            "before": tiers(&kept.before), "after": tiers(&kept.after),
        })
    };
    Ok(json!({
        "own": own(conn, &object.name)?.map(told),
        "proposal": stored(conn, &proposed(&object.name))?.map(told),
        "answers": {"same": same, "different": answers.len() - same, "fewest": FEWEST},
    }))
}
