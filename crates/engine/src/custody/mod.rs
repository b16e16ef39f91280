//! Whose a customer is and was: one span after the other of an owner or of a public pool, with how it came to that and why.
//!
//! ```text
//! claim, return, recycle, assign, hand over ─► give (owner, what goes along, log) ─► span     (one transaction)
//! anything else that changes an owner ─► change log ─► sync (the span that is missing)
//! ```
//! The owner on the customer's row says whose it is now; the spans say since when, and are what limits, cooldowns and the customer's
//! history are asked of. docs/adr/0013-custody.md says why.

pub(crate) mod give;
pub mod history;
pub(crate) mod span;
mod sync;

pub(crate) use give::{Turn, give_customer};
pub(crate) use span::How;
pub(crate) use sync::sync;
