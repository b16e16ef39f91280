//! Answers: out of what is kept, else asked for within the day's number.

use super::http::{self, Question, Trouble};
use super::settings::Provider;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::moment::DAY_MS;
use huike_store::{Conn, Sql};
use huike_vault::hex;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// What came of a question.
#[derive(Debug)]
pub enum Answer {
    /// None when the company is not known there.
    Known {
        answer: Option<Json>,
        asked: bool,
    },
    /// No more is asked today.
    Quota,
    Trouble(Trouble),
    /// The work is no longer ours.
    Lost,
}

/// Asks the provider at an address. `hold` keeps the work in our hands and says whether it is; it runs in the transaction that counts the
/// question.
///
/// # Errors
/// The database's.
pub async fn answer(
    engine: &Engine,
    provider: &Arc<Provider>,
    url: &str,
    hold: impl Fn(&mut Conn, i64) -> Result<bool> + Send + 'static,
) -> Result<Answer> {
    let address = hex(&Sha256::digest(url.as_bytes()));
    let (looked, now) = (address.clone(), engine.now());
    if let Some(answer) = engine.read(move |conn| kept(conn, &looked, now)).await? {
        return Ok(Answer::Known { answer, asked: false });
    }
    let (settings, day) = (provider.settings.clone(), provider.day(now));
    let counted = engine
        .write(move |conn| match hold(conn, now)? {
            true => Ok(Some(count(conn, &day, settings.quota)?)),
            false => Ok(None),
        })
        .await?;
    match counted {
        None => return Ok(Answer::Lost),
        Some(false) => return Ok(Answer::Quota),
        Some(true) => {}
    }
    let question = Question {
        url: url.to_owned(),
        header: provider.header.clone(),
        timeout: std::time::Duration::from_secs(provider.settings.timeout_seconds.unsigned_abs()),
    };
    let asked = tokio::task::spawn_blocking(move || http::ask(&question))
        .await
        .map_err(|_| EngineError::internal("a question to a provider panicked"))?;
    let answer = match asked {
        Ok(answer) => answer,
        Err(trouble) => return Ok(Answer::Trouble(trouble)),
    };
    let (text, until) = (answer.clone(), now + provider.settings.cache_days * DAY_MS);
    engine.write(move |conn| keep(conn, &address, text.as_ref(), now, until)).await?;
    Ok(Answer::Known { answer, asked: true })
}

fn kept(conn: &mut Conn, address: &str, now: i64) -> Result<Option<Option<Json>>> {
    let sql = "select found, body from provider_answer where address = $1 and until > $2";
    let Some(row) = conn.query_opt(&Sql::with(sql, [address.into(), now.into()])?)? else { return Ok(None) };
    Ok(Some(if row.int(0)? == 0 { None } else { serde_json::from_str(row.text(1)?).ok() }))
}

fn keep(conn: &mut Conn, address: &str, answer: Option<&Json>, now: i64, until: i64) -> Result<()> {
    let sql = "insert into provider_answer (address, found, body, at, until) values ($1, $2, $3, $4, $5) \
         on conflict (address) do update set found = excluded.found, body = excluded.body, at = excluded.at, \
         until = excluded.until";
    let values = [
        address.into(),
        i64::from(answer.is_some()).into(),
        answer.map_or_else(String::new, Json::to_string).into(),
        now.into(),
        until.into(),
    ];
    conn.execute(&Sql::with(sql, values)?)?;
    Ok(())
}

/// Counts a question; whether it may still be asked that day.
fn count(conn: &mut Conn, day: &str, quota: i64) -> Result<bool> {
    let sql = "insert into provider_day (day, asked) values ($1, 1) on conflict (day) do update \
         set asked = provider_day.asked + 1 where provider_day.asked < $2";
    Ok(conn.execute(&Sql::with(sql, [day.into(), quota.into()])?)? == 1)
}

/// How many questions were asked on a day.
///
/// # Errors
/// The database's.
pub fn asked_on(conn: &mut Conn, day: &str) -> Result<i64> {
    let sql = Sql::with("select asked from provider_day where day = $1", [day.into()])?;
    Ok(conn.query_opt(&sql)?.map(|row| row.int(0)).transpose()?.unwrap_or_default())
}

/// Forgets answers whose time is over.
///
/// # Errors
/// The database's.
pub fn tidy(conn: &mut Conn, now: i64) -> Result<()> {
    conn.execute(&Sql::with("delete from provider_answer where until <= $1", [now.into()])?)?;
    Ok(())
}
