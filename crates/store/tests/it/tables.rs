use huike_store::ddl::{
    ColumnDef, IndexColumn, IndexDef, Kept, LIVE, SYSTEM_COLUMNS, add_column, columns, create_index,
    create_table, drop_index, drop_table,
};
use huike_store::testing::TestDb;
use huike_store::{Kind, Location, Row, Sql, Store, StoreError};

use crate::{add_note, note_table, numbers, read, sql, write};

fn a_table_and_its_columns_can_be_made_again_and_again(db: &mut TestDb) {
    for _ in 0..2 {
        note_table(db);
        write(db, |conn| add_column(conn, "note", &ColumnDef::new("x_grade", Kind::Text))).unwrap();
    }
    let mut found = read(db, |conn| columns(conn, "note")).unwrap();
    found.sort_unstable();
    let mut expected: Vec<String> = SYSTEM_COLUMNS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    expected.extend(["n", "body", "seal", "x_grade"].map(str::to_owned));
    expected.sort_unstable();
    assert_eq!(found, expected);
    write(db, |conn| drop_index(conn, "note_n").and_then(|()| drop_index(conn, "note_n"))).unwrap();
    write(db, |conn| drop_table(conn, "note").and_then(|()| drop_table(conn, "note"))).unwrap();
    assert!(read(db, |conn| columns(conn, "note")).unwrap().is_empty());
}

fn changed_tables_roll_back_with_their_job(db: &mut TestDb) {
    note_table(db);
    let failed = write(db, |conn| {
        create_table(conn, "gone", &[])?;
        add_column(conn, "note", &ColumnDef::new("gone", Kind::Int))?;
        drop_index(conn, "note_n")?;
        Err::<(), _>(StoreError::other("test", "refused"))
    });
    assert!(failed.is_err());
    assert!(read(db, |conn| columns(conn, "gone")).unwrap().is_empty());
    assert!(!read(db, |conn| columns(conn, "note")).unwrap().contains(&"gone".to_owned()));
    let twice = write(db, |conn| add_note(conn, 1, "x").and_then(|_| add_note(conn, 1, "x")));
    assert_eq!(twice, Err(StoreError::UniqueViolation { index: "note_n".into() }));
}

fn other_connections_go_on_while_a_column_is_added(db: &mut TestDb) {
    note_table(db);
    write(db, |conn| add_note(conn, 1, "x")).unwrap();
    let whole = Sql::raw("select id, n, body from note");
    for round in 0..5 {
        for _ in 0..4 {
            let row = read(db, |conn| conn.query_one(&whole)).unwrap();
            assert_eq!((row.len(), row.int(1)), (3, Ok(1)));
        }
        write(db, move |conn| add_column(conn, "note", &ColumnDef::new(format!("c{round}"), Kind::Int)))
            .unwrap();
        let update = format!("update note set c{round} = $1");
        write(db, move |conn| conn.execute(&sql(&update, [7.into()]))).unwrap();
        let row = read(db, |conn| conn.query_one(&Sql::raw(format!("select c{round} from note")))).unwrap();
        assert_eq!(row.int(0), Ok(7));
    }
}

fn uniqueness_holds_among_live_rows_only(db: &mut TestDb) {
    note_table(db);
    write(db, |conn| add_note(conn, 1, "first")).unwrap();
    write(db, |conn| conn.execute(&Sql::raw("update note set deleted_at = 5"))).unwrap();
    write(db, |conn| add_note(conn, 1, "second")).unwrap();
    let restored = write(db, |conn| conn.execute(&Sql::raw("update note set deleted_at = null")));
    assert_eq!(restored, Err(StoreError::UniqueViolation { index: "note_n".into() }));
}

