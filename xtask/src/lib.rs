//! Commands of the build, and what tests share with them.

pub mod layers;
pub mod pg;
pub mod served;
