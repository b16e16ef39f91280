//! Looking at and editing plans. A change makes a new version; whoever is on the way keeps to the one they began with.

use super::definition::{self, Definition, Plan};
use super::who;
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::definitions;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::render::id_text;
use huike_model::access::AdminArea;
use huike_model::{Code, Fault, Label};
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};

/// More plans are a mistake.
const MAX_PLANS: usize = 100;
/// Members of a plan beside its definition.
const OWN: [&str; 9] =
    ["id", "version", "active", "position", "faults", "vacant", "running", "existing", "active_since"];

impl Engine {
    /// Every plan in its order, with how many customers are on each, the roles that nobody holds, and what the dictionary no longer knows.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn plans(&self, cx: Cx) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        self.read(move |conn| {
            let sql = "select plan_id, count(*) from plan_run where state = 'running' group by plan_id";
            let mut running = std::collections::HashMap::new();
            for row in conn.query(&Sql::raw(sql))? {
                running.insert(row.int(0)?, row.int(1)?);
            }
            let item = |plan: &Plan| {
                let mut json = shown(&cx, plan);
                json["running"] = running.get(&plan.id).copied().unwrap_or_default().into();
                json
            };
            Ok(json!({"items": cx.org.plans.iter().map(|plan| item(plan)).collect::<Vec<_>>()}))
        })
        .await
    }

    /// Makes a plan; it comes last.
    ///
    /// # Errors
    /// `forbidden`; every fault.
    pub async fn create_plan(&self, cx: Cx, mut members: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let own = Own::of(&mut members)?;
        let definition = read(&cx, members)?;
        let engine = self.clone();
        self.write(move |conn| {
            let plans = definition::load_all(conn)?;
            if plans.len() >= MAX_PLANS {
                let (zh, en) = ("计划太多，请先删除不用的", "Too many plans; delete some first");
                return Err(Fault::new("", "too_many", zh, en).into());
            }
            let position = plans.iter().map(|plan| plan.position).max().unwrap_or_default() + 10;
            let active = own.active.unwrap_or(false);
            let plan = Plan {
                id: conn.next_id()?,
                position: own.position.unwrap_or(position),
                active,
                active_since: since(&cx, None, active, own.existing),
                version: 1,
                definition: definition.clone(),
            };
            save(conn, &engine, &cx, None, &plan)?;
            Ok(shown(&cx, &plan))
        })
        .await
    }

    /// Changes the members that are named. Another definition is another version.
    ///
    /// # Errors
    /// `forbidden`; `not_found`; every fault; `stale` when `version` is no longer the present one.
    pub async fn update_plan(
        &self,
        cx: Cx,
        id: i64,
        version: Option<i64>,
        mut members: Map<String, Json>,
    ) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let own = Own::of(&mut members)?;
        let engine = self.clone();
        self.write(move |conn| {
            lock(conn, id)?;
            let known =
                definition::load_all(conn)?.into_iter().find(|plan| plan.id == id).ok_or(Code::NotFound)?;
            if version.is_some_and(|version| version != known.version) {
                return Err(Code::Stale.into());
            }
            let mut changed = (*known).clone();
            changed.definition = read(&cx, definitions::merged(&known.definition, &members)?)?;
            changed.active = own.active.unwrap_or(known.active);
            changed.position = own.position.unwrap_or(known.position);
            changed.active_since = since(&cx, Some(&known), changed.active, own.existing);
            changed.version += i64::from(changed.definition != known.definition);
            save(conn, &engine, &cx, Some(&known), &changed)?;
            Ok(shown(&cx, &changed))
        })
        .await
    }

    /// Takes a plan away. Customers who are on it go on to its end.
    ///
    /// # Errors
    /// `forbidden`; `not_found`.
    pub async fn delete_plan(&self, cx: Cx, id: i64) -> Result<()> {
        cx.require_to_change(AdminArea::Settings)?;
        let engine = self.clone();
        self.write(move |conn| {
            lock(conn, id)?;
            let known =
                definition::load_all(conn)?.into_iter().find(|plan| plan.id == id).ok_or(Code::NotFound)?;
            conn.execute(&Sql::with("delete from plan where id = $1", [id.into()])?)?;
            let note = Note::new("delete", "plan", id).change(json!(known.definition), Json::Null);
            append(conn, &engine, &Author::from(&cx.caller), note)?;
            engine.renew_after(conn);
            Ok(())
        })
        .await
    }
}

