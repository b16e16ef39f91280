//! Rows as the pipeline of [`crate::records::write`] would store them, made without the database.

use super::Part;
use crate::cx::Cx;
use crate::demo::Draft;
use crate::demo::seed::{Ids, Seeding};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::body::{self, Assignment};
use crate::records::insert::{NewRecord, NewRows, Shape};
use crate::records::numbers;
use crate::records::write::{Draft as NewDraft, check_own, stamp};
use huike_model::access::FieldAccess;
use huike_model::filter::Facts;
use huike_model::{Id, Object};
use huike_store::log::Cursor;
use huike_store::{Sql, StoreError};
use std::collections::HashMap;
use std::sync::Arc;

/// Ids taken from the store at a time.
const IDS: usize = 50_000;

/// What one transaction writes.
#[derive(Default)]
pub struct Batch {
    pub drafts: usize,
    pub rows: NewRows,
}

/// Makes rows out of drafts, in their order.
pub struct Maker {
    engine: Engine,
    cx: Cx,
    part: Part,
    /// Of the company's own drafts.
    founding: Ids,
    /// Ids by object and key, keys counting from 1.
    ids: HashMap<&'static str, Vec<i64>>,
    shapes: HashMap<String, Arc<Shape>>,
    counters: HashMap<(String, String), i64>,
    fresh: std::vec::IntoIter<i64>,
    /// Every draft is a transaction of its own, as it would be in life.
    tx: i64,
}

impl Maker {
    pub fn new(engine: &Engine, seeding: &mut Seeding, part: Part) -> Result<Maker> {
        let (counters, tx) = engine.store().write_blocking(|conn| {
            let rows = conn.query(&Sql::raw("select rule, period, next from number_counter"))?;
            let counter = |row: &huike_store::Row| {
                Ok(((row.text(0)?.to_owned(), row.text(1)?.to_owned()), row.int(2)?))
            };
            let counters = rows.iter().map(counter).collect::<Result<HashMap<_, _>, StoreError>>()?;
            Ok::<_, EngineError>((counters, conn.tx_number()?))
        })?;
        let cx = seeding.cx.clone();
        let shape = |object: &Arc<Object>| Ok((object.name.clone(), engine.shapes().of(object)?));
        let shapes = cx.schema.objects().map(shape).collect::<Result<HashMap<_, _>>>()?;
        let founding = std::mem::take(&mut seeding.ids);
        let (ids, fresh) = (HashMap::new(), Vec::new().into_iter());
        Ok(Maker { engine: engine.clone(), cx, part, founding, ids, shapes, counters, fresh, tx })
    }

    /// How far numbers have come: rule, period, next.
    pub fn counters(&self) -> Vec<(String, String, i64)> {
        self.counters.iter().map(|((rule, period), next)| (rule.clone(), period.clone(), *next)).collect()
    }

    /// Adds a draft's rows; how many records they are.
    pub fn add(&mut self, batch: &mut Batch, draft: Draft) -> Result<u64> {
        if !self.part.includes(draft.object) {
            return Ok(0);
        }
        let id = self.next_id()?;
        let known = self.ids.entry(draft.object).or_default();
        if known.len() as u64 + 1 != draft.key {
            return Err(EngineError::internal("drafts of an object don't count from 1"));
        }
        known.push(id);
        let shape = self.shape(draft.object)?;
        let mut fields = draft.fields;
        for reference in &draft.refs {
            match self.id_of(reference.object, reference.key) {
                Some(id) => fields.insert(
                    reference.field.to_owned(),
                    Id::new(id).map(|id| id.to_string().into()).unwrap_or_default(),
                ),
                None if self.part.includes(reference.object) => {
                    return Err(EngineError::internal("a draft points forwards"));
                }
                None => None,
            };
        }
        self.cx.moment.now = draft.created_at.timestamp_millis();
        self.cx.on_behalf = self.id_of("user", draft.created_by);
        let assignments = body::read(&fields, &shape.object, &self.cx, |_| FieldAccess::Write)?;
        self.tx += 1;
        batch.drafts += 1;
        self.record(batch, &shape, id, assignments)
    }

    fn id_of(&self, object: &'static str, key: u64) -> Option<i64> {
        let place = usize::try_from(key).ok()?.checked_sub(1)?;
        let told = self.ids.get(object).and_then(|ids| ids.get(place));
        told.or_else(|| self.founding.get(&(object, key))).copied()
    }

    fn shape(&self, object: &str) -> Result<Arc<Shape>> {
        self.shapes
            .get(object)
            .cloned()
            .ok_or_else(|| EngineError::internal(format!("there is no object {object}")))
    }

    fn next_id(&mut self) -> Result<i64> {
        if let Some(id) = self.fresh.next() {
            return Ok(id);
        }
        let ids = self.engine.store().read_blocking(|conn| {
            (0..IDS).map(|_| conn.next_id()).collect::<Result<Vec<i64>, StoreError>>()
        })?;
        self.fresh = ids.into_iter();
        self.fresh.next().ok_or_else(|| EngineError::internal("no id was given out"))
    }

    /// The steps of the pipeline's `create`, in its order.
    fn record(
        &mut self,
        batch: &mut Batch,
        shape: &Arc<Shape>,
        id: i64,
        assignments: Vec<Assignment>,
    ) -> Result<u64> {
        let object = &shape.object;
        let draft = NewDraft::of(&self.cx, object, id, assignments);
        let (mut values, raw, mut faults) = draft.finish(&self.cx, None);
        faults.extend(check_own(&values, &shape.fields));
        if !faults.is_empty() {
            return Err(faults.into());
        }
        stamp(&self.cx, &mut values);
        let mut record = NewRecord::of(&self.cx, shape, values, &raw, None)?;
        self.number(&mut record)?;
        let values = record.values.clone();
        let place = Cursor { tx: self.tx, id: self.next_id()? };
        batch.rows.add(&self.cx, record, place);
        let mut made = 1;
        for creates in &object.creates {
            if creates.when.resolve(&self.cx.moment, &self.cx).matches(&values as &dyn Facts) {
                let target = self.shape(&creates.object)?;
                let set = creates.set.iter().filter_map(|(to, source)| {
                    let (field, value) = (target.object.field(to)?, values.get(source));
                    (!value.is_null())
                        .then(|| Assignment { field: field.clone(), parsed: value.clone().into() })
                });
                let set: Vec<Assignment> = set.collect();
                let id = self.next_id()?;
                made += self.record(batch, &target, id, set)?;
            }
        }
        Ok(made)
    }

    fn number(&mut self, record: &mut NewRecord) -> Result<()> {
        for field in record.unnumbered() {
            let counter = numbers::counter(&self.cx, &record.object().name, &field);
            let next = self.counters.entry((counter.rule.clone(), counter.period.clone())).or_insert(1);
            record.number(&self.cx, &field, counter.text(*next))?;
            *next += 1;
        }
        Ok(())
    }
}
