//! Plans on their way and their steps, as they are kept.

use super::definition::{self, Definition};
use crate::error::Result;
use huike_store::{Conn, Row, Sql};
use std::collections::{BTreeSet, HashMap};

/// A customer on a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub id: i64,
    pub plan: i64,
    pub version: i64,
    pub record: i64,
    /// `running`, `done`, `stopped`.
    pub state: String,
    pub automatic: bool,
    pub started_at: i64,
    pub started_by: i64,
    pub ended_at: Option<i64>,
    pub reason: Option<String>,
    pub left_at: Option<i64>,
}

/// A step that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    pub id: i64,
    pub run: i64,
    pub step: String,
    /// `open`, `done`, `skipped`, `void`.
    pub state: String,
    pub opened_at: i64,
    pub due_at: i64,
    pub closed_at: Option<i64>,
    pub closed_by: Option<i64>,
    pub outcome: Option<String>,
    pub note: Option<String>,
    pub evidence: Option<String>,
    pub evidence_id: Option<i64>,
}

const RUN: &str =
    "id, plan_id, version, record_id, state, automatic, started_at, started_by, ended_at, reason, left_at";
const STEP: &str = "id, run_id, step, state, opened_at, due_at, closed_at, closed_by, outcome, note, evidence, \
     evidence_id";

impl Run {
    fn read(row: &Row) -> Result<Run> {
        Ok(Run {
            id: row.int(0)?,
            plan: row.int(1)?,
            version: row.int(2)?,
            record: row.int(3)?,
            state: row.text(4)?.into(),
            automatic: row.int(5)? != 0,
            started_at: row.int(6)?,
            started_by: row.int(7)?,
            ended_at: row.opt_int(8)?,
            reason: row.opt_text(9)?.map(str::to_owned),
            left_at: row.opt_int(10)?,
        })
    }

    pub fn running(&self) -> bool {
        self.state == "running"
    }
}

impl StepRow {
    fn read(row: &Row) -> Result<StepRow> {
        let text = |column| row.opt_text(column).map(|text| text.map(str::to_owned));
        Ok(StepRow {
            id: row.int(0)?,
            run: row.int(1)?,
            step: row.text(2)?.into(),
            state: row.text(3)?.into(),
            opened_at: row.int(4)?,
            due_at: row.int(5)?,
            closed_at: row.opt_int(6)?,
            closed_by: row.opt_int(7)?,
            outcome: text(8)?,
            note: text(9)?,
            evidence: text(10)?,
            evidence_id: row.opt_int(11)?,
        })
    }

    pub fn open(&self) -> bool {
        self.state == "open"
    }
}

/// The runs of these customers that count: running, or of a plan that the customer is still one for.
///
/// # Errors
/// The database's.
pub fn present(conn: &mut Conn, object: &str, records: &[i64]) -> Result<Vec<Run>> {
    let mut sql = Sql::raw(format!("select {RUN} from plan_run where object = "));
    sql.bind(object).push(" and ").push_in("record_id", records.iter().copied());
    sql.push(" and (state = 'running' or left_at is null) order by id");
    conn.query(&sql)?.iter().map(Run::read).collect()
}

/// The next customers, in the order of their ids, who are on a plan.
///
/// # Errors
/// The database's.
pub fn on_a_plan(conn: &mut Conn, object: &str, after: i64, most: i64) -> Result<BTreeSet<i64>> {
    let mut sql = Sql::raw("select distinct record_id from plan_run where object = ");
    sql.bind(object).push(" and record_id > ").bind(after);
    sql.push(" and (state = 'running' or left_at is null) order by record_id limit ").bind(most);
    Ok(conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<std::result::Result<_, _>>()?)
}

/// The runs of one customer, newest first.
///
/// # Errors
/// The database's.
pub fn of_record(conn: &mut Conn, object: &str, record: i64, most: i64) -> Result<Vec<Run>> {
    let mut sql = Sql::raw(format!("select {RUN} from plan_run where object = "));
    sql.bind(object).push(" and record_id = ").bind(record);
    sql.push(" order by id desc limit ").bind(most);
    conn.query(&sql)?.iter().map(Run::read).collect()
}

/// # Errors
/// The database's.
pub fn run(conn: &mut Conn, id: i64) -> Result<Option<Run>> {
    let lock = conn.dialect().for_update();
    let sql = Sql::with(format!("select {RUN} from plan_run where id = $1{lock}"), [id.into()])?;
    conn.query_opt(&sql)?.as_ref().map(Run::read).transpose()
}

/// # Errors
/// The database's.
pub fn step(conn: &mut Conn, id: i64) -> Result<Option<StepRow>> {
    let sql = Sql::with(format!("select {STEP} from plan_step where id = $1"), [id.into()])?;
    conn.query_opt(&sql)?.as_ref().map(StepRow::read).transpose()
}

