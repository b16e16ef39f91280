//! Tasks for calendar programs: a feed to subscribe to, and CalDAV (RFC 4791) over WebDAV (RFC 4918).
//!
//! ```text
//! /calendar/{key}.ics            the feed, read only
//! /.well-known/caldav            leads to /dav/ (RFC 6764)
//! /dav/                          says who the caller is
//! /dav/principal/                says where the calendars are
//! /dav/calendars/                the two collections: tasks/ (to-dos) and events/
//! /dav/calendars/tasks/{name}.ics
//! ```
//! The key is one with the scope `calendar`; in CalDAV it is the password of HTTP Basic, whatever the user's name.

mod xml;

use super::App;
use super::failure::Failure;
use super::guard::{CallerKey, client_address};
use super::limit::household;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use huike_engine::calendars::{Component, Item, Refused, Wanted};
use huike_engine::session::resolve::by_calendar_key;
use huike_engine::{Actor, Cx, EngineError};
use huike_model::Code;
use std::net::IpAddr;
use xml::{Answer, Asked, Found};

/// Items of calendars are small.
const LONGEST_BODY: usize = 256 * 1024;
const METHODS: &str = "OPTIONS, GET, HEAD, PUT, DELETE, PROPFIND, REPORT";
const ICS: &str = "text/calendar; charset=utf-8";
/// 207 Multi-Status (RFC 4918 §11.1).
const MULTI_STATUS: u16 = 207;

/// The feed. Who has the address has the key: it is never written to the log.
pub async fn feed(State(app): State<App>, Path(file): Path<String>, request: Request) -> Response {
    let key = file.strip_suffix(".ics").unwrap_or(&file).to_owned();
    let address = client_address(&app, &request);
    drop(request);
    let answer = async {
        let cx = enter(&app, address, &key).await?;
        let text = app.engine().calendar_feed(&cx).await?;
        Ok::<_, Failure>((
            [(header::CONTENT_TYPE, ICS), (header::CACHE_CONTROL, "private, max-age=300")],
            text,
        ))
    };
    match answer.await {
        Ok(answer) => answer.into_response(),
        // To whoever has no right key there is nothing here.
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

pub async fn well_known() -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, "/dav/")]).into_response()
}

/// What a path below `/dav` names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Root,
    Principal,
    Home,
    Collection(Component),
    Item(Component, String),
}

impl Place {
    fn of(path: &str) -> Option<Place> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').filter(|part| !part.is_empty()).collect();
        let component = |name: &str| match name {
            "tasks" => Some(Component::Todo),
            "events" => Some(Component::Event),
            _ => None,
        };
        match parts.as_slice() {
            ["dav"] => Some(Place::Root),
            ["dav", "principal"] => Some(Place::Principal),
            ["dav", "calendars"] => Some(Place::Home),
            ["dav", "calendars", name] => component(name).map(Place::Collection),
            ["dav", "calendars", name, file] => {
                let item = xml::decoded(file.strip_suffix(".ics").unwrap_or(file));
                component(name).map(|component| Place::Item(component, item))
            }
            _ => None,
        }
    }

    fn href(&self) -> String {
        let folder = |component: &Component| match component {
            Component::Todo => "tasks",
            Component::Event => "events",
        };
        match self {
            Place::Root => "/dav/".into(),
            Place::Principal => "/dav/principal/".into(),
            Place::Home => "/dav/calendars/".into(),
            Place::Collection(component) => format!("/dav/calendars/{}/", folder(component)),
            Place::Item(component, name) => {
                format!("/dav/calendars/{}/{}.ics", folder(component), xml::encoded(name))
            }
        }
    }
}

/// Everything below `/dav`.
pub async fn dav(State(app): State<App>, request: Request) -> Response {
    let method = request.method().clone();
    if method == Method::OPTIONS {
        return ([("dav", "1, calendar-access"), ("allow", METHODS)], StatusCode::OK).into_response();
    }
    let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
    let (address, body) = (client_address(&app, &request), request.into_body());
    let Some(key) = password(&headers) else { return who() };
    let cx = match enter(&app, address, &key).await {
        Ok(cx) => cx,
        Err(failure) if failure.problem().code == Code::NotSignedIn => return who(),
        Err(failure) => return failure.into_response(),
    };
    let Some(place) = Place::of(&path) else { return StatusCode::NOT_FOUND.into_response() };
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let text = String::from_utf8_lossy(&body);
    let limit = app.config().limits.timeout;
    let work = serve(&app, &cx, &method, &place, &headers, &text);
    let mut response = match tokio::time::timeout(limit, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => failed(&cx, error),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    response.headers_mut().insert("dav", HeaderValue::from_static("1, calendar-access"));
    response
}

/// The caller behind a key, counted like any other.
async fn enter(app: &App, address: IpAddr, key: &str) -> Result<Cx, Failure> {
    let now = app.0.started.elapsed();
    let too_many = |_| Failure::from(Code::TooManyRequests);
    match by_calendar_key(app.engine(), key, &app.next_request()).await {
        Ok(visitor) => {
            let program = match visitor.caller.actor {
                Actor::Key { key, .. } => CallerKey::Program(key),
                actor => CallerKey::Person(actor.user()),
            };
            app.0.callers.take(program, now).map_err(too_many)?;
            Ok(app.engine().cx(visitor.unrestricted()?.clone())?)
        }
        Err(error) => {
            app.0.sign_ins.take(household(address), now).map_err(too_many)?;
            Err(error.into())
        }
    }
}

fn password(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = STANDARD.decode(rest.trim()).ok()?;
    let (_, password) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    Some(password.to_owned())
}

fn who() -> Response {
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"Huike\", charset=\"UTF-8\"")])
        .into_response()
}

