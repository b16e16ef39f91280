//! The stages that records go through.

use super::ok;
use crate::http::extract::{Body, Path, Query, if_match};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, Kind, Operation, Verb, operation, parameter,
};
use crate::http::routes::records::{IF_MATCH, one};
use axum::http::HeaderMap;
use axum::routing::{get, post, put};
use huike_engine::lifecycle::{edit, figures, transitions};
use huike_model::Code;

async fn read_transitions(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().transitions(call.cx()?, path.text("object").to_owned(), path.id("id")?).await?)
}

async fn perform(call: Call, path: Path, headers: HeaderMap, body: Body) -> Answer {
    let (id, version) = (path.id("id")?, if_match(&headers)?);
    let mut shape = body.shape();
    let request = transitions::Request {
        to: shape.text("to"),
        values: shape.object("values").unwrap_or_default(),
        note: shape.maybe_text("note"),
    };
    shape.finish()?;
    let object = path.text("object").to_owned();
    one(&call.app.engine().transition(call.cx()?, object, id, version, request).await?, ok)
}

async fn read_lifecycle(call: Call, path: Path) -> Answer {
    ok(&edit::read(&call.cx()?, path.text("object"))?)
}

async fn put_lifecycle(call: Call, path: Path, headers: HeaderMap, Body(members): Body) -> Answer {
    let version = if_match(&headers)?;
    let object = path.text("object").to_owned();
    ok(&call.app.engine().put_lifecycle(call.cx()?, object, version, members).await?)
}

async fn preview(call: Call, path: Path, Body(members): Body) -> Answer {
    ok(&call.app.engine().preview_lifecycle(call.cx()?, path.text("object").to_owned(), members).await?)
}

async fn read_figures(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let request = figures::Request {
        from: query.maybe_text("from"),
        to: query.maybe_text("to"),
        filter: query.json("filter"),
    };
    query.finish()?;
    ok(&call.app.engine().stage_figures(call.cx()?, path.text("object").to_owned(), request).await?)
}

pub const OPERATIONS: &[Operation] = &[
    operation(
        "readTransitions",
        Verb::Get,
        "/records/{object}/{id}/transitions",
        "阶段：现在在哪、能去哪、还缺什么",
        "The stage of a record, where it can go, and what is still missing",
        || get(read_transitions),
    )
    .answers(200, Answered::Json("Transitions")),
    operation(
        "performTransition",
        Verb::Post,
        "/records/{object}/{id}/transitions",
        "转到另一阶段，缺的内容一并填写",
        "Move to a stage, filling in what is missing",
        || post(perform),
    )
    .headers(&[IF_MATCH])
    .body(Takes::Json("TransitionRequest"))
    .answers(200, Answered::Record)
    .fails_with(&[Code::Stale, Code::Conflict]),
    operation(
        "readLifecycle",
        Verb::Get,
        "/lifecycles/{object}",
        "生命周期的设置",
        "The lifecycle of an object",
        || get(read_lifecycle),
    )
    .answers(200, Answered::Json("Lifecycle")),
    operation(
        "putLifecycle",
        Verb::Put,
        "/lifecycles/{object}",
        "修改生命周期",
        "Change the lifecycle of an object",
        || put(put_lifecycle),
    )
    .headers(&[IF_MATCH])
    .body(Takes::Json("LifecycleWritten"))
    .answers(200, Answered::Json("Lifecycle"))
    .fails_with(&[Code::Stale]),
    operation(
        "previewLifecycle",
        Verb::Post,
        "/lifecycles/{object}/preview",
        "试算：修改会影响多少资料",
        "What a change would mean for the records there are",
        || post(preview),
    )
    .body(Takes::Json("LifecycleWritten"))
    .answers(200, Answered::Json("LifecyclePreview")),
    operation(
        "readStageFigures",
        Verb::Get,
        "/lifecycles/{object}/figures",
        "各阶段的转化、停留与流失原因",
        "Conversion, time spent and reasons for loss by stage",
        || get(read_figures),
    )
    .query(&[
        parameter("from", Kind::Text, "开始日期，默认 90 天前", "The first day, 90 days ago without"),
        parameter("to", Kind::Text, "结束日期，默认今天", "The last day, today without"),
        parameter("filter", Kind::Json, "只统计这些资料", "Only these records"),
    ])
    .answers(200, Answered::Json("StageFigures"))
    .fails_with(&[Code::BadFilter]),
];
