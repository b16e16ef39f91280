//! What runs by itself.

pub(crate) mod cursor;
mod rotate;
mod tail;

pub use tail::{Change, Events, follow};
