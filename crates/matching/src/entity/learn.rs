//! Weights from data.

use super::feature::{COUNT, Features};
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
