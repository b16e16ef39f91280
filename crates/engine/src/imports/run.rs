//! The work of an import: rows read and made ready on this thread, written in the database's, chunk by chunk, one ahead of the other.
//!
//! The records of one chunk, or of several while nobody waits, the outcome of each row and the job's mark are one transaction. A dry run
//! takes the same way; its chunks are rolled back.

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
use crate::cx::{Caller, Cx};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::jobs::lease::End;
use crate::records::key_index::Crowded;
use crate::records::many;
use crate::records::match_key::MatchKey;
use huike_store::clock::Stopwatch;
use huike_store::ddl::ColumnDef;
use huike_store::{Conn, Kind as ColumnKind, SqlValue};
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;
use tokio::runtime::Handle;

/// Rows that are written at a stretch: few enough that others don't wait for the database.
const CHUNK: usize = 1_000;

/// Chunks that stand ready while others are written: as many as are made while a transaction ends.
const AHEAD: usize = 5;

/// How long a transaction takes in further chunks while nobody waits for it. New keys go all over the indexes: each of their pages is
/// written once for all the chunks, where every chunk would write nearly all of them. Progress is told as often.
const TOGETHER: Duration = Duration::from_secs(1);

/// How often it is seen whether somebody waits while no chunk is ready.
const LOOK: Duration = Duration::from_millis(2);

/// What a transaction gave, chunk by chunk; none when the lease is lost.
type Written = Result<Option<Vec<Done>>>;

/// Rows and what was worked out of them while those before were written, and under which rights.
struct Chunk {
    drafts: Vec<Draft>,
    ready: Vec<Option<ReadyRow>>,
    under: Cx,
}

struct Done {
    progress: Progress,
    chunk: Arc<Chunk>,
    rehearsed: Rehearsed,
}

struct Run<'a> {
    engine: &'a Engine,
    handle: &'a Handle,
    job: Job,
    plan: Arc<Plan>,
    /// Of a dry run.
    findings: Option<Findings>,
    crowded: Crowded,
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
    let (chunks, ready) = sync_channel(AHEAD);
    let (through, done) = channel();
    let writing = Writing {
        engine: engine.clone(),
        lease: lease.clone(),
        plan: plan.clone(),
        rehearsal: checking,
        chunks: Arc::new(Mutex::new(ready)),
    };
    let mut run = Run { engine, handle, job, plan, findings, crowded: Crowded::default() };
    let (caller, before) = (run.job.caller(), run.job.progress);
    let (read, written) = std::thread::scope(|scope| {
        let writer = scope.spawn(move || writing.all(handle, &caller, before, &through));
        let read = run.rows(chunks, &done);
        // Nothing is left on its way, whatever ended it.
        (read, writer.join().map_err(|_| EngineError::internal("an import's writer panicked")))
    });
    run.collect(&done);
    match (read?, written??) {
        (End::Finished, End::Finished) => run.finish(lease),
        (End::Finished, end) | (end, _) => Ok(end),
    }
}

