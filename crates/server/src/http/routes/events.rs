//! Live changes as server-sent events (WHATWG HTML §9.2).

use crate::http::failure::{Answer, Failure};
use crate::http::guard::Call;
use crate::http::operations::{Answer as Answered, Operation, Verb, operation};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::get;
use futures_util::stream::select;
use futures_util::{Stream, StreamExt};
use huike_engine::imports::ImportEvent;
use huike_engine::jobs::Change;
use huike_model::Id;
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

const COMMENT_EVERY: Duration = Duration::from_secs(20);

/// Every change from now on that the caller may notice; their rights are asked anew for each.
async fn events(call: Call) -> Answer {
    call.cx()?;
    let engine = call.app.engine();
    let changes = BroadcastStream::new(engine.events().listen());
    let imports = BroadcastStream::new(engine.import_events());
    let stream = select(noticed(call.clone(), changes), own_imports(call, imports));
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(COMMENT_EVERY)).into_response())
}

fn noticed(call: Call, changes: BroadcastStream<Change>) -> impl Stream<Item = Result<Event, Infallible>> {
    let judged = changes.then(move |change| {
        let call = call.clone();
        async move {
            match change {
                Ok(change) => event(&call, change).await,
                // Some were missed: the page asks for everything anew.
                Err(BroadcastStreamRecvError::Lagged(_)) => {
                    Ok(Some(Event::default().event("missed").data("{}")))
                }
            }
        }
    });
    // A caller who is signed out meanwhile hears nothing more.
    judged
        .take_while(|event| std::future::ready(event.is_ok()))
        .filter_map(|event| std::future::ready(event.ok().flatten().map(Ok)))
}

fn own_imports(
    call: Call,
    imports: BroadcastStream<ImportEvent>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let told = move |event: Result<ImportEvent, _>| {
        let caller = call.cx().map(|cx| cx.caller.actor.user());
        std::future::ready(match (event, caller) {
            (Ok(event), Ok(user)) if event.by == user => {
                Some(Ok(Event::default().event("import").data(event.to_json().to_string())))
            }
            _ => None,
        })
    };
    imports.filter_map(told)
}

async fn event(call: &Call, change: Change) -> Result<Option<Event>, Failure> {
    let cx = call.cx()?;
    let (object, op) = (change.object.clone(), change.op.clone());
    let id = |number: i64| Id::new(number).ok().map(|id| id.to_string());
    let (record, by) = (id(change.record), id(change.actor));
    if !call.app.engine().may_notice(cx, change).await? {
        return Ok(None);
    }
    let data = json!({"object": object, "id": record, "op": op, "by": by});
    Ok(Some(Event::default().event("change").data(data.to_string())))
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
