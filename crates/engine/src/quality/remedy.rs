//! Remediation: a record with something wrong becomes a task of its owner's or of the steward's. Going over the records again closes what
//! was mended and opens again what wasn't, whatever was said about the task.

use super::care::{Care, caring};
use super::measure::step;
use super::score::{Assessment, assess};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::records::duplicates::OnDuplicate;
use crate::records::load::{self, Record, all_fields};
use crate::records::values::Values;
use crate::records::{create, update};
use crate::shown::instant_text;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::moment::DAY_MS;
use huike_model::schema::Quality;
use huike_model::{Code, Fault, Id, Label, Object, Value};
use huike_store::query::{Deleted, Mark, RecordQuery};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Records looked at, newest first, and tasks made in one go.
const LOOKED_AT: usize = 20_000;
const MADE: usize = 200;
const CHUNK: i64 = 500;
/// Issues looked at again in one transaction.
const PIECE: i64 = 100;
/// What was mended so long ago begins anew when it breaks again.
const REOPENED_WITHIN: i64 = 90 * DAY_MS;
/// Hours of a day after which nobody is expected to work on it.
const EVENING: i64 = 18 * 3_600_000;

/// Whose task it becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum To {
    /// The record's owner; the steward where it has none.
    #[default]
    Owner,
    Steward,
}

/// Which records, and whose task they become.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemedyRequest {
    /// `missing:<field>`, `stale:<field>` or `rule:<rule>`.
    pub problem: String,
    #[serde(default)]
    pub to: To,
    /// Only count them.
    #[serde(default)]
    pub dry_run: bool,
}

/// What going over the issues again came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rechecked {
    pub closed: u64,
    pub reopened: u64,
    pub open: u64,
}

/// What is wrong with a record, in the words of [`RemedyRequest::problem`].
pub(super) fn problems(found: &Assessment<'_>) -> BTreeSet<String> {
    let missing = found.missing.iter().map(|field| format!("missing:{}", field.name));
    let stale = found.stale.iter().map(|(field, _)| format!("stale:{}", field.name));
    let broken = found.broken.iter().map(|rule| format!("rule:{}", rule.name));
    missing.chain(stale).chain(broken).collect()
}

/// What a problem is called, as far as the caller may know of its fields; none for one that isn't looked for any more.
pub(super) fn named(access: &ObjectAccess, quality: &Quality, problem: &str) -> Option<Label> {
    let knows =
        |name: &str| access.object.field(name).filter(|field| access.best(field) >= FieldAccess::Masked);
    let (kind, name) = problem.split_once(':')?;
    match kind {
        "missing" => knows(name).map(|field| {
            Label::new(format!("缺{}", field.label.zh), format!("{} is missing", field.label.en))
        }),
        "stale" => knows(name).filter(|field| field.freshness_days.is_some()).map(|field| {
            Label::new(format!("{}待核实", field.label.zh), format!("{} is to be checked", field.label.en))
        }),
        "rule" => {
            let rule = quality.rules.iter().find(|rule| rule.name == name)?;
            let known = rule.check.reads.iter().all(|name| knows(name).is_some());
            known.then(|| {
                Label::new(format!("不符合：{}", rule.label.zh), format!("Not met: {}", rule.label.en))
            })
        }
        _ => None,
    }
}

