//! What a change of the dictionary would touch, told before it is made.

use super::fields::{changed_field, known};
use super::objects::changed_object;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::quality::measure::step;
use crate::records::load::{self, all_fields};
use crate::records::numbers::counter;
use crate::records::render::id_text;
use huike_model::access::{AdminArea, FieldAccess, ObjectAccess};
use huike_model::filter::{Resolved, Test};
use huike_model::kinds::FieldType;
use huike_model::schema::layout::{LayoutCase, LayoutWhen, SectionDefinition};
use huike_model::text::Label;
use huike_model::{Code, Field, Object, Schema, Value};
use huike_store::query::{Mark, RecordQuery};
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};
use std::collections::HashSet;
use std::sync::Arc;

/// Records looked at, newest first, and of those that a change would break how many are named.
const LOOKED_AT: usize = 20_000;
const SAMPLE: usize = 10;
const CHUNK: i64 = 500;
/// Records of a layout are counted up to here.
const COUNTED: i64 = 10_000;
/// How many of the numbers to come are shown.
const NUMBERS: i64 = 3;

impl Engine {
    /// Whom and how many records each layout would be for. The change is checked as [`Engine::change_object`] checks it; nothing is written.
    ///
    /// # Errors
    /// As [`Engine::change_object`].
    pub async fn preview_object(&self, cx: Cx, object: String, changes: Map<String, Json>) -> Result<Json> {
        cx.require(AdminArea::Dictionary)?;
        self.read(move |conn| {
            let (_, after, schema) = changed_object(conn, &object, &changes)?;
            let built = schema.object(&object).ok_or(Code::NotFound)?;
            let access = cx.access_or_none(conn, cx.object(&object)?)?;
            let mut layouts = Vec::new();
            for case in &after.layouts {
                layouts.push(json!({
                    "name": case.name,
                    "people": people(&cx, case),
                    "records": records_in(conn, &cx, &access, case.when.as_ref())?,
                }));
            }
            let everybody = cx.org.users().filter(|person| person.active).count();
            let asked = after.layout.short.iter().filter_map(|name| built.field(name));
            let required = asked.filter(|field| field.required).count();
            Ok(json!({"people": everybody, "required": required, "layouts": layouts}))
        })
        .await
    }

    /// What a change of a field, or with `retired` its end, would touch: records, views, forms, formulas. Nothing is written.
    ///
    /// # Errors
    /// As [`Engine::change_field`].
    pub async fn preview_field(
        &self,
        cx: Cx,
        object: String,
        field: String,
        mut changes: Map<String, Json>,
    ) -> Result<Json> {
        cx.require(AdminArea::Dictionary)?;
        self.read(move |conn| {
            let before = known(conn, &object, &field)?;
            let retires = changes.remove("retired").is_some_and(|retired| retired == Json::Bool(true));
            let (_, _, schema) = changed_field(conn, &object, &field, &changes)?;
            let built = schema.object(&object).ok_or(Code::NotFound)?;
            let after = built.any_field(&field).ok_or(Code::NotFound)?;
            let access = cx.access_or_none(conn, cx.object(&object)?)?;
            let mut impact = if access.best(&before) >= FieldAccess::Read {
                measured(conn, &cx, &access, &before, after)?
            } else {
                json!({"records": null, "filled": null, "breaking": null, "sample": [], "more": false, "options": []})
            };
            impact["used_by"] = if retires { used_by(&schema, built, &field).into() } else { json!([]) };
            impact["saved_views"] = saved_views(conn, &object, &field)?.into();
            impact["numbers"] = numbers(conn, &cx, &object, after)?.into();
            Ok(impact)
        })
        .await
    }
}

/// Active people with one of the roles that a layout is for.
fn people(cx: &Cx, case: &LayoutCase) -> usize {
    let fits = |roles: &[i64]| case.roles.is_empty() || roles.iter().any(|role| case.is_for(*role));
    cx.org.users().filter(|person| person.active && fits(&person.roles)).count()
}

/// Records in the stages that a layout is for, as far as the caller may read them; none when that is nothing.
fn records_in(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    when: Option<&LayoutWhen>,
) -> Result<Option<i64>> {
    let field = when.and_then(|when| access.object.field(&when.field));
    if !access.reads_anything() || field.is_some_and(|field| access.best(field) < FieldAccess::Read) {
        return Ok(None);
    }
    let fields = Vec::new();
    let mut query = RecordQuery::new(access, &cx.schema, &fields);
    if let (Some(field), Some(when)) = (field, when) {
        let values = when.values.iter().cloned().map(Value::Text).collect();
        query.filter = Resolved::own(&access.object.name, field, Test::OneOf(values));
    }
    Ok(Some(query.count(conn, Some(COUNTED))?))
}

