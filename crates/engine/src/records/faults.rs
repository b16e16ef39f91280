//! Every fault of a write at once: beside what could not be read, what is wrong with the rest of it.

use super::body::Assignment;
use super::formulas;
use super::load::Record;
use super::values::Values;
use super::write::{Writer, apply};
use crate::error::Result;
use huike_model::{Fault, Field, Object, Value};
use huike_store::sql::ident;
use huike_store::{Sql, SqlValue};
use serde_json::Map;
use std::sync::Arc;

impl Writer<'_> {
    /// The faults of a new record of which some were found while reading it.
    ///
    /// # Errors
    /// The database's.
    pub fn faults_of_new(
        &mut self,
        object: &Arc<Object>,
        assignments: Vec<Assignment>,
        known: Vec<Fault>,
    ) -> Result<Vec<Fault>> {
        let id = self.conn.next_id()?;
        let (values, _, found) = self.draft(object, id, assignments)?;
        let fields: Vec<Arc<Field>> = object.fields().cloned().collect();
        self.with_taken(&values, &fields, beside(known, found))
    }

    /// The faults of a change of which some were found while reading it.
    ///
    /// # Errors
    /// The database's.
    pub fn faults_of_change(
        &mut self,
        record: &Record,
        assignments: Vec<Assignment>,
        known: Vec<Fault>,
    ) -> Result<Vec<Fault>> {
        let mut values = record.values.clone();
        apply(&mut values, &Map::new(), assignments);
        formulas::compute(&mut values);
        let changed = changed(&values, &record.values);
        let mut found = self.check(&values, &changed)?;
        found.extend(self.gated(Some(&record.values), &values, &found)?);
        self.with_taken(&values, &changed, beside(known, found))
    }

    /// Adds the unique values that are taken. A write without other faults learns it from the index.
    ///
    /// # Errors
    /// The database's.
    pub fn with_taken(
        &mut self,
        values: &Values,
        fields: &[Arc<Field>],
        mut faults: Vec<Fault>,
    ) -> Result<Vec<Fault>> {
        let object = values.object().clone();
        for field in fields.iter().filter(|field| field.unique && !values.of(field).is_null()) {
            let (column, value): (String, SqlValue) = match (field.blind_columns(), values.of(field)) {
                (Some((blind, _)), Value::Text(plain)) => {
                    (blind, self.cx.keys().blind(&object.name, field, plain).into())
                }
                (_, value) => (field.column.clone(), value.into()),
            };
            let mut sql =
                Sql::raw(format!("select 1 from {} where {} = ", ident(&object.name)?, ident(&column)?));
            sql.bind(value)
                .push(" and deleted_at is null and id <> ")
                .bind(values.int("id").unwrap_or_default());
            let known = faults.iter().any(|fault| fault.field == field.name);
            if !known && self.conn.query_opt(&sql)?.is_some() {
                faults.push(not_unique(field));
            }
        }
        Ok(faults)
    }
}

/// The fields in which two states of a record differ.
pub fn changed(after: &Values, before: &Values) -> Vec<Arc<Field>> {
    after.object().fields().filter(|field| after.of(field) != before.of(field)).cloned().collect()
}

pub fn not_unique(field: &Field) -> Fault {
    Fault::new(
        &field.name,
        "not_unique",
        format!("已有记录使用了相同的{}", field.label.zh),
        format!("Another record has the same {}", field.label.en),
    )
}

/// Further faults beside those that are known. Of a field that could not be read only that is said.
fn beside(mut known: Vec<Fault>, found: Vec<Fault>) -> Vec<Fault> {
    let further: Vec<Fault> =
        found.into_iter().filter(|fault| known.iter().all(|each| each.field != fault.field)).collect();
    known.extend(further);
    known
}
