//! Looking at and changing how tiers are worked out, and what a change would do before it is made.

use super::TIER;
use super::definition::{self, Definition, Tiers};
use super::work::{Work, by_hand};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::definitions;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::CUSTOMER;
use crate::records::load::{self, all_fields};
use crate::records::render::id_text;
use huike_model::access::{AdminArea, ObjectAccess};
use huike_model::{Code, Fault, Label, Value};
use huike_store::query::{Mark, Order, RecordQuery};
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Customers a preview looks at, the newest first, and of those that would move how many are named.
const LOOKED_AT: usize = 20_000;
const NAMED: usize = 10;
const CHUNK: i64 = 500;
const OWN: [&str; 3] = ["active", "version", "faults"];

/// # Errors
/// `forbidden`.
pub fn read(cx: &Cx) -> Result<Json> {
    cx.require(AdminArea::Settings)?;
    Ok(shown(cx, &cx.org.tiers))
}

fn shown(cx: &Cx, tiers: &Tiers) -> Json {
    let mut json = json!(tiers.definition);
    (json["active"], json["version"]) = (tiers.active.into(), tiers.version.into());
    let faults = tiers.definition.check(cx).err().unwrap_or_default();
    json["faults"] = faults.iter().map(|fault| fault.to_json(cx.lang())).collect();
    json
}

fn parse(cx: &Cx, mut members: Map<String, Json>) -> Result<(Definition, Option<bool>)> {
    let active = match members.get("active") {
        None | Some(Json::Null) => None,
        Some(Json::Bool(active)) => Some(*active),
        Some(_) => {
            return Err(Fault::new("active", "format", "应为 true 或 false", "Must be true or false").into());
        }
    };
    members.retain(|name, _| !OWN.contains(&name.as_str()));
    let definition: Definition = definitions::read(members, &Label::new("等级设置", "The tiers"))?;
    definition.check(cx)?;
    Ok((definition, active))
}

impl Engine {
    /// Puts another way of working out in place of the present one.
    ///
    /// # Errors
    /// `forbidden`, every fault; `stale` when `version` is no longer the present one.
    pub async fn put_tiers(&self, cx: Cx, version: Option<i64>, members: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let (definition, active) = parse(&cx, members)?;
        let engine = self.clone();
        self.write(move |conn| {
            // Read under lock, so that of two changes at once neither undoes the other.
            conn.execute(&Sql::raw("update setting set value = value where key = 'tiers'"))?;
            let before = definition::load(conn)?;
            if version.is_some_and(|version| version != before.version) {
                return Err(Code::Stale.into());
            }
            let after = Tiers {
                active: active.unwrap_or(before.active),
                version: before.version + 1,
                definition: definition.clone(),
            };
            definition::store(conn, &after)?;
            let text = |tiers: &Tiers| json!({"active": tiers.active, "definition": tiers.definition});
            let note = Note::new("update", "tiers", None).change(text(&before), text(&after));
            append(conn, &engine, &Author::from(&cx.caller), note)?;
            engine.renew_after(conn);
            Ok(shown(&cx, &after))
        })
        .await
    }

    /// How many customers would be in which tier, and from which to which they would move.
    ///
    /// # Errors
    /// `forbidden`, every fault.
    pub async fn preview_tiers(&self, cx: Cx, members: Map<String, Json>) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        let (definition, _) = parse(&cx, members)?;
        self.read(move |conn| preview(conn, &cx, &definition)).await
    }
}

fn preview(conn: &mut Conn, cx: &Cx, definition: &Definition) -> Result<Json> {
    let object = cx.object(CUSTOMER)?.clone();
    let access = ObjectAccess::of_the_system(&object);
    let fields = all_fields(&object);
    let work = Work::of(cx, &object, definition);
    let (mut looked, mut kept, mut moved) = (0_usize, 0, 0);
    let mut moves: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut tiers: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut examples = Vec::new();
    let mut after: Option<Mark> = None;
    let more = loop {
        let mut query = RecordQuery::new(&access, &cx.schema, &fields);
        query.order =
            object.field("id").cloned().map(|field| Order { field, descending: true }).into_iter().collect();
        query.limit = CHUNK;
        query.after = after.take();
        let rows = query.run(conn)?;
        let full = rows.len() as i64 == CHUNK;
        after = rows.last().map(|row| Mark { values: vec![Value::Int(row.id)], id: row.id });
        for record in load::records(conn, cx, &object, &fields, rows)? {
            looked += 1;
            let now = record.values.get(TIER).as_text().unwrap_or_default().to_owned();
            tiers.entry(now.clone()).or_default().0 += 1;
            let by_hand = by_hand(cx, &record.values);
            kept += i64::from(by_hand);
            let worked = work.as_ref().filter(|_| !by_hand).and_then(|work| work.tier(&record.values));
            let then = worked.map_or(now.clone(), |worked| worked.tier);
            tiers.entry(then.clone()).or_default().1 += 1;
            if now != then {
                moved += 1;
                if examples.len() < NAMED {
                    examples.push(json!({"record": {"id": id_text(record.id), "name": record.values.title()}, "from": some(&now), "to": then}));
                }
                *moves.entry((now, then)).or_default() += 1;
            }
        }
        if !full || looked >= LOOKED_AT {
            break full;
        }
    };
    let tiers: Vec<Json> = tiers
        .iter()
        .map(|(tier, (now, then))| json!({"tier": some(tier), "now": now, "then": then}))
        .collect();
    let moves: Vec<Json> = moves
        .iter()
        .map(|((from, to), count)| json!({"from": some(from), "to": some(to), "count": count}))
        .collect();
    Ok(
        json!({"looked_at": looked, "more": more, "kept": kept, "moved": moved, "tiers": tiers, "moves": moves, "examples": examples}),
    )
}

fn some(tier: &str) -> Option<&str> {
    Some(tier).filter(|tier| !tier.is_empty())
}