/// The steps of these runs, in the order in which they were opened.
///
/// # Errors
/// The database's.
pub fn steps(conn: &mut Conn, runs: &[i64]) -> Result<HashMap<i64, Vec<StepRow>>> {
    let mut found: HashMap<i64, Vec<StepRow>> = HashMap::new();
    if runs.is_empty() {
        return Ok(found);
    }
    let mut sql = Sql::raw(format!("select {STEP} from plan_step where "));
    sql.push_in("run_id", runs.iter().copied()).push(" order by id");
    for row in conn.query(&sql)? {
        let step = StepRow::read(&row)?;
        found.entry(step.run).or_default().push(step);
    }
    Ok(found)
}

/// The versions that these runs keep to.
///
/// # Errors
/// The database's.
pub fn versions(conn: &mut Conn, runs: &[Run]) -> Result<HashMap<(i64, i64), Definition>> {
    let plans: BTreeSet<i64> = runs.iter().map(|run| run.plan).collect();
    let mut found = HashMap::new();
    if plans.is_empty() {
        return Ok(found);
    }
    let wanted: BTreeSet<(i64, i64)> = runs.iter().map(|run| (run.plan, run.version)).collect();
    let mut sql = Sql::raw("select plan_id, version, definition from plan_version where ");
    sql.push_in("plan_id", plans);
    for row in conn.query(&sql)? {
        let key = (row.int(0)?, row.int(1)?);
        if wanted.contains(&key) {
            found.insert(key, definition::parse(row.text(2)?)?);
        }
    }
    Ok(found)
}

/// Puts a customer on a plan; nothing when they are on it already.
///
/// # Errors
/// The database's.
pub fn begin(conn: &mut Conn, object: &str, run: &Run) -> Result<bool> {
    let sql = "insert into plan_run (id, plan_id, version, object, record_id, state, automatic, started_at, started_by) \
         values ($1, $2, $3, $4, $5, 'running', $6, $7, $8) on conflict (plan_id, record_id) where state = 'running' \
         do nothing";
    let values = [
        run.id.into(),
        run.plan.into(),
        run.version.into(),
        object.into(),
        run.record.into(),
        run.automatic.into(),
        run.started_at.into(),
        run.started_by.into(),
    ];
    Ok(conn.execute(&Sql::with(sql, values)?)? > 0)
}

/// Ends a run; a step that is still open ends with it.
///
/// # Errors
/// The database's.
pub fn end(conn: &mut Conn, run: i64, state: &str, reason: Option<&str>, now: i64, by: i64) -> Result<()> {
    let sql = "update plan_run set state = $1, reason = $2, ended_at = $3, ended_by = $4 where id = $5 \
         and state = 'running'";
    let values = [state.into(), reason.map(str::to_owned).into(), now.into(), by.into(), run.into()];
    conn.execute(&Sql::with(sql, values)?)?;
    let sql = "update plan_step set state = 'void', closed_at = $1, closed_by = $2 where run_id = $3 and state = 'open'";
    conn.execute(&Sql::with(sql, [now.into(), by.into(), run.into()])?)?;
    Ok(())
}

/// Notes that the customer is no longer one that the plan is for.
///
/// # Errors
/// The database's.
pub fn leave(conn: &mut Conn, run: i64, now: i64) -> Result<()> {
    let sql = "update plan_run set left_at = $1 where id = $2 and left_at is null";
    conn.execute(&Sql::with(sql, [now.into(), run.into()])?)?;
    Ok(())
}

/// # Errors
/// The database's.
pub fn open_step(conn: &mut Conn, row: &StepRow, place: usize) -> Result<()> {
    let sql = "insert into plan_step (id, run_id, step, place, state, opened_at, due_at) \
         values ($1, $2, $3, $4, 'open', $5, $6)";
    let values = [
        row.id.into(),
        row.run.into(),
        row.step.as_str().into(),
        i64::try_from(place).unwrap_or_default().into(),
        row.opened_at.into(),
        row.due_at.into(),
    ];
    conn.execute(&Sql::with(sql, values)?)?;
    Ok(())
}

/// Writes how a step ended; one that has ended stays as it is.
///
/// # Errors
/// The database's.
pub fn close_step(conn: &mut Conn, row: &StepRow) -> Result<bool> {
    let mut sql = Sql::raw("update plan_step set state = ");
    sql.bind(row.state.as_str()).push(", closed_at = ").bind(row.closed_at);
    sql.push(", closed_by = ").bind(row.closed_by).push(", outcome = ").bind(row.outcome.clone());
    sql.push(", note = ").bind(row.note.clone()).push(", evidence = ").bind(row.evidence.clone());
    sql.push(", evidence_id = ").bind(row.evidence_id);
    sql.push(" where id = ").bind(row.id).push(" and state = 'open'");
    Ok(conn.execute(&sql)? > 0)
}
