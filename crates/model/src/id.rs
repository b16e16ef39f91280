//! Identifiers: 63-bit integers inside, opaque strings outside.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// The id of a record. Positive and time-ordered; outside it is 13 characters of Crockford's base 32, whose order as text is the
/// order as numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(i64);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 13;

/// Not the text of an id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an id")]
pub struct NotAnId;

impl Id {
    /// # Errors
    /// Ids are positive; zero and negative numbers are none.
    pub fn new(number: i64) -> Result<Id, NotAnId> {
        if number > 0 { Ok(Id(number)) } else { Err(NotAnId) }
    }

    pub fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0u8; LENGTH];
        let mut rest = self.0 as u64;
        for place in text.iter_mut().rev() {
            *place = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        // The alphabet is ASCII.
        out.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Id({self})")
    }
}

impl FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Id, NotAnId> {
        if text.len() != LENGTH {
            return Err(NotAnId);
        }
        let mut number: u64 = 0;
        for byte in text.bytes() {
            let digit = ALPHABET.iter().position(|&a| a == byte).ok_or(NotAnId)? as u64;
            number = number.checked_mul(32).ok_or(NotAnId)? | digit;
        }
        i64::try_from(number).ok().and_then(|number| Id::new(number).ok()).ok_or(NotAnId)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_and_number_are_one_and_keep_their_order(a in 1i64.., b in 1i64..) {
            let (a, b) = (Id::new(a).unwrap(), Id::new(b).unwrap());
            prop_assert_eq!(a.to_string().parse::<Id>().unwrap(), a);
            prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".*") {
            let _ = text.parse::<Id>();
        }
    }

    #[test]
    fn zero_negative_and_overlong_numbers_are_no_ids() {
        assert!("0000000000000".parse::<Id>().is_err());
        assert!("zzzzzzzzzzzzz".parse::<Id>().is_err());
        assert!("8000000000000".parse::<Id>().is_err());
        assert!(Id::new(-1).is_err());
    }
}
