//! New records as they go into the tables.
//!
//! What follows from a record's values (its row, the words it is found by, the keys that tell duplicates, what the log will say) is worked
//! out without the database, so that a thread that doesn't hold a transaction can do it; [`NewRows`] then writes one record or many.

use super::columns::{note_new, stored_columns};
use super::key_index;
use super::log::{self, Change};
use super::match_key::MatchKey;
use super::numbers;
use super::sought::Sought;
use super::values::Values;
use super::write::raw_text;
use crate::cx::Cx;
use crate::error::{EngineError, Result};
use crate::keys::WrappedKey;
use crate::search;
use huike_model::kinds::{FieldType, Storage};
use huike_model::{Field, Object, Value};
use huike_store::bulk::Document;
use huike_store::ddl::{ColumnDef, SYSTEM_COLUMNS};
use huike_store::log::{COLUMNS as LOG, Cursor};
use huike_store::sql::ident;
use huike_store::tally::put_in;
use huike_store::{Conn, Kind, Sql, SqlValue, StoreError, query};
use huike_vault::keys::SubjectKey;
use huike_vault::seal::{self, FieldTag};
use parking_lot::Mutex;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The shape of an object's table.
pub(crate) struct Shape {
    pub object: Arc<Object>,
    pub fields: Vec<Arc<Field>>,
    pub columns: Arc<[ColumnDef]>,
    places: HashMap<String, usize>,
    /// Inserts one row: the same text for every record, so that it is prepared once.
    insert: String,
}

impl Shape {
    fn of(object: &Arc<Object>) -> Result<Shape, StoreError> {
        let kind = |storage| if storage == Storage::Int { Kind::Int } else { Kind::Text };
        let system = SYSTEM_COLUMNS.iter().map(|(name, kind, _)| ColumnDef::new(*name, *kind));
        let own = query::record_columns(object)
            .into_iter()
            .map(|(name, storage)| ColumnDef::new(name, kind(storage)));
        let columns: Arc<[ColumnDef]> = system.chain(own).collect();
        let names = columns.iter().map(|column| ident(&column.name)).collect::<Result<Vec<_>, _>>()?;
        let values: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        Ok(Shape {
            object: object.clone(),
            fields: object.fields().cloned().collect(),
            places: columns.iter().enumerate().map(|(place, column)| (column.name.clone(), place)).collect(),
            insert: format!(
                "insert into {} ({}) values ({})",
                ident(&object.name)?,
                names.join(", "),
                values.join(", ")
            ),
            columns,
        })
    }

    fn place(&self, column: &str) -> Result<usize> {
        let place = self.places.get(column).copied();
        place.ok_or_else(|| EngineError::internal(format!("there is no column {column}")))
    }
}

/// The shapes of the objects' tables, each worked out once for a version of its object.
#[derive(Default)]
pub(crate) struct Shapes(Mutex<HashMap<String, Arc<Shape>>>);

impl Shapes {
    pub fn of(&self, object: &Arc<Object>) -> Result<Arc<Shape>> {
        if let Some(known) =
            self.0.lock().get(&object.name).filter(|known| Arc::ptr_eq(&known.object, object))
        {
            return Ok(known.clone());
        }
        let shape = Arc::new(Shape::of(object)?);
        self.0.lock().insert(object.name.clone(), shape.clone());
        Ok(shape)
    }
}

/// A new record, worked out but for its numbers: they are given out by the transaction that writes it.
#[derive(Clone)]
pub(crate) struct NewRecord {
    pub id: i64,
    pub values: Values,
    /// By which duplicates of it are known.
    pub keys: Vec<MatchKey>,
    shape: Arc<Shape>,
    row: Vec<SqlValue>,
    change: Change,
    /// Separated by spaces.
    tokens: String,
    /// Its own key, where something of it is sealed.
    subject: Option<WrappedKey>,
}

impl NewRecord {
    /// Works a checked and stamped record out. `keys` are known where it has been looked for already.
    ///
    /// # Errors
    /// Only faults of ours.
    pub fn of(
        cx: &Cx,
        shape: &Arc<Shape>,
        values: Values,
        raw: &Map<String, Json>,
        keys: Option<Vec<MatchKey>>,
    ) -> Result<NewRecord> {
        let id = values.int("id").unwrap_or_default();
        let object = &shape.object;
        let mut record = NewRecord {
            id,
            keys: Vec::new(),
            shape: shape.clone(),
            row: vec![SqlValue::Null; shape.columns.len()],
            change: Change::default(),
            tokens: String::new(),
            subject: None,
            values,
        };
        let mut subject: Option<SubjectKey> = None;
        for field in &shape.fields {
            let value = record.values.of(field);
            if value.is_null() {
                continue;
            }
            let columns = stored_columns(cx, object, field, value, |plain| {
                let key = subject.get_or_insert_with(|| {
                    let (key, wrapped) = cx.keys().fresh(id);
                    record.subject = Some(wrapped);
                    key
                });
                Ok(seal::seal(
                    key,
                    &FieldTag { object: &object.name, field: &field.column, record: id },
                    plain,
                ))
            })?;
            note_new(&mut record.change, field, &columns[0].1);
            for (column, value) in columns {
                record.row[shape.place(&column)?] = value;
            }
        }
        record.row[shape.place("raw")?] = raw_text(raw).into();
        if object.search {
            record.tokens = search::index::tokens(cx, &record.values).join(" ");
        }
        record.keys = keys.unwrap_or_else(|| Sought::of(cx, &record.values).kept());
        Ok(record)
    }

    /// The key that it brings, for [`Keys::renew`](crate::keys::Keys::renew).
    pub fn new_key(&self) -> Option<(i64, i64)> {
        self.subject.as_ref().map(WrappedKey::place)
    }

