//! The values of one record in memory, readable: opened where they were sealed.

use huike_model::filter::{Facts, Path};
use huike_model::{Field, Object, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// Values by field. What isn't set is empty.
#[derive(Clone, Debug)]
pub struct Values {
    object: Arc<Object>,
    values: Vec<Value>,
}

impl Values {
    pub fn new(object: &Arc<Object>) -> Values {
        Values { object: object.clone(), values: vec![Value::Null; object.all_fields().count()] }
    }

    pub fn object(&self) -> &Arc<Object> {
        &self.object
    }

    pub fn get(&self, name: &str) -> &Value {
        self.object.position(name).and_then(|at| self.values.get(at)).unwrap_or(&Value::Null)
    }

    pub fn of(&self, field: &Field) -> &Value {
        self.get(&field.name)
    }

    pub fn set(&mut self, name: &str, value: Value) {
        if let Some(place) = self.object.position(name).and_then(|at| self.values.get_mut(at)) {
            *place = value;
        }
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        self.get(name).as_int()
    }

    /// A field with its value, as formulas and rules ask for it.
    pub fn operand<'a>(&'a self, name: &str) -> Option<(&'a Field, &'a Value)> {
        self.object.field(name).map(|field| (&**field, self.get(name)))
    }

    /// The name of the record.
    pub fn title(&self) -> String {
        self.of(&self.object.name_field).as_text().unwrap_or_default().to_owned()
    }
}

/// Conditions on a record's own fields; nothing behind a reference is known here.
impl Facts for Values {
    fn value(&self, path: &Path) -> Cow<'_, Value> {
        if path.hops.is_empty() { Cow::Borrowed(self.of(&path.field)) } else { Cow::Owned(Value::Null) }
    }

    fn blind(&self, _path: &Path) -> Option<String> {
        None
    }

    fn is_under(&self, _object: &str, id: i64, ancestor: i64) -> bool {
        id == ancestor
    }
}
