//! The table of operations as paths of the document.

use crate::http::guard::CSRF;
use crate::http::operations::{Access, Answer, Body, Kind, Operation, Parameter, all};
use huike_model::Code;
use serde_json::{Map, Value as Json, json};

/// What every operation may fail with, once the caller is known.
const ALWAYS: &[Code] = &[Code::Malformed, Code::TooManyRequests, Code::Internal, Code::Unavailable];

pub fn tags() -> Json {
    let mut names: Vec<&str> = Vec::new();
    for operation in all() {
        if !names.contains(&operation.subject()) {
            names.push(operation.subject());
        }
    }
    names.into_iter().map(|name| json!({"name": name})).collect()
}

/// One response for each code of the table.
pub fn problems() -> Json {
    let response = |code: &Code| {
        let title = code.title();
        let content =
            json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
        (
            code.name().to_owned(),
            json!({"description": format!("{} {}", title.zh, title.en), "content": content}),
        )
    };
    Json::Object(Code::ALL.iter().map(response).collect())
}

pub fn paths(objects: &[&str]) -> Json {
    let mut paths = Map::new();
    for each in all() {
        let path = paths.entry(each.path.to_owned()).or_insert_with(|| json!({}));
        path[each.verb.name().to_ascii_lowercase()] = operation(each, objects);
    }
    Json::Object(paths)
}

fn operation(operation: &Operation, objects: &[&str]) -> Json {
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.subject()],
        "summary": format!("{} {}", operation.zh, operation.en),
    });
    match operation.access {
        Access::Anybody => described["security"] = json!([]),
        Access::Person => described["security"] = json!([{"session": []}]),
        Access::Known => {}
    }
    let parameters = parameters(operation, objects);
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some(body) = body(operation) {
        described["requestBody"] = body;
    }
    described["responses"] = responses(operation);
    described
}

fn parameters(operation: &Operation, objects: &[&str]) -> Vec<Json> {
    let mut parameters: Vec<Json> = operation
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.split('}').next())
        .map(|name| {
            let known = name == "object" && operation.path.starts_with("/records/") && !objects.is_empty();
            let schema =
                if known { json!({"type": "string", "enum": objects}) } else { json!({"type": "string"}) };
            json!({"name": name, "in": "path", "required": true, "schema": schema})
        })
        .collect();
    parameters.extend(operation.query.iter().map(|each| parameter(each, "query")));
    parameters.extend(operation.headers.iter().map(|each| parameter(each, "header")));
    if operation.access != Access::Anybody && !operation.verb.is_safe() {
        let what = "会话的 csrf；使用程序密钥时不需要 The session's csrf; not needed with a key";
        parameters
            .push(json!({"name": CSRF, "in": "header", "description": what, "schema": {"type": "string"}}));
    }
    parameters
}

fn parameter(parameter: &Parameter, place: &str) -> Json {
    let schema = match parameter.kind {
        Kind::Text | Kind::Json => json!({"type": "string"}),
        Kind::Number => json!({"type": "integer"}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Kind::Words(words) => json!({"type": "string", "enum": words}),
    };
    let what = format!("{} {}", parameter.zh, parameter.en);
    let mut described = json!({"name": parameter.name, "in": place, "description": what, "schema": schema});
    if parameter.kind == Kind::Texts {
        described["style"] = "form".into();
        described["explode"] = false.into();
    }
    described
}

fn body(operation: &Operation) -> Option<Json> {
    let schema = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let (media, schema) = match operation.body {
        Body::None => return None,
        Body::Json(name) => ("application/json", schema(name)),
        Body::Record => {
            ("application/json", schema(if operation.status == 201 { "RecordCreate" } else { "RecordPatch" }))
        }
        Body::Form(name) => ("multipart/form-data", schema(name)),
    };
    Some(json!({"required": true, "content": {media: {"schema": schema}}}))
}

fn responses(operation: &Operation) -> Json {
    let schema = |name: &str| json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}});
    let content = match operation.answer {
        Answer::Empty => None,
        Answer::Json(name) => Some(schema(name)),
        Answer::Record => Some(schema("Record")),
        Answer::Records => Some(schema("RecordPage")),
        Answer::File(media) => Some(json!({media: {"schema": {"type": "string", "format": "binary"}}})),
        Answer::Events => Some(json!({"text/event-stream": {"schema": {"type": "string"}}})),
    };
    let mut done = json!({"description": "完成 Done"});
    if let Some(content) = content {
        done["content"] = content;
    }
    let mut responses = Map::new();
    responses.insert(operation.status.to_string(), done);
    let mut codes: Vec<Code> = ALWAYS.to_vec();
    if operation.access != Access::Anybody {
        codes.extend([Code::NotSignedIn, Code::Forbidden]);
    }
    if operation.path.contains('{') {
        codes.push(Code::NotFound);
    }
    if operation.body != Body::None {
        codes.extend([Code::TooLarge, Code::UnsupportedMedia, Code::Invalid]);
    }
    codes.extend(operation.problems);
    codes.sort_by_key(|code| code.status());
    for code in codes {
        // One response for each status: the first code stands for those that share it.
        let reference = json!({"$ref": format!("#/components/responses/{}", code.name())});
        responses.entry(code.status().to_string()).or_insert(reference);
    }
    Json::Object(responses)
}
