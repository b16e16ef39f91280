//! Reading and writing records of any object.
//!
//! Every write, whoever makes it, goes through [`write`]: read the body, fill defaults and computed fields, check everything, seal, store,
//! index, log, and bring the roll-ups of parents up to date, in one transaction. The other files are one operation each.

pub mod aggregate;
pub(crate) mod ahead;
mod attachments;
pub mod batch;
pub mod body;
mod columns;
pub mod create;
pub mod delete;
pub mod duplicates;
mod faults;
pub(crate) mod formulas;
pub mod get;
pub mod hierarchy;
pub mod history;
pub(crate) mod insert;
pub mod key_index;
pub(crate) mod likeness;
pub mod list;
pub mod load;
pub(crate) mod log;
pub(crate) mod many;
pub(crate) mod match_key;
mod mentions;
pub(crate) mod numbers;
pub mod overview;
pub mod paste;
pub mod reads;
pub(crate) mod references;
pub(crate) mod rekey;
pub mod render;
pub mod restore;
pub mod rollups;
mod series;
pub(crate) mod sought;
pub mod timeline;
pub mod understand;
pub mod update;
pub mod values;
pub mod write;

pub use load::Record;
pub use values::Values;
