//! Asking the index: as far as the caller reaches, in what they may read.
//!
//! The index proposes records; what is answered is fetched through the caller's own access and looked at again in the fields they may
//! read. So nothing that they may not read can be noticed by searching for it.

use super::index::{department_token, field_tokens, owner_token, sealed_tail_token};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::keys::TAIL;
use crate::records::load::{self, Record};
use crate::shown::brief;
use huike_matching::search::{Conjunction, Query, QueryTerm, Ranker, Token, matches, to_fts5, to_tsquery};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::schema::Layer;
use huike_model::{Field, Id, Object, Value};
use huike_store::query::{Deleted, RecordQuery};
use huike_store::{Conn, Dialect, Newest, Sql};
use serde_json::{Value as Json, json};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

const MAX_LIMIT: usize = 50;
/// Records of an object that are looked at together at first. Each further round looks at twice as many, for to ask the index anew costs
/// more than what it proposes: twenty rounds of as many took 40 ms with a million customers.
const PROPOSED: i64 = 100;
/// Rounds, and with them the records of one object that are looked at: 3,100.
const ROUNDS: u32 = 5;
/// With more owners and departments than this in reach the index is first asked for all records: many of them are in reach then, and the
/// lists of so many departments are long to go through.
const WIDE: usize = 3;
/// Where the index tells only a part of what is in reach, it is asked for that part to its end, and then for so many of all records: of a
/// colleague's tasks for one's own customer the newest are found. What two rounds after the first look at.
const BESIDE: i64 = (PROPOSED << 1) + (PROPOSED << 2);

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct SearchRequest {
    pub q: String,
    /// Object names; every searchable object when empty.
    pub objects: Vec<String>,
    pub limit: Option<usize>,
}

/// A hit as it is answered.
type Hit = Json;

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
    let ranker = Ranker::new(&request.q);
    let mut hits = run(conn, cx, &accesses, &query.strict(), &ranker, limit)?;
    if hits.len() < limit.min(5) {
        hits = run(conn, cx, &accesses, &query, &ranker, limit)?;
    }
    Ok(json!({"items": hits}))
}

/// The fields of an object that the caller may search in.
fn searchable(access: &ObjectAccess) -> impl Iterator<Item = &Arc<Field>> {
    access.object.fields().filter(|field| field.searchable && access.best(field) >= FieldAccess::Read)
}

/// What is looked for in one object, and how far the index was asked.
struct Sought<'a> {
    access: &'a ObjectAccess,
    query: Query,
    /// As the index is asked.
    asked: Query,
    then: Option<Then>,
    /// Proposals go on below this id; none when there are no more.
    before: Option<i64>,
    /// So many more of them are looked at.
    left: i64,
    /// Proposals in the caller's reach so far.
    reached: usize,
}

/// As the index is asked later, from the newest record on.
enum Then {
    /// For what is in reach, after a first look at all records.
    Narrowed(Query),
    /// For all records, when there are no more of those that it knows to be in reach.
    All(Query),
}

/// A record that the index proposes and the caller reaches, with what its place among the hits follows from.
struct Candidate {
    /// Of what is sought.
    place: usize,
    id: i64,
    rank: u32,
    updated_at: i64,
}

/// The best hits, best first. A record's place follows from its name and its age, so only the best are fetched whole and looked at.
fn run(
    conn: &mut Conn,
    cx: &Cx,
    accesses: &[ObjectAccess],
    query: &Query,
    ranker: &Ranker,
    limit: usize,
) -> Result<Vec<Hit>> {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut sought: Vec<Sought> = Vec::new();
    for (place, access) in accesses.iter().enumerate() {
        let query = with_sealed_tails(cx, access, query);
        let (asked, then, single) = ways(access, &query);
        let before = Some(i64::MAX);
        sought.push(Sought { access, query, asked, then, before, left: i64::MAX, reached: 0 });
        candidates.extend(reached(conn, cx, &mut sought[place], place, &single, ranker)?);
    }
    let mut looked: HashMap<i64, Option<Hit>> = HashMap::new();
    let mut hits: Vec<i64> = Vec::new();
    let mut short = false;
    for round in 0..ROUNDS {
        // What is proposed may be out of the caller's reach, or match in what they may not read.
        let open = |one: &Sought| one.before.is_some() && (short || one.reached < limit);
        let places: Vec<usize> = (0..sought.len()).filter(|place| open(&sought[*place])).collect();
        if places.is_empty() {
            break;
        }
        for (place, ids) in propose(conn, &mut sought, &places, PROPOSED << round)? {
            candidates.extend(reached(conn, cx, &mut sought[place], place, &ids, ranker)?);
        }
        candidates.sort_by_key(|one| (Reverse(one.rank), Reverse(one.updated_at), Reverse(one.id)));
        candidates.dedup_by_key(|one| one.id);
        hits = look(conn, cx, &sought, &candidates, &mut looked, ranker, limit)?;
        short = hits.len() < limit;
    }
    Ok(hits.iter().filter_map(|id| looked.remove(id).flatten()).collect())
}

