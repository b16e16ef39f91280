//! One record out of several, and back again.
//!
//! A merge is one transaction. Every row that it changes stands in its journal with its columns before and after, so that undoing needs no
//! guess: a row that is still as the merge left it goes back to what it was, one that was changed since is told and left.
//!
//! ```text
//! request ─► fold ─┬─ survive   which value of which record stays            (the object's `[merge]`)
//!                  ├─ pointers  what points at the losers: lookups, lists of files, texts that hold an id   (the dictionary)
//!                  ├─ holders   rows of system tables that name the losers                                  (store::holders)
//!                  └─ journal   each row before and after
//! undo ◄─────────────┘
//! ```

mod apart;
mod choose;
mod desk;
mod fold;
mod holders;
mod journal;
mod list;
mod merged;
mod pointers;
mod request;
mod survive;
mod tree;
mod undo;

pub use apart::NotSame;
pub(crate) use apart::apart_from;
pub(crate) use desk::present as present_weights;
pub use desk::{
    Accept, GroupsRequest, LearnFrom, LearnRequest, Standing, SwitchRequest, search_when_due, standing, tend,
};
pub(crate) use merged::{absorbed, refuse_merged, survivor};
pub use request::{Choice, MergeRequest};
pub use undo::UndoRequest;

/// How long a merge can be undone, in milliseconds.
pub const UNDO_PERIOD: i64 = 30 * 24 * 3_600_000;
/// Records that one merge may take in.
pub const MAX_LOSERS: usize = 50;
/// Rows that one merge may move: more would hold everybody else's writes up.
pub const MAX_MOVED: i64 = 50_000;
