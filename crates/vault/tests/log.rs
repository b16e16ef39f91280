//! The Merkle log, its proofs, its checkpoints, and the audit of a copy.
#![allow(clippy::unwrap_used, reason = "the helpers of these tests, too, may stop at a surprise")]

use huike_vault::audit::{Audit, AuditSummary, LogFault, LogRow};
use huike_vault::checkpoint::{self, Checkpoint, CheckpointError, PublicKey};
use huike_vault::keys::SigningKey;
use huike_vault::merkle::*;
use huike_vault::{from_hex, hex};
use proptest::prelude::*;

/// The reference entries of Certificate Transparency's own tests, shared by its Go implementation.
const ENTRIES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// The roots over the first 0, 1, … 8 of them.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn reference_leaves() -> Vec<Hash> {
    ENTRIES.iter().map(|entry| leaf_hash(&from_hex(entry).unwrap())).collect()
}

fn leaves(n: usize) -> Vec<Hash> {
    (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

/// RFC 6962 §2.1, word for word, to hold the incremental tree against.
fn defined_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => from_hex(ROOTS[0]).unwrap().try_into().unwrap(),
        [one] => *one,
        _ => {
            let k = (0..).map(|i| 1usize << i).take_while(|k| *k < leaves.len()).last().unwrap();
            node_hash(&defined_root(&leaves[..k]), &defined_root(&leaves[k..]))
        }
    }
}

fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex(hash)).collect()
}

#[test]
fn roots_are_those_of_the_reference_implementation() {
    let leaves = reference_leaves();
    for (size, expected) in ROOTS.iter().enumerate() {
        assert_eq!(hex(&root(&leaves[..size])), *expected, "{size}");
    }
}

#[test]
fn proofs_are_those_of_the_reference_implementation() {
    let leaves = reference_leaves();
    let path = hexes(&inclusion_proof(&leaves, 0).unwrap());
    let first = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    assert_eq!(path, first);
    assert_eq!(
        hexes(&inclusion_proof(&leaves, 5).unwrap()),
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            ROOTS[4],
        ]
    );
    assert_eq!(hexes(&consistency_proof(&leaves, 1).unwrap()), first);
    assert_eq!(
        hexes(&consistency_proof(&leaves[..5], 2).unwrap()),
        [first[1], "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"]
    );
}

#[test]
fn the_frontier_agrees_with_the_definition_at_every_size_and_survives_storage() {
    let leaves = leaves(200);
    let mut frontier = Frontier::default();
    for size in 0..=leaves.len() {
        assert_eq!(frontier.root(), defined_root(&leaves[..size]), "{size}");
        assert_eq!(frontier.size(), size as u64);
        frontier = Frontier::from_bytes(&frontier.to_bytes()).unwrap();
        if let Some(leaf) = leaves.get(size) {
            frontier.push(*leaf);
        }
    }
}

#[test]
fn inclusion_proofs_hold_for_every_leaf_of_every_size_and_for_no_other_place() {
    let leaves = leaves(64);
    for size in 1..=leaves.len() {
        let root = root(&leaves[..size]);
        for index in 0..size {
            let proof = inclusion_proof(&leaves[..size], index).unwrap();
            let holds = |index: usize, size: usize, leaf: &Hash, proof: &[Hash]| {
                verify_inclusion(index as u64, size as u64, leaf, proof, &root)
            };
            assert!(holds(index, size, &leaves[index], &proof), "{index} of {size}");
            assert!(!holds(index, size, &leaf_hash(b"other"), &proof), "{index} of {size}");
            assert!(!holds(size, size, &leaves[index], &proof), "{index} of {size}");
            for other in (0..size).filter(|other| *other != index) {
                assert!(!holds(other, size, &leaves[index], &proof), "{index} as {other} of {size}");
            }
            assert!(
                !holds(index, size, &leaves[index], &[&proof[..], &[root]].concat()),
                "{index} of {size}"
            );
            if let Some((_, shorter)) = proof.split_last() {
                assert!(!holds(index, size, &leaves[index], shorter), "{index} of {size}");
            }
        }
        assert_eq!(inclusion_proof(&leaves[..size], size), None);
    }
}

