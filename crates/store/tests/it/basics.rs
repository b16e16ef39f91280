use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use huike_store::clock::Stopwatch;
use huike_store::ddl::ColumnDef;
use huike_store::testing::TestDb;
use huike_store::{Kind, Sql, SqlValue, StoreError, ValueRef};

use crate::{add_note, note_table, numbers, read, sql, write};

fn add_one(count: &Arc<AtomicU32>) -> huike_store::Effect {
    let count = count.clone();
    Box::new(move || {
        count.fetch_add(1, Ordering::SeqCst);
    })
}

fn values_of_all_classes_come_back_as_they_went_in(db: &mut TestDb) {
    note_table(db);
    let body = "联系人 ‘quoted’ \u{1F4DE} and a ' quote; drop table note";
    let rows = write(db, move |conn| {
        let text = "insert into note (id, created_at, updated_at, version, n, body, seal) \
            values ($1, $2, 0, 1, $3, $4, $5)";
        conn.execute(&sql(
            text,
            [1.into(), i64::MAX.into(), i64::MIN.into(), body.into(), [0_u8, 255, 7].into()],
        ))?;
        conn.execute(&sql(text, [2.into(), 0.into(), SqlValue::Null, SqlValue::Null, SqlValue::Null]))?;
        conn.execute(&sql(text, [3.into(), 0.into(), 0.into(), "".into(), Vec::<u8>::new().into()]))?;
        conn.query(&Sql::raw("select id, created_at, n, body, seal from note order by id"))
    })
    .unwrap();
    let values = |i: usize| (0..rows[i].len()).map(|c| rows[i].value(c)).collect::<Vec<_>>();
    use ValueRef::{Blob, Int, Null, Text};
    assert_eq!(values(0), [Int(1), Int(i64::MAX), Int(i64::MIN), Text(body), Blob(&[0, 255, 7])]);
    assert_eq!(values(1), [Int(2), Int(0), Null, Null, Null]);
    assert_eq!(values(2), [Int(3), Int(0), Int(0), Text(""), Blob(&[])]);
}

fn a_row_says_which_column_was_misread(db: &mut TestDb) {
    let error = read(db, |conn| {
        let row = conn.query_one(&Sql::raw("select 1, 'x', null"))?;
        assert_eq!(row.opt_int(2)?, None);
        assert_eq!(row.text(1)?, "x");
        row.text(0).map(str::to_owned)
    })
    .unwrap_err();
    assert!(error.to_string().contains("column 0 holds an integer"), "{error}");
}

fn lists_and_parts_bind_alike(db: &mut TestDb) {
    note_table(db);
    write(db, |conn| (1..=12).try_for_each(|n| add_note(conn, n, "x").map(drop))).unwrap();
    let pick = |list: Vec<i64>, negated: bool| {
        read(db, move |conn| {
            let mut inner = Sql::raw("n < ");
            inner.bind(12).push(" and ");
            if negated {
                inner.push_not_in("n", list)
            } else {
                inner.push_in("n", list)
            };
            let mut all = Sql::raw("select n from note where n > ");
            all.bind(1).push(" and ").append(inner).push(" order by n limit ").bind(3);
            conn.query(&all)?.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>()
        })
        .unwrap()
    };
    assert_eq!(pick(vec![1, 5, 7, 12], false), [5, 7]);
    assert_eq!(pick(vec![2, 4], true), [3, 5, 6]);
    assert_eq!(pick(vec![], false), [0_i64; 0]);
    assert_eq!(pick(vec![], true), [2, 3, 4]);
}

fn a_failed_job_leaves_nothing_and_runs_no_effect(db: &mut TestDb) {
    note_table(db);
    let effects = Arc::new(AtomicU32::new(0));
    let count = effects.clone();
    let error = write(db, move |conn| {
        add_note(conn, 1, "gone")?;
        conn.after_commit(add_one(&count));
        Err::<(), _>(StoreError::other("test", "refused"))
    })
    .unwrap_err();
    assert_eq!(error, StoreError::other("test", "refused"));
    assert!(numbers(db).is_empty());
    assert_eq!(effects.load(Ordering::SeqCst), 0);
    let count = effects.clone();
    write(db, move |conn| {
        conn.after_commit(add_one(&count));
        add_note(conn, 1, "kept")
    })
    .unwrap();
    assert_eq!(effects.load(Ordering::SeqCst), 1);
}

