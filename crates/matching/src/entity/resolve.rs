//! A whole list: candidates, comparison, clusters, hierarchy.

use std::collections::HashSet;

use super::candidates::Candidates;
use super::cluster::{Apart, Edge, Rule, cluster};
use super::compare::{self, Comparison, NameLevel};
use super::feature::Features;
use super::hierarchy::{Kin, Relation};
use super::key::{KeyKind, hash};
use super::place::Regions;
use super::prepared::Prepared;
use super::verdict::{BARRED, bar};
use super::weights::{Weights, probability};

/// What a list comes to.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// For each record the number of the first record of its cluster, from 0.
    pub clusters: Vec<u32>,
    /// For each record how sure it is that it belongs to its cluster and to no other, 0 to 1.
    pub confidence: Vec<f32>,
    /// Which entities belong under which, proposed from names and shared values.
    pub relations: Vec<Relation>,
    /// How many pairs were compared.
    pub compared: usize,
}

/// What people have said of pairs of a list, by the records' numbers.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// These two are one entity.
    pub same: Vec<(u32, u32)>,
    /// These two are not.
    pub different: Vec<(u32, u32)>,
}

/// Log-odds below which an uncompared pair and a compared one are the same.
const NEVER: f32 = -20.0;
/// Log-odds of what a person said.
pub(crate) const SURE: f32 = 1_000.0;

/// Finds the entities of a list. Takes some 50 µs of processor time a record, and some 1.2 kB besides the records.
///
/// What people said holds whatever the probability: records said to be different are never in one cluster; records said to be the same
/// are, unless that would join some said to be different.
pub fn resolve(records: &[Prepared], weights: &Weights, said: &Said) -> Resolution {
    let (candidates, frequencies) = Candidates::index(records);
    let mut edges = Vec::new();
    let mut kin = Kin::default();
    let mut compared = 0;
    candidates.each_pair(|a, b| {
        compared += 1;
        let found = compare::compare(&records[a as usize], &records[b as usize], &frequencies);
        kin.note(a, b, &found, records);
        let edge = judge(a, b, &found, weights);
        if edge.log_odds > NEVER {
            edges.push(edge);
        }
    });
    drop(candidates);
    drop(frequencies);
    hear(&mut edges, said);
    let clusters = cluster(records.len(), &mut edges, Rule::default(), &List(records));
    let confidence = confidence(&clusters, &edges);
    let relations = kin.relations(&clusters);
    Resolution { clusters, confidence, relations, compared }
}

/// Puts what people said in place of what was computed.
fn hear(edges: &mut Vec<Edge>, said: &Said) {
    let pair = |(a, b): &(u32, u32)| if a < b { (*a, *b) } else { (*b, *a) };
    let told: HashSet<(u32, u32)> = said.same.iter().chain(&said.different).map(pair).collect();
    if told.is_empty() {
        return;
    }
    edges.retain(|e| !told.contains(&pair(&(e.a, e.b))));
    let edge =
        |(a, b): &(u32, u32), log_odds, barred| Edge { a: *a, b: *b, log_odds, barred, against: barred };
    edges.extend(said.same.iter().filter(|(a, b)| a != b).map(|p| edge(p, SURE, false)));
    edges.extend(said.different.iter().filter(|(a, b)| a != b).map(|p| edge(p, BARRED, true)));
}

pub(crate) fn judge(a: u32, b: u32, found: &Comparison, weights: &Weights) -> Edge {
    match bar(found) {
        Some(_) => Edge { a, b, log_odds: BARRED, barred: true, against: true },
        None => {
            let log_odds = weights.log_odds(&Features::of(found));
            Edge { a, b, log_odds, barred: false, against: speaks_against(found) }
        }
    }
}

/// Two registered names that differ in more than a mistake, or in their regions.
pub(crate) fn speaks_against(found: &Comparison) -> bool {
    let other_name = matches!(
        found.name,
        NameLevel::Start
            | NameLevel::Brand
            | NameLevel::End
            | NameLevel::Abbreviated
            | NameLevel::Alike
            | NameLevel::Differ
    );
    let other_region = found.name_regions == Some(Regions::Apart);
    !found.persons && found.formal && (other_name || other_region)
}

/// A list, for what keeps its records apart.
pub(crate) struct List<'a>(pub &'a [Prepared]);

impl Apart for List<'_> {
    fn by_kind(&self, a: u32, b: u32) -> bool {
        compare::branches(&self.0[a as usize], &self.0[b as usize]).is_bar()
    }

    fn number(&self, record: u32) -> u64 {
        let valid = self.0[record as usize].codes.iter().find(|c| c.valid);
        valid.map_or(0, |code| hash(KeyKind::Code as u8, code.organisation().as_bytes()))
    }
}

/// The mean probability of a record's pairs within its cluster; for a record alone what its best refused pair leaves.
pub(crate) fn confidence(clusters: &[u32], edges: &[Edge]) -> Vec<f32> {
    let mut within = vec![(0f32, 0u32); clusters.len()];
    let mut refused = vec![0f32; clusters.len()];
    for edge in edges {
        let p = probability(edge.log_odds);
        let same = clusters[edge.a as usize] == clusters[edge.b as usize];
        for record in [edge.a as usize, edge.b as usize] {
            if same {
                within[record].0 += p;
                within[record].1 += 1;
            } else {
                refused[record] = refused[record].max(p);
            }
        }
    }
    within
        .iter()
        .zip(refused)
        .map(|((sum, pairs), refused)| if *pairs == 0 { 1.0 - refused } else { sum / *pairs as f32 })
        .collect()
}
