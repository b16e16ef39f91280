//! What a message says: the notifications of one parcel as their reader may see them now.

use super::devices;
use super::known::Known;
use crate::cx::{Actor, Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::notifications::still_unread;
use crate::shown::parse_instant;
use huike_courier::{Cause, Message, Recipient, Way};
use huike_model::Label;
use huike_store::{Conn, Sql};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A message, or why there is none.
pub enum Letter {
    Written(Box<Message>),
    Nothing(&'static str),
    /// Its reader is not to be disturbed before.
    NotBefore(i64),
}

/// The name of a message for every attempt at it.
pub fn key(cx: &Cx, parcel: i64) -> String {
    // Keyed by the company, so that two installations that write to the same person don't share names.
    let company = huike_vault::hex(&huike_vault::token::hash(&cx.org.company.name)[..4]);
    format!("huike-{company}-{parcel}")
}

/// A person's name, address and number as they stand on their own record.
///
/// # Errors
/// The database's.
pub fn recipient(conn: &mut Conn, cx: &Cx, user: i64) -> Result<Recipient> {
    let name = cx.org.user(user).map(|person| person.name.clone()).unwrap_or_default();
    let row =
        conn.query_opt(&Sql::with("select email, mobile from \"user\" where id = $1", [user.into()])?)?;
    let Some(row) = row else { return Ok(Recipient { name, ..Recipient::default() }) };
    let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    // An extension can't be sent a short message (RFC 3966 writes it behind the number).
    let mobile = row.opt_text(1)?.filter(|number| !number.contains(";ext="));
    Ok(Recipient { name, email: some(row.opt_text(0)?), mobile: some(mobile), devices: Vec::new() })
}

/// Whether a message in a way can be addressed to somebody; a group's robot needs no address.
pub fn has_address(to: &Recipient, way: Way) -> bool {
    match way {
        Way::Email => to.email.is_some(),
        Way::Sms => to.mobile.is_some(),
        Way::Robot => true,
        Way::Browser => !to.devices.is_empty(),
    }
}

/// What a parcel says to its reader.
///
/// # Errors
/// The database's.
pub fn write(
    conn: &mut Conn,
    engine: &Engine,
    known: &Known,
    user: i64,
    notifications: &[i64],
    parcel: i64,
) -> Result<Letter> {
    let org = engine.org();
    let Some(person) = org.user(user).filter(|person| person.active) else {
        return Ok(Letter::Nothing("left"));
    };
    let caller =
        Caller { actor: Actor::User(user), lang: person.lang, via: Via::System, request: String::new() };
    let cx = engine.cx(caller)?;
    let items = still_unread(conn, &cx, notifications)?;
    if items.is_empty() {
        return Ok(Letter::Nothing("read"));
    }
    let mut to = recipient(conn, &cx, user)?;
    let browser = known.channel.way() == Way::Browser;
    if browser {
        to.devices = devices::of(conn, &cx, user, known.id)?;
    }
    // Nobody's fault that somebody has to mend: they are reached in the page.
    if !has_address(&to, known.channel.way()) {
        return Ok(Letter::Nothing(Cause::NoAddress.name()));
    }
    let outside = engine.outside();
    let address = outside.1.as_str();
    let subject = subject(&cx, &items);
    let text = match known.channel.tells_details() {
        true if browser => glance(&cx, &items),
        true => whole(&cx, &items, address),
        false => brief(&cx, &items, address),
    };
    let words = [
        ("name", person.name.clone()),
        ("count", items.len().to_string()),
        ("title", subject.clone()),
        ("company", org.company.name.clone()),
    ];
    let words: BTreeMap<String, String> =
        words.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    // A group reads a robot's words: without details even the subject says no more than how much there is.
    let subject = if known.channel.tells_details() { subject } else { String::new() };
    Ok(Letter::Written(Box::new(Message {
        key: key(&cx, parcel),
        at: cx.moment.now,
        to,
        subject,
        text,
        words,
        link: link(&items),
        greeting: false,
    })))
}

fn text<'a>(item: &'a Json, name: &str) -> &'a str {
    item[name].as_str().unwrap_or_default()
}

/// What one notification is about: its title, or what it says where it has none.
fn heading(item: &Json) -> &str {
    match text(item, "title") {
        "" => text(item, "text"),
        title => title,
    }
}