#[test]
fn consistency_proofs_hold_for_all_pairs_of_sizes_and_fail_when_touched() {
    let leaves = leaves(64);
    let roots: Vec<Hash> = (0..=64).map(|size| root(&leaves[..size])).collect();
    for new in 0..=64usize {
        for old in 0..=new {
            let proof = consistency_proof(&leaves[..new], old).unwrap();
            let holds = |old_root: &Hash, new_root: &Hash, proof: &[Hash]| {
                verify_consistency(old as u64, old_root, new as u64, new_root, proof)
            };
            assert!(holds(&roots[old], &roots[new], &proof), "{old} to {new}");
            let other = leaf_hash(b"other");
            assert!(!holds(&other, &roots[new], &proof), "{old} to {new}");
            assert!(old == 0 && proof.is_empty() || !holds(&roots[old], &other, &proof), "{old} to {new}");
            for at in 0..proof.len() {
                let mut touched = proof.clone();
                touched[at] = other;
                assert!(!holds(&roots[old], &roots[new], &touched), "{old} to {new}, hash {at}");
            }
            assert!(!holds(&roots[old], &roots[new], &[&proof[..], &[other]].concat()), "{old} to {new}");
        }
        assert_eq!(consistency_proof(&leaves[..new], new + 1), None);
    }
    assert!(!verify_consistency(2, &roots[2], 1, &roots[1], &[]));
}

proptest! {
    #[test]
    fn a_damaged_frontier_is_an_error_and_never_a_panic(bytes: Vec<u8>, size in 0u64..300, cut in 1usize..40) {
        if let Ok(frontier) = Frontier::from_bytes(&bytes) {
            prop_assert_eq!(frontier.to_bytes(), bytes);
        }
        let mut frontier = Frontier::default();
        (0..size).for_each(|i| frontier.push(leaf_hash(&i.to_be_bytes())));
        let stored = frontier.to_bytes();
        let cut = cut.min(stored.len());
        prop_assert_eq!(Frontier::from_bytes(&stored[..stored.len() - cut]), Err(DamagedFrontier));
    }

    #[test]
    fn different_rows_never_have_the_same_canonical_bytes(
        a in prop::collection::vec(("[ab]{0,2}", prop::option::of("[ab]{0,2}")), 0..4),
        b in prop::collection::vec(("[ab]{0,2}", prop::option::of("[ab]{0,2}")), 0..4),
    ) {
        let bytes = |row: &[(String, Option<String>)]| {
            let fields: Vec<_> = row.iter().map(|(n, v)| (n.as_str(), v.as_ref().map(String::as_bytes))).collect();
            canonical(&fields)
        };
        prop_assert_eq!(a == b, bytes(&a) == bytes(&b));
    }

    #[test]
    fn no_change_to_a_sealed_log_goes_unseen(at in 0usize..20, to in 0usize..20, how in 0..4, rehash: bool) {
        let (rows, checkpoints) = log();
        let mut copy = stored(&rows);
        match how {
            0 => drop(copy.remove(at)),
            1 => copy.insert(at, copy[to].clone()),
            2 => copy.swap(at, to),
            _ => copy[at].1.push(0),
        }
        prop_assume!(copy != stored(&rows));
        if rehash {
            copy = stored(&copy.into_iter().map(|(_, content, _)| content).collect::<Vec<_>>());
        }
        // A copy of the last row behind it leaves all that is sealed as it was: the log has grown.
        prop_assume!(!rehash || copy.get(..rows.len()) != Some(&stored(&rows)[..]));
        let fault = audit(&copy, checkpoints);
        prop_assert!(fault.is_err(), "{fault:?}");
    }

    #[test]
    fn a_checkpoint_is_never_a_panic_to_read(text in "(.|\n){0,200}", key in ".*") {
        let _ = checkpoint::parse(&text);
        let _ = key.parse::<PublicKey>();
    }
}

