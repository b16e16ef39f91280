//! The one pipeline of every write: read → fill → check → seal → store → index → log → roll up.

use super::body::Assignment;
use super::columns::{logged, stored_columns};
use super::faults::{changed, not_unique};
use super::insert::NewRecord;
use super::key_index;
use super::load::Record;
use super::log::{self, Change};
use super::values::Values;
use super::{duplicates, formulas, mentions, numbers, references, rollups, series};
use crate::access::roles::guard_administrators;
use crate::cx::Cx;
use crate::dictionary::field_of_index;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::files;
use crate::lifecycle;
use crate::quality::score;
use crate::search;
use crate::tiers;
use huike_model::filter::Facts;
use huike_model::schema::{Creates, Ownership};
use huike_model::{Code, Fault, Field, Object, Problem, Value};
use huike_store::{Conn, SqlValue, StoreError, query};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A write in progress.
pub struct Writer<'a> {
    pub engine: &'a Engine,
    pub cx: &'a Cx,
    pub conn: &'a mut Conn,
}

/// Records made by others' writes may make further ones; this many steps.
const MAX_CHAIN: usize = 3;

impl Writer<'_> {
    /// Stores a new record. Who may is checked before; what is checked here.
    ///
    /// # Errors
    /// `invalid` with every fault; the database's.
    pub fn create(&mut self, object: &Arc<Object>, assignments: Vec<Assignment>) -> Result<i64> {
        let id = self.conn.next_id()?;
        self.create_as(object, id, assignments, 0)
    }

    /// As [`Writer::create`], under an id that was given out before.
    ///
    /// # Errors
    /// As there.
    pub fn create_with_id(
        &mut self,
        object: &Arc<Object>,
        id: i64,
        assignments: Vec<Assignment>,
    ) -> Result<i64> {
        self.create_as(object, id, assignments, 0)
    }

    fn create_as(
        &mut self,
        object: &Arc<Object>,
        id: i64,
        assignments: Vec<Assignment>,
        chain: usize,
    ) -> Result<i64> {
        let fields: Vec<Arc<Field>> = object.fields().cloned().collect();
        let (mut values, raw, faults) = self.draft(object, id, assignments)?;
        if !faults.is_empty() {
            return Err(self.with_taken(&values, &fields, faults)?.into());
        }
        stamp(self.cx, &mut values);
        let shape = self.engine.shapes().of(object)?;
        let mut record = [NewRecord::of(self.cx, &shape, values, &raw, None)?];
        numbers::assign(self.conn, self.cx, &mut record)?;
        let [record] = record;
        let values = record.values.clone();
        let (keys, new_key) = (record.keys.len(), record.new_key());
        record.write(self.conn, self.cx).map_err(|error| unique_fault(object, error))?;
        self.cx.keys().renew(self.conn, new_key)?;
        self.engine.keys_moving().on(self.conn, keys)?;
        files::follow(self.conn, self.cx, None, Some(&values))?;
        log::tell(self.conn, self.engine);
        rollups::bring_up(self.conn, self.cx, None, Some(&values))?;
        self.make_others(None, &values, chain)?;
        self.after(object);
        Ok(id)
    }

    /// A new record as it would be, with what was typed and its faults.
    pub(super) fn draft(
        &mut self,
        object: &Arc<Object>,
        id: i64,
        assignments: Vec<Assignment>,
    ) -> Result<(Values, Map<String, Json>, Vec<Fault>)> {
        let draft = Draft::of(self.cx, object, id, assignments);
        let inherited = match draft.inherits() {
            Some(lookup) => self.owner_of_target(&draft.values, lookup)?,
            None => None,
        };
        let (mut values, raw, mut faults) = draft.finish(self.cx, inherited);
        let fields: Vec<Arc<Field>> = object.fields().cloned().collect();
        faults.extend(self.check_following(&mut values, &fields)?);
        faults.extend(self.gated(None, &values, &faults)?);
        Ok((values, raw, faults))
    }

    /// What the stage and the tier ask for that the record is brought to, beyond what is known to be missing.
    pub(super) fn gated(
        &mut self,
        before: Option<&Values>,
        after: &Values,
        known: &[Fault],
    ) -> Result<Vec<Fault>> {
        let mut faults = lifecycle::check_gate(self.conn, self.cx, before, after)?;
        faults.extend(before.map(|before| tiers::check_manual(self.cx, before, after)).unwrap_or_default());
        faults.retain(|fault| known.iter().all(|each| each.field != fault.field));
        Ok(faults)
    }

    /// Changes a record; its new version. Nothing is written when nothing changes.
    ///
    /// # Errors
    /// `invalid` with every fault; `conflict` when somebody else was faster; the database's.
    pub fn update(&mut self, record: &Record, assignments: Vec<Assignment>) -> Result<i64> {
        self.update_as(record, assignments, None, true)
    }

    /// As [`Writer::update`]; `meta` is what the log says of it beside the values.
    ///
    /// # Errors
    /// As there.
    pub fn update_noted(
        &mut self,
        record: &Record,
        assignments: Vec<Assignment>,
        meta: Option<Json>,
    ) -> Result<i64> {
        self.update_as(record, assignments, meta, true)
    }

    /// As [`Writer::update_noted`] with values that nobody has looked at: fields keep the day on which somebody last checked them.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn update_unchecked(
        &mut self,
        record: &Record,
        assignments: Vec<Assignment>,
        meta: Json,
    ) -> Result<i64> {
        self.update_as(record, assignments, Some(meta), false)
    }

    fn update_as(
        &mut self,
        record: &Record,
        assignments: Vec<Assignment>,
        meta: Option<Json>,
        checked: bool,
    ) -> Result<i64> {
        let object = record.values.object().clone();
        let mut values = record.values.clone();
        let kept: Map<String, Json> =
            record.raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
        let placed = assignments.iter().any(|assignment| assignment.field.name == "department");
        let raw = apply(&mut values, &kept, assignments);
        if values.get("owner") != record.values.get("owner") && !placed {
            follow_owner(self.cx, &mut values);
        }
        formulas::compute(&mut values);
        if changed(&values, &record.values).is_empty() {
            return Ok(record.version);
        }
        score::keep(self.cx, checked.then_some(&record.values), &mut values);
        let changed = changed(&values, &record.values);
        let mut faults = self.check_following(&mut values, &changed)?;
        faults.extend(self.gated(Some(&record.values), &values, &faults)?);
        if !faults.is_empty() {
            return Err(self.with_taken(&values, &changed, faults)?.into());
        }
        lifecycle::note(self.conn, self.cx, &record.values, &values, meta.as_ref())?;
        let values = self.put(record, values, &raw, &changed, "update", meta)?;
        self.make_others(Some(&record.values), &values, 0)?;
        if object.name == "user" && changed.iter().any(|field| field.name == "active") {
            guard_administrators(self.conn, self.cx)?;
        }
        Ok(record.version + 1)
    }

    /// Writes what was checked before under a word of its own in the log: what a merge makes of a record. The version grows even when
    /// nothing changes, and nothing is made beside it.
    ///
    /// # Errors
    /// `invalid` when a unique value is taken; `conflict`; the database's.
    pub(crate) fn rewrite(
        &mut self,
        record: &Record,
        assignments: Vec<Assignment>,
        op: &str,
        meta: Json,
    ) -> Result<()> {
        let mut values = record.values.clone();
        let kept: Map<String, Json> =
            record.raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
        let raw = apply(&mut values, &kept, assignments);
        formulas::compute(&mut values);
        let changed = changed(&values, &record.values);
        self.put(record, values, &raw, &changed, op, Some(meta)).map(drop)
    }

    /// Gives a record to another owner, or to nobody, with what belongs to that. Neither rules nor required fields hold it up: whose a
    /// record is must not depend on what somebody once forgot to fill in. Nothing is made beside it, and no other field follows.
    ///
    /// # Errors
    /// `conflict` when somebody else was faster; the database's.
    pub(crate) fn give(&mut self, record: &Record, assignments: Vec<Assignment>, meta: Json) -> Result<()> {
        let mut values = record.values.clone();
        let kept: Map<String, Json> =
            record.raw.as_deref().and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
        let raw = apply(&mut values, &kept, assignments);
        if values.get("owner") != record.values.get("owner") {
            follow_owner(self.cx, &mut values);
        }
        formulas::compute(&mut values);
        score::keep(self.cx, Some(&record.values), &mut values);
        let changed = changed(&values, &record.values);
        if changed.is_empty() {
            return Ok(());
        }
        self.put(record, values, &raw, &changed, "update", Some(meta)).map(drop)
    }

    /// Stores what changed with everything that is kept beside a record; the values as stored.
    fn put(
        &mut self,
        record: &Record,
        mut values: Values,
        raw: &Map<String, Json>,
        changed: &[Arc<Field>],
        op: &str,
        meta: Option<Json>,
    ) -> Result<Values> {
        let object = record.values.object().clone();
        let mut change = Change { meta, ..Change::default() };
        let mut columns: Vec<(String, SqlValue)> = vec![("raw".into(), raw_text(raw).into())];
        for field in changed {
            let stored = self.stored(&object, field, record.id, values.of(field))?;
            if !field.computed() {
                let place = object.fields().position(|each| each.name == field.name);
                let before = place.and_then(|place| record.stored.get(place)).unwrap_or(&Value::Null);
                change.note(field, Some(before), Some(&logged(&stored[0].1)));
            }
            columns.extend(stored);
        }
        self.store_version(record, &mut values, columns)?;
        files::follow(self.conn, self.cx, Some(&record.values), Some(&values))?;
        if changed
            .iter()
            .any(|field| field.searchable || matches!(field.name.as_str(), "owner" | "department"))
        {
            search::index::put(self.conn, self.cx, &values)?;
        }
        duplicates::put(self.conn, self.cx, Some(&record.values), &values)?;
        log::append(self.conn, self.engine, self.cx, &object, record.id, op, change)?;
        rollups::bring_up(self.conn, self.cx, Some(&record.values), Some(&values))?;
        self.after(&object);
        Ok(values)
    }

    /// Puts a record into the recycle bin, or takes it out again.
    ///
    /// # Errors
    /// As [`Writer::update`].
    pub fn set_deleted(&mut self, record: &Record, deleted: bool) -> Result<()> {
        self.remove_or_restore(record, deleted, None)
    }

    /// Puts a record away that was merged into another.
    ///
    /// # Errors
    /// As [`Writer::update`].
    pub(crate) fn put_away(&mut self, record: &Record, meta: Json) -> Result<()> {
        self.remove_or_restore(record, true, Some(meta))
    }

    fn remove_or_restore(&mut self, record: &Record, deleted: bool, meta: Option<Json>) -> Result<()> {
        let object = record.values.object().clone();
        let mut values = record.values.clone();
        let at = if deleted { SqlValue::Int(self.cx.moment.now) } else { SqlValue::Null };
        self.store_version(record, &mut values, vec![("deleted_at".into(), at)])?;
        let (op, before, after) =
            if deleted { ("delete", Some(&record.values), None) } else { ("restore", None, Some(&values)) };
        if deleted {
            search::index::remove(self.conn, &object, record.id)?;
            key_index::replace(self.conn, record.id, &[])?;
        } else {
            search::index::put(self.conn, self.cx, &values)?;
            duplicates::put(self.conn, self.cx, None, &values)?;
        }
        if object.name == files::OBJECT {
            files::follow(self.conn, self.cx, before, after)?;
        }
        let change = Change { meta, ..Change::default() };
        log::append(self.conn, self.engine, self.cx, &object, record.id, op, change)?;
        rollups::bring_up(self.conn, self.cx, before, after)?;
        if deleted && matches!(object.name.as_str(), "user" | "role") {
            guard_administrators(self.conn, self.cx)?;
        }
        self.after(&object);
        Ok(())
    }

    /// Writes the columns under the next version.
    fn store_version(
        &mut self,
        record: &Record,
        values: &mut Values,
        mut columns: Vec<(String, SqlValue)>,
    ) -> Result<()> {
        let (now, me) = (self.cx.moment.now, self.cx.author());
        for (name, column, value) in [
            ("version", "version", record.version + 1),
            ("updated_at", "updated_at", now),
            ("updated_by", "updated_by", me),
        ] {
            values.set(name, Value::Int(value));
            columns.retain(|(existing, _)| existing != column);
            columns.push((column.into(), SqlValue::Int(value)));
        }
        let object = record.values.object();
        let updated = query::update(self.conn, object, record.id, record.version, &columns);
        match updated.map_err(|error| unique_fault(object, error))? {
            1 => Ok(()),
            _ => Err(Code::Conflict.into()),
        }
    }

    fn owner_of_target(&mut self, values: &Values, lookup: &str) -> Result<Option<i64>> {
        let (Some(id), Some(field)) = (values.int(lookup), values.object().field(lookup)) else {
            return Ok(None);
        };
        let Some(target) = field.target().and_then(|target| self.cx.schema.object(target)) else {
            return Ok(None);
        };
        let table = huike_store::sql::ident(&target.name)?;
        let sql = huike_store::Sql::with(format!("select owner_id from {table} where id = $1"), [id.into()])?;
        Ok(self.conn.query_opt(&sql)?.map(|row| row.opt_int(0)).transpose()?.flatten())
    }

    /// Required fields, references and rules. `changed` are the fields whose values are new.
    pub(super) fn check(&mut self, values: &Values, changed: &[Arc<Field>]) -> Result<Vec<Fault>> {
        let mut faults = check_own(values, changed);
        let references: Vec<Arc<Field>> = changed.iter().filter(|field| !field.computed()).cloned().collect();
        faults.extend(references::check(self.conn, self.cx, values, &references)?);
        faults.extend(files::check(self.conn, self.cx, values, &references)?);
        Ok(faults)
    }

    /// As [`Writer::check`]; references to records that were merged lead to their survivors.
    fn check_following(&mut self, values: &mut Values, changed: &[Arc<Field>]) -> Result<Vec<Fault>> {
        let faults = self.check(values, changed)?;
        let astray = faults.iter().any(|fault| fault.code == "unknown_reference");
        if astray && references::follow(self.conn, values, changed)? {
            return self.check(values, changed);
        }
        Ok(faults)
    }

    /// A field's columns with what goes into them: the value, its sort key, its blind indexes.
    fn stored(
        &mut self,
        object: &Object,
        field: &Field,
        record: i64,
        value: &Value,
    ) -> Result<Vec<(String, SqlValue)>> {
        let (cx, conn) = (self.cx, &mut *self.conn);
        stored_columns(cx, object, field, value, |plain| {
            cx.keys().seal(conn, &object.name, field, record, plain)
        })
    }

    /// Makes the records that this write asks for, such as the task for a next step.
    fn make_others(&mut self, before: Option<&Values>, after: &Values, chain: usize) -> Result<()> {
        if chain == 0 {
            mentions::tell(self.conn, self.engine, self.cx, before, after)?;
        }
        let object = after.object().clone();
        for creates in &object.creates {
            let resolved = creates.when.resolve(&self.cx.moment, self.cx);
            let held = before.is_some_and(|before| resolved.matches(before as &dyn Facts));
            if held || !resolved.matches(after as &dyn Facts) || chain >= MAX_CHAIN {
                continue;
            }
            self.make(creates, after, chain)?;
        }
        Ok(())
    }

    fn make(&mut self, creates: &Creates, from: &Values, chain: usize) -> Result<()> {
        let Some(target) = self.cx.schema.object(&creates.object).cloned() else { return Ok(()) };
        let Some(from) = series::moved_on(self.conn, self.cx, &target, creates, from)? else { return Ok(()) };
        let mut assignments = Vec::new();
        for (to, source) in &creates.set {
            let (Some(field), value) = (target.field(to), from.get(source).clone()) else { continue };
            if !value.is_null() {
                assignments.push(Assignment { field: field.clone(), parsed: value.into() });
            }
        }
        let id = self.conn.next_id()?;
        self.create_as(&target, id, assignments, chain + 1).map_err(|error| match error {
            EngineError::Problem(problem) if problem.code == Code::Invalid => {
                let faults = problem.faults.iter().map(|fault| {
                    let source = creates
                        .set
                        .iter()
                        .find(|(to, _)| *to == fault.field)
                        .map(|(_, source)| source.as_str());
                    fault.clone().at(source.unwrap_or_default())
                });
                Problem::invalid(faults.collect()).into()
            }
            other => other,
        })?;
        Ok(())
    }

    /// People, departments and roles are asked at every request: whoever changes them renews the snapshot.
    pub(super) fn after(&mut self, object: &Object) {
        if matches!(object.name.as_str(), "user" | "department" | "role") {
            self.engine.renew_after(self.conn);
        }
    }
}

