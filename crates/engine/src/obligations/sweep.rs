//! Looking through records: through all of an object when a rule is new or was changed, and every day through those that the day concerns
//! ([`super::passing`]). Whom it concerns is asked on a reader; a chunk of them is one write, and the place is kept, so that a restart goes
//! on where the last one ended.

use super::passing::{self, Look, Piece};
use super::rule::{Rule, Trigger};
use super::standard::{CUSTOMER, TASK};
use super::{keep, reconcile};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::cursor;
use crate::plans;
use huike_model::moment::day_number;
use huike_store::Conn;
use huike_store::log::Cursor;
use std::sync::Arc;

/// The end of a sweep that is done.
const DONE: i64 = i64::MAX;

/// One thing to be looked through, again whenever the generation changes.
#[derive(Clone, Debug)]
struct Sweep {
    name: String,
    object: String,
    generation: i64,
    look: Look,
}

fn sweeps(cx: &Cx) -> Vec<Sweep> {
    let today = day_number(cx.moment.today());
    let rules = &cx.org.follow.rules;
    let newest = |of: fn(&Trigger) -> bool| {
        let of_kind = rules.iter().filter(|rule| of(&rule.definition.trigger));
        // Any change of any of them, its end too, makes another sum.
        of_kind.map(|rule| rule.version * 2 + i64::from(rule.active)).sum::<i64>() + 1
    };
    let sweep = |name: String, object: &str, generation: i64, look: Look| Sweep {
        name,
        object: object.to_owned(),
        generation,
        look,
    };
    // How often a tier is talked with shortens silence.
    let silence = newest(|of| matches!(of, Trigger::Silence { .. })) * 1_000 + cx.org.tiers.version;
    let mut sweeps = vec![
        sweep("sweep:tasks".into(), TASK, newest(|of| *of == Trigger::Task), Look::Records),
        sweep("sweep:customers".into(), CUSTOMER, silence, Look::Records),
    ];
    let dated = |rule: &&Arc<Rule>| rule.active && matches!(rule.definition.trigger, Trigger::Date { .. });
    for rule in rules.iter().filter(dated) {
        let (id, object) = (rule.id, rule.object());
        sweeps.push(sweep(format!("sweep:{id}"), object, rule.version, Look::Rule(id)));
        sweeps.push(sweep(format!("sweep:{id}:coming"), object, today, Look::Coming(id)));
        sweeps.push(sweep(format!("sweep:{id}:held"), object, today, Look::Held(id)));
    }
    let plans = cx.org.plans.iter().filter(|plan| plan.active);
    let plans = mixed(plans.flat_map(|plan| [plan.id, plan.version, plan.active_since]));
    for lifecycle in &cx.org.lifecycles {
        let object = &lifecycle.object;
        let customers = if object == CUSTOMER { [plans, cx.org.tiers.version] } else { [0, 0] };
        let settings = mixed([lifecycle.version, i64::from(lifecycle.active)].into_iter().chain(customers));
        sweeps.push(sweep(format!("sweep:journey:{object}"), object, settings, Look::Journey));
        sweeps.push(sweep(format!("sweep:journey:{object}:day"), object, today, Look::Passing));
    }
    sweeps.push(sweep("sweep:plans".into(), CUSTOMER, today, Look::Plans));
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
                let begun = at.filter(|at| at.tx == sweep.generation).map_or(0, |at| at.id);
                if begun != DONE {
                    return Ok(Some((sweep, begun)));
                }
            }
            Ok(None)
        })
        .await?;
    let Some((sweep, begun)) = next else { return Ok(false) };
    let mut after = begun;
    let piece = loop {
        let (cx, look, object) = (cx.clone(), sweep.look, sweep.object.clone());
        let piece = engine.read(move |conn| passing::piece(conn, &cx, look, &object, after)).await?;
        match piece.on.filter(|_| piece.ids.is_empty()) {
            Some(on) => after = on,
            None => break piece,
        }
    };
    let this = engine.clone();
    engine.write(move |conn| chunk(conn, &this, &sweep, begun, &piece)).await?;
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

fn chunk(conn: &mut Conn, engine: &Engine, sweep: &Sweep, begun: i64, piece: &Piece) -> Result<()> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let start = Cursor { tx: sweep.generation, id: 0 };
    let at = cursor::locked(conn, &sweep.name, start)?;
    let after = if at.tx == sweep.generation { at.id } else { 0 };
    // Another node was here.
    if after != begun {
        return Ok(());
    }
    engine.failpoint("sweep")?;
    let (object, ids, now) = (sweep.object.as_str(), &piece.ids, cx.moment.now);
    match sweep.look {
        Look::Records => reconcile::records(conn, &cx, object, ids, now).map(drop)?,
        Look::Rule(id) | Look::Coming(id) | Look::Held(id) => {
            if let Some(rule) = cx.org.follow.rule(id).filter(|rule| rule.active) {
                reconcile::by_rule(conn, &cx, rule, ids, now)?;
            }
        }
        Look::Journey | Look::Passing => {
            keep::journey(conn, engine, &cx, object, &ids.iter().copied().collect::<Vec<_>>())?;
        }
        Look::Plans => plans::follow::records(conn, &cx, &ids.iter().copied().collect::<Vec<_>>())?,
    }
    cursor::advance(conn, &sweep.name, Cursor { tx: sweep.generation, id: piece.on.unwrap_or(DONE) })
}
