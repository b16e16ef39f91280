//! Bulk cleaning, and the provider of company data that it may ask.

use super::{accepted, ok, request};
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Verb, operation, parameter,
};
use axum::routing::{get, post};
use huike_engine::cleaning::ChangesRequest;
use huike_model::Code;

async fn start(call: Call, path: Path, Body(members): Body) -> Answer {
    let object = path.text("object").to_owned();
    accepted(&call.app.engine().start_cleaning(call.cx()?, object, request(members)?).await?)
}

async fn list(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let (limit, cursor) = (query.maybe_number("limit").unwrap_or(10), query.maybe_text("cursor"));
    query.finish()?;
    ok(&call.app.engine().cleanings(call.cx()?, path.text("object").to_owned(), limit, cursor).await?)
}

async fn read(call: Call, path: Path) -> Answer {
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    ok(&call.app.engine().cleaning(call.cx()?, object, id).await?)
}

async fn changes(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let asked = ChangesRequest {
        field: query.maybe_text("field"),
        origin: query.choice("origin", &ORIGINS).map(str::to_owned),
        state: query.choice("state", &FATES).map(str::to_owned),
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
    };
    query.finish()?;
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    ok(&call.app.engine().cleaning_changes(call.cx()?, object, id, asked).await?)
}

async fn apply(call: Call, path: Path, Body(members): Body) -> Answer {
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    accepted(&call.app.engine().apply_cleaning(call.cx()?, object, id, request(members)?).await?)
}

async fn cancel(call: Call, path: Path) -> Answer {
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    ok(&call.app.engine().cancel_cleaning(call.cx()?, object, id).await?)
}

async fn undo(call: Call, path: Path) -> Answer {
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    accepted(&call.app.engine().undo_cleaning(call.cx()?, object, id).await?)
}

async fn sources(call: Call, path: Path) -> Answer {
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    ok(&call.app.engine().record_sources(call.cx()?, object, id).await?)
}

async fn provider(call: Call) -> Answer {
    ok(&call.app.engine().provider(call.cx()?).await?)
}

async fn put_provider(call: Call, Body(members): Body) -> Answer {
    ok(&call.app.engine().put_provider(call.cx()?, request(members)?).await?)
}

async fn try_provider(call: Call, Body(members): Body) -> Answer {
    ok(&call.app.engine().try_provider(call.cx()?, request(members)?).await?)
}

const ORIGINS: [&str; 3] = ["standard", "related", "provider"];
const FATES: [&str; 6] = ["proposed", "omitted", "applied", "left", "undone", "kept"];

pub const OPERATIONS: &[Operation] = &[
    operation(
        "startCleaning",
        Verb::Post,
        "/cleaning/{object}",
        "在后台找出可以清洗和补充的内容，此时不写入",
        "Look in the background for what can be put in order or filled in; nothing is written",
        || post(start),
    )
    .body(Takes::Json("CleaningRequest"))
    .answers(202, Answered::Json("Cleaning"))
    .fails_with(&[Code::Conflict, Code::BadFilter]),
    operation(
        "listCleanings",
        Verb::Get,
        "/cleaning/{object}",
        "清洗记录，最近的在前",
        "The cleanings of an object, newest first",
        || get(list),
    )
    .query(&[parameter("limit", Kind::Number, "每页条数，最多 50", "Items on a page, 50 at most"), CURSOR])
    .answers(200, Answered::Json("Cleanings"))
    .fails_with(&[Code::BadCursor]),
    operation(
        "readCleaning",
        Verb::Get,
        "/cleaning/{object}/{id}",
        "一次清洗：进度与各类更改的数量",
        "One cleaning: how far it got, and how many changes of each kind",
        || get(read),
    )
    .answers(200, Answered::Json("Cleaning")),
    operation(
        "readCleaningChanges",
        Verb::Get,
        "/cleaning/{object}/{id}/changes",
        "逐项的更改：原值 → 新值、来源与结果",
        "The changes one by one: before and after, source and outcome",
        || get(changes),
    )
    .query(&[
        parameter("field", Kind::Text, "只看这个字段", "This field alone"),
        parameter("origin", Kind::Words(&ORIGINS), "只看这种来源", "This origin alone"),
        parameter("state", Kind::Words(&FATES), "只看这种结果", "This outcome alone"),
        parameter("limit", Kind::Number, "每页条数，最多 100", "Items on a page, 100 at most"),
        CURSOR,
    ])
    .answers(200, Answered::Json("CleaningChanges"))
    .fails_with(&[Code::BadCursor]),
    operation(
        "applyCleaning",
        Verb::Post,
        "/cleaning/{object}/{id}/apply",
        "在后台写入没有去掉的更改",
        "Write in the background what isn't left out",
        || post(apply),
    )
    .body(Takes::Json("CleaningApply"))
    .answers(202, Answered::Json("Cleaning"))
    .fails_with(&[Code::Conflict]),
    operation(
        "cancelCleaning",
        Verb::Post,
        "/cleaning/{object}/{id}/cancel",
        "停止，或放弃还没写入的更改",
        "Stop, or drop what was not written",
        || post(cancel),
    )
    .answers(200, Answered::Json("Cleaning"))
    .fails_with(&[Code::Conflict]),
    operation(
        "undoCleaning",
        Verb::Post,
        "/cleaning/{object}/{id}/undo",
        "撤销清洗（30 天内）；之后改过的内容保留并列出",
        "Take a cleaning back within 30 days; what was changed since stays and is told",
        || post(undo),
    )
    .answers(202, Answered::Json("Cleaning"))
    .fails_with(&[Code::Conflict]),
    operation(
        "readRecordSources",
        Verb::Get,
        "/records/{object}/{id}/sources",
        "哪些字段是自动补充的，来自哪里",
        "Which fields were filled in, and from where",
        || get(sources),
    )
    .answers(200, Answered::Json("RecordSources")),
    operation(
        "readProvider",
        Verb::Get,
        "/enrichment/provider",
        "企业信息服务的设置，不含密钥",
        "The provider of company data as set up, without its secret",
        || get(provider),
    )
    .answers(200, Answered::Json("Provider")),
    operation(
        "putProvider",
        Verb::Put,
        "/enrichment/provider",
        "设置企业信息服务",
        "Set the provider of company data up",
        || axum::routing::put(put_provider),
    )
    .body(Takes::Json("ProviderRequest"))
    .answers(200, Answered::Json("Provider")),
    operation(
        "tryProvider",
        Verb::Post,
        "/enrichment/provider/trial",
        "用一家单位试查，不写入",
        "Try the provider with one company; nothing is written",
        || post(try_provider),
    )
    .body(Takes::Json("ProviderTrialRequest"))
    .answers(200, Answered::Json("ProviderTrial")),
];
