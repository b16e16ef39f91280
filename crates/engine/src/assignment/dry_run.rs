//! What a rule would have done with the customers of the last 30 days. Nothing is written.

use super::outcome;
use super::rule::{Rule, load_all};
use super::rules;
use super::run::Session;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::standard::CUSTOMER;
use crate::records::render::{Names, id_text};
use huike_model::access::AdminArea;
use huike_model::moment::DAY_MS;
use huike_model::{Code, Id};
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

const WINDOW_DAYS: i64 = 30;
/// The newest so many.
const SAMPLE: i64 = 2_000;
const EXAMPLES: usize = 8;

impl Engine {
    /// Asks the rules in force, this one among them in its place, of the customers made in the last 30 days, in their order, as if each had
    /// nobody yet.
    ///
    /// # Errors
    /// `forbidden`; every fault of the rule.
    pub async fn try_assignment_rule(&self, cx: Cx, mut members: Map<String, Json>) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        let id = members.remove("id").filter(|id| !id.is_null());
        let id: Option<Id> = id.map(serde_json::from_value).transpose().map_err(|_| Code::NotFound)?;
        let definition = rules::read(&cx, members)?;
        self.read(move |conn| {
            let mut all = load_all(conn)?;
            let tried = match all.iter_mut().find(|rule| Some(rule.id) == id.map(Id::number)) {
                Some(known) => {
                    (known.definition, known.active) = (definition.clone(), true);
                    known.id
                }
                None => {
                    let position = i64::MAX;
                    all.push(Rule {
                        id: 0,
                        position,
                        active: true,
                        version: 1,
                        definition: definition.clone(),
                    });
                    0
                }
            };
            tried_on(conn, &cx, all, tried)
        })
        .await
    }
}

fn tried_on(conn: &mut Conn, cx: &Cx, rules: Vec<Rule>, tried: i64) -> Result<Json> {
    let since = cx.moment.now - WINDOW_DAYS * DAY_MS;
    let text = "select id, created_at from customer where deleted_at is null and created_at >= $1 order by id desc limit $2";
    let mut new = Vec::new();
    for row in conn.query(&Sql::with(text, [since.into(), SAMPLE.into()])?)? {
        new.push((row.int(0)?, row.int(1)?));
    }
    new.reverse();
    let ids: Vec<i64> = new.iter().map(|(id, _)| *id).collect();
    let mut session = Session::open(conn, cx, rules, &ids, false)?;
    let (mut people, mut shown) = (BTreeMap::new(), Vec::new());
    let (mut matched, mut nobody, mut earlier) = (0_i64, 0_i64, 0_i64);
    let mut today = None;
    for (id, at) in &new {
        let day = cx.moment.local(*at).date();
        if today != Some(day) {
            session.new_day();
            today = Some(day);
        }
        let Some((_, outcome)) = session.decide(*id, false, None, *at) else { continue };
        if outcome.rule != Some(tried) {
            earlier += 1;
            continue;
        }
        matched += 1;
        match outcome.owner {
            Some(owner) => *people.entry(owner).or_insert(0_i64) += 1,
            None => nobody += 1,
        }
        if shown.len() < EXAMPLES {
            shown.push((*id, outcome));
        }
    }
    let mut names = Names::default();
    names.add(
        conn,
        cx,
        "user",
        people.keys().copied().chain(shown.iter().filter_map(|(_, one)| one.owner)),
    )?;
    names.add(conn, cx, CUSTOMER, shown.iter().map(|(id, _)| *id))?;
    let mut counts: Vec<(i64, i64)> = people.into_iter().collect();
    counts.sort_by_key(|(user, count)| (-count, *user));
    let people: Vec<Json> = counts
        .iter()
        .map(|(user, count)| json!({"user": names.reference("user", *user), "count": count}))
        .collect();
    let examples: Vec<Json> = shown
        .iter()
        .filter(|(id, _)| names.get(CUSTOMER, *id).is_some())
        .map(|(id, one)| {
            json!({
                "customer": {"id": id_text(*id), "name": names.get(CUSTOMER, *id)},
                "owner": one.owner.map(|owner| names.reference("user", owner)),
                "why": outcome::text(cx, one.kind, &one.why),
            })
        })
        .collect();
    Ok(json!({
        "customers": new.len(), "matched": matched, "nobody": nobody, "earlier": earlier, "people": people,
        "examples": examples,
    }))
}
