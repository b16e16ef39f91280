//! Looking through all records of an object: when a rule is new or was changed, and every day for rules about dates, whose horizon moves
//! on. A chunk is one transaction, and the place is kept, so that a restart goes on where the last one ended.

use super::rule::{Rule, Trigger};
use super::standard::{CUSTOMER, TASK};
use super::{keep, reconcile};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::cursor;
use huike_model::moment::day_number;
use huike_store::log::Cursor;
use huike_store::{Conn, Sql};
use std::collections::BTreeSet;

/// Looked through in one write: others wait for it, and notice nothing of some five milliseconds.
const CHUNK: i64 = 100;
/// The end of a sweep that is done.
const DONE: i64 = i64::MAX;
/// Begins the names of the looks at the way that records go.
const JOURNEY: &str = "sweep:journey:";

/// One thing to be looked through: an object, again whenever the generation changes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sweep {
    name: String,
    object: String,
    generation: i64,
}

fn sweeps(cx: &Cx) -> Vec<Sweep> {
    let today = day_number(cx.moment.today());
    let rules = &cx.org.follow.rules;
    let newest = |of: fn(&Trigger) -> bool| {
        let of_kind = rules.iter().filter(|rule| of(&rule.definition.trigger));
        // Any change of any of them, its end too, makes another sum.
        of_kind.map(|rule| rule.version * 2 + i64::from(rule.active)).sum::<i64>() + 1
    };
    let mut sweeps = vec![
        Sweep {
            name: "sweep:tasks".into(),
            object: TASK.into(),
            generation: newest(|of| *of == Trigger::Task),
        },
        Sweep {
            name: "sweep:customers".into(),
            object: CUSTOMER.into(),
            // How often a tier is talked with shortens it.
            generation: newest(|of| matches!(of, Trigger::Silence { .. })) * 1_000 + cx.org.tiers.version,
        },
    ];
    let dated = |rule: &Rule| rule.active && matches!(rule.definition.trigger, Trigger::Date { .. });
    sweeps.extend(rules.iter().filter(|rule| dated(rule)).map(|rule| Sweep {
        name: format!("sweep:{}", rule.id),
        object: rule.object().to_owned(),
        generation: today * 1_000 + rule.version % 1_000,
    }));
    // Silence moves records on and time ends what was set for a time, so that this look is daily.
    let plans = cx.org.plans.iter().filter(|plan| plan.active);
    let plans = mixed(plans.flat_map(|plan| [plan.id, plan.version, plan.active_since]));
    sweeps.extend(cx.org.lifecycles.iter().map(|lifecycle| {
        let customers = if lifecycle.object == CUSTOMER { [plans, cx.org.tiers.version] } else { [0, 0] };
        let settings = [lifecycle.version, i64::from(lifecycle.active)].into_iter().chain(customers);
        Sweep {
            name: format!("{JOURNEY}{}", lifecycle.object),
            object: lifecycle.object.clone(),
            generation: today * 1_000_000 + mixed(settings),
        }
    }));
    sweeps
}

/// Six digits that differ whenever one of some numbers does, but for one case in a million (FNV-1a, 64 bits).
fn mixed(numbers: impl Iterator<Item = i64>) -> i64 {
    let hash = numbers.flat_map(i64::to_le_bytes).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i64::try_from(hash % 1_000_000).unwrap_or_default()
}

/// Looks through the next chunk; whether there is more to look through.
///
/// # Errors
/// The database's.
pub async fn step(engine: &Engine) -> Result<bool> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let all = sweeps(&cx);
    let next = engine
        .read(move |conn| {
            for sweep in all {
                let at = cursor::of(conn, &sweep.name)?;
                if at.is_none_or(|at| at.tx != sweep.generation || at.id != DONE) {
                    return Ok(Some(sweep));
                }
            }
            Ok(None)
        })
        .await?;
    let Some(sweep) = next else { return Ok(false) };
    let this = engine.clone();
    engine.write(move |conn| chunk(conn, &this, &sweep)).await?;
    Ok(true)
}

/// Looks through everything that is to be looked through.
///
/// # Errors
/// The database's.
pub async fn finish(engine: &Engine) -> Result<()> {
    while step(engine).await? {}
    Ok(())
}

fn chunk(conn: &mut Conn, engine: &Engine, sweep: &Sweep) -> Result<()> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let start = Cursor { tx: sweep.generation, id: 0 };
    let at = cursor::locked(conn, &sweep.name, start)?;
    let after = if at.tx == sweep.generation { at.id } else { 0 };
    if after == DONE {
        return Ok(());
    }
    engine.failpoint("sweep")?;
    let Some(object) = cx.schema.object(&sweep.object) else {
        return cursor::advance(conn, &sweep.name, Cursor { tx: sweep.generation, id: DONE });
    };
    let mut sql = Sql::raw("select id from ");
    sql.push_ident(&object.name)?.push(" where deleted_at is null and id > ").bind(after);
    if object.name == TASK {
        sql.push(" and status = 'open'");
    }
    sql.push(" order by id limit ").bind(CHUNK);
    let ids =
        conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<std::result::Result<BTreeSet<i64>, _>>()?;
    if sweep.name.starts_with(JOURNEY) {
        let ids: Vec<i64> = ids.iter().copied().collect();
        keep::journey(conn, engine, &cx, &object.name, &ids)?;
    } else {
        reconcile::records(conn, &cx, &object.name, &ids, cx.moment.now)?;
    }
    let full = ids.len() as i64 == CHUNK;
    let to = ids.last().copied().filter(|_| full).unwrap_or(DONE);
    cursor::advance(conn, &sweep.name, Cursor { tx: sweep.generation, id: to })
}
