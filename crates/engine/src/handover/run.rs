//! Doing a handover and taking it back, chunk by chunk.

use super::plan;
use super::request::HandoverRequest;
use crate::audit::{Author, Note, append};
use crate::custody::{How, Turn, give};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::jobs::lease;
use crate::obligations::notify::Draft;
use crate::obligations::standard::CUSTOMER;
use crate::records::body::Assignment;
use crate::records::load;
use crate::records::render::id_text;
use crate::records::write::Writer;
use crate::session::sessions;
use huike_model::access::{AdminArea, ObjectAccess};
use huike_model::{Code, Problem, Value};
use huike_store::ddl::ColumnDef;
use huike_store::query::Deleted;
use huike_store::{Conn, Kind, Row, Sql, SqlValue};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A handover that says nothing for so long has died with its node.
const LEASE: i64 = 60_000;
const PAUSE: Duration = Duration::from_secs(30);
/// Records in one transaction.
const CHUNK: i64 = 100;

/// A handover as it is kept.
pub(super) struct Handover {
    pub id: i64,
    pub person: i64,
    pub state: String,
    pub request: HandoverRequest,
    pub done: i64,
    pub total: i64,
    pub by: i64,
    pub at: i64,
    pub ended_at: Option<i64>,
}

pub(super) const COLUMNS: &str = "id, person_id, state, plan, done, total, made_by, at, ended_at";

pub(super) fn read(row: &Row) -> Result<Handover> {
    Ok(Handover {
        id: row.int(0)?,
        person: row.int(1)?,
        state: row.text(2)?.to_owned(),
        request: serde_json::from_str(row.text(3)?)
            .map_err(|_| EngineError::internal("a handover can't be read"))?,
        done: row.int(4)?,
        total: row.int(5)?,
        by: row.int(6)?,
        at: row.int(7)?,
        ended_at: row.opt_int(8)?,
    })
}

/// # Errors
/// `not_found`.
pub(super) fn find(conn: &mut Conn, id: i64) -> Result<Handover> {
    let text = format!("select {COLUMNS} from handover where id = $1");
    read(&conn.query_opt(&Sql::with(text, [id.into()])?)?.ok_or(Code::NotFound)?)
}

/// One thing that moves.
struct Item {
    n: i64,
    kind: String,
    object: String,
    record: i64,
    to: i64,
    before: Option<String>,
}

impl Engine {
    /// Writes down what moves to whom and begins to move it; its id.
    ///
    /// # Errors
    /// `forbidden`; every fault; `conflict` while another one of the same person is at work.
    pub async fn start_handover(&self, cx: Cx, request: HandoverRequest) -> Result<Json> {
        cx.require_to_change(AdminArea::Users)?;
        let engine = self.clone();
        let id = self.write(move |conn| start(conn, &engine, &cx, &request)).await?;
        tokio::spawn(work(self.clone(), id));
        Ok(json!({"id": id_text(id)}))
    }

    /// Begins to take a handover back: what the receivers still have goes back to where it was.
    ///
    /// # Errors
    /// `forbidden`; `not_found`; `conflict` when it isn't done, or was taken back.
    pub async fn undo_handover(&self, cx: Cx, id: i64) -> Result<Json> {
        cx.require_to_change(AdminArea::Users)?;
        let engine = self.clone();
        self.write(move |conn| {
            let handover = find(conn, id)?;
            let begun = conn.execute(&Sql::with(
                "update handover set state = 'undoing', done = 0, lease_until = $1 where id = $2 and state = 'done'",
                [(cx.moment.now + LEASE).into(), id.into()],
            )?)?;
            if begun == 0 {
                let problem = Problem::new(Code::Conflict);
                return Err(problem.with_detail("只有完成的交接可以撤销", "Only a finished handover can be undone").into());
            }
            let note = Note::new("undo", "handover", id).meta(json!({"person": id_text(handover.person)}));
            append(conn, &engine, &Author::from(&cx.caller), note)
        })
        .await?;
        tokio::spawn(work(self.clone(), id));
        Ok(json!({"id": id_text(id)}))
    }
}

