//! Weights from data.

use super::candidates::Candidates;
use super::compare;
use super::feature::{COUNT, Features};
use super::frequency::Frequencies;
use super::prepared::Prepared;
use super::verdict::{Tier, bar};
use super::weights::{Weights, probability};

/// A compared pair of which something is known.
#[derive(Clone, Debug)]
pub struct Sample {
    pub features: Features,
    /// That the two are one entity: 1 or 0 as somebody said, anything between as a guess.
    pub truth: f32,
}

/// Rounds of Newton's method; it converges in about eight.
const ROUNDS: usize = 25;
/// A step smaller than this is none.
const ENOUGH: f64 = 1e-4;

/// Weights under which the samples are most likely, drawn towards `prior` with `strength` (the inverse variance of a Gaussian around
/// each prior weight): logistic regression by Newton's method.
///
/// Few samples move the weights little; without any the prior comes back.
pub fn fit(samples: &[Sample], prior: &Weights, strength: f64) -> Weights {
    let mut weights: Vec<f64> = prior.values.iter().map(|w| f64::from(*w)).collect();
    for _ in 0..ROUNDS {
        let (mut gradient, mut curvature) = slopes(samples, &weights);
        for at in 0..COUNT {
            gradient[at] += strength * (f64::from(prior.values[at]) - weights[at]);
            curvature[at * COUNT + at] += strength;
        }
        let step = solve(&mut curvature, gradient);
        let length = step.iter().map(|s| s.abs()).fold(0.0, f64::max);
        // Far from the optimum a whole step may overshoot.
        let scale = (5.0 / length).min(1.0);
        weights.iter_mut().zip(&step).for_each(|(w, s)| *w += scale * s);
        if length < ENOUGH {
            break;
        }
    }
    let mut fitted = prior.clone();
    fitted.values.iter_mut().zip(&weights).for_each(|(slot, w)| *slot = *w as f32);
    fitted
}

/// Gradient of the log-likelihood and the negative of its second derivatives, row by row.
fn slopes(samples: &[Sample], weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut gradient = vec![0f64; COUNT];
    let mut curvature = vec![0f64; COUNT * COUNT];
    let mut used: Vec<(usize, f64)> = Vec::new();
    for sample in samples {
        used.clear();
        used.extend(
            sample
                .features
                .0
                .iter()
                .enumerate()
                .filter(|(_, x)| **x != 0.0)
                .map(|(at, x)| (at, f64::from(*x))),
        );
        let log_odds: f64 = used.iter().map(|(at, x)| weights[*at] * x).sum();
        let p = f64::from(probability(log_odds as f32));
        let residual = f64::from(sample.truth) - p;
        let slope = (p * (1.0 - p)).max(1e-9);
        for (i, x) in &used {
            gradient[*i] += residual * x;
            for (j, y) in &used {
                curvature[i * COUNT + j] += slope * x * y;
            }
        }
    }
    (gradient, curvature)
}

/// Solves `matrix · x = right` for a symmetric positive definite matrix, by Cholesky's decomposition in place.
fn solve(matrix: &mut [f64], mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for j in 0..n {
        for k in 0..j {
            let factor = matrix[j * n + k];
            for i in j..n {
                matrix[i * n + j] -= matrix[i * n + k] * factor;
            }
        }
        let root = matrix[j * n + j].max(1e-12).sqrt();
        for i in j..n {
            matrix[i * n + j] /= root;
        }
    }
    for i in 0..n {
        for k in 0..i {
            right[i] -= matrix[i * n + k] * right[k];
        }
        right[i] /= matrix[i * n + i];
    }
    for i in (0..n).rev() {
        for k in i + 1..n {
            right[i] -= matrix[k * n + i] * right[k];
        }
        right[i] /= matrix[i * n + i];
    }
    right
}

/// New weights with their effect. They are in use only where somebody puts them to use.
#[derive(Clone, Debug)]
pub struct Proposal {
    pub weights: Weights,
    /// Compared pairs per tier under the present weights.
    pub before: Tally,
    /// … and under the proposed ones.
    pub after: Tally,
}

/// How many compared pairs are in each tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub certain: usize,
    pub likely: usize,
    pub possible: usize,
    pub different: usize,
}

/// How strongly a company's own weights are drawn towards those in use.
const CAUTION: f64 = 20.0;
/// Rounds of expectation and maximisation.
const TURNS: usize = 5;

/// Weights from what people said of pairs of a list: `(record, record, same)`.
///
/// Answers on pairs that a bar keeps apart teach nothing and are left out, as are records that are not in the list.
pub fn from_answers(records: &[Prepared], answers: &[(u32, u32, bool)], present: &Weights) -> Proposal {
    let (pairs, frequencies) = compared(records);
    let sample = |(a, b, same): &(u32, u32, bool)| {
        let found = compare::compare(records.get(*a as usize)?, records.get(*b as usize)?, &frequencies);
        bar(&found)
            .is_none()
            .then(|| Sample { features: Features::of(&found), truth: f32::from(u8::from(*same)) })
    };
    let samples: Vec<Sample> = answers.iter().filter_map(sample).collect();
    propose(fit(&samples, present, CAUTION), &pairs, present)
}

/// Weights from the records alone: what the present weights think of each compared pair is taken for its truth in part, new weights
/// are fitted to that, and so on (expectation–maximisation, Dempster, Laird and Rubin 1977). The pull towards the present weights keeps
/// it from drifting.
pub fn from_records(records: &[Prepared], present: &Weights) -> Proposal {
    let (pairs, _) = compared(records);
    let mut weights = present.clone();
    for _ in 0..TURNS {
        let expect = |features: &Features| Sample {
            features: features.clone(),
            truth: probability(weights.log_odds(features)),
        };
        let samples: Vec<Sample> = pairs.iter().map(expect).collect();
        weights = fit(&samples, present, CAUTION);
    }
    propose(weights, &pairs, present)
}

/// The compared pairs of a list that no bar keeps apart.
fn compared(records: &[Prepared]) -> (Vec<Features>, Frequencies) {
    let (candidates, frequencies) = Candidates::index(records);
    let mut pairs = Vec::new();
    candidates.each_pair(|a, b| {
        let found = compare::compare(&records[a as usize], &records[b as usize], &frequencies);
        if bar(&found).is_none() {
            pairs.push(Features::of(&found));
        }
    });
    (pairs, frequencies)
}

fn propose(weights: Weights, pairs: &[Features], present: &Weights) -> Proposal {
    let (before, after) = (tally(pairs, present), tally(pairs, &weights));
    Proposal { weights, before, after }
}

fn tally(pairs: &[Features], weights: &Weights) -> Tally {
    let mut tally = Tally::default();
    for features in pairs {
        match weights.tier(probability(weights.log_odds(features))) {
            Tier::Certain => tally.certain += 1,
            Tier::Likely => tally.likely += 1,
            Tier::Possible => tally.possible += 1,
            Tier::Different => tally.different += 1,
        }
    }
    tally
}
