//! Whether a record is there already: exact keys of normalised values, in an index kept with the record, and how like two records are as wholes
//! (`super::likeness`).
//!
//! Which fields make two records the same, and how strongly, stands in the object's definition (`[duplicates]`).

use super::body::Assignment;
use super::key_index;
use super::likeness::{self, Among, Asked};
use super::load;
use super::render::id_text;
use super::sought::{self, Sought};
use super::values::Values;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::merging;
use huike_matching::entity::{Bar, KEY_RECORDS, Reason, Tier, Verdict};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::schema::{Likelihood, Strength};
use huike_model::{Code, Field, Label, Lang, Object, Problem};
use huike_store::Conn;
use huike_store::query::Deleted;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
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
    /// Fields whose values are the same.
    fields: Vec<String>,
    /// What comparing the two as wholes came to.
    likeness: Option<Verdict>,
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
            let sought = Sought::of(&cx, &values);
            let found =
                candidates(conn, &cx, (&values, &sought), (Among::Similar, &mut Asked::default()), id)?;
            let seen = Seen::of(conn, &cx, &access, found.iter())?;
            Ok(json!({"candidates": render(&cx, &access, &found, &seen)}))
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
    let assigned = assigned(&access.object, assignments);
    let (sought, mut asked) = (Sought::of(cx, &assigned), Asked::default());
    // Most new records are done with here.
    let stopping = sought.stopping(cx, &access.object, on);
    asked.holders.ask(conn, stopping.iter().copied())?;
    if stopping.iter().all(|key| asked.holders.few(*key, KEY_RECORDS).is_empty()) {
        return Ok(());
    }
    let refusals = refusals(conn, cx, access, &[(&assigned, &sought)], on, &mut asked)?;
    refusals.into_iter().flatten().next().map_or(Ok(()), |problem| Err(problem.into()))
}

/// Why [`check_new`] refuses each of these drafts of one object, values with what they are looked for by; none where nothing stops it.
/// What they ask for is asked for all at once.
///
/// # Errors
/// The database's.
pub(crate) fn refusals(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    drafts: &[(&Values, &Sought)],
    on: OnDuplicate,
    asked: &mut Asked,
) -> Result<Vec<Option<Problem>>> {
    asked.holders.ask(conn, drafts.iter().flat_map(|(_, sought)| sought.all()))?;
    let near = drafts.iter().flat_map(|(_, sought)| {
        let same = sharing(&access.object, sought, (Among::Evident, asked), |_| false);
        let same: Vec<i64> = same.into_keys().collect();
        likeness::nearest(&sought.likeness, &same, (Among::Evident, asked), |_| false)
    });
    let near: Vec<i64> = near.collect();
    asked.meet(conn, cx, &access.object, near)?;
    let (mut found, least) = (Vec::with_capacity(drafts.len()), least(on));
    for draft in drafts {
        let mut stopping = candidates(conn, cx, *draft, (Among::Evident, asked), None)?;
        stopping.retain(|candidate| candidate.verdict >= least);
        found.push(stopping);
    }
    let seen = Seen::of(conn, cx, access, found.iter().flatten())?;
    let refusal = |found: Vec<Candidate>| {
        let shown = || render(cx, access, &found, &seen);
        (!found.is_empty()).then(|| Problem::new(Code::Duplicate).with("candidates", shown().into()))
    };
    Ok(found.into_iter().map(refusal).collect())
}

fn candidates(
    conn: &mut Conn,
    cx: &Cx,
    (values, sought): (&Values, &Sought),
    (among, asked): (Among, &mut Asked),
    except: Option<i64>,
) -> Result<Vec<Candidate>> {
    let object = values.object().clone();
    asked.holders.ask(conn, sought.all())?;
    let apart = match except {
        Some(id) => merging::apart_from(conn, &object.name, id)?,
        None => HashSet::new(),
    };
    let left_out = |id| Some(id) == except || apart.contains(&id);
    let mut found = sharing(&object, sought, (among, asked), left_out);
    compare(conn, cx, (values, sought), (among, asked), &mut found, left_out)?;
    let mut found: Vec<Candidate> = found.into_values().collect();
    let probability =
        |candidate: &Candidate| candidate.likeness.as_ref().map_or(0.0, |verdict| verdict.probability);
    found.sort_by(|a, b| {
        (b.verdict, b.fields.len())
            .cmp(&(a.verdict, a.fields.len()))
            .then(probability(b).total_cmp(&probability(a)))
            .then(a.id.cmp(&b.id))
    });
    found.truncate(MAX_CANDIDATES);
    Ok(found)
}

