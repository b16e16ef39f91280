//! Bringing the tiers of customers up to date.

use super::work::{Work, by_hand};
use super::{REASON, TIER, UNTIL};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::{CUSTOMER, dead};
use crate::records::body::Assignment;
use crate::records::load::{self, Record};
use crate::records::write::Writer;
use huike_model::access::ObjectAccess;
use huike_model::filter::{Resolved, Test};
use huike_model::moment::day_number;
use huike_model::{Object, Value};
use huike_store::Conn;
use huike_store::query::Deleted;
use serde_json::json;
use std::sync::Arc;

/// Works out the tiers of these customers and writes those that differ; how many.
///
/// # Errors
/// The database's.
pub fn records(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    object: &Arc<Object>,
    ids: &[i64],
) -> Result<usize> {
    let tiers = cx.org.tiers.clone();
    if object.name != CUSTOMER || !tiers.active {
        return Ok(0);
    }
    let Some(work) = Work::of(cx, object, &tiers.definition) else { return Ok(0) };
    let everything = ObjectAccess::of_the_system(object);
    let mut written = 0;
    for chunk in ids.chunks(500) {
        let found = load::find_many(conn, cx, &everything, chunk, Deleted::Live)?;
        for record in found.into_iter().filter(|record| !changes(cx, object, &work, record).0.is_empty()) {
            dead::try_one(conn, cx, &object.name, record.id, |conn| {
                load::lock(conn, object, record.id)?;
                // It may have changed until it was locked.
                let now = load::find_many(conn, cx, &everything, &[record.id], Deleted::Live)?.pop();
                let Some(now) = now else { return Ok(()) };
                let (assignments, meta) = changes(cx, object, &work, &now);
                if !assignments.is_empty() {
                    Writer { engine, cx, conn }.update_noted(&now, assignments, Some(meta))?;
                    written += 1;
                }
                Ok(())
            })?;
        }
    }
    Ok(written)
}

/// The customers whose tier a passing day may change: those whose set tier has run out; all of them where what a tier is made of changes
/// by itself.
pub fn concerned(cx: &Cx, object: &Object) -> Resolved {
    let tiers = &cx.org.tiers;
    let (true, Some(until)) = (object.name == CUSTOMER && tiers.active, object.field(UNTIL)) else {
        return Resolved::nothing();
    };
    if Work::of(cx, object, &tiers.definition).is_some_and(|work| !work.is_steady(object)) {
        return Resolved::everything();
    }
    let today = Value::Int(day_number(cx.moment.today()));
    Resolved::own(&object.name, until, Test::Below { bound: today, or_equal: false })
}

/// What must be written to a customer, and what the log says of it.
fn changes(
    cx: &Cx,
    object: &Object,
    work: &Work<'_>,
    record: &Record,
) -> (Vec<Assignment>, serde_json::Value) {
    let values = &record.values;
    if by_hand(cx, values) {
        return (Vec::new(), json!({}));
    }
    let mut set: Vec<(&str, Value)> = Vec::new();
    // What was set until a day that has passed.
    set.extend(
        [REASON, UNTIL]
            .into_iter()
            .filter(|name| !values.get(name).is_null())
            .map(|name| (name, Value::Null)),
    );
    let worked = work.tier(values);
    if let Some(worked) = &worked
        && values.get(TIER).as_text() != Some(worked.tier.as_str())
    {
        set.push((TIER, Value::from(worked.tier.as_str())));
    }
    let assignments = set.into_iter().filter_map(|(name, value)| {
        Some(Assignment { field: object.field(name)?.clone(), parsed: value.into() })
    });
    let meta = worked.map_or(json!({}), |worked| {
        json!({"tier": {"automatic": true, "value": worked.value.number, "potential": worked.potential.number}})
    });
    (assignments.collect(), meta)
}
