//! Public pools, and whose a customer is and was.

use super::{created, empty, ok, request};
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Parameter, Verb, operation, parameter,
};
use axum::http::{HeaderMap, Uri};
use axum::routing::{delete, get, patch, post};
use huike_engine::pool::list::PoolRequest;
use huike_model::Code;

async fn pools(call: Call) -> Answer {
    ok(&call.app.engine().pools(call.cx()?).await?)
}

async fn customers(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let request = PoolRequest {
        pool: path.id("id")?,
        filter: query.json("filter"),
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
    };
    query.finish()?;
    ok(&call.app.engine().pool_customers(call.cx()?, request).await?)
}

async fn claim(call: Call, headers: HeaderMap, uri: Uri, Body(members): Body) -> Answer {
    let cx = call.cx_once(&headers, &uri, &members)?;
    ok(&call.app.engine().claim_customers(cx, request(members)?).await?)
}

async fn give_back(call: Call, headers: HeaderMap, uri: Uri, Body(members): Body) -> Answer {
    let cx = call.cx_once(&headers, &uri, &members)?;
    ok(&call.app.engine().return_customers(cx, request(members)?).await?)
}

async fn assign(call: Call, headers: HeaderMap, uri: Uri, Body(members): Body) -> Answer {
    let cx = call.cx_once(&headers, &uri, &members)?;
    ok(&call.app.engine().assign_from_pool(cx, request(members)?).await?)
}

async fn settings(call: Call) -> Answer {
    ok(&call.app.engine().pool_settings(call.cx()?).await?)
}

async fn make(call: Call, Body(members): Body) -> Answer {
    created(&call.app.engine().create_pool(call.cx()?, members).await?)
}

async fn change(call: Call, path: Path, Body(members): Body) -> Answer {
    ok(&call.app.engine().update_pool(call.cx()?, path.id("id")?, members).await?)
}

async fn remove(call: Call, path: Path) -> Answer {
    call.app.engine().delete_pool(call.cx()?, path.id("id")?).await?;
    empty()
}

async fn preview(call: Call, Body(members): Body) -> Answer {
    ok(&call.app.engine().preview_pool(call.cx()?, members).await?)
}

async fn custody(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().custody(call.cx()?, path.id("id")?).await?)
}

const ONCE: &[Parameter] = &[parameter(
    "Idempotency-Key",
    Kind::Text,
    "同一个键的请求只生效一次",
    "Requests with the same key take effect once",
)];

pub const OPERATIONS: &[Operation] = &[
    operation(
        "listPools",
        Verb::Get,
        "/pools",
        "可以使用的公海，以及还能领取多少",
        "The public pools that one may use, and how much one may still take",
        || get(pools),
    )
    .answers(200, Answered::Json("Pools"))
    .fails_with(&[Code::NotFound]),
    operation(
        "listPoolCustomers",
        Verb::Get,
        "/pools/{id}/customers",
        "公海里的客户，最近进入的在前",
        "The customers in a pool, those that came last first",
        || get(customers),
    )
    .query(&[
        parameter("filter", Kind::Json, "筛选条件", "A filter, as for lists of records"),
        parameter("limit", Kind::Number, "每页条数，最多 200", "Items on a page, 200 at most"),
        CURSOR,
    ])
    .answers(200, Answered::Json("PoolCustomers"))
    .fails_with(&[Code::NotFound, Code::BadFilter, Code::BadCursor, Code::Invalid]),
    operation(
        "claimCustomers",
        Verb::Post,
        "/pools/claim",
        "领取公海客户；每位客户只会归一个人",
        "Take customers out of a pool; each goes to one person",
        || post(claim),
    )
    .headers(ONCE)
    .body(Takes::Json("PoolClaim"))
    .answers(200, Answered::Json("BatchResults"))
    .fails_with(&[Code::IdempotencyMismatch]),
    operation(
        "returnCustomers",
        Verb::Post,
        "/pools/return",
        "退回公海，写明原因",
        "Return customers to a pool, with the reason",
        || post(give_back),
    )
    .headers(ONCE)
    .body(Takes::Json("PoolReturn"))
    .answers(200, Answered::Json("BatchResults"))
    .fails_with(&[Code::IdempotencyMismatch]),
    operation(
        "assignFromPool",
        Verb::Post,
        "/pools/assign",
        "公海管理员把客户分配给同事",
        "Whoever looks after a pool gives its customers to somebody",
        || post(assign),
    )
    .headers(ONCE)
    .body(Takes::Json("PoolAssign"))
    .answers(200, Answered::Json("BatchResults"))
    .fails_with(&[Code::IdempotencyMismatch]),
    operation(
        "listPoolSettings",
        Verb::Get,
        "/pools/settings",
        "全部公海与规则",
        "Every pool with its rules",
        || get(settings),
    )
    .answers(200, Answered::Json("PoolSettings")),
    operation("createPool", Verb::Post, "/pools", "新建公海", "Make a pool", || post(make))
        .body(Takes::Json("PoolWritten"))
        .answers(201, Answered::Json("Pool")),
    operation(
        "previewPool",
        Verb::Post,
        "/pools/preview",
        "试运行：哪些客户会被回收",
        "Which customers the rules of a pool would take back",
        || post(preview),
    )
    .body(Takes::Json("PoolWritten"))
    .answers(200, Answered::Json("PoolPreview"))
    .fails_with(&[Code::NotFound]),
    operation("updatePool", Verb::Patch, "/pools/{id}", "修改公海", "Change a pool", || patch(change))
        .body(Takes::Json("PoolWritten"))
        .answers(200, Answered::Json("Pool")),
    operation("deletePool", Verb::Delete, "/pools/{id}", "删除公海", "Delete a pool", || delete(remove))
        .answers(204, Answered::Empty),
    operation(
        "readCustody",
        Verb::Get,
        "/customers/{id}/custody",
        "客户归属的经过：谁负责过、何时进出公海、为什么",
        "Whose a customer was, when it was in a pool, and why",
        || get(custody),
    )
    .answers(200, Answered::Json("Custody")),
];