impl Engine {
    /// Makes tasks of the records with one problem, of at most 200 at once; those that have an open one already are passed over.
    ///
    /// # Errors
    /// `not_found`; `forbidden` unless the caller may change every record; `invalid` for a problem that isn't looked for.
    pub async fn remedy_quality(&self, cx: Cx, object: String, request: RemedyRequest) -> Result<Json> {
        cx.require_to_write()?;
        let (this, name, wanted) = (cx.clone(), object.clone(), request.problem.clone());
        let (ids, more) = self
            .read(move |conn| {
                let access = caring(conn, &this, &name)?;
                let quality = access.object.quality.as_ref().ok_or(Code::NotFound)?;
                if named(&access, quality, &wanted).is_none() {
                    let (zh, en) = ("没有这一项检查", "Nothing of the kind is looked for");
                    return Err(Fault::new("problem", "unknown_option", zh, en).into());
                }
                hits(conn, &this, &access, &wanted)
            })
            .await?;
        if request.dry_run {
            return Ok(json!({"found": ids.len(), "made": 0, "more": more}));
        }
        let engine = self.clone();
        self.write(move |conn| {
            let access = caring(conn, &cx, &object)?;
            let made = dispatch(conn, &engine, &cx, &access, &ids, &request)?;
            Ok(json!({"found": ids.len(), "made": made, "more": more}))
        })
        .await
    }

    /// Goes over the issues of an object again.
    ///
    /// # Errors
    /// As [`Engine::remedy_quality`].
    pub async fn recheck_quality(&self, cx: Cx, object: String) -> Result<Json> {
        cx.require_to_write()?;
        let (this, name) = (cx.clone(), object.clone());
        self.read(move |conn| caring(conn, &this, &name).map(drop)).await?;
        Ok(json!(recheck(self, &object).await?))
    }
}

/// Live records with a problem and no open issue; whether there may be more.
fn hits(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, wanted: &str) -> Result<(Vec<i64>, bool)> {
    let object = &access.object;
    let Some(quality) = &object.quality else { return Ok((Vec::new(), false)) };
    let fields = all_fields(object);
    let busy = open_records(conn, &object.name)?;
    let (mut found, mut looked, mut after) = (Vec::new(), 0, None::<Mark>);
    loop {
        let query = RecordQuery::new(access, &cx.schema, &fields);
        let (rows, mark) = step(conn, query, true, after.take(), CHUNK)?;
        looked += rows.len();
        for row in &rows {
            let mut values = Values::new(object);
            for (field, value) in fields.iter().zip(&row.values) {
                values.set(&field.name, value.clone());
            }
            if !busy.contains(&row.id) && problems(&assess(cx, quality, &values)).contains(wanted) {
                if found.len() == MADE {
                    return Ok((found, true));
                }
                found.push(row.id);
            }
        }
        match mark {
            Some(_) if looked >= LOOKED_AT => return Ok((found, true)),
            Some(mark) => after = Some(mark),
            None => return Ok((found, false)),
        }
    }
}

fn open_records(conn: &mut Conn, object: &str) -> Result<HashSet<i64>> {
    let mut found = HashSet::new();
    let sql = "select record_id from quality_issue where object = $1 and state = 'open'";
    conn.query_each(&Sql::with(sql, [object.into()])?, |row| {
        found.insert(row.int(0)?);
        Ok(())
    })?;
    Ok(found)
}

fn dispatch(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    access: &ObjectAccess,
    ids: &[i64],
    request: &RemedyRequest,
) -> Result<u64> {
    let object = &access.object;
    let Some(quality) = &object.quality else { return Ok(0) };
    let care = Care::of(conn, &object.name)?;
    let mut made = 0;
    for record in load::find_many(conn, cx, access, ids, Deleted::Live)? {
        let found = assess(cx, quality, &record.values);
        let wrong = problems(&found);
        if !wrong.contains(&request.problem) {
            continue;
        }
        let active = |id: &i64| cx.org.user(*id).is_some_and(|person| person.active);
        let owner = record.values.int("owner").filter(active).filter(|_| request.to == To::Owner);
        let Some(assignee) = owner.or_else(|| care.steward(cx)) else { continue };
        let role = if owner.is_some() { "owner" } else { "steward" };
        let said = said(access, quality, &wrong);
        let id = conn.next_id()?;
        let sql = "insert into quality_issue (id, object, record_id, task_id, assignee, role, problems, state, opened_by, \
             opened_at, reopened) values ($1, $2, $3, 0, $4, $5, $6, 'open', $7, $8, 0) on conflict do nothing";
        let values = [
            id.into(),
            object.name.as_str().into(),
            record.id.into(),
            assignee.into(),
            role.into(),
            json!(wrong).to_string().into(),
            cx.author().into(),
            cx.moment.now.into(),
        ];
        // Somebody else may have been quicker.
        if conn.execute(&Sql::with(sql, values)?)? == 0 {
            continue;
        }
        let task = task(conn, engine, cx, &record, assignee, &care, &said)?;
        let values = [task.into(), id.into()];
        conn.execute(&Sql::with("update quality_issue set task_id = $1 where id = $2", values)?)?;
        made += 1;
    }
    Ok(made)
}

