//! Duplicate keys as they are kept: numbers made from their texts.
//!
//! Eight bytes in place of some forty: an index of a million customers is as large as that of three hundred
//! thousand was. Numbers of different texts are the same once in 2⁶² pairs.

use huike_store::SqlValue;
use sha2::{Digest, Sha256};

/// The key of an object's records, by its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MatchKey(i64);

impl MatchKey {
    /// A key of exact values: records that share it have something the same.
    pub fn exact(object: &str, text: &str) -> MatchKey {
        MatchKey(number(object, text) & !1)
    }

    /// A key that records share which are alike in something: part of a name, a road.
    pub fn alike(object: &str, text: &str) -> MatchKey {
        MatchKey(number(object, text) & !3 | 1)
    }

    /// A key that hardly any records share but those that are the same: part of a number, a mail address, a site.
    pub fn evident(object: &str, text: &str) -> MatchKey {
        MatchKey(number(object, text) | 3)
    }

    /// As it was read from the database.
    pub fn stored(number: i64) -> MatchKey {
        MatchKey(number)
    }

    /// As it is kept.
    pub fn number(self) -> i64 {
        self.0
    }

    /// Whether it is a key of exact values.
    pub fn is_exact(self) -> bool {
        self.0 & 1 == 0
    }

    /// Whether records that share it may be certainly the same without any exact value in common. A name never does that: of 21,472 labelled
    /// records 858 had a certain twin of this kind, 59 of these without such a key (56 if a road said as much without a name, which every
    /// town has).
    pub fn is_evidence(self) -> bool {
        self.0 & 3 == 3
    }
}

fn number(object: &str, text: &str) -> i64 {
    let digest = Sha256::new().chain_update(object).chain_update([0]).chain_update(text).finalize();
    let (first, _) = digest.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    i64::from_be_bytes(*first)
}

impl From<MatchKey> for SqlValue {
    fn from(key: MatchKey) -> SqlValue {
        SqlValue::Int(key.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart_by_object_text_and_kind() {
        let keys = [
            MatchKey::exact("customer", "a"),
            MatchKey::exact("contact", "a"),
            MatchKey::exact("customer", "b"),
            MatchKey::evident("customer", "a"),
            MatchKey::alike("customer", "a"),
        ];
        for (place, key) in keys.iter().enumerate() {
            assert!(!keys[..place].contains(key));
            assert_eq!(key.is_evidence(), place == 3);
            assert_eq!(key.is_exact(), place < 3);
        }
        assert_eq!(keys[0], MatchKey::exact("customer", "a"));
    }
}
