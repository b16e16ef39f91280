//! The pages, embedded: compressed beforehand, hashed assets kept for ever, every path of the application answered with its one page.

use super::App;
use super::extract::none_match;
use super::headers::PAGE_POLICY;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use huike_engine::access::logo;
use huike_model::Code;
use rust_embed::RustEmbed;
use std::borrow::Cow;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Pages;

/// Names under this carry a hash of their content.
const HASHED: &str = "assets/";
const INDEX: &str = "index.html";

/// What no operation answers: problems below /api, pages elsewhere.
pub async fn fallback(request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return super::failure::Failure::from(Code::NotFound).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return super::failure::Failure::from(Code::MethodNotAllowed).into_response();
    }
    page(request.uri(), request.headers())
}

/// The company's logo, for strangers too. Its address carries what tells it from the one before.
pub async fn logo(State(app): State<App>) -> Response {
    let found = match logo::logo(app.engine()).await {
        Ok(found) => found,
        Err(error) => return super::failure::Failure::from(error).into_response(),
    };
    let Some(logo) = found else {
        return super::failure::Failure::from(Code::NotFound).into_response();
    };
    let Ok(media_type) = HeaderValue::from_str(&logo.media_type) else {
        return super::failure::Failure::from(Code::NotFound).into_response();
    };
    let mut response = Response::new(Body::from(logo.bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    let cache = HeaderValue::from_static("public, max-age=86400");
    response.headers_mut().insert(header::CACHE_CONTROL, cache);
    response
}

fn page(uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(response) = file(path, headers) {
        return response;
    }
    // A missing asset is missing; anything else is a place inside the application.
    let is_asset = path.starts_with(HASHED) || path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_asset {
        return super::failure::Failure::from(Code::NotFound).into_response();
    }
    file(INDEX, headers).unwrap_or_else(without_pages)
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    // The compressed neighbours are reached by negotiation alone, and the build's own files not at all.
    if path.ends_with(".br") || path.ends_with(".gz") || path.starts_with('.') {
        return None;
    }
    let plain = Pages::get(path)?;
    let (bytes, encoding) = negotiated(path, headers).unwrap_or((plain.data, None));
    let etag = format!("\"{}{}\"", digest(&plain.metadata.sha256_hash()), encoding.unwrap_or_default());
    let cache = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = if none_match(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let body = match bytes {
            Cow::Borrowed(bytes) => Body::from(bytes),
            Cow::Owned(bytes) => Body::from(bytes),
        };
        let mut response = Response::new(body);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
        if let Some(encoding) = encoding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    Some(response)
}

/// The best compressed form that the caller takes.
fn negotiated(path: &str, headers: &HeaderMap) -> Option<(Cow<'static, [u8]>, Option<&'static str>)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = |name: &str| accepted.split(',').any(|each| takes(each, name));
    [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(name, _)| takes(name))
        .find_map(|(name, suffix)| Some((Pages::get(&format!("{path}{suffix}"))?.data, Some(name))))
}

/// Whether one member of Accept-Encoding takes a coding: its name, unless its weight is 0 (RFC 9110 §12.5.3).
fn takes(member: &str, name: &str) -> bool {
    let mut parts = member.split(';').map(str::trim);
    let named = parts.next().is_some_and(|coding| coding.eq_ignore_ascii_case(name));
    let refused = parts.any(|part| part.strip_prefix("q=").is_some_and(|weight| weight.parse() == Ok(0.0)));
    named && !refused
}

fn digest(hash: &[u8; 32]) -> String {
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webmanifest" => "application/manifest+json",
        "json" => "application/json",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A binary built without the pages still serves the interface.
fn without_pages() -> Response {
    let text = "这个程序没有包含页面；接口文档见 /api/docs\nThis binary was built without the pages; the interface is described at /api/docs\n";
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_with_weight_zero_is_refused() {
        assert!(takes(" br", "br") && takes("GZIP;q=0.5", "gzip"));
        assert!(!takes("br;q=0", "br") && !takes("br;q=0.0", "br") && !takes("brotli", "br"));
    }
}
