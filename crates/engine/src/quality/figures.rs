//! The figures of an object's quality, and what one record lacks, in words.

use super::measure::{self, Figures};
use super::score::{Assessment, Dimension, assess};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::merging::standing;
use crate::records::load::Record;
use crate::shown::instant_text;
use huike_model::access::{AdminArea, FieldAccess, FieldReach, ObjectAccess};
use huike_model::schema::Quality;
use huike_model::{Code, Field, Label, Lang};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};

/// Days of the trend.
const TREND: i64 = 90;

impl Engine {
    /// The latest figures of an object with the trend. They are of all records: only who may read the score of each is
    /// shown any.
    ///
    /// # Errors
    /// `not_found` for an object that the caller doesn't know or that doesn't say what quality is, `forbidden`.
    pub async fn quality_figures(&self, cx: Cx, object: String) -> Result<Json> {
        self.read(move |conn| {
            let access = permitted(conn, &cx, &object)?;
            shown(conn, &cx, &access)
        })
        .await
    }

    /// Measures an object now; the figures.
    ///
    /// # Errors
    /// As [`Engine::quality_figures`]; `forbidden` unless the caller looks after the dictionary.
    pub async fn measure_quality(&self, cx: Cx, object: String) -> Result<Json> {
        let (this, name) = (cx.clone(), object.clone());
        self.read(move |conn| permitted(conn, &this, &name).map(drop)).await?;
        cx.require_to_change(AdminArea::Dictionary)?;
        measure::measure(self, &object).await?;
        self.quality_figures(cx, object).await
    }
}

impl Engine {
    /// What makes a good record of an object, as it is written; changed by changing the object.
    ///
    /// # Errors
    /// `forbidden` unless the caller looks after the dictionary, `not_found`.
    pub fn quality_definition(&self, cx: &Cx, object: &str) -> Result<Json> {
        cx.require(AdminArea::Dictionary)?;
        let quality = cx.object(object)?.quality.as_ref().ok_or(Code::NotFound)?;
        Ok(json!({
            "target": quality.definition.target,
            "weights": quality.definition.weights,
            "cases": quality.definition.cases,
            "rules": quality.definition.rules,
        }))
    }
}

pub(super) fn permitted(conn: &mut Conn, cx: &Cx, object: &str) -> Result<ObjectAccess> {
    let object = cx.object(object)?.clone();
    let access = cx.access(conn, &object)?;
    let score = object.quality.as_ref().and_then(|quality| quality.score.as_ref()).ok_or(Code::NotFound)?;
    match access.reach(score, FieldAccess::Read) {
        FieldReach::Everywhere => Ok(access),
        _ => Err(Code::Forbidden.into()),
    }
}

fn shown(conn: &mut Conn, cx: &Cx, access: &ObjectAccess) -> Result<Json> {
    let object = &access.object;
    let sql = Sql::with(
        "select day, figures from quality_snapshot where object = $1 order by day desc limit $2",
        [object.name.as_str().into(), TREND.into()],
    )?;
    let mut days: Vec<(String, Figures)> = Vec::new();
    for row in conn.query(&sql)? {
        days.push((row.text(0)?.to_owned(), serde_json::from_str(row.text(1)?).unwrap_or_default()));
    }
    let quality = object.quality.as_ref().ok_or(Code::NotFound)?;
    let trend: Vec<Json> = days
        .iter()
        .rev()
        .map(|(day, figures)| json!({"day": day, "score": figures.score, "records": figures.records}))
        .collect();
    let latest = days.first().map(|(day, figures)| latest(access, quality, day, figures));
    let duplicates = standing(conn, object)?;
    Ok(json!({
        "object": object.name,
        "duplicates": {"groups": duplicates.groups, "records": duplicates.records,
            "searched_at": duplicates.searched_at.map(instant_text)},
        "target": quality.target,
        "latest": latest,
        "trend": trend,
        "can_measure": cx.require_to_change(AdminArea::Dictionary).is_ok(),
    }))
}

