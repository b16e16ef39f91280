//! Checking a copy of the log offline, with nothing but the copy and the public key.
//!
//! Leaves are walked in order beside the rows they name. What doesn't fit is reported once, at the first place: nothing behind it can be
//! judged. Rows that were slipped in between sealed ones have no leaf and are looked for by themselves.

use super::leaf;
use crate::error::{EngineError, Result};
use huike_model::{Code, Label, Problem};
use huike_store::log::{COLUMNS, Cursor, LogEntry};
use huike_store::{Conn, Location, Row, Sql, Store};
use huike_vault::audit::{Audit, LogFault, LogRow};
use huike_vault::checkpoint::{self, Checkpoint, PublicKey};
use serde::Serialize;

const PAGE: i64 = 1_000;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The log's name, from the key.
    pub origin: String,
    /// Rows that have a leaf.
    pub rows: u64,
    /// Rows under a signed checkpoint.
    pub signed: u64,
    pub checkpoints: u64,
    /// Rows that were written after the last leaf and are not sealed yet.
    pub unsealed: u64,
    /// The first thing that is not as it was sealed; none when all is.
    pub finding: Option<Finding>,
}

/// The first thing wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `altered`, `missing`, `out_of_order`, `rewritten`, `truncated`, `forked`, `inserted` or `bad_checkpoint`.
    pub kind: &'static str,
    pub message: Label,
    /// Position among the leaves, from 0.
    pub position: Option<u64>,
    /// The row, as far as it is known.
    pub tx: Option<i64>,
    pub id: Option<i64>,
    /// Milliseconds since 1970.
    pub at: Option<i64>,
    pub object: Option<String>,
    pub record: Option<i64>,
}

/// Checks the log of the database `store`. `key` is the text from [`super::seal::public_key`]; `kept` are checkpoints that somebody put
/// aside earlier: only they show that the end of the log, signatures and all, was cut off.
///
/// # Errors
/// `invalid` when `key` is no key or a kept checkpoint can't be read; the database's.
pub fn verify(store: &Store, key: &str, kept: &[String]) -> Result<Verification> {
    let key = public_key(key)?;
    store.read_blocking(|conn| verify_in(conn, &key, kept))
}

/// As [`verify`], on a database as it lies there: nothing is locked, brought up to date or written. So it may be a copy that somebody else
/// holds, on a disk that can't be written, or the database of a server that serves.
///
/// # Errors
/// As [`verify`].
pub fn verify_copy(location: &Location, key: &str, kept: &[String]) -> Result<Verification> {
    let key = public_key(key)?;
    Store::read_copy(location, |conn| verify_in(conn, &key, kept))
}

fn public_key(key: &str) -> Result<PublicKey> {
    let fault = |error: checkpoint::CheckpointError| {
        Problem::new(Code::Invalid).with_detail("这不是审计公钥，应为“名称+校验+base64”", error.to_string())
    };
    Ok(key.parse().map_err(fault)?)
}

fn verify_in(conn: &mut Conn, key: &PublicKey, kept: &[String]) -> Result<Verification> {
    conn.allow_long_statements()?;
    let mut walk = Walk { last: None, out: Verification::of(key) };
    let finding = match checkpoints(conn, key, kept)? {
        Err(finding) => Some(finding),
        Ok(checkpoints) => {
            let walked = walk.leaves(conn, checkpoints)?;
            let inserted = walk.inserted(conn)?;
            earlier(walked, inserted)
        }
    };
    walk.out.finding = finding;
    Ok(walk.out)
}

/// Of two findings the one at the earlier row.
fn earlier(walked: Option<Finding>, inserted: Option<Finding>) -> Option<Finding> {
    match (walked, inserted) {
        (Some(walked), Some(inserted)) => {
            let inserted_first =
                walked.tx.is_none_or(|tx| (inserted.tx, inserted.id) < (Some(tx), walked.id));
            Some(if inserted_first { inserted } else { walked })
        }
        (walked, inserted) => walked.or(inserted),
    }
}

