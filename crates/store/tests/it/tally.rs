//! A tally says at any time what counting all rows would say.

use huike_store::ddl::{ColumnDef, add_column, create_table, drop_table};
use huike_store::tally::{TallyDef, bring_up, changing, put_in};
use huike_store::testing::TestDb;
use huike_store::{Conn, Dialect, Kind, Row, Sql, SqlValue, StoreError};

use crate::{read, sql, write};

fn deals() -> TallyDef {
    TallyDef {
        table: "deal".into(),
        by: vec![ColumnDef::new("stage", Kind::Text), ColumnDef::new("owner_id", Kind::Int)],
        sums: vec!["amount".into(), "weight".into()],
    }
}

fn made(db: &TestDb) {
    write(db, |conn| {
        let columns =
            [("stage", Kind::Text), ("amount", Kind::Int), ("weight", Kind::Int), ("body", Kind::Text)];
        create_table(conn, "deal", &columns.map(|(name, kind)| ColumnDef::new(name, kind)))
    })
    .unwrap();
}

/// Numbers that look thrown, always the same.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn number(&mut self) -> SqlValue {
        if self.throw(4) == 0 { SqlValue::Null } else { SqlValue::Int(self.throw(2_000) as i64 - 1_000) }
    }

    fn stage(&mut self) -> SqlValue {
        [SqlValue::Null, "new".into(), "won".into(), "lost".into()][self.throw(4) as usize].clone()
    }

    fn owner(&mut self) -> SqlValue {
        [SqlValue::Null, 7.into(), 8.into()][self.throw(3) as usize].clone()
    }
}

/// One of the ways in which rows are written; `tally` is given as soon as it is kept.
fn act(conn: &mut Conn, dice: &mut Dice, tally: Option<&TallyDef>) -> Result<(), StoreError> {
    let id = dice.throw(60) as i64;
    if dice.throw(7) <= 2 {
        let insert = sql(
            "insert into deal (id, created_at, updated_at, version, stage, owner_id, amount, weight) \
             values ($1, 0, 0, 1, $2, $3, $4, $5) on conflict (id) do nothing",
            [id.into(), dice.stage(), dice.owner(), dice.number(), dice.number()],
        );
        return match conn.execute(&insert)? {
            0 => Ok(()),
            _ => put_in(conn, tally, &[id]),
        };
    }
    // Ids come back here, others don't: who is to be changed must not be taken away and made anew meanwhile.
    let held = match conn.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => " order by id for update",
    };
    let pair = [id.into(), ((id + 7) % 60).into()];
    let there = conn.query(&sql(&format!("select id from deal where id in ($1, $2){held}"), pair))?;
    let ids = there.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>()?;
    let Some((first, last)) = ids.first().zip(ids.last()) else { return Ok(()) };
    let (this, other): (SqlValue, SqlValue) = ((*first).into(), (*last).into());
    let statement = match dice.throw(4) {
        0 => sql("update deal set stage = $1, body = 'x' where id in ($2, $3)", [dice.stage(), this, other]),
        1 => sql(
            "update deal set amount = $1, owner_id = $2 where id in ($3, $4)",
            [dice.number(), dice.owner(), this, other],
        ),
        2 => {
            let at = if dice.throw(2) == 0 { SqlValue::Null } else { SqlValue::Int(1) };
            sql(
                "update deal set deleted_at = $1, weight = $2 where id in ($3, $4)",
                [at, dice.number(), this, other],
            )
        }
        _ => sql("delete from deal where id in ($1, $2)", [this, other]),
    };
    changing(conn, tally, &ids, |conn| conn.execute(&statement).map(drop))
}

type Cells = Vec<Vec<Option<String>>>;

fn cells_of(conn: &mut Conn, text: &str) -> Result<Cells, StoreError> {
    let cell = |row: &Row, at: usize| row.opt_text(at).map(|text| text.map(str::to_owned));
    let rows = conn.query(&Sql::raw(text))?;
    rows.iter().map(|row| (0..row.len()).map(|at| cell(row, at)).collect()).collect()
}

fn as_text(names: &[&str], from: &str, rest: &str) -> String {
    let casts: Vec<String> = names.iter().map(|name| format!("cast({name} as text)")).collect();
    format!("select {} from {from} t {rest}", casts.join(", "))
}

