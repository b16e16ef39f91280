//! The company's working time: weekly hours, special days, absences.

use super::follow::{CalendarSettings, SETTING};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::definitions;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::render::id_text;
use crate::setting;
use crate::shown::{instant_text, parse_instant, person};
use crate::tiers;
use chrono::{Datelike, NaiveDate};
use huike_model::access::AdminArea;
use huike_model::moment::{DAY_MS, day_from_number, day_number};
use huike_model::worktime::{Quiet, TimeOfDay, Week, shipped, shipped_years};
use huike_model::{Code, Fault, Id, Label};
use huike_store::{Conn, Sql};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Reminders a day that make sense.
const DAILY_LIMITS: std::ops::RangeInclusive<u32> = 1..=200;
const MAX_DAYS: usize = 1_000;
const MAX_NAME: usize = 40;
/// The longest absence: two years.
const LONGEST_ABSENCE: i64 = 2 * 366 * DAY_MS;

/// Weekly hours, quiet hours and limits, and which years' holidays are known.
///
/// # Errors
/// None but the impossible.
pub fn read(cx: &Cx) -> Result<Json> {
    let settings = &cx.org.follow.settings;
    let departments: BTreeMap<String, &Week> = settings
        .departments
        .iter()
        .filter_map(|(id, week)| Some((Id::new(*id).ok()?.to_string(), week)))
        .collect();
    Ok(json!({
        "timezone": cx.org.company.zone.name(),
        "week": settings.week,
        "departments": departments,
        "quiet": settings.quiet,
        "digest_at": settings.digest_at,
        "daily_limit": settings.daily_limit,
        "tier_limits": settings.tier_limits,
        "shipped_years": shipped_years(),
    }))
}

/// One member of the settings.
fn member<T: DeserializeOwned>(name: &str, value: Json) -> std::result::Result<T, Fault> {
    definitions::part(name, value, &Label::new("工作日历", "The calendar"))
}

fn tier_fault(cx: &Cx, tier: &str, limit: u32) -> Option<Fault> {
    let at = format!("tier_limits.{tier}");
    if !tiers::is_option(cx, tier) {
        return Some(tiers::no_option(at, tier));
    }
    let (zh, en) = ("应为 0 到 200", "Must be 0 to 200");
    (limit > *DAILY_LIMITS.end()).then(|| Fault::new(at, "range", zh, en))
}

fn apply(cx: &Cx, mut settings: CalendarSettings, changes: Map<String, Json>) -> Result<CalendarSettings> {
    let mut faults = Vec::new();
    for (name, value) in changes {
        let read = match name.as_str() {
            "week" => member(&name, value).map(|week| settings.week = week),
            "quiet" => member::<Quiet>(&name, value).map(|quiet| settings.quiet = quiet),
            "digest_at" => member::<TimeOfDay>(&name, value).map(|time| settings.digest_at = time),
            "departments" => member::<BTreeMap<Id, Week>>(&name, value).map(|weeks| {
                let unknown = weeks.keys().filter(|id| cx.org.department(id.number()).is_none());
                faults.extend(unknown.map(|id| {
                    let at = format!("departments.{id}");
                    Fault::new(at, "unknown_reference", "没有这个部门", "There is no such department")
                }));
                settings.departments = weeks.into_iter().map(|(id, week)| (id.number(), week)).collect();
            }),
            "daily_limit" => member::<u32>(&name, value).map(|limit| {
                if !DAILY_LIMITS.contains(&limit) {
                    faults.push(Fault::new("daily_limit", "range", "应为 1 到 200", "Must be 1 to 200"));
                }
                settings.daily_limit = limit;
            }),
            "tier_limits" => member::<BTreeMap<String, u32>>(&name, value).map(|limits| {
                faults.extend(limits.iter().filter_map(|(tier, limit)| tier_fault(cx, tier, *limit)));
                settings.tier_limits = limits;
            }),
            // As answers carry them.
            "timezone" | "shipped_years" => Ok(()),
            _ => {
                faults.push(Fault::unknown_field(&name));
                Ok(())
            }
        };
        faults.extend(read.err());
    }
    if faults.is_empty() { Ok(settings) } else { Err(faults.into()) }
}

