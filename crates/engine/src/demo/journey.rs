//! The way that the invented customers went. They are written where they stand; how they came there is told afterwards.

use super::Chance;
use crate::error::Result;
use crate::obligations::CUSTOMER;
use huike_model::moment::DAY_MS;
use huike_store::{Conn, Sql};

/// The stages on the way, in order. Lost ones leave it somewhere.
const WAY: [&str; 4] = ["lead", "potential", "interested", "won"];
const LOST: &str = "lost";
const CHUNK: i64 = 500;
/// The purpose of the chance that is drawn here.
const JOURNEYS: u64 = 700;

/// Tells the moves of every customer who isn't a lead any more.
///
/// # Errors
/// The database's.
pub(super) fn tell(conn: &mut Conn, seed: u64, now: i64) -> Result<()> {
    let (mut after, mut number) = (0, 0);
    loop {
        let mut sql = Sql::raw("select id, stage, created_at, owner_id from customer where id > ");
        sql.bind(after).push(" and stage <> ").bind(WAY[0]).push(" order by id limit ").bind(CHUNK);
        let rows = conn.query(&sql)?;
        let mut statements = Vec::new();
        for row in &rows {
            after = row.int(0)?;
            number += 1;
            let mut chance = Chance::of(seed, JOURNEYS, number);
            let customer =
                Customer { id: after, made: row.int(2)?, owner: row.opt_int(3)?.unwrap_or_default() };
            statements.extend(moves(conn, &mut chance, &customer, row.text(1)?, now)?);
        }
        conn.batch(&statements)?;
        if (rows.len() as i64) < CHUNK {
            return Ok(());
        }
    }
}

struct Customer {
    id: i64,
    made: i64,
    owner: i64,
}

fn moves(
    conn: &mut Conn,
    chance: &mut Chance,
    customer: &Customer,
    stage: &str,
    now: i64,
) -> Result<Vec<Sql>> {
    let mut way: Vec<&str> = match WAY.iter().position(|one| *one == stage) {
        Some(place) => WAY[..=place].to_vec(),
        None => WAY[..=chance.below(3) as usize].to_vec(),
    };
    if stage == LOST {
        way.push(LOST);
    }
    let (mut at, mut found) = (customer.made, Vec::new());
    for (place, pair) in way.windows(2).enumerate() {
        // What is left of the time is shared by the moves that are left.
        let room = (now - at).max(0) / (way.len() - place) as i64;
        let usual = chance.between(2, 45) * DAY_MS + chance.between(0, 8) * DAY_MS / 24;
        let stayed = usual.min(room);
        at += stayed;
        let by_itself = pair[1] == "won";
        let values = [
            conn.next_id()?.into(),
            CUSTOMER.into(),
            customer.id.into(),
            pair[0].into(),
            pair[1].into(),
            at.into(),
            stayed.into(),
            if by_itself { 0 } else { customer.owner }.into(),
            by_itself.into(),
        ];
        let sql = "insert into stage_move (id, object, record_id, from_stage, to_stage, at, stayed_ms, made_by, automatic) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        found.push(Sql::with(sql, values)?);
    }
    Ok(found)
}
