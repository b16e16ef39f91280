//! What a rule would have done last month: "132 reminders, 3.1 a day for each person". Nothing is written.
//!
//! A large company is looked at in part: the records with the newest ids, as many as [`SAMPLE`], and the figures scaled to all that fit.

use super::ladder;
use super::rule::{Definition, Rule, Trigger};
use super::rules;
use super::standard::{INTERACTION, TALKS, TASK};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::load::{self, Record};
use crate::records::render::id_text;
use crate::shown::instant_text;
use chrono::Datelike;
use huike_model::Field;
use huike_model::access::{AdminArea, ObjectAccess};
use huike_model::kinds::FieldType;
use huike_model::moment::{DAY_MS, day_from_number, day_number};
use huike_store::query::RecordQuery;
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeSet, HashMap};

const SAMPLE: i64 = 2_000;
/// Records that fit are counted up to here.
const COUNTED: i64 = 2_000_000;
const WINDOW_DAYS: i64 = 30;
const EXAMPLES: usize = 5;

/// A promise as it stood at some time in the past: due when, made when, kept when.
struct Past {
    owner: Option<i64>,
    due_at: i64,
    all_day: bool,
    made_at: i64,
    kept_at: i64,
}

impl Engine {
    /// Tries a rule on the last 30 days.
    ///
    /// # Errors
    /// `forbidden`; every fault of the rule.
    pub async fn try_rule(&self, cx: Cx, mut members: Map<String, Json>) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        ["id", "version", "active", "position", "confirmed", "faults"]
            .iter()
            .for_each(|name| drop(members.remove(*name)));
        let definition = rules::read(&cx, members)?;
        self.read(move |conn| tried(conn, &cx, definition)).await
    }
}

/// As [`Engine::try_rule`], inside a read.
///
/// # Errors
/// As there.
pub(super) fn tried(conn: &mut Conn, cx: &Cx, definition: Definition) -> Result<Json> {
    let rule = Rule { id: 0, position: 0, active: true, version: 1, definition };
    let (filter, field) = rule.definition.check(&cx.schema, &cx.moment)?;
    let object = cx.object(rule.object())?.clone();
    let everything = ObjectAccess::of_the_system(&object);
    let id = object.field("id").cloned();
    let mut query = RecordQuery::new(&everything, &cx.schema, &[]);
    query.filter = filter
        .map_or_else(huike_model::filter::Resolved::everything, |filter| filter.resolve(&cx.moment, cx));
    query.order = id.map(|field| huike_store::query::Order { field, descending: true }).into_iter().collect();
    query.limit = SAMPLE;
    let total = query.count(conn, Some(COUNTED))?;
    let ids: Vec<i64> = query.run(conn)?.iter().map(|row| row.id).collect();
    let mut records = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        records.extend(load::find_many(conn, cx, &everything, chunk, huike_store::query::Deleted::Live)?);
    }
    let window = (cx.moment.now - WINDOW_DAYS * DAY_MS, cx.moment.now);
    let talks = match rule.definition.trigger {
        Trigger::Silence { .. } => talks(conn, &ids, window.1)?,
        _ => HashMap::new(),
    };
    let (mut promises, mut reminders, mut people, mut examples) = (0_i64, 0_i64, BTreeSet::new(), Vec::new());
    for record in &records {
        for past in pasts(cx, &rule, field.as_deref(), record, talks.get(&record.id), window) {
            let calendar = cx.org.calendar_of(past.owner);
            let steps = ladder::steps(Some(&rule), &calendar, past.due_at, past.all_day);
            let told = steps.iter().filter(|(at, _)| {
                (window.0..window.1).contains(at) && *at > past.made_at && *at < past.kept_at
            });
            let told = told.count() as i64;
            promises += i64::from(told > 0 || (window.0..window.1).contains(&past.due_at));
            reminders += told;
            people.extend(past.owner.filter(|_| told > 0));
            if told > 0 && examples.len() < EXAMPLES {
                let name = record.values.title();
                examples.push(json!({"record": {"id": id_text(record.id), "name": name}, "due_at": instant_text(past.due_at)}));
            }
        }
    }
    let sampled = records.len() as i64;
    let scaled = |count: i64| if sampled == 0 { 0 } else { count * total / sampled };
    let calendar = cx.org.calendar_of(None);
    let days = calendar.working_days_between(window.0, window.1).max(1);
    let each = scaled(reminders) as f64 / people.len().max(1) as f64 / days as f64;
    Ok(json!({
        "records": total, "sampled": sampled, "promises": scaled(promises), "reminders": scaled(reminders),
        "people": people.len(), "per_person_day": (each * 10.0).round() / 10.0, "examples": examples,
        "heavy": scaled(reminders) > rules::MANY_REMINDERS || each > rules::MANY_A_DAY,
        "text": huike_model::Label::new(
            format!("近 30 天会触发 {} 次，人均每个工作日 {each:.1} 条", scaled(reminders)),
            format!("{} reminders in the last 30 days, {each:.1} per person and working day", scaled(reminders)),
        ).get(cx.lang()),
    }))
}

