//! A message to oneself, to see whether a channel works.

use super::administer::find;
use super::devices;
use super::letter::recipient;
use super::list::reason;
use super::post::send;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::session::person;
use huike_courier::{Cause, Message, Undelivered};
use huike_model::access::AdminArea;
use huike_model::{Id, Label};
use huike_store::Sql;
use serde_json::{Value as Json, json};

impl Engine {
    /// Sends a test message through a channel to the caller's own address; what came of it.
    ///
    /// # Errors
    /// `forbidden`; `not_found`.
    pub async fn try_channel(&self, cx: Cx, id: i64) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let user = person(&cx)?;
        let asked = cx.clone();
        let (known, secrets, to) = self
            .read(move |conn| {
                let known = find(conn, id)?;
                let mut to = recipient(conn, &asked, user)?;
                to.devices = devices::of(conn, &asked, user, id)?;
                Ok((known.clone(), known.secrets(conn, &asked)?, to))
            })
            .await?;
        let company = cx.org.company.name.clone();
        let subject = Label::new("汇客测试消息", "A test message from Huike");
        let text = Label::new(
            format!("这是{company}的汇客发出的测试消息。收到它，说明“{}”已可以使用。", known.name),
            format!(
                "This is a test message from Huike at {company}. If you read it, “{}” works.",
                known.name
            ),
        );
        // Another name each time: two tests are two messages.
        let number = self.write(|conn| Ok(conn.next_id()?)).await?;
        let words = [
            ("name", to.name.clone()),
            ("count", "1".to_owned()),
            ("title", subject.get(cx.lang()).to_owned()),
            ("company", company),
        ];
        let message = Message {
            key: format!("huike-test-{}", Id::new(number).map(|id| id.to_string()).unwrap_or_default()),
            at: cx.moment.now,
            to,
            subject: subject.get(cx.lang()).to_owned(),
            text: text.get(cx.lang()).to_owned(),
            words: words.into_iter().map(|(name, text)| (name.to_owned(), text)).collect(),
            link: "/account".into(),
            greeting: false,
        };
        let outcome = match send(self, &known, &secrets, message).await {
            Ok(receipt) if receipt.reached == 0 => Err(Undelivered::new(Cause::NoAddress, "")),
            other => other.map(|_| ()),
        };
        if outcome.is_ok() {
            let now = cx.moment.now;
            // It works: what waits goes out at once.
            self.write(move |conn| {
                let sql = "update channel set retry_at = null, failures = 0, fault = null, sent_at = $1 where id = $2";
                conn.execute(&Sql::with(sql, [now.into(), id.into()])?)?;
                Ok(())
            })
            .await?;
        }
        let fault =
            outcome.err().map(|failed| reason(&format!("{}\n{}", failed.cause.name(), failed.detail)));
        Ok(json!({"delivered": fault.is_none(), "fault": fault.map(|fault| fault.get(cx.lang()).to_owned())}))
    }
}
