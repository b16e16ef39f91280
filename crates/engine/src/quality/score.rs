//! What is good and bad about one record.

use crate::cx::Cx;
use crate::records::values::Values;
use chrono::{Days, NaiveDate};
use huike_model::filter::Facts;
use huike_model::moment::day_number;
use huike_model::schema::{Quality, QualityRule, RuleDimension};
use huike_model::{Field, Moment, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A measured side of quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// What should be filled in is.
    Completeness,
    /// Values are what they say.
    Validity,
    /// Values fit each other.
    Consistency,
    /// Values that age were checked lately enough.
    Timeliness,
}

impl Dimension {
    pub const ALL: [Dimension; 4] =
        [Dimension::Completeness, Dimension::Validity, Dimension::Consistency, Dimension::Timeliness];

    pub fn name(self) -> &'static str {
        ["completeness", "validity", "consistency", "timeliness"][self as usize]
    }

    /// Its part of the whole score; a dimension that measures nothing on a record leaves its part to the others.
    fn part(self) -> u32 {
        [45, 15, 15, 25][self as usize]
    }
}

/// What was reached of what could be, in weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    pub got: u64,
    pub of: u64,
}

impl Reached {
    fn count(&mut self, good: bool, weight: u32) {
        self.of += u64::from(weight);
        self.got += if good { u64::from(weight) } else { 0 };
    }

    pub fn add(&mut self, other: Reached) {
        self.got += other.got;
        self.of += other.of;
    }

    /// Hundredths; none when nothing was measured.
    pub fn percent(self) -> Option<i64> {
        (self.of > 0).then(|| ((self.got * 200 + self.of) / (self.of * 2)) as i64)
    }
}

/// The judgement of one record.
pub struct Assessment<'a> {
    /// 0–100.
    pub score: i64,
    /// In the order of [`Dimension::ALL`].
    pub reached: [Reached; 4],
    /// Empty fields that count, the weightiest first.
    pub missing: Vec<&'a Arc<Field>>,
    /// Fields that want checking again, with the days since they were.
    pub stale: Vec<(&'a Arc<Field>, i64)>,
    /// The last day on which everything that ages and is filled in is still fresh.
    pub fresh_until: Option<NaiveDate>,
    pub broken: Vec<&'a QualityRule>,
    /// The rules that were for this record.
    pub asked: Vec<&'a QualityRule>,
}

/// Judges a record by what its object's definition asks; none when it asks nothing.
pub fn assess<'a>(cx: &Cx, quality: &'a Quality, values: &'a Values) -> Assessment<'a> {
    let mut reached = [Reached::default(); 4];
    let weights = weights(cx, quality, values);
    let mut missing: Vec<(&Arc<Field>, u32)> = Vec::new();
    for (field, weight) in &weights {
        let there = !values.of(field).is_null();
        reached[Dimension::Completeness as usize].count(there, *weight);
        if !there && *weight > 0 {
            missing.push((field, *weight));
        }
    }
    missing.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    let (mut asked, mut broken) = (Vec::new(), Vec::new());
    for rule in &quality.rules {
        let meant = |filter: &huike_model::filter::Filter| {
            filter.resolve(&cx.moment, cx).matches(values as &dyn Facts)
        };
        if !rule.eligible.as_ref().is_none_or(meant) {
            continue;
        }
        let holds = rule.check.holds(|name| values.operand(name));
        let dimension = match rule.dimension {
            RuleDimension::Validity => Dimension::Validity,
            RuleDimension::Consistency => Dimension::Consistency,
        };
        reached[dimension as usize].count(holds, rule.weight);
        asked.push(rule);
        if !holds {
            broken.push(rule);
        }
    }
    let mut stale = Vec::new();
    let mut fresh_until: Option<NaiveDate> = None;
    let checked = checked(quality, values);
    for field in values.object().fields().filter(|field| !values.of(field).is_null()) {
        let Some(days) = field.freshness_days else { continue };
        let on = checked_on(&cx.moment, &checked, values, field);
        let age = (cx.moment.today() - on).num_days();
        reached[Dimension::Timeliness as usize].count(age <= i64::from(days), 1);
        if age > i64::from(days) {
            stale.push((field.name.clone(), age));
        }
        let until = on.checked_add_days(Days::new(days.into()));
        fresh_until = fresh_until.into_iter().chain(until).min();
    }
    let stale = stale
        .into_iter()
        .filter_map(|(name, age)| values.object().field(&name).map(|field| (field, age)))
        .collect();
    let missing = missing.into_iter().map(|(field, _)| field).collect();
    Assessment { score: total(&reached), reached, missing, stale, fresh_until, broken, asked }
}

