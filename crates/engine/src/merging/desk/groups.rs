//! What a search found, as far as a person sees the records.

use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::merging::request;
use crate::records::duplicates::in_words;
use crate::records::likeness::{self, Scale};
use crate::records::load::{self, Record};
use crate::records::render::{Names, Rendering, id_text};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Code, Field};
use huike_store::query::Deleted;
use huike_store::{Conn, Row, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Which groups.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupsRequest {
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub tier: Option<String>,
    #[serde(default)]
    pub limit: Option<i64>,
    #[serde(default)]
    pub cursor: Option<String>,
}

pub(super) struct Group {
    pub id: i64,
    pub kind: String,
    pub tier: String,
    pub confidence: i64,
}

/// Groups looked at for one page: those of which the caller sees less than two records are passed over.
const LOOKED_AT: i64 = 100;
/// Records of a group whose likeness is put in words.
const MOST_COMPARED: usize = 4;
/// Groups are counted this far.
const COUNTED: i64 = 9_999;

impl Engine {
    /// Open groups, the surest first.
    ///
    /// # Errors
    /// `not_found`, `bad_cursor`.
    pub async fn duplicate_groups(&self, cx: Cx, object: String, request: GroupsRequest) -> Result<Json> {
        self.read(move |conn| {
            let access = request::mergeable(conn, &cx, &object)?;
            page(conn, &cx, &access, &request)
        })
        .await
    }
}

fn page(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, request: &GroupsRequest) -> Result<Json> {
    let limit = request.limit.unwrap_or(30).clamp(1, 100);
    let groups = open(conn, access, request)?;
    let full = groups.len() as i64 == LOOKED_AT;
    let members = members(conn, &groups.iter().map(|group| group.id).collect::<Vec<_>>())?;
    let mut ids: Vec<i64> = members.values().flatten().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut records = HashMap::new();
    for chunk in ids.chunks(500) {
        for record in load::find_many(conn, cx, access, chunk, Deleted::Live)? {
            records.insert(record.id, record);
        }
    }
    let fields = shown_fields(access);
    let expand: BTreeSet<String> =
        fields.iter().filter(|field| field.target().is_some()).map(|field| field.name.clone()).collect();
    let names = Names::of(conn, cx, &fields, records.values())?;
    let rendering = Rendering { access, fields: &fields, expand: &expand, names: &names };
    let (mut items, mut last) = (Vec::new(), None);
    let mut scale = Scale::default();
    for group in &groups {
        if items.len() as i64 == limit {
            break;
        }
        last = Some((group.confidence, group.id));
        let seen: Vec<_> =
            members.get(&group.id).into_iter().flatten().filter_map(|id| records.get(id)).collect();
        // Merged, deleted or out of reach meanwhile: what is left is no group.
        if seen.len() < 2 {
            continue;
        }
        items.push(json!({
            "id": id_text(group.id),
            "kind": group.kind,
            "tier": group.tier,
            "confidence": group.confidence as f64 / 1000.0,
            "reasons": reasons(conn, cx, access, group, &seen, &mut scale)?,
            "records": seen.iter().map(|record| rendering.record(record)).collect::<Vec<_>>(),
        }));
    }
    let more = full || groups.last().is_some_and(|group| Some((group.confidence, group.id)) != last);
    let next = last.filter(|_| more).map(|(confidence, id)| format!("{confidence:x}-{id:x}"));
    Ok(json!({"items": items, "next_cursor": next, "counts": counts(conn, access)?}))
}

/// Why the first record of a group and each of the others are taken for one, each reason once, in fields that the caller reads in all of
/// them.
fn reasons(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    group: &Group,
    records: &[&Record],
    scale: &mut Scale,
) -> Result<Vec<Json>> {
    let mut told: Vec<Json> = Vec::new();
    let [first, others @ ..] = records else { return Ok(told) };
    if group.kind != "same" {
        return Ok(told);
    }
    let readable = |field: &Field| {
        records.iter().all(|record| access.on_row(field, &record.reached) >= FieldAccess::Read)
    };
    for other in others.iter().take(MOST_COMPARED) {
        let verdict = likeness::between(conn, cx, (&first.values, &other.values), scale)?;
        for (behind, reason) in likeness::told(&verdict, &other.values, readable) {
            let reason =
                json!({"field": behind[0].name, "text": in_words(cx, reason), "agrees": reason.weight > 0.0});
            if !told.contains(&reason) {
                told.push(reason);
            }
        }
    }
    Ok(told)
}

/// The name, and what stands on a record's card.
fn shown_fields(access: &ObjectAccess) -> Vec<Arc<Field>> {
    let object = &access.object;
    let wanted = std::iter::once(object.name_field.name.as_str())
        .chain(object.layout.short.iter().map(String::as_str))
        .chain(["owner", "created_at", "updated_at"]);
    let mut fields: Vec<Arc<Field>> = Vec::new();
    for field in wanted.filter_map(|name| object.field(name)) {
        if fields.iter().all(|known| known.name != field.name) && access.best(field) > FieldAccess::Hidden {
            fields.push(field.clone());
        }
    }
    fields
}

fn open(conn: &mut Conn, access: &ObjectAccess, request: &GroupsRequest) -> Result<Vec<Group>> {
    let mut sql = Sql::raw("select id, kind, tier, confidence from duplicate_group where object = ");
    sql.bind(access.object.name.as_str()).push(" and state = 'open' and kind = ");
    sql.bind(request.kind.as_deref().unwrap_or("same"));
    if let Some(tier) = &request.tier {
        sql.push(" and tier = ").bind(tier);
    }
    if let Some(cursor) = &request.cursor {
        let number = |part: &str| i64::from_str_radix(part, 16).ok().filter(|number| *number >= 0);
        let place = cursor.split_once('-').and_then(|(a, b)| Some((number(a)?, number(b)?)));
        let (confidence, id) = place.ok_or(Code::BadCursor)?;
        sql.push(" and (confidence, id) < (").bind(confidence).push(", ").bind(id).push(")");
    }
    sql.push(" order by confidence desc, id desc limit ").bind(LOOKED_AT);
    conn.query(&sql)?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Group> {
    Ok(Group {
        id: row.int(0)?,
        kind: row.text(1)?.to_owned(),
        tier: row.text(2)?.to_owned(),
        confidence: row.int(3)?,
    })
}

/// The records of groups, by group, in their order.
pub(super) fn members(conn: &mut Conn, groups: &[i64]) -> Result<HashMap<i64, Vec<i64>>> {
    let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
    let mut sql = Sql::raw("select group_id, record_id from duplicate_member where ");
    sql.push_in("group_id", groups.iter().copied()).push(" order by group_id, place");
    for row in conn.query(&sql)? {
        found.entry(row.int(0)?).or_default().push(row.int(1)?);
    }
    Ok(found)
}

/// One open group.
pub(super) fn load_one(conn: &mut Conn, object: &str, id: i64) -> Result<Group> {
    let sql = Sql::with(
        "select id, kind, tier, confidence from duplicate_group where object = $1 and id = $2 and state = 'open'",
        [object.into(), id.into()],
    )?;
    read(&conn.query_opt(&sql)?.ok_or(Code::NotFound)?)
}

/// How many groups wait, by kind and tier. Only for whoever sees every record: to others the number would tell of records beyond reach.
fn counts(conn: &mut Conn, access: &ObjectAccess) -> Result<Option<Json>> {
    if !access.read_scope().is_everything() {
        return Ok(None);
    }
    let mut counts = json!({"certain": 0, "likely": 0, "possible": 0, "branch": 0});
    let sql = Sql::with(
        "select kind, tier, count(*) from duplicate_group where object = $1 and state = 'open' group by kind, tier",
        [access.object.name.as_str().into()],
    )?;
    for row in conn.query(&sql)? {
        let name = if row.text(0)? == "branch" { "branch" } else { row.text(1)? };
        let known = counts[name].as_i64().unwrap_or_default();
        counts[name] = (known + row.int(2)?).min(COUNTED).into();
    }
    Ok(Some(counts))
}

pub(super) fn decide(conn: &mut Conn, id: i64, state: &str) -> Result<()> {
    conn.execute(&Sql::with(
        "update duplicate_group set state = $1 where id = $2 and state = 'open'",
        [state.into(), id.into()],
    )?)?;
    Ok(())
}
