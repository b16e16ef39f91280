//! The worker that brings deliveries out: claim, write, send, note.
//!
//! A claim and its end are transactions of their own, for nothing may be sent inside of one. Between them stands a lease: work that dies is
//! claimed again when it ends, and then sent a second time with the same key.

use super::devices;
use super::greetings;
use super::known::Known;
use super::letter::{self, Letter};
use super::outbox::{self, End, Parcel};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::dead;
use crate::obligations::notify::{Draft, looking_after};
use huike_courier::{Cause, Message, Receipt, Secrets, Undelivered};
use huike_model::access::AdminArea;
use huike_store::{Conn, Sql};
use serde_json::json;
use std::time::Duration;
use tokio::task::JoinSet;

/// How often a quiet node looks for something to send.
const PACE: Duration = Duration::from_secs(2);
const MINUTE: i64 = 60_000;
/// Faults in a row after which somebody is told: eight minutes, by the waiting times below.
const TOLD_AT: i64 = 4;
/// Waiting times after faults in a row.
const BACK_OFF: [i64; 6] = [MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE];

/// Sends what is due until the process ends.
pub async fn keep_posting(engine: Engine) {
    loop {
        if let Err(error) = round(&engine).await {
            tracing::warn!(%error, "messages can't be sent; trying again");
        }
        tokio::time::sleep(PACE).await;
    }
}

/// Sends what is due now; how many messages left.
///
/// # Errors
/// The database's.
pub async fn round(engine: &Engine) -> Result<usize> {
    let now = engine.now();
    let channels = engine
        .read(move |conn| {
            let due = "select 1 from delivery where next_at is not null and expires_at <= $1 limit 1";
            let stale = conn.query_opt(&Sql::with(due, [now.into()])?)?.is_some();
            Ok((stale, outbox::busy(conn, now)?))
        })
        .await?;
    let (stale, channels) = channels;
    if stale {
        engine.write(move |conn| outbox::end_stale(conn, now)).await?;
    }
    // A channel that hangs holds up no other.
    let mut running = JoinSet::new();
    for channel in channels {
        let engine = engine.clone();
        running.spawn(async move { serve(&engine, channel).await });
    }
    let mut sent = 0;
    while let Some(done) = running.join_next().await {
        match done {
            Ok(done) => sent += done?,
            Err(error) => tracing::error!(%error, "a channel's work broke off; its lease will end"),
        }
    }
    Ok(sent)
}

/// What is needed to send through a channel.
struct Open {
    known: Known,
    secrets: Secrets,
    parcels: Vec<(Parcel, Letter)>,
}

/// One go at one channel.
async fn serve(engine: &Engine, channel: i64) -> Result<usize> {
    let this = engine.clone();
    let open = engine.write(move |conn| open(conn, &this, channel)).await?;
    let Some(Open { known, secrets, parcels }) = open else { return Ok(0) };
    engine.failpoint("post.claimed")?;
    let mut sent = 0;
    // After a fault of the channel itself, what it still had to bring waits with the rest.
    let mut down: Option<i64> = None;
    for (parcel, letter) in parcels {
        let end = match (down, letter) {
            (Some(at), _) => End::Untried { at },
            (None, Letter::Nothing(reason)) => End::Dropped(reason),
            (None, Letter::NotBefore(at)) => End::Untried { at },
            (None, Letter::Written(message)) => match send(engine, &known, &secrets, *message).await {
                Ok(Receipt { reached, gone }) => {
                    if !gone.is_empty() {
                        let this = engine.clone();
                        engine.write(move |conn| devices::forget(conn, &this, &gone)).await?;
                    }
                    match reached {
                        0 => End::Dropped(Cause::NoAddress.name()),
                        _ => End::Sent,
                    }
                }
                Err(failed) => judged(engine, &known, &parcel, &failed),
            },
        };
        if let End::Later { at, fault } = &end
            && blames_channel(fault)
        {
            down = Some(*at);
        }
        engine.failpoint("post.sent")?;
        sent += usize::from(end == End::Sent);
        let this = engine.clone();
        engine.write(move |conn| note(conn, &this, channel, &parcel, &end)).await?;
    }
    Ok(sent)
}

