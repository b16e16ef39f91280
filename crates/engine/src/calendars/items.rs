//! Tasks as items of a calendar.

use super::ics::{self, Property, Writer};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::create::create;
use crate::records::duplicates::OnDuplicate;
use crate::records::list::ListRequest;
use crate::shown::{instant_text, parse_instant};
use chrono::NaiveTime;
use huike_model::moment::DAY_MS;
use huike_model::{Code, Id, Label};
use huike_store::Sql;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

const TASK: &str = "task";
/// Tasks done longer ago are no longer in the calendar.
const KEPT: i64 = 30 * DAY_MS;
const PAGE: i64 = 200;
const MOST: usize = 2_000;
/// Tasks that are asked for by name at once.
const AT_ONCE: usize = 100;
/// How long an event takes that is only known by when it is due.
const EVENT_MS: i64 = 30 * 60_000;
const LONGEST_NAME: usize = 200;

/// What is served of a task.
const FIELDS: [&str; 9] = [
    "title",
    "due_at",
    "status",
    "priority",
    "description",
    "recurrence",
    "customer",
    "done_at",
    "updated_at",
];

/// As what a task is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    Todo,
    Event,
}

impl Component {
    pub fn name(self) -> &'static str {
        match self {
            Component::Todo => "VTODO",
            Component::Event => "VEVENT",
        }
    }
}

/// A task in the calendar.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: i64,
    pub version: i64,
    /// Under which it is found, without its ending.
    pub name: String,
    uid: String,
    task: Json,
}

/// What a client expects of an item that it writes (RFC 9110 §13.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Anything,
    /// `If-None-Match: *`
    New,
    /// `If-Match`
    Version(i64),
}

/// Why an item can't be taken, in the caller's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

/// Names and uids that programs gave to tasks they made.
type Given = HashMap<i64, (String, String)>;

impl Engine {
    /// The caller's tasks that stand in a calendar, the earliest first.
    ///
    /// # Errors
    /// As of a list.
    pub async fn calendar_items(&self, cx: &Cx) -> Result<Vec<Item>> {
        let recent = instant_text(cx.moment.now - KEPT);
        let filter = json!({"all": [
            {"field": "owner", "op": "eq", "value": "me"},
            {"field": "due_at", "op": "not_empty"},
            {"any": [
                {"field": "status", "op": "eq", "value": "open"},
                {"field": "updated_at", "op": "gte", "value": recent},
            ]},
        ]});
        let mut request = ListRequest {
            filter: Some(filter),
            sort: vec!["due_at".into()],
            fields: FIELDS.map(str::to_owned).into(),
            expand: vec!["customer".into()],
            limit: Some(PAGE),
            ..ListRequest::default()
        };
        let given = self.given(cx).await?;
        let mut items = Vec::new();
        loop {
            let mut page = self.list_records(cx.clone(), TASK.into(), request.clone()).await?;
            if let Some(found) = page["items"].as_array_mut() {
                items.extend(found.drain(..).filter_map(|task| Item::of(task, &given)));
            }
            match page["next_cursor"].as_str() {
                Some(next) if items.len() < MOST => request.cursor = Some(next.to_owned()),
                _ => return Ok(items),
            }
        }
    }

