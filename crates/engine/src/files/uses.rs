//! Which fields of which records name a file, kept in the transaction that writes the record.

use super::rights::bound;
use super::{OBJECT, members};
use crate::cx::Cx;
use crate::error::Result;
use crate::records::Values;
use huike_model::{Code, Id};
use huike_store::{Conn, Sql};
use std::collections::BTreeSet;

/// The file, and the field of the record that names it; no field when it is attached to the record as a whole.
type Use = (i64, String, i64, String);

/// Follows a write: `before` and `after` are the record on both sides of it, none where it isn't or isn't any more.
///
/// # Errors
/// `conflict` when a file was swept away meanwhile; the database's.
pub fn follow(conn: &mut Conn, cx: &Cx, before: Option<&Values>, after: Option<&Values>) -> Result<()> {
    let Some(object) = after.or(before).map(Values::object) else { return Ok(()) };
    if object.name != OBJECT && !object.fields().any(|field| field.holds_files()) {
        return Ok(());
    }
    let (old, new) = (before.map(uses).unwrap_or_default(), after.map(uses).unwrap_or_default());
    let gone: Vec<&Use> = old.difference(&new).collect();
    let come: Vec<&Use> = new.difference(&old).collect();
    for (file, object, record, field) in &gone {
        conn.execute(&Sql::with(
            "delete from file_use where file_id = $1 and object = $2 and record_id = $3 and field = $4",
            bound(*file, object, *record, field),
        )?)?;
    }
    for (file, object, record, field) in &come {
        conn.execute(&Sql::with(
            "insert into file_use (file_id, object, record_id, field) values ($1, $2, $3, $4) \
             on conflict (file_id, object, record_id, field) do nothing",
            bound(*file, object, *record, field),
        )?)?;
    }
    used(conn, &come)?;
    unused(conn, cx, &gone)
}

fn uses(values: &Values) -> BTreeSet<Use> {
    let object = values.object();
    let Some(id) = values.int("id") else { return BTreeSet::new() };
    let mut uses = BTreeSet::new();
    for field in object.fields().filter(|field| field.holds_files()) {
        uses.extend(
            members(values.of(field)).map(|file| (file, object.name.clone(), id, field.name.clone())),
        );
    }
    if object.name == OBJECT
        && let (Some(target), Some(record)) = (values.get("object").as_text(), values.get("record").as_text())
        && let Ok(record) = record.parse::<Id>()
    {
        uses.insert((id, target.to_owned(), record.number(), String::new()));
    }
    uses
}

fn used(conn: &mut Conn, come: &[&Use]) -> Result<()> {
    // A record of `file` may stand for paper: then there is no content to keep.
    let named: BTreeSet<i64> =
        come.iter().filter(|(.., field)| !field.is_empty()).map(|each| each.0).collect();
    let whole: BTreeSet<i64> =
        come.iter().filter(|(.., field)| field.is_empty()).map(|each| each.0).collect();
    for (files, must) in [(named, true), (whole, false)] {
        if files.is_empty() {
            continue;
        }
        let mut sql = Sql::raw("update stored_file set unused_since = null where file_id in ");
        sql.bind_list(files.iter().copied());
        if conn.execute(&sql)? != files.len() as u64 && must {
            return Err(Code::Conflict.into());
        }
    }
    Ok(())
}

fn unused(conn: &mut Conn, cx: &Cx, gone: &[&Use]) -> Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    let files: BTreeSet<i64> = gone.iter().map(|each| each.0).collect();
    let mut sql = Sql::raw("update stored_file set unused_since = ");
    sql.bind(cx.moment.now).push(" where file_id in ").bind_list(files);
    sql.push(" and not exists (select 1 from file_use u where u.file_id = stored_file.file_id)");
    conn.execute(&sql)?;
    Ok(())
}
