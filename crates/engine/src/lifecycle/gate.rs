//! What a stage asks of a record that is to enter it, whichever way it comes: a page, a program, an import, a board, a bulk change.

use super::definition::{Definition, Stage, own_filter};
use super::{lifecycle, stage_of, words};
use crate::cx::Cx;
use crate::error::Result;
use crate::records::values::Values;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::filter::{Facts, Filter};
use huike_model::{Fault, Field};
use huike_store::Conn;

/// The code of a fault that says that the way to a stage is closed, whatever is filled in.
pub const CLOSED: &str = "stage_closed";
/// The code of a fault that says what a stage asks for besides required fields.
pub const ENTRY: &str = "stage_entry";

/// What is missing for the stage that a write brings a record to; nothing where the stage stays. What the system does by itself is
/// judged by the rule that made it do so.
///
/// # Errors
/// The database's.
pub fn check(conn: &mut Conn, cx: &Cx, before: Option<&Values>, after: &Values) -> Result<Vec<Fault>> {
    let object = after.object().clone();
    let Some(known) = lifecycle(cx, &object).filter(|_| !cx.is_system()) else { return Ok(Vec::new()) };
    let Some(field) = object.field(&known.definition.field) else { return Ok(Vec::new()) };
    let (was, to) = (before.and_then(|before| stage_of(before, field)), stage_of(after, field));
    let stays = before.is_some() && was == to;
    if stays || (before.is_none() && !known.definition.strict_new) {
        return Ok(Vec::new());
    }
    let Some(stage) = to.and_then(|to| known.definition.stage(to)) else { return Ok(Vec::new()) };
    let access = cx.access_or_none(conn, &object)?;
    Ok(faults(cx, &access, &known.definition, stage, was, after))
}

/// What keeps a record with these values out of a stage.
pub fn faults(
    cx: &Cx,
    access: &ObjectAccess,
    definition: &Definition,
    stage: &Stage,
    was: Option<&str>,
    values: &Values,
) -> Vec<Fault> {
    let object = values.object();
    let Some(field) = object.field(&definition.field) else { return Vec::new() };
    let mut faults: Vec<Fault> = Vec::new();
    if was.is_some_and(|was| !stage.from.is_empty() && !stage.from.iter().any(|from| from == was)) {
        faults.push(closed(field, was.unwrap_or_default(), &stage.value));
    }
    for required in stage.required.iter().filter_map(|name| object.field(name)) {
        if values.of(required).is_null() {
            faults.push(told(access, field, stage, required, Fault::required(required)));
        }
    }
    // A filter that the dictionary no longer knows asks for nothing; the page of the lifecycle says so.
    let entry = stage.entry.as_ref().and_then(|entry| own_filter(entry, object, &cx.schema, &cx.moment).ok());
    for part in entry.map(parts).unwrap_or_default() {
        if part.resolve(&cx.moment, cx).matches(values as &dyn Facts) {
            continue;
        }
        let fault = unmet(access, field, stage, &part);
        if !faults.iter().any(|known| known.field == fault.field && fault.field != field.name) {
            faults.push(fault);
        }
    }
    faults
}

/// The conditions that must hold together, each by itself.
fn parts(filter: Filter) -> Vec<Filter> {
    match filter {
        Filter::All(parts) => parts.into_iter().flat_map(parts_of).collect(),
        other => vec![other],
    }
}

fn parts_of(filter: Filter) -> Vec<Filter> {
    parts(filter)
}

fn name_of<'a>(field: &'a Field, value: &'a str) -> (&'a str, &'a str) {
    field.option(value).map_or((value, value), |option| (&option.label.zh, &option.label.en))
}

fn closed(field: &Field, was: &str, to: &str) -> Fault {
    let (was, to) = (name_of(field, was), name_of(field, to));
    let zh = format!("不能从“{}”直接转为“{}”", was.0, to.0);
    Fault::new(&field.name, CLOSED, zh, format!("“{}” can't follow “{}” directly", to.1, was.1))
}

fn unmet(access: &ObjectAccess, field: &Field, stage: &Stage, part: &Filter) -> Fault {
    let to = name_of(field, &stage.value);
    let leaves = part.leaves();
    let named = match leaves.as_slice() {
        [leaf] if matches!(part, Filter::Leaf(_)) => {
            words::condition(leaf).map(|words| (&leaf.path.field, words))
        }
        _ => None,
    };
    match named {
        Some((about, words)) => {
            let zh = format!("转为“{}”需要{}", to.0, words.zh);
            let fault = Fault::new(&about.name, ENTRY, zh, format!("“{}” needs: {}", to.1, words.en));
            told(access, field, stage, about, fault)
        }
        None => general(field, stage),
    }
}

/// A fault of a field that the caller may nowhere read says no more than that there is one.
fn told(access: &ObjectAccess, field: &Field, stage: &Stage, about: &Field, fault: Fault) -> Fault {
    if access.best(about) >= FieldAccess::Read { fault } else { general(field, stage) }
}

fn general(field: &Field, stage: &Stage) -> Fault {
    let to = name_of(field, &stage.value);
    let zh = format!("还没有达到“{}”的进入条件", to.0);
    Fault::new(&field.name, ENTRY, zh, format!("What “{}” asks for isn't met yet", to.1))
}
