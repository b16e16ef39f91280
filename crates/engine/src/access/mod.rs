//! People, departments and roles, what records were shared with whom, and the company's settings.
//!
//! * [`permissions`]: what a role grants; [`roles`]: who holds which, and the roles a new company starts with.
//! * [`shares`]: one record opened to somebody. [`explain`]: why somebody sees a record, or doesn't.
//! * [`settings`]: the company's name, zone, currency and rules of signing in.

pub mod explain;
pub mod logo;
mod org;
pub mod permissions;
pub mod roles;
pub mod settings;
pub mod shares;

pub use org::{Company, Department, Org, Person, Role};
