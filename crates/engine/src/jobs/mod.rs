//! What runs by itself.

pub(crate) mod cursor;
pub(crate) mod lease;
mod rotate;
mod tail;

pub use tail::{Change, Events, follow};
