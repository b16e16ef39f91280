//! Whether a record is there already: exact keys of normalised values, in an index kept with the record.
//!
//! Which fields make two records the same, and how strongly, stands in the object's definition (`[duplicates]`).

use super::body::Assignment;
use super::load;
use super::render::id_text;
use super::values::Values;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::merging;
use huike_matching::{company, credit_code, person, text};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::schema::{DuplicateKey, Strength};
use huike_model::{Code, Field, Label, Object, Problem, Value};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// What happens when a new record looks like one that is there. `block` is the strictest a caller may ask for; what the definition
/// blocks, nobody allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDuplicate {
    /// Any candidate that blocks or warns refuses the write.
    Block,
    /// A candidate that blocks refuses the write.
    #[default]
    Warn,
    /// As `warn`: kept for callers that have shown the candidates to a person.
    Allow,
}

/// More hits than this make a key worth nothing: a switchboard, a placeholder.
const NOISE: usize = 50;
const MAX_CANDIDATES: usize = 5;

/// A record that may be the same, with why.
struct Candidate {
    id: i64,
    verdict: Strength,
    fields: Vec<String>,
}

impl Engine {
    /// Candidates for a draft, strongest first. What the caller may not see of them stays out: beyond their scope only that there is
    /// one, and whose.
    ///
    /// # Errors
    /// `not_found` for the object.
    pub async fn duplicate_candidates(
        &self,
        cx: Cx,
        object: String,
        fields: Map<String, Json>,
        id: Option<i64>,
    ) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let mut values = Values::new(&object);
            for (name, json) in &fields {
                // Half-typed values are simply not compared yet.
                let field = object.field(name).filter(|field| access.best(field) >= FieldAccess::Read);
                if let Some((field, Ok(parsed))) =
                    field.map(|field| (field, super::body::value(json, field, &cx)))
                {
                    values.set(&field.name, parsed.value);
                }
            }
            let found = candidates(conn, &cx, &values, id)?;
            Ok(json!({"candidates": render(conn, &cx, &access, &found)?}))
        })
        .await
    }
}

/// Refuses a new record that is there already, as strictly as asked for.
///
/// # Errors
/// `duplicate` with the candidates.
pub fn check_new(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    assignments: &[Assignment],
    on: OnDuplicate,
) -> Result<()> {
    if access.object.duplicates.is_empty() {
        return Ok(());
    }
    check_assigned(conn, cx, access, &assigned(&access.object, assignments), on)
}

/// As [`check_new`], of the values that were assigned.
///
/// # Errors
/// As there.
pub(crate) fn check_assigned(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    assigned: &Values,
    on: OnDuplicate,
) -> Result<()> {
    let least = least(on);
    let found: Vec<Candidate> = candidates(conn, cx, assigned, None)?
        .into_iter()
        .filter(|candidate| candidate.verdict >= least)
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    let shown = render(conn, cx, access, &found)?;
    Err(EngineError::from(Problem::new(Code::Duplicate).with("candidates", shown.into())))
}

fn candidates(conn: &mut Conn, cx: &Cx, values: &Values, except: Option<i64>) -> Result<Vec<Candidate>> {
    let object = values.object().clone();
    let keys: Vec<(String, &DuplicateKey)> = object
        .duplicates
        .iter()
        .flat_map(|key| keys_of(cx, values, key).into_iter().map(move |text| (text, key)))
        .collect();
    let mut found: BTreeMap<i64, Candidate> = BTreeMap::new();
    let apart = match except {
        Some(id) => merging::apart_from(conn, &object.name, id)?,
        None => HashSet::new(),
    };
    let texts: Vec<&str> = keys.iter().map(|(text, _)| text.as_str()).collect();
    for ((_, key), ids) in keys.iter().zip(holders(conn, &object.name, &texts)?) {
        for id in ids {
            if Some(id) == except || apart.contains(&id) {
                continue;
            }
            let candidate =
                found.entry(id).or_insert(Candidate { id, verdict: key.strength, fields: Vec::new() });
            candidate.verdict = candidate.verdict.max(key.strength);
            if !candidate.fields.contains(&key.field) {
                candidate.fields.push(key.field.clone());
            }
        }
    }
    let mut found: Vec<Candidate> = found.into_values().collect();
    found.sort_by_key(|candidate| {
        (std::cmp::Reverse(candidate.verdict), std::cmp::Reverse(candidate.fields.len()), candidate.id)
    });
    found.truncate(MAX_CANDIDATES);
    Ok(found)
}

/// The records that have each of these keys; none where there are too many for the key to say anything.
fn holders(conn: &mut Conn, object: &str, keys: &[&str]) -> Result<Vec<Vec<i64>>> {
    let sought = |key: &&str| {
        Sql::with(
            "select record_id from match_key where object = $1 and key = $2 limit $3",
            [object.into(), (*key).into(), (NOISE as i64 + 1).into()],
        )
    };
    let sought = keys.iter().map(sought).collect::<Result<Vec<Sql>, StoreError>>()?;
    let mut holders = Vec::with_capacity(keys.len());
    for rows in conn.query_batch(&sought)? {
        let rows = if rows.len() > NOISE { &[][..] } else { &rows };
        holders.push(rows.iter().map(|row| row.int(0)).collect::<Result<Vec<i64>, StoreError>>()?);
    }
    Ok(holders)
}

