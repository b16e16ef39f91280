//! The interface's document (OpenAPI 3.1): operations from the table, records from the live dictionary.

mod operations;
mod records;
mod text;

use crate::http::App;
use crate::http::failure::{Answer, Failure};
use crate::http::guard;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::IntoResponse;
use huike_engine::{EngineError, Result, dictionary};
use huike_model::access::ObjectAccess;
use huike_model::{Object, Schema};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// The schemas of everything that is not a record.
const SCHEMAS: &str = include_str!("schemas.json");

const DESCRIPTION: &str = "自托管的客户关系管理。对象和字段来自数据字典，自定义的也在其中。\n\n\
    Self-hosted customer relationship management. Objects and fields come from the dictionary, custom ones included.\n\n\
    被遮盖的值（`_masked` 中的字段）是文字。Masked values (the fields in `_masked`) are text.";

/// The document of the shipped dictionary, as the repository keeps it.
///
/// # Errors
/// A shipped file that can't be read.
pub fn standard() -> Result<String> {
    let schema = dictionary::standard()?;
    let objects: Vec<ObjectAccess> = schema.objects().map(ObjectAccess::of_the_system).collect();
    Ok(text::pretty(&document(&objects)?))
}

/// The document for those who call: records as far as they may see them.
pub async fn answer(State(app): State<App>, request: Request) -> Answer {
    let caller = guard::reader(&app, request.headers()).await;
    let objects = match caller {
        None => Vec::new(),
        Some(caller) => {
            let cx = app.engine().cx(caller)?;
            app.engine()
                .read(move |conn| visible(&cx.schema, |object| cx.access_or_none(conn, object)))
                .await?
        }
    };
    let document = document(&objects).map_err(Failure::from)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document.to_string()).into_response())
}

fn visible(
    schema: &Schema,
    mut access: impl FnMut(&Arc<Object>) -> Result<ObjectAccess>,
) -> Result<Vec<ObjectAccess>> {
    let mut objects = Vec::new();
    for object in schema.objects() {
        let access = access(object)?;
        if access.reads_anything() || access.create {
            objects.push(access);
        }
    }
    Ok(objects)
}

fn document(objects: &[ObjectAccess]) -> Result<Json> {
    let mut schemas: Map<String, Json> =
        serde_json::from_str(SCHEMAS).map_err(|e| EngineError::internal(format!("schemas.json: {e}")))?;
    records::add(&mut schemas, objects);
    let names: Vec<&str> = objects.iter().map(|access| access.object.name.as_str()).collect();
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "汇客 Huike",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": crate::http::operations::BASE}],
        "security": [{"session": []}, {"key": []}],
        "tags": operations::tags(),
        "paths": operations::paths(&names),
        "components": {
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": guard::COOKIE,
                    "description": "登录后的会话；修改时须带 X-CSRF-Token。A session; what changes something carries X-CSRF-Token."},
                "key": {"type": "http", "scheme": "bearer", "description": "程序密钥 A key for programs: hk_…"},
            },
            "responses": operations::problems(),
            "schemas": schemas,
        },
    }))
}

#[cfg(test)]
mod tests;
