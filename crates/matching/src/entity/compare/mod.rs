//! Two records field by field: each agrees, differs or is missing, in degrees.

mod contact;
mod names;
mod numbers;
mod western;

pub(crate) use contact::{PersonLevel, may_be_one};
pub(crate) use names::{Branches, LegalLevel, NameLevel, branches};
pub(crate) use numbers::{AddressLevel, CodeLevel, DomainLevel, MailLevel, PhoneLevel};
pub(crate) use western::WesternLevels;

use super::frequency::{Frequencies, Seen};
use super::key::KeyKind;
use super::place::{self, Regions};
use super::prepared::Prepared;

/// How rare a shared value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Weight {
    /// ln(records / occurrences).
    pub rarity: f32,
    /// ln(different entities that have the value).
    pub spread: f32,
    pub count: u32,
}

impl Default for Weight {
    fn default() -> Weight {
        Weight { rarity: 0.0, spread: 0.0, count: 1 }
    }
}

impl Weight {
    fn of(seen: Seen, frequencies: &Frequencies) -> Weight {
        Weight {
            rarity: frequencies.rarity(seen),
            spread: (seen.spread.max(1) as f32).ln(),
            count: seen.count,
        }
    }
}

/// What comparing two records found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Comparison {
    pub persons: bool,
    pub name: NameLevel,
    pub name_weight: Weight,
    /// 0–1, how alike names are that are neither equal nor parts of each other.
    pub name_likeness: f32,
    /// 0–1, how much of the shorter trade both have; `None` unless both name one.
    pub trade: Option<f32>,
    /// Characters that the names share, for names that are equal or parts of each other.
    pub shared_chars: usize,
    pub legal: LegalLevel,
    /// Both names are the registered ones.
    pub formal: bool,
    pub group_differs: bool,
    pub branches: Branches,
    pub name_regions: Option<Regions>,
    pub all_regions: Option<Regions>,
    pub person: PersonLevel,
    pub person_weight: Weight,
    /// One's contact in the other's e-mail address.
    pub person_in_mail: bool,
    pub phone: PhoneLevel,
    pub phone_weight: Weight,
    pub mail: MailLevel,
    pub mail_weight: Weight,
    pub domain: DomainLevel,
    pub domain_weight: Weight,
    /// One's domain is the other's brand in letters.
    pub name_in_domain: bool,
    pub address: AddressLevel,
    pub address_weight: Weight,
    pub code: CodeLevel,
    pub code_weight: Weight,
    pub western: Option<WesternLevels>,
}

/// Compares two records. Symmetric.
pub(crate) fn compare(a: &Prepared, b: &Prepared, frequencies: &Frequencies) -> Comparison {
    let persons = is_person(a, frequencies) && is_person(b, frequencies);
    let mut found = Comparison { persons, ..Comparison::default() };
    names::compare(a, b, frequencies, &mut found);
    contact::compare(a, b, frequencies, &mut found);
    numbers::compare(a, b, frequencies, &mut found);
    found.all_regions = best_regions(a.regions(), || b.regions());
    if let (Some(x), Some(y)) = (&a.western, &b.western) {
        found.western = Some(western::compare(x, y, frequencies));
    }
    found
}

/// Whether a record that looks like a person is one: 康纳德 is not, where there is a 康纳德网络科技 too.
fn is_person(record: &Prepared, frequencies: &Frequencies) -> bool {
    record.is_person
        && record.names.first().is_none_or(|name| {
            let brand = frequencies.seen_chars(KeyKind::Brand, name.core.iter().map(|c| c.0));
            let whole = frequencies.seen_chars(KeyKind::Name, name.core.iter().map(|c| c.0));
            name.core.is_empty() || brand.count <= whole.count
        })
}

/// The nearest two of all regions that two records name.
fn best_regions<I: Iterator<Item = u32>>(a: impl Iterator<Item = u32>, b: impl Fn() -> I) -> Option<Regions> {
    let nearness = |r: &Regions| match r {
        Regions::Same => 5,
        Regions::City => 4,
        Regions::Inside => 3,
        Regions::Province => 2,
        Regions::Apart => 1,
        Regions::Unknown => 0,
    };
    a.flat_map(|x| b().map(move |y| place::regions(x, y))).max_by_key(nearness)
}
