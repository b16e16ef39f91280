//! Colleagues named in a text, as `@张伟`: they are told of it, once for each record.

use super::load;
use super::values::Values;
use crate::access::Person;
use crate::cx::{Actor, Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::Draft;
use huike_model::kinds::FieldType;
use huike_store::Conn;
use huike_store::query::Deleted;
use serde_json::json;
use std::collections::BTreeSet;

/// People named in one text that are told; a longer list is a mailing, not a word to a colleague.
const MOST: usize = 20;

/// Tells whoever is named in what was written and wasn't before, and may read the record: nobody is told of what they can't see.
///
/// # Errors
/// The database's.
pub fn tell(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    before: Option<&Values>,
    after: &Values,
) -> Result<()> {
    let object = after.object().clone();
    let Some(record) = after.int("id") else { return Ok(()) };
    if !object.timeline || cx.is_system() || !matches!(cx.caller.via, Via::Page | Via::Api) {
        return Ok(());
    }
    let texts = |values: &Values| -> String {
        let written = object.fields().filter(|field| field.kind == FieldType::LongText && !field.encrypted);
        written
            .filter_map(|field| values.of(field).as_text().map(str::to_owned))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let now = texts(after);
    if !now.contains('@') {
        return Ok(());
    }
    let known = before.map(|before| named(cx, &texts(before))).unwrap_or_default();
    let new: Vec<i64> = named(cx, &now)
        .into_iter()
        .filter(|user| !known.contains(user) && *user != cx.author())
        .take(MOST)
        .collect();
    for user in new {
        if !reads(conn, engine, cx, &object.name, record, user)? {
            continue;
        }
        let once = format!("mention:{}:{record}:{user}", object.name);
        let mut draft = Draft::plain(user, "mention", json!({"by": cx.author()}), once);
        draft.subject = Some((object.name.clone(), record));
        draft.title = after.title();
        conn.batch(&draft.insert(conn, cx)?)?;
    }
    Ok(())
}

/// The active people named behind an `@`; of several names that fit the longest.
fn named(cx: &Cx, text: &str) -> BTreeSet<i64> {
    let active: Vec<&Person> =
        cx.org.users().filter(|person| person.active && !person.name.is_empty()).collect();
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices('@') {
        let rest = &text[at + 1..];
        let fits = active.iter().filter(|person| rest.starts_with(person.name.as_str()));
        let Some(longest) = fits.clone().map(|person| person.name.len()).max() else { continue };
        found.extend(fits.filter(|person| person.name.len() == longest).map(|person| person.id));
    }
    found
}

fn reads(conn: &mut Conn, engine: &Engine, cx: &Cx, object: &str, record: i64, user: i64) -> Result<bool> {
    let caller = Caller { actor: Actor::User(user), ..cx.caller.clone() };
    let theirs = engine.cx(caller)?;
    let Some(object) = theirs.schema.object(object).cloned() else { return Ok(false) };
    let access = theirs.access_or_none(conn, &object)?;
    Ok(access.reads_anything()
        && !load::find_many(conn, &theirs, &access, &[record], Deleted::Live)?.is_empty())
}
