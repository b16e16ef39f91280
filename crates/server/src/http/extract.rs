//! What handlers take from a request. Whatever is malformed is a problem of the table, never axum's plain text.

use super::App;
use super::failure::Failure;
use super::shape::Shape;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use huike_model::{Code, Fault, Id, Problem};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// A JSON body that is an object.
pub struct Body(pub Map<String, Json>);

impl Body {
    pub fn shape(self) -> Shape {
        Shape::of_body(self.0)
    }
}

/// Any JSON body.
pub struct JsonBody(pub Json);

impl FromRequest<App> for JsonBody {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<JsonBody, Failure> {
        if !is_json(request.headers()) {
            return Err(Problem::new(Code::UnsupportedMedia)
                .with_detail(
                    "请求内容应为 JSON（Content-Type: application/json）",
                    "The body must be JSON (Content-Type: application/json)",
                )
                .into());
        }
        let bytes =
            Bytes::from_request(request, app).await.map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Failure::from(Code::TooLarge),
                _ => Failure::from(Code::Malformed),
            })?;
        let json: Json = serde_json::from_slice(&bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            // serde_json stops at 128 levels, so that a deep body can't exhaust the stack.
            let problem = Problem::new(Code::Malformed).with_detail(
                format!("JSON 不正确（第 {line} 行第 {column} 列）"),
                format!("The JSON is not well-formed (line {line}, column {column})"),
            );
            Failure::from(problem)
        })?;
        // The escape is rare enough that most bodies needn't be walked through.
        if bytes.windows(NUL.len()).any(|part| part == NUL) {
            let mut faults = Vec::new();
            find_nul(&json, &mut String::new(), &mut faults);
            if !faults.is_empty() {
                return Err(faults.into());
            }
        }
        Ok(JsonBody(json))
    }
}

/// How JSON writes the character that no text of a database can hold (PostgreSQL 8.3 "Character Types").
const NUL: &[u8] = b"\\u0000";

fn find_nul(json: &Json, path: &mut String, faults: &mut Vec<Fault>) {
    let length = path.len();
    let mut below = |name: &str, value: &Json| {
        if length > 0 {
            path.push('.');
        }
        path.push_str(name);
        if name.contains('\0') {
            faults.push(nul(path));
        }
        find_nul(value, path, faults);
        path.truncate(length);
    };
    match json {
        Json::Object(members) => members.iter().for_each(|(name, value)| below(name, value)),
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(place, value)| below(&place.to_string(), value))
        }
        Json::String(text) if text.contains('\0') => faults.push(nul(path)),
        _ => {}
    }
}

fn nul(at: &str) -> Fault {
    Fault::new(
        at.replace('\0', ""),
        "control_character",
        "不能包含空字符（U+0000）",
        "Must not contain the character U+0000",
    )
}

impl FromRequest<App> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Body, Failure> {
        match JsonBody::from_request(request, app).await?.0 {
            Json::Object(members) => Ok(Body(members)),
            _ => Err(Problem::new(Code::Malformed)
                .with_detail("请求内容应为 JSON 对象", "The body must be a JSON object")
                .into()),
        }
    }
}

/// RFC 8259 §8.1: JSON is UTF-8, whatever else a charset says is refused.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let value = value.to_ascii_lowercase();
    let mut parts = value.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    let known = kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"));
    known
        && parts.all(|part| {
            !part.starts_with("charset=")
                || matches!(part.trim_start_matches("charset=").trim_matches('"'), "utf-8" | "utf8")
        })
}

/// The query string.
pub struct Query(pub Shape);

impl FromRequestParts<App> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Query, Failure> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        let axum::extract::Query(pairs) = pairs.map_err(|_| Failure::from(Code::Malformed))?;
        if pairs.iter().any(|(name, text)| name.contains('\0') || text.contains('\0')) {
            return Err(Code::Malformed.into());
        }
        Ok(Query(Shape::of_query(pairs)))
    }
}

/// The variable parts of the path.
pub struct Path(HashMap<String, String>);

impl Path {
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// # Errors
    /// `not_found`: what is no id is the id of nothing.
    pub fn id(&self, name: &str) -> Result<i64, Failure> {
        self.text(name).parse::<Id>().map(Id::number).map_err(|_| Code::NotFound.into())
    }
}

impl FromRequestParts<App> for Path {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Path, Failure> {
        let found = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Failure::from(Code::Malformed))?;
        if found.iter().any(|(_, text)| text.contains('\0')) {
            return Err(Code::NotFound.into());
        }
        Ok(Path(found.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()))
    }
}

/// A version in `If-Match` (RFC 9110 §13.1.1): `"3"`, or `*` for whichever.
///
/// # Errors
/// `malformed` for anything else.
pub fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Failure> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let version = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .and_then(|version| version.parse().ok());
    version.map(Some).ok_or_else(|| {
        let problem = Problem::new(Code::Malformed).with_detail(
            "If-Match 应为记录的版本，例如 \"3\"",
            "If-Match must be a version of the record such as \"3\"",
        );
        problem.into()
    })
}

/// Whether the caller has this already: `If-None-Match` (RFC 9110 §13.1.2).
pub fn none_match(headers: &HeaderMap, etag: &str) -> bool {
    let value = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(',').map(|each| each.trim().trim_start_matches("W/")).any(|each| each == etag || each == "*")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn only_json_in_utf_8_is_json() {
        for good in [
            "application/json",
            "application/json; charset=UTF-8",
            "application/merge-patch+json",
            "APPLICATION/JSON;charset=\"utf-8\"",
        ] {
            assert!(is_json(&headers(header::CONTENT_TYPE, good)), "{good}");
        }
        for bad in
            ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "", "json"]
        {
            assert!(!is_json(&headers(header::CONTENT_TYPE, bad)), "{bad}");
        }
    }

    #[test]
    fn a_nul_is_found_wherever_it_stands() {
        let json = serde_json::json!({"a": [{"b": "x\0"}, "\\u0000"], "c\0": 1});
        let mut faults = Vec::new();
        find_nul(&json, &mut String::new(), &mut faults);
        assert_eq!(faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), ["a.0.b", "c"]);
    }

    #[test]
    fn a_version_stands_in_quotes() {
        let read = |text: &str| if_match(&headers(header::IF_MATCH, text)).ok();
        assert_eq!(read("\"3\""), Some(Some(3)));
        assert_eq!(read("*"), Some(None));
        assert_eq!(if_match(&HeaderMap::new()).ok(), Some(None));
        for bad in ["3", "W/\"3\"", "\"x\"", "\"3\", \"4\""] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_known_tag_among_several_is_found() {
        assert!(none_match(&headers(header::IF_NONE_MATCH, "\"a\", W/\"b\""), "\"b\""));
        assert!(!none_match(&headers(header::IF_NONE_MATCH, "\"a\""), "\"b\""));
        assert!(!none_match(&HeaderMap::new(), "\"b\""));
    }
}
