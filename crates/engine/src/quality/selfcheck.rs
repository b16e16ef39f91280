//! 信息分散自检: do departments agree, is it current, are there several files of one customer, how long does finding take; how mature that
//! makes the company, and what would lift it; and whether complete records win more.

use super::care::overseeing;
use super::measure::{Figures, snapshot};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::merging::{Standing, standing};
use crate::records::aggregate::{AggregateRequest, aggregate};
use crate::records::list::{ListRequest, list};
use crate::search::find::SearchRequest;
use crate::shown::instant_text;
use huike_model::access::ObjectAccess;
use huike_model::kinds::FieldType;
use huike_model::{Code, Label, Object};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Records whose names are looked for, to see how long finding takes.
const SEARCHED: usize = 5;
/// Records of this score count as complete where the object has no target.
const COMPLETE: u32 = 80;

/// What the levels of maturity are judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Facts {
    score: Option<i64>,
    completeness: Option<i64>,
    timeliness: Option<i64>,
    consistency: Option<i64>,
    /// Records with a twin, in thousandths; none before the first search.
    twins: Option<i64>,
    /// Somebody was named to look after the data.
    named: bool,
    /// Open issues among all that were made tasks, in hundredths; none when there were none.
    unsettled: Option<i64>,
    search_ms: i64,
}

impl Engine {
    /// The four questions as figures of this moment, the level of maturity, and the share won by complete and by incomplete records.
    ///
    /// # Errors
    /// `not_found`; `forbidden` unless the caller sees every record with its score.
    pub async fn quality_self_check(&self, cx: Cx, object: String) -> Result<Json> {
        let (this, name, engine) = (cx.clone(), object.clone(), self.clone());
        let names = self
            .read(move |conn| {
                let access = overseeing(conn, &this, &name)?;
                newest_names(conn, &engine, &this, &access)
            })
            .await?;
        let search_ms = self.finding_takes(&cx, &object, &names).await?;
        self.read(move |conn| {
            let access = overseeing(conn, &cx, &object)?;
            answer(conn, &cx, &access, search_ms)
        })
        .await
    }

    /// Milliseconds that a search takes, on an average.
    async fn finding_takes(&self, cx: &Cx, object: &str, names: &[String]) -> Result<i64> {
        let started = self.now();
        for name in names {
            let request =
                SearchRequest { q: name.clone(), objects: vec![object.to_owned()], limit: Some(10) };
            self.search(cx.clone(), request).await?;
        }
        Ok((self.now() - started) / i64::try_from(names.len().max(1)).unwrap_or(1))
    }
}

fn newest_names(conn: &mut Conn, engine: &Engine, cx: &Cx, access: &ObjectAccess) -> Result<Vec<String>> {
    let name = access.object.name_field.name.clone();
    let request =
        ListRequest { fields: vec![name.clone()], limit: Some(SEARCHED as i64), ..ListRequest::default() };
    let page = list(conn, engine, cx, access, &request)?;
    let items = page["items"].as_array().cloned().unwrap_or_default();
    Ok(items.iter().filter_map(|item| item[&name].as_str().map(str::to_owned)).collect())
}

fn answer(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, search_ms: i64) -> Result<Json> {
    let object = &access.object;
    let quality = object.quality.as_ref().ok_or(Code::NotFound)?;
    let today = cx.moment.today().to_string();
    let figures =
        snapshot(conn, &object.name, "day <= $2 order by day desc", &today)?.map(|(_, found)| found);
    let standing = standing(conn, object)?;
    let care = super::care::Care::of(conn, &object.name)?;
    let facts = facts(
        conn,
        object,
        figures.as_ref(),
        standing,
        care.steward.is_some() && care.owner.is_some(),
        search_ms,
    )?;
    let bar = quality.target.unwrap_or(COMPLETE);
    let wins = wins(conn, cx, object, bar)?;
    let stale: u64 =
        figures.iter().flat_map(|figures| figures.fields.values()).map(|field| field.stale).sum();
    Ok(json!({
        "agree": {"percent": facts.consistency, "groups_across": standing.across, "groups": standing.groups},
        "current": {"percent": facts.timeliness, "stale": stale},
        "single": {"groups": standing.groups, "records": standing.records, "searched_at": standing.searched_at.map(instant_text)},
        "finding": {"milliseconds": search_ms},
        "maturity": maturity(&facts),
        "wins": wins,
    }))
}

fn facts(
    conn: &mut Conn,
    object: &Object,
    figures: Option<&Figures>,
    standing: Standing,
    named: bool,
    search_ms: i64,
) -> Result<Facts> {
    let measure = |name: &str| figures.and_then(|figures| figures.of(name));
    let records = figures.map_or(0, |figures| figures.records);
    let twins = (standing.searched_at.is_some() && records > 0)
        .then(|| i64::try_from(standing.records.saturating_mul(1000) / records).unwrap_or(i64::MAX));
    let sql = "select count(*), cast(sum(case when state = 'open' then 1 else 0 end) as bigint) from quality_issue where object = $1";
    let row = conn.query_one(&Sql::with(sql, [object.name.as_str().into()])?)?;
    let (all, open) = (row.int(0)?, row.opt_int(1)?.unwrap_or_default());
    Ok(Facts {
        score: measure("score"),
        completeness: measure("completeness"),
        timeliness: measure("timeliness"),
        consistency: measure("consistency"),
        twins,
        named,
        unsettled: (all > 0).then(|| open * 100 / all),
        search_ms,
    })
}

