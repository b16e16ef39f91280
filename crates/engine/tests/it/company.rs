//! A company in a database of its own, and short words for what is done with it.

use huike_engine::access::roles::{put_user_roles, seed_roles};
use huike_engine::records::duplicates::OnDuplicate;
use huike_engine::records::list::ListRequest;
use huike_engine::{Actor, Caller, Cx, Engine, EngineError, KeyRing, MasterKey, Options, Result, Via};
use huike_model::{Id, Lang, Problem};
use huike_store::testing::TestDb;
use huike_store::{Conn, SetClock, Sql};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 86_400_000;

/// The master key of every test: a second engine on the same database needs the same one.
const MASTER: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

pub struct Company {
    pub engine: Engine,
    pub clock: Arc<SetClock>,
    pub runtime: tokio::runtime::Runtime,
    _files: tempfile::TempDir,
}

impl Company {
    /// With the standard roles and nobody in it.
    pub fn new(db: &TestDb) -> Company {
        let company = Company::opened(db.store.clone(), db.clock.clone());
        let (engine, system) = (company.engine.clone(), company.system());
        company.write(move |conn| seed_roles(conn, &engine, &system));
        company.wait(company.engine.renew()).unwrap();
        company
    }

    /// A further node over a store.
    pub fn opened(store: huike_store::Store, clock: Arc<SetClock>) -> Company {
        let files = tempfile::tempdir().unwrap();
        let keys = KeyRing::new(MasterKey::parse(1, MASTER).unwrap(), Vec::new());
        let engine = Engine::open(Options { store, keys, files: files.path().to_owned() }).unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Company { engine, clock, runtime, _files: files }
    }

    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    pub fn write<R: Send + 'static>(&self, work: impl FnMut(&mut Conn) -> Result<R> + Send + 'static) -> R {
        self.wait(self.engine.write(work)).unwrap()
    }

    pub fn read<R: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Result<R> + Send + 'static) -> R {
        self.wait(self.engine.read(work)).unwrap()
    }

    pub fn execute(&self, text: &str) -> u64 {
        let sql = Sql::raw(text);
        self.write(move |conn| Ok(conn.execute(&sql)?))
    }

    /// The first column of the first row.
    pub fn int(&self, text: &str) -> Option<i64> {
        let sql = Sql::raw(text);
        self.read(move |conn| Ok(conn.query_opt(&sql)?.map(|row| row.opt_int(0)).transpose()?.flatten()))
    }

    /// The first column of every row.
    pub fn texts(&self, text: &str) -> Vec<Option<String>> {
        let sql = Sql::raw(text);
        self.read(move |conn| {
            conn.query(&sql)?.iter().map(|row| Ok(row.opt_text(0)?.map(str::to_owned))).collect()
        })
    }

    pub fn system(&self) -> Cx {
        self.engine.cx(Caller::system(Via::System)).unwrap()
    }

    pub fn cx(&self, login: &str) -> Cx {
        let user = self.engine.org().user_by_login(login).unwrap().id;
        self.acting(Actor::User(user))
    }

    pub fn acting(&self, actor: Actor) -> Cx {
        self.engine.cx(Caller { actor, lang: Lang::Zh, via: Via::Api, request: "r1".into() }).unwrap()
    }

    pub fn department(&self, name: &str, parent: Option<&str>) -> String {
        self.create(&self.system(), "department", json!({"name": name, "parent": parent}))
    }

    /// Somebody with one role; the id.
    pub fn hire(&self, login: &str, role: &str, department: Option<&str>) -> String {
        let body = json!({"name": format!("员工{login}"), "login": login, "department": department});
        let user = self.create(&self.system(), "user", body);
        let (id, role) = (number(&user), self.engine.org().role_by_code(role).unwrap().id);
        self.write(move |conn| put_user_roles(conn, id, &BTreeSet::from([role])));
        self.wait(self.engine.renew()).unwrap();
        user
    }

    pub fn try_create(&self, cx: &Cx, object: &str, body: Json) -> Result<Json, Box<Problem>> {
        let made = self.engine.create_record(cx.clone(), object.into(), members(body), OnDuplicate::Allow);
        self.wait(made).map(|answer| answer.body).map_err(problem)
    }

    /// The new id.
    pub fn create(&self, cx: &Cx, object: &str, body: Json) -> String {
        let made =
            self.try_create(cx, object, body.clone()).unwrap_or_else(|problem| panic!("{body}: {problem}"));
        made["id"].as_str().unwrap().to_owned()
    }

    pub fn try_update(
        &self,
        cx: &Cx,
        object: &str,
        id: &str,
        version: Option<i64>,
        body: Json,
    ) -> Result<Json, Box<Problem>> {
        let done = self.engine.update_record(cx.clone(), object.into(), number(id), version, members(body));
        self.wait(done).map(|answer| answer.body).map_err(problem)
    }

    pub fn update(&self, cx: &Cx, object: &str, id: &str, body: Json) -> Json {
        self.try_update(cx, object, id, None, body.clone())
            .unwrap_or_else(|problem| panic!("{body}: {problem}"))
    }

    pub fn try_delete(&self, cx: &Cx, object: &str, id: &str) -> Result<(), Box<Problem>> {
        self.wait(self.engine.delete_record(cx.clone(), object.into(), number(id), None)).map_err(problem)
    }

    pub fn delete(&self, cx: &Cx, object: &str, id: &str) {
        self.try_delete(cx, object, id)
            .unwrap_or_else(|problem| panic!("{object} {id}: {problem} {problem:?}"));
    }

    pub fn try_restore(&self, cx: &Cx, object: &str, id: &str) -> Result<Json, Box<Problem>> {
        let done = self.wait(self.engine.restore_record(cx.clone(), object.into(), number(id)));
        done.map(|answer| answer.body).map_err(problem)
    }

    pub fn try_get(&self, cx: &Cx, object: &str, id: &str) -> Result<Json, Box<Problem>> {
        let found = self.wait(self.engine.get_record(cx.clone(), object.into(), number(id), Vec::new()));
        found.map(|answer| answer.body).map_err(problem)
    }

    pub fn get(&self, cx: &Cx, object: &str, id: &str) -> Json {
        self.try_get(cx, object, id).unwrap()
    }

    pub fn try_list(&self, cx: &Cx, object: &str, request: Json) -> Result<Json, Box<Problem>> {
        let request: ListRequest = serde_json::from_value(request).unwrap();
        self.wait(self.engine.list_records(cx.clone(), object.into(), request)).map_err(problem)
    }

    pub fn list(&self, cx: &Cx, object: &str, request: Json) -> Json {
        self.try_list(cx, object, request.clone()).unwrap_or_else(|problem| panic!("{request}: {problem}"))
    }

    /// The ids that a filter finds, sorted.
    pub fn found(&self, cx: &Cx, object: &str, filter: Json) -> Vec<String> {
        let page = self.list(cx, object, json!({"filter": filter, "limit": 200, "fields": ["id"]}));
        let mut ids = ids(&page);
        ids.sort();
        ids
    }

    /// How often this happened to the record, from the log.
    pub fn logged(&self, object: &str, id: &str, op: &str) -> i64 {
        let id = number(id);
        self.int(&format!(
            "select count(*) from change_log where object = '{object}' and record_id = {id} and op = '{op}'"
        ))
        .unwrap()
    }
}

/// What a caller is told.
pub fn problem(error: EngineError) -> Box<Problem> {
    Box::new(error.into_problem())
}

pub fn number(id: &str) -> i64 {
    id.parse::<Id>().unwrap().number()
}

pub fn members(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

/// The ids of a page, in order.
pub fn ids(page: &Json) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// The fields and codes of the faults, sorted.
pub fn faults(problem: &Problem) -> Vec<(String, &'static str)> {
    let mut faults: Vec<_> = problem.faults.iter().map(|fault| (fault.field.clone(), fault.code)).collect();
    faults.sort();
    faults
}
