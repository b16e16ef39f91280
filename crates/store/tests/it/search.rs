//! The newest documents of a large search index.

use crate::{read, write};
use huike_store::bulk::Document;
use huike_store::testing::TestDb;
use huike_store::{Conn, Dialect, Newest, StoreError};

/// Ids as they come: three documents an hour for a year, a thousand in a minute now and then, nothing for months.
fn ids(count: usize) -> Vec<i64> {
    let mut ms = 40_000_000_000_i64;
    let next = |at: usize| {
        ms += match at % 4_000 {
            0 => 90 * 86_400_000,
            1..2_500 => 1_200_000,
            _ => 7,
        };
        (ms << 22) + 1
    };
    (0..count).map(next).collect()
}

fn words(at: usize) -> Vec<&'static str> {
    let every = [(1, "all"), (2, "half"), (37, "some"), (1_009, "few"), (7_001, "rare")];
    every.into_iter().filter(|(n, _)| at.is_multiple_of(*n)).map(|(_, word)| word).collect()
}

fn put(conn: &mut Conn, ids: &[i64], from: usize) -> Result<(), StoreError> {
    let document = |at: usize| Document { record: ids[at], tokens: words(at).join(" ") };
    let documents: Vec<Document> = (from..ids.len()).map(document).collect();
    conn.index_many("note", &documents)
}

fn a_large_index_tells_its_newest_documents_as_a_small_one_does(db: &mut TestDb) {
    let all = ids(9_400);
    let first = all[..9_000].to_vec();
    let changed = all[10..2_000].to_vec();
    write(db, move |conn| {
        huike_store::ddl::create_search_index(conn, "note")?;
        put(conn, &first, 0)
    })
    .unwrap();
    write(db, |conn| conn.execute(&conn.dialect().analyze(Some("search_note"))?)).unwrap();
    let ask = |word: &str, before: i64, limit: i64| -> Vec<i64> {
        read(db, |conn| {
            let query =
                if conn.dialect() == Dialect::Sqlite { format!("\"{word}\"") } else { format!("'{word}'") };
            let one = || Newest { object: "note", query: query.clone(), before, limit };
            let told = conn.search_newest(&[one(), one()])?;
            let of =
                |place: usize| told.iter().filter(|one| one.0 == place).map(|one| one.1).collect::<Vec<_>>();
            assert_eq!(of(0), of(1));
            Ok(of(0))
        })
        .unwrap()
    };
    // From here on it is known how far the index reaches.
    assert_eq!(ask("rare", i64::MAX, 10), [all[7_001], all[0]]);
    let later = all.clone();
    write(db, move |conn| put(conn, &later, 9_000)).unwrap();
    // Rows that are written anew lie elsewhere, and belong where they did.
    write(db, move |conn| {
        for (at, id) in (10..).zip(changed.iter()).step_by(20) {
            conn.batch(&conn.dialect().search_put("note", *id, &words(at).join(" "))?)?;
        }
        Ok(())
    })
    .unwrap();
    for word in ["all", "half", "some", "few", "rare", "none"] {
        for before in
            [i64::MAX, all[9_399], all[9_050], all[8_950], all[8_500], all[4_000], all[3_999], all[20], 5]
        {
            for limit in [1, 7, 300, 20_000] {
                let newest =
                    (0..all.len()).rev().filter(|at| all[*at] < before && words(*at).contains(&word));
                let expected: Vec<i64> =
                    newest.map(|at| all[at]).take(usize::try_from(limit).unwrap()).collect();
                assert_eq!(ask(word, before, limit), expected, "{word}, {limit} before {before}");
            }
        }
    }
}

huike_store::on_both_databases!(a_large_index_tells_its_newest_documents_as_a_small_one_does);
