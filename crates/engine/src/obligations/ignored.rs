//! Which reminders nobody heeds, by rule and person, and what would make them fewer.

use super::rule::{Level, Rule, Trigger};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::render::id_text;
use crate::shown::person;
use huike_model::access::AdminArea;
use huike_model::moment::DAY_MS;
use huike_model::{Fault, Label};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// Days back that may be asked for.
const SPAN: std::ops::RangeInclusive<i64> = 7..=180;
const DEFAULT_SPAN: i64 = 30;
/// Days within which a reminder is heeded.
const WITHIN: std::ops::RangeInclusive<i64> = 1..=30;
const DEFAULT_WITHIN: i64 = 3;
/// Fewer reminders than this say nothing about a rule.
const ENOUGH: i64 = 20;
/// A rule of whose reminders so many in a hundred are ignored is worth a proposal.
const IGNORED_PERCENT: i64 = 50;
const MAX_ROWS: i64 = 5_000;

/// Reminders told, and those that something came of in time.
#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    told: i64,
    acted: i64,
}

impl Figures {
    fn add(&mut self, other: Figures) {
        self.told += other.told;
        self.acted += other.acted;
    }

    fn ignored(self) -> i64 {
        self.told - self.acted
    }

    fn json(self) -> Json {
        json!({"told": self.told, "acted": self.acted, "ignored": self.ignored()})
    }
}

impl Engine {
    /// Of the reminders of the last `days` that are older than `within` days: how many were told, and how many were heeded — the promise was
    /// kept, let go or put off within that time. With proposals for the rules that are mostly ignored, each a change of the rule.
    ///
    /// # Errors
    /// `forbidden`; `invalid`.
    pub async fn ignored_reminders(&self, cx: Cx, days: Option<i64>, within: Option<i64>) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        let (days, within) = (days.unwrap_or(DEFAULT_SPAN), within.unwrap_or(DEFAULT_WITHIN));
        let mut faults = Vec::new();
        if !SPAN.contains(&days) {
            faults.push(Fault::new("days", "range", "应为 7 到 180 天", "Must be 7 to 180 days"));
        }
        if !WITHIN.contains(&within) {
            faults.push(Fault::new("within", "range", "应为 1 到 30 天", "Must be 1 to 30 days"));
        }
        if !faults.is_empty() {
            return Err(faults.into());
        }
        self.read(move |conn| report(conn, &cx, days, within)).await
    }
}

fn report(conn: &mut Conn, cx: &Cx, days: i64, within: i64) -> Result<Json> {
    let now = cx.moment.now;
    let mut sql = Sql::raw(
        "select n.rule_id, n.user_id, count(*), count(case when (o.state in ('done', 'waived') and o.closed_at <= n.at + ",
    );
    sql.bind(within * DAY_MS).push(") or o.due_at > n.due_at then 1 end) from notification n ");
    sql.push("join obligation o on o.id = n.obligation_id where n.id >= ");
    // Ids are ordered by time: the span is the end of an index.
    sql.bind(huike_store::first_id_at(now - days * DAY_MS)).push(" and n.at <= ").bind(now - within * DAY_MS);
    sql.push(
        " and n.kind in ('reminder', 'escalation') group by n.rule_id, n.user_id order by 3 desc limit ",
    );
    sql.bind(MAX_ROWS);
    let mut rules: BTreeMap<i64, (Figures, Vec<(i64, Figures)>)> = BTreeMap::new();
    let mut people: BTreeMap<i64, Figures> = BTreeMap::new();
    conn.query_each(&sql, |row| {
        let figures = Figures { told: row.int(2)?, acted: row.int(3)? };
        let (rule, user) = (row.int(0)?, row.int(1)?);
        let known = rules.entry(rule).or_default();
        known.0.add(figures);
        known.1.push((user, figures));
        people.entry(user).or_default().add(figures);
        Ok(())
    })?;
    let mut items: Vec<(i64, Json)> = Vec::new();
    for (id, (figures, each)) in &rules {
        // Of a rule that is gone nothing can be changed.
        let Some(rule) = cx.org.follow.rule(*id) else { continue };
        let mut item = figures.json();
        item["rule"] = json!({"id": id_text(*id), "name": rule.definition.name.get(cx.lang())});
        item["active"] = rule.active.into();
        item["people"] = by_person(cx, each.clone());
        item["proposals"] = proposals(cx, rule, *figures);
        items.push((figures.ignored(), item));
    }
    items.sort_by_key(|(ignored, _)| std::cmp::Reverse(*ignored));
    let items: Vec<Json> = items.into_iter().map(|(_, item)| item).collect();
    Ok(json!({
        "days": days, "within": within, "items": items, "people": by_person(cx, people.into_iter().collect()),
    }))
}

/// The most ignored first.
fn by_person(cx: &Cx, mut each: Vec<(i64, Figures)>) -> Json {
    each.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.ignored()));
    let shown = |(user, figures): (i64, Figures)| {
        let mut item = figures.json();
        item["user"] = person(cx, user);
        item
    };
    each.into_iter().take(200).map(shown).collect()
}

/// What would make a rule that is mostly ignored quieter; none where too little is known or it is heeded.
fn proposals(cx: &Cx, rule: &Rule, figures: Figures) -> Json {
    if !rule.active || figures.told < ENOUGH || figures.ignored() * 100 < figures.told * IGNORED_PERCENT {
        return json!([]);
    }
    let definition = &rule.definition;
    let mut found = Vec::new();
    let mut propose = |kind: &str, text: Label, change: Json| {
        found.push(json!({"kind": kind, "text": text.get(cx.lang()), "change": change}));
    };
    if let Trigger::Silence { working_days } = definition.trigger {
        let longer = (working_days + working_days.div_ceil(2)).min(400);
        if longer > working_days {
            let text = Label::new(
                format!("把 {working_days} 个工作日放宽到 {longer} 个"),
                format!("Wait {longer} working days instead of {working_days}"),
            );
            propose("lengthen", text, json!({"trigger": {"kind": "silence", "working_days": longer}}));
        }
    }
    let to_owner = definition.steps.iter().filter(|step| step.to == Level::Owner).count();
    if to_owner > 1 {
        // The last of them stays: the others say the same before.
        let last = definition.steps.iter().rposition(|step| step.to == Level::Owner);
        let fewer: Vec<_> = definition
            .steps
            .iter()
            .enumerate()
            .filter(|(place, step)| step.to != Level::Owner || Some(*place) == last)
            .map(|(_, step)| *step)
            .collect();
        let text = Label::new(
            format!("负责人只提醒最后一次，不再提醒 {to_owner} 次"),
            format!("Remind the owner once, the last time, instead of {to_owner} times"),
        );
        propose("fewer", text, json!({"steps": fewer}));
    }
    if !definition.digest && !definition.urgent {
        let text =
            Label::new("不再单独提醒，只进每天早上的汇总", "Tell it only in the digest of the morning");
        propose("digest", text, json!({"digest": true}));
    }
    found.into()
}
