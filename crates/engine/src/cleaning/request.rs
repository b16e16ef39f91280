//! The operations: begin, look at, write, stop, take back.

use super::changes::{self, ChangesRequest};
use super::look::fields;
use super::run::{Definition, Fate, Origin, Progress, Run, State, list, load, wrong_state};
use super::{related, standard, view, worker};
use crate::audit::{Author, Note, append};
use crate::cx::{Actor, Cx};
use crate::engine::Engine;
use crate::enrichment::Provider;
use crate::error::Result;
use crate::quality::care::caring;
use crate::records::list as lists;
use huike_model::access::ObjectAccess;
use huike_model::moment::DAY_MS;
use huike_model::{Code, Fault, Field, Id, Problem};
use huike_store::{Conn, Sql};
use serde::Deserialize;
use serde_json::{Value as Json, json};

/// Days in which a cleaning can be taken back.
pub const UNDONE_WITHIN: i64 = 30 * DAY_MS;
const MAX_LIMIT: i64 = 50;
const MOST_OMITTED: usize = 1_000;

/// What is to be looked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartRequest {
    pub origins: Vec<String>,
    /// All that the caller may write when none are named.
    #[serde(default)]
    pub fields: Vec<String>,
    #[serde(default)]
    pub filter: Option<Json>,
}

/// Proposals of one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub origin: String,
    pub field: String,
}

/// What is not to be written: whole kinds, or single proposals by their number.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApplyRequest {
    pub leave_out: Vec<Part>,
    pub without: Vec<i64>,
}

impl Engine {
    /// Begins to look for what could be put in order, in the background. Nothing is written.
    ///
    /// # Errors
    /// `not_found`, `forbidden` unless the caller may change every record; `conflict` while another is at work; `invalid`, `bad_filter`.
    pub async fn start_cleaning(&self, cx: Cx, object: String, request: StartRequest) -> Result<Json> {
        cx.require_to_write()?;
        let (shown, id) = self
            .write(move |conn| {
                let access = caring(conn, &cx, &object)?;
                check(conn, &cx, &access, &request)?;
                busy(conn, &object)?;
                let (id, now) = (conn.next_id()?, cx.moment.now);
                // How many a filter leaves is known at the end.
                let total = match &request.filter {
                    Some(_) => None,
                    None => conn.estimated_count(&object)?,
                };
                let (by, api_key) = whose(&cx);
                let run = Run {
                    id,
                    object: object.clone(),
                    state: State::Looking,
                    definition: Definition {
                        origins: request.origins.clone(),
                        fields: request.fields.clone(),
                        filter: request.filter.clone(),
                        lang: cx.lang(),
                        by,
                        api_key,
                        message: None,
                        applied_at: None,
                    },
                    progress: Progress { total, ..Progress::default() },
                    created_by: cx.author(),
                    created_at: now,
                    updated_at: now,
                };
                run.insert(conn)?;
                Ok((view::json(conn, &cx, &access, &run)?, id))
            })
            .await?;
        worker::spawn(self, id);
        Ok(shown)
    }

    /// The cleanings of an object, newest first.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `bad_cursor`.
    pub async fn cleanings(
        &self,
        cx: Cx,
        object: String,
        limit: i64,
        cursor: Option<String>,
    ) -> Result<Json> {
        let before = cursor.map(|cursor| cursor.parse::<Id>().map_err(|_| Code::BadCursor)).transpose()?;
        let limit = limit.clamp(1, MAX_LIMIT);
        self.read(move |conn| {
            let access = caring(conn, &cx, &object)?;
            let mut runs = list(conn, &object, before.map(Id::number), limit + 1)?;
            let more = runs.len() as i64 > limit;
            runs.truncate(limit as usize);
            let next = runs.last().filter(|_| more).map(|last| last.request());
            let items = view::all(conn, &cx, &access, &runs)?;
            let provider = Provider::in_use(conn, &cx, &object)?;
            let fields = reached(&access, provider.as_ref());
            let provider = provider.map(|provider| provider.settings.name);
            Ok(json!({"items": items, "next_cursor": next, "provider": provider, "fields": fields}))
        })
        .await
    }

