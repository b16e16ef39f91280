//! Records of any object.

use super::{created, empty, ok, request};
use crate::http::extract::{Body, Path, Query, if_match};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Parameter, Verb, operation, parameter,
};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use axum::routing::{delete, get, patch, post};
use huike_engine::parse_instant;
use huike_engine::records::batch::BatchRequest;
use huike_engine::records::duplicates::OnDuplicate;
use huike_engine::records::get::Answer as RecordAnswer;
use huike_engine::records::list::{Count, ListRequest};
use huike_engine::records::timeline::TimelineRequest;
use huike_model::{Code, Fault};

async fn list(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let count = query.choice("count", &["exact", "estimate"]);
    let request = ListRequest {
        filter: query.json("filter"),
        sort: query.texts("sort").unwrap_or_default(),
        fields: query.texts("fields").unwrap_or_default(),
        expand: query.texts("expand").unwrap_or_default(),
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
        count: count.map(|count| if count == "exact" { Count::Exact } else { Count::Estimate }),
        deleted: query.maybe_text("deleted"),
    };
    query.finish()?;
    ok(&call.app.engine().list_records(call.cx()?, path.text("object").to_owned(), request).await?)
}

async fn query(call: Call, path: Path, Query(mut query): Query, Body(mut members): Body) -> Answer {
    // Absent and null mean the same in every member of a list's request.
    members.retain(|_, value| !value.is_null());
    let mut request: ListRequest = request(members)?;
    request.deleted = query.maybe_text("deleted").or(request.deleted);
    query.finish()?;
    ok(&call.app.engine().list_records(call.cx()?, path.text("object").to_owned(), request).await?)
}

async fn create(
    call: Call,
    path: Path,
    headers: HeaderMap,
    uri: Uri,
    Query(mut query): Query,
    Body(fields): Body,
) -> Answer {
    let on_duplicate = match query.choice("on_duplicate", &["block", "warn", "allow"]) {
        Some("block") => OnDuplicate::Block,
        Some("allow") => OnDuplicate::Allow,
        _ => OnDuplicate::Warn,
    };
    query.finish()?;
    let cx = call.cx_once(&headers, &uri, &fields)?;
    let record =
        call.app.engine().create_record(cx, path.text("object").to_owned(), fields, on_duplicate).await?;
    one(&record, created)
}

/// No `304 Not Modified` here: roll-ups and the names of references change without the version that the tag is made of.
async fn read(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let expand = query.texts("expand").unwrap_or_default();
    query.finish()?;
    let record = call
        .app
        .engine()
        .get_record(call.cx()?, path.text("object").to_owned(), path.id("id")?, expand)
        .await?;
    one(&record, ok)
}

async fn update(call: Call, path: Path, headers: HeaderMap, Body(fields): Body) -> Answer {
    let (id, version) = (path.id("id")?, if_match(&headers)?);
    let record = call
        .app
        .engine()
        .update_record(call.cx()?, path.text("object").to_owned(), id, version, fields)
        .await?;
    one(&record, ok)
}

async fn remove(call: Call, path: Path, headers: HeaderMap) -> Answer {
    let (id, version) = (path.id("id")?, if_match(&headers)?);
    call.app.engine().delete_record(call.cx()?, path.text("object").to_owned(), id, version).await?;
    empty()
}

async fn restore(call: Call, path: Path) -> Answer {
    let record =
        call.app.engine().restore_record(call.cx()?, path.text("object").to_owned(), path.id("id")?).await?;
    one(&record, ok)
}

async fn batch(call: Call, path: Path, headers: HeaderMap, uri: Uri, Body(members): Body) -> Answer {
    let cx = call.cx_once(&headers, &uri, &members)?;
    let request: BatchRequest = request(members)?;
    ok(&call.app.engine().batch_records(cx, path.text("object").to_owned(), request).await?)
}

async fn aggregate(call: Call, path: Path, Body(mut members): Body) -> Answer {
    members.retain(|_, value| !value.is_null());
    let request = request(members)?;
    ok(&call.app.engine().aggregate_records(call.cx()?, path.text("object").to_owned(), request).await?)
}

async fn duplicates(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let (fields, id) = (shape.object("fields").unwrap_or_default(), shape.maybe_id("id"));
    shape.finish()?;
    ok(&call
        .app
        .engine()
        .duplicate_candidates(call.cx()?, path.text("object").to_owned(), fields, id)
        .await?)
}

async fn paste(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    // An empty text is the engine's to refuse, in words of its own.
    let text = shape.maybe_text("text").unwrap_or_default();
    shape.finish()?;
    ok(&call.app.engine().paste_record(call.cx()?, path.text("object").to_owned(), text).await?)
}

async fn verify(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let fields = shape.texts("fields").unwrap_or_default();
    shape.finish()?;
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    one(&call.app.engine().verify_record(call.cx()?, object, id, fields).await?, ok)
}

