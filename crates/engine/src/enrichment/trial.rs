//! The provider tried with one company, before anybody relies on it. Nothing is written but the count of the question.

use super::answer::{Answer, answer};
use super::settings::Provider;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::access::AdminArea;
use huike_model::{Fault, Label};
use huike_store::clock::Stopwatch;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest piece of an answer that is shown.
const SHOWN: usize = 200;

/// What is put into the places of the address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialRequest {
    pub values: BTreeMap<String, String>,
}

impl Engine {
    /// Asks the provider about one company and says what of the answer would fill which field.
    ///
    /// # Errors
    /// `forbidden` unless the caller looks after the settings; `invalid` when a value is missing or the provider isn't set up.
    pub async fn try_provider(&self, cx: Cx, request: TrialRequest) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let this = cx.clone();
        let provider = self.read(move |conn| Provider::set_up(conn, &this)).await?;
        let missing = |name: &&String| request.values.get(*name).is_none_or(|value| value.trim().is_empty());
        let faults: Vec<Fault> = provider
            .places
            .iter()
            .filter(missing)
            .map(|name| Fault::new(format!("values.{name}"), "required", "请填写", "Fill this in"))
            .collect();
        let url = provider.url(|name| request.values.get(name).cloned());
        let Some(url) = url.filter(|_| faults.is_empty()) else { return Err(faults.into()) };
        let (provider, watch) = (Arc::new(provider), Stopwatch::start());
        let answered = answer(self, &provider, &url, |_, _| Ok(true)).await?;
        let milliseconds = i64::try_from(watch.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (outcome, message, asked, found) = match answered {
            Answer::Known { answer, asked } => {
                let (name, label) = match answer {
                    Some(_) => ("found", Label::new("查到了", "Found")),
                    None => ("unknown", Label::new("服务方没有这家单位", "Not known there")),
                };
                (name, label, asked, answer)
            }
            Answer::Quota => {
                ("quota", Label::new("今天的次数已用完", "No more questions today"), false, None)
            }
            Answer::Trouble(trouble) => (trouble.name(), trouble.label(), true, None),
            Answer::Lost => ("lost", Label::new("没有完成", "Not completed"), false, None),
        };
        let fields: Vec<Json> = found
            .iter()
            .flat_map(|answer| provider.read(&cx, answer))
            .map(|read| shown(&cx, &read))
            .collect();
        Ok(json!({
            "outcome": outcome,
            "message": message,
            "asked": asked,
            "milliseconds": milliseconds,
            "address": url,
            "fields": fields,
        }))
    }
}

fn shown(cx: &Cx, read: &super::ask::Read) -> Json {
    let answered = match &read.answered {
        Json::Null => Json::Null,
        Json::String(text) => text.chars().take(SHOWN).collect::<String>().into(),
        other => other.to_string().chars().take(SHOWN).collect::<String>().into(),
    };
    let value =
        read.value.as_ref().map(|value| read.field.kind.kind().display(value, &read.field, &cx.moment));
    json!({
        "path": read.path,
        "field": read.field.name,
        "label": read.field.label,
        "answered": answered,
        "value": value,
        "fault": read.fault,
    })
}
