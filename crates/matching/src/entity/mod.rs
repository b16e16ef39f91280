//! Which records are one entity: companies, their branches, and persons.
//!
//! ```text
//! Draft ─► Prepared ─► keys() ─► candidates ─► compare(a, b, weights, frequencies) ─► Verdict { probability, tier, reasons }
//! cells    normalised   ~12 short texts          the same function for a list and for one record while it is typed
//! ```
//!
//! # One record against a database
//! An index keeps `Prepared::keys()` of every record as text (`p:8613912345678`, `n:华东科技`), written in the transaction that writes
//! the record. To check a record: make its [`Draft`], [`Prepared::new`], look its keys up, leave out keys that more than [`KEY_RECORDS`]
//! records have, load those records (some twenty at most are worth it: those with most keys in common), make their `Prepared`, and
//!
//! ```
//! use huike_matching::entity::{Draft, Frequencies, Prepared, Weights, compare};
//! let typed = Draft { name: "华东科技", phones: vec!["139 1234 5670"], ..Draft::default() };
//! let stored = Draft { name: "江苏华东科技有限公司", phones: vec!["13912345670"], ..Draft::default() };
//! let (typed, stored) = (Prepared::new(&typed), Prepared::new(&stored));
//! assert!(typed.keys().iter().any(|key| stored.keys().contains(key)));
//! // Of 100,000 records; for a key left out: frequencies.note(&key, its_count, its_count).
//! let frequencies = Frequencies::of(100_000, [&typed, &stored]);
//! let verdict = compare(&typed, &stored, Weights::shipped(), &frequencies);
//! assert!(verdict.reasons.iter().any(|reason| reason.zh == "电话相同"));
//! ```
//!
//! [`VERSION`] stands beside stored keys: when it changes, they are made anew.

mod aliases;
mod candidates;
mod cluster;
mod compare;
mod draft;
mod feature;
mod frequency;
mod hierarchy;
pub mod invent;
mod key;
mod latin;
pub mod learn;
pub mod measure;
mod name;
mod person;
mod place;
mod prepared;
mod reasons;
mod resolve;
mod sound;
mod verdict;
mod weights;

pub use aliases::FullNames;
pub use draft::Draft;
pub use feature::Features;
pub use frequency::Frequencies;
pub use hierarchy::{Kinship, Relation};
pub use key::{KEY_RECORDS, Key, KeyKind};
pub use prepared::Prepared;
pub use resolve::{Resolution, Said, resolve};
pub use verdict::{Agreement, Bar, Field, Reason, Tier, Verdict, compare};
pub use weights::{BadTable, Tiers, Weights};

/// Changes whenever a record may have other keys than before.
pub const VERSION: u32 = 3;

#[cfg(test)]
mod tests;

/// Words that people type where a value is missing; folded.
pub(crate) fn is_placeholder(folded: &str) -> bool {
    const WORDS: [&str; 24] = [
        "",
        "无",
        "暂无",
        "没有",
        "未知",
        "不详",
        "待补",
        "待定",
        "待补充",
        "空",
        "略",
        "同上",
        "n/a",
        "na",
        "none",
        "null",
        "nil",
        "-",
        "--",
        "/",
        "test",
        "测试",
        "xxx",
        "unknown",
    ];
    let mut chars = folded.chars();
    let first = chars.next();
    let alike = folded.chars().count() >= 3 && chars.all(|c| Some(c) == first);
    alike || WORDS.contains(&folded) || !folded.chars().any(char::is_alphanumeric)
}
