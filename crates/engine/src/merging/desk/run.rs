//! A search as a piece of work in the background: begun, watched, stopped, and begun again when its node dies.

use super::search::{self, Group, List};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::jobs::lease;
use crate::merging::request;
use crate::records::rekey;
use crate::records::render::{Names, id_text};
use crate::shown::instant_text;
use huike_model::{Code, Problem};
use huike_store::ddl::ColumnDef;
use huike_store::{Conn, Kind, Row, Sql, SqlValue};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// A search that says nothing for so long has died with its node.
const LEASE: i64 = 60_000;
const PAUSE: Duration = Duration::from_secs(30);

struct Run {
    id: i64,
    state: String,
    done: i64,
    total: i64,
    by: i64,
    at: i64,
}

const COLUMNS: &str = "id, state, done, total, started_by, at";

impl Engine {
    /// Searches every record of an object for duplicates in the background.
    ///
    /// # Errors
    /// `forbidden` unless the caller may change and delete every record of the object; `conflict` while a search is at work.
    pub async fn start_duplicate_run(&self, cx: Cx, object: String) -> Result<Json> {
        let (shown, id) = self
            .write(move |conn| {
                let access = request::mergeable(conn, &cx, &object)?;
                let object = &access.object;
                if !access.update_scope().is_everything() || !access.delete_scope().is_everything() {
                    return Err(Code::Forbidden.into());
                }
                if object.duplicates.is_empty() {
                    return Err(Code::NotFound.into());
                }
                if last(conn, &object.name)?.is_some_and(|run| run.state == "running") {
                    return Err(Problem::new(Code::Conflict)
                        .with_detail("正在查重，请等它完成", "A search is at work; wait until it is done")
                        .into());
                }
                let id = begin(conn, &object.name, cx.author(), cx.moment.now)?;
                let run = last(conn, &object.name)?.ok_or(Code::NotFound)?;
                Ok((shown(conn, &cx, &run)?, id))
            })
            .await?;
        tokio::spawn(work(self.clone(), id));
        Ok(shown)
    }

    /// The last search of an object, and how far it got; null when there was none.
    ///
    /// # Errors
    /// `not_found` for the object.
    pub async fn duplicate_run(&self, cx: Cx, object: String) -> Result<Json> {
        self.read(move |conn| {
            let access = request::mergeable(conn, &cx, &object)?;
            let run = last(conn, &access.object.name)?;
            let run = run.map(|run| shown(conn, &cx, &run)).transpose()?;
            Ok(json!({"run": run}))
        })
        .await
    }

    /// Stops the search at work; what the one before found stays.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn cancel_duplicate_run(&self, cx: Cx, object: String) -> Result<Json> {
        self.write(move |conn| {
            let access = request::mergeable(conn, &cx, &object)?;
            if !access.delete_scope().is_everything() {
                return Err(Code::Forbidden.into());
            }
            conn.execute(&Sql::with(
                "update duplicate_run set state = 'cancelled' where object = $1 and state = 'running'",
                [access.object.name.as_str().into()],
            )?)?;
            let run = last(conn, &access.object.name)?;
            let run = run.map(|run| shown(conn, &cx, &run)).transpose()?;
            Ok(json!({"run": run}))
        })
        .await
    }
}

/// Searches an object by itself if nobody has for so long (milliseconds), and waits for the end.
///
/// # Errors
/// The database's.
pub async fn search_when_due(engine: &Engine, object: &str, every: i64) -> Result<()> {
    let (name, now) = (object.to_owned(), engine.now());
    let begun = engine
        .write(move |conn| match last(conn, &name)? {
            Some(run) if run.state == "running" || run.at > now - every => Ok(None),
            _ => begin(conn, &name, 0, now).map(Some),
        })
        .await?;
    if let Some(id) = begun {
        work(engine.clone(), id).await;
    }
    Ok(())
}

fn begin(conn: &mut Conn, object: &str, by: i64, now: i64) -> Result<i64> {
    let id = conn.next_id()?;
    let total = conn.estimated_count(object)?.unwrap_or_default();
    conn.execute(&Sql::with(
        "insert into duplicate_run (id, object, state, done, total, started_by, at, lease_until) \
         values ($1, $2, 'running', 0, $3, $4, $5, $6)",
        [id.into(), object.into(), total.into(), by.into(), now.into(), (now + LEASE).into()],
    )?)?;
    Ok(id)
}

fn shown(conn: &mut Conn, cx: &Cx, run: &Run) -> Result<Json> {
    let mut names = Names::default();
    names.add(conn, cx, "user", [run.by])?;
    Ok(json!({
        "id": id_text(run.id), "state": run.state, "done": run.done, "total": run.total.max(run.done),
        "at": instant_text(run.at), "by": names.reference("user", run.by),
    }))
}

fn last(conn: &mut Conn, object: &str) -> Result<Option<Run>> {
    let sql = Sql::with(
        format!("select {COLUMNS} from duplicate_run where object = $1 order by id desc limit 1"),
        [object.into()],
    )?;
    conn.query_opt(&sql)?.map(|row| read(&row)).transpose()
}

