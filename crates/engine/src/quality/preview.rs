//! What a rule would find, before it is taken into use.

use super::measure::step;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::load::{self, all_fields};
use crate::records::render::id_text;
use huike_model::access::{AdminArea, FieldAccess, ObjectAccess};
use huike_model::filter::{Filter, Resolved};
use huike_model::schema::definition::QualityRuleDefinition;
use huike_model::schema::expression::Expression;
use huike_model::{Fault, Field};
use huike_store::Conn;
use huike_store::query::{Mark, RecordQuery};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Records looked at, newest first, and of those that break the rule how many are named.
const LOOKED_AT: usize = 20_000;
const SAMPLE: usize = 10;
const CHUNK: i64 = 500;

/// A rule that can be tried.
struct Tried {
    check: Expression,
    eligible: Resolved,
}

impl Engine {
    /// Tries a rule on the records that the caller may read: how many it is for, how many break it, and the first of them.
    ///
    /// # Errors
    /// `forbidden` unless the caller looks after the dictionary, `not_found` for the object, `invalid` with every fault of the rule.
    pub async fn preview_quality_rule(&self, cx: Cx, object: String, rule: Json) -> Result<Json> {
        cx.require(AdminArea::Dictionary)?;
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let tried = read(&cx, &access, &rule)?;
            preview(conn, &cx, &access, &tried)
        })
        .await
    }
}

fn read(cx: &Cx, access: &ObjectAccess, rule: &Json) -> Result<Tried> {
    let rule: QualityRuleDefinition = serde_json::from_value(rule.clone()).map_err(|error| {
        let reason = error.to_string();
        Fault::new(
            "rule",
            "definition",
            format!("规则不完整：{reason}"),
            format!("The rule isn't complete: {reason}"),
        )
    })?;
    let known = |name: &str| {
        access.object.field(name).filter(|field| access.best(field) >= FieldAccess::Read && !field.encrypted)
    };
    let mut faults = Vec::new();
    let check = match Expression::compile(&rule.check) {
        Ok(check) => {
            for name in check.reads.iter().filter(|name| known(name).is_none()) {
                faults.push(Fault::new(
                    "check",
                    "unknown_field",
                    format!("没有可用的字段“{name}”"),
                    format!("There is no field “{name}” to use"),
                ));
            }
            Some(check)
        }
        Err(error) => {
            let told = error.told();
            faults.push(Fault::new("check", "format", told.zh, told.en));
            None
        }
    };
    let mut eligible = Resolved::everything();
    if let Some(json) = &rule.eligible {
        match Filter::check_at(json, &access.object.name, &*cx.schema, &cx.moment) {
            Ok(filter) => {
                let own = |leaf: &huike_model::filter::Leaf| {
                    !leaf.path.hops.is_empty() || access.best(&leaf.path.field) < FieldAccess::Read
                };
                if filter.leaves().into_iter().any(own) {
                    faults.push(Fault::new(
                        "eligible",
                        "unknown_field",
                        "适用范围只能用本对象中可以查看的字段",
                        "The filter may use readable fields of the object itself only",
                    ));
                }
                eligible = filter.resolve(&cx.moment, cx);
            }
            Err(found) => {
                faults.extend(found.into_iter().map(|fault| Fault { field: "eligible".into(), ..fault }))
            }
        }
    }
    match check {
        Some(check) if faults.is_empty() => Ok(Tried { check, eligible }),
        _ => Err(faults.into()),
    }
}

fn preview(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, tried: &Tried) -> Result<Json> {
    let fields: Vec<Arc<Field>> = all_fields(&access.object);
    let (mut eligible, mut hits, mut sample) = (0, 0, Vec::new());
    let mut after: Option<Mark> = None;
    let mut more = false;
    loop {
        let mut query = RecordQuery::new(access, &cx.schema, &fields);
        query.filter = tried.eligible.clone();
        let (rows, mark) = step(conn, query, true, after.take(), CHUNK)?;
        for record in load::records(conn, cx, &access.object, &fields, rows)? {
            eligible += 1;
            if tried.check.holds(|name| record.values.operand(name)) {
                continue;
            }
            hits += 1;
            let named = access.on_row(&access.object.name_field, &record.reached) >= FieldAccess::Read;
            if sample.len() < SAMPLE {
                let name = named.then(|| record.values.title());
                sample.push(json!({"id": id_text(record.id), "name": name}));
            }
        }
        match mark {
            Some(_) if eligible >= LOOKED_AT => {
                more = true;
                break;
            }
            Some(mark) => after = Some(mark),
            None => break,
        }
    }
    Ok(json!({"eligible": eligible, "hits": hits, "sample": sample, "more": more}))
}
