//! The stages that a record goes through: what each asks for, which moves happen by themselves, how long everything took.
//!
//! ```text
//! any write of the stage ─► gate (is the way open, is all there?) ─► stage_move (what was, for how long)          one transaction
//! change log, daily look ─► follow (what should have moved by itself?) ─► the same write, as the system
//! ```
//! A lifecycle is data, one for each object, over one of its choice fields. docs/adr/0012-lifecycle.md says why it is as it is.

mod defaults;
pub mod definition;
pub mod edit;
pub mod figures;
pub mod follow;
mod gate;
mod moves;
#[cfg(test)]
mod tests;
pub mod transitions;
mod words;

pub(crate) use defaults::seed;
use definition::Lifecycle;
pub(crate) use gate::check as check_gate;
use huike_model::kinds::FieldType;
use huike_model::{Field, Object, Value};
pub(crate) use moves::note;
use std::sync::Arc;

use crate::cx::Cx;
use crate::records::values::Values;

/// Where an object without a lifecycle of its own keeps the stage.
const STAGE: &str = "stage";

/// The field that holds the stage of an object's records, if they have any.
pub(crate) fn stage_field<'a>(cx: &Cx, object: &'a Object) -> Option<&'a Arc<Field>> {
    let known = lifecycle(cx, object);
    let name = known.as_ref().map_or(STAGE, |known| known.definition.field.as_str());
    object.field(name).filter(|field| field.kind == FieldType::Choice)
}

/// The lifecycle in force for an object.
pub(crate) fn lifecycle(cx: &Cx, object: &Object) -> Option<Arc<Lifecycle>> {
    cx.org.lifecycles.iter().find(|one| one.active && one.object == object.name).cloned()
}

fn stage_of<'a>(values: &'a Values, field: &Field) -> Option<&'a str> {
    match values.of(field) {
        Value::Text(stage) => Some(stage),
        _ => None,
    }
}
