//! Which entities belong under which: a branch under its company, companies of one group beside each other. Proposals, never merges.

use std::collections::HashMap;

use super::compare::{AddressLevel, Branches, CodeLevel, Comparison, DomainLevel, NameLevel, PhoneLevel};
use super::place::Regions;
use super::prepared::Prepared;

/// How two entities belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kinship {
    /// The child is a branch (分公司, 办事处, 营业部, 大区) of the parent.
    Branch,
    /// Companies of one brand that share a domain or a code's owner: perhaps of one group. Neither is above the other.
    Group,
}

/// A proposed relation between two clusters, each by its first record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Relation {
    pub child: u32,
    pub parent: u32,
    pub kinship: Kinship,
    /// 0 to 1.
    pub confidence: f32,
}

/// Pairs of records that are related rather than equal, with what speaks for it.
#[derive(Default)]
pub(crate) struct Kin {
    branches: Vec<(u32, u32, f32)>,
    group: Vec<(u32, u32)>,
}

/// What must speak for a branch belonging to a company.
const ENOUGH: f32 = 1.5;

impl Kin {
    /// Notes a compared pair.
    pub fn note(&mut self, a: u32, b: u32, found: &Comparison, records: &[Prepared]) {
        match found.branches {
            Branches::One => {
                if let Some(score) = branch_score(found) {
                    let a_is_branch = records[a as usize].branch().is_some();
                    let (child, parent) = if a_is_branch { (a, b) } else { (b, a) };
                    self.branches.push((child, parent, score));
                }
            }
            Branches::None if !found.persons && found.domain == DomainLevel::Same => {
                let brand = matches!(
                    found.name,
                    NameLevel::Start | NameLevel::Brand | NameLevel::BrandSpelt | NameLevel::BrandSounds
                );
                if brand {
                    self.group.push((a, b));
                }
            }
            _ => {}
        }
    }

    /// The relations between clusters: for each branch the company for which most speaks.
    pub fn relations(self, clusters: &[u32]) -> Vec<Relation> {
        let home = |record: u32| clusters[record as usize];
        let mut sums: HashMap<(u32, u32), (f32, u32)> = HashMap::new();
        for (child, parent, score) in self.branches {
            let slot = sums.entry((home(child), home(parent))).or_insert((f32::MIN, 0));
            slot.0 = slot.0.max(score);
            slot.1 += 1;
        }
        let mut best: HashMap<u32, (f32, u32, u32)> = HashMap::new();
        for ((child, parent), (score, pairs)) in sums {
            let known = best.entry(child).or_insert((f32::MIN, 0, u32::MAX));
            // Of equals the one with more pairs, then the earlier one.
            let better = (score, pairs, std::cmp::Reverse(parent));
            if better > (known.0, known.1, std::cmp::Reverse(known.2)) {
                *known = (score, pairs, parent);
            }
        }
        let branch = |(child, (score, _, parent)): (u32, (f32, u32, u32))| Relation {
            child,
            parent,
            kinship: Kinship::Branch,
            confidence: 1.0 / (1.0 + (-score).exp()),
        };
        let mut relations: Vec<Relation> =
            best.into_iter().filter(|(_, b)| b.0 >= ENOUGH).map(branch).collect();
        let mut group: Vec<(u32, u32)> =
            self.group.iter().map(|(a, b)| (home(*a).max(home(*b)), home(*a).min(home(*b)))).collect();
        group.sort_unstable();
        group.dedup();
        let pairs = group.into_iter().filter(|(a, b)| a != b);
        relations.extend(pairs.map(|(child, parent)| Relation {
            child,
            parent,
            kinship: Kinship::Group,
            confidence: 0.6,
        }));
        relations.sort_by_key(|r| (r.kinship, r.child, r.parent));
        relations
    }
}

/// What speaks for a branch and a company belonging together, in log-odds; none when the names do not fit.
fn branch_score(found: &Comparison) -> Option<f32> {
    let name = match found.name {
        NameLevel::Full => 4.0,
        NameLevel::Sounds | NameLevel::Spelt => 3.0,
        NameLevel::Start => 2.5 - found.name_weight.spread * 0.5,
        NameLevel::BrandSpelt => 2.0 - found.name_weight.spread * 0.5,
        NameLevel::Brand | NameLevel::BrandSounds => 0.5 + 3.0 * (found.trade.unwrap_or(0.5) - 0.5),
        NameLevel::Abbreviated | NameLevel::End => 1.5,
        NameLevel::Near => 1.0 + 2.0 * (found.name_likeness - 0.7),
        _ => return None,
    };
    let regions = match found.name_regions {
        Some(Regions::Same | Regions::City) => 1.5,
        Some(Regions::Inside) => 0.5,
        Some(Regions::Province) => -1.5,
        Some(Regions::Apart) => -3.0,
        Some(Regions::Unknown) | None => 0.0,
    };
    let shared = [
        (found.domain == DomainLevel::Same, 2.0),
        (found.domain == DomainLevel::Differ, -1.0),
        (found.code <= CodeLevel::Organisation, 2.5),
        (found.phone <= PhoneLevel::Local, 1.0),
        (found.address <= AddressLevel::House, 0.5),
        (found.formal && matches!(found.name, NameLevel::Start | NameLevel::Brand | NameLevel::End), -2.0),
    ];
    Some(name + regions + shared.iter().filter(|(is, _)| *is).map(|(_, weight)| weight).sum::<f32>())
}
