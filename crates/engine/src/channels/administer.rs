//! Setting channels up: look at them, make, change and remove them.

use super::known::{COLUMNS, Health, Known, tag};
use super::list::{counts, reason};
use crate::audit::{Author, Note, append};
use crate::changed::changed;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::render::id_text;
use crate::shown::instant_text;
use huike_courier::{Channel, Secrets};
use huike_model::access::AdminArea;
use huike_model::moment::DAY_MS;
use huike_model::{Code, Fault, Id};
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// More channels are a mistake.
const MAX_CHANNELS: usize = 50;
const MAX_NAME: usize = 40;
const MAX_SECRET: usize = 2_000;
const KINDS: [&str; 7] = ["email", "wecom", "dingtalk", "feishu", "aliyun_sms", "tencent_sms", "push"];

impl Engine {
    /// Every channel with how it goes, oldest first.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn channels(&self, cx: Cx) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        self.read(move |conn| {
            let counts = counts(conn, cx.moment.now - 7 * DAY_MS)?;
            let items: Vec<Json> = Known::all(conn)?.iter().map(|known| shown(&cx, known, &counts)).collect();
            Ok(json!({"items": items}))
        })
        .await
    }

    /// Sets a channel up.
    ///
    /// # Errors
    /// `forbidden`; every fault of it.
    pub async fn create_channel(&self, cx: Cx, members: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let engine = self.clone();
        self.write(move |conn| {
            if Known::all(conn)?.len() >= MAX_CHANNELS {
                let (zh, en) = ("渠道太多，请先删除不用的", "Too many channels; delete some first");
                return Err(Fault::new("", "too_many", zh, en).into());
            }
            save(conn, &engine, &cx, None, &members)
        })
        .await
    }

    /// Changes the members that are named. Of the secrets those that are named; null takes one away.
    ///
    /// # Errors
    /// `forbidden`; `not_found`; every fault.
    pub async fn update_channel(&self, cx: Cx, id: i64, members: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let engine = self.clone();
        self.write(move |conn| {
            let known = find(conn, id)?;
            save(conn, &engine, &cx, Some(known), &members)
        })
        .await
    }

    /// Removes a channel; what waited for it is dropped.
    ///
    /// # Errors
    /// `forbidden`; `not_found`.
    pub async fn delete_channel(&self, cx: Cx, id: i64) -> Result<()> {
        cx.require_to_change(AdminArea::Settings)?;
        let engine = self.clone();
        self.write(move |conn| {
            let known = find(conn, id)?;
            conn.execute(&Sql::with("delete from channel where id = $1", [id.into()])?)?;
            conn.execute(&Sql::with("delete from push_device where channel_id = $1", [id.into()])?)?;
            drop_waiting(conn, id, cx.moment.now)?;
            cx.keys().destroy(conn, id, cx.moment.now)?;
            let note = Note::new("delete", "channel", id).change(logged(&known, &[]), Json::Null);
            append(conn, &engine, &Author::from(&cx.caller), note)?;
            engine.renew_after(conn);
            Ok(())
        })
        .await
    }
}

/// A channel by its id.
///
/// # Errors
/// `not_found`.
pub fn find(conn: &mut Conn, id: i64) -> Result<Known> {
    let sql = Sql::with(format!("select {COLUMNS} from channel where id = $1"), [id.into()])?;
    Known::read(&conn.query_opt(&sql)?.ok_or(Code::NotFound)?)
}

fn drop_waiting(conn: &mut Conn, channel: i64, now: i64) -> Result<()> {
    let sql = "update delivery set state = 'dropped', fault = 'channel_off', next_at = null, done_at = $1 \
         where channel_id = $2 and state = 'waiting'";
    conn.execute(&Sql::with(sql, [now.into(), channel.into()])?)?;
    Ok(())
}

/// A channel as a request leaves it.
struct Written {
    name: String,
    active: bool,
    department: Option<i64>,
    channel: Channel,
    secrets: Secrets,
    /// The secrets that change.
    changed: Vec<String>,
}

