//! What is asked for, and who may ask.

use crate::cx::Cx;
use crate::error::Result;
use crate::obligations::standard::CUSTOMER;
use crate::records::list;
use huike_model::access::AdminArea;
use huike_model::filter::Resolved;
use huike_model::{Code, Fault, Id};
use huike_store::Conn;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Who hands over what to whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandoverRequest {
    pub from: Id,
    /// Asked in order: a customer, and what is about it, goes to the first whose condition it passes; the rest to the last.
    #[serde(default)]
    pub receivers: Vec<Receiver>,
    /// For the receivers.
    #[serde(default)]
    pub note: String,
    /// Objects whose records stay.
    #[serde(default)]
    pub leave: Vec<String>,
    /// What was shared with the person is shared with the last receiver instead.
    #[serde(default = "yes")]
    pub shares: bool,
    /// The account is closed and every session ended once everything has moved.
    #[serde(default)]
    pub deactivate: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    pub to: Id,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Json>,
}

fn yes() -> bool {
    true
}

const MAX_RECEIVERS: usize = 20;
const LONGEST_NOTE: usize = 4_000;

impl HandoverRequest {
    /// The receivers' conditions, as far as the caller may ask them. `complete`: there is somebody who gets the rest.
    ///
    /// # Errors
    /// `forbidden` unless the caller looks after accounts; every fault.
    pub(super) fn check(&self, conn: &mut Conn, cx: &Cx, complete: bool) -> Result<Vec<Resolved>> {
        cx.require(AdminArea::Users)?;
        let from = self.from.number();
        let mut faults = Vec::new();
        if cx.org.user(from).is_none() {
            return Err(Code::NotFound.into());
        }
        if complete && self.receivers.is_empty() {
            faults.push(Fault::new("receivers", "required", "请选择接手的同事", "Choose who takes over"));
        }
        if self.receivers.len() > MAX_RECEIVERS {
            faults.push(Fault::new("receivers", "range", "最多 20 位接手人", "At most 20 people"));
        }
        for (place, receiver) in self.receivers.iter().enumerate() {
            let at = format!("receivers.{place}.to");
            if receiver.to == self.from {
                faults.push(Fault::new(at, "same", "不能交接给本人", "Nobody hands over to themselves"));
            } else if !cx.org.is_active(receiver.to.number()) {
                faults.push(Fault::new(
                    at,
                    "unknown_reference",
                    "应为在职的同事",
                    "Must be somebody of the company",
                ));
            }
        }
        if complete
            && self
                .receivers
                .last()
                .is_some_and(|last| last.filter.as_ref().is_some_and(|one| !one.is_null()))
        {
            let (zh, en) =
                ("最后一位接手人不设条件，接手其余全部", "The last one takes the rest and has no condition");
            let at = format!("receivers.{}.filter", self.receivers.len() - 1);
            faults.push(Fault::new(at, "not_last", zh, en));
        }
        if self.note.chars().count() > LONGEST_NOTE {
            faults.push(Fault::new("note", "length", "最多 4000 个字", "At most 4,000 characters"));
        }
        if let Some(unknown) = self.leave.iter().find(|name| cx.schema.object(name).is_none()) {
            let (zh, en) = (format!("没有“{unknown}”这个对象"), format!("There is no object “{unknown}”"));
            faults.push(Fault::new("leave", "unknown_object", zh, en));
        }
        if self.deactivate && from == cx.author() {
            faults.push(Fault::new(
                "deactivate",
                "same",
                "不能停用自己的账号",
                "Nobody closes their own account",
            ));
        }
        if !faults.is_empty() {
            return Err(faults.into());
        }
        let customers = cx.object(CUSTOMER)?.clone();
        let access = cx.access_or_none(conn, &customers)?;
        let condition = |receiver: &Receiver| match receiver.filter.as_ref().filter(|json| !json.is_null()) {
            // Whoever may not read a field must not learn by counts whose customers pass a condition on it.
            Some(json) => list::filter(cx, &access, json),
            None => Ok(Resolved::everything()),
        };
        self.receivers.iter().map(condition).collect()
    }
}
