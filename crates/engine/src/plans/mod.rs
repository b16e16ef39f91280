//! Plans of following up: steps with who, what and until when, started by what a customer is or by hand.
//!
//! ```text
//! change log, daily look ─► follow: who is to be on a plan? what shows that a step was done? ─► plan_run, plan_step ─► obligation
//! a person ─► act: start, done, skip, stop ─► follow of that customer at once
//! ```
//! A step that is open is a promise like any other (`obligation`, source `plan`), with its reminders. Whoever is on a plan keeps to the
//! version they began with. docs/adr/0012-lifecycle.md says why it is as it is.

pub mod act;
mod became;
mod defaults;
pub mod definition;
pub mod dry_run;
pub mod edit;
pub mod follow;
pub mod list;
pub(crate) mod rows;
#[cfg(test)]
mod tests;
mod who;

pub(crate) use defaults::{activate, seed};
