//! Everything in Huike that needs cryptography, and nothing else: keys, sealed field values, blind
//! indexes, passwords, one-time codes, bearer tokens, and the Merkle log with its signed checkpoints.
//!
//! The crate is pure: no files, no database, no clock. The only thing it asks the operating system for
//! is randomness, in [`random`]. Primitives come from the RustCrypto and dalek crates; this crate decides
//! formats, what is bound to what, and which key may do what.
//!
//! ```text
//! master key (file, environment, command)          rotated by adding a newer one to the KeyRing
//!   ├─ wraps  one SubjectKey per person ── seals field values  (destroy it: the person is unreadable)
//!   ├─ wraps  the IndexKey              ── blind indexes for exact and tail search
//!   └─ wraps  the SigningKey            ── Ed25519 signature under each checkpoint of the log
//! ```
//!
//! Index and signing secrets are independent random values, not derived from the master key, so that
//! rotating the master key changes neither a stored index nor the public key that auditors hold.

mod aead;
pub mod audit;
pub mod blind;
pub mod checkpoint;
pub mod content;
mod frame;
pub mod keys;
pub mod merkle;
pub mod password;
pub mod random;
pub mod seal;
mod strength;
pub mod token;
pub mod totp;

/// Lower-case hexadecimal text of `bytes`.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that `text` spells in hexadecimal (either case); `None` unless it is exactly that.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    // The capacity is exact, so that no copy of a key's digits is left behind by growing.
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    for [high, low] in pairs {
        bytes.push(digit(*high)? << 4 | digit(*low)?);
    }
    rest.is_empty().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hex_reads_back_what_it_wrote(bytes: Vec<u8>) {
            prop_assert_eq!(from_hex(&hex(&bytes)), Some(bytes));
        }
    }

    #[test]
    fn text_that_is_not_hexadecimal_is_refused() {
        for bad in ["0", "0g", "é0", " 00", "0x00"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }
}
