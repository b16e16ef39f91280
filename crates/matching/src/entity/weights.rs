//! The table of weights: for each feature the log-odds it adds.

use super::feature::{COUNT, Features, name_of, place_of};
use super::verdict::Tier;

/// Log-odds of each feature, and where the tiers begin.
///
/// The shipped table was learned from labelled records (docs/adr/0008-matching.md tells how); a company can learn its own, see
/// [`super::learn`].
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    pub(crate) values: [f32; COUNT],
    pub(crate) tiers: Tiers,
}

/// The least probability of each tier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tiers {
    pub certain: f32,
    pub likely: f32,
    pub possible: f32,
}

impl Default for Tiers {
    fn default() -> Tiers {
        Tiers { certain: 0.995, likely: 0.6, possible: 0.1 }
    }
}

/// A line of a table of weights that can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTable {
    /// From 1.
    pub line: usize,
    pub text: String,
}

impl std::fmt::Display for BadTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "line {} of the table of weights is not a known feature and a number: {}",
            self.line, self.text
        )
    }
}

impl std::error::Error for BadTable {}

const SHIPPED: &str = include_str!("weights.tsv");

impl Weights {
    /// The table that comes with the program.
    pub fn shipped() -> &'static Weights {
        static SHIPPED_WEIGHTS: std::sync::OnceLock<Weights> = std::sync::OnceLock::new();
        SHIPPED_WEIGHTS.get_or_init(|| Weights::parse(SHIPPED).unwrap_or_else(|_| Weights::zero()))
    }

    pub(crate) fn zero() -> Weights {
        Weights { values: [0.0; COUNT], tiers: Tiers::default() }
    }

    /// Reads a table: `feature<tab>weight` a line, `#` before comments, features that are left out weigh nothing.
    ///
    /// # Errors
    /// The first line that is neither.
    pub fn parse(table: &str) -> Result<Weights, BadTable> {
        let mut weights = Weights::zero();
        for (at, line) in table.lines().enumerate().filter(|(_, l)| !l.is_empty() && !l.starts_with('#')) {
            let bad = || BadTable { line: at + 1, text: line.to_owned() };
            let (name, value) = line.split_once('\t').ok_or_else(bad)?;
            let value: f32 = value.trim().parse().map_err(|_| bad())?;
            match name {
                "tier.certain" => weights.tiers.certain = value,
                "tier.likely" => weights.tiers.likely = value,
                "tier.possible" => weights.tiers.possible = value,
                _ => {
                    weights.values[place_of(name).ok_or_else(bad)?] = value;
                }
            }
        }
        Ok(weights)
    }

    /// The table as text that [`Weights::parse`] reads.
    pub fn to_table(&self) -> String {
        let mut table = String::new();
        for (name, value) in [
            ("tier.certain", self.tiers.certain),
            ("tier.likely", self.tiers.likely),
            ("tier.possible", self.tiers.possible),
        ] {
            table.push_str(&format!("{name}\t{value}\n"));
        }
        for (at, value) in self.values.iter().enumerate().filter(|(_, value)| value.abs() >= 0.0005) {
            table.push_str(&format!("{}\t{value:.3}\n", name_of(at)));
        }
        table
    }

    pub fn tiers(&self) -> Tiers {
        self.tiers
    }

    /// How sure a probability is.
    pub fn tier(&self, probability: f32) -> Tier {
        match self.tiers {
            t if probability >= t.certain => Tier::Certain,
            t if probability >= t.likely => Tier::Likely,
            t if probability >= t.possible => Tier::Possible,
            _ => Tier::Different,
        }
    }

    pub(crate) fn log_odds(&self, features: &Features) -> f32 {
        self.values.iter().zip(&features.0).map(|(w, x)| w * x).sum()
    }
}

/// The probability of these log-odds.
pub(crate) fn probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}
