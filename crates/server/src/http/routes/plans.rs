//! Plans of following up, and the tiers of customers.

use super::{created, empty, ok};
use crate::http::extract::{Body, Path, Query, if_match};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Parameter, Verb, operation, parameter,
};
use crate::http::routes::records::IF_MATCH;
use crate::http::shape::Shape;
use axum::http::HeaderMap;
use axum::routing::{delete, get, patch, post, put};
use huike_engine::plans::act::Closing;
use huike_engine::tiers::edit;
use huike_engine::tiers::rhythm::{Request, Scope};
use huike_model::Code;

async fn of_record(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().plans_of(call.cx()?, path.text("object").to_owned(), path.id("id")?).await?)
}

async fn start(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let plan = shape.maybe_id("plan");
    shape.finish()?;
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    ok(&call.app.engine().start_plan(call.cx()?, object, id, plan.unwrap_or_default()).await?)
}

async fn stop(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let reason = shape.text("reason");
    shape.finish()?;
    ok(&call.app.engine().stop_plan(call.cx()?, path.id("id")?, reason).await?)
}

async fn done(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let closing = Closing::Done { outcome: shape.maybe_text("outcome"), note: shape.maybe_text("note") };
    shape.finish()?;
    ok(&call.app.engine().close_step(call.cx()?, path.id("id")?, closing).await?)
}

async fn skip(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let closing = Closing::Skipped { reason: shape.text("reason") };
    shape.finish()?;
    ok(&call.app.engine().close_step(call.cx()?, path.id("id")?, closing).await?)
}

async fn list(call: Call) -> Answer {
    ok(&call.app.engine().plans(call.cx()?).await?)
}

async fn create(call: Call, Body(members): Body) -> Answer {
    created(&call.app.engine().create_plan(call.cx()?, members).await?)
}

async fn update(call: Call, path: Path, headers: HeaderMap, Body(members): Body) -> Answer {
    let (id, version) = (path.id("id")?, if_match(&headers)?);
    ok(&call.app.engine().update_plan(call.cx()?, id, version, members).await?)
}

async fn remove(call: Call, path: Path) -> Answer {
    call.app.engine().delete_plan(call.cx()?, path.id("id")?).await?;
    empty()
}

async fn dry_run(call: Call, Body(members): Body) -> Answer {
    ok(&call.app.engine().try_plan(call.cx()?, members).await?)
}

async fn tier_of(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().tier_of(call.cx()?, path.text("object").to_owned(), path.id("id")?).await?)
}

async fn set_tier(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let (tier, reason, until) = (shape.text("tier"), shape.text("reason"), shape.maybe_text("until"));
    shape.finish()?;
    let (object, id) = (path.text("object").to_owned(), path.id("id")?);
    ok(&call.app.engine().set_tier(call.cx()?, object, id, tier, reason, until).await?)
}

async fn reset_tier(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().reset_tier(call.cx()?, path.text("object").to_owned(), path.id("id")?).await?)
}

async fn read_tiers(call: Call) -> Answer {
    ok(&edit::read(&call.cx()?)?)
}

async fn put_tiers(call: Call, headers: HeaderMap, Body(members): Body) -> Answer {
    let version = if_match(&headers)?;
    ok(&call.app.engine().put_tiers(call.cx()?, version, members).await?)
}

async fn preview_tiers(call: Call, Body(members): Body) -> Answer {
    ok(&call.app.engine().preview_tiers(call.cx()?, members).await?)
}

const SCOPES: &[&str] = &["mine", "team", "all"];

fn scope(query: &mut Shape) -> Scope {
    match query.choice("scope", SCOPES) {
        Some("team") => Scope::Team,
        Some("all") => Scope::All,
        _ => Scope::Mine,
    }
}

async fn behind(call: Call, Query(mut query): Query) -> Answer {
    let request = Request {
        scope: scope(&mut query),
        tier: query.maybe_text("tier"),
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
    };
    query.finish()?;
    ok(&call.app.engine().behind(call.cx()?, request).await?)
}

async fn behind_counts(call: Call, Query(mut query): Query) -> Answer {
    let scope = scope(&mut query);
    query.finish()?;
    ok(&call.app.engine().behind_counts(call.cx()?, scope).await?)
}

const SCOPE: Parameter = parameter(
    "scope",
    Kind::Words(SCOPES),
    "本人的、下属的，或能看到的全部",
    "One's own, those of one's people, or all that one may read",
);

