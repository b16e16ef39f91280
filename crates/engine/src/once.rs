//! A request that says who it is (`Idempotency-Key`) takes effect once, however often it arrives.
//!
//! The key is written in the transaction of the request's own effect. A repetition that arrives while the first is still at work waits for
//! it; one that arrives later gets the first one's result. Results hold ids, versions and faults, never values of records.

use crate::cx::Cx;
use crate::error::{EngineError, Result};
use huike_model::{Code, Fault};
use huike_store::{Conn, Sql, SqlValue};
use huike_vault::hex;
use huike_vault::token::hash;
use serde_json::Value as Json;

/// How long a key is remembered, in milliseconds.
const KEPT: i64 = 24 * 3_600_000;
const MAX_KEY: usize = 200;

/// The name of a request, with what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    key: String,
    request: String,
}

impl Once {
    /// `request` is everything that tells one request from another: method, path, query, body.
    ///
    /// # Errors
    /// A key that is empty or longer than 200 bytes.
    pub fn new(key: &str, request: &[&[u8]]) -> Result<Once> {
        if key.trim().is_empty() || key.len() > MAX_KEY {
            let fault = Fault::new(
                "Idempotency-Key",
                "length",
                "幂等键应为 1 到 200 个字符",
                "The idempotency key has 1 to 200 characters",
            );
            return Err(fault.into());
        }
        // Parts are told apart by their lengths.
        let text: String = request.iter().map(|part| format!("{}:{};", part.len(), hex(part))).collect();
        Ok(Once { key: key.to_owned(), request: hex(&hash(&text)) })
    }
}

/// Runs `work` unless the caller's request has had its effect already; the result of then or of now.
///
/// # Errors
/// `idempotency_mismatch` when the key named another request; what `work` fails with, and then the key is free again.
pub fn once(conn: &mut Conn, cx: &Cx, work: impl FnOnce(&mut Conn) -> Result<Json>) -> Result<Json> {
    let Some(once) = &cx.once else { return work(conn) };
    let (user, now) = (cx.author(), cx.moment.now);
    conn.execute(&Sql::with("delete from idempotency where at < $1", [(now - KEPT).into()])?)?;
    let claimed = conn.execute(&Sql::with(
        "insert into idempotency (user_id, key, request_hash, status, body, at) values ($1, $2, $3, null, null, $4) \
         on conflict (user_id, key) do nothing",
        [user.into(), once.key.as_str().into(), once.request.as_str().into(), now.into()],
    )?)?;
    let mine = |text: &str| Sql::with(text, [user.into(), once.key.as_str().into()]);
    if claimed == 0 {
        let row = conn.query_opt(&mine(
            "select request_hash, body from idempotency where user_id = $1 and key = $2",
        )?)?;
        let row = row.ok_or(Code::Conflict)?;
        if row.text(0)? != once.request {
            return Err(Code::IdempotencyMismatch.into());
        }
        return serde_json::from_str(row.text(1)?)
            .map_err(|_| EngineError::internal("a kept result can't be read"));
    }
    let result = work(conn)?;
    conn.execute(&Sql::with(
        "update idempotency set body = $1 where user_id = $2 and key = $3",
        [SqlValue::from(result.to_string()), user.into(), once.key.as_str().into()],
    )?)?;
    Ok(result)
}
