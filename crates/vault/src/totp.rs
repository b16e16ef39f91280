//! The second factor: time-based one-time codes (RFC 6238 with SHA-1, 30 seconds, 6 digits: what every
//! authenticator app understands) and recovery codes for a lost phone.

use std::fmt;
use std::fmt::Write;

use sha2::{Digest, Sha256};
use totp_rs::{Algorithm, Builder, Totp};
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{random, token};

/// Length of a secret in bytes: the 160 bits that RFC 4226 §4 recommends.
const SECRET_LENGTH: usize = 20;
const STEP_SECONDS: u64 = 30;
/// Steps accepted before and after the present one (RFC 6238 §5.2).
const SKEW: u16 = 1;

/// The shared secret of one account's authenticator app. Store [`Secret::to_base32`] sealed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; SECRET_LENGTH]);

/// The text is not a secret of 160 bits in base32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a one-time code secret is 32 characters of base32")]
pub struct NotASecret;

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(<redacted>)")
    }
}

impl Secret {
    /// A new random secret.
    pub fn generate() -> Secret {
        Secret(random::bytes())
    }

    /// 32 characters of base32 (RFC 4648), for storing and for typing into an app by hand.
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(self.totp_secret().to_base32())
    }

    /// Reads [`Secret::to_base32`] back.
    ///
    /// # Errors
    /// [`NotASecret`].
    pub fn from_base32(text: &str) -> Result<Secret, NotASecret> {
        let secret = totp_rs::Secret::try_from_base32(text).map_err(|_| NotASecret)?;
        secret.as_bytes().try_into().map(Secret).map_err(|_| NotASecret)
    }

    /// The text of the QR code that an authenticator app scans (Key URI format): `otpauth://totp/…` with
    /// the issuer and the account's sign-in name.
    pub fn otpauth_url(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let secret = self.to_base32();
        // A colon separates issuer and account in the label and may stand in neither.
        let (issuer, account) = (escape(&issuer.replace(':', " ")), escape(&account.replace(':', " ")));
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP_SECONDS}",
            *secret
        ))
    }

    /// The step (30 seconds each since 1970) that `code` is valid for at `now` (Unix seconds), or `None`
    /// when it is valid for none of the present step and its two neighbours. A step up to `last_used` does
    /// not count: store the returned one with the account, and a code that somebody watched cannot be used
    /// again (RFC 6238 §5.2). Spaces and full-width digits are accepted.
    pub fn verify(&self, code: &str, now: u64, last_used: Option<u64>) -> Option<u64> {
        let code: String = code.nfkc().filter(|c| !c.is_whitespace()).collect();
        let step = self.totp().check(&code, now)?;
        (last_used.is_none_or(|last| step > last)).then_some(step)
    }

    fn totp_secret(&self) -> totp_rs::Secret {
        totp_rs::Secret::new_stack(self.0)
    }

    fn totp(&self) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(SKEW)
            .with_step_duration(STEP_SECONDS)
            .with_secret(self.totp_secret())
            .build()
            .expect("160 bits, 6 digits and 30 seconds are within RFC 6238")
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 §2.3.
fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
        out
    })
}

/// Recovery codes issued at a time.
pub const RECOVERY_CODES: usize = 10;

/// Crockford's base32: no I, L, O, U, which are misread.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Ten single-use codes to print and keep, such as `7K2M-9QRT-0HXW-3BNV`: 80 random bits each, so that a
/// plain hash of one cannot be reversed by trying.
pub fn recovery_codes() -> Zeroizing<Vec<String>> {
    let code = || {
        let symbols = random::symbols::<16>(CROCKFORD);
        symbols.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
    };
    Zeroizing::new((0..RECOVERY_CODES).map(|_| code()).collect())
}

/// What is stored of a recovery code: SHA-256 of its letters and digits. Case, dashes, spaces, full-width
/// forms and the usual misreadings (O for 0, I and L for 1) make no difference.
pub fn recovery_hash(code: &str) -> [u8; 32] {
    let plain: Zeroizing<String> = Zeroizing::new(
        code.nfkc()
            .filter(|c| c.is_alphanumeric())
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect(),
    );
    Sha256::new().chain_update("huike/recovery/v1:").chain_update(plain.as_bytes()).finalize().into()
}

