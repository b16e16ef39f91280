//! Promises with a date, and the notifications about them.

use super::{empty, ok, request};
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Parameter, Verb, operation, parameter,
};
use crate::http::shape::Shape;
use axum::routing::{get, post};
use huike_engine::obligations::act::Action;
use huike_engine::obligations::dead;
use huike_engine::obligations::list::{Bucket, Request, Scope};
use huike_model::{Code, Id};
use serde_json::json;

const BUCKETS: &[&str] = &["late", "today", "week", "later", "none"];
const SCOPES: &[&str] = &["mine", "team"];

fn asked(query: &mut Shape) -> Request {
    let scope = query.choice("scope", SCOPES);
    Request {
        scope: if scope == Some("team") { Scope::Team } else { Scope::Mine },
        bucket: query.choice("bucket", BUCKETS).and_then(Bucket::parse),
        owner: query.maybe_id("owner"),
        limit: query.maybe_number("limit"),
        cursor: query.maybe_text("cursor"),
    }
}

async fn list(call: Call, Query(mut query): Query) -> Answer {
    let request = asked(&mut query);
    query.finish()?;
    ok(&call.app.engine().obligations(call.cx()?, request).await?)
}

async fn counts(call: Call, Query(mut query): Query) -> Answer {
    let scope = query.choice("scope", SCOPES);
    let scope = if scope == Some("team") { Scope::Team } else { Scope::Mine };
    let request = Request { scope, owner: query.maybe_id("owner"), ..Request::default() };
    query.finish()?;
    ok(&call.app.engine().obligation_counts(call.cx()?, request).await?)
}

async fn of_record(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().obligations_of(call.cx()?, path.text("object").into(), path.id("id")?).await?)
}

async fn act(call: Call, path: Path, action: Action) -> Answer {
    ok(&call.app.engine().act_on_obligation(call.cx()?, path.id("id")?, action).await?)
}

async fn done(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let note = shape.maybe_text("note");
    shape.finish()?;
    act(call, path, Action::Done { note }).await
}

async fn waive(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let reason = shape.text("reason");
    shape.finish()?;
    act(call, path, Action::Waive { reason }).await
}

async fn snooze(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let until = shape.text("until");
    shape.finish()?;
    act(call, path, Action::Snooze { until }).await
}

async fn reopen(call: Call, path: Path) -> Answer {
    act(call, path, Action::Reopen).await
}

async fn reminders_of(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().reminders_of(call.cx()?, path.text("object").into(), path.id("id")?).await?)
}

async fn team(call: Call) -> Answer {
    ok(&call.app.engine().team(call.cx()?).await?)
}

async fn notifications(call: Call, Query(mut query): Query) -> Answer {
    let (unread, limit, cursor) =
        (query.flag("unread"), query.maybe_number("limit"), query.maybe_text("cursor"));
    query.finish()?;
    ok(&call.app.engine().notifications(call.cx()?, unread, limit, cursor).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(default)]
    ids: Option<Vec<Id>>,
}

async fn read(call: Call, Body(members): Body) -> Answer {
    let read: Read = request(members)?;
    let ids = read.ids.map(|ids| ids.into_iter().map(Id::number).collect());
    ok(&call.app.engine().read_notifications(call.cx()?, ids).await?)
}

async fn snooze_notification(call: Call, path: Path, body: Body) -> Answer {
    let mut shape = body.shape();
    let until = shape.text("until");
    shape.finish()?;
    call.app.engine().snooze_notification(call.cx()?, path.id("id")?, until).await?;
    empty()
}

async fn why(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().explain_notification(call.cx()?, path.id("id")?).await?)
}

async fn scheduler(call: Call) -> Answer {
    use huike_model::access::AdminArea;
    use std::sync::atomic::Ordering::Relaxed;
    let cx = call.cx()?;
    cx.require(AdminArea::Settings)?;
    let gauges = call.app.engine().gauges();
    ok(&json!({
        "backlog": gauges.backlog.load(Relaxed),
        "lag_seconds": gauges.lag_ms.load(Relaxed) / 1_000,
        "dead_letters": gauges.dead.load(Relaxed),
        "broken": gauges.broken.load(Relaxed),
    }))
}

async fn dead_letters(call: Call) -> Answer {
    ok(&dead::list(call.app.engine(), &call.cx()?).await?)
}

async fn retry(call: Call, path: Path) -> Answer {
    dead::retry(call.app.engine(), &call.cx()?, path.id("id")?).await?;
    empty()
}

const SCOPE: Parameter =
    parameter("scope", Kind::Words(SCOPES), "本人的，或下属的", "One's own, or those of one's people");
const OWNER: Parameter = parameter("owner", Kind::Text, "只看这个人的", "Only this person's");

