//! The same value in its standard form: what the field's own normaliser makes of it today. Records that came before a rule did, or past
//! it, are brought to it here.

use super::look::{Found, Proposal};
use super::run::Origin;
use crate::cx::Cx;
use crate::records::body;
use crate::records::load::Record;
use huike_matching::paste::Role;
use huike_matching::text::tidy;
use huike_model::kinds::FieldType;
use huike_model::{Field, Object, Value};
use serde_json::json;
use std::sync::Arc;

/// Types whose values have one written form. Prose and figures have none.
const TYPES: [FieldType; 6] = [
    FieldType::Phone,
    FieldType::Email,
    FieldType::Url,
    FieldType::Address,
    FieldType::Tree,
    FieldType::CreditCode,
];

/// Whether values of a field have a standard form.
pub fn fits(object: &Object, field: &Field) -> bool {
    TYPES.contains(&field.kind) || is_name(object, field)
}

/// Names of companies and people, and what stands beside them on a card.
fn is_name(object: &Object, field: &Field) -> bool {
    let named = matches!(field.paste, Some(Role::Customer | Role::Contact | Role::Title | Role::Department));
    field.kind == FieldType::Text && (named || field.name == object.name_field.name)
}

/// What is to be written otherwise in one record.
pub fn propose(cx: &Cx, object: &Object, fields: &[Arc<Field>], record: &Record) -> Vec<Proposal> {
    let standard = |field: &Arc<Field>| {
        let before = record.values.of(field);
        let after = standard_form(cx, object, field, before)?;
        let source = json!({"how": "standard"});
        Some(Proposal {
            origin: Origin::Standard,
            found: Found { field: field.clone(), value: after, source },
        })
    };
    fields.iter().filter(|field| fits(object, field)).filter_map(standard).collect()
}

/// The value as it should stand, when it stands otherwise and still means something.
fn standard_form(cx: &Cx, object: &Object, field: &Field, before: &Value) -> Option<Value> {
    if before.is_null() {
        return None;
    }
    let written = match before.as_text() {
        Some(text) if is_name(object, field) => tidy(text).into(),
        _ => field.kind.kind().to_json(before, field),
    };
    let after = body::value(&written, field, cx).ok()?.value;
    (!after.is_null() && after != *before).then_some(after)
}
