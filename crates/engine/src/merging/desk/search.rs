//! Searching a whole list: every record made ready, compared with those that share something with it, and put into groups.

use crate::cx::Cx;
use crate::error::Result;
use crate::records::{likeness, load};
use huike_matching::entity::{Bar, Frequencies, KeyKind, Prepared, Said, Tier, Weights, compare, resolve};
use huike_model::access::ObjectAccess;
use huike_model::{Object, Value};
use huike_store::query::{Mark, RecordQuery};
use huike_store::{Conn, Sql};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Records read in one go.
pub(super) const CHUNK: i64 = 2_000;
/// Records in one group; larger ones are cut, they are a mistake more often than a customer.
const MAX_GROUP: usize = 40;

/// What a group says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The records are one.
    Same,
    /// The first is the head office of the second.
    Branch,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Same => "same",
            Kind::Branch => "branch",
        }
    }
}

/// Records that may be one, or belong together.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub kind: Kind,
    pub tier: &'static str,
    /// In thousandths.
    pub confidence: i64,
    pub records: Vec<i64>,
}

/// Every live record of an object, ready to be compared.
#[derive(Default)]
pub(super) struct List {
    pub ids: Vec<i64>,
    pub prepared: Vec<Prepared>,
    /// Whether the record has a parent already.
    pub has_parent: Vec<bool>,
}

impl List {
    pub fn take(&mut self, piece: List) {
        self.ids.extend(piece.ids);
        self.prepared.extend(piece.prepared);
        self.has_parent.extend(piece.has_parent);
    }
}

/// The next records of a list after an id, newest first. Fewer than [`CHUNK`] are the last.
///
/// # Errors
/// The database's.
pub(super) fn piece(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, after: Option<i64>) -> Result<List> {
    let everything = ObjectAccess::of_the_system(object);
    let mut fields = likeness::fields(object);
    let parent = object.parent_field().cloned();
    fields.extend(parent.clone());
    let mut query = RecordQuery::new(&everything, &cx.schema, &fields);
    query.after = after.map(|id| Mark { values: Vec::new(), id });
    query.limit = CHUNK;
    let rows = query.run(conn)?;
    let mut list = List::default();
    let preparing = likeness::Preparing::of(object, true);
    for record in load::records(conn, cx, object, &fields, rows)? {
        list.ids.push(record.id);
        list.prepared.push(preparing.record(cx, &record.values));
        list.has_parent.push(parent.as_ref().is_some_and(|field| !record.values.of(field).is_null()));
    }
    Ok(list)
}

/// Pairs that are not the same, as people have said.
///
/// # Errors
/// The database's.
pub(super) fn apart(conn: &mut Conn, object: &str) -> Result<HashSet<(i64, i64)>> {
    let mut pairs = HashSet::new();
    let sql = Sql::with("select a_id, b_id from not_same where object = $1", [object.into()])?;
    conn.query_each(&sql, |row| {
        pairs.insert((row.int(0)?, row.int(1)?));
        Ok(())
    })?;
    Ok(pairs)
}

/// The groups of a list. Takes long: not for the async runtime's threads.
pub(super) fn groups(list: &List, apart: &HashSet<(i64, i64)>, weights: &Weights) -> Vec<Group> {
    let places: HashMap<i64, u32> = list.ids.iter().zip(0..).map(|(id, place)| (*id, place)).collect();
    let different = apart.iter().filter_map(|(a, b)| Some((*places.get(a)?, *places.get(b)?))).collect();
    let found = resolve(&list.prepared, weights, &Said { different, ..Said::default() });
    let mut clusters: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, cluster) in found.clusters.iter().enumerate() {
        clusters.entry(*cluster).or_default().push(place);
    }
    let mut groups = Vec::new();
    for members in clusters.into_values().filter(|members| members.len() > 1) {
        for part in members.chunks(MAX_GROUP).filter(|part| part.len() > 1) {
            let sure = part.iter().filter_map(|place| found.confidence.get(*place)).copied();
            let confidence = sure.fold(1.0_f32, f32::min);
            let tier = match weights.tier(confidence) {
                Tier::Certain => "certain",
                Tier::Likely => "likely",
                Tier::Possible | Tier::Different => "possible",
            };
            let records = part.iter().filter_map(|place| list.ids.get(*place)).copied().collect();
            groups.push(Group { kind: Kind::Same, tier, confidence: thousandths(confidence), records });
        }
    }
    groups.extend(branches(list, &found.clusters, apart));
    groups
}

fn thousandths(share: f32) -> i64 {
    (f64::from(share.clamp(0.0, 1.0)) * 1000.0).round() as i64
}

/// Branches with the company of the same name that they may belong to.
fn branches(list: &List, clusters: &[u32], apart: &HashSet<(i64, i64)>) -> Vec<Group> {
    let name = |place: usize| -> Option<String> {
        let keys = list.prepared.get(place)?.keys();
        keys.into_iter().find(|key| key.kind == KeyKind::Name).map(|key| key.text)
    };
    let mut offices: HashMap<String, Vec<usize>> = HashMap::new();
    for place in (0..list.ids.len()).filter(|place| list.prepared[*place].branch().is_none()) {
        if let Some(name) = name(place) {
            offices.entry(name).or_default().push(place);
        }
    }
    let mut groups = Vec::new();
    for place in (0..list.ids.len())
        .filter(|place| !list.has_parent[*place] && list.prepared[*place].branch().is_some())
    {
        // Where several companies bear the name, which is the head office is a person's to find out. Of one that is there twice the elder.
        let Some(named) = name(place).and_then(|name| offices.get(&name)) else { continue };
        let Some(office) =
            named.last().filter(|last| named.iter().all(|one| clusters[*one] == clusters[**last]))
        else {
            continue;
        };
        let (parent, child) = (&list.prepared[*office], &list.prepared[place]);
        let frequencies = Frequencies::of(list.ids.len(), [parent, child]);
        let verdict = compare(parent, child, Weights::shipped(), &frequencies);
        let (a, b) = (list.ids[*office], list.ids[place]);
        if verdict.barred == Some(Bar::Branches)
            && verdict.tier == Tier::Different
            && !apart.contains(&(a.min(b), a.max(b)))
        {
            groups.push(Group { kind: Kind::Branch, tier: "likely", confidence: 900, records: vec![a, b] });
        }
    }
    groups
}

/// The parent of a record's own kind that it may be given.
pub(super) fn parent_field(object: &Object) -> Option<&Arc<huike_model::Field>> {
    object.parent_field().filter(|field| !field.system)
}

/// The value of the choice beside the parent that says "branch", where there is one.
pub(super) fn branch_relation(object: &Object) -> Option<(Arc<huike_model::Field>, Value)> {
    let parent = parent_field(object)?;
    let group = object.merge.together.iter().find(|group| group.contains(&parent.name))?;
    let beside = group.iter().filter(|name| **name != parent.name).find_map(|name| object.field(name))?;
    beside.option("branch").map(|option| (beside.clone(), Value::Text(option.value.clone())))
}