/// Counts what the newest records hold, and how many of them would no longer be right.
fn measured(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    before: &Arc<Field>,
    after: &Arc<Field>,
) -> Result<Json> {
    let fields = all_fields(&access.object);
    let going: Vec<&str> = after
        .options
        .iter()
        .filter(|option| {
            option.retired && before.options.iter().any(|old| old.value == option.value && !old.retired)
        })
        .map(|option| option.value.as_str())
        .collect();
    let (mut records, mut filled, mut breaking, mut sample) = (0, 0, 0, Vec::new());
    let mut held = vec![0; going.len()];
    let mut seen = HashSet::new();
    let mut mark: Option<Mark> = None;
    let more = loop {
        let query = RecordQuery::new(access, &cx.schema, &fields);
        let (rows, next) = step(conn, query, true, mark.take(), CHUNK)?;
        for record in load::records(conn, cx, &access.object, &fields, rows)? {
            if access.on_row(before, &record.reached) < FieldAccess::Read {
                continue;
            }
            records += 1;
            let value = record.values.get(&before.name);
            filled += usize::from(!value.is_null());
            for (place, option) in going.iter().enumerate() {
                held[place] += usize::from(value.members().any(|member| member == *option));
            }
            let twin = after.unique && !value.is_null() && !seen.insert(value.clone());
            if twin || breaks(cx, after, value) {
                breaking += 1;
                let named = access.on_row(&access.object.name_field, &record.reached) >= FieldAccess::Read;
                if sample.len() < SAMPLE {
                    let name = named.then(|| record.values.title());
                    sample.push(json!({"id": id_text(record.id), "name": name}));
                }
            }
        }
        match next {
            Some(_) if records >= LOOKED_AT => break true,
            Some(next) => mark = Some(next),
            None => break false,
        }
    };
    let options: Vec<Json> =
        going.iter().zip(&held).map(|(value, records)| json!({"value": value, "records": records})).collect();
    Ok(json!({
        "records": records, "filled": filled, "breaking": breaking, "sample": sample, "more": more, "options": options,
    }))
}

/// Types whose limits an administrator sets; of others a stored value stays right whatever is changed.
const LIMITED: [FieldType; 8] = [
    FieldType::Text,
    FieldType::LongText,
    FieldType::Integer,
    FieldType::Decimal,
    FieldType::Money,
    FieldType::Percent,
    FieldType::Rating,
    FieldType::Duration,
];

fn breaks(cx: &Cx, field: &Field, value: &Value) -> bool {
    if value.is_null() {
        return field.required && !field.read_only();
    }
    let kind = field.kind.kind();
    LIMITED.contains(&field.kind) && kind.parse(&kind.to_json(value, field), field, &cx.moment).is_err()
}

/// What the dictionary itself makes of a field.
fn used_by(schema: &Schema, object: &Object, field: &str) -> Vec<Json> {
    let mut uses = Vec::new();
    let mut note = |kind: &str, label: &Label| uses.push(json!({"kind": kind, "label": label}));
    for view in &object.views {
        let sorts = view.sort.iter().map(|key| key.trim_start_matches('-'));
        let mut named = view.columns.iter().map(String::as_str).chain(sorts).chain(view.group.as_deref());
        let filters = view.filter.as_ref().is_some_and(|filter| names(filter, field));
        if filters || named.any(|name| name == field) || view.date.as_deref() == Some(field) {
            note("view", &view.label);
        }
    }
    let placed = |short: &[String], sections: &[SectionDefinition]| {
        let mut all = short.iter().chain(sections.iter().flat_map(|section| &section.fields));
        all.any(|name| name == field)
    };
    if placed(&object.layout.short, &object.layout.sections) {
        note("form", &object.label);
    }
    for case in object.layouts.iter().filter(|case| placed(&case.short, &case.sections)) {
        note("form", &case.label);
    }
    for other in object.fields() {
        let reads =
            other.formula.as_ref().is_some_and(|formula| formula.reads.iter().any(|name| name == field));
        if reads {
            note("formula", &other.label);
        }
    }
    for rule in object.rules.iter().filter(|rule| rule.check.reads.iter().any(|name| name == field)) {
        note("rule", &rule.message);
    }
    for link in schema.rollups_from(&object.name) {
        let named = |of: &Option<Arc<Field>>| of.as_ref().is_some_and(|of| of.name == field);
        if named(&link.rollup.field) || named(&link.rollup.by) || link.rollup.via.name == field {
            note("rollup", &link.field.label);
        }
    }
    uses
}

/// Whether a filter names a field of the object itself.
fn names(filter: &Json, field: &str) -> bool {
    match filter {
        Json::Object(members) => {
            let own = members.get("field").and_then(Json::as_str).and_then(|path| path.split('.').next());
            own == Some(field) || members.values().any(|member| names(member, field))
        }
        Json::Array(list) => list.iter().any(|member| names(member, field)),
        _ => false,
    }
}

/// How many kept views of people name a field.
fn saved_views(conn: &mut Conn, object: &str, field: &str) -> Result<i64> {
    let quoted = format!("%\"{field}\"%");
    let mut sql = Sql::raw("select count(*) from \"view\" where deleted_at is null and object = ");
    sql.bind(object);
    sql.push(" and (coalesce(columns, '') like ").bind(quoted.as_str());
    sql.push(" or coalesce(filter, '') like ").bind(quoted.as_str());
    sql.push(" or coalesce(sort, '') like ").bind(quoted.as_str());
    sql.push(" or \"group\" = ").bind(field);
    sql.push(" or date = ").bind(field).push(")");
    Ok(conn.query_one(&sql)?.int(0)?)
}

/// The numbers that records would get next.
fn numbers(conn: &mut Conn, cx: &Cx, object: &str, field: &Field) -> Result<Vec<String>> {
    if field.kind != FieldType::AutoNumber {
        return Ok(Vec::new());
    }
    let counter = counter(cx, object, field);
    let known = conn.query_opt(&Sql::with(
        "select next from number_counter where rule = $1 and period = $2",
        [counter.rule.as_str().into(), counter.period.as_str().into()],
    )?)?;
    let first = known.map(|row| row.int(0)).transpose()?.unwrap_or(1);
    Ok((first..first + NUMBERS).map(|number| counter.text(number)).collect())
}