impl Run<'_> {
    /// Reads the file to its end, a chunk ahead of the writer.
    fn rows(&mut self, chunks: SyncSender<Chunk>, done: &Receiver<Done>) -> Result<End> {
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
                match self.hand_over(&chunks, full)? {
                    End::Finished => self.collect(done),
                    end => return Ok(end),
                }
            }
        }
        if !drafts.is_empty() {
            return self.hand_over(&chunks, drafts);
        }
        Ok(End::Finished)
    }

    fn hand_over(&self, chunks: &SyncSender<Chunk>, drafts: Vec<Draft>) -> Result<End> {
        let chunk = self.make_ready(drafts)?;
        if self.engine.imports().stopping() {
            return Ok(End::Stopping);
        }
        // A writer that is gone says itself why.
        Ok(if chunks.send(chunk).is_ok() { End::Finished } else { End::Lost })
    }

    /// What of rows can be worked out while those before them are being written.
    fn make_ready(&self, drafts: Vec<Draft>) -> Result<Chunk> {
        let cx = self.engine.cx(self.job.caller())?;
        let (asking, plan, many) = (cx.clone(), self.plan.clone(), ready::many(&drafts));
        let asked = self.engine.read(move |conn| {
            Ok::<_, EngineError>((Rights::of(conn, &asking, &plan)?, ready::ids(conn, many)?))
        });
        let (rights, ids) = self.handle.block_on(asked)?;
        let names = Names::at_hand(&cx, &drafts);
        let mut ready = ready::rows(self.engine, &cx, &self.plan, &rights, &names, &drafts, &ids)?;
        let second = ready.split_off(ready.len() / 2);
        let looked =
            async { tokio::try_join!(self.look(&cx, &rights, ready), self.look(&cx, &rights, second)) };
        let (mut ready, second) = self.handle.block_on(looked)?;
        ready.extend(second);
        Ok(Chunk { ready, drafts, under: cx })
    }

    /// Compares rows with what is there: half of an import's work before the writer's, which is why two connections share it.
    async fn look(
        &self,
        cx: &Cx,
        rights: &Rights,
        mut ready: Vec<Option<ReadyRow>>,
    ) -> Result<Vec<Option<ReadyRow>>> {
        let (cx, access, on) = (cx.clone(), rights.main.clone(), ready::on_duplicate(&self.plan));
        let crowded = self.crowded.clone();
        let look = move |conn: &mut Conn| {
            // Of a row of several records nothing is looked up alone.
            let (alone, others) =
                ready.iter_mut().flatten().partition::<Vec<_>, _>(|row| row.related.is_empty());
            others.into_iter().try_for_each(|row| row.work_out(&cx))?;
            let alone = alone.into_iter();
            many::look(conn, &cx, &access, on, &crowded, alone.map(|row| &mut row.main))?;
            Ok::<_, EngineError>(ready)
        };
        self.engine.read(look).await
    }

    /// Takes note of what has been written meanwhile.
    fn collect(&mut self, done: &Receiver<Done>) {
        for done in done.try_iter() {
            self.job.progress = done.progress;
            if let Some(findings) = &mut self.findings {
                findings.add(&done.chunk.drafts, &done.rehearsed);
            }
            self.engine.imports().tell(ImportEvent::of(&self.job));
        }
    }

    fn finish(&mut self, lease: &Lease) -> Result<End> {
        self.job.total = Some(self.job.progress.done);
        self.job.state = if self.findings.is_some() { State::Checked } else { State::Done };
        self.job.content.report =
            self.findings.take().map(|findings| findings.report).or(self.job.content.report.take());
        let (job, lease, cx) = (self.job.clone(), lease.clone(), self.engine.cx(self.job.caller())?);
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

/// What writes the chunks, on a thread of its own.
#[derive(Clone)]
struct Writing {
    engine: Engine,
    lease: Lease,
    plan: Arc<Plan>,
    rehearsal: bool,
    chunks: Arc<Mutex<Receiver<Chunk>>>,
}

impl Writing {
    /// Writes what becomes ready, until there is no more of it.
    fn all(
        &self,
        handle: &Handle,
        caller: &Caller,
        mut before: Progress,
        through: &Sender<Done>,
    ) -> Result<End> {
        loop {
            let Ok(first) = self.chunks.lock().recv() else { return Ok(End::Finished) };
            // Who may do what is asked anew: this is what the chunks are written under.
            let cx = self.engine.cx(caller.clone())?;
            let mut task = Task { of: self.clone(), cx, before, taken: vec![Arc::new(first)] };
            let Some(all) = handle.block_on(self.engine.write(move |conn| task.run(conn)))? else {
                return Ok(End::Lost);
            };
            for done in all {
                before = done.progress;
                // Whoever reads the file may have given up.
                let _ = through.send(done);
            }
        }
    }
}

/// One transaction of the work.
struct Task {
    of: Writing,
    cx: Cx,
    before: Progress,
    taken: Vec<Arc<Chunk>>,
}

impl Task {
    /// May run again when the database asks for it.
    fn run(&mut self, conn: &mut Conn) -> Written {
        let now = self.cx.moment.now;
        if !self.of.lease.renew(conn, now)? {
            return Ok(None);
        }
        let mut progress = Progress { attempts: 0, ..self.before };
        let (mut all, watch) = (Vec::new(), Stopwatch::start());
        while let Some(chunk) = self.chunk(conn, all.len(), &watch) {
            let rehearsed = self.write(conn, &chunk, &mut progress)?;
            all.push(Done { progress, chunk, rehearsed });
        }
        self.of.lease.advance(conn, &progress, now)?;
        Ok(Some(all))
    }

    /// The chunk of this place: one that a run before this one has taken, or the next that is ready.
    fn chunk(&mut self, conn: &Conn, place: usize, watch: &Stopwatch) -> Option<Arc<Chunk>> {
        let chunks = self.of.chunks.lock();
        while place == self.taken.len() && !conn.others_wait() && watch.elapsed() < TOGETHER {
            match chunks.recv_timeout(LOOK) {
                Ok(chunk) => self.taken.push(Arc::new(chunk)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.taken.get(place).cloned()
    }

    fn write(&self, conn: &mut Conn, chunk: &Chunk, progress: &mut Progress) -> Result<Rehearsed> {
        let (cx, Writing { engine, lease, plan, rehearsal, .. }) = (&self.cx, &self.of);
        let same = Arc::ptr_eq(&cx.schema, &chunk.under.schema) && Arc::ptr_eq(&cx.org, &chunk.under.org);
        let ready: &[_] = if same { &chunk.ready } else { &[] };
        let rehearsed = if *rehearsal {
            rehearse(conn, engine, cx, plan, &chunk.drafts, ready)?
        } else {
            let outcomes = process(conn, engine, cx, plan, &chunk.drafts, ready)?;
            keep(conn, lease.job, &outcomes)?;
            Rehearsed { outcomes, keys: Vec::new() }
        };
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
        if !*rehearsal {
            let tx = conn.tx_number()?;
            progress.first_tx.get_or_insert(tx);
            progress.last_tx = Some(tx);
        }
        Ok(rehearsed)
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
