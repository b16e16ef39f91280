//! Looking at and editing the rules of reminding.

use super::dry_run;
use super::rule::{self, Definition, Rule};
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
const MAX_RULES: usize = 200;
/// Members of a rule beside its definition.
const OWN: [&str; 5] = ["id", "version", "active", "position", "confirmed"];
/// A rule that reminds more often than this in a month, or a person more often than this in a working day, is asked about first.
pub(super) const MANY_REMINDERS: i64 = 2_000;
pub(super) const MANY_A_DAY: f64 = 5.0;

/// Every rule in the order in which they are asked; with the faults of those that the dictionary no longer knows.
///
/// # Errors
/// `forbidden`.
pub fn list(cx: &Cx) -> Result<Json> {
    cx.require(AdminArea::Settings)?;
    let items: Vec<Json> = cx.org.follow.rules.iter().map(|rule| shown(cx, rule)).collect();
    Ok(json!({"items": items}))
}

fn shown(cx: &Cx, rule: &Rule) -> Json {
    let mut json = json!(rule.definition);
    json["id"] = id_text(rule.id);
    (json["active"], json["position"], json["version"]) =
        (rule.active.into(), rule.position.into(), rule.version.into());
    let faults = rule.definition.check(&cx.schema, &cx.moment).err().unwrap_or_default();
    json["faults"] = faults.iter().map(|fault| fault.to_json(cx.lang())).collect();
    json
}

/// A definition as it was sent.
///
/// # Errors
/// Every fault.
pub fn read(cx: &Cx, members: Map<String, Json>) -> Result<Definition> {
    let definition: Definition = definitions::read(members, &Label::new("规则", "The rule"))?;
    definition.check(&cx.schema, &cx.moment)?;
    Ok(definition)
}

impl Engine {
    /// Makes a rule; it comes last.
    ///
    /// # Errors
    /// `forbidden`; every fault of it.
    pub async fn create_rule(&self, cx: Cx, mut members: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let own = own(&mut members)?;
        let active = own.active.unwrap_or(true);
        let definition = read(&cx, members)?;
        if active && !own.confirmed {
            self.ask_first(&cx, &definition).await?;
        }
        let engine = self.clone();
        self.write(move |conn| {
            let rules = rule::load_all(conn)?;
            if rules.len() >= MAX_RULES {
                return Err(Fault::new(
                    "",
                    "too_many",
                    "规则太多，请先删除不用的",
                    "Too many rules; delete some first",
                )
                .into());
            }
            let position = rules.iter().map(|rule| rule.position).max().unwrap_or_default() + 10;
            let rule =
                Rule { id: conn.next_id()?, position, active, version: 1, definition: definition.clone() };
            save(conn, &engine, &cx, "create", None, &rule)?;
            Ok(shown(&cx, &rule))
        })
        .await
    }

    /// Changes the members that are named.
    ///
    /// # Errors
    /// `forbidden`; `not_found`; every fault.
    pub async fn update_rule(&self, cx: Cx, id: i64, mut members: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let own = own(&mut members)?;
        if !own.confirmed
            && let Some(known) = cx.org.follow.rule(id)
        {
            let wanted = merged(&cx, known, &members)?;
            let active = own.active.unwrap_or(known.active);
            if active && (!known.active || widens(&known.definition, &wanted)) {
                self.ask_first(&cx, &wanted).await?;
            }
        }
        let engine = self.clone();
        self.write(move |conn| {
            let known = rule::load_all(conn)?.into_iter().find(|rule| rule.id == id).ok_or(Code::NotFound)?;
            let mut changed = (*known).clone();
            changed.definition = merged(&cx, &known, &members)?;
            changed.active = own.active.unwrap_or(known.active);
            changed.position = own.position.unwrap_or(known.position);
            changed.version += 1;
            save(conn, &engine, &cx, "update", Some(&known), &changed)?;
            Ok(shown(&cx, &changed))
        })
        .await
    }

