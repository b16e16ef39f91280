//! Names of companies.

use super::{Comparison, Weight, best_regions};
use crate::entity::frequency::Frequencies;
use crate::entity::key::KeyKind;
use crate::entity::name::{Legal, Name, Script};
use crate::entity::prepared::Prepared;
use crate::entity::sound::{self, Sounded, jaro_winkler, letters_distance};

/// How alike two names are, the surest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameLevel {
    /// Brand and trade are equal.
    Full,
    /// … are read the same.
    Sounds,
    /// One is the other in letters.
    Spelt,
    /// One is the beginning of the other.
    Start,
    /// The brands are equal, the trades are not.
    Brand,
    /// The brands are read the same.
    BrandSounds,
    /// The brand of one is the other's in letters.
    BrandSpelt,
    /// One is the other with something before it.
    End,
    /// One is the other with characters left out.
    Abbreviated,
    /// Few mistakes apart.
    Near,
    /// Somewhat alike.
    Alike,
    /// One is in Chinese, the other in English.
    Scripts,
    Differ,
    #[default]
    Missing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LegalLevel {
    #[default]
    Unknown,
    Same,
    /// 有限公司 and 股份有限公司, often confused.
    Confused,
    /// 商行 and 有限公司.
    Differ,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Branches {
    #[default]
    None,
    Same,
    /// One says it is a branch, the other does not.
    One,
    Differ,
}

struct Found {
    level: NameLevel,
    weight: Weight,
    likeness: f32,
    trade: Option<f32>,
    shared: usize,
}

impl Found {
    fn new(level: NameLevel, weight: Weight, shared: usize) -> Found {
        Found { level, weight, likeness: 0.0, trade: None, shared }
    }
}

impl Branches {
    /// They are never one.
    pub fn is_bar(self) -> bool {
        matches!(self, Branches::One | Branches::Differ)
    }
}

/// How what two names say about a branch stands to each other.
pub(crate) fn branches(a: &Prepared, b: &Prepared) -> Branches {
    match (&*a.branch, &*b.branch) {
        ("", "") => Branches::None,
        ("", _) | (_, "") => Branches::One,
        (x, y) if same_branch(x, y) => Branches::Same,
        _ => Branches::Differ,
    }
}

pub(super) fn compare(a: &Prepared, b: &Prepared, frequencies: &Frequencies, into: &mut Comparison) {
    into.branches = branches(a, b);
    let mut best: Option<Found> = None;
    for x in a.names.iter().filter(|n| !n.letters.is_empty() || !n.core.is_empty()) {
        for y in b.names.iter().filter(|n| !n.letters.is_empty() || !n.core.is_empty()) {
            let found = pair(x, y, frequencies);
            let better = best.as_ref().is_none_or(|b| {
                (found.level, b.likeness, found.trade.map(|t| -t))
                    < (b.level, found.likeness, b.trade.map(|t| -t))
            });
            if better {
                best = Some(found);
            }
            into.legal = legal(x, y);
            into.formal = x.formal && y.formal;
            into.group_differs = x.group != y.group && x.legal != Legal::None && y.legal != Legal::None;
        }
    }
    if let Some(found) = best {
        into.name = found.level;
        into.name_weight = found.weight;
        into.name_likeness = found.likeness;
        into.trade = found.trade;
        into.shared_chars = found.shared;
    }
    into.name_regions = best_regions(a.names.iter().flat_map(regions), || b.names.iter().flat_map(regions));
}

fn regions(name: &Name) -> impl Iterator<Item = u32> + use<> {
    [name.region, name.second_region].into_iter().filter(|r| *r != 0)
}

/// The same place and kind, with one character written otherwise at most.
fn same_branch(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (x, y): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if x.len() != y.len() || x.len() < 4 {
        return false;
    }
    let sounded = |chars: &[char]| -> Vec<Sounded> {
        let readings = crate::pinyin::readings(chars);
        let number = |r: &&[&str]| r.first().map_or(0, |s| crate::pinyin::syllable_number(s));
        chars.iter().copied().zip(readings.iter().map(number)).collect()
    };
    // 卡尔滨分公司 is 哈尔滨分公司: a place of three characters and more may have one wrong, if none of the two tells places apart.
    const TELLING: &str = "东南西北中上下前后新老一二三四五六七八九十0123456789";
    let mut wrong = x.iter().zip(&y).filter(|(p, q)| p != q);
    let one_wrong = wrong.next().filter(|_| wrong.next().is_none());
    if x.len() >= 6 && one_wrong.is_some_and(|(p, q)| !TELLING.contains(*p) && !TELLING.contains(*q)) {
        return true;
    }
    // 杭洲分公司 is 杭州分公司; 华东 and 华南 are two.
    sound::distance(&sounded(&x), &sounded(&y), 1.0) <= 0.4
}

fn legal(a: &Name, b: &Name) -> LegalLevel {
    match (a.legal, b.legal) {
        (Legal::None, _) | (_, Legal::None) => LegalLevel::Unknown,
        (x, y) if x == y => LegalLevel::Same,
        (Legal::Company, Legal::Stock) | (Legal::Stock, Legal::Company) => LegalLevel::Confused,
        _ => LegalLevel::Differ,
    }
}

fn pair(a: &Name, b: &Name, frequencies: &Frequencies) -> Found {
    match (a.script, b.script) {
        (Script::Han, Script::Han) => han(a, b, frequencies),
        (Script::Latin, Script::Latin) => latin(a, b, frequencies),
        (Script::Han, Script::Latin) => spelt(a, b, frequencies),
        (Script::Latin, Script::Han) => spelt(b, a, frequencies),
    }
}

fn by_chars(kind: KeyKind, chars: &[Sounded], frequencies: &Frequencies) -> Weight {
    Weight::of(frequencies.seen_chars(kind, chars.iter().map(|c| c.0)), frequencies)
}

/// The commoner of two values.
fn commoner(a: Weight, b: Weight) -> Weight {
    if a.rarity <= b.rarity { a } else { b }
}

fn same_chars(a: &[Sounded], b: &[Sounded]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.0 == y.0)
}

