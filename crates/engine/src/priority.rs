//! Whom to turn to first today: the caller's customers by expected value, urgency and how long nobody was in touch, each with the reason in
//! words. A fixed sum of points that anybody can check by hand, no model: what it weighs stands in [`judge`].

use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::standard::{CUSTOMER, LOST};
use crate::records::load::{self, Record};
use crate::records::render::{Names, Rendering};
use crate::shown::{amount_text, instant_text};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::moment::{DAY_MS, day_number};
use huike_model::{Fault, Field, Label, Lang};
use huike_store::query::Deleted;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

const DEFAULT_LIMIT: i64 = 8;
const MAX_LIMIT: i64 = 50;
/// Customers that are judged: what is due, and where most is at stake.
const DUE: i64 = 300;
const LARGEST: i64 = 200;
/// Reasons that are told.
const TOLD: usize = 3;
/// What adds less is no reason.
const LEAST: i64 = 4;
const SHOWN: [&str; 7] = ["name", "stage", "tier", "phone", "open_amount", "last_contact_at", "next_step_at"];

/// A customer's points, and why.
struct Judged {
    points: i64,
    reasons: Vec<(i64, Label)>,
}

impl Judged {
    fn add(&mut self, points: i64, zh: String, en: String) {
        self.points += points;
        if points >= LEAST {
            self.reasons.push((points, Label::new(zh, en)));
        }
    }
}

impl Engine {
    /// The caller's customers in the order in which they are worth turning to.
    ///
    /// # Errors
    /// `invalid` for the limit; `not_found` for whoever sees no customers.
    pub async fn priorities(&self, cx: Cx, limit: Option<i64>) -> Result<Json> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Fault::new("limit", "range", "应为 1 到 50", "Must be 1 to 50").into());
        }
        self.read(move |conn| list(conn, &cx, limit)).await
    }
}

fn list(conn: &mut Conn, cx: &Cx, limit: i64) -> Result<Json> {
    let object = cx.object(CUSTOMER)?.clone();
    let access = cx.access(conn, &object)?;
    let me = cx.author();
    let due = due(conn, cx, me)?;
    let mut ids: BTreeSet<i64> = due.keys().copied().collect();
    if let Some(amount) = object.field("open_amount") {
        let column = ident(&amount.column)?;
        let mut sql = Sql::raw("select id from customer where deleted_at is null and owner_id = ");
        sql.bind(me)
            .push(" and stage <> ")
            .bind(LOST)
            .push(&format!(" and {column} > 0 order by {column} desc limit "));
        sql.bind(LARGEST);
        for row in conn.query(&sql)? {
            ids.insert(row.int(0)?);
        }
    }
    let ids: Vec<i64> = ids.into_iter().collect();
    let mut judged = Vec::new();
    for record in load::find_many(conn, cx, &access, &ids, Deleted::Live)? {
        let own =
            record.values.int("owner") == Some(me) && record.values.get("stage").as_text() != Some(LOST);
        if own {
            let due_at = due.get(&record.id).copied();
            judged.push((judge(cx, &access, &record, due_at), due_at, record));
        }
    }
    judged.sort_by_key(|(one, due, record)| (-one.points, due.unwrap_or(i64::MAX), record.id));
    judged.truncate(usize::try_from(limit).unwrap_or_default());
    let fields: Vec<Arc<Field>> = SHOWN.iter().filter_map(|name| object.field(name).cloned()).collect();
    let names = Names::of(conn, cx, &fields, judged.iter().map(|(_, _, record)| record))?;
    let expand = BTreeSet::new();
    let rendering = Rendering { access: &access, fields: &fields, expand: &expand, names: &names };
    let item = |(one, due, record): (Judged, Option<i64>, Record)| {
        let mut reasons = one.reasons;
        reasons.sort_by_key(|(points, _)| -points);
        let told: Vec<&str> = reasons.iter().take(TOLD).map(|(_, text)| text.get(cx.lang())).collect();
        json!({
            "customer": rendering.record(&record), "points": one.points.min(100), "reasons": told,
            "due_at": due.map(instant_text),
        })
    };
    Ok(json!({"items": judged.into_iter().map(item).collect::<Vec<Json>>()}))
}

/// What the caller has promised to customers until the end of tomorrow: the first of each.
fn due(conn: &mut Conn, cx: &Cx, me: i64) -> Result<HashMap<i64, i64>> {
    let until = cx.moment.midnight(cx.moment.today()) + 2 * DAY_MS;
    let text = "select record_id, min(due_at) from obligation where closed_at is null and owner_id = $1 and object = $2 \
                and due_at < $3 group by record_id order by min(due_at) limit $4";
    let mut found = HashMap::new();
    for row in conn.query(&Sql::with(text, [me.into(), CUSTOMER.into(), until.into(), DUE.into()])?)? {
        found.insert(row.int(0)?, row.int(1)?);
    }
    Ok(found)
}

