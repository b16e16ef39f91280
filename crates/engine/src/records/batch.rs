//! Up to a thousand writes in one call, all or each.

use super::duplicates::OnDuplicate;
use super::{create, delete, update};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::once::once;
use huike_model::{Code, Fault, Id, Problem};
use huike_store::Conn;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

pub const MAX_OPERATIONS: usize = 1_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// One fault and nothing is written.
    #[default]
    All,
    /// Each for itself.
    Each,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Create,
    Update,
    Delete,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    pub op: Kind,
    #[serde(default)]
    pub id: Option<Id>,
    #[serde(default)]
    pub version: Option<i64>,
    #[serde(default)]
    pub fields: Map<String, Json>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    #[serde(default)]
    pub mode: Mode,
    pub operations: Vec<Operation>,
    #[serde(default)]
    pub on_duplicate: Option<OnDuplicate>,
}

impl Engine {
    /// Runs the operations in order, in one transaction; the result of each at its place.
    ///
    /// # Errors
    /// `invalid` for more than 1,000 operations or one without its id; in mode `all` the first problem of an operation, with its place in
    /// the faults' fields.
    pub async fn batch_records(&self, cx: Cx, object: String, request: BatchRequest) -> Result<Json> {
        if request.operations.is_empty() || request.operations.len() > MAX_OPERATIONS {
            return Err(Fault::new(
                "operations",
                "range",
                "一次提交 1 到 1000 项操作",
                "Send 1 to 1,000 operations at once",
            )
            .into());
        }
        let engine = self.clone();
        self.write(move |conn| once(conn, &cx, |conn| run(conn, &engine, &cx, &object, &request))).await
    }
}

fn run(conn: &mut Conn, engine: &Engine, cx: &Cx, object: &str, request: &BatchRequest) -> Result<Json> {
    let mut results = Vec::with_capacity(request.operations.len());
    let (mut failed, mut likely) = (Vec::new(), Vec::new());
    for (place, operation) in request.operations.iter().enumerate() {
        let done = conn.savepoint(|conn| {
            one(conn, engine, cx, object, operation, request.on_duplicate.unwrap_or_default())
        });
        match done {
            Ok(result) => results.push(result),
            Err(EngineError::Problem(problem)) if request.mode == Mode::Each => {
                results.push(json!({"status": problem.code.status(), "problem": problem.to_json(cx.lang())}));
            }
            Err(EngineError::Problem(problem)) => {
                let candidates = problem.extra.get("candidates").and_then(Json::as_array).cloned();
                for mut candidate in candidates.unwrap_or_default() {
                    candidate["operation"] = place.into();
                    likely.push(candidate);
                }
                let located = problem.faults.iter().map(|fault| {
                    let at = if fault.field.is_empty() { String::new() } else { format!(".{}", fault.field) };
                    fault.clone().at(format!("operations.{place}{at}"))
                });
                failed.extend(located);
                if problem.faults.is_empty() {
                    failed.push(Fault {
                        field: format!("operations.{place}"),
                        code: problem.code.name(),
                        message: problem.detail.unwrap_or_else(|| problem.code.title()),
                    });
                }
            }
            Err(other) => return Err(other),
        }
    }
    if failed.is_empty() {
        return Ok(json!({"results": results}));
    }
    // As each for itself would be told, but at once, each with the place of its operation.
    let duplicates_alone = failed.iter().all(|fault| fault.code == Code::Duplicate.name());
    let problem =
        Problem::new(if duplicates_alone { Code::Duplicate } else { Code::Invalid }).with_faults(failed);
    let told = !likely.is_empty();
    Err(if told { problem.with("candidates", likely.into()) } else { problem }.into())
}

fn one(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    object: &str,
    operation: &Operation,
    on_duplicate: OnDuplicate,
) -> Result<Json> {
    let object = cx.object(object)?.clone();
    let access = cx.access(conn, &object)?;
    let id = || {
        let missing = Fault::new("id", "required", "缺少记录编号", "The id is missing");
        operation.id.map(Id::number).ok_or_else(|| EngineError::from(missing))
    };
    let done = |status: u16, id: i64, version: i64| json!({"status": status, "id": super::render::id_text(id), "version": version});
    Ok(match operation.op {
        Kind::Create => {
            done(201, create::create(conn, engine, cx, &access, &operation.fields, on_duplicate)?, 1)
        }
        Kind::Update => {
            let id = id()?;
            done(
                200,
                id,
                update::update(conn, engine, cx, &access, id, operation.version, &operation.fields)?,
            )
        }
        Kind::Delete => {
            let id = id()?;
            delete::delete(conn, engine, cx, &access, id, operation.version)?;
            json!({"status": 204, "id": super::render::id_text(id)})
        }
    })
}
