//! Opening the company that the configuration names.

use super::Complaint;
use crate::config::Config;
use huike_engine::{Engine, Location, Options, Store, StoreOptions, SystemClock};
use std::io::IsTerminal as _;
use std::sync::Arc;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

/// Where the database is.
pub fn location(config: &Config) -> Location {
    match &config.database_url {
        Some(url) => Location::Postgres { url: url.clone() },
        None => Location::Sqlite { folder: config.data.clone() },
    }
}

/// Opens database and keys. Blocks: call it outside of async code.
pub fn engine(config: &Config) -> Result<Engine, Complaint> {
    let fresh = config.database_url.is_some() || !config.data.join("huike.db").exists();
    let keys = config.master_key.read(fresh)?;
    let options = StoreOptions {
        readers: config.readers,
        pool_size: config.connections,
        clock: Arc::new(SystemClock),
        ..StoreOptions::default()
    };
    let store = Store::open_blocking(&location(config), options).map_err(huike_engine::EngineError::from)?;
    Ok(Engine::open(Options { store, keys, files: config.data.join("files") })?)
}

/// Sends the log to the standard error.
pub fn log(config: &Config) {
    // Checked when the configuration was read.
    let levels: Targets = config.log.level.parse().unwrap_or_default();
    let format = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let format = if config.log.json { format.json().boxed() } else { format.boxed() };
    // Only a second call in the same process finds a log in place already.
    let _ = tracing_subscriber::registry().with(format.with_filter(levels)).try_init();
}

/// A runtime for one command.
pub fn runtime() -> Result<tokio::runtime::Runtime, Complaint> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
