//! The open steps of plans as promises. What a step is and when it is done is the business of `crate::plans`; here it is made to last, to
//! be reminded of and to be counted.

use super::row::{End, Kind, OF_PLAN, PERSON};
use super::rule::Trigger;
use super::settle::{Settlement, Wanted};
use super::standard::CUSTOMER;
use crate::cx::Cx;
use crate::error::Result;
use huike_store::{Conn, Sql};
use std::collections::{BTreeSet, HashMap};

/// The table that holds them.
pub const HOLDER: &str = "plan_step";

/// A step that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    pub step: i64,
    pub record: i64,
    pub owner: Option<i64>,
    pub title: String,
    pub due_at: i64,
}

/// Makes the promises of these customers' steps those that are wanted; how many changed.
///
/// # Errors
/// The database's.
pub fn settle(conn: &mut Conn, cx: &Cx, customers: &[i64], wanted: Vec<Promise>) -> Result<usize> {
    let mut sql = Sql::raw("select holder_id from obligation where closed_at is null and object = ");
    sql.bind(CUSTOMER).push(" and ").push_in("record_id", customers.iter().copied());
    sql.push(" and holder = ").bind(HOLDER);
    let open =
        conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<std::result::Result<BTreeSet<i64>, _>>()?;
    let still: BTreeSet<i64> = wanted.iter().map(|one| one.step).collect();
    let gone: Vec<i64> = open.into_iter().filter(|step| !still.contains(step)).collect();
    let mut ends = ends(conn, &gone)?;
    let ended = gone
        .into_iter()
        .map(|step| (step, ends.remove(&step).unwrap_or(End::Void { reason: "plan_ended" })))
        .collect();
    // Reminded of as tasks are.
    let ladder = cx
        .org
        .follow
        .active(|trigger| matches!(trigger, Trigger::Task))
        .find(|rule| rule.definition.filter.is_none())
        .map_or(0, |rule| rule.id);
    let wanted = wanted.into_iter().map(|one| Wanted {
        kind: Kind::PlanStep,
        object: CUSTOMER.into(),
        record: one.record,
        source: "plan",
        holder_id: one.step,
        owner: one.owner,
        title: one.title,
        due_at: one.due_at,
        all_day: false,
        ladder,
        kept_by: None,
    });
    let wanted = wanted.collect();
    Settlement { holder: HOLDER, rule: OF_PLAN, as_of: cx.moment.now, wanted, ended }.write(conn, cx)
}

/// How steps ended.
fn ends(conn: &mut Conn, steps: &[i64]) -> Result<HashMap<i64, End>> {
    let mut found = HashMap::new();
    if steps.is_empty() {
        return Ok(found);
    }
    let mut sql = Sql::raw("select id, state, evidence, evidence_id, note from plan_step where ");
    sql.push_in("id", steps.iter().copied());
    for row in conn.query(&sql)? {
        let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
        let end = match row.text(1)? {
            "done" => {
                End::Done { evidence: text(2)?.unwrap_or_else(|| PERSON.into()), record: row.opt_int(3)? }
            }
            "skipped" => End::Waived { reason: text(4)? },
            _ => End::Void { reason: "plan_ended" },
        };
        found.insert(row.int(0)?, end);
    }
    Ok(found)
}
