//! Which pairs of a list are compared.

use super::frequency::{Frequencies, Identities, key_hashes};
use super::key::Group;
use super::prepared::Prepared;

/// Pairs that one record is compared in, with the records before it: those with the rarest keys in common.
const PAIRS: usize = 40;
/// Neighbours compared in a block that is too large, where records are sorted by what they have besides.
const NEIGHBOURS: usize = 3;

/// The records of a list by their keys.
pub(crate) struct Candidates {
    /// Where each block begins in `members`; one more at the end.
    starts: Vec<u32>,
    members: Vec<u32>,
    /// Where the blocks of each record begin in `blocks`; one more at the end.
    firsts: Vec<u32>,
    blocks: Vec<u32>,
    /// Beside `blocks`: where in `members` the record stands.
    places: Vec<u32>,
    /// Whether a block is too large to compare all of it.
    wide: Vec<bool>,
    /// ln(records / size) of each block.
    weights: Vec<f32>,
}

impl Candidates {
    /// Indexes a list, and counts its values.
    pub fn index(records: &[Prepared]) -> (Candidates, Frequencies) {
        let mut entries: Vec<(u64, u32)> = Vec::with_capacity(records.len() * 14);
        let mut identities = Vec::with_capacity(records.len());
        let mut buffer = String::new();
        let mut hashes = Vec::new();
        for (at, record) in records.iter().enumerate() {
            key_hashes(record, &mut buffer, &mut hashes);
            let id = u32::try_from(at).unwrap_or(u32::MAX);
            entries.extend(hashes.iter().map(|hash| (*hash, id)));
            identities.push(Identities::of(record));
        }
        entries.sort_unstable();
        let mut frequencies = Frequencies::new(records.len());
        let mut made = Candidates {
            starts: vec![0],
            members: Vec::new(),
            firsts: vec![0; records.len() + 1],
            blocks: Vec::new(),
            places: Vec::new(),
            wide: Vec::new(),
            weights: Vec::new(),
        };
        for block in entries.chunk_by(|a, b| a.0 == b.0).filter(|block| block.len() > 1) {
            let hash = block[0].0;
            let of = |(_, id): &(u64, u32)| identities[*id as usize].under(hash);
            frequencies.insert(hash, block.len(), block.iter().map(of));
            made.add(hash, block, records);
        }
        drop(entries);
        made.turn(records.len());
        (made, frequencies)
    }

    fn add(&mut self, hash: u64, block: &[(u64, u32)], records: &[Prepared]) {
        let wide = block.len() > Group::of_hash(hash).most();
        if wide && Group::of_hash(hash) == Group::Part {
            return;
        }
        let from = self.members.len();
        self.members.extend(block.iter().map(|(_, id)| *id));
        if wide {
            // Records that have more in common come to stand beside each other.
            self.members[from..].sort_by_cached_key(|id| neighbour_key(&records[*id as usize]));
        }
        self.starts.push(u32::try_from(self.members.len()).unwrap_or(u32::MAX));
        self.wide.push(wide);
        self.weights.push((records.len() as f32 / block.len() as f32).ln());
    }

    /// Makes the blocks of each record from the records of each block.
    fn turn(&mut self, records: usize) {
        for member in &self.members {
            self.firsts[*member as usize + 1] += 1;
        }
        for at in 0..records {
            self.firsts[at + 1] += self.firsts[at];
        }
        let mut next: Vec<u32> = self.firsts[..records].to_vec();
        self.blocks = vec![0; self.members.len()];
        self.places = vec![0; self.members.len()];
        for (block, bounds) in self.starts.windows(2).enumerate() {
            for place in bounds[0]..bounds[1] {
                let slot = &mut next[self.members[place as usize] as usize];
                self.blocks[*slot as usize] = u32::try_from(block).unwrap_or(u32::MAX);
                self.places[*slot as usize] = place;
                *slot += 1;
            }
        }
    }

    /// Gives each pair once, as (later, earlier).
    pub fn each_pair(&self, mut take: impl FnMut(u32, u32)) {
        let records = self.firsts.len() - 1;
        let mut scores = vec![0f32; records];
        let mut touched: Vec<u32> = Vec::new();
        for record in 0..records {
            let own = u32::try_from(record).unwrap_or(u32::MAX);
            for slot in self.firsts[record] as usize..self.firsts[record + 1] as usize {
                let weight = self.weights[self.blocks[slot] as usize];
                for other in self.partners(slot).iter().filter(|other| **other < own) {
                    let score = &mut scores[*other as usize];
                    if *score == 0.0 {
                        touched.push(*other);
                    }
                    *score += weight.max(0.01);
                }
            }
            if touched.len() > PAIRS {
                touched.select_nth_unstable_by(PAIRS, |a, b| {
                    scores[*b as usize].total_cmp(&scores[*a as usize])
                });
            }
            for (rank, other) in touched.iter().enumerate() {
                scores[*other as usize] = 0.0;
                if rank < PAIRS {
                    take(own, *other);
                }
            }
            touched.clear();
        }
    }

    /// The records that a record's block pairs it with, by the slot of the two. In a block that isn't too large they are those before it.
    fn partners(&self, slot: usize) -> &[u32] {
        let (block, place) = (self.blocks[slot] as usize, self.places[slot] as usize);
        let (from, to) = (self.starts[block] as usize, self.starts[block + 1] as usize);
        match self.wide[block] {
            false => &self.members[from..place],
            true => {
                &self.members[place.saturating_sub(NEIGHBOURS).max(from)..(place + NEIGHBOURS + 1).min(to)]
            }
        }
    }
}

/// By which records of a large block are sorted: the name, then whatever else there is.
fn neighbour_key(record: &Prepared) -> (String, u64, u32) {
    let name = record.names.first().map(|n| n.letters.to_string()).unwrap_or_default();
    let phone = record.phones.first().map_or(0, |p| p.whole.max(u64::from(p.local)));
    let place = record.places.first().map_or(0, |p| p.number);
    (name, phone, place)
}
