//! The figures as a table and as JSON.

use super::measure::{Budget, Figure};
use crate::engine::Engine;
use crate::error::Result;
use huike_store::{Dialect, Sql};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::time::Duration;

/// A run on one database.
#[derive(Default)]
pub struct Report {
    pub database: String,
    pub machine: String,
    pub customers: u64,
    pub figures: Vec<Figure>,
}

/// The database's name and version.
///
/// # Errors
/// The database's.
pub fn database(engine: &Engine) -> Result<String> {
    let text = match engine.store().dialect() {
        Dialect::Sqlite => "select 'SQLite ' || sqlite_version()",
        Dialect::Postgres => "select 'PostgreSQL ' || current_setting('server_version')",
    };
    let row = engine.store().read_blocking(|conn| conn.query_one(&Sql::raw(text)))?;
    Ok(row.text(0)?.to_owned())
}

/// The machine in one line, as far as it tells.
pub fn machine() -> String {
    let line = |file: &str, name: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let found = text.lines().find(|line| line.starts_with(name)).and_then(|line| line.split_once(':'));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory: u64 = line("/proc/meminfo", "MemTotal")
        .split(' ')
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let memory = memory / (1 << 20);
    format!("{cores} × {}, {memory} GiB, Linux {}", line("/proc/cpuinfo", "model name"), kernel.trim())
}

fn milliseconds(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ms if ms >= 1_000.0 => format!("{:.1} s", ms / 1e3),
        ms if ms >= 100.0 => format!("{ms:.0} ms"),
        ms if ms >= 10.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.2} ms"),
    }
}

fn budget(figure: &Figure) -> String {
    match figure.budget {
        None => String::new(),
        Some(Budget::P99(most)) => format!("p99 {} ms", most.as_millis()),
        Some(Budget::Total(most)) => format!("{} s", most.as_secs()),
        Some(Budget::PerSecond(least)) => format!("≥ {least:.0}/s"),
        Some(Budget::Mebibytes(most)) => format!("{most} MiB"),
    }
}

fn verdict(figure: &Figure) -> &'static str {
    match figure.within() {
        Some(true) => "ok",
        Some(false) => "**over**",
        None => "",
    }
}

/// A row of the table.
pub fn row(figure: &Figure) -> String {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "–".into());
    let cpu = match figure.database_cpu {
        Some(database) => format!("{} + {}", milliseconds(figure.cpu), milliseconds(database)),
        None => milliseconds(figure.cpu),
    };
    if let Some(amount) = &figure.amount {
        return format!("| {} | {amount} | | | | | {} | {} |", figure.work, budget(figure), verdict(figure));
    }
    let p50 = match figure.per_second {
        Some(rate) => format!("{} ({rate:.0}/s)", milliseconds(figure.p50)),
        None => milliseconds(figure.p50),
    };
    let floor = figure.floor.map(|floor| format!("{} ({:.0})", milliseconds(floor), figure.statements));
    let ratio = figure.ratio().map(|ratio| format!("{ratio:.1}"));
    format!(
        "| {} | {p50} | {} | {cpu} | {} | {} | {} | {} |",
        figure.work,
        milliseconds(figure.p99),
        or_none(floor),
        or_none(ratio),
        budget(figure),
        verdict(figure),
    )
}

/// The head of the table.
pub const TABLE_HEAD: &str = "| work | p50 | p99 | CPU per operation | bare database p50 (statements) | ratio | budget | |\n|---|---|---|---|---|---|---|---|";

/// The report as Markdown.
pub fn markdown(report: &Report) -> String {
    let mut text = format!(
        "### {}, {} customers\n\n{}\n\n{TABLE_HEAD}\n",
        report.database, report.customers, report.machine
    );
    for figure in &report.figures {
        // A text takes everything.
        let _ = writeln!(text, "{}", row(figure));
    }
    text
}

/// The report for programs; times in microseconds.
pub fn json(report: &Report) -> Json {
    let us = |time: Duration| time.as_secs_f64() * 1e6;
    let figures: Vec<Json> = report
        .figures
        .iter()
        .map(|figure| {
            json!({
                "work": figure.work,
                "rounds": figure.rounds,
                "p50_us": us(figure.p50),
                "p99_us": us(figure.p99),
                "cpu_us": us(figure.cpu),
                "database_cpu_us": figure.database_cpu.map(us),
                "bare_p50_us": figure.floor.map(us),
                "statements": figure.statements,
                "ratio": figure.ratio(),
                "per_second": figure.per_second,
                "amount": figure.amount,
                "budget": budget(figure),
                "within": figure.within(),
            })
        })
        .collect();
    json!({"database": report.database, "machine": report.machine, "customers": report.customers, "figures": figures})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_whether_the_budget_is_kept() {
        let ms = Duration::from_millis;
        let kept = Figure {
            work: "list".into(),
            p50: ms(2),
            p99: ms(9),
            cpu: ms(1),
            floor: Some(ms(1)),
            statements: 2.0,
            budget: Some(Budget::P99(ms(10))),
            ..Figure::default()
        };
        assert_eq!(row(&kept), "| list | 2.00 ms | 9.00 ms | 1.00 ms | 1.00 ms (2) | 2.0 | p99 10 ms | ok |");
        let over = Figure { p99: ms(11), ..kept };
        assert!(row(&over).ends_with("**over** |"));
    }
}