/// A new record as its writer left it.
pub(crate) struct Draft {
    pub values: Values,
    raw: Map<String, Json>,
    faults: Vec<Fault>,
    /// The writer said whose it is, nobody's perhaps.
    owned: bool,
}

impl Draft {
    /// What the writer said, and the defaults for the rest.
    pub fn of(cx: &Cx, object: &Arc<Object>, id: i64, assignments: Vec<Assignment>) -> Draft {
        let mut values = Values::new(object);
        values.set("id", Value::Int(id));
        let owned = assignments.iter().any(|assignment| assignment.field.name == "owner");
        let raw = apply(&mut values, &Map::new(), assignments);
        let faults = defaults(cx, &mut values);
        Draft { values, raw, faults, owned }
    }

    /// The lookup to the record whose owner it gets, where it is nobody's yet.
    pub fn inherits(&self) -> Option<&str> {
        match &self.values.object().owner {
            Ownership::From(lookup) if !self.owned => Some(lookup),
            _ => None,
        }
    }

    /// The values with owner, department and formulas, what was typed, and the faults of the defaults.
    pub fn finish(mut self, cx: &Cx, inherited: Option<i64>) -> (Values, Map<String, Json>, Vec<Fault>) {
        if !self.owned {
            own(cx, &mut self.values, inherited);
        }
        if self.values.get("department").is_null() {
            follow_owner(cx, &mut self.values);
        }
        formulas::compute(&mut self.values);
        score::keep(cx, None, &mut self.values);
        (self.values, self.raw, self.faults)
    }
}

