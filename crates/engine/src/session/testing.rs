//! A company in a database of its own, for the tests of signing in, of rights and of the log.

use super::set_up::{SetUp, set_up};
use super::sign_in::{Credentials, Origin, SignedIn, sign_in};
use super::{Visitor, put_password, resolve};
use crate::access::roles::put_user_roles;
use crate::cx::{Actor, Caller, Cx, Via};
use crate::engine::{Engine, Options};
use crate::error::Result;
use crate::obligations::run;
use crate::records::duplicates::OnDuplicate;
use huike_model::{Code, Id, Lang, Problem};
use huike_store::log::{COLUMNS, Cursor, LogEntry, read_after};
use huike_store::testing::TestDb;
use huike_store::{Conn, SetClock, Sql};
use huike_vault::keys::{KeyRing, MasterKey};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

pub const PASSWORD: &str = "correct horse battery";
pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 86_400_000;

pub struct Company {
    pub engine: Engine,
    pub clock: Arc<SetClock>,
    runtime: tokio::runtime::Runtime,
    _files: tempfile::TempDir,
}

impl Company {
    /// An empty database: nobody has set it up.
    pub fn unfounded(db: &TestDb) -> Company {
        let files = tempfile::tempdir().unwrap();
        let keys = KeyRing::new(MasterKey::generate(1), Vec::new());
        let engine =
            Engine::open(Options { store: db.store.clone(), keys, files: files.path().to_owned() }).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        Company { engine, clock: db.clock.clone(), runtime, _files: files }
    }

    /// Set up by its administrator `boss`.
    pub fn founded(db: &TestDb) -> Company {
        let company = Company::unfounded(db);
        company.wait(set_up(&company.engine, founding(), Origin::default())).unwrap();
        company
    }

    /// With a sales department and its salespeople; the reader of the log has come to its end.
    pub fn selling<const N: usize>(db: &TestDb, logins: [&str; N]) -> (Company, i64) {
        let company = Company::founded(db);
        let department = company.department("销售部");
        for login in logins {
            company.hire_into(login, "sales", Some(department));
        }
        company.follow_up();
        (company, department)
    }

