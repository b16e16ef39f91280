//! What moves, and to whom.

use super::request::HandoverRequest;
use crate::cx::Cx;
use crate::error::Result;
use crate::obligations::standard::{CUSTOMER, INTERACTION, TASK};
use huike_model::Object;
use huike_model::filter::Resolved;
use huike_model::schema::Ownership;
use huike_store::query::condition;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Follow-ups tell who talked with a customer: they stay theirs.
const STAYS: [&str; 1] = [INTERACTION];

/// Objects whose records may be handed over, in the dictionary's order.
pub(super) fn objects(cx: &Cx) -> impl Iterator<Item = &Arc<Object>> {
    cx.schema
        .objects()
        .filter(|object| object.field("owner").is_some() && !STAYS.contains(&object.name.as_str()))
}

/// The lookup that says which customer a record is about.
fn about(object: &Object) -> Option<&str> {
    let customer = |name: &str| object.field(name).filter(|field| field.target() == Some(CUSTOMER));
    if let Ownership::From(lookup) = &object.owner
        && let Some(field) = customer(lookup)
    {
        return Some(&field.column);
    }
    customer(CUSTOMER).map(|field| field.column.as_str())
}

/// `from object o where …`: what somebody has of an object. Done tasks tell who did them.
fn owned(object: &Object, from: i64) -> Result<Sql> {
    let mut sql = Sql::raw(format!("{} o", ident(&object.name)?));
    sql.push(" where o.deleted_at is null and o.owner_id = ").bind(from);
    if object.name == TASK {
        sql.push(" and o.status = 'open'");
    }
    Ok(sql)
}

/// How many records of an object somebody has.
///
/// # Errors
/// The database's.
pub(super) fn count(conn: &mut Conn, object: &Object, from: i64) -> Result<i64> {
    let mut sql = Sql::raw("select count(*) from ");
    sql.append(owned(object, from)?);
    Ok(conn.query_one(&sql)?.int(0)?)
}

/// Who gets each record of an object, by the place of the receiver; in the order of ids.
///
/// # Errors
/// The database's.
pub(super) fn shares_of(
    conn: &mut Conn,
    cx: &Cx,
    object: &Object,
    from: i64,
    conditions: &[Resolved],
) -> Result<BTreeMap<i64, usize>> {
    let last = conditions.len().saturating_sub(1);
    let mut found = BTreeMap::new();
    let mut sql = Sql::raw("select o.id from ");
    sql.append(owned(object, from)?);
    conn.query_each(&sql, |row| {
        found.insert(row.int(0)?, last);
        Ok(())
    })?;
    if found.is_empty() {
        return Ok(found);
    }
    // The first that fits wins, so that the last ones are written first.
    for (place, filter) in conditions.iter().enumerate().take(last).rev() {
        let mut sql = Sql::raw("select o.id from ");
        match about(object) {
            _ if object.name == CUSTOMER => {
                sql.append(owned(object, from)?).push(" and ");
                sql.append(condition(filter, "o", &cx.schema, conn.dialect())?);
            }
            Some(lookup) => {
                sql.append(owned(object, from)?)
                    .push(" and exists (select 1 from customer t where t.id = o.");
                sql.push_ident(lookup)?.push(" and ");
                sql.append(condition(filter, "t", &cx.schema, conn.dialect())?).push(")");
            }
            None => continue,
        }
        conn.query_each(&sql, |row| {
            found.insert(row.int(0)?, place);
            Ok(())
        })?;
    }
    Ok(found)
}

/// Everything that moves: object, record and the receiver's place.
///
/// # Errors
/// The database's.
pub(super) fn everything(
    conn: &mut Conn,
    cx: &Cx,
    request: &HandoverRequest,
    conditions: &[Resolved],
) -> Result<Vec<(String, i64, usize)>> {
    let mut items = Vec::new();
    for object in objects(cx).filter(|object| !request.leave.contains(&object.name)) {
        let shares = shares_of(conn, cx, object, request.from.number(), conditions)?;
        items.extend(shares.into_iter().map(|(id, place)| (object.name.clone(), id, place)));
    }
    Ok(items)
}
