//! The work of an import: rows read and made ready on this thread, written in the database's, one chunk ahead of each other.
//!
//! A chunk's records, the outcome of each row and the job's mark are one transaction. A dry run takes the same way; its chunks are rolled
//! back.

use super::chunk::{IN_FILE, Kind, NewKey, Outcome, Rehearsed, process, rehearse};
use super::correct::correct;
use super::draft::{Draft, texts};
use super::events::ImportEvent;
use super::job::{Job, Progress, State, json_text};
use super::names::Names;
use super::plan::{Plan, Targets};
use super::ready::{self, ReadyRow, Rights};
use super::report::Report;
use super::source;
use super::worker::Lease;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::jobs::lease::End;
use crate::records::many;
use crate::records::match_key::MatchKey;
use huike_store::ddl::ColumnDef;
use huike_store::{Conn, Kind as ColumnKind, SqlValue};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Rows of one transaction: enough to make commits cheap, few enough that others don't wait.
const CHUNK: usize = 1_000;

/// Chunks handed over at once: while one is written, another is ready and waits for it.
const AHEAD: usize = 2;

/// What a transaction gave; none when the lease is lost.
type Written = Result<Option<Done>>;

struct Done {
    progress: Progress,
    drafts: Arc<Vec<Draft>>,
    rehearsed: Rehearsed,
}

struct Run<'a> {
    engine: &'a Engine,
    handle: &'a Handle,
    lease: &'a Lease,
    job: Job,
    plan: Arc<Plan>,
    /// Of a dry run.
    findings: Option<Findings>,
    /// Chunks on their way, in order, and how far the last of them gets.
    waiting: VecDeque<JoinHandle<Written>>,
    after: Option<oneshot::Receiver<Progress>>,
}

/// What a dry run gathers.
struct Findings {
    report: Report,
    /// The duplicate keys that rows before this chunk would have.
    keys: HashSet<MatchKey>,
}

/// Works until every row is dealt with. Blocks.
///
/// # Errors
/// `refused_file` when the file breaks off, `forbidden`, `not_signed_in`; the database's, after which it can be taken up again.
pub fn run(engine: &Engine, handle: &Handle, mut job: Job, lease: &Lease) -> Result<End> {
    let cx = engine.cx(job.caller())?;
    let (object, definition) = (job.object.clone(), job.definition.clone());
    let plan = handle
        .block_on(engine.read(move |conn| Plan::check(&Targets::open(conn, &cx, &object)?, &definition)))?;
    let checking = job.state == State::Checking;
    if checking {
        job.progress = Progress { attempts: job.progress.attempts, ..Progress::default() };
    }
    let findings = checking.then(|| Findings { report: Report::of(&plan), keys: HashSet::new() });
    let plan = Arc::new(plan);
    let mut run = Run { engine, handle, lease, job, plan, findings, waiting: VecDeque::new(), after: None };
    let ended = run.rows();
    // Nothing is left on its way, whatever ended it.
    let through = run.collect_all();
    match ended? {
        End::Finished => match through? {
            End::Finished => run.finish(),
            end => Ok(end),
        },
        end => Ok(end),
    }
}

