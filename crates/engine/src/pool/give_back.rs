//! Returning customers to a pool, with a reason.

use super::claim::{at_once, each};
use super::definition::{load_all, pools_for};
use crate::custody::{How, Turn, give_customer};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::standard::{CUSTOMER, LOST};
use crate::once::once;
use crate::records::body::Assignment;
use crate::records::update;
use huike_model::{Code, Fault, Id, Problem, Value};
use huike_store::Conn;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A note is a sentence, not a file.
const LONGEST_NOTE: usize = 500;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GiveBack {
    pub customers: Vec<Id>,
    /// An option of the field `return_reason`.
    pub reason: String,
    #[serde(default)]
    pub note: Option<String>,
    /// The pool; the first that fits without it.
    #[serde(default)]
    pub pool: Option<Id>,
}

impl Engine {
    /// Returns customers, each for itself; what came of each. Whoever may change a customer may return it.
    ///
    /// # Errors
    /// `invalid` with every fault; `forbidden` for a key that only reads.
    pub async fn return_customers(&self, cx: Cx, request: GiveBack) -> Result<Json> {
        cx.require_to_write()?;
        at_once(&request.customers)?;
        let engine = self.clone();
        self.write(move |conn| once(conn, &cx, |conn| run(conn, &engine, &cx, &request))).await
    }
}

fn run(conn: &mut Conn, engine: &Engine, cx: &Cx, request: &GiveBack) -> Result<Json> {
    let object = cx.object(CUSTOMER)?.clone();
    let pools = load_all(conn)?;
    let mut faults = Vec::new();
    let reason =
        object.field("return_reason").filter(|field| field.option(&request.reason).is_some()).cloned();
    if reason.is_none() {
        faults.push(Fault::new("reason", "unknown_option", "请选择退回原因", "Choose a reason"));
    }
    let note = request.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    if note.is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        faults.push(Fault::new("note", "length", "最多 500 个字", "At most 500 characters"));
    }
    if request.reason == "other" && note.is_none() {
        faults.push(Fault::new(
            "note",
            "required",
            "选“其他”时请写明原因",
            "Say why when the reason is another one",
        ));
    }
    let chosen = request.pool.map(Id::number);
    if chosen.is_some_and(|chosen| pools.iter().all(|pool| pool.id != chosen)) {
        faults.push(Fault::new("pool", "unknown_reference", "没有这个公海", "There is no such pool"));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    each(conn, cx, &request.customers, |conn, access, id| {
        let record = update::writable(conn, cx, access, id, None)?;
        let owner = record.values.int("owner");
        let refuse = |zh: &str, en: &str| Err(Problem::new(Code::Conflict).with_detail(zh, en).into());
        if owner.is_none() {
            return refuse("客户没有负责人，已经不归任何人", "The customer is nobody's already");
        }
        if record.values.get("stage").as_text() == Some(LOST) {
            return refuse("流失客户不进公海", "A lost customer does not go to a pool");
        }
        let fitting = match chosen {
            Some(chosen) => Some(chosen),
            None => pools_for(conn, cx, &BTreeMap::from([(id, owner)]))?.remove(&id),
        };
        let Some(pool) = fitting else {
            return refuse("没有适合这位客户的公海", "There is no pool for this customer");
        };
        let also = reason.iter().map(|field| Assignment {
            field: field.clone(),
            parsed: Value::from(request.reason.as_str()).into(),
        });
        let turn = Turn { how: How::Returned, pool: Some(pool), reason: Some(&request.reason), note };
        give_customer(conn, engine, cx, &record, None, also.collect(), &turn)
    })
}
