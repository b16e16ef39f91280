//! Handing over what somebody looks after, because they leave or move: everything with an owner, found from the dictionary, so that no
//! object can be forgotten.
//!
//! ```text
//! request ─► preview (counts, checklist) ─► start: every record that moves and to whom, as rows, in one transaction
//!                                              └► work: a chunk is a transaction; what dies is taken up again ─► undo, likewise
//! ```
//! Nothing but the owner of a record changes: stages, dates and texts stay as they are.

mod checklist;
mod list;
mod plan;
mod request;
mod run;
#[cfg(test)]
mod tests;

pub use request::{HandoverRequest, Receiver};
pub use run::tend;
