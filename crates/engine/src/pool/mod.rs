//! Public pools 公海: customers that are nobody's, who may take them, and which go back by themselves.
//!
//! A pool is data ([`Definition`]); which customers are in it are the open spans of [`crate::custody`] that name it. What somebody sees
//! of a customer in a pool is what their role opens on customers of others: a pool opens nothing.

pub mod assign;
pub mod claim;
pub(crate) mod definition;
pub mod give_back;
pub mod list;
pub mod recycle;
pub mod settings;
mod stale;
#[cfg(test)]
mod tests;
pub(crate) mod warning;

pub use definition::{ClaimRules, Definition, Pool, RecycleRules};
pub(crate) use definition::{load_all, named, pools_for, seed};
pub(crate) use list::uses;
pub use recycle::tend;
