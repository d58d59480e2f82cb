//! The store of figures over time, with simulated clocks: what an hour and a month of many series take.

use std::{fs, path::Path, time::Instant};

use headwater_metrics::{Range, Store};

use crate::{
    report::{Findings, Row, Section, Unit},
    stats,
};

const OURS: &str = "Headwater";
const DEPLOYMENTS: usize = 300;
const TOPICS: usize = 50;
const START: i64 = 1_800_000_000;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Writes `days` of figures of 300 deployments and 50 topics: three a minute, and in the last hour each second.
pub(crate) fn run(days: i64, dir: &Path) -> anyhow::Result<Section> {
    let folder = tempfile::Builder::new().prefix("metrics-").tempdir_in(dir)?;
    let store = Store::open(folder.path(), 10_000)?;
    let mut figures = Figures::new();
    let mut findings = Findings::default();
    let mut add = |what: &str, unit, value| findings.add(OURS, what.to_owned(), unit, None, value);
    let now = START + days * DAY;
    for second in (START..now - HOUR).step_by(20) {
        store.append(second * 1000, figures.next())?;
    }
    let mut appends = Vec::new();
    for second in now - HOUR..=now {
        let figures = figures.next();
        let begun = Instant::now();
        store.append(second * 1000, figures)?;
        appends.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let total: f64 = appends.iter().sum();
    let size = store.size();
    add("figures taken", Unit::RecordsPerSecond, (appends.len() * size.series) as f64 / total * 1000.0);
    add("a second's figures, p50", Unit::Milliseconds, stats::median(&appends).unwrap_or_default());
    add(
        "the same, longest (a block is made)",
        Unit::Milliseconds,
        appends.iter().copied().fold(0.0, f64::max),
    );
    for (what, seconds, points) in [
        ("an hour", HOUR, 300),
        ("an hour", HOUR, 2000),
        ("a month", days * DAY, 300),
        ("a month", days * DAY, 2000),
    ] {
        let range = Range { from_ms: (now - seconds) * 1000, to_ms: now * 1000 };
        let asked = (0..50).map(|deployment| {
            let begun = Instant::now();
            let answer = store.query(&format!("deployment/{deployment:03}/"), range, points);
            assert_eq!(answer.series.len(), 7, "a deployment has seven series");
            begun.elapsed().as_secs_f64() * 1000.0
        });
        let times: Vec<f64> = asked.collect();
        let name = format!("{what} of seven series in at most {points} points, p50");
        add(&name, Unit::Milliseconds, stats::median(&times).unwrap_or_default());
    }
    add("memory of figures", Unit::Bytes, size.memory_bytes as f64);
    add("memory of the process", Unit::Bytes, resident()?);
    add("disk", Unit::Bytes, size.disk_bytes as f64);
    add("disk a day", Unit::Bytes, size.disk_bytes as f64 / days as f64);
    let series = size.series;
    drop(store);
    let begun = Instant::now();
    Store::open(folder.path(), 10_000)?;
    add("start", Unit::Milliseconds, begun.elapsed().as_secs_f64() * 1000.0);
    Ok(section(days, series, findings.rows()))
}

fn section(days: i64, series: usize, rows: Vec<Row>) -> Section {
    Section {
        key: "metrics",
        title: "Figures over time".into(),
        method: format!(
            "{series} series ({DEPLOYMENTS} deployments, {TOPICS} topics; four fifths of them busy and noisy) over \
             {days} simulated days into one store, by one thread: figures every 20 s, in the last hour every second. \
             A month is 31 days."
        ),
        peers: vec![OURS.into()],
        rows,
    }
}

/// Figures as a platform has them, made up.
struct Figures {
    all: Vec<(String, f64)>,
    seed: u64,
}

impl Figures {
    fn new() -> Self {
        let deployment = |n| {
            ["0/cpu", "0/memory", "cpu", "lag", "memory", "replicas", "restarts"]
                .map(|name| (format!("deployment/{n:03}/{name}"), 0.0))
        };
        let topic = |n| {
            ["bytesIn", "bytesOut", "recordsIn", "recordsOut"]
                .map(|name| (format!("topic/{n:02}/{name}"), 0.0))
        };
        let all = (0..DEPLOYMENTS).flat_map(deployment).chain((0..TOPICS).flat_map(topic)).collect();
        Self { all, seed: 1 }
    }

    /// The next second's.
    fn next(&mut self) -> &[(String, f64)] {
        let seed = &mut self.seed;
        let mut noise = move || {
            // Knuth's generator for 64 bits: the same figures in every run.
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (*seed >> 33) as f64 / f64::from(1_u32 << 31)
        };
        for (number, (name, figure)) in self.all.iter_mut().enumerate() {
            let busy = (number / 7) % 5 != 0;
            *figure = match name.rsplit('/').next() {
                Some("cpu") if busy => (noise() * 4000.0).round() / 10.0,
                Some("memory") if busy => {
                    (*figure + ((noise() - 0.5) * 40.0).round() * 4096.0).clamp(30e6, 900e6)
                }
                Some("lag") if busy => (noise() * 500.0).floor(),
                Some("recordsIn" | "recordsOut") => (noise() * 100_000.0).round() / 100.0,
                Some("bytesIn" | "bytesOut") => (noise() * 1e6).round(),
                Some("replicas") => 1.0,
                _ => *figure,
            };
        }
        &self.all
    }
}

/// Bytes of memory that this process has.
fn resident() -> anyhow::Result<f64> {
    let pages: f64 = fs::read_to_string("/proc/self/statm")?.split(' ').nth(1).unwrap_or("0").parse()?;
    Ok(pages * 4096.0)
}