/// Those of these keys that records have; not those that too many have.
///
/// # Errors
/// The database's.
pub(crate) fn known(conn: &mut Conn, object: &str, keys: &[&str]) -> Result<HashSet<String>> {
    /// Keys asked for at once.
    const AT_ONCE: usize = 500;
    let mut known = HashSet::new();
    for keys in keys.chunks(AT_ONCE) {
        let held = keys.iter().zip(holders(conn, object, keys)?).filter(|(_, ids)| !ids.is_empty());
        known.extend(held.map(|(key, _)| (*key).to_owned()));
    }
    Ok(known)
}

/// The keys of a record.
///
/// # Errors
/// The database's.
pub(crate) fn kept(conn: &mut Conn, record: i64) -> Result<Vec<String>> {
    let sql = Sql::with("select key from match_key where record_id = $1", [record.into()])?;
    conn.query(&sql)?.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

/// The keys of a new record, by what was assigned to it, at which another one stops it.
pub(crate) fn stopping(cx: &Cx, assigned: &Values, on: OnDuplicate) -> Vec<String> {
    let least = least(on);
    let keys = assigned.object().duplicates.iter().filter(|key| key.strength >= least);
    keys.flat_map(|key| keys_of(cx, assigned, key)).collect()
}

/// The values that were assigned to a record.
pub(crate) fn assigned(object: &Arc<Object>, assignments: &[Assignment]) -> Values {
    let mut values = Values::new(object);
    for assignment in assignments {
        values.set(&assignment.field.name, assignment.parsed.value.clone());
    }
    values
}

/// How strongly a candidate must look the same to refuse a write.
fn least(on: OnDuplicate) -> Strength {
    if on == OnDuplicate::Block { Strength::Warn } else { Strength::Block }
}

fn render(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, found: &[Candidate]) -> Result<Vec<Json>> {
    let ids: Vec<i64> = found.iter().map(|candidate| candidate.id).collect();
    let everything = ObjectAccess::of_the_system(&access.object);
    let all = load::find_many(conn, cx, &everything, &ids, Deleted::Live)?;
    let mine = load::find_many(conn, cx, access, &ids, Deleted::Live)?;
    let mut shown = Vec::new();
    for candidate in found {
        let Some(record) = all.iter().find(|record| record.id == candidate.id) else { continue };
        let visible = mine.iter().find(|record| record.id == candidate.id);
        let may = |field: &Field| {
            visible.map_or(FieldAccess::Hidden, |record| access.on_row(field, &record.reached))
        };
        let owner =
            record.values.int("owner").and_then(|owner| cx.org.user(owner)).map(|owner| owner.name.clone());
        let name = (may(&access.object.name_field) >= FieldAccess::Read).then(|| record.values.title());
        let reasons: Vec<Json> = candidate
            .fields
            .iter()
            .filter_map(|name| access.object.field(name))
            .filter(|field| access.best(field) >= FieldAccess::Read)
            .map(|field| json!({"field": field.name, "text": same(field).get(cx.lang())}))
            .collect();
        shown.push(json!({
            "id": visible.map(|_| id_text(candidate.id)),
            "name": name,
            "owner": owner,
            "verdict": candidate.verdict,
            "reasons": reasons,
            "readable": visible.is_some(),
        }));
    }
    Ok(shown)
}

fn same(field: &Field) -> Label {
    Label::new(format!("{}相同", field.label.zh), format!("Same {}", field.label.en.to_lowercase()))
}

/// Keeps the keys of a record as its values are now.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, cx: &Cx, before: Option<&Values>, values: &Values) -> Result<()> {
    let object = values.object().clone();
    let Some(id) = values.int("id").filter(|_| !object.duplicates.is_empty()) else { return Ok(()) };
    let (old, new) = (before.map(|before| keys(cx, before)).unwrap_or_default(), keys(cx, values));
    if old == new {
        return Ok(());
    }
    if !old.is_empty() {
        remove(conn, id)?;
    }
    let insert = |key: String| {
        Sql::with(
            "insert into match_key (object, key, record_id) values ($1, $2, $3) on conflict (object, key, record_id) do nothing",
            [object.name.as_str().into(), key.into(), id.into()],
        )
    };
    conn.batch(&new.into_iter().map(insert).collect::<Result<Vec<Sql>, StoreError>>()?)?;
    Ok(())
}

/// Every key of a record.
pub(crate) fn keys(cx: &Cx, values: &Values) -> Vec<String> {
    values.object().duplicates.iter().flat_map(|key| keys_of(cx, values, key)).collect()
}

/// Forgets the keys of a record that is gone.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, id: i64) -> Result<()> {
    conn.execute(&Sql::with("delete from match_key where record_id = $1", [id.into()])?)?;
    Ok(())
}

/// The keys that a field's value gives: normalised, and blind where the value is sealed.
fn keys_of(cx: &Cx, values: &Values, key: &DuplicateKey) -> Vec<String> {
    let Some(field) = values.object().field(&key.field) else { return Vec::new() };
    let Value::Text(value) = values.of(field) else { return Vec::new() };
    let normal: Vec<String> = match key.kind.as_str() {
        "company" => vec![company::parse(value).key()],
        "person" => vec![text::fold(&person::parse(value).name)],
        "phone" => vec![value.split(';').next().unwrap_or_default().to_owned()],
        "email" => vec![text::fold(value)],
        "credit_code" => vec![credit_code::organisation_key(value).unwrap_or_else(|| value.clone())],
        _ => vec![text::fold(value)],
    };
    let normal = normal.into_iter().filter(|normal| !normal.is_empty());
    let blind = |normal: String| {
        if field.encrypted { cx.keys().blind(&values.object().name, field, &normal) } else { normal }
    };
    normal.map(|normal| format!("{}:{}", key.kind, blind(normal))).collect()
}
