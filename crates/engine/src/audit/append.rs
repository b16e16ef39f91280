//! Rows of the change log for what is no write of a record: sign-ins, rights, settings.

use crate::cx::{Actor, Caller, Via};
use crate::engine::Engine;
use crate::error::Result;
use huike_store::Conn;
use huike_store::log::LogEntry;
use serde_json::Value as Json;

/// Who did it.
#[derive(Clone, Debug)]
pub struct Author {
    /// The user; none for a stranger who failed to sign in.
    pub actor: Option<i64>,
    pub kind: &'static str,
    pub via: Via,
    /// Names the request; may be empty.
    pub request: String,
}

impl Author {
    /// A person who is about to sign in.
    pub fn user(user: i64, via: Via, request: &str) -> Author {
        Author { actor: Some(user), kind: Actor::User(user).kind(), via, request: request.to_owned() }
    }

    /// Somebody who has not shown who they are.
    pub fn stranger(via: Via, request: &str) -> Author {
        Author { actor: None, kind: "stranger", via, request: request.to_owned() }
    }
}

impl From<&Caller> for Author {
    fn from(caller: &Caller) -> Author {
        let (actor, kind) = (caller.actor.person(), caller.actor.kind());
        Author { actor: Some(actor), kind, via: caller.via, request: caller.request.clone() }
    }
}

/// What happened. It never holds a secret, not even a hashed one.
#[derive(Clone, Debug, Default)]
pub struct Note<'a> {
    pub object: &'a str,
    pub record: Option<i64>,
    pub op: &'a str,
    pub before: Option<Json>,
    pub after: Option<Json>,
    pub meta: Option<Json>,
}

impl<'a> Note<'a> {
    pub fn new(op: &'a str, object: &'a str, record: impl Into<Option<i64>>) -> Note<'a> {
        Note { object, record: record.into(), op, ..Note::default() }
    }

    pub fn change(mut self, before: Json, after: Json) -> Note<'a> {
        (self.before, self.after) = (Some(before), Some(after));
        self
    }

    pub fn meta(mut self, meta: Json) -> Note<'a> {
        self.meta = Some(meta);
        self
    }
}

/// Writes it down in the transaction of what it describes, and wakes the log's readers once that is committed.
///
/// # Errors
/// The database's.
pub fn append(conn: &mut Conn, engine: &Engine, author: &Author, note: Note<'_>) -> Result<()> {
    let text = |json: Option<Json>| json.map(|json| json.to_string());
    let entry = LogEntry {
        tx: conn.tx_number()?,
        id: conn.next_id()?,
        at: engine.now(),
        actor: author.actor,
        actor_kind: author.kind.to_owned(),
        via: author.via.name().to_owned(),
        request: Some(author.request.clone()).filter(|request| !request.is_empty()),
        object: note.object.to_owned(),
        record_id: note.record,
        op: note.op.to_owned(),
        before: text(note.before),
        after: text(note.after),
        meta: text(note.meta),
    };
    conn.execute(&entry.insert()?)?;
    let engine = engine.clone();
    conn.after_commit(Box::new(move || engine.events().wake()));
    Ok(())
}
