//! Tests through the public door: the whole server in process, on both databases.

mod harness;
mod headers;
mod limits;
mod malformed;
mod openapi;
mod pages;
mod records;
mod session;
mod strangers;
