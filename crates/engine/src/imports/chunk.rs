//! A few hundred rows become records, inside one transaction. Each row stands for itself: a faulty one is undone and told, the others stay.
//! Here is what becomes of one row; [`super::together`] writes those together of which nothing is in doubt.

use super::draft::{Draft, Part, RowFault};
use super::job::{Mode, OnLikely};
use super::keys::{self, Existing};
use super::names::Names;
use super::plan::Plan;
use super::ready::{ReadyRow, Rights, on_duplicate};
use super::together;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::duplicates::OnDuplicate;
use crate::records::key_index;
use crate::records::match_key::MatchKey;
use crate::records::render::id_text;
use crate::records::write::Writer;
use crate::records::{body, create, update};
use huike_matching::company;
use huike_matching::text::fold;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::{Code, Fault, Id, Label, Object, Problem, Value};
use huike_store::query::RecordQuery;
use huike_store::{Conn, Sql, StoreError};
use serde_json::{Map, Value as Json};
use std::collections::HashSet;

/// What came of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Created,
    Updated,
    /// The record was as the row has it.
    Unchanged,
    /// It looks like a record that is there.
    Skipped,
    Failed,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Created => "created",
            Kind::Updated => "updated",
            Kind::Unchanged => "unchanged",
            Kind::Skipped => "skipped",
            Kind::Failed => "failed",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Outcome {
    pub row: u32,
    pub kind: Kind,
    pub record: Option<i64>,
    /// The version of the record that was updated.
    pub before: Option<i64>,
    pub faults: Vec<RowFault>,
}

/// Why a row stops.
enum Stop {
    Faults(Vec<RowFault>),
    Error(EngineError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Error(error.into())
    }
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Stop {
        Stop::Error(error)
    }
}

/// Writes the rows; the outcome of each.
///
/// # Errors
/// The database's, and `forbidden` when the right to import is gone. What is wrong with a row is its outcome.
pub fn process(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    plan: &Plan,
    drafts: &[Draft],
    ready: &[Option<ReadyRow>],
) -> Result<Vec<Outcome>> {
    let rights = Rights::of(conn, cx, plan)?;
    let names = Names::of(conn, cx, drafts)?;
    let existing = match &plan.key {
        Some(key) => Existing::of(conn, cx, &rights.main, key, drafts)?,
        None => Existing::default(),
    };
    let ready = together::ready(conn, engine, cx, plan, &rights, &names, drafts, ready)?;
    let Rights { main: access, related } = rights;
    let mut chunk = Chunk { engine, cx, plan, access, related, names, existing, made: HashSet::new() };
    chunk.rows(conn, drafts, &ready)
}

/// A rehearsal: what [`process`] would do, with the duplicate keys that each new record would have. Nothing stays.
///
/// # Errors
/// As [`process`].
pub fn rehearse(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    plan: &Plan,
    drafts: &[Draft],
    ready: &[Option<ReadyRow>],
) -> Result<Rehearsed> {
    enum Over {
        Done(Rehearsed),
        Failed(EngineError),
    }
    impl From<StoreError> for Over {
        fn from(error: StoreError) -> Over {
            Over::Failed(error.into())
        }
    }
    let played = conn.savepoint(|conn| -> std::result::Result<(), Over> {
        let outcomes = process(conn, engine, cx, plan, drafts, ready).map_err(Over::Failed)?;
        let made = outcomes
            .iter()
            .filter(|outcome| outcome.kind == Kind::Created)
            .filter_map(|outcome| outcome.record);
        let keys = new_keys(conn, made).map_err(Over::Failed)?;
        // An error, so that the savepoint is rolled back.
        Err(Over::Done(Rehearsed { outcomes, keys }))
    });
    match played {
        Err(Over::Done(rehearsed)) => Ok(rehearsed),
        Err(Over::Failed(error)) => Err(error),
        Ok(()) => Err(EngineError::internal("a rehearsal was kept")),
    }
}

