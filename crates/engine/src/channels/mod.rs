//! What goes out of the house: reminders and digests by e-mail, group robots and short messages.
//!
//! ```text
//! notification ─► outbox: one delivery for each channel that the person wants, in the same transaction
//! clock ─► post: claim (lease) ─► letter: what the person may see now ─► courier ─► sent · later · dead letter
//! ```
//! A delivery is sent at least once and carries the same key each time, so that a repeat can be told. docs/adr/0014-channels.md says why.

pub mod administer;
mod devices;
mod greeting_settings;
#[cfg(test)]
mod greeting_tests;
pub(crate) mod greetings;
mod known;
mod letter;
pub mod list;
pub(crate) mod outbox;
pub mod post;
#[cfg(test)]
mod push_tests;
mod reach;
#[cfg(test)]
mod tests;
mod trial;

pub use huike_courier::push::Device;
pub use known::Outside;
pub use post::keep_posting;
