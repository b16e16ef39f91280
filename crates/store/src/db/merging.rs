//! When SQLite's search indexes are merged.
//!
//! FTS5 writes what a transaction brings as a segment of its own and merges segments level by level. Left to itself it merges a whole level
//! in the commit that makes it full (measured: 22 ms at the hundredth part of new records). Here each commit merges a little, as many pages
//! as keep up with what is written; what comes in bulk is merged when nobody writes, a little at a time: to merge it at once was a tenth to
//! a third of what an import cost the writer.

use std::collections::BTreeMap;
use std::time::Duration;

/// Pages (of 4 kB) that may be merged for each change. A document writes about one; with eight pieces merged into one at a time it is
/// written again at most five times in a million.
const PAGES_EACH: u32 = 5;
/// Changes after which a commit merges: each merge, however small, writes some ten pages to keep its place (measured: 53 pages for a new
/// record when every commit merged).
const MERGED_AFTER: u32 = 8;
/// More changes in one transaction are a bulk, which is merged later.
const BULK: u32 = 200;
/// From so many changes on a bulk is merged as it comes: a search asks every segment.
const MOST_PENDING: u32 = 400_000;
/// Pages merged at a time while nobody writes: a few milliseconds, for which somebody may come.
const PAGES_AT_REST: u32 = 500;
/// So long nobody has written when that begins.
pub(crate) const REST: Duration = Duration::from_millis(50);

/// What there is to merge, by object.
#[derive(Default)]
pub(crate) struct Merging(BTreeMap<String, Unmerged>);

#[derive(Default)]
struct Unmerged {
    /// Changes of the transaction that is open.
    now: u32,
    /// Changes since a commit has merged.
    since: u32,
    /// Changes that came in bulk.
    pending: u32,
}

impl Merging {
    /// An index that was there may have segments left over.
    pub(crate) fn look_at(&mut self, object: String) {
        self.0.entry(object).or_default().pending += 1;
    }

    pub(crate) fn changed(&mut self, object: &str) {
        match self.0.get_mut(object) {
            Some(one) => one.now += 1,
            None => drop(self.0.insert(object.to_owned(), Unmerged { now: 1, ..Unmerged::default() })),
        }
    }

    /// Which index the transaction merges before it commits, and how many pages.
    pub(crate) fn due(&mut self) -> Vec<(String, u32)> {
        let mut due = Vec::new();
        for (object, one) in &mut self.0 {
            let now = std::mem::take(&mut one.now);
            if now > BULK && one.pending < MOST_PENDING {
                one.pending += now;
                continue;
            }
            one.since += now;
            if one.since >= MERGED_AFTER {
                let since = std::mem::take(&mut one.since);
                due.push((object.clone(), PAGES_EACH.saturating_mul(since)));
            }
        }
        due
    }

    /// Which index is merged while nobody writes, and how many pages.
    pub(crate) fn at_rest(&self) -> Option<(String, u32)> {
        self.0.iter().find(|(_, one)| one.pending > 0).map(|(object, _)| (object.clone(), PAGES_AT_REST))
    }

    /// What came in bulk stays as it is until more comes.
    pub(crate) fn give_up(&mut self) {
        self.0.values_mut().for_each(|one| one.pending = 0);
    }

    /// There was nothing left to merge.
    pub(crate) fn merged(&mut self, object: &str) {
        if let Some(one) = self.0.get_mut(object) {
            one.pending = 0;
        }
    }
}
