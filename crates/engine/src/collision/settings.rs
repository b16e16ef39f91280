//! How many days a colleague's contact is a reason to ask them first.

use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::setting;
use huike_model::Fault;
use huike_model::access::AdminArea;
use huike_store::Conn;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// The key in `setting`.
const KEY: &str = "contact_rules";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactRules {
    /// 0: no warning.
    pub recent_days: u16,
}

impl Default for ContactRules {
    fn default() -> ContactRules {
        ContactRules { recent_days: 3 }
    }
}

/// # Errors
/// The database's; stored rules that can't be read.
pub(super) fn load(conn: &mut Conn) -> Result<ContactRules> {
    match setting::get(conn, KEY)? {
        Some(text) => serde_json::from_str(&text)
            .map_err(|_| EngineError::internal("the rules of contact can't be read")),
        None => Ok(ContactRules::default()),
    }
}

impl Engine {
    /// The rules of contact, for everybody in the company.
    ///
    /// # Errors
    /// The database's.
    pub async fn contact_rules(&self, cx: Cx) -> Result<Json> {
        self.read(move |conn| {
            // They tell nothing of anybody; whoever asks is known.
            let _ = &cx;
            Ok(json!(load(conn)?))
        })
        .await
    }

    /// # Errors
    /// `forbidden`; `invalid`.
    pub async fn put_contact_rules(&self, cx: Cx, rules: ContactRules) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        if rules.recent_days > 90 {
            return Err(Fault::new("recent_days", "range", "应为 0 到 90 天", "Must be 0 to 90 days").into());
        }
        let engine = self.clone();
        self.write(move |conn| {
            let before = load(conn)?;
            setting::put(conn, KEY, &json!(rules).to_string())?;
            let note = Note::new("update", "contact_rules", None).change(json!(before), json!(rules));
            append(conn, &engine, &Author::from(&cx.caller), note)?;
            Ok(json!(rules))
        })
        .await
    }
}
