//! Whole files encrypted piece by piece, so that neither writing nor reading one needs it in memory, and any part of it can be read by
//! itself. The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse
//! Misuse-Resistance", CRYPTO 2015), with the nonce laid out as in Tink's AES-GCM-HKDF streaming:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `hkf1` |
//! | 7 | random part of the nonces |
//! | n × (65,536 + 16) | pieces of 64 KiB with their tags; the last may be shorter, even empty |
//!
//! The nonce of a piece is the random part, its number (four bytes, big-endian) and 1 for the last piece, else 0. So pieces that were
//! moved, left out, cut off at the end or taken from another file don't open.

use crate::aead::{self, NONCE, TAG};
use crate::frame::Frame;
use crate::keys::{Secret, SubjectKey};
use crate::random;
use crate::seal::OpenError;
use sha2::{Digest, Sha256};

const MAGIC: &[u8; 4] = b"hkf1";
const RANDOM: usize = 7;

/// Bytes before the first piece.
pub const HEADER: usize = MAGIC.len() + RANDOM;
/// Bytes of a piece in the clear.
pub const PIECE: usize = 64 << 10;
/// Bytes of a whole piece as it is stored.
pub const SEALED_PIECE: usize = PIECE + TAG;

/// What pieces have in common.
struct Stream {
    key: Secret,
    random: [u8; RANDOM],
    aad: Vec<u8>,
}

impl Stream {
    fn new(key: &SubjectKey, subject: i64, random: [u8; RANDOM]) -> Stream {
        // Values of records are sealed under the key itself.
        let key = key.0.derive("huike/content/v1");
        Stream { key, random, aad: Frame::new("huike/content/v1").int(subject).finish() }
    }

    fn nonce(&self, number: u32, last: bool) -> [u8; NONCE] {
        let mut nonce = [0; NONCE];
        nonce[..RANDOM].copy_from_slice(&self.random);
        nonce[RANDOM..RANDOM + 4].copy_from_slice(&number.to_be_bytes());
        nonce[NONCE - 1] = u8::from(last);
        nonce
    }
}

/// A file being encrypted, in order.
pub struct Sealer {
    stream: Stream,
    next: u32,
    hash: Sha256,
}

impl Sealer {
    /// Begins a file; the header goes before the first piece. `subject` is whose key it is, and part of what the tags cover.
    pub fn new(key: &SubjectKey, subject: i64) -> (Sealer, [u8; HEADER]) {
        let random = random::bytes::<RANDOM>();
        let mut header = [0; HEADER];
        header[..MAGIC.len()].copy_from_slice(MAGIC);
        header[MAGIC.len()..].copy_from_slice(&random);
        (Sealer { stream: Stream::new(key, subject, random), next: 0, hash: Sha256::new() }, header)
    }

    /// The next piece as it is stored: [`PIECE`] bytes, the last one as many as are left. None beyond 2³² pieces (256 TiB).
    pub fn piece(&mut self, plain: &[u8], last: bool) -> Option<Vec<u8>> {
        let number = self.next;
        self.next = number.checked_add(1)?;
        self.hash.update(plain);
        let nonce = self.stream.nonce(number, last);
        Some(aead::encrypt(self.stream.key.bytes(), &nonce, &self.stream.aad, plain))
    }

    /// SHA-256 of everything that was encrypted.
    pub fn hash(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

/// An encrypted file, any piece of which can be opened.
pub struct Opener(Stream);

impl Opener {
    /// # Errors
    /// [`OpenError::NotSealed`] when `header` doesn't begin such a file.
    pub fn new(key: &SubjectKey, subject: i64, header: &[u8; HEADER]) -> Result<Opener, OpenError> {
        let random = header.strip_prefix(MAGIC).and_then(|random| random.try_into().ok());
        Ok(Opener(Stream::new(key, subject, random.ok_or(OpenError::NotSealed)?)))
    }

    /// A piece in the clear, by its number from 0.
    ///
    /// # Errors
    /// [`OpenError::Refused`]: another key or file, another place, altered, or `last` isn't true of it.
    pub fn piece(&self, number: u32, last: bool, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let nonce = self.0.nonce(number, last);
        aead::decrypt(self.0.key.bytes(), &nonce, &self.0.aad, sealed).map_err(|_| OpenError::Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sealed(key: &SubjectKey, subject: i64, pieces: &[&[u8]]) -> ([u8; HEADER], Vec<Vec<u8>>) {
        let (mut sealer, header) = Sealer::new(key, subject);
        let last = pieces.len() - 1;
        let pieces =
            pieces.iter().enumerate().map(|(place, piece)| sealer.piece(piece, place == last).unwrap());
        (header, pieces.collect())
    }

    proptest! {
        #[test]
        fn every_piece_opens_in_its_place_and_nowhere_else(texts in prop::collection::vec(any::<Vec<u8>>(), 1..5)) {
            let key = SubjectKey::generate();
            let parts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
            let (header, pieces) = sealed(&key, 7, &parts);
            let opener = Opener::new(&key, 7, &header).unwrap();
            let last = pieces.len() - 1;
            for (place, piece) in pieces.iter().enumerate() {
                for number in 0..=pieces.len() {
                    for ends in [false, true] {
                        let opened = opener.piece(u32::try_from(number).unwrap(), ends, piece);
                        if number == place && ends == (place == last) {
                            prop_assert_eq!(opened.as_ref(), Ok(&texts[place]));
                        } else {
                            prop_assert_eq!(opened, Err(OpenError::Refused));
                        }
                    }
                }
            }
        }

        #[test]
        fn any_altered_byte_is_noticed(text: Vec<u8>, at: prop::sample::Index, bit in 0..8_u8) {
            let key = SubjectKey::generate();
            let (header, pieces) = sealed(&key, 7, &[&text]);
            let mut whole = [header.as_slice(), &pieces[0]].concat();
            let at = at.index(whole.len());
            whole[at] ^= 1_u8 << bit;
            let opened = Opener::new(&key, 7, whole.first_chunk().unwrap())
                .and_then(|opener| opener.piece(0, true, &whole[HEADER..]));
            prop_assert!(opened.is_err());
        }
    }

    #[test]
    fn a_file_does_not_open_under_another_key_or_for_another_subject() {
        let key = SubjectKey::generate();
        let (header, pieces) = sealed(&key, 7, &[b"text"]);
        let opened = |key: &SubjectKey, subject| {
            Opener::new(key, subject, &header).unwrap().piece(0, true, &pieces[0])
        };
        assert_eq!(opened(&key, 7), Ok(b"text".to_vec()));
        assert_eq!(opened(&key, 8), Err(OpenError::Refused));
        assert_eq!(opened(&SubjectKey::generate(), 7), Err(OpenError::Refused));
    }

    #[test]
    fn the_hash_is_that_of_the_plain_content() {
        let (mut sealer, _) = Sealer::new(&SubjectKey::generate(), 1);
        sealer.piece(b"a", false).unwrap();
        sealer.piece(b"bc", true).unwrap();
        // FIPS 180-4's first example.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(crate::hex(&sealer.hash()), expected);
    }
}