async fn overview(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().record_overview(call.cx()?, path.text("object").to_owned(), path.id("id")?).await?)
}

async fn files(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().record_files(call.cx()?, path.text("object").to_owned(), path.id("id")?).await?)
}

async fn hierarchy(call: Call, path: Path) -> Answer {
    ok(&call
        .app
        .engine()
        .record_hierarchy(call.cx()?, path.text("object").to_owned(), path.id("id")?)
        .await?)
}

async fn timeline(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let request = TimelineRequest {
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
        kinds: query.texts("kinds").unwrap_or_default(),
    };
    query.finish()?;
    ok(&call
        .app
        .engine()
        .record_timeline(call.cx()?, path.text("object").to_owned(), path.id("id")?, request)
        .await?)
}

async fn history(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let (at, limit, cursor) =
        (query.maybe_text("at"), query.maybe_number("limit"), query.maybe_text("cursor"));
    let field = query.maybe_text("field");
    let instant = at.as_deref().and_then(parse_instant);
    if at.is_some() && instant.is_none() {
        query.fault(Fault::new(
            "at",
            "format",
            "at 应为时间，例如 2026-11-21T06:30:00Z",
            "at must be a time such as 2026-11-21T06:30:00Z",
        ));
    }
    query.finish()?;
    let (engine, object, id) = (call.app.engine(), path.text("object").to_owned(), path.id("id")?);
    match instant {
        Some(at) => ok(&engine.record_at(call.cx()?, object, id, at).await?),
        None => {
            ok(&engine.record_history(call.cx()?, object, id, field, limit.unwrap_or(50), cursor).await?)
        }
    }
}

pub(super) fn one(record: &RecordAnswer, answer: fn(&serde_json::Value) -> Answer) -> Answer {
    let mut response = answer(&record.body)?;
    tag(&mut response, record);
    Ok(response)
}

fn etag(record: &RecordAnswer) -> String {
    format!("\"{}\"", record.version)
}

fn tag(response: &mut Response, record: &RecordAnswer) {
    if let Ok(etag) = HeaderValue::from_str(&etag(record)) {
        response.headers_mut().insert(header::ETAG, etag);
    }
}

const FILTER: Parameter = parameter("filter", Kind::Json, "筛选条件（JSON）", "The filter (JSON)");
const SORT: Parameter = parameter(
    "sort",
    Kind::Texts,
    "排序字段，前加 - 为降序",
    "Fields to sort by, `-` before one for descending",
);
const FIELDS: Parameter = parameter("fields", Kind::Texts, "只要这些字段", "Only these fields");
const EXPAND: Parameter =
    parameter("expand", Kind::Texts, "把这些引用展开为 {id, name}", "References to show as {id, name}");
const LIMIT: Parameter =
    parameter("limit", Kind::Number, "每页条数，最多 200", "Items on a page, 200 at most");
const COUNT: Parameter =
    parameter("count", Kind::Words(&["exact", "estimate"]), "是否返回总数", "Whether to count");
const DELETED: Parameter =
    parameter("deleted", Kind::Words(&["only"]), "only：回收站", "`only`: the recycle bin");
const ON_DUPLICATE: Parameter = parameter(
    "on_duplicate",
    Kind::Words(&["block", "warn", "allow"]),
    "疑似重复时怎么办",
    "What to do when it looks like a duplicate",
);
pub(super) const IF_MATCH: Parameter =
    parameter("If-Match", Kind::Text, "看到的版本，例如 \"3\"", "The version that was seen, such as \"3\"");
const IDEMPOTENCY_KEY: Parameter = parameter(
    "Idempotency-Key",
    Kind::Text,
    "同一个键的请求只生效一次",
    "Requests with the same key take effect once",
);