fn start(conn: &mut Conn, engine: &Engine, cx: &Cx, request: &HandoverRequest) -> Result<i64> {
    let conditions = request.check(conn, cx, true)?;
    conn.allow_long_statements()?;
    let person = request.from.number();
    load::lock(conn, cx.object("user")?, person)?;
    let busy = "select 1 from handover where person_id = $1 and state in ('running', 'undoing')";
    if conn.query_opt(&Sql::with(busy, [person.into()])?)?.is_some() {
        let problem = Problem::new(Code::Conflict);
        return Err(problem
            .with_detail("这位同事的交接正在进行", "A handover of this person is at work")
            .into());
    }
    let id = conn.next_id()?;
    let (now, last) = (cx.moment.now, request.receivers.len() - 1);
    let mut rows: Vec<Vec<SqlValue>> = Vec::new();
    let mut put = |kind: &str, object: &str, record: i64, place: usize, before: Option<String>| {
        let to = request.receivers[place].to.number();
        let n = rows.len() as i64 + 1;
        rows.push(vec![
            id.into(),
            n.into(),
            kind.into(),
            object.into(),
            record.into(),
            to.into(),
            before.into(),
            "planned".into(),
        ]);
    };
    for (object, record, place) in plan::everything(conn, cx, request, &conditions)? {
        put("record", &object, record, place, None);
    }
    if request.shares {
        let text = "select id, object, record_id, level, expires_at from record_share where grantee_kind = 'user' and grantee_id = $1 order by id";
        for row in conn.query(&Sql::with(text, [person.into()])?)? {
            let before = json!({"share": row.int(0)?, "level": row.text(3)?, "expires_at": row.opt_int(4)?});
            put("share", row.text(1)?, row.int(2)?, last, Some(before.to_string()));
        }
    }
    let total = rows.len() as i64;
    let plan = serde_json::to_string(request).map_err(|error| EngineError::internal(error.to_string()))?;
    conn.execute(&Sql::with(
        "insert into handover (id, person_id, state, plan, done, total, made_by, at, lease_until) \
         values ($1, $2, 'running', $3, 0, $4, $5, $6, $7)",
        [
            id.into(),
            person.into(),
            plan.into(),
            total.into(),
            cx.author().into(),
            now.into(),
            (now + LEASE).into(),
        ],
    )?)?;
    let int = |name: &str| ColumnDef::new(name, Kind::Int);
    let text = |name: &str| ColumnDef::new(name, Kind::Text);
    let columns = [
        int("handover_id"),
        int("n"),
        text("kind"),
        text("object"),
        int("record_id"),
        int("to_id"),
        text("before"),
        text("state"),
    ];
    conn.insert_many("handover_item", &columns, &rows)?;
    let note = Note::new("create", "handover", id).meta(json!({"person": id_text(person), "total": total}));
    append(conn, engine, &Author::from(&cx.caller), note)?;
    Ok(id)
}

