//! The first rows as they would come in.

use super::chunk::rehearse;
use super::draft::{Draft, Part};
use super::job::{Definition, HeadRow, PreviewRow};
use super::plan::{Plan, Targets};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::body;
use huike_model::Object;
use huike_store::Conn;

/// Rehearses the first rows under a mapping.
///
/// # Errors
/// `invalid` when the mapping can't stand; the database's.
pub fn preview(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    object: &str,
    definition: &Definition,
    head: &[HeadRow],
) -> Result<Vec<PreviewRow>> {
    let targets = Targets::open(conn, cx, object)?;
    let plan = Plan::check(&targets, definition)?;
    let drafts: Vec<Draft> = head
        .iter()
        .filter(|row| !plan.repeats_titles(&row.cells))
        .map(|row| Draft::new(&plan, row.number, &row.cells))
        .collect();
    let rehearsed = rehearse(conn, engine, cx, &plan, &drafts, &[])?;
    let rows = drafts.iter().zip(rehearsed.outcomes);
    Ok(rows
        .map(|(draft, outcome)| PreviewRow {
            row: draft.row,
            values: shown(cx, &plan, draft),
            faults: outcome.faults,
        })
        .collect())
}

/// The values by path, as they would be kept; what can't be read as it was typed.
fn shown(cx: &Cx, plan: &Plan, draft: &Draft) -> Vec<(String, String)> {
    let mut values = part(cx, &plan.object, &draft.main, "");
    for (place, each) in &draft.related {
        let object = &plan.related[*place].object;
        values.extend(part(cx, object, each, &format!("{}.", object.name)));
    }
    values
}

fn part(cx: &Cx, object: &Object, part: &Part, prefix: &str) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for (name, json) in &part.body {
        let Some(field) = object.field(name) else { continue };
        let text = match body::value(json, field, cx) {
            Ok(parsed) if !parsed.value.is_null() => {
                field.value_type().kind().display(&parsed.value, field, &cx.moment)
            }
            _ => json.as_str().unwrap_or_default().to_owned(),
        };
        values.push((format!("{prefix}{name}"), text));
    }
    values.extend(part.names.iter().map(|named| (named.path.to_string(), named.text.trim().to_owned())));
    values
}
