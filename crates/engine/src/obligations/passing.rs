//! Which records are to be looked at. What somebody writes is followed from the change log; what only time changes is found here, by a
//! condition of the database's where there is one, so that a quiet day costs a reader some seconds in a million and the writer nothing.

use super::reconcile::{self, HORIZON_DAYS, PAST_DAYS};
use super::rule::{Rule, Trigger};
use super::standard::{CUSTOMER, TASK};
use crate::cx::Cx;
use crate::error::Result;
use crate::quality::measure::step;
use crate::{lifecycle, plans, tiers};
use huike_model::access::ObjectAccess;
use huike_model::filter::{Filter, Resolved, Test};
use huike_model::kinds::FieldType;
use huike_model::moment::{DAY_MS, day_number};
use huike_model::{Field, Object, Value};
use huike_store::query::{Mark, RecordQuery};
use huike_store::{Conn, Sql};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Looked at in one write: others wait for it, and notice nothing of some five milliseconds.
const CHUNK: i64 = 100;
/// Rows read at once where most of them need no look.
const READ: i64 = 2_000;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub enum Look {
    /// Everything that all records of an object promise.
    Records,
    /// What one rule about a date makes of all records.
    Rule(i64),
    /// Records whose date has come into reach of a rule.
    Coming(i64),
    /// Promises of a rule whose ground may have changed without a write.
    Held(i64),
    /// The way that all records of an object go.
    Journey,
    /// The way of those records that a passing day concerns.
    Passing,
    /// Customers who are on a plan: who is responsible follows from the organisation.
    Plans,
}

/// The next records to be looked at.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    pub ids: BTreeSet<i64>,
    /// Behind which record the next piece begins; none at the end.
    pub on: Option<i64>,
}

/// The records behind `after` that are to be looked at, a chunk at most; it may find none and still not be at the end.
///
/// # Errors
/// The database's.
pub fn piece(conn: &mut Conn, cx: &Cx, look: Look, object: &str, after: i64) -> Result<Piece> {
    let Some(object) = cx.schema.object(object).cloned() else { return Ok(Piece::default()) };
    // It may walk past many records that don't matter.
    conn.allow_long_statements()?;
    match look {
        Look::Records if object.name == TASK => {
            let open = object.field("status").map(|status| (status, Test::Equal("open".into())));
            let open = open.map(|(status, test)| Resolved::own(&object.name, status, test));
            found(conn, cx, &object, open.unwrap_or_else(Resolved::everything), after)
        }
        Look::Records | Look::Rule(_) | Look::Journey => {
            found(conn, cx, &object, Resolved::everything(), after)
        }
        Look::Coming(id) => match ready(cx, id) {
            Some(Ready { rule, filter, field }) => coming(conn, cx, &object, &rule, filter, &field, after),
            None => Ok(Piece::default()),
        },
        Look::Held(id) => {
            let moves = |ready: &Ready| {
                ready.field.computed() || ready.filter.as_ref().is_some_and(|filter| !filter.is_steady())
            };
            match ready(cx, id).filter(moves) {
                Some(_) => full(held(conn, &object.name, id, after)?),
                None => Ok(Piece::default()),
            }
        }
        Look::Passing => {
            let mut concerned = lifecycle::follow::concerned(cx, &object);
            if object.name == CUSTOMER {
                concerned =
                    concerned.or(tiers::follow::concerned(cx, &object)).or(plans::follow::concerned(cx));
            }
            match concerned.is_nothing() {
                true => Ok(Piece::default()),
                false => found(conn, cx, &object, concerned, after),
            }
        }
        Look::Plans => full(plans::rows::on_a_plan(conn, CUSTOMER, after, CHUNK)?),
    }
}

/// A piece that goes on behind its last record when it is as long as it may be.
#[allow(clippy::unnecessary_wraps)] // the end of several ways that can fail
fn full(ids: BTreeSet<i64>) -> Result<Piece> {
    let on = ids.last().copied().filter(|_| ids.len() as i64 == CHUNK);
    Ok(Piece { ids, on })
}

fn query<'a>(
    cx: &'a Cx,
    access: &'a ObjectAccess,
    fields: &'a [Arc<Field>],
    filter: Resolved,
) -> RecordQuery<'a> {
    let mut query = RecordQuery::new(access, &cx.schema, fields);
    query.filter = filter;
    query
}

