//! What stands in the columns of a record, and how the log keeps it.

use super::log::Change;
use crate::cx::Cx;
use crate::error::Result;
use huike_matching::pinyin;
use huike_model::kinds::FieldType;
use huike_model::schema::SortKey;
use huike_model::{Field, Object, Value};
use huike_store::SqlValue;

/// A field's columns with what goes into them; `seal` is asked for what stands there instead of a plain text.
///
/// # Errors
/// What `seal` fails with.
pub(crate) fn stored_columns(
    cx: &Cx,
    object: &Object,
    field: &Field,
    value: &Value,
    seal: impl FnOnce(&str) -> Result<String>,
) -> Result<Vec<(String, SqlValue)>> {
    let mut columns = Vec::with_capacity(2);
    match (field.blind_columns(), value.as_text()) {
        (Some((blind, tail)), Some(plain)) => {
            columns.push((field.column.clone(), seal(plain)?.into()));
            columns.push((blind, cx.keys().blind(&object.name, field, plain).into()));
            columns.push((tail, cx.keys().tail(&object.name, field, plain).into()));
        }
        (Some((blind, tail)), None) => {
            columns.extend([field.column.clone(), blind, tail].map(|column| (column, SqlValue::Null)));
        }
        (None, text) => {
            columns.push((field.column.clone(), value.into()));
            if let Some(column) = field.sort_column() {
                columns.push((column, text.map(|text| sort_key(field, text)).into()));
            }
        }
    }
    Ok(columns)
}

/// Writes a new record's stored value down for the log. What is worked out is not: it follows from the rest.
pub(crate) fn note_new(change: &mut Change, field: &Field, stored: &SqlValue) {
    let figure = field.measure.is_some() || matches!(field.kind, FieldType::Formula | FieldType::Rollup);
    if !figure && (!field.system || matches!(field.name.as_str(), "owner" | "department")) {
        change.note(field, None, Some(&logged(stored)));
    }
}

/// A stored column as the log keeps it.
pub(super) fn logged(stored: &SqlValue) -> Value {
    match stored {
        SqlValue::Int(number) => Value::Int(*number),
        SqlValue::Text(text) => Value::Text(text.to_string()),
        SqlValue::Null | SqlValue::Blob(_) => Value::Null,
    }
}

fn sort_key(field: &Field, text: &str) -> String {
    match field.sort {
        Some(SortKey::Person) => pinyin::person_sort_key(text),
        _ => pinyin::sort_key(text),
    }
}