/// The records that have something exactly the same.
fn sharing(
    object: &Object,
    sought: &Sought,
    (among, asked): (Among, &Asked),
    left_out: impl Fn(i64) -> bool,
) -> BTreeMap<i64, Candidate> {
    let mut found: BTreeMap<i64, Candidate> = BTreeMap::new();
    // Who shares no more than a hint is stopped by nobody.
    let telling =
        sought.exact(object).filter(|(_, key)| among == Among::Similar || key.strength > Strength::Hint);
    for (kept, key) in telling {
        for id in asked.holders.few(kept, NOISE).iter().copied().filter(|id| !left_out(*id)) {
            let candidate = found.entry(id).or_insert(Candidate {
                id,
                verdict: key.strength,
                fields: Vec::new(),
                likeness: None,
            });
            candidate.verdict = candidate.verdict.max(key.strength);
            if !candidate.fields.contains(&key.field) {
                candidate.fields.push(key.field.clone());
            }
        }
    }
    found
}

/// Whether a record that is like another as a whole is stopped by it, when its writer comes this way.
pub(crate) fn likeness_stops(cx: &Cx, object: &Object, on: OnDuplicate) -> bool {
    let policy = &object.duplicate_policy;
    let tiers = [Likelihood::Certain, Likelihood::Likely, Likelihood::Possible];
    let strongest = tiers.into_iter().filter_map(|tier| policy.strength(tier, cx.caller.via.name())).max();
    !object.duplicates.is_empty() && strongest.is_some_and(|strength| strength >= least(on))
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
pub(super) fn least(on: OnDuplicate) -> Strength {
    if on == OnDuplicate::Block { Strength::Warn } else { Strength::Block }
}

/// Compares the values as a whole with the records that share something with them.
fn compare(
    conn: &mut Conn,
    cx: &Cx,
    (values, sought): (&Values, &Sought),
    among: (Among, &mut Asked),
    found: &mut BTreeMap<i64, Candidate>,
    except: impl Fn(i64) -> bool,
) -> Result<()> {
    let object = values.object().clone();
    if object.duplicates.is_empty() {
        return Ok(());
    }
    let known: Vec<i64> = found.keys().copied().collect();
    for (id, verdict) in
        likeness::compare_with_likely(conn, cx, (values, &sought.likeness), &known, among, except)?
    {
        let tier = match verdict.tier {
            Tier::Certain => Some(Likelihood::Certain),
            Tier::Likely => Some(Likelihood::Likely),
            Tier::Possible => Some(Likelihood::Possible),
            Tier::Different => None,
        };
        let strength = tier.and_then(|tier| object.duplicate_policy.strength(tier, cx.caller.via.name()));
        match found.get_mut(&id) {
            Some(candidate) => {
                // A branch shares its head office's phone and is a customer of its own.
                if verdict.barred.is_some() && candidate.verdict < Strength::Block {
                    candidate.verdict = Strength::Hint;
                }
                candidate.verdict = candidate.verdict.max(strength.unwrap_or(Strength::Hint));
                candidate.likeness = Some(verdict);
            }
            None => {
                let branch = verdict.barred == Some(Bar::Branches);
                if let Some(strength) = strength.or(branch.then_some(Strength::Hint)) {
                    found.insert(
                        id,
                        Candidate { id, verdict: strength, fields: Vec::new(), likeness: Some(verdict) },
                    );
                }
            }
        }
    }
    Ok(())
}

/// Candidates that the caller reaches, and the others.
struct Seen {
    mine: HashMap<i64, load::Record>,
    others: HashMap<i64, load::Record>,
}

impl Seen {
    fn of<'a>(
        conn: &mut Conn,
        cx: &Cx,
        access: &ObjectAccess,
        found: impl Iterator<Item = &'a Candidate>,
    ) -> Result<Seen> {
        /// Records of one query.
        const AT_ONCE: usize = 100;
        let ids: BTreeSet<i64> = found.map(|candidate| candidate.id).collect();
        let mut ids: Vec<i64> = ids.into_iter().collect();
        let everything = ObjectAccess::of_the_system(&access.object);
        let mut load = |access: &ObjectAccess, ids: &[i64]| -> Result<HashMap<i64, load::Record>> {
            let mut seen = HashMap::new();
            for ids in ids.chunks(AT_ONCE) {
                let records = load::find_many(conn, cx, access, ids, Deleted::Live)?;
                seen.extend(records.into_iter().map(|record| (record.id, record)));
            }
            Ok(seen)
        };
        let mine = load(access, &ids)?;
        ids.retain(|id| !mine.contains_key(id));
        Ok(Seen { others: load(&everything, &ids)?, mine })
    }
}

