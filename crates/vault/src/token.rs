//! Bearer secrets: session ids and API keys. Whoever holds one is let in, so the product shows it once,
//! stores only its SHA-256, and compares in constant time. A plain hash is enough because the secret has
//! 190 random bits; there is nothing to guess.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::random::{self, TOKEN_LENGTH};

const API_KEY: &str = "hk_";
const SESSION: &str = "hs_";
const CHECKSUM_LENGTH: usize = 6;

/// A fresh bearer secret. `Debug` hides it; [`Token::reveal`] is for the one response that shows it.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// A new session id: `hs_` and 38 letters and digits.
    pub fn session() -> Token {
        Token::fresh(SESSION)
    }

    /// A new API key: `hk_`, 32 random letters and digits, and a checksum of 6. The prefix lets scanners
    /// find a leaked key; the checksum tells a mistyped one apart without asking the database.
    pub fn api_key() -> Token {
        Token::fresh(API_KEY)
    }

    fn fresh(prefix: &str) -> Token {
        let mut text = random::token(prefix);
        text.reserve_exact(CHECKSUM_LENGTH);
        let sum = checksum(&text);
        text.extend(sum);
        Token(Zeroizing::new(text))
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }

    /// The first characters, by which its owner recognises it in a list: `hk_` and 4 of the 32 random
    /// ones, which leaves 166 bits unknown.
    pub fn hint(&self) -> &str {
        &self.0[..API_KEY.len() + 4]
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(<redacted>)")
    }
}

fn checksum(text: &str) -> [char; CHECKSUM_LENGTH] {
    let digest = Sha256::digest(text);
    random::base62(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]))
}

fn is_well_formed(text: &str, prefix: &str) -> bool {
    let length = prefix.len() + TOKEN_LENGTH;
    text.is_ascii()
        && text.len() == length + CHECKSUM_LENGTH
        && text.starts_with(prefix)
        && text[length..].chars().eq(checksum(&text[..length]))
}

/// Whether `text` could be an API key: prefix, length and checksum fit.
pub fn is_api_key(text: &str) -> bool {
    is_well_formed(text, API_KEY)
}

/// Whether `text` could be a session id: prefix, length and checksum fit.
pub fn is_session(text: &str) -> bool {
    is_well_formed(text, SESSION)
}

/// SHA-256 of a token: what the database keeps and looks it up by. [`crate::hex`] makes it text.
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Whether two secrets are equal, in time that tells only their lengths.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// The CSRF token of a session: HMAC-SHA-256 under the session id, in base64url (43 characters). It needs
/// no storage, does not reveal the session id, and ends with the session.
pub fn csrf(session: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(session.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(b"huike/csrf/v1");
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Whether `candidate` is the CSRF token of `session`.
pub fn csrf_matches(session: &str, candidate: &str) -> bool {
    equal(csrf(session).as_bytes(), candidate.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_tokens_are_well_formed_and_of_their_kind() {
        let (key, session) = (Token::api_key(), Token::session());
        assert!(is_api_key(key.reveal()) && !is_session(key.reveal()));
        assert!(is_session(session.reveal()) && !is_api_key(session.reveal()));
        assert_eq!(key.reveal().len(), 41);
        assert!(key.hint().starts_with("hk_") && key.hint().len() == 7);
    }

    #[test]
    fn a_mistyped_key_is_told_apart_by_its_checksum() {
        let key = Token::api_key();
        for at in 0..key.reveal().len() {
            let wrong = if key.reveal().as_bytes()[at] == b'x' { 'y' } else { 'x' };
            let typed = format!("{}{wrong}{}", &key.reveal()[..at], &key.reveal()[at + 1..]);
            assert!(!is_api_key(&typed), "character {at}");
        }
        for text in ["", "hk_", "hk_短", &key.reveal()[..40]] {
            assert!(!is_api_key(text), "{text}");
        }
    }

    #[test]
    fn the_stored_hash_is_sha_256() {
        // FIPS 180-2, example B.1.
        assert_eq!(
            crate::hex(&hash("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn debug_output_does_not_contain_the_token() {
        let token = Token::api_key();
        assert_eq!(format!("{token:?}"), "Token(<redacted>)");
    }

    #[test]
    fn a_csrf_token_fits_only_its_session() {
        let (mine, other) = (Token::session(), Token::session());
        let csrf = csrf(mine.reveal());
        assert_eq!(csrf.len(), 43);
        assert!(csrf_matches(mine.reveal(), &csrf));
        assert!(!csrf_matches(other.reveal(), &csrf));
        assert!(!csrf_matches(mine.reveal(), ""));
        assert!(!csrf_matches(mine.reveal(), &csrf[1..]));
    }
}
