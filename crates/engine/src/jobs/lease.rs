//! Work that one node does at a time: rows of a table with the columns `id, state, lease_until, holder`. A lease runs out when its process
//! dies; whoever sees that goes on.

use crate::engine::Engine;
use crate::error::Result;
use huike_store::clock::Stopwatch;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use std::time::Duration;

/// How long a job belongs to a worker that says nothing (milliseconds). Every transaction of the work renews it.
pub const LEASE_MS: i64 = 30_000;

/// A row that is taken up so often without moving on fails: something in it ends its process.
pub const MAX_ATTEMPTS: u32 = 5;
/// How often work is looked for that nobody does.
const LOOKED_FOR: Duration = Duration::from_secs(5);
/// How often what is no longer needed is tidied up, which takes a write.
const TIDIED: Duration = Duration::from_secs(3_600);

/// How a worker comes to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Finished,
    /// The work was cancelled, or belongs to somebody else now.
    Lost,
    /// This node stops.
    Stopping,
}

/// Takes up what nobody works on and tidies up what is old, until [`Engine::stop_imports`]. `what` names the work in the log.
pub async fn tend<R, T>(
    engine: Engine,
    what: &'static str,
    resume: impl Fn(Engine) -> R,
    tidy: impl Fn(Engine) -> T,
) where
    R: Future<Output = Result<usize>>,
    T: Future<Output = Result<()>>,
{
    let mut tidied: Option<Stopwatch> = None;
    while !engine.imports().stopping() {
        if let Err(error) = resume(engine.clone()).await {
            tracing::warn!(%error, "{what} can't be looked after; trying again");
        }
        if tidied.as_ref().is_none_or(|watch| watch.elapsed() > TIDIED) {
            match tidy(engine.clone()).await {
                Ok(()) => tidied = Some(Stopwatch::start()),
                Err(error) => tracing::warn!(%error, "old {what} can't be tidied up; trying again"),
            }
        }
        tokio::time::sleep(LOOKED_FOR).await;
    }
}

/// The right to work on one row.
#[derive(Clone, Debug)]
pub struct Held {
    table: &'static str,
    id: i64,
    token: String,
}

impl Held {
    pub fn new(table: &'static str, id: i64) -> Held {
        Held { table, id, token: huike_vault::random::token("") }
    }

    /// Takes the row if it stands in one of the states and nobody works on it.
    ///
    /// # Errors
    /// The database's.
    pub fn take(
        &self,
        conn: &mut Conn,
        states: impl IntoIterator<Item = &'static str>,
        now: i64,
    ) -> Result<bool> {
        let mut sql = Sql::raw(format!("update {} set holder = ", ident(self.table)?));
        sql.bind(self.token.as_str()).push(", lease_until = ").bind(now + LEASE_MS);
        sql.push(" where id = ").bind(self.id).push(" and (lease_until is null or lease_until < ").bind(now);
        sql.push(") and ").push_in("state", states);
        Ok(conn.execute(&sql)? == 1)
    }

    /// Renews it while the row stands in `state`; false when it is lost. Comes first in every transaction of the work.
    ///
    /// # Errors
    /// The database's.
    pub fn renew(&self, conn: &mut Conn, state: &str, now: i64) -> Result<bool> {
        let mut sql = Sql::raw(format!("update {} set lease_until = ", ident(self.table)?));
        sql.bind(now + LEASE_MS).push(" where id = ").bind(self.id);
        sql.push(" and holder = ").bind(self.token.as_str()).push(" and state = ").bind(state);
        Ok(conn.execute(&sql)? == 1)
    }

    /// Gives the row back, so that it is taken up at once.
    ///
    /// # Errors
    /// The database's.
    pub fn give_back(&self, conn: &mut Conn) -> Result<()> {
        let mut sql = Sql::raw(format!(
            "update {} set holder = null, lease_until = null where id = ",
            ident(self.table)?
        ));
        sql.bind(self.id).push(" and holder = ").bind(self.token.as_str());
        conn.execute(&sql)?;
        Ok(())
    }
}

/// Rows in one of the states that nobody works on, the first twenty.
///
/// # Errors
/// The database's.
pub fn idle(
    conn: &mut Conn,
    table: &'static str,
    states: impl IntoIterator<Item = &'static str>,
    now: i64,
) -> Result<Vec<i64>> {
    let mut sql = Sql::raw(format!("select id from {} where ", ident(table)?));
    sql.push_in("state", states).push(" and (lease_until is null or lease_until < ").bind(now);
    sql.push(") order by id limit 20");
    Ok(conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<std::result::Result<_, _>>()?)
}

/// Work of a table without holders (`id, state, lease_until`) whose node died, now ours for `lease` (milliseconds). A server that rests
/// only reads here.
///
/// # Errors
/// The database's.
pub async fn adopt(
    engine: &Engine,
    table: &'static str,
    states: &'static [&'static str],
    lease: i64,
) -> Result<Option<i64>> {
    let now = engine.now();
    let dead = engine.read(move |conn| abandoned(conn, table, states, now)).await?;
    if dead.is_none() {
        return Ok(None);
    }
    engine
        .write(move |conn| {
            let Some((id, until)) = abandoned(conn, table, states, now)? else { return Ok(None) };
            let mut sql = Sql::raw(format!("update {} set lease_until = ", ident(table)?));
            sql.bind(now + lease).push(" where id = ").bind(id).push(" and lease_until = ").bind(until);
            sql.push(" and ").push_in("state", states.iter().copied());
            Ok((conn.execute(&sql)? == 1).then_some(id))
        })
        .await
}

/// The first whose lease has run out, and when that was.
fn abandoned(
    conn: &mut Conn,
    table: &'static str,
    states: &[&'static str],
    now: i64,
) -> Result<Option<(i64, i64)>> {
    let mut sql = Sql::raw(format!("select id, lease_until from {} where ", ident(table)?));
    sql.push_in("state", states.iter().copied()).push(" and lease_until < ").bind(now);
    sql.push(" order by id limit 1");
    conn.query_opt(&sql)?.map(|row| Ok((row.int(0)?, row.int(1)?))).transpose()
}
