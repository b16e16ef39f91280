//! What administrators describe and the database keeps as one text: rules of reminding and of assignment, plans, pools. How such a
//! definition comes in with a request is the same for all of them.

use crate::error::Result;
use huike_model::{Code, Fault, Label};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};

/// Orders beyond this are a mistake.
const LAST_PLACE: i64 = 1_000_000;

/// A definition as it was sent. `what` names it at the beginning of the fault.
///
/// # Errors
/// One fault with the parser's reason.
pub(crate) fn read<T: DeserializeOwned>(
    members: Map<String, Json>,
    what: &Label,
) -> std::result::Result<T, Fault> {
    serde_json::from_value(Json::Object(members)).map_err(|error| {
        let (zh, en) =
            (format!("{}的内容不正确：{error}", what.zh), format!("{} can't be read: {error}", what.en));
        Fault::new("", "format", zh, en)
    })
}

/// What is known with the members of a request over its own.
///
/// # Errors
/// Only for what is no object when it is written.
pub(crate) fn merged(known: &impl Serialize, members: &Map<String, Json>) -> Result<Map<String, Json>> {
    let Json::Object(mut whole) = json!(known) else { return Err(Code::Malformed.into()) };
    whole.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(whole)
}

/// A yes or no of a request; none when it says nothing.
pub(crate) fn flag(members: &Map<String, Json>, name: &'static str, faults: &mut Vec<Fault>) -> Option<bool> {
    let value = members.get(name).map(Json::as_bool);
    if value == Some(None) {
        faults.push(Fault::new(name, "format", "应为 true 或 false", "Must be true or false"));
    }
    value.flatten()
}

/// The place among others that a request gives.
pub(crate) fn position(members: &Map<String, Json>, faults: &mut Vec<Fault>) -> Option<i64> {
    let place = |value: &Json| value.as_i64().filter(|place| (0..=LAST_PLACE).contains(place));
    let position = members.get("position").map(place);
    if position == Some(None) {
        faults.push(Fault::new("position", "format", "应为不小于 0 的整数", "Must be a whole number from 0"));
    }
    position.flatten()
}

/// What is wrong with a name in both languages.
pub(crate) fn name_faults(name: &Label, most: usize) -> Vec<Fault> {
    let wrong = |text: &str| text.trim().is_empty() || text.chars().count() > most;
    let fault = |at| {
        Fault::new(
            at,
            "length",
            format!("应为 1 到 {most} 个字"),
            format!("Must have 1 to {most} characters"),
        )
    };
    let places = [("name.zh", &name.zh), ("name.en", &name.en)];
    places.into_iter().filter(|(_, text)| wrong(text)).map(|(at, _)| fault(at)).collect()
}