/// Up to 40 points for value, 40 for urgency, 20 for silence; only of what the caller may read.
fn judge(cx: &Cx, access: &ObjectAccess, record: &Record, due_at: Option<i64>) -> Judged {
    let mut judged = Judged { points: 0, reasons: Vec::new() };
    let field = |name: &str| {
        let field = access.object.field(name)?;
        (access.on_row(field, &record.reached) >= FieldAccess::Read).then_some(field)
    };
    let int = |name: &str| field(name).and_then(|field| record.values.of(field).as_int());
    let money = |name: &str| {
        let scale = field(name).map_or(2, |field| field.scale);
        int(name).map(|amount| amount as f64 / 10_f64.powi(i32::try_from(scale).unwrap_or(2)))
    };
    if let Some(amount) = money("open_amount").filter(|amount| *amount > 0.0) {
        // Ten times the amount is ten points more; below a thousand it decides nothing.
        let points = (10.0 * (amount / 1_000.0).log10()).clamp(0.0, 30.0).round() as i64;
        judged.add(
            points,
            format!("在谈 {}", amount_text(amount, Lang::Zh)),
            format!("{} in open deals", amount_text(amount, Lang::En)),
        );
    }
    let tier = field("tier").and_then(|field| record.values.of(field).as_text());
    match tier {
        Some("a") => judged.add(10, "A 类客户".into(), "Tier A".into()),
        Some("b") => judged.add(5, "B 类客户".into(), "Tier B".into()),
        _ => {}
    }
    urgency(cx, &mut judged, due_at, int("next_purchase_at"));
    let norm = match tier {
        Some("a") => 10,
        Some("b") => 20,
        _ => 30,
    };
    let last = int("last_contact_at").or_else(|| int("created_at"));
    if let Some(days) = last.map(|last| (cx.moment.now - last).max(0) / DAY_MS).filter(|days| *days > 0) {
        let points = (10 * days / norm).min(20);
        judged.add(points, format!("{days} 天没有联系"), format!("{days} days without contact"));
    }
    judged
}

fn urgency(cx: &Cx, judged: &mut Judged, due_at: Option<i64>, purchase: Option<i64>) {
    let day = |at: i64| day_number(cx.moment.local(at).date());
    let today = day_number(cx.moment.today());
    match due_at.map(|due| (due, today - day(due))) {
        Some((_, late)) if late > 0 => judged.add(
            (20 + 2 * late).min(40),
            format!("跟进逾期 {late} 天"),
            format!("Follow-up {late} {} late", if late == 1 { "day" } else { "days" }),
        ),
        Some((due, 0)) if due < cx.moment.now => {
            judged.add(20, "今天的跟进已过时间".into(), "Today's follow-up is past its time".into())
        }
        Some((_, 0)) => judged.add(18, "今天要跟进".into(), "Due today".into()),
        Some(_) => judged.add(8, "明天要跟进".into(), "Due tomorrow".into()),
        None => {}
    }
    let soon = purchase.map(|at| day(at) - today).filter(|days| (-7..=14).contains(days));
    if soon.is_some() {
        judged.add(8, "快到采购周期".into(), "About to buy again".into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::Company;
    use huike_model::Id;
    use huike_store::testing::{START_MS, TestDb};

    huike_store::on_both_databases!(value_urgency_and_silence_order_ones_own_customers_with_reasons);

    fn value_urgency_and_silence_order_ones_own_customers_with_reasons(db: &mut TestDb) {
        let (company, _) = Company::selling(db, ["ann", "ben"]);
        let cx = company.cx("ann");
        let customer = |cx: &Cx, name: &str, tier: &str| {
            company.create(cx, "customer", json!({"name": name, "stage": "interested", "tier": tier}))
        };
        let (late, rich, idle) = (
            customer(&cx, "示例迟到客户", "c"),
            customer(&cx, "示例大客户", "a"),
            customer(&cx, "示例平静客户", "c"),
        );
        customer(&company.cx("ben"), "示例他人客户", "a");
        let task = |of: i64, due: i64| {
            let due = instant_text(due);
            company.create(
                &cx,
                "task",
                json!({"title": "回访", "customer": Id::new(of).unwrap(), "due_at": due}),
            );
        };
        task(late, START_MS + 3_600_000);
        task(idle, START_MS + 3 * DAY_MS + 3_600_000);
        let deal = json!({"name": "产线", "customer": Id::new(rich).unwrap(), "amount": 500_000, "stage": "proposal"});
        let deal = company.wait(company.engine.create_record(
            cx.clone(),
            "opportunity".into(),
            deal.as_object().unwrap().clone(),
            crate::records::duplicates::OnDuplicate::Allow,
        ));
        assert!(deal.is_ok(), "{deal:?}");
        company.clock.set_ms(START_MS + 2 * DAY_MS);
        company.follow_up();
        let items =
            company.wait(company.engine.priorities(company.cx("ann"), None)).unwrap()["items"].clone();
        let names: Vec<&str> =
            items.as_array().unwrap().iter().map(|one| one["customer"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["示例大客户", "示例迟到客户", "示例平静客户"], "{items}");
        assert_eq!(items[0]["reasons"][0], "在谈 ¥50万");
        assert!(items[1]["reasons"][0].as_str().unwrap().contains("逾期 2 天"), "{items}");
        assert_eq!(items[2]["reasons"][0], "明天要跟进");
    }
}
