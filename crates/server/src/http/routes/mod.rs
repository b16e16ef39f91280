//! The handlers, one file for each subject: parse, call the engine once, answer. Each file ends with its rows of the table.

mod administration;
mod assignment;
mod channels;
mod cleaning;
mod collision;
mod dictionary;
mod events;
mod files;
mod followup;
mod imports;
mod lifecycle;
mod merging;
mod obligations;
mod plans;
mod pools;
mod quality;
mod records;
mod search;
mod session;
mod upload;

use super::failure::{Answer, Failure};
use super::operations::Operation;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use huike_engine::{EngineError, definitions};
use huike_model::Label;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

/// Every operation, in the order of the interface's document.
pub const TABLES: &[&[Operation]] = &[
    session::OPERATIONS,
    dictionary::OPERATIONS,
    records::OPERATIONS,
    merging::OPERATIONS,
    search::OPERATIONS,
    files::OPERATIONS,
    imports::OPERATIONS,
    obligations::OPERATIONS,
    followup::OPERATIONS,
    pools::OPERATIONS,
    assignment::OPERATIONS,
    collision::OPERATIONS,
    channels::OPERATIONS,
    quality::OPERATIONS,
    lifecycle::OPERATIONS,
    plans::OPERATIONS,
    cleaning::OPERATIONS,
    events::OPERATIONS,
    administration::OPERATIONS,
];

/// A JSON answer.
fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    let bytes = serde_json::to_vec(body)
        .map_err(|e| EngineError::internal(format!("an answer can't be written: {e}")))?;
    Ok((status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response())
}

fn ok(body: &impl Serialize) -> Answer {
    json(StatusCode::OK, body)
}

fn created(body: &impl Serialize) -> Answer {
    json(StatusCode::CREATED, body)
}

fn accepted(body: &impl Serialize) -> Answer {
    json(StatusCode::ACCEPTED, body)
}

fn empty() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A file's name goes out in UTF-8 and, for clients that don't know that, in ASCII (RFC 6266 §4.3).
fn named(how: &str, name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{}", percent(name))
}

/// A file to save.
fn file(bytes: impl Into<Body>, media_type: &'static str, name: &str) -> Answer {
    let disposition = named("attachment", name);
    let mut response = Response::new(bytes.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// RFC 8187 §3.2.1: everything but letters, digits and a few marks as `%XX`.
fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let each = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(each).collect()
}

/// Reads a request of the engine's out of a body.
///
/// # Errors
/// `invalid` with what doesn't fit and, where it is known, at which member.
fn request<T: DeserializeOwned>(members: Map<String, Json>) -> Result<T, Failure> {
    let what = Label::new("请求", "The request");
    definitions::read(members, &what).map_err(|fault| vec![fault].into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_file_name_is_given_in_both_forms() {
        let response = file(vec![1], "text/csv", "客户 2026.csv").unwrap();
        let disposition = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(
            disposition,
            "attachment; filename=\"___2026.csv\"; filename*=UTF-8''%E5%AE%A2%E6%88%B7%202026.csv"
        );
    }
}
