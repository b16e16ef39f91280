//! Where a record can go from its stage, what is still missing for it, and going there with the missing in one call.

use super::definition::{Definition, Meaning};
use super::{follow, gate, lifecycle, moves, stage_field, stage_of};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::formulas;
use crate::records::get::{self, Answer};
use crate::records::load::{self, Record};
use crate::records::render::Names;
use crate::records::update;
use crate::records::write::check_own;
use crate::shown::instant_text;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::moment::DAY_MS;
use huike_model::schema::ChoiceOption;
use huike_model::{Code, Fault, Field, Object, Value};
use huike_store::Conn;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// A move that somebody asks for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub to: String,
    /// What is filled in on the way.
    pub values: Map<String, Json>,
    pub note: Option<String>,
}

const LONGEST_NOTE: usize = 500;

impl Engine {
    /// The stages of a record's object, where the record stands, what each other stage still needs, what happens by itself, and the way so
    /// far.
    ///
    /// # Errors
    /// `not_found`: the record, its stage, or an object without stages.
    pub async fn transitions(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let field = stage_field(&cx, &object).ok_or(Code::NotFound)?.clone();
            let record = load::find_or_survivor(conn, &cx, &access, id)?;
            if access.on_row(&field, &record.reached) < FieldAccess::Read {
                return Err(Code::NotFound.into());
            }
            shown(conn, &cx, &access, &field, &record)
        })
        .await
    }

    /// Moves a record to a stage, with what is filled in on the way: all of it, or nothing.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `stale`, `invalid` with everything that is missing.
    pub async fn transition(
        &self,
        cx: Cx,
        object: String,
        id: i64,
        version: Option<i64>,
        request: Request,
    ) -> Result<Answer> {
        let engine = self.clone();
        self.write(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            let field = stage_field(&cx, &object).ok_or(Code::NotFound)?.clone();
            if request.note.as_deref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
                return Err(Fault::new("note", "too_long", "最多 500 个字", "At most 500 characters").into());
            }
            let mut body = request.values.clone();
            body.insert(field.name.clone(), request.to.as_str().into());
            let note = request.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
            let meta = note.map(|note| json!({"stage": {"note": note}}));
            update::update_noted(conn, &engine, &cx, &access, id, version, &body, meta)?;
            get::answer(conn, &cx, &access, id)
        })
        .await
    }
}

fn shown(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    field: &Arc<Field>,
    record: &Record,
) -> Result<Json> {
    let object = access.object.clone();
    let known = lifecycle(cx, &object);
    let definition = known.as_ref().map(|known| &known.definition);
    let now = stage_of(&record.values, field).map(str::to_owned);
    let may = !record.deleted
        && access.on_row(field, &record.reached) == FieldAccess::Write
        && update::may_write(conn, cx, access, record.id)?;
    let mut items = Vec::new();
    for option in &field.options {
        let current = Some(option.value.as_str()) == now.as_deref();
        if option.retired && !current {
            continue;
        }
        let mut item = stage_json(cx, option, definition);
        item["current"] = current.into();
        if !current {
            let faults = faults(cx, access, definition, field, option, record);
            let closed = faults.iter().find(|fault| fault.code == gate::CLOSED);
            item["permitted"] = (may && closed.is_none()).into();
            item["why_not"] = closed.map(|fault| fault.message.get(cx.lang()).to_owned()).into();
            // What is filled in is the business of those who can move it.
            let missing = faults.iter().filter(|fault| may && fault.code != gate::CLOSED);
            item["missing"] =
                missing.map(|fault| missing_json(cx, access, &object, field, record, fault)).collect();
        }
        items.push(item);
    }
    let created = record.values.int("created_at").unwrap_or(cx.moment.now);
    let since = moves::entered(conn, &object, record.id, now.as_deref(), created)?;
    let ahead = definition.map(|definition| follow::ahead(cx, access, definition, field, record));
    Ok(json!({
        "field": field.name,
        "stage": now,
        "since": instant_text(since),
        "days": (cx.moment.now - since).max(0) / DAY_MS,
        "items": items,
        "ahead": ahead.unwrap_or_default(),
        "history": history(conn, cx, access, field, record)?,
    }))
}

fn stage_json(cx: &Cx, option: &ChoiceOption, definition: Option<&Definition>) -> Json {
    let meaning = definition.map_or(Meaning::Open, |definition| definition.meaning(&option.value));
    json!({"to": option.value, "label": option.label.get(cx.lang()), "color": option.color, "meaning": meaning})
}

/// Everything that a move to a stage would be refused for.
fn faults(
    cx: &Cx,
    access: &ObjectAccess,
    definition: Option<&Definition>,
    field: &Arc<Field>,
    option: &ChoiceOption,
    record: &Record,
) -> Vec<Fault> {
    let mut values = record.values.clone();
    values.set(&field.name, Value::from(option.value.as_str()));
    formulas::compute(&mut values);
    let mut faults = definition
        .and_then(|definition| Some((definition, definition.stage(&option.value)?)))
        .map(|(definition, stage)| {
            gate::faults(cx, access, definition, stage, stage_of(&record.values, field), &values)
        })
        .unwrap_or_default();
    for fault in check_own(&values, std::slice::from_ref(field)) {
        let about =
            access.object.field(&fault.field).is_none_or(|about| access.best(about) >= FieldAccess::Read);
        if about && !faults.iter().any(|known| known.field == fault.field) {
            faults.push(fault);
        }
    }
    faults
}

fn missing_json(
    cx: &Cx,
    access: &ObjectAccess,
    object: &Object,
    stage: &Field,
    record: &Record,
    fault: &Fault,
) -> Json {
    let about = object.field(&fault.field).filter(|about| about.name != stage.name);
    let fill = about.is_some_and(|about| {
        !about.read_only() && access.on_row(about, &record.reached) == FieldAccess::Write
    });
    json!({
        "field": about.map(|about| about.name.clone()),
        "label": about.map(|about| about.label.get(cx.lang()).to_owned()),
        "code": fault.code,
        "message": fault.message.get(cx.lang()),
        // Whether the caller can fill it in; otherwise something else must happen first.
        "fill": fill,
    })
}

fn history(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    field: &Field,
    record: &Record,
) -> Result<Vec<Json>> {
    let in_full = record.open_in_full(access);
    let moves = moves::of_record(conn, record.values.object(), record.id)?;
    let mut names = Names::default();
    names.add(conn, cx, "user", moves.iter().map(|one| one.by).filter(|by| *by > 0))?;
    let label = |stage: &Option<String>| {
        let value = stage.as_deref()?;
        let text = field.option(value).map_or(value, |option| option.label.get(cx.lang()));
        Some(json!({"value": value, "label": text}))
    };
    let one = |one: &moves::Move| {
        json!({
            "from": label(&one.from), "to": label(&one.to), "at": instant_text(one.at), "days": one.stayed / DAY_MS,
            "by": (one.by > 0).then(|| names.reference("user", one.by)), "automatic": one.automatic,
            "note": one.note.as_ref().filter(|_| in_full),
        })
    };
    Ok(moves.iter().map(one).collect())
}