fn a_panic_in_a_job_is_an_error_and_rolls_back(db: &mut TestDb) {
    note_table(db);
    let panicked = write(db, |conn| {
        add_note(conn, 1, "gone")?;
        if conn.next_id()? > 0 {
            panic!("on purpose");
        }
        Ok(())
    });
    assert_eq!(panicked, Err(StoreError::Panicked));
    assert_eq!(read(db, |_| -> Result<(), _> { panic!("on purpose") }), Err(StoreError::Panicked));
    write(db, |conn| add_note(conn, 2, "kept")).unwrap();
    assert_eq!(numbers(db), [2]);
}

fn a_savepoint_undoes_only_what_is_inside(db: &mut TestDb) {
    note_table(db);
    let effects = Arc::new(AtomicU32::new(0));
    let count = effects.clone();
    write(db, move |conn| {
        add_note(conn, 1, "kept")?;
        let inner = conn.savepoint(|conn| {
            conn.after_commit(add_one(&count));
            add_note(conn, 2, "gone")?;
            conn.savepoint(|conn| add_note(conn, 3, "gone with the outer"))?;
            add_note(conn, 1, "collides")
        });
        assert_eq!(inner, Err(StoreError::UniqueViolation { index: "note_n".into() }));
        add_note(conn, 4, "kept")
    })
    .unwrap();
    assert_eq!(numbers(db), [1, 4]);
    assert_eq!(effects.load(Ordering::SeqCst), 0);
}

fn a_job_cannot_go_on_after_a_failed_statement(db: &mut TestDb) {
    note_table(db);
    let swallowed = write(db, |conn| {
        add_note(conn, 1, "x")?;
        assert!(add_note(conn, 1, "collides").is_err());
        assert_eq!(add_note(conn, 2, "too late"), Err(StoreError::Aborted));
        Ok(())
    });
    assert_eq!(swallowed, Err(StoreError::Aborted));
    assert!(numbers(db).is_empty());
}

fn violations_name_the_index_and_never_the_value(db: &mut TestDb) {
    note_table(db);
    write(db, |conn| {
        conn.execute(&Sql::raw("create table pair (a bigint, b text, primary key (a, b))"))?;
        conn.execute(&Sql::raw("create table single (a bigint, b text)"))?;
        conn.execute(&Sql::raw("create unique index single_ab on single (a, b)"))?;
        add_note(conn, 1, "x").map(drop)
    })
    .unwrap();
    let twice = |statement: &'static str| {
        write(db, move |conn| {
            conn.execute(&sql(statement, [1.into(), "secret".into()]))?;
            conn.execute(&sql(statement, [1.into(), "secret".into()]))
        })
        .unwrap_err()
    };
    let index = |error: &StoreError| match error {
        StoreError::UniqueViolation { index } => index.clone(),
        other => panic!("{other:?}"),
    };
    let (pair, single) = (
        twice("insert into pair (a, b) values ($1, $2)"),
        twice("insert into single (a, b) values ($1, $2)"),
    );
    assert_eq!((index(&pair), index(&single)), ("pair_pkey".into(), "single_ab".into()));
    let id = twice(
        "insert into note (id, created_at, updated_at, version, n, body) values ($1, 0, 0, 1, null, $2)",
    );
    assert_eq!(index(&id), "note_pkey");
    for error in [pair, single, id] {
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}

