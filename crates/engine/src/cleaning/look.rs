//! Looking: what would be changed, record by record, in the order of their ids.

use super::related::Around;
use super::run::{Origin, Run};
use super::{standard, writable};
use crate::cx::Cx;
use crate::enrichment::{Asking, Provider};
use crate::error::Result;
use crate::quality::care::caring;
use crate::quality::measure::step;
use crate::records::list;
use crate::records::load::{self, Record, all_fields};
use huike_model::access::ObjectAccess;
use huike_model::{Field, Value};
use huike_store::Conn;
use huike_store::query::{Mark, RecordQuery};
use serde_json::Value as Json;
use std::sync::Arc;

/// Records looked at in one transaction.
pub const CHUNK: i64 = 200;
/// The same while a provider is asked about some of them.
const ASKED: i64 = 20;
/// More than anybody looks through.
pub const MOST: i64 = 200_000;

/// A value that was found for a field, and where.
#[derive(Clone, Debug)]
pub struct Found {
    pub field: Arc<Field>,
    pub value: Value,
    pub source: Json,
}

/// A value that would be written.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub origin: Origin,
    pub found: Found,
}

/// One record with what is proposed for it, and what a provider is to be asked.
pub struct Seen {
    pub record: Record,
    pub proposals: Vec<Proposal>,
    pub asking: Option<Asking>,
}

/// The next records of a run.
pub struct Chunk {
    pub seen: Vec<Seen>,
    /// None at the end.
    pub mark: Option<i64>,
    pub provider: Option<Arc<Provider>>,
    /// Fields that may be filled.
    pub fields: Vec<Arc<Field>>,
}

/// The fields that a run of this caller's is about.
pub fn fields(access: &ObjectAccess, wanted: &[String]) -> Vec<Arc<Field>> {
    let object = &access.object;
    let named = |field: &&Arc<Field>| wanted.is_empty() || wanted.contains(&field.name);
    object.fields().filter(named).filter(|field| writable(access, field)).cloned().collect()
}

/// # Errors
/// `forbidden`, `not_found` when the caller may no longer do this; the database's.
pub fn chunk(conn: &mut Conn, cx: &Cx, run: &Run) -> Result<Chunk> {
    let access = caring(conn, cx, &run.object)?;
    let fields = fields(&access, &run.definition.fields);
    let asks = |origin| run.origins().any(|each| each == origin);
    let stopped = run.progress.provider.stopped.is_some();
    let provider = match asks(Origin::Provider) && !stopped {
        true => Provider::in_use(conn, cx, &run.object)?.map(Arc::new),
        false => None,
    };
    let all = all_fields(&access.object);
    let mut query = RecordQuery::new(&access, &cx.schema, &all);
    if let Some(filter) = &run.definition.filter {
        query.filter = list::filter(cx, &access, filter)?;
    }
    let after = run.progress.after.map(|id| Mark { values: vec![Value::Int(id)], id });
    let limit = if provider.is_some() { ASKED } else { CHUNK };
    let (rows, mark) = step(conn, query, false, after, limit)?;
    let records = load::records(conn, cx, &access.object, &all, rows)?;
    let around = match asks(Origin::Related) {
        true => Some(Around::of(conn, cx, &access, &records)?),
        false => None,
    };
    let mut seen = Vec::with_capacity(records.len());
    for record in records {
        let mut proposals = match asks(Origin::Standard) {
            true => standard::propose(cx, &access.object, &fields, &record),
            false => Vec::new(),
        };
        if let Some(around) = &around {
            proposals.extend(around.propose(cx, &fields, &record));
        }
        let open = open(&fields, &record, &proposals);
        let asking = provider.as_ref().and_then(|provider| provider.asking(cx, &record, &open));
        seen.push(Seen { record, proposals, asking });
    }
    Ok(Chunk { seen, mark: mark.map(|mark| mark.id), provider, fields })
}

/// Fields of a record that are still empty.
pub fn open(fields: &[Arc<Field>], record: &Record, proposals: &[Proposal]) -> Vec<Arc<Field>> {
    let empty = |field: &&Arc<Field>| {
        record.values.of(field).is_null() && !proposals.iter().any(|each| each.found.field.name == field.name)
    };
    fields.iter().filter(empty).cloned().collect()
}