    /// One cleaning, with what it proposes counted.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn cleaning(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        self.read(move |conn| {
            let access = caring(conn, &cx, &object)?;
            let run = of(conn, &object, id, false)?;
            view::json(conn, &cx, &access, &run)
        })
        .await
    }

    /// What a cleaning proposes, value by value.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `bad_cursor`, `invalid` for an unknown field.
    pub async fn cleaning_changes(
        &self,
        cx: Cx,
        object: String,
        id: i64,
        request: ChangesRequest,
    ) -> Result<Json> {
        self.read(move |conn| {
            let access = caring(conn, &cx, &object)?;
            let run = of(conn, &object, id, false)?;
            changes::page(conn, &cx, &access, &run, &request)
        })
        .await
    }

    /// Begins to write what was proposed and isn't left out, in the background, as the caller.
    ///
    /// # Errors
    /// `not_found`, `forbidden`; `conflict` unless it is ready; `invalid` for what can't be left out.
    pub async fn apply_cleaning(
        &self,
        cx: Cx,
        object: String,
        id: i64,
        request: ApplyRequest,
    ) -> Result<Json> {
        cx.require_to_write()?;
        let engine = self.clone();
        let shown = self
            .write(move |conn| {
                let access = caring(conn, &cx, &object)?;
                let mut run = of(conn, &object, id, true)?;
                if run.state != State::Ready {
                    return Err(wrong_state());
                }
                omit(conn, &access, &run, &request, cx.moment.now)?;
                run.state = State::Applying;
                run.progress.at = 0;
                begin(conn, &engine, &cx, &mut run, State::Ready, "clean")?;
                view::json(conn, &cx, &access, &run)
            })
            .await?;
        worker::spawn(self, id);
        Ok(shown)
    }

    /// Stops a cleaning behind the chunk that is being written, or drops its proposals. What was written stays and can be taken back.
    ///
    /// # Errors
    /// `not_found`, `forbidden`; `conflict` when there is nothing to stop.
    pub async fn cancel_cleaning(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        cx.require_to_write()?;
        self.write(move |conn| {
            let access = caring(conn, &cx, &object)?;
            let mut run = of(conn, &object, id, true)?;
            let from = run.state;
            if !matches!(from, State::Looking | State::Ready | State::Applying) {
                return Err(wrong_state());
            }
            if from == State::Applying {
                run.definition.applied_at = Some(cx.moment.now);
            }
            run.state = State::Cancelled;
            run.save(conn, &[from], cx.moment.now)?;
            view::json(conn, &cx, &access, &run)
        })
        .await
    }

    /// Takes back what a cleaning wrote, in the background. Values that were changed since stay and are told.
    ///
    /// # Errors
    /// `not_found`, `forbidden`; `conflict` when it has written nothing, is at work, or it is more than 30 days ago.
    pub async fn undo_cleaning(&self, cx: Cx, object: String, id: i64) -> Result<Json> {
        cx.require_to_write()?;
        let engine = self.clone();
        let shown = self
            .write(move |conn| {
                let access = caring(conn, &cx, &object)?;
                let mut run = of(conn, &object, id, true)?;
                if !view::can_undo(&run, cx.moment.now) {
                    return Err(wrong_state());
                }
                let from = run.state;
                run.state = State::Undoing;
                run.progress.at = i64::MAX;
                begin(conn, &engine, &cx, &mut run, from, "unclean")?;
                view::json(conn, &cx, &access, &run)
            })
            .await?;
        worker::spawn(self, id);
        Ok(shown)
    }
}

/// The fields that a cleaning can change, each with what changes it.
fn reached(access: &ObjectAccess, provider: Option<&Provider>) -> Vec<Json> {
    let mapped = |field: &Field| {
        provider.is_some_and(|provider| provider.settings.mapping.iter().any(|part| part.field == field.name))
    };
    let of = |field: &Field| {
        let reaches = [
            (Origin::Standard, standard::fits(&access.object, field)),
            (Origin::Related, related::fits(field)),
            (Origin::Provider, mapped(field)),
        ];
        reaches.into_iter().filter(|(_, fits)| *fits).map(|(origin, _)| origin.name()).collect::<Vec<_>>()
    };
    let shown = fields(access, &[]).into_iter().filter_map(|field| {
        let origins = of(&field);
        (!origins.is_empty()).then(|| json!({"field": field.name, "label": field.label, "origins": origins}))
    });
    shown.collect()
}