/// A fault with its reason as text: calendar programs show it, if anything.
fn failed(cx: &Cx, error: EngineError) -> Response {
    let problem = error.into_problem();
    let status = match problem.code {
        // RFC 4791 §5.3.2.1: what can't be stored is forbidden.
        Code::Invalid => StatusCode::FORBIDDEN,
        code => StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    };
    let reasons: Vec<&str> = problem.faults.iter().map(|fault| fault.message.get(cx.lang())).collect();
    let reason =
        if reasons.is_empty() { problem.code.title().get(cx.lang()).to_owned() } else { reasons.join("; ") };
    if status == StatusCode::FORBIDDEN {
        return xml_answer(status, xml::refusal(&reason));
    }
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], reason).into_response()
}

fn xml_answer(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/xml; charset=utf-8")], text).into_response()
}

fn multi_status(text: String) -> Response {
    xml_answer(StatusCode::from_u16(MULTI_STATUS).unwrap_or(StatusCode::OK), text)
}

async fn serve(
    app: &App,
    cx: &Cx,
    method: &Method,
    place: &Place,
    headers: &HeaderMap,
    text: &str,
) -> Result<Response, EngineError> {
    let engine = app.engine();
    match (method.as_str(), place) {
        ("PROPFIND", place) => propfind(app, cx, place, headers, text).await,
        ("REPORT", Place::Collection(component)) => report(app, cx, *component, text).await,
        ("GET" | "HEAD", Place::Item(component, name)) => {
            let item = engine.calendar_item(cx, name).await?;
            let text = if method == Method::HEAD { String::new() } else { item.document(engine, *component) };
            Ok(([(header::CONTENT_TYPE, ICS.to_owned()), (header::ETAG, etag(&item))], text).into_response())
        }
        ("PUT", Place::Item(component, name)) => {
            let Some(wanted) = wanted(headers) else {
                return Ok(StatusCode::PRECONDITION_FAILED.into_response());
            };
            match engine.put_calendar_item(cx, name, *component, text, wanted).await? {
                // The task is kept in our own form, so that there is no strong ETag for what was sent (RFC 4791 §5.3.4).
                Ok((_, true)) => Ok(StatusCode::CREATED.into_response()),
                Ok((_, false)) => Ok(StatusCode::NO_CONTENT.into_response()),
                Err(Refused(reason)) => Ok(xml_answer(StatusCode::FORBIDDEN, xml::refusal(&reason))),
            }
        }
        ("DELETE", Place::Item(_, name)) => {
            let Some(wanted) = wanted(headers) else {
                return Ok(StatusCode::PRECONDITION_FAILED.into_response());
            };
            engine.remove_calendar_item(cx, name, wanted).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Ok((StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, METHODS)]).into_response()),
    }
}

fn etag(item: &Item) -> String {
    format!("\"{}\"", item.version)
}

/// What the conditions of a write ask for; none when they can't be met by anything.
fn wanted(headers: &HeaderMap) -> Option<Wanted> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::trim);
    match (text(header::IF_NONE_MATCH), text(header::IF_MATCH)) {
        (Some("*"), _) => Some(Wanted::New),
        (_, None | Some("*")) => Some(Wanted::Anything),
        (_, Some(tag)) => {
            let version = tag.trim_start_matches("W/").trim_matches('"').parse().ok()?;
            Some(Wanted::Version(version))
        }
    }
}

async fn propfind(
    app: &App,
    cx: &Cx,
    place: &Place,
    headers: &HeaderMap,
    text: &str,
) -> Result<Response, EngineError> {
    let Some(asked) = xml::asked(text) else { return Ok(StatusCode::BAD_REQUEST.into_response()) };
    let deep = headers.get("depth").is_none_or(|depth| depth != "0");
    let mut answers = Vec::new();
    match place {
        Place::Item(component, name) => {
            let item = app.engine().calendar_item(cx, name).await?;
            answers.push(of_item(app, *component, &item, &asked));
        }
        Place::Collection(component) => {
            let items = app.engine().calendar_items(cx).await?;
            answers.push(of_place(cx, place, &items, &asked));
            if deep {
                answers.extend(items.iter().map(|item| of_item(app, *component, item, &asked)));
            }
        }
        Place::Home if deep => {
            let items = app.engine().calendar_items(cx).await?;
            let below =
                [Place::Home, Place::Collection(Component::Todo), Place::Collection(Component::Event)];
            answers.extend(below.iter().map(|place| of_place(cx, place, &items, &asked)));
        }
        place => answers.push(of_place(cx, place, &[], &asked)),
    }
    Ok(multi_status(xml::multi_status(&answers)))
}

