//! What a typed sentence says of the next step, and whom of a record's people it means. Nothing is written: the page shows it as a
//! proposal to correct.

use super::load::{self, Record};
use super::render::id_text;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::shown;
use huike_matching::sentence::{Mention, understand};
use huike_matching::{person, text};
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::schema::SortKey;
use huike_model::{Code, Field, Object, Value};
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// More people than this at one record are not looked through.
const PEOPLE: i64 = 100;

/// A sentence, and the record that it is about.
#[derive(Clone, Debug)]
pub struct Sentence {
    pub text: String,
    pub about: Option<(String, i64)>,
}

impl Engine {
    /// Step, time and people of a sentence.
    ///
    /// # Errors
    /// `not_found` for a record out of the caller's reach.
    pub async fn understand(&self, cx: Cx, sentence: Sentence) -> Result<Json> {
        self.read(move |conn| {
            let found = understand(&sentence.text, cx.moment.local(cx.moment.now));
            let people = match &sentence.about {
                Some((object, id)) => people(conn, &cx, object, *id)?,
                None => Vec::new(),
            };
            let step = found.step.map(|step| {
                json!({
                    "text": step.text,
                    "at": shown::instant_text(cx.moment.instant(step.at)),
                    "timed": step.timed,
                    "said": step.said,
                })
            });
            let written = text::fold(&sentence.text);
            Ok(json!({"next_step": step, "people": meant(&people, &found.people, &written)}))
        })
        .await
    }
}

/// Somebody who belongs to the record.
struct Known {
    object: String,
    via: String,
    id: i64,
    name: String,
}

/// The people who point to a record, as far as the caller may read their names: records of objects whose name is a person's.
fn people(conn: &mut Conn, cx: &Cx, object: &str, id: i64) -> Result<Vec<Known>> {
    let parent = cx.object(object)?.clone();
    let access = cx.access(conn, &parent)?;
    load::find(conn, cx, &access, id, Deleted::Live).map_err(|_| Code::NotFound)?;
    let mut found = Vec::new();
    let schema = cx.schema.clone();
    for (child, via) in schema.references_to(object) {
        if child.name_field.sort == Some(SortKey::Person) && !via.system {
            found.extend(children(conn, cx, child, via, id)?);
        }
    }
    Ok(found)
}

fn children(
    conn: &mut Conn,
    cx: &Cx,
    child: &Arc<Object>,
    via: &Arc<Field>,
    parent: i64,
) -> Result<Vec<Known>> {
    let access: ObjectAccess = cx.access_or_none(conn, child)?;
    let through = match access.reach(via, FieldAccess::Read) {
        FieldReach::Nowhere => return Ok(Vec::new()),
        FieldReach::Everywhere => Resolved::everything(),
        FieldReach::Where(reach) => reach,
    };
    let fields = vec![child.name_field.clone()];
    let mut query = RecordQuery::new(&access, &cx.schema, &fields);
    query.filter = Resolved::own(&child.name, via, Test::Equal(Value::Int(parent))).and(through);
    query.limit = PEOPLE;
    let rows = query.run(conn)?;
    let readable = |record: &Record| access.on_row(&child.name_field, &record.reached) >= FieldAccess::Read;
    let records = load::records(conn, cx, child, &fields, rows)?;
    Ok(records
        .into_iter()
        .filter(readable)
        .map(|record| Known {
            object: child.name.clone(),
            via: via.name.clone(),
            id: record.id,
            name: record.values.title(),
        })
        .collect())
}

/// Whom the sentence means: by the whole name, or by surname and title if that can be only one.
fn meant(known: &[Known], mentions: &[Mention], written: &str) -> Vec<Json> {
    let shown = |one: &Known, said: &str| json!({"object": one.object, "via": one.via, "id": id_text(one.id), "name": one.name, "said": said});
    let mut found: Vec<(i64, Json)> = Vec::new();
    for one in known {
        let name = text::fold(&person::parse(&one.name).name);
        if name.chars().count() > 1 && written.contains(&name) {
            found.push((one.id, shown(one, &one.name)));
        }
    }
    for mention in mentions {
        let name = text::fold(&mention.name);
        let fits: Vec<&Known> = known
            .iter()
            .filter(|one| {
                let known = person::parse(&one.name);
                text::fold(&known.name).starts_with(&name)
                    || known.surname.is_some_and(|surname| text::fold(&surname) == name)
            })
            .collect();
        if let [one] = fits[..]
            && found.iter().all(|(id, _)| *id != one.id)
        {
            found.push((one.id, shown(one, &mention.said)));
        }
    }
    found.into_iter().map(|(_, json)| json).collect()
}
