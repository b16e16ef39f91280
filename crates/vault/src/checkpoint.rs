//! Signed checkpoints of the log, as text that a person can keep in a drawer and anybody can check
//! offline with the public key: the C2SP formats `tlog-checkpoint` and `signed-note`.
//!
//! ```text
//! crm.example.cn/log
//! 20852163
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//! time 1767225600
//!
//! — crm.example.cn/log Az3grlgtzPICa5OS8npVmf1Myq/5IZni…
//! ```
//!
//! Lines: origin, number of rows, Merkle root, time of signing (Unix seconds; an extension line), an empty
//! line, and signatures: base64(key hash ‖ Ed25519 signature of everything up to the empty line).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::keys::SigningKey;
use crate::merkle::Hash;

/// The signature type byte of Ed25519 in the signed-note format.
const ED25519: u8 = 0x01;
const DASH: &str = "\u{2014} ";

/// The state of a log at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a name that no other log has, without spaces and plus signs.
    pub origin: String,
    /// Number of rows.
    pub size: u64,
    /// Merkle root over them.
    pub root: Hash,
    /// When it was signed, in Unix seconds.
    pub time: i64,
}

/// A checkpoint as read, whose signature nobody has checked yet.
#[derive(Clone, Debug)]
pub struct SignedCheckpoint {
    claimed: Checkpoint,
    text: String,
    signatures: Vec<(String, KeyHash, Signature)>,
}

type KeyHash = [u8; 4];

/// What an auditor keeps: the log's name and its Ed25519 public key. As text (`Display`, `FromStr`) it is
/// the verifier key of the signed-note format, `name+hash+base64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    key: VerifyingKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error("a log's origin is not empty and has no spaces, line breaks or plus signs")]
    BadOrigin,
    #[error("line {0} of the checkpoint is missing or not in the expected form")]
    BadLine(usize),
    #[error("this is not a public key: expected name+hash+base64")]
    BadPublicKey,
    #[error("the checkpoint is of another log, or this key has not signed it")]
    NotSigned,
    #[error("the signature does not fit: the checkpoint was altered, or another key signed it")]
    BadSignature,
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

impl Checkpoint {
    /// The lines that are signed.
    fn body(&self) -> String {
        format!("{}\n{}\n{}\ntime {}\n", self.origin, self.size, STANDARD.encode(self.root), self.time)
    }
}

/// The public half of `key`, for the log `origin`.
///
/// # Errors
/// [`CheckpointError::BadOrigin`].
pub fn public_key(key: &SigningKey, origin: &str) -> Result<PublicKey, CheckpointError> {
    if !is_name(origin) {
        return Err(CheckpointError::BadOrigin);
    }
    Ok(PublicKey { name: origin.to_owned(), key: key.ed25519().verifying_key() })
}

/// The checkpoint as signed text.
///
/// # Errors
/// [`CheckpointError::BadOrigin`].
pub fn sign(checkpoint: &Checkpoint, key: &SigningKey) -> Result<String, CheckpointError> {
    let public = public_key(key, &checkpoint.origin)?;
    let body = checkpoint.body();
    let mut signature = public.hash().to_vec();
    signature.extend_from_slice(&key.ed25519().sign(body.as_bytes()).to_bytes());
    Ok(format!("{body}\n{DASH}{} {}\n", public.name, STANDARD.encode(signature)))
}