/// The checkpoints in the copy and the kept ones, signatures checked.
fn checkpoints(
    conn: &mut Conn,
    key: &PublicKey,
    kept: &[String],
) -> Result<std::result::Result<Vec<Checkpoint>, Finding>> {
    let mut checked = Vec::new();
    for row in conn.query(&Sql::raw("select size, note from audit_checkpoint order by size"))? {
        let size = row.int(0)?.unsigned_abs();
        let found = checkpoint::parse(row.text(1)?).and_then(|note| note.verify(key));
        match found {
            Ok(checkpoint) if checkpoint.size == size => checked.push(checkpoint),
            Ok(_) => {
                return Ok(Err(Finding::bad_checkpoint(size, "the checkpoint was moved", "检查点被挪动过")));
            }
            Err(error) => {
                return Ok(Err(Finding::bad_checkpoint(
                    size,
                    &error.to_string(),
                    "签名不符：检查点被改过，或不是这把密钥签的",
                )));
            }
        }
    }
    for (number, text) in kept.iter().enumerate() {
        let note = checkpoint::parse(text).and_then(|note| note.verify(key)).map_err(|error| {
            let number = number + 1;
            EngineError::from(Problem::new(Code::Invalid).with_detail(
                format!("第 {number} 份留存的检查点无法使用：格式不对，或不是这个日志的"),
                format!("kept checkpoint {number}: {error}"),
            ))
        })?;
        checked.push(note);
    }
    Ok(Ok(checked))
}

struct Walk {
    /// The row of the last leaf that was in order.
    last: Option<Cursor>,
    out: Verification,
}

impl Walk {
    fn leaves(&mut self, conn: &mut Conn, checkpoints: Vec<Checkpoint>) -> Result<Option<Finding>> {
        let mut audit = match Audit::new(checkpoints) {
            Ok(audit) => audit,
            Err(fault) => return Ok(Some(Finding::of(fault, None, None))),
        };
        let mut after = -1;
        loop {
            let rows = conn.query(&page_after(after)?)?;
            let Some(last) = rows.last() else { break };
            after = last.int(0)?;
            for row in &rows {
                if let Some(finding) = self.leaf(row, &mut audit)? {
                    return Ok(Some(finding));
                }
            }
        }
        match audit.finish() {
            Ok(summary) => {
                self.out.signed = summary.sealed;
                self.out.checkpoints = summary.checkpoints;
                Ok(None)
            }
            Err(fault) => Ok(Some(Finding::of(fault, None, None))),
        }
    }

    /// One leaf beside its row; what is wrong with it, if anything is.
    fn leaf(&mut self, row: &Row, audit: &mut Audit) -> Result<Option<Finding>> {
        let position = row.int(0)?.unsigned_abs();
        let cursor = Cursor { tx: row.int(1)?, id: row.int(2)? };
        // The left join gives an empty row where the log has none.
        let entry = if row.opt_int(4)?.is_some() { Some(entry(row)?) } else { None };
        let Some(entry) = entry else {
            return Ok(Some(Finding::of(LogFault::Missing { position }, Some(cursor), None)));
        };
        if self.last.is_some_and(|last| cursor <= last) {
            let expected = self.out.rows;
            return Ok(Some(Finding::of(
                LogFault::OutOfOrder { position, expected },
                Some(cursor),
                Some(&entry),
            )));
        }
        let Ok(leaf) = row.blob(3)?.try_into() else {
            return Ok(Some(Finding::of(LogFault::Altered { position }, Some(cursor), Some(&entry))));
        };
        match audit.row(LogRow { position, content: &leaf::content(&entry), leaf }) {
            Ok(()) => {
                self.last = Some(cursor);
                self.out.rows += 1;
                Ok(None)
            }
            // What is missing is the leaf before this one, not this row.
            Err(fault @ LogFault::Missing { .. }) => Ok(Some(Finding::of(fault, None, None))),
            Err(fault) => Ok(Some(Finding::of(fault, Some(cursor), Some(&entry)))),
        }
    }