impl Run<'_> {
    fn rows(&mut self) -> Result<End> {
        let definition = &self.job.definition;
        let (id, keys) = (self.job.id, self.engine.keys().clone());
        let key = self.handle.block_on(self.engine.read(move |conn| keys.subject(conn, id)))?;
        let file = source::Unsealed::of(self.engine, key, id)?;
        let book = source::open(file.path(), &definition.file_name)?;
        let mut sheet = source::sheet(&book, definition.sheet)?;
        let from = definition.header_row.max(self.job.progress.last_row) + 1;
        let mut drafts = Vec::with_capacity(CHUNK);
        for row in sheet.rows(from) {
            let row = row.map_err(|refusal| source::refused(&refusal))?;
            if row.is_blank() || row.is_totals_row() {
                continue;
            }
            let mut cells = texts(&row);
            correct(&mut cells, row.number, &self.job.content.corrections);
            if self.plan.repeats_titles(&cells) {
                continue;
            }
            drafts.push(Draft::new(&self.plan, row.number, &cells));
            if drafts.len() == CHUNK {
                let full = std::mem::replace(&mut drafts, Vec::with_capacity(CHUNK));
                match self.submit(full)? {
                    End::Finished => {}
                    end => return Ok(end),
                }
            }
        }
        if !drafts.is_empty() {
            match self.submit(drafts)? {
                End::Finished => {}
                end => return Ok(end),
            }
        }
        Ok(End::Finished)
    }

    /// Hands a chunk over, to be written when the one before it is through.
    fn submit(&mut self, drafts: Vec<Draft>) -> Result<End> {
        let (under, mut ready) = self.make_ready(&drafts)?;
        while self.waiting.len() >= AHEAD {
            match self.collect()? {
                End::Finished => {}
                end => return Ok(end),
            }
        }
        if self.engine.imports().stopping() {
            return Ok(End::Stopping);
        }
        let (through, after) = oneshot::channel();
        let before = self.after.replace(after);
        let start = self.job.progress;
        let (engine, caller, lease) = (self.engine.clone(), self.job.caller(), self.lease.clone());
        let (plan, drafts, rehearsal) = (self.plan.clone(), Arc::new(drafts), self.findings.is_some());
        self.waiting.push_back(self.handle.spawn(async move {
            let before = match before {
                // Where the chunk before wasn't written, this one isn't either.
                Some(before) => match before.await {
                    Ok(progress) => progress,
                    Err(_) => return Ok(None),
                },
                None => start,
            };
            // Who may do what is asked anew: this is what the chunk is written under.
            let cx = engine.cx(caller)?;
            if !(Arc::ptr_eq(&cx.schema, &under.schema) && Arc::ptr_eq(&cx.org, &under.org)) {
                ready.clear();
            }
            let task = Task { engine: engine.clone(), cx, lease, plan, drafts, ready, before, rehearsal };
            let written = engine.write(move |conn| task.run(conn)).await?;
            if let Some(done) = &written {
                // Nobody waits behind the last one.
                let _ = through.send(done.progress);
            }
            Ok(written)
        }));
        Ok(End::Finished)
    }

    /// What of a chunk can be worked out while the one before it is being written, and under which rights it was.
    fn make_ready(&self, drafts: &[Draft]) -> Result<(Cx, Vec<Option<ReadyRow>>)> {
        let cx = self.engine.cx(self.job.caller())?;
        let (asking, plan, many) = (cx.clone(), self.plan.clone(), ready::many(drafts));
        let asked = self.engine.read(move |conn| {
            Ok::<_, EngineError>((Rights::of(conn, &asking, &plan)?, ready::ids(conn, many)?))
        });
        let (rights, ids) = self.handle.block_on(asked)?;
        let names = Names::at_hand(&cx, drafts);
        let mut ready = ready::rows(self.engine, &cx, &self.plan, &rights, &names, drafts, &ids)?;
        let (asking, on) = (cx.clone(), ready::on_duplicate(&self.plan));
        let looked = self.engine.read(move |conn| {
            // Of a row of several records nothing is looked up alone.
            let alone = ready.iter_mut().flatten().filter(|row| row.related.is_empty());
            many::look(conn, &asking, &rights.main, on, alone.map(|row| &mut row.main))?;
            Ok::<_, EngineError>(ready)
        });
        Ok((cx, self.handle.block_on(looked)?))
    }

    /// Waits for every chunk that is on its way.
    fn collect_all(&mut self) -> Result<End> {
        let mut ended = Ok(End::Finished);
        while !self.waiting.is_empty() {
            let next = self.collect();
            if matches!(ended, Ok(End::Finished)) {
                ended = next;
            }
        }
        ended
    }

    /// Waits for the chunk that is being written.
    fn collect(&mut self) -> Result<End> {
        let Some(waiting) = self.waiting.pop_front() else { return Ok(End::Finished) };
        let written = self
            .handle
            .block_on(waiting)
            .map_err(|_| EngineError::internal("a chunk of an import panicked"))?;
        let Some(done) = written? else { return Ok(End::Lost) };
        self.job.progress = done.progress;
        if let Some(findings) = &mut self.findings {
            findings.add(&done.drafts, &done.rehearsed);
        }
        self.engine.imports().tell(ImportEvent::of(&self.job));
        Ok(End::Finished)
    }

    fn finish(&mut self) -> Result<End> {
        self.job.total = Some(self.job.progress.done);
        self.job.state = if self.findings.is_some() { State::Checked } else { State::Done };
        self.job.content.report =
            self.findings.take().map(|findings| findings.report).or(self.job.content.report.take());
        let (job, lease, cx) = (self.job.clone(), self.lease.clone(), self.engine.cx(self.job.caller())?);
        let saved = self.handle.block_on(self.engine.write(move |conn| {
            if !lease.renew(conn, cx.moment.now)? {
                return Ok(false);
            }
            let job = Job { updated_at: cx.moment.now, ..job.clone() };
            job.save(conn, cx.keys(), &[lease.state])?;
            Ok(true)
        }))?;
        if !saved {
            return Ok(End::Lost);
        }
        self.engine.imports().tell(ImportEvent::of(&self.job));
        Ok(End::Finished)
    }
}

