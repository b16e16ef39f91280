//! The quality of data.

use super::ok;
use crate::http::extract::Path;
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{Answer as Answered, Operation, Verb, operation};
use axum::routing::{get, post};

async fn figures(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().quality_figures(call.cx()?, path.text("object").to_owned()).await?)
}

async fn measure(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().measure_quality(call.cx()?, path.text("object").to_owned()).await?)
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
];
