//! One record out of several, and back.

use super::{accepted, ok, request};
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Verb, operation, parameter,
};
use axum::http::{HeaderMap, Uri};
use axum::routing::{get, post};
use huike_engine::merging::GroupsRequest;
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

async fn start_run(call: Call, path: Path) -> Answer {
    accepted(&call.app.engine().start_duplicate_run(call.cx()?, path.text("object").to_owned()).await?)
}

async fn read_run(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().duplicate_run(call.cx()?, path.text("object").to_owned()).await?)
}

async fn cancel_run(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().cancel_duplicate_run(call.cx()?, path.text("object").to_owned()).await?)
}

async fn weights(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().matching_weights(call.cx()?, path.text("object").to_owned()).await?)
}

async fn learn(call: Call, path: Path, Body(members): Body) -> Answer {
    let object = path.text("object").to_owned();
    ok(&call.app.engine().learn_matching(call.cx()?, object, request(members)?).await?)
}

async fn switch(call: Call, path: Path, Body(members): Body) -> Answer {
    let object = path.text("object").to_owned();
    ok(&call.app.engine().switch_matching(call.cx()?, object, request(members)?).await?)
}

async fn groups(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let request = GroupsRequest {
        kind: query.choice("kind", &KINDS).map(str::to_owned),
        tier: query.choice("tier", &TIERS).map(str::to_owned),
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
    };
    query.finish()?;
    ok(&call.app.engine().duplicate_groups(call.cx()?, path.text("object").to_owned(), request).await?)
}

async fn decide(call: Call, path: Path, Body(members): Body) -> Answer {
    let object = path.text("object").to_owned();
    ok(&call.app.engine().decide_duplicates(call.cx()?, object, request(members)?).await?)
}

const KINDS: [&str; 2] = ["same", "branch"];
const TIERS: [&str; 3] = ["certain", "likely", "possible"];

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
    .query(&[parameter("limit", Kind::Number, "每页条数，最多 100", "Items on a page, 100 at most"), CURSOR])
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
    operation(
        "readMatching",
        Verb::Get,
        "/records/{object}/matching",
        "判重标准：现用的与试算的",
        "The weights of the comparison: in use, and proposed",
        || get(weights),
    )
    .answers(200, Answered::Json("Matching")),
    operation(
        "learnMatching",
        Verb::Post,
        "/records/{object}/matching/learn",
        "按已确认的结果或现有资料试算判重标准，不启用",
        "Learn weights from answers or records; they are only shown",
        || post(learn),
    )
    .body(Takes::Json("MatchingLearn"))
    .answers(200, Answered::Json("Matching")),
    operation(
        "switchMatching",
        Verb::Post,
        "/records/{object}/matching/switch",
        "启用试算的标准，或恢复出厂标准",
        "Use the proposal, or the weights that come with the program",
        || post(switch),
    )
    .body(Takes::Json("MatchingSwitch"))
    .answers(200, Answered::Json("Matching"))
    .fails_with(&[Code::Conflict]),
    operation(
        "startDuplicateRun",
        Verb::Post,
        "/records/{object}/duplicate-run",
        "在后台查找整个库里的重复",
        "Search every record for duplicates in the background",
        || post(start_run),
    )
    .answers(202, Answered::Json("DuplicateRun"))
    .fails_with(&[Code::Conflict]),
    operation(
        "readDuplicateRun",
        Verb::Get,
        "/records/{object}/duplicate-run",
        "最近一次查重及进度",
        "The last search and how far it got",
        || get(read_run),
    )
    .answers(200, Answered::Json("LastDuplicateRun")),
    operation(
        "cancelDuplicateRun",
        Verb::Post,
        "/records/{object}/duplicate-run/cancel",
        "停止正在进行的查重",
        "Stop the search at work",
        || post(cancel_run),
    )
    .answers(200, Answered::Json("LastDuplicateRun")),
    operation(
        "listDuplicateGroups",
        Verb::Get,
        "/records/{object}/duplicate-groups",
        "查重发现、尚未处理的分组，最有把握的在前",
        "What the search found and nobody has decided, the surest first",
        || get(groups),
    )
    .query(&[
        parameter("kind", Kind::Words(&KINDS), "same：同一个；branch：分支机构", "`same` or `branch`"),
        parameter("tier", Kind::Words(&TIERS), "把握程度", "How sure"),
        parameter("limit", Kind::Number, "每页组数，最多 100", "Groups on a page, 100 at most"),
        CURSOR,
    ])
    .answers(200, Answered::Json("DuplicateGroups"))
    .fails_with(&[Code::BadCursor]),
    operation(
        "decideDuplicateGroups",
        Verb::Post,
        "/records/{object}/duplicate-groups/decide",
        "按规则处理分组：合并、挂到上级，或 dismiss 记为不是同一个",
        "Decide groups by the rules: merge, link to the head office, or with `dismiss` mark as not the same",
        || post(decide),
    )
    .body(Takes::Json("DuplicateDecision"))
    .answers(200, Answered::Json("DuplicateDecisions"))
    .fails_with(&[Code::Conflict]),
];