/// When these customers were talked with, oldest first.
fn talks(conn: &mut Conn, customers: &[i64], until: i64) -> Result<HashMap<i64, Vec<i64>>> {
    let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
    for chunk in customers.chunks(500) {
        let mut sql = Sql::raw("select customer, occurred_at from ");
        sql.push_ident(INTERACTION)?
            .push(" where deleted_at is null and ")
            .push_in("customer", chunk.iter().copied());
        sql.push(" and ").push_in("kind", TALKS).push(" and occurred_at <= ").bind(until);
        sql.push(" order by customer, occurred_at");
        conn.query_each(&sql, |row| {
            found.entry(row.int(0)?).or_default().push(row.int(1)?);
            Ok(())
        })?;
    }
    Ok(found)
}

fn pasts(
    cx: &Cx,
    rule: &Rule,
    field: Option<&Field>,
    record: &Record,
    talks: Option<&Vec<i64>>,
    window: (i64, i64),
) -> Vec<Past> {
    let values = &record.values;
    let (owner, made_at) = (values.int("owner"), values.int("created_at").unwrap_or(i64::MIN));
    let calendar = cx.org.calendar_of(owner);
    let end_of = |day: chrono::NaiveDate| calendar.midnight(day.succ_opt().unwrap_or(day)) - 1;
    match &rule.definition.trigger {
        Trigger::Task => {
            let open = values.get("status").as_text() == Some("open");
            let kept_at = if open {
                i64::MAX
            } else {
                values.int("done_at").or(values.int("updated_at")).unwrap_or(i64::MAX)
            };
            let due = values.int("due_at").filter(|_| rule.object() == TASK);
            due.map(|due_at| Past { owner, due_at, all_day: false, made_at, kept_at }).into_iter().collect()
        }
        Trigger::Date { yearly, shift_days, .. } => {
            let Some((field, value)) = field.and_then(|field| Some((field, values.of(field).as_int()?)))
            else {
                return Vec::new();
            };
            let dated = field.value_type() == FieldType::Date;
            let day = if dated { day_from_number(value) } else { Some(calendar.day(value)) };
            let Some(day) = day.and_then(|day| day_from_number(day_number(day) + i64::from(*shift_days)))
            else {
                return Vec::new();
            };
            if !dated && !*yearly {
                let due_at = value.saturating_add(i64::from(*shift_days) * DAY_MS);
                return vec![Past { owner, due_at, all_day: false, made_at, kept_at: i64::MAX }];
            }
            let years = calendar.day(window.0).year()..=calendar.day(window.1).year() + 1;
            let days: Vec<_> = if *yearly {
                years.filter_map(|year| day.with_year(year)).filter(|found| *found > day).collect()
            } else {
                vec![day]
            };
            days.into_iter()
                .map(|day| Past { owner, due_at: end_of(day), all_day: true, made_at, kept_at: i64::MAX })
                .collect()
        }
        Trigger::Silence { working_days } => {
            let mut times = vec![made_at];
            times.extend(talks.into_iter().flatten());
            times.sort_unstable();
            times.dedup();
            let next = times.iter().skip(1).copied().chain([i64::MAX]);
            let old = window.0 - 400 * DAY_MS;
            times
                .iter()
                .zip(next)
                .filter(|(at, next)| **at >= old && *next >= window.0)
                .map(|(at, next)| {
                    let due_at =
                        end_of(calendar.working_day_after(calendar.day(*at), (*working_days).into()));
                    Past { owner, due_at, all_day: true, made_at: *at, kept_at: next }
                })
                .collect()
        }
    }
}
