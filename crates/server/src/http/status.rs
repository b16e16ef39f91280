//! What operators and load balancers ask.

use super::App;
use super::failure::{Answer, Failure};
use super::{guard, metrics};
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::IntoResponse;
use huike_engine::EngineError;
use huike_model::Code;
use std::time::Duration;

/// The process runs.
pub async fn healthy() -> &'static str {
    "ok\n"
}

/// The database answers, and the folder of files is its own.
pub async fn ready(State(app): State<App>) -> Answer {
    const PATIENCE: Duration = Duration::from_secs(2);
    match tokio::time::timeout(PATIENCE, app.engine().check_files()).await {
        Ok(Err(EngineError::Problem(problem))) => return Err((*problem).into()),
        Ok(answer) => answer.map_err(|_| Failure::from(Code::Unavailable))?,
        Err(_) => return Err(Code::Unavailable.into()),
    }
    Ok("ok\n".into_response())
}

/// Counters for Prometheus, for those networks that the configuration names.
pub async fn metrics(State(app): State<App>, request: Request) -> Answer {
    let address = guard::client_address(&app, &request);
    if !app.config().metrics_from.iter().any(|network| network.contains(address)) {
        return Err(Code::NotFound.into());
    }
    let page = app.metrics().page() + &metrics::promises(&app.engine().gauges());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page).into_response())
}
