//! The change log: one row per change, in the transaction that made it, read in an order that late
//! commits cannot disturb.

use crate::row::Row;
use crate::{Conn, Sql, SqlValue, StoreError};

/// A row of `change_log`. JSON stays text here: what it means is the engine's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    pub tx: i64,
    pub id: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    pub actor: Option<i64>,
    pub actor_kind: String,
    pub via: String,
    pub request: Option<String>,
    pub object: String,
    pub record_id: Option<i64>,
    pub op: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub meta: Option<String>,
}

/// A place in the log, after a row. The default is the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub tx: i64,
    pub id: i64,
}

/// The columns `LogEntry::read` expects, in order.
pub const COLUMNS: &str =
    "tx, id, at, actor, actor_kind, via, request, object, record_id, op, before, after, meta";

impl LogEntry {
    pub fn cursor(&self) -> Cursor {
        Cursor { tx: self.tx, id: self.id }
    }

    /// The values of `COLUMNS`, in order.
    pub fn into_values(self) -> [SqlValue; 13] {
        [
            self.tx.into(),
            self.id.into(),
            self.at.into(),
            self.actor.into(),
            self.actor_kind.into(),
            self.via.into(),
            self.request.into(),
            self.object.into(),
            self.record_id.into(),
            self.op.into(),
            self.before.into(),
            self.after.into(),
            self.meta.into(),
        ]
    }

    /// The statement that appends this row.
    pub fn insert(self) -> Result<Sql, StoreError> {
        let places = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13";
        Sql::with(format!("insert into change_log ({COLUMNS}) values ({places})"), self.into_values())
    }

    /// Reads a row of `COLUMNS`.
    pub fn read(row: &Row) -> Result<Self, StoreError> {
        let text = |i| Ok::<_, StoreError>(row.opt_text(i)?.map(str::to_owned));
        Ok(Self {
            tx: row.int(0)?,
            id: row.int(1)?,
            at: row.int(2)?,
            actor: row.opt_int(3)?,
            actor_kind: row.text(4)?.to_owned(),
            via: row.text(5)?.to_owned(),
            request: text(6)?,
            object: row.text(7)?.to_owned(),
            record_id: row.opt_int(8)?,
            op: row.text(9)?.to_owned(),
            before: text(10)?,
            after: text(11)?,
            meta: text(12)?,
        })
    }
}

/// Up to `limit` rows after `cursor` in the order of (tx, id).
///
/// A row that is returned can never be preceded by one that appears later: on PostgreSQL only
/// transactions below every running one are read (a smaller number may commit after a larger), on
/// SQLite the only writer numbers in commit order. A long write transaction anywhere in the PostgreSQL
/// cluster holds readers back; it does not make them skip.
pub fn read_after(conn: &mut Conn, cursor: Cursor, limit: u32) -> Result<Vec<LogEntry>, StoreError> {
    let mut sql = Sql::raw(format!("select {COLUMNS} from change_log where (tx, id) > ("));
    sql.bind(cursor.tx).push(", ").bind(cursor.id).push(")");
    if let Some(settled) = conn.dialect().settled_tx("tx", conn.tx_base()) {
        sql.push(" and ").push(&settled);
    }
    sql.push(" order by tx, id limit ").bind(limit);
    conn.query(&sql)?.iter().map(LogEntry::read).collect()
}

/// The place after the newest row that `read_after` would return: where a reader of what is to come begins.
pub fn settled_end(conn: &mut Conn) -> Result<Cursor, StoreError> {
    let mut sql = Sql::raw("select tx, id from change_log");
    if let Some(settled) = conn.dialect().settled_tx("tx", conn.tx_base()) {
        sql.push(" where ").push(&settled);
    }
    sql.push(" order by tx desc, id desc limit 1");
    match conn.query_opt(&sql)? {
        Some(row) => Ok(Cursor { tx: row.int(0)?, id: row.int(1)? }),
        None => Ok(Cursor::default()),
    }
}
