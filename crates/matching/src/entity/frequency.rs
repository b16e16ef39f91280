//! How often values occur, by which an agreement is weighed.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::key::{self, Group, Key, KeyKind};
use super::prepared::Prepared;

/// How often each key occurs among the records that are compared, and with how many different entities.
///
/// A value that has not been noted occurs once. For a batch: [`Frequencies::of`] all records. For one record against its candidates:
/// [`Frequencies::of`] the record and the candidates with the number of all records, and [`Frequencies::note`] for each key that had
/// too many records to load.
#[derive(Clone, Debug, Default)]
pub struct Frequencies {
    records: f32,
    seen: HashMap<u64, Seen, BuildHasherDefault<Already>>,
}

/// How often a value occurs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seen {
    pub count: u32,
    /// How many different brands (for names: trades and regions) it occurs with.
    pub spread: u32,
}

/// Keys are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Already(u64);

impl Hasher for Already {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = key::hash(0, bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// A short list is a part of some greater whole: that two of its ten records share a phone is no less surprising than in ten thousand.
const POPULATION: usize = 20_000;
/// Records of one key whose entities are counted.
const SPREAD_RECORDS: usize = 64;

impl Frequencies {
    /// The frequencies among `among`, which stand for `records` records in all (at least as many).
    pub fn of<'a>(records: usize, among: impl IntoIterator<Item = &'a Prepared>) -> Frequencies {
        let mut all: Vec<(u64, u64)> = Vec::new();
        let mut buffer = String::new();
        let mut hashes = Vec::new();
        let mut count = 0;
        for record in among {
            count += 1;
            key_hashes(record, &mut buffer, &mut hashes);
            let identities = Identities::of(record);
            all.extend(hashes.iter().map(|hash| (*hash, identities.under(*hash))));
        }
        all.sort_unstable();
        let mut made = Frequencies::new(records.max(count));
        for same in all.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            made.insert(same[0].0, same.len(), same.iter().map(|(_, identity)| *identity));
        }
        made
    }

    /// None noted yet.
    pub fn new(records: usize) -> Frequencies {
        Frequencies { records: records.max(POPULATION) as f32, seen: HashMap::default() }
    }

    /// Notes that a key occurs `count` times with about `spread` different entities.
    pub fn note(&mut self, key: &Key, count: u32, spread: u32) {
        self.seen.insert(key.hash(), Seen { count: count.max(1), spread: spread.clamp(1, count.max(1)) });
    }

    /// `identities` of records with one key, in ascending order as far as they are equal.
    pub(crate) fn insert(&mut self, hash: u64, count: usize, identities: impl Iterator<Item = u64>) {
        let mut some: Vec<u64> = identities.take(SPREAD_RECORDS).collect();
        some.sort_unstable();
        some.dedup();
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let spread = u32::try_from(some.len()).unwrap_or(1);
        self.seen.insert(hash, Seen { count, spread });
    }

    pub(crate) fn seen(&self, kind: KeyKind, text: &str) -> Seen {
        self.seen_chars(kind, text.chars())
    }

    pub(crate) fn seen_chars(&self, kind: KeyKind, chars: impl Iterator<Item = char>) -> Seen {
        self.seen.get(&key::hash_chars(kind, chars)).copied().unwrap_or(Seen { count: 1, spread: 1 })
    }

    /// ln(records / occurrences): how surprising an agreement on this value is.
    pub(crate) fn rarity(&self, seen: Seen) -> f32 {
        (self.records / seen.count as f32).max(1.0).ln()
    }
}

/// The hashes of a record's keys, sorted, none twice.
pub(crate) fn key_hashes(record: &Prepared, buffer: &mut String, hashes: &mut Vec<u64>) {
    hashes.clear();
    record.each_key(buffer, &mut |kind, text| hashes.push(key::hash(kind as u8, text.as_bytes())));
    hashes.sort_unstable();
    hashes.dedup();
}

/// What tells the entities apart that share a key: for a name the trade and region, for a value the name.
pub(crate) struct Identities {
    of_value: u64,
    of_name: u64,
}

impl Identities {
    pub fn of(record: &Prepared) -> Identities {
        let of_name = record.names.first().map_or(0, |name| {
            let trade = key::hash_chars(KeyKind::Name, name.trade().iter().map(|c| c.0));
            trade ^ u64::from(name.region / 100)
        });
        Identities { of_value: record.identity(), of_name }
    }

    pub fn under(&self, hash: u64) -> u64 {
        match Group::of_hash(hash) {
            Group::Value => self.of_value,
            Group::Part | Group::Name => self.of_name,
        }
    }
}
