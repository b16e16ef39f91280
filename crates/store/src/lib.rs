//! The only SQL: connections, transactions, dialects, tables and queries.
//!
//! One SQL text serves SQLite and PostgreSQL (`sql`); what differs is in `dialect`. Work on the database
//! is a synchronous closure that `Store` runs in one transaction (`db`). `system` holds the tables of the
//! machinery, `ddl` makes the tables of the dictionary's objects, `log` reads the change log in an order
//! that late commits cannot disturb, `ids` gives out record ids.

#[cfg(feature = "bench")]
pub mod bare;
pub mod bulk;
pub mod clock;
mod db;
pub mod ddl;
mod dialect;
mod error;
pub mod holders;
mod ids;
pub mod log;
mod newest;
pub mod query;
mod row;
pub mod sql;
pub mod system;
pub mod tally;
#[cfg(feature = "testing")]
pub mod testing;

pub use clock::{Clock, SetClock, SystemClock};
pub use db::conn::{Conn, Effect, Plan};
pub use db::{Location, Options, Store};
pub use dialect::{Dialect, Direction, Kind};
pub use error::StoreError;
pub use ids::{first_id_at, id_ms};
pub use newest::Newest;
pub use row::{Row, ValueRef};
pub use sql::{Sql, SqlValue};