pub const OPERATIONS: &[Operation] = &[
    operation("listRecords", Verb::Get, "/records/{object}", "列出记录", "List records", || get(list))
        .query(&[FILTER, SORT, FIELDS, EXPAND, LIMIT, CURSOR, COUNT, DELETED])
        .answers(200, Answered::Records)
        .fails_with(&[Code::BadFilter, Code::BadCursor]),
    operation(
        "queryRecords",
        Verb::Post,
        "/records/{object}/query",
        "列出记录（条件在请求内容中）",
        "List records by a body",
        || post(query),
    )
    .query(&[DELETED])
    .for_watchers()
    .body(Takes::Json("ListRequest"))
    .answers(200, Answered::Records)
    .fails_with(&[Code::BadFilter, Code::BadCursor]),
    operation("createRecord", Verb::Post, "/records/{object}", "新建记录", "Make a record", || {
        post(create)
    })
    .query(&[ON_DUPLICATE])
    .headers(&[IDEMPOTENCY_KEY])
    .body(Takes::Record)
    .answers(201, Answered::Record)
    .fails_with(&[Code::Duplicate, Code::IdempotencyMismatch]),
    operation("readRecord", Verb::Get, "/records/{object}/{id}", "查看记录", "Read a record", || {
        get(read)
    })
    .query(&[EXPAND])
    .answers(200, Answered::Record),
    operation(
        "updateRecord",
        Verb::Patch,
        "/records/{object}/{id}",
        "修改记录：只改给出的字段，null 为清空",
        "Change a record: only the fields given, null empties",
        || patch(update),
    )
    .headers(&[IF_MATCH])
    .body(Takes::Record)
    .answers(200, Answered::Record)
    .fails_with(&[Code::Stale, Code::Conflict]),
    operation(
        "deleteRecord",
        Verb::Delete,
        "/records/{object}/{id}",
        "删除记录（进入回收站）",
        "Delete a record (into the recycle bin)",
        || delete(remove),
    )
    .headers(&[IF_MATCH])
    .answers(204, Answered::Empty)
    .fails_with(&[Code::Stale, Code::Conflict]),
    operation(
        "restoreRecord",
        Verb::Post,
        "/records/{object}/{id}/restore",
        "从回收站恢复",
        "Restore from the recycle bin",
        || post(restore),
    )
    .answers(200, Answered::Record),
    operation(
        "batchRecords",
        Verb::Post,
        "/records/{object}/batch",
        "批量新建、修改、删除，最多 1000 项",
        "Up to 1,000 creates, updates and deletes",
        || post(batch),
    )
    .headers(&[IDEMPOTENCY_KEY])
    .body(Takes::Json("BatchRequest"))
    .answers(200, Answered::Json("BatchResults"))
    .fails_with(&[Code::IdempotencyMismatch]),
    operation(
        "aggregateRecords",
        Verb::Post,
        "/records/{object}/aggregate",
        "分组统计",
        "Groups and measures",
        || post(aggregate),
    )
    .for_watchers()
    .body(Takes::Json("AggregateRequest"))
    .answers(200, Answered::Json("Aggregates"))
    .fails_with(&[Code::BadFilter]),
    operation(
        "findDuplicates",
        Verb::Post,
        "/records/{object}/duplicates",
        "查找疑似重复的记录",
        "Find records that may be the same",
        || post(duplicates),
    )
    .for_watchers()
    .body(Takes::Json("DuplicatesRequest"))
    .answers(200, Answered::Json("Candidates")),
    operation(
        "pasteRecord",
        Verb::Post,
        "/records/{object}/paste",
        "从粘贴的文字中识别出字段",
        "Propose fields from a pasted text",
        || post(paste),
    )
    .for_watchers()
    .body(Takes::Json("PasteRequest"))
    .answers(200, Answered::Json("PasteProposals")),
    operation(
        "verifyRecord",
        Verb::Post,
        "/records/{object}/{id}/verify",
        "记下今天核实过的字段",
        "Note which fields were checked today",
        || post(verify),
    )
    .body(Takes::Json("VerifyRequest"))
    .answers(200, Answered::Record)
    .fails_with(&[Code::Conflict]),
    operation(
        "readOverview",
        Verb::Get,
        "/records/{object}/{id}/overview",
        "记录全貌：字段、相关记录、时间线",
        "A record with what belongs to it",
        || get(overview),
    )
    .answers(200, Answered::Json("Overview")),
    operation(
        "readRecordFiles",
        Verb::Get,
        "/records/{object}/{id}/files",
        "记录的文件：自身、相关记录和整体附件",
        "The files of a record: its own, those of what points at it, and those attached to it",
        || get(files),
    )
    .answers(200, Answered::Json("RecordFiles")),
    operation(
        "readHierarchy",
        Verb::Get,
        "/records/{object}/{id}/hierarchy",
        "上下级：所在的树与下属合计",
        "The tree that a record stands in, with the figures of what stands below it",
        || get(hierarchy),
    )
    .answers(200, Answered::Json("Hierarchy")),
    operation(
        "readTimeline",
        Verb::Get,
        "/records/{object}/{id}/timeline",
        "时间线",
        "The timeline of a record",
        || get(timeline),
    )
    .query(&[LIMIT, CURSOR, parameter("kinds", Kind::Texts, "只要这几类", "Only these kinds")])
    .answers(200, Answered::Json("Timeline"))
    .fails_with(&[Code::BadCursor]),
    operation(
        "readHistory",
        Verb::Get,
        "/records/{object}/{id}/history",
        "修改历史；给出 at 时为当时的记录",
        "The changes of a record; with `at` the record as it was",
        || get(history),
    )
    .query(&[
        parameter("at", Kind::Text, "时间，例如 2026-11-21T06:30:00Z", "A time such as 2026-11-21T06:30:00Z"),
        parameter("field", Kind::Text, "只要这个字段的修改", "Only the changes of this field"),
        LIMIT,
        CURSOR,
    ])
    .answers(200, Answered::Json("History"))
    .fails_with(&[Code::BadCursor]),
];
