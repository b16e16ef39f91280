//! What can go wrong below the engine, in one shape for both databases.

use thiserror::Error;

/// A failure of the store. `Display` and `Debug` never print a value that was bound to a statement or
/// stored in a row: constraint names, SQLSTATE and SQLite result codes only.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// A second row under a unique index. `index` is the physical index name on both databases;
    /// a primary key is `{table}_pkey`.
    #[error("a row with the same key exists (index {index})")]
    UniqueViolation { index: String },
    /// A reference to a row that is not there, or a delete of a row that others refer to.
    #[error("a referenced row does not exist")]
    ForeignKey,
    /// The database cannot serve now: unreachable, restarting, disk full, locked by another process.
    /// Nothing of the job is kept, except when the connection broke during COMMIT (then it may be).
    #[error("the database is unavailable: {reason}")]
    Unavailable { reason: String },
    /// A statement ran longer than the limit in `Options::statement_timeout`.
    #[error("the database took too long")]
    Timeout,
    /// The database file or a page of it is damaged.
    #[error("the database is damaged: {reason}")]
    Corrupt { reason: String },
    /// Concurrent writers kept colliding until the retries were used up.
    #[error("too many concurrent changes to the same rows")]
    Conflict,
    /// A statement followed a failed one in the same transaction without `Conn::savepoint` around it.
    #[error("the transaction had already failed")]
    Aborted,
    /// The job panicked; its transaction was rolled back.
    #[error("a database job panicked")]
    Panicked,
    /// A sum left the 64 bits that numbers are kept in.
    #[error("a number is out of range")]
    OutOfRange,
    /// `query_one` found no row.
    #[error("the row does not exist")]
    NoRow,
    /// Anything else: a fault in a statement or in how it was used.
    #[error("database error {code}: {message}")]
    Other { code: String, message: String },
}

impl StoreError {
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into() }
    }

    pub fn other(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Other { code: code.into(), message: message.into() }
    }

    /// A statement or a row was used in a way its author did not mean; always a bug.
    pub(crate) fn misuse(message: impl Into<String>) -> Self {
        Self::other("misuse", message)
    }
}
