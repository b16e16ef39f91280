//! The Merkle tree of RFC 6962 §2.1 over the change log. Appending keeps O(log n) state; proofs show that
//! a row is in the log, or that a later log only added to an earlier one.
//!
//! Proofs are made from a slice of leaf hashes in O(n), which is a second for some ten million rows;
//! verifying one takes O(log n) hashes.

use sha2::{Digest, Sha256};

use crate::frame::Frame;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The bytes of a log row that its leaf commits to: every field's name and value, each with its length,
/// so that no two different rows have the same bytes. An absent value differs from an empty one. The
/// order of `fields` counts; keep it fixed.
pub fn canonical(fields: &[(&str, Option<&[u8]>)]) -> Vec<u8> {
    fields
        .iter()
        .fold(Frame::new("huike/log-row/v1").int(fields.len() as i64), |frame, (name, value)| {
            frame.bytes(name.as_bytes()).optional(*value)
        })
        .finish()
}

/// The hash of a leaf: SHA-256(0x00 ‖ row).
pub fn leaf_hash(row: &[u8]) -> Hash {
    Sha256::new().chain_update([0x00]).chain_update(row).finalize().into()
}

/// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([0x01]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree over `leaves`; that of no leaves is SHA-256 of nothing.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.push(*leaf));
    frontier.root()
}

/// What must be remembered of a tree to append to it: the roots of its complete subtrees, largest first,
/// one per 1 bit of the size. At most 64 hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

/// The bytes are not a frontier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored state of the log's Merkle tree is damaged; rebuild it from the log")]
pub struct DamagedFrontier;

impl Frontier {
    /// Appends one leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Each trailing 1 bit of the size is a complete subtree as large as what has been built so far.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("one peak per 1 bit of the size");
            node = node_hash(&left, &node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree so far.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => Sha256::digest([]).into(),
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
        }
    }

    /// The state as bytes: the size (eight bytes, big-endian), then the peaks.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.size.to_be_bytes().to_vec();
        out.extend(self.peaks.iter().flatten());
        out
    }

    /// Reads [`Frontier::to_bytes`] back.
    ///
    /// # Errors
    /// [`DamagedFrontier`] when the number of peaks does not fit the size.
    pub fn from_bytes(bytes: &[u8]) -> Result<Frontier, DamagedFrontier> {
        let (size, rest) = bytes.split_first_chunk::<8>().ok_or(DamagedFrontier)?;
        let size = u64::from_be_bytes(*size);
        let (peaks, left_over) = rest.as_chunks::<32>();
        if !left_over.is_empty() || peaks.len() != size.count_ones() as usize {
            return Err(DamagedFrontier);
        }
        Ok(Frontier { size, peaks: peaks.to_vec() })
    }
}

/// The largest power of two below `n` (n > 1): where RFC 6962 splits a tree.
fn split(n: usize) -> usize {
    1 << (n - 1).ilog2()
}

/// The audit path of leaf `index` (from 0) in the tree over `leaves`; `None` when there is no such leaf.
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    let (mut tree, mut index) = (leaves, index);
    leaves.get(index)?;
    let mut path = Vec::new();
    while tree.len() > 1 {
        let (left, right) = tree.split_at(split(tree.len()));
        if index < left.len() {
            path.push(root(right));
            tree = left;
        } else {
            path.push(root(left));
            index -= left.len();
            tree = right;
        }
    }
    path.reverse();
    Some(path)
}

/// The proof that the tree over the first `old_size` of `leaves` is a prefix of the tree over all of them;
/// `None` when there are fewer leaves than that. Empty for sizes 0 and `leaves.len()`.
pub fn consistency_proof(leaves: &[Hash], old_size: usize) -> Option<Vec<Hash>> {
    if old_size > leaves.len() {
        return None;
    }
    if old_size == 0 {
        return Some(Vec::new());
    }
    let (mut tree, mut old) = (leaves, old_size);
    let mut path = Vec::new();
    let mut whole = true;
    while old != tree.len() {
        let (left, right) = tree.split_at(split(tree.len()));
        if old <= left.len() {
            path.push(root(right));
            tree = left;
        } else {
            path.push(root(left));
            old -= left.len();
            tree = right;
            whole = false;
        }
    }
    // The verifier knows the old root, so it is sent only when it is a part of the old tree.
    if !whole {
        path.push(root(tree));
    }
    path.reverse();
    Some(path)
}

/// Whether `proof` shows that `leaf` is number `index` (from 0) of the `size` leaves under `root`.
/// RFC 9162 §2.1.3.2.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            skip_promoted(&mut node, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `old_size` leaves under `old_root` is a prefix of the tree of
/// `new_size` leaves under `new_root`. RFC 9162 §2.1.4.2, and the empty tree is a prefix of every tree.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> bool {
    if old_size > new_size {
        return false;
    }
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return proof.is_empty() && *old_root == Frontier::default().root();
    }
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    let complete = node.trailing_ones();
    node >>= complete;
    last >>= complete;
    let (first, rest) = match proof {
        _ if old_size.is_power_of_two() => (old_root, proof),
        [first, rest @ ..] => (first, rest),
        [] => return false,
    };
    let (mut old_hash, mut new_hash) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            skip_promoted(&mut node, &mut last);
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

/// Climbs past the levels on which a rightmost node has no sibling.
fn skip_promoted(node: &mut u64, last: &mut u64) {
    while *node & 1 == 0 && *node != 0 {
        *node >>= 1;
        *last >>= 1;
    }
}