/// Fills what the writer left out, and the figures of a record that has no children yet; the faults of defaults that don't fit (an option retired since, say).
fn defaults(cx: &Cx, values: &mut Values) -> Vec<Fault> {
    let object = values.object().clone();
    let mut faults = Vec::new();
    rollups::start(values);
    for field in object.fields().filter(|field| !field.computed()) {
        let Some(default) = field.default.as_ref().filter(|_| values.of(field).is_null()) else { continue };
        match super::body::value(default, field, cx) {
            Ok(parsed) => values.set(&field.name, parsed.value),
            Err(found) => faults.extend(found),
        }
    }
    faults
}

/// Gives a record that nobody was named for to `inherited`, else to the writer.
fn own(cx: &Cx, values: &mut Values, inherited: Option<i64>) {
    let me = cx.author();
    values.set("owner", inherited.or((me > 0).then_some(me)).into());
}

fn follow_owner(cx: &Cx, values: &mut Values) {
    let department =
        values.int("owner").and_then(|owner| cx.org.user(owner)).and_then(|owner| owner.department);
    values.set("department", department.into());
}

/// Required fields and rules: what can be said of a record without looking at others.
pub(crate) fn check_own(values: &Values, changed: &[Arc<Field>]) -> Vec<Fault> {
    let mut faults: Vec<Fault> = changed
        .iter()
        .filter(|field| field.required && !field.computed() && values.of(field).is_null())
        .map(|field| Fault::required(field))
        .collect();
    for rule in &values.object().rules {
        if !rule.check.holds(|name| values.operand(name)) {
            faults.push(Fault {
                field: rule.field.clone().unwrap_or_default(),
                code: "rule",
                message: rule.message.clone(),
            });
        }
    }
    faults
}

