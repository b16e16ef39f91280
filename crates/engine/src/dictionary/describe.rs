//! The dictionary as a caller may know it: hidden fields and objects are not in it at all.

use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_matching::pinyin::syllables;
use huike_model::access::{AdminArea, FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::{Filter, Path};
use huike_model::schema::layout::{LayoutCase, SectionDefinition};
use huike_model::schema::{Layer, Measure, Rule, ViewDefinition};
use huike_model::{Code, Field, Object};
use huike_store::Conn;
use serde_json::{Value as Json, json};
use std::sync::Arc;

impl Engine {
    /// Every object that the caller may see, as docs/interface.md describes it.
    ///
    /// # Errors
    /// Only the database's.
    pub async fn describe_dictionary(&self, cx: Cx) -> Result<Json> {
        self.read(move |conn| {
            let mut objects = Vec::new();
            for object in cx.schema.objects() {
                objects.extend(describe(conn, &cx, object)?);
            }
            Ok(json!({"version": cx.schema.version, "objects": objects, "trees": super::trees::TREES}))
        })
        .await
    }

    /// # Errors
    /// `not_found`.
    pub async fn describe_object(&self, cx: Cx, object: String) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            describe(conn, &cx, &object)?.ok_or_else(|| Code::NotFound.into())
        })
        .await
    }
}

/// What the caller may know of one object; none when it is nothing.
///
/// # Errors
/// Only the database's.
pub fn describe(conn: &mut Conn, cx: &Cx, object: &Arc<Object>) -> Result<Option<Json>> {
    let access = cx.access_or_none(conn, object)?;
    let designs = cx.require(AdminArea::Dictionary).is_ok();
    if !access.reads_anything() && !access.create && !designs {
        return Ok(None);
    }
    let visible = |field: &Field| {
        let may = access.best(field).max(access.for_new(field));
        if designs { may.max(FieldAccess::Read) } else { may }
    };
    let known = |name: &str| object.field(name).is_some_and(|field| visible(field) > FieldAccess::Hidden);
    let fields: Vec<Json> = object
        .fields()
        .filter(|field| {
            visible(field) > FieldAccess::Hidden
                && !matches!(field.name.as_str(), "id" | "version" | "deleted_at")
                // Of use to the score alone, which tells what follows from it.
                && field.measure != Some(Measure::Checked)
        })
        .map(|field| self::field(&access, field, visible(field)))
        .collect();
    let retired: Vec<Json> = if designs {
        object
            .all_fields()
            .filter(|field| field.retired)
            .map(|field| self::field(&access, field, FieldAccess::Read))
            .collect()
    } else {
        Vec::new()
    };
    let names = |names: &[String]| names.iter().filter(|name| known(name)).cloned().collect::<Vec<_>>();
    let sections = |sections: &[SectionDefinition]| -> Vec<Json> {
        sections
            .iter()
            .map(|section| json!({"label": section.label, "fields": names(&section.fields)}))
            .filter(|section| section["fields"].as_array().is_some_and(|fields| !fields.is_empty()))
            .collect()
    };
    let layout = json!({
        "short": names(&object.layout.short),
        "card": names(&object.layout.card),
        "sections": sections(&object.layout.sections),
        "hidden": names(&object.layout.hidden),
    });
    let layouts: Vec<Json> = object
        .layouts
        .iter()
        .filter(|case| meant_for(cx, case) && case.when.as_ref().is_none_or(|when| known(&when.field)))
        .map(|case| {
            json!({
                "name": case.name,
                "when": case.when,
                "short": names(&case.short),
                "sections": sections(&case.sections),
                "hidden": names(&case.hidden),
            })
        })
        .collect();
    let views: Vec<Json> = object
        .views
        .iter()
        .filter(|view| usable(cx, &access, view))
        .map(|view| self::view(view, &names))
        .collect();
    let mut described = json!({
        "name": object.name,
        "label": object.label,
        "label_plural": object.label_plural,
        "pinyin": spelled(&object.label_plural.zh),
        "help": object.help,
        "layer": object.layer,
        "icon": object.icon,
        "custom": object.custom,
        "search": object.search,
        "timeline": object.timeline,
        "name_field": object.name_field.name,
        "can": can(&access),
        "fields": fields,
        "retired_fields": retired,
        "views": views,
        "layout": layout,
        "layouts": layouts,
        "related": related(conn, cx, object)?,
    });
    if designs {
        described["all_layouts"] = json!(object.layouts);
        described["demanded"] = json!(demanded(object));
        described["duplicates"] = duplicates(object);
        described["merge"] = if object.duplicates.is_empty() { Json::Null } else { json!(object.merge) };
        described["rules"] = object.rules.iter().map(saving_rule).collect();
    }
    Ok(Some(described))
}

/// How a name is found by who types letters: in full and by initials, `kehu kh`.
fn spelled(name: &str) -> String {
    let readings = syllables(name);
    let first: Vec<&str> = readings.iter().filter_map(|readings| readings.first().copied()).collect();
    let initials: String = first.iter().filter_map(|syllable| syllable.chars().next()).collect();
    format!("{} {initials}", first.concat())
}

/// Whether a layout is for the caller, by their roles.
fn meant_for(cx: &Cx, case: &LayoutCase) -> bool {
    let roles = cx.org.user(cx.moment.me).map(|person| person.roles.as_slice()).unwrap_or_default();
    case.roles.is_empty() || roles.iter().any(|role| case.is_for(*role))
}

fn saving_rule(rule: &Rule) -> Json {
    json!({"name": rule.name, "check": rule.check.source(), "field": rule.field, "message": rule.message})
}

