//! A company in an empty database with the router in front of it.

use crate::contract;
use axum::Router;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use futures_util::StreamExt as _;
use huike_engine::{Engine, KeyRing, MasterKey, Options};
use huike_model::Code;
use huike_server::config::{Config, Sources};
use huike_server::http::{App, router};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

pub const PASSWORD: &str = "correct-Horse-7-battery";

/// The server, with nobody signed in.
#[derive(Clone)]
pub struct World {
    pub app: App,
    router: Router,
    runtime: Arc<Runtime>,
    _files: Arc<TempDir>,
}

/// One caller, with what they send along.
#[derive(Clone)]
pub struct Client {
    world: World,
    pub headers: Vec<(String, String)>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// What was asked, for messages.
    asked: String,
}

impl World {
    /// An installation before its first visit.
    pub fn fresh(db: &TestDb) -> World {
        World::with(db, &[])
    }

    /// As [`World::fresh`], with settings of the configuration.
    pub fn with(db: &TestDb, settings: &[(&'static str, &str)]) -> World {
        let files = tempfile::tempdir().expect("a temporary folder can be made");
        let options = Options {
            store: db.store.clone(),
            keys: KeyRing::new(MasterKey::generate(1), vec![]),
            files: files.path().to_owned(),
        };
        let engine = Engine::open(options).expect("a fresh database opens");
        let mut sources = Sources::default();
        // Tests send more than anybody types.
        sources.flags.insert("requests_per_minute", "1000000".into());
        sources.flags.insert("sign_ins_per_minute", "1000000".into());
        sources.flags.extend(settings.iter().map(|(name, text)| (*name, (*text).to_owned())));
        let config = Config::load_with(&sources, &|_| None).expect("the test's settings are right");
        let app = App::new(engine, config);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        World {
            router: router(app.clone()),
            app,
            runtime: Arc::new(runtime.expect("a runtime starts")),
            _files: Arc::new(files),
        }
    }

    /// A company with its administrator, who is signed in.
    pub fn founded(db: &TestDb) -> (World, Client) {
        World::founded_with(db, &[])
    }

    pub fn founded_with(db: &TestDb, settings: &[(&'static str, &str)]) -> (World, Client) {
        let world = World::with(db, settings);
        let body = json!({"company": "示例公司", "name": "周岚", "login": "admin", "password": PASSWORD, "language": "zh"});
        let reply = world.stranger().post("/setup", &body).expect(200);
        let admin = world.signed_in(&reply);
        (world, admin)
    }

    /// Lets the server follow its log, as it does while it serves, and waits until it does.
    pub fn follow(&self, admin: &Client) {
        let mut changes = self.app.engine().events().listen();
        self.runtime.spawn(huike_engine::jobs::follow(self.app.engine().clone()));
        for theme in ["dark", "light"].into_iter().cycle().take(100) {
            admin.patch("/session", &json!({"theme": theme})).expect(200);
            let patience = Duration::from_millis(100);
            let heard = async { tokio::time::timeout(patience, changes.recv()).await };
            if self.runtime.block_on(heard).is_ok() {
                return;
            }
        }
        panic!("the log is not followed");
    }

    /// Runs work of the engine's that no request asks for.
    pub fn wait<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    pub fn stranger(&self) -> Client {
        Client { world: self.clone(), headers: Vec::new() }
    }

    /// The caller behind an answer that began a session.
    pub fn signed_in(&self, reply: &Reply) -> Client {
        let cookie = reply.header("set-cookie").split(';').next().expect("a cookie has a value").to_owned();
        let csrf = reply.json()["csrf"].as_str().expect("a session has a csrf").to_owned();
        self.stranger().with("cookie", &cookie).with("x-csrf-token", &csrf)
    }

    pub fn sign_in(&self, login: &str, password: &str) -> Client {
        let body = json!({"login": login, "password": password});
        self.signed_in(&self.stranger().post("/session", &body).expect(200))
    }

    /// A new person with one of the standard roles, signed in.
    pub fn person(&self, admin: &Client, login: &str, role: &str) -> Client {
        let name = format!("人员{login}");
        let user = admin.post("/records/user", &json!({"name": name, "login": login})).expect(201).id();
        let filter = json!({"filter": {"field": "code", "op": "eq", "value": role}});
        let roles = admin.post("/records/role/query", &filter).expect(200).json();
        let role = roles["items"][0]["id"].as_str().unwrap_or_else(|| panic!("no role {role}")).to_owned();
        admin.put(&format!("/users/{user}/roles"), &json!([role])).expect(204);
        let first = "first-Horse-7-battery";
        admin.post(&format!("/users/{user}/password"), &json!({"password": first})).expect(200);
        let person = self.sign_in(login, first);
        person.post("/session/password", &json!({"current": first, "new": PASSWORD})).expect(204);
        person
    }
}

impl Client {
    pub fn with(mut self, name: &str, value: &str) -> Client {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Client {
        self.headers.retain(|(each, _)| each != name);
        self
    }

    /// A request to a path of the interface.
    pub fn send(&self, method: Method, path: &str, body: Option<&Json>) -> Reply {
        let text = body.map(Json::to_string);
        let client =
            if body.is_some() { self.clone().with("content-type", "application/json") } else { self.clone() };
        client.raw(method, &format!("/api/v1{path}"), text.unwrap_or_default().into_bytes())
    }

    /// A request to any path with any bytes.
    pub fn raw(&self, method: Method, path: &str, body: Vec<u8>) -> Reply {
        let mut request =
            Request::builder().method(method.clone()).uri(path).header(header::HOST, "crm.test");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body)).expect("the test's request is well-formed");
        let router = self.world.router.clone();
        self.world.runtime.block_on(async move {
            let response = router.oneshot(request).await.expect("the router always answers");
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, 256 << 20).await.expect("an answer can be read");
            if let Err(broken) = contract::check(&method, path, parts.status.as_u16(), &body) {
                panic!("{method} {path} breaks the interface's document:\n{broken}");
            }
            Reply {
                status: parts.status,
                headers: parts.headers,
                body: body.to_vec(),
                asked: format!("{method} {path}"),
            }
        })
    }

    /// Begins a request whose answer goes on; the status when it is refused.
    pub fn open(&self, path: &str) -> Result<BodyDataStream, u16> {
        let mut request = Request::builder().uri(format!("/api/v1{path}")).header(header::HOST, "crm.test");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::empty()).expect("the test's request is well-formed");
        let answer = self.world.router.clone().oneshot(request);
        let response = self.world.runtime.block_on(answer).expect("the router always answers");
        let status = response.status().as_u16();
        if status == 200 { Ok(response.into_body().into_data_stream()) } else { Err(status) }
    }

    /// What comes of an answer that goes on within a time, once `meanwhile` has run.
    pub fn listen(&self, path: &str, time: Duration, meanwhile: impl FnOnce()) -> String {
        let mut stream = self.open(path).expect("it is answered");
        meanwhile();
        self.world.runtime.block_on(async move {
            let mut text = String::new();
            let heard = async {
                while let Some(piece) = stream.next().await {
                    text.push_str(&String::from_utf8_lossy(&piece.expect("the stream goes on")));
                }
            };
            // It may never end by itself.
            let _ = tokio::time::timeout(time, heard).await;
            text
        })
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None)
    }

