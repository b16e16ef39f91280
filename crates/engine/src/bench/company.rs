//! The measured company: made once, kept, and used again as long as it is the one asked for.

use crate::audit::seal;
use crate::demo::{Part, Size};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use chrono::NaiveDate;
use huike_model::{Code, Label, Problem};
use huike_store::bare::Bare;
use huike_store::{Dialect, Location, Options, Sql};
use std::time::Duration;

const SEED: u64 = 8_420;
/// Changes whenever what is loaded changes without the dictionary's shape telling.
const VERSION: u32 = 1;
const KEY: &str = "bench_company";

/// The size that is measured: the budgets' for a million, otherwise in proportion.
pub fn size(customers: u64) -> Size {
    if customers == Size::MILLION.customers { Size::MILLION } else { Size::of_customers(customers) }
}

/// Makes the company unless it is there. How many records were made: none when it was. After making it the store has to be opened anew.
///
/// # Errors
/// The database's; a database that holds anything else.
pub fn make(engine: &Engine, customers: u64) -> Result<u64> {
    let shape = engine.store().read_blocking(|conn| {
        conn.query_opt(&Sql::raw("select value from setting where key = 'dictionary_shape'"))
    })?;
    let shape = shape.map(|row| row.text(0).map(str::to_owned)).transpose()?.unwrap_or_default();
    let wanted = format!("{VERSION} {SEED} {customers} {shape}");
    let known = engine.store().read_blocking(|conn| {
        conn.query_opt(&Sql::with("select value from setting where key = $1", [KEY.into()])?)
    })?;
    let known = known.map(|row| row.text(0).map(str::to_owned)).transpose()?;
    match known {
        Some(known) if known == wanted => return Ok(0),
        None if engine.org().users().next().is_none() => {}
        _ => return Err(occupied()),
    }
    let today = NaiveDate::from_ymd_opt(2026, 6, 30).unwrap_or_default();
    let made = engine.load_demo(SEED, size(customers), today, Part::Measured)?;
    engine.store().write_blocking(move |conn| {
        let done = "insert into setting (key, value) values ($1, $2)";
        conn.execute(&Sql::with(done, [KEY.into(), wanted.as_str().into()])?)?;
        Ok::<_, EngineError>(())
    })?;
    Ok(made)
}

fn occupied() -> EngineError {
    let detail = Label::new(
        "这个数据库里已有别的数据；测量要用空的数据目录或数据库",
        "the database holds something else; measure on an empty folder or database",
    );
    let mut problem = Problem::new(Code::Conflict);
    problem.detail = Some(detail);
    problem.into()
}

/// Seals the log and, on PostgreSQL, tidies up, so that nothing is left to be done while measuring.
///
/// # Errors
/// The database's.
pub fn settle(engine: &Engine, location: &Location) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| EngineError::internal(error.to_string()))?.block_on(seal::seal(engine))?;
    if engine.store().dialect() == Dialect::Postgres {
        Bare::open(location, &Options::default())?.control("vacuum analyze")?;
    }
    Ok(())
}

/// The settings for loading: much memory, no limit of time.
pub fn loading(usual: Options) -> Options {
    Options {
        // The writer holds four times as much.
        cache_kib: 128 * 1024,
        wal_limit_bytes: 256 << 20,
        statement_timeout: None::<Duration>,
        ..usual
    }
}
