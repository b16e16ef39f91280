//! Records as schemas: `customer` as it is read, `customer.create` and `customer.patch` as it is written.

use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::kinds::FieldType;
use huike_model::value::scaled_to_json;
use huike_model::{Field, Label};
use serde_json::{Map, Value as Json, json};

/// Adds every object's schemas, and `Record…` for any of them.
pub fn add(schemas: &mut Map<String, Json>, objects: &[ObjectAccess]) {
    for access in objects {
        let name = &access.object.name;
        schemas.insert(name.clone(), read(access));
        schemas.insert(format!("{name}.create"), create(access));
        schemas.insert(format!("{name}.patch"), patch(access));
    }
    for (any, suffix) in [("Record", ""), ("RecordCreate", ".create"), ("RecordPatch", ".patch")] {
        let each: Vec<Json> = objects
            .iter()
            .map(|access| json!({"$ref": format!("#/components/schemas/{}{suffix}", access.object.name)}))
            .collect();
        // Strangers see no object: any record then.
        schemas.insert(
            any.to_owned(),
            if each.is_empty() { json!({"type": "object"}) } else { json!({"anyOf": each}) },
        );
    }
}

fn both(label: &Label) -> String {
    format!("{} {}", label.zh, label.en)
}

fn read(access: &ObjectAccess) -> Json {
    let object = &access.object;
    let mut properties = Map::new();
    properties.insert("id".into(), json!({"type": "string"}));
    properties.insert("version".into(), json!({"type": "integer"}));
    for field in object.fields().filter(|field| access.best(field) >= FieldAccess::Masked) {
        if !properties.contains_key(&field.name) {
            properties.insert(field.name.clone(), property(field, true));
        }
    }
    properties.insert("_masked".into(), json!({"$ref": "#/components/schemas/Masked"}));
    properties.insert("_can".into(), json!({"$ref": "#/components/schemas/Can"}));
    let mut schema = json!({"type": "object", "title": both(&object.label), "required": ["id", "version"], "properties": properties});
    if let Some(help) = &object.help {
        schema["description"] = both(help).into();
    }
    schema
}

fn writable(access: &ObjectAccess) -> Map<String, Json> {
    let fields = access.object.fields().filter(|field| {
        !field.read_only() && access.best(field).max(access.for_new(field)) == FieldAccess::Write
    });
    fields.map(|field| (field.name.clone(), property(field, false))).collect()
}

fn create(access: &ObjectAccess) -> Json {
    let properties = writable(access);
    let needed = |field: &&std::sync::Arc<Field>| {
        field.required && field.default.is_none() && properties.contains_key(&field.name)
    };
    let required: Vec<&str> =
        access.object.fields().filter(needed).map(|field| field.name.as_str()).collect();
    let patch = json!({"$ref": format!("#/components/schemas/{}.patch", access.object.name)});
    if required.is_empty() { patch } else { json!({"allOf": [patch, {"required": required}]}) }
}

fn patch(access: &ObjectAccess) -> Json {
    json!({"type": "object", "title": both(&access.object.label), "additionalProperties": false, "properties": writable(access)})
}

/// A field's value; every field may be empty.
fn property(field: &Field, read: bool) -> Json {
    let mut schema = value(field, read);
    if let Some(kind) = schema.get("type").cloned() {
        schema["type"] = json!([kind, "null"]);
        if let Some(Json::Array(words)) = schema.get_mut("enum") {
            words.push(Json::Null);
        }
    } else if let Some(Json::Array(each)) = schema.get_mut("anyOf") {
        each.push(json!({"type": "null"}));
    }
    schema["title"] = both(&field.label).into();
    if let Some(help) = &field.help {
        schema["description"] = both(help).into();
    }
    if read && field.read_only() {
        schema["readOnly"] = true.into();
    }
    schema
}

fn value(field: &Field, read: bool) -> Json {
    use FieldType::*;
    match field.value_type() {
        Text | LongText | Phone | CreditCode | IdCard | Tree | AutoNumber | Formula | Rollup | Recurrence => {
            text(field, None)
        }
        Email => text(field, Some("email")),
        Url => text(field, Some("uri")),
        Date => json!({"type": "string", "format": "date"}),
        DateTime => json!({"type": "string", "format": "date-time"}),
        Integer | Duration | Rating => bounded(field, "integer"),
        Decimal | Money | Percent => bounded(field, "number"),
        Boolean => json!({"type": "boolean"}),
        Choice => json!({"type": "string", "enum": words(field)}),
        MultiChoice => json!({"type": "array", "items": {"type": "string", "enum": words(field)}}),
        Lookup | User | Department if read => {
            json!({"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Reference"}]})
        }
        Lookup | User | Department => json!({"type": "string"}),
        File | Image if read => {
            let file = json!({"$ref": "#/components/schemas/NamedFile"});
            json!({"type": "array", "items": {"anyOf": [{"type": "string"}, file]}})
        }
        File | Image => json!({"type": "array", "items": {"type": "string"}}),
        Address if read => json!({"anyOf": [{"$ref": "#/components/schemas/Address"}]}),
        Address => json!({"anyOf": [{"$ref": "#/components/schemas/Address"}, {"type": "string"}]}),
        Location => json!({"anyOf": [{"$ref": "#/components/schemas/Location"}]}),
        Json => json!({}),
    }
}

fn text(field: &Field, format: Option<&str>) -> Json {
    let mut schema = json!({"type": "string"});
    if let Some(format) = format {
        schema["format"] = format.into();
    }
    if field.max_length > 0 {
        schema["maxLength"] = field.max_length.into();
    }
    schema
}

fn bounded(field: &Field, kind: &str) -> Json {
    let mut schema = json!({"type": kind});
    for (name, bound) in [("minimum", field.min), ("maximum", field.max)] {
        if let Some(bound) = bound {
            schema[name] = scaled_to_json(bound, field.scale);
        }
    }
    schema
}

fn words(field: &Field) -> Vec<&str> {
    field.options.iter().filter(|option| !option.retired).map(|option| option.value.as_str()).collect()
}
