//! The pools that the caller may use, and the customers in one of them: never more of a customer than the caller may read anywhere.

use super::claim::owned;
use super::definition::{Pool, load_all};
use crate::custody::history::Seen;
use crate::custody::span;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::list::{cursor_text, mark};
use crate::obligations::standard::CUSTOMER;
use crate::records::render::{Names, Rendering, id_text};
use crate::records::{list, load};
use crate::shown::instant_text;
use huike_model::access::{AdminArea, ObjectAccess};
use huike_model::filter::Resolved;
use huike_model::moment::DAY_MS;
use huike_model::{Code, Fault, Field};
use huike_store::query::{Deleted, condition};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A page of a pool.
#[derive(Clone, Debug, Default)]
pub struct PoolRequest {
    pub pool: i64,
    /// As for lists of records.
    pub filter: Option<Json>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

/// Counting ends here.
const COUNTED: i64 = 1_000;
/// What is shown of a customer in a pool, as far as the caller may read it.
const FIELDS: [&str; 9] = [
    "name",
    "stage",
    "tier",
    "industry",
    "size",
    "region_address",
    "source",
    "return_reason",
    "last_contact_at",
];

impl Engine {
    /// The pools for the caller's department, those they look after, and all for whoever looks after the settings; with how much they may
    /// take.
    ///
    /// # Errors
    /// `not_found` for whoever sees no customers.
    pub async fn pools(&self, cx: Cx) -> Result<Json> {
        self.read(move |conn| {
            let access = readable(conn, &cx)?;
            let pools = load_all(conn)?;
            let mut items = Vec::new();
            for pool in pools.iter().filter(|pool| uses(&cx, pool)) {
                items.push(summary(conn, &cx, &access, pool)?);
            }
            Ok(json!({"items": items}))
        })
        .await
    }