/// When a new record is taken for one that is there, and what happens then; nothing for objects that aren't compared.
fn duplicates(object: &Object) -> Json {
    match object.duplicates.is_empty() {
        true => Json::Null,
        false => json!({"keys": object.duplicates, "policy": object.duplicate_policy.written_out()}),
    }
}

/// What somebody must fill in by hand to make a record; whoever designs the form is warned when that is more than five.
fn demanded(object: &Object) -> Vec<&str> {
    let asked = |field: &&Arc<Field>| {
        field.required && field.default.is_none() && !field.system && !field.read_only()
    };
    object.fields().filter(asked).map(|field| field.name.as_str()).collect()
}

fn can(access: &ObjectAccess) -> Json {
    json!({
        "read": access.reads_anything(),
        "create": access.create,
        "update": !access.update_scope().is_nothing(),
        "delete": !access.delete_scope().is_nothing(),
        "import": access.import,
        "export": access.export,
        "share": access.share,
    })
}

fn field(access: &ObjectAccess, field: &Field, may: FieldAccess) -> Json {
    // What is readable on some records only can't order or total a list, and filters only among these.
    let everywhere = matches!(access.reach(field, FieldAccess::Read), FieldReach::Everywhere);
    let readable = access.best(field) >= FieldAccess::Read;
    let mut described = json!({
        "name": field.name,
        "type": field.kind.name(),
        "value_type": field.value_type().name(),
        "label": field.label,
        "help": field.help,
        "required": field.required,
        "unique": field.unique,
        "level": field.level,
        "access": may.name(),
        "read_only": field.read_only() || may < FieldAccess::Write,
        "computed": field.computed(),
        "system": field.system,
        "custom": field.custom,
        "retired": field.retired,
        "encrypted": field.encrypted,
        "searchable": field.searchable,
        "sortable": field.sortable() && everywhere,
        "filterable": field.filterable() && readable,
        "operators": if readable { field.operators().iter().map(|op| op.name()).collect() } else { Vec::new() },
        "default": field.default,
        "scale": field.scale,
        "max_length": field.max_length,
    });
    let unit = 10f64.powi(field.scale as i32);
    let optional = [
        ("options", (!field.options.is_empty()).then(|| json!(field.options))),
        ("reference", field.target().map(Json::from)),
        ("tree", field.tree.as_deref().map(Json::from)),
        ("min", field.min.map(|min| json!(min as f64 / unit))),
        ("max", field.max.map(|max| json!(max as f64 / unit))),
        ("min_length", field.min_length.map(Json::from)),
        ("pattern", field.pattern.as_ref().map(|pattern| pattern.as_str().into())),
        ("format", field.format.as_deref().map(Json::from)),
        ("formula", field.formula.as_ref().map(|formula| formula.source().into())),
        ("rollup", field.rollup.as_ref().map(|rollup| json!(rollup))),
        ("owner", field.owner.as_deref().map(Json::from)),
        ("steward", field.steward.as_deref().map(Json::from)),
        ("paste", field.paste.map(|role| role.name().into())),
        ("freshness_days", field.freshness_days.map(Json::from)),
        ("source_note", field.source_note.as_deref().map(Json::from)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            described[name] = value;
        }
    }
    described
}

/// A view is offered when the caller may use everything that it filters and sorts by.
fn usable(cx: &Cx, access: &ObjectAccess, view: &ViewDefinition) -> bool {
    let sorts = view.sort.iter().map(|key| key.trim_start_matches('-')).all(|name| {
        access
            .object
            .field(name)
            .is_some_and(|field| matches!(access.reach(field, FieldAccess::Read), FieldReach::Everywhere))
    });
    let grouped =
        view.group.iter().chain(&view.date).all(|name| {
            access.object.field(name).is_some_and(|field| access.best(field) >= FieldAccess::Read)
        });
    let reads = |path: &Path| {
        let first = path.hops.first().map_or(&path.field, |hop| &hop.field);
        access.best(first) >= FieldAccess::Read
    };
    let filtered = view.filter.as_ref().is_none_or(|filter| {
        Filter::check_at(filter, &access.object.name, &*cx.schema, &cx.moment)
            .is_ok_and(|filter| filter.leaves().iter().all(|leaf| reads(&leaf.path)))
    });
    sorts && grouped && filtered
}

fn view(view: &ViewDefinition, names: &dyn Fn(&[String]) -> Vec<String>) -> Json {
    let sort: Vec<Json> = view
        .sort
        .iter()
        .map(|key| json!({"field": key.trim_start_matches('-'), "desc": key.starts_with('-')}))
        .collect();
    json!({
        "name": view.name,
        "label": view.label,
        "kind": view.kind,
        "filter": view.filter,
        "sort": sort,
        "columns": names(&view.columns),
        "group": view.group,
        "date": view.date,
    })
}

/// Objects whose records point here and which the caller may see.
fn related(conn: &mut Conn, cx: &Cx, object: &Object) -> Result<Vec<Json>> {
    let mut related = Vec::new();
    for (child, via) in cx
        .schema
        .references_to(&object.name)
        .filter(|(child, via)| !via.system && child.layer != Layer::System)
    {
        let access = cx.access_or_none(conn, child)?;
        if access.reads_anything() && access.best(via) >= FieldAccess::Read {
            let label = via.inverse.as_ref().map_or(&child.label_plural, |inverse| &inverse.label);
            related.push(json!({"object": child.name, "via": via.name, "label": label}));
        }
    }
    Ok(related)
}
