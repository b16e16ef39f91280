//! How records come through the stages: how many entered each in a period, how many of those went on or were lost since, how long it took.

use super::definition::Meaning;
use super::{lifecycle, stage_field};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::list;
use chrono::NaiveDate;
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::Resolved;
use huike_model::moment::DAY_MS;
use huike_model::{Code, Fault, Field};
use huike_store::query::condition;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The first and the last day; the last 90 without.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Which records, in the filter language.
    pub filter: Option<Json>,
}

const USUAL_DAYS: u64 = 90;
const MAX_DAYS: i64 = 3_660;

impl Engine {
    /// Figures of the records that the caller may read, and whose stage they may read.
    ///
    /// # Errors
    /// `not_found` for an object without stages, `bad_filter`, `invalid` for a period that isn't one.
    pub async fn stage_figures(&self, cx: Cx, object: String, request: Request) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let field = stage_field(&cx, &object).ok_or(Code::NotFound)?.clone();
            let scope = scope(&cx, &access, &field, &request)?;
            let period = Period::of(&cx, &request)?;
            figures(conn, &cx, &access, &field, &scope, &period)
        })
        .await
    }
}

struct Period {
    first: NaiveDate,
    last: NaiveDate,
    from: i64,
    /// The first instant behind it.
    to: i64,
}

impl Period {
    fn of(cx: &Cx, request: &Request) -> Result<Period> {
        let today = cx.moment.today();
        let mut faults = Vec::new();
        let mut day = |at: &'static str, text: &Option<String>, usual: NaiveDate| match text {
            None => usual,
            Some(text) => text.parse().unwrap_or_else(|_| {
                let (zh, en) = ("日期应写成 2026-11-30 的形式", "Write the day as 2026-11-30");
                faults.push(Fault::new(at, "format", zh, en));
                usual
            }),
        };
        let last = day("to", &request.to, today);
        let before = last.checked_sub_days(chrono::Days::new(USUAL_DAYS - 1)).unwrap_or(last);
        let first = day("from", &request.from, before);
        let days = (last - first).num_days();
        if faults.is_empty() && !(0..MAX_DAYS).contains(&days) {
            let (zh, en) =
                ("开始日期不能晚于结束日期，最长十年", "From must not be after to; ten years at most");
            faults.push(Fault::new("from", "range", zh, en));
        }
        if !faults.is_empty() {
            return Err(faults.into());
        }
        let behind = last.succ_opt().unwrap_or(last);
        Ok(Period { first, last, from: cx.moment.midnight(first), to: cx.moment.midnight(behind) })
    }
}

/// Which records count.
fn scope(cx: &Cx, access: &ObjectAccess, field: &Field, request: &Request) -> Result<Resolved> {
    let reach = match access.reach(field, FieldAccess::Read) {
        FieldReach::Nowhere => return Err(Code::NotFound.into()),
        FieldReach::Everywhere => Resolved::everything(),
        FieldReach::Where(reach) => reach,
    };
    let asked = match &request.filter {
        Some(filter) => list::filter(cx, access, filter)?,
        None => Resolved::everything(),
    };
    Ok(access.read_scope().and(reach).and(asked))
}

/// What came of those who entered a stage.
#[derive(Default)]
struct Entered {
    count: i64,
    on: i64,
    lost: i64,
}

