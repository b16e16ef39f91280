//! Live changes as server-sent events (WHATWG HTML §9.2).

use crate::http::failure::{Answer, Failure};
use crate::http::guard::Call;
use crate::http::operations::{Answer as Answered, Operation, Verb, operation};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures_util::stream::{iter, select};
use futures_util::{Stream, StreamExt};
use huike_engine::Cx;
use huike_engine::collision::presence::Stirred;
use huike_engine::imports::ImportEvent;
use huike_engine::jobs::Change;
use huike_model::{Code, Id};
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

const COMMENT_EVERY: Duration = Duration::from_secs(20);
/// Changes looked at together. As many at once come from an import or a batch: whoever listens asks for everything anew, which is less
/// work for both than to be told of each.
const MANY: usize = 50;

/// Every change from now on that the caller may notice, until they are signed out or the server ends.
async fn events(call: Call) -> Answer {
    call.cx()?;
    let place = call.app.listen(call.key()?).ok_or(Code::TooManyRequests)?;
    let engine = call.app.engine();
    let changes = BroadcastStream::new(engine.events().listen());
    let imports = BroadcastStream::new(engine.import_events());
    let notices = BroadcastStream::new(engine.notices().listen());
    let stirred = BroadcastStream::new(engine.presence().listen());
    let own = select(own_imports(call.clone(), imports), own_notices(call.clone(), notices));
    let own = select(own, own_places(call.clone(), stirred));
    let told = select(noticed(call.clone(), changes), own);
    let stream = told.take_until(call.app.ended()).map(move |event| {
        let _held = &place;
        Ok::<_, Infallible>(event)
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(COMMENT_EVERY)).into_response())
}

fn noticed(call: Call, changes: BroadcastStream<Change>) -> impl Stream<Item = Event> {
    let judged = changes.ready_chunks(MANY).then(move |changes| {
        let call = call.clone();
        async move { together(&call, changes).await }
    });
    // Whoever can't be told any more hears the end, and connects anew if they may.
    judged
        .take_while(|events| std::future::ready(events.is_ok()))
        .flat_map(|events| iter(events.unwrap_or_default()))
}

async fn together(
    call: &Call,
    changes: Vec<Result<Change, BroadcastStreamRecvError>>,
) -> Result<Vec<Event>, Failure> {
    // Their session and rights as they are now, not as they were when the stream began.
    let cx = call.again().await?;
    let lagged = changes.iter().any(Result::is_err);
    if lagged || changes.len() >= MANY {
        return Ok(vec![Event::default().event("missed").data("{}")]);
    }
    let mut events = Vec::new();
    for change in changes.into_iter().flatten() {
        events.extend(event(call, &cx, change).await?);
    }
    Ok(events)
}

async fn event(call: &Call, cx: &Cx, change: Change) -> Result<Option<Event>, Failure> {
    let (object, op) = (change.object.clone(), change.op.clone());
    let id = |number: i64| Id::new(number).ok().map(|id| id.to_string());
    let (record, by) = (id(change.record), id(change.actor));
    if !call.app.engine().may_notice(cx.clone(), change).await? {
        return Ok(None);
    }
    let data = json!({"object": object, "id": record, "op": op, "by": by});
    Ok(Some(Event::default().event("change").data(data.to_string())))
}

fn own_imports(call: Call, imports: BroadcastStream<ImportEvent>) -> impl Stream<Item = Event> {
    imports.filter_map(move |event| {
        let mine = |event: &ImportEvent| call.cx().is_ok_and(|cx| cx.caller.actor.user() == event.by);
        let event = event.ok().filter(mine);
        std::future::ready(
            event.map(|event| Event::default().event("import").data(event.to_json().to_string())),
        )
    })
}

/// That there is something new; the page asks what.
fn own_notices(call: Call, notices: BroadcastStream<i64>) -> impl Stream<Item = Event> {
    notices.filter_map(move |user| {
        let mine = |user: &i64| call.cx().is_ok_and(|cx| cx.caller.actor.user() == *user);
        let told = user.ok().filter(mine).map(|_| Event::default().event("notification").data("{}"));
        std::future::ready(told)
    })
}

/// That somebody came, went or does something else at a record that the caller is at too; the page asks who.
fn own_places(call: Call, stirred: BroadcastStream<Stirred>) -> impl Stream<Item = Event> {
    stirred.filter_map(move |stirred| {
        let here =
            |stirred: &Stirred| call.cx().is_ok_and(|cx| stirred.people.contains(&cx.caller.actor.user()));
        let told = stirred.ok().filter(here).map(|stirred| {
            let id = Id::new(stirred.record).ok().map(|id| id.to_string());
            Event::default().event("presence").data(json!({"object": stirred.object, "id": id}).to_string())
        });
        std::future::ready(told)
    })
}

pub const OPERATIONS: &[Operation] = &[operation(
    "events",
    Verb::Get,
    "/events",
    "实时变更（server-sent events）",
    "Live changes (server-sent events)",
    || get(events),
)
.answers(200, Answered::Events)];
