//! References lead to records that exist and that the writer can see.

use super::values::Values;
use crate::cx::Cx;
use crate::error::Result;
use huike_model::{Fault, Field, Value};
use huike_store::query::RecordQuery;
use huike_store::Conn;
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
        let found: HashSet<i64> = match target {
            "user" => references.iter().map(|(_, id)| *id).filter(|id| *id == 0 || cx.org.user(*id).is_some()).collect(),
            "department" => references.iter().map(|(_, id)| *id).filter(|id| cx.org.department(*id).is_some()).collect(),
            _ => existing(conn, cx, target, references.iter().map(|(_, id)| *id).collect())?,
        };
        for (field, id) in references {
            let own_parent = target == values.object().name && values.get("id") == &Value::Int(id);
            if own_parent {
                faults.push(Fault::new(
                    &field.name,
                    "circular",
                    format!("{}不能是自己", field.label.zh),
                    format!("{} can't be the record itself", field.label.en),
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

fn existing(conn: &mut Conn, cx: &Cx, object: &str, ids: Vec<i64>) -> Result<HashSet<i64>> {
    let Some(target) = cx.schema.object(object) else { return Ok(HashSet::new()) };
    let access = cx.access_or_none(conn, target)?;
    let mut query = RecordQuery::new(&access, &cx.schema, &[]);
    query.filter = super::load::by_id(target, &ids);
    query.limit = ids.len() as i64;
    Ok(query.run(conn)?.into_iter().map(|row| row.id).collect())
}
