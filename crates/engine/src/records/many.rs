//! Making many records with few statements: each is made ready on any thread, then they are written together.
//!
//! Only records of which nothing is in doubt come this way. Whatever has to be looked at more closely (a fault, a likely duplicate, records
//! to be made alongside) is left to [`super::create`], one by one: what a record is checked for is the same on both ways.

use super::body::{self, Assignment};
use super::duplicates::{self, OnDuplicate};
use super::insert::{NewRecord, Shape, write_many};
use super::key_index::{Crowded, Holders};
use super::likeness::Asked;
use super::match_key::MatchKey;
use super::sought::{self, Sought};
use super::values::Values;
use super::write::{Draft, Writer, check_own, stamp, unique_fault};
use super::{log, references, rollups};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::files;
use huike_matching::entity::KEY_RECORDS;
use huike_model::Problem;
use huike_model::access::ObjectAccess;
use huike_model::filter::Facts;
use huike_store::Conn;
use serde_json::{Map, Value as Json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A new record without faults of its own, with what the database is still to be asked.
#[derive(Clone)]
pub(crate) struct Ready {
    pub id: i64,
    made: Made,
    /// What its writer said, and what that is looked for by.
    pub assigned: Values,
    pub sought: Arc<Sought>,
    /// Another record with one of these keys stops it.
    pub stopping: Vec<MatchKey>,
    /// Object and id of every record it refers to that is not at hand.
    pub references: Vec<(String, i64)>,
    /// What comparing it with those that were there came to, where something might have stopped it.
    pub looked: Option<Looked>,
}

/// How far a record is made.
#[derive(Clone)]
enum Made {
    Checked(Box<Checked>),
    WorkedOut(Box<NewRecord>),
}

/// What a record is worked out from.
#[derive(Clone)]
struct Checked {
    shape: Arc<Shape>,
    values: Values,
    raw: Map<String, Json>,
    /// None where they follow from the values.
    keys: Option<Vec<MatchKey>>,
}

impl Ready {
    pub fn values(&self) -> &Values {
        match &self.made {
            Made::Checked(checked) => &checked.values,
            Made::WorkedOut(record) => &record.values,
        }
    }

    /// Works out how it goes into the tables: a third of what making it takes, and lost on one that is refused.
    ///
    /// # Errors
    /// Only faults of ours.
    pub fn work_out(&mut self, cx: &Cx) -> Result<()> {
        if let Made::Checked(checked) = &mut self.made {
            let Checked { shape, values, raw, keys } = &mut **checked;
            let values = std::mem::replace(values, Values::new(&shape.object));
            let record = NewRecord::of(cx, shape, values, raw, keys.take())?;
            self.made = Made::WorkedOut(Box::new(record));
        }
        Ok(())
    }

    /// As it goes into the tables.
    ///
    /// # Errors
    /// When it isn't worked out, which is a fault of ours.
    pub fn record(&self) -> Result<&NewRecord> {
        match &self.made {
            Made::WorkedOut(record) => Ok(record),
            Made::Checked(_) => Err(EngineError::internal("a record to be written isn't worked out")),
        }
    }

    /// Whether the comparison ahead of the write refused it.
    fn is_refused(&self) -> bool {
        self.looked.as_ref().is_some_and(|looked| looked.refused.is_some())
    }
}

/// A comparison that was made ahead of the write.
#[derive(Clone)]
pub(crate) struct Looked {
    /// All that had one of its stopping keys then.
    among: HashSet<i64>,
    pub refused: Option<Arc<Problem>>,
}

/// What a record is made from.
pub(crate) struct New<'a> {
    pub access: &'a ObjectAccess,
    pub id: i64,
    pub body: &'a Map<String, Json>,
    pub on_duplicate: OnDuplicate,
    /// Whose it is where the writer doesn't say and the object inherits its owner; none when that isn't known.
    pub inherited: Option<Option<i64>>,
}

