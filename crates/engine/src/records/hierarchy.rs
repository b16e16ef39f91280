//! The group that a record belongs to: what stands above and below it, and the figures of all below together.
//!
//! A record counts for itself; the figures here are of it and of what stands below it, as far as the caller sees both the record and the
//! figure. What stands below something hidden is not reached through it: neither counted nor named.

use super::load::{self, Record};
use super::render::{Names, Rendering, id_text};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::kinds::Storage;
use huike_model::schema::RollupKind;
use huike_model::{Code, Field, Value};
use huike_store::Conn;
use huike_store::query::{Deleted, Order, RecordQuery};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Steps upwards and downwards: one statement each.
const HEIGHT: usize = 12;
/// Records of one tree.
const MOST: usize = 500;

impl Engine {
    /// The tree that a record stands in, and the sums over it and what stands below it of every figure that is a count or a sum.
    ///
    /// # Errors
    /// `not_found`: the record is out of reach, or its object makes no tree that the caller may know of.
    pub async fn record_hierarchy(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        let engine = self.clone();
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let parent = object.parent_field().filter(|field| access.best(field) >= FieldAccess::Read);
            let parent = parent.ok_or(Code::NotFound)?.clone();
            let record = load::find_or_survivor(conn, &cx, &access, id)?;
            let tree = Tree::around(conn, &cx, &access, &parent, record)?;
            engine.reads().note(&cx, &access, &tree.fields, tree.records.iter());
            tree.shown(conn, &cx, &access, &parent)
        })
        .await
    }
}

struct Tree {
    /// What is shown of each record.
    fields: Vec<Arc<Field>>,
    /// The topmost first, then level by level.
    records: Vec<Record>,
    asked: i64,
    /// There is more than is shown.
    cut: bool,
}

impl Tree {
    fn around(
        conn: &mut Conn,
        cx: &Cx,
        access: &ObjectAccess,
        parent: &Arc<Field>,
        asked: Record,
    ) -> Result<Tree> {
        let id = asked.id;
        let root = top(conn, cx, access, parent, asked)?;
        let mut tree =
            Tree { fields: shown_fields(access, parent), records: vec![root], asked: id, cut: false };
        let through = match access.reach(parent, FieldAccess::Read) {
            FieldReach::Nowhere => return Ok(tree),
            FieldReach::Everywhere => Resolved::everything(),
            FieldReach::Where(reach) => reach,
        };
        let mut known: HashSet<i64> = tree.records.iter().map(|record| record.id).collect();
        let mut level: Vec<i64> = known.iter().copied().collect();
        for _ in 0..HEIGHT {
            let room = MOST - tree.records.len();
            let below = below(conn, cx, access, (parent, &tree.fields), &level, &through, room + 1)?;
            level.clear();
            for record in below {
                if tree.records.len() == MOST {
                    tree.cut = true;
                    return Ok(tree);
                }
                // A circle can't be written; one from elsewhere must not hold anybody up.
                if known.insert(record.id) {
                    level.push(record.id);
                    tree.records.push(record);
                }
            }
            if level.is_empty() {
                return Ok(tree);
            }
        }
        tree.cut = true;
        Ok(tree)
    }

    /// The record asked for and what stands below it.
    fn below_asked(&self, parent: &Field) -> Vec<&Record> {
        let mut inside = HashSet::from([self.asked]);
        let mut found = Vec::new();
        // Each level stands behind the one above it.
        for record in &self.records {
            let above = record.values.of(parent).as_int();
            if record.id == self.asked || above.is_some_and(|above| inside.contains(&above)) {
                inside.insert(record.id);
                found.push(record);
            }
        }
        found
    }

