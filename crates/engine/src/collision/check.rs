//! Before somebody calls, writes or logs: has a colleague just done so, and does the customer want it now? Never more than the caller may
//! read of the customer, the contact and the follow-ups.

use super::settings;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::standard::{CUSTOMER, INTERACTION, TALKS};
use crate::records::list;
use crate::records::load::{self, Record};
use crate::records::render::id_text;
use crate::shown::instant_text;
use chrono::{Datelike, Timelike};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::moment::{DAY_MS, day_from_number, day_number};
use huike_store::Conn;
use huike_store::query::{Deleted, Order, RecordQuery};
use serde_json::{Value as Json, json};

impl Engine {
    /// What is to be known before the customer of a record is contacted: `recent`, `do_not_contact`, `paused` and `not_now`, each with what
    /// the page says of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn contact_check(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let record = load::find(conn, &cx, &access, id, Deleted::Live)?;
            let mut warnings = Vec::new();
            unwanted(&cx, &access, &record, &mut warnings);
            if object.name == CUSTOMER {
                recent(conn, &cx, &access, &record, &mut warnings)?;
            } else if let Some(customer) = customer_of(&access, &record) {
                let customers = cx.object(CUSTOMER)?.clone();
                let access = cx.access_or_none(conn, &customers)?;
                if let Some(record) = load::find_many(conn, &cx, &access, &[customer], Deleted::Live)?.pop() {
                    unwanted(&cx, &access, &record, &mut warnings);
                    recent(conn, &cx, &access, &record, &mut warnings)?;
                }
            }
            Ok(json!({"warnings": warnings}))
        })
        .await
    }
}

/// Whether the caller may read a field of a record.
fn reads(access: &ObjectAccess, record: &Record, name: &str) -> bool {
    access.object.field(name).is_some_and(|field| access.on_row(field, &record.reached) >= FieldAccess::Read)
}

fn customer_of(access: &ObjectAccess, record: &Record) -> Option<i64> {
    let field = access.object.field(CUSTOMER).filter(|field| field.target() == Some(CUSTOMER))?;
    record.values.of(field).as_int().filter(|_| reads(access, record, CUSTOMER))
}

/// What the record itself says against being contacted now.
fn unwanted(cx: &Cx, access: &ObjectAccess, record: &Record, warnings: &mut Vec<Json>) {
    let readable = |name: &str| reads(access, record, name);
    let reason =
        || record.values.get("no_contact_reason").as_text().filter(|_| readable("no_contact_reason"));
    let who = readable(&access.object.name_field.name).then(|| record.values.title());
    if readable("do_not_contact") && record.values.int("do_not_contact") == Some(1) {
        warnings.push(json!({"kind": "do_not_contact", "who": who, "reason": reason()}));
    }
    let until = record.values.int("no_contact_until").filter(|_| readable("no_contact_until"));
    if let Some(until) = until.filter(|until| *until >= day_number(cx.moment.today())) {
        let day = day_from_number(until).map(|day| day.to_string());
        warnings.push(json!({"kind": "paused", "who": who, "until": day, "reason": reason()}));
    }
    if readable("no_contact_at") {
        let now = slots(cx);
        let met =
            record.values.get("no_contact_at").members().find(|slot| now.contains(slot)).map(str::to_owned);
        if let Some(slot) = met {
            warnings.push(json!({"kind": "not_now", "who": who, "slot": slot, "reason": reason()}));
        }
    }
}

/// What the company's wall clock says the time of the day and the week is.
fn slots(cx: &Cx) -> Vec<&'static str> {
    let local = cx.moment.local(cx.moment.now);
    let hour = match local.hour() {
        0..8 | 20.. => "night",
        8..12 => "morning",
        12..14 => "noon",
        14..18 => "afternoon",
        18..20 => "evening",
    };
    let weekend = matches!(local.weekday(), chrono::Weekday::Sat | chrono::Weekday::Sun);
    if weekend { vec![hour, "weekend"] } else { vec![hour] }
}

/// A colleague's last contact within the days that the company has set.
fn recent(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    customer: &Record,
    warnings: &mut Vec<Json>,
) -> Result<()> {
    let days = settings::load(conn)?.recent_days;
    if days == 0 {
        return Ok(());
    }
    let (me, from) = (cx.author(), cx.moment.now - i64::from(days) * DAY_MS);
    if let Some(talk) = last_talk(conn, cx, customer.id, me, from)? {
        let by = talk.values.int("owner");
        warnings.push(json!({
            "kind": "recent", "at": talk.values.int("occurred_at").map(instant_text),
            "how": talk.values.get("kind").as_text(),
            "by": by.map(|id| json!({"id": id_text(id), "name": cx.org.user(id).map(|person| &person.name)})),
        }));
        return Ok(());
    }
    // Of somebody else's customer the caller may know when and no more.
    let at = customer.values.int("last_contact_at").filter(|_| reads(access, customer, "last_contact_at"));
    if customer.values.int("owner") != Some(me)
        && let Some(at) = at.filter(|at| (from..=cx.moment.now).contains(at))
        && !talked_myself(conn, cx, customer.id, me, at)?
    {
        warnings.push(json!({"kind": "recent", "at": instant_text(at), "how": null, "by": null}));
    }
    Ok(())
}

/// The last talk of others with a customer that the caller may read of.
fn last_talk(conn: &mut Conn, cx: &Cx, customer: i64, me: i64, from: i64) -> Result<Option<Record>> {
    let filter = json!({"all": [
        {"field": "customer", "op": "eq", "value": id_text(customer)},
        {"field": "occurred_at", "op": "gte", "value": instant_text(from)},
        {"field": "kind", "op": "in", "value": TALKS},
        {"field": "owner", "op": "ne", "value": id_text(me)},
    ]});
    talk(conn, cx, &filter)
}

/// Whether the contact at a moment was the caller's own.
fn talked_myself(conn: &mut Conn, cx: &Cx, customer: i64, me: i64, at: i64) -> Result<bool> {
    let filter = json!({"all": [
        {"field": "customer", "op": "eq", "value": id_text(customer)},
        {"field": "occurred_at", "op": "gte", "value": instant_text(at)},
        {"field": "owner", "op": "eq", "value": id_text(me)},
    ]});
    Ok(talk(conn, cx, &filter)?.is_some())
}

fn talk(conn: &mut Conn, cx: &Cx, filter: &Json) -> Result<Option<Record>> {
    let Some(object) = cx.schema.object(INTERACTION).cloned() else { return Ok(None) };
    let access = cx.access_or_none(conn, &object)?;
    if !access.reads_anything() {
        return Ok(None);
    }
    // A field that the caller may nowhere read can't be asked, and then nothing is told.
    let Ok(filter) = list::filter(cx, &access, filter) else { return Ok(None) };
    let fields = load::all_fields(&object);
    let mut query = RecordQuery::new(&access, &cx.schema, &fields);
    query.filter = filter;
    query.order = object
        .field("occurred_at")
        .map(|field| Order { field: field.clone(), descending: true })
        .into_iter()
        .collect();
    query.limit = 1;
    let rows = query.run(conn)?;
    Ok(load::records(conn, cx, &object, &fields, rows)?.pop())
}
