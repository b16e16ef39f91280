//! Rows of system tables that name a record that was merged (`huike_store::holders`).

use super::fold::Fold;
use super::journal::{Changed, Columns, RowKind, push_key, row, sql_of};
use super::request::Party;
use crate::error::Result;
use huike_model::Object;
use huike_store::holders::{HOLDERS, Holder, OnMerge};
use huike_store::sql::ident;
use huike_store::{Conn, Sql, ddl};
use serde_json::Value as Json;

/// Makes the rows that name a loser name the winner.
///
/// # Errors
/// The database's.
pub(super) fn move_rows(fold: &mut Fold<'_>, conn: &mut Conn, object: &Object, party: &Party) -> Result<()> {
    for holder in HOLDERS {
        let (OnMerge::Move { unique, stronger }, Some(named)) = (holder.on_merge, holder.object) else {
            continue;
        };
        let columns = ddl::columns(conn, holder.table)?;
        for loser in &party.losers {
            for before in rows(conn, holder, named, &columns, &object.name, loser.id)? {
                let mut after = before.clone();
                after.insert(holder.record.into(), party.winner.id.into());
                let mut twin = None;
                for set in unique {
                    let key = part(&after, set);
                    twin = twin.or(row(conn, holder.table, &columns, &key)?);
                }
                let wins = |twin: &Columns| {
                    stronger.is_some_and(|(column, value)| {
                        let strong = |row: &Columns| row.get(column).and_then(Json::as_str) == Some(value);
                        strong(&before) && !strong(twin)
                    })
                };
                match twin {
                    None => change(fold, conn, holder, Some(before), Some(after))?,
                    Some(twin) if wins(&twin) => {
                        change(fold, conn, holder, Some(twin), None)?;
                        change(fold, conn, holder, Some(before), Some(after))?;
                    }
                    Some(_) => change(fold, conn, holder, Some(before), None)?,
                }
            }
        }
    }
    Ok(())
}

fn rows(
    conn: &mut Conn,
    holder: &Holder,
    named: &str,
    columns: &[String],
    object: &str,
    record: i64,
) -> Result<Vec<Columns>> {
    let mut sql = Sql::raw(format!("select {} from {} where ", list(columns)?, ident(holder.table)?));
    sql.push(&ident(named)?).push(" = ").bind(object).push(" and ");
    sql.push(&ident(holder.record)?).push(" = ").bind(record);
    let found = conn.query(&sql)?;
    let row = |row: &huike_store::Row| {
        let values = columns.iter().enumerate();
        values.map(|(place, column)| (column.clone(), super::journal::json_of(row.value(place)))).collect()
    };
    Ok(found.iter().map(row).collect())
}

fn list(columns: &[String]) -> Result<String> {
    let quoted: std::result::Result<Vec<String>, _> = columns.iter().map(|column| ident(column)).collect();
    Ok(quoted?.join(", "))
}

fn part(row: &Columns, columns: &[&str]) -> Columns {
    columns.iter().filter_map(|column| Some(((*column).to_owned(), row.get(*column)?.clone()))).collect()
}

/// Changes a row of a system table and writes it down. The key names the row as it is afterwards, or was.
pub(super) fn change(
    fold: &mut Fold<'_>,
    conn: &mut Conn,
    holder: &Holder,
    before: Option<Columns>,
    after: Option<Columns>,
) -> Result<()> {
    let key = part(after.as_ref().or(before.as_ref()).unwrap_or(&Columns::new()), holder.key);
    put(conn, holder.table, holder.key, before.as_ref(), after.as_ref())?;
    fold.changes.push(Changed { kind: RowKind::System, table: holder.table.into(), key, before, after });
    Ok(())
}

/// Brings a row from one state to another; none is the row's absence.
pub(super) fn put(
    conn: &mut Conn,
    table: &str,
    key: &[&str],
    from: Option<&Columns>,
    to: Option<&Columns>,
) -> Result<()> {
    if let Some(from) = from {
        let mut sql = Sql::raw(format!("delete from {} where ", ident(table)?));
        push_key(&mut sql, &part(from, key))?;
        conn.execute(&sql)?;
    }
    if let Some(to) = to {
        let columns: Vec<String> = to.keys().cloned().collect();
        let mut sql = Sql::raw(format!("insert into {} ({}) values ", ident(table)?, list(&columns)?));
        sql.bind_list(to.values().map(sql_of));
        conn.execute(&sql)?;
    }
    Ok(())
}

/// The holder's table, by name.
pub(super) fn key_of(table: &str) -> Option<&'static [&'static str]> {
    HOLDERS.iter().find(|holder| holder.table == table).map(|holder| holder.key)
}
