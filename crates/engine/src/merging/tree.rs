//! A merge must not bend a hierarchy into a circle: the loser may stand above the winner, or a subsidiary of one above the other.

use super::request::Party;
use super::survive::Surviving;
use crate::error::Result;
use huike_model::kinds::FieldType;
use huike_model::{Fault, Field, Value};
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use std::collections::BTreeSet;

/// Gives every lookup of an object to its own kind a value above which none of the party stands. Where the one chosen by the rules won't do,
/// the next record's does, or none.
///
/// # Errors
/// The database's. The faults are those of values chosen by hand.
pub(super) fn untangle(conn: &mut Conn, party: &Party, chosen: &mut [Surviving]) -> Result<Vec<Fault>> {
    let object = party.winner.values.object().clone();
    let trees = object.fields().filter(|field| {
        field.kind == FieldType::Lookup && field.reference.as_deref() == Some(&object.name) && !field.system
    });
    let mut faults = Vec::new();
    for field in trees {
        let Some(place) = chosen.iter().position(|each| each.field.name == field.name) else { continue };
        let (value, from, by_hand) =
            (chosen[place].value.clone(), chosen[place].from, chosen[place].by_hand());
        if value.is_null() {
            continue;
        }
        let others = party.everybody().map(|record| (record.values.of(field).clone(), Some(record.id)));
        let mut found = (Value::Null, None);
        for (candidate, source) in std::iter::once((value.clone(), from)).chain(others) {
            let above = outside(party, field, candidate.as_int());
            if let Some(above) = above
                && stands_clear(conn, party, field, above)?
            {
                found = (Value::Int(above), source);
                break;
            }
        }
        if found.0 == value {
            continue;
        }
        if by_hand {
            faults.push(Fault::new(
                format!("fields.{}", field.name),
                "circular",
                format!("{}不能是参与合并的记录，也不能是它们的下级", field.label.zh),
                format!("{} can't be one of the merged records or one below them", field.label.en),
            ));
            continue;
        }
        take_together(party, field, found, chosen);
    }
    Ok(faults)
}

/// The first record above that is not one of the party.
fn outside(party: &Party, field: &Field, start: Option<i64>) -> Option<i64> {
    let mut seen = BTreeSet::new();
    let mut at = start;
    while let Some(id) = at {
        let Some(member) = party.everybody().find(|record| record.id == id) else { return Some(id) };
        if !seen.insert(id) {
            return None;
        }
        at = member.values.of(field).as_int();
    }
    None
}

/// Whether none of the party stands above this record.
fn stands_clear(conn: &mut Conn, party: &Party, field: &Field, start: i64) -> Result<bool> {
    let (table, parent) = (ident(&party.winner.values.object().name)?, ident(&field.column)?);
    let mut sql = Sql::raw("with recursive above(id) as (select cast(");
    sql.bind(start).push(&format!(
        " as bigint) union select t.{parent} from {table} t join above on t.id = above.id where t.{parent} is not null) \
         select 1 from above where "
    ));
    sql.push_in("id", party.everybody().map(|record| record.id)).push(" limit 1");
    Ok(conn.query_opt(&sql)?.is_none())
}

/// Sets the value, and the fields that mean something only with it, from the same record.
fn take_together(
    party: &Party,
    field: &Field,
    (value, from): (Value, Option<i64>),
    chosen: &mut [Surviving],
) {
    let object = party.winner.values.object();
    let group = object.merge.together.iter().find(|group| group.contains(&field.name));
    let source = party.everybody().find(|record| Some(record.id) == from);
    for each in chosen.iter_mut().filter(|each| !each.by_hand()) {
        if each.field.name == field.name {
            each.value = value.clone();
        } else if group.is_some_and(|group| group.contains(&each.field.name)) {
            each.value = source.map(|record| record.values.of(&each.field).clone()).unwrap_or_default();
        } else {
            continue;
        }
        each.from = from;
    }
}