    /// Lets promises, plans and pools come to follow the log.
    pub fn follow_up(&self) {
        self.settle();
        while self.wait(run::round(&self.engine)).unwrap() {}
    }

    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    pub fn write<R: Send + 'static>(&self, work: impl FnMut(&mut Conn) -> Result<R> + Send + 'static) -> R {
        self.wait(self.engine.write(work)).unwrap()
    }

    pub fn execute(&self, text: &str) -> u64 {
        let sql = Sql::raw(text);
        self.write(move |conn| Ok(conn.execute(&sql)?))
    }

    /// The first column of the first row.
    pub fn int(&self, text: &str) -> Option<i64> {
        let sql = Sql::raw(text);
        self.wait(
            self.engine
                .read(move |conn| Ok(conn.query_opt(&sql)?.map(|row| row.opt_int(0)).transpose()?.flatten())),
        )
        .unwrap()
    }

    pub fn user(&self, login: &str) -> i64 {
        self.engine.org().user_by_login(login).unwrap().id
    }

    pub fn role(&self, code: &str) -> i64 {
        self.engine.org().role_by_code(code).unwrap().id
    }

    pub fn boss(&self) -> Cx {
        self.cx("boss")
    }

    pub fn cx(&self, login: &str) -> Cx {
        let caller = Caller {
            actor: Actor::User(self.user(login)),
            lang: Lang::Zh,
            via: Via::Page,
            request: "r1".into(),
        };
        self.engine.cx(caller).unwrap()
    }

    pub fn system(&self) -> Cx {
        self.engine.cx(Caller::system(Via::System)).unwrap()
    }

    pub fn department(&self, name: &str) -> i64 {
        self.create(&self.system(), "department", json!({"name": name}))
    }

    /// Somebody with one role and [`PASSWORD`].
    pub fn hire(&self, login: &str, role: &str) -> i64 {
        self.hire_into(login, role, None)
    }

    pub fn hire_into(&self, login: &str, role: &str, department: Option<i64>) -> i64 {
        let department = department.map(|id| Id::new(id).unwrap());
        let user = self.create(
            &self.system(),
            "user",
            json!({"name": format!("员工{login}"), "login": login, "department": department}),
        );
        let (role, now, engine) = (self.role(role), self.engine.now(), self.engine.clone());
        self.write(move |conn| {
            put_user_roles(conn, user, &BTreeSet::from([role]))?;
            put_password(conn, user, password_hash(), false, now)?;
            engine.renew_after(conn);
            Ok(())
        });
        user
    }

    pub fn create(&self, cx: &Cx, object: &str, body: Json) -> i64 {
        let Json::Object(body) = body else { panic!("a record is an object") };
        self.wait(self.engine.create_record(cx.clone(), object.into(), body, OnDuplicate::Allow)).unwrap().id
    }

    pub fn update(&self, cx: &Cx, object: &str, id: i64, body: Json) -> Result<()> {
        let Json::Object(body) = body else { panic!("a record is an object") };
        self.wait(self.engine.update_record(cx.clone(), object.into(), id, None, body)).map(drop)
    }

    pub fn sees(&self, login: &str, object: &str, id: i64) -> bool {
        match self.wait(self.engine.get_record(self.cx(login), object.into(), id, Vec::new())) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.into_problem().code, Code::NotFound);
                false
            }
        }
    }

    pub fn try_in(
        &self,
        login: &str,
        password: &str,
        code: Option<&str>,
    ) -> std::result::Result<SignedIn, Problem> {
        let credentials =
            Credentials { login: login.into(), password: password.into(), code: code.map(str::to_owned) };
        self.wait(sign_in(&self.engine, credentials, origin())).map_err(crate::EngineError::into_problem)
    }

    /// Signs in with [`PASSWORD`]; the cookie.
    pub fn cookie(&self, login: &str) -> String {
        self.try_in(login, PASSWORD, None).unwrap().token.reveal().to_owned()
    }

    pub fn visit(&self, cookie: &str) -> std::result::Result<Visitor, Code> {
        self.wait(resolve::by_cookie(&self.engine, cookie, "r1")).map_err(|error| error.into_problem().code)
    }

    /// The rows of the log with this operation, oldest first.
    pub fn log(&self, op: &str) -> Vec<LogEntry> {
        let sql = Sql::raw(format!("select {COLUMNS} from change_log order by tx, id"));
        let read = move |conn: &mut Conn| {
            conn.query(&sql)?.iter().map(|row| Ok(LogEntry::read(row)?)).collect::<Result<Vec<_>>>()
        };
        self.wait(self.engine.read(read)).unwrap().into_iter().filter(|entry| entry.op == op).collect()
    }

    /// Waits until readers of the log see all of it: on PostgreSQL the transactions of other tests in the same cluster hold them back.
    pub fn settle(&self) {
        let rows = self.int("select count(*) from change_log").unwrap();
        let settled = async {
            while self
                .engine
                .read(|conn| Ok(read_after(conn, Cursor::default(), 100_000)?.len() as i64))
                .await
                .unwrap()
                < rows
            {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        self.wait(async { tokio::time::timeout(std::time::Duration::from_secs(20), settled).await }).unwrap();
    }
}

pub fn founding() -> SetUp {
    SetUp {
        company: "示例制造有限公司".into(),
        name: "王老板".into(),
        login: "boss".into(),
        password: PASSWORD.into(),
        language: Lang::Zh,
    }
}

pub fn origin() -> Origin {
    Origin {
        ip: Some("192.0.2.10".parse().unwrap()), agent: Some("测试浏览器".into()), request: "r1".into()
    }
}

/// The hash of [`PASSWORD`], made once: hashing is slow on purpose.
pub fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| huike_vault::password::hash(PASSWORD).unwrap())
}

/// The codes of the faults with their fields.
pub fn faults(error: crate::EngineError) -> Vec<(String, &'static str)> {
    error.into_problem().faults.into_iter().map(|fault| (fault.field, fault.code)).collect()
}

pub fn code<T>(result: Result<T>) -> Code {
    match result {
        Ok(_) => panic!("it should have failed"),
        Err(error) => error.into_problem().code,
    }
}
