//! The queue of remediation: of an object for whoever looks after it, one's own for everybody.

use super::acceptance::labels;
use super::care::{measured, overseeing};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::load;
use crate::records::render::id_text;
use crate::shown::{instant_text, person};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Code, Id};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

const MAX_LIMIT: i64 = 100;

/// Which issues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuesRequest {
    /// `open` or `closed`.
    pub state: Option<String>,
    /// Only those that are the caller's to mend.
    pub own: bool,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

impl Engine {
    /// Issues with their tasks, newest first; records out of the caller's reach are left out.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for others' issues unless the caller sees every record; `bad_cursor`.
    pub async fn quality_issues(&self, cx: Cx, object: String, request: IssuesRequest) -> Result<Json> {
        self.read(move |conn| {
            let access = match request.own {
                true => measured(conn, &cx, &object)?,
                false => overseeing(conn, &cx, &object)?,
            };
            page(conn, &cx, &access, &request)
        })
        .await
    }
}

fn page(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, request: &IssuesRequest) -> Result<Json> {
    let object = &access.object;
    let quality = object.quality.as_ref().ok_or(Code::NotFound)?;
    let limit = request.limit.unwrap_or(30).clamp(1, MAX_LIMIT);
    let mut sql = Sql::raw(
        "select id, record_id, task_id, assignee, role, problems, state, opened_by, opened_at, closed_at, reopened \
         from quality_issue where object = ",
    );
    sql.bind(object.name.as_str()).push(" and state = ").bind(request.state.as_deref().unwrap_or("open"));
    if request.own {
        sql.push(" and assignee = ").bind(cx.caller.actor.user());
    }
    if let Some(cursor) = &request.cursor {
        let before: Id = cursor.parse().map_err(|_| Code::BadCursor)?;
        sql.push(" and id < ").bind(before.number());
    }
    sql.push(" order by id desc limit ").bind(limit + 1);
    let rows = conn.query(&sql)?;
    let shown = rows.iter().take(limit as usize);
    let ids = shown.clone().map(|row| row.int(1)).collect::<std::result::Result<Vec<_>, _>>()?;
    let records = load::find_many(conn, cx, access, &ids, Deleted::Live)?;
    let mut items = Vec::new();
    for row in shown {
        let record = row.int(1)?;
        let Some(record) = records.iter().find(|found| found.id == record) else { continue };
        let readable = access.on_row(&object.name_field, &record.reached) >= FieldAccess::Read;
        let problems: BTreeSet<String> = serde_json::from_str(row.text(5)?).unwrap_or_default();
        items.push(json!({
            "id": id_text(row.int(0)?),
            "record": {"id": id_text(record.id),
                "name": record.values.of(&object.name_field).as_text().filter(|_| readable)},
            "task": id_text(row.int(2)?),
            "assignee": person(cx, row.int(3)?),
            "role": row.text(4)?,
            "problems": labels(access, quality, &problems),
            "state": row.text(6)?,
            "opened_by": person(cx, row.int(7)?),
            "opened_at": instant_text(row.int(8)?),
            "closed_at": row.opt_int(9)?.map(instant_text),
            "reopened": row.int(10)?,
        }));
    }
    let last = rows.get(limit as usize - 1).filter(|_| rows.len() as i64 > limit);
    let next = last.map(|row| row.int(0)).transpose()?.map(id_text);
    Ok(json!({"items": items, "next_cursor": next}))
}
