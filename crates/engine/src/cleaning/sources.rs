//! Where values of a record come from that no person entered. A mark holds as long as its value stands: who changes the value makes it
//! their own.

use super::changes::{self, Change};
use super::run::{Fate, Origin};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::load;
use crate::records::render::Names;
use crate::shown::instant_text;
use huike_model::access::FieldAccess;
use huike_store::query::Deleted;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Marks looked at of one record: a field that was filled more often than this is shown by its last ones.
const LOOKED_AT: i64 = 200;

impl Engine {
    /// The fields of a record whose values were filled in by a cleaning, with their sources.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn record_sources(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let record = load::find(conn, &cx, &access, id, Deleted::Any)?;
            let marks = marks(conn, &object.name, id)?;
            let mut names = Names::default();
            let from = marks.iter().filter_map(|mark| changes::source_record(&mark.source));
            names.add(conn, &cx, &object.name, from)?;
            let mut seen = BTreeSet::new();
            let mut fields = Vec::new();
            for mark in &marks {
                let Some(field) = object.field(&mark.field).filter(|_| seen.insert(mark.field.clone()))
                else {
                    continue;
                };
                let known = access.on_row(field, &record.reached) >= FieldAccess::Read;
                if known && *record.values.of(field) == mark.after {
                    fields.push(json!({
                        "field": field.name,
                        "label": field.label,
                        "origin": mark.origin.name(),
                        "source": changes::source(&object.name, &names, &mark.source),
                        "at": instant_text(mark.at),
                    }));
                }
            }
            Ok(json!({"fields": fields}))
        })
        .await
    }
}

/// What cleanings filled in, newest first.
fn marks(conn: &mut Conn, object: &str, record: i64) -> Result<Vec<Change>> {
    let mut sql = Sql::raw(format!("select {} from cleaning_change where object = ", changes::COLUMNS));
    sql.bind(object).push(" and record_id = ").bind(record).push(" and state = ").bind(Fate::Applied.name());
    sql.push(" and origin <> ").bind(Origin::Standard.name());
    sql.push(" order by run_id desc, n desc limit ").bind(LOOKED_AT);
    conn.query(&sql)?.iter().map(changes::read).collect()
}
