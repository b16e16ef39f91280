//! Putting one record into the recycle bin, with what goes with it.

use super::body::Assignment;
use super::load::{self, Record};
use super::write::Writer;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::access::ObjectAccess;
use huike_model::filter::{Resolved, Test};
use huike_model::schema::OnDelete;
use huike_model::{Code, Fault, Problem, Value};
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};

/// More children than this are not deleted or cleared along with their parent in one transaction.
const MAX_ALONG: i64 = 5_000;

impl Engine {
    /// # Errors
    /// `not_found`, `forbidden`, `stale`, `conflict` when other records hold on to it.
    pub async fn delete_record(&self, cx: Cx, object: String, id: i64, version: Option<i64>) -> Result<()> {
        let engine = self.clone();
        self.write(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            delete(conn, &engine, &cx, &access, id, version)
        })
        .await
    }
}

/// As [`Engine::delete_record`], inside a transaction.
///
/// # Errors
/// As there.
pub fn delete(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    id: i64,
    version: Option<i64>,
) -> Result<()> {
    load::lock(conn, &access.object, id)?;
    let record = load::find(conn, cx, access, id, Deleted::Live)?;
    let mut query = RecordQuery::new(access, &cx.schema, &[]);
    query.filter = load::by_id(&access.object, &[id]).and(access.delete_scope());
    if query.run(conn)?.is_empty() {
        return Err(Code::Forbidden.into());
    }
    if version.is_some_and(|version| version != record.version) {
        return Err(Code::Stale.into());
    }
    along(conn, engine, cx, &record)?;
    Writer { engine, cx, conn }.set_deleted(&record, true)
}

/// What becomes of the records that point here: they keep it from going, lose the reference, or go along.
fn along(conn: &mut Conn, engine: &Engine, cx: &Cx, record: &Record) -> Result<()> {
    let object = record.values.object().clone();
    let schema = cx.schema.clone();
    for (child, field) in schema.references_to(&object.name).filter(|(_, field)| !field.system) {
        let everything = ObjectAccess::of_the_system(child);
        let fields = load::all_fields(child);
        let mut query = RecordQuery::new(&everything, &schema, &fields);
        query.filter = Resolved::own(&child.name, field, Test::Equal(Value::Int(record.id)));
        query.raw = true;
        let holds = field.on_delete == OnDelete::Restrict;
        query.limit = if holds { 1 } else { MAX_ALONG + 1 };
        let rows = query.run(conn)?;
        if rows.is_empty() {
            continue;
        }
        if holds || rows.len() as i64 > MAX_ALONG {
            let (zh, en) = (&child.label.zh, &child.label.en);
            let fault = Fault::new(
                "",
                "referenced",
                format!("还有{zh}属于这条记录，不能删除"),
                format!("{en} records still belong to it, so it can't be deleted"),
            );
            return Err(Problem::new(Code::Conflict).with_faults(vec![fault]).into());
        }
        let parents = schema.references_to(&child.name).any(|(_, field)| !field.system);
        for found in load::records(conn, cx, child, &fields, rows)? {
            // One that went before may have taken this one along, or changed it.
            let found = match parents {
                true => load::find_many(conn, cx, &everything, &[found.id], Deleted::Live)?.pop(),
                false => Some(found),
            };
            let Some(found) = found else { continue };
            if field.on_delete == OnDelete::Cascade {
                along(conn, engine, cx, &found)?;
                Writer { engine, cx, conn }.set_deleted(&found, true)?;
            } else {
                let cleared = Assignment { field: field.clone(), parsed: Value::Null.into() };
                Writer { engine, cx, conn }.update(&found, vec![cleared])?;
            }
        }
    }
    Ok(())
}
