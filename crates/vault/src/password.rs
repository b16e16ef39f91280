//! Passwords: Argon2id (RFC 9106) with the parameters that OWASP's Password Storage Cheat Sheet gives
//! first (19 MiB, 2 passes, 1 lane), as PHC strings, and the rules for choosing one.
//!
//! Hashing takes some 16 ms of one core and 19 MiB: call it where blocking is allowed, and bound how many
//! run at a time.

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::Error as HashError,
};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::random;
pub use crate::strength::{MAX_LENGTH, MIN_LENGTH, Weakness, check_strength};

/// Memory in KiB, passes, lanes.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// The most that a stored hash may ask for, so that a foreign one cannot exhaust the machine.
const COST_LIMIT: (u32, u32, u32) = (256 * 1024, 16, 16);
const SALT_LENGTH: usize = 16;

/// A hash of no password, made with the present parameters: 32 zero bytes as output, which no input is
/// known to give. Checking against it takes as long as checking a real one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("the password is longer than {MAX_LENGTH} characters")]
    TooLong,
    #[error("the stored password hash is damaged or of an unsupported kind; set a new password")]
    BadHash,
    #[error("there is not enough memory to check a password now")]
    OutOfMemory,
}

impl From<HashError> for PasswordError {
    fn from(error: HashError) -> PasswordError {
        match error {
            HashError::OutOfMemory => PasswordError::OutOfMemory,
            _ => PasswordError::BadHash,
        }
    }
}

fn argon2() -> Argon2<'static> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).expect("OWASP's parameters are valid for Argon2");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The form that is hashed: NFKC, so that full-width letters and composed accents, which differ between
/// keyboards, give the same password (NIST SP 800-63B-4 §3.1.1.2).
fn prepared(password: &str) -> Result<Zeroizing<String>, PasswordError> {
    // NFKC can lengthen a text, so the limit applies to what was typed.
    if password.chars().nth(MAX_LENGTH).is_some() {
        return Err(PasswordError::TooLong);
    }
    Ok(Zeroizing::new(password.nfkc().collect()))
}

/// The hash to store, a PHC string `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
///
/// # Errors
/// [`PasswordError::TooLong`], [`PasswordError::OutOfMemory`].
pub fn hash(password: &str) -> Result<String, PasswordError> {
    let salt = random::bytes::<SALT_LENGTH>();
    Ok(argon2().hash_password_with_salt(prepared(password)?.as_bytes(), &salt)?.to_string())
}

/// Whether `password` is the one behind `stored`. For a sign-in name that does not exist pass `None`: the
/// answer is no, after as long as for one that does.
///
/// # Errors
/// [`PasswordError::BadHash`] when `stored` cannot be used, [`PasswordError::OutOfMemory`]. A password
/// over the limit is simply wrong.
pub fn verify(password: &str, stored: Option<&str>) -> Result<bool, PasswordError> {
    let prepared = prepared(password);
    let hash = parse(stored.unwrap_or(NOBODY))?;
    let text = prepared.as_ref().map_or("", |text| text.as_str());
    let fits = match argon2().verify_password(text.as_bytes(), &hash) {
        Ok(()) => true,
        Err(HashError::PasswordInvalid) => false,
        Err(other) => return Err(other.into()),
    };
    Ok(fits && stored.is_some() && prepared.is_ok())
}

/// Whether `stored` was made with other parameters than the present ones, so that it should be replaced
/// at the next successful sign-in. Also true for one that cannot be read.
pub fn needs_rehash(stored: &str) -> bool {
    let (memory, passes, lanes) = COST;
    !parse(stored).is_ok_and(|hash| {
        hash.algorithm.as_str() == "argon2id"
            && hash.version == Some(Version::V0x13.into())
            && Params::try_from(&hash)
                .is_ok_and(|p| (p.m_cost(), p.t_cost(), p.p_cost()) == (memory, passes, lanes))
    })
}

fn parse(stored: &str) -> Result<PasswordHash, PasswordError> {
    let hash = PasswordHash::new(stored).map_err(|_| PasswordError::BadHash)?;
    let params = Params::try_from(&hash).map_err(|_| PasswordError::BadHash)?;
    let (memory, passes, lanes) = COST_LIMIT;
    let affordable = params.m_cost() <= memory && params.t_cost() <= passes && params.p_cost() <= lanes;
    (affordable && hash.salt.is_some() && hash.hash.is_some()).then_some(hash).ok_or(PasswordError::BadHash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_fits_its_password_and_no_other() {
        let stored = hash("correct horse 电池").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(verify("correct horse 电池", Some(&stored)), Ok(true));
        assert_eq!(verify("correct horse 电池 ", Some(&stored)), Ok(false));
        assert_eq!(verify("", Some(&stored)), Ok(false));
        assert_ne!(hash("correct horse 电池").unwrap(), stored);
        assert!(!needs_rehash(&stored));
    }

    #[test]
    fn full_width_letters_are_the_same_password() {
        let stored = hash("Passw0rd-汇").unwrap();
        assert_eq!(verify("Passw0rd-汇", Some(&stored)), Ok(true));
    }

    #[test]
    fn agrees_with_the_reference_implementation_of_argon2() {
        // phc-winner-argon2, test.c: hashtest(version 0x13, t=2, m=16, p=1, "password", "somesalt").
        let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert_eq!(verify("password", Some(stored)), Ok(true));
        assert_eq!(verify("differentpassword", Some(stored)), Ok(false));
        assert!(needs_rehash(stored));
    }

    #[test]
    fn an_unknown_user_never_signs_in_and_is_checked_at_full_cost() {
        assert_eq!(verify("", None), Ok(false));
        assert_eq!(verify("huike-demo", None), Ok(false));
        assert!(!needs_rehash(NOBODY), "the stand-in must cost what a real hash costs");
    }

    #[test]
    fn a_damaged_or_ruinous_hash_is_an_error_not_a_panic() {
        let good = hash("correct horse").unwrap();
        for stored in [
            "",
            "huike-demo",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA",
            &good.replace("m=19456", "m=4000000"),
            &good.replace("t=2", "t=999999"),
            &good[..good.len() - 30],
        ] {
            assert!(
                matches!(verify("correct horse", Some(stored)), Err(PasswordError::BadHash) | Ok(false)),
                "{stored}"
            );
            assert!(needs_rehash(stored) || stored.len() < good.len(), "{stored}");
        }
        assert_eq!(verify("x", Some("huike-demo")), Err(PasswordError::BadHash));
        assert_eq!(verify("x", Some(&good.replace("m=19456", "m=4000000"))), Err(PasswordError::BadHash));
    }

    #[test]
    fn an_endless_password_is_refused_before_hashing() {
        let long = "长".repeat(MAX_LENGTH + 1);
        assert_eq!(hash(&long), Err(PasswordError::TooLong));
        let stored = hash("correct horse").unwrap();
        assert_eq!(verify(&long, Some(&stored)), Ok(false));
    }
}