/// The newest records below an id, at most so many, that the index proposes of each of these, in one statement.
fn propose(
    conn: &mut Conn,
    sought: &mut [Sought],
    places: &[usize],
    most: i64,
) -> Result<Vec<(usize, Vec<i64>)>> {
    let asked: Vec<Newest> = places
        .iter()
        .map(|place| {
            let Sought { access, asked, before, left, .. } = &sought[*place];
            newest(conn, &access.object.name, asked, before.unwrap_or_default(), most.min(*left))
        })
        .collect();
    let mut proposed: Vec<(usize, Vec<i64>)> = places.iter().map(|place| (*place, Vec::new())).collect();
    for (at, id) in conn.search_newest(&asked)? {
        if let Some((_, ids)) = proposed.get_mut(at) {
            ids.push(id);
        }
    }
    for (place, ids) in &proposed {
        let last = ids.iter().min().copied();
        let one = &mut sought[*place];
        let more = last.filter(|_| ids.len() as i64 >= most.min(one.left));
        one.left -= ids.len() as i64;
        // What was seen already counts once.
        (one.before, one.then) = match (more, one.then.take()) {
            (Some(_), Some(Then::Narrowed(query))) => {
                one.asked = query;
                (Some(i64::MAX), None)
            }
            (None, Some(Then::All(query))) => {
                (one.asked, one.left) = (query, BESIDE);
                (Some(i64::MAX), None)
            }
            (more, then) => (more.filter(|_| one.left > 0), then),
        };
    }
    Ok(proposed)
}

/// Those of the proposed records that the caller reaches, ranked by their names alone.
fn reached(
    conn: &mut Conn,
    cx: &Cx,
    sought: &mut Sought,
    place: usize,
    ids: &[i64],
    ranker: &Ranker,
) -> Result<Vec<Candidate>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let access = sought.access;
    let object = &access.object;
    let fields: Vec<Arc<Field>> =
        [Some(&object.name_field), object.field("updated_at")].into_iter().flatten().cloned().collect();
    let mut query = RecordQuery::new(access, &cx.schema, &fields);
    query.filter = load::by_id(object, ids);
    query.limit = ids.len() as i64;
    let rows = query.run(conn)?;
    sought.reached += rows.len();
    let candidate = |record: Record| {
        // A match in another field than the name ranks below every match in the name.
        let rank = if named(access, &record) { ranker.rank(&record.values.title()) } else { 0 };
        let updated_at = record.values.int("updated_at").unwrap_or_default();
        Candidate { place, id: record.id, rank: rank.max(50) + weight(object), updated_at }
    };
    Ok(load::records(conn, cx, object, &fields, rows)?.into_iter().map(candidate).collect())
}

/// Looks at the best candidates until enough of them match in what the caller may read: these, best first.
fn look(
    conn: &mut Conn,
    cx: &Cx,
    sought: &[Sought],
    candidates: &[Candidate],
    looked: &mut HashMap<i64, Option<Hit>>,
    ranker: &Ranker,
    limit: usize,
) -> Result<Vec<i64>> {
    let mut hits = Vec::new();
    for chunk in candidates.chunks(limit) {
        for (place, Sought { access, query, .. }) in sought.iter().enumerate() {
            let new = |one: &&Candidate| one.place == place && !looked.contains_key(&one.id);
            let ids: Vec<i64> = chunk.iter().filter(new).map(|one| one.id).collect();
            if !ids.is_empty() {
                let records = load::find_many(conn, cx, access, &ids, Deleted::Live)?;
                looked.extend(ids.iter().map(|id| (*id, None)));
                looked
                    .extend(records.iter().map(|record| (record.id, hit(cx, access, record, query, ranker))));
            }
        }
        hits.extend(chunk.iter().map(|one| one.id).filter(|id| looked.get(id).is_some_and(Option::is_some)));
        if hits.len() >= limit {
            hits.truncate(limit);
            break;
        }
    }
    Ok(hits)
}

