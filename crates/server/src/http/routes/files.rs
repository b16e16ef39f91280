//! Files: taken in piece by piece, given out whole or in part.

use super::{created, named};
use crate::http::extract::{Path, none_match};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, Kind, Operation, Parameter, Verb, operation, parameter,
};
use crate::http::routes::upload::{broken, form, short, unknown_member};
use axum::body::Body;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::stream;
use huike_engine::files::OpenFile;
use huike_model::{Code, Fault};
use std::io;

async fn add(call: Call, parts: Result<Multipart, MultipartRejection>) -> Answer {
    let (engine, cx) = (call.app.engine(), call.cx()?);
    let mut form = form(parts)?;
    let (mut file, mut object, mut record, mut faults) = (None, None, None, Vec::new());
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("object") => object = Some(short(&mut field).await?),
            Some("record") => record = Some(short(&mut field).await?),
            Some("file") if file.is_none() => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let mut incoming = engine.receive_file(cx.clone()).await?;
                while let Some(chunk) = field.chunk().await.map_err(broken)? {
                    incoming.write(chunk).await?;
                }
                file = Some((name, incoming));
            }
            other => faults.push(unknown_member(other.unwrap_or_default())),
        }
    }
    if file.is_none() {
        faults.push(Fault::new("file", "required", "缺少 file", "file is required"));
    }
    if object.is_some() != record.is_some() {
        faults.push(Fault::new(
            "record",
            "required",
            "object 和 record 要一起给出",
            "object and record are given together",
        ));
    }
    match file {
        Some((name, incoming)) if faults.is_empty() => {
            created(&engine.keep_file(cx, incoming, &name, object.zip(record)).await?)
        }
        _ => Err(faults.into()),
    }
}

async fn read(call: Call, path: Path, headers: HeaderMap) -> Answer {
    let file = call.app.engine().open_file(call.cx()?, path.id("id")?).await?;
    let mut response = if none_match(&headers, &file.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let wanted = range(&headers, &file);
        content(file.tag.clone(), &file.name.clone(), file, wanted)?
    };
    // Whoever may not read it any more must not find it in the browser either: the server is asked each time.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

fn content(tag: String, name: &str, file: OpenFile, wanted: Option<(u64, u64)>) -> Answer {
    let size = file.size;
    let (first, after) = wanted.unwrap_or((0, size));
    let media_type = file.media_type.clone();
    let how = if file.shown { "inline" } else { "attachment" };
    let mut response = Response::new(Body::from_stream(pieces(file, first, after)));
    let mut put = |header: HeaderName, text: String| {
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().insert(header, value);
        }
    };
    put(header::CONTENT_TYPE, media_type);
    put(header::CONTENT_DISPOSITION, named(how, name));
    put(header::ETAG, tag);
    put(header::ACCEPT_RANGES, "bytes".to_owned());
    put(header::CONTENT_LENGTH, (after - first).to_string());
    if wanted.is_some() {
        put(header::CONTENT_RANGE, format!("bytes {first}-{}/{size}", after - 1));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// The bytes from `first` on and before `after`.
fn pieces(file: OpenFile, first: u64, after: u64) -> impl futures_util::Stream<Item = io::Result<Vec<u8>>> {
    stream::try_unfold((file, first), move |(file, offset)| async move {
        if offset >= after {
            return Ok(None);
        }
        let (file, mut piece) = file.from(offset).await.map_err(|error| {
            tracing::error!(%error, "a file can't be sent to its end");
            io::Error::from(io::ErrorKind::InvalidData)
        })?;
        let left = usize::try_from(after - offset).unwrap_or(usize::MAX);
        piece.truncate(left);
        if piece.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let next = offset + piece.len() as u64;
        Ok(Some((piece, (file, next))))
    })
}

/// The one range that is asked for, as its first byte and the one after its last (RFC 9110 §14.1.2). Several ranges, ranges of another
/// content and ones beyond its end are answered with the whole, as §14.2 allows.
fn range(headers: &HeaderMap, file: &OpenFile) -> Option<(u64, u64)> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_RANGE).is_some_and(|tag| tag != file.tag) {
        return None;
    }
    let (first, last) = text(header::RANGE)?.strip_prefix("bytes=")?.split_once('-')?;
    let size = file.size;
    let range = match (first.trim(), last.trim()) {
        ("", last) => (size.saturating_sub(last.parse().ok()?), size),
        (first, "") => (first.parse().ok()?, size),
        (first, last) => (first.parse().ok()?, last.parse::<u64>().ok()?.saturating_add(1).min(size)),
    };
    (range.0 < range.1).then_some(range)
}

const RANGE: Parameter = parameter("Range", Kind::Text, "只要一部分：bytes=0-1023", "A part: bytes=0-1023");
const IF_NONE_MATCH: Parameter = parameter("If-None-Match", Kind::Text, "已有的版本", "The version at hand");

pub const OPERATIONS: &[Operation] = &[
    operation("addFile", Verb::Post, "/files", "上传文件", "Upload a file", || post(add))
        .body(Takes::Form("FileUpload"))
        .answers(201, Answered::Json("File"))
        .fails_with(&[Code::Unavailable]),
    operation("readFile", Verb::Get, "/files/{id}", "文件内容", "A file's content", || get(read))
        .headers(&[RANGE, IF_NONE_MATCH])
        .answers(200, Answered::File("application/octet-stream")),
];
