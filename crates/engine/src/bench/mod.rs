//! `huike bench`: the budgets of docs/performance.md measured on a company made for it, each beside the same statements on the bare
//! database.
//!
//! [`company`] makes the company once and keeps it; [`reads`] and [`writes`] are the measurements; [`measure`] times them; [`report`]
//! writes them down.

pub mod company;
pub mod matching;
mod measure;
pub mod promises;
pub mod reads;
mod report;
mod samples;
pub mod writes;

pub use measure::{Budget, Figure, cpu_of, timed};
pub use report::{Report, TABLE_HEAD, database, json, machine, markdown, row};

use crate::cx::{Actor, Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::Lang;
use huike_store::bare::Bare;
use huike_store::{Location, Options as StoreOptions, SqlValue};
use samples::Samples;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::runtime::Runtime;

/// What every measurement works with.
pub struct Bench {
    engine: Engine,
    bare: Bare,
    runtime: Runtime,
    samples: Samples,
    /// Only work whose name contains this.
    only: String,
    /// The slowest run of each statement with its values, by work and statement; none unless asked for.
    slowest: Option<Slowest>,
}

/// By work and statement: the time and the values.
type Slowest = BTreeMap<(String, String), (Duration, Vec<SqlValue>)>;

impl Bench {
    /// # Errors
    /// The database's; a company without customers.
    pub fn new(engine: &Engine, location: &Location, only: String) -> Result<Bench> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| EngineError::internal(error.to_string()))?;
        let bare = Bare::open(location, &StoreOptions::default())?;
        Ok(Bench {
            engine: engine.clone(),
            bare,
            runtime,
            samples: Samples::take(engine)?,
            only,
            slowest: None,
        })
    }

    /// From now on the slowest run of each statement is kept.
    pub fn keep_slowest(&mut self) {
        self.slowest = Some(Slowest::new());
    }

    /// The statements that were kept, the slowest first, with their work and their values.
    pub fn slowest(&self) -> Vec<String> {
        let mut all: Vec<_> = self.slowest.iter().flatten().collect();
        all.sort_by_key(|(_, (time, _))| Reverse(*time));
        let told = all.into_iter().map(|((work, text), (time, values))| {
            format!("{:.2} ms  {work}\n{text}\n{values:?}\n", time.as_secs_f64() * 1_000.0)
        });
        told.collect()
    }

    fn user(&self, login: &str) -> Result<i64> {
        let org = self.engine.org();
        let user = org.user_by_login(login).map(|user| user.id);
        user.ok_or_else(|| EngineError::internal(format!("the measured company has no {login}")))
    }
}

/// This person, asking through the interface.
fn as_user(engine: &Engine, user: i64) -> Result<Cx> {
    engine.cx(Caller { actor: Actor::User(user), lang: Lang::Zh, via: Via::Api, request: "bench".into() })
}