/// Which of the stored hashes `code` belongs to. Strike that one out: a recovery code works once.
pub fn find_recovery_code(code: &str, stored: &[[u8; 32]]) -> Option<usize> {
    let hash = recovery_hash(code);
    // Looks at all of them, so that the time taken does not tell which.
    stored.iter().enumerate().fold(
        None,
        |found, (at, candidate)| {
            if token::equal(candidate, &hash) { Some(at) } else { found }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 6238 appendix B.
    fn rfc_secret() -> Secret {
        Secret(*b"12345678901234567890")
    }

    #[test]
    fn agrees_with_the_vectors_of_rfc_6238() {
        // Appendix B has eight digits; a code of six is the last six of them.
        for (time, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(rfc_secret().verify(&code[2..], time, None), Some(time / 30), "{time}");
        }
    }

    #[test]
    fn one_step_of_clock_difference_is_accepted_and_two_are_not() {
        let at = |time| rfc_secret().verify("005924", time, None);
        let step = 1_234_567_890 / 30;
        for (offset, expected) in
            [(-60, None), (-30, Some(step)), (0, Some(step)), (30, Some(step)), (60, None)]
        {
            assert_eq!(at(1_234_567_890u64.saturating_add_signed(offset)), expected, "{offset}");
        }
    }

    #[test]
    fn a_used_code_and_all_before_it_are_refused() {
        let step = 1_234_567_890 / 30;
        let verify = |last| rfc_secret().verify("005924", 1_234_567_890, last);
        assert_eq!(verify(Some(step - 1)), Some(step));
        assert_eq!(verify(Some(step)), None);
        assert_eq!(verify(Some(step + 1)), None);
    }

    #[test]
    fn codes_are_read_as_people_type_them() {
        for code in ["005 924", " 005924 ", "005924", "00 5924"] {
            assert!(rfc_secret().verify(code, 1_234_567_890, None).is_some(), "{code}");
        }
        for code in ["", "5924", "+05924", "005925", "0059240", "00592a", "零零五九二四"] {
            assert!(rfc_secret().verify(code, 1_234_567_890, None).is_none(), "{code}");
        }
    }

    #[test]
    fn a_clock_at_the_very_start_is_no_panic() {
        assert_eq!(rfc_secret().verify("000000", 0, None), None);
    }

    #[test]
    fn a_secret_is_read_back_from_base32_and_hidden_from_debug() {
        let secret = Secret::generate();
        let text = secret.to_base32();
        assert_eq!(text.len(), 32);
        assert_eq!(Secret::from_base32(&text).unwrap().0, secret.0);
        assert_eq!(*rfc_secret().to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(format!("{secret:?}"), "Secret(<redacted>)");
        for bad in ["", "GEZDGNBV", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", "密钥"] {
            assert!(Secret::from_base32(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_address_for_the_qr_code_is_escaped() {
        assert_eq!(
            *rfc_secret().otpauth_url("汇客 CRM", "a:b@example.cn"),
            "otpauth://totp/%E6%B1%87%E5%AE%A2%20CRM:a%20b%40example.cn?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=%E6%B1%87%E5%AE%A2%20CRM&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn recovery_codes_are_distinct_and_found_however_they_are_typed() {
        let codes = recovery_codes();
        let stored: Vec<[u8; 32]> = codes.iter().map(|code| recovery_hash(code)).collect();
        assert_eq!(stored.iter().collect::<std::collections::HashSet<_>>().len(), RECOVERY_CODES);
        assert!(codes.iter().all(|code| code.len() == 19));
        for (at, code) in codes.iter().enumerate() {
            let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            assert_eq!(find_recovery_code(&typed, &stored), Some(at));
        }
        assert_eq!(find_recovery_code("7K2M-9QRT-0HXW-3BNV", &stored), None);
        assert_eq!(find_recovery_code("", &stored), None);
    }
}
