//! The quality of data.

use super::imports::{XLSX, sent};
use super::{ok, request};
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Parameter, Verb, operation, parameter,
};
use axum::routing::{get, post, put};
use huike_engine::quality::acceptance::WaitingRequest;
use huike_engine::quality::issues::IssuesRequest;
use huike_model::Code;

async fn figures(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().quality_figures(call.cx()?, path.text("object").to_owned()).await?)
}

async fn measure(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().measure_quality(call.cx()?, path.text("object").to_owned()).await?)
}

async fn definition(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().quality_definition(&call.cx()?, path.text("object"))?)
}

async fn preview(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let rule = shape.object("rule").unwrap_or_default();
    shape.finish()?;
    let object = path.text("object").to_owned();
    ok(&call.app.engine().preview_quality_rule(call.cx()?, object, rule.into()).await?)
}

async fn care(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().quality_care(call.cx()?, path.text("object").to_owned()).await?)
}

async fn put_care(call: Call, path: Path, Body(members): Body) -> Answer {
    let object = path.text("object").to_owned();
    ok(&call.app.engine().put_quality_care(call.cx()?, object, request(members)?).await?)
}

async fn issues(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let asked = IssuesRequest {
        state: query.choice("state", &STATES).map(str::to_owned),
        own: query.flag("own"),
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
    };
    query.finish()?;
    ok(&call.app.engine().quality_issues(call.cx()?, path.text("object").to_owned(), asked).await?)
}

async fn remedy(call: Call, path: Path, Body(members): Body) -> Answer {
    let object = path.text("object").to_owned();
    ok(&call.app.engine().remedy_quality(call.cx()?, object, request(members)?).await?)
}

async fn recheck(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().recheck_quality(call.cx()?, path.text("object").to_owned()).await?)
}

async fn waiting(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let asked = WaitingRequest {
        state: query.choice("state", &WAITING).map(str::to_owned),
        source: query.maybe_text("source"),
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
    };
    query.finish()?;
    ok(&call.app.engine().waiting_records(call.cx()?, path.text("object").to_owned(), asked).await?)
}

async fn decide(call: Call, path: Path, Body(members): Body) -> Answer {
    let object = path.text("object").to_owned();
    ok(&call.app.engine().decide_waiting(call.cx()?, object, request(members)?).await?)
}

async fn self_check(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().quality_self_check(call.cx()?, path.text("object").to_owned()).await?)
}

async fn review(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let month = query.maybe_text("month");
    query.finish()?;
    ok(&call.app.engine().quality_review(call.cx()?, path.text("object").to_owned(), month).await?)
}

async fn review_book(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let month = query.maybe_text("month");
    query.finish()?;
    sent(call.app.engine().export_quality_review(call.cx()?, path.text("object").to_owned(), month).await?)
        .await
}

const STATES: [&str; 2] = ["open", "closed"];
const WAITING: [&str; 3] = ["waiting", "accepted", "returned"];
const LIMIT: Parameter =
    parameter("limit", Kind::Number, "每页条数，最多 100", "How many at most, up to 100");
const MONTH: Parameter = parameter("month", Kind::Text, "月份，例如 2026-11", "The month, such as 2026-11");

pub const OPERATIONS: &[Operation] = &[
    operation(
        "readQuality",
        Verb::Get,
        "/quality/{object}",
        "数据质量：最近一次统计与趋势",
        "The quality of data: the latest figures and the trend",
        || get(figures),
    )
    .answers(200, Answered::Json("Quality")),
    operation(
        "measureQuality",
        Verb::Post,
        "/quality/{object}/measure",
        "立即统计数据质量",
        "Measure the quality of data now",
        || post(measure),
    )
    .answers(200, Answered::Json("Quality")),
    operation(
        "readQualityDefinition",
        Verb::Get,
        "/quality/{object}/definition",
        "数据质量的定义：权重与规则",
        "What makes a good record: weights and rules",
        || get(definition),
    )
    .answers(200, Answered::Json("QualityDefinition")),
    operation(
        "previewQualityRule",
        Verb::Post,
        "/quality/{object}/preview",
        "试算一条规则",
        "Try a rule before it counts",
        || post(preview),
    )
    .body(Takes::Json("QualityPreviewRequest"))
    .answers(200, Answered::Json("QualityPreview")),
    operation(
        "readQualityCare",
        Verb::Get,
        "/quality/{object}/care",
        "数据角色、预警线与待办数量",
        "Who looks after the data, thresholds, and what waits",
        || get(care),
    )
    .answers(200, Answered::Json("QualityCare")),
    operation(
        "putQualityCare",
        Verb::Put,
        "/quality/{object}/care",
        "设置数据角色、预警线与验收渠道",
        "Settle who looks after the data, thresholds and channels",
        || put(put_care),
    )
    .body(Takes::Json("QualityCareSettled"))
    .answers(200, Answered::Json("QualityCare")),
    operation(
        "readQualityIssues",
        Verb::Get,
        "/quality/{object}/issues",
        "整改队列",
        "The queue of remediation",
        || get(issues),
    )
    .query(&[
        parameter("state", Kind::Words(&STATES), "状态", "The state"),
        parameter("own", Kind::Flag, "只看自己的", "One's own alone"),
        LIMIT,
        CURSOR,
    ])
    .answers(200, Answered::Json("QualityIssues"))
    .fails_with(&[Code::BadCursor]),
    operation(
        "remedyQuality",
        Verb::Post,
        "/quality/{object}/remedy",
        "把有问题的记录派成整改任务",
        "Make tasks of the records with a problem",
        || post(remedy),
    )
    .body(Takes::Json("QualityRemedyRequest"))
    .answers(200, Answered::Json("QualityRemedy")),
    operation(
        "recheckQuality",
        Verb::Post,
        "/quality/{object}/recheck",
        "复查整改：改好的关闭，没改好的重开",
        "Look again: what is mended closes, what isn't opens again",
        || post(recheck),
    )
    .answers(200, Answered::Json("QualityRechecked")),
    operation(
        "readAcceptance",
        Verb::Get,
        "/quality/{object}/acceptance",
        "待验收的新数据",
        "New data that waits to be accepted",
        || get(waiting),
    )
    .query(&[
        parameter("state", Kind::Words(&WAITING), "状态", "The state"),
        parameter("source", Kind::Text, "只看这个来源", "From this source alone"),
        LIMIT,
        CURSOR,
    ])
    .answers(200, Answered::Json("Acceptance"))
    .fails_with(&[Code::BadCursor]),
    operation(
        "decideAcceptance",
        Verb::Post,
        "/quality/{object}/acceptance",
        "验收通过或退回",
        "Accept new data or send it back",
        || post(decide),
    )
    .body(Takes::Json("AcceptanceDecision"))
    .answers(200, Answered::Json("AcceptanceDecided")),
    operation(
        "readSelfCheck",
        Verb::Get,
        "/quality/{object}/self-check",
        "信息分散自检与成熟度",
        "The four questions of scattered information, and how mature the data is",
        || get(self_check),
    )
    .answers(200, Answered::Json("SelfCheck")),
    operation(
        "readQualityReview",
        Verb::Get,
        "/quality/{object}/review",
        "数据质量月报",
        "The monthly review",
        || get(review),
    )
    .query(&[MONTH])
    .answers(200, Answered::Json("QualityReview")),
    operation(
        "exportQualityReview",
        Verb::Get,
        "/quality/{object}/review.xlsx",
        "数据质量月报（Excel）",
        "The monthly review as a workbook",
        || get(review_book),
    )
    .query(&[MONTH])
    .answers(200, Answered::File(XLSX)),
];