fn lock(conn: &mut Conn, id: i64) -> Result<()> {
    conn.execute(&Sql::with("update plan set version = version where id = $1", [id.into()])?)?;
    Ok(())
}

/// A plan that is switched on counts from then on, unless those are meant too who are what it is for already.
fn since(cx: &Cx, before: Option<&Plan>, active: bool, existing: bool) -> i64 {
    match before {
        _ if existing => 0,
        Some(before) if before.active || !active => before.active_since,
        _ => cx.moment.now,
    }
}

/// Members of a request that aren't the definition's.
struct Own {
    active: Option<bool>,
    position: Option<i64>,
    /// Whether customers who are what it is for already begin too.
    existing: bool,
}

impl Own {
    fn of(members: &mut Map<String, Json>) -> Result<Own> {
        let mut faults = Vec::new();
        let mut flag = |name: &'static str| match members.get(name) {
            None | Some(Json::Null) => None,
            Some(Json::Bool(truth)) => Some(*truth),
            Some(_) => {
                faults.push(Fault::new(name, "format", "应为 true 或 false", "Must be true or false"));
                None
            }
        };
        let (active, existing) = (flag("active"), flag("existing").unwrap_or(false));
        let position = definitions::position(members, &mut faults);
        members.retain(|name, _| !OWN.contains(&name.as_str()));
        if faults.is_empty() { Ok(Own { active, position, existing }) } else { Err(faults.into()) }
    }
}

/// A definition as it was sent.
///
/// # Errors
/// Every fault.
pub fn read(cx: &Cx, mut members: Map<String, Json>) -> Result<Definition> {
    members.retain(|name, _| !OWN.contains(&name.as_str()));
    let definition: Definition = definitions::read(members, &Label::new("计划", "The plan"))?;
    definition.check(cx)?;
    Ok(definition)
}

/// The roles of a definition's steps that nobody holds, as they are called.
pub(super) fn vacant(cx: &Cx, definition: &Definition) -> Vec<String> {
    let mut found: Vec<String> = definition
        .steps
        .iter()
        .filter(|step| who::is_vacant(cx, &step.role))
        .map(|step| cx.org.role_by_code(&step.role).map_or(step.role.clone(), |role| role.name.clone()))
        .collect();
    found.sort();
    found.dedup();
    found
}

fn shown(cx: &Cx, plan: &Plan) -> Json {
    let mut json = json!(plan.definition);
    json["id"] = id_text(plan.id);
    (json["active"], json["position"], json["version"]) =
        (plan.active.into(), plan.position.into(), plan.version.into());
    json["running"] = 0.into();
    json["vacant"] = vacant(cx, &plan.definition).into();
    let faults = plan.definition.check(cx).err().unwrap_or_default();
    json["faults"] = faults.iter().map(|fault| fault.to_json(cx.lang())).collect();
    json
}

fn save(conn: &mut Conn, engine: &Engine, cx: &Cx, before: Option<&Plan>, after: &Plan) -> Result<()> {
    definition::store(conn, after, cx.moment.now, cx.author())?;
    let text = |plan: &Plan| json!({"active": plan.active, "position": plan.position, "definition": plan.definition});
    let op = if before.is_some() { "update" } else { "create" };
    let note = Note::new(op, "plan", after.id).change(before.map_or(Json::Null, text), text(after));
    append(conn, engine, &Author::from(&cx.caller), note)?;
    engine.renew_after(conn);
    Ok(())
}
