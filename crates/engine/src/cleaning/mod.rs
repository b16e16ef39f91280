//! Bulk cleaning: values brought to the written form that the field types give them, and gaps filled from related records and from a
//! provider of company data. First everything is proposed, before → after; then what was not left out is written through the one pipeline
//! of [`crate::records`], as the person who said so; within 30 days it is taken back.
//!
//! ```text
//! start ─► look (record by record: standard, related, provider) ─► proposals, one row a value ─► preview
//!                                                                       │ apply                    │ undo
//!                                                                       ▼                          ▼
//!                               a chunk of records in one transaction with the run's mark; whoever takes it over goes on behind the mark
//! ```
//! A gap is filled only where nothing stands, a value is put in order only while it is the one that was looked at, and taken back only
//! while it is the one that was written: what a person did meanwhile stays and is told. docs/adr/0016-cleaning.md says why.

mod apply;
mod changes;
mod look;
mod related;
mod request;
mod run;
mod sources;
mod standard;
mod steps;
mod view;
mod worker;

#[cfg(test)]
pub(crate) mod tests;

pub use changes::ChangesRequest;
pub(crate) use look::Found;
pub use request::{ApplyRequest, StartRequest};
pub use run::State;
pub use worker::tend;

use huike_model::Field;
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};

/// Fields that a run of this caller's may write, on whatever record. What is sealed is not copied about.
fn writable(access: &ObjectAccess, field: &Field) -> bool {
    !field.read_only()
        && !field.system
        && !field.encrypted
        && matches!(access.reach(field, FieldAccess::Write), FieldReach::Everywhere)
}

/// Fields whose changes the caller may look at.
fn readable(access: &ObjectAccess, field: &Field) -> bool {
    !field.encrypted && matches!(access.reach(field, FieldAccess::Read), FieldReach::Everywhere)
}
