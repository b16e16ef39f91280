//! Who else is at a record, what is to be known before its customer is contacted, and whom to turn to first.

use super::{ok, request};
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, Kind, Operation, Verb, operation, parameter,
};
use axum::routing::{get, post, put};
use huike_model::Code;

async fn present(call: Call, Body(members): Body) -> Answer {
    ok(&call.app.engine().be_present(call.cx()?, request(members)?).await?)
}

async fn check(call: Call, path: Path) -> Answer {
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    ok(&call.app.engine().contact_check(call.cx()?, object, id).await?)
}

async fn rules(call: Call) -> Answer {
    ok(&call.app.engine().contact_rules(call.cx()?).await?)
}

async fn put_rules(call: Call, Body(members): Body) -> Answer {
    ok(&call.app.engine().put_contact_rules(call.cx()?, request(members)?).await?)
}

async fn priorities(call: Call, Query(mut query): Query) -> Answer {
    let limit = query.maybe_number("limit");
    query.finish()?;
    ok(&call.app.engine().priorities(call.cx()?, limit).await?)
}

pub const OPERATIONS: &[Operation] = &[
    operation(
        "bePresent",
        Verb::Post,
        "/presence",
        "说明自己正在看、写或打电话；返回同时在这里的同事。每 60 秒内重复一次",
        "Say that one looks, writes or calls; who else is there. To be said again within 60 seconds",
        || post(present),
    )
    .body(Takes::Json("PresentHere"))
    .answers(200, Answered::Json("Present"))
    .fails_with(&[Code::NotFound]),
    operation(
        "checkContact",
        Verb::Get,
        "/records/{object}/{id}/contact-check",
        "联系之前：同事最近联系过吗，客户方便吗",
        "Before a contact: was a colleague in touch lately, and is it a good time",
        || get(check),
    )
    .answers(200, Answered::Json("ContactCheck")),
    operation(
        "readContactRules",
        Verb::Get,
        "/contact-rules",
        "撞单提醒的设置",
        "When a colleague's contact is told of",
        || get(rules),
    )
    .answers(200, Answered::Json("ContactRules")),
    operation(
        "putContactRules",
        Verb::Put,
        "/contact-rules",
        "修改撞单提醒的设置",
        "Change when a colleague's contact is told of",
        || put(put_rules),
    )
    .body(Takes::Json("ContactRules"))
    .answers(200, Answered::Json("ContactRules")),
    operation(
        "listPriorities",
        Verb::Get,
        "/priorities",
        "今日优先：自己的客户按价值、紧迫和多久没有联系排序，附理由",
        "Whom to turn to first today: one's own customers by value, urgency and silence, with reasons",
        || get(priorities),
    )
    .query(&[parameter("limit", Kind::Number, "几位客户，最多 50", "How many customers, 50 at most")])
    .answers(200, Answered::Json("Priorities"))
    .fails_with(&[Code::NotFound, Code::Invalid]),
];
