//! A page of a list.

use super::get::references;
use super::load::{self, Record};
use super::render::{Names, Rendering};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::{Catalog, Filter, Path, Resolved, ResolvedLeaf, Test};
use huike_model::{Code, Fault, Field, Id, Object, Problem, Value};
use huike_store::Conn;
use huike_store::query::{Deleted, Mark, Order, RecordQuery};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

pub const DEFAULT_LIMIT: i64 = 50;
pub const MAX_LIMIT: i64 = 200;
const MAX_SORT_KEYS: usize = 3;

/// How a list is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Count {
    Exact,
    Estimate,
}

/// What a caller asks of a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListRequest {
    pub filter: Option<Json>,
    /// Field names, `-` before one means descending.
    pub sort: Vec<String>,
    pub fields: Vec<String>,
    pub expand: Vec<String>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
    pub count: Option<Count>,
    /// `"only"`: the recycle bin.
    pub deleted: Option<String>,
}

impl Engine {
    /// The next page of a list, as far as the caller reaches.
    ///
    /// # Errors
    /// `not_found` for the object, `bad_filter`, `bad_cursor`, `invalid` for unknown fields: each with every fault.
    pub async fn list_records(&self, cx: Cx, object: String, request: ListRequest) -> Result<Json> {
        let engine = self.clone();
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            list(conn, &engine, &cx, &access, &request)
        })
        .await
    }
}

/// A checked request.
pub struct Plan {
    pub fields: Vec<Arc<Field>>,
    pub expand: BTreeSet<String>,
    pub filter: Resolved,
    pub order: Vec<Order>,
    pub after: Option<Mark>,
    pub limit: i64,
    pub deleted: Deleted,
}

/// As [`Engine::list_records`], inside a read.
///
/// # Errors
/// As there.
pub fn list(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    request: &ListRequest,
) -> Result<Json> {
    if !access.reads_anything() {
        // Whoever may only make records knows that the object is there.
        return Err(Code::Forbidden.into());
    }
    let plan = plan(cx, access, request)?;
    let mut query = RecordQuery::new(access, &cx.schema, &plan.fields);
    query.filter = plan.filter.clone();
    query.order = plan.order.clone();
    query.after = plan.after.clone();
    query.deleted = plan.deleted;
    // One more tells whether there is a next page.
    query.limit = plan.limit + 1;
    let mut rows = query.run(conn)?;
    let more = rows.len() as i64 > plan.limit;
    rows.truncate(plan.limit as usize);
    let mark = rows.last().filter(|_| more).map(|last| Mark { values: last.order.clone(), id: last.id });
    let records = load::records(conn, cx, &access.object, &plan.fields, rows)?;
    engine.reads().note(cx, access, &plan.fields, records.iter());
    let items = render(conn, cx, access, &plan, &records)?;
    let next = mark.map(|mark| cursor_text(&mark, &plan.order, &access.object));
    let mut answer = json!({"items": items, "next_cursor": next});
    if let Some(count) = request.count {
        let (count, exact) = counted(conn, &query, count)?;
        answer["count"] = count.into();
        answer["count_exact"] = exact.into();
    }
    Ok(answer)
}

fn render(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    plan: &Plan,
    records: &[Record],
) -> Result<Vec<Json>> {
    let expanded: Vec<Arc<Field>> =
        plan.fields.iter().filter(|field| plan.expand.contains(&field.name)).cloned().collect();
    let names = Names::of(conn, cx, &expanded, records.iter())?;
    let rendering = Rendering { access, fields: &plan.fields, expand: &plan.expand, names: &names };
    Ok(records.iter().map(|record| rendering.record(record)).collect())
}

/// An estimate is exact up to a thousand.
fn counted(conn: &mut Conn, query: &RecordQuery, count: Count) -> Result<(i64, bool)> {
    const EXACT_UP_TO: i64 = 1_000;
    if count == Count::Exact {
        return Ok((query.count(conn, None)?, true));
    }
    let few = query.count(conn, Some(EXACT_UP_TO + 1))?;
    if few <= EXACT_UP_TO {
        return Ok((few, true));
    }
    let unfiltered = query.filter.is_everything() && query.access.read_scope().is_everything();
    let known = if unfiltered { conn.estimated_count(&query.access.object.name)? } else { None };
    Ok((known.unwrap_or(few).max(few), false))
}

