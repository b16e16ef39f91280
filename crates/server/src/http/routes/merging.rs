//! One record out of several, and back.

use super::{ok, request};
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, Kind, Operation, Verb, operation, parameter,
};
use axum::http::{HeaderMap, Uri};
use axum::routing::{get, post};
use huike_model::Code;

async fn merge(call: Call, path: Path, headers: HeaderMap, uri: Uri, Body(members): Body) -> Answer {
    let cx = call.cx_once(&headers, &uri, &members)?;
    ok(&call.app.engine().merge_records(cx, path.text("object").to_owned(), request(members)?).await?)
}

async fn list(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let (limit, cursor) = (query.maybe_number("limit").unwrap_or(30), query.maybe_text("cursor"));
    query.finish()?;
    ok(&call.app.engine().list_merges(call.cx()?, path.text("object").to_owned(), limit, cursor).await?)
}

async fn undo(call: Call, path: Path, Body(members): Body) -> Answer {
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    ok(&call.app.engine().undo_merge(call.cx()?, object, id, request(members)?).await?)
}

async fn not_same(call: Call, path: Path, Body(members): Body) -> Answer {
    ok(&call.app.engine().not_same(call.cx()?, path.text("object").to_owned(), request(members)?).await?)
}

pub const OPERATIONS: &[Operation] = &[
    operation(
        "mergeRecords",
        Verb::Post,
        "/records/{object}/merge",
        "把几条记录合并为一条；dry_run 时只返回合并后的样子",
        "Make one record of several; with `dry_run` only say what it would be",
        || post(merge),
    )
    .headers(&[parameter(
        "Idempotency-Key",
        Kind::Text,
        "同一个键的请求只生效一次",
        "Requests with the same key take effect once",
    )])
    .body(Takes::Json("MergeRequest"))
    .answers(200, Answered::Json("Merged"))
    .fails_with(&[Code::Conflict, Code::Stale, Code::IdempotencyMismatch]),
    operation(
        "listMerges",
        Verb::Get,
        "/records/{object}/merges",
        "合并记录，最近的在前",
        "The merges that were made, newest first",
        || get(list),
    )
    .query(&[
        parameter("limit", Kind::Number, "每页条数，最多 100", "Items on a page, 100 at most"),
        parameter("cursor", Kind::Text, "上一页给出的 next_cursor", "The `next_cursor` of the page before"),
    ])
    .answers(200, Answered::Json("Merges"))
    .fails_with(&[Code::BadCursor]),
    operation(
        "undoMerge",
        Verb::Post,
        "/records/{object}/merges/{id}/undo",
        "撤销合并（30 天内）；合并后改过的内容会列出",
        "Undo a merge within 30 days; what was changed since is told",
        || post(undo),
    )
    .body(Takes::Json("MergeUndo"))
    .answers(200, Answered::Json("MergeUndone"))
    .fails_with(&[Code::Conflict]),
    operation(
        "markNotSame",
        Verb::Post,
        "/records/{object}/not-same",
        "记住这些记录不是同一个；forget 为 true 时取消",
        "Remember that records are not the same, or forget it",
        || post(not_same),
    )
    .body(Takes::Json("NotSame"))
    .answers(200, Answered::Json("NotSameMarked")),
];
