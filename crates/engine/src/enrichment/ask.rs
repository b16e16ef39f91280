//! What is asked about one record, and what of an answer is meant for it.

use super::http::percent;
use super::settings::Provider;
use crate::cleaning::Found;
use crate::cx::Cx;
use crate::records::body;
use crate::records::load::Record;
use huike_matching::company;
use huike_matching::paste::Role;
use huike_model::filter::Facts;
use huike_model::{Field, Label, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// How the questions of a run went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    pub asked: i64,
    /// Known from before.
    pub cached: i64,
    pub found: i64,
    pub unknown: i64,
    /// The answer was about another company.
    pub other: i64,
    pub failed: i64,
    /// Failures since the last answer.
    pub failed_in_a_row: i64,
    /// Why no more was asked: a trouble's name, or `quota`.
    pub stopped: Option<String>,
}

/// A question about one record.
#[derive(Clone, Debug)]
pub struct Asking {
    pub url: String,
    /// Fields that an answer may fill.
    pub open: Vec<Arc<Field>>,
}

/// A member of an answer with what became of it.
pub struct Read {
    pub path: String,
    pub field: Arc<Field>,
    /// As it was answered; null when it isn't there.
    pub answered: Json,
    pub value: Option<Value>,
    pub fault: Option<Label>,
}

impl Provider {
    /// What is asked about a record; none when nothing is open, or the question needs what the record hasn't got.
    pub fn asking(&self, cx: &Cx, record: &Record, open: &[Arc<Field>]) -> Option<Asking> {
        let filled = |field: &&Arc<Field>| self.mapping.iter().any(|(_, mapped)| mapped.name == field.name);
        let open: Vec<Arc<Field>> = open.iter().filter(filled).cloned().collect();
        let meant = self
            .filter
            .as_ref()
            .is_none_or(|filter| filter.resolve(&cx.moment, cx).matches(&record.values as &dyn Facts));
        if open.is_empty() || !meant {
            return None;
        }
        let url = self.url(|name| record.values.get(name).as_text().map(str::to_owned))?;
        Some(Asking { url, open })
    }

    /// The address with the values in their places; none when one is missing.
    pub fn url(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let mut url = self.settings.url.clone();
        for name in &self.places {
            let value = value(name).filter(|value| !value.trim().is_empty())?;
            url = url.replace(&format!("{{{name}}}"), &percent(value.trim()));
        }
        Some(url)
    }

    /// Every mapped member of an answer.
    pub fn read(&self, cx: &Cx, answer: &Json) -> Vec<Read> {
        let read = |(path, field): &(String, Arc<Field>)| {
            let answered = at(answer, path).cloned().unwrap_or_default();
            let scalar = !answered.is_object() && !answered.is_array();
            let (value, fault) = match body::value(&answered, field, cx) {
                Ok(parsed) if scalar => (Some(parsed.value).filter(|value| !value.is_null()), None),
                Ok(_) => (None, Some(Label::new("不是单个的值", "It is no single value"))),
                Err(faults) => (None, faults.into_iter().next().map(|fault| fault.message)),
            };
            Read { path: path.clone(), field: field.clone(), answered, value, fault }
        };
        self.mapping.iter().map(read).collect()
    }

    /// What an answer fills; none when it is about another company.
    pub fn found(&self, cx: &Cx, record: &Record, asking: &Asking, answer: &Json) -> Option<Vec<Found>> {
        let read = self.read(cx, answer);
        let object = record.values.object();
        for each in &read {
            let (Some(told), known) = (&each.value, record.values.of(&each.field)) else { continue };
            if known.is_null() {
                continue;
            }
            let same = match each.field.paste {
                Some(Role::CreditCode) => told == known,
                Some(Role::Customer) if each.field.name == object.name_field.name => {
                    let key = |value: &Value| company::parse(value.as_text().unwrap_or_default()).key();
                    key(told) == key(known)
                }
                _ => true,
            };
            if !same {
                return None;
            }
        }
        let open = |field: &Field| asking.open.iter().any(|open| open.name == field.name);
        let source = json!({"how": "provider", "provider": self.settings.name});
        let found = read
            .into_iter()
            .filter(|each| open(&each.field))
            .filter_map(|each| Some(Found { value: each.value?, field: each.field, source: source.clone() }));
        Some(found.collect())
    }
}

/// A member of an answer by the names on the way to it, with numbers for places in lists: `data.items.0.industry`.
pub fn at<'a>(answer: &'a Json, path: &str) -> Option<&'a Json> {
    path.split('.').try_fold(answer, |json, step| match json {
        Json::Object(members) => members.get(step),
        Json::Array(list) => list.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}