pub const OPERATIONS: &[Operation] = &[
    operation(
        "recordPlans",
        Verb::Get,
        "/records/{object}/{id}/plans",
        "客户的跟进计划与进度",
        "The plans that a customer is on, and how far",
        || get(of_record),
    )
    .answers(200, Answered::Json("RecordPlans")),
    operation(
        "startPlan",
        Verb::Post,
        "/records/{object}/{id}/plans",
        "启动一个跟进计划",
        "Put a customer on a plan",
        || post(start),
    )
    .body(Takes::Json("PlanStart"))
    .answers(200, Answered::Json("RecordPlans"))
    .fails_with(&[Code::Conflict]),
    operation(
        "stopPlan",
        Verb::Post,
        "/plan-runs/{id}/stop",
        "终止客户的跟进计划",
        "End a customer's plan before it is done",
        || post(stop),
    )
    .body(Takes::Json("Reason"))
    .answers(200, Answered::Json("RecordPlans"))
    .fails_with(&[Code::Conflict]),
    operation(
        "finishPlanStep",
        Verb::Post,
        "/plan-steps/{id}/done",
        "完成计划的一步",
        "Mark the step of a plan as done",
        || post(done),
    )
    .body(Takes::Json("PlanStepDone"))
    .answers(200, Answered::Json("RecordPlans"))
    .fails_with(&[Code::Conflict]),
    operation(
        "skipPlanStep",
        Verb::Post,
        "/plan-steps/{id}/skip",
        "跳过计划的一步",
        "Pass over the step of a plan",
        || post(skip),
    )
    .body(Takes::Json("Reason"))
    .answers(200, Answered::Json("RecordPlans"))
    .fails_with(&[Code::Conflict]),
    operation("listPlans", Verb::Get, "/plans", "跟进计划", "The plans of following up", || get(list))
        .answers(200, Answered::Json("Plans")),
    operation("createPlan", Verb::Post, "/plans", "新建跟进计划", "Make a plan", || post(create))
        .body(Takes::Json("PlanWritten"))
        .answers(201, Answered::Json("Plan")),
    operation(
        "tryPlan",
        Verb::Post,
        "/plans/dry-run",
        "试运行：近 30 天会启动多少次",
        "What a plan would have done in the last 30 days",
        || post(dry_run),
    )
    .body(Takes::Json("PlanWritten"))
    .answers(200, Answered::Json("PlanTrial")),
    operation("updatePlan", Verb::Patch, "/plans/{id}", "修改跟进计划", "Change a plan", || {
        patch(update)
    })
    .headers(&[IF_MATCH])
    .body(Takes::Json("PlanWritten"))
    .answers(200, Answered::Json("Plan"))
    .fails_with(&[Code::Stale]),
    operation("deletePlan", Verb::Delete, "/plans/{id}", "删除跟进计划", "Delete a plan", || {
        delete(remove)
    })
    .answers(204, Answered::Empty),
    operation(
        "readTier",
        Verb::Get,
        "/records/{object}/{id}/tier",
        "客户等级的由来与联系节奏",
        "What makes a customer's tier, and whether contact keeps up with it",
        || get(tier_of),
    )
    .answers(200, Answered::Json("RecordTier")),
    operation(
        "setTier",
        Verb::Post,
        "/records/{object}/{id}/tier",
        "人工定级，写明原因",
        "Set a customer's tier by hand",
        || post(set_tier),
    )
    .body(Takes::Json("TierSet"))
    .answers(200, Answered::Json("RecordTier"))
    .fails_with(&[Code::Conflict]),
    operation(
        "resetTier",
        Verb::Delete,
        "/records/{object}/{id}/tier",
        "取消人工定级",
        "Give a customer's tier back to working out",
        || delete(reset_tier),
    )
    .answers(200, Answered::Json("RecordTier"))
    .fails_with(&[Code::Conflict]),
    operation("readTiers", Verb::Get, "/tiers", "客户分级的设置", "How tiers are worked out", || {
        get(read_tiers)
    })
    .answers(200, Answered::Json("Tiers")),
    operation(
        "putTiers",
        Verb::Put,
        "/tiers",
        "修改客户分级",
        "Change how tiers are worked out",
        || put(put_tiers),
    )
    .headers(&[IF_MATCH])
    .body(Takes::Json("TiersWritten"))
    .answers(200, Answered::Json("Tiers"))
    .fails_with(&[Code::Stale]),
    operation(
        "previewTiers",
        Verb::Post,
        "/tiers/preview",
        "试算：多少客户会换等级",
        "How many customers would move between tiers",
        || post(preview_tiers),
    )
    .body(Takes::Json("TiersWritten"))
    .answers(200, Answered::Json("TiersPreview")),
    operation(
        "listBehind",
        Verb::Get,
        "/contact-rhythm",
        "联系少于等级要求的客户",
        "Customers who are talked with less than their tier asks for",
        || get(behind),
    )
    .query(&[
        SCOPE,
        parameter("tier", Kind::Text, "只看这个等级", "Only this tier"),
        parameter("limit", Kind::Number, "每页条数，最多 200", "Items on a page, 200 at most"),
        CURSOR,
    ])
    .answers(200, Answered::Json("Behind"))
    .fails_with(&[Code::BadCursor]),
    operation(
        "countBehind",
        Verb::Get,
        "/contact-rhythm/summary",
        "各等级的客户数与落后数",
        "How many customers of each tier are behind",
        || get(behind_counts),
    )
    .query(&[SCOPE])
    .answers(200, Answered::Json("BehindCounts")),
];
