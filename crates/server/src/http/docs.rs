//! The interface's documentation as a page, from files inside the binary.

use super::extract::Path;
use super::failure::{Answer, Failure};
use super::headers::DOCS_POLICY;
use axum::body::Body;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use huike_model::Code;
use std::sync::{Arc, LazyLock};
use utoipa_swagger_ui::Config;

static CONFIG: LazyLock<Arc<Config<'static>>> =
    LazyLock::new(|| Arc::new(Config::from("/api/openapi.json").validator_url("none")));

/// `/api/docs`: its files are relative to the folder.
pub async fn enter() -> Response {
    Redirect::permanent("/api/docs/").into_response()
}

pub async fn index() -> Answer {
    served("")
}

pub async fn file(path: Path) -> Answer {
    served(path.text("file"))
}

fn served(path: &str) -> Answer {
    let file =
        utoipa_swagger_ui::serve(path, CONFIG.clone()).ok().flatten().ok_or(Failure::from(Code::NotFound))?;
    let mut response = Response::new(Body::from(file.bytes.into_owned()));
    let headers = response.headers_mut();
    if file.gzpipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(kind) = HeaderValue::from_str(&file.content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DOCS_POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}
