//! What somebody does in a simulated company, through the same pipeline as every write.

use super::company::make;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::body;
use crate::records::delete;
use crate::records::load;
use crate::records::write::Writer;
use crate::shown::instant_text;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Id, Problem};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};

#[derive(Clone, Debug)]
pub enum Act {
    Talk {
        customer: i64,
        at: i64,
        answered: bool,
        next: Option<i64>,
    },
    Plan {
        customer: i64,
        due: i64,
    },
    /// The customer's first open task.
    Finish {
        customer: i64,
        status: &'static str,
    },
    Move {
        customer: i64,
        due: i64,
    },
    Give {
        customer: i64,
        owner: Option<i64>,
    },
    Stage {
        customer: i64,
        stage: &'static str,
    },
    Delete {
        customer: i64,
    },
    Restore {
        customer: i64,
    },
    Employ {
        user: i64,
        active: bool,
    },
    Absence {
        user: i64,
        stand_in: Option<i64>,
        from: i64,
        to: i64,
    },
}

fn id(number: i64) -> Json {
    json!(Id::new(number).ok())
}

impl Act {
    /// # Errors
    /// The database's; what the record doesn't let happen is let be.
    pub fn run(&self, conn: &mut Conn, engine: &Engine, cx: &Cx) -> Result<()> {
        match conn.savepoint(|conn| self.attempt(conn, engine, cx)) {
            // Somebody deleted the customer, a rule of the dictionary forbids it: people give up.
            Err(EngineError::Problem(_)) => Ok(()),
            done => done,
        }
    }

    fn attempt(&self, conn: &mut Conn, engine: &Engine, cx: &Cx) -> Result<()> {
        match self {
            Act::Talk { customer, at, answered, next } => {
                let owner = owner_of(conn, *customer)?;
                let mut talk = json!({
                    "kind": "call", "customer": id(*customer), "content": "谈了需求", "owner": owner,
                    "occurred_at": instant_text(*at), "outcome": if *answered { "positive" } else { "no_answer" },
                });
                if let Some(next) = next {
                    (talk["next_step"], talk["next_step_at"]) = ("再联系".into(), instant_text(*next).into());
                }
                make(conn, engine, cx, "interaction", talk).map(drop)
            }
            Act::Plan { customer, due } => {
                let owner = owner_of(conn, *customer)?;
                let task = json!({"title": "准备资料", "customer": id(*customer), "owner": owner, "due_at": instant_text(*due)});
                make(conn, engine, cx, "task", task).map(drop)
            }
            Act::Finish { customer, status } => match first_task(conn, *customer)? {
                Some(task) => change(conn, engine, cx, "task", task, json!({"status": status})),
                None => Ok(()),
            },
            Act::Move { customer, due } => match first_task(conn, *customer)? {
                Some(task) => change(conn, engine, cx, "task", task, json!({"due_at": instant_text(*due)})),
                None => Ok(()),
            },
            Act::Give { customer, owner } => {
                let owner = owner.map_or(Json::Null, id);
                change(conn, engine, cx, "customer", *customer, json!({"owner": owner}))
            }
            Act::Stage { customer, stage } => {
                change(conn, engine, cx, "customer", *customer, json!({"stage": stage}))
            }
            Act::Delete { customer } => {
                let access = ObjectAccess::of_the_system(cx.object("customer")?);
                delete::delete(conn, engine, cx, &access, *customer, None)
            }
            Act::Restore { customer } => {
                let access = ObjectAccess::of_the_system(cx.object("customer")?);
                let record = load::find(conn, cx, &access, *customer, Deleted::Only)?;
                Writer { engine, cx, conn }.set_deleted(&record, false)
            }
            Act::Employ { user, active } => {
                change(conn, engine, cx, "user", *user, json!({"active": active}))
            }
            Act::Absence { user, stand_in, from, to } => {
                let sql =
                    "insert into absence (id, user_id, from_at, to_at, stand_in) values ($1, $2, $3, $4, $5)";
                let values = [
                    conn.next_id()?.into(),
                    (*user).into(),
                    (*from).into(),
                    (*to).into(),
                    (*stand_in).into(),
                ];
                conn.execute(&Sql::with(sql, values)?)?;
                engine.renew_after(conn);
                Ok(())
            }
        }
    }
}

fn owner_of(conn: &mut Conn, customer: i64) -> Result<Json> {
    let sql = Sql::with("select owner_id from customer where id = $1", [customer.into()])?;
    let owner = conn.query_opt(&sql)?.map(|row| row.opt_int(0)).transpose()?.flatten();
    Ok(owner.map_or(Json::Null, id))
}

fn first_task(conn: &mut Conn, customer: i64) -> Result<Option<i64>> {
    let sql = "select id from task where customer = $1 and status = 'open' and deleted_at is null order by id limit 1";
    let row = conn.query_opt(&Sql::with(sql, [customer.into()])?)?;
    Ok(row.map(|row| row.int(0)).transpose()?)
}

fn change(conn: &mut Conn, engine: &Engine, cx: &Cx, object: &str, record: i64, fields: Json) -> Result<()> {
    let object = cx.object(object)?.clone();
    load::lock(conn, &object, record)?;
    let record = load::find(conn, cx, &ObjectAccess::of_the_system(&object), record, Deleted::Live)?;
    let Json::Object(fields) = fields else { return Err(EngineError::internal("a record is an object")) };
    let assignments = body::read(&fields, &object, cx, |_| FieldAccess::Write).map_err(Problem::invalid)?;
    Writer { engine, cx, conn }.update(&record, assignments).map(drop)
}