    /// One of the caller's tasks by its name in the calendar.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn calendar_item(&self, cx: &Cx, name: &str) -> Result<Item> {
        let given = self.given(cx).await?;
        let id = named(&given, name).ok_or(Code::NotFound)?;
        self.items_of(cx, &[id], &given).await?.pop().ok_or_else(|| Code::NotFound.into())
    }

    /// Those of the caller's tasks that have one of the names, in no order.
    ///
    /// # Errors
    /// As of a list.
    pub async fn calendar_items_named(&self, cx: &Cx, names: &[String]) -> Result<Vec<Item>> {
        let given = self.given(cx).await?;
        let ids: Vec<Id> = names.iter().filter_map(|name| named(&given, name)).collect();
        let mut items = Vec::with_capacity(ids.len());
        for ids in ids.chunks(AT_ONCE) {
            items.extend(self.items_of(cx, ids, &given).await?);
        }
        Ok(items)
    }

    /// Asked as a list, which knows nothing of the recycle bin.
    async fn items_of(&self, cx: &Cx, ids: &[Id], given: &Given) -> Result<Vec<Item>> {
        let request = ListRequest {
            filter: Some(json!({"all": [
                {"field": "id", "op": "in", "value": ids},
                {"field": "owner", "op": "eq", "value": "me"},
            ]})),
            fields: FIELDS.map(str::to_owned).into(),
            expand: vec!["customer".into()],
            limit: Some(PAGE),
            ..ListRequest::default()
        };
        let mut page = self.list_records(cx.clone(), TASK.into(), request).await?;
        let tasks = page["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
        Ok(tasks.into_iter().filter_map(|task| Item::of(task, given)).collect())
    }

    /// Writes what a program sent: a new task, or a change of one. The item as it is then, and whether it is new.
    ///
    /// # Errors
    /// `invalid` with what is wrong with it; `stale`; `forbidden`.
    pub async fn put_calendar_item(
        &self,
        cx: &Cx,
        name: &str,
        component: Component,
        text: &str,
        wanted: Wanted,
    ) -> Result<std::result::Result<(Item, bool), Refused>> {
        cx.require_to_write()?;
        let refused = |label: Label| Ok(Err(Refused(label.get(cx.lang()).to_owned())));
        let plain = |letter: char| letter.is_alphanumeric() || "-_.@+".contains(letter);
        if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(plain) {
            return refused(Label::new("条目名称不能用", "The item's name can't be used"));
        }
        let known = match self.calendar_item(cx, name).await {
            Ok(item) => Some(item),
            Err(EngineError::Problem(problem)) if problem.code == Code::NotFound => None,
            Err(error) => return Err(error),
        };
        let fits = match (&wanted, &known) {
            (Wanted::Anything, _) | (Wanted::New, None) => true,
            (Wanted::Version(version), Some(item)) => item.version == *version,
            _ => false,
        };
        if !fits {
            return Err(Code::Stale.into());
        }
        let Some(properties) = ics::component(text, component.name()) else {
            return refused(Label::new(
                format!("内容不是含有 {} 的 iCalendar", component.name()),
                format!("This is no iCalendar with a {}", component.name()),
            ));
        };
        let body = match body_of(cx, component, &properties, known.as_ref()) {
            Ok(body) => body,
            Err(label) => return refused(label),
        };
        let id = match &known {
            Some(item) => {
                let version = Some(item.version);
                self.update_record(cx.clone(), TASK.into(), item.id, version, body).await?.id
            }
            None => {
                let uid = properties.iter().find(|property| property.name == "UID");
                let uid = uid.map(Property::text).filter(|uid| uid.len() <= LONGEST_NAME);
                self.make_item(cx, name, &uid.unwrap_or_else(|| name.to_owned()), body).await?
            }
        };
        let given = self.given(cx).await?;
        let answer = self.get_record(cx.clone(), TASK.into(), id, vec!["customer".into()]).await?;
        let item = Item::of(answer.body, &given).ok_or(Code::NotFound)?;
        Ok(Ok((item, known.is_none())))
    }

    /// Puts a task into the recycle bin.
    ///
    /// # Errors
    /// `not_found`; `stale`; `forbidden`.
    pub async fn remove_calendar_item(&self, cx: &Cx, name: &str, wanted: Wanted) -> Result<()> {
        let item = self.calendar_item(cx, name).await?;
        let version = match wanted {
            Wanted::Version(version) => Some(version),
            _ => None,
        };
        self.delete_record(cx.clone(), TASK.into(), item.id, version).await.map(drop)
    }

    async fn given(&self, cx: &Cx) -> Result<Given> {
        let user = cx.caller.actor.user();
        self.read(move |conn| {
            let sql = "select task_id, name, uid from calendar_item where user_id = $1 order by task_id desc limit 5000";
            let rows = conn.query(&Sql::with(sql, [user.into()])?)?;
            rows.iter()
                .map(|row| Ok((row.int(0)?, (row.text(1)?.to_owned(), row.text(2)?.to_owned()))))
                .collect()
        })
        .await
    }

    /// A task and the name that its program gave it, in one transaction: a program that hears no answer asks again under the same name.
    async fn make_item(&self, cx: &Cx, name: &str, uid: &str, body: Map<String, Json>) -> Result<i64> {
        let (engine, cx) = (self.clone(), cx.clone());
        let (user, name, uid) = (cx.caller.actor.user(), name.to_owned(), uid.to_owned());
        self.write(move |conn| {
            let object = cx.object(TASK)?.clone();
            let access = cx.access(conn, &object)?;
            let made = create(conn, &engine, &cx, &access, &body, OnDuplicate::Allow)?;
            let values = [user.into(), name.as_str().into(), made.into(), uid.as_str().into()];
            // A name whose task went into the recycle bin may be given again; one whose task is there was given meanwhile.
            let sql = "insert into calendar_item (user_id, name, task_id, uid) values ($1, $2, $3, $4) \
                 on conflict (user_id, name) do update set task_id = excluded.task_id, uid = excluded.uid \
                 where not exists (select 1 from task where task.id = calendar_item.task_id and task.deleted_at is null)";
            match conn.execute(&Sql::with(sql, values)?)? {
                0 => Err(Code::Stale.into()),
                _ => Ok(made),
            }
        })
        .await
    }
}