    /// Refuses a rule that would remind very often until its maker has confirmed it.
    async fn ask_first(&self, cx: &Cx, definition: &Definition) -> Result<()> {
        let (asked, definition) = (cx.clone(), definition.clone());
        let trial = self.read(move |conn| dry_run::tried(conn, &asked, definition)).await?;
        if trial["heavy"] != true {
            return Ok(());
        }
        let (reminders, each) = (&trial["reminders"], &trial["per_person_day"]);
        let problem = huike_model::Problem::new(Code::Conflict).with_detail(
            format!("这条规则近 30 天会触发 {reminders} 次，人均每个工作日 {each} 条。确认后才会启用"),
            format!(
                "This rule would have reminded {reminders} times in the last 30 days, {each} per person and working day. Confirm it to put it in force"
            ),
        );
        Err(problem.into())
    }

    /// Ends a rule, and what it promised.
    ///
    /// # Errors
    /// `forbidden`; `not_found`.
    pub async fn delete_rule(&self, cx: Cx, id: i64) -> Result<()> {
        cx.require_to_change(AdminArea::Settings)?;
        let engine = self.clone();
        self.write(move |conn| {
            let known = rule::load_all(conn)?.into_iter().find(|rule| rule.id == id).ok_or(Code::NotFound)?;
            conn.execute(&Sql::with("delete from reminder_rule where id = $1", [id.into()])?)?;
            end_promises(conn, &cx, id)?;
            let note = Note::new("delete", "reminder_rule", id).change(json!(known.definition), Json::Null);
            append(conn, &engine, &Author::from(&cx.caller), note)?;
            engine.renew_after(conn);
            Ok(())
        })
        .await
    }
}

/// A rule with the members of a request over its own.
fn merged(cx: &Cx, known: &Rule, members: &Map<String, Json>) -> Result<Definition> {
    read(cx, definitions::merged(&known.definition, members)?)
}

/// Whether a change can make a rule remind more often.
fn widens(before: &Definition, after: &Definition) -> bool {
    (&before.trigger, &before.filter, &before.steps) != (&after.trigger, &after.filter, &after.steps)
}

/// What a request says beside the definition.
struct Own {
    active: Option<bool>,
    position: Option<i64>,
    confirmed: bool,
}

fn own(members: &mut Map<String, Json>) -> Result<Own> {
    let mut faults = Vec::new();
    let active = definitions::flag(members, "active", &mut faults);
    let confirmed = definitions::flag(members, "confirmed", &mut faults).unwrap_or(false);
    let position = definitions::position(members, &mut faults);
    members.retain(|name, _| !OWN.contains(&name.as_str()) && name != "faults");
    let own = Own { active, position, confirmed };
    if faults.is_empty() { Ok(own) } else { Err(faults.into()) }
}

fn save(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    op: &'static str,
    before: Option<&Rule>,
    after: &Rule,
) -> Result<()> {
    conn.execute(&rule::store(after)?)?;
    if before.is_some_and(|before| before.active) && !after.active {
        end_promises(conn, cx, after.id)?;
    }
    let text = |rule: &Rule| json!({"active": rule.active, "position": rule.position, "definition": rule.definition});
    let note = Note::new(op, "reminder_rule", after.id).change(before.map_or(Json::Null, text), text(after));
    append(conn, engine, &Author::from(&cx.caller), note)?;
    engine.renew_after(conn);
    Ok(())
}

/// What a rule about dates promised has no ground any more; tasks and silence fall to the next rule that fits, at the next sweep.
fn end_promises(conn: &mut Conn, cx: &Cx, rule: i64) -> Result<()> {
    let sql = "update obligation set state = 'void', note = 'rule_ended', closed_at = $1, closed_by = $2, next_at = null \
         where rule_id = $3 and closed_at is null";
    conn.allow_long_statements()?;
    conn.execute(&Sql::with(sql, [cx.moment.now.into(), cx.author().into(), rule.into()])?)?;
    Ok(())
}
