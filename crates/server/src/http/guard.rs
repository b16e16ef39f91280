//! What stands before every operation: who calls, whether they may call at all, how often, and until when they wait.

use super::App;
use super::failure::{Failure, accepted_language};
use super::limit::household;
use super::operations::{Access, Body, Operation};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use huike_engine::once::Once;
use huike_engine::session::resolve::{by_cookie, by_key, csrf_matches};
use huike_engine::session::{SessionView, Visitor, see_as, view};
use huike_engine::{Actor, Caller, Cx, Stopwatch};
use huike_model::{Code, Problem};
use serde_json::{Map, Value as Json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

pub const COOKIE: &str = "hk_session";
pub const CSRF: &str = "x-csrf-token";
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// An upload may take this many times as long as another request.
const UPLOAD_PATIENCE: u32 = 10;
/// Answers slower than this are noted in the log.
const SLOW: Duration = Duration::from_secs(1);

/// One operation with its place in the table.
#[derive(Clone)]
pub struct Guard {
    pub app: App,
    pub operation: &'static Operation,
    pub place: usize,
}

/// Whose calls are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallerKey {
    Person(i64),
    Program(i64),
    Stranger(IpAddr),
}

impl CallerKey {
    fn of(visitor: &Visitor) -> CallerKey {
        match visitor.caller.actor {
            Actor::Key { key, .. } => CallerKey::Program(key),
            actor => CallerKey::Person(actor.person()),
        }
    }
}

/// What a caller showed.
#[derive(Clone)]
enum Credential {
    Cookie(String),
    Key(String),
}

/// Who calls, from where.
#[derive(Clone)]
pub struct Call {
    pub app: App,
    /// None only for operations that are open to anybody.
    visitor: Option<Visitor>,
    credential: Option<Credential>,
    pub address: IpAddr,
    pub agent: Option<String>,
    pub request: String,
}

impl Call {
    /// The caller at this moment, with the rules as they stand.
    ///
    /// # Errors
    /// `not_signed_in`; `forbidden` while a password must be changed first.
    pub fn cx(&self) -> Result<Cx, Failure> {
        Ok(self.app.engine().cx(self.visitor()?.unrestricted()?.clone())?)
    }

    /// As [`Call::cx`], for a request that takes effect once when it carries an `Idempotency-Key`.
    ///
    /// # Errors
    /// As [`Call::cx`]; `invalid` for a key of the wrong length.
    pub fn cx_once(&self, headers: &HeaderMap, uri: &Uri, body: &Map<String, Json>) -> Result<Cx, Failure> {
        let mut cx = self.cx()?;
        if let Some(key) = headers.get(IDEMPOTENCY_KEY) {
            let body = Json::Object(body.clone()).to_string();
            let place = uri.path_and_query().map_or("", PathAndQuery::as_str);
            // A key in other bytes than text is as good as none of the right length.
            cx.once =
                Some(Once::new(key.to_str().unwrap_or_default(), &[place.as_bytes(), body.as_bytes()])?);
        }
        Ok(cx)
    }

    /// The caller in what concerns their own session and account: also before they have done what they must do first.
    ///
    /// # Errors
    /// `not_signed_in`.
    pub fn own_cx(&self) -> Result<Cx, Failure> {
        Ok(self.app.engine().cx(self.visitor()?.caller.clone())?)
    }

    /// # Errors
    /// `not_signed_in`.
    pub fn visitor(&self) -> Result<&Visitor, Failure> {
        self.visitor.as_ref().ok_or_else(|| Code::NotSignedIn.into())
    }

    /// Whose calls this one is counted among.
    ///
    /// # Errors
    /// `not_signed_in`.
    pub fn key(&self) -> Result<CallerKey, Failure> {
        Ok(CallerKey::of(self.visitor()?))
    }

    /// The caller as they are now, for answers that go on: signed in still, with the rights of this moment.
    ///
    /// # Errors
    /// As [`Call::cx`].
    pub async fn again(&self) -> Result<Cx, Failure> {
        let engine = self.app.engine();
        let visitor = match self.credential.as_ref().ok_or(Code::NotSignedIn)? {
            Credential::Cookie(cookie) => by_cookie(engine, cookie, &self.request).await?,
            Credential::Key(key) => by_key(engine, key, &self.request).await?,
        };
        Ok(engine.cx(visitor.unrestricted()?.clone())?)
    }

