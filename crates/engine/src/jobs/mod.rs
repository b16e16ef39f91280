//! What runs by itself.

mod tail;

pub use tail::{Change, Events, follow};