    /// The first row without a leaf although later rows have one; counts the ones behind the last leaf.
    fn inserted(&mut self, conn: &mut Conn) -> Result<Option<Finding>> {
        let last = conn.query_opt(&Sql::raw(
            "select tx, log_id from audit_leaf order by tx desc, log_id desc limit 1",
        ))?;
        let last = match last {
            Some(row) => Cursor { tx: row.int(0)?, id: row.int(1)? },
            None => Cursor::default(),
        };
        let tail = Sql::with(
            "select count(*) from change_log where (tx, id) > ($1, $2)",
            [last.tx.into(), last.id.into()],
        )?;
        self.out.unsealed = conn.query_one(&tail)?.int(0)?.unsigned_abs();
        let mut sql = Sql::raw(format!("select {COLUMNS} from change_log c where (c.tx, c.id) < ("));
        sql.bind(last.tx).push(", ").bind(last.id);
        sql.push(") and not exists (select 1 from audit_leaf l where l.tx = c.tx and l.log_id = c.id) order by c.tx, c.id limit 1");
        let found = conn.query_opt(&sql)?.map(|row| LogEntry::read(&row)).transpose()?;
        Ok(found.map(|entry| {
            let message = Label::new(
                "这一行没有被封存过，是事后插入的",
                "this row was never sealed: it was inserted afterwards",
            );
            Finding { message, ..Finding::new("inserted", None, Some(entry.cursor()), Some(&entry)) }
        }))
    }
}

fn page_after(position: i64) -> Result<Sql> {
    let columns: Vec<String> = COLUMNS.split(", ").map(|column| format!("c.{column}")).collect();
    let mut sql = Sql::raw(format!(
        "select l.n, l.tx, l.log_id, l.hash, {} from audit_leaf l left join change_log c on c.tx = l.tx and c.id = l.log_id \
         where l.n > ",
        columns.join(", ")
    ));
    sql.bind(position).push(" order by l.n limit ").bind(PAGE);
    Ok(sql)
}

/// The row beside a leaf, whose columns stand after the leaf's four.
fn entry(row: &Row) -> Result<LogEntry> {
    let text = |at: usize| Ok::<_, EngineError>(row.opt_text(at)?.map(str::to_owned));
    Ok(LogEntry {
        tx: row.int(4)?,
        id: row.int(5)?,
        at: row.int(6)?,
        actor: row.opt_int(7)?,
        actor_kind: row.text(8)?.to_owned(),
        via: row.text(9)?.to_owned(),
        request: text(10)?,
        object: row.text(11)?.to_owned(),
        record_id: row.opt_int(12)?,
        op: row.text(13)?.to_owned(),
        before: text(14)?,
        after: text(15)?,
        meta: text(16)?,
    })
}

impl Verification {
    fn of(key: &PublicKey) -> Verification {
        Verification {
            origin: key.name().to_owned(),
            rows: 0,
            signed: 0,
            checkpoints: 0,
            unsealed: 0,
            finding: None,
        }
    }
}

impl Finding {
    fn new(
        kind: &'static str,
        position: Option<u64>,
        row: Option<Cursor>,
        entry: Option<&LogEntry>,
    ) -> Finding {
        Finding {
            kind,
            message: Label::default(),
            position,
            tx: row.map(|row| row.tx),
            id: row.map(|row| row.id),
            at: entry.map(|entry| entry.at),
            object: entry.map(|entry| entry.object.clone()),
            record: entry.and_then(|entry| entry.record_id),
        }
    }

    fn of(fault: LogFault, row: Option<Cursor>, entry: Option<&LogEntry>) -> Finding {
        let (kind, position) = match fault {
            LogFault::Altered { position } => ("altered", Some(position)),
            LogFault::Missing { position } => ("missing", Some(position)),
            LogFault::OutOfOrder { position, .. } => ("out_of_order", Some(position)),
            LogFault::Rewritten { from, .. } => ("rewritten", Some(from)),
            LogFault::Truncated { from, .. } => ("truncated", Some(from)),
            LogFault::Forked { size } => ("forked", Some(size)),
        };
        Finding {
            message: Label::new(fault.zh(), fault.to_string()),
            ..Finding::new(kind, position, row, entry)
        }
    }

    fn bad_checkpoint(size: u64, en: &str, zh: &str) -> Finding {
        let message =
            Label::new(format!("{size} 行处的检查点：{zh}"), format!("the checkpoint at {size} rows: {en}"));
        Finding { message, ..Finding::new("bad_checkpoint", Some(size), None, None) }
    }
}