    /// Whether a browser shows the cookie of a living session: for operations that ask nobody who they are.
    pub async fn is_signed_in(&self, headers: &HeaderMap) -> bool {
        match cookie(headers) {
            Some(cookie) => by_cookie(self.app.engine(), cookie, &self.request).await.is_ok(),
            None => false,
        }
    }

    /// What the page knows of the session.
    ///
    /// # Errors
    /// `not_signed_in`; `forbidden` for programs, which have none.
    pub fn session_view(&self) -> Result<SessionView, Failure> {
        match &self.credential {
            Some(Credential::Cookie(cookie)) => Ok(view(self.app.engine(), self.visitor()?, cookie)?),
            _ => Err(Code::Forbidden.into()),
        }
    }
}

impl FromRequestParts<App> for Call {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Call, Failure> {
        parts.extensions.get::<Call>().cloned().ok_or_else(|| Code::NotSignedIn.into())
    }
}

pub async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let under_way = guard.app.metrics().enter();
    let name = guard.app.next_request();
    let arrival =
        Arrival { address: client_address(&guard.app, &request), headers: request.headers().clone() };
    let (lang, mut response) = match guard.admit(arrival, name.clone()).await {
        Ok(call) => {
            let lang = call.visitor.as_ref().map(|visitor| visitor.caller.lang);
            (lang, guard.run(call, request, next).await)
        }
        Err(failure) => (None, failure.into_response()),
    };
    drop(under_way);
    let (status, took) = (response.status().as_u16(), watch.elapsed());
    guard.app.metrics().answered(guard.place, status, took);
    if took > SLOW {
        tracing::warn!(request = %name, operation = guard.operation.id, status, ?took, "slow");
    } else {
        tracing::debug!(request = %name, operation = guard.operation.id, status, ?took, "answered");
    }
    if let Some(lang) = lang {
        response.extensions_mut().insert(lang);
    }
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert("x-request-id", name);
    }
    response
}

/// What is known of a request before it is known whose it is. A request itself can't be shared between threads.
struct Arrival {
    address: IpAddr,
    headers: HeaderMap,
}

impl Guard {
    async fn run(&self, call: Call, mut request: Request, next: Next) -> Response {
        let limit = self.app.config().limits.timeout;
        let limit =
            if matches!(self.operation.body, Body::Form(_)) { limit * UPLOAD_PATIENCE } else { limit };
        request.extensions_mut().insert(call);
        match tokio::time::timeout(limit, next.run(request)).await {
            Ok(response) => response,
            Err(_) => Failure::from(Code::Unavailable).into_response(),
        }
    }

    async fn admit(&self, arrival: Arrival, name: String) -> Result<Call, Failure> {
        let Arrival { address, headers } = arrival;
        let headers = &headers;
        let mut call = Call {
            app: self.app.clone(),
            visitor: None,
            credential: None,
            address,
            agent: text(headers, header::USER_AGENT.as_str()).map(|agent| agent.chars().take(200).collect()),
            request: name,
        };
        if self.operation.access == Access::Anybody {
            self.count(|app, now| app.0.sign_ins.take(household(address), now))?;
            if !self.operation.verb.is_safe() {
                same_origin(&self.app, headers)?;
            }
            return Ok(call);
        }
        let visitor = match self.identify(headers, &mut call).await {
            // Whoever says in which language to answer is answered in it, everybody else in their own.
            Ok(mut visitor) => {
                visitor.caller.lang = accepted_language(headers).unwrap_or(visitor.caller.lang);
                visitor
            }
            Err(failure) => {
                let stranger = CallerKey::Stranger(household(address));
                self.count(|app, now| app.0.callers.take(stranger, now))?;
                return Err(failure);
            }
        };
        let key = CallerKey::of(&visitor);
        self.count(|app, now| app.0.callers.take(key, now))?;
        call.visitor = Some(visitor);
        Ok(call)
    }

