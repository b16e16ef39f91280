//! From checked queries over the dictionary to SQL. Nothing here takes a name or a text from outside: columns come from the schema,
//! values are bound, and every read needs an [`huike_model::access::ObjectAccess`].

mod aggregate;
mod condition;
mod page;
mod write;

pub use aggregate::{AggregateQuery, Group, Measure, MeasureKind};
pub use condition::condition;
pub use page::{Deleted, Mark, Order, RecordQuery, StoredRecord, tally};
pub use write::{record_columns, update};

use crate::row::ValueRef;
use crate::{Row, SqlValue};
use huike_model::Value;

impl From<Value> for SqlValue {
    fn from(value: Value) -> SqlValue {
        match value {
            Value::Null => SqlValue::Null,
            Value::Int(number) => SqlValue::Int(number),
            Value::Text(text) => text.into(),
        }
    }
}

impl From<&Value> for SqlValue {
    fn from(value: &Value) -> SqlValue {
        match value {
            Value::Null => SqlValue::Null,
            Value::Int(number) => SqlValue::Int(*number),
            Value::Text(text) => text.into(),
        }
    }
}

/// A column of a record's row. Objects keep integers and texts only.
pub fn value_of(row: &Row, column: usize) -> Value {
    match row.value(column) {
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
        ValueRef::Int(number) => Value::Int(number),
        ValueRef::Text(text) => Value::Text(text.to_owned()),
    }
}