/// A channel out of a request over what is known; every fault at once.
fn apply(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    known: Option<&Known>,
    members: &Map<String, Json>,
) -> Result<Written> {
    let mut faults = Vec::new();
    let unknown = members.keys().filter(|name| {
        !["kind", "name", "active", "department", "settings", "secrets"].contains(&name.as_str())
    });
    faults.extend(unknown.map(|name| Fault::unknown_field(name)));
    let name = match members.get("name").map(|name| name.as_str().map(str::trim)) {
        None => known.map(|known| known.name.clone()).unwrap_or_default(),
        Some(name) => name.unwrap_or_default().to_owned(),
    };
    if name.is_empty() || name.chars().count() > MAX_NAME {
        let (zh, en) = ("请填写名称，最多 40 个字", "Give it a name, at most 40 characters");
        faults.push(Fault::new("name", "length", zh, en));
    }
    let active = match members.get("active") {
        None => known.is_none_or(|known| known.active),
        Some(Json::Bool(active)) => *active,
        Some(_) => {
            faults.push(Fault::new("active", "format", "应为 true 或 false", "Must be true or false"));
            true
        }
    };
    let department = match members.get("department") {
        None => known.and_then(|known| known.department),
        Some(Json::Null) => None,
        Some(id) => {
            let id = id.as_str().and_then(|id| id.parse::<Id>().ok()).map(Id::number);
            let found = id.filter(|id| cx.org.department(*id).is_some());
            if found.is_none() {
                let (zh, en) = ("没有这个部门", "There is no such department");
                faults.push(Fault::new("department", "unknown_reference", zh, en));
            }
            found
        }
    };
    let (mut secrets, mut changed) = secrets(conn, cx, known, members, &mut faults)?;
    let channel = settings(known, members, &mut faults);
    if let Some(channel) = &channel {
        let names: Vec<&str> = channel.secrets().iter().map(|(name, _)| *name).collect();
        let strange = changed.iter().filter(|name| !names.contains(&name.as_str()));
        faults.extend(strange.map(|name| Fault::unknown_field(&format!("secrets.{name}"))));
        faults.extend(channel.faults(&secrets, &engine.outside().0).into_iter().map(|wrong| {
            let at = if names.contains(&wrong.field) { "secrets" } else { "settings" };
            Fault::new(format!("{at}.{}", wrong.field), wrong.code, wrong.zh, wrong.en)
        }));
    }
    match channel {
        Some(channel) if faults.is_empty() => {
            if channel.complete(&mut secrets) {
                changed.extend(channel.own_secret().map(str::to_owned));
            }
            Ok(Written { name, active, department, channel, secrets, changed })
        }
        _ => Err(faults.into()),
    }
}

/// The settings with those that are named, of the kind that it has or gets.
fn settings(known: Option<&Known>, members: &Map<String, Json>, faults: &mut Vec<Fault>) -> Option<Channel> {
    let kind = match (known, members.get("kind").and_then(Json::as_str)) {
        (Some(known), None) => known.channel.kind(),
        (Some(known), Some(kind)) if known.channel.kind() == kind => known.channel.kind(),
        (None, Some(kind)) if KINDS.contains(&kind) => kind,
        _ => {
            let words = KINDS.join(", ");
            faults.push(Fault::new(
                "kind",
                "unknown_option",
                format!("应为以下之一，且不能更改：{words}"),
                format!("Must be one of {words}, and stays what it is"),
            ));
            return None;
        }
    };
    let before = match known {
        Some(known) => known.channel.clone(),
        None => Channel::empty(kind)?,
    };
    match members.get("settings") {
        None => Some(before),
        Some(Json::Object(changes)) if changes.contains_key("kind") => {
            faults.push(Fault::unknown_field("settings.kind"));
            None
        }
        Some(Json::Object(changes)) => {
            changed(&before, changes, "settings.").map_err(|wrong| faults.extend(wrong)).ok()
        }
        Some(_) => {
            faults.push(Fault::new("settings", "format", "应为一个对象", "Must be an object"));
            None
        }
    }
}

/// The secrets as they will be, and the names of those that change.
fn secrets(
    conn: &mut Conn,
    cx: &Cx,
    known: Option<&Known>,
    members: &Map<String, Json>,
    faults: &mut Vec<Fault>,
) -> Result<(Secrets, Vec<String>)> {
    let mut secrets = match known {
        Some(known) => known.secrets(conn, cx)?,
        None => Secrets::default(),
    };
    let mut changed = Vec::new();
    let changes = match members.get("secrets") {
        None => return Ok((secrets, changed)),
        Some(Json::Object(changes)) => changes,
        Some(_) => {
            faults.push(Fault::new("secrets", "format", "应为一个对象", "Must be an object"));
            return Ok((secrets, changed));
        }
    };
    for (name, value) in changes {
        match value {
            Json::Null => {
                secrets.0.remove(name);
                changed.push(name.clone());
            }
            Json::String(text) if text.trim().chars().count() <= MAX_SECRET => {
                secrets.0.insert(name.clone(), text.trim().to_owned());
                changed.push(name.clone());
            }
            _ => {
                let (zh, en) = ("应为一段文字，最多 2000 个字", "Must be a text of at most 2000 characters");
                faults.push(Fault::new(format!("secrets.{name}"), "format", zh, en));
            }
        }
    }
    Ok((secrets, changed))
}