fn behind(after: i64) -> Option<Mark> {
    (after > 0).then(|| Mark { values: vec![Value::Int(after)], id: after })
}

/// The next live records that a condition finds.
fn found(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, filter: Resolved, after: i64) -> Result<Piece> {
    let access = ObjectAccess::of_the_system(object);
    let (rows, mark) = step(conn, query(cx, &access, &[], filter), false, behind(after), CHUNK)?;
    Ok(Piece { ids: rows.iter().map(|row| row.id).collect(), on: mark.map(|mark| mark.id) })
}

/// A rule about a date that the dictionary knows.
struct Ready {
    rule: Arc<Rule>,
    filter: Option<Filter>,
    field: Arc<Field>,
}

fn ready(cx: &Cx, id: i64) -> Option<Ready> {
    let rule = cx.org.follow.rule(id).filter(|rule| rule.active)?.clone();
    let (filter, field) = rule.checked(&cx.schema, &cx.moment)?;
    Some(Ready { rule, filter, field: field? })
}

/// The next records whose date is within reach of a rule and that promise nothing under it yet.
fn coming(
    conn: &mut Conn,
    cx: &Cx,
    object: &Arc<Object>,
    rule: &Rule,
    filter: Option<Filter>,
    field: &Arc<Field>,
    after: i64,
) -> Result<Piece> {
    let access = ObjectAccess::of_the_system(object);
    let filter = filter.map_or_else(Resolved::everything, |filter| filter.resolve(&cx.moment, cx));
    let filter = filter.and(within_reach(cx, object, rule, field));
    let fields = [field.clone()];
    let (rows, mark) = step(conn, query(cx, &access, &fields, filter), false, behind(after), READ)?;
    let opens = |value: &Value| {
        let due = value.as_int().and_then(|value| reconcile::due(cx, rule, field, value));
        due.is_some_and(|due| due.opens(cx, field))
    };
    let due: Vec<i64> = rows.iter().filter(|row| opens(&row.values[0])).map(|row| row.id).collect();
    let open = holders(conn, &object.name, rule.id, &due)?;
    let mut new = due.into_iter().filter(|id| !open.contains(id));
    let ids: BTreeSet<i64> = new.by_ref().take(CHUNK as usize).collect();
    // Those behind a full chunk are found again.
    let on = if new.next().is_some() { ids.last().copied() } else { mark.map(|mark| mark.id) };
    Ok(Piece { ids, on })
}

/// Dates from which something can be due now, with a day or two to spare; what comes every year may lie anywhere.
fn within_reach(cx: &Cx, object: &Object, rule: &Rule, field: &Arc<Field>) -> Resolved {
    let Trigger::Date { yearly, shift_days, .. } = &rule.definition.trigger else {
        return Resolved::nothing();
    };
    if *yearly {
        return Resolved::own(&object.name, field, Test::Empty).complement();
    }
    let today = day_number(cx.moment.today());
    let (from, to) = (today - PAST_DAYS - 2, today + HORIZON_DAYS + 2);
    let shift = i64::from(*shift_days);
    let test = match field.value_type() {
        FieldType::Date => Test::Between(Value::Int(from - shift), Value::Int(to - shift)),
        _ => Test::Between(Value::Int((from - shift) * DAY_MS), Value::Int((to - shift) * DAY_MS)),
    };
    Resolved::own(&object.name, field, test)
}

/// Which of these records have an open promise under a rule.
fn holders(conn: &mut Conn, object: &str, rule: i64, ids: &[i64]) -> Result<HashSet<i64>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let mut sql = Sql::raw("select holder_id from obligation where closed_at is null and holder = ");
    sql.bind(object).push(" and rule_id = ").bind(rule).push(" and ");
    sql.push_in("holder_id", ids.iter().copied());
    Ok(conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<std::result::Result<_, _>>()?)
}

/// The next records with an open promise under a rule.
fn held(conn: &mut Conn, object: &str, rule: i64, after: i64) -> Result<BTreeSet<i64>> {
    let mut sql = Sql::raw("select holder_id from obligation where closed_at is null and holder = ");
    sql.bind(object).push(" and rule_id = ").bind(rule).push(" and holder_id > ").bind(after);
    sql.push(" order by holder_id limit ").bind(CHUNK);
    Ok(conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<std::result::Result<_, _>>()?)
}
