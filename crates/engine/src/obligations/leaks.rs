//! Customers that nobody looks after: the table `leak` holds one open row for each that has no owner, whose owner has left, that has no
//! next step, or that nobody was in touch with in time.
//!
//! Which these are is asked of the database in one condition per reason. The same condition keeps the table after each change and proves it
//! complete every night.

use super::row::OF_SILENCE;
use super::row::words;
use super::standard::{CUSTOMER, LOST};
use crate::cx::Cx;
use crate::error::{EngineError, Result};
use huike_store::{Conn, Sql};

words! {
    /// Why a customer leaks.
    Reason {
        NoOwner "no_owner",
        OwnerLeft "owner_left",
        NoNextStep "no_next_step",
        Silent "silent",
    }
}

/// Opens and closes what must be; how many rows changed. `ids`: only these customers; all of them without.
///
/// # Errors
/// The database's.
pub fn sync(conn: &mut Conn, cx: &Cx, ids: Option<&[i64]>) -> Result<u64> {
    let mut changed = 0;
    for reason in Reason::ALL {
        changed += conn.execute(&closing(cx, *reason, ids)?)?;
        changed += conn.execute(&opening(cx, *reason, ids)?)?;
    }
    Ok(changed)
}

/// That a customer `t` is alive and leaks for a reason.
///
/// # Errors
/// A dictionary without the fields that this is about.
pub fn leaking(cx: &Cx, reason: Reason) -> Result<Sql> {
    let column = |name: &str| -> Result<String> {
        let field = cx.schema.object(CUSTOMER).and_then(|object| object.field(name));
        let field = field.ok_or_else(|| EngineError::internal(format!("customers have no {name}")))?;
        Ok(format!("t.{}", huike_store::sql::ident(&field.column)?))
    };
    let mut sql = Sql::raw(format!("t.deleted_at is null and {} <> ", column("stage")?));
    sql.bind(LOST).push(" and ");
    match reason {
        Reason::NoOwner => {
            sql.push("t.owner_id is null");
        }
        Reason::OwnerLeft => {
            let active = cx.org.users().filter(|person| person.active).map(|person| person.id);
            sql.push("t.owner_id is not null and ").push_not_in("t.owner_id", active);
        }
        Reason::NoNextStep => {
            sql.push(&format!("{} is null", column("next_step_at")?));
            // The step of a plan is a next step.
            sql.push(" and not exists (select 1 from obligation o where o.object = ").bind(CUSTOMER);
            sql.push(" and o.record_id = t.id and o.kind = 'plan_step' and o.closed_at is null)");
        }
        Reason::Silent => {
            sql.push("exists (select 1 from obligation o where o.holder = ").bind(CUSTOMER);
            sql.push(" and o.holder_id = t.id and o.rule_id = ").bind(OF_SILENCE);
            sql.push(" and o.closed_at is null and o.due_at < ").bind(cx.moment.now).push(")");
        }
    }
    Ok(sql)
}

fn opening(cx: &Cx, reason: Reason, ids: Option<&[i64]>) -> Result<Sql> {
    let mut sql = Sql::raw("insert into leak (object, record_id, reason, since) select ");
    sql.push("cast(")
        .bind(CUSTOMER)
        .push(" as text), t.id, cast(")
        .bind(reason.name())
        .push(" as text), cast(");
    sql.bind(cx.moment.now).push(" as bigint) from customer t where ");
    if let Some(ids) = ids {
        sql.push_in("t.id", ids.iter().copied()).push(" and ");
    }
    sql.append(leaking(cx, reason)?);
    sql.push(" and not exists (select 1 from leak l where l.object = ").bind(CUSTOMER);
    sql.push(" and l.record_id = t.id and l.reason = ").bind(reason.name()).push(" and l.closed_at is null)");
    // Closed and opened again within a millisecond: the row of that moment is there already.
    sql.push(" on conflict (object, record_id, reason, since) do update set closed_at = null");
    Ok(sql)
}

fn closing(cx: &Cx, reason: Reason, ids: Option<&[i64]>) -> Result<Sql> {
    let mut sql = Sql::raw("update leak set closed_at = ");
    sql.bind(cx.moment.now).push(" where closed_at is null and object = ").bind(CUSTOMER);
    sql.push(" and reason = ").bind(reason.name());
    if let Some(ids) = ids {
        sql.push(" and ").push_in("record_id", ids.iter().copied());
    }
    sql.push(" and not exists (select 1 from customer t where t.id = leak.record_id and ");
    sql.append(leaking(cx, reason)?).push(")");
    Ok(sql)
}
