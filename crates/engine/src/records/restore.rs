//! Taking a record out of the recycle bin.

use super::body::Assignment;
use super::get::{self, Answer};
use super::load::{self, Record};
use super::write::Writer;
use super::{faults, references};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::merging;
use huike_model::Code;
use huike_model::access::ObjectAccess;
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};

impl Engine {
    /// Whoever may delete a record may take it back. Records that went along with it come back one by one.
    ///
    /// # Errors
    /// `not_found` when it isn't in the bin, `forbidden`, `invalid` when a live record took its place under a unique field.
    pub async fn restore_record(&self, cx: Cx, object: String, id: i64) -> Result<Answer> {
        let engine = self.clone();
        self.write(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            load::lock(conn, &object, id)?;
            if merging::survivor(conn, &object.name, id)?.is_some() {
                return Err(merging::refuse_merged(conn, &cx, &access, id, Code::NotFound.into()));
            }
            let record = load::find(conn, &cx, &access, id, Deleted::Only)?;
            let mut query = RecordQuery::new(&access, &cx.schema, &[]);
            query.filter = load::by_id(&object, &[id]).and(access.delete_scope());
            query.deleted = Deleted::Only;
            if query.run(conn)?.is_empty() {
                return Err(Code::Forbidden.into());
            }
            Writer { engine: &engine, cx: &cx, conn }.set_deleted(&record, false)?;
            follow(conn, &engine, &cx, &record)?;
            get::answer(conn, &cx, &access, id)
        })
        .await
    }
}

/// What the record pointed to may have been merged while it was in the bin.
fn follow(conn: &mut Conn, engine: &Engine, cx: &Cx, record: &Record) -> Result<()> {
    let object = record.values.object().clone();
    let mut values = record.values.clone();
    if !references::follow(conn, &mut values, &load::all_fields(&object))? {
        return Ok(());
    }
    let everything = ObjectAccess::of_the_system(&object);
    let restored = load::find(conn, cx, &everything, record.id, Deleted::Live)?;
    let moved = faults::changed(&values, &record.values).into_iter().map(|field| {
        let value = values.of(&field).clone();
        Assignment { field, parsed: value.into() }
    });
    let assignments = moved.collect();
    Writer { engine, cx, conn }.update(&restored, assignments).map(drop)
}
