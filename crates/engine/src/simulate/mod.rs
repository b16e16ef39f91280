//! A company's year in minutes, under an injected clock and with everything that can go wrong: work that dies half-way, nodes that restart,
//! a second node at the same time, the log read twice, days of down-time, holidays, people who leave. After each day the invariants of
//! [`crate::obligations::check`] must hold, no reminder may have come twice, and none in quiet hours. The same seed gives the same year
//! as far as chance goes; what two nodes do at once is the machine's.

mod acts;
mod company;
mod judge;
#[cfg(test)]
mod tests;

use crate::cx::{Caller, Cx, Via};
use crate::demo::Chance;
use crate::engine::{Engine, Options};
use crate::error::{EngineError, Result};
use crate::jobs::cursor;
use crate::obligations::{keep, run};
use acts::Act;
use chrono::{Datelike, NaiveDate};
use company::People;
use huike_model::moment::{day_number, instant};
use huike_model::worktime::Holiday;
use huike_store::log::Cursor;
use huike_store::{Conn, Location, Options as StoreOptions, SetClock, Sql, Store};
use huike_vault::keys::{KeyRing, MasterKey};
use judge::Memory;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;

/// The first day of every simulation: before the Spring Festival of the last year whose holidays ship.
const FIRST_DAY: (i32, u32, u32) = (2025, 1, 2);
/// Of an invented company; nothing of anybody's is under it.
const MASTER: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// What is to be simulated.
#[derive(Clone, Debug)]
pub struct Plan {
    pub days: u32,
    pub seed: u64,
    pub people: u32,
    pub customers: u32,
    /// On this day (from 1) a part of the log is passed over, as by a hook that was forgotten: to show that the judge sees it.
    pub sabotage: Option<u32>,
}

/// What happened until now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub days: u32,
    pub acts: u64,
    pub reminders: i64,
    /// Work that died half-way.
    pub deaths: u64,
    pub restarts: u64,
    /// How often a part of the log was delivered again.
    pub replays: u64,
    /// Days on which nobody was there.
    pub down_days: u64,
}

/// Why a simulation ended early.
#[derive(Debug)]
pub enum Failed {
    /// The first invariant that didn't hold, and on which day.
    Broken {
        day: NaiveDate,
        number: u32,
        what: String,
    },
    Engine(EngineError),
}

impl<E: Into<EngineError>> From<E> for Failed {
    fn from(error: E) -> Failed {
        Failed::Engine(error.into())
    }
}

/// Runs it in an empty database. `told` hears of every day that ended well.
///
/// # Errors
/// The first invariant that is broken; a database that isn't empty.
pub fn run(
    location: Location,
    files: PathBuf,
    plan: Plan,
    told: &mut dyn FnMut(NaiveDate, &Report),
) -> std::result::Result<Report, Failed> {
    let mut world = World::new(location, files, plan)?;
    for number in 1..=world.plan.days {
        let day = world.live(number)?;
        world.report.days = number;
        told(day, &world.report);
    }
    Ok(world.report)
}

struct World {
    location: Location,
    files: PathBuf,
    plan: Plan,
    clock: Arc<SetClock>,
    runtime: Runtime,
    nodes: Vec<Engine>,
    chance: Chance,
    people: People,
    report: Report,
    memory: Memory,
    /// Whether work dies now, and how often it has.
    deadly: Arc<AtomicBool>,
    deaths: Arc<AtomicU64>,
    first: NaiveDate,
}

impl World {
    fn new(location: Location, files: PathBuf, plan: Plan) -> std::result::Result<World, Failed> {
        let (year, month, day) = FIRST_DAY;
        let first = NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
        let runtime = Runtime::new().map_err(|_| EngineError::internal("no threads to simulate with"))?;
        let mut world = World {
            location,
            files,
            clock: Arc::new(SetClock::at_ms(at(first, 8, 0))),
            runtime,
            nodes: Vec::new(),
            chance: Chance::of(plan.seed, 71, 0),
            people: People::default(),
            report: Report::default(),
            memory: Memory::default(),
            deadly: Arc::default(),
            deaths: Arc::default(),
            first,
            plan,
        };
        world.start()?;
        world.people = People::found(&world.nodes[0], &world.runtime, &world.plan, &mut world.chance)?;
        Ok(world)
    }

