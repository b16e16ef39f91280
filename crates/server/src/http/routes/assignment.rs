//! The rules of who gets a customer, and handing over what somebody looks after.

use super::{accepted, created, empty, ok, request};
use crate::http::extract::{Body, Path};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, Kind, Operation, Verb, operation, parameter,
};
use axum::http::{HeaderMap, Uri};
use axum::routing::{delete, get, patch, post};
use huike_model::Code;

async fn rules(call: Call) -> Answer {
    ok(&call.app.engine().assignment_rules(call.cx()?).await?)
}

async fn make(call: Call, Body(members): Body) -> Answer {
    created(&call.app.engine().create_assignment_rule(call.cx()?, members).await?)
}

async fn change(call: Call, path: Path, Body(members): Body) -> Answer {
    ok(&call.app.engine().update_assignment_rule(call.cx()?, path.id("id")?, members).await?)
}

async fn remove(call: Call, path: Path) -> Answer {
    call.app.engine().delete_assignment_rule(call.cx()?, path.id("id")?).await?;
    empty()
}

async fn attempt(call: Call, Body(members): Body) -> Answer {
    ok(&call.app.engine().try_assignment_rule(call.cx()?, members).await?)
}

async fn assign(call: Call, headers: HeaderMap, uri: Uri, Body(members): Body) -> Answer {
    let cx = call.cx_once(&headers, &uri, &members)?;
    ok(&call.app.engine().assign_by_rule(cx, request(members)?).await?)
}

async fn preview(call: Call, Body(members): Body) -> Answer {
    ok(&call.app.engine().preview_handover(call.cx()?, request(members)?).await?)
}

async fn start(call: Call, Body(members): Body) -> Answer {
    accepted(&call.app.engine().start_handover(call.cx()?, request(members)?).await?)
}

async fn handovers(call: Call) -> Answer {
    ok(&call.app.engine().handovers(call.cx()?).await?)
}

async fn handover(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().handover(call.cx()?, path.id("id")?).await?)
}

async fn undo(call: Call, path: Path) -> Answer {
    accepted(&call.app.engine().undo_handover(call.cx()?, path.id("id")?).await?)
}

pub const OPERATIONS: &[Operation] = &[
    operation(
        "listAssignmentRules",
        Verb::Get,
        "/assignment-rules",
        "分配规则",
        "The rules of who gets a customer",
        || get(rules),
    )
    .answers(200, Answered::Json("AssignmentRules")),
    operation(
        "createAssignmentRule",
        Verb::Post,
        "/assignment-rules",
        "新建分配规则",
        "Make a rule",
        || post(make),
    )
    .body(Takes::Json("AssignmentRuleWritten"))
    .answers(201, Answered::Json("AssignmentRule")),
    operation(
        "tryAssignmentRule",
        Verb::Post,
        "/assignment-rules/dry-run",
        "试运行：近 30 天的新客户会分给谁",
        "Who would have got the customers of the last 30 days",
        || post(attempt),
    )
    .body(Takes::Json("AssignmentRuleWritten"))
    .answers(200, Answered::Json("AssignmentTrial"))
    .fails_with(&[Code::NotFound]),
    operation(
        "assignByRule",
        Verb::Post,
        "/assignment-rules/run",
        "按规则分配选中的客户",
        "Give a selection of customers by the rules",
        || post(assign),
    )
    .headers(&[parameter(
        "Idempotency-Key",
        Kind::Text,
        "同一个键的请求只生效一次",
        "Requests with the same key take effect once",
    )])
    .body(Takes::Json("PoolClaim"))
    .answers(200, Answered::Json("AssignmentResults"))
    .fails_with(&[Code::NotFound, Code::IdempotencyMismatch]),
    operation(
        "updateAssignmentRule",
        Verb::Patch,
        "/assignment-rules/{id}",
        "修改分配规则",
        "Change a rule",
        || patch(change),
    )
    .body(Takes::Json("AssignmentRuleWritten"))
    .answers(200, Answered::Json("AssignmentRule")),
    operation(
        "deleteAssignmentRule",
        Verb::Delete,
        "/assignment-rules/{id}",
        "删除分配规则",
        "Delete a rule",
        || delete(remove),
    )
    .answers(204, Answered::Empty),
    operation(
        "previewHandover",
        Verb::Post,
        "/handovers/preview",
        "交接前看看：有多少资料、分给谁、还有什么要处理",
        "What a handover would move, to whom, and what else is to be looked after",
        || post(preview),
    )
    .body(Takes::Json("HandoverRequest"))
    .answers(200, Answered::Json("HandoverPreview"))
    .fails_with(&[Code::NotFound, Code::BadFilter]),
    operation("startHandover", Verb::Post, "/handovers", "开始交接", "Begin a handover", || post(start))
        .body(Takes::Json("HandoverRequest"))
        .answers(202, Answered::Json("Made"))
        .fails_with(&[Code::NotFound, Code::BadFilter, Code::Conflict]),
    operation("listHandovers", Verb::Get, "/handovers", "交接记录", "The handovers", || get(handovers))
        .answers(200, Answered::Json("Handovers")),
    operation(
        "readHandover",
        Verb::Get,
        "/handovers/{id}",
        "一次交接的报告",
        "The report of a handover",
        || get(handover),
    )
    .answers(200, Answered::Json("HandoverReport")),
    operation(
        "undoHandover",
        Verb::Post,
        "/handovers/{id}/undo",
        "撤销交接：接手人仍负责的资料退回原处",
        "Take a handover back: what the receivers still have goes back",
        || post(undo),
    )
    .answers(202, Answered::Json("Made"))
    .fails_with(&[Code::Conflict]),
];