/// Whether the name is searched in and the caller may read it.
fn named(access: &ObjectAccess, record: &Record) -> bool {
    let name = &access.object.name_field;
    name.searchable && access.on_row(name, &record.reached) >= FieldAccess::Read
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
                    let token = Token::exact(sealed_tail_token(&tail));
                    term.alternatives.push(Conjunction { tokens: vec![token], typo: false });
                }
            }
        }
        term
    };
    Query { terms: query.terms.iter().map(widen).collect() }
}

/// How the index is asked: with the owner or departments added when the caller's scope is just these, or begins with them, so that the index
/// itself narrows. With it come single records that are in reach beside those, which are looked at one by one.
fn ways(access: &ObjectAccess, query: &Query) -> (Query, Option<Then>, Vec<i64>) {
    let one = |token: String| Conjunction { tokens: vec![Token::exact(token)], typo: false };
    let Some(Told { tokens, single, whole }) = told(access) else { return (query.clone(), None, Vec::new()) };
    let mut narrowed = query.clone();
    let many = tokens.len() > WIDE;
    let alternatives = tokens.into_iter().map(one).collect();
    narrowed.terms.push(QueryTerm { text: String::new(), alternatives });
    match (whole, many) {
        (true, false) => (narrowed, None, single),
        (true, true) => (query.clone(), Some(Then::Narrowed(narrowed)), single),
        (false, false) => (narrowed, Some(Then::All(query.clone())), single),
        (false, true) => (query.clone(), None, single),
    }
}

/// What the index knows of a caller's scope.
#[derive(Default)]
struct Told {
    /// Of which the records carry one.
    tokens: Vec<String>,
    /// Records that are in reach without.
    single: Vec<i64>,
    /// Whether nothing else is in reach.
    whole: bool,
}

/// None when the index can't tell any part of the scope.
fn told(access: &ObjectAccess) -> Option<Told> {
    use huike_model::filter::{Resolved, Test};
    fn collect(scope: &Resolved, told: &mut Told) -> Option<()> {
        match scope {
            Resolved::Any(parts) => {
                for part in parts {
                    if collect(part, told).is_none() {
                        told.whole = false;
                    }
                }
                Some(())
            }
            Resolved::Leaf(leaf) if leaf.path.hops.is_empty() => {
                let values: Vec<&Value> = match &leaf.test {
                    Test::Equal(value) => vec![value],
                    Test::OneOf(values) => values.iter().collect(),
                    _ => return None,
                };
                for id in values.into_iter().filter_map(Value::as_int) {
                    match leaf.path.field.name.as_str() {
                        "owner" => told.tokens.push(owner_token(id)?),
                        "department" => told.tokens.push(department_token(id)?),
                        "id" => told.single.push(id),
                        _ => return None,
                    }
                }
                Some(())
            }
            _ => None,
        }
    }
    let mut told = Told { whole: true, ..Told::default() };
    collect(&access.read_scope(), &mut told)?;
    let Told { tokens, single, .. } = &told;
    (!tokens.is_empty() && tokens.len() <= 100 && single.len() <= 500).then_some(told)
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
    let named = named(access, record);
    let title = if named { record.values.title() } else { String::new() };
    let elsewhere = tokens
        .iter()
        .filter(|(field, _)| field.name != object.name_field.name)
        .find(|(_, tokens)| matches(tokens, query))
        .map(|(field, _)| *field)
        .filter(|_| ranker.rank(&title) == 0);
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
    Some(body)
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
                _ => brief(value, field, &cx.moment),
            }
        },
    );
    parts.take(3).collect::<Vec<_>>().join(" · ")
}

/// What one object's index is asked.
fn newest<'a>(conn: &Conn, object: &'a str, query: &Query, before: i64, limit: i64) -> Newest<'a> {
    let query = match conn.dialect() {
        Dialect::Sqlite => to_fts5(query),
        Dialect::Postgres => to_tsquery(query),
    };
    Newest { object, query, before, limit }
}

/// The statement that asks one object's index, for looking at its plan.
///
/// # Errors
/// Only the database's.
pub fn statement(conn: &mut Conn, object: &str, q: &str) -> Result<Sql> {
    let asked = newest(conn, object, &Query::parse(q).strict(), i64::MAX, PROPOSED);
    Ok(conn.newest_statement(&[asked])?)
}
