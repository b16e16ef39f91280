//! What administrators describe and the database keeps as one text: rules of reminding and of assignment, plans, pools. How such a
//! definition comes in with a request is the same for all of them.

use crate::error::Result;
use huike_model::{Code, Fault, Label};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};

/// Orders beyond this are a mistake.
const LAST_PLACE: i64 = 1_000_000;

/// A definition as it was sent. `what` names it in the fault.
///
/// # Errors
/// The first thing that can't be read, at its place.
pub fn read<T: DeserializeOwned>(members: Map<String, Json>, what: &Label) -> std::result::Result<T, Fault> {
    part("", Json::Object(members), what)
}

/// One part of what was sent, which stands at `at`.
///
/// # Errors
/// As [`read`].
pub(crate) fn part<T: DeserializeOwned>(
    at: &str,
    value: Json,
    what: &Label,
) -> std::result::Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string().replace('[', ".").replace(']', "");
        // Below a tagged part the parser knows no way; the whole of it has no place.
        let known = path.split('.').take_while(|step| *step != "?");
        let steps: Vec<&str> = std::iter::once(at).chain(known).filter(|step| !step.is_empty()).collect();
        unread(&steps.join("."), &error.inner().to_string(), what)
    })
}

/// What the parser says, in the languages of the page. Its own words are the programmer's, and stay within.
fn unread(path: &str, reason: &str, what: &Label) -> Fault {
    let named = || reason.split('`').nth(1).unwrap_or_default();
    let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    if reason.starts_with("missing field") {
        return Fault::new(within(named()), "required", "请填写", "Please fill this in");
    }
    if reason.starts_with("unknown field") {
        let (zh, en) = (format!("没有“{}”这一项", named()), format!("There is no “{}” here", named()));
        return Fault::new(path, "unknown_field", zh, en);
    }
    if reason.starts_with("unknown variant") {
        let (zh, en) =
            (format!("“{}”不是可选的值", named()), format!("“{}” is none of the choices", named()));
        return Fault::new(path, "unknown_option", zh, en);
    }
    if reason.contains("a time of day") {
        return Fault::new(path, "format", "时间应写成 09:00 的形式", "A time is written as 09:00");
    }
    if reason.starts_with("not an id") {
        return Fault::new(path, "format", "应为一条记录的编号", "Must be the id of a record");
    }
    let (zh, en) = (
        format!("{}里这一项的类型或大小不对", what.zh),
        format!("{}: this has the wrong type or size", what.en),
    );
    Fault::new(path, "format", zh, en)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Step {
        #[expect(dead_code, reason = "read only")]
        days: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Who {
        Owner,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read only")]
    struct Plan {
        steps: Vec<Step>,
        #[serde(default)]
        who: Option<Who>,
    }

    #[test]
    fn what_cannot_be_read_is_told_at_its_place_and_without_the_parsers_words() {
        let fault = |json: Json| {
            let members = json.as_object().unwrap().clone();
            read::<Plan>(members, &Label::new("计划", "The plan")).unwrap_err()
        };
        let cases = [
            (json!({}), "steps", "required", "请填写"),
            (json!({"steps": [{"days": 1}, {}]}), "steps.1.days", "required", "请填写"),
            (
                json!({"steps": [{"days": 1, "hours": 2}]}),
                "steps.0.hours",
                "unknown_field",
                "没有“hours”这一项",
            ),
            (json!({"steps": [{"days": "two"}]}), "steps.0.days", "format", "计划里这一项的类型或大小不对"),
            (json!({"steps": [{"days": 300}]}), "steps.0.days", "format", "计划里这一项的类型或大小不对"),
            (json!({"steps": [], "who": "nobody"}), "who", "unknown_option", "“nobody”不是可选的值"),
        ];
        for (json, at, code, zh) in cases {
            let fault = fault(json);
            assert_eq!((&*fault.field, fault.code, &*fault.message.zh), (at, code, zh));
        }
    }
}
