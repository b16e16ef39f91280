//! The duplicate desk: a whole list searched for duplicates in the background, and what was found, waiting to be decided.

mod accept;
mod groups;
mod run;
mod search;
mod standing;
mod weights;

pub use accept::Accept;
pub use groups::GroupsRequest;
pub use run::{search_when_due, tend};
pub use standing::{Standing, standing};
pub(crate) use weights::present;
pub use weights::{LearnFrom, LearnRequest, SwitchRequest};