fn read(row: &Row) -> Result<Run> {
    Ok(Run {
        id: row.int(0)?,
        state: row.text(1)?.to_owned(),
        done: row.int(2)?,
        total: row.int(3)?,
        by: row.int(4)?,
        at: row.int(5)?,
    })
}

/// Makes keys of elder rules anew and takes up searches whose node died, for the life of the server.
pub async fn tend(engine: Engine) {
    if let Err(error) = rekey::bring_up(&engine).await {
        tracing::error!(%error, "duplicate keys can't be made anew; the next start goes on");
    }
    loop {
        match lease::adopt(&engine, "duplicate_run", &["running"], LEASE).await {
            Ok(Some(id)) => work(engine.clone(), id).await,
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "searches for duplicates can't be looked after; trying again")
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn work(engine: Engine, id: i64) {
    if let Err(error) = search_all(&engine, id).await {
        tracing::error!(%error, "a search for duplicates failed");
        let failed = engine.write(move |conn| settle(conn, id, "failed")).await;
        if let Err(error) = failed {
            tracing::error!(%error, "a failed search can't be written down");
        }
    }
}

fn settle(conn: &mut Conn, id: i64, state: &str) -> Result<bool> {
    let done = conn.execute(&Sql::with(
        "update duplicate_run set state = $1 where id = $2 and state = 'running'",
        [state.into(), id.into()],
    )?)?;
    Ok(done == 1)
}

async fn search_all(engine: &Engine, id: i64) -> Result<()> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let name = engine
        .read(move |conn| {
            let sql = Sql::with("select object from duplicate_run where id = $1", [id.into()])?;
            Ok(conn.query_one(&sql)?.text(0)?.to_owned())
        })
        .await?;
    let object = cx.object(&name)?.clone();
    let mut list = List::default();
    loop {
        let (cx, object, after) = (cx.clone(), object.clone(), list.ids.last().copied());
        let piece = engine.read(move |conn| search::piece(conn, &cx, &object, after)).await?;
        let last = (piece.ids.len() as i64) < search::CHUNK;
        list.take(piece);
        let (done, lease) = (list.ids.len() as i64, engine.now() + LEASE);
        if !engine.write(move |conn| advance(conn, id, done, lease)).await? {
            return Ok(());
        }
        if last {
            break;
        }
    }
    let (apart, weights) = engine
        .read(move |conn| Ok((search::apart(conn, &name)?, super::weights::present(conn, &name)?)))
        .await?;
    let groups = tokio::task::spawn_blocking(move || search::groups(&list, &apart, &weights))
        .await
        .map_err(|_| EngineError::internal("a search for duplicates panicked"))?;
    let (object, now) = (object.name.clone(), engine.now());
    engine
        .write(move |conn| {
            if settle(conn, id, "done")? {
                keep(conn, &object, now, &groups)?;
            }
            Ok(())
        })
        .await
}

/// Tells how far a search got; whether it is to go on.
fn advance(conn: &mut Conn, id: i64, done: i64, lease: i64) -> Result<bool> {
    let going = conn.execute(&Sql::with(
        "update duplicate_run set done = $1, lease_until = $2 where id = $3 and state = 'running'",
        [done.into(), lease.into(), id.into()],
    )?)?;
    Ok(going == 1)
}

/// Replaces what the search before found and nobody has decided.
fn keep(conn: &mut Conn, object: &str, now: i64, groups: &[Group]) -> Result<()> {
    conn.allow_long_statements()?;
    conn.execute(&Sql::with(
        "delete from duplicate_member where group_id in (select id from duplicate_group where object = $1 and state = 'open')",
        [object.into()],
    )?)?;
    conn.execute(&Sql::with(
        "delete from duplicate_group where object = $1 and state = 'open'",
        [object.into()],
    )?)?;
    let mut rows: Vec<Vec<SqlValue>> = Vec::with_capacity(groups.len());
    let mut members: Vec<Vec<SqlValue>> = Vec::new();
    for group in groups {
        let id = conn.next_id()?;
        rows.push(vec![
            id.into(),
            object.into(),
            group.kind.name().into(),
            group.tier.into(),
            group.confidence.into(),
            "open".into(),
            now.into(),
        ]);
        members.extend(
            (0_i64..)
                .zip(&group.records)
                .map(|(place, record)| vec![id.into(), place.into(), (*record).into()]),
        );
    }
    let int = |name: &str| ColumnDef::new(name, Kind::Int);
    let text = |name: &str| ColumnDef::new(name, Kind::Text);
    let columns =
        [int("id"), text("object"), text("kind"), text("tier"), int("confidence"), text("state"), int("at")];
    conn.insert_many("duplicate_group", &columns, &rows)?;
    conn.insert_many("duplicate_member", &[int("group_id"), int("place"), int("record_id")], &members)?;
    Ok(())
}