/// The run of an object with this id.
fn of(conn: &mut Conn, object: &str, id: i64, locked: bool) -> Result<Run> {
    let run = load(conn, id, locked)?;
    if run.object == object { Ok(run) } else { Err(Code::NotFound.into()) }
}

/// Hands a run to the worker as the caller's doing.
fn begin(conn: &mut Conn, engine: &Engine, cx: &Cx, run: &mut Run, from: State, op: &str) -> Result<()> {
    (run.definition.by, run.definition.api_key) = whose(cx);
    (run.definition.lang, run.definition.message, run.progress.attempts) = (cx.lang(), None, 0);
    run.save(conn, &[from], cx.moment.now)?;
    let note = Note::new(op, "cleaning", run.id).meta(json!({"object": run.object}));
    append(conn, engine, &Author::from(&cx.caller), note)
}

fn whose(cx: &Cx) -> (i64, Option<i64>) {
    let key = match cx.caller.actor {
        Actor::Key { key, .. } => Some(key),
        Actor::User(_) | Actor::Watcher { .. } | Actor::System => None,
    };
    (cx.caller.actor.user(), key)
}

fn check(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, request: &StartRequest) -> Result<()> {
    let mut faults = Vec::new();
    let known = request.origins.iter().all(|name| Origin::parse(name).is_some());
    if request.origins.is_empty() || !known {
        let (zh, en) = ("请选择 standard、related 或 provider", "Choose standard, related or provider");
        faults.push(Fault::new("origins", "unknown_option", zh, en));
    }
    let may = fields(access, &[]);
    for name in request.fields.iter().filter(|name| !may.iter().any(|field| field.name == **name)) {
        faults.push(Fault::unknown_field(name));
    }
    let asks = request.origins.iter().any(|name| name == Origin::Provider.name());
    if asks && Provider::in_use(conn, cx, &access.object.name)?.is_none() {
        let zh = "还没有启用企业信息服务，请管理员先设置";
        let en = "No provider of company data is in use; an administrator sets one up";
        faults.push(Fault::new("origins", "not_set_up", zh, en));
    }
    if let Some(filter) = &request.filter {
        lists::filter(cx, access, filter)?;
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

/// One cleaning of an object is at work at a time: two would propose the same.
fn busy(conn: &mut Conn, object: &str) -> Result<()> {
    let mut sql = Sql::raw("select 1 from cleaning_run where object = ");
    sql.bind(object).push(" and ").push_in("state", State::AT_WORK.iter().map(|state| state.name()));
    if conn.query_opt(&sql)?.is_none() {
        return Ok(());
    }
    Err(Problem::new(Code::Conflict)
        .with_detail("正在清洗，请等它完成", "A cleaning is at work; wait until it is done")
        .into())
}

fn omit(conn: &mut Conn, access: &ObjectAccess, run: &Run, request: &ApplyRequest, now: i64) -> Result<()> {
    let mut faults = Vec::new();
    if request.without.len() > MOST_OMITTED {
        let (zh, en) = ("单独去掉的最多 1000 条", "At most 1,000 single ones may be left out");
        faults.push(Fault::new("without", "length", zh, en));
    }
    for (place, part) in request.leave_out.iter().enumerate() {
        let known = access.object.field(&part.field).is_some_and(|field| super::readable(access, field));
        if Origin::parse(&part.origin).is_none() || !known {
            let (zh, en) = ("没有这一类更改", "There are no such changes");
            faults.push(Fault::new(format!("leave_out.{place}"), "unknown_option", zh, en));
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    conn.allow_long_statements()?;
    for part in &request.leave_out {
        let mut sql = omitting(run, now);
        sql.push(" and origin = ").bind(part.origin.as_str()).push(" and field = ").bind(part.field.as_str());
        conn.execute(&sql)?;
    }
    if !request.without.is_empty() {
        let mut sql = omitting(run, now);
        sql.push(" and ").push_in("n", request.without.iter().copied());
        conn.execute(&sql)?;
    }
    Ok(())
}

fn omitting(run: &Run, now: i64) -> Sql {
    let mut sql = Sql::raw("update cleaning_change set state = ");
    sql.bind(Fate::Omitted.name()).push(", at = ").bind(now).push(" where run_id = ").bind(run.id);
    sql.push(" and state = ").bind(Fate::Proposed.name());
    sql
}
