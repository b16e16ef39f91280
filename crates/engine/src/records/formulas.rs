//! Formula fields, worked out from the record's own values.

use super::values::Values;

/// Works out every formula. A formula that fails on this record is empty: the record stays writable.
pub fn compute(values: &mut Values) {
    let object = values.object().clone();
    for field in &object.formulas {
        let Some(formula) = &field.formula else { continue };
        let value = match formula.value(field, |name| values.operand(name)) {
            Ok(value) => value,
            Err(error) => {
                tracing::warn!(object = %object.name, field = %field.name, %error, "a formula can't be worked out");
                huike_model::Value::Null
            }
        };
        values.set(&field.name, value);
    }
}
