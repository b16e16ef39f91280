//! From records to promises: tasks, dates of records, silence.

use super::leaks;
use super::row::{self, End, Kind, OF_SILENCE, OF_TASK};
use super::rule::{Rule, Trigger};
use super::settle::{Settlement, Wanted};
use super::standard::{CUSTOMER, INTERACTION, LOST, SUBJECTS, TASK};
use crate::cx::Cx;
use crate::error::Result;
use crate::records::load::{self, Record, by_id};
use chrono::{Datelike, NaiveDate};
use huike_model::access::ObjectAccess;
use huike_model::filter::Filter;
use huike_model::kinds::FieldType;
use huike_model::moment::{DAY_MS, day_from_number, day_number};
use huike_model::schema::Measure;
use huike_model::{Field, Object};
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Promises of dates are opened so many days ahead: a birthday need not stand in the table all year.
pub const HORIZON_DAYS: i64 = 90;
/// A date of a record that is older than this promises nothing any more: contracts of years ago come in by import.
pub(super) const PAST_DAYS: i64 = 90;

/// How far ahead an agreed step may lie to count as being in touch: half a year, in milliseconds.
const AGREED_AHEAD: i64 = 183 * DAY_MS;

/// Brings what one rule about a date makes of these records to what it should be; how many promises changed.
///
/// # Errors
/// The database's.
pub fn by_rule(conn: &mut Conn, cx: &Cx, rule: &Rule, ids: &BTreeSet<i64>, as_of: i64) -> Result<usize> {
    let Some(object) = cx.schema.object(rule.object()).cloned() else { return Ok(0) };
    let ids: Vec<i64> = ids.iter().copied().collect();
    dates(conn, cx, rule, &object, &ids, as_of)
}

/// Brings what these records of an object promise to what it should be, as it has been since `as_of`; how many promises changed.
///
/// # Errors
/// The database's.
pub fn records(conn: &mut Conn, cx: &Cx, object: &str, ids: &BTreeSet<i64>, as_of: i64) -> Result<usize> {
    let Some(object) = cx.schema.object(object).cloned() else { return Ok(0) };
    let ids: Vec<i64> = ids.iter().copied().collect();
    let mut changed = 0;
    for chunk in ids.chunks(500) {
        let dated = cx.org.follow.active(|trigger| matches!(trigger, Trigger::Date { .. }));
        for rule in dated.filter(|rule| rule.object() == object.name) {
            changed += dates(conn, cx, rule, &object, chunk, as_of)?;
        }
        if object.name == TASK {
            changed += tasks(conn, cx, &object, chunk, as_of)?;
        } else if object.name == CUSTOMER {
            changed += silence(conn, cx, &object, chunk, as_of)?;
            leaks::sync(conn, cx, Some(chunk))?;
        }
    }
    Ok(changed)
}

fn found(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, ids: &[i64]) -> Result<Vec<Record>> {
    load::find_many(conn, cx, &ObjectAccess::of_the_system(object), ids, Deleted::Any)
}

/// Which of these live records a filter finds.
fn matching(
    conn: &mut Conn,
    cx: &Cx,
    object: &Arc<Object>,
    filter: Option<&Filter>,
    ids: &[i64],
) -> Result<HashSet<i64>> {
    let access = ObjectAccess::of_the_system(object);
    let mut query = RecordQuery::new(&access, &cx.schema, &[]);
    query.filter = by_id(object, ids);
    if let Some(filter) = filter {
        query.filter = query.filter.and(filter.resolve(&cx.moment, cx));
    }
    query.limit = ids.len() as i64;
    Ok(query.run(conn)?.iter().map(|row| row.id).collect())
}

/// The first rule, in their order, that fits each record.
fn first_rule<'a>(
    conn: &mut Conn,
    cx: &Cx,
    object: &Arc<Object>,
    rules: impl Iterator<Item = &'a Arc<Rule>>,
    ids: &[i64],
) -> Result<HashMap<i64, &'a Arc<Rule>>> {
    let mut left: Vec<i64> = ids.to_vec();
    let mut fits = HashMap::new();
    for rule in rules {
        if left.is_empty() {
            break;
        }
        let Some((filter, _)) = rule.checked(&cx.schema, &cx.moment) else { continue };
        let found = matching(conn, cx, object, filter.as_ref(), &left)?;
        left.retain(|id| !found.contains(id));
        fits.extend(found.into_iter().map(|id| (id, rule)));
    }
    Ok(fits)
}

