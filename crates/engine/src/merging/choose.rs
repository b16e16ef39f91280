//! What a person chose by hand, and what would become of a merge.

use super::request::{Choice, Party};
use super::survive::{self, HAND, Surviving};
use crate::cx::Cx;
use crate::error::Result;
use crate::records::body;
use crate::records::render::{Names, Rendering, id_text};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::schema::Layer;
use huike_model::{Fault, Object, Value};
use huike_store::Conn;
use huike_store::query::RecordQuery;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Moved records are counted this far.
const COUNTED: i64 = 999;

/// The values chosen by hand. A field that the caller may not write on the winner, or not read on the record whose value is chosen, can't
/// be chosen.
///
/// # Errors
/// `invalid` with every fault.
pub(super) fn by_hand(
    cx: &Cx,
    access: &ObjectAccess,
    party: &Party,
    choices: &BTreeMap<String, Choice>,
) -> Result<Vec<Surviving>> {
    let (mut chosen, mut faults) = (Vec::new(), Vec::new());
    for (name, choice) in choices {
        let at = format!("fields.{name}");
        let field = access.object.field(name).filter(|field| {
            survive::mergeable(field) && access.on_row(field, &party.winner.reached) > FieldAccess::Hidden
        });
        let Some(field) = field else {
            faults.push(Fault::unknown_field(&at));
            continue;
        };
        if access.on_row(field, &party.winner.reached) != FieldAccess::Write {
            faults.push(Fault::new(
                &at,
                "read_only",
                format!("{}不能修改", field.label.zh),
                format!("{} can't be changed", field.label.en),
            ));
            continue;
        }
        let taken = |value, from| Surviving { field: field.clone(), value, from, rule: HAND };
        match choice {
            Choice { from: Some(id), value: None } => {
                let readable = party
                    .everybody()
                    .find(|record| record.id == id.number())
                    .filter(|record| access.on_row(field, &record.reached) >= FieldAccess::Read);
                match readable {
                    Some(record) => chosen.push(taken(record.values.of(field).clone(), Some(record.id))),
                    None => faults.push(Fault::new(
                        &at,
                        "unknown_reference",
                        "选用的记录不在合并之列",
                        "The chosen record is not one of those merged",
                    )),
                }
            }
            Choice { from: None, value } => {
                match body::value(value.as_ref().unwrap_or(&Json::Null), field, cx) {
                    Ok(parsed) => chosen.push(taken(parsed.value, None)),
                    Err(found) => faults.extend(found.into_iter().map(|fault| fault.at(at.clone()))),
                }
            }
            Choice { from: Some(_), value: Some(_) } => faults.push(Fault::new(
                &at,
                "format",
                "from 与 value 只能给一个",
                "Give either from or value",
            )),
        }
    }
    if faults.is_empty() { Ok(chosen) } else { Err(faults.into()) }
}

/// What a merge would give, as far as the caller may see it.
///
/// # Errors
/// As [`by_hand`].
pub(super) fn preview(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    party: &Party,
    choices: &BTreeMap<String, Choice>,
) -> Result<Json> {
    let hand = by_hand(cx, access, party, choices)?;
    let chosen = survive::choose(party, &hand);
    let sees = |each: &&Surviving| {
        party.everybody().all(|record| access.on_row(&each.field, &record.reached) >= FieldAccess::Masked)
    };
    let shown: Vec<&Surviving> = chosen.iter().filter(sees).collect();
    let fields: Vec<_> = shown.iter().map(|each| each.field.clone()).collect();
    let mut merged = party.winner.clone();
    merged.values = survive::merged(party, &chosen);
    let records: Vec<_> = party.everybody().chain([&merged]).cloned().collect();
    let expand: BTreeSet<String> = fields
        .iter()
        .filter(|field| field.target().is_some() && access.best(field) >= FieldAccess::Read)
        .map(|field| field.name.clone())
        .collect();
    let names = Names::of(conn, cx, &fields, records.iter())?;
    let rendering = Rendering { access, fields: &fields, expand: &expand, names: &names };
    let faults = survive::faults(party, &chosen);
    let visible =
        |fault: &&Fault| fault.field.is_empty() || fields.iter().any(|field| field.name == fault.field);
    Ok(json!({
        "record": rendering.record(&merged),
        "records": party.everybody().map(|record| rendering.record(record)).collect::<Vec<_>>(),
        "fields": shown.iter().map(|each| json!({
            "field": each.field.name,
            "from": each.from.map(id_text),
            "rule": each.rule,
            "differs": differs(access, party, each),
        })).collect::<Vec<_>>(),
        "errors": faults.iter().filter(visible).map(|fault| fault.to_json(cx.lang())).collect::<Vec<_>>(),
        "moved": moved(conn, cx, &access.object, party)?,
    }))
}

/// Whether the records that have a value have different ones; null to whom a value is masked.
fn differs(access: &ObjectAccess, party: &Party, each: &Surviving) -> Option<bool> {
    if party.everybody().any(|record| access.on_row(&each.field, &record.reached) < FieldAccess::Read) {
        return None;
    }
    let mut filled =
        party.everybody().map(|record| record.values.of(&each.field)).filter(|value| !value.is_null());
    let first = filled.next();
    Some(filled.any(|value| Some(value) != first))
}

/// How many records of each kind that the caller sees come over with the losers.
///
/// # Errors
/// The database's.
pub(super) fn moved(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, party: &Party) -> Result<Vec<Json>> {
    let losers: Vec<Value> = party.losers.iter().map(|record| Value::Int(record.id)).collect();
    let (schema, mut counts) = (cx.schema.clone(), Vec::<(Arc<Object>, i64)>::new());
    for (child, field) in schema.references_to(&object.name) {
        if field.system || child.layer == Layer::System {
            continue;
        }
        let access = cx.access_or_none(conn, child)?;
        if access.best(field) < FieldAccess::Read {
            continue;
        }
        let mut query = RecordQuery::new(&access, &cx.schema, &[]);
        query.filter = Resolved::own(&child.name, field, Test::OneOf(losers.clone()));
        let count = query.count(conn, Some(COUNTED))?;
        match counts.iter_mut().find(|(known, _)| known.name == child.name) {
            Some((_, known)) => *known += count,
            None => counts.push((child.clone(), count)),
        }
    }
    let some = counts.into_iter().filter(|(_, count)| *count > 0);
    Ok(some
        .map(|(child, count)| json!({"object": child.name, "label": child.label, "count": count}))
        .collect())
}