    /// Two nodes: on PostgreSQL each with a store of its own, on SQLite both over the one that may write.
    fn start(&mut self) -> Result<()> {
        self.nodes.clear();
        let mut store = self.open()?;
        for number in 0..2 {
            if number > 0 && matches!(self.location, Location::Postgres { .. }) {
                store = self.open()?;
            }
            let master = MasterKey::parse(1, MASTER)
                .map_err(|_| EngineError::internal("the key of the simulation"))?;
            let keys = KeyRing::new(master, Vec::new());
            let engine = Engine::open(Options { store: store.clone(), keys, files: self.files.clone() })?;
            let (deadly, deaths) = (self.deadly.clone(), self.deaths.clone());
            let mut chance = Chance::of(self.plan.seed, 72 + number, self.report.restarts);
            engine.set_failpoints(move |_| {
                let dies = deadly.load(Ordering::Relaxed) && chance.permille(120);
                deaths.fetch_add(u64::from(dies), Ordering::Relaxed);
                dies
            });
            self.nodes.push(engine);
        }
        Ok(())
    }

    /// A folder is free again a moment after its last user has let go.
    fn open(&self) -> Result<Store> {
        let options = || StoreOptions { clock: self.clock.clone(), ..StoreOptions::default() };
        for _ in 0..200 {
            match Store::open_blocking(&self.location, options()) {
                Err(huike_store::StoreError::Unavailable { .. }) => {
                    self.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(10)).await });
                }
                opened => return Ok(opened?),
            }
        }
        Ok(Store::open_blocking(&self.location, options())?)
    }

    /// One day, and its judgement.
    fn live(&mut self, number: u32) -> std::result::Result<NaiveDate, Failed> {
        let day = self.first.checked_add_days(chrono::Days::new(u64::from(number) - 1)).unwrap_or(self.first);
        let works = works(day);
        // Somebody pulled the plug for the day; people's work of that day is not lost, as there is none.
        let down = number > 3 && self.chance.permille(15);
        self.report.down_days += u64::from(down);
        let hours: &[u32] = if works { &[2, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 21] } else { &[2, 9, 15] };
        for hour in hours.iter().filter(|_| !down) {
            let minute = u32::try_from(self.chance.below(60)).unwrap_or_default();
            self.clock.set_ms(at(day, *hour, minute));
            if works && (9..=18).contains(hour) {
                self.act(&People::acts)?;
            }
            self.deadly.store(true, Ordering::Relaxed);
            self.work(2)?;
            self.deadly.store(false, Ordering::Relaxed);
        }
        if self.plan.sabotage == Some(number) {
            self.act(&|people, chance, now| people.acts(chance, now))?;
            let last = self.nodes[0].clone();
            self.runtime.block_on(last.write(pass_over))?;
        }
        self.clock.set_ms(at(day, 22, 30));
        self.settle()?;
        self.judge(day, number)?;
        Ok(day)
    }

    fn act(
        &mut self,
        made: &dyn Fn(&mut People, &mut Chance, i64) -> Vec<Act>,
    ) -> std::result::Result<(), Failed> {
        let now = self.nodes[0].now();
        let acts = made(&mut self.people, &mut self.chance, now);
        self.report.acts += acts.len() as u64;
        let node = self.chance.pick(&self.nodes).clone();
        let cx = self.system(&node)?;
        let worker = node.clone();
        self.runtime
            .block_on(node.write(move |conn| acts.iter().try_for_each(|act| act.run(conn, &worker, &cx))))?;
        Ok(())
    }

    fn system(&self, node: &Engine) -> Result<Cx> {
        node.cx(Caller::system(Via::System))
    }

    /// Both nodes at once, some rounds long; what dies may take its node with it.
    fn work(&mut self, rounds: u32) -> Result<()> {
        if self.chance.permille(60) {
            self.replay()?;
        }
        for node in &self.nodes {
            // As the follower of the log does on a node that serves.
            self.runtime.block_on(node.renew())?;
        }
        for _ in 0..rounds {
            let (one, other) = (self.nodes[0].clone(), self.nodes[1].clone());
            let (a, b) = self.runtime.block_on(async { tokio::join!(run::round(&one), run::round(&other)) });
            drop((one, other));
            for done in [a, b] {
                match done {
                    Ok(_) => {}
                    Err(error) if is_death(&error) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.report.deaths = self.deaths.load(Ordering::Relaxed);
        if self.chance.permille(20) {
            self.report.restarts += 1;
            self.start()?;
        }
        Ok(())
    }

    /// A part of the log is delivered once more.
    fn replay(&mut self) -> Result<()> {
        let back = self.chance.between(1, 400);
        self.report.replays += 1;
        let node = self.nodes[0].clone();
        self.runtime.block_on(node.write(move |conn| {
            let sql = "select tx, id from change_log where (tx, id) <= (select tx, id from log_cursor where consumer = $1) \
                 order by tx desc, id desc limit 1 offset $2";
            let row = conn.query_opt(&Sql::with(sql, [keep::CONSUMER.into(), back.into()])?)?;
            match row {
                Some(row) => cursor::advance(conn, keep::CONSUMER, Cursor { tx: row.int(0)?, id: row.int(1)? }),
                None => Ok(()),
            }
        }))
    }

    /// Until nothing is left to do.
    fn settle(&mut self) -> Result<()> {
        for node in &self.nodes {
            self.runtime.block_on(node.renew())?;
        }
        for _ in 0..10_000 {
            let node = self.nodes[0].clone();
            // On PostgreSQL a reader has to wait for a transaction that is open anywhere in the cluster.
            let more = self.runtime.block_on(async {
                let more = run::round(&node).await?;
                let unread = node.read(keep::unread).await?;
                if unread && !more {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                Ok::<_, EngineError>(more || unread)
            })?;
            if !more {
                return Ok(());
            }
        }
        Err(EngineError::internal("the work of a simulated day never ends"))
    }

    fn judge(&mut self, day: NaiveDate, number: u32) -> std::result::Result<(), Failed> {
        let node = self.nodes[0].clone();
        let cx = self.system(&node)?;
        let since = at(day, 0, 0);
        let memory = std::mem::take(&mut self.memory);
        let found = self.runtime.block_on(node.read(move |conn| judge::judge(conn, &cx, since, memory)))?;
        (self.memory, self.report.reminders) = (found.memory, found.reminders);
        match found.broken {
            None => Ok(()),
            Some(what) => Err(Failed::Broken { day, number, what }),
        }
    }
}

fn is_death(error: &EngineError) -> bool {
    matches!(error, EngineError::Store(huike_store::StoreError::Unavailable { reason }) if reason.starts_with("killed"))
}

/// What a forgotten hook looks like from the outside.
fn pass_over(conn: &mut Conn) -> Result<()> {
    let row = conn.query_one(&Sql::raw("select tx, id from change_log order by tx desc, id desc limit 1"))?;
    cursor::advance(conn, keep::CONSUMER, Cursor { tx: row.int(0)?, id: row.int(1)? })
}

fn at(day: NaiveDate, hour: u32, minute: u32) -> i64 {
    instant(chrono_tz::Asia::Shanghai, day.and_hms_opt(hour, minute, 0).unwrap_or_default())
}

/// Whether a day is worked, worked out apart from the calendar that is on trial.
fn works(day: NaiveDate) -> bool {
    use huike_model::worktime::DayKind;
    match Holiday::days().get(&day_number(day)) {
        Some(DayKind::Off) => false,
        Some(DayKind::Work) => true,
        _ => day.weekday().number_from_monday() <= 5,
    }
}
