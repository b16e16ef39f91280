//! The way that records went: one row for each change of a stage, in the transaction of the change.

use super::{stage_field, stage_of};
use crate::cx::Cx;
use crate::error::Result;
use crate::records::values::Values;
use huike_model::Object;
use huike_store::{Conn, Row, Sql};
use serde_json::Value as Json;

/// One move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub from: Option<String>,
    pub to: Option<String>,
    pub at: i64,
    /// How long it had been where it came from, in milliseconds.
    pub stayed: i64,
    pub by: i64,
    pub automatic: bool,
    pub note: Option<String>,
}

const COLUMNS: &str = "from_stage, to_stage, at, stayed_ms, made_by, automatic, note";
/// The way of one record that is shown.
const SHOWN: i64 = 50;

impl Move {
    fn read(row: &Row) -> Result<Move> {
        let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
        Ok(Move {
            from: text(0)?,
            to: text(1)?,
            at: row.int(2)?,
            stayed: row.int(3)?,
            by: row.int(4)?,
            automatic: row.int(5)? != 0,
            note: text(6)?,
        })
    }
}

/// Writes down that a record changed its stage, if it did. `meta` is what the log says beside the values.
///
/// # Errors
/// The database's.
pub fn note(conn: &mut Conn, cx: &Cx, before: &Values, after: &Values, meta: Option<&Json>) -> Result<()> {
    let object = after.object().clone();
    let Some(field) = stage_field(cx, &object) else { return Ok(()) };
    let (from, to) = (stage_of(before, field), stage_of(after, field));
    let Some(record) = after.int("id").filter(|_| from != to) else { return Ok(()) };
    let since = entered(conn, &object, record, from, after.int("created_at").unwrap_or(cx.moment.now))?;
    let said = meta.map(|meta| &meta["stage"]);
    let automatic = said.is_some_and(|said| said["automatic"] == true);
    let note = said.and_then(|said| said["note"].as_str()).map(str::to_owned);
    let sql = "insert into stage_move (id, object, record_id, from_stage, to_stage, at, stayed_ms, made_by, automatic, note) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = [
        conn.next_id()?.into(),
        object.name.as_str().into(),
        record.into(),
        from.map(str::to_owned).into(),
        to.map(str::to_owned).into(),
        cx.moment.now.into(),
        (cx.moment.now - since).max(0).into(),
        cx.author().into(),
        automatic.into(),
        note.into(),
    ];
    conn.execute(&Sql::with(sql, values)?)?;
    Ok(())
}

/// Since when a record has been in its stage: the last move to it, or when the record was made. A record that others were merged into has
/// the moves of them all.
///
/// # Errors
/// The database's.
pub fn entered(conn: &mut Conn, object: &Object, record: i64, stage: Option<&str>, made: i64) -> Result<i64> {
    let mut sql = Sql::raw("select at from stage_move where object = ");
    sql.bind(object.name.as_str()).push(" and record_id = ").bind(record);
    match stage {
        Some(stage) => sql.push(" and to_stage = ").bind(stage),
        None => sql.push(" and to_stage is null"),
    };
    sql.push(" order by at desc, id desc limit 1");
    let row = conn.query_opt(&sql)?;
    Ok(row.map(|row| row.int(0)).transpose()?.unwrap_or(made))
}

/// The way of a record, newest first.
///
/// # Errors
/// The database's.
pub fn of_record(conn: &mut Conn, object: &Object, record: i64) -> Result<Vec<Move>> {
    let mut sql = Sql::raw(format!("select {COLUMNS} from stage_move where object = "));
    sql.bind(object.name.as_str()).push(" and record_id = ").bind(record);
    sql.push(" order by at desc, id desc limit ").bind(SHOWN);
    conn.query(&sql)?.iter().map(Move::read).collect()
}
