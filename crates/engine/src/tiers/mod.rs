//! Tiers of customers from value × potential, worked out from formulas of the administrator's, and how often each tier is talked with.
//!
//! A tier that somebody set by hand stands, with its reason, until its day; all others are worked out anew after each change and once a
//! day. What a tier asks for in contact shortens the promise to be in touch (`obligations`) and tells who is behind.

pub mod definition;
pub mod edit;
pub mod follow;
pub mod manual;
pub mod rhythm;
#[cfg(test)]
mod tests;
mod work;

pub use definition::Tiers;
pub(crate) use definition::{is_option, no_option};
pub(crate) use manual::check as check_manual;

/// Fields of a customer.
pub(crate) const TIER: &str = "tier";
const REASON: &str = "tier_reason";
const UNTIL: &str = "tier_until";