/// The task that has a name: the one it was given, else its own id.
fn named(given: &Given, name: &str) -> Option<Id> {
    match given.iter().find(|(_, (known, _))| known == name) {
        Some((id, _)) => Id::new(*id).ok(),
        None => name.parse().ok(),
    }
}

impl Item {
    fn of(task: Json, given: &Given) -> Option<Item> {
        let text = task["id"].as_str()?.to_owned();
        let id = text.parse::<Id>().ok()?.number();
        let (name, uid) = match given.get(&id) {
            Some((name, uid)) => (name.clone(), uid.clone()),
            None => (text.clone(), format!("{text}@huike")),
        };
        Some(Item { id, version: task["version"].as_i64()?, name, uid, task })
    }

    fn text(&self, name: &str) -> &str {
        self.task[name].as_str().unwrap_or_default()
    }

    fn at(&self, name: &str) -> Option<i64> {
        parse_instant(self.text(name))
    }

    /// When it is due.
    pub fn due(&self) -> Option<i64> {
        self.at("due_at")
    }

    /// Whether it stands for a series that goes on.
    pub fn repeats(&self) -> bool {
        !self.text("recurrence").is_empty() && self.text("status") == "open"
    }

    /// Its component, without the calendar around it. `address`: where the pages stand, empty when nobody said.
    fn write(&self, out: &mut Writer, component: Component, address: &str) {
        let changed = self.at("updated_at").unwrap_or_default();
        out.line("BEGIN", component.name()).text("UID", &self.uid);
        out.instant("DTSTAMP", changed).instant("LAST-MODIFIED", changed);
        let done = self.text("status") == "done";
        let customer = self.task["customer"]["name"].as_str();
        let title = self.text("title");
        match component {
            Component::Todo => out.text("SUMMARY", title),
            // An event has no state that programs show.
            Component::Event => out.text("SUMMARY", &format!("{}{title}", if done { "✓ " } else { "" })),
        };
        if let Some(customer) = customer {
            out.text("CATEGORIES", customer);
        }
        let description = self.text("description");
        if !description.is_empty() {
            out.text("DESCRIPTION", description);
        }
        if let Some(due) = self.at("due_at") {
            match component {
                Component::Todo => out.instant("DUE", due),
                Component::Event => out.instant("DTSTART", due).instant("DTEND", due + EVENT_MS),
            };
        }
        // A task that is done has opened its next one.
        let rule = self.text("recurrence");
        if !rule.is_empty() && !done {
            if component == Component::Todo
                && let Some(due) = self.at("due_at")
            {
                out.instant("DTSTART", due);
            }
            out.line("RRULE", rule);
        }
        if component == Component::Todo {
            let status = match self.text("status") {
                "done" => "COMPLETED",
                "cancelled" => "CANCELLED",
                _ => "NEEDS-ACTION",
            };
            out.line("STATUS", status);
            if let Some(at) = self.at("done_at").filter(|_| done) {
                out.instant("COMPLETED", at).line("PERCENT-COMPLETE", "100");
            }
            match self.text("priority") {
                "high" => out.line("PRIORITY", "1"),
                "low" => out.line("PRIORITY", "9"),
                _ => out.line("PRIORITY", "5"),
            };
        } else if self.text("status") == "cancelled" {
            out.line("STATUS", "CANCELLED");
        }
        if !address.is_empty() {
            out.line("URL", &format!("{address}/o/task/{}", self.text("id")));
        }
        out.line("END", component.name());
    }

