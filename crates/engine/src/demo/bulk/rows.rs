//! Rows as the pipeline of [`crate::records::write`] would store them, made without the database.

use super::Part;
use crate::cx::Cx;
use crate::demo::Draft;
use crate::demo::seed::{Ids, Seeding};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::quality::score;
use crate::records::body::{self, Assignment};
use crate::records::log::{self, Change};
use crate::records::write::{
    apply, check_own, defaults, follow_owner, note_new, own, raw_text, stamp, stored_columns,
};
use crate::records::{Values, duplicates, formulas, numbers};
use crate::search;
use huike_model::access::FieldAccess;
use huike_model::filter::Facts;
use huike_model::kinds::{FieldType, Storage};
use huike_model::{Field, Id, Object, Value};
use huike_store::bulk::Document;
use huike_store::ddl::{ColumnDef, SYSTEM_COLUMNS};
use huike_store::log::Cursor;
use huike_store::{Kind, Sql, SqlValue, StoreError, query};
use huike_vault::keys::SubjectKey;
use huike_vault::seal::{self, FieldTag};
use serde_json::Map;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Ids taken from the store at a time.
const IDS: usize = 50_000;

/// Columns of the change log, in the order of the rows made here.
pub const LOG_COLUMNS: [(&str, Kind); 13] = [
    ("tx", Kind::Int),
    ("id", Kind::Int),
    ("at", Kind::Int),
    ("actor", Kind::Int),
    ("actor_kind", Kind::Text),
    ("via", Kind::Text),
    ("request", Kind::Text),
    ("object", Kind::Text),
    ("record_id", Kind::Int),
    ("op", Kind::Text),
    ("before", Kind::Text),
    ("after", Kind::Text),
    ("meta", Kind::Text),
];

/// What one transaction writes.
#[derive(Default)]
pub struct Batch {
    pub drafts: usize,
    pub tables: Vec<Table>,
    pub log: Vec<Vec<SqlValue>>,
    pub keys: Vec<Vec<SqlValue>>,
    pub subjects: Vec<Vec<SqlValue>>,
    pub documents: BTreeMap<String, Vec<Document>>,
}

/// New rows of one object.
pub struct Table {
    pub name: String,
    pub columns: Arc<[ColumnDef]>,
    pub rows: Vec<Vec<SqlValue>>,
}

/// The shape of an object's table.
struct Shape {
    object: Arc<Object>,
    fields: Vec<Arc<Field>>,
    columns: Arc<[ColumnDef]>,
    places: HashMap<String, usize>,
}

impl Shape {
    fn of(object: &Arc<Object>) -> Shape {
        let kind = |storage| if storage == Storage::Int { Kind::Int } else { Kind::Text };
        let system = SYSTEM_COLUMNS.iter().map(|(name, kind, _)| ColumnDef::new(*name, *kind));
        let own = query::record_columns(object)
            .into_iter()
            .map(|(name, storage)| ColumnDef::new(name, kind(storage)));
        let columns: Arc<[ColumnDef]> = system.chain(own).collect();
        let places = columns.iter().enumerate().map(|(place, column)| (column.name.clone(), place)).collect();
        Shape { object: object.clone(), fields: object.fields().cloned().collect(), columns, places }
    }
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
        let shapes =
            cx.schema.objects().map(|object| (object.name.clone(), Arc::new(Shape::of(object)))).collect();
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
        shape: &Shape,
        id: i64,
        assignments: Vec<Assignment>,
    ) -> Result<u64> {
        let object = &shape.object;
        let mut values = Values::new(object);
        values.set("id", Value::Int(id));
        let owned = assignments.iter().any(|assignment| assignment.field.name == "owner");
        let raw = apply(&mut values, &Map::new(), assignments);
        let mut faults = defaults(&self.cx, &mut values);
        if !owned {
            own(&self.cx, &mut values, None);
        }
        if values.get("department").is_null() {
            follow_owner(&self.cx, &mut values);
        }
        formulas::compute(&mut values);
        score::keep(&self.cx, None, &mut values);
        faults.extend(check_own(&values, &shape.fields));
        if !faults.is_empty() {
            return Err(faults.into());
        }
        self.number(&mut values);
        stamp(&self.cx, &mut values);
        self.row(batch, shape, id, &values, &raw)?;
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

    fn number(&mut self, values: &mut Values) {
        let object = values.object().clone();
        for field in object.fields().filter(|field| field.kind == FieldType::AutoNumber) {
            if values.of(field).is_null() {
                let counter = numbers::counter(&self.cx, &object.name, field);
                let next = self.counters.entry((counter.rule.clone(), counter.period.clone())).or_insert(1);
                values.set(&field.name, Value::Text(counter.text(*next)));
                *next += 1;
            }
        }
    }

    /// The record's row, log entry, search text, match keys and key.
    fn row(
        &mut self,
        batch: &mut Batch,
        shape: &Shape,
        id: i64,
        values: &Values,
        raw: &Map<String, serde_json::Value>,
    ) -> Result<()> {
        let object = &shape.object;
        let mut row = vec![SqlValue::Null; shape.columns.len()];
        let mut change = Change::default();
        let mut subject: Option<SubjectKey> = None;
        for field in &shape.fields {
            let value = values.of(field);
            if value.is_null() {
                continue;
            }
            let columns = stored_columns(&self.cx, object, field, value, |plain| {
                let key = subject.get_or_insert_with(|| {
                    let (key, wrapped, master) = self.cx.keys().fresh(id);
                    batch.subjects.push(vec![id.into(), wrapped.into(), master.into()]);
                    key
                });
                Ok(seal::seal(
                    key,
                    &FieldTag { object: &object.name, field: &field.column, record: id },
                    plain,
                ))
            })?;
            note_new(&mut change, field, &columns[0].1);
            for (column, value) in columns {
                let place = shape.places.get(&column).copied();
                row[place.ok_or_else(|| EngineError::internal(format!("there is no column {column}")))?] =
                    value;
            }
        }
        if let Some(place) = shape.places.get("raw") {
            row[*place] = raw_text(raw).into();
        }
        match batch.tables.iter_mut().find(|table| table.name == object.name) {
            Some(table) => table.rows.push(row),
            None => batch.tables.push(Table {
                name: object.name.clone(),
                columns: shape.columns.clone(),
                rows: vec![row],
            }),
        }
        if object.search {
            let tokens = search::index::tokens(&self.cx, values).join(" ");
            batch.documents.entry(object.name.clone()).or_default().push(Document { record: id, tokens });
        }
        for key in duplicates::keys(&self.cx, values) {
            batch.keys.push(vec![object.name.as_str().into(), key.into(), id.into()]);
        }
        let place = Cursor { tx: self.tx, id: self.next_id()? };
        batch.log.push(log::entry(&self.cx, object, id, "create", change, place).into_values().to_vec());
        Ok(())
    }
}
