//! Who looks at a record, writes or calls now. Kept in memory by each node and forgotten by itself: nothing of it is a fact about a
//! customer, and nothing of it outlives the minute. Only whoever may read a record is told, and only of that.

use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::load;
use crate::records::render::id_text;
use crate::shown::instant_text;
use huike_model::Code;
use huike_store::query::Deleted;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use tokio::sync::broadcast;

/// Whoever says nothing for so long has gone.
const KEPT_MS: i64 = 60_000;
/// More people at one record, or records of one person, are not kept.
const MOST: usize = 50;
const LISTENED: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    Looking,
    Writing,
    Calling,
    /// Has closed it.
    Left,
}

/// What a page says of its person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresentHere {
    pub object: String,
    pub record: huike_model::Id,
    pub doing: Doing,
}

#[derive(Clone, Copy, Debug)]
struct Here {
    user: i64,
    doing: Doing,
    since: i64,
    until: i64,
}

/// Something changed about who is at a record.
#[derive(Clone, Debug)]
pub struct Stirred {
    pub object: String,
    pub record: i64,
    pub by: i64,
    /// Who is there and is to be told.
    pub people: Vec<i64>,
}

/// Who is where on this node.
pub struct Presence {
    here: Mutex<HashMap<(String, i64), Vec<Here>>>,
    stirred: broadcast::Sender<Stirred>,
}

impl Default for Presence {
    fn default() -> Presence {
        Presence { here: Mutex::default(), stirred: broadcast::channel(LISTENED).0 }
    }
}

impl Presence {
    pub fn listen(&self) -> broadcast::Receiver<Stirred> {
        self.stirred.subscribe()
    }

    /// Notes where somebody is; who else is there.
    fn note(&self, at: (&str, i64), user: i64, doing: Doing, now: i64) -> Vec<Here> {
        let mut all = self.here.lock();
        all.retain(|_, people| {
            people.retain(|here| here.until > now);
            !people.is_empty()
        });
        let mine = all.values().filter(|people| people.iter().any(|here| here.user == user)).count();
        let people = all.entry((at.0.to_owned(), at.1)).or_default();
        let before = people.iter().find(|here| here.user == user).copied();
        people.retain(|here| here.user != user);
        let room = people.len() < MOST && (mine < MOST || before.is_some());
        if doing != Doing::Left && room {
            let same = before.filter(|here| here.doing == doing);
            people.push(Here {
                user,
                doing,
                since: same.map_or(now, |here| here.since),
                until: now + KEPT_MS,
            });
        }
        let others: Vec<Here> = people.iter().filter(|here| here.user != user).copied().collect();
        let stirs =
            before.map(|here| here.doing) != Some(doing) && !(before.is_none() && doing == Doing::Left);
        if stirs && !others.is_empty() {
            let people = others.iter().map(|here| here.user).collect();
            // Nobody listening is no fault.
            let _ = self.stirred.send(Stirred { object: at.0.to_owned(), record: at.1, by: user, people });
        }
        others
    }
}

impl Engine {
    /// Says what the caller does at a record; who else is there.
    ///
    /// # Errors
    /// `not_found` for a record out of reach.
    pub async fn be_present(&self, cx: Cx, said: PresentHere) -> Result<Json> {
        let engine = self.clone();
        self.read(move |conn| {
            let me = cx.caller.actor.user();
            let object = cx.schema.object(&said.object).cloned().ok_or(Code::NotFound)?;
            let access = cx.access(conn, &object)?;
            let record = load::find(conn, &cx, &access, said.record.number(), Deleted::Live)?;
            let others = engine.presence().note((&object.name, record.id), me, said.doing, cx.moment.now);
            let item = |here: &Here| {
                let name = cx.org.user(here.user).map(|person| &person.name);
                json!({"user": {"id": id_text(here.user), "name": name}, "doing": here.doing, "since": instant_text(here.since)})
            };
            Ok(json!({"items": others.iter().map(item).collect::<Vec<Json>>()}))
        })
        .await
    }
}
