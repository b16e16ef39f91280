//! AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag: the one cipher of the product.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};

pub(crate) const NONCE: usize = 12;
pub(crate) const TAG: usize = 16;

/// The tag did not fit: another key, other associated data, or altered bytes. Which one, nobody can tell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// `plaintext` encrypted, followed by the tag. `nonce` must never repeat under one key; a random one may
/// be used 2³² times per key (SP 800-38D §8.3).
pub(crate) fn encrypt(key: &[u8; 32], nonce: &[u8; NONCE], aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    Aes256Gcm::new(&(*key).into())
        .encrypt(&(*nonce).into(), Payload { msg: plaintext, aad })
        .expect("values and keys are far below AES-GCM's limit of 64 GiB")
}

/// The plaintext of `ciphertext` (which ends with its tag).
pub(crate) fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>, Refused> {
    Aes256Gcm::new(&(*key).into())
        .decrypt(&(*nonce).into(), Payload { msg: ciphertext, aad })
        .map_err(|_| Refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::from_hex;

    fn array<const N: usize>(hex: &str) -> [u8; N] {
        from_hex(hex).unwrap().try_into().unwrap()
    }

    #[test]
    fn agrees_with_the_vectors_of_nist() {
        // CAVP gcmEncryptExtIV256.rsp: 128-bit text with 128-bit AAD; and an empty text without AAD.
        for (key, nonce, text, aad, sealed) in [
            (
                "92e11dcdaa866f5ce790fd24501f92509aacf4cb8b1339d50c9c1240935dd08b",
                "ac93a1a6145299bde902f21a",
                "2d71bcfa914e4ac045b2aa60955fad24",
                "1e0889016f67601c8ebea4943bc23ad6",
                "8995ae2e6df3dbf96fac7b7137bae67feca5aa77d51d4a0a14d9c51e1da474ab",
            ),
            (
                "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
                "516c33929df5a3284ff463d7",
                "",
                "",
                "bdc1ac884d332457a1d2664f168c76f0",
            ),
        ] {
            let (key, nonce) = (array(key), array(nonce));
            let (text, aad, sealed) =
                (from_hex(text).unwrap(), from_hex(aad).unwrap(), from_hex(sealed).unwrap());
            assert_eq!(encrypt(&key, &nonce, &aad, &text), sealed);
            assert_eq!(decrypt(&key, &nonce, &aad, &sealed), Ok(text));
        }
    }
}