fn subject(cx: &Cx, items: &[Json]) -> String {
    let single = Label::new("提醒", "Reminder");
    match items {
        [one] if matches!(text(one, "kind"), "digest" | "leaks" | "alert" | "channel") => {
            text(one, "text").to_owned()
        }
        [one] => {
            let colon = Label::new("：", ": ");
            format!("{}{}{}", single.get(cx.lang()), colon.get(cx.lang()), heading(one))
        }
        many => {
            let n = many.len();
            Label::new(format!("{n} 条提醒"), format!("{n} reminders")).get(cx.lang()).to_owned()
        }
    }
}

/// Where a click leads: to the one record that it is about, else to all that waits.
fn link(items: &[Json]) -> String {
    match items {
        [one] => match (one["object"].as_str(), one["record"]["id"].as_str()) {
            (Some(object), Some(id)) => format!("/o/{object}/{id}"),
            _ => "/notifications".into(),
        },
        _ => "/notifications".into(),
    }
}

/// Notifications that a browser shows beside their heading.
const AT_A_GLANCE: usize = 4;

/// What a browser shows of them: a line each, without links.
fn glance(cx: &Cx, items: &[Json]) -> String {
    let line = |item: &Json| {
        let due = item["due_at"].as_str().and_then(parse_instant).map(|due| {
            let due = cx.moment.local(due);
            let label = Label::new(
                due.format("%-m月%-d日 %H:%M").to_string(),
                due.format("%-d %b %H:%M").to_string(),
            );
            label.get(cx.lang()).to_owned()
        });
        let own = (items.len() > 1).then(|| heading(item).to_owned());
        let name = item["record"]["name"].as_str().filter(|name| *name != heading(item)).map(str::to_owned);
        let parts: Vec<String> = own.into_iter().chain(name).chain(due).collect();
        if parts.is_empty() { text(item, "text").to_owned() } else { parts.join(" · ") }
    };
    items.iter().take(AT_A_GLANCE).map(line).collect::<Vec<_>>().join("\n")
}

/// Every notification with its record, its date and its link.
fn whole(cx: &Cx, items: &[Json], address: &str) -> String {
    let mut out = String::new();
    for item in items {
        let says = text(item, "text");
        let heading = heading(item);
        out.push_str(heading);
        if says != heading {
            out.push_str(Label::new("：", ": ").get(cx.lang()));
            out.push_str(says);
        }
        out.push('\n');
        if let Some(name) = item["record"]["name"].as_str().filter(|name| *name != heading) {
            out.push_str(&format!("  {name}\n"));
        }
        if let Some(due) = item["due_at"].as_str().and_then(parse_instant) {
            let due = cx.moment.local(due);
            let label = Label::new(
                format!("  到期：{}", due.format("%-m月%-d日 %H:%M")),
                format!("  Due: {}", due.format("%-d %b %H:%M")),
            );
            out.push_str(&format!("{}\n", label.get(cx.lang())));
        }
        if let (Some(object), Some(id)) = (item["object"].as_str(), item["record"]["id"].as_str())
            && !address.is_empty()
        {
            out.push_str(&format!("  {address}/o/{object}/{id}\n"));
        }
        out.push('\n');
    }
    out.push_str(&foot(cx, address));
    out
}

/// How much there is to do, without saying about whom.
fn brief(cx: &Cx, items: &[Json], address: &str) -> String {
    let name = cx.org.user(cx.caller.actor.user()).map(|person| person.name.clone()).unwrap_or_default();
    let says = match items {
        [one] if matches!(text(one, "kind"), "digest" | "leaks") => text(one, "text").to_owned(),
        many => {
            let n = many.len();
            let label =
                Label::new(format!("您有 {n} 条提醒待处理"), format!("{n} reminders are waiting for you"));
            label.get(cx.lang()).to_owned()
        }
    };
    let comma = Label::new("，", ": ");
    let link = if address.is_empty() { String::new() } else { format!("\n{address}/") };
    format!("{name}{}{says}{link}", comma.get(cx.lang()))
}

fn foot(cx: &Cx, address: &str) -> String {
    let label = Label::new(
        "在汇客“我的账号 · 提醒方式”中可以调整什么时候、用什么方式收到提醒。",
        "What you are told by mail, and when, is yours to choose under “My account · How to reach me” in Huike.",
    );
    let link = if address.is_empty() { String::new() } else { format!("\n{address}/account") };
    format!("--\n{}{link}\n", label.get(cx.lang()))
}