fn a_live_list_in_index_order_uses_the_partial_index(db: &mut TestDb) {
    note_table(db);
    write(db, |conn| {
        create_index(
            conn,
            &IndexDef {
                name: "note_list".into(),
                table: "note".into(),
                columns: vec![IndexColumn::asc("owner_id"), IndexColumn::desc("n"), IndexColumn::desc("id")],
                kept: Kept::All,
            },
        )?;
        drop_index(conn, "note_n")?;
        (0..3_000).try_for_each(|n| add_note(conn, n, "x").map(drop))?;
        conn.execute(&Sql::raw("update note set owner_id = n % 20, n = nullif(n, 2020)"))?;
        conn.execute(&conn.dialect().analyze(Some("note"))?)
    })
    .unwrap();
    let mut list = Sql::raw("select id, n from note where owner_id = ");
    list.bind(0).push(" and ").push(LIVE).push(" order by n desc nulls last, id desc nulls last");
    let mut page = list.clone();
    page.push(" limit ").bind(10);
    let plan = read(db, |conn| conn.explain(&page)).unwrap();
    assert_eq!(plan.indexes, ["note_list"], "{}", plan.text);
    assert!(
        plan.scans.is_empty() && !plan.text.to_lowercase().contains("sort") && !plan.text.contains("TEMP")
    );
    let rows = read(db, |conn| conn.query(&list)).unwrap();
    assert_eq!(rows.len(), 150);
    assert_eq!((rows[0].opt_int(1), rows[149].opt_int(1)), (Ok(Some(2_980)), Ok(None)));
    let scan = read(db, |conn| conn.explain(&Sql::raw("select id from note where body = 'y'"))).unwrap();
    assert_eq!((scan.indexes.len(), scan.scans), (0, vec!["note".to_owned()]));
    let estimate = read(db, |conn| conn.estimated_count("note")).unwrap();
    assert_eq!(estimate, Some(3_000));
}

fn nothing_is_estimated_before_there_are_statistics(db: &mut TestDb) {
    note_table(db);
    assert_eq!(read(db, |conn| conn.estimated_count("note")), Ok(None));
    assert_eq!(read(db, |conn| conn.estimated_count("no_such_table")), Ok(None));
}

fn names_from_outside_cannot_leave_their_quotes(db: &mut TestDb) {
    let evil = "x\" (id int); drop table setting; --";
    assert!(write(db, move |conn| create_table(conn, evil, &[])).is_err());
    assert!(write(db, move |conn| add_column(conn, "setting", &ColumnDef::new(evil, Kind::Int))).is_err());
    assert!(write(db, move |conn| drop_table(conn, evil)).is_err());
    assert!(!read(db, |conn| columns(conn, "setting")).unwrap().is_empty());
}

fn opening_again_changes_nothing(db: &mut TestDb) {
    note_table(db);
    write(db, |conn| add_note(conn, 1, "x")).unwrap();
    db.reopen();
    db.reopen();
    assert_eq!(numbers(db), [1]);
    let versions =
        read(db, |conn| conn.query(&Sql::raw("select version, name from schema_migration"))).unwrap();
    assert_eq!(versions.len(), 7);
}

#[test]
fn search_indexes_from_before_take_and_know_words_as_new_ones_do() {
    let db = &mut TestDb::postgres();
    write(db, |conn| {
        huike_store::ddl::create_search_index(conn, "note")?;
        conn.execute(&Sql::raw("alter index search_note_tsv set (fastupdate = off)"))?;
        for (id, words) in [(1, "ihdkjyxgs idk 华东"), (2, "华东 pfangdi t0123 t90123"), (3_i64 << 41, "idkj 东")] {
            let index = conn.dialect().search_put("note", id, words)?;
            conn.batch(&index)?;
        }
        // The times of their ids were not among them.
        conn.execute(&Sql::raw(
            "update search_note set tsv = ts_delete(tsv, array['u00', 'u10', 'u20', 'u30', 'u0300', 'u1c', 'u23'])",
        ))?;
        conn.execute(&Sql::raw("delete from schema_migration where version > 4"))
    })
    .unwrap();
    db.reopen();
    let options = "select array_to_string(reloptions, ',') from pg_class where oid = cast('search_note_tsv' as regclass)";
    let words = "select array_to_string(tsvector_to_array(tsv), ' ') from search_note order by record_id";
    let told = |text: &str| -> Vec<String> {
        let rows = read(db, |conn| conn.query(&Sql::raw(text))).unwrap();
        rows.iter().map(|row| row.text(0).unwrap().to_owned()).collect()
    };
    assert!(told(options)[0].contains("fastupdate=on"));
    assert_eq!(
        told(words),
        [
            "bdk bhd bhdk idk ihdkj ihdkjyxgs u00 u10 u20 u30 华东",
            "efa efan efang pfangdi r3210 r32109 t0123 t90123 u00 u10 u20 u30 华东",
            "bdk bdkj idkj u0300 u1c u20 u30 东",
        ]
    );
}