    fn shown(&self, conn: &mut Conn, cx: &Cx, access: &ObjectAccess, parent: &Arc<Field>) -> Result<Json> {
        let expand: BTreeSet<String> = self
            .fields
            .iter()
            .filter(|field| field.target().is_some())
            .map(|field| field.name.clone())
            .collect();
        let names = Names::of(conn, cx, &self.fields, self.records.iter())?;
        let rendering = Rendering { access, fields: &self.fields, expand: &expand, names: &names };
        let known: HashMap<i64, usize> =
            self.records.iter().enumerate().map(|(place, record)| (record.id, place)).collect();
        let above = |record: &Record| {
            record.values.of(parent).as_int().filter(|above| *above != record.id && known.contains_key(above))
        };
        let root = self.records.first().map(|record| record.id);
        let nodes: Vec<Json> = self
            .records
            .iter()
            .map(|record| {
                let above = above(record).filter(|_| Some(record.id) != root);
                json!({"record": rendering.record(record), "parent": above.map(id_text)})
            })
            .collect();
        let inside = self.below_asked(parent);
        let totals: Vec<Json> =
            summed(access).iter().filter_map(|field| total(access, field, &inside)).collect();
        Ok(json!({
            "root": root.map(id_text), "id": id_text(self.asked), "nodes": nodes,
            "members": inside.len(), "totals": totals, "cut": self.cut,
        }))
    }
}

/// Climbs as far as the caller sees.
fn top(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, parent: &Arc<Field>, from: Record) -> Result<Record> {
    let mut at = from;
    let mut seen = HashSet::from([at.id]);
    for _ in 0..HEIGHT {
        if access.on_row(parent, &at.reached) < FieldAccess::Read {
            break;
        }
        let Some(above) = at.values.of(parent).as_int().filter(|above| seen.insert(*above)) else { break };
        match load::find_many(conn, cx, access, &[above], Deleted::Live)?.pop() {
            Some(record) => at = record,
            None => break,
        }
    }
    Ok(at)
}

/// The records right below some, in the order of their names.
fn below(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    (parent, fields): (&Arc<Field>, &[Arc<Field>]),
    level: &[i64],
    through: &Resolved,
    limit: usize,
) -> Result<Vec<Record>> {
    let object = &access.object;
    let mut query = RecordQuery::new(access, &cx.schema, fields);
    let under = Test::OneOf(level.iter().copied().map(Value::Int).collect());
    query.filter = Resolved::own(&object.name, parent, under).and(through.clone());
    if access.best(&object.name_field) >= FieldAccess::Read && !object.name_field.encrypted {
        query.order = vec![Order { field: object.name_field.clone(), descending: false }];
    }
    query.limit = limit as i64;
    let rows = query.run(conn)?;
    load::records(conn, cx, object, fields, rows)
}

/// The name, how the record stands to what is above it, what stands on its card, and the figures.
fn shown_fields(access: &ObjectAccess, parent: &Arc<Field>) -> Vec<Arc<Field>> {
    let object = &access.object;
    let beside = object.merge.together.iter().filter(|group| group.contains(&parent.name)).flatten();
    let mut names: Vec<&str> = vec![&object.name_field.name, &parent.name];
    names.extend(beside.map(String::as_str));
    names.extend(object.layout.card.iter().map(String::as_str));
    names.push("owner");
    let mut fields: Vec<Arc<Field>> = Vec::new();
    for field in names.into_iter().filter_map(|name| object.field(name)).chain(&summed(access)) {
        if access.best(field) >= FieldAccess::Masked && fields.iter().all(|known| known.name != field.name) {
            fields.push(field.clone());
        }
    }
    fields
}

/// Figures that can be added up: counts and sums of what belongs to a record.
fn summed(access: &ObjectAccess) -> Vec<Arc<Field>> {
    let adds = |field: &&Arc<Field>| {
        let kind = field.rollup.as_ref().map(|rollup| rollup.kind);
        matches!(kind, Some(RollupKind::Count | RollupKind::Sum))
            && field.storage() == Storage::Int
            && access.best(field) >= FieldAccess::Read
    };
    access.object.fields().filter(adds).cloned().collect()
}

/// None when the caller may read the figure of none of them.
fn total(access: &ObjectAccess, field: &Field, records: &[&Record]) -> Option<Json> {
    let readable: Vec<i64> = records
        .iter()
        .filter(|record| access.on_row(field, &record.reached) >= FieldAccess::Read)
        .map(|record| record.values.of(field).as_int().unwrap_or_default())
        .collect();
    let sum = readable.iter().fold(0i64, |sum, each| sum.saturating_add(*each));
    (!readable.is_empty()).then(|| {
        json!({
            "field": field.name, "label": field.label, "of": readable.len(),
            "value": field.value_type().kind().to_json(&Value::Int(sum), field),
        })
    })
}
