//! Who gets a customer: rules that an administrator edits, asked in order of new customers and, by hand, of any.
//!
//! ```text
//! a new customer in the change log, or a selection ─► the first rule that fits ─► who of its people can take it now ─► whose turn it is
//!                                                          └► nobody: the next rule, the pool, or a steward
//! ```
//! What came of it and why is kept for each customer.

mod choose;
pub mod dry_run;
pub(crate) mod outcome;
mod rule;
pub mod rules;
pub mod run;
#[cfg(test)]
mod tests;

pub use rule::{Channel, Definition, Method, Otherwise, Rule, Target};
pub(crate) use run::for_new;
