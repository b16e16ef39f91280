//! A company whose promises are looked at.

use super::super::list::{Request, Scope};
use super::super::{check, run};
use crate::cx::{Caller, Cx, Via};
use crate::session::testing::Company;
use huike_model::Id;
use huike_store::testing::TestDb;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};

pub struct Desk {
    pub company: Company,
}

pub const HOUR: i64 = 3_600_000;

impl Desk {
    /// `boss` above `head` above `sales`; it is Monday, nine in the morning.
    pub fn open(db: &TestDb) -> Desk {
        let company = Company::founded(db);
        let department = Some(company.department("销售部"));
        company.hire_into("head", "sales_manager", department);
        company.hire_into("sales", "sales", department);
        company.hire_into("other", "sales", department);
        let desk = Desk { company };
        let above = [("head", "boss"), ("sales", "head"), ("other", "head")];
        for (login, manager) in above {
            let manager = Id::new(desk.company.user(manager)).unwrap();
            desk.company
                .update(&desk.system(), "user", desk.company.user(login), json!({"manager": manager}))
                .unwrap();
        }
        desk.work();
        desk
    }

    pub fn system(&self) -> Cx {
        self.company.engine.cx(Caller::system(Via::System)).unwrap()
    }

    /// Everything that runs by itself, until nothing is left to do.
    pub fn work(&self) {
        for _ in 0..10 {
            let written = self.int("select count(*) from change_log");
            self.company.settle();
            self.rounds();
            // What it wrote itself, a mover of stages say, is read when every node can see it.
            if self.int("select count(*) from change_log") == written {
                return;
            }
        }
        panic!("the work never ends");
    }

    fn rounds(&self) {
        for _ in 0..100 {
            if !self.company.wait(run::round(&self.company.engine)).unwrap() {
                return;
            }
        }
        panic!("the round never ends");
    }

    pub fn at(&self, ms: i64) {
        self.company.clock.set_ms(ms);
        self.work();
    }

    pub fn customer(&self, name: &str) -> i64 {
        let cx = self.company.cx("sales");
        self.company.create(&cx, "customer", json!({"name": name, "stage": "interested"}))
    }

    pub fn task(&self, customer: i64, due: i64) -> i64 {
        let customer = Id::new(customer).unwrap();
        let body =
            json!({"title": "发报价单", "customer": customer, "due_at": crate::shown::instant_text(due)});
        self.company.create(&self.company.cx("sales"), "task", body)
    }

    pub fn talk(&self, customer: i64, body: Json) -> i64 {
        let mut whole =
            json!({"kind": "call", "customer": Id::new(customer).unwrap(), "content": "谈了交期"});
        whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        self.company.create(&self.company.cx("sales"), "interaction", whole)
    }

    pub fn int(&self, sql: &str) -> i64 {
        self.company.int(sql).unwrap_or_default()
    }

    pub fn open_of_task(&self, task: i64) -> i64 {
        self.int(&format!("select count(*) from obligation where holder = 'task' and holder_id = {task} and closed_at is null"))
    }

    pub fn state(&self, task: i64) -> String {
        let sql = format!(
            "select state from obligation where holder = 'task' and holder_id = {task} order by id desc"
        );
        self.texts(&sql)[0].clone()
    }

    pub fn texts(&self, sql: &str) -> Vec<String> {
        let sql = Sql::raw(sql);
        let read = move |conn: &mut Conn| {
            conn.query(&sql)?.iter().map(|row| Ok(row.opt_text(0)?.unwrap_or_default().to_owned())).collect()
        };
        self.company.wait(self.company.engine.read(read)).unwrap()
    }

    pub fn broken(&self) -> Vec<check::Broken> {
        let cx = self.system();
        self.company.wait(self.company.engine.read(move |conn| check::check(conn, &cx))).unwrap()
    }

    pub fn list(&self, login: &str, request: Request) -> Vec<Json> {
        let cx = self.company.cx(login);
        let page = self.company.wait(self.company.engine.obligations(cx, request)).unwrap();
        page["items"].as_array().unwrap().clone()
    }

    pub fn counts(&self, login: &str, scope: Scope) -> Json {
        let request = Request { scope, ..Request::default() };
        self.company.wait(self.company.engine.obligation_counts(self.company.cx(login), request)).unwrap()
    }

    /// Kinds and logins of everybody who was reminded, oldest first.
    pub fn told(&self) -> Vec<String> {
        let sql = "select u.login || ' ' || n.kind from notification n join \"user\" u on u.id = n.user_id \
             where n.kind <> 'digest' order by n.id";
        self.texts(sql)
    }
}
