//! Whoever looks after a pool gives its customers to people.

use super::claim::{at_once, each};
use super::definition::load_all;
use crate::custody::{How, Turn, give_customer, span};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::once::once;
use crate::records::load;
use huike_model::access::AdminArea;
use huike_model::{Code, Fault, Id, Problem};
use huike_store::Conn;
use huike_store::query::Deleted;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignFromPool {
    pub customers: Vec<Id>,
    pub to: Id,
}

impl Engine {
    /// Gives customers of pools that the caller looks after to somebody, each for itself; what came of each.
    ///
    /// # Errors
    /// `invalid` for somebody who isn't there; `forbidden` for a key that only reads.
    pub async fn assign_from_pool(&self, cx: Cx, request: AssignFromPool) -> Result<Json> {
        cx.require_to_write()?;
        at_once(&request.customers)?;
        if !cx.org.is_active(request.to.number()) {
            return Err(Fault::new(
                "to",
                "unknown_reference",
                "应为在职的同事",
                "Must be somebody of the company",
            )
            .into());
        }
        let engine = self.clone();
        self.write(move |conn| once(conn, &cx, |conn| run(conn, &engine, &cx, &request))).await
    }
}

fn run(conn: &mut Conn, engine: &Engine, cx: &Cx, request: &AssignFromPool) -> Result<Json> {
    let pools = load_all(conn)?;
    let settings = cx.require(AdminArea::Settings).is_ok();
    each(conn, cx, &request.customers, |conn, access, id| {
        load::lock(conn, &access.object, id)?;
        let record = load::find(conn, cx, access, id, Deleted::Live)?;
        let place = span::open(conn, id)?.and_then(|span| span.pool);
        let pool = pools.iter().find(|pool| Some(pool.id) == place);
        let Some(pool) = pool.filter(|_| record.values.int("owner").is_none()) else {
            return Err(Problem::new(Code::Conflict)
                .with_detail("不在公海里", "It is in no public pool")
                .into());
        };
        if !settings && !pool.definition.looked_after_by(cx.author()) {
            return Err(Code::Forbidden.into());
        }
        let turn = Turn { how: How::Assigned, pool: None, reason: None, note: None };
        give_customer(conn, engine, cx, &record, Some(request.to.number()), Vec::new(), &turn)
    })
}