/// Checks a request against the dictionary and the caller's rights.
///
/// # Errors
/// As [`Engine::list_records`].
pub fn plan(cx: &Cx, access: &ObjectAccess, request: &ListRequest) -> Result<Plan> {
    let object = &access.object;
    let limit = request.limit.unwrap_or(DEFAULT_LIMIT);
    let mut faults = Vec::new();
    if !(1..=MAX_LIMIT).contains(&limit) {
        faults.push(Fault::new(
            "limit",
            "range",
            format!("每页条数应在 1 到 {MAX_LIMIT} 之间"),
            format!("The page size must be between 1 and {MAX_LIMIT}"),
        ));
    }
    let deleted = match request.deleted.as_deref() {
        None => Deleted::Live,
        Some("only") => Deleted::Only,
        Some(_) => {
            faults.push(Fault::new("deleted", "unknown", "deleted 只能是 only", "deleted can only be only"));
            Deleted::Live
        }
    };
    let fields = selected(access, &request.fields, &mut faults);
    let order = order(access, &request.sort, &mut faults);
    let expand = match references(access, &request.expand) {
        Ok(expand) => expand,
        Err(crate::EngineError::Problem(problem)) => {
            faults.extend(problem.faults);
            BTreeSet::new()
        }
        Err(other) => return Err(other),
    };
    let filter = match &request.filter {
        Some(json) => self::filter(cx, access, json)?,
        None => Resolved::everything(),
    };
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let after = request.cursor.as_deref().map(|text| cursor(text, &order, object)).transpose()?;
    Ok(Plan { fields, expand, filter, order, after, limit, deleted })
}

fn readable_somewhere(access: &ObjectAccess, field: &Field) -> bool {
    access.best(field) >= FieldAccess::Masked
}

fn selected(access: &ObjectAccess, names: &[String], faults: &mut Vec<Fault>) -> Vec<Arc<Field>> {
    if names.is_empty() {
        return access.object.fields().filter(|field| readable_somewhere(access, field)).cloned().collect();
    }
    let mut fields: Vec<Arc<Field>> = Vec::new();
    for name in names {
        match access.object.field(name).filter(|field| readable_somewhere(access, field)) {
            Some(field) if fields.iter().any(|known| known.name == field.name) => {}
            Some(field) => fields.push(field.clone()),
            None => faults.push(Fault::unknown_field(name)),
        }
    }
    fields
}

/// The sort keys. A field that isn't readable on every record in reach can't be sorted by: its order would tell its values.
fn order(access: &ObjectAccess, sort: &[String], faults: &mut Vec<Fault>) -> Vec<Order> {
    let mut order = Vec::new();
    let default = ["-updated_at".to_owned()];
    for key in if sort.is_empty() { &default } else { sort } {
        let (name, descending) = key.strip_prefix('-').map_or((key.as_str(), false), |name| (name, true));
        let Some(field) = access.object.field(name).filter(|field| readable_somewhere(access, field)) else {
            faults.push(Fault::unknown_field(name));
            continue;
        };
        let everywhere = matches!(access.reach(field, FieldAccess::Read), FieldReach::Everywhere);
        if !field.sortable() || !everywhere {
            faults.push(Fault::new(
                name,
                "not_sortable",
                format!("不能按{}排序", field.label.zh),
                format!("{} can't be sorted by", field.label.en),
            ));
            continue;
        }
        if order.iter().all(|known: &Order| known.field.name != field.name) {
            order.push(Order { field: field.clone(), descending });
        }
    }
    if order.len() > MAX_SORT_KEYS {
        faults.push(Fault::new(
            "sort",
            "too_many",
            "最多按 3 个字段排序",
            "At most 3 fields can be sorted by",
        ));
    }
    order
}

/// Reads a filter of the caller's and bounds each condition to the records whose field the caller may read, so that what passes tells
/// nothing else.
///
/// # Errors
/// `bad_filter` with every fault; a condition on a field that may nowhere be read is an unknown field.
pub fn filter(cx: &Cx, access: &ObjectAccess, json: &Json) -> Result<Resolved> {
    let checked = Filter::check_at(json, &access.object.name, &Readable { cx, access }, &cx.moment);
    let bad = |faults| Problem::new(Code::BadFilter).with_faults(faults);
    let checked = checked.map_err(bad)?;
    let mut faults = Vec::new();
    let resolved = bounded(cx, access, checked.resolve(&cx.moment, cx), &mut faults);
    if faults.is_empty() { Ok(resolved) } else { Err(bad(faults).into()) }
}