/// Makes a record ready; none when it has faults, or when more has to be asked than [`Doubts`] can answer.
///
/// # Errors
/// Only faults of ours.
pub(crate) fn ready(engine: &Engine, cx: &Cx, new: &New) -> Result<Option<Ready>> {
    let object = &new.access.object;
    if !new.access.create {
        return Ok(None);
    }
    let (assignments, faults) = body::read_most(new.body, object, cx, body::access_for_new(new.access));
    if !faults.is_empty() {
        return Ok(None);
    }
    let assigned = duplicates::assigned(object, &assignments);
    let sought = Sought::of(cx, &assigned);
    let stopping = sought.stopping(cx, object, new.on_duplicate);
    let references = references_of(cx, &assignments);
    let draft = Draft::of(cx, object, new.id, assignments);
    if draft.inherits().is_some() && new.inherited.is_none() {
        return Ok(None);
    }
    let (mut values, raw, faults) = draft.finish(cx, new.inherited.flatten());
    let shape = engine.shapes().of(object)?;
    if !faults.is_empty() || !check_own(&values, &shape.fields).is_empty() {
        return Ok(None);
    }
    let makes_others = object
        .creates
        .iter()
        .any(|creates| creates.when.resolve(&cx.moment, cx).matches(&values as &dyn Facts));
    if makes_others {
        return Ok(None);
    }
    stamp(cx, &mut values);
    let keys = sought::alike(&assigned, &values).then(|| sought.kept());
    let id = values.int("id").unwrap_or_default();
    let made = Made::Checked(Box::new(Checked { shape, values, raw, keys }));
    Ok(Some(Ready { id, made, assigned, sought: Arc::new(sought), stopping, references, looked: None }))
}

/// Works out those that nothing stops, and compares those that something may stop with what is there, by [`duplicates::refusals`]: before they are written, where it
/// keeps nobody waiting. [`Doubts::looked`] says whether that still holds when they are. Whoever looks at others of the same list
/// shares `crowded`.
///
/// # Errors
/// The database's.
pub(crate) fn look<'a>(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    on: OnDuplicate,
    crowded: &Crowded,
    ready: impl Iterator<Item = &'a mut Ready>,
) -> Result<()> {
    let all: Vec<&mut Ready> = ready.collect();
    let mut asked = Asked::beside(crowded);
    asked.holders.ask(conn, all.iter().flat_map(|one| one.stopping.iter().copied()))?;
    let among = |one: &Ready| -> HashSet<i64> {
        let ids = one.stopping.iter().flat_map(|key| asked.holders.few(*key, KEY_RECORDS));
        ids.copied().collect()
    };
    let mut doubtful: Vec<(&mut Ready, HashSet<i64>)> = Vec::new();
    for one in all {
        let among = among(one);
        if among.is_empty() {
            one.work_out(cx)?;
        } else {
            doubtful.push((one, among));
        }
    }
    let drafts: Vec<(&Values, &Sought)> =
        doubtful.iter().map(|(one, _)| (&one.assigned, &*one.sought)).collect();
    let refusals = duplicates::refusals(conn, cx, access, &drafts, on, &mut asked)?;
    for ((one, among), refused) in doubtful.into_iter().zip(refusals) {
        one.looked = Some(Looked { among, refused: refused.map(Arc::new) });
        if !one.is_refused() {
            one.work_out(cx)?;
        }
    }
    Ok(())
}

fn references_of(cx: &Cx, assignments: &[Assignment]) -> Vec<(String, i64)> {
    let reference = |one: &Assignment| {
        let (target, id) = (one.field.target()?, one.parsed.value.as_int()?);
        (!references::stands(cx, target, id)).then(|| (target.to_owned(), id))
    };
    assignments.iter().filter_map(reference).collect()
}

/// What the database says of many ready records, asked at once.
pub(crate) struct Doubts {
    /// Who has the keys that could stop them.
    held: Holders,
    /// The keys of those that were written since it was asked.
    written: HashSet<MatchKey>,
    reachable: HashMap<String, HashSet<i64>>,
}

