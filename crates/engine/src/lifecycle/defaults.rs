//! The lifecycle of customers that a company starts with.

use super::definition::{Automatic, Definition, Lifecycle, Meaning, Stage, store};
use crate::error::Result;
use crate::obligations::CUSTOMER;
use crate::setting;
use huike_store::Conn;
use serde_json::{Map, Value as Json, json};

/// The key in `setting` that says that it was made: what was switched off or changed since stays so.
const SEEDED: &str = "lifecycles";

/// Makes the lifecycle of a new company's customers, once.
///
/// # Errors
/// The database's.
pub fn seed(conn: &mut Conn) -> Result<()> {
    if !setting::put_first(conn, SEEDED, "1")? {
        return Ok(());
    }
    let customers = Lifecycle { object: CUSTOMER.into(), active: true, version: 1, definition: definition() };
    conn.execute(&store(&customers)?)?;
    Ok(())
}

fn definition() -> Definition {
    let stage = |value: &str, meaning, required: &[&str], entry: Json| Stage {
        value: value.into(),
        meaning,
        from: Vec::new(),
        required: required.iter().map(|name| (*name).to_owned()).collect(),
        entry: (!entry.is_null()).then_some(entry),
    };
    let in_talks = || ["lead", "potential", "interested"].map(str::to_owned).to_vec();
    Definition {
        field: "stage".into(),
        strict_new: false,
        stages: vec![
            stage("lead", Meaning::Open, &[], Json::Null),
            stage("potential", Meaning::Open, &["need_tags"], Json::Null),
            stage(
                "interested",
                Meaning::Open,
                &["need_tags"],
                json!({"all": [
                    {"field": "budget_confirmed", "op": "eq", "value": true},
                    {"field": "contact_count", "op": "gte", "value": 1},
                ]}),
            ),
            stage("won", Meaning::Won, &[], json!({"field": "order_count", "op": "gte", "value": 1})),
            stage("lost", Meaning::Lost, &["lost_reason"], Json::Null),
        ],
        automatic: vec![
            Automatic {
                to: "won".into(),
                from: in_talks(),
                // The first order, and money for it.
                when: Some(json!({"all": [
                    {"field": "order_count", "op": "gte", "value": 1},
                    {"field": "lifetime_value", "op": "gt", "value": 0},
                ]})),
                silent_days: None,
                warn_only: false,
                warn_days: 0,
                set: Map::new(),
            },
            Automatic {
                to: "lost".into(),
                from: in_talks(),
                when: None,
                silent_days: Some(90),
                // Whether somebody is lost is for a person to say, until the company decides otherwise.
                warn_only: true,
                warn_days: 14,
                set: Map::from_iter([("lost_reason".to_owned(), json!("silent"))]),
            },
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use huike_model::{Lang, Moment};

    #[test]
    fn the_shipped_lifecycle_fits_the_shipped_dictionary() {
        let schema = crate::dictionary::standard().unwrap();
        let zone = chrono_tz::Asia::Shanghai;
        let moment = Moment { now: 0, zone, lang: Lang::Zh, me: 0, departments: Vec::new() };
        let definition = definition();
        let found = definition.check(schema.object(CUSTOMER).unwrap(), &schema, &moment);
        assert_eq!(found, Ok(()));
        let text = serde_json::to_string(&definition).unwrap();
        assert_eq!(serde_json::from_str::<Definition>(&text).unwrap(), definition);
    }
}