/// The weights for this very record: the object's, with those of the first case that holds in their place.
fn weights<'a>(cx: &Cx, quality: &'a Quality, values: &Values) -> Vec<(&'a Arc<Field>, u32)> {
    let mut weights: Vec<(&Arc<Field>, u32)> =
        quality.weights.iter().map(|(field, weight)| (field, *weight)).collect();
    let case =
        quality.cases.iter().find(|(when, _)| when.resolve(&cx.moment, cx).matches(values as &dyn Facts));
    for (field, weight) in case.into_iter().flat_map(|(_, weights)| weights) {
        match weights.iter_mut().find(|(known, _)| known.name == field.name) {
            Some(known) => known.1 = *weight,
            None => weights.push((field, *weight)),
        }
    }
    weights
}

fn total(reached: &[Reached; 4]) -> i64 {
    let (mut sum, mut parts) = (0, 0);
    for dimension in Dimension::ALL {
        let Reached { got, of } = reached[dimension as usize];
        let part = u64::from(dimension.part());
        if let Some(share) = (part * got * 10_000).checked_div(of) {
            sum += share;
            parts += part;
        }
    }
    sum.checked_div(parts).map_or(100, |share| ((share + 50) / 100) as i64)
}

/// Field → the day on which it was last entered or confirmed.
fn checked(quality: &Quality, values: &Values) -> BTreeMap<String, String> {
    let text = quality.checked.as_ref().and_then(|field| values.of(field).as_text());
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// When a field was checked; when the record was made where nobody noted it.
fn checked_on(
    moment: &Moment,
    checked: &BTreeMap<String, String>,
    values: &Values,
    field: &Field,
) -> NaiveDate {
    let noted = checked.get(&field.name).and_then(|day| day.parse().ok());
    let made = || values.int("created_at").map(|at| moment.local(at).date());
    noted.or_else(made).unwrap_or_else(|| moment.today())
}

/// What is kept of a judgement in fields of the record: the score, and until when what ages is fresh.
pub fn kept(quality: &Quality, found: &Assessment<'_>) -> Vec<(Arc<Field>, Value)> {
    let score = quality.score.iter().map(|place| (place.clone(), Value::Int(found.score)));
    let until = found.fresh_until.map_or(Value::Null, |day| Value::Int(day_number(day)));
    score.chain(quality.recheck.iter().map(|place| (place.clone(), until.clone()))).collect()
}

fn set_kept(cx: &Cx, quality: &Quality, values: &mut Values) {
    if quality.score.is_none() && quality.recheck.is_none() {
        return;
    }
    for (field, value) in kept(quality, &assess(cx, quality, values)) {
        values.set(&field.name, value);
    }
}

/// Brings the score of a record that is being written up to date, and with it when its fields were last checked: a field that is entered
/// or changed counts as checked today.
pub fn keep(cx: &Cx, before: Option<&Values>, values: &mut Values) {
    let object = values.object().clone();
    let Some(quality) = &object.quality else { return };
    if let (Some(place), Some(before)) = (&quality.checked, before) {
        let mut days = checked(quality, values);
        for field in object.fields().filter(|field| field.freshness_days.is_some()) {
            if values.of(field).is_null() {
                days.remove(&field.name);
            } else if before.of(field) != values.of(field) {
                days.insert(field.name.clone(), cx.moment.today().to_string());
            }
        }
        values.set(&place.name, days_value(&days));
    }
    set_kept(cx, quality, values);
}

fn days_value(days: &BTreeMap<String, String>) -> Value {
    if days.is_empty() { Value::Null } else { serde_json::json!(days).to_string().into() }
}

/// Notes that these fields were checked today; the new score comes with it.
pub fn confirm(cx: &Cx, values: &mut Values, fields: &[Arc<Field>]) {
    let object = values.object().clone();
    let Some(quality) = &object.quality else { return };
    if let Some(place) = &quality.checked {
        let mut days = checked(quality, values);
        days.extend(fields.iter().map(|field| (field.name.clone(), cx.moment.today().to_string())));
        values.set(&place.name, days_value(&days));
    }
    set_kept(cx, quality, values);
}
