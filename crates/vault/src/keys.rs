//! Master keys, the keys they wrap, and the ring that lets the master key change while serving.
//!
//! A wrapped key is 66 bytes:
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 1 | format version, 1 |
//! | 1 | 1 | purpose: 1 subject, 2 index, 3 signing |
//! | 2 | 4 | master key id, big-endian |
//! | 6 | 12 | nonce |
//! | 18 | 32 + 16 | the key under AES-256-GCM, and the tag |
//!
//! The tag covers the first six bytes and the subject's id, so a wrapped key cannot be given to another
//! person, another purpose or another master key.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::aead::{self, NONCE, TAG};
use crate::frame::Frame;
use crate::random;

const VERSION: u8 = 1;
const HEADER: usize = 6;

/// Length of a wrapped key in bytes.
pub const WRAPPED_LENGTH: usize = HEADER + NONCE + 32 + TAG;

/// 32 secret bytes: wiped when dropped, and never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Secret([u8; 32]);

impl Secret {
    fn generate() -> Secret {
        Secret(random::bytes())
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// An independent key for one use, by HKDF-SHA-256 (RFC 5869) with `label` as info.
    pub(crate) fn derive(&self, label: &str) -> Secret {
        let mut out = Secret([0; 32]);
        Hkdf::<Sha256>::new(None, &self.0)
            .expand(label.as_bytes(), &mut out.0)
            .expect("32 bytes are within HKDF's limit of 255 × 32");
        out
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// The key that encrypts one person's field values. Destroying its wrapped form makes every value sealed
/// under it, in rows, log and backups, unreadable for good.
#[derive(Clone, Debug)]
pub struct SubjectKey(pub(crate) Secret);

impl SubjectKey {
    /// A new random key.
    pub fn generate() -> SubjectKey {
        SubjectKey(Secret::generate())
    }
}

/// The secret behind all blind indexes of an installation. It outlives master keys: changing it means
/// computing every index anew.
#[derive(Clone, Debug)]
pub struct IndexKey {
    root: Secret,
    pub(crate) exact: Secret,
    pub(crate) tail: Secret,
}

impl IndexKey {
    /// A new random key.
    pub fn generate() -> IndexKey {
        IndexKey::from_root(Secret::generate())
    }

    fn from_root(root: Secret) -> IndexKey {
        IndexKey {
            exact: root.derive("huike/blind/exact/v1"),
            tail: root.derive("huike/blind/tail/v1"),
            root,
        }
    }
}

/// The secret behind the signature under the log's checkpoints. It outlives master keys, because auditors
/// keep its public half.
#[derive(Clone, Debug)]
pub struct SigningKey(Secret);

impl SigningKey {
    /// A new random key.
    pub fn generate() -> SigningKey {
        SigningKey(Secret::generate())
    }

    pub(crate) fn ed25519(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(self.0.derive("huike/checkpoint/ed25519/v1").bytes())
    }
}

/// What a wrapped key is for; part of what its tag covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The key of the subject with this id. Id 0 is the installation itself, for secrets that belong to
    /// no person (a mail server's password, say).
    Subject(i64),
    /// The installation's [`IndexKey`].
    Index,
    /// The installation's [`SigningKey`].
    Signing,
}

impl Purpose {
    fn code(self) -> u8 {
        match self {
            Purpose::Subject(_) => 1,
            Purpose::Index => 2,
            Purpose::Signing => 3,
        }
    }

    fn subject(self) -> i64 {
        match self {
            Purpose::Subject(id) => id,
            Purpose::Index | Purpose::Signing => 0,
        }
    }
}

/// Why a text is not a master key. Never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyFault {
    #[error("a master key is 32 bytes, written as 64 hexadecimal digits or as base64")]
    NotThirtyTwoBytes,
    #[error("all bytes of the master key are the same; make one with a random generator")]
    NotRandom,
    #[error("the key id before the colon must be a whole number from 1 to 4294967295")]
    BadId,
    #[error("this key id is used by an earlier line; every key needs its own")]
    RepeatedId,
    #[error("there is no key; give one line `id:key`")]
    NoKey,
}

impl MasterKeyFault {
    /// The same explanation in Chinese; `to_string()` gives the English one.
    pub fn zh(self) -> &'static str {
        match self {
            Self::NotThirtyTwoBytes => "主密钥应为 32 字节,写成 64 位十六进制数字或 base64",
            Self::NotRandom => "主密钥的每个字节都相同,请用随机数生成器生成",
            Self::BadId => "冒号前的密钥编号应为 1 到 4294967295 的整数",
            Self::RepeatedId => "这个密钥编号前面已经用过,每把密钥的编号须不同",
            Self::NoKey => "没有密钥,请至少写一行“编号:密钥”",
        }
    }
}

