//! The operations: every rule of the product. One operation, one file; each runs as authorise → normalise → check → write → log in one
//! transaction.
//!
//! * [`engine`]: the running whole: database, dictionary, people, keys, clock. [`cx`]: one caller at one moment.
//! * [`records`]: reading and writing records of any object, the one pipeline for every write.
//! * [`dictionary`]: the standard objects, what was added at run time, and the tables behind both.
//! * [`access`]: people, departments, roles, shares; [`session`]: signing in; [`audit`]: the sealed log.
//! * [`merging`]: one record out of several, and back again.
//! * [`search`], [`imports`], [`jobs`]: finding, bringing in, and what runs by itself.
//! * [`files`](mod@files): what is attached to records.
//! * [`lifecycle`], [`plans`], [`tiers`]: the stages that records go through, plans of following up on the way, and who matters how much.
//! * [`obligations`]: promises with a date, reminders, leaks.
//! * [`custody`]: whose a customer is and was; [`pool`]: customers of nobody, who may take them, and which go back; [`assignment`]: who
//!   gets new ones; [`handover`]: when somebody leaves or moves; [`collision`]: who
//!   else is at a customer's; [`priority`]: whom to turn to first.
//! * [`calendars`]: tasks in a calendar program.
//! * [`channels`]: what goes out of the house: e-mail, group robots, short messages.
//! * [`simulate`](mod@simulate): a year of it all with faults, judged day by day.
//! * [`quality`]: what makes a good record, kept as a score, checked and counted.
//! * [`cleaning`]: many records put in order at once, and back; [`enrichment`]: what a provider of company data knows.
//! * [`demo`]: a believable company, made by code; [`bench`](mod@bench): the budgets, measured on it.

pub mod access;
pub mod assignment;
pub mod audit;
pub mod bench;
pub mod calendars;
mod changed;
pub mod channels;
pub mod cleaning;
pub mod collision;
pub mod custody;
pub mod cx;
pub mod dedupe;
pub mod definitions;
pub mod demo;
pub mod dictionary;
pub mod engine;
pub mod enrichment;
mod error;
pub mod files;
pub mod handover;
pub mod imports;
pub mod jobs;
pub mod keys;
pub mod lifecycle;
pub mod merging;
pub mod obligations;
pub mod once;
pub mod plans;
pub mod pool;
pub mod priority;
pub mod quality;
pub mod records;
pub mod search;
pub mod session;
mod setting;
mod shown;
pub mod simulate;
pub mod tiers;

pub use cx::{Actor, Caller, Cx, Via};
pub use engine::{Engine, Options};
pub use error::{EngineError, Result};
pub use shown::parse_instant;

pub use huike_courier::Outbound;

// What whoever opens an engine needs of the layers below.
pub use huike_store::clock::{Clock, Stopwatch, SystemClock};
pub use huike_store::{Location, Options as StoreOptions, Store, StoreError};
pub use huike_vault::keys::{KeyRing, MasterKey, MasterKeyFault};
