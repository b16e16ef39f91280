//! How ids, people and instants stand in answers.

use crate::cx::Cx;
use crate::records::render::id_text;
use chrono::{DateTime, SecondsFormat, Utc};
use huike_model::Id;
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
