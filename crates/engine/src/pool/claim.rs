//! Taking customers out of a pool. Each customer goes to one of those who want it, however many there are.

use super::definition::{Pool, load_all, pools_for};
use crate::custody::{How, Turn, give_customer, span};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::obligations::standard::{CUSTOMER, LOST};
use crate::once::once;
use crate::records::load::{self, Record};
use crate::records::render::id_text;
use huike_model::access::ObjectAccess;
use huike_model::moment::DAY_MS;
use huike_model::{Code, Fault, Id, Label, Problem};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Customers in one call.
pub const MAX_AT_ONCE: usize = 100;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    pub customers: Vec<Id>,
}

impl Engine {
    /// Takes customers for the caller, each for itself; what came of each.
    ///
    /// # Errors
    /// `invalid` for too many; `forbidden` for a key that only reads.
    pub async fn claim_customers(&self, cx: Cx, claim: Claim) -> Result<Json> {
        cx.require_to_write()?;
        at_once(&claim.customers)?;
        let engine = self.clone();
        self.write(move |conn| once(conn, &cx, |conn| run(conn, &engine, &cx, &claim.customers))).await
    }
}

/// # Errors
/// `invalid` unless there are 1 to 100.
pub(crate) fn at_once(customers: &[Id]) -> Result<()> {
    if (1..=MAX_AT_ONCE).contains(&customers.len()) {
        return Ok(());
    }
    Err(Fault::new("customers", "range", "一次 1 到 100 位客户", "1 to 100 customers at once").into())
}

fn run(conn: &mut Conn, engine: &Engine, cx: &Cx, customers: &[Id]) -> Result<Json> {
    // Limits are counted by person: one person's claims come one after the other.
    if let Some(user) = cx.schema.object("user") {
        load::lock(conn, user, cx.author())?;
    }
    let pools = load_all(conn)?;
    each(conn, cx, customers, |conn, access, id| {
        load::lock(conn, &access.object, id)?;
        let record = load::find(conn, cx, access, id, Deleted::Live)?;
        if let Some(why) = refused(conn, cx, access, &record, &pools)? {
            return Err(Problem::new(Code::Conflict).with_detail(why.zh, why.en).into());
        }
        let turn = Turn { how: How::Claimed, pool: None, reason: None, note: None };
        give_customer(conn, engine, cx, &record, Some(cx.author()), Vec::new(), &turn)
    })
}

/// Does one thing with each of some customers; what came of each.
///
/// # Errors
/// The database's; what is wrong with one customer stands at that customer.
pub(crate) fn each(
    conn: &mut Conn,
    cx: &Cx,
    customers: &[Id],
    mut work: impl FnMut(&mut Conn, &ObjectAccess, i64) -> Result<()>,
) -> Result<Json> {
    let object = cx.object(CUSTOMER)?.clone();
    let access = cx.access(conn, &object)?;
    let mut results = Vec::with_capacity(customers.len());
    for id in customers {
        let id = id.number();
        match conn.savepoint(|conn| work(conn, &access, id)) {
            Ok(()) => results.push(json!({"id": id_text(id), "status": 200})),
            Err(EngineError::Problem(problem)) => results.push(
                json!({"id": id_text(id), "status": problem.code.status(), "problem": problem.to_json(cx.lang())}),
            ),
            Err(other) => return Err(other),
        }
    }
    Ok(json!({"results": results}))
}

/// Why the caller can't take a customer; none when they can.
///
/// # Errors
/// The database's.
pub(crate) fn refused(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    record: &Record,
    pools: &[Pool],
) -> Result<Option<Label>> {
    let me = cx.author();
    if access.update_scope().is_nothing() {
        return Ok(Some(Label::new("您的角色不负责客户", "Your role does not look after customers")));
    }
    if let Some(owner) = record.values.int("owner") {
        let name = cx.org.user(owner).map(|person| person.name.clone()).unwrap_or_default();
        return Ok(Some(if owner == me {
            Label::new("已经是您的客户", "It is yours already")
        } else {
            Label::new(format!("已归{name}负责"), format!("{name} has it"))
        }));
    }
    let known = span::open(conn, record.id)?.and_then(|span| span.pool);
    let place = match known {
        Some(pool) => Some(pool),
        None => pools_for(conn, cx, &BTreeMap::from([(record.id, None)]))?.remove(&record.id),
    };
    let living = record.values.get("stage").as_text() != Some(LOST);
    let Some(pool) = place.filter(|_| living).and_then(|id| pools.iter().find(|pool| pool.id == id)) else {
        return Ok(Some(Label::new("不在公海里", "It is in no public pool")));
    };
    let department = cx.org.user(me).and_then(|person| person.department);
    if !pool.definition.takes(cx, department) {
        return Ok(Some(Label::new("这个公海不对您的部门开放", "This pool is not for your department")));
    }
    limits(conn, cx, record.id, pool)
}

fn limits(conn: &mut Conn, cx: &Cx, record: i64, pool: &Pool) -> Result<Option<Label>> {
    let (me, now, rules) = (cx.author(), cx.moment.now, &pool.definition.claim);
    let cooldown = i64::from(rules.cooldown_days) * DAY_MS;
    if let Some(since) = span::lost_since(conn, record, me, now - cooldown)?.filter(|_| cooldown > 0) {
        let day = cx.moment.local(since + cooldown).date();
        return Ok(Some(Label::new(
            format!("您刚放弃过这位客户，{day} 起可以再领"),
            format!("You had it lately and can take it again from {day}"),
        )));
    }
    if let Some(most) = rules.per_day {
        let taken = span::claimed_since(conn, me, cx.moment.midnight(cx.moment.today()))?;
        if taken >= i64::from(most) {
            return Ok(Some(Label::new(
                format!("今天已领取 {taken} 位，每天最多 {most} 位"),
                format!("You have taken {taken} today, the most there is ({most})"),
            )));
        }
    }
    if let Some(most) = rules.capacity {
        let owned = owned(conn, me, rules.won_uncounted)?;
        if owned >= i64::from(most) {
            return Ok(Some(Label::new(
                format!("您名下已有 {owned} 位客户，最多 {most} 位"),
                format!("You have {owned} customers, the most there is is {most}"),
            )));
        }
    }
    Ok(None)
}

/// The living customers somebody has.
///
/// # Errors
/// The database's.
pub(crate) fn owned(conn: &mut Conn, user: i64, without_won: bool) -> Result<i64> {
    let mut sql = Sql::raw("select count(*) from customer where deleted_at is null and owner_id = ");
    sql.bind(user).push(" and stage <> ").bind(LOST);
    if without_won {
        sql.push(" and stage <> 'won'");
    }
    Ok(conn.query_one(&sql)?.int(0)?)
}
