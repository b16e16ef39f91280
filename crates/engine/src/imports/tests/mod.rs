//! Files as people have them, taken in and out through the engine, on both databases.

mod correcting;
mod desk;
mod export;
mod guessing;
mod messy;
mod rights;
mod together;
mod twice;
mod undoing;
mod worker;
