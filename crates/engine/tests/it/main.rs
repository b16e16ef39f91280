//! The engine through its public door, on both databases:
//! `cargo run -p xtask -- pg run -- cargo nextest run -p huike-engine --test it`.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod company;
mod design;
mod desk;
mod filters;
mod finding;
mod hierarchy;
mod layouts;
mod lists;
mod mentions;
mod merging;
mod past;
mod reach;
mod rollups;
mod sealed;
mod specimen;
mod statements;
mod writes;