/// A special day as it is sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    /// `2026-10-01`.
    pub day: String,
    pub kind: huike_model::worktime::DayKind,
    #[serde(default)]
    pub name: String,
}

/// Somebody's leave as it is sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAbsence {
    /// The caller when there is none.
    #[serde(default)]
    pub user: Option<Id>,
    pub from: String,
    pub to: String,
    #[serde(default)]
    pub stand_in: Option<Id>,
}

impl Engine {
    /// Changes the members that are named.
    ///
    /// # Errors
    /// `forbidden`; every fault.
    pub async fn put_calendar(&self, cx: Cx, changes: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let (engine, asked) = (self.clone(), cx.clone());
        self.write(move |conn| {
            let before = super::Follow::load(conn)?.settings;
            let after = apply(&asked, before.clone(), changes.clone())?;
            if after != before {
                setting::put(conn, SETTING, &json!(after).to_string())?;
                let note = Note::new("update", "calendar", None).change(json!(before), json!(after));
                append(conn, &engine, &Author::from(&asked.caller), note)?;
                engine.renew_after(conn);
            }
            Ok(())
        })
        .await?;
        read(&self.cx(cx.caller)?)
    }

    /// The special days of a year: shipped, changed and added.
    ///
    /// # Errors
    /// The database's.
    pub async fn work_days(&self, year: Option<i64>) -> Result<Json> {
        self.read(move |conn| {
            let mut days: BTreeMap<NaiveDate, (String, String, bool)> = BTreeMap::new();
            for holiday in shipped() {
                let kind = json!(holiday.kind).as_str().unwrap_or_default().to_owned();
                days.insert(holiday.day, (kind, holiday.name.to_owned(), true));
            }
            for row in conn.query(&Sql::raw("select day, kind, name from work_day"))? {
                if let Some(day) = day_from_number(row.int(0)?) {
                    days.insert(day, (row.text(1)?.to_owned(), row.text(2)?.to_owned(), false));
                }
            }
            let wanted = days.iter().filter(|(day, _)| year.is_none_or(|year| i64::from(day.year()) == year));
            let items: Vec<Json> = wanted
                .map(|(day, (kind, name, shipped))| json!({"day": day.to_string(), "kind": kind, "name": name, "shipped": shipped}))
                .collect();
            Ok(json!({"items": items}))
        })
        .await
    }

    /// Puts special days in, over those that ship; `usual` takes one back.
    ///
    /// # Errors
    /// `forbidden`; `invalid`.
    pub async fn put_work_days(&self, cx: Cx, days: Vec<SpecialDay>) -> Result<()> {
        cx.require_to_change(AdminArea::Settings)?;
        if days.len() > MAX_DAYS || days.iter().any(|one| one.name.chars().count() > MAX_NAME) {
            let (zh, en) =
                ("最多 1000 天，每个名称最多 40 个字", "At most 1,000 days, each name at most 40 characters");
            return Err(Fault::new("items", "too_many", zh, en).into());
        }
        let number = |one: &SpecialDay| one.day.parse::<NaiveDate>().ok().map(day_number);
        if let Some(place) = days.iter().position(|one| number(one).is_none()) {
            let (zh, en) = ("应为 2026-10-01 这样的日期", "Must be a date such as 2026-10-01");
            return Err(Fault::new(format!("items.{place}.day"), "format", zh, en).into());
        }
        let engine = self.clone();
        self.write(move |conn| {
            for one in &days {
                let kind = json!(one.kind).as_str().unwrap_or_default().to_owned();
                let sql = "insert into work_day (day, kind, name) values ($1, $2, $3) \
                     on conflict (day) do update set kind = excluded.kind, name = excluded.name";
                let values = [number(one).into(), kind.into(), one.name.as_str().into()];
                conn.execute(&Sql::with(sql, values)?)?;
            }
            let told: Vec<Json> =
                days.iter().map(|one| json!({"day": one.day, "kind": one.kind, "name": one.name})).collect();
            let note = Note::new("update", "calendar", None).meta(json!({"days": told}));
            append(conn, &engine, &Author::from(&cx.caller), note)?;
            engine.renew_after(conn);
            Ok(())
        })
        .await
    }