/// One transaction of the work.
struct Task {
    engine: Engine,
    cx: Cx,
    lease: Lease,
    plan: Arc<Plan>,
    drafts: Arc<Vec<Draft>>,
    ready: Vec<Option<ReadyRow>>,
    before: Progress,
    rehearsal: bool,
}

impl Task {
    /// May run again when the database asks for it.
    fn run(&self, conn: &mut Conn) -> Written {
        let now = self.cx.moment.now;
        if !self.lease.renew(conn, now)? {
            return Ok(None);
        }
        let rehearsed = if self.rehearsal {
            rehearse(conn, &self.engine, &self.cx, &self.plan, &self.drafts, &self.ready)?
        } else {
            let outcomes = process(conn, &self.engine, &self.cx, &self.plan, &self.drafts, &self.ready)?;
            keep(conn, self.lease.job, &outcomes)?;
            Rehearsed { outcomes, keys: Vec::new() }
        };
        let mut progress = self.before;
        progress.attempts = 0;
        for outcome in &rehearsed.outcomes {
            progress.done += 1;
            progress.last_row = outcome.row;
            match outcome.kind {
                Kind::Created => progress.created += 1,
                Kind::Updated => progress.updated += 1,
                Kind::Unchanged | Kind::Skipped => progress.skipped += 1,
                Kind::Failed => progress.failed += 1,
            }
        }
        if !self.rehearsal {
            let tx = conn.tx_number()?;
            progress.first_tx.get_or_insert(tx);
            progress.last_tx = Some(tx);
        }
        self.lease.advance(conn, &progress, now)?;
        Ok(Some(Done { progress, drafts: self.drafts.clone(), rehearsed }))
    }
}

/// Writes down what came of each row.
fn keep(conn: &mut Conn, import: i64, outcomes: &[Outcome]) -> Result<()> {
    let columns = [
        ColumnDef::new("import_id", ColumnKind::Int),
        ColumnDef::new("row_no", ColumnKind::Int),
        ColumnDef::new("outcome", ColumnKind::Text),
        ColumnDef::new("record_id", ColumnKind::Int),
        ColumnDef::new("before_version", ColumnKind::Int),
        ColumnDef::new("faults", ColumnKind::Text),
    ];
    let mut rows: Vec<Vec<SqlValue>> = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        let faults = if outcome.faults.is_empty() { None } else { Some(json_text(&outcome.faults)?) };
        rows.push(vec![
            import.into(),
            outcome.row.into(),
            outcome.kind.name().into(),
            outcome.record.into(),
            outcome.before.into(),
            faults.into(),
        ]);
    }
    conn.insert_many("import_row", &columns, &rows)?;
    Ok(())
}

impl Findings {
    /// Adds a chunk. Rows that repeat one of an earlier chunk are told here: a rehearsal leaves nothing for the next one to find.
    fn add(&mut self, drafts: &[Draft], rehearsed: &Rehearsed) {
        let mut keys: HashMap<i64, Vec<&NewKey>> = HashMap::new();
        for key in &rehearsed.keys {
            keys.entry(key.record).or_default().push(key);
        }
        for (draft, outcome) in drafts.iter().zip(&rehearsed.outcomes) {
            let own = outcome.record.and_then(|record| keys.remove(&record)).unwrap_or_default();
            let told = |code: &str| outcome.faults.iter().any(|fault| fault.code == code);
            let repeats = own.iter().any(|key| self.keys.contains(&key.key)) || told(IN_FILE);
            let known = own.iter().any(|key| key.shared) || told("duplicate");
            self.keys.extend(own.iter().map(|key| key.key));
            self.report.duplicates += i64::from(repeats || known);
            self.report.duplicates_in_file += i64::from(repeats);
            // A row that will be skipped is not faulty.
            let faults = if outcome.kind == Kind::Failed { outcome.faults.as_slice() } else { &[] };
            self.report.add(draft, faults);
            self.report.warn(draft);
        }
    }
}
