//! So that two colleagues don't run into each other at a customer's: who is at a record now, who was in touch lately, and when not to.

pub mod check;
pub mod presence;
pub mod settings;
#[cfg(test)]
mod tests;