fn render(cx: &Cx, access: &ObjectAccess, found: &[Candidate], seen: &Seen) -> Vec<Json> {
    let mut shown = Vec::new();
    for candidate in found {
        let visible = seen.mine.get(&candidate.id);
        let Some(record) = visible.or_else(|| seen.others.get(&candidate.id)) else { continue };
        let may = |field: &Field| {
            visible.map_or(FieldAccess::Hidden, |record| access.on_row(field, &record.reached))
        };
        let owner =
            record.values.int("owner").and_then(|owner| cx.org.user(owner)).map(|owner| owner.name.clone());
        let name = (may(&access.object.name_field) >= FieldAccess::Read).then(|| record.values.title());
        let reasons = reasons(cx, access, candidate, record, visible);
        shown.push(json!({
            "id": visible.map(|_| id_text(candidate.id)),
            "name": name,
            "owner": owner,
            "verdict": candidate.verdict,
            "probability": candidate.likeness.as_ref().filter(|_| visible.is_some()).map(|verdict| rounded(verdict.probability)),
            "reasons": reasons,
            "readable": visible.is_some(),
        }));
    }
    shown
}

/// Two digits: more would say more than is known.
fn rounded(probability: f32) -> f64 {
    (f64::from(probability) * 100.0).round() / 100.0
}

/// Why, in words, as far as the caller may read the fields that say so. Of a record out of reach only that fields are the same that the
/// caller typed.
fn reasons(
    cx: &Cx,
    access: &ObjectAccess,
    candidate: &Candidate,
    record: &load::Record,
    visible: Option<&load::Record>,
) -> Vec<Json> {
    let object = &access.object;
    let said = |field: &Field, text: &str| json!({"field": field.name, "text": text});
    let mut told: Vec<Json> = candidate
        .fields
        .iter()
        .filter_map(|name| object.field(name))
        .filter(|field| access.best(field) >= FieldAccess::Read)
        .map(|field| said(field, same(field).get(cx.lang())))
        .collect();
    let (Some(visible), Some(verdict)) = (visible, &candidate.likeness) else { return told };
    let readable = |field: &Field| access.on_row(field, &visible.reached) >= FieldAccess::Read;
    for (behind, reason) in likeness::told(verdict, &record.values, readable) {
        // What is the same to the letter has been said.
        if !behind.iter().any(|field| candidate.fields.contains(&field.name)) {
            told.push(said(&behind[0], in_words(cx, reason)));
        }
    }
    told
}

/// A reason in the caller's language.
pub(crate) fn in_words<'a>(cx: &Cx, reason: &'a Reason) -> &'a str {
    if cx.lang() == Lang::Zh { &reason.zh } else { &reason.en }
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
    if before.is_some_and(|before| sought::alike(before, values)) {
        return Ok(());
    }
    key_index::replace(conn, id, &Sought::of(cx, values).kept())
}
