//! HTTP: one request becomes one operation of the engine.
//!
//! A request passes, from the outside in: security headers → problems written out → panics caught → compression → the router → the
//! guard of its operation ([`guard`]: who calls, how often, until when) → the handler ([`routes`]), which parses, calls the engine once
//! and answers. [`operations`] is the table all of that is made from.

mod caldav;
pub mod docs;
pub mod extract;
pub mod failure;
pub mod guard;
pub mod headers;
pub mod limit;
pub mod metrics;
pub mod operations;
pub mod pages;
pub mod routes;
pub mod serve;
pub mod shape;
pub mod status;

use crate::config::Config;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use failure::Failure;
use guard::{CallerKey, Guard};
use huike_engine::{Engine, Stopwatch};
use huike_model::Code;
use limit::Limiter;
use metrics::Metrics;
use operations::Body;
use parking_lot::Mutex;
use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Answers shorter than this are sent as they are.
const COMPRESSED_FROM: u64 = 1_024;

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    engine: Engine,
    config: Config,
    metrics: Metrics,
    started: Stopwatch,
    requests: AtomicU64,
    callers: Limiter<CallerKey>,
    sign_ins: Limiter<IpAddr>,
    listeners: Mutex<HashMap<CallerKey, u32>>,
    ending: watch::Sender<bool>,
}

/// Event streams that one caller may have open: a tab each, in a few browsers.
const MOST_STREAMS: u32 = 30;

/// A caller's place among the listeners; given back when it is dropped.
pub struct Listening {
    app: App,
    caller: CallerKey,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut listeners = self.app.0.listeners.lock();
        match listeners.get_mut(&self.caller) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(listeners.remove(&self.caller)),
        }
    }
}

impl App {
    pub fn new(engine: Engine, config: Config) -> App {
        App(Arc::new(Inner {
            engine,
            metrics: Metrics::new(operations::all().map(|operation| operation.id)),
            started: Stopwatch::start(),
            requests: AtomicU64::new(0),
            callers: Limiter::per_minute(config.limits.requests),
            sign_ins: Limiter::per_minute(config.limits.sign_ins),
            config,
            listeners: Mutex::default(),
            ending: watch::Sender::new(false),
        }))
    }

    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// A place for one more event stream; none when the caller has as many as they may.
    fn listen(&self, caller: CallerKey) -> Option<Listening> {
        let mut listeners = self.0.listeners.lock();
        let count = listeners.entry(caller).or_default();
        if *count >= MOST_STREAMS {
            return None;
        }
        *count += 1;
        Some(Listening { app: self.clone(), caller })
    }

    /// Ends the answers that would go on for ever.
    fn end(&self) {
        self.0.ending.send_replace(true);
    }

    /// Until the server is told to end.
    fn ended(&self) -> impl Future<Output = ()> + use<> {
        let mut ending = self.0.ending.subscribe();
        async move {
            // The sender lives as long as the server.
            let _ = ending.wait_for(|ending| *ending).await;
        }
    }

    /// A name for a request, unique on this node since it started.
    fn next_request(&self) -> String {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed);
        format!("{:x}-{number:x}", std::process::id())
    }
}

/// The whole server as one service.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for (place, operation) in operations::all().enumerate() {
        let limits = &app.config().limits;
        let most =
            if matches!(operation.body, Body::Form(_)) { limits.upload_bytes } else { limits.body_bytes };
        let guard = from_fn_with_state(Guard { app: app.clone(), operation, place }, guard::guard);
        let route = (operation.route)().layer(DefaultBodyLimit::max(most)).layer(guard);
        router = router.route(&format!("{}{}", operations::BASE, operation.path), route);
    }
    router
        .route("/healthz", get(status::healthy))
        .route("/readyz", get(status::ready))
        .route("/metrics", get(status::metrics))
        .route("/calendar/{file}", get(caldav::feed))
        .route("/.well-known/caldav", any(caldav::well_known))
        .route("/dav", any(caldav::dav))
        .route("/dav/", any(caldav::dav))
        .route("/dav/{*path}", any(caldav::dav))
        .route("/api/openapi.json", get(crate::openapi::answer))
        .route("/logo", get(pages::logo))
        .route("/api/docs", get(docs::enter))
        .route("/api/docs/", get(docs::index))
        .route("/api/docs/{*file}", get(docs::file))
        .fallback(pages::fallback)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(compression())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(failure::write_problems))
        .layer(from_fn_with_state(app.clone(), headers::secure))
        .with_state(app)
}

/// At a cheap level, and not for files that are compressed already. The cheapest of all makes the dictionary, the largest answer of a first
/// visit, more than half as large again.
fn compression() -> CompressionLayer<impl Predicate> {
    let worthwhile = SizeAbove::new(COMPRESSED_FROM)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("application/vnd.openxmlformats-officedocument"));
    CompressionLayer::new().quality(CompressionLevel::Precise(4)).compress_when(worthwhile)
}

async fn method_not_allowed() -> Failure {
    Code::MethodNotAllowed.into()
}

/// A panic is our fault and reaches its caller as such; the others don't notice.
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(panic = %text, "a handler panicked");
    Failure::from(Code::Internal).into_response()
}
