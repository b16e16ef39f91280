//! The sealed log: what is written down besides records ([`append`]), the Merkle tree over every row ([`seal`]), checking a copy of it
//! offline ([`verify`]), and reading it ([`read`]). docs/adr/0004-sealed-log.md has the format.

mod append;
mod leaf;
pub mod read;
pub mod seal;
#[cfg(test)]
mod tests;
pub mod verify;

pub use append::{Author, Note, append};
