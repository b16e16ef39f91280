//! What a handover would do, what it does, and what it did.

use super::checklist::checklist;
use super::plan;
use super::request::HandoverRequest;
use super::run::{COLUMNS, Handover, find, read};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::render::{Names, id_text};
use crate::shown::instant_text;
use huike_model::access::AdminArea;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Handovers in a list.
const LISTED: i64 = 100;

impl Engine {
    /// How much moves to whom, by object, and what else stands in the person's name.
    ///
    /// # Errors
    /// `forbidden`; `not_found` for the person; every fault.
    pub async fn preview_handover(&self, cx: Cx, request: HandoverRequest) -> Result<Json> {
        self.read(move |conn| {
            let conditions = request.check(conn, &cx, false)?;
            let person = request.from.number();
            let mut objects = Vec::new();
            let mut each: Vec<i64> = vec![0; conditions.len()];
            for object in plan::objects(&cx) {
                let count = plan::count(conn, object, person)?;
                if count == 0 {
                    continue;
                }
                let moves = !request.leave.contains(&object.name);
                let mut to = vec![0_i64; conditions.len()];
                if moves {
                    for place in plan::shares_of(conn, &cx, object, person, &conditions)?.into_values() {
                        if let Some(count) = to.get_mut(place) {
                            *count += 1;
                        }
                    }
                }
                each.iter_mut().zip(&to).for_each(|(all, own)| *all += own);
                objects.push(json!({
                    "object": object.name, "label": object.label, "count": count, "moves": moves, "to": to,
                }));
            }
            let shares = "select count(*) from record_share where grantee_kind = 'user' and grantee_id = $1";
            let shares = conn.query_one(&Sql::with(shares, [person.into()])?)?.int(0)?;
            Ok(json!({
                "from": reference(&cx, person),
                "active": cx.org.is_active(person),
                "objects": objects, "shares": shares, "receivers": each,
                "checklist": checklist(conn, &cx, person)?,
            }))
        })
        .await
    }

    /// The last handovers, the newest first.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn handovers(&self, cx: Cx) -> Result<Json> {
        cx.require(AdminArea::Users)?;
        self.read(move |conn| {
            let text = format!("select {COLUMNS} from handover order by id desc limit $1");
            let rows = conn.query(&Sql::with(text, [LISTED.into()])?)?;
            let items = rows.iter().map(|row| Ok(shown(&cx, &read(row)?))).collect::<Result<Vec<Json>>>()?;
            Ok(json!({"items": items}))
        })
        .await
    }

    /// One of them with what moved, by object and receiver, and what did not.
    ///
    /// # Errors
    /// `forbidden`; `not_found`.
    pub async fn handover(&self, cx: Cx, id: i64) -> Result<Json> {
        cx.require(AdminArea::Users)?;
        self.read(move |conn| {
            let handover = find(conn, id)?;
            let mut report = shown(&cx, &handover);
            report["moved"] = moved(conn, &cx, &handover)?.into();
            report["checklist"] = checklist(conn, &cx, handover.person)?.into();
            Ok(report)
        })
        .await
    }
}

fn reference(cx: &Cx, user: i64) -> Json {
    json!({"id": id_text(user), "name": cx.org.user(user).map(|person| &person.name)})
}

fn shown(cx: &Cx, handover: &Handover) -> Json {
    let receivers: Vec<Json> =
        handover.request.receivers.iter().map(|receiver| reference(cx, receiver.to.number())).collect();
    json!({
        "id": id_text(handover.id), "from": reference(cx, handover.person), "receivers": receivers,
        "state": handover.state, "done": handover.done, "total": handover.total,
        "note": handover.request.note, "deactivate": handover.request.deactivate,
        "by": reference(cx, handover.by), "at": instant_text(handover.at),
        "ended_at": handover.ended_at.map(instant_text),
        "can_undo": handover.state == "done",
    })
}

fn moved(conn: &mut Conn, cx: &Cx, handover: &Handover) -> Result<Vec<Json>> {
    let text = "select kind, object, to_id, state, count(*) from handover_item where handover_id = $1 \
                group by kind, object, to_id, state order by kind, object, to_id, state";
    let mut groups: BTreeMap<(String, String, i64), BTreeMap<String, i64>> = BTreeMap::new();
    for row in conn.query(&Sql::with(text, [handover.id.into()])?)? {
        let key = (row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.int(2)?);
        groups.entry(key).or_default().insert(row.text(3)?.to_owned(), row.int(4)?);
    }
    let mut names = Names::default();
    names.add(conn, cx, "user", groups.keys().map(|(_, _, to)| *to))?;
    let group = |((kind, object, to), states): (&(String, String, i64), &BTreeMap<String, i64>)| {
        let label = cx.schema.object(object).map(|object| json!(object.label));
        json!({"kind": kind, "object": object, "label": label, "to": names.reference("user", *to), "states": states})
    };
    Ok(groups.iter().map(group).collect())
}
