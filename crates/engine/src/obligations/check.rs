//! The proof that nothing is lost: what must hold at any moment at which the log has been read to its end and what was due has been done.
//! The nightly check runs it on the company, the simulation after each of its days.

use super::leaks::{Reason, leaking};
use super::row::{OF_SILENCE, OF_TASK};
use super::standard::{CUSTOMER, TASK};
use crate::cx::Cx;
use crate::error::Result;
use huike_store::{Conn, Sql};

/// An invariant that doesn't hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub invariant: &'static str,
    pub count: i64,
    /// Up to five of the records.
    pub records: Vec<i64>,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {} (such as {:?})", self.invariant, self.count, self.records)
    }
}

/// How long a promise may wait to be looked at: the scheduler's own pace.
const PATIENCE_MS: i64 = 10 * 60_000;

/// Every invariant that is broken.
///
/// # Errors
/// The database's.
pub fn check(conn: &mut Conn, cx: &Cx) -> Result<Vec<Broken>> {
    let mut broken = Vec::new();
    let mut look = |conn: &mut Conn, invariant: &'static str, from_where: Sql, id: &str| -> Result<()> {
        let mut count = Sql::raw("select count(*) from ");
        count.append(from_where.clone());
        let count = conn.query_one(&count)?.int(0)?;
        if count > 0 {
            let mut some = Sql::raw(format!("select {id} from "));
            some.append(from_where).push(" limit 5");
            let records =
                conn.query(&some)?.iter().map(|row| row.int(0)).collect::<std::result::Result<_, _>>()?;
            broken.push(Broken { invariant, count, records });
        }
        Ok(())
    };
    for reason in Reason::ALL {
        let mut unseen = Sql::raw("customer t where ");
        unseen.append(leaking(cx, *reason)?);
        unseen
            .push(" and not exists (select 1 from leak l where l.closed_at is null and l.object = ")
            .bind(CUSTOMER);
        unseen.push(" and l.record_id = t.id and l.reason = ").bind(reason.name()).push(")");
        look(conn, missing(*reason), unseen, "t.id")?;
        let mut stale = Sql::raw("leak l where l.closed_at is null and l.object = ");
        stale.bind(CUSTOMER).push(" and l.reason = ").bind(reason.name());
        stale.push(" and not exists (select 1 from customer t where t.id = l.record_id and ");
        stale.append(leaking(cx, *reason)?).push(")");
        look(conn, "an open leak entry belongs to a customer who leaks", stale, "l.record_id")?;
    }
    for (invariant, sql, id) in promises(cx)? {
        look(conn, invariant, sql, id)?;
    }
    Ok(broken)
}

fn missing(reason: Reason) -> &'static str {
    match reason {
        Reason::NoOwner => "every living customer has an owner or an open leak entry",
        Reason::OwnerLeft => {
            "every living customer's owner is with the company, or there is an open leak entry"
        }
        Reason::NoNextStep => "every living customer has a next step or an open leak entry",
        Reason::Silent => "every living customer was contacted in time or has an open leak entry",
    }
}

fn promises(cx: &Cx) -> Result<Vec<(&'static str, Sql, &'static str)>> {
    let of_task = |sql: &mut Sql| {
        sql.push(" o.holder = ").bind(TASK).push(" and o.rule_id = ").bind(OF_TASK);
    };
    let mut lost = Sql::raw(
        "task t where t.deleted_at is null and t.status = 'open' and t.due_at is not null and not exists \
         (select 1 from obligation o where o.closed_at is null and o.holder_id = t.id and o.due_at = t.due_at and",
    );
    of_task(&mut lost);
    lost.push(")");
    let mut orphaned = Sql::raw("obligation o where o.closed_at is null and");
    of_task(&mut orphaned);
    orphaned.push(
        " and not exists (select 1 from task t where t.id = o.holder_id and t.deleted_at is null \
         and t.status = 'open' and t.due_at is not null)",
    );
    let mut moved = Sql::raw("task t join obligation o on o.holder_id = t.id where o.closed_at is null and");
    of_task(&mut moved);
    moved.push(" and coalesce(t.owner_id, 0) <> coalesce(o.owner_id, 0)");
    let mut forgotten = Sql::raw("obligation o where o.next_at is not null and o.next_at < ");
    forgotten.bind(cx.moment.now - PATIENCE_MS);
    let mut unnoticed =
        Sql::raw("obligation o where o.closed_at is null and o.state = 'open' and o.due_at < ");
    unnoticed.bind(cx.moment.now - PATIENCE_MS);
    let mut asleep =
        Sql::raw("obligation o where o.closed_at is null and o.state = 'open' and o.next_at is null");
    asleep.push(" and o.due_at >= ").bind(cx.moment.now);
    let mut uncared = Sql::raw("obligation o where o.closed_at is null and o.rule_id = ");
    uncared.bind(OF_SILENCE).push(" and o.holder = ").bind(CUSTOMER);
    uncared
        .push(" and not exists (select 1 from customer t where t.id = o.holder_id and t.deleted_at is null)");
    let mut undue =
        Sql::raw("obligation o where o.closed_at is not null and o.next_at is not null and o.id > ");
    undue.bind(0_i64);
    let kept = "select 1 from obligation o where o.closed_at is null and o.holder = 'plan_step' and o.holder_id = s.id";
    let unkept = Sql::raw(format!(
        "plan_step s join plan_run r on r.id = s.run_id where r.state = 'running' and s.state = 'open' \
         and not exists ({kept})"
    ));
    let stranded = Sql::raw(
        "plan_run r where r.state = 'running' and not exists (select 1 from plan_step s where s.run_id = r.id \
         and s.state = 'open')",
    );
    let unfounded = Sql::raw(
        "obligation o where o.closed_at is null and o.holder = 'plan_step' and not exists (select 1 from plan_step s \
         join plan_run r on r.id = s.run_id where s.id = o.holder_id and s.state = 'open' and r.state = 'running')",
    );
    Ok(vec![
        ("every open step of a running plan is an open obligation", unkept, "s.id"),
        ("every running plan has an open step", stranded, "r.id"),
        ("every open obligation of a plan belongs to an open step", unfounded, "o.id"),
        ("every open task with a date is an open obligation of that date", lost, "t.id"),
        ("every open obligation of a task belongs to an open task", orphaned, "o.id"),
        ("an obligation belongs to the owner of its task", moved, "o.id"),
        ("no obligation waits longer than ten minutes for its next step", forgotten, "o.id"),
        ("every obligation past its date is late", unnoticed, "o.id"),
        ("every open obligation has an appointment", asleep, "o.id"),
        ("every promise to be in touch belongs to a customer", uncared, "o.id"),
        ("an obligation that has ended is left alone", undue, "o.id"),
    ])
}