    /// The customers in a pool, those that came last first.
    ///
    /// # Errors
    /// `not_found`, `invalid`, `bad_filter`, `bad_cursor`.
    pub async fn pool_customers(&self, cx: Cx, request: PoolRequest) -> Result<Json> {
        self.read(move |conn| page(conn, &cx, &request)).await
    }
}

fn readable(conn: &mut Conn, cx: &Cx) -> Result<ObjectAccess> {
    let object = cx.object(CUSTOMER)?.clone();
    let access = cx.access(conn, &object)?;
    if access.reads_anything() { Ok(access) } else { Err(Code::NotFound.into()) }
}

/// Whether the caller takes from a pool or looks after it.
pub(crate) fn uses(cx: &Cx, pool: &Pool) -> bool {
    let me = cx.author();
    let department = cx.org.user(me).and_then(|person| person.department);
    pool.definition.takes(cx, department)
        || pool.definition.looked_after_by(me)
        || cx.require(AdminArea::Settings).is_ok()
}

/// `custody c join customer t` of a pool, as far as the caller reaches.
fn source(conn: &Conn, cx: &Cx, access: &ObjectAccess, pool: i64, filter: &Resolved) -> Result<Sql> {
    let mut sql =
        Sql::raw("custody c join customer t on t.id = c.record_id where c.until_at is null and c.pool_id = ");
    sql.bind(pool).push(" and t.deleted_at is null and t.owner_id is null");
    for part in [filter, &access.read_scope()] {
        if !part.is_everything() {
            sql.push(" and ").append(condition(part, "t", &cx.schema, conn.dialect())?);
        }
    }
    Ok(sql)
}

fn summary(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, pool: &Pool) -> Result<Json> {
    let (me, rules) = (cx.author(), &pool.definition.claim);
    let mut sql = Sql::raw("select count(*) from (select 1 from ");
    sql.append(source(conn, cx, access, pool.id, &Resolved::everything())?);
    sql.push(" limit ").bind(COUNTED).push(") counted");
    let customers = conn.query_one(&sql)?.int(0)?;
    let department = cx.org.user(me).and_then(|person| person.department);
    let claims = pool.definition.takes(cx, department)
        && cx.require_to_write().is_ok()
        && !access.update_scope().is_nothing();
    let claimed = span::claimed_since(conn, me, cx.moment.midnight(cx.moment.today()))?;
    let mine = owned(conn, me, rules.won_uncounted)?;
    let room = |most: Option<u32>, used: i64| most.map(|most| (i64::from(most) - used).max(0));
    let left = [room(rules.per_day, claimed), room(rules.capacity, mine)].into_iter().flatten().min();
    Ok(json!({
        "id": id_text(pool.id),
        "name": pool.definition.name.get(cx.lang()),
        "customers": customers,
        "can_claim": claims,
        "can_assign": cx.require_to_write().is_ok()
            && (pool.definition.looked_after_by(me) || cx.require(AdminArea::Settings).is_ok()),
        "claimed_today": claimed,
        "per_day": rules.per_day,
        "owned": mine,
        "capacity": rules.capacity,
        "left": left,
        "cooldown_days": rules.cooldown_days,
    }))
}

fn page(conn: &mut Conn, cx: &Cx, request: &PoolRequest) -> Result<Json> {
    let limit = request.limit.unwrap_or(list::DEFAULT_LIMIT);
    if !(1..=list::MAX_LIMIT).contains(&limit) {
        let (zh, en) = ("每页条数应在 1 到 200 之间", "The page size must be between 1 and 200");
        return Err(Fault::new("limit", "range", zh, en).into());
    }
    let access = readable(conn, cx)?;
    let pool = load_all(conn)?.into_iter().find(|pool| pool.id == request.pool && uses(cx, pool));
    let pool = pool.ok_or(Code::NotFound)?;
    let filter = match &request.filter {
        Some(json) => list::filter(cx, &access, json)?,
        None => Resolved::everything(),
    };
    let mut sql = Sql::raw(
        "select c.id, c.since_at, c.how, c.reason, c.note, c.record_id, \
        (select p.owner_id from custody p where p.record_id = c.record_id and p.id < c.id and p.owner_id is not null order by p.id desc limit 1), \
        (select max(m.until_at) from custody m where m.record_id = c.record_id and m.owner_id = ",
    );
    sql.bind(cx.author()).push(") from ").append(source(conn, cx, &access, pool.id, &filter)?);
    if let Some(cursor) = &request.cursor {
        let (since, last) = mark(cursor)?;
        sql.push(" and (c.since_at, c.id) < (").bind(since).push(", ").bind(last).push(")");
    }
    sql.push(" order by c.since_at desc, c.id desc limit ").bind(limit + 1);
    let mut rows = conn.query(&sql)?;
    let more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    let next = match rows.last().filter(|_| more) {
        Some(last) => Some(cursor_text(last.int(1)?, last.int(0)?)),
        None => None,
    };
    Ok(json!({"items": items(conn, cx, &access, &pool, &rows)?, "next_cursor": next}))
}

fn items(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    pool: &Pool,
    rows: &[huike_store::Row],
) -> Result<Vec<Json>> {
    let ids = rows.iter().map(|row| row.int(5)).collect::<std::result::Result<Vec<_>, _>>()?;
    let fields: Vec<Arc<Field>> =
        FIELDS.iter().filter_map(|name| access.object.field(name).cloned()).collect();
    let records = load::find_many(conn, cx, access, &ids, Deleted::Live)?;
    let names = Names::of(conn, cx, &fields, records.iter())?;
    let expand = BTreeSet::new();
    let rendering = Rendering { access, fields: &fields, expand: &expand, names: &names };
    let known: HashMap<i64, (Json, Seen)> = records
        .iter()
        .map(|record| (record.id, (rendering.record(record), Seen::of(access, record))))
        .collect();
    let cooldown = i64::from(pool.definition.claim.cooldown_days) * DAY_MS;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let Some((customer, seen)) = known.get(&row.int(5)?) else { continue };
        let former = row.opt_int(6)?.filter(|_| seen.owner);
        let free_at = row.opt_int(7)?.map(|lost| lost + cooldown).filter(|at| *at > cx.moment.now);
        items.push(json!({
            "since": instant_text(row.int(1)?),
            "how": row.text(2)?,
            "reason": row.opt_text(3)?.filter(|_| seen.reason),
            "note": row.opt_text(4)?.filter(|_| seen.reason),
            "former": former.map(|id| json!({"id": id_text(id), "name": cx.org.user(id).map(|person| &person.name)})),
            "free_at": free_at.map(instant_text),
            "customer": customer,
        }));
    }
    Ok(items)
}