/// Every fault of a key ring's text, each with its line (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRingFaults(pub Vec<(usize, MasterKeyFault)>);

impl std::error::Error for KeyRingFaults {}

impl fmt::Display for KeyRingFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (line, fault)) in self.0.iter().enumerate() {
            write!(f, "{}master key, line {line}: {fault}", if at == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

/// A key that wraps other keys. It comes from outside (file, environment, command) and is never stored.
#[derive(Clone, Debug)]
pub struct MasterKey {
    id: u32,
    secret: Secret,
}

impl MasterKey {
    /// A new random key.
    pub fn generate(id: u32) -> MasterKey {
        MasterKey { id, secret: Secret::generate() }
    }

    /// The key spelled by `text`: 64 hexadecimal digits, or base64 in either alphabet with or without
    /// padding. White space around it is ignored.
    ///
    /// # Errors
    /// [`MasterKeyFault::NotThirtyTwoBytes`] or [`MasterKeyFault::NotRandom`].
    pub fn parse(id: u32, text: &str) -> Result<MasterKey, MasterKeyFault> {
        let text = text.trim();
        let bytes = Zeroizing::new(match crate::from_hex(text) {
            Some(bytes) if text.len() == 64 => bytes,
            _ => {
                let plain = Zeroizing::new(text.trim_end_matches('=').replace('-', "+").replace('_', "/"));
                STANDARD_NO_PAD.decode(plain.as_bytes()).map_err(|_| MasterKeyFault::NotThirtyTwoBytes)?
            }
        });
        let secret = Secret(bytes.as_slice().try_into().map_err(|_| MasterKeyFault::NotThirtyTwoBytes)?);
        if secret.0.iter().all(|b| *b == secret.0[0]) {
            return Err(MasterKeyFault::NotRandom);
        }
        Ok(MasterKey { id, secret })
    }

    /// The number by which wrapped keys name this one.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// One line `id:base64` for a key file. This is the secret itself.
    pub fn to_line(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{}:{}", self.id, STANDARD.encode(self.secret.bytes())))
    }
}

/// Why a wrapped key did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnwrapError {
    #[error("this is not a wrapped key of a known format")]
    Malformed,
    #[error("the wrapped key is for another purpose")]
    OtherPurpose,
    #[error("the key is wrapped by master key {0}, which was not given; add it to the key file")]
    UnknownMasterKey(u32),
    #[error("the wrapped key does not open: master key {0} is another key, or the bytes were altered")]
    Refused(u32),
}

/// The master key in use and those that it replaced. New keys are wrapped by the current one; keys that
/// are still wrapped by an older one open, and [`KeyRing::rewrap`] moves them over.
#[derive(Clone, Debug)]
pub struct KeyRing {
    current: MasterKey,
    older: Vec<MasterKey>,
}

impl KeyRing {
    /// A ring of one key, or of a key and those that it replaced.
    pub fn new(current: MasterKey, older: Vec<MasterKey>) -> KeyRing {
        KeyRing { current, older }
    }

    /// Reads a key file: one `id:key` per line, empty lines and lines that begin with `#` ignored. The
    /// highest id is the current key. A key without an id has id 1.
    ///
    /// # Errors
    /// Every fault with its line.
    pub fn parse(text: &str) -> Result<KeyRing, KeyRingFaults> {
        let mut keys: Vec<MasterKey> = Vec::new();
        let mut faults = Vec::new();
        let lines = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim()).enumerate();
        for (at, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let (id, key) = line.split_once(':').unwrap_or(("1", line));
            let id = id.trim().parse::<u32>().ok().filter(|id| *id > 0).ok_or(MasterKeyFault::BadId);
            match id.and_then(|id| MasterKey::parse(id, key)) {
                Ok(key) if keys.iter().any(|k| k.id == key.id) => {
                    faults.push((at + 1, MasterKeyFault::RepeatedId));
                }
                Ok(key) => keys.push(key),
                Err(fault) => faults.push((at + 1, fault)),
            }
        }
        keys.sort_by_key(|key| key.id);
        match keys.pop() {
            Some(current) if faults.is_empty() => Ok(KeyRing { current, older: keys }),
            None if faults.is_empty() => Err(KeyRingFaults(vec![(1, MasterKeyFault::NoKey)])),
            _ => Err(KeyRingFaults(faults)),
        }
    }