    /// The item as a document of its own.
    pub fn document(&self, engine: &Engine, component: Component) -> String {
        document(engine, std::slice::from_ref(self), component, None)
    }
}

/// A calendar of items (§3.4). `name`: how a program that subscribes to it calls it.
pub fn document(engine: &Engine, items: &[Item], component: Component, name: Option<&str>) -> String {
    let outside = engine.outside();
    let mut out = Writer::default();
    out.line("BEGIN", "VCALENDAR").line("VERSION", "2.0").line("PRODID", "-//Huike//CRM//ZH");
    if let Some(name) = name {
        out.text("X-WR-CALNAME", name).line("REFRESH-INTERVAL;VALUE=DURATION", "PT15M");
    }
    for item in items {
        item.write(&mut out, component, &outside.1);
    }
    out.line("END", "VCALENDAR");
    out.finish()
}

impl Engine {
    /// The whole calendar as a program subscribes to it.
    ///
    /// # Errors
    /// As [`Engine::calendar_items`].
    pub async fn calendar_feed(&self, cx: &Cx) -> Result<String> {
        let items = self.calendar_items(cx).await?;
        let name =
            format!("{} · {}", Label::new("汇客任务", "Huike tasks").get(cx.lang()), cx.org.company.name);
        Ok(document(self, &items, Component::Event, Some(&name)))
    }
}

/// What a program wrote as the fields of a task. What it doesn't know of stays as it is.
fn body_of(
    cx: &Cx,
    component: Component,
    properties: &[Property],
    known: Option<&Item>,
) -> std::result::Result<Map<String, Json>, Label> {
    let find = |name: &str| properties.iter().find(|property| property.name == name);
    let mut body = Map::new();
    let summary = find("SUMMARY").map(Property::text).unwrap_or_default();
    let summary = summary.trim().trim_start_matches("✓ ");
    if summary.is_empty() && known.is_none() {
        return Err(Label::new("任务没有标题（SUMMARY）", "The task has no title (SUMMARY)"));
    }
    if !summary.is_empty() {
        body.insert("title".into(), summary.into());
    }
    body.insert(
        "description".into(),
        find("DESCRIPTION").map(|property| property.text().into()).unwrap_or_default(),
    );
    // A date without a time is due at the end of the working day.
    let evening = NaiveTime::from_hms_opt(18, 0, 0).unwrap_or_default();
    let when = match component {
        Component::Todo => find("DUE").or_else(|| find("DTSTART")),
        Component::Event => find("DTSTART"),
    };
    let due = match when {
        None => None,
        Some(property) => {
            let at = property.instant(cx.org.company.zone, evening);
            let wrong = || {
                Label::new(
                    format!("时间“{}”无法识别", property.value),
                    format!("The time “{}” can't be read", property.value),
                )
            };
            Some(at.ok_or_else(wrong)?)
        }
    };
    body.insert("due_at".into(), due.map(instant_text).into());
    body.insert("recurrence".into(), find("RRULE").map(|property| property.value.clone()).into());
    if component == Component::Todo {
        let status =
            match find("STATUS").map(|property| property.value.trim().to_ascii_uppercase()).as_deref() {
                Some("COMPLETED") => "done",
                Some("CANCELLED") => "cancelled",
                _ => "open",
            };
        body.insert("status".into(), status.into());
        let before = known.map(|item| item.text("status").to_owned()).unwrap_or_default();
        if status == "done" && before != "done" {
            body.insert("done_at".into(), instant_text(cx.moment.now).into());
        } else if status == "open" && before == "done" {
            body.insert("done_at".into(), Json::Null);
        }
        // RFC 5545 §3.8.1.9: 1 to 4 are high, 5 is normal, 6 to 9 are low, 0 is not said.
        let priority = find("PRIORITY").and_then(|property| property.value.trim().parse::<u8>().ok());
        let priority = match priority {
            Some(1..=4) => Some("high"),
            Some(5) => Some("normal"),
            Some(6..=9) => Some("low"),
            _ => None,
        };
        if let Some(priority) = priority {
            body.insert("priority".into(), priority.into());
        }
    }
    Ok(body)
}
