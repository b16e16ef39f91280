//! References lead to records that exist and that the writer can see.

use super::values::Values;
use crate::cx::Cx;
use crate::error::Result;
use crate::merging;
use huike_model::access::ObjectAccess;
use huike_model::kinds::FieldType;
use huike_model::{Fault, Field};
use huike_store::query::RecordQuery;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// One fault for each of these references that leads nowhere the writer can go; one query per object referred to.
///
/// # Errors
/// The database's.
pub fn check(conn: &mut Conn, cx: &Cx, values: &Values, fields: &[Arc<Field>]) -> Result<Vec<Fault>> {
    let mut wanted: HashMap<&str, Vec<(&Arc<Field>, i64)>> = HashMap::new();
    for field in fields {
        if let (Some(target), Some(id)) = (field.target(), values.of(field).as_int()) {
            wanted.entry(target).or_default().push((field, id));
        }
    }
    let mut faults = Vec::new();
    for (target, references) in wanted {
        let found = reachable(conn, cx, target, references.iter().map(|(_, id)| *id).collect())?;
        for (field, id) in references {
            let own_tree = target == values.object().name && field.kind == FieldType::Lookup;
            if own_tree && closes_circle(conn, values, field, id)? {
                faults.push(Fault::new(
                    &field.name,
                    "circular",
                    format!("{}不能是自己，也不能是自己的下级", field.label.zh),
                    format!("{} can't be the record itself or one below it", field.label.en),
                ));
            } else if !found.contains(&id) {
                faults.push(Fault::new(
                    &field.name,
                    "unknown_reference",
                    format!("{}指向的记录不存在", field.label.zh),
                    format!("{} refers to a record that doesn't exist", field.label.en),
                ));
            }
        }
    }
    Ok(faults)
}

/// Lets references to records that were merged lead to their survivors; whether there were any. For what was written down before the merge
/// and arrives after it.
///
/// # Errors
/// The database's.
pub fn follow(conn: &mut Conn, values: &mut Values, fields: &[Arc<Field>]) -> Result<bool> {
    let mut any = false;
    for field in fields.iter().filter(|field| field.kind == FieldType::Lookup && !field.system) {
        let (Some(target), Some(id)) = (field.target(), values.of(field).as_int()) else { continue };
        if let Some(survivor) = merging::survivor(conn, target, id)? {
            values.set(&field.name, huike_model::Value::Int(survivor));
            any = true;
        }
    }
    Ok(any)
}

/// Which of these records the writer can refer to. Everybody may refer to people and departments; one that was made a moment ago may not
/// be in the snapshot yet.
///
/// # Errors
/// The database's.
pub(crate) fn reachable(conn: &mut Conn, cx: &Cx, target: &str, ids: Vec<i64>) -> Result<HashSet<i64>> {
    let Some(object) = cx.schema.object(target) else { return Ok(HashSet::new()) };
    let (mut found, unknown): (HashSet<i64>, HashSet<i64>) =
        ids.into_iter().partition(|id| stands(cx, target, *id));
    if !unknown.is_empty() {
        let access = match target {
            "user" | "department" => ObjectAccess::of_the_system(object),
            _ => cx.access_or_none(conn, object)?,
        };
        found.extend(existing(conn, cx, &access, unknown.into_iter().collect())?);
    }
    Ok(found)
}

/// Whether a record is known to be there without asking: people and departments are at hand.
pub(crate) fn stands(cx: &Cx, target: &str, id: i64) -> bool {
    match target {
        "user" => id == 0 || cx.org.user(id).is_some(),
        "department" => cx.org.department(id).is_some(),
        _ => false,
    }
}

/// Whether the record itself stands at or above `above`: as its parent that would close a circle.
fn closes_circle(conn: &mut Conn, values: &Values, field: &Field, above: i64) -> Result<bool> {
    let Some(id) = values.int("id") else { return Ok(false) };
    let (table, parent) = (ident(&values.object().name)?, ident(&field.column)?);
    let sql = Sql::with(
        format!(
            "with recursive above(id) as (select cast($1 as bigint) union select t.{parent} from {table} t join above on t.id = above.id \
             where t.{parent} is not null) select 1 from above where id = $2"
        ),
        [above.into(), id.into()],
    )?;
    Ok(conn.query_opt(&sql)?.is_some())
}

fn existing(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, ids: Vec<i64>) -> Result<Vec<i64>> {
    let mut query = RecordQuery::new(access, &cx.schema, &[]);
    query.filter = super::load::by_id(&access.object, &ids);
    query.limit = ids.len() as i64;
    Ok(query.run(conn)?.into_iter().map(|row| row.id).collect())
}
