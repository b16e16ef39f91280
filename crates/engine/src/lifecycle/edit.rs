//! Looking at and editing lifecycles.

use super::definition::{self, Definition, Lifecycle, own_filter};
use super::follow;
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::definitions;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::access::{AdminArea, ObjectAccess};
use huike_model::filter::Resolved;
use huike_model::kinds::FieldType;
use huike_model::{Code, Fault, Label, Object};
use huike_store::query::RecordQuery;
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Members of an answer beside the definition.
const OWN: [&str; 5] = ["object", "active", "version", "faults", "changed"];

/// The lifecycle of an object, in force or not; of one that has none yet its stages without conditions.
///
/// # Errors
/// `forbidden`; `not_found` for an object without a choice field for its stage.
pub fn read(cx: &Cx, object: &str) -> Result<Json> {
    cx.require(AdminArea::Settings)?;
    let object = known(cx, object)?;
    Ok(shown(cx, &object, &current(cx, &object)?))
}

fn known(cx: &Cx, object: &str) -> Result<Arc<Object>> {
    Ok(cx.schema.object(object).ok_or(Code::NotFound)?.clone())
}

fn current(cx: &Cx, object: &Object) -> Result<Lifecycle> {
    if let Some(known) = cx.org.lifecycles.iter().find(|one| one.object == object.name) {
        return Ok((**known).clone());
    }
    let field = object.field(super::STAGE).filter(|field| field.kind == FieldType::Choice);
    let field = field.ok_or(Code::NotFound)?.name.clone();
    let definition = Definition { field, stages: Vec::new(), automatic: Vec::new(), strict_new: false };
    Ok(Lifecycle { object: object.name.clone(), active: false, version: 0, definition })
}

fn shown(cx: &Cx, object: &Object, lifecycle: &Lifecycle) -> Json {
    let mut json = json!(lifecycle.definition);
    json["object"] = lifecycle.object.as_str().into();
    (json["active"], json["version"]) = (lifecycle.active.into(), lifecycle.version.into());
    let faults = lifecycle.definition.check(object, &cx.schema, &cx.moment).err().unwrap_or_default();
    json["faults"] = faults.iter().map(|fault| fault.to_json(cx.lang())).collect();
    json
}

fn parse(cx: &Cx, object: &Object, mut members: Map<String, Json>) -> Result<(Definition, Option<bool>)> {
    let active = members.get("active").map(|value| {
        value
            .as_bool()
            .ok_or_else(|| Fault::new("active", "format", "应为 true 或 false", "Must be true or false"))
    });
    let active = active.transpose()?;
    members.retain(|name, _| !OWN.contains(&name.as_str()));
    let definition: Definition = definitions::read(members, &Label::new("阶段设置", "The stages"))?;
    definition.check(object, &cx.schema, &cx.moment)?;
    Ok((definition, active))
}

impl Engine {
    /// Puts a lifecycle in place of the object's present one.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, every fault; `stale` when `version` is no longer the present one.
    pub async fn put_lifecycle(
        &self,
        cx: Cx,
        object: String,
        version: Option<i64>,
        members: Map<String, Json>,
    ) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let object = known(&cx, &object)?;
        let (definition, active) = parse(&cx, &object, members)?;
        let engine = self.clone();
        self.write(move |conn| {
            // Read under lock, so that of two changes at once neither undoes the other.
            conn.execute(&Sql::with(
                "update lifecycle set version = version where object = $1",
                [object.name.as_str().into()],
            )?)?;
            let stored = definition::load_all(conn)?.into_iter().find(|one| one.object == object.name);
            let before = stored.as_deref();
            if version.is_some_and(|version| version != before.map_or(0, |before| before.version)) {
                return Err(Code::Stale.into());
            }
            let after = Lifecycle {
                object: object.name.clone(),
                active: active.unwrap_or_else(|| before.is_none_or(|before| before.active)),
                version: before.map_or(0, |before| before.version) + 1,
                definition: definition.clone(),
            };
            conn.execute(&definition::store(&after)?)?;
            let text = |one: &Lifecycle| json!({"active": one.active, "definition": one.definition});
            let op = if before.is_some() { "update" } else { "create" };
            let note = Note::new(op, "lifecycle", None)
                .change(before.map_or(Json::Null, text), text(&after))
                .meta(json!({"object": object.name}));
            append(conn, &engine, &Author::from(&cx.caller), note)?;
            engine.renew_after(conn);
            Ok(shown(&cx, &object, &after))
        })
        .await
    }

    /// What a lifecycle would mean for the records there are: how many stand in a stage whose conditions they don't meet, and how many
    /// would move by themselves.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, every fault.
    pub async fn preview_lifecycle(
        &self,
        cx: Cx,
        object: String,
        members: Map<String, Json>,
    ) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        let object = known(&cx, &object)?;
        let (definition, _) = parse(&cx, &object, members)?;
        self.read(move |conn| preview(conn, &cx, &object, &definition)).await
    }
}

fn preview(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, definition: &Definition) -> Result<Json> {
    let stage_is = |value: &str| json!({"field": definition.field, "op": "eq", "value": value});
    let mut stages = Vec::new();
    for stage in &definition.stages {
        let records = count(conn, cx, object, &stage_is(&stage.value))?;
        let mut all = vec![stage_is(&stage.value)];
        let filled = stage.required.iter().filter(|name| {
            object
                .field(name)
                .is_some_and(|field| field.operators().contains(&huike_model::filter::Op::NotEmpty))
        });
        all.extend(filled.map(|name| json!({"field": name, "op": "not_empty"})));
        all.extend(stage.entry.clone());
        let meet = count(conn, cx, object, &json!({"all": all}))?;
        stages.push(json!({"value": stage.value, "records": records, "unmet": records - meet}));
    }
    let mut automatic = Vec::new();
    for rule in &definition.automatic {
        let now = count(conn, cx, object, &follow::filter(cx, definition, rule, 0))?;
        let soon = match rule.silent_days {
            Some(_) if rule.warn_days > 0 => {
                count(conn, cx, object, &follow::filter(cx, definition, rule, rule.warn_days.into()))? - now
            }
            _ => 0,
        };
        automatic.push(json!({"to": rule.to, "now": now, "soon": soon, "warn_only": rule.warn_only}));
    }
    Ok(json!({"stages": stages, "automatic": automatic}))
}

fn count(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, filter: &Json) -> Result<i64> {
    let access = ObjectAccess::of_the_system(object);
    let mut query = RecordQuery::new(&access, &cx.schema, &[]);
    query.filter = own_filter(filter, object, &cx.schema, &cx.moment)
        .map_or_else(|_| Resolved::nothing(), |filter| filter.resolve(&cx.moment, cx));
    Ok(query.count(conn, None)?)
}
