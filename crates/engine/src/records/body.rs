//! From what a caller sent to values of fields: known, permitted, of the right type.

use crate::cx::Cx;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::kinds::Parsed;
use huike_model::{Fault, Field, Object, Value};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// One field that the caller sets.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub field: Arc<Field>,
    pub parsed: Parsed,
}

/// Members of a record that answers carry and requests may send back: they are passed over.
const ECHOED: [&str; 4] = ["id", "version", "_can", "_masked"];

/// Reads a body. `access_of` says how far the caller may go with a field of this very record.
///
/// # Errors
/// As [`read_most`].
pub fn read(
    body: &Map<String, Json>,
    object: &Object,
    cx: &Cx,
    access_of: impl Fn(&Field) -> FieldAccess,
) -> Result<Vec<Assignment>, Vec<Fault>> {
    let (assignments, faults) = read_most(body, object, cx, access_of);
    if faults.is_empty() { Ok(assignments) } else { Err(faults) }
}

/// What can be read of a body, and every fault: unknown, hidden, read-only and malformed members. A hidden field and one that doesn't
/// exist give the same fault.
pub fn read_most(
    body: &Map<String, Json>,
    object: &Object,
    cx: &Cx,
    access_of: impl Fn(&Field) -> FieldAccess,
) -> (Vec<Assignment>, Vec<Fault>) {
    let (mut assignments, mut faults) = (Vec::new(), Vec::new());
    for (name, json) in body.iter().filter(|(name, _)| !ECHOED.contains(&name.as_str())) {
        let Some(field) = object.field(name).filter(|field| access_of(field) != FieldAccess::Hidden) else {
            faults.push(Fault::unknown_field(name));
            continue;
        };
        if field.read_only() && !cx.is_system() || access_of(field) != FieldAccess::Write {
            faults.push(Fault::new(
                name,
                "read_only",
                format!("{}不能修改", field.label.zh),
                format!("{} can't be changed", field.label.en),
            ));
            continue;
        }
        match value(json, field, cx) {
            Ok(parsed) => assignments.push(Assignment { field: field.clone(), parsed }),
            Err(found) => faults.extend(found),
        }
    }
    (assignments, faults)
}

/// Reads one value; null, blank text and an empty list are empty.
///
/// # Errors
/// The field type's faults.
pub fn value(json: &Json, field: &Field, cx: &Cx) -> Result<Parsed, Vec<Fault>> {
    let blank = match json {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        Json::Array(list) => list.is_empty(),
        _ => false,
    };
    if blank { Ok(Value::Null.into()) } else { field.kind.kind().parse(json, field, &cx.moment) }
}

/// How far a caller may go with the fields of a record yet to be made.
pub fn access_for_new(access: &ObjectAccess) -> impl Fn(&Field) -> FieldAccess + '_ {
    |field| access.for_new(field)
}
