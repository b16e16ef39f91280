//! What the types share that refer to other records: ids, one or a list.

use super::fault;
use crate::Id;
use crate::fault::Fault;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

const MOST_MEMBERS: usize = 100;

/// The id in `"0h3…"` or in an expanded reference `{"id": "0h3…", …}`.
fn id_of(input: &Json, field: &Field) -> Result<Id, Vec<Fault>> {
    let text = match input {
        Json::String(text) => Some(text),
        Json::Object(members) => match members.get("id") {
            Some(Json::String(text)) => Some(text),
            _ => None,
        },
        _ => None,
    };
    let text = text.ok_or_else(|| fault(field, "type", "应为记录编号", "must be the id of a record"))?;
    text.trim()
        .parse()
        .map_err(|_| fault(field, "reference", "不是有效的记录编号", "is not a valid id of a record"))
}

/// A reference to one record.
pub(super) fn parse_id(input: &Json, field: &Field) -> Result<Value, Vec<Fault>> {
    id_of(input, field).map(|id| Value::Int(id.number()))
}

/// The id as callers see it; null for a number that is none.
pub(super) fn id_to_json(value: &Value) -> Json {
    value.as_int().and_then(|number| Id::new(number).ok()).map(|id| id.to_string()).into()
}

pub(super) fn id_to_text(value: &Value) -> String {
    id_to_json(value).as_str().unwrap_or_default().to_owned()
}

/// References to several records, each once, in the order given.
pub(super) fn parse_ids(input: &Json, field: &Field) -> Result<Value, Vec<Fault>> {
    let members = match input {
        Json::Array(members) => members.as_slice(),
        one => std::slice::from_ref(one),
    };
    if members.len() > MOST_MEMBERS {
        return Err(fault(
            field,
            "too_many",
            &format!("最多 {MOST_MEMBERS} 个"),
            &format!("may have {MOST_MEMBERS} members at most"),
        ));
    }
    let mut ids: Vec<String> = Vec::new();
    for member in members {
        let id = id_of(member, field)?.to_string();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(Value::list(ids))
}

/// One member of such a list, as an operand.
pub(super) fn parse_member(input: &Json, field: &Field) -> Result<Value, Vec<Fault>> {
    id_of(input, field).map(|id| Value::Text(id.to_string()))
}
