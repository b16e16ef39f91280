//! What comparing two records comes to, with its reasons in words.

use super::compare::{self, CodeLevel, Comparison};
use super::feature::{COUNT, Feature, Features, field_of};
use super::frequency::Frequencies;
use super::prepared::Prepared;
use super::reasons;
use super::weights::{Weights, probability};

/// How sure it is that two records are one entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// May be merged without anybody looking.
    Certain,
    /// Somebody should look.
    Likely,
    /// Worth a hint while typing.
    Possible,
    Different,
}

/// What a reason speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    Name,
    Branch,
    Region,
    Contact,
    Phone,
    Mail,
    Address,
    Code,
    Born,
    Identifier,
    /// What several fields say together.
    Together,
}

impl Field {
    /// The stable name for interfaces.
    pub fn key(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Branch => "branch",
            Field::Region => "region",
            Field::Contact => "contact",
            Field::Phone => "phone",
            Field::Mail => "email",
            Field::Address => "address",
            Field::Code => "credit_code",
            Field::Born => "born",
            Field::Identifier => "identifier",
            Field::Together => "together",
        }
    }
}

/// How a field of two records stands. A missing field has no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Agreement {
    Agrees,
    /// Alike, or agreeing on what many have.
    Partly,
    Differs,
}

/// Why, for one field.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    pub field: Field,
    pub agreement: Agreement,
    /// 电话相同
    pub zh: String,
    /// The phone number is the same
    pub en: String,
    /// Log-odds that the field adds (for the same entity) or takes away.
    pub weight: f32,
}

/// A rule that no probability overrules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bar {
    /// 华东分部 and 华南分部, or a branch and its company: linked, never merged.
    Branches,
    /// Two different credit codes with fitting check digits.
    Codes,
}

/// What comparing two records comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// That the two are one entity: 0 to 1, calibrated on labelled pairs. Near 0 when barred.
    pub probability: f32,
    /// The same as log-odds, by which clusters are made.
    pub log_odds: f32,
    pub tier: Tier,
    pub barred: Option<Bar>,
    /// The weightiest first; one for each field that both records have.
    pub reasons: Vec<Reason>,
}

/// Log-odds of what is barred.
pub(crate) const BARRED: f32 = -12.0;

/// Compares two records: the one function for whole lists and for the check while typing.
///
/// Symmetric: `compare(a, b)` equals `compare(b, a)`. About a microsecond, and another for the words of the reasons.
pub fn compare(a: &Prepared, b: &Prepared, weights: &Weights, frequencies: &Frequencies) -> Verdict {
    let found = compare::compare(a, b, frequencies);
    let features = Features::of(&found);
    let barred = bar(&found);
    let log_odds = if barred.is_some() { BARRED } else { weights.log_odds(&features) };
    let probability = probability(log_odds);
    Verdict {
        probability,
        log_odds,
        tier: weights.tier(probability),
        barred,
        reasons: reasons::of(&found, &features, weights),
    }
}

pub(crate) fn bar(found: &Comparison) -> Option<Bar> {
    match (found.branches, found.code) {
        (branches, _) if branches.is_bar() => Some(Bar::Branches),
        (_, CodeLevel::Differ) => Some(Bar::Codes),
        _ => None,
    }
}

/// The log-odds that each field adds, by its place among the fields.
pub(crate) fn contributions(features: &Features, weights: &Weights) -> [f32; Field::Together as usize + 1] {
    let mut sums = [0.0; Field::Together as usize + 1];
    for at in (0..COUNT).filter(|at| *at != Feature::Bias as usize) {
        sums[field_of(at) as usize] += weights.values[at] * features.0[at];
    }
    sums
}
