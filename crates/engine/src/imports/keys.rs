//! The records that rows mean, found by a key field for a whole chunk at once.

use super::draft::Draft;
use crate::cx::Cx;
use crate::error::Result;
use crate::records::{body, load};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::filter::{Resolved, Resolver, Test};
use huike_model::{Field, Value};
use huike_store::Conn;
use huike_store::query::RecordQuery;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Ids by the normalised value of the key.
#[derive(Default)]
pub struct Existing(HashMap<Value, Vec<i64>>);

const ENOUGH: i64 = 5_000;

/// The normalised key of a row; none when the cell is blank or can't be read.
pub fn value(cx: &Cx, key: &Arc<Field>, draft: &Draft) -> Option<Value> {
    let json = draft.main.body.get(&key.name)?;
    body::value(json, key, cx).ok().map(|parsed| parsed.value).filter(|value| !value.is_null())
}

impl Existing {
    /// Finds the records of all drafts in one query, as far as the caller may read the key.
    ///
    /// # Errors
    /// The database's.
    pub fn of(
        conn: &mut Conn,
        cx: &Cx,
        access: &ObjectAccess,
        key: &Arc<Field>,
        drafts: &[Draft],
    ) -> Result<Existing> {
        let values: BTreeSet<Value> = drafts.iter().filter_map(|draft| value(cx, key, draft)).collect();
        let object = &access.object;
        let test = if key.encrypted {
            Test::Blind(values.iter().map(|value| cx.blind(&object.name, key, value)).collect())
        } else {
            Test::OneOf(values.into_iter().collect())
        };
        let fields = [key.clone()];
        let mut query = RecordQuery::new(access, &cx.schema, &fields);
        query.filter = Resolved::own(&object.name, key, test);
        query.limit = ENOUGH;
        let rows = query.run(conn)?;
        let mut existing = Existing::default();
        for record in load::records(conn, cx, object, &fields, rows)? {
            if access.on_row(key, &record.reached) >= FieldAccess::Read {
                existing.add(record.values.of(key).clone(), record.id);
            }
        }
        Ok(existing)
    }

    pub fn add(&mut self, value: Value, id: i64) {
        let ids = self.0.entry(value).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }

    pub fn get(&self, value: &Value) -> &[i64] {
        self.0.get(value).map_or(&[], Vec::as_slice)
    }
}
