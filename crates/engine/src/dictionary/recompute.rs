//! Working out a computed field on the records that were there before it.

use crate::cx::Cx;
use crate::error::Result;
use crate::records::rollups;
use huike_model::Schema;
use huike_model::access::ObjectAccess;
use huike_store::Conn;
use huike_store::query::{Deleted, Mark, Order, RecordQuery};
use std::sync::Arc;

const CHUNK: i64 = 500;

/// Works the figure out for every record of the object, in the transaction that adds the field to the dictionary, which is now `schema`.
///
/// # Errors
/// The database's.
pub fn field(conn: &mut Conn, cx: &Cx, schema: Schema, object: &str, name: &str) -> Result<()> {
    let cx = &Cx { schema: Arc::new(schema), ..cx.clone() };
    let schema = &cx.schema;
    let Some(object) = schema.object(object).cloned() else { return Ok(()) };
    let (Some(field), Some(id)) = (object.field(name).cloned(), object.field("id").cloned()) else {
        return Ok(());
    };
    let access = ObjectAccess::of_the_system(&object);
    let mut after: Option<Mark> = None;
    loop {
        let mut query = RecordQuery::new(&access, schema, &[]);
        query.order = vec![Order { field: id.clone(), descending: false }];
        query.after = after.take();
        query.limit = CHUNK;
        query.deleted = Deleted::Any;
        let rows = query.run(conn)?;
        for row in &rows {
            rollups::recompute(conn, cx, &object, row.id, &field)?;
        }
        match rows.last() {
            Some(last) if rows.len() as i64 == CHUNK => {
                after = Some(Mark { values: last.order.clone(), id: last.id })
            }
            _ => return Ok(()),
        }
    }
}
