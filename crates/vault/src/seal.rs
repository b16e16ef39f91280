//! Field values encrypted where they are stored. A sealed value is printable text,
//! `hk1:` + base64(nonce ‖ ciphertext ‖ tag) without padding, so it fits any text column, the log and JSON.
//!
//! The tag covers object, field and record: a sealed value moved to another row or column does not open.
//! The length of the text can be seen from outside; what it says, or whether two are equal, cannot.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::aead::{self, NONCE, TAG};
use crate::frame::Frame;
use crate::keys::SubjectKey;
use crate::random;

const PREFIX: &str = "hk1:";

/// The place that a value belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldTag<'a> {
    /// The object's name in the dictionary.
    pub object: &'a str,
    /// The field's name in the dictionary.
    pub field: &'a str,
    /// The record's id.
    pub record: i64,
}

impl FieldTag<'_> {
    fn aad(&self) -> Vec<u8> {
        Frame::new("huike/seal/v1")
            .bytes(self.object.as_bytes())
            .bytes(self.field.as_bytes())
            .int(self.record)
            .finish()
    }
}

/// Why a sealed value did not open. Never repeats the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error("the value is not sealed")]
    NotSealed,
    #[error("the sealed value does not open: another person's key, moved from another place, or altered")]
    Refused,
}

/// Encrypts `plaintext` for its place. Sealing the same text twice gives two different results.
pub fn seal(key: &SubjectKey, tag: &FieldTag<'_>, plaintext: &str) -> String {
    let nonce = random::bytes::<NONCE>();
    let mut raw = Vec::with_capacity(NONCE + plaintext.len() + TAG);
    raw.extend_from_slice(&nonce);
    raw.extend(aead::encrypt(key.0.bytes(), &nonce, &tag.aad(), plaintext.as_bytes()));
    let mut text = String::with_capacity(PREFIX.len() + raw.len().div_ceil(3) * 4);
    text.push_str(PREFIX);
    STANDARD_NO_PAD.encode_string(raw, &mut text);
    text
}

/// The text that [`seal`] encrypted for the same place with the same key.
///
/// # Errors
/// [`OpenError`].
pub fn open(key: &SubjectKey, tag: &FieldTag<'_>, sealed: &str) -> Result<String, OpenError> {
    let raw = decode(sealed).ok_or(OpenError::NotSealed)?;
    let (nonce, ciphertext) = raw.split_first_chunk::<NONCE>().ok_or(OpenError::NotSealed)?;
    let plain =
        aead::decrypt(key.0.bytes(), nonce, &tag.aad(), ciphertext).map_err(|_| OpenError::Refused)?;
    // Only `seal` can have made a fitting tag, and it was given text.
    String::from_utf8(plain).map_err(|_| OpenError::Refused)
}

/// Whether `text` has the shape of a sealed value. It may still refuse to open.
pub fn is_sealed(text: &str) -> bool {
    decode(text).is_some()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let raw = STANDARD_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
    (raw.len() >= NONCE + TAG).then_some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TAG_HERE: FieldTag<'_> = FieldTag { object: "contact", field: "mobile", record: 42 };

    proptest! {
        #[test]
        fn a_sealed_value_opens_in_its_place(text in ".*") {
            let key = SubjectKey::generate();
            let sealed = seal(&key, &TAG_HERE, &text);
            prop_assert!(is_sealed(&sealed));
            prop_assert_eq!(open(&key, &TAG_HERE, &sealed), Ok(text));
        }

        #[test]
        fn a_change_of_any_character_is_noticed(text in ".{0,40}", at: prop::sample::Index, to in "[A-Za-z0-9+/:]") {
            let key = SubjectKey::generate();
            let sealed = seal(&key, &TAG_HERE, &text);
            let at = at.index(sealed.len());
            let altered = format!("{}{to}{}", &sealed[..at], &sealed[at + 1..]);
            prop_assume!(altered != sealed);
            prop_assert!(open(&key, &TAG_HERE, &altered).is_err());
        }

        #[test]
        fn anything_else_is_an_error_and_never_a_panic(text in ".*") {
            prop_assert!(open(&SubjectKey::generate(), &TAG_HERE, &text).is_err());
            let prefixed = format!("hk1:{text}");
            prop_assert!(open(&SubjectKey::generate(), &TAG_HERE, &prefixed).is_err());
        }
    }

    #[test]
    fn a_change_of_any_byte_is_noticed() {
        let key = SubjectKey::generate();
        let raw = decode(&seal(&key, &TAG_HERE, "19900000001")).unwrap();
        for at in 0..raw.len() {
            for bit in 0..8 {
                let mut altered = raw.clone();
                altered[at] ^= 1 << bit;
                let altered = format!("hk1:{}", STANDARD_NO_PAD.encode(altered));
                assert_eq!(open(&key, &TAG_HERE, &altered), Err(OpenError::Refused), "byte {at} bit {bit}");
            }
        }
    }

    #[test]
    fn a_value_does_not_open_in_another_row_column_object_or_under_another_key() {
        let key = SubjectKey::generate();
        let sealed = seal(&key, &TAG_HERE, "19900000001");
        for tag in [
            FieldTag { record: 43, ..TAG_HERE },
            FieldTag { field: "phone", ..TAG_HERE },
            FieldTag { object: "customer", ..TAG_HERE },
            // The boundary between the two names counts too.
            FieldTag { object: "contactm", field: "obile", ..TAG_HERE },
        ] {
            assert_eq!(open(&key, &tag, &sealed), Err(OpenError::Refused), "{tag:?}");
        }
        assert_eq!(open(&SubjectKey::generate(), &TAG_HERE, &sealed), Err(OpenError::Refused));
    }

    #[test]
    fn equal_texts_seal_differently() {
        let key = SubjectKey::generate();
        assert_ne!(seal(&key, &TAG_HERE, "19900000001"), seal(&key, &TAG_HERE, "19900000001"));
    }

    #[test]
    fn ordinary_text_is_not_taken_for_sealed() {
        for text in ["", "hk1:", "hk1:abc", "19900000001", "hk2:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(!is_sealed(text), "{text}");
        }
    }
}