fn bounded(cx: &Cx, access: &ObjectAccess, filter: Resolved, faults: &mut Vec<Fault>) -> Resolved {
    match filter {
        Resolved::All(parts) => {
            Resolved::All(parts.into_iter().map(|part| bounded(cx, access, part, faults)).collect())
        }
        Resolved::Any(parts) => {
            Resolved::Any(parts.into_iter().map(|part| bounded(cx, access, part, faults)).collect())
        }
        Resolved::Not(part) => Resolved::Not(Box::new(bounded(cx, access, *part, faults))),
        Resolved::Leaf(leaf) => bounded_leaf(cx, access, leaf, faults),
    }
}

fn bounded_leaf(cx: &Cx, access: &ObjectAccess, leaf: ResolvedLeaf, faults: &mut Vec<Fault>) -> Resolved {
    let first = leaf.path.hops.first().map_or(&leaf.path.field, |hop| &hop.field);
    let own = access.reach(first, FieldAccess::Read);
    if matches!(own, FieldReach::Nowhere) || !readable_behind(cx, &leaf.path) {
        faults.push(Fault::unknown_field(&path_text(&leaf.path)));
        return Resolved::nothing();
    }
    match (own, &leaf.test) {
        // What may not be read is as if it were empty.
        (FieldReach::Where(reach), Test::Empty) => {
            Resolved::Any(vec![reach.complement(), Resolved::Leaf(leaf)])
        }
        (FieldReach::Where(reach), _) => Resolved::All(vec![reach, Resolved::Leaf(leaf)]),
        _ => Resolved::Leaf(leaf),
    }
}

/// The dictionary without the fields that the caller may nowhere read: a fault must not tell them from names that don't exist.
struct Readable<'a> {
    cx: &'a Cx,
    access: &'a ObjectAccess,
}

impl Catalog for Readable<'_> {
    fn field(&self, object: &str, name: &str) -> Option<&Arc<Field>> {
        let own = object == self.access.object.name;
        let known = |field: &&Arc<Field>| match own {
            true => !matches!(self.access.reach(field, FieldAccess::Read), FieldReach::Nowhere),
            false => self.cx.is_system() || self.cx.rules.reads_everywhere(object, field),
        };
        self.cx.schema.object(object)?.field(name).filter(known)
    }
}

/// Whether the fields behind the first reference are readable on every record of theirs: a condition reaches records out of scope too,
/// so only objects that the caller sees whole can be looked through.
fn readable_behind(cx: &Cx, path: &Path) -> bool {
    let behind = path.hops.iter().skip(1).map(|hop| (&hop.object, &hop.field));
    let last = (!path.hops.is_empty()).then_some((&path.object, &path.field));
    behind.chain(last).all(|(object, field)| cx.is_system() || cx.rules.reads_everywhere(object, field))
}

fn path_text(path: &Path) -> String {
    let hops = path.hops.iter().map(|hop| hop.field.name.as_str());
    hops.chain([path.field.name.as_str()]).collect::<Vec<_>>().join(".")
}

/// A page mark as an opaque text: the sort it belongs to, the values, the id.
fn cursor_text(mark: &Mark, order: &[Order], object: &Object) -> String {
    let values: Vec<Json> = mark
        .values
        .iter()
        .map(|value| match value {
            Value::Null => Json::Null,
            Value::Int(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
        })
        .collect();
    let id = Id::new(mark.id).map(|id| id.to_string()).unwrap_or_default();
    huike_vault::hex(json!([signature(order, object), values, id]).to_string().as_bytes())
}

fn signature(order: &[Order], object: &Object) -> String {
    let keys = order.iter().map(|key| format!("{}{}", if key.descending { "-" } else { "" }, key.field.name));
    format!("{}:{}", object.name, keys.collect::<Vec<_>>().join(","))
}

fn cursor(text: &str, order: &[Order], object: &Object) -> Result<Mark> {
    let read = || -> Option<Mark> {
        let bytes = huike_vault::from_hex(text)?;
        let (known, values, id): (String, Vec<Json>, Id) = serde_json::from_slice(&bytes).ok()?;
        let values: Vec<Value> = values.iter().map(super::log::value_from_log).collect();
        let fits = order.iter().zip(&values).all(|(key, value)| fits(&key.field, value));
        (known == signature(order, object) && values.len() == order.len() && fits)
            .then_some(Mark { values, id: id.number() })
    };
    read().ok_or_else(|| Code::BadCursor.into())
}

/// A mark's value has the type of the column it is compared with.
fn fits(field: &Field, value: &Value) -> bool {
    use huike_model::kinds::Storage;
    match value {
        Value::Null => true,
        Value::Int(_) => field.storage() == Storage::Int,
        Value::Text(text) => field.storage() == Storage::Text && !text.contains('\0'),
    }
}
