//! `huike simulate`: a company's year with faults under an injected clock, judged after each of its days.

use super::{Complaint, Place, say};
use crate::cli::open;
use clap::Args;
use huike_engine::Location;
use huike_engine::simulate::{Failed, Plan, run as simulate};
use std::path::PathBuf;

#[derive(Args)]
pub struct Simulate {
    /// 多少天 How many days
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=700))]
    days: u32,
    /// 随机种子 The seed of chance
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// 多少员工 How many people
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..=1_000))]
    people: u32,
    /// 多少客户 How many customers
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    customers: u32,
    /// 在这一天故意漏读变更日志，检查应当发现 Pass over a part of the change log on this day, which the check must find
    #[arg(long, value_name = "DAY")]
    sabotage: Option<u32>,
}

/// Nothing is said of a quiet week.
const TOLD_EVERY: u32 = 7;

pub fn run(place: &Place, options: &Simulate) -> Result<(), Complaint> {
    let config = place.config()?;
    open::log(&config);
    let scratch = Scratch::new()?;
    let location = match &config.database_url {
        Some(url) => Location::Postgres { url: url.clone() },
        None => Location::Sqlite { folder: scratch.0.join("data") },
    };
    let plan = Plan {
        days: options.days,
        seed: options.seed,
        people: options.people,
        customers: options.customers,
        sabotage: options.sabotage,
    };
    say(&format!("种子 Seed: {}", plan.seed))?;
    let done = simulate(location, scratch.0.clone(), plan, &mut |day, report| {
        if report.days % TOLD_EVERY == 0 {
            // A line that can't be printed takes nothing from the judgement.
            let _ = say(&format!("{day} {report:?}"));
        }
    });
    match done {
        Ok(report) => say(&format!("没有发现问题 No invariant was broken: {report:?}")),
        Err(Failed::Broken { day, number, what }) => Err(Complaint::Other(format!(
            "第 {number} 天（{day}）不成立 Broken on day {number} ({day}), seed {}: {what}",
            options.seed
        ))),
        Err(Failed::Engine(error)) => Err(error.into()),
    }
}

/// A folder of this run alone, gone when it ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch, Complaint> {
        let path = std::env::temp_dir().join(format!("huike-simulate-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What can't be removed is left to whoever tidies the system's folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
