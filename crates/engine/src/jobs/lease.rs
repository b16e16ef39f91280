//! Work that one node does at a time: rows of a table with the columns `id, state, lease_until, holder`. A lease runs out when its process
//! dies; whoever sees that goes on.

use crate::error::Result;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};

/// How long a job belongs to a worker that says nothing (milliseconds). Every transaction of the work renews it.
pub const LEASE_MS: i64 = 30_000;

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
