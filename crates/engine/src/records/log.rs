//! One row of the change log per write, in the same transaction.

use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::{Field, Object, Value};
use huike_store::Conn;
use huike_store::log::{Cursor, LogEntry};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// What is written down about a write: fields with their values as stored, sealed ones sealed.
#[derive(Clone, Default)]
pub struct Change {
    pub before: Map<String, Json>,
    pub after: Map<String, Json>,
    /// What belongs to the write beside the values.
    pub meta: Option<Json>,
}

impl Change {
    pub fn note(&mut self, field: &Field, before: Option<&Value>, after: Option<&Value>) {
        let json = |value: &Value| match value {
            Value::Null => Json::Null,
            Value::Int(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
        };
        self.before.extend(before.map(|value| (field.name.clone(), json(value))));
        self.after.extend(after.map(|value| (field.name.clone(), json(value))));
    }
}

/// Reads a value back from the log.
pub fn value_from_log(json: &Json) -> Value {
    match json {
        Json::Number(number) => number.as_i64().into(),
        Json::String(text) => text.as_str().into(),
        _ => Value::Null,
    }
}

/// Appends the entry and tells listeners once it is committed.
///
/// # Errors
/// The database's.
pub fn append(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    object: &Arc<Object>,
    record: i64,
    op: &str,
    change: Change,
) -> Result<()> {
    let place = Cursor { tx: conn.tx_number()?, id: conn.next_id()? };
    conn.execute(&entry(cx, object, record, op, change, place).insert()?)?;
    tell(conn, engine);
    Ok(())
}

/// Tells listeners of new entries once they are committed.
pub fn tell(conn: &mut Conn, engine: &Engine) {
    let engine = engine.clone();
    conn.after_commit(Box::new(move || engine.events().wake()));
}

/// The entry of a write.
pub(crate) fn entry(
    cx: &Cx,
    object: &Object,
    record: i64,
    op: &str,
    change: Change,
    place: Cursor,
) -> LogEntry {
    let text = |members: Map<String, Json>| (!members.is_empty()).then(|| Json::Object(members).to_string());
    LogEntry {
        tx: place.tx,
        id: place.id,
        at: cx.moment.now,
        actor: Some(cx.author()),
        actor_kind: cx.caller.actor.kind().into(),
        via: cx.caller.via.name().into(),
        request: Some(cx.caller.request.clone()).filter(|request| !request.is_empty()),
        object: object.name.clone(),
        record_id: Some(record),
        op: op.into(),
        before: text(change.before),
        after: text(change.after),
        meta: change.meta.map(|meta| meta.to_string()),
    }
}
