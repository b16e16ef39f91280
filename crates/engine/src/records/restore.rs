//! Taking a record out of the recycle bin.

use super::get::{self, Answer};
use super::load;
use super::write::Writer;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::Code;
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
            let record = load::find(conn, &cx, &access, id, Deleted::Only)?;
            let mut query = RecordQuery::new(&access, &cx.schema, &[]);
            query.filter = load::by_id(&object, &[id]).and(access.delete_scope());
            query.deleted = Deleted::Only;
            if query.run(conn)?.is_empty() {
                return Err(Code::Forbidden.into());
            }
            Writer { engine: &engine, cx: &cx, conn }.set_deleted(&record, false)?;
            get::answer(conn, &cx, &access, id)
        })
        .await
    }
}
