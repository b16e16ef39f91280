//! Putting the invented company into an empty database, through the same pipeline that every write takes.

use super::{ACCOUNTS, COMPANY_NAME, Draft, Generator, Size, journey};
use crate::access::roles::seed_roles;
use crate::access::{Company, Org, settings};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::plans;
use crate::records::body;
use crate::records::write::Writer;
use crate::session::put_password;
use chrono::NaiveDate;
use huike_model::Id;
use huike_model::access::FieldAccess;
use huike_model::moment::DAY_MS;
use huike_store::{Conn, Sql};
use huike_vault::password;
use std::collections::HashMap;
use std::sync::Arc;

/// The password of every account of the demonstration. It is set only in a database that says of itself that it is one.
pub const PASSWORD: &str = "huike-demo";

/// Drafts that are written in one transaction.
const CHUNK: usize = 500;

/// How long the plans of the demonstration have been in use.
const PLANNED_DAYS: i64 = 14;

/// Ids by object and the generator's key.
pub(super) type Ids = HashMap<(&'static str, u64), i64>;

impl Engine {
    /// Fills an empty database with the invented company; does nothing to one that has users. How many records were made.
    ///
    /// # Errors
    /// The database's; a draft that the dictionary refuses, which is a fault of ours.
    pub fn seed_demo(&self, seed: u64, size: Size) -> Result<u64> {
        let Some(mut seeding) = Seeding::begin(self)? else { return Ok(0) };
        let today: NaiveDate = seeding.cx.moment.today();
        let mut chunk: Vec<Draft> = Vec::with_capacity(CHUNK);
        for draft in Generator::new(seed, size, today) {
            // People must be there before others refer to them.
            let people = matches!(draft.object, "department" | "user");
            chunk.push(draft);
            if people || chunk.len() == CHUNK {
                seeding.write(std::mem::take(&mut chunk))?;
            }
        }
        seeding.write(chunk)?;
        // The leads of the last fortnight are on their way, the others were there before the plans.
        let now = seeding.cx.moment.now;
        let since = now - PLANNED_DAYS * DAY_MS;
        self.store().write_blocking(move |conn| {
            journey::tell(conn, seed, now)?;
            plans::activate(conn, since)?;
            conn.execute(&conn.dialect().analyze(None)?)?;
            Ok::<_, EngineError>(())
        })?;
        self.renew_blocking()?;
        Ok(seeding.made)
    }
}

/// Names the company and makes the roles; none when there are users already.
fn found(conn: &mut Conn, engine: &Engine, cx: &Cx) -> Result<Option<HashMap<String, i64>>> {
    if conn.query_opt(&Sql::raw("select id from \"user\" limit 1"))?.is_some() {
        return Ok(None);
    }
    settings::store(conn, &Company { name: COMPANY_NAME.into(), demo: true, ..Company::default() })?;
    Ok(Some(seed_roles(conn, engine, cx)?))
}

pub(super) struct Seeding {
    engine: Engine,
    pub cx: Cx,
    pub ids: Ids,
    roles: HashMap<String, i64>,
    hash: String,
    pub made: u64,
}

impl Seeding {
    /// Names the company and makes its roles; none when there are users already.
    pub(super) fn begin(engine: &Engine) -> Result<Option<Seeding>> {
        let cx = engine.cx(Caller::system(Via::System))?;
        let (this, first) = (engine.clone(), cx.clone());
        let fresh = engine.store().write_blocking(move |conn| found(conn, &this, &first))?;
        let Some(roles) = fresh else { return Ok(None) };
        let hash =
            password::hash(PASSWORD).map_err(|_| EngineError::internal("a password can't be hashed"))?;
        Ok(Some(Seeding { engine: engine.clone(), cx, ids: Ids::new(), roles, hash, made: 0 }))
    }

    pub(super) fn write(&mut self, drafts: Vec<Draft>) -> Result<()> {
        if drafts.is_empty() {
            return Ok(());
        }
        let people = drafts.iter().any(|draft| matches!(draft.object, "department" | "user"));
        let (engine, cx, roles, hash) =
            (self.engine.clone(), self.cx.clone(), self.roles.clone(), self.hash.clone());
        let (known, count) = (std::mem::take(&mut self.ids), drafts.len() as u64);
        // The ids travel through the transaction and back: on a repetition it starts from what was known before.
        let (ids, org) = self.engine.store().write_blocking(move |conn| {
            let mut ids = known.clone();
            for draft in &drafts {
                let id = make(conn, &engine, &cx, &ids, draft)?;
                ids.insert((draft.object, draft.key), id);
                if draft.object == "user" {
                    account(conn, draft, id, &roles, &hash, cx.moment.now)?;
                }
            }
            let org = if people { Some(Org::load(conn)?) } else { None };
            Ok::<_, EngineError>((ids, org))
        })?;
        self.ids = ids;
        self.made += count;
        if let Some(org) = org {
            self.cx.org = Arc::new(org);
        }
        Ok(())
    }
}

fn make(conn: &mut Conn, engine: &Engine, cx: &Cx, ids: &Ids, draft: &Draft) -> Result<i64> {
    let object = cx.object(draft.object)?.clone();
    let mut body = draft.fields.clone();
    for reference in &draft.refs {
        let id = ids.get(&(reference.object, reference.key)).copied();
        let id = id
            .and_then(|id| Id::new(id).ok())
            .ok_or_else(|| EngineError::internal("a draft points forwards"))?;
        body.insert(reference.field.to_owned(), id.to_string().into());
    }
    let mut cx = cx.clone();
    cx.moment.now = draft.created_at.timestamp_millis();
    cx.on_behalf = ids.get(&("user", draft.created_by)).copied();
    let assignments = body::read(&body, &object, &cx, |_| FieldAccess::Write)?;
    Writer { engine, cx: &cx, conn }.create(&object, assignments)
}

fn account(
    conn: &mut Conn,
    draft: &Draft,
    id: i64,
    roles: &HashMap<String, i64>,
    hash: &str,
    now: i64,
) -> Result<()> {
    let known = ACCOUNTS.iter().find(|account| account.key == draft.key);
    let role = roles.get(known.map_or("sales", |account| account.role));
    if let Some(role) = role {
        conn.execute(&Sql::with(
            "insert into user_role (user_id, role_id) values ($1, $2)",
            [id.into(), (*role).into()],
        )?)?;
    }
    if known.is_some() {
        put_password(conn, id, hash, false, now)?;
    }
    Ok(())
}