    pub fn post(&self, path: &str, body: &Json) -> Reply {
        self.send(Method::POST, path, Some(body))
    }

    pub fn put(&self, path: &str, body: &Json) -> Reply {
        self.send(Method::PUT, path, Some(body))
    }

    pub fn patch(&self, path: &str, body: &Json) -> Reply {
        self.send(Method::PATCH, path, Some(body))
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None)
    }

    /// Makes a record; its id.
    pub fn make(&self, object: &str, fields: Json) -> String {
        self.post(&format!("/records/{object}"), &fields).expect(201).id()
    }
}

impl Reply {
    #[track_caller]
    pub fn expect(self, status: u16) -> Reply {
        assert_eq!(self.status.as_u16(), status, "{} answered {}: {}", self.asked, self.status, self.text());
        self
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{}: {e}: {}", self.asked, self.text()))
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("{} has no {name}", self.asked));
        value.to_str().expect("a header is text")
    }

    #[track_caller]
    pub fn id(&self) -> String {
        self.json()["id"].as_str().expect("a record has an id").to_owned()
    }

    /// A problem of the table, whole and in the shape that is promised; its body.
    #[track_caller]
    pub fn problem(&self) -> Json {
        let asked = &self.asked;
        assert_eq!(self.header("content-type"), "application/problem+json", "{asked}: {}", self.text());
        let body = self.json();
        let code = body["code"].as_str().unwrap_or_default();
        let known = Code::ALL.iter().find(|known| known.name() == code);
        let known = known.unwrap_or_else(|| panic!("{asked}: {code:?} is not in the table"));
        assert_eq!(known.status(), self.status.as_u16(), "{asked}: {body}");
        assert_eq!(body["status"], self.status.as_u16(), "{asked}");
        for member in ["type", "title", "detail"] {
            assert!(
                body[member].as_str().is_some_and(|text| !text.is_empty()),
                "{asked}: {member} in {body}"
            );
        }
        for error in body["errors"].as_array().expect("a problem lists its faults") {
            assert!(
                error["field"].is_string() && error["code"].is_string() && error["message"].is_string(),
                "{asked}: {error}"
            );
        }
        body
    }

    #[track_caller]
    pub fn expect_problem(&self, code: &str) -> Json {
        let body = self.problem();
        assert_eq!(body["code"], code, "{}: {body}", self.asked);
        body
    }

    /// The faults of a problem as `field code`.
    #[track_caller]
    pub fn faults(&self) -> Vec<String> {
        let body = self.problem();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|e| {
                format!(
                    "{} {}",
                    e["field"].as_str().unwrap_or_default(),
                    e["code"].as_str().unwrap_or_default()
                )
            })
            .collect()
    }
}

/// A path of the table with something in the place of its variables.
pub fn filled(path: &str, object: &str, id: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        "{object}" => object,
        "{tree}" if object == "customer" => "region",
        "{tree}" => object,
        "{field}" => "name",
        part if part.starts_with('{') => id,
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

pub fn method(name: &str) -> Method {
    name.parse().expect("the table's methods are methods")
}