    async fn identify(&self, headers: &HeaderMap, call: &mut Call) -> Result<Visitor, Failure> {
        let engine = self.app.engine();
        if let Some(authorization) = text(headers, header::AUTHORIZATION.as_str()) {
            let key =
                authorization.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let (_, key) = key.ok_or(Code::NotSignedIn)?;
            let visitor = by_key(engine, key.trim(), &call.request).await?;
            if self.operation.access == Access::Person {
                let problem = Problem::new(Code::Forbidden).with_detail(
                    "只有本人登录后才能这样做，程序密钥不行",
                    "Only a signed-in person may do this, not a program with a key",
                );
                return Err(problem.into());
            }
            call.credential = Some(Credential::Key(key.trim().to_owned()));
            return Ok(visitor);
        }
        let cookie = cookie(headers).ok_or(Code::NotSignedIn)?;
        let visitor = by_cookie(engine, cookie, &call.request).await?;
        if matches!(visitor.caller.actor, Actor::Watcher { .. }) && !self.operation.for_watchers {
            return Err(see_as::only_looking().into());
        }
        if !self.operation.verb.is_safe() {
            same_origin(&self.app, headers)?;
            if !text(headers, CSRF).is_some_and(|token| csrf_matches(cookie, token)) {
                return Err(Code::CsrfFailed.into());
            }
        }
        call.credential = Some(Credential::Cookie(cookie.to_owned()));
        Ok(visitor)
    }

    /// Takes one call of the caller's share.
    fn count(&self, take: impl FnOnce(&App, Duration) -> Result<(), u64>) -> Result<(), Failure> {
        take(&self.app, self.app.0.started.elapsed()).map_err(|seconds| {
            self.app.metrics().refuse();
            let problem = Problem::new(Code::TooManyRequests)
                .with_detail(
                    format!("操作过于频繁，请 {seconds} 秒后再试"),
                    format!("Too many requests; try again in {seconds} s"),
                )
                .with("retry_after", seconds.into());
            problem.into()
        })
    }
}

/// Where a request comes from: the peer, or what a trusted proxy says. Each proxy appends the address it saw, so the last one that is
/// not a trusted proxy's is the caller's; what stands before it is anybody's claim.
pub fn client_address(app: &App, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer =
        peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip().to_canonical());
    let trusted =
        |address: IpAddr| app.config().trusted_proxies.iter().any(|network| network.contains(address));
    if !trusted(peer) {
        return peer;
    }
    let headers = request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let chain: Vec<&str> = headers.flat_map(|value| value.split(',')).collect();
    let mut nearest = peer;
    for text in chain.into_iter().rev() {
        let Ok(address) = text.trim().parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
        if !trusted(nearest) {
            break;
        }
    }
    nearest
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The session's cookie; the first one counts.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, token)| token)
}

/// A browser says where a request was made; another site's is refused. Programs say nothing and have no cookie to misuse.
fn same_origin(app: &App, headers: &HeaderMap) -> Result<(), Failure> {
    let Some(origin) = text(headers, header::ORIGIN.as_str()) else {
        return match text(headers, "sec-fetch-site") {
            None | Some("same-origin" | "none") => Ok(()),
            Some(_) => Err(Code::CsrfFailed.into()),
        };
    };
    let host = origin.split_once("://").map(|(_, host)| host);
    let here = host.is_some() && host == text(headers, header::HOST.as_str());
    let own = here || app.config().public_url.as_deref() == Some(origin);
    if own { Ok(()) } else { Err(Code::CsrfFailed.into()) }
}

/// Who reads something that strangers may read less of; none for strangers.
pub async fn reader(app: &App, headers: &HeaderMap) -> Option<Caller> {
    let request = app.next_request();
    let authorization = text(headers, header::AUTHORIZATION.as_str()).and_then(|value| value.split_once(' '));
    let visitor = match (authorization, cookie(headers)) {
        (Some((_, key)), _) => by_key(app.engine(), key.trim(), &request).await,
        (None, Some(cookie)) => by_cookie(app.engine(), cookie, &request).await,
        (None, None) => return None,
    };
    visitor.ok()?.unrestricted().ok().cloned()
}
