//! Promises with a date, kept by the engine, so that no follow-up is lost.
//!
//! ```text
//! change log ─► keep (own cursor) ─► reconcile (what do these records promise now?) ─► settle (write the difference)
//!                    └► fulfil: who talked with a customer has kept what was due        └► leaks
//! clock ─► schedule: claim what is due ─► take the step ─► notification, once ─► next appointment      (one transaction)
//!       ─► sweep: look through all records when a rule changes · digest · nightly check
//! ```
//! A promise is a row of `obligation` and nothing else keeps due dates. Everything here looks at what is rather than at what happened, so
//! that work done twice changes nothing and work that was lost is done by the next look. docs/adr/0010-obligations.md says why.

pub mod act;
pub mod budget;
pub mod calendar;
pub mod check;
pub mod dead;
mod defaults;
pub mod digest;
pub mod dry_run;
mod fed;
mod follow;
pub mod heard;
pub mod ignored;
pub mod keep;
mod ladder;
pub mod leaks;
pub mod list;
pub mod notifications;
pub(crate) mod notify;
mod passing;
pub mod radar;
mod reconcile;
pub mod row;
pub mod rule;
pub mod rules;
pub mod run;
pub mod schedule;
mod settle;
pub(crate) mod standard;
mod steps;
pub mod sweep;
pub mod team;
mod tell;
#[cfg(test)]
pub(crate) mod tests;
mod weekly;

pub(crate) use defaults::seed;
pub use follow::{Absence, CalendarSettings, Follow};
pub(crate) use list::{cursor_text, mark};
pub(crate) use notify::{Draft, overseers};
pub use run::{Gauges, keep_promises};
pub(crate) use standard::{CUSTOMER, LOST, NO_ANSWER, TALKS};
pub(crate) use steps::{Promise, settle as settle_steps};
pub use tell::Notices;
