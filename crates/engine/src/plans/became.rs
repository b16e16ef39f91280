//! Since when a customer is what a plan is for: plans begin for those who become it after they came into force, not for who always was.

use super::definition::Plan;
use crate::cx::Cx;
use crate::error::Result;
use crate::obligations::CUSTOMER;
use crate::records::load::Record;
use crate::records::rollups::MAX_HEIGHT;
use huike_model::filter::Filter;
use huike_model::schema::RollupSpec;
use huike_store::{Conn, Sql};
use std::collections::{BTreeSet, HashMap};

type Moments = HashMap<i64, i64>;

/// The last change of these live customers' stage or of what else the plan asks of them, or when they were made.
///
/// # Errors
/// The database's.
pub fn since(
    conn: &mut Conn,
    cx: &Cx,
    live: &HashMap<i64, Record>,
    ids: &[i64],
    plan: &Plan,
) -> Result<Moments> {
    let made = |id: &i64| Some((*id, live.get(id)?.values.int("created_at").unwrap_or_default()));
    let mut found: Moments = ids.iter().filter_map(made).collect();
    if ids.is_empty() {
        return Ok(found);
    }
    let mut sql = Sql::raw("select record_id, max(at) from stage_move where object = ");
    sql.bind(CUSTOMER).push(" and ").push_in("record_id", ids.iter().copied()).push(" group by record_id");
    for row in conn.query(&sql)? {
        later(&mut found, row.int(0)?, row.int(1)?);
    }
    for (id, at) in changed(conn, cx, CUSTOMER, ids, asked(cx, plan), MAX_HEIGHT)? {
        later(&mut found, id, at);
    }
    Ok(found)
}

fn later(found: &mut Moments, id: i64, at: i64) {
    found.entry(id).and_modify(|known| *known = (*known).max(at)).or_insert(at);
}

/// The customer's own fields besides the stage that a plan's conditions look at.
fn asked(cx: &Cx, plan: &Plan) -> BTreeSet<String> {
    let filter = plan.definition.checked(cx);
    let leaves = filter.iter().flat_map(Filter::leaves);
    let own = leaves.filter(|leaf| {
        leaf.path.hops.is_empty() && !["stage", "owner"].contains(&leaf.path.field.name.as_str())
    });
    own.map(|leaf| leaf.path.field.name.clone()).collect()
}

/// When these fields of some records changed last, as the log tells it. What is worked out has no rows of its own there: a formula
/// changes with what it reads, a roll-up with the records below.
fn changed(
    conn: &mut Conn,
    cx: &Cx,
    object: &str,
    ids: &[i64],
    fields: BTreeSet<String>,
    height: usize,
) -> Result<Moments> {
    let mut found = Moments::new();
    let Some(definition) = cx.schema.object(object).filter(|_| height > 0 && !ids.is_empty()) else {
        return Ok(found);
    };
    let (mut own, mut waiting) = (BTreeSet::new(), Vec::from_iter(fields));
    while let Some(name) = waiting.pop() {
        let reads = definition.field(&name).and_then(|field| field.formula.as_ref()).map(|of| &of.reads);
        if own.insert(name) {
            waiting.extend(reads.into_iter().flatten().cloned());
        }
    }
    for (id, at) in written(conn, object, ids, &own)? {
        later(&mut found, id, at);
    }
    for rollup in own.iter().filter_map(|name| cx.schema.rollup(object, name)) {
        for (id, at) in fed(conn, cx, rollup, ids, height)? {
            later(&mut found, id, at);
        }
    }
    Ok(found)
}

/// When something that a roll-up counts changed last, for each of these parents.
fn fed(conn: &mut Conn, cx: &Cx, rollup: &RollupSpec, parents: &[i64], height: usize) -> Result<Moments> {
    let mut sql = Sql::raw("select id, ");
    sql.push_ident(&rollup.via.column)?.push(", created_at, deleted_at from ").push_ident(&rollup.child)?;
    sql.push(" where ").push_in(&rollup.via.column, parents.iter().copied());
    let (mut found, mut parent_of) = (Moments::new(), HashMap::new());
    for row in conn.query(&sql)? {
        let (child, parent) = (row.int(0)?, row.int(1)?);
        parent_of.insert(child, parent);
        later(&mut found, parent, row.int(2)?.max(row.opt_int(3)?.unwrap_or_default()));
    }
    let looked_at = rollup.condition.iter().flat_map(Filter::leaves).map(|leaf| &leaf.path.field);
    let fields = [Some(&rollup.via), rollup.field.as_ref(), rollup.by.as_ref()].into_iter().flatten();
    let fields = fields.chain(looked_at).map(|field| field.name.clone()).collect();
    let children: Vec<i64> = parent_of.keys().copied().collect();
    for (child, at) in changed(conn, cx, &rollup.child, &children, fields, height - 1)? {
        later(&mut found, parent_of[&child], at);
    }
    Ok(found)
}

/// When any of these fields was last written, by the log.
fn written(conn: &mut Conn, object: &str, ids: &[i64], fields: &BTreeSet<String>) -> Result<Moments> {
    let mut found = Moments::new();
    for chunk in ids.chunks(500).filter(|_| !fields.is_empty()) {
        let mut sql = Sql::raw("select record_id, max(at) from change_log where object = ");
        sql.bind(object).push(" and ").push_in("record_id", chunk.iter().copied());
        for (place, field) in fields.iter().enumerate() {
            sql.push(if place == 0 { " and (after like " } else { " or after like " });
            sql.bind(format!("%\"{field}\":%"));
        }
        sql.push(") group by record_id");
        for row in conn.query(&sql)? {
            later(&mut found, row.int(0)?, row.int(1)?);
        }
    }
    Ok(found)
}