/// The task of one record; in the log it is the system's, on behalf of who asked.
fn task(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    record: &Record,
    assignee: i64,
    care: &Care,
    said: &[Label],
) -> Result<i64> {
    let system = engine.cx(Caller::system(Via::System))?;
    let object = record.values.object().clone();
    let task = system.object(TASK)?.clone();
    let name = record.values.of(&object.name_field).as_text().unwrap_or_default().to_owned();
    let due = cx.moment.midnight(cx.moment.today()) + care.due_days * DAY_MS + EVENING;
    let title: String = Label::new(format!("完善资料：{name}"), format!("Mend the record of {name}"))
        .get(cx.lang())
        .chars()
        .take(200)
        .collect();
    let mut body = Map::new();
    body.insert("title".into(), title.into());
    body.insert("due_at".into(), instant_text(due).into());
    body.insert("owner".into(), id_json(assignee));
    let said: Vec<&str> = said.iter().map(|label| label.get(cx.lang())).collect();
    body.insert("description".into(), said.join("\n").into());
    if let Some(link) = task.fields().find(|field| field.target() == Some(&object.name) && !field.system) {
        body.insert(link.name.clone(), id_json(record.id));
    }
    let access = system.access(conn, &task)?;
    create::create(conn, engine, &system, &access, &body, OnDuplicate::Allow)
}

/// The object whose records are people's to-dos.
const TASK: &str = "task";

fn id_json(id: i64) -> Json {
    Id::new(id).map_or(Json::Null, |id| id.to_string().into())
}

struct Issue {
    id: i64,
    record: i64,
    task: i64,
    problems: BTreeSet<String>,
    open: bool,
}

/// Goes over the issues of an object: what is mended is closed with its task, what isn't or is broken again is open with its task.
///
/// # Errors
/// The database's.
pub async fn recheck(engine: &Engine, object: &str) -> Result<Rechecked> {
    let mut all = Rechecked::default();
    let mut after = 0;
    loop {
        let (this, name) = (engine.clone(), object.to_owned());
        let (last, done) = engine.write(move |conn| piece(conn, &this, &name, after)).await?;
        all.closed += done.closed;
        all.reopened += done.reopened;
        all.open += done.open;
        match last {
            Some(last) => after = last,
            None => return Ok(all),
        }
    }
}

