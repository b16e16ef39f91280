//! Timing an operation, and the same statements on the bare database.

use super::Bench;
use crate::error::{EngineError, Result};
use huike_store::bare::{self, Statement};
use huike_store::clock::Stopwatch;
use std::fs;
use std::pin::Pin;
use std::time::Duration;

/// Rounds of one measurement, and how long they may take.
const ROUNDS: usize = 2_000;
const PATIENCE: Duration = Duration::from_secs(12);
/// Rounds of the bare database, and how long they may take.
const BARE_ROUNDS: usize = 400;
const BARE_PATIENCE: Duration = Duration::from_secs(6);
const WARM_UP: usize = 20;

/// One measured piece of work.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    pub work: String,
    pub rounds: usize,
    pub p50: Duration,
    pub p99: Duration,
    /// CPU time of an operation in this process, and in the database's processes where there are any at hand.
    pub cpu: Duration,
    pub database_cpu: Option<Duration>,
    /// The same statements on the bare database.
    pub floor: Option<Duration>,
    /// How many statements one operation runs, on average.
    pub statements: f64,
    /// Operations a second, where that is what is measured.
    pub per_second: Option<f64>,
    pub budget: Option<Budget>,
    /// What is measured when it is no time of an operation, such as memory.
    pub amount: Option<String>,
    /// Whether an amount keeps its budget.
    pub kept: Option<bool>,
}

/// What docs/performance.md promises.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// The slowest in a hundred.
    P99(Duration),
    Total(Duration),
    PerSecond(f64),
    Mebibytes(u64),
}

impl Figure {
    /// How many times the bare database's time it takes.
    pub fn ratio(&self) -> Option<f64> {
        self.floor.map(|floor| self.p50.as_secs_f64() / floor.as_secs_f64().max(1e-9))
    }

    /// Whether the budget is kept; none when there is none.
    pub fn within(&self) -> Option<bool> {
        if self.kept.is_some() {
            return self.kept;
        }
        Some(match self.budget? {
            Budget::P99(most) => self.p99 <= most,
            Budget::Total(most) => self.p50 <= most,
            Budget::PerSecond(least) => self.per_second? >= least,
            Budget::Mebibytes(_) => return None,
        })
    }
}

/// The future of one round; it answers with the bytes of its answer.
pub type Round = Pin<Box<dyn Future<Output = Result<usize>> + Send>>;

impl Bench {
    /// Times `op` round by round, each in one task as a request is.
    pub(super) fn time(
        &mut self,
        work: &str,
        op: impl Fn(usize) -> Round + Clone + Send + 'static,
    ) -> Result<Figure> {
        let timed = op.clone();
        let task = async move {
            let mut times = Vec::with_capacity(ROUNDS);
            for round in 0..WARM_UP {
                timed(ROUNDS + round).await?;
            }
            let (before, whole) = (Cpu::now(), Stopwatch::start());
            for round in 0..ROUNDS {
                if whole.elapsed() > PATIENCE {
                    break;
                }
                // A request is polled afresh.
                tokio::task::yield_now().await;
                let watch = Stopwatch::start();
                timed(round).await?;
                times.push(watch.elapsed());
            }
            Ok::<_, EngineError>((times, before.since()))
        };
        let (times, cpu) = self
            .runtime
            .block_on(self.runtime.spawn(task))
            .map_err(|_| EngineError::internal("a measurement panicked"))??;
        Ok(figure(work, times, cpu))
    }

    /// Times a read and what it asks of the database.
    pub(super) fn time_read(
        &mut self,
        work: &str,
        op: impl Fn(usize) -> Round + Clone + Send + 'static,
    ) -> Result<Figure> {
        let mut figure = self.time(work, op.clone())?;
        let whole = Stopwatch::start();
        let (mut times, mut statements) = (Vec::new(), 0);
        for round in 0..BARE_ROUNDS {
            if whole.elapsed() > BARE_PATIENCE {
                break;
            }
            bare::record();
            let done = self.runtime.block_on(op(round));
            let run = bare::recorded();
            done?;
            self.note_slow(work, &run)?;
            let watch = Stopwatch::start();
            self.bare.read(&run)?;
            // The first rounds prepare statements.
            if round >= WARM_UP.min(BARE_ROUNDS / 10) {
                times.push(watch.elapsed());
                statements += run.len();
            }
        }
        figure.statements = statements as f64 / times.len().max(1) as f64;
        figure.floor = (!times.is_empty()).then(|| percentile(&mut times, 50));
        Ok(figure)
    }

    /// Keeps the slowest run of each statement, where that is asked for.
    fn note_slow(&mut self, work: &str, run: &[Statement]) -> Result<()> {
        let Some(slowest) = &mut self.slowest else { return Ok(()) };
        for one in run {
            let watch = Stopwatch::start();
            self.bare.read(std::slice::from_ref(one))?;
            let time = watch.elapsed();
            let known = slowest.entry((work.to_owned(), one.sql.text().to_owned())).or_default();
            if time > known.0 {
                *known = (time, one.sql.params().to_vec());
            }
        }
        Ok(())
    }

    /// What writes ask of the database, each run bare and committed.
    pub(super) fn floor_of_writes(
        &mut self,
        mut rehearse: impl FnMut(usize) -> Result<Vec<Statement>>,
        rounds: usize,
    ) -> Result<(Duration, f64)> {
        let (mut times, mut statements) = (Vec::new(), 0);
        for round in 0..rounds {
            let run = rehearse(round)?;
            let watch = Stopwatch::start();
            self.bare.write(&run)?;
            if round >= rounds / 10 {
                times.push(watch.elapsed());
                statements += run.len();
            }
        }
        Ok((percentile(&mut times, 50), statements as f64 / times.len().max(1) as f64))
    }
}

pub(super) fn figure(work: &str, mut times: Vec<Duration>, cpu: (Duration, Option<Duration>)) -> Figure {
    let rounds = times.len();
    let each = |total: Duration| total / u32::try_from(rounds.max(1)).unwrap_or(u32::MAX);
    Figure {
        work: work.to_owned(),
        rounds,
        p50: percentile(&mut times, 50),
        p99: percentile(&mut times, 99),
        cpu: each(cpu.0),
        database_cpu: cpu.1.map(each),
        ..Figure::default()
    }
}

/// A figure of what another process did.
pub fn timed(work: &str, times: Vec<Duration>, cpu: Duration) -> Figure {
    figure(work, times, (cpu, None))
}

fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(place).copied().unwrap_or_default()
}

/// CPU time used so far by this process and by PostgreSQL's on this machine.
pub(super) struct Cpu {
    own: Duration,
    postgres: Option<Duration>,
}

impl Cpu {
    pub fn now() -> Cpu {
        Cpu { own: cpu_of("self").unwrap_or_default(), postgres: postgres() }
    }

    pub fn since(&self) -> (Duration, Option<Duration>) {
        let now = Cpu::now();
        let postgres = now.postgres.zip(self.postgres).map(|(now, then)| now.saturating_sub(then));
        (now.own.saturating_sub(self.own), postgres)
    }
}

/// User and system time of a process (proc(5)), in the kernel's hundredths of a second.
pub fn cpu_of(process: &str) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// All of PostgreSQL's processes that this one may see; none without any.
fn postgres() -> Option<Duration> {
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let names = processes.filter_map(|entry| entry.file_name().into_string().ok());
    let numbers = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let server = numbers.filter(|pid| {
        fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "postgres")
    });
    server.filter_map(|pid| cpu_of(&pid)).reduce(|sum, one| sum + one)
}
