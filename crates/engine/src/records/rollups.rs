//! Roll-ups: figures on the parent's row, kept in the transaction that changes the child.
//!
//! The parent's row is locked before its children are read, so that two children written at once both count. A roll-up is worked out
//! from the children anew rather than adjusted: it can't drift, and the index on the child's lookup makes it cheap. Roll-ups change neither
//! the parent's version (nobody edited it) nor the log (it follows from the child's entry).

use super::values::Values;
use super::{formulas, load};
use crate::cx::Cx;
use crate::error::Result;
use huike_model::access::ObjectAccess;
use huike_model::filter::{Resolved, Test};
use huike_model::schema::{RollupKind, RollupLink, RollupSpec};
use huike_model::{Field, Object, Schema, Value};
use huike_store::query::{self, AggregateQuery, Deleted, Measure, MeasureKind, Order, RecordQuery};
use huike_store::sql::ident;
use huike_store::{Conn, Sql, SqlValue};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How far figures are carried up a chain of parents.
pub const MAX_HEIGHT: usize = 8;

/// The figures of a record that has no children yet.
pub fn start(values: &mut Values) {
    let object = values.object().clone();
    for field in object.fields() {
        if let Some(rollup) = &field.rollup {
            values.set(&field.name, of_nothing(rollup.kind));
        }
    }
}

/// There are none of them, and together they come to nothing; the first of none is unknown.
fn of_nothing(kind: RollupKind) -> Value {
    if matches!(kind, RollupKind::Count | RollupKind::Sum) { Value::Int(0) } else { Value::Null }
}

/// Brings the parents of a written record up to date. `before` and `after` are its values on both sides of the write; none where it
/// did not or does not count (created, deleted).
///
/// # Errors
/// The database's.
pub fn bring_up(conn: &mut Conn, cx: &Cx, before: Option<&Values>, after: Option<&Values>) -> Result<()> {
    climb(conn, cx, &[(before, after)], 0)
}

/// As [`bring_up`] for new records of one object, each parent once.
///
/// # Errors
/// The database's.
pub(crate) fn bring_up_all(conn: &mut Conn, cx: &Cx, made: &[Values]) -> Result<()> {
    let written: Vec<Written> = made.iter().map(|values| (None, Some(values))).collect();
    climb(conn, cx, &written, 0)
}

/// A record's values before and after its write.
type Written<'a> = (Option<&'a Values>, Option<&'a Values>);

/// The parents whose figures follow from these writes, by their height, with the figures.
type Touched<'a> = BTreeMap<(Reverse<usize>, &'a str, i64), Vec<&'a RollupLink>>;

/// Carries up what follows from writes of records of one object.
fn climb(conn: &mut Conn, cx: &Cx, written: &[Written<'_>], height: usize) -> Result<()> {
    let Some(child) = written.iter().find_map(|(before, after)| after.or(*before)) else { return Ok(()) };
    if height >= MAX_HEIGHT {
        return Ok(());
    }
    let child = child.object().clone();
    let mut touched = Touched::new();
    for (before, after) in written {
        touch(cx, &child, *before, *after, &mut touched);
    }
    for ((_, object, id), links) in touched {
        if let Some(parent) = cx.schema.object(object) {
            refresh(conn, cx, &child, parent, id, &links, height)?;
        }
    }
    Ok(())
}

fn touch<'a>(
    cx: &'a Cx,
    child: &Object,
    before: Option<&Values>,
    after: Option<&Values>,
    touched: &mut Touched<'a>,
) {
    for link in cx.schema.rollups_from(&child.name) {
        if !matters(&link.rollup, before, after) {
            continue;
        }
        let parent = |values: Option<&Values>| values.and_then(|values| values.of(&link.rollup.via).as_int());
        let mut parents = vec![parent(before), parent(after)];
        parents.dedup();
        for parent in parents.into_iter().flatten() {
            // Whoever carries figures up locks rows in one order, from below: an order before its customer.
            let below = Reverse(above(&cx.schema, &link.parent, MAX_HEIGHT));
            let links = touched.entry((below, &link.parent, parent)).or_default();
            if !links.iter().any(|known| std::ptr::eq(*known, link)) {
                links.push(link);
            }
        }
    }
}

/// How many steps figures are carried up from an object at most.
fn above(schema: &Schema, object: &str, most: usize) -> usize {
    let Some(rest) = most.checked_sub(1) else { return 0 };
    schema
        .rollups_from(object)
        .iter()
        .map(|link| 1 + above(schema, &link.parent, rest))
        .max()
        .unwrap_or_default()
}

/// Whether the write changes anything the roll-up looks at.
fn matters(rollup: &RollupSpec, before: Option<&Values>, after: Option<&Values>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return true };
    let condition = rollup.condition.iter().flat_map(|filter| filter.leaves()).map(|leaf| &leaf.path.field);
    let fields = [Some(&rollup.via), rollup.field.as_ref(), rollup.by.as_ref()];
    fields.into_iter().flatten().chain(condition).any(|field| before.of(field) != after.of(field))
}

