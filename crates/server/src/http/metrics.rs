//! Counters for Prometheus (text format 0.0.4), one set per operation.

use huike_engine::obligations::Gauges;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Upper bounds of the histogram in microseconds: around the budgets of the operations.
const BOUNDS: [u64; 12] =
    [500, 1_000, 2_500, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];

/// What happened since the start.
pub struct Metrics {
    routes: Vec<Route>,
    in_flight: AtomicI64,
    refused: AtomicU64,
}

struct Route {
    name: &'static str,
    /// Answers by their first digit, 1xx to 5xx.
    answers: [AtomicU64; 5],
    buckets: [AtomicU64; BOUNDS.len()],
    micros: AtomicU64,
}

/// One request under way; it counts as such until it is dropped.
pub struct InFlight<'a>(&'a AtomicI64);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Metrics {
    pub fn new(names: impl IntoIterator<Item = &'static str>) -> Metrics {
        let route = |name| Route {
            name,
            answers: Default::default(),
            buckets: Default::default(),
            micros: AtomicU64::new(0),
        };
        Metrics {
            routes: names.into_iter().map(route).collect(),
            in_flight: AtomicI64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    pub fn enter(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Relaxed);
        InFlight(&self.in_flight)
    }

    /// A request that a rate limit refused.
    pub fn refuse(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// A request of the operation at this place of the table was answered.
    pub fn answered(&self, operation: usize, status: u16, took: Duration) {
        let Some(route) = self.routes.get(operation) else { return };
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        route.answers[class].fetch_add(1, Relaxed);
        route.micros.fetch_add(micros, Relaxed);
        if let Some(bucket) = BOUNDS.iter().position(|bound| micros <= *bound) {
            route.buckets[bucket].fetch_add(1, Relaxed);
        }
    }

    /// The page that Prometheus reads.
    pub fn page(&self) -> String {
        let mut out = String::with_capacity(16 * 1024);
        // Writing to a String cannot fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "# HELP huike_build_info The version that runs.\n# TYPE huike_build_info gauge")?;
        writeln!(out, "huike_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"))?;
        writeln!(out, "# HELP huike_http_in_flight Requests under way.\n# TYPE huike_http_in_flight gauge")?;
        writeln!(out, "huike_http_in_flight {}", self.in_flight.load(Relaxed))?;
        writeln!(
            out,
            "# HELP huike_http_refused_total Requests refused by a rate limit.\n# TYPE huike_http_refused_total counter"
        )?;
        writeln!(out, "huike_http_refused_total {}", self.refused.load(Relaxed))?;
        if let Some(bytes) = resident_bytes() {
            let help = "# HELP process_resident_memory_bytes Memory in use.\n# TYPE process_resident_memory_bytes gauge";
            writeln!(out, "{help}\nprocess_resident_memory_bytes {bytes}")?;
        }
        writeln!(
            out,
            "# HELP huike_http_requests_total Answers by class of status.\n# TYPE huike_http_requests_total counter"
        )?;
        for route in &self.routes {
            for (class, count) in route.answers.iter().enumerate() {
                let count = count.load(Relaxed);
                if count > 0 {
                    let name = route.name;
                    writeln!(
                        out,
                        "huike_http_requests_total{{operation=\"{name}\",status=\"{}xx\"}} {count}",
                        class + 1
                    )?;
                }
            }
        }
        writeln!(out, "# HELP huike_http_seconds Time to the answer.\n# TYPE huike_http_seconds histogram")?;
        self.routes.iter().try_for_each(|route| route.write(out))
    }
}

impl Route {
    fn write(&self, out: &mut String) -> std::fmt::Result {
        let total: u64 = self.answers.iter().map(|count| count.load(Relaxed)).sum();
        if total == 0 {
            return Ok(());
        }
        let name = self.name;
        let mut below = 0;
        for (bucket, bound) in self.buckets.iter().zip(BOUNDS) {
            below += bucket.load(Relaxed);
            let bound = bound as f64 / 1e6;
            writeln!(out, "huike_http_seconds_bucket{{operation=\"{name}\",le=\"{bound}\"}} {below}")?;
        }
        writeln!(out, "huike_http_seconds_bucket{{operation=\"{name}\",le=\"+Inf\"}} {total}")?;
        writeln!(
            out,
            "huike_http_seconds_sum{{operation=\"{name}\"}} {}",
            self.micros.load(Relaxed) as f64 / 1e6
        )?;
        writeln!(out, "huike_http_seconds_count{{operation=\"{name}\"}} {total}")
    }
}

/// How the scheduler stands, as this node last saw it.
pub fn promises(gauges: &Gauges) -> String {
    let gauge = |name: &str, help: &str, value: f64| {
        format!(
            "# HELP huike_promises_{name} {help}\n# TYPE huike_promises_{name} gauge\nhuike_promises_{name} {value}\n"
        )
    };
    let counter = |name: &str, help: &str, value: u64| {
        format!(
            "# HELP huike_promises_{name} {help}\n# TYPE huike_promises_{name} counter\nhuike_promises_{name} {value}\n"
        )
    };
    [
        gauge("backlog", "Promises whose time has come and that wait.", gauges.backlog.load(Relaxed) as f64),
        gauge(
            "lag_seconds",
            "For how long the oldest of them has waited.",
            gauges.lag_ms.load(Relaxed) as f64 / 1e3,
        ),
        gauge("dead_letters", "Work that could not be done.", gauges.dead.load(Relaxed) as f64),
        gauge("broken_invariants", "What the last nightly check found.", gauges.broken.load(Relaxed) as f64),
        counter("claimed_total", "Promises looked at by this node.", gauges.claimed.load(Relaxed)),
        counter("reminders_total", "Reminders written by this node.", gauges.reminders.load(Relaxed)),
    ]
    .concat()
}

/// From /proc/self/statm (proc(5)): pages, of 4 KiB on every machine that this is built for.
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(text.split(' ').nth(1)?.parse::<u64>().ok()? * 4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheduler_tells_how_far_it_is_behind() {
        let gauges = Gauges::default();
        gauges.lag_ms.store(2_500, Relaxed);
        gauges.reminders.store(7, Relaxed);
        let page = promises(&gauges);
        for line in
            ["huike_promises_lag_seconds 2.5", "huike_promises_reminders_total 7", "huike_promises_backlog 0"]
        {
            assert!(page.lines().any(|each| each == line), "{line} in\n{page}");
        }
    }

    #[test]
    fn the_page_counts_answers_and_how_long_they_took() {
        let metrics = Metrics::new(["listRecords", "search"]);
        metrics.answered(0, 200, Duration::from_micros(900));
        metrics.answered(0, 404, Duration::from_millis(15));
        metrics.answered(0, 200, Duration::from_secs(9));
        let under_way = metrics.enter();
        let page = metrics.page();
        drop(under_way);
        for line in [
            "huike_http_in_flight 1",
            "huike_http_requests_total{operation=\"listRecords\",status=\"2xx\"} 2",
            "huike_http_requests_total{operation=\"listRecords\",status=\"4xx\"} 1",
            "huike_http_seconds_bucket{operation=\"listRecords\",le=\"0.0005\"} 0",
            "huike_http_seconds_bucket{operation=\"listRecords\",le=\"0.001\"} 1",
            "huike_http_seconds_bucket{operation=\"listRecords\",le=\"0.02\"} 2",
            "huike_http_seconds_bucket{operation=\"listRecords\",le=\"+Inf\"} 3",
            "huike_http_seconds_count{operation=\"listRecords\"} 3",
        ] {
            assert!(page.lines().any(|each| each == line), "{line} in\n{page}");
        }
        assert!(!page.contains("\"search\""), "what never happened has no line");
        assert!(metrics.page().contains("huike_http_in_flight 0"));
    }
}
