//! The people of a simulated company and what they do in an hour.

use super::Plan;
use super::acts::Act;
use crate::access::roles::{put_user_roles, seed_roles};
use crate::access::{Company, settings};
use crate::cx::{Caller, Cx, Via};
use crate::demo::Chance;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::plans;
use crate::records::body;
use crate::records::write::Writer;
use huike_model::access::FieldAccess;
use huike_model::{Code, Id, Problem};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use tokio::runtime::Runtime;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Customers made in one transaction.
const CHUNK: u32 = 250;
/// People in a team.
const TEAM: u32 = 10;

#[derive(Debug, Default)]
pub struct People {
    sales: Vec<i64>,
    away: Vec<i64>,
    customers: Vec<i64>,
    deleted: Vec<i64>,
}

pub(super) fn make(conn: &mut Conn, engine: &Engine, cx: &Cx, object: &str, body: Json) -> Result<i64> {
    let object = cx.object(object)?.clone();
    let Json::Object(members) = body else { return Err(EngineError::internal("a record is an object")) };
    let assignments = body::read(&members, &object, cx, |_| FieldAccess::Write).map_err(Problem::invalid)?;
    Writer { engine, cx, conn }.create(&object, assignments)
}

fn id(number: i64) -> Json {
    json!(Id::new(number).ok())
}

impl People {
    /// Founds the company in an empty database.
    ///
    /// # Errors
    /// `conflict` in one that isn't empty.
    pub fn found(engine: &Engine, runtime: &Runtime, plan: &Plan, chance: &mut Chance) -> Result<People> {
        let cx = engine.cx(Caller::system(Via::System))?;
        let (this, plan) = (engine.clone(), plan.clone());
        let people = plan.people.max(2);
        let sales = runtime.block_on(engine.write(move |conn| hire(conn, &this, &cx, people)))?;
        runtime.block_on(engine.renew())?;
        let mut found = People { sales, ..People::default() };
        while (found.customers.len() as u32) < plan.customers {
            let count = CHUNK.min(plan.customers - found.customers.len() as u32);
            let first = found.customers.len();
            let cx = engine.cx(Caller::system(Via::System))?;
            let drafts: Vec<(Json, Option<i64>)> =
                (0..count).map(|place| found.draft(chance, first + place as usize, cx.moment.now)).collect();
            let this = engine.clone();
            let made = runtime.block_on(engine.write(move |conn| {
                let mut ids = Vec::new();
                for (body, due) in &drafts {
                    let customer = make(conn, &this, &cx, "customer", body.clone())?;
                    if let Some(due) = due {
                        let task = json!({"title": "回访", "customer": id(customer), "owner": body["owner"], "due_at": crate::shown::instant_text(*due)});
                        make(conn, &this, &cx, "task", task)?;
                    }
                    ids.push(customer);
                }
                Ok(ids)
            }))?;
            found.customers.extend(made);
        }
        Ok(found)
    }

    /// A customer and when something is planned with them.
    fn draft(&self, chance: &mut Chance, number: usize, now: i64) -> (Json, Option<i64>) {
        let stage = chance.weighted(&[
            (100, "lead"),
            (150, "potential"),
            (150, "interested"),
            (550, "won"),
            (50, "lost"),
        ]);
        let tier = chance.weighted(&[(50, "a"), (200, "b"), (750, "c")]);
        let owner = if chance.permille(30) { Json::Null } else { id(*chance.pick(&self.sales)) };
        let body = json!({"name": format!("模拟客户第{number}有限公司"), "stage": stage, "tier": tier, "owner": owner});
        let due = (stage != "lost" && chance.permille(700)).then(|| soon(chance, now, 30));
        (body, due)
    }