#[test]
fn an_absent_value_differs_from_an_empty_one() {
    assert_ne!(canonical(&[("after", None)]), canonical(&[("after", Some(b""))]));
}

fn head(size: u64, root: Hash) -> Checkpoint {
    Checkpoint { origin: "crm.example.cn/log".into(), size, root, time: 1_767_225_600 }
}

#[test]
fn a_signed_checkpoint_is_read_and_verified_with_the_public_key_as_text() {
    let key = SigningKey::generate();
    let signed = checkpoint::sign(&head(8, root(&reference_leaves())), &key).unwrap();
    assert!(signed.starts_with(
        "crm.example.cn/log\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\ntime 1767225600\n\n— crm.example.cn/log "
    ));
    let public: PublicKey =
        checkpoint::public_key(&key, "crm.example.cn/log").unwrap().to_string().parse().unwrap();
    let read = checkpoint::parse(&signed).unwrap();
    assert_eq!(read.verify(&public), Ok(head(8, root(&reference_leaves()))));
    // A file that passed through a Windows editor says the same.
    let windows = checkpoint::parse(&signed.replace('\n', "\r\n")).unwrap();
    assert_eq!(windows.verify(&public), read.verify(&public));
}

#[test]
fn no_altered_character_of_a_checkpoint_passes() {
    let key = SigningKey::generate();
    let public = checkpoint::public_key(&key, "crm.example.cn/log").unwrap();
    let original = head(8, root(&reference_leaves()));
    let signed = checkpoint::sign(&original, &key).unwrap();
    for (at, old) in signed.char_indices() {
        for new in ['0', '9', 'A', '\n', ' '].into_iter().filter(|new| *new != old) {
            let altered = format!("{}{new}{}", &signed[..at], &signed[at + old.len_utf8()..]);
            let verified = checkpoint::parse(&altered).and_then(|read| read.verify(&public));
            // Only the line break at the very end means nothing.
            assert!(verified.is_err() || at == signed.len() - 1, "{altered}");
        }
    }
}

#[test]
fn another_key_or_another_log_does_not_verify() {
    let (key, other) = (SigningKey::generate(), SigningKey::generate());
    let signed = checkpoint::parse(&checkpoint::sign(&head(0, root(&[])), &key).unwrap()).unwrap();
    for (key, origin) in [(&other, "crm.example.cn/log"), (&key, "other.example.cn/log")] {
        let public = checkpoint::public_key(key, origin).unwrap();
        assert_eq!(signed.verify(&public), Err(CheckpointError::NotSigned));
    }
    for origin in ["", "two words", "a+b", "line\nbreak"] {
        assert_eq!(checkpoint::public_key(&key, origin), Err(CheckpointError::BadOrigin), "{origin}");
        let named = Checkpoint { origin: origin.into(), ..head(0, root(&[])) };
        assert_eq!(checkpoint::sign(&named, &key), Err(CheckpointError::BadOrigin), "{origin}");
    }
}

#[test]
fn public_keys_are_those_of_the_signed_note_format() {
    // The example key of Go's golang.org/x/mod/sumdb/note.
    let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key: PublicKey = text.parse().unwrap();
    assert_eq!((key.name(), key.to_string().as_str()), ("PeterNeumann", text));
    for bad in ["", "PeterNeumann", &text.replace("c74f20a3", "c74f20a4"), &text.replace("+ARp", "+ASp")] {
        assert_eq!(bad.parse::<PublicKey>(), Err(CheckpointError::BadPublicKey), "{bad}");
    }
}

#[test]
fn a_faulty_checkpoint_names_the_line() {
    let root64 = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";
    for (line, text) in [
        (1, format!("a b\n8\n{root64}\ntime 1\n\n")),
        (2, format!("a\n08\n{root64}\ntime 1\n\n")),
        (2, format!("a\n-8\n{root64}\ntime 1\n\n")),
        (3, "a\n8\nAAAA\ntime 1\n\n".to_owned()),
        (4, format!("a\n8\n{root64}\n\n")),
        (4, format!("a\n8\n{root64}\ntime now\n\n")),
        (5, format!("a\n8\n{root64}\ntime 1\nmore\n\n")),
        (5, format!("a\n8\n{root64}\ntime 1\n")),
        (6, format!("a\n8\n{root64}\ntime 1\n\n- a AAAA\n")),
    ] {
        assert_eq!(checkpoint::parse(&text).unwrap_err(), CheckpointError::BadLine(line), "{text}");
    }
}