fn piece(conn: &mut Conn, engine: &Engine, object: &str, after: i64) -> Result<(Option<i64>, Rechecked)> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let object = cx.object(object)?.clone();
    let issues = issues(conn, &object, after, cx.moment.now - REOPENED_WITHIN)?;
    let last = issues.last().filter(|_| issues.len() as i64 == PIECE).map(|issue| issue.id);
    let access = ObjectAccess::of_the_system(&object);
    let ids: Vec<i64> = issues.iter().map(|issue| issue.record).collect();
    let records = load::find_many(conn, &cx, &access, &ids, Deleted::Live)?;
    let Some(quality) = &object.quality else { return Ok((None, Rechecked::default())) };
    let mut done = Rechecked::default();
    let mut reopened = HashSet::new();
    for issue in &issues {
        let record = records.iter().find(|record| record.id == issue.record);
        let now = record.map(|record| problems(&assess(&cx, quality, &record.values))).unwrap_or_default();
        let left: BTreeSet<String> = issue.problems.intersection(&now).cloned().collect();
        match (issue.open, left.is_empty()) {
            (true, true) => {
                settle(conn, issue.id, "closed", Some(cx.moment.now), 0)?;
                tell_task(conn, engine, &cx, issue.task, true, &[])?;
                done.closed += 1;
            }
            (true, false) => {
                let back = tell_task(conn, engine, &cx, issue.task, false, &said(&access, quality, &left))?;
                if back {
                    settle(conn, issue.id, "open", None, 1)?;
                    done.reopened += 1;
                }
                done.open += 1;
            }
            (false, false) if reopened.insert(issue.record) => {
                settle(conn, issue.id, "open", None, 1)?;
                tell_task(conn, engine, &cx, issue.task, false, &said(&access, quality, &left))?;
                done.reopened += 1;
                done.open += 1;
            }
            (false, _) => {}
        }
    }
    Ok((last, done))
}

/// Issues after one, those closed long ago and those whose record has an open one left out.
fn issues(conn: &mut Conn, object: &Object, after: i64, since: i64) -> Result<Vec<Issue>> {
    let sql = "select i.id, i.record_id, i.task_id, i.problems, i.state from quality_issue i where i.object = $1 and i.id > $2 \
         and (i.state = 'open' or i.closed_at > $3 and not exists (select 1 from quality_issue o where o.object = i.object \
         and o.record_id = i.record_id and o.state = 'open')) order by i.id limit $4";
    let values = [object.name.as_str().into(), after.into(), since.into(), PIECE.into()];
    let rows = conn.query(&Sql::with(sql, values)?)?;
    rows.iter()
        .map(|row| {
            Ok(Issue {
                id: row.int(0)?,
                record: row.int(1)?,
                task: row.int(2)?,
                problems: serde_json::from_str(row.text(3)?).unwrap_or_default(),
                open: row.text(4)? == "open",
            })
        })
        .collect()
}

fn settle(conn: &mut Conn, id: i64, state: &str, closed_at: Option<i64>, reopened: i64) -> Result<()> {
    let sql = "update quality_issue set state = $1, closed_at = $2, reopened = reopened + $3 where id = $4";
    conn.execute(&Sql::with(sql, [state.into(), closed_at.into(), reopened.into(), id.into()])?)?;
    Ok(())
}

fn said(access: &ObjectAccess, quality: &Quality, wrong: &BTreeSet<String>) -> Vec<Label> {
    wrong.iter().filter_map(|problem| named(access, quality, problem)).collect()
}

/// Brings a task into the state that its record is in; whether that was another one.
fn tell_task(conn: &mut Conn, engine: &Engine, cx: &Cx, id: i64, done: bool, left: &[Label]) -> Result<bool> {
    let task: Arc<Object> = cx.object(TASK)?.clone();
    let access = cx.access(conn, &task)?;
    let Some(record) = load::find_many(conn, cx, &access, &[id], Deleted::Live)?.pop() else {
        return Ok(false);
    };
    let is_open =
        task.field("status").map(|field| record.values.of(field)) == Some(&Value::Text("open".into()));
    if is_open != done {
        return Ok(false);
    }
    let mut body = Map::new();
    let result = match done {
        true => "复查通过，资料已完善".to_owned(),
        false => format!(
            "复查未通过：{}",
            left.iter().map(|label| label.zh.as_str()).collect::<Vec<_>>().join("、")
        ),
    };
    body.insert("status".into(), if done { "done" } else { "open" }.into());
    body.insert("done_at".into(), if done { instant_text(cx.moment.now).into() } else { Json::Null });
    body.insert("result".into(), result.chars().take(500).collect::<String>().into());
    update::update(conn, engine, cx, &access, id, None, &body)?;
    Ok(true)
}
