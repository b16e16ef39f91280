//! The newest documents that match, asked of several search indexes in one statement.
//!
//! FTS5 walks the documents of a word from the newest on and stops when it has enough. PostgreSQL's inverted index has no order: all that
//! match are gathered, each one's row is visited (1 to 3 µs) and they are sorted. For a frequent word that is far too much, and its planner,
//! which guesses how many there are, then walks all documents instead, or for a rare one that it takes for frequent (30 ms for 2, with
//! 1,000,000 customers). So the statement leaves it no choice, and asks a large index in stretches, of which each is run only when those
//! before brought too little: the very newest document by document, the newest hundredth, the newest twelfth, all. A
//! document carries words for the time of its id ([`spans`]), by which the index itself narrows to a stretch.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::Stopwatch;
use crate::db::Db;
use crate::ids::TIME_BITS_FROM;
use crate::{Conn, Dialect, Sql, StoreError};

/// The shortest span is 2 seconds, each further one sixty-four times as long: 2 minutes, 2½ hours, a week.
const SPAN_BITS: [u32; 4] = [11, 17, 23, 29];
/// A stretch is told by at most so many spans of one length, as long as there is a longer one.
const SPANS: i64 = 32;
/// Of the longest, so many tell eight years.
const LONGEST_SPANS: i64 = 400;
/// After so long it is asked anew how far the indexes reach.
const KNOWN_FOR: Duration = Duration::from_secs(10);
/// Smaller indexes are asked as a whole.
const LARGE: i64 = 5_000;

/// The newest documents that one search index is asked for.
pub struct Newest<'a> {
    pub object: &'a str,
    /// In the words of this database: FTS5's query language, or a `tsquery`.
    pub query: String,
    /// Only records with smaller ids.
    pub before: i64,
    pub limit: i64,
}

/// How far a large index reaches, in ids.
#[derive(Debug)]
struct Reach {
    /// What came later is looked at document by document: a word that most of them have is found at once.
    recent: i64,
    /// A hundredth of the documents, 4,000 at most, and a twelfth.
    stretches: [Stretch; 2],
}

/// Documents from an id on, and the spans that hold them as a `tsquery`.
#[derive(Debug)]
struct Stretch {
    from: i64,
    spans: String,
}

/// By table.
type ReachOf = HashMap<String, Reach>;

/// What is known of the large indexes, and since when.
#[derive(Default)]
pub(crate) struct Reaches(Mutex<(Option<Stopwatch>, Arc<ReachOf>)>);

