//! Deciding groups: merged by the rules, linked as branch and head office, or not the same.

use super::{groups, search};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::merging::request::{self, MergeRequest, merge};
use crate::merging::{NotSame, apart};
use crate::records::body::Assignment;
use crate::records::load;
use crate::records::render::id_text;
use crate::records::update::writable;
use crate::records::write::Writer;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Code, Fault, Id, Value};
use huike_store::Conn;
use huike_store::query::Deleted;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;

const MAX_GROUPS: usize = 100;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    pub groups: Vec<Id>,
    /// The records are not the same: proposed no more.
    #[serde(default)]
    pub dismiss: bool,
}

impl Engine {
    /// Decides groups, each for itself: records that are the same are merged by the rules into the one that says most, a branch gets its
    /// head office for a parent.
    ///
    /// # Errors
    /// `not_found`, `invalid`. What a single group fails with stands at its place.
    pub async fn decide_duplicates(&self, cx: Cx, object: String, request: Accept) -> Result<Json> {
        if request.groups.is_empty() || request.groups.len() > MAX_GROUPS {
            return Err(Fault::new(
                "groups",
                "range",
                "一次处理 1 到 100 组",
                "Decide 1 to 100 groups at once",
            )
            .into());
        }
        let mut results = Vec::with_capacity(request.groups.len());
        for id in &request.groups {
            let (engine, cx, object) = (self.clone(), cx.clone(), object.clone());
            let (id, dismiss) = (id.number(), request.dismiss);
            let (lang, shown) = (cx.lang(), id_text(id));
            let done = self.write(move |conn| decide(conn, &engine, &cx, &object, id, dismiss)).await;
            results.push(match done {
                Ok(done) => json!({"group": shown, "status": 200, "merge": done}),
                Err(EngineError::Problem(problem)) => {
                    json!({"group": shown, "status": problem.code.status(), "merge": null, "problem": problem.to_json(lang)})
                }
                Err(other) => return Err(other),
            });
        }
        Ok(json!({"results": results}))
    }
}

fn decide(conn: &mut Conn, engine: &Engine, cx: &Cx, object: &str, id: i64, dismiss: bool) -> Result<Json> {
    let access = request::mergeable(conn, cx, object)?;
    let group = groups::load_one(conn, &access.object.name, id)?;
    let members = groups::members(conn, &[id])?.remove(&id).unwrap_or_default();
    let mut records = load::find_many(conn, cx, &access, &members, Deleted::Live)?;
    if records.len() < 2 {
        return Err(Code::NotFound.into());
    }
    if dismiss {
        let ids = records.iter().filter_map(|record| Id::new(record.id).ok()).collect();
        apart::mark(conn, engine, cx, &access, &NotSame { records: ids, forget: false })?;
        groups::decide(conn, id, "apart")?;
        return Ok(Json::Null);
    }
    if group.kind == "branch" {
        link(conn, engine, cx, &access, &members)?;
        groups::decide(conn, id, "linked")?;
        return Ok(Json::Null);
    }
    // The one that says most stays; of equals the elder.
    let said = |record: &load::Record| {
        let fields = access.object.fields().filter(|field| !record.values.of(field).is_null());
        (Reverse(fields.count()), record.id)
    };
    records.sort_by_key(said);
    let ids: Vec<Id> = records.iter().filter_map(|record| Id::new(record.id).ok()).collect();
    let Some((winner, losers)) = ids.split_first() else { return Err(Code::NotFound.into()) };
    let merge_request = MergeRequest {
        winner: *winner,
        losers: losers.to_vec(),
        fields: BTreeMap::new(),
        versions: BTreeMap::new(),
        dry_run: false,
    };
    let done = merge(conn, engine, cx, &access, &merge_request)?;
    groups::decide(conn, id, "merged")?;
    Ok(done["id"].clone())
}

/// Gives a branch its head office for a parent.
fn link(conn: &mut Conn, engine: &Engine, cx: &Cx, access: &ObjectAccess, members: &[i64]) -> Result<()> {
    let (Some(parent), [office, branch]) = (search::parent_field(&access.object), members) else {
        return Err(Code::NotFound.into());
    };
    let record = writable(conn, cx, access, *branch, None)?;
    let mut set = vec![(parent.clone(), Value::Int(*office))];
    set.extend(search::branch_relation(&access.object));
    if set.iter().any(|(field, _)| access.on_row(field, &record.reached) < FieldAccess::Write) {
        return Err(Code::Forbidden.into());
    }
    let assignments =
        set.into_iter().map(|(field, value)| Assignment { field, parsed: value.into() }).collect();
    Writer { engine, cx, conn }.update(&record, assignments).map(drop)
}