/// Takes up handovers whose node died, for the life of the server.
pub async fn tend(engine: Engine) {
    loop {
        match claim(&engine).await {
            Ok(Some(id)) => work(engine.clone(), id).await,
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "handovers can't be looked after; trying again"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The id of one that nobody works on any more, now ours.
pub(super) async fn claim(engine: &Engine) -> Result<Option<i64>> {
    lease::adopt(engine, "handover", &["running", "undoing"], LEASE).await
}

/// Moves, or moves back, until nothing is left. What fails by our fault is left for the next who takes it up.
pub(super) async fn work(engine: Engine, id: i64) {
    loop {
        let this = engine.clone();
        match engine.write(move |conn| chunk(conn, &this, id)).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(%error, "a handover stopped; it will be taken up again");
                return;
            }
        }
    }
}

/// The next chunk; whether there is more.
fn chunk(conn: &mut Conn, engine: &Engine, id: i64) -> Result<bool> {
    // Two nodes, or one that came back to life, work one after the other.
    let lock = conn.dialect().for_update();
    conn.query_opt(&Sql::with(format!("select id from handover where id = $1{lock}"), [id.into()])?)?;
    let handover = find(conn, id)?;
    let back = match handover.state.as_str() {
        "running" => false,
        "undoing" => true,
        _ => return Ok(false),
    };
    let mut cx = engine.cx(Caller::system(Via::System))?;
    cx.on_behalf = Some(handover.by);
    let text = "select n, kind, object, record_id, to_id, before from handover_item where handover_id = $1 and state = $2 order by n limit $3";
    let state = if back { "done" } else { "planned" };
    let mut items = Vec::new();
    for row in conn.query(&Sql::with(text, [id.into(), state.into(), CHUNK.into()])?)? {
        items.push(Item {
            n: row.int(0)?,
            kind: row.text(1)?.to_owned(),
            object: row.text(2)?.to_owned(),
            record: row.int(3)?,
            to: row.int(4)?,
            before: row.opt_text(5)?.map(str::to_owned),
        });
    }
    engine.failpoint("handover.chunk")?;
    if items.is_empty() {
        end(conn, engine, &cx, &handover, back)?;
        return Ok(false);
    }
    for item in &items {
        let moved = conn.savepoint(|conn| one(conn, engine, &cx, &handover, item, back));
        let state = match moved {
            Ok(true) if back => "undone",
            Ok(true) => "done",
            Ok(false) if back => "kept",
            Ok(false) => "skipped",
            // What a record itself doesn't allow must not hold up the others; the report says which.
            Err(EngineError::Problem(_)) => "failed",
            Err(other) => return Err(other),
        };
        conn.execute(&Sql::with(
            "update handover_item set state = $1 where handover_id = $2 and n = $3",
            [state.into(), id.into(), item.n.into()],
        )?)?;
    }
    conn.execute(&Sql::with(
        "update handover set done = done + $1, lease_until = $2 where id = $3",
        [(items.len() as i64).into(), (engine.now() + LEASE).into(), id.into()],
    )?)?;
    Ok(true)
}

/// Moves one thing; whether it was still where it was to be moved from.
fn one(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    handover: &Handover,
    item: &Item,
    back: bool,
) -> Result<bool> {
    let (from, to) = if back { (item.to, handover.person) } else { (handover.person, item.to) };
    if item.kind == "share" {
        return share(conn, item, from, to);
    }
    let Some(object) = cx.schema.object(&item.object).cloned() else { return Ok(false) };
    load::lock(conn, &object, item.record)?;
    let everything = ObjectAccess::of_the_system(&object);
    let found = load::find_many(conn, cx, &everything, &[item.record], Deleted::Live)?.pop();
    let Some(record) = found.filter(|record| record.values.int("owner") == Some(from)) else {
        return Ok(false);
    };
    let assignments = give::owner_of(&object, Some(to)).into_iter().collect();
    Writer { engine, cx, conn }.give(
        &record,
        assignments,
        json!({"handover": id_text(handover.id), "undone": back}),
    )?;
    if object.name == CUSTOMER {
        let how = if back { How::Undone } else { How::Handover };
        let note = Some(handover.request.note.as_str()).filter(|note| !note.is_empty() && !back);
        give::turned(conn, cx, &record, Some(to), &Turn { how, pool: None, reason: None, note })?;
    }
    Ok(true)
}

/// Lets somebody else have what was shared. Where they have a share of their own it stays, and the old one ends.
fn share(conn: &mut Conn, item: &Item, from: i64, to: i64) -> Result<bool> {
    let text = "select 1 from record_share where object = $1 and record_id = $2 and grantee_kind = 'user' and grantee_id = $3";
    let object = item.object.as_str();
    let known = conn.query_opt(&Sql::with(text, [object.into(), item.record.into(), to.into()])?)?.is_some();
    let before: Json =
        item.before.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let share = before["share"].as_i64().unwrap_or_default();
    let sql = match known {
        true => Sql::with(
            "delete from record_share where id = $1 and grantee_id = $2",
            [share.into(), from.into()],
        )?,
        false => Sql::with(
            "update record_share set grantee_id = $1 where id = $2 and grantee_id = $3",
            [to.into(), share.into(), from.into()],
        )?,
    };
    Ok(conn.execute(&sql)? == 1)
}

/// Closes the account, or opens it again, and tells those who got something.
fn end(conn: &mut Conn, engine: &Engine, cx: &Cx, handover: &Handover, back: bool) -> Result<()> {
    if handover.request.deactivate {
        set_active(conn, engine, cx, handover.person, back)?;
    }
    let state = if back { "undone" } else { "done" };
    conn.execute(&Sql::with(
        "update handover set state = $1, ended_at = $2 where id = $3",
        [state.into(), cx.moment.now.into(), handover.id.into()],
    )?)?;
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    let text =
        "select to_id, count(*) from handover_item where handover_id = $1 and state = $2 group by to_id";
    let moved = if back { "undone" } else { "done" };
    for row in conn.query(&Sql::with(text, [handover.id.into(), moved.into()])?)? {
        counts.insert(row.int(0)?, row.int(1)?);
    }
    for (user, count) in counts {
        let person = cx.org.user(handover.person).map(|person| person.name.clone());
        let why = json!({"count": count, "person": person, "note": handover.request.note, "undone": back});
        let draft = Draft::plain(user, "handover", why, format!("h{}:{state}:{user}", handover.id));
        conn.batch(&draft.insert(conn, cx)?)?;
    }
    Ok(())
}

fn set_active(conn: &mut Conn, engine: &Engine, cx: &Cx, person: i64, active: bool) -> Result<()> {
    let object = cx.object("user")?.clone();
    let Some(field) = object.field("active").cloned() else { return Ok(()) };
    load::lock(conn, &object, person)?;
    let everything = ObjectAccess::of_the_system(&object);
    let record = load::find(conn, cx, &everything, person, Deleted::Live)?;
    let parsed = Value::Int(i64::from(active)).into();
    Writer { engine, cx, conn }.update(&record, vec![Assignment { field, parsed }])?;
    if !active {
        sessions::end_all(conn, engine, person, None)?;
        let text = "update api_key set revoked_at = $1 where user_id = $2 and revoked_at is null";
        conn.execute(&Sql::with(text, [cx.moment.now.into(), person.into()])?)?;
    }
    Ok(())
}
