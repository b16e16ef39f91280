//! The records whose figures follow from others: a written order changes its customer without a row of the customer's in the log.

use super::standard::CUSTOMER;
use crate::cx::Cx;
use crate::error::Result;
use crate::records::rollups::MAX_HEIGHT;
use huike_model::{Field, Schema};
use huike_store::{Conn, Sql};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Ids by object.
pub type Records = BTreeMap<String, BTreeSet<i64>>;

/// The parents that a row of the log names: one that a record was moved away from is named nowhere else any more.
pub fn named(schema: &Schema, object: &str, text: &str, found: &mut Records) {
    let ways = ways_up(schema, object);
    if ways.is_empty() {
        return;
    }
    let members: Json = serde_json::from_str(text).unwrap_or_default();
    for (via, parent) in ways {
        if let Some(id) = members[&via.name].as_i64() {
            found.entry(parent.to_owned()).or_default().insert(id);
        }
    }
}

/// These records and those above them, as high as figures are carried up.
///
/// # Errors
/// The database's.
pub fn with_parents(conn: &mut Conn, cx: &Cx, records: &Records) -> Result<Records> {
    let mut all = records.clone();
    let mut front = records.clone();
    for _ in 0..MAX_HEIGHT {
        let mut next = Records::new();
        for (object, ids) in &front {
            for (via, parent) in ways_up(&cx.schema, object) {
                let mut sql = Sql::raw("select distinct ");
                sql.push_ident(&via.column)?.push(" from ").push_ident(object)?;
                sql.push(" where ").push_ident(&via.column)?;
                sql.push(" is not null and ").push_in("id", ids.iter().copied());
                for row in conn.query(&sql)? {
                    let id = row.int(0)?;
                    if all.entry(parent.to_owned()).or_default().insert(id) {
                        next.entry(parent.to_owned()).or_default().insert(id);
                    }
                }
            }
        }
        if next.is_empty() {
            break;
        }
        front = next;
    }
    Ok(all)
}

/// The lookups through which an object's records feed others, each with the object that it leads to; whatever is about a customer feeds it.
fn ways_up<'a>(schema: &'a Schema, object: &str) -> Vec<(&'a Arc<Field>, &'a str)> {
    let links = schema.rollups_from(object).iter().map(|link| (&link.rollup.via, link.parent.as_str()));
    let about = schema.object(object).and_then(|object| object.field(CUSTOMER));
    let about = about.filter(|field| field.target() == Some(CUSTOMER)).map(|field| (field, CUSTOMER));
    let mut ways: Vec<_> = links.chain(about).collect();
    ways.sort_by(|one, other| (&one.0.name, one.1).cmp(&(&other.0.name, other.1)));
    ways.dedup_by(|one, other| (&one.0.name, one.1) == (&other.0.name, other.1));
    ways
}
