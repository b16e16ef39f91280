//! Settings of a fixed shape, changed member by member.

use huike_model::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};

/// `before` with the members that are named; `at` stands before their names in faults, such as `settings.`. Every member is read by itself,
/// so that each that can't be read is told at its own place.
///
/// # Errors
/// `unknown_field` and `format`, one for each such member.
pub fn changed<T: Serialize + DeserializeOwned>(
    before: &T,
    changes: &Map<String, Json>,
    at: &str,
) -> Result<T, Vec<Fault>> {
    let mut whole = json!(before);
    let mut faults = Vec::new();
    for (name, value) in changes {
        let mut one = whole.clone();
        one[name] = value.clone();
        match serde_json::from_value::<T>(one.clone()) {
            Ok(_) => whole = one,
            Err(error) => faults.push(fault(&format!("{at}{name}"), &error)),
        }
    }
    match serde_json::from_value(whole) {
        Ok(after) if faults.is_empty() => Ok(after),
        _ => Err(faults),
    }
}

fn fault(at: &str, error: &serde_json::Error) -> Fault {
    // The only word of the library's that tells the two apart.
    if error.to_string().starts_with("unknown field") {
        return Fault::unknown_field(at);
    }
    Fault::new(at, "format", "格式不正确", "This has the wrong form")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    #[serde(deny_unknown_fields)]
    struct Settings {
        port: u16,
        name: String,
    }

    #[test]
    fn every_member_that_cannot_be_read_is_told_at_its_place() {
        let before = Settings { port: 25, name: "a".into() };
        let changes = |json: Json| match json {
            Json::Object(changes) => changes,
            _ => Map::new(),
        };
        let after = changed(&before, &changes(json!({"port": 465})), "").unwrap();
        assert_eq!(after, Settings { port: 465, name: "a".into() });
        let faults = changed(&before, &changes(json!({"fax": 1, "name": 7, "port": 70_000})), "settings.")
            .unwrap_err();
        let told: Vec<(&str, &str)> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
        assert_eq!(
            told,
            [("settings.fax", "unknown_field"), ("settings.name", "format"), ("settings.port", "format")]
        );
    }
}