fn keys_of_a_database_from_before_are_packed_by_record(db: &mut TestDb) {
    write(db, |conn| {
        let statements = [
            "drop table match_key_new",
            "drop table match_key_of",
            "create index match_key_record on match_key (record_id)",
            "insert into match_key (key, record_id) values (-2, 7), (258, 7), (9223372036854775807, 7), (-2, 8)",
            "delete from schema_migration where version > 3",
        ];
        statements.into_iter().try_for_each(|text| conn.execute(&Sql::raw(text)).map(drop))
    })
    .unwrap();
    db.reopen();
    let rows =
        read(db, |conn| conn.query(&Sql::raw("select record_id, keys from match_key_of order by record_id")));
    let kept = |row: &Row| {
        let keys = row.blob(1).unwrap().as_chunks().0.iter().map(|key| i64::from_be_bytes(*key)).collect();
        (row.int(0).unwrap(), keys)
    };
    let kept: Vec<(i64, Vec<i64>)> = rows.unwrap().iter().map(kept).collect();
    assert_eq!(kept, [(7, vec![-2, 258, i64::MAX]), (8, vec![-2])]);
}

fn a_database_of_a_newer_version_is_refused(db: &mut TestDb) {
    write(db, |conn| {
        conn.execute(&Sql::raw(
            "insert into schema_migration (version, name, applied_at) values (99, 'x', 0)",
        ))
    })
    .unwrap();
    if let Location::Postgres { .. } = db.location() {
        let refused = Store::open_blocking(db.location(), db.options()).err();
        assert!(refused.is_some_and(|e| e.to_string().contains("newer version")));
    } else {
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| db.reopen()));
        assert!(refused.is_err());
    }
}

huike_store::on_both_databases!(
    a_table_and_its_columns_can_be_made_again_and_again,
    changed_tables_roll_back_with_their_job,
    other_connections_go_on_while_a_column_is_added,
    uniqueness_holds_among_live_rows_only,
    a_live_list_in_index_order_uses_the_partial_index,
    nothing_is_estimated_before_there_are_statistics,
    names_from_outside_cannot_leave_their_quotes,
    keys_of_a_database_from_before_are_packed_by_record,
    opening_again_changes_nothing,
    a_database_of_a_newer_version_is_refused,
);

/// Empties the schema, so that every node has to make the tables.
#[test]
fn several_nodes_may_start_on_an_empty_postgres_at_once() {
    let db = TestDb::postgres();
    write(&db, |conn| {
        let tables =
            conn.query(&Sql::raw("select tablename from pg_tables where schemaname = current_schema()"))?;
        tables.iter().try_for_each(|row| drop_table(conn, row.text(0)?))
    })
    .unwrap();
    std::thread::scope(|scope| {
        let nodes: Vec<_> =
            (0..4).map(|_| scope.spawn(|| Store::open_blocking(db.location(), db.options()))).collect();
        for node in nodes {
            node.join().unwrap().unwrap();
        }
    });
    assert!(!read(&db, |conn| columns(conn, "change_log")).unwrap().is_empty());
}
