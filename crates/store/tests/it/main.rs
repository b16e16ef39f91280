//! The store through its public door, every test on both databases.

// The whole binary is tests; one of them talks to its parent through its output.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod basics;
mod faults;
mod holders;
mod ids;
mod log;
mod search;
mod tables;
mod tally;
mod writers;

use huike_store::testing::TestDb;
use huike_store::{Conn, Sql, SqlValue, StoreError};

/// A statement with its values, for tests.
pub fn sql<const N: usize>(text: &str, params: [SqlValue; N]) -> Sql {
    Sql::with(text, params).unwrap()
}

pub fn write<R: Send + 'static>(
    db: &TestDb,
    f: impl FnMut(&mut Conn) -> Result<R, StoreError> + Send + 'static,
) -> Result<R, StoreError> {
    db.store.write_blocking(f)
}

pub fn read<R>(db: &TestDb, f: impl FnOnce(&mut Conn) -> Result<R, StoreError>) -> Result<R, StoreError> {
    db.store.read_blocking(f)
}

/// A small table `note (id, n, body, seal)` with a unique index on live `n`.
pub fn note_table(db: &TestDb) {
    use huike_store::Kind;
    use huike_store::ddl::{ColumnDef, IndexColumn, IndexDef, Kept, create_index, create_table};
    write(db, |conn| {
        let columns = [
            ColumnDef::new("n", Kind::Int),
            ColumnDef::new("body", Kind::Text),
            ColumnDef::new("seal", Kind::Blob),
        ];
        create_table(conn, "note", &columns)?;
        create_index(
            conn,
            &IndexDef {
                name: "note_n".into(),
                table: "note".into(),
                columns: vec![IndexColumn::asc("n")],
                kept: Kept::Unique,
            },
        )
    })
    .unwrap();
}

pub fn add_note(conn: &mut Conn, n: i64, body: &str) -> Result<i64, StoreError> {
    let id = conn.next_id()?;
    conn.execute(&sql(
        "insert into note (id, created_at, updated_at, version, n, body) values ($1, 0, 0, 1, $2, $3)",
        [id.into(), n.into(), body.into()],
    ))?;
    Ok(id)
}

pub fn numbers(db: &TestDb) -> Vec<i64> {
    let rows = read(db, |conn| conn.query(&Sql::raw("select n from note order by n"))).unwrap();
    rows.iter().map(|row| row.int(0).unwrap()).collect()
}
