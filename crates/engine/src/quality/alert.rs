//! Telling people that the quality of data has fallen below what was settled: once, when it falls.

use super::care::{Care, MEASURED};
use super::measure::Figures;
use crate::cx::Cx;
use crate::error::Result;
use crate::obligations::notify::Draft;
use huike_model::{Label, Lang, Object};
use huike_store::Conn;
use serde_json::json;
use std::collections::BTreeSet;

/// Tells owner, steward and overseer of each measure that is below its threshold today and wasn't when it was measured before.
///
/// # Errors
/// The database's.
pub(super) fn raise(
    conn: &mut Conn,
    cx: &Cx,
    object: &Object,
    before: Option<&Figures>,
    now: &Figures,
) -> Result<()> {
    let care = Care::of(conn, &object.name)?;
    let target = object.quality.as_ref().and_then(|quality| quality.target).map(i64::from);
    let mut told: BTreeSet<i64> =
        [care.owner(cx), care.steward(cx), care.overseer(cx)].into_iter().flatten().collect();
    told.retain(|person| cx.org.user(*person).is_some_and(|person| person.active));
    for measure in MEASURED {
        let settled = care.thresholds.get(measure).copied();
        let Some(least) = settled.or(target.filter(|_| measure == "score")) else { continue };
        let Some(value) = now.of(measure).filter(|value| *value < least) else { continue };
        // Below since before: it was told then.
        if before.and_then(|before| before.of(measure)).is_some_and(|value| value < least) {
            continue;
        }
        for person in &told {
            let lang = cx.org.user(*person).map_or(Lang::Zh, |person| person.lang);
            let why = json!({"to": "care", "object": object.name, "measure": measure, "value": value, "least": least});
            let once = format!("quality:{}:{measure}:{}:{person}", object.name, cx.moment.today());
            let title = title(object, measure, value, least).get(lang).to_owned();
            let draft = Draft { title, ..Draft::plain(*person, "quality", why, once) };
            conn.batch(&draft.insert(conn, cx)?)?;
        }
    }
    Ok(())
}

/// What a measure is called.
pub(super) fn name(measure: &str) -> Label {
    match measure {
        "completeness" => Label::new("完整", "completeness"),
        "validity" => Label::new("有效", "validity"),
        "uniqueness" => Label::new("唯一", "uniqueness"),
        "consistency" => Label::new("一致", "consistency"),
        "timeliness" => Label::new("及时", "timeliness"),
        _ => Label::new("总分", "score"),
    }
}

fn title(object: &Object, measure: &str, value: i64, least: i64) -> Label {
    let name = name(measure);
    Label::new(
        format!("{}数据质量：{} {value} 分，低于 {least} 分", object.label.zh, name.zh),
        format!("Data quality of {}: {} is {value}, below {least}", object.label_plural.en, name.en),
    )
}
