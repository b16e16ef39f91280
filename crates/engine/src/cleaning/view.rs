//! A cleaning as an answer (docs/interface.md). What is counted is counted in fields that whoever asks may read.

use super::readable;
use super::request::UNDONE_WITHIN;
use super::run::{Run, State};
use crate::cx::Cx;
use crate::error::Result;
use crate::records::list as lists;
use crate::records::render::id_text;
use crate::shown::{instant_text, person};
use huike_model::access::ObjectAccess;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// Whether what a run wrote can be taken back now.
pub fn can_undo(run: &Run, now: i64) -> bool {
    let over = matches!(run.state, State::Done | State::Cancelled | State::Failed);
    let until = run.definition.applied_at.map(|at| at + UNDONE_WITHIN);
    over && run.progress.applied > run.progress.undone + run.progress.kept
        && until.is_some_and(|until| now <= until)
}

/// One run.
///
/// # Errors
/// The database's.
pub fn json(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, run: &Run) -> Result<Json> {
    let mut shown = all(conn, cx, access, std::slice::from_ref(run))?;
    Ok(shown.pop().unwrap_or_default())
}

/// Several runs of one object.
///
/// # Errors
/// The database's.
pub fn all(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, runs: &[Run]) -> Result<Vec<Json>> {
    let mut counts = counts(conn, access, runs)?;
    let shown = runs.iter().map(|run| one(cx, access, run, counts.remove(&run.id).unwrap_or_default()));
    Ok(shown.collect())
}

fn one(cx: &Cx, access: &ObjectAccess, run: &Run, counts: Vec<Json>) -> Json {
    let (progress, provider, definition) = (&run.progress, &run.progress.provider, &run.definition);
    // How many there are in fields that are hidden from the caller is not told: only how far it got.
    let percent = match run.state {
        State::Looking => {
            progress.total.filter(|total| *total > 0).map(|total| progress.looked * 100 / total)
        }
        State::Applying => (progress.proposed > 0).then(|| progress.at * 100 / progress.proposed),
        State::Undoing if progress.at < i64::MAX => {
            (progress.proposed > 0).then(|| 100 - progress.at * 100 / progress.proposed)
        }
        _ => None,
    };
    let until = definition.applied_at.map(|at| at + UNDONE_WITHIN);
    // What a colleague looked for may name fields that are hidden from whoever asks.
    let filter = definition.filter.as_ref().filter(|filter| lists::filter(cx, access, filter).is_ok());
    json!({
        "id": id_text(run.id),
        "object": run.object,
        "state": run.state.name(),
        "created_at": instant_text(run.created_at),
        "created_by": person(cx, run.created_by),
        "origins": definition.origins,
        "fields": definition.fields,
        "filter": filter,
        "progress": {
            "looked": progress.looked,
            "total": progress.total,
            "percent": percent.map(|percent| percent.clamp(0, 99)),
            "more": progress.more,
        },
        "provider": {
            "asked": provider.asked,
            "cached": provider.cached,
            "found": provider.found,
            "unknown": provider.unknown,
            "other": provider.other,
            "failed": provider.failed,
            "stopped": provider.stopped,
        },
        "counts": counts,
        "message": definition.message,
        "applied_at": definition.applied_at.map(instant_text),
        "undo_until": until.filter(|_| can_undo(run, cx.moment.now)).map(instant_text),
    })
}

/// How many values there are of each kind and fate, by run.
fn counts(conn: &mut Conn, access: &ObjectAccess, runs: &[Run]) -> Result<HashMap<i64, Vec<Json>>> {
    let mut counts: HashMap<i64, Vec<Json>> = HashMap::new();
    let object = &access.object;
    let known = object.fields().filter(|field| readable(access, field)).map(|field| field.name.as_str());
    let mut sql = Sql::raw("select run_id, origin, field, state, count(*) from cleaning_change where ");
    sql.push_in("run_id", runs.iter().map(|run| run.id)).push(" and ").push_in("field", known);
    sql.push(" group by run_id, origin, field, state order by run_id, origin, field, state");
    for row in conn.query(&sql)? {
        let Some(field) = object.field(row.text(2)?) else { continue };
        counts.entry(row.int(0)?).or_default().push(json!({
            "origin": row.text(1)?,
            "field": field.name,
            "label": field.label,
            "state": row.text(3)?,
            "count": row.int(4)?,
        }));
    }
    Ok(counts)
}