fn refresh(
    conn: &mut Conn,
    cx: &Cx,
    child: &Arc<Object>,
    parent: &Arc<Object>,
    id: i64,
    links: &[&RollupLink],
    height: usize,
) -> Result<()> {
    let lock =
        format!("select id from {} where id = $1{}", ident(&parent.name)?, conn.dialect().for_update());
    if conn.query_opt(&Sql::with(lock, [id.into()])?)?.is_none() {
        return Ok(());
    }
    let everything = ObjectAccess::of_the_system(parent);
    let Some(record) = load::find_many(conn, cx, &everything, &[id], Deleted::Any)?.pop() else {
        return Ok(());
    };
    let mut values = record.values.clone();
    for link in links {
        let value = figure(conn, cx, child, &link.rollup, id)?;
        values.set(&link.field.name, value);
    }
    formulas::compute(&mut values);
    if !store(conn, &record, &values)? || record.deleted {
        return Ok(());
    }
    climb(conn, cx, &[(Some(&record.values), Some(&values))], height + 1)
}

/// Works one computed field of one record out anew, with what follows from it: when the field is added to records that are there.
///
/// # Errors
/// The database's.
pub fn recompute(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, id: i64, field: &Arc<Field>) -> Result<()> {
    rework(conn, cx, object, id, std::iter::once(field))
}

/// Works every figure of a record out anew: after much was moved from or to it.
///
/// # Errors
/// The database's.
pub fn recompute_all(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, id: i64) -> Result<()> {
    rework(conn, cx, object, id, object.fields())
}

fn rework<'a>(
    conn: &mut Conn,
    cx: &Cx,
    object: &Arc<Object>,
    id: i64,
    fields: impl Iterator<Item = &'a Arc<Field>>,
) -> Result<()> {
    let everything = ObjectAccess::of_the_system(object);
    let Some(record) = load::find_many(conn, cx, &everything, &[id], Deleted::Any)?.pop() else {
        return Ok(());
    };
    let mut values = record.values.clone();
    for field in fields {
        if let Some(rollup) = cx.schema.rollup(&object.name, &field.name).cloned()
            && let Some(child) = cx.schema.object(&rollup.child).cloned()
        {
            let value = figure(conn, cx, &child, &rollup, id)?;
            values.set(&field.name, value);
        }
    }
    formulas::compute(&mut values);
    if store(conn, &record, &values)? && !record.deleted {
        climb(conn, cx, &[(Some(&record.values), Some(&values))], 1)?;
    }
    Ok(())
}

/// Writes the figures that differ; whether there are any.
fn store(conn: &mut Conn, record: &load::Record, values: &Values) -> Result<bool> {
    let object = values.object();
    let changed: Vec<(String, SqlValue)> = object
        .fields()
        .filter(|field| field.computed() && record.values.of(field) != values.of(field))
        .map(|field| (field.column.clone(), values.of(field).into()))
        .collect();
    if changed.is_empty() {
        return Ok(false);
    }
    query::update(conn, object, record.id, record.version, &changed)?;
    Ok(true)
}

/// The figure of one parent.
fn figure(conn: &mut Conn, cx: &Cx, child: &Arc<Object>, rollup: &RollupSpec, parent: i64) -> Result<Value> {
    let access = ObjectAccess::of_the_system(child);
    let of_parent = Resolved::own(&child.name, &rollup.via, Test::Equal(Value::Int(parent)));
    let condition =
        rollup.condition.as_ref().map_or_else(Resolved::everything, |filter| filter.resolve(&cx.moment, cx));
    let fields: Vec<Arc<Field>> = rollup.field.iter().cloned().collect();
    let mut records = RecordQuery::new(&access, &cx.schema, &fields);
    records.filter = of_parent.and(condition);
    let measure = match rollup.kind {
        RollupKind::Latest | RollupKind::Earliest => {
            let Some(by) = &rollup.by else { return Ok(Value::Null) };
            // Without a place in the order a child is neither first nor last.
            let placed = Resolved::own(&child.name, by, Test::Empty).complement();
            records.filter = records.filter.and(placed);
            records.order = vec![Order { field: by.clone(), descending: rollup.kind == RollupKind::Latest }];
            records.limit = 1;
            let first = records.run(conn)?.pop();
            return Ok(first.and_then(|row| row.values.into_iter().next()).unwrap_or_default());
        }
        RollupKind::Count => Measure { kind: MeasureKind::Count, field: None },
        RollupKind::Sum => Measure { kind: MeasureKind::Sum, field: rollup.field.clone() },
        RollupKind::Min => Measure { kind: MeasureKind::Min, field: rollup.field.clone() },
        RollupKind::Max => Measure { kind: MeasureKind::Max, field: rollup.field.clone() },
    };
    let rows = AggregateQuery { records, groups: Vec::new(), measures: vec![measure], limit: 1 }.run(conn)?;
    let figure =
        rows.into_iter().next().and_then(|(_, measures)| measures.into_iter().next()).unwrap_or_default();
    Ok(if figure.is_null() { of_nothing(rollup.kind) } else { figure })
}
