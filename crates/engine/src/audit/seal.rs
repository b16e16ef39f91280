//! Sealing: every row of the log becomes, in order, a leaf of a Merkle tree whose root is signed now and then.
//!
//! One transaction takes a batch: it locks the cursor (so that of two nodes one waits and then finds nothing left), reads the rows that
//! can no longer be preceded by another, and stores leaves, tree and checkpoint together with the new cursor. What a crash leaves behind
//! is therefore always a whole batch or none of it.

use super::leaf;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::jobs::cursor;
use huike_model::access::AdminArea;
use huike_store::ddl::ColumnDef;
use huike_store::log::{self, Cursor};
use huike_store::{Conn, Kind, Sql, SqlValue};
use huike_vault::checkpoint::{self, Checkpoint, PublicKey};
use huike_vault::merkle::Frontier;
use huike_vault::{hex, random};

const CONSUMER: &str = "seal";
/// Rows per transaction.
const BATCH: u32 = 1_000;
/// A quiet log is signed this often, in milliseconds: a signature per row would double the log.
const SIGN_EVERY_MS: i64 = 60_000;

/// What one round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Rows that became leaves.
    pub rows: u64,
    /// Checkpoints signed.
    pub checkpoints: u64,
}

/// Seals everything that can be sealed now. Any number of nodes may call it at any time.
///
/// # Errors
/// The database's; a stored tree that doesn't fit the leaves.
pub async fn seal(engine: &Engine) -> Result<Sealed> {
    let mut sealed = Sealed::default();
    if !engine.read(pending).await? {
        return Ok(sealed);
    }
    loop {
        let this = engine.clone();
        let batch = engine.write(move |conn| seal_batch(conn, &this)).await?;
        sealed.rows += batch.rows;
        sealed.checkpoints += batch.checkpoints;
        if batch.rows < u64::from(BATCH) {
            return Ok(sealed);
        }
    }
}

/// The public half of the signing key, as text for auditors to keep.
///
/// # Errors
/// `forbidden` unless the caller may read the audit log.
pub async fn public_key(engine: &Engine, cx: &Cx) -> Result<String> {
    cx.require(AdminArea::Audit)?;
    let this = engine.clone();
    engine.write(move |conn| Ok(key_of(conn, &this)?.to_string())).await
}

fn seal_batch(conn: &mut Conn, engine: &Engine) -> Result<Sealed> {
    let cursor = cursor::locked(conn, CONSUMER, Cursor::default())?;
    let entries = log::read_after(conn, cursor, BATCH)?;
    let mut frontier = frontier(conn)?;
    let signed = last_signed(conn)?;
    let (from, now) = (frontier.size(), engine.now());
    let mut leaves = Vec::with_capacity(entries.len());
    for entry in &entries {
        let hash = leaf::hash(entry);
        leaves.push(vec![stored(frontier.size()), entry.tx.into(), entry.id.into(), hash.into()]);
        frontier.push(hash);
    }
    conn.insert_many("audit_leaf", &leaf_columns(), &leaves)?;
    if let Some(last) = entries.last() {
        cursor::advance(conn, CONSUMER, last.cursor())?;
        store_frontier(conn, &frontier)?;
    }
    let rows = frontier.size() - from;
    let due = rows == u64::from(BATCH)
        || signed.time_ms.is_none_or(|then| !(then..then + SIGN_EVERY_MS).contains(&now));
    let sign = frontier.size() > signed.size && due;
    if sign {
        let key = key_of(conn, engine)?;
        let checkpoint = Checkpoint {
            origin: key.name().to_owned(),
            size: frontier.size(),
            root: frontier.root(),
            time: now.div_euclid(1_000),
        };
        let note = checkpoint::sign(&checkpoint, engine.keys().signing())
            .map_err(|error| EngineError::internal(error.to_string()))?;
        conn.execute(&Sql::with(
            "insert into audit_checkpoint (size, note) values ($1, $2)",
            [stored(checkpoint.size), note.into()],
        )?)?;
    }
    Ok(Sealed { rows, checkpoints: u64::from(sign) })
}

/// Whether a row waits for its seal or a leaf for a signature: a quiet log costs no write.
fn pending(conn: &mut Conn) -> Result<bool> {
    let cursor = cursor::of(conn, CONSUMER)?.unwrap_or_default();
    Ok(!log::read_after(conn, cursor, 1)?.is_empty() || frontier(conn)?.size() > last_signed(conn)?.size)
}

fn leaf_columns() -> [ColumnDef; 4] {
    [("n", Kind::Int), ("tx", Kind::Int), ("log_id", Kind::Int), ("hash", Kind::Blob)]
        .map(|(name, kind)| ColumnDef::new(name, kind))
}

/// Sizes and positions stay far below 2^63.
fn stored(number: u64) -> SqlValue {
    SqlValue::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

fn frontier(conn: &mut Conn) -> Result<Frontier> {
    let row = conn.query_opt(&Sql::raw("select state from audit_frontier where id = 1"))?;
    let Some(row) = row else { return Ok(Frontier::default()) };
    Frontier::from_bytes(row.blob(0)?).map_err(|error| EngineError::internal(error.to_string()))
}

fn store_frontier(conn: &mut Conn, frontier: &Frontier) -> Result<()> {
    conn.execute(&Sql::with(
        "insert into audit_frontier (id, state) values (1, $1) on conflict (id) do update set state = excluded.state",
        [frontier.to_bytes().into()],
    )?)?;
    Ok(())
}

#[derive(Default)]
struct Signed {
    size: u64,
    /// When, to the second.
    time_ms: Option<i64>,
}

fn last_signed(conn: &mut Conn) -> Result<Signed> {
    let row =
        conn.query_opt(&Sql::raw("select size, note from audit_checkpoint order by size desc limit 1"))?;
    let Some(row) = row else { return Ok(Signed::default()) };
    let time_ms = checkpoint::parse(row.text(1)?).ok().map(|note| note.claimed().time.saturating_mul(1_000));
    Ok(Signed { size: row.int(0)?.unsigned_abs(), time_ms })
}

/// The log's name, chosen at random once, with the key that signs it.
fn key_of(conn: &mut Conn, engine: &Engine) -> Result<PublicKey> {
    let select = Sql::raw("select value from setting where key = 'audit_origin'");
    if conn.query_opt(&select)?.is_none() {
        let origin = format!("huike-{}", hex(&random::bytes::<8>()));
        conn.execute(&Sql::with(
            "insert into setting (key, value) values ('audit_origin', $1) on conflict (key) do nothing",
            [origin.into()],
        )?)?;
    }
    let row = conn.query_one(&select)?;
    checkpoint::public_key(engine.keys().signing(), row.text(0)?)
        .map_err(|error| EngineError::internal(error.to_string()))
}