fn same_sounds(a: &[Sounded], b: &[Sounded]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.0 == y.0 || x.1 != 0 && x.1 == y.1)
}

fn starts(short: &[Sounded], long: &[Sounded]) -> bool {
    short.len() <= long.len() && same_chars(short, &long[..short.len()])
}

fn ends(short: &[Sounded], long: &[Sounded]) -> bool {
    short.len() <= long.len() && same_chars(short, &long[long.len() - short.len()..])
}

fn han(a: &Name, b: &Name, frequencies: &Frequencies) -> Found {
    let (short, long) = if a.core.len() <= b.core.len() { (a, b) } else { (b, a) };
    let core = |n: &Name| by_chars(KeyKind::Name, &n.core, frequencies);
    if same_chars(&short.core, &long.core) {
        return Found::new(NameLevel::Full, core(short), short.core.len());
    }
    if same_sounds(&short.core, &long.core) {
        return Found::new(NameLevel::Sounds, commoner(core(short), core(long)), short.core.len());
    }
    let brand = |n: &Name| by_chars(KeyKind::Brand, n.brand(), frequencies);
    if short.core.len() >= 2 && starts(&short.core, &long.core) {
        let weight = commoner(by_chars(KeyKind::Brand, &short.core, frequencies), core(short));
        return Found::new(NameLevel::Start, weight, short.core.len());
    }
    let trade = trade(short.trade(), long.trade());
    if short.brand >= 2 && same_chars(short.brand(), long.brand()) {
        let found =
            Found::new(NameLevel::Brand, commoner(brand(short), brand(long)), usize::from(short.brand));
        return Found { trade, ..found };
    }
    if short.brand >= 2 && same_sounds(short.brand(), long.brand()) {
        let found =
            Found::new(NameLevel::BrandSounds, commoner(brand(short), brand(long)), usize::from(short.brand));
        return Found { trade, ..found };
    }
    if short.core.len() >= 3 && ends(&short.core, &long.core) {
        return Found::new(NameLevel::End, core(short), short.core.len());
    }
    let first_same = short.core.first().map(|c| c.0) == long.core.first().map(|c| c.0);
    if short.core.len() >= 2 && first_same && sound::is_subsequence(&short.core, &long.core) {
        return Found::new(NameLevel::Abbreviated, core(short), short.core.len());
    }
    let likeness = likeness(short, long);
    let level = match likeness {
        l if l >= 0.7 => NameLevel::Near,
        l if l >= 0.4 => NameLevel::Alike,
        _ => NameLevel::Differ,
    };
    let weight = match level {
        NameLevel::Near => commoner(brand(short), brand(long)),
        _ => Weight::default(),
    };
    Found { likeness, trade, ..Found::new(level, weight, short.core.len()) }
}

