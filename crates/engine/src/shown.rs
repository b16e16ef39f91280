//! How ids, people, instants and values in few words stand in answers.

use crate::cx::Cx;
use crate::records::render::id_text;
use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Utc};
use huike_model::kinds::FieldType;
use huike_model::moment::day_from_number;
use huike_model::{Field, Id, Lang, Moment, Value};
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

/// An id; null for the system, which has none.
pub fn id<S: Serializer>(id: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    Id::new(*id).ok().serialize(serializer)
}

/// Somebody by name.
pub fn person(cx: &Cx, user: i64) -> Json {
    json!({"id": id_text(user), "name": cx.org.user(user).map(|person| person.name.clone())})
}

/// Milliseconds since 1970 as `2026-11-21T06:30:00Z`.
pub fn instant<S: Serializer>(at: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&instant_text(*at))
}

/// As [`instant`], null when there is none.
pub fn opt_instant<S: Serializer>(at: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(instant_text).serialize(serializer)
}

/// Milliseconds since 1970 as `2026-11-21T06:30:00Z`.
pub fn instant_text(at: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(at)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Reads an instant with its zone (RFC 3339).
pub fn parse_instant(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text.trim()).ok().map(|at| at.timestamp_millis())
}

/// A value in few words, as the page's lists say it (12.5万, 今天 14:30); none for an amount of nought.
pub fn brief(value: &Value, field: &Field, moment: &Moment) -> Option<String> {
    match (field.value_type(), value.as_int()) {
        (FieldType::Money, Some(0)) => None,
        (FieldType::Money, Some(number)) => {
            Some(amount_text(number as f64 / 10_f64.powi(field.scale as i32), moment.lang))
        }
        (FieldType::DateTime, Some(at)) => Some(time_text(at, moment)),
        (FieldType::Date, Some(number)) => day_from_number(number).map(|day| day_text(day, moment)),
        (kind, _) => Some(kind.kind().display(value, field, moment)),
    }
}

fn time_text(at: i64, moment: &Moment) -> String {
    let at = moment.local(at);
    format!("{} {}", day_text(at.date(), moment), at.format("%H:%M"))
}

fn day_text(day: NaiveDate, moment: &Moment) -> String {
    let today = moment.today();
    let near = match (day - today).num_days() {
        -1 => Some(["昨天", "Yesterday"]),
        0 => Some(["今天", "Today"]),
        1 => Some(["明天", "Tomorrow"]),
        _ => None,
    };
    let of_this_year = day.year() == today.year();
    match (near, moment.lang) {
        (Some([zh, _]), Lang::Zh) => zh.to_owned(),
        (Some([_, en]), Lang::En) => en.to_owned(),
        (None, Lang::Zh) => day.format(if of_this_year { "%m-%d" } else { "%Y-%m-%d" }).to_string(),
        (None, Lang::En) => day.format(if of_this_year { "%b %-d" } else { "%b %-d, %Y" }).to_string(),
    }
}

/// ¥12.5万 as Chinese readers count, ¥125K as others do.
pub fn amount_text(amount: f64, lang: Lang) -> String {
    let sign = if amount < 0.0 { "-" } else { "" };
    let amount = amount.abs();
    let units = match lang {
        Lang::Zh => [(1e8, "亿"), (1e4, "万")],
        Lang::En => [(1e6, "M"), (1e3, "K")],
    };
    match units.into_iter().find(|(unit, _)| amount >= *unit) {
        Some((unit, name)) => format!("{sign}¥{}{name}", short(amount / unit)),
        None => format!("{sign}¥{amount:.0}"),
    }
}

/// One digit behind the point, and none that is nought.
fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_said_as_their_reader_counts() {
        let said = |amount, lang| amount_text(amount, lang);
        let zh = [800.0, 125_000.0, 20_000.0, 3.2e8, -125_000.0].map(|amount| said(amount, Lang::Zh));
        assert_eq!(zh, ["¥800", "¥12.5万", "¥2万", "¥3.2亿", "-¥12.5万"]);
        assert_eq!([125_000.0, 3e6].map(|amount| said(amount, Lang::En)), ["¥125K", "¥3M"]);
    }

    #[test]
    fn days_near_by_are_said_by_their_words() {
        const DAY: i64 = 24 * 3_600_000;
        // 2026-11-21 14:30 in China.
        let now = 1_795_242_600_000;
        let said = |days: i64, lang| {
            let zone = "Asia/Shanghai".parse().unwrap();
            let moment = Moment { now, zone, lang, me: 0, departments: Vec::new() };
            time_text(now + days * DAY, &moment)
        };
        assert_eq!([0, -1, 1].map(|days| said(days, Lang::Zh)), ["今天 14:30", "昨天 14:30", "明天 14:30"]);
        assert_eq!([-10, -366].map(|days| said(days, Lang::Zh)), ["11-11 14:30", "2025-11-20 14:30"]);
        let english = [0, -10, -366].map(|days| said(days, Lang::En));
        assert_eq!(english, ["Today 14:30", "Nov 11 14:30", "Nov 20, 2025 14:30"]);
    }
}