fn open(conn: &mut Conn, engine: &Engine, channel: i64) -> Result<Option<Open>> {
    let now = engine.now();
    let Some(known) = Known::all(conn)?.into_iter().find(|known| known.id == channel && known.active) else {
        return Ok(None);
    };
    let cx = engine.cx(Caller::system(Via::System))?;
    let secrets = known.secrets(conn, &cx)?;
    let mut parcels = Vec::new();
    for parcel in outbox::claim(conn, channel, now)? {
        let letter = match (outbox::not_before(&cx, &parcel, now), parcel.greeting) {
            (at, _) if at > now => Letter::NotBefore(at),
            (_, Some(greeting)) => match greetings::message(conn, &cx, greeting, parcel.id)? {
                Some(message) => Letter::Written(Box::new(message)),
                None => Letter::Nothing("withdrawn"),
            },
            (_, None) => letter::write(conn, engine, &known, parcel.user, &parcel.notifications, parcel.id)?,
        };
        parcels.push((parcel, letter));
    }
    Ok(Some(Open { known, secrets, parcels }))
}

/// Sends on a thread that may wait.
///
/// # Errors
/// What kept it from leaving.
pub async fn send(
    engine: &Engine,
    known: &Known,
    secrets: &Secrets,
    message: Message,
) -> Result<Receipt, Undelivered> {
    let (channel, secrets, outside) = (known.channel.clone(), secrets.clone(), engine.outside());
    let sending = tokio::task::spawn_blocking(move || channel.send(&secrets, &outside.0, &message));
    sending.await.unwrap_or_else(|_| Err(Undelivered::new(Cause::Busy, "")))
}

/// A fault as it is kept: the cause, and the other side's words.
fn kept(failed: &Undelivered) -> String {
    format!("{}\n{}", failed.cause.name(), failed.detail)
}

/// Whether a fault is the channel's own rather than one message's.
fn blames_channel(fault: &str) -> bool {
    let cause = Cause::parse(fault.lines().next().unwrap_or_default());
    cause.is_some_and(|cause| !cause.is_final() && cause != Cause::Busy)
}

fn judged(engine: &Engine, known: &Known, parcel: &Parcel, failed: &Undelivered) -> End {
    let fault = kept(failed);
    tracing::warn!(channel = known.id, cause = failed.cause.name(), "a message could not be delivered");
    if failed.cause.is_final() {
        return End::Dead(fault);
    }
    let faults = if blames_channel(&fault) { known.health.failures } else { parcel.attempts };
    let place = usize::try_from(faults).unwrap_or(BACK_OFF.len()).min(BACK_OFF.len() - 1);
    End::Later { at: engine.now() + BACK_OFF[place], fault }
}

/// Tells whoever looks after the settings, once for each time that a channel is down for minutes.
fn tell_down(conn: &mut Conn, cx: &Cx, channel: i64, fault: &str) -> Result<()> {
    let sql = Sql::with("select name, failures from channel where id = $1", [channel.into()])?;
    let Some(row) = conn.query_opt(&sql)? else { return Ok(()) };
    if row.int(1)? != TOLD_AT {
        return Ok(());
    }
    let why = json!({"channel": channel, "name": row.text(0)?, "fault": fault});
    for user in looking_after(cx, AdminArea::Settings) {
        let once = format!("c{channel}:{}:{user}", cx.moment.now);
        conn.batch(&Draft::plain(user, "channel", why.clone(), once).insert(conn, cx)?)?;
    }
    Ok(())
}

/// Writes down what became of a parcel and how the channel does.
fn note(conn: &mut Conn, engine: &Engine, channel: i64, parcel: &Parcel, end: &End) -> Result<()> {
    let now = engine.now();
    let cx: Cx = engine.cx(Caller::system(Via::System))?;
    if !outbox::finish(conn, parcel, end, now)? {
        return Ok(());
    }
    if let (Some(greeting), Some(state)) = (parcel.greeting, end.of_greeting()) {
        greetings::ended(conn, engine, &cx, greeting, state)?;
    }
    match end {
        End::Sent => {
            let sql =
                "update channel set retry_at = null, failures = 0, fault = null, sent_at = $1 where id = $2";
            conn.execute(&Sql::with(sql, [now.into(), channel.into()])?)?;
        }
        End::Later { at, fault } if blames_channel(fault) => {
            let sql = "update channel set retry_at = $1, failures = failures + 1, fault = $2 where id = $3";
            conn.execute(&Sql::with(sql, [(*at).into(), fault.into(), channel.into()])?)?;
            tell_down(conn, &cx, channel, fault)?;
        }
        End::Dead(fault) => dead::put_work(conn, &cx, dead::DELIVER, "delivery", parcel.id, fault)?,
        End::Later { .. } | End::Untried { .. } | End::Dropped(_) => {}
    }
    Ok(())
}