/// What the tally says, and what the rows say.
fn both(conn: &mut Conn) -> Result<(Cells, Cells), StoreError> {
    let tally = deals();
    let (known, total, weight) = (tally.known("amount")?, tally.total("amount")?, tally.total("weight")?);
    let told = as_text(
        &["stage", "owner_id", tally.count(), &known, &total, &weight],
        &tally.source()?,
        "group by stage, owner_id having sum(t.n) > 0 order by 1, 2",
    );
    let counted = as_text(
        &["stage", "owner_id", "count(*)", "count(amount)", "sum(amount)", "sum(weight)"],
        "deal",
        "where deleted_at is null group by stage, owner_id order by 1, 2",
    );
    Ok((cells_of(conn, &told)?, cells_of(conn, &counted)?))
}

fn a_tally_says_what_the_rows_say(db: &mut TestDb) {
    made(db);
    let mut dice = Dice(20_261_123);
    // Rows that are there before it is kept.
    for _ in 0..100 {
        let mut thrown = Dice(dice.throw(u64::from(u32::MAX)));
        write(db, move |conn| act(conn, &mut thrown, None)).unwrap();
    }
    write(db, |conn| bring_up(conn, &deals()).and_then(|()| bring_up(conn, &deals()))).unwrap();
    let mut seen = 0;
    for round in 0..300 {
        let mut thrown = Dice(dice.throw(u64::from(u32::MAX)));
        let undone = round % 5 == 0;
        let done = write(db, move |conn| {
            for _ in 0..3 {
                act(conn, &mut thrown, Some(&deals()))?;
            }
            if undone { conn.execute(&Sql::raw("no such statement")).map(drop) } else { Ok(()) }
        });
        assert_eq!(done.is_err(), undone);
        let (told, counted) = read(db, both).unwrap();
        assert_eq!(told, counted, "after {round} rounds");
        seen = seen.max(counted.len());
    }
    assert!(seen > 8, "only {seen} cells");
    // Other sums: it is counted anew.
    write(db, |conn| add_column(conn, "deal", &ColumnDef::new("tax", Kind::Int))).unwrap();
    let more = || TallyDef { sums: ["amount", "weight", "tax"].map(str::to_owned).to_vec(), ..deals() };
    write(db, move |conn| bring_up(conn, &more())).unwrap();
    let (told, counted) = read(db, both).unwrap();
    assert_eq!(told, counted);
    write(db, |conn| drop_table(conn, "deal")).unwrap();
}

/// Cells of a busy table are folded while others write to them.
fn writers_beside_each_other_are_all_counted(db: &mut TestDb) {
    made(db);
    write(db, |conn| bring_up(conn, &deals())).unwrap();
    let store = &db.store;
    std::thread::scope(|scope| {
        for writer in 0..8 {
            scope.spawn(move || {
                let mut dice = Dice(writer);
                for round in 0..250 {
                    let mut thrown = Dice(dice.throw(u64::from(u32::MAX)));
                    let undone = round % 7 == 0;
                    let done = store.write_blocking(move |conn: &mut Conn| {
                        act(conn, &mut thrown, Some(&deals()))?;
                        if undone { conn.execute(&Sql::raw("no such statement")).map(drop) } else { Ok(()) }
                    });
                    assert_eq!(done.is_err(), undone);
                }
            });
        }
    });
    let (told, counted) = read(db, both).unwrap();
    assert_eq!(told, counted);
    assert!(counted.len() > 4, "{counted:?}");
    // When they are folded is thrown, once in some hundred writes: that none of so many does it can't be thrown.
    let mut dice = Dice(20_261_124);
    let folded = (0..10_000).any(|_| {
        let mut thrown = Dice(dice.throw(u64::from(u32::MAX)));
        write(db, move |conn| act(conn, &mut thrown, Some(&deals()))).unwrap();
        kept(db) < 100
    });
    assert!(folded, "{} rows are kept for {} cells", kept(db), counted.len());
    let (told, counted) = read(db, both).unwrap();
    assert_eq!(told, counted);
}

/// The rows of which the cells are the sums.
fn kept(db: &TestDb) -> usize {
    let kept = read(db, |conn| cells_of(conn, "select cast(count(*) as text) from tally_of_deal")).unwrap();
    kept[0][0].as_deref().unwrap().parse().unwrap()
}

huike_store::on_both_databases!(a_tally_says_what_the_rows_say, writers_beside_each_other_are_all_counted);
