//! A plan as an administrator writes it, and what the dictionary says to it.

use crate::cx::Cx;
use crate::error::{EngineError, Result};
use crate::obligations::CUSTOMER;
use crate::obligations::rule::Offset;
use huike_model::filter::Filter;
use huike_model::{Fault, Object};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which customers a plan is for. Lists that are empty ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Start {
    /// Begins by itself when a customer has become one of these.
    pub automatic: bool,
    pub stages: Vec<String>,
    pub tiers: Vec<String>,
    pub sources: Vec<String>,
    pub filter: Option<Json>,
}

/// What shows that a step was done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Evidence {
    /// Somebody says so.
    #[default]
    Hand,
    /// An interaction of one of these kinds.
    Talk { kinds: Vec<String> },
    /// A field of the customer that is filled in.
    Field { field: String },
    /// A file that was attached to the customer.
    File,
}

/// Where an outcome leads; nowhere: the plan is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    pub outcome: String,
    #[serde(default)]
    pub to: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub key: String,
    /// What is to be done, in a few words.
    pub action: String,
    /// What to say or to look at.
    #[serde(default)]
    pub script: String,
    /// `owner`, `manager`, `director`, or the code of a role.
    #[serde(default = "owner")]
    pub role: String,
    /// After the step before it, or after the plan's start.
    #[serde(default)]
    pub after: Offset,
    #[serde(default)]
    pub from_start: bool,
    #[serde(default)]
    pub evidence: Evidence,
    #[serde(default)]
    pub branches: Vec<Branch>,
}

fn owner() -> String {
    OWNER.into()
}

pub const OWNER: &str = "owner";
pub const MANAGER: &str = "manager";
pub const DIRECTOR: &str = "director";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub start: Start,
    /// Ends when the customer is no longer one of those it is for.
    #[serde(default = "yes")]
    pub stop_when_left: bool,
    pub steps: Vec<Step>,
}

fn yes() -> bool {
    true
}

/// A plan as it is kept.
#[derive(Clone, Debug)]
pub struct Plan {
    pub id: i64,
    pub position: i64,
    pub active: bool,
    /// Customers who became what it is for before this are left alone.
    pub active_since: i64,
    pub version: i64,
    pub definition: Definition,
}

const MAX_STEPS: usize = 30;
const MAX_BRANCHES: usize = 10;
const LONGEST_NAME: usize = 60;
const LONGEST_SCRIPT: usize = 2_000;
/// Two years.
const LONGEST_DAYS: i32 = 731;

impl Start {
    /// As a filter over customers. Whoever is in a public pool has nobody to follow up.
    pub fn filter(&self) -> Json {
        let mut all = vec![json!({"field": "owner", "op": "not_empty"})];
        for (field, values) in [("stage", &self.stages), ("tier", &self.tiers), ("source", &self.sources)] {
            if !values.is_empty() {
                all.push(json!({"field": field, "op": "in", "value": values}));
            }
        }
        all.extend(self.filter.clone());
        json!({"all": all})
    }
}

impl Definition {
    /// The step that follows one with an outcome; none when the plan is done.
    pub fn after(&self, key: &str, outcome: Option<&str>) -> Option<&Step> {
        let place = self.steps.iter().position(|step| step.key == key)?;
        let branch =
            self.steps[place].branches.iter().find(|branch| Some(branch.outcome.as_str()) == outcome);
        match branch {
            Some(branch) => branch.to.as_ref().and_then(|to| self.step(to)),
            None => self.steps.get(place + 1),
        }
    }

