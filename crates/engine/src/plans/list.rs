//! The plans of a customer as they are shown: what was done, what is late, what was passed over, what comes.

use super::definition::{Definition, Evidence, Step};
use super::rows::{self, Run, StepRow};
use super::who;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::CUSTOMER;
use crate::records::load;
use crate::records::render::{Names, id_text};
use crate::records::update::may_write;
use crate::shown::instant_text;
use huike_model::Code;
use huike_model::access::ObjectAccess;
use huike_store::Conn;
use huike_store::query::Deleted;
use serde_json::{Value as Json, json};

/// Runs that are shown.
const SHOWN: i64 = 20;

impl Engine {
    /// The plans that a customer is or was on, newest first, and those that they can be put on.
    ///
    /// # Errors
    /// `not_found`: the customer, or all but the basics of them; an object without plans.
    pub async fn plans_of(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            if object.name != CUSTOMER {
                return Err(Code::NotFound.into());
            }
            let access = cx.access(conn, &object)?;
            of_record(conn, &cx, &access, id)
        })
        .await
    }
}

/// As [`Engine::plans_of`], in a transaction.
///
/// # Errors
/// As there.
pub(super) fn of_record(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, id: i64) -> Result<Json> {
    let record = load::find(conn, cx, access, id, Deleted::Any)?;
    if !record.open_in_full(access) {
        return Err(Code::NotFound.into());
    }
    let runs = rows::of_record(conn, CUSTOMER, id, SHOWN)?;
    let versions = rows::versions(conn, &runs)?;
    let steps = rows::steps(conn, &runs.iter().map(|run| run.id).collect::<Vec<_>>())?;
    let owner = record.values.int("owner");
    let mut people: Vec<i64> = runs.iter().map(|run| run.started_by).filter(|user| *user > 0).collect();
    people.extend(steps.values().flatten().filter_map(|step| step.closed_by).filter(|user| *user > 0));
    for step in versions.values().flat_map(|version| &version.steps) {
        people.extend(who::responsible(cx, &step.role, owner, id).user);
    }
    let mut names = Names::default();
    names.add(conn, cx, "user", people)?;
    let may = !record.deleted && may_write(conn, cx, access, id)?;
    let shown = Shown { cx, names: &names, owner, record: id, may };
    let mut items = Vec::new();
    for run in &runs {
        if let Some(definition) = versions.get(&(run.plan, run.version)) {
            let taken = steps.get(&run.id).map(Vec::as_slice).unwrap_or_default();
            items.push(shown.run(run, definition, taken));
        }
    }
    let on: Vec<i64> = runs.iter().filter(|run| run.running()).map(|run| run.plan).collect();
    let can = cx.org.plans.iter().filter(|plan| plan.active && !on.contains(&plan.id));
    let can: Vec<Json> = can
        .filter(|_| may && owner.is_some())
        .map(|plan| json!({"id": id_text(plan.id), "name": plan.definition.name, "description": plan.definition.description}))
        .collect();
    Ok(json!({"items": items, "startable": can, "can_change": may}))
}

struct Shown<'a> {
    cx: &'a Cx,
    names: &'a Names,
    owner: Option<i64>,
    record: i64,
    /// Whether the caller may change the customer.
    may: bool,
}

impl Shown<'_> {
    fn run(&self, run: &Run, definition: &Definition, taken: &[StepRow]) -> Json {
        let mut steps: Vec<Json> =
            taken.iter().filter_map(|row| Some(self.step(definition.step(&row.step)?, Some(row)))).collect();
        let done = taken.iter().filter(|row| ["done", "skipped"].contains(&row.state.as_str())).count();
        // What comes if no branch leads elsewhere.
        let mut last = taken.last().map(|row| row.step.clone());
        while let Some(next) =
            last.as_deref().filter(|_| run.running()).and_then(|key| definition.after(key, None))
        {
            steps.push(self.step(next, None));
            last = Some(next.key.clone());
        }
        json!({
            "id": id_text(run.id), "plan": id_text(run.plan), "name": definition.name,
            "description": definition.description, "version": run.version, "state": run.state,
            "automatic": run.automatic, "started_at": instant_text(run.started_at),
            "started_by": (run.started_by > 0).then(|| self.names.reference("user", run.started_by)),
            "ended_at": run.ended_at.map(instant_text), "reason": run.reason,
            "done": done, "total": steps.len(), "steps": steps,
        })
    }

    fn step(&self, step: &Step, row: Option<&StepRow>) -> Json {
        let late = row.is_some_and(|row| row.due_at < row.closed_at.unwrap_or(self.cx.moment.now));
        let state = match row {
            None => "ahead",
            Some(row) if row.open() && late => "late",
            Some(row) => row.state.as_str(),
        };
        let who = who::responsible(self.cx, &step.role, self.owner, self.record);
        let role = self.cx.org.role_by_code(&step.role).map_or(step.role.as_str(), |role| role.name.as_str());
        let evidence = match &step.evidence {
            Evidence::Hand => json!({"kind": "hand"}),
            other => json!(other),
        };
        json!({
            "id": row.map(|row| id_text(row.id)), "key": step.key, "action": step.action, "script": step.script,
            "role": role, "responsible": who.user.map(|user| self.names.reference("user", user)),
            "fallback": who.fallback, "evidence": evidence,
            "outcomes": step.branches.iter().map(|branch| &branch.outcome).collect::<Vec<_>>(),
            "can_close": row.is_some_and(StepRow::open) && (self.may || who::is_theirs(self.cx, who)),
            "state": state, "was_late": late && row.is_some_and(|row| !row.open()),
            "opened_at": row.map(|row| instant_text(row.opened_at)), "due_at": row.map(|row| instant_text(row.due_at)),
            "closed_at": row.and_then(|row| row.closed_at).map(instant_text),
            "closed_by": row
                .and_then(|row| row.closed_by)
                .filter(|user| *user > 0)
                .map(|user| self.names.reference("user", user)),
            "outcome": row.and_then(|row| row.outcome.clone()), "note": row.and_then(|row| row.note.clone()),
        })
    }
}
