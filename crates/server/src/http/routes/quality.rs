//! The quality of data.

use super::ok;
use crate::http::extract::{Body, Path};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{Answer as Answered, Body as Takes, Operation, Verb, operation};
use axum::routing::{get, post};

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
];
