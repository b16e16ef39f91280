//! Failures as answers. A handler fails with a [`Problem`]; the outermost layer writes it in the caller's language.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use huike_engine::EngineError;
use huike_model::{Code, Fault, Lang, Problem};
use std::sync::Arc;

/// What a handler fails with.
#[derive(Debug)]
pub struct Failure(Box<Problem>);

/// What a handler answers.
pub type Answer = Result<Response, Failure>;

impl Failure {
    pub fn problem(&self) -> &Problem {
        &self.0
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure(Box::new(problem))
    }
}

impl From<Code> for Failure {
    fn from(code: Code) -> Failure {
        Problem::new(code).into()
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Failure {
        error.into_problem().into()
    }
}

impl From<Vec<Fault>> for Failure {
    fn from(faults: Vec<Fault>) -> Failure {
        Problem::invalid(faults).into()
    }
}

/// A problem on its way out, before its language is known.
#[derive(Clone)]
struct Unwritten(Arc<Problem>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = status(&self.0).into_response();
        response.extensions_mut().insert(Unwritten(Arc::from(self.0)));
        response
    }
}

fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Writes problems out: in the language that the answer carries (the caller's), or in the one the request accepts.
pub async fn write_problems(request: Request, next: Next) -> Response {
    let accepted = accepted_language(request.headers());
    let mut response = next.run(request).await;
    let Some(Unwritten(problem)) = response.extensions_mut().remove::<Unwritten>() else { return response };
    let lang = response.extensions().get::<Lang>().copied().or(accepted).unwrap_or_default();
    let body = problem.to_json(lang).to_string();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    headers.remove(header::CONTENT_LENGTH);
    if let Some(seconds) = problem.extra.get("retry_after").and_then(serde_json::Value::as_i64) {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    *response.body_mut() = Body::from(body);
    response
}

/// The language that a request asks for; none where only the browser speaks: a link that was followed tells nothing of what its reader has
/// chosen in the page.
pub fn accepted_language(headers: &HeaderMap) -> Option<Lang> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let asked = text(header::ACCEPT_LANGUAGE.as_str()).filter(|_| text("sec-fetch-mode") != Some("navigate"));
    asked.and_then(Lang::accepted)
}