fn figures(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    field: &Arc<Field>,
    scope: &Resolved,
    period: &Period,
) -> Result<Json> {
    let object = &access.object;
    let known = lifecycle(cx, object);
    let meaning = |stage: &str| known.as_ref().map_or(Meaning::Open, |known| known.definition.meaning(stage));
    let scoped = condition(scope, "t", &cx.schema, conn.dialect())?;
    let now = standing(conn, access, field, &scoped)?;
    let mut stages = Vec::new();
    for (place, option) in field.options.iter().enumerate().filter(|(_, option)| !option.retired) {
        let later = field.options.iter().skip(place + 1).map(|option| option.value.as_str());
        let on: Vec<&str> = later.filter(|stage| meaning(stage) != Meaning::Lost).collect();
        let lost: Vec<&str> = field
            .options
            .iter()
            .map(|option| option.value.as_str())
            .filter(|stage| meaning(stage) == Meaning::Lost && *stage != option.value)
            .collect();
        let entered = entered(conn, access, field, &scoped, period, &option.value, (&on, &lost))?;
        let stayed = stayed(conn, access, &scoped, period, &option.value)?;
        let last = on.is_empty() || meaning(&option.value) != Meaning::Open;
        let percent =
            |part: i64| (!last && entered.count > 0).then(|| (part * 1000 / entered.count) as f64 / 10.0);
        stages.push(json!({
            "value": option.value, "label": option.label.get(cx.lang()), "color": option.color,
            "meaning": meaning(&option.value),
            "now": now.iter().find(|(stage, _)| *stage == option.value).map_or(0, |(_, count)| *count),
            "entered": entered.count, "went_on": entered.on, "lost": entered.lost,
            "rate": percent(entered.on), "loss_rate": percent(entered.lost), "days": stayed,
        }));
    }
    let reasons = reasons(conn, cx, access, field, &scoped, period, &meaning)?;
    Ok(json!({
        "object": object.name, "field": field.name, "from": period.first.to_string(), "to": period.last.to_string(),
        "stages": stages, "reasons": reasons,
    }))
}

/// `from customer t where` live and in scope.
fn source(access: &ObjectAccess, scoped: &Sql) -> Result<Sql> {
    let mut sql = Sql::new();
    sql.push(" from ").push_ident(&access.object.name)?.push(" t where t.deleted_at is null and ");
    sql.append(scoped.clone());
    Ok(sql)
}

fn column(field: &Field) -> Result<String> {
    Ok(format!("t.{}", huike_store::sql::ident(&field.column)?))
}

fn standing(
    conn: &mut Conn,
    access: &ObjectAccess,
    field: &Field,
    scoped: &Sql,
) -> Result<Vec<(String, i64)>> {
    let stage = column(field)?;
    let mut sql = Sql::raw(format!("select {stage}, count(*)"));
    sql.append(source(access, scoped)?).push(&format!(" and {stage} is not null group by {stage}"));
    conn.query(&sql)?.iter().map(|row| Ok((row.text(0)?.to_owned(), row.int(1)?))).collect()
}

fn entered(
    conn: &mut Conn,
    access: &ObjectAccess,
    field: &Field,
    scoped: &Sql,
    period: &Period,
    stage: &str,
    (on, lost): (&[&str], &[&str]),
) -> Result<Entered> {
    let object = access.object.name.as_str();
    let reached = |stages: &[&str]| {
        let mut sql = Sql::raw(
            "coalesce(sum(case when exists (select 1 from stage_move n where n.record_id = e.id and n.object = ",
        );
        sql.bind(object).push(" and n.at >= e.at and ");
        sql.push_in("n.to_stage", stages.iter().copied()).push(") then 1 else 0 end), 0)");
        sql
    };
    let mut sql = Sql::raw("select count(*), ");
    sql.append(reached(on)).push(", ").append(reached(lost)).push(" from (");
    // Those who came by a move, each once, and those who began here.
    sql.push("select t.id as id, min(m.at) as at from stage_move m join ").push_ident(object)?;
    sql.push(" t on t.id = m.record_id where m.object = ")
        .bind(object)
        .push(" and m.to_stage = ")
        .bind(stage);
    sql.push(" and m.at >= ").bind(period.from).push(" and m.at < ").bind(period.to);
    sql.push(" and t.deleted_at is null and ").append(scoped.clone()).push(" group by t.id");
    sql.push(" union all select t.id as id, t.created_at as at");
    sql.append(source(access, scoped)?).push(" and t.created_at >= ").bind(period.from);
    sql.push(" and t.created_at < ").bind(period.to);
    sql.push(" and coalesce((select f.from_stage from stage_move f where f.object = ").bind(object);
    sql.push(&format!(" and f.record_id = t.id order by f.id limit 1), {}) = ", column(field)?)).bind(stage);
    sql.push(" and not exists (select 1 from stage_move a where a.object = ").bind(object);
    sql.push(" and a.record_id = t.id and a.to_stage = ").bind(stage).push(" and a.at >= ").bind(period.from);
    sql.push(" and a.at < ").bind(period.to).push(")) e");
    let row = conn.query_one(&sql)?;
    Ok(Entered { count: row.int(0)?, on: row.int(1)?, lost: row.int(2)? })
}

