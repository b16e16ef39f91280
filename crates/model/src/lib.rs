//! The dictionary and everything that can be said about data without touching any.
//!
//! * [`schema`]: objects and fields, from files and rows, as one immutable [`schema::Schema`].
//! * [`kinds`]: one file per field type: parse, validate, normalise, show, mask.
//! * [`filter`]: the one filter language: [`filter::RawFilter`] → [`filter::Filter`] → [`filter::Resolved`].
//! * [`access`]: what a role grants, and what that means for one person and one request.
//! * [`worktime`]: working hours, holidays, and counting in them.
//! * [`fault`] and [`problem`]: what was wrong with an input, and the table of error codes.
//!
//! Pure: no I/O, no clock, no randomness. What depends on the moment comes in through [`Moment`].

pub mod access;
pub mod fault;
pub mod filter;
pub mod id;
pub mod kinds;
pub mod moment;
pub mod problem;
pub mod schema;
pub mod text;
pub mod value;
pub mod worktime;

pub use fault::Fault;
pub use id::Id;
pub use moment::Moment;
pub use problem::{Code, Problem};
pub use schema::{Field, Object, Schema};
pub use text::{Label, Lang};
pub use value::Value;
