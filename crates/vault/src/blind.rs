//! Blind indexes: keyed fingerprints by which an encrypted field can be searched for an exact value, or a
//! phone for its last digits, without the database ever holding the value.
//!
//! An index shows which rows of one field hold equal values, and nothing across fields, because the field
//! is part of what is hashed. A tail index of four digits has only 10,000 possible inputs: it hides the
//! digits from whoever lacks the key, but not that two phones end alike. Index no field by its tail that
//! need not be found so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::frame::Frame;
use crate::keys::{IndexKey, Secret};

/// Bytes kept of the HMAC: at 128 bits, two of a thousand million values collide with probability 10⁻²¹.
const LENGTH: usize = 16;

/// The field that an index belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IndexTag<'a> {
    /// The object's name in the dictionary.
    pub object: &'a str,
    /// The field's name in the dictionary.
    pub field: &'a str,
}

/// The index of a whole value: 22 characters of base64. `normalised` is the field type's comparison form;
/// two spellings that should be found as one must be normalised alike before.
pub fn blind_index(key: &IndexKey, tag: IndexTag<'_>, normalised: &str) -> String {
    index(&key.exact, tag, normalised)
}

/// The index of the last digits of a number: 22 characters of base64. Never equal to [`blind_index`] of
/// the same text, and different for tails of different length.
pub fn tail_index(key: &IndexKey, tag: IndexTag<'_>, digits_tail: &str) -> String {
    index(&key.tail, tag, digits_tail)
}

fn index(key: &Secret, tag: IndexTag<'_>, value: &str) -> String {
    let message = Frame::new("huike/blind/v1")
        .bytes(tag.object.as_bytes())
        .bytes(tag.field.as_bytes())
        .bytes(value.as_bytes())
        .finish();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.bytes()).expect("HMAC takes keys of any length");
    mac.update(&message);
    STANDARD_NO_PAD.encode(&mac.finalize().into_bytes()[..LENGTH])
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOBILE: IndexTag<'_> = IndexTag { object: "contact", field: "mobile" };

    #[test]
    fn equal_values_of_one_field_have_one_index() {
        let key = IndexKey::generate();
        let index = blind_index(&key, MOBILE, "8619900000001");
        assert_eq!(index, blind_index(&key, MOBILE, "8619900000001"));
        assert_eq!(index.len(), 22);
    }

    #[test]
    fn fields_objects_kinds_and_keys_are_kept_apart() {
        let key = IndexKey::generate();
        let indexes = [
            blind_index(&key, MOBILE, "0001"),
            blind_index(&key, MOBILE, "0002"),
            tail_index(&key, MOBILE, "0001"),
            tail_index(&key, MOBILE, "001"),
            blind_index(&key, IndexTag { field: "phone", ..MOBILE }, "0001"),
            blind_index(&key, IndexTag { object: "customer", ..MOBILE }, "0001"),
            blind_index(&key, IndexTag { object: "contactm", field: "obile" }, "0001"),
            blind_index(&IndexKey::generate(), MOBILE, "0001"),
        ];
        let distinct: std::collections::HashSet<&String> = indexes.iter().collect();
        assert_eq!(distinct.len(), indexes.len());
    }
}
