//! The next record of a series: a task that repeats opens its next one when it is done.

use super::values::Values;
use crate::cx::Cx;
use crate::error::Result;
use huike_model::kinds::recurrence;
use huike_model::schema::{Creates, RepeatsDefinition};
use huike_model::{Object, Value};
use huike_store::sql::ident;
use huike_store::{Conn, Sql};

/// The values that a record is made from: as they are, or moved on to the next occurrence; none where a series has ended.
///
/// # Errors
/// The database's.
pub fn moved_on(
    conn: &mut Conn,
    cx: &Cx,
    target: &Object,
    creates: &Creates,
    from: &Values,
) -> Result<Option<Values>> {
    let mut values = from.clone();
    match &creates.repeats {
        Some(repeats) if !advance(conn, cx, target, repeats, &mut values)? => Ok(None),
        _ => Ok(Some(values)),
    }
}

/// Moves a record's values on to the next occurrence of its rule; false when there is none, or when there is a record after this one already.
///
/// # Errors
/// The database's.
fn advance(
    conn: &mut Conn,
    cx: &Cx,
    target: &Object,
    repeats: &RepeatsDefinition,
    values: &mut Values,
) -> Result<bool> {
    let (Some(rule), Some(last), Some(id)) =
        (values.get(&repeats.rule).as_text().map(str::to_owned), values.int(&repeats.at), values.int("id"))
    else {
        return Ok(false);
    };
    // Done, reopened and done again: the next one is there, in the recycle bin perhaps.
    if let Some(after) = target.field(&repeats.after) {
        let (table, column) = (ident(&target.name)?, ident(&after.column)?);
        let sql = Sql::with(format!("select 1 from {table} where {column} = $1 limit 1"), [id.into()])?;
        if conn.query_opt(&sql)?.is_some() {
            return Ok(false);
        }
    }
    let Some((at, rule)) = recurrence::next(&rule, cx.org.company.zone, last, cx.moment.now) else {
        return Ok(false);
    };
    values.set(&repeats.at, Value::Int(at));
    values.set(&repeats.rule, rule.into());
    Ok(true)
}
