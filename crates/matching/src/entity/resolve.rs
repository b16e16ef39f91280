//! A whole list: candidates, comparison, clusters, hierarchy.

use super::candidates::Candidates;
use super::cluster::{Edge, Rule, cluster};
use super::compare;
use super::feature::Features;
use super::frequency::Frequencies;
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
    /// How many pairs were compared.
    pub compared: usize,
}

/// Log-odds below which an uncompared pair and a compared one are the same.
const NEVER: f32 = -20.0;

/// Finds the entities of a list. Takes some 50 µs of processor time a record, and some 1.2 kB besides the records.
pub fn resolve(records: &[Prepared], weights: &Weights) -> Resolution {
    let (candidates, frequencies) = Candidates::index(records);
    let mut edges = Vec::new();
    let mut compared = 0;
    candidates.each_pair(|a, b| {
        compared += 1;
        let edge = judge(a, b, records, weights, &frequencies);
        if edge.log_odds > NEVER {
            edges.push(edge);
        }
    });
    let best_refused = edges.clone();
    let clusters = cluster(records.len(), &mut edges, Rule::default());
    let confidence = confidence(&clusters, &best_refused);
    Resolution { clusters, confidence, compared }
}

fn judge(a: u32, b: u32, records: &[Prepared], weights: &Weights, frequencies: &Frequencies) -> Edge {
    let found = compare::compare(&records[a as usize], &records[b as usize], frequencies);
    match bar(&found) {
        Some(_) => Edge { a, b, log_odds: BARRED, barred: true },
        None => Edge { a, b, log_odds: weights.log_odds(&Features::of(&found)), barred: false },
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