fn save(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    known: Option<Known>,
    members: &Map<String, Json>,
) -> Result<Json> {
    let Written { name, active, department, channel, secrets, changed } =
        apply(conn, engine, cx, known.as_ref(), members)?;
    let id = match &known {
        Some(known) => known.id,
        None => conn.next_id()?,
    };
    let secret = if changed.is_empty() {
        known.as_ref().and_then(|known| known.secret.clone())
    } else {
        let plain =
            serde_json::to_string(&secrets).map_err(|error| EngineError::internal(error.to_string()))?;
        Some(cx.keys().seal_at(conn, &tag(id), &plain)?)
    };
    // What was changed is tried at once.
    let after = Known {
        id,
        name,
        active,
        department,
        channel,
        secret,
        version: known.as_ref().map_or(1, |known| known.version + 1),
        health: Health {
            sent_at: known.as_ref().and_then(|known| known.health.sent_at),
            ..Health::default()
        },
    };
    let sql = "insert into channel (id, name, active, department_id, settings, secret, version, failures) \
         values ($1, $2, $3, $4, $5, $6, $7, 0) on conflict (id) do update set name = excluded.name, active = excluded.active, \
         department_id = excluded.department_id, settings = excluded.settings, secret = excluded.secret, version = excluded.version, \
         retry_at = null, failures = 0";
    let values = [
        id.into(),
        after.name.as_str().into(),
        after.active.into(),
        after.department.into(),
        json!(after.channel).to_string().into(),
        after.secret.clone().into(),
        after.version.into(),
    ];
    conn.execute(&Sql::with(sql, values)?)?;
    if !after.active {
        drop_waiting(conn, id, cx.moment.now)?;
    }
    let (op, before) = match &known {
        Some(known) => ("update", logged(known, &[])),
        None => ("create", Json::Null),
    };
    let note = Note::new(op, "channel", id).change(before, logged(&after, &changed));
    append(conn, engine, &Author::from(&cx.caller), note)?;
    engine.renew_after(conn);
    let counts = counts(conn, cx.moment.now - 7 * DAY_MS)?;
    Ok(shown(cx, &after, &counts))
}

/// What the log says of a channel: never a secret, only which were changed.
fn logged(known: &Known, changed: &[String]) -> Json {
    json!({
        "name": known.name,
        "active": known.active,
        "department": known.department.map(id_text),
        "settings": known.channel,
        "secrets_changed": changed,
    })
}

fn shown(cx: &Cx, known: &Known, counts: &HashMap<(i64, String), i64>) -> Json {
    let count = |state: &str| counts.get(&(known.id, state.to_owned())).copied().unwrap_or_default();
    let department = known.department.and_then(|id| cx.org.department(id));
    let mut settings = json!(known.channel);
    if let Json::Object(members) = &mut settings {
        members.shift_remove("kind");
    }
    let health = &known.health;
    let state = match health.failures {
        0 if health.sent_at.is_none() => "unused",
        0 => "ok",
        _ => "down",
    };
    json!({
        "id": id_text(known.id),
        "kind": known.channel.kind(),
        "way": known.channel.way(),
        "name": known.name,
        "active": known.active,
        "department": department.map(|one| json!({"id": id_text(one.id), "name": one.name})),
        "settings": settings,
        "secrets": known.channel.secrets().iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "has_secrets": known.secret.is_some(),
        "version": known.version,
        "state": state,
        "fault": health.fault.as_deref().filter(|_| health.failures > 0).map(|fault| reason(fault).get(cx.lang()).to_owned()),
        "retry_at": health.retry_at.map(instant_text),
        "sent_at": health.sent_at.map(instant_text),
        "waiting": count("waiting") + count("sending"),
        "dead": count("dead"),
        "sent_week": count("sent"),
        "stale_week": count("stale"),
    })
}