impl Doubts {
    /// # Errors
    /// The database's.
    pub fn of<'a>(conn: &mut Conn, cx: &Cx, ready: impl Iterator<Item = &'a Ready>) -> Result<Doubts> {
        let mut all: Vec<&Ready> = Vec::new();
        let mut wanted: HashMap<&str, HashSet<i64>> = HashMap::new();
        for one in ready {
            all.push(one);
            for (target, id) in &one.references {
                wanted.entry(target).or_default().insert(*id);
            }
        }
        let mut doubts =
            Doubts { held: Holders::default(), written: HashSet::new(), reachable: HashMap::new() };
        doubts.ask(conn, all.into_iter())?;
        for (target, ids) in wanted {
            let found = references::reachable(conn, cx, target, ids.into_iter().collect())?;
            doubts.reachable.insert(target.to_owned(), found);
        }
        Ok(doubts)
    }

    /// Asks which of these records' keys others have by now.
    ///
    /// # Errors
    /// The database's.
    pub fn ask<'a>(&mut self, conn: &mut Conn, ready: impl Iterator<Item = &'a Ready>) -> Result<()> {
        let mut now = Holders::default();
        let open = ready.filter(|one| !one.is_refused());
        now.ask(conn, open.flat_map(|one| one.stopping.iter().copied()))?;
        self.held.renew(now);
        Ok(())
    }

    /// Whether another record has a key that stops this one.
    pub fn repeats(&self, ready: &Ready) -> bool {
        let held = |key: &MatchKey| !self.held.few(*key, KEY_RECORDS).is_empty();
        ready.is_refused() || ready.stopping.iter().any(|key| held(key) || self.written.contains(key))
    }

    /// What a comparison ahead of the write came to: that it is refused, whoever came since, or that it is not, unless there is somebody
    /// by now with whom it wasn't compared.
    pub fn looked<'a>(&self, ready: &'a Ready) -> Option<&'a Looked> {
        let known = |looked: &Looked, key: &MatchKey| {
            let held = self.held.few(*key, KEY_RECORDS).iter().all(|id| looked.among.contains(id));
            held && !self.written.contains(key)
        };
        let stands = |looked: &&Looked| {
            looked.refused.is_some() || ready.stopping.iter().all(|key| known(looked, key))
        };
        ready.looked.as_ref().filter(stands)
    }

    /// Whether everything it refers to can be referred to.
    pub fn refers(&self, ready: &Ready) -> bool {
        let reached = |(target, id): &(String, i64)| {
            self.reachable.get(target).is_some_and(|reachable| reachable.contains(id))
        };
        ready.references.iter().all(reached)
    }

    /// A record was written: others with its keys are in doubt.
    pub fn add(&mut self, keys: impl IntoIterator<Item = MatchKey>) {
        self.written.extend(keys);
    }
}

/// Writes new records of one object together.
///
/// # Errors
/// `invalid` when a unique value is taken; the database's.
pub(crate) fn create_all(conn: &mut Conn, engine: &Engine, cx: &Cx, records: Vec<NewRecord>) -> Result<()> {
    let Some(object) = records.first().map(|record| record.object().clone()) else { return Ok(()) };
    let made: Vec<_> = records.iter().map(|record| record.values.clone()).collect();
    let keys = records.iter().map(|record| record.keys.len()).sum();
    write_many(conn, cx, records).map_err(|error| match error {
        EngineError::Store(error) => unique_fault(&object, error),
        other => other,
    })?;
    engine.keys_moving().on(conn, keys)?;
    for values in &made {
        files::follow(conn, cx, None, Some(values))?;
    }
    log::tell(conn, engine);
    rollups::bring_up_all(conn, cx, &made)?;
    Writer { engine, cx, conn }.after(&object);
    Ok(())
}
