//! Looking at and editing the rules of assignment.

use super::rule::{Definition, Rule, load_all, store};
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

/// More rules are a mistake.
const MAX_RULES: usize = 100;
/// Members of a rule beside its definition.
const OWN: [&str; 5] = ["id", "version", "active", "position", "faults"];

impl Engine {
    /// Every rule in the order in which they are asked; with the faults of those that the dictionary no longer knows.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn assignment_rules(&self, cx: Cx) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        self.read(move |conn| {
            let items: Vec<Json> = load_all(conn)?.iter().map(|rule| shown(&cx, rule)).collect();
            Ok(json!({"items": items}))
        })
        .await
    }

    /// Makes a rule; it comes last.
    ///
    /// # Errors
    /// `forbidden`; every fault of it.
    pub async fn create_assignment_rule(&self, cx: Cx, members: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let (active, position) = own(&members)?;
        let definition = read(&cx, members)?;
        let engine = self.clone();
        self.write(move |conn| {
            let rules = load_all(conn)?;
            if rules.len() >= MAX_RULES {
                return Err(Fault::new(
                    "",
                    "too_many",
                    "规则太多，请先删除不用的",
                    "Too many rules; delete some first",
                )
                .into());
            }
            let last = rules.iter().map(|rule| rule.position).max().unwrap_or_default() + 10;
            let rule = Rule {
                id: conn.next_id()?,
                position: position.unwrap_or(last),
                active: active.unwrap_or(true),
                version: 1,
                definition: definition.clone(),
            };
            save(conn, &engine, &cx, "create", None, &rule)?;
            Ok(shown(&cx, &rule))
        })
        .await
    }

    /// Changes the members that are named.
    ///
    /// # Errors
    /// `forbidden`; `not_found`; every fault.
    pub async fn update_assignment_rule(&self, cx: Cx, id: i64, members: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let (active, position) = own(&members)?;
        let engine = self.clone();
        self.write(move |conn| {
            let known = load_all(conn)?.into_iter().find(|rule| rule.id == id).ok_or(Code::NotFound)?;
            let mut rule = known.clone();
            rule.definition = read(&cx, definitions::merged(&known.definition, &members)?)?;
            rule.active = active.unwrap_or(known.active);
            rule.position = position.unwrap_or(known.position);
            rule.version += 1;
            save(conn, &engine, &cx, "update", Some(&known), &rule)?;
            Ok(shown(&cx, &rule))
        })
        .await
    }

    /// Ends a rule. What it gave stays given.
    ///
    /// # Errors
    /// `forbidden`; `not_found`.
    pub async fn delete_assignment_rule(&self, cx: Cx, id: i64) -> Result<()> {
        cx.require_to_change(AdminArea::Settings)?;
        let engine = self.clone();
        self.write(move |conn| {
            let known = load_all(conn)?.into_iter().find(|rule| rule.id == id).ok_or(Code::NotFound)?;
            for text in [
                "delete from assignment_rule where id = $1",
                "delete from assignment_turn where rule_id = $1",
            ] {
                conn.execute(&Sql::with(text, [id.into()])?)?;
            }
            let note = Note::new("delete", "assignment_rule", id).change(json!(known.definition), Json::Null);
            append(conn, &engine, &Author::from(&cx.caller), note)
        })
        .await
    }
}

/// A definition as it was sent.
///
/// # Errors
/// Every fault.
pub(super) fn read(cx: &Cx, mut members: Map<String, Json>) -> Result<Definition> {
    members.retain(|name, _| !OWN.contains(&name.as_str()));
    let definition: Definition = definitions::read(members, &Label::new("规则", "The rule"))?;
    definition.check(cx)?;
    Ok(definition)
}

/// `active` and `position` of a request.
fn own(members: &Map<String, Json>) -> Result<(Option<bool>, Option<i64>)> {
    let mut faults = Vec::new();
    let own =
        (definitions::flag(members, "active", &mut faults), definitions::position(members, &mut faults));
    if faults.is_empty() { Ok(own) } else { Err(faults.into()) }
}

fn shown(cx: &Cx, rule: &Rule) -> Json {
    let mut json = json!(rule.definition);
    json["id"] = id_text(rule.id);
    (json["active"], json["position"], json["version"]) =
        (rule.active.into(), rule.position.into(), rule.version.into());
    let faults = rule.definition.check(cx).err().unwrap_or_default();
    json["faults"] = faults.iter().map(|fault| fault.to_json(cx.lang())).collect();
    json
}

fn save(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    op: &'static str,
    before: Option<&Rule>,
    after: &Rule,
) -> Result<()> {
    store(conn, after)?;
    let text = |rule: &Rule| json!({"active": rule.active, "position": rule.position, "definition": rule.definition});
    let note =
        Note::new(op, "assignment_rule", after.id).change(before.map_or(Json::Null, text), text(after));
    append(conn, engine, &Author::from(&cx.caller), note)
}
