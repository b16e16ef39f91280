//! What greetings say and when they are sent: edited by whoever looks after the settings.

use super::greetings::OCCASIONS;
use crate::audit::{Author, Note, append};
use crate::changed::changed;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::setting;
use huike_model::Fault;
use huike_model::access::AdminArea;
use huike_model::worktime::{Quiet, TimeOfDay};
use huike_store::Conn;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// The key in `setting`.
const SETTING: &str = "greetings";
const LONGEST_SUBJECT: usize = 100;
const LONGEST_TEXT: usize = 1_000;

/// The words of one occasion. `{name}`, `{customer}`, `{company}`, `{owner}` and `{years}` are filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub subject: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GreetingSettings {
    pub active: bool,
    /// How long before the day a greeting is proposed.
    pub days_before: u32,
    pub send_at: TimeOfDay,
    /// Whether what falls on a free day is sent on the working day before.
    pub before_free_days: bool,
    pub templates: BTreeMap<String, Template>,
}

impl Default for GreetingSettings {
    fn default() -> GreetingSettings {
        let template = |subject: &str, text: &str| Template { subject: subject.into(), text: text.into() };
        let templates = [
            (
                "birthday",
                template(
                    "生日快乐",
                    "{name}，您好：\n\n今天是您的生日，{company}祝您生日快乐，身体健康，工作顺利！\n\n{owner}",
                ),
            ),
            (
                "cooperation",
                template(
                    "合作周年，感谢有您",
                    "{name}，您好：\n\n今天是{customer}与{company}合作 {years} 周年，感谢一路以来的信任，期待继续同行。\n\n{owner}",
                ),
            ),
            (
                "founding",
                template(
                    "祝贺贵公司周年",
                    "{name}，您好：\n\n今天是{customer}成立 {years} 周年，{company}祝贵公司事业兴旺！\n\n{owner}",
                ),
            ),
        ];
        GreetingSettings {
            active: true,
            days_before: 3,
            send_at: TimeOfDay::new(9, 0).unwrap_or(Quiet::default().to),
            before_free_days: false,
            templates: templates.into_iter().map(|(name, template)| (name.to_owned(), template)).collect(),
        }
    }
}

/// The settings as they stand.
///
/// # Errors
/// The database's; stored settings that can't be read.
pub fn settings(conn: &mut Conn) -> Result<GreetingSettings> {
    match setting::get(conn, SETTING)? {
        Some(text) => serde_json::from_str(&text)
            .map_err(|_| EngineError::internal("the greetings' settings can't be read")),
        None => Ok(GreetingSettings::default()),
    }
}

impl Engine {
    /// What greetings say and when they are sent.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn greeting_settings(&self, cx: Cx) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        self.read(|conn| Ok(json!(settings(conn)?))).await
    }

    /// Changes the members that are named.
    ///
    /// # Errors
    /// `forbidden`; every fault.
    pub async fn put_greeting_settings(&self, cx: Cx, changes: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let engine = self.clone();
        self.write(move |conn| {
            let before = settings(conn)?;
            let after = changed(&before, &changes, "")?;
            after.check()?;
            if after != before {
                setting::put(conn, SETTING, &json!(after).to_string())?;
                let note = Note::new("update", "settings", None)
                    .change(json!({"greetings": before}), json!({"greetings": after}));
                append(conn, &engine, &Author::from(&cx.caller), note)?;
            }
            Ok(json!(after))
        })
        .await
    }
}

impl GreetingSettings {
    fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        if self.days_before > 30 {
            faults.push(Fault::new("days_before", "range", "应为 0 到 30 天", "Must be 0 to 30 days"));
        }
        for (name, template) in &self.templates {
            if !OCCASIONS.iter().any(|(occasion, _, _)| occasion == name) {
                faults.push(Fault::unknown_field(&format!("templates.{name}")));
            }
            faults.extend(length_faults(&format!("templates.{name}."), &template.subject, &template.text));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
    }
}

/// The faults of a subject and a text, whose members are called so behind `at`.
pub fn length_faults(at: &str, subject: &str, text: &str) -> Vec<Fault> {
    let parts = [("subject", subject, LONGEST_SUBJECT), ("text", text, LONGEST_TEXT)];
    let wrong =
        parts.into_iter().filter(|(_, text, most)| text.trim().is_empty() || text.chars().count() > *most);
    wrong
        .map(|(name, _, most)| {
            let (zh, en) =
                (format!("请填写，最多 {most} 个字"), format!("Fill this in, at most {most} characters"));
            Fault::new(format!("{at}{name}"), "length", zh, en)
        })
        .collect()
}
