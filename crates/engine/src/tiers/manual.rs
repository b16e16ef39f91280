//! A tier that somebody sets by hand: with its reason, until a day.

use super::work::{Side, Work, by_hand};
use super::{REASON, TIER, UNTIL, follow, rhythm};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::CUSTOMER;
use crate::records::load::{self, Record};
use crate::records::update;
use crate::records::values::Values;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::moment::day_from_number;
use huike_model::{Code, Fault, Label, Object};
use huike_store::Conn;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Where tiers are worked out, a plain change of one needs its reason too.
pub fn check(cx: &Cx, before: &Values, after: &Values) -> Vec<Fault> {
    let ours = after.object().name == CUSTOMER && cx.org.tiers.active && !cx.is_system();
    if !ours || before.get(TIER) == after.get(TIER) || !after.get(REASON).is_null() {
        return Vec::new();
    }
    let zh = "等级由系统自动计算，人工指定请写明原因";
    let en = "Tiers are worked out; to set one by hand, give the reason";
    vec![Fault::new(REASON, "required", zh, en)]
}

impl Engine {
    /// A customer's tier: what makes it, whether somebody set it, and whether they are talked with often enough for it.
    ///
    /// # Errors
    /// `not_found`: the customer, or their tier to the caller.
    pub async fn tier_of(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        self.read(move |conn| {
            let (object, access) = customers(conn, &cx, &object)?;
            let record = load::find_or_survivor(conn, &cx, &access, id)?;
            shown(conn, &cx, &object, &access, &record)
        })
        .await
    }

    /// Sets a customer's tier by hand.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `invalid` with every fault.
    pub async fn set_tier(
        &self,
        cx: Cx,
        object: String,
        id: i64,
        tier: String,
        reason: String,
        until: Option<String>,
    ) -> Result<Json> {
        let body = Map::from_iter([
            (TIER.to_owned(), tier.into()),
            (REASON.to_owned(), reason.trim().into()),
            (UNTIL.to_owned(), until.clone().map_or(Json::Null, Json::from)),
        ]);
        let mut faults = Vec::new();
        if reason.trim().is_empty() {
            faults.push(Fault::new(REASON, "required", "请写明原因", "Please give the reason"));
        }
        let passed = until
            .and_then(|text| text.parse::<chrono::NaiveDate>().ok())
            .is_some_and(|day| day < cx.moment.today());
        if passed {
            faults.push(Fault::new(
                UNTIL,
                "range",
                "到期日不能早于今天",
                "The last day must not have passed",
            ));
        }
        if !faults.is_empty() {
            return Err(faults.into());
        }
        self.write_tier(cx, object, id, body).await
    }

    /// Gives a customer back to working out.
    ///
    /// # Errors
    /// As [`Engine::set_tier`].
    pub async fn reset_tier(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        let body = Map::from_iter([(REASON.to_owned(), Json::Null), (UNTIL.to_owned(), Json::Null)]);
        self.write_tier(cx, object, id, body).await
    }

    async fn write_tier(&self, cx: Cx, object: String, id: i64, body: Map<String, Json>) -> Result<Json> {
        let engine = self.clone();
        self.write(move |conn| {
            let (object, access) = customers(conn, &cx, &object)?;
            update::update(conn, &engine, &cx, &access, id, None, &body)?;
            let system = engine.cx(Caller::system(Via::System))?;
            follow::records(conn, &engine, &system, &object, &[id])?;
            let record = load::find_or_survivor(conn, &cx, &access, id)?;
            shown(conn, &cx, &object, &access, &record)
        })
        .await
    }
}

fn customers(conn: &mut Conn, cx: &Cx, object: &str) -> Result<(Arc<Object>, ObjectAccess)> {
    let object = cx.object(object)?.clone();
    if object.name != CUSTOMER {
        return Err(Code::NotFound.into());
    }
    let access = cx.access(conn, &object)?;
    Ok((object, access))
}

fn shown(
    conn: &mut Conn,
    cx: &Cx,
    object: &Arc<Object>,
    access: &ObjectAccess,
    record: &Record,
) -> Result<Json> {
    let readable = |name: &str| {
        object.field(name).is_some_and(|field| access.on_row(field, &record.reached) >= FieldAccess::Read)
    };
    if !readable(TIER) {
        return Err(Code::NotFound.into());
    }
    let tiers = &cx.org.tiers;
    let values = &record.values;
    let label = |tier: &str| {
        let option = object.field(TIER).and_then(|field| field.option(tier));
        json!({"value": tier, "label": option.map_or(tier, |option| option.label.get(cx.lang())), "color": option.map(|option| &option.color)})
    };
    let work = Work::of(cx, object, &tiers.definition).filter(|_| tiers.active);
    let worked = work.as_ref().and_then(|work| work.tier(values));
    // The numbers behind it are those of fields that the reader may see.
    let side = |side: Side, formula: &str| {
        let reads =
            huike_model::schema::expression::Expression::compile(formula).map(|formula| formula.reads);
        let open = reads.is_ok_and(|reads| reads.iter().all(|name| readable(name)));
        json!({"number": open.then_some(side.number), "level": LEVELS[side.level], "label": words(side.level).get(cx.lang())})
    };
    let worked = worked.map(|worked| {
        json!({
            "tier": label(&worked.tier),
            "value": side(worked.value, &tiers.definition.value.formula),
            "potential": side(worked.potential, &tiers.definition.potential.formula),
        })
    });
    let manual = (by_hand(cx, values) && readable(REASON)).then(|| {
        let until = values.int(UNTIL).and_then(day_from_number).map(|day| day.to_string());
        json!({"reason": values.get(REASON).as_text(), "until": until})
    });
    let now = values.get(TIER).as_text();
    let settable =
        object.field(TIER).is_some_and(|field| access.on_row(field, &record.reached) == FieldAccess::Write);
    let can_set = settable && !record.deleted && update::may_write(conn, cx, access, record.id)?;
    let rhythm =
        match tiers.rhythm(now).filter(|_| readable("last_contact_at") && record.open_in_full(access)) {
            Some(rhythm) => Some(rhythm::of_record(conn, cx, rhythm, record)?),
            None => None,
        };
    Ok(json!({
        "tier": now.map(label), "active": tiers.active, "worked": worked, "manual": manual, "rhythm": rhythm,
        "can_set": can_set,
    }))
}

const LEVELS: [&str; 3] = ["low", "middling", "high"];

fn words(level: usize) -> Label {
    match level {
        0 => Label::new("低", "low"),
        1 => Label::new("中", "middling"),
        _ => Label::new("高", "high"),
    }
}
