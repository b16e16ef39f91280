//! What an operation can fail with.

use huike_model::{Code, Fault, Problem};
use huike_store::StoreError;

pub type Result<T, E = EngineError> = std::result::Result<T, E>;

/// A failed operation. Only [`EngineError::Problem`] is the caller's to mend.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("{0}")]
    Problem(Box<Problem>),
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    /// Something that can't be, with enough to find it in the code; never a value of a record.
    #[error("{0}")]
    Internal(String),
}

impl EngineError {
    pub fn internal(what: impl Into<String>) -> EngineError {
        EngineError::Internal(what.into())
    }

    /// What the caller is told. Faults of ours keep their details to the log.
    pub fn into_problem(self) -> Problem {
        match self {
            EngineError::Problem(problem) => *problem,
            EngineError::Store(StoreError::Unavailable { reason }) => {
                tracing::error!(%reason, "the database is not available");
                Problem::new(Code::Unavailable)
            }
            EngineError::Store(StoreError::Timeout) => Problem::new(Code::Unavailable),
            EngineError::Store(StoreError::Conflict) => Problem::new(Code::Conflict),
            EngineError::Store(StoreError::OutOfRange) => Problem::new(Code::Invalid).with_detail(
                "合计超出了能够计算的范围，请缩小范围，或检查有没有填错的大数",
                "The total is larger than can be counted; narrow the selection or look for a number that was mistyped",
            ),
            EngineError::Store(StoreError::NoRow) => Problem::new(Code::NotFound),
            other => {
                tracing::error!(error = %other, "an operation failed by our own fault");
                Problem::new(Code::Internal)
            }
        }
    }
}

impl From<Problem> for EngineError {
    fn from(problem: Problem) -> EngineError {
        EngineError::Problem(Box::new(problem))
    }
}

impl From<Code> for EngineError {
    fn from(code: Code) -> EngineError {
        Problem::new(code).into()
    }
}

impl From<Vec<Fault>> for EngineError {
    fn from(faults: Vec<Fault>) -> EngineError {
        Problem::invalid(faults).into()
    }
}

impl From<Fault> for EngineError {
    fn from(fault: Fault) -> EngineError {
        vec![fault].into()
    }
}