    pub fn object(&self) -> &Arc<Object> {
        &self.shape.object
    }

    /// The numbers that it still lacks.
    pub fn unnumbered(&self) -> Vec<Arc<Field>> {
        let lacks =
            |field: &&Arc<Field>| field.kind == FieldType::AutoNumber && self.values.of(field).is_null();
        self.shape.fields.iter().filter(lacks).cloned().collect()
    }

    /// Gives it a number.
    ///
    /// # Errors
    /// Only faults of ours.
    pub fn number(&mut self, cx: &Cx, field: &Field, number: String) -> Result<()> {
        self.values.set(&field.name, Value::Text(number));
        let plain = |_: &str| Err(EngineError::internal("numbers aren't sealed"));
        let columns = stored_columns(cx, &self.shape.object, field, self.values.of(field), plain)?;
        note_new(&mut self.change, field, &columns[0].1);
        for (column, value) in columns {
            let place = self.shape.place(&column)?;
            self.row[place] = value;
        }
        if self.shape.object.search && field.searchable {
            for token in search::index::field_tokens(cx, &self.values, field) {
                self.tokens.push(' ');
                self.tokens.push_str(&token);
            }
        }
        Ok(())
    }

    /// Writes this one record.
    ///
    /// # Errors
    /// The database's.
    pub fn write(self, conn: &mut Conn, cx: &Cx) -> Result<(), StoreError> {
        let place = Cursor { tx: conn.tx_number()?, id: conn.next_id()? };
        let NewRecord { id, keys, shape, row, change, tokens, subject, .. } = self;
        let object = &shape.object;
        let mut statements = Vec::with_capacity(4);
        statements.extend(subject.map(WrappedKey::insert).transpose()?);
        statements.push(Sql::with(shape.insert.as_str(), row)?);
        let mut index = Vec::new();
        if object.search {
            index.push(conn.dialect().search_add(&object.name, id, &tokens)?);
        }
        statements.extend(key_index::adding(conn.dialect(), id, &keys)?);
        statements.push(log::entry(cx, object, id, "create", change, place).insert()?);
        conn.batch_and_index(&object.name, statements, index)?;
        put_in(conn, query::tally(object).as_ref(), &[id])
    }
}

/// New rows of one object.
struct Table {
    object: Arc<Object>,
    columns: Arc<[ColumnDef]>,
    ids: Vec<i64>,
    rows: Vec<Vec<SqlValue>>,
}

/// Many new records, to be written with one statement per table.
#[derive(Default)]
pub(crate) struct NewRows {
    tables: Vec<Table>,
    log: Vec<Vec<SqlValue>>,
    keys: Vec<(i64, Vec<MatchKey>)>,
    subjects: Vec<Vec<SqlValue>>,
    documents: BTreeMap<String, Vec<Document>>,
}

impl NewRows {
    /// Adds a record that has its numbers; `place` is its place in the log.
    pub fn add(&mut self, cx: &Cx, record: NewRecord, place: Cursor) {
        let NewRecord { id, keys, shape, row, change, tokens, subject, .. } = record;
        let object = &shape.object;
        match self.tables.iter_mut().find(|table| table.object.name == object.name) {
            Some(table) => {
                table.ids.push(id);
                table.rows.push(row);
            }
            None => self.tables.push(Table {
                object: object.clone(),
                columns: shape.columns.clone(),
                ids: vec![id],
                rows: vec![row],
            }),
        }
        if object.search {
            match self.documents.get_mut(&object.name) {
                Some(documents) => documents.push(Document { record: id, tokens }),
                None => {
                    drop(self.documents.insert(object.name.clone(), vec![Document { record: id, tokens }]))
                }
            }
        }
        self.keys.push((id, keys));
        self.subjects.extend(subject.map(|key| key.into_values().into()));
        self.log.push(log::entry(cx, object, id, "create", change, place).into_values().into());
    }

    /// Writes everything; `keys` takes the duplicate keys in place of their index.
    ///
    /// # Errors
    /// The database's.
    pub fn write(&self, conn: &mut Conn, keys: Option<&str>) -> Result<(), StoreError> {
        conn.insert_many("subject_key", &WrappedKey::columns(), &self.subjects)?;
        for table in &self.tables {
            conn.insert_many(&table.object.name, &table.columns, &table.rows)?;
            put_in(conn, query::tally(&table.object).as_ref(), &table.ids)?;
        }
        for (object, documents) in &self.documents {
            conn.index_many(object, documents)?;
        }
        key_index::add_many(conn, &self.keys, keys)?;
        conn.insert_many("change_log", &log_columns(), &self.log)?;
        Ok(())
    }
}

/// The columns of the log, in the order of an entry's values.
fn log_columns() -> Vec<ColumnDef> {
    const NUMBERS: [&str; 5] = ["tx", "id", "at", "actor", "record_id"];
    let kind = |name: &str| if NUMBERS.contains(&name) { Kind::Int } else { Kind::Text };
    LOG.split(", ").map(|name| ColumnDef::new(name, kind(name))).collect()
}

/// Writes records together: numbers, rows, search, keys and log. What they mean for others is the caller's affair.
///
/// # Errors
/// The database's.
pub(crate) fn write_many(conn: &mut Conn, cx: &Cx, records: Vec<NewRecord>) -> Result<()> {
    let mut records = records;
    numbers::assign(conn, cx, &mut records)?;
    let tx = conn.tx_number()?;
    let new_keys: Vec<(i64, i64)> = records.iter().filter_map(NewRecord::new_key).collect();
    let mut rows = NewRows::default();
    for record in records {
        let place = Cursor { tx, id: conn.next_id()? };
        rows.add(cx, record, place);
    }
    rows.write(conn, None)?;
    cx.keys().renew(conn, new_keys)
}
