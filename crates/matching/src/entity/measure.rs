//! How good the clusters are, on a list whose entities are known.

use std::collections::HashMap;

use super::candidates::Candidates;
use super::cluster::{Edge, Rule, cluster};
use super::compare;
use super::feature::Features;
use super::invent;
use super::learn::{self, Sample};
use super::prepared::Prepared;
use super::resolve::{List, Resolution, confidence, speaks_against};
use super::verdict::{BARRED, bar};
use super::weights::{Weights, probability};

/// A list with the entity of each record.
#[derive(Clone, Debug, Default)]
pub struct Labelled {
    pub records: Vec<Prepared>,
    pub entities: Vec<u32>,
    /// Entities that must not be divided between what is learned from and what is tried on (a company and its branches): for each
    /// record the number of its family.
    pub families: Vec<u32>,
}

/// A pair of a labelled list.
struct Pair {
    a: u32,
    b: u32,
    features: Features,
    barred: bool,
    against: bool,
}

/// Strength of the pull towards zero when learning from scratch.
const STRENGTH: f64 = 2.0;

impl Labelled {
    /// An invented list.
    pub fn invented(rows: &[(invent::Row, u32)]) -> Labelled {
        let entities: Vec<u32> = rows.iter().map(|(_, entity)| *entity).collect();
        Labelled {
            records: rows.iter().map(|(row, _)| row.prepare()).collect(),
            families: entities.clone(),
            entities,
        }
    }

    fn pairs(&self) -> Vec<Pair> {
        let (candidates, frequencies) = Candidates::index(&self.records);
        let mut pairs = Vec::new();
        candidates.each_pair(|a, b| {
            let found = compare::compare(&self.records[a as usize], &self.records[b as usize], &frequencies);
            pairs.push(Pair {
                a,
                b,
                features: Features::of(&found),
                barred: bar(&found).is_some(),
                against: speaks_against(&found),
            });
        });
        pairs
    }

    fn samples<'a>(&'a self, pairs: &'a [Pair], fold: impl Fn(u32) -> bool + 'a) -> Vec<Sample> {
        let of = |record: u32| self.entities[record as usize];
        let usable = move |p: &&Pair| {
            !p.barred && fold(self.families[p.a as usize]) && fold(self.families[p.b as usize])
        };
        let sample = move |p: &Pair| Sample {
            features: p.features.clone(),
            truth: f32::from(u8::from(of(p.a) == of(p.b))),
        };
        pairs.iter().filter(usable).map(sample).collect()
    }

    /// Weights learned from all pairs of some lists that are compared.
    pub fn learn(lists: &[Labelled]) -> Weights {
        let samples = |list: &Labelled| {
            let pairs = list.pairs();
            list.samples(&pairs, |_| true)
        };
        let all: Vec<Sample> = lists.iter().flat_map(samples).collect();
        learn::fit(&all, &Weights::zero(), STRENGTH)
    }

    /// The list resolved so that no pair is judged by weights that were learned from either of its entities: families are dealt to
    /// `folds` folds, and a pair is judged by the weights learned from all folds but its records'.
    pub fn cross_validate(&self, folds: u32) -> (Resolution, Vec<(f32, bool)>) {
        let pairs = self.pairs();
        let fold = |family: u32| (family.wrapping_mul(0x9e37_79b9) >> 16) % folds;
        let fitted: Vec<Weights> = (0..folds)
            .map(|out| {
                learn::fit(
                    &self.samples(&pairs, move |family| fold(family) != out),
                    &Weights::zero(),
                    STRENGTH,
                )
            })
            .collect();
        let of = |record: u32| &fitted[fold(self.families[record as usize]) as usize];
        let judge = |p: &Pair| {
            let log_odds = match p.barred {
                true => BARRED,
                false => (of(p.a).log_odds(&p.features) + of(p.b).log_odds(&p.features)) / 2.0,
            };
            Edge { a: p.a, b: p.b, log_odds, barred: p.barred, against: p.against }
        };
        let mut edges: Vec<Edge> = pairs.iter().map(judge).collect();
        let judged = edges.clone();
        let same = |e: &Edge| self.entities[e.a as usize] == self.entities[e.b as usize];
        let scored = edges.iter().map(|e| (probability(e.log_odds), same(e))).collect();
        let clusters = cluster(self.records.len(), &mut edges, Rule::default(), &List(&self.records));
        let confidence = confidence(&clusters, &judged);
        (Resolution { clusters, confidence, relations: Vec::new(), compared: pairs.len() }, scored)
    }
}

/// How clusters compare with the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// Of pairs of records.
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    /// Bagga and Baldwin 1998.
    pub b_cubed_precision: f64,
    pub b_cubed_recall: f64,
    pub b_cubed_f1: f64,
}

/// Compares clusters with the true entities, record by record.
pub fn score<A: std::hash::Hash + Eq + Copy, B: std::hash::Hash + Eq + Copy>(
    truth: &[A],
    clusters: &[B],
) -> Scores {
    let mut true_sizes: HashMap<A, f64> = HashMap::new();
    let mut found_sizes: HashMap<B, f64> = HashMap::new();
    let mut both: HashMap<(A, B), f64> = HashMap::new();
    for (t, c) in truth.iter().zip(clusters) {
        *true_sizes.entry(*t).or_default() += 1.0;
        *found_sizes.entry(*c).or_default() += 1.0;
        *both.entry((*t, *c)).or_default() += 1.0;
    }
    let pairs = |sizes: &mut dyn Iterator<Item = f64>| sizes.map(|n| n * (n - 1.0) / 2.0).sum::<f64>();
    let agreed = pairs(&mut both.values().copied());
    let share = |part: f64, whole: f64| if whole == 0.0 { 1.0 } else { part / whole };
    let precision = share(agreed, pairs(&mut found_sizes.values().copied()));
    let recall = share(agreed, pairs(&mut true_sizes.values().copied()));
    let f1 = |p: f64, r: f64| share(2.0 * p * r, p + r);
    let records = truth.len() as f64;
    let b_precision = share(both.iter().map(|((_, c), n)| n * n / found_sizes[c]).sum(), records);
    let b_recall = share(both.iter().map(|((t, _), n)| n * n / true_sizes[t]).sum(), records);
    Scores {
        precision,
        recall,
        f1: f1(precision, recall),
        b_cubed_precision: b_precision,
        b_cubed_recall: b_recall,
        b_cubed_f1: f1(b_precision, b_recall),
    }
}
