//! Finding records: what the index holds, and asking it.

pub mod find;
pub mod index;
