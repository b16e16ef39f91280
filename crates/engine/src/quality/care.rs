//! Who looks after the data of an object, from which level on it is alarming, and what new data waits to be accepted. Kept with the
//! company's settings.

use super::figures;
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::obligations::notify::overseers;
use crate::setting;
use crate::shown::person;
use huike_model::access::{AdminArea, FieldAccess, FieldReach, ObjectAccess};
use huike_model::{Code, Fault, Id};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The role whose people look after data where nobody was named.
const STEWARDS: &str = "steward";
/// What a threshold can be set for.
pub const MEASURED: [&str; 6] =
    ["score", "completeness", "validity", "uniqueness", "consistency", "timeliness"];
/// Ways in which new records come without a colleague typing them.
const CHANNELS: [&str; 3] = ["import", "api", "cli"];

/// What is settled about the data of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Care {
    /// Answers for the data: decides what it means and what it must hold.
    pub owner: Option<Id>,
    /// Keeps it in order day by day.
    pub steward: Option<Id>,
    /// Watches that the others do.
    pub overseer: Option<Id>,
    /// `score` or a dimension → hundredths below which it is alarming.
    pub thresholds: BTreeMap<String, i64>,
    /// New records that came in these ways wait to be accepted.
    pub channels: Vec<String>,
    /// Days in which a record is to be mended.
    pub due_days: i64,
}

impl Default for Care {
    fn default() -> Care {
        Care {
            owner: None,
            steward: None,
            overseer: None,
            thresholds: BTreeMap::new(),
            channels: vec!["import".into(), "api".into()],
            due_days: 7,
        }
    }
}

impl Care {
    /// # Errors
    /// The database's; a stored one that can't be read.
    pub fn of(conn: &mut Conn, object: &str) -> Result<Care> {
        match setting::get(conn, &key(object))? {
            Some(text) => serde_json::from_str(&text)
                .map_err(|_| EngineError::internal("what is settled about quality can't be read")),
            None => Ok(Care::default()),
        }
    }

    /// Whoever keeps the data in order now: the person named, else the first with the role, else who looks after the accounts.
    pub fn steward(&self, cx: &Cx) -> Option<i64> {
        let role = cx.org.role_by_code(STEWARDS).map(|role| role.id);
        let by_role = || {
            let active = cx.org.users().filter(|person| person.active);
            let found = active.filter(|person| role.is_some_and(|role| person.roles.contains(&role)));
            found.map(|person| person.id).min()
        };
        active(cx, self.steward).or_else(by_role).or_else(|| overseers(cx).into_iter().next())
    }

    pub fn owner(&self, cx: &Cx) -> Option<i64> {
        active(cx, self.owner).or_else(|| overseers(cx).into_iter().next())
    }

    pub fn overseer(&self, cx: &Cx) -> Option<i64> {
        active(cx, self.overseer).or_else(|| overseers(cx).into_iter().next())
    }

    fn faults(&self, cx: &Cx) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (name, person) in [("owner", self.owner), ("steward", self.steward), ("overseer", self.overseer)]
        {
            if person.is_some() && active(cx, person).is_none() {
                let (zh, en) = ("没有这位在职同事", "There is no such colleague");
                faults.push(Fault::new(name, "unknown_reference", zh, en));
            }
        }
        for (name, least) in &self.thresholds {
            if !MEASURED.contains(&name.as_str()) || !(0..=100).contains(least) {
                let (zh, en) = ("应是某个指标的 0 到 100 分", "Must be a measure with 0 to 100");
                faults.push(Fault::new(format!("thresholds.{name}"), "range", zh, en));
            }
        }
        if self.channels.iter().any(|channel| !CHANNELS.contains(&channel.as_str())) {
            let (zh, en) = ("应为 import、api、cli", "Must be import, api or cli");
            faults.push(Fault::new("channels", "unknown_option", zh, en));
        }
        if !(1..=90).contains(&self.due_days) {
            let (zh, en) = ("应在 1 到 90 天之间", "Must be between 1 and 90 days");
            faults.push(Fault::new("due_days", "range", zh, en));
        }
        faults
    }
}

fn key(object: &str) -> String {
    format!("quality.{object}")
}

fn active(cx: &Cx, person: Option<Id>) -> Option<i64> {
    let id = person?.number();
    cx.org.user(id).filter(|person| person.active).map(|person| person.id)
}

