//! The pieces of work, one transaction after another.

use super::apply;
use super::changes;
use super::look::{self, Chunk, MOST, Proposal, open};
use super::run::{Origin, Run, State};
use crate::engine::Engine;
use crate::enrichment::{Answer, answer};
use crate::error::Result;
use crate::jobs::lease::End;
use crate::jobs::lease::Held;
use std::sync::Arc;

/// After so many questions without an answer the provider is left alone for the rest of the run.
const PATIENCE: i64 = 3;

/// Looks at every record.
///
/// # Errors
/// `forbidden`, `not_found`, `not_signed_in`; the database's, after which it can be taken up again.
pub async fn look(engine: &Engine, mut run: Run, held: &Held) -> Result<End> {
    loop {
        if engine.imports().stopping() {
            return Ok(End::Stopping);
        }
        let cx = engine.cx(run.caller())?;
        let (this, asked) = (cx.clone(), run.clone());
        let mut chunk = engine.read(move |conn| look::chunk(conn, &this, &asked)).await?;
        if ask(engine, &cx, &mut run, &mut chunk, held).await? == End::Lost {
            return Ok(End::Lost);
        }
        run.progress.looked += chunk.seen.len() as i64;
        run.progress.after = chunk.seen.last().map(|seen| seen.record.id).or(run.progress.after);
        run.progress.attempts = 0;
        let (before, held, this, seen) = (run, held.clone(), engine.clone(), Arc::new(chunk.seen));
        let last = chunk.mark.is_none();
        let written = engine
            .write(move |conn| {
                let (mut run, now) = (before.clone(), this.now());
                if !held.renew(conn, run.state.name(), now)? {
                    return Ok(None);
                }
                let all = seen.iter().flat_map(|seen| seen.proposals.iter().map(|each| (&seen.record, each)));
                run.progress.proposed = changes::insert(conn, &run, all, now)?;
                this.failpoint("cleaning.looked")?;
                run.progress.more = run.progress.proposed >= MOST && !last;
                if last || run.progress.more {
                    run.state = State::Ready;
                    run.progress.total = Some(run.progress.looked);
                    run.save(conn, &[State::Looking], now)?;
                } else {
                    run.advance(conn, now)?;
                }
                Ok(Some(run))
            })
            .await?;
        match written {
            None => return Ok(End::Lost),
            Some(done) if done.state == State::Ready => return Ok(End::Finished),
            Some(done) => run = done,
        }
    }
}

/// Asks the provider about the records of a chunk that have gaps.
async fn ask(engine: &Engine, cx: &crate::Cx, run: &mut Run, chunk: &mut Chunk, held: &Held) -> Result<End> {
    let Some(provider) = chunk.provider.clone() else { return Ok(End::Finished) };
    for seen in &mut chunk.seen {
        let tally = &mut run.progress.provider;
        let Some(asking) = seen.asking.take().filter(|_| tally.stopped.is_none()) else { continue };
        let held = held.clone();
        let hold = move |conn: &mut huike_store::Conn, now| held.renew(conn, State::Looking.name(), now);
        match answer(engine, &provider, &asking.url, hold).await? {
            Answer::Lost => return Ok(End::Lost),
            Answer::Quota => tally.stopped = Some("quota".into()),
            Answer::Trouble(trouble) => {
                tally.asked += 1;
                tally.failed += 1;
                tally.failed_in_a_row += 1;
                if trouble.is_final() || tally.failed_in_a_row >= PATIENCE {
                    tally.stopped = Some(trouble.name().into());
                }
            }
            Answer::Known { answer, asked } => {
                tally.failed_in_a_row = 0;
                if asked {
                    tally.asked += 1
                } else {
                    tally.cached += 1
                }
                let Some(answer) = answer else {
                    tally.unknown += 1;
                    continue;
                };
                let Some(found) = provider.found(cx, &seen.record, &asking, &answer) else {
                    tally.other += 1;
                    continue;
                };
                tally.found += 1;
                let still = open(&chunk.fields, &seen.record, &seen.proposals);
                let fits = |name: &str| still.iter().any(|field| field.name == name);
                let proposed = found.into_iter().filter(|found| fits(&found.field.name));
                seen.proposals.extend(proposed.map(|found| Proposal { origin: Origin::Provider, found }));
            }
        }
    }
    Ok(End::Finished)
}

/// Writes what was proposed, or takes it back.
///
/// # Errors
/// As [`look`].
pub async fn write(engine: &Engine, mut run: Run, held: &Held) -> Result<End> {
    loop {
        if engine.imports().stopping() {
            return Ok(End::Stopping);
        }
        let cx = engine.cx(run.caller())?;
        let (before, held, this) = (run, held.clone(), engine.clone());
        let written = engine
            .write(move |conn| {
                let (mut run, now) = (before.clone(), cx.moment.now);
                let from = run.state;
                if !held.renew(conn, from.name(), now)? {
                    return Ok(None);
                }
                let last = apply::piece(conn, &this, &cx, &mut run)?;
                run.progress.attempts = 0;
                if last {
                    run.state = if from == State::Undoing { State::Undone } else { State::Done };
                    if run.state == State::Done {
                        run.definition.applied_at = Some(now);
                    }
                    run.save(conn, &[from], now)?;
                } else {
                    run.advance(conn, now)?;
                }
                Ok(Some((run, last)))
            })
            .await?;
        match written {
            None => return Ok(End::Lost),
            Some((_, true)) => return Ok(End::Finished),
            Some((done, false)) => run = done,
        }
    }
}