fn errors_of_statements_do_not_print_values(db: &mut TestDb) {
    let errors = [
        read(db, |conn| {
            conn.query(&sql("select nothing_like_it from setting where key = $1", ["secret".into()]))
        }),
        read(db, |conn| {
            conn.query(&sql("select value from setting where key = $1 limit 'abc'", ["secret".into()]))
        }),
        read(db, |conn| {
            let mut search = Sql::raw("select 1 from ");
            search.push(&conn.dialect().search_table("note")?.0).push(" where ");
            search.append(sql(
                if conn.dialect() == huike_store::Dialect::Sqlite {
                    "search_note match $1"
                } else {
                    "tsv @@ cast($1 as tsquery)"
                },
                ["secret ( \"".into()],
            ));
            conn.query_custom_plan(&search)
        }),
    ];
    for error in errors {
        let error = error.unwrap_err();
        assert!(matches!(error, StoreError::Other { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
}

fn a_read_sees_one_snapshot(db: &mut TestDb) {
    note_table(db);
    write(db, |conn| add_note(conn, 1, "before")).unwrap();
    let count = Sql::raw("select count(*) from note");
    let store = db.store.clone();
    let seen = read(db, |conn| {
        let before = conn.query_one(&count)?.int(0)?;
        store.write_blocking(|conn| add_note(conn, 2, "meanwhile"))?;
        Ok((before, conn.query_one(&count)?.int(0)?))
    })
    .unwrap();
    assert_eq!(seen, (1, 1));
    assert_eq!(numbers(db), [1, 2]);
}

fn a_read_cannot_write(db: &mut TestDb) {
    note_table(db);
    assert!(read(db, |conn| conn.execute(&Sql::raw("delete from note"))).is_err());
    assert!(read(db, |conn| conn.tx_number()).is_err());
}

fn many_rows_stream_through_and_an_error_stops_them(db: &mut TestDb) {
    note_table(db);
    let columns: Vec<ColumnDef> = ["id", "created_at", "updated_at", "version", "n"]
        .map(|name| ColumnDef::new(name, Kind::Int))
        .into_iter()
        .chain([ColumnDef::new("body", Kind::Text), ColumnDef::new("seal", Kind::Blob)])
        .collect();
    let added = write(db, move |conn| {
        let row = |n: i64| {
            let body = if n % 2 == 0 { SqlValue::Null } else { format!("正文 {n}").into() };
            vec![n.into(), 0.into(), 0.into(), 1.into(), n.into(), body, SqlValue::Null]
        };
        conn.insert_many("note", &columns, &(0..2_500).map(row).collect::<Vec<_>>())
    });
    assert_eq!(added, Ok(2_500));
    let all = Sql::raw("select n, body from note order by n");
    let mut sum = 0;
    read(db, |conn| {
        conn.query_each(&all, |row| {
            let n = row.int(0)?;
            assert_eq!(row.opt_text(1)?.is_some(), n % 2 == 1);
            sum += n;
            Ok(())
        })
    })
    .unwrap();
    assert_eq!(sum, 2_499 * 2_500 / 2);
    let mut seen = 0;
    let stopped = read(db, |conn| {
        conn.query_each(&all, |_| {
            seen += 1;
            if seen == 300 { Err(StoreError::other("test", "enough")) } else { Ok(()) }
        })
    });
    assert_eq!((stopped, seen), (Err(StoreError::other("test", "enough")), 300));
    assert_eq!(numbers(db).len(), 2_500);
}

fn a_batch_runs_in_order_and_answers_for_each(db: &mut TestDb) {
    note_table(db);
    write(db, |conn| {
        let insert = |n: i64| {
            sql(
                "insert into note (id, created_at, updated_at, version, n) values ($1, 0, 0, 1, $2)",
                [n.into(), n.into()],
            )
        };
        let update = sql("update note set body = $1 where n < $2", ["x".into(), 3.into()]);
        assert_eq!(conn.batch(&[insert(1), insert(2), insert(3), update])?, [1, 1, 1, 2]);
        let count = |n: i64| sql("select count(*) from note where n >= $1", [n.into()]);
        let counts = conn.query_batch(&[count(1), count(3), count(9)])?;
        let counts: Vec<_> = counts.iter().map(|rows| rows[0].int(0).unwrap()).collect();
        assert_eq!(counts, [3, 1, 0]);
        assert_eq!(conn.batch(&[])?, [0_u64; 0]);
        Ok(())
    })
    .unwrap();
    let failed = write(db, |conn| {
        let double = sql(
            "insert into note (id, created_at, updated_at, version, n) values ($1, 0, 0, 1, $2)",
            [9.into(), 1.into()],
        );
        conn.batch(&[Sql::raw("delete from note where n = 3"), double])
    });
    assert_eq!(failed, Err(StoreError::UniqueViolation { index: "note_n".into() }));
    assert_eq!(numbers(db), [1, 2, 3]);
}

fn search_finds_tokens_and_prefixes_and_forgets_what_is_removed(db: &mut TestDb) {
    let put = |id: i64, tokens: &'static str| {
        write(db, move |conn| {
            let statements = conn.dialect().search_put("note", id, tokens)?;
            conn.batch(&statements).map(drop)
        })
        .unwrap();
    };
    let find = |fts5: &str, tsquery: &str| -> Vec<i64> {
        read(db, |conn| {
            let query = if conn.dialect() == huike_store::Dialect::Sqlite { fts5 } else { tsquery };
            let asked =
                huike_store::Newest { object: "note", query: query.to_owned(), before: i64::MAX, limit: 10 };
            Ok(conn.search_newest(&[asked])?.into_iter().map(|(_, id)| id).collect())
        })
        .unwrap()
    };
    write(db, |conn| huike_store::ddl::create_search_index(conn, "note")).unwrap();
    put(10, "华为 为技 技术 hwjs huaweijishu d48888");
    put(11, "华北 hb  huabei");
    put(12, "技术 js");
    assert_eq!(find("\"华为\"", "'华为'"), [10]);
    assert_eq!(find("\"hua\" *", "'hua':*"), [11, 10]);
    assert_eq!(find("\"技术\" AND \"hw\" *", "'技术' & 'hw':*"), [10]);
    assert_eq!(find("\"d48888\" OR \"hb\" OR \"nothing\"", "'d48888' | 'hb' | 'nothing'"), [11, 10]);
    put(10, "改名");
    write(db, |conn| conn.execute(&conn.dialect().search_remove("note", 12)?)).unwrap();
    assert_eq!(find("\"技术\"", "'技术'"), [0_i64; 0]);
    assert_eq!(find("\"改名\"", "'改名'"), [10]);
}

huike_store::on_both_databases!(
    values_of_all_classes_come_back_as_they_went_in,
    a_row_says_which_column_was_misread,
    lists_and_parts_bind_alike,
    a_failed_job_leaves_nothing_and_runs_no_effect,
    a_panic_in_a_job_is_an_error_and_rolls_back,
    a_savepoint_undoes_only_what_is_inside,
    a_job_cannot_go_on_after_a_failed_statement,
    violations_name_the_index_and_never_the_value,
    errors_of_statements_do_not_print_values,
    a_read_sees_one_snapshot,
    a_read_cannot_write,
    many_rows_stream_through_and_an_error_stops_them,
    a_batch_runs_in_order_and_answers_for_each,
    search_finds_tokens_and_prefixes_and_forgets_what_is_removed,
);

/// What PostgreSQL keeps beside a search index is sorted in soon after a commit, also what a process that was killed has left.
#[test]
fn words_that_are_pending_are_sorted_in() {
    let db = &mut TestDb::postgres();
    let put = |object: &'static str, id: i64| {
        write(db, move |conn| {
            let index = conn.dialect().search_put(object, id, "华为 hw")?;
            conn.batch_and_index(object, Vec::new(), index)
        })
        .unwrap();
    };
    let pending = |object: &str| {
        let text =
            format!("select n_pending_pages from gin_metapage_info(get_raw_page('search_{object}_tsv', 0))");
        read(db, |conn| conn.query_one(&Sql::raw(text))?.int(0)).unwrap()
    };
    write(db, |conn| {
        conn.execute(&Sql::raw("create extension pageinspect"))?;
        huike_store::ddl::create_search_index(conn, "note")?;
        huike_store::ddl::create_search_index(conn, "memo")?;
        // As by a process that told nobody.
        let index = conn.dialect().search_put("memo", 1, "华为 hw")?;
        conn.batch(&index)
    })
    .unwrap();
    assert_eq!(pending("memo"), 1);
    let sorted_in = |object: &str| {
        let watch = Stopwatch::start();
        while pending(object) > 0 {
            assert!(watch.elapsed() < Duration::from_secs(30), "{object} still has words pending");
        }
    };
    put("note", 1);
    sorted_in("note");
    sorted_in("memo");
    put("memo", 2);
    sorted_in("memo");
}