/// Fields that the caller may not read stay out, and so do rules that look at them.
pub(super) fn latest(access: &ObjectAccess, quality: &Quality, day: &str, figures: &Figures) -> Json {
    let object = &access.object;
    let readable = |name: &str| object.field(name).filter(|field| access.best(field) >= FieldAccess::Masked);
    let fields: Vec<Json> = figures
        .fields
        .iter()
        .filter_map(|(name, counted)| {
            let field = readable(name)?;
            let weight = quality.weights.iter().find(|(known, _)| known.name == *name).map(|(_, weight)| *weight);
            Some(json!({
                "field": field.name, "label": field.label, "weight": weight, "freshness_days": field.freshness_days,
                "filled": counted.filled, "missing": counted.missing, "stale": counted.stale,
            }))
        })
        .collect();
    let rules: Vec<Json> = quality
        .rules
        .iter()
        .filter(|rule| rule.check.reads.iter().all(|name| readable(name).is_some()))
        .map(|rule| {
            let counted = figures.rules.get(&rule.name).copied().unwrap_or_default();
            json!({
                "name": rule.name, "label": rule.label, "severity": rule.severity, "weight": rule.weight,
                "dimension": rule.dimension, "check": rule.check.source(),
                "eligible": counted.eligible, "hits": counted.hits,
            })
        })
        .collect();
    json!({
        "day": day, "records": figures.records, "score": figures.score, "dimensions": figures.dimensions,
        "bands": figures.bands, "twins": figures.twins, "groups": figures.groups, "searched": figures.searched, "fields": fields, "rules": rules,
        "below_target": quality.target.zip(figures.score).is_some_and(|(target, score)| score < i64::from(target)),
    })
}

/// What one record lacks, for its page; none when its object doesn't say what quality is, or the caller may not read its score. A field that the caller must not notice is
/// left out of the list.
pub fn of_record(cx: &Cx, access: &ObjectAccess, record: &Record) -> Option<Json> {
    let quality = access.object.quality.as_ref()?;
    let score = quality.score.as_ref()?;
    if access.on_row(score, &record.reached) < FieldAccess::Read {
        return None;
    }
    let found = assess(cx, quality, &record.values);
    let knows = |field: &Field| access.on_row(field, &record.reached) >= FieldAccess::Masked;
    let named = |field: &Field| json!({"field": field.name, "label": field.label});
    let missing: Vec<&Field> =
        found.missing.iter().map(|field| &***field).filter(|field| knows(field)).collect();
    let stale: Vec<(&Field, i64)> = found
        .stale
        .iter()
        .map(|(field, days)| (&***field, *days))
        .filter(|(field, _)| knows(field))
        .collect();
    let all_known = |reads: &[String]| {
        reads.iter().all(|name| access.object.field(name).is_some_and(|field| knows(field)))
    };
    let broken: Vec<Json> = found
        .broken
        .iter()
        .filter(|rule| all_known(&rule.check.reads))
        .map(|rule| json!({"name": rule.name, "label": rule.label, "severity": rule.severity, "field": rule.field.as_ref().map(|field| &field.name)}))
        .collect();
    let text = sentence(cx.lang(), &missing, &stale);
    Some(json!({
        "score": found.score,
        "dimensions": dimensions(&found),
        "missing": missing.iter().map(|field| named(field)).collect::<Vec<_>>(),
        "stale": stale.iter().map(|(field, days)| json!({"field": field.name, "label": field.label, "days": days})).collect::<Vec<_>>(),
        "broken": broken,
        "text": text,
    }))
}

fn dimensions(found: &Assessment<'_>) -> Json {
    let percents = Dimension::ALL
        .into_iter()
        .filter_map(|dimension| Some((dimension.name(), found.reached[dimension as usize].percent()?)));
    json!(percents.collect::<std::collections::BTreeMap<_, _>>())
}

/// 缺：行业、规模；电话 400 天未核实
fn sentence(lang: Lang, missing: &[&Field], stale: &[(&Field, i64)]) -> String {
    let label = |label: &Label| label.get(lang).to_owned();
    let names: Vec<String> = missing.iter().map(|field| label(&field.label)).collect();
    let (comma, semicolon) = if lang == Lang::Zh { ("、", "；") } else { (", ", "; ") };
    let mut parts = Vec::new();
    if !names.is_empty() {
        let names = names.join(comma);
        parts.push(if lang == Lang::Zh { format!("缺：{names}") } else { format!("Missing: {names}") });
    }
    for (field, days) in stale {
        let name = label(&field.label);
        parts.push(match lang {
            Lang::Zh => format!("{name} {days} 天未核实"),
            Lang::En => format!("{name} not checked for {days} days"),
        });
    }
    parts.join(semicolon)
}
