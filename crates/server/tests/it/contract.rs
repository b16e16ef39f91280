//! Whatever is answered anywhere in these tests is what the interface's document promises.
//!
//! A validator for the part of JSON Schema 2020-12 that the document uses.

use axum::http::Method;
use huike_server::http::operations::{Answer, BASE, Operation, all};
use serde_json::Value as Json;
use std::sync::LazyLock;

static DOCUMENT: LazyLock<Json> = LazyLock::new(|| {
    let text = huike_server::openapi::standard().expect("the document is made");
    serde_json::from_str(&text).expect("the document is JSON")
});

/// Compares an answer with what its operation promises; what is wrong, and where.
pub fn check(method: &Method, path: &str, status: u16, body: &[u8]) -> Result<(), String> {
    let Some(path) = path.split('?').next().and_then(|path| path.strip_prefix(BASE)) else { return Ok(()) };
    if !(200..300).contains(&status) {
        return Ok(());
    }
    let Some(operation) = operation(method, path) else {
        return Err(format!("{method} {path} is answered, but not in the table"));
    };
    // A part of a file (RFC 9110 §15.3.7).
    if matches!(operation.answer, Answer::File(_)) && status == 206 {
        return Ok(());
    }
    if operation.status != status {
        return Err(format!("{} promises {} and answers {status}", operation.id, operation.status));
    }
    let object = operation
        .path
        .split('/')
        .zip(path.split('/'))
        .find(|(name, _)| *name == "{object}")
        .map_or("", |(_, object)| object);
    let schema = match operation.answer {
        Answer::Empty if body.is_empty() => return Ok(()),
        Answer::Empty => return Err(format!("{} answers where it promises nothing", operation.id)),
        Answer::File(_) | Answer::Events => return Ok(()),
        Answer::Json(name) => name,
        Answer::Record => "Record",
        Answer::Records => "RecordPage",
    };
    let json: Json = serde_json::from_slice(body).map_err(|e| format!("{}: {e}", operation.id))?;
    let mut faults = Vec::new();
    Validator { object }.against(&reference(schema), &json, operation.id, &mut faults);
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

fn operation(method: &Method, path: &str) -> Option<&'static Operation> {
    let fits = |operation: &&Operation| {
        let (wanted, found) = (operation.path.split('/'), path.split('/'));
        operation.verb.name() == method.as_str()
            && wanted.clone().count() == found.clone().count()
            && wanted.zip(found).all(|(wanted, found)| wanted.starts_with('{') || wanted == found)
    };
    // A path without variables wins over one with them.
    all().filter(fits).min_by_key(|operation| operation.path.matches('{').count())
}

fn reference(name: &str) -> Json {
    serde_json::json!({"$ref": format!("#/components/schemas/{name}")})
}

struct Validator<'a> {
    /// The object that the path names.
    object: &'a str,
}

impl Validator<'_> {
    fn against(&self, schema: &Json, json: &Json, at: &str, faults: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.trim_start_matches("#/components/schemas/");
            let object = &DOCUMENT["components"]["schemas"][self.object];
            let found = &DOCUMENT["components"]["schemas"][name];
            return self.against(
                if name == "Record" && object.is_object() { object } else { found },
                json,
                at,
                faults,
            );
        }
        if let Some(each) = schema["anyOf"].as_array() {
            let fits = |schema: &&Json| {
                let mut found = Vec::new();
                self.against(schema, json, at, &mut found);
                found.is_empty()
            };
            if !each.iter().any(|schema| fits(&schema)) {
                faults.push(format!("{at}: {json} fits none of {schema}"));
            }
            return;
        }
        if !has_type(&schema["type"], json) {
            return faults.push(format!("{at}: {json} is not of type {}", schema["type"]));
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(json)
        {
            faults.push(format!("{at}: {json} is none of {words:?}"));
        }
        match json {
            Json::Object(members) => {
                for name in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
                    if !members.contains_key(name) {
                        faults.push(format!("{at}: {name} is missing in {json}"));
                    }
                }
                // What is masked is shown as text, whatever the field is.
                let masked = members.get("_masked").and_then(Json::as_array).cloned().unwrap_or_default();
                for (name, value) in
                    members.iter().filter(|(name, _)| !masked.contains(&Json::from(name.as_str())))
                {
                    let at = format!("{at}.{name}");
                    match (schema["properties"].get(name), &schema["additionalProperties"]) {
                        (Some(property), _) => self.against(property, value, &at, faults),
                        (None, Json::Bool(false)) => faults.push(format!("{at} is not in the document")),
                        (None, schema @ Json::Object(_)) => self.against(schema, value, &at, faults),
                        (None, _) => {}
                    }
                }
            }
            Json::Array(items) => {
                items
                    .iter()
                    .for_each(|item| self.against(&schema["items"], item, &format!("{at}[]"), faults));
            }
            _ => {}
        }
    }
}

fn has_type(wanted: &Json, json: &Json) -> bool {
    match wanted {
        Json::Array(any) => any.iter().any(|each| has_type(each, json)),
        Json::String(name) => match name.as_str() {
            "null" => json.is_null(),
            "boolean" => json.is_boolean(),
            "integer" => json.is_i64() || json.is_u64(),
            "number" => json.is_number(),
            "string" => json.is_string(),
            "array" => json.is_array(),
            _ => json.is_object(),
        },
        _ => true,
    }
}

#[test]
fn an_answer_that_breaks_the_promise_is_found() {
    let get = |path: &str, status: u16, body: Json| {
        check(&Method::GET, &format!("{BASE}{path}"), status, body.to_string().as_bytes())
    };
    assert!(get("/setup", 200, serde_json::json!({"needed": true, "signed_in": false})).is_ok());
    for (path, status, body) in [
        ("/setup", 200, serde_json::json!({"needed": "yes", "signed_in": false})),
        ("/setup", 200, serde_json::json!({})),
        ("/setup", 201, serde_json::json!({"needed": true, "signed_in": false})),
        ("/no/such/operation", 200, serde_json::json!({})),
        (
            "/records/customer",
            200,
            serde_json::json!({"items": [{"id": 1, "version": 1}], "next_cursor": null}),
        ),
        (
            "/records/customer/0000000000001",
            200,
            serde_json::json!({"id": "x", "version": 1, "stage": "no such stage"}),
        ),
    ] {
        assert!(get(path, status, body.clone()).is_err(), "{path} {body}");
    }
}
