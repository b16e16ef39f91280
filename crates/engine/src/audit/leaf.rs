//! What a leaf of the Merkle tree commits to: every column of a row of the log.

use huike_store::log::LogEntry;
use huike_vault::merkle::{Hash, canonical, leaf_hash};

/// The bytes of a row: its columns in this order, numbers in decimal, texts as they are stored (docs/adr/0004-sealed-log.md). The order
/// and the names never change; a column that the log gains later comes last and only when it is set.
pub(super) fn content(entry: &LogEntry) -> Vec<u8> {
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let (tx, id, at) = (number(Some(entry.tx)), number(Some(entry.id)), number(Some(entry.at)));
    let (actor, record) = (number(entry.actor), number(entry.record_id));
    let columns: [(&str, Option<&str>); 13] = [
        ("tx", tx.as_deref()),
        ("id", id.as_deref()),
        ("at", at.as_deref()),
        ("actor", actor.as_deref()),
        ("actor_kind", Some(&entry.actor_kind)),
        ("via", Some(&entry.via)),
        ("request", entry.request.as_deref()),
        ("object", Some(&entry.object)),
        ("record_id", record.as_deref()),
        ("op", Some(&entry.op)),
        ("before", entry.before.as_deref()),
        ("after", entry.after.as_deref()),
        ("meta", entry.meta.as_deref()),
    ];
    canonical(&columns.map(|(name, value)| (name, value.map(str::as_bytes))))
}

pub(super) fn hash(entry: &LogEntry) -> Hash {
    leaf_hash(&content(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use huike_vault::hex;

    fn entry() -> LogEntry {
        LogEntry {
            tx: 7,
            id: 8,
            at: 9,
            actor: Some(1),
            actor_kind: "user".into(),
            via: "page".into(),
            request: None,
            object: "customer".into(),
            record_id: Some(2),
            op: "update".into(),
            before: Some(r#"{"name":"甲"}"#.into()),
            after: Some(r#"{"name":"乙"}"#.into()),
            meta: None,
        }
    }

    /// The hash of every row sealed so far depends on this: a change here makes old logs look forged.
    #[test]
    fn the_hash_of_a_row_never_changes() {
        insta::assert_snapshot!(hex(&hash(&entry())), @"bbcdc4cc9547358417b23f670bb030155a43efa21f2ebae571dfcd32c9073b70");
    }

    #[test]
    fn every_column_counts_and_empty_is_not_absent() {
        let changes: [fn(&mut LogEntry); 15] = [
            |row| row.tx += 1,
            |row| row.id += 1,
            |row| row.at += 1,
            |row| row.actor = None,
            |row| row.actor_kind.push('x'),
            |row| row.via.push('x'),
            |row| row.request = Some(String::new()),
            |row| row.object.push('x'),
            |row| row.record_id = None,
            |row| row.op.push('x'),
            |row| row.before = None,
            |row| row.after = None,
            |row| row.after = Some(String::new()),
            |row| row.meta = Some(String::new()),
            |row| std::mem::swap(&mut row.before, &mut row.after),
        ];
        let mut seen = std::collections::HashSet::from([hash(&entry())]);
        for change in changes {
            let mut row = entry();
            change(&mut row);
            assert!(seen.insert(hash(&row)), "{row:?}");
        }
    }
}