    pub fn step(&self, key: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.key == key)
    }

    pub fn place(&self, key: &str) -> usize {
        self.steps.iter().position(|step| step.key == key).unwrap_or_default()
    }

    /// Which customers it is for; none when the dictionary has changed from under it.
    pub fn checked(&self, cx: &Cx) -> Option<Filter> {
        Filter::check_at(&self.start.filter(), CUSTOMER, &*cx.schema, &cx.moment).ok()
    }

    /// Checks it against the dictionary.
    ///
    /// # Errors
    /// Every fault, at paths of the definition.
    pub fn check(&self, cx: &Cx) -> std::result::Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        length(&mut faults, "name", &self.name, 1, LONGEST_NAME);
        length(&mut faults, "description", &self.description, 0, LONGEST_SCRIPT);
        let Some(object) = cx.schema.object(CUSTOMER) else { return Err(faults) };
        for (field, values) in
            [("stage", &self.start.stages), ("tier", &self.start.tiers), ("source", &self.start.sources)]
        {
            let options = object.field(field).map(|field| field.options.as_slice()).unwrap_or_default();
            for value in values.iter().filter(|value| !options.iter().any(|known| known.value == **value)) {
                faults.push(unknown(format!("start.{field}s"), value));
            }
        }
        if let Some(filter) = &self.start.filter
            && let Err(found) = Filter::check_at(filter, CUSTOMER, &*cx.schema, &cx.moment)
        {
            faults.extend(found.into_iter().map(|fault| {
                let at = format!("start.filter.{}", fault.field);
                fault.at(at)
            }));
        }
        if self.steps.is_empty() || self.steps.len() > MAX_STEPS {
            let zh = format!("应有 1 到 {MAX_STEPS} 个步骤");
            faults.push(Fault::new("steps", "range", zh, format!("Must have 1 to {MAX_STEPS} steps")));
        }
        let mut seen = BTreeSet::new();
        for (place, step) in self.steps.iter().take(MAX_STEPS).enumerate() {
            if !seen.insert(step.key.as_str()) {
                let (zh, en) = ("步骤标识重复", "Two steps have the same key");
                faults.push(Fault::new(format!("steps.{place}.key"), "duplicate", zh, en));
            }
            self.check_step(cx, object, place, step, &mut faults);
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn check_step(&self, cx: &Cx, object: &Object, place: usize, step: &Step, faults: &mut Vec<Fault>) {
        let at = |member: &str| format!("steps.{place}.{member}");
        length(faults, &at("key"), &step.key, 1, 40);
        length(faults, &at("action"), &step.action, 1, LONGEST_NAME);
        length(faults, &at("script"), &step.script, 0, LONGEST_SCRIPT);
        let people = [OWNER, MANAGER, DIRECTOR].contains(&step.role.as_str());
        if !people && cx.org.role_by_code(&step.role).is_none() {
            let zh = format!("没有“{}”这个角色", step.role);
            faults.push(Fault::new(
                at("role"),
                "unknown_role",
                zh,
                format!("There is no role “{}”", step.role),
            ));
        }
        let parts = [step.after.days, step.after.working_days];
        let minutes = [step.after.minutes, step.after.working_minutes];
        let day = 24 * 60;
        if parts.iter().any(|days| !(0..=LONGEST_DAYS).contains(days))
            || minutes.iter().any(|minutes| !(0..=LONGEST_DAYS * day).contains(minutes))
        {
            let (zh, en) = ("期限应在 0 到两年之间", "Must be between nothing and two years");
            faults.push(Fault::new(at("after"), "range", zh, en));
        }
        match &step.evidence {
            Evidence::Talk { kinds } => {
                let known = cx.schema.object("interaction").and_then(|object| object.field("kind"));
                let options = known.map(|field| field.options.as_slice()).unwrap_or_default();
                if kinds.is_empty() {
                    let (zh, en) = ("请选择跟进方式", "Choose the kinds");
                    faults.push(Fault::new(at("evidence.kinds"), "required", zh, en));
                }
                for kind in kinds.iter().filter(|kind| !options.iter().any(|known| known.value == **kind)) {
                    faults.push(unknown(at("evidence.kinds"), kind));
                }
            }
            Evidence::Field { field } if object.field(field).is_none() => {
                faults.push(Fault::unknown_field(field).at(at("evidence.field")));
            }
            _ => {}
        }
        if step.branches.len() > MAX_BRANCHES {
            let (zh, en) = ("最多 10 个分支", "At most 10 branches");
            faults.push(Fault::new(at("branches"), "too_many", zh, en));
        }
        let mut outcomes = BTreeSet::new();
        for (number, branch) in step.branches.iter().take(MAX_BRANCHES).enumerate() {
            length(faults, &at(&format!("branches.{number}.outcome")), &branch.outcome, 1, LONGEST_NAME);
            if !outcomes.insert(&branch.outcome) {
                let (zh, en) = ("同一结果写了两次", "This outcome stands here twice");
                faults.push(Fault::new(at(&format!("branches.{number}.outcome")), "duplicate", zh, en));
            }
            // Only ahead, so that no plan runs in a circle.
            let ahead = |to: &String| self.steps.iter().position(|step| step.key == *to) > Some(place);
            if branch.to.as_ref().is_some_and(|to| !ahead(to)) {
                let (zh, en) = ("只能去往后面的步骤", "A branch can only lead to a later step");
                faults.push(Fault::new(at(&format!("branches.{number}.to")), "circle", zh, en));
            }
        }
    }
}