/// 1 less the share of characters that are wrong: of the whole names, or of the brands where one has no trade.
fn likeness(a: &Name, b: &Name) -> f32 {
    let of = |x: &[Sounded], y: &[Sounded]| {
        let most = x.len().max(y.len()) as f32;
        if most < 2.0 { 0.0 } else { 1.0 - sound::distance(x, y, most * 0.7) / most }
    };
    let whole = of(&a.core, &b.core);
    // The same trade makes different brands look alike, so the brands must be alike too.
    let brands = of(a.brand(), b.brand());
    if a.trade().is_empty() || b.trade().is_empty() { whole.max(brands) } else { whole.min(brands + 0.25) }
}

/// How much of the shorter trade the other has too.
fn trade(a: &[Sounded], b: &[Sounded]) -> Option<f32> {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        return None;
    }
    let shared = short.iter().filter(|c| long.iter().any(|d| d.0 == c.0 || d.1 != 0 && d.1 == c.1)).count();
    Some(shared as f32 / short.len() as f32)
}

fn by_sound(letters: &str, frequencies: &Frequencies) -> Weight {
    Weight::of(frequencies.seen(KeyKind::Sound, letters), frequencies)
}

fn latin(a: &Name, b: &Name, frequencies: &Frequencies) -> Found {
    let weight = commoner(by_sound(a.brand_letters(), frequencies), by_sound(b.brand_letters(), frequencies));
    if a.letters == b.letters {
        return Found::new(NameLevel::Full, weight, a.letters.len() / 3);
    }
    let (x, y) = (a.brand_letters(), b.brand_letters());
    if x.len() >= 4 && x == y {
        return Found::new(NameLevel::Brand, weight, x.len() / 3);
    }
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    if short.len() >= 4 && long.starts_with(short) {
        return Found::new(NameLevel::Start, weight, short.len() / 3);
    }
    let likeness = jaro_winkler(x.as_bytes(), y.as_bytes()).max(jaro_winkler(y.as_bytes(), x.as_bytes()));
    let level = match likeness {
        l if l >= 0.93 => NameLevel::Near,
        l if l >= 0.85 => NameLevel::Alike,
        _ => NameLevel::Differ,
    };
    Found { likeness, ..Found::new(level, weight, short.len() / 3) }
}

/// A Chinese name against one in letters.
fn spelt(han: &Name, latin: &Name, frequencies: &Frequencies) -> Found {
    let brand = han.brand_letters();
    // Most pairs of this kind have nothing in common.
    let weight = || commoner(by_sound(brand, frequencies), by_sound(latin.brand_letters(), frequencies));
    let (x, y) = (&*han.letters, &*latin.letters);
    if x == y {
        return Found::new(NameLevel::Spelt, weight(), han.core.len());
    }
    let named = latin.brand_letters();
    let starts = |long: &str, short: &str| short.len() >= 4 && long.starts_with(short);
    if brand == named || starts(y, brand) && starts(x, head(y, brand.len() + 4)) {
        return Found::new(NameLevel::BrandSpelt, weight(), usize::from(han.brand));
    }
    if starts(x, named) || starts(named, x) {
        return Found::new(NameLevel::BrandSpelt, weight(), usize::from(han.brand));
    }
    let off = letters_distance(x.as_bytes(), y.as_bytes(), 4.0)
        .min(letters_distance(brand.as_bytes(), named.as_bytes(), 4.0) + 0.5);
    let likeness = 1.0 - off / (brand.len().max(6) as f32);
    match off {
        d if d <= 2.5 && likeness >= 0.7 => {
            Found { likeness, ..Found::new(NameLevel::Near, weight(), usize::from(han.brand)) }
        }
        _ => {
            let level = if latin.pinyin { NameLevel::Differ } else { NameLevel::Scripts };
            Found::new(level, Weight::default(), 0)
        }
    }
}

fn head(text: &str, bytes: usize) -> &str {
    text.get(..bytes).unwrap_or(text)
}