async fn report(app: &App, cx: &Cx, component: Component, text: &str) -> Result<Response, EngineError> {
    let Some(asked) = xml::asked(text) else { return Ok(StatusCode::BAD_REQUEST.into_response()) };
    let engine = app.engine();
    let mut answers = Vec::new();
    match asked.report.as_str() {
        "calendar-multiget" => {
            let name = |href: &String| match Place::of(href) {
                Some(Place::Item(of, name)) if of == component => Some(name),
                _ => None,
            };
            let names: Vec<String> = asked.hrefs.iter().filter_map(name).collect();
            let items = engine.calendar_items_named(cx, &names).await?;
            for href in &asked.hrefs {
                let found = name(href).and_then(|name| items.iter().find(|item| item.name == name));
                answers.push(match found {
                    Some(item) => of_item(app, component, item, &asked),
                    None => Answer { href: href.clone(), found: None },
                });
            }
        }
        "calendar-query" => {
            // A query for the other component finds nothing here.
            let other = asked.component.as_deref().is_some_and(|wanted| wanted != component.name());
            let items = if other { Vec::new() } else { engine.calendar_items(cx).await? };
            let inside = |item: &&Item| {
                let Some(due) = item.due() else { return asked.from.is_none() };
                // A series goes on, whatever the range.
                item.repeats()
                    || (asked.from.is_none_or(|from| due >= from) && asked.to.is_none_or(|to| due < to))
            };
            answers.extend(items.iter().filter(inside).map(|item| of_item(app, component, item, &asked)));
        }
        _ => return Ok(xml_answer(StatusCode::FORBIDDEN, xml::unsupported_report())),
    }
    Ok(multi_status(xml::multi_status(&answers)))
}

fn of_item(app: &App, component: Component, item: &Item, asked: &Asked) -> Answer {
    let property = |name: &str| -> Option<String> {
        Some(match name {
            "getetag" => xml::escaped(&etag(item)),
            "getcontenttype" => {
                format!("text/calendar; charset=utf-8; component={}", component.name().to_lowercase())
            }
            "calendar-data" => xml::escaped(&item.document(app.engine(), component)),
            "resourcetype" => String::new(),
            "displayname" => xml::escaped(&item.name),
            _ => return None,
        })
    };
    let href = Place::Item(component, item.name.clone()).href();
    Answer { href, found: Some(Found::of(asked, &["getetag", "getcontenttype", "resourcetype"], property)) }
}

fn of_place(cx: &Cx, place: &Place, items: &[Item], asked: &Asked) -> Answer {
    let href = |place: &Place| format!("<d:href>{}</d:href>", place.href());
    let collection = matches!(place, Place::Collection(_));
    let property = |name: &str| -> Option<String> {
        Some(match name {
            "resourcetype" => match place {
                Place::Principal => "<d:principal/>".into(),
                Place::Collection(_) => "<d:collection/><c:calendar/>".into(),
                _ => "<d:collection/>".into(),
            },
            "current-user-principal" | "principal-URL" | "owner" => href(&Place::Principal),
            "calendar-home-set" => href(&Place::Home),
            "displayname" => xml::escaped(&name_of(cx, place)),
            "supported-calendar-component-set" => match place {
                Place::Collection(component) => format!("<c:comp name=\"{}\"/>", component.name()),
                _ => return None,
            },
            "supported-report-set" if collection => ["calendar-query", "calendar-multiget"]
                .map(|name| {
                    format!("<d:supported-report><d:report><c:{name}/></d:report></d:supported-report>")
                })
                .concat(),
            "current-user-privilege-set" => ["read", "write", "write-content", "bind", "unbind"]
                .map(|name| format!("<d:privilege><d:{name}/></d:privilege>"))
                .concat(),
            "getctag" if collection => tag_of(items),
            _ => return None,
        })
    };
    let usual = [
        "resourcetype",
        "displayname",
        "current-user-principal",
        "calendar-home-set",
        "supported-calendar-component-set",
        "getctag",
    ];
    Answer { href: place.href(), found: Some(Found::of(asked, &usual, property)) }
}

fn name_of(cx: &Cx, place: &Place) -> String {
    use huike_model::Label;
    let label = match place {
        Place::Collection(Component::Event) => Label::new("汇客日程", "Huike calendar"),
        Place::Collection(Component::Todo) => Label::new("汇客任务", "Huike tasks"),
        _ => Label::new("汇客", "Huike"),
    };
    label.get(cx.lang()).to_owned()
}

/// Another text whenever an item came, changed or went.
fn tag_of(items: &[Item]) -> String {
    // FNV-1a: it tells changes, it keeps no secret.
    let numbers = items.iter().flat_map(|item| [item.id, item.version]);
    let hash = numbers.fold(0xcbf2_9ce4_8422_2325_u64, |hash, number| {
        number
            .to_le_bytes()
            .iter()
            .fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
    });
    format!("{hash:x}")
}