/// The exact keys of records that were just made.
fn new_keys(conn: &mut Conn, made: impl Iterator<Item = i64>) -> Result<Vec<NewKey>> {
    let of_records = key_index::of_records(conn, made)?;
    let one_by_one = |(record, keys): (i64, Vec<MatchKey>)| keys.into_iter().map(move |key| (record, key));
    let exact: Vec<(i64, MatchKey)> =
        of_records.into_iter().flat_map(one_by_one).filter(|(_, key)| key.is_exact()).collect();
    let sought: Vec<MatchKey> = exact.iter().map(|(_, key)| *key).collect();
    // The record itself and another one.
    let holders = key_index::holders(conn, &sought, 2)?;
    let told = exact.into_iter().zip(holders).map(|((record, key), ids)| NewKey {
        record,
        key,
        shared: ids.len() > 1,
    });
    Ok(told.collect())
}

/// What a rehearsal showed.
pub struct Rehearsed {
    pub outcomes: Vec<Outcome>,
    pub keys: Vec<NewKey>,
}

/// A duplicate key that a new record would have.
pub struct NewKey {
    pub record: i64,
    pub key: MatchKey,
    /// Another record has it too.
    pub shared: bool,
}

/// The code of a row that repeats another one of its file.
pub const IN_FILE: &str = "duplicate_in_file";

pub(super) struct Chunk<'a> {
    pub(super) engine: &'a Engine,
    pub(super) cx: &'a Cx,
    pub(super) plan: &'a Plan,
    pub(super) access: ObjectAccess,
    /// Aligned with the plan's related objects.
    related: Vec<ObjectAccess>,
    names: Names,
    pub(super) existing: Existing,
    /// Records of the imported object that this chunk made.
    made: HashSet<i64>,
}