/// One condition of a level.
struct Condition {
    met: bool,
    label: Label,
}

fn condition(met: bool, zh: &str, en: &str) -> Condition {
    Condition { met, label: Label::new(zh, en) }
}

/// The levels above the first, in order; each asks for all below it too. After the capability maturity model (Paulk and others 1993), with
/// conditions that the figures answer.
fn levels(facts: &Facts) -> [(Label, Vec<Condition>); 4] {
    let at_least = |value: Option<i64>, least: i64| value.is_some_and(|value| value >= least);
    let at_most = |value: Option<i64>, most: i64| value.is_some_and(|value| value <= most);
    [
        (
            Label::new("集中", "Gathered"),
            vec![
                condition(facts.score.is_some(), "每天统计数据质量", "Quality is measured daily"),
                condition(
                    facts.twins.is_some(),
                    "做过一次全库查重",
                    "The whole list was searched for duplicates",
                ),
                condition(
                    facts.search_ms <= 1_000,
                    "一秒内找到一位客户",
                    "A customer is found within a second",
                ),
            ],
        ),
        (
            Label::new("规范", "Defined"),
            vec![
                condition(
                    facts.named,
                    "指定了数据负责人和数据管家",
                    "Owner and steward of the data are named",
                ),
                condition(at_least(facts.completeness, 60), "完整度达到 60 分", "Completeness reaches 60"),
                condition(at_most(facts.twins, 50), "疑似重复不超过 5%", "At most 5 % may be duplicates"),
            ],
        ),
        (
            Label::new("受控", "Managed"),
            vec![
                condition(at_least(facts.score, 75), "总分达到 75 分", "The score reaches 75"),
                condition(at_least(facts.timeliness, 80), "及时性达到 80 分", "Timeliness reaches 80"),
                condition(at_most(facts.twins, 20), "疑似重复不超过 2%", "At most 2 % may be duplicates"),
                condition(
                    at_most(facts.unsettled, 50),
                    "派发的整改一半以上已完成",
                    "Half of the remediation is done",
                ),
            ],
        ),
        (
            Label::new("优化", "Optimising"),
            vec![
                condition(at_least(facts.score, 90), "总分达到 90 分", "The score reaches 90"),
                condition(at_least(facts.consistency, 95), "一致性达到 95 分", "Consistency reaches 95"),
                condition(at_most(facts.twins, 5), "疑似重复不超过 0.5%", "At most 0.5 % may be duplicates"),
                condition(
                    at_most(facts.unsettled, 10),
                    "派发的整改九成以上已完成",
                    "Nine tenths of the remediation is done",
                ),
            ],
        ),
    ]
}

fn maturity(facts: &Facts) -> Json {
    let levels = levels(facts);
    let met = |conditions: &[Condition]| conditions.iter().all(|condition| condition.met);
    let reached = levels.iter().take_while(|(_, conditions)| met(conditions)).count();
    let shown = |conditions: &[Condition]| -> Vec<Json> {
        conditions.iter().map(|each| json!({"label": each.label, "met": each.met})).collect()
    };
    let first = Label::new("起步", "Beginning");
    let current = reached.checked_sub(1).map_or(&first, |at| &levels[at].0);
    json!({
        "level": reached + 1,
        "name": current,
        "levels": std::iter::once(json!({"name": first, "conditions": []}))
            .chain(levels.iter().map(|(name, conditions)| json!({"name": name, "conditions": shown(conditions)})))
            .collect::<Vec<_>>(),
    })
}

/// How many of what belongs to complete and to incomplete records was won, of what was decided; none where nothing is won.
fn wins(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, bar: u32) -> Result<Option<Json>> {
    let decided = ["won", "lost"];
    let schema = cx.schema.clone();
    let found = schema.references_to(&object.name).find_map(|(child, via)| {
        let stage = child.field("stage").filter(|field| field.kind == FieldType::Choice)?;
        let both = decided.iter().all(|value| stage.option(value).is_some());
        (both && !via.system && child.name != object.name).then(|| (child.clone(), via.clone()))
    });
    let (Some((child, via)), Some(score)) = (found, object.quality.as_ref().and_then(|q| q.score.as_ref()))
    else {
        return Ok(None);
    };
    let access = cx.access_or_none(conn, &child)?;
    if !access.read_scope().is_everything() {
        return Ok(None);
    }
    let path = format!("{}.{}", via.name, score.name);
    let mut sides = Vec::new();
    for op in ["gte", "lt"] {
        let request: AggregateRequest = serde_json::from_value(json!({
            "filter": {"all": [
                {"field": "stage", "op": "in", "value": decided},
                {"field": path, "op": op, "value": bar},
            ]},
            "groups": ["stage"],
            "measures": [{"kind": "count"}],
        }))
        .map_err(|_| Code::Invalid)?;
        let rows = aggregate(conn, cx, &access, &request)?;
        let count = |stage: &str| {
            let found = rows["rows"].as_array().into_iter().flatten().find(|row| row["group"][0] == stage);
            found.and_then(|row| row["values"][0].as_i64()).unwrap_or_default()
        };
        let (won, lost) = (count("won"), count("lost"));
        let percent = (won + lost > 0).then(|| (won * 200 + won + lost) / ((won + lost) * 2));
        sides.push(json!({"won": won, "lost": lost, "percent": percent}));
    }
    let incomplete = sides.pop();
    Ok(Some(
        json!({"object": child.name, "label": child.label, "from_score": bar, "complete": sides.pop(), "incomplete": incomplete}),
    ))
}
