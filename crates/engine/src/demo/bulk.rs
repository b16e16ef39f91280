//! Putting the invented company into an empty database fast: a million customers in minutes.
//!
//! The company itself goes through the pipeline of every write. From the first customer on, rows are made as the pipeline would make
//! them ([`rows`]) and written many at a time into tables without indexes; the indexes are built afterwards, and the roll-ups worked out
//! by one statement per object ([`computed`]). A test holds the result to what the pipeline writes.

mod computed;
mod rows;
#[cfg(test)]
mod tests;

use super::seed::Seeding;
use super::{Draft, Generator, Size};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use chrono::NaiveDate;
use huike_store::bulk::SetAside;
use huike_store::{Conn, Sql, SqlValue, Store, query, tally};
use rows::{Batch, Maker};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, sync_channel};

/// Drafts of one transaction.
const CHUNK: usize = 10_000;
/// Transactions that may wait for the database.
const WAITING: usize = 2;

/// Which of the invented records are loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Everything,
    /// Customers with their contacts, opportunities, interactions and tasks: what the measurements look at.
    Measured,
}

impl Part {
    fn includes(self, object: &str) -> bool {
        const MEASURED: [&str; 5] = ["customer", "contact", "opportunity", "interaction", "task"];
        self == Part::Everything || MEASURED.contains(&object)
    }
}

impl Engine {
    /// Fills an empty database with the invented company as of `today`; does nothing to one that has users. How many records were
    /// made. The store has to be opened anew afterwards: the log's numbers have run ahead of it.
    ///
    /// # Errors
    /// The database's; a draft that the dictionary refuses, which is a fault of ours. The database is of no use then.
    pub fn load_demo(&self, seed: u64, size: Size, today: NaiveDate, part: Part) -> Result<u64> {
        let Some(mut seeding) = Seeding::begin(self)? else { return Ok(0) };
        let mut drafts = Generator::new(seed, size, today).peekable();
        while let Some(draft) = drafts.next_if(|draft| draft.object != "customer") {
            seeding.write(vec![draft])?;
        }
        let searched = searched(self);
        let tables = tables(self)?;
        let store = self.store();
        let late = computed::indexes(&self.schema());
        let aside = {
            let searched = searched.clone();
            store.write_blocking(move |conn| prepare(conn, &tables, &searched))?
        };
        let mut maker = Maker::new(self, &mut seeding, part)?;
        let made = stream(store, &mut maker, drafts)?;
        let counters = maker.counters();
        let (late, early): (Vec<SetAside>, Vec<SetAside>) =
            aside.into_iter().partition(|index| late.contains(&index.name));
        store.write_blocking(move |conn| settle(conn, &counters, &searched))?;
        restore(store, early)?;
        // Without statistics the roll-ups would look for a parent's children in every index but the right one.
        analyze(store, None)?;
        computed::bring_up(self)?;
        count(self)?;
        let changed: BTreeSet<String> = late.iter().map(|index| index.table.clone()).collect();
        restore(store, late)?;
        changed.into_iter().try_for_each(|table| analyze(store, Some(table)))?;
        Ok(seeding.made + made)
    }
}

/// Roll-ups and formulas were written for all records at once.
fn count(engine: &Engine) -> Result<()> {
    for tally in engine.schema().objects().filter_map(|object| query::tally(object)) {
        engine.store().write_blocking(move |conn| {
            conn.allow_long_statements()?;
            Ok::<_, EngineError>(tally::count_anew(conn, &tally)?)
        })?;
    }
    Ok(())
}

fn searched(engine: &Engine) -> Vec<String> {
    engine.schema().objects().filter(|object| object.search).map(|object| object.name.clone()).collect()
}

fn tables(engine: &Engine) -> Result<BTreeSet<String>> {
    let mut tables = BTreeSet::from(["change_log", "match_key", "subject_key"].map(str::to_owned));
    tables.extend(engine.schema().objects().map(|object| object.name.clone()));
    for object in searched(engine) {
        tables.insert(engine.store().dialect().search_table(&object)?.0);
    }
    Ok(tables)
}

/// Keys come in no order: they are gathered first and sorted into their table at the end.
const GATHERED: &str = "match_key_load";

fn prepare(conn: &mut Conn, tables: &BTreeSet<String>, searched: &[String]) -> Result<Vec<SetAside>> {
    conn.allow_long_statements()?;
    for object in searched {
        conn.search_in_bulk(object, true)?;
    }
    conn.execute(&Sql::raw(format!(
        "create table {GATHERED} (key bigint not null, record_id bigint not null)"
    )))?;
    Ok(conn.set_indexes_aside(tables)?)
}

/// Makes rows on this thread while another waits for the database.
fn stream(store: &Store, maker: &mut Maker, drafts: impl Iterator<Item = Draft>) -> Result<u64> {
    let (send, receive) = sync_channel::<Batch>(WAITING);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| write_all(store, receive));
        let mut made = 0;
        let mut batch = Batch::default();
        for draft in drafts {
            made += maker.add(&mut batch, draft)?;
            if batch.drafts >= CHUNK && send.send(std::mem::take(&mut batch)).is_err() {
                break;
            }
        }
        // When nobody receives any more, the writing thread tells why.
        let _ = send.send(batch);
        drop(send);
        writing.join().unwrap_or_else(|_| Err(EngineError::internal("the writing thread panicked")))?;
        Ok(made)
    })
}

fn write_all(store: &Store, batches: Receiver<Batch>) -> Result<()> {
    for batch in batches {
        store.write_blocking(move |conn| write(conn, &batch))?;
    }
    Ok(())
}

fn write(conn: &mut Conn, batch: &Batch) -> Result<()> {
    conn.allow_long_statements()?;
    batch.rows.write(conn, Some(GATHERED))?;
    Ok(())
}

/// Sorts the gathered keys in and notes how far numbers have come.
fn settle(conn: &mut Conn, counters: &[(String, String, i64)], searched: &[String]) -> Result<()> {
    conn.allow_long_statements()?;
    for object in searched {
        conn.search_in_bulk(object, false)?;
    }
    conn.execute(&Sql::raw(format!(
        "insert into match_key (key, record_id) select distinct key, record_id from {GATHERED} order by key, record_id"
    )))?;
    conn.execute(&Sql::raw(format!("drop table {GATHERED}")))?;
    for (rule, period, next) in counters {
        conn.execute(&Sql::with(
            "insert into number_counter (rule, period, next) values ($1, $2, $3) \
             on conflict (rule, period) do update set next = excluded.next",
            [rule.as_str().into(), period.as_str().into(), SqlValue::Int(*next)],
        )?)?;
    }
    Ok(())
}

fn restore(store: &Store, indexes: Vec<SetAside>) -> Result<()> {
    for index in indexes {
        store.write_blocking(move |conn| Ok::<_, EngineError>(conn.restore_index(&index)?))?;
    }
    Ok(())
}

fn analyze(store: &Store, table: Option<String>) -> Result<()> {
    store.write_blocking(move |conn| {
        conn.allow_long_statements()?;
        conn.execute(&conn.dialect().analyze(table.as_deref())?)?;
        Ok::<_, EngineError>(())
    })
}
