//! Tests through the public door: the whole server in process, on both databases.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod binary;
mod caldav;
mod command;
mod contract;
mod crash;
mod events;
mod files;
mod harness;
mod headers;
mod hidden;
mod imports;
mod limits;
mod malformed;
mod matrix;
mod merging;
mod odd_texts;
mod openapi;
mod pages;
mod records;
mod rotation;
mod session;
mod strangers;