pub const OPERATIONS: &[Operation] = &[
    operation(
        "listObligations",
        Verb::Get,
        "/obligations",
        "待办承诺，按到期先后",
        "What was promised, the earliest first",
        || get(list),
    )
    .query(&[
        SCOPE,
        parameter(
            "bucket",
            Kind::Words(BUCKETS),
            "逾期、今天、本周、以后、无计划的客户",
            "Late, today, this week, later, or customers with nothing planned",
        ),
        OWNER,
        parameter("limit", Kind::Number, "每页条数，最多 200", "Items on a page, 200 at most"),
        CURSOR,
    ])
    .answers(200, Answered::Json("Obligations"))
    .fails_with(&[Code::NotFound, Code::BadCursor, Code::Invalid]),
    operation(
        "countObligations",
        Verb::Get,
        "/obligations/summary",
        "各列各有多少",
        "How many there are in each column",
        || get(counts),
    )
    .query(&[SCOPE, OWNER])
    .answers(200, Answered::Json("ObligationCounts"))
    .fails_with(&[Code::NotFound, Code::Invalid]),
    operation(
        "recordObligations",
        Verb::Get,
        "/records/{object}/{id}/obligations",
        "一条资料的承诺",
        "What was promised about a record",
        || get(of_record),
    )
    .answers(200, Answered::Json("ObligationItems")),
    operation(
        "finishObligation",
        Verb::Post,
        "/obligations/{id}/done",
        "标记已做",
        "Mark as done",
        || post(done),
    )
    .body(Takes::Json("ObligationDone"))
    .answers(200, Answered::Json("Obligation"))
    .fails_with(&[Code::Conflict]),
    operation(
        "waiveObligation",
        Verb::Post,
        "/obligations/{id}/waive",
        "不再需要，写明原因",
        "Let it go, with the reason",
        || post(waive),
    )
    .body(Takes::Json("ObligationWaived"))
    .answers(200, Answered::Json("Obligation"))
    .fails_with(&[Code::Conflict]),
    operation("snoozeObligation", Verb::Post, "/obligations/{id}/snooze", "推迟", "Put it off", || {
        post(snooze)
    })
    .body(Takes::Json("Until"))
    .answers(200, Answered::Json("Obligation"))
    .fails_with(&[Code::Conflict]),
    operation(
        "reopenObligation",
        Verb::Post,
        "/obligations/{id}/reopen",
        "撤销“已做”或“不再需要”",
        "Take back that it was done or let go",
        || post(reopen),
    )
    .answers(200, Answered::Json("Obligation"))
    .fails_with(&[Code::Conflict]),
    operation(
        "recordReminders",
        Verb::Get,
        "/records/{object}/{id}/reminders",
        "一条资料提醒过谁、将提醒谁",
        "Who was reminded of a record, and who will be",
        || get(reminders_of),
    )
    .answers(200, Answered::Json("RecordReminders")),
    operation(
        "readTeam",
        Verb::Get,
        "/team",
        "下属的跟进情况",
        "How the caller's people keep up",
        || get(team),
    )
    .answers(200, Answered::Json("Team")),
    operation(
        "listNotifications",
        Verb::Get,
        "/notifications",
        "我的通知",
        "The caller's notifications",
        || get(notifications),
    )
    .query(&[
        parameter("unread", Kind::Flag, "只看未读", "Only unread ones"),
        parameter("limit", Kind::Number, "每页条数，最多 100", "Items on a page, 100 at most"),
        CURSOR,
    ])
    .answers(200, Answered::Json("Notifications"))
    .fails_with(&[Code::BadCursor, Code::Invalid]),
    operation(
        "readNotifications",
        Verb::Post,
        "/notifications/read",
        "标记已读；不写 ids 为全部",
        "Mark as read; all of them without `ids`",
        || post(read),
    )
    .body(Takes::Json("NotificationsRead"))
    .answers(200, Answered::Json("Unread")),
    operation(
        "snoozeNotification",
        Verb::Post,
        "/notifications/{id}/snooze",
        "稍后再提醒",
        "Be reminded again later",
        || post(snooze_notification),
    )
    .body(Takes::Json("Until"))
    .answers(204, Answered::Empty),
    operation(
        "explainNotification",
        Verb::Get,
        "/notifications/{id}/why",
        "为什么收到这条通知，还有谁收到",
        "Why this came, and who else was told",
        || get(why),
    )
    .answers(200, Answered::Json("NotificationWhy")),
    operation(
        "readScheduler",
        Verb::Get,
        "/scheduler",
        "提醒调度的进度",
        "How the scheduler stands",
        || get(scheduler),
    )
    .answers(200, Answered::Json("Scheduler")),
    operation(
        "listDeadLetters",
        Verb::Get,
        "/dead-letters",
        "没能处理的工作",
        "Work that could not be done",
        || get(dead_letters),
    )
    .answers(200, Answered::Json("DeadLetters")),
    operation(
        "retryDeadLetter",
        Verb::Post,
        "/dead-letters/{id}/retry",
        "重新处理",
        "Try it again",
        || post(retry),
    )
    .answers(204, Answered::Empty)
    .fails_with(&[Code::Conflict]),
];