    /// Who is away now or later: everybody's for whoever looks after accounts, else one's own and one's people's.
    ///
    /// # Errors
    /// None but the database's.
    pub async fn absences(&self, cx: Cx) -> Result<Json> {
        let me = cx.caller.actor.user();
        let all = cx.require(AdminArea::Users).is_ok();
        let mine = cx.org.reports_of(me);
        let seen = cx.org.follow.absences.iter().filter(|away| away.to > cx.moment.now);
        let seen = seen
            .filter(|away| all || away.user == me || away.stand_in == Some(me) || mine.contains(&away.user));
        let items: Vec<Json> = seen
            .map(|away| {
                json!({
                    "id": id_text(away.id), "user": person(&cx, away.user), "from": instant_text(away.from),
                    "to": instant_text(away.to), "stand_in": away.stand_in.map(|id| person(&cx, id)),
                })
            })
            .collect();
        Ok(json!({"items": items}))
    }

    /// Writes down a leave: one's own, one's people's, or anybody's for whoever looks after accounts.
    ///
    /// # Errors
    /// `forbidden`; `invalid` with every fault.
    pub async fn create_absence(&self, cx: Cx, new: NewAbsence) -> Result<Json> {
        let me = cx.caller.actor.user();
        let user = new.user.map_or(me, Id::number);
        may_speak_for(&cx, user)?;
        let (from, to) = (parse_instant(&new.from), parse_instant(&new.to));
        let mut faults = Vec::new();
        for (at, time) in [("from", from), ("to", to)] {
            if time.is_none() {
                faults.push(Fault::new(at, "format", "应为带时区的时间", "Must be a time with its zone"));
            }
        }
        if let (Some(from), Some(to)) = (from, to)
            && !(1..=LONGEST_ABSENCE).contains(&(to.saturating_sub(from)))
        {
            faults.push(Fault::new(
                "to",
                "range",
                "应晚于开始，最长两年",
                "Must be after the start, two years at most",
            ));
        }
        let stand_in = new.stand_in.map(Id::number);
        if stand_in.is_some_and(|one| one == user || !cx.org.is_active(one)) {
            faults.push(Fault::new(
                "stand_in",
                "unknown_reference",
                "应为另一位在职同事",
                "Must be another colleague",
            ));
        }
        let (Some(from), Some(to), true) = (from, to, faults.is_empty()) else { return Err(faults.into()) };
        let engine = self.clone();
        self.write(move |conn| {
            let id = conn.next_id()?;
            let sql =
                "insert into absence (id, user_id, from_at, to_at, stand_in) values ($1, $2, $3, $4, $5)";
            let values = [id.into(), user.into(), from.into(), to.into(), stand_in.into()];
            conn.execute(&Sql::with(sql, values)?)?;
            note_absence(
                conn,
                &engine,
                &cx,
                "create",
                user,
                json!({"from": instant_text(from), "to": instant_text(to)}),
            )?;
            Ok(json!({"id": id_text(id)}))
        })
        .await
    }

    /// Takes a leave back.
    ///
    /// # Errors
    /// `not_found`; `forbidden`.
    pub async fn delete_absence(&self, cx: Cx, id: i64) -> Result<()> {
        let away = cx.org.follow.absences.iter().find(|away| away.id == id).copied().ok_or(Code::NotFound)?;
        may_speak_for(&cx, away.user).map_err(|_| Code::NotFound)?;
        let engine = self.clone();
        self.write(move |conn| {
            conn.execute(&Sql::with("delete from absence where id = $1", [id.into()])?)?;
            note_absence(conn, &engine, &cx, "delete", away.user, json!({"from": instant_text(away.from)}))
        })
        .await
    }
}

fn may_speak_for(cx: &Cx, user: i64) -> Result<()> {
    cx.require_to_write()?;
    let me = cx.caller.actor.user();
    let may = user == me || cx.require(AdminArea::Users).is_ok() || cx.org.reports_of(me).contains(&user);
    if may && cx.org.user(user).is_some() { Ok(()) } else { Err(Code::Forbidden.into()) }
}

fn note_absence(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    op: &'static str,
    user: i64,
    what: Json,
) -> Result<()> {
    append(conn, engine, &Author::from(&cx.caller), Note::new(op, "absence", user).meta(what))?;
    engine.renew_after(conn);
    Ok(())
}