/// Who made a new record, and when.
pub(crate) fn stamp(cx: &Cx, values: &mut Values) {
    let (now, me) = (cx.moment.now, cx.author());
    for (name, value) in
        [("created_at", now), ("updated_at", now), ("created_by", me), ("updated_by", me), ("version", 1)]
    {
        values.set(name, Value::Int(value));
    }
}

/// Sets the assigned values; what was typed where it reads differently, by field.
pub(super) fn apply(
    values: &mut Values,
    kept: &Map<String, Json>,
    assignments: Vec<Assignment>,
) -> Map<String, Json> {
    let mut raw = kept.clone();
    for Assignment { field, parsed } in assignments {
        // What was typed into a sealed field would stand there unsealed.
        match parsed.raw.filter(|_| !field.encrypted) {
            Some(typed) => raw.insert(field.name.clone(), typed.into()),
            None => raw.remove(&field.name),
        };
        values.set(&field.name, parsed.value);
    }
    raw
}

pub(crate) fn raw_text(raw: &Map<String, Json>) -> Option<String> {
    (!raw.is_empty()).then(|| Json::Object(raw.clone()).to_string())
}

/// A second record under a unique field is the writer's fault, said at the field.
pub(crate) fn unique_fault(object: &Object, error: StoreError) -> EngineError {
    let StoreError::UniqueViolation { index } = &error else { return error.into() };
    match field_of_index(object, index) {
        Some(field) => not_unique(field).into(),
        None => error.into(),
    }
}