fn length(faults: &mut Vec<Fault>, at: &str, text: &str, least: usize, most: usize) {
    let count = text.trim().chars().count();
    if count < least {
        faults.push(Fault::new(at, "required", "请填写", "Please fill this in"));
    } else if count > most {
        faults.push(Fault::new(
            at,
            "too_long",
            format!("最多 {most} 个字"),
            format!("At most {most} characters"),
        ));
    }
}

fn unknown(at: String, value: &str) -> Fault {
    Fault::new(
        at,
        "unknown_option",
        format!("没有“{value}”这个选项"),
        format!("There is no option “{value}”"),
    )
}

/// Every plan, in order.
///
/// # Errors
/// The database's; a stored one that can't be read.
pub fn load_all(conn: &mut Conn) -> Result<Vec<Arc<Plan>>> {
    let sql =
        "select id, position, active, active_since, version, definition from plan order by position, id";
    let read = |row: &huike_store::Row| {
        Ok(Arc::new(Plan {
            id: row.int(0)?,
            position: row.int(1)?,
            active: row.int(2)? != 0,
            active_since: row.int(3)?,
            version: row.int(4)?,
            definition: parse(row.text(5)?)?,
        }))
    };
    conn.query(&Sql::raw(sql))?.iter().map(read).collect()
}

/// # Errors
/// A stored definition that can't be read.
pub fn parse(text: &str) -> Result<Definition> {
    serde_json::from_str(text).map_err(|_| EngineError::internal("a plan can't be read"))
}

/// Stores a plan; a version that is new is kept beside the others.
///
/// # Errors
/// The database's.
pub fn store(conn: &mut Conn, plan: &Plan, at: i64, by: i64) -> Result<()> {
    let text =
        serde_json::to_string(&plan.definition).map_err(|error| EngineError::internal(error.to_string()))?;
    conn.execute(&Sql::with(
        "insert into plan (id, position, active, active_since, version, definition) values ($1, $2, $3, $4, $5, $6) \
         on conflict (id) do update set position = excluded.position, active = excluded.active, \
         active_since = excluded.active_since, version = excluded.version, definition = excluded.definition",
        [
            plan.id.into(),
            plan.position.into(),
            plan.active.into(),
            plan.active_since.into(),
            plan.version.into(),
            text.as_str().into(),
        ],
    )?)?;
    conn.execute(&Sql::with(
        "insert into plan_version (plan_id, version, definition, at, made_by) values ($1, $2, $3, $4, $5) \
         on conflict (plan_id, version) do nothing",
        [plan.id.into(), plan.version.into(), text.as_str().into(), at.into(), by.into()],
    )?)?;
    Ok(())
}