    /// What they do in an hour: most of it talking with customers.
    pub fn acts(&mut self, chance: &mut Chance, now: i64) -> Vec<Act> {
        let mut acts = Vec::new();
        for _ in 0..self.sales.len() {
            let customer = *chance.pick(&self.customers);
            match chance.below(1_000) {
                0..700 => acts.push(Act::Talk {
                    customer,
                    at: now - chance.between(0, 30) * 60_000,
                    answered: chance.permille(800),
                    next: chance.permille(600).then(|| soon(chance, now, 20)),
                }),
                700..780 => acts.push(Act::Plan { customer, due: soon(chance, now, 15) }),
                780..850 => acts.push(Act::Finish { customer, status: "done" }),
                850..880 => acts.push(Act::Finish { customer, status: "cancelled" }),
                880..920 => acts.push(Act::Move { customer, due: soon(chance, now, 10) }),
                920..950 => {
                    let owner = (!chance.permille(300)).then(|| *chance.pick(&self.sales));
                    acts.push(Act::Give { customer, owner });
                }
                950..975 => {
                    let stage =
                        chance.weighted(&[(3, "potential"), (3, "interested"), (3, "won"), (1, "lost")]);
                    acts.push(Act::Stage { customer, stage });
                }
                975..985 => {
                    self.deleted.push(customer);
                    acts.push(Act::Delete { customer });
                }
                985..995 => acts.extend(self.deleted.pop().map(|customer| Act::Restore { customer })),
                _ => acts.extend(self.come_and_go(chance, now)),
            }
        }
        acts
    }

    fn come_and_go(&mut self, chance: &mut Chance, now: i64) -> Option<Act> {
        if let Some(user) = self.away.pop() {
            self.sales.push(user);
            return Some(Act::Employ { user, active: true });
        }
        if self.sales.len() < 4 {
            return None;
        }
        let place = chance.below(self.sales.len() as u64) as usize;
        if chance.permille(500) {
            let user = self.sales.swap_remove(place);
            self.away.push(user);
            return Some(Act::Employ { user, active: false });
        }
        let (user, stand_in) = (self.sales[place], *chance.pick(&self.sales));
        Some(Act::Absence {
            user,
            stand_in: (stand_in != user).then_some(stand_in),
            from: now,
            to: now + chance.between(1, 5) * DAY,
        })
    }
}

/// A working hour some days ahead.
fn soon(chance: &mut Chance, now: i64, days: i64) -> i64 {
    now + chance.between(0, days) * DAY + chance.between(1, 8) * HOUR
}

/// A head of the company, a head of every team, and their people.
fn hire(conn: &mut Conn, engine: &Engine, cx: &Cx, people: u32) -> Result<Vec<i64>> {
    if conn.query_opt(&Sql::raw("select id from \"user\" limit 1"))?.is_some() {
        let problem = Problem::new(Code::Conflict)
            .with_detail("模拟只能在空数据库里进行", "A simulation needs an empty database");
        return Err(problem.into());
    }
    settings::store(conn, &Company { name: "模拟公司".into(), ..Company::default() })?;
    // Those who move to a stage from tomorrow on are put on its plan.
    plans::activate(conn, cx.moment.now + DAY)?;
    let roles = seed_roles(conn, engine, cx)?;
    let role = |code: &str| {
        roles.get(code).copied().ok_or_else(|| EngineError::internal("a standard role is missing"))
    };
    let employ = |conn: &mut Conn,
                  login: String,
                  code: &str,
                  department: Json,
                  manager: Json|
     -> Result<i64> {
        let body = json!({"name": format!("员工{login}"), "login": login, "department": department, "manager": manager});
        let user = make(conn, engine, cx, "user", body)?;
        put_user_roles(conn, user, &BTreeSet::from([role(code)?]))?;
        Ok(user)
    };
    let whole = make(conn, engine, cx, "department", json!({"name": "总部"}))?;
    let boss = employ(conn, "boss".into(), "admin", id(whole), Json::Null)?;
    let mut sales = Vec::new();
    for team in 0..people.div_ceil(TEAM) {
        let department = make(
            conn,
            engine,
            cx,
            "department",
            json!({"name": format!("销售{}部", team + 1), "parent": id(whole)}),
        )?;
        let head = employ(conn, format!("head{team}"), "sales_manager", id(department), id(boss))?;
        for number in (team * TEAM)..people.min((team + 1) * TEAM) {
            sales.push(employ(conn, format!("sales{number}"), "sales", id(department), id(head))?);
        }
    }
    Ok(sales)
}