/// How many days those who left a stage in the period had stayed, on average; none when nobody left.
fn stayed(
    conn: &mut Conn,
    access: &ObjectAccess,
    scoped: &Sql,
    period: &Period,
    stage: &str,
) -> Result<Option<f64>> {
    let object = access.object.name.as_str();
    let mut sql = Sql::raw(
        "select count(*), cast(coalesce(sum(m.stayed_ms / 60000), 0) as bigint) from stage_move m join ",
    );
    sql.push_ident(object)?.push(" t on t.id = m.record_id where m.object = ").bind(object);
    sql.push(" and m.from_stage = ").bind(stage).push(" and m.at >= ").bind(period.from);
    sql.push(" and m.at < ").bind(period.to).push(" and t.deleted_at is null and ").append(scoped.clone());
    let row = conn.query_one(&sql)?;
    let (count, minutes) = (row.int(0)?, row.int(1)?);
    let days = minutes as f64 / (DAY_MS / 60_000) as f64 / count.max(1) as f64;
    Ok((count > 0).then(|| (days * 10.0).round() / 10.0))
}

/// Why those were lost who were lost in the period, by the choice field that the lost stage asks for.
fn reasons(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    field: &Field,
    scoped: &Sql,
    period: &Period,
    meaning: &dyn Fn(&str) -> Meaning,
) -> Result<Vec<Json>> {
    let object = &access.object;
    let known = lifecycle(cx, object);
    let lost = field.options.iter().find(|option| meaning(&option.value) == Meaning::Lost);
    let stage = known.as_ref().zip(lost).and_then(|(known, lost)| known.definition.stage(&lost.value));
    let reason = stage.and_then(|stage| {
        stage.required.iter().filter_map(|name| object.field(name)).find(|field| !field.options.is_empty())
    });
    let (Some(stage), Some(reason)) = (stage, reason) else { return Ok(Vec::new()) };
    let known = match access.reach(reason, FieldAccess::Read) {
        FieldReach::Nowhere => return Ok(Vec::new()),
        FieldReach::Everywhere => Resolved::everything(),
        FieldReach::Where(reach) => reach,
    };
    let name = column(reason)?;
    let mut sql = Sql::raw(format!("select {name}, count(*)"));
    sql.append(source(access, scoped)?).push(&format!(" and {} = ", column(field)?));
    sql.bind(stage.value.as_str());
    sql.push(" and ").append(condition(&known, "t", &cx.schema, conn.dialect())?);
    sql.push(" and exists (select 1 from stage_move m where m.object = ").bind(object.name.as_str());
    sql.push(" and m.record_id = t.id and m.to_stage = ").bind(stage.value.as_str());
    sql.push(" and m.at >= ").bind(period.from).push(" and m.at < ").bind(period.to);
    sql.push(&format!(") group by {name} order by count(*) desc"));
    let rows = conn.query(&sql)?;
    rows.iter()
        .map(|row| {
            let value = row.opt_text(0)?;
            let option = value.and_then(|value| reason.option(value));
            let label = option.map(|option| option.label.get(cx.lang()).to_owned());
            Ok(json!({"value": value, "label": label, "color": option.map(|option| &option.color), "count": row.int(1)?}))
        })
        .collect()
}
