//! The duplicate desk: a whole list searched for duplicates in the background, and what was found, waiting to be decided.

mod accept;
mod groups;
mod run;
mod search;

pub use accept::Accept;
pub use groups::GroupsRequest;
pub use run::tend;
