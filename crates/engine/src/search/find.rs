//! Asking the index: as far as the caller reaches, in what they may read.
//!
//! The index proposes records; what is answered is fetched through the caller's own access and looked at again in the fields they may
//! read. So nothing that they may not read can be noticed by searching for it.

use super::index::{department_token, field_tokens, object_token, owner_token, sealed_tail_token};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::keys::TAIL;
use crate::records::load::{self, Record};
use huike_matching::search::{Conjunction, Query, QueryTerm, Ranker, Token, matches, to_fts5, to_tsquery};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::schema::Layer;
use huike_model::{Field, Id, Object, Value};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql, StoreError};
use serde_json::{Value as Json, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

const MAX_LIMIT: usize = 50;
/// Records looked at together, and how often at most for one object.
const PROPOSED: i64 = 200;
const ROUNDS: usize = 10;

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct SearchRequest {
    pub q: String,
    /// Object names; every searchable object when empty.
    pub objects: Vec<String>,
    pub limit: Option<usize>,
}

struct Hit {
    rank: u32,
    updated_at: i64,
    body: Json,
}

impl Engine {
    /// The best matches across objects, best first.
    ///
    /// # Errors
    /// Only the database's: an unknown object or an empty query finds nothing.
    pub async fn search(&self, cx: Cx, request: SearchRequest) -> Result<Json> {
        self.read(move |conn| search(conn, &cx, &request)).await
    }
}

fn search(conn: &mut Conn, cx: &Cx, request: &SearchRequest) -> Result<Json> {
    let limit = request.limit.unwrap_or(20).clamp(1, MAX_LIMIT);
    let query = Query::parse(&request.q);
    let mut accesses: Vec<ObjectAccess> = Vec::new();
    for object in cx.schema.objects().filter(|object| object.search) {
        if request.objects.is_empty() || request.objects.contains(&object.name) {
            let access = cx.access_or_none(conn, object)?;
            if access.reads_anything() && searchable(&access).next().is_some() {
                accesses.push(access);
            }
        }
    }
    if query.is_empty() || accesses.is_empty() {
        return Ok(json!({"items": []}));
    }
    // Typing errors are assumed only when the words as typed find too little.
    let mut hits = run(conn, cx, &accesses, &query.strict(), request, limit)?;
    if hits.len() < limit.min(5) {
        hits = run(conn, cx, &accesses, &query, request, limit)?;
    }
    hits.sort_by_key(|hit| (std::cmp::Reverse(hit.rank), std::cmp::Reverse(hit.updated_at)));
    hits.truncate(limit);
    Ok(json!({"items": hits.into_iter().map(|hit| hit.body).collect::<Vec<_>>()}))
}

/// The fields of an object that the caller may search in.
fn searchable(access: &ObjectAccess) -> impl Iterator<Item = &Arc<Field>> {
    access.object.fields().filter(|field| field.searchable && access.best(field) >= FieldAccess::Read)
}

fn run(
    conn: &mut Conn,
    cx: &Cx,
    accesses: &[ObjectAccess],
    query: &Query,
    request: &SearchRequest,
    limit: usize,
) -> Result<Vec<Hit>> {
    let ranker = Ranker::new(&request.q);
    let mut hits = Vec::new();
    for access in accesses {
        let widened = with_sealed_tails(cx, access, query);
        let (narrowed, single) = narrow(access, widened.clone());
        let mut found: HashMap<i64, Hit> = HashMap::new();
        let mut look = |conn: &mut Conn, ids: &[i64]| -> Result<usize> {
            let records = load::find_many(conn, cx, access, ids, Deleted::Live)?;
            let hits = records.iter().filter_map(|record| Some((record.id, hit(cx, access, record, &widened, &ranker)?)));
            found.extend(hits);
            Ok(found.len())
        };
        if !single.is_empty() {
            look(conn, &single)?;
        }
        // What is proposed may be out of the caller's reach, or match in what they may not read.
        let mut before = i64::MAX;
        for _ in 0..ROUNDS {
            let ids = propose(conn, &narrowed, before)?;
            let Some(last) = ids.last() else { break };
            if look(conn, &ids)? >= limit || (ids.len() as i64) < PROPOSED {
                break;
            }
            before = *last;
        }
        hits.extend(found.into_values());
    }
    Ok(hits)
}

/// Lets a term of digits also find the sealed numbers that end in it.
fn with_sealed_tails(cx: &Cx, access: &ObjectAccess, query: &Query) -> Query {
    let sealed: Vec<&Arc<Field>> = searchable(access).filter(|field| field.encrypted).collect();
    let widen = |term: &QueryTerm| {
        let mut term = term.clone();
        let digits: String = term.text.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= TAIL && digits.len() == term.text.chars().count() {
            for field in &sealed {
                if let Some(tail) = cx.keys().tail(&access.object.name, field, &digits) {
                    let token = Token { text: sealed_tail_token(&tail), prefix: false };
                    term.alternatives.push(Conjunction { tokens: vec![token], typo: false });
                }
            }
        }
        term
    };
    Query { terms: query.terms.iter().map(widen).collect() }
}

/// Adds the object, and the owner or departments when the caller's scope is just these: the index itself then narrows.
/// With it come single records that are in reach beside those: they are looked at one by one.
fn narrow(access: &ObjectAccess, mut query: Query) -> (Query, Vec<i64>) {
    let one = |token: String| Conjunction { tokens: vec![Token { text: token, prefix: false }], typo: false };
    let mut require = |tokens: Vec<String>| {
        query
            .terms
            .push(QueryTerm { text: String::new(), alternatives: tokens.into_iter().map(one).collect() });
    };
    require(vec![object_token(&access.object.name)]);
    match scope_tokens(access) {
        Some((tokens, single)) => {
            require(tokens);
            (query, single)
        }
        None => (query, Vec::new()),
    }
}

/// The tokens one of which the records in reach carry, and the records that are in reach without; none when the scope can't be said so.
fn scope_tokens(access: &ObjectAccess) -> Option<(Vec<String>, Vec<i64>)> {
    use huike_model::filter::{Resolved, Test};
    fn collect(scope: &Resolved, tokens: &mut Vec<String>, single: &mut Vec<i64>) -> Option<()> {
        match scope {
            Resolved::Any(parts) => parts.iter().try_for_each(|part| collect(part, tokens, single)),
            Resolved::Leaf(leaf) if leaf.path.hops.is_empty() => {
                let values: Vec<&Value> = match &leaf.test {
                    Test::Equal(value) => vec![value],
                    Test::OneOf(values) => values.iter().collect(),
                    _ => return None,
                };
                for id in values.into_iter().filter_map(Value::as_int) {
                    match leaf.path.field.name.as_str() {
                        "owner" => tokens.push(owner_token(id)?),
                        "department" => tokens.push(department_token(id)?),
                        "id" => single.push(id),
                        _ => return None,
                    }
                }
                Some(())
            }
            _ => None,
        }
    }
    let (mut tokens, mut single) = (Vec::new(), Vec::new());
    collect(&access.read_scope(), &mut tokens, &mut single)?;
    (!tokens.is_empty() && tokens.len() <= 100 && single.len() <= 500).then_some((tokens, single))
}

/// The newest records below an id that the index proposes, newest first.
fn propose(conn: &mut Conn, query: &Query, before: i64) -> Result<Vec<i64>> {
    let sql = conn.dialect().search_newest(&to_fts5(query), &to_tsquery(query), before, PROPOSED)?;
    Ok(conn.query_custom_plan(&sql)?.iter().map(|row| row.int(0)).collect::<Result<_, StoreError>>()?)
}

/// A record as a hit, if it matches in what the caller may read of it.
fn hit(cx: &Cx, access: &ObjectAccess, record: &Record, query: &Query, ranker: &Ranker) -> Option<Hit> {
    let object: &Arc<Object> = &access.object;
    let fields: Vec<&Arc<Field>> = object
        .fields()
        .filter(|field| field.searchable && access.on_row(field, &record.reached) >= FieldAccess::Read)
        .collect();
    let asked = |field: &Field| !field.encrypted || ends_as_asked(record.values.of(field), query);
    let tokens: Vec<(&Arc<Field>, HashSet<String>)> = fields
        .iter()
        .filter(|field| asked(field))
        .map(|field| (*field, field_tokens(cx, &record.values, field).into_iter().collect()))
        .collect();
    let all: HashSet<String> = tokens.iter().flat_map(|(_, tokens)| tokens.iter().cloned()).collect();
    if !matches(&all, query) {
        return None;
    }
    let named = fields.iter().any(|field| field.name == object.name_field.name);
    let title = if named { record.values.title() } else { String::new() };
    let rank = ranker.rank(&title);
    let elsewhere = tokens
        .iter()
        .filter(|(field, _)| field.name != object.name_field.name)
        .find(|(_, tokens)| matches(tokens, query))
        .map(|(field, _)| *field)
        .filter(|_| rank == 0);
    let text = elsewhere.map(|field| {
        let value = record.values.of(field);
        field.value_type().kind().display(value, field, &cx.moment)
    });
    let body = json!({
        "object": object.name,
        "id": Id::new(record.id).ok()?.to_string(),
        "title": title,
        "subtitle": subtitle(cx, access, record),
        "matched": elsewhere.map(|field| json!({"field": field.name, "text": text})),
    });
    let updated_at = record.values.int("updated_at").unwrap_or_default();
    // A match in another field than the name ranks below every match in the name.
    Some(Hit { rank: rank.max(50) + weight(object), updated_at, body })
}

/// Of alike matches the customer is meant rather than a note about them: less than a class of [`Ranker`], more than a shorter name.
fn weight(object: &Object) -> u32 {
    match object.layer {
        Layer::Basic => 90,
        Layer::Business => 60,
        Layer::Behaviour | Layer::Analysis | Layer::System => 0,
    }
}

/// Whether a sealed number ends in all the digits that one of the words is: its index knows the last few only.
fn ends_as_asked(value: &Value, query: &Query) -> bool {
    let number = value.as_text().unwrap_or_default().split(';').next().unwrap_or_default();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    query.terms.iter().any(|term| !term.text.is_empty() && digits.ends_with(&term.text))
}

/// What tells records of one name apart: the first card fields that have a value.
fn subtitle(cx: &Cx, access: &ObjectAccess, record: &Record) -> String {
    let object = &access.object;
    let readable = |field: &&Arc<Field>| access.on_row(field, &record.reached) >= FieldAccess::Read;
    let parts = object.layout.card.iter().filter_map(|name| object.field(name)).filter(readable).filter_map(
        |field| {
            let value = record.values.of(field);
            match (value, field.target()) {
                (Value::Null, _) => None,
                (Value::Int(id), Some("user")) => cx.org.user(*id).map(|person| person.name.clone()),
                (_, Some(_)) => None,
                _ => Some(field.value_type().kind().display(value, field, &cx.moment)),
            }
        },
    );
    parts.take(3).collect::<Vec<_>>().join(" · ")
}

/// Any statement that the index answers, for looking at its plan.
///
/// # Errors
/// Only the database's.
pub fn statement(conn: &Conn, q: &str) -> Result<Sql> {
    let query = Query::parse(q).strict();
    Ok(conn.dialect().search_newest(&to_fts5(&query), &to_tsquery(&query), i64::MAX, PROPOSED)?)
}