impl Chunk<'_> {
    pub(super) fn row(&mut self, conn: &mut Conn, draft: &Draft) -> Result<Outcome> {
        match conn.savepoint(|conn| self.write(conn, draft)) {
            Ok(mut written) => {
                self.remember(draft, &written);
                written.faults.extend(draft.warnings.iter().cloned());
                Ok(written)
            }
            Err(Stop::Faults(faults)) => {
                Ok(Outcome { row: draft.row, kind: Kind::Failed, record: None, before: None, faults })
            }
            Err(Stop::Error(EngineError::Problem(problem))) => Ok(self.refused(draft, &problem)),
            Err(Stop::Error(other)) => Err(other),
        }
    }

    /// What comes of a row that is refused as a whole.
    pub(super) fn refused(&self, draft: &Draft, problem: &Problem) -> Outcome {
        let skips = problem.code == Code::Duplicate && self.plan.on_duplicate == OnLikely::Skip;
        let kind = if skips { Kind::Skipped } else { Kind::Failed };
        Outcome { row: draft.row, kind, record: None, before: None, faults: self.located(problem, None) }
    }

    /// Later rows may refer to what this one made.
    pub(super) fn remember(&mut self, draft: &Draft, written: &Outcome) {
        let (Kind::Created, Some(id)) = (written.kind, written.record) else { return };
        self.made.insert(id);
        let object = &self.plan.object;
        if let Some(name) = draft.main.text(&object.name_field.name) {
            self.names.add(&object.name, fold(name), id);
        }
        if let Some(key) = &self.plan.key
            && let Some(value) = keys::value(self.cx, key, draft)
        {
            self.existing.add(value, id);
        }
    }

    fn write(&mut self, conn: &mut Conn, draft: &Draft) -> std::result::Result<Outcome, Stop> {
        let mut faults = draft.faults.clone();
        let main = self.resolved(&draft.main, &mut faults);
        let related: Vec<(usize, Map<String, Json>)> =
            draft.related.iter().map(|(place, part)| (*place, self.resolved(part, &mut faults))).collect();
        if !faults.is_empty() {
            faults.extend(self.unreadable(draft, &main));
            faults.extend(self.unreadable_related(&related));
            return Err(Stop::Faults(faults));
        }
        let written = self.write_main(conn, draft, &main).map_err(|stop| match stop {
            // All faults of the row at once, those of the related records too.
            Stop::Error(EngineError::Problem(problem)) if problem.code == Code::Invalid => {
                let mut faults = self.located(&problem, None);
                faults.extend(self.unreadable_related(&related));
                Stop::Faults(faults)
            }
            other => other,
        });
        let mut outcome = match written {
            Err(Stop::Error(EngineError::Problem(problem)))
                if problem.code == Code::Duplicate && !related.is_empty() =>
            {
                let Some(id) = self.earlier_row(conn, draft, &problem)? else {
                    return Err(EngineError::Problem(problem).into());
                };
                Outcome {
                    row: draft.row,
                    kind: Kind::Unchanged,
                    record: Some(id),
                    before: None,
                    faults: Vec::new(),
                }
            }
            other => other?,
        };
        let Some(parent) = outcome.record else { return Ok(outcome) };
        for (place, body) in related {
            let changed = self.write_related(conn, place, body, parent, outcome.kind == Kind::Created)?;
            if changed && outcome.kind == Kind::Unchanged {
                outcome.kind = Kind::Updated;
            }
        }
        Ok(outcome)
    }

    /// A part's body with the names turned into ids.
    fn resolved(&self, part: &Part, faults: &mut Vec<RowFault>) -> Map<String, Json> {
        let mut body = part.body.clone();
        for named in &part.names {
            match self.names.get(named) {
                Ok(id) => {
                    body.insert(named.field.name.clone(), id_text(id));
                }
                Err(fault) => faults.push(RowFault::of(&fault, self.plan)),
            }
        }
        body
    }

    fn write_main(
        &mut self,
        conn: &mut Conn,
        draft: &Draft,
        body: &Map<String, Json>,
    ) -> std::result::Result<Outcome, Stop> {
        let found = self.find(draft)?;
        let (kind, id, before) = match (self.plan.mode, found) {
            (Mode::Create, _) | (Mode::Upsert, None) => {
                let on = on_duplicate(self.plan);
                (Kind::Created, create::create(conn, self.engine, self.cx, &self.access, body, on)?, None)
            }
            (Mode::Update, None) => return Err(self.no_match().into()),
            (_, Some(id)) => {
                let (changed, before) = self.update(conn, &self.access, id, body)?;
                (if changed { Kind::Updated } else { Kind::Unchanged }, id, Some(before))
            }
        };
        Ok(Outcome { row: draft.row, kind, record: Some(id), before, faults: Vec::new() })
    }

    /// Whether anything changed, and the version before.
    fn update(
        &self,
        conn: &mut Conn,
        access: &ObjectAccess,
        id: i64,
        body: &Map<String, Json>,
    ) -> Result<(bool, i64)> {
        let record = update::writable(conn, self.cx, access, id, None)?;
        let assignments =
            body::read(body, &access.object, self.cx, |field| access.on_row(field, &record.reached))?;
        let version = Writer { engine: self.engine, cx: self.cx, conn }.update(&record, assignments)?;
        Ok((version != record.version, record.version))
    }

    /// The record that the row's key means.
    fn find(&self, draft: &Draft) -> Result<Option<i64>> {
        let Some(key) = &self.plan.key else { return Ok(None) };
        let Some(value) = keys::value(self.cx, key, draft) else {
            // A cell that can't be read is told by the write; a blank one only here.
            if draft.main.body.contains_key(&key.name) {
                return body::value(&draft.main.body[&key.name], key, self.cx)
                    .map(|_| None)
                    .map_err(EngineError::from);
            }
            return match self.plan.mode {
                Mode::Upsert => Ok(None),
                _ => Err(Fault::required(key).into()),
            };
        };
        match self.existing.get(&value) {
            [] => Ok(None),
            [id] => Ok(Some(*id)),
            several => Err(Fault::new(
                &key.name,
                "ambiguous",
                format!("有 {} 条记录的{}相同，无法确定更新哪一条", several.len(), key.label.zh),
                format!(
                    "{} records have the same {}; which to update can't be told",
                    several.len(),
                    key.label.en
                ),
            )
            .into()),
        }
    }

    fn no_match(&self) -> EngineError {
        let key = self.plan.key.as_ref().map_or(&self.plan.object.name_field, |key| key);
        Fault::new(
            &key.name,
            "no_match",
            format!("没有{}相同的{}可以更新", key.label.zh, self.plan.object.label.zh),
            format!(
                "No {} with this {} was found to update",
                self.plan.object.label.en.to_lowercase(),
                key.label.en
            ),
        )
        .into()
    }

    /// The record that an earlier row of this import made and this row repeats, as lists of people repeat their company. What is only alike,
    /// by a phone or an address, is another record, which the row must not get lost in.
    fn earlier_row(&self, conn: &mut Conn, draft: &Draft, duplicate: &Problem) -> Result<Option<i64>> {
        let name = draft.main.text(&self.plan.object.name_field.name).unwrap_or_default();
        let repeated = |candidate: &&Json| {
            candidate["verdict"] == "block"
                || candidate["name"].as_str().is_some_and(|of| same_name(name, of))
        };
        for id in candidates(duplicate).filter(repeated).filter_map(candidate_id) {
            if self.made.contains(&id) || self.made_by_us(conn, id)? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    fn made_by_us(&self, conn: &mut Conn, id: i64) -> Result<bool> {
        let mut sql = Sql::raw("select request from change_log where object = ");
        sql.bind(self.plan.object.name.as_str())
            .push(" and record_id = ")
            .bind(id)
            .push(" order by tx, id limit 1");
        let row = conn.query_opt(&sql)?;
        let request = row.as_ref().map(|row| row.opt_text(0)).transpose()?.flatten();
        Ok(request == Some(self.cx.caller.request.as_str()) && request != Some(""))
    }

    /// Writes a record that points to `parent`: the one of the same name if there is one. Whether anything changed.
    fn write_related(
        &mut self,
        conn: &mut Conn,
        place: usize,
        mut body: Map<String, Json>,
        parent: i64,
        parent_is_new: bool,
    ) -> std::result::Result<bool, Stop> {
        let (related, access) = (&self.plan.related[place], &self.related[place]);
        body.insert(related.via.name.clone(), id_text(parent));
        let known = if parent_is_new { Vec::new() } else { self.children(conn, place, &body, parent)? };
        let written = match known.as_slice() {
            [] => create::create(conn, self.engine, self.cx, access, &body, OnDuplicate::Warn).map(|_| true),
            [id] => self.update(conn, access, *id, &body).map(|(changed, _)| changed),
            _ => Err(self.several_children(&related.object)),
        };
        written.map_err(|error| match error {
            EngineError::Problem(problem) => Stop::Faults(self.located(&problem, Some(&related.object))),
            other => other.into(),
        })
    }

    fn children(
        &self,
        conn: &mut Conn,
        place: usize,
        body: &Map<String, Json>,
        parent: i64,
    ) -> Result<Vec<i64>> {
        let (related, access) = (&self.plan.related[place], &self.related[place]);
        let name = &related.object.name_field;
        let Some(Ok(parsed)) = body.get(&name.name).map(|json| body::value(json, name, self.cx)) else {
            return Ok(Vec::new());
        };
        let own = |field, value| Resolved::own(&related.object.name, field, Test::Equal(value));
        let mut query = RecordQuery::new(access, &self.cx.schema, &[]);
        query.filter = own(&related.via, Value::Int(parent)).and(own(name, parsed.value));
        query.limit = 2;
        let readable = |reached: &[bool]| access.on_row(name, reached) >= FieldAccess::Read;
        Ok(query.run(conn)?.into_iter().filter(|row| readable(&row.reached)).map(|row| row.id).collect())
    }

    fn several_children(&self, object: &Object) -> EngineError {
        let name = &object.name_field;
        Fault::new(
            &name.name,
            "ambiguous",
            format!("已有多个同名的{}，无法确定更新哪一个", object.label.zh),
            format!("Several records of {} have this name; which to update can't be told", object.label.en),
        )
        .into()
    }

    /// What can't be read in a row that fails for another reason, so that all its faults are told at once.
    fn unreadable(&self, draft: &Draft, main: &Map<String, Json>) -> Vec<RowFault> {
        let access = |field: &huike_model::Field| self.access.best(field).max(self.access.for_new(field));
        let mut faults = body::read(main, &self.access.object, self.cx, access).err().unwrap_or_default();
        if self.plan.mode == Mode::Create {
            faults.extend(absent(&self.access.object, main, draft, None));
        }
        faults.iter().map(|fault| RowFault::of(fault, self.plan)).collect()
    }

    fn unreadable_related(&self, related: &[(usize, Map<String, Json>)]) -> Vec<RowFault> {
        let mut faults = Vec::new();
        for (place, body) in related {
            let access = &self.related[*place];
            let found = body::read(body, &access.object, self.cx, |field| access.for_new(field))
                .err()
                .unwrap_or_default();
            faults.extend(found.into_iter().map(|fault| self.within(fault, &access.object)));
        }
        faults
    }

    fn within(&self, fault: Fault, object: &Object) -> RowFault {
        let path = format!("{}.{}", object.name, fault.field);
        RowFault::of(&fault.at(path), self.plan)
    }

    /// A problem as faults of the row.
    fn located(&self, problem: &Problem, related: Option<&Object>) -> Vec<RowFault> {
        if !problem.faults.is_empty() {
            let located = problem.faults.iter().cloned().map(|fault| match related {
                Some(object) => self.within(fault, object),
                None => RowFault::of(&fault, self.plan),
            });
            return located.collect();
        }
        let repeats = problem.code == Code::Duplicate
            && candidates(problem).filter_map(candidate_id).any(|id| self.made.contains(&id));
        let message = match problem.code {
            Code::Duplicate if repeats => {
                Label::new("与文件里前面的行重复", "Repeats an earlier row of the file")
            }
            Code::Duplicate => duplicate_message(problem, related.unwrap_or(&self.plan.object)),
            code => problem.detail.clone().unwrap_or_else(|| code.title()),
        };
        let code = if repeats { IN_FILE } else { problem.code.name() };
        let field = match (problem.code, related) {
            (Code::Duplicate, _) => duplicate_field(problem),
            (_, None) => self.plan.key.as_ref().map(|key| key.name.clone()),
            _ => None,
        };
        let object = related.unwrap_or(&self.plan.object);
        let field = field.unwrap_or_else(|| object.name_field.name.clone());
        let path = related.map_or_else(|| field.clone(), |object| format!("{}.{field}", object.name));
        vec![RowFault { column: self.plan.column_of(&path), field: path, code: code.into(), message }]
    }
}

/// The required fields of a new record that a row leaves blank.
fn absent(object: &Object, body: &Map<String, Json>, draft: &Draft, prefix: Option<&str>) -> Vec<Fault> {
    let told = |name: &str| {
        let path = prefix.map_or_else(|| name.to_owned(), |prefix| format!("{prefix}.{name}"));
        draft.faults.iter().any(|fault| fault.field == path)
    };
    let named = |name: &str| draft.main.names.iter().any(|named| named.field.name == name);
    let needed =
        object.fields().filter(|field| field.required && !field.computed() && field.default.is_none());
    needed
        .filter(|field| !body.contains_key(&field.name) && !named(&field.name) && !told(&field.name))
        .map(|field| Fault::required(field))
        .collect()
}

/// The candidates that the caller is told of.
fn candidates(problem: &Problem) -> impl Iterator<Item = &Json> {
    problem.extra.get("candidates").and_then(Json::as_array).into_iter().flatten()
}

fn candidate_id(candidate: &Json) -> Option<i64> {
    candidate["id"].as_str()?.parse::<Id>().ok().map(Id::number)
}

/// 远望仪器 and 上海远望仪器有限公司, but not 杭州远望仪器有限公司 and 上海远望仪器有限公司.
fn same_name(one: &str, other: &str) -> bool {
    if fold(one) == fold(other) {
        return true;
    }
    let (a, b) = (company::parse(one), company::parse(other));
    let regions = a.region.as_ref().zip(b.region.as_ref());
    a.key() == b.key() && regions.is_none_or(|(a, b)| a == b)
}

/// The field by which the first candidate was recognised.
fn duplicate_field(problem: &Problem) -> Option<String> {
    problem.extra.get("candidates")?.get(0)?.get("reasons")?.get(0)?.get("field")?.as_str().map(str::to_owned)
}

/// Names the candidates as far as the caller may know them.
fn duplicate_message(problem: &Problem, object: &Object) -> Label {
    let names: Vec<&str> =
        candidates(problem).filter_map(|candidate| candidate["name"].as_str()).take(3).collect();
    let (zh, en) = (&object.label.zh, object.label.en.to_lowercase());
    if names.is_empty() {
        return Label::new(format!("可能已有相同的{zh}"), format!("The same {en} may exist already"));
    }
    Label::new(
        format!("可能与已有{zh}“{}”重复", names.join("”“")),
        format!("May be the same as the {en} “{}”", names.join("”, “")),
    )
}