/// The access of somebody who looks after an object's data: who sees and may change every record of it.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(crate) fn caring(conn: &mut Conn, cx: &Cx, object: &str) -> Result<ObjectAccess> {
    let access = overseeing(conn, cx, object)?;
    if access.update_scope().is_everything() { Ok(access) } else { Err(Code::Forbidden.into()) }
}

/// The access of somebody who sees every record of an object with its score.
///
/// # Errors
/// `not_found`, `forbidden`.
pub(super) fn overseeing(conn: &mut Conn, cx: &Cx, object: &str) -> Result<ObjectAccess> {
    let access = figures::permitted(conn, cx, object)?;
    if access.read_scope().is_everything() { Ok(access) } else { Err(Code::Forbidden.into()) }
}

/// The access of anybody to an object that says what quality is.
///
/// # Errors
/// `not_found`.
pub(super) fn measured(conn: &mut Conn, cx: &Cx, object: &str) -> Result<ObjectAccess> {
    let object = cx.object(object)?.clone();
    object.quality.as_ref().and_then(|quality| quality.score.as_ref()).ok_or(Code::NotFound)?;
    cx.access(conn, &object)
}

impl Engine {
    /// Who looks after an object's data with what waits for each, and what is settled.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn quality_care(&self, cx: Cx, object: String) -> Result<Json> {
        self.read(move |conn| {
            let access = measured(conn, &cx, &object)?;
            shown(conn, &cx, &access)
        })
        .await
    }

    /// Settles anew who looks after an object's data, thresholds and channels; what isn't named goes back to its default.
    ///
    /// # Errors
    /// `not_found`; `forbidden` unless the caller looks after the dictionary; `invalid` with every fault.
    pub async fn put_quality_care(&self, cx: Cx, object: String, care: Care) -> Result<Json> {
        let engine = self.clone();
        self.write(move |conn| {
            let access = figures::permitted(conn, &cx, &object)?;
            cx.require_to_change(AdminArea::Dictionary)?;
            let faults = care.faults(&cx);
            if !faults.is_empty() {
                return Err(faults.into());
            }
            let before = Care::of(conn, &object)?;
            if before != care {
                setting::put(conn, &key(&object), &json!(care).to_string())?;
                let note = Note::new("update", "settings", None)
                    .change(json!({"quality": before}), json!({"quality": care}))
                    .meta(json!({"object": object}));
                append(conn, &engine, &Author::from(&cx.caller), note)?;
            }
            shown(conn, &cx, &access)
        })
        .await
    }
}

fn shown(conn: &mut Conn, cx: &Cx, access: &ObjectAccess) -> Result<Json> {
    let object = access.object.name.as_str();
    let care = Care::of(conn, object)?;
    let me = cx.caller.actor.user();
    let people = [("owner", care.owner(cx)), ("steward", care.steward(cx)), ("overseer", care.overseer(cx))];
    let mine: Vec<&str> =
        people.iter().filter(|(_, person)| *person == Some(me)).map(|(role, _)| *role).collect();
    let roles: BTreeMap<&str, Option<Json>> =
        people.iter().map(|(role, found)| (*role, found.map(|id| person(cx, id)))).collect();
    let score = access.object.quality.as_ref().and_then(|quality| quality.score.as_ref());
    let whole = access.read_scope().is_everything()
        && score
            .is_some_and(|score| matches!(access.reach(score, FieldAccess::Read), FieldReach::Everywhere));
    let mut count = |text: &str, values: Vec<huike_store::SqlValue>| -> Result<i64> {
        Ok(conn.query_one(&Sql::with(text, values)?)?.int(0)?)
    };
    let open = "select count(*) from quality_issue where object = $1 and state = 'open'";
    let own = count(&format!("{open} and assignee = $2"), vec![object.into(), me.into()])?;
    let (mut issues, mut waiting) = (None, None);
    if whole {
        issues = Some(count(open, vec![object.into()])?);
        let sql = "select count(*) from acceptance where object = $1 and state = 'waiting'";
        waiting = Some(count(sql, vec![object.into()])?);
    }
    let cares = whole && access.update_scope().is_everything();
    Ok(json!({
        "roles": roles,
        "settled": care,
        "mine": mine,
        "queues": {"own": own, "issues": issues, "acceptance": waiting},
        "can": {"change": cx.require_to_change(AdminArea::Dictionary).is_ok(), "care": cares, "oversee": whole},
    }))
}