/// A task with a date is a promise until it is done.
fn tasks(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, ids: &[i64], as_of: i64) -> Result<usize> {
    let records = found(conn, cx, object, ids)?;
    let open = |record: &Record| !record.deleted && record.values.get("status").as_text() == Some("open");
    let promised: Vec<i64> = records.iter().filter(|record| open(record)).map(|record| record.id).collect();
    let rules = cx.org.follow.active(|trigger| matches!(trigger, Trigger::Task));
    let ladders = first_rule(conn, cx, object, rules, &promised)?;
    let (mut wanted, mut ended) = (Vec::new(), Vec::new());
    let known: HashSet<i64> = records.iter().map(|record| record.id).collect();
    ended
        .extend(ids.iter().filter(|id| !known.contains(id)).map(|id| (*id, End::Void { reason: "deleted" })));
    for record in &records {
        let values = &record.values;
        match (open(record), values.int("due_at")) {
            (true, Some(due_at)) => {
                let subject = SUBJECTS.iter().find_map(|name| Some(((*name).to_owned(), values.int(name)?)));
                let agreed = values.int(INTERACTION).is_some() && values.int(CUSTOMER).is_some();
                let (about, id) = subject.unwrap_or_else(|| (object.name.clone(), record.id));
                wanted.push(Wanted {
                    kind: if agreed { Kind::FollowUp } else { Kind::Task },
                    object: about,
                    record: id,
                    source: "person",
                    holder_id: record.id,
                    owner: values.int("owner"),
                    title: values.title(),
                    due_at,
                    all_day: false,
                    ladder: ladders.get(&record.id).map_or(0, |rule| rule.id),
                    kept_by: None,
                });
            }
            _ => ended.push((record.id, end_of_task(record))),
        }
    }
    Settlement { holder: &object.name, rule: OF_TASK, as_of, wanted, ended }.write(conn, cx)
}

fn end_of_task(record: &Record) -> End {
    match record.values.get("status").as_text() {
        _ if record.deleted => End::Void { reason: "deleted" },
        Some("done") => End::Done { evidence: TASK.into(), record: Some(record.id) },
        Some("cancelled") => End::Waived { reason: record.values.get("result").as_text().map(str::to_owned) },
        _ => End::Void { reason: "no_date" },
    }
}

/// What a rule about a date makes of these records.
fn dates(
    conn: &mut Conn,
    cx: &Cx,
    rule: &Rule,
    object: &Arc<Object>,
    ids: &[i64],
    as_of: i64,
) -> Result<usize> {
    // A rule that the dictionary no longer knows makes nothing; its page says so.
    let Some((filter, Some(field))) = rule.checked(&cx.schema, &cx.moment) else { return Ok(0) };
    let fits = matching(conn, cx, object, filter.as_ref(), ids)?;
    let records = found(conn, cx, object, ids)?;
    let open = row::open_of(conn, &object.name, rule.id, ids)?;
    let open: HashSet<i64> = open.iter().map(|one| one.holder_id).collect();
    let known: HashSet<i64> = records.iter().map(|record| record.id).collect();
    let (mut wanted, mut ended) = (Vec::new(), Vec::new());
    ended
        .extend(ids.iter().filter(|id| !known.contains(id)).map(|id| (*id, End::Void { reason: "deleted" })));
    for record in &records {
        let value = record.values.of(&field).as_int().filter(|_| fits.contains(&record.id));
        let due = value.and_then(|value| due(cx, rule, &field, value));
        // What is late stays so, however old it gets.
        let due = due.filter(|due| open.contains(&record.id) || due.opens(cx, &field));
        match due {
            _ if record.deleted => ended.push((record.id, End::Void { reason: "deleted" })),
            Some(due) => {
                // Only a new check moves it on.
                let kept_by = is_recheck(&field).then(|| object.name.clone());
                wanted.push(Wanted { kept_by, ..promise(rule, object, record, due) });
            }
            // The record itself shows that nothing is to be done any more: paid, renewed, left.
            None => {
                ended.push((record.id, End::Done { evidence: object.name.clone(), record: Some(record.id) }))
            }
        }
    }
    Settlement { holder: &object.name, rule: rule.id, as_of, wanted, ended }.write(conn, cx)
}

/// Belongs to the customer where the record has one.
fn promise(rule: &Rule, object: &Arc<Object>, record: &Record, due: Due) -> Wanted {
    let values = &record.values;
    let customer = values
        .int(CUSTOMER)
        .filter(|_| object.field(CUSTOMER).is_some_and(|field| field.target() == Some(CUSTOMER)));
    let (about, id) =
        customer.map_or_else(|| (object.name.clone(), record.id), |id| (CUSTOMER.to_owned(), id));
    // The rule's name comes in the language of whoever reads it.
    let title = if about == object.name { String::new() } else { values.title() };
    Wanted {
        kind: Kind::Date,
        object: about,
        record: id,
        source: "rule",
        holder_id: record.id,
        owner: values.int("owner"),
        title,
        due_at: due.at,
        all_day: due.all_day,
        ladder: rule.id,
        kept_by: None,
    }
}

/// Whether a date is the one by which a record's data is to be checked again.
pub(super) fn is_recheck(field: &Field) -> bool {
    field.measure == Some(Measure::Recheck)
}

