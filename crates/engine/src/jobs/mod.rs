//! What runs by itself.

mod rotate;
mod tail;

pub use tail::{Change, Events, follow};