/// Reads a signed checkpoint. Nothing in it is to be believed before [`SignedCheckpoint::verify`].
///
/// # Errors
/// [`CheckpointError::BadLine`] with the first line (from 1) that is not as it must be.
pub fn parse(text: &str) -> Result<SignedCheckpoint, CheckpointError> {
    let text = text.replace("\r\n", "\n");
    let (body, signatures) = text.split_once("\n\n").ok_or(CheckpointError::BadLine(5))?;
    let lines: Vec<&str> = body.split('\n').collect();
    let line = |at: usize| lines.get(at).copied().ok_or(CheckpointError::BadLine(at + 1));
    let origin = line(0)?;
    if !is_name(origin) {
        return Err(CheckpointError::BadLine(1));
    }
    let size = decimal::<u64>(line(1)?).ok_or(CheckpointError::BadLine(2))?;
    let root = STANDARD.decode(line(2)?).ok().and_then(|root| root.try_into().ok());
    let root = root.ok_or(CheckpointError::BadLine(3))?;
    let time = line(3)?.strip_prefix("time ").and_then(decimal::<i64>);
    let time = time.ok_or(CheckpointError::BadLine(4))?;
    if lines.len() > 4 {
        return Err(CheckpointError::BadLine(5));
    }
    let first = lines.len() + 2;
    let signatures = signatures
        .lines()
        .enumerate()
        .map(|(at, line)| signature_line(line).ok_or(CheckpointError::BadLine(first + at)))
        .collect::<Result<Vec<_>, _>>()?;
    let claimed = Checkpoint { origin: origin.to_owned(), size, root, time };
    Ok(SignedCheckpoint {
        claimed,
        text: format!("{body}\n"),
        signatures: signatures.into_iter().flatten().collect(),
    })
}

/// A number in its one decimal spelling: no plus sign, no leading zero.
fn decimal<T: FromStr + ToString>(text: &str) -> Option<T> {
    text.parse::<T>().ok().filter(|number| number.to_string() == text)
}

/// Name, key hash and signature of one line. `Some(None)` for a well-formed signature of another type,
/// which the format says to ignore.
fn signature_line(line: &str) -> Option<Option<(String, KeyHash, Signature)>> {
    let (name, encoded) = line.strip_prefix(DASH)?.split_once(' ')?;
    let raw = STANDARD.decode(encoded).ok().filter(|_| is_name(name))?;
    let (hash, signature) = raw.split_first_chunk::<4>()?;
    let signature = Signature::from_slice(signature).ok();
    Some(signature.map(|signature| (name.to_owned(), *hash, signature)))
}

impl SignedCheckpoint {
    /// What the text says, unchecked: enough to choose a public key by its origin.
    pub fn claimed(&self) -> &Checkpoint {
        &self.claimed
    }

    /// The checkpoint, if `key` signed exactly this text.
    ///
    /// # Errors
    /// [`CheckpointError::NotSigned`] when there is no signature of this key, or the origin is not the
    /// key's name; [`CheckpointError::BadSignature`] when there is one that does not fit.
    pub fn verify(&self, key: &PublicKey) -> Result<Checkpoint, CheckpointError> {
        let mut candidates = self
            .signatures
            .iter()
            .filter(|(name, hash, _)| *name == key.name && *hash == key.hash())
            .filter(|_| self.claimed.origin == key.name)
            .peekable();
        candidates.peek().ok_or(CheckpointError::NotSigned)?;
        candidates
            .any(|(_, _, signature)| key.key.verify_strict(self.text.as_bytes(), signature).is_ok())
            .then(|| self.claimed.clone())
            .ok_or(CheckpointError::BadSignature)
    }
}

impl PublicKey {
    /// The log's origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn typed(&self) -> Vec<u8> {
        let mut bytes = vec![ED25519];
        bytes.extend_from_slice(self.key.as_bytes());
        bytes
    }

    /// The first four bytes of SHA-256(name ‖ line feed ‖ type ‖ key).
    fn hash(&self) -> KeyHash {
        let digest = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n'])
            .chain_update(self.typed())
            .finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, crate::hex(&self.hash()), STANDARD.encode(self.typed()))
    }
}

impl FromStr for PublicKey {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<PublicKey, CheckpointError> {
        let read = || {
            let (name, rest) = text.trim().split_once('+')?;
            // The base64 part may contain plus signs; the name and the hash may not.
            let (hash, encoded) = rest.split_once('+')?;
            let raw = STANDARD.decode(encoded).ok()?;
            let [ED25519, key @ ..] = raw.as_slice() else { return None };
            let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok().filter(|key| !key.is_weak())?;
            let public = PublicKey { name: name.to_owned(), key };
            (is_name(name) && crate::hex(&public.hash()) == hash).then_some(public)
        };
        read().ok_or(CheckpointError::BadPublicKey)
    }
}