/// When a promise is due.
#[derive(Clone, Copy)]
pub(super) struct Due {
    at: i64,
    all_day: bool,
    /// Not so old that it was over before anybody promised it.
    recent: bool,
}

impl Due {
    /// Whether it is promised though nobody has promised it yet. A company that begins would drown in data that was old when it came; that
    /// is for the desk of quality.
    pub(super) fn opens(self, cx: &Cx, field: &Field) -> bool {
        if is_recheck(field) { self.at >= cx.moment.now } else { self.recent }
    }
}

/// When a record with this date is due; none beyond the horizon.
pub(super) fn due(cx: &Cx, rule: &Rule, field: &Field, value: i64) -> Option<Due> {
    let Trigger::Date { yearly, shift_days, .. } = &rule.definition.trigger else { return None };
    let calendar = cx.org.calendar_of(None);
    let shift = i64::from(*shift_days);
    let today = day_number(cx.moment.today());
    let (due_at, all_day) = if field.value_type() == FieldType::Date || *yearly {
        let day =
            if field.value_type() == FieldType::Date { day_from_number(value)? } else { calendar.day(value) };
        let day = day_number(day).checked_add(shift)?;
        let day =
            if *yearly { next_anniversary(day_from_number(day)?, today)? } else { day_from_number(day)? };
        (calendar.midnight(day.succ_opt()?) - 1, true)
    } else {
        (value.checked_add(shift * DAY_MS)?, false)
    };
    let day = day_number(calendar.day(due_at));
    let recent = day >= today - PAST_DAYS;
    (day <= today + HORIZON_DAYS).then_some(Due { at: due_at, all_day, recent })
}

/// The first anniversary that is not before today; the 29th of February is kept on the 28th in other years.
fn next_anniversary(day: NaiveDate, today: i64) -> Option<NaiveDate> {
    let this_year = day_from_number(today)?.year();
    let on = |year: i32| day.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 2, 28));
    (this_year..=this_year + 1).filter_map(on).find(|found| day_number(*found) >= today && *found > day)
}

/// That customers are contacted often enough.
fn silence(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, ids: &[i64], as_of: i64) -> Result<usize> {
    let records = found(conn, cx, object, ids)?;
    let living = |record: &Record| {
        !record.deleted
            && record.values.get("stage").as_text() != Some(LOST)
            && record.values.int("owner").is_some()
    };
    let cared: Vec<i64> = records.iter().filter(|record| living(record)).map(|record| record.id).collect();
    let rules = cx.org.follow.active(|trigger| matches!(trigger, Trigger::Silence { .. }));
    let rules = first_rule(conn, cx, object, rules, &cared)?;
    let (mut wanted, mut ended) = (Vec::new(), Vec::new());
    let known: HashSet<i64> = records.iter().map(|record| record.id).collect();
    ended
        .extend(ids.iter().filter(|id| !known.contains(id)).map(|id| (*id, End::Void { reason: "deleted" })));
    for record in &records {
        match rules.get(&record.id) {
            Some(rule) => wanted.push(contact(cx, rule, object, record)),
            None if record.deleted => ended.push((record.id, End::Void { reason: "deleted" })),
            None => ended.push((record.id, End::Void { reason: "not_cared_for" })),
        }
    }
    Settlement { holder: &object.name, rule: OF_SILENCE, as_of, wanted, ended }.write(conn, cx)
}

fn contact(cx: &Cx, rule: &Rule, object: &Object, record: &Record) -> Wanted {
    let values = &record.values;
    let owner = values.int("owner");
    let calendar = cx.org.calendar_of(owner);
    let working_days =
        if let Trigger::Silence { working_days } = rule.definition.trigger { working_days } else { 0 };
    let tier = cx.org.tiers.rhythm(values.get("tier").as_text());
    let working_days = tier.map_or(working_days, |rhythm| working_days.min(rhythm.working_days()));
    let since = ["last_contact_at", "created_at"].iter().find_map(|name| values.int(name));
    // A time in the future is a slip of the pen, and no reason to keep still until then.
    let since = since.unwrap_or(cx.moment.now).min(cx.moment.now);
    let day = calendar.working_day_after(calendar.day(since), working_days.into());
    // Until the step that was agreed on, silence is no neglect; a step in 2200 is none.
    let agreed = values.int("next_step_at").map(|at| calendar.day(at.clamp(since, since + AGREED_AHEAD)));
    let day = agreed.map_or(day, |agreed| agreed.max(day));
    Wanted {
        kind: Kind::Contact,
        object: object.name.clone(),
        record: record.id,
        source: "rule",
        holder_id: record.id,
        owner,
        title: String::new(),
        due_at: calendar.midnight(day.succ_opt().unwrap_or(day)) - 1,
        all_day: true,
        ladder: rule.id,
        kept_by: Some(INTERACTION.into()),
    }
}