impl Conn {
    /// Pairs of a place in `asked` and a record id, each place's newest first.
    ///
    /// # Errors
    /// The database's.
    pub fn search_newest(&mut self, asked: &[Newest<'_>]) -> Result<Vec<(usize, i64)>, StoreError> {
        let sql = self.newest_statement(asked)?;
        let rows = self.query_fixed_plan(&sql)?;
        rows.iter().map(|row| Ok((usize::try_from(row.int(0)?).unwrap_or(usize::MAX), row.int(1)?))).collect()
    }

    /// The statement that [`Conn::search_newest`] runs, for looking at its plan.
    ///
    /// # Errors
    /// The database's.
    pub fn newest_statement(&mut self, asked: &[Newest<'_>]) -> Result<Sql, StoreError> {
        let reaches = self.reaches()?;
        let mut sql = Sql::new();
        for (place, one) in asked.iter().enumerate() {
            let (table, _) = self.dialect().search_table(one.object)?;
            sql.push(if place > 0 { " union all " } else { "" });
            sql.push(&format!("select cast({place} as bigint), p.* from ("));
            match self.dialect() {
                Dialect::Sqlite => {
                    sql.push(&format!("select rowid from {table} where {table} match "));
                    sql.bind(one.query.as_str()).push(" and rowid < ").bind(one.before);
                    sql.push(" order by rowid desc");
                }
                Dialect::Postgres => in_stretches(&mut sql, &table, one, reaches.get(&table)),
            }
            sql.push(" limit ").bind(one.limit).push(") p");
        }
        Ok(sql)
    }

    /// How far the large indexes reach, as of a moment ago.
    fn reaches(&mut self) -> Result<Arc<ReachOf>, StoreError> {
        let Db::Postgres(conn) = &self.db else { return Ok(Arc::default()) };
        let settings = conn.settings().clone();
        {
            let mut known = settings.reaches.0.lock();
            if known.0.is_some_and(|watch| watch.elapsed() < KNOWN_FOR) {
                return Ok(known.1.clone());
            }
            // The others go on with what was known.
            known.0 = Some(Stopwatch::start());
        }
        let fresh = Arc::new(self.ask_reaches()?);
        settings.reaches.0.lock().1 = fresh.clone();
        Ok(fresh)
    }

    /// In part from PostgreSQL's statistics, which it renews when a tenth has changed.
    fn ask_reaches(&mut self) -> Result<ReachOf, StoreError> {
        let mut asked = Sql::raw(
            "select name, least(4000, greatest(100, size / 100)), b[n - greatest(1, n / 12)] from (\
             select c.relname::text as name, cast(c.reltuples as bigint) as size, h.b, array_length(h.b, 1) as n from pg_class c \
             join pg_stats s on s.schemaname = current_schema() and s.tablename = c.relname and s.attname = 'record_id' \
             cross join lateral (select cast(cast(s.histogram_bounds as text) as bigint[]) as b) h \
             where c.relnamespace = cast(current_schema() as regnamespace) and c.relname like 'search\\_%') x \
             where n >= 50 and size >= ",
        );
        asked.bind(LARGE);
        let large = self.query(&asked)?;
        let mut asked = Sql::new();
        for (place, row) in large.iter().enumerate() {
            let (table, near) = (crate::sql::ident(row.text(0)?)?, row.int(1)?);
            asked.push(if place > 0 { " union all " } else { "" });
            asked.push(&format!("select cast({place} as bigint)"));
            for count in [near / 10, near] {
                asked.push(&format!(
                    ", (select record_id from {table} order by record_id desc limit 1 offset "
                ));
                asked.bind(count).push(")");
            }
        }
        let mut reaches = ReachOf::new();
        if large.is_empty() {
            return Ok(reaches);
        }
        for found in self.query(&asked)? {
            let place = usize::try_from(found.int(0)?).ok();
            let (Some(row), Some(recent), Some(near)) =
                (place.and_then(|place| large.get(place)), found.opt_int(1)?, found.opt_int(2)?)
            else {
                continue;
            };
            let near = Stretch::over(near, recent);
            let far = Stretch::over(row.int(2)?.min(near.from), near.from);
            reaches.insert(row.text(0)?.to_owned(), Reach { recent, stretches: [near, far] });
        }
        Ok(reaches)
    }
}

/// `select` without its limit: the ids of one index, newest first.
fn in_stretches(sql: &mut Sql, table: &str, one: &Newest<'_>, reach: Option<&Reach>) {
    let Some(Reach { recent, stretches }) = reach else {
        return matching(sql, table, one, None, one.before);
    };
    sql.push("select * from (");
    if one.before > *recent {
        // `is true` keeps the planner from the words' index.
        sql.push(&format!("(select record_id from {table} where ("));
        has(sql, &one.query);
        sql.push(") is true and record_id > ").bind(*recent).push(" and record_id < ").bind(one.before);
        sql.push(" order by record_id desc limit ").bind(one.limit).push(") union all ");
    }
    let mut below = recent.saturating_add(1);
    for stretch in stretches {
        if one.before > stretch.from {
            sql.push("(");
            matching(sql, table, one, Some(stretch), below.min(one.before));
            sql.push(" limit ").bind(one.limit).push(") union all ");
        }
        below = stretch.from;
    }
    sql.push("(");
    matching(sql, table, one, None, below.min(one.before));
    sql.push(" limit ").bind(one.limit).push(")) s");
}

/// What matches below an id, within the spans of a stretch. `+ 0` keeps the planner from walking the documents.
fn matching(sql: &mut Sql, table: &str, one: &Newest<'_>, stretch: Option<&Stretch>, below: i64) {
    sql.push(&format!("select record_id from {table} where "));
    has(sql, &one.query);
    sql.push(" and record_id + 0 < ").bind(below);
    if let Some(Stretch { from, spans }) = stretch {
        sql.push(" and ");
        has(sql, spans);
        sql.push(" and record_id + 0 >= ").bind(*from);
    }
    sql.push(" order by record_id + 0 desc");
}

/// In a select of its own, which is run once: a cast would be made again for every row.
fn has(sql: &mut Sql, tsquery: &str) {
    sql.push("tsv @@ (select cast(cast(").bind(tsquery).push(" as text) as tsquery))");
}

/// The words for the time of an id, one of each length, with a space before each.
pub(crate) fn spans(id: i64) -> String {
    let mut words = String::new();
    for (length, bits) in SPAN_BITS.iter().enumerate() {
        // Writing to a string can't fail.
        let _ = write!(words, " {}", span(length, id >> (bits + TIME_BITS_FROM)));
    }
    words
}

fn span(length: usize, number: i64) -> String {
    format!("u{length}{number:x}")
}

impl Stretch {
    /// From one id, or a little before it, to another.
    fn over(from: i64, to: i64) -> Self {
        let count = |shift: u32| (to >> shift) - (from >> shift);
        let lengths = SPAN_BITS.map(|bits| bits + TIME_BITS_FROM);
        let length = lengths.iter().position(|shift| count(*shift) < SPANS).unwrap_or(lengths.len() - 1);
        let shift = lengths.get(length).copied().unwrap_or_default();
        let last = to >> shift;
        let first = (from >> shift).max(last - LONGEST_SPANS);
        let words: Vec<String> = (first..=last).map(|number| format!("'{}'", span(length, number))).collect();
        Self { from: first << shift, spans: words.join(" | ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_between_is_in_a_span() {
        let hour = 3_600_000 << TIME_BITS_FROM;
        for (from, to) in
            [(5, 5), (90 * 24 * hour, 90 * 24 * hour + hour / 90), (0, 3 * hour), (hour, 365 * 24 * hour)]
        {
            let Stretch { from: first, spans: words } = Stretch::over(from, to);
            assert!(first <= from);
            for id in [from, (from + to) / 2, to] {
                let known = spans(id);
                let within = known.split_whitespace().any(|word| words.contains(&format!("'{word}'")));
                assert!(within, "{id} of {from} to {to}: {known} in {words}");
            }
            assert!(words.matches('|').count() < 64, "{words}");
        }
    }
}
