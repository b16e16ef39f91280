//! The binary's parts: [`http`] turns a request into one operation of the engine, [`cli`] does the same for a command, [`config`] says
//! where and how. No rules of the product live here.

pub mod cli;
pub mod config;
pub mod http;
pub mod openapi;
