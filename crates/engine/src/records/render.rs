//! Records as callers see them.

use super::load::Record;
use crate::cx::Cx;
use crate::error::Result;
use crate::files::members;
use crate::files::names::named;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Field, Id, Value};
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Names of records that answers refer to: by object and id. Absent = may not be read.
#[derive(Default)]
pub struct Names {
    names: HashMap<(String, i64), String>,
    files: HashMap<i64, Json>,
}

impl Names {
    /// Finds the names behind the references of records, one query per object that is referred to.
    ///
    /// # Errors
    /// The database's.
    pub fn of<'a>(
        conn: &mut Conn,
        cx: &Cx,
        fields: &[Arc<Field>],
        records: impl Iterator<Item = &'a Record> + Clone,
    ) -> Result<Names> {
        let mut wanted: HashMap<&str, BTreeSet<i64>> = HashMap::new();
        let mut files = BTreeSet::new();
        for field in fields {
            if field.holds_files() {
                files.extend(records.clone().flat_map(|record| members(record.values.of(field))));
            }
            let Some(target) = field.target() else { continue };
            let ids = records.clone().filter_map(|record| record.values.of(field).as_int());
            wanted.entry(target).or_default().extend(ids);
        }
        let mut names = Names::default();
        for (target, ids) in wanted {
            names.add(conn, cx, target, ids)?;
        }
        names.add_files(conn, cx, &files)?;
        Ok(names)
    }

    /// Adds what is shown of files; only those that a readable field names are asked for.
    ///
    /// # Errors
    /// The database's.
    pub fn add_files(&mut self, conn: &mut Conn, cx: &Cx, files: &BTreeSet<i64>) -> Result<()> {
        for some in files.iter().copied().collect::<Vec<_>>().chunks(500) {
            self.files.extend(named(conn, cx, &some.iter().copied().collect())?);
        }
        Ok(())
    }

    /// What is shown of one file; none when it isn't there.
    pub fn file(&self, file: i64) -> Option<&Json> {
        self.files.get(&file)
    }

    /// The files that a value names, with name, kind and size.
    pub fn files(&self, value: &Value) -> Json {
        let shown = |id: i64| {
            self.files.get(&id).cloned().unwrap_or_else(|| json!({"id": id_text(id), "name": null}))
        };
        members(value).map(shown).collect()
    }

    /// Adds the names of these records of one object.
    ///
    /// # Errors
    /// The database's.
    pub fn add(
        &mut self,
        conn: &mut Conn,
        cx: &Cx,
        object: &str,
        ids: impl IntoIterator<Item = i64>,
    ) -> Result<()> {
        match object {
            // Who is in the company is known to everybody in it.
            "user" => self.names.extend(ids.into_iter().filter_map(|id| {
                let name = if id == 0 {
                    Some(system_name(cx))
                } else {
                    cx.org.user(id).map(|user| user.name.clone())
                };
                Some((("user".to_owned(), id), name?))
            })),
            "department" => {
                self.names.extend(ids.into_iter().filter_map(|id| {
                    Some((("department".to_owned(), id), cx.org.department(id)?.name.clone()))
                }))
            }
            _ => {
                let Some(target) = cx.schema.object(object) else { return Ok(()) };
                let access = cx.access_or_none(conn, target)?;
                let ids: Vec<i64> = ids.into_iter().collect();
                let fields = [target.name_field.clone()];
                for chunk in ids.chunks(500) {
                    let mut query = RecordQuery::new(&access, &cx.schema, &fields);
                    query.filter = super::load::by_id(target, chunk);
                    query.limit = chunk.len() as i64;
                    query.deleted = Deleted::Any;
                    for row in query.run(conn)? {
                        let readable = access.on_row(&target.name_field, &row.reached) >= FieldAccess::Read;
                        if let (true, Some(name)) = (readable, row.values[0].as_text()) {
                            self.names.insert((object.to_owned(), row.id), name.to_owned());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    pub fn get(&self, object: &str, id: i64) -> Option<&str> {
        self.names.get(&(object.to_owned(), id)).map(String::as_str)
    }

    /// `{"id", "name"}`, the name null when it may not be read.
    pub fn reference(&self, object: &str, id: i64) -> Json {
        json!({"id": id_text(id), "name": self.get(object, id)})
    }
}

fn system_name(cx: &Cx) -> String {
    huike_model::Label::new("系统", "System").get(cx.lang()).to_owned()
}

/// An id in an answer; the system, which has none, is empty.
pub fn id_text(id: i64) -> Json {
    Id::new(id).map_or(Json::Null, |id| id.to_string().into())
}

/// What of a record goes into an answer.
pub struct Rendering<'a> {
    pub access: &'a ObjectAccess,
    pub fields: &'a [Arc<Field>],
    /// References shown with their names.
    pub expand: &'a BTreeSet<String>,
    pub names: &'a Names,
}

impl Rendering<'_> {
    /// A record, flat. Hidden fields are absent; masked ones are named in `_masked`.
    pub fn record(&self, record: &Record) -> Json {
        let mut out = Map::with_capacity(self.fields.len() + 3);
        out.insert("id".into(), id_text(record.id));
        out.insert("version".into(), record.version.into());
        let mut masked = Vec::new();
        for field in self.fields.iter().filter(|field| !matches!(field.name.as_str(), "id" | "version")) {
            let value = record.values.of(field);
            match self.access.on_row(field, &record.reached) {
                FieldAccess::Hidden => continue,
                FieldAccess::Masked if !value.is_null() => {
                    masked.push(Json::from(field.name.as_str()));
                    out.insert(field.name.clone(), field.value_type().kind().mask(value, field));
                }
                _ => {
                    out.insert(field.name.clone(), self.value(field, value));
                }
            }
        }
        if !masked.is_empty() {
            out.insert("_masked".into(), masked.into());
        }
        Json::Object(out)
    }

    fn value(&self, field: &Field, value: &Value) -> Json {
        match (value, field.target()) {
            (Value::Null, _) => Json::Null,
            (Value::Int(id), Some(target)) if self.expand.contains(&field.name) => {
                self.names.reference(target, *id)
            }
            (Value::Int(id), Some(_)) => id_text(*id),
            _ if field.holds_files() && self.expand.contains(&field.name) => self.names.files(value),
            _ => field.value_type().kind().to_json(value, field),
        }
    }
}