    /// The key that wraps new keys.
    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    /// The id of the key that wraps new keys.
    pub fn current_id(&self) -> u32 {
        self.current.id
    }

    /// Wraps a subject's key for storage: [`WRAPPED_LENGTH`] bytes, bound to `subject_id`.
    pub fn wrap(&self, key: &SubjectKey, subject_id: i64) -> Vec<u8> {
        self.wrap_secret(&key.0, Purpose::Subject(subject_id))
    }

    /// Opens what [`KeyRing::wrap`] made for the same subject.
    ///
    /// # Errors
    /// [`UnwrapError`].
    pub fn unwrap(&self, wrapped: &[u8], subject_id: i64) -> Result<SubjectKey, UnwrapError> {
        self.unwrap_secret(wrapped, Purpose::Subject(subject_id)).map(SubjectKey)
    }

    /// Wraps the index key for storage.
    pub fn wrap_index(&self, key: &IndexKey) -> Vec<u8> {
        self.wrap_secret(&key.root, Purpose::Index)
    }

    /// Opens what [`KeyRing::wrap_index`] made.
    ///
    /// # Errors
    /// [`UnwrapError`].
    pub fn unwrap_index(&self, wrapped: &[u8]) -> Result<IndexKey, UnwrapError> {
        self.unwrap_secret(wrapped, Purpose::Index).map(IndexKey::from_root)
    }

    /// Wraps the signing key for storage.
    pub fn wrap_signing(&self, key: &SigningKey) -> Vec<u8> {
        self.wrap_secret(&key.0, Purpose::Signing)
    }

    /// Opens what [`KeyRing::wrap_signing`] made.
    ///
    /// # Errors
    /// [`UnwrapError`].
    pub fn unwrap_signing(&self, wrapped: &[u8]) -> Result<SigningKey, UnwrapError> {
        self.unwrap_secret(wrapped, Purpose::Signing).map(SigningKey)
    }

    /// The same key wrapped by the current master key; `None` when it already is. The key itself does not
    /// change, so nothing that it sealed has to be touched.
    ///
    /// # Errors
    /// [`UnwrapError`].
    pub fn rewrap(&self, wrapped: &[u8], purpose: Purpose) -> Result<Option<Vec<u8>>, UnwrapError> {
        let secret = self.unwrap_secret(wrapped, purpose)?;
        Ok((master_key_id(wrapped)? != self.current.id).then(|| self.wrap_secret(&secret, purpose)))
    }

    fn wrap_secret(&self, secret: &Secret, purpose: Purpose) -> Vec<u8> {
        let nonce = random::bytes::<NONCE>();
        let mut out = Vec::with_capacity(WRAPPED_LENGTH);
        out.extend_from_slice(&[VERSION, purpose.code()]);
        out.extend_from_slice(&self.current.id.to_be_bytes());
        let aad = wrap_aad(&out, purpose);
        out.extend_from_slice(&nonce);
        out.extend(aead::encrypt(self.current.secret.bytes(), &nonce, &aad, secret.bytes()));
        out
    }

    fn unwrap_secret(&self, wrapped: &[u8], purpose: Purpose) -> Result<Secret, UnwrapError> {
        let id = master_key_id(wrapped)?;
        if wrapped[1] != purpose.code() {
            return Err(UnwrapError::OtherPurpose);
        }
        let master = std::iter::once(&self.current)
            .chain(&self.older)
            .find(|key| key.id == id)
            .ok_or(UnwrapError::UnknownMasterKey(id))?;
        let (header, rest) = wrapped.split_at(HEADER);
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or(UnwrapError::Malformed)?;
        let aad = wrap_aad(header, purpose);
        let bytes = aead::decrypt(master.secret.bytes(), nonce, &aad, sealed)
            .map(Zeroizing::new)
            .map_err(|_| UnwrapError::Refused(id))?;
        bytes.as_slice().try_into().map(Secret).map_err(|_| UnwrapError::Malformed)
    }
}

fn wrap_aad(header: &[u8], purpose: Purpose) -> Vec<u8> {
    Frame::new("huike/wrap/v1").bytes(header).int(purpose.subject()).finish()
}

/// The id of the master key that `wrapped` needs, to count what a rotation has left to do.
///
/// # Errors
/// [`UnwrapError::Malformed`].
pub fn master_key_id(wrapped: &[u8]) -> Result<u32, UnwrapError> {
    match wrapped {
        [VERSION, _, a, b, c, d, ..] if wrapped.len() == WRAPPED_LENGTH => {
            Ok(u32::from_be_bytes([*a, *b, *c, *d]))
        }
        _ => Err(UnwrapError::Malformed),
    }
}
