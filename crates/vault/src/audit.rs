//! Reading a copy of the log against its signed checkpoints, offline, and naming the first row that is not
//! as it was sealed.
//!
//! Each log row is stored with its position (from 0, without gaps) and its leaf hash. A changed row no
//! longer fits its own hash; a removed, inserted or moved one breaks the count. Whoever rewrites the hash
//! along with the row is found at the next checkpoint, whose root they cannot sign: then the culprit is
//! known to lie among the rows since the checkpoint before.

use std::collections::VecDeque;

use crate::checkpoint::Checkpoint;
use crate::merkle::{Frontier, Hash, leaf_hash};

/// One row as found in the copy.
#[derive(Clone, Copy, Debug)]
pub struct LogRow<'a> {
    /// Stored position, from 0.
    pub position: u64,
    /// [`crate::merkle::canonical`] bytes of the row's contents, computed anew.
    pub content: &'a [u8],
    /// The leaf hash stored with the row.
    pub leaf: Hash,
}

/// The first thing wrong with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    #[error("row {position} was altered after it was sealed")]
    Altered { position: u64 },
    #[error("row {position} is missing")]
    Missing { position: u64 },
    #[error("row {position} stands where row {expected} should: the log was reordered or a row repeated")]
    OutOfOrder { position: u64, expected: u64 },
    #[error(
        "rows {from} to {to} were rewritten together with their hashes: the checkpoint at {to} does not fit"
    )]
    Rewritten { from: u64, to: u64 },
    #[error("rows from {from} to {to} are missing: the checkpoints cover {to} rows and the log ends before")]
    Truncated { from: u64, to: u64 },
    #[error("two signed checkpoints at {size} rows differ: the log was forked")]
    Forked { size: u64 },
}

impl LogFault {
    /// The same finding in Chinese; `to_string()` gives the English one.
    pub fn zh(self) -> String {
        match self {
            Self::Altered { position } => format!("第 {position} 行在封存之后被改过"),
            Self::Missing { position } => format!("缺少第 {position} 行"),
            Self::OutOfOrder { position, expected } => {
                format!("本应是第 {expected} 行的位置上是第 {position} 行:日志被调换了顺序或有重复行")
            }
            Self::Rewritten { from, to } => {
                format!("第 {from} 行至第 {to} 行连同其哈希被改写,与 {to} 行处的签名检查点不符")
            }
            Self::Truncated { from, to } => format!("检查点共覆盖 {to} 行,但日志从第 {from} 行起缺失"),
            Self::Forked { size } => format!("{size} 行处有两个不一致的签名检查点:日志出现过分叉"),
        }
    }
}

/// What a log without fault amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditSummary {
    /// Rows read.
    pub rows: u64,
    /// Rows covered by the last checkpoint; those after it are only checked against their own hashes.
    pub sealed: u64,
    /// Checkpoints whose root fitted.
    pub checkpoints: u64,
    /// Merkle root over all rows read.
    pub root: Hash,
}

/// A walk through the log, row by row in stored order, with O(log n) memory besides the checkpoints.
#[derive(Debug)]
pub struct Audit {
    frontier: Frontier,
    pending: VecDeque<Checkpoint>,
    sealed: u64,
    confirmed: u64,
}

impl Audit {
    /// Begins at the first row. `checkpoints` are the verified ones, in any order.
    ///
    /// # Errors
    /// [`LogFault::Forked`], or [`LogFault::Rewritten`] when a checkpoint of no rows has a root.
    pub fn new(mut checkpoints: Vec<Checkpoint>) -> Result<Audit, LogFault> {
        checkpoints.sort_by_key(|checkpoint| checkpoint.size);
        if let Some([a, _]) = checkpoints.array_windows().find(|[a, b]| a.size == b.size && a.root != b.root)
        {
            return Err(LogFault::Forked { size: a.size });
        }
        let mut audit =
            Audit { frontier: Frontier::default(), pending: checkpoints.into(), sealed: 0, confirmed: 0 };
        audit.check_sealed()?;
        Ok(audit)
    }

    /// Takes the next row.
    ///
    /// # Errors
    /// The [`LogFault`]. Nothing after the first one can be judged, so stop there.
    pub fn row(&mut self, row: LogRow<'_>) -> Result<(), LogFault> {
        let expected = self.frontier.size();
        if row.position > expected {
            return Err(LogFault::Missing { position: expected });
        }
        if row.position < expected {
            return Err(LogFault::OutOfOrder { position: row.position, expected });
        }
        if leaf_hash(row.content) != row.leaf {
            return Err(LogFault::Altered { position: row.position });
        }
        self.frontier.push(row.leaf);
        self.check_sealed()
    }

    /// Ends the walk.
    ///
    /// # Errors
    /// [`LogFault::Truncated`] when a checkpoint covers rows that did not come.
    pub fn finish(self) -> Result<AuditSummary, LogFault> {
        let rows = self.frontier.size();
        match self.pending.back() {
            Some(last) => Err(LogFault::Truncated { from: rows, to: last.size }),
            None => Ok(AuditSummary {
                rows,
                sealed: self.sealed,
                checkpoints: self.confirmed,
                root: self.frontier.root(),
            }),
        }
    }

    fn check_sealed(&mut self) -> Result<(), LogFault> {
        while let Some(checkpoint) = self.pending.pop_front_if(|next| next.size == self.frontier.size()) {
            if checkpoint.root != self.frontier.root() {
                return Err(LogFault::Rewritten { from: self.sealed, to: checkpoint.size });
            }
            self.sealed = checkpoint.size;
            self.confirmed += 1;
        }
        Ok(())
    }
}