/// Twenty rows and checkpoints at 5, 12 and 20.
fn log() -> (Vec<Vec<u8>>, Vec<Checkpoint>) {
    let rows: Vec<Vec<u8>> = (0..20u64).map(|i| canonical(&[("id", Some(&i.to_be_bytes()))])).collect();
    let leaves: Vec<Hash> = rows.iter().map(|row| leaf_hash(row)).collect();
    let checkpoints = [12, 5, 20].map(|n| head(n, root(&leaves[..n as usize]))).to_vec();
    (rows, checkpoints)
}

/// Position, content, leaf hash.
type StoredRow = (u64, Vec<u8>, Hash);

fn audit(rows: &[StoredRow], checkpoints: Vec<Checkpoint>) -> Result<AuditSummary, LogFault> {
    let mut audit = Audit::new(checkpoints)?;
    for (position, content, leaf) in rows {
        audit.row(LogRow { position: *position, content, leaf: *leaf })?;
    }
    audit.finish()
}

fn stored(rows: &[Vec<u8>]) -> Vec<StoredRow> {
    rows.iter().enumerate().map(|(at, row)| (at as u64, row.clone(), leaf_hash(row))).collect()
}

#[test]
fn an_untouched_log_passes_and_says_how_much_of_it_is_sealed() {
    let (rows, mut checkpoints) = log();
    let summary = audit(&stored(&rows), checkpoints.clone()).unwrap();
    assert_eq!((summary.rows, summary.sealed, summary.checkpoints), (20, 20, 3));
    checkpoints.pop();
    let summary = audit(&stored(&rows), checkpoints).unwrap();
    assert_eq!((summary.rows, summary.sealed, summary.checkpoints), (20, 12, 2));
}

#[test]
fn the_first_altered_missing_or_moved_row_is_named() {
    let (rows, checkpoints) = log();
    let untouched = stored(&rows);
    let with = |change: &dyn Fn(&mut Vec<StoredRow>)| {
        let mut rows = untouched.clone();
        change(&mut rows);
        audit(&rows, checkpoints.clone()).unwrap_err()
    };
    assert_eq!(with(&|rows| rows[7].1[9] ^= 1), LogFault::Altered { position: 7 });
    assert_eq!(with(&|rows| rows[7].2[0] ^= 1), LogFault::Altered { position: 7 });
    assert_eq!(with(&|rows| drop(rows.remove(3))), LogFault::Missing { position: 3 });
    assert_eq!(with(&|rows| rows.swap(3, 4)), LogFault::Missing { position: 3 });
    assert_eq!(
        with(&|rows| rows.insert(4, rows[2].clone())),
        LogFault::OutOfOrder { position: 2, expected: 4 }
    );
    assert_eq!(with(&|rows| rows.truncate(15)), LogFault::Truncated { from: 15, to: 20 });
}

#[test]
fn rewriting_rows_together_with_their_hashes_is_found_at_the_next_checkpoint() {
    let (mut rows, checkpoints) = log();
    rows.swap(7, 8);
    assert_eq!(audit(&stored(&rows), checkpoints.clone()), Err(LogFault::Rewritten { from: 5, to: 12 }));
    rows.swap(7, 8);
    rows.remove(14);
    assert_eq!(audit(&stored(&rows), checkpoints), Err(LogFault::Truncated { from: 19, to: 20 }));
}

#[test]
fn two_checkpoints_that_disagree_are_a_fork() {
    let (rows, mut checkpoints) = log();
    checkpoints.push(head(12, leaf_hash(b"other")));
    assert_eq!(audit(&stored(&rows), checkpoints), Err(LogFault::Forked { size: 12 }));
}
