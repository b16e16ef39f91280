//! Chinese names, phones, addresses, dates and search text. Pure: strings in, values out, no I/O.
//!
//! Every normaliser here is total (any string gives a value or a typed fault, never a panic) and
//! idempotent (normalising a normalised value changes nothing). Reference tables are compiled in from
//! `reference/*.csv` and parsed once, on first use.

pub mod address;
pub mod company;
pub mod credit_code;
pub mod date;
pub mod email;
pub mod entity;
pub mod id_card;
pub mod industry;
pub mod paste;
pub mod person;
pub mod phone;
pub mod pinyin;
pub mod search;
pub mod sentence;
pub mod text;
pub mod url;

mod reference;
