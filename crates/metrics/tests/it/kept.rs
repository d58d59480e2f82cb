//! How long figures are kept, and what bad clocks, bad disks and too many series do.

use std::{fs, path::Path};

use headwater_metrics::{Range, Store};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const START: i64 = 1_800_000_000;

fn figures(second: i64) -> Vec<(String, f64)> {
    vec![("up".to_owned(), second as f64 % 1000.0), ("flat".to_owned(), 7.0)]
}

/// Figures every half minute.
fn run(store: &Store, seconds: std::ops::Range<i64>) {
    for second in seconds.step_by(30) {
        store.append(second * 1000, &figures(second)).unwrap();
    }
}

fn all() -> Range {
    Range { from_ms: 0, to_ms: i64::MAX }
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// Seconds between the first and the last point of a series.
fn span(store: &Store, range: Range) -> i64 {
    let answer = store.query("up", range, 2000);
    let points = &answer.series[0].points;
    (points[points.len() - 1].time_ms - points[0].time_ms) / 1000
}

#[test]
fn an_hour_of_seconds_and_a_month_of_minutes_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), 10).unwrap();
    // Quarter of an hour of every two, as if the machine slept in between.
    let run_days = |from: i64, to: i64| {
        for block in (START + from * DAY..START + to * DAY).step_by(2 * HOUR as usize) {
            run(&store, block..block + HOUR / 4 + 60);
        }
    };
    run_days(0, 32);
    let size = store.size();
    run_days(32, 45);
    let grown = store.size();
    assert!(grown.disk_bytes < size.disk_bytes * 11 / 10, "{size:?} and then {grown:?}");
    assert!(grown.memory_bytes <= size.memory_bytes, "{size:?} and then {grown:?}");
    // A month and the days that it touches, today's blocks and the journal.
    assert!(files(&folder.path().join("minutes")) <= 33 + 12 + 1);
    assert!(files(&folder.path().join("seconds")) <= 14 + 1);
    let month = span(&store, all());
    assert!(month >= 31 * DAY - 3 * HOUR, "{month} s of minutes");
    let now = START + 45 * DAY + HOUR;
    run(&store, START + 45 * DAY..now + 1);
    let hour = Range { from_ms: (now - HOUR) * 1000, to_ms: (now + 1) * 1000 };
    let answer = store.query("up", hour, 2000);
    assert_eq!((answer.step_seconds, answer.series[0].points.len()), (2, 121));
    assert_eq!(span(&store, hour), HOUR);
    let month = span(&store, all());
    drop(store);
    let store = Store::open(folder.path(), 10).unwrap();
    assert_eq!((span(&store, all()), span(&store, hour)), (month, HOUR));
}

#[test]
fn a_clock_that_is_wrong_for_a_while_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), 10).unwrap();
    run(&store, START..START + 3 * HOUR);
    let before = store.query("", all(), 2000).series;
    // A machine without a battery begins in 1970; another's clock is years ahead.
    run(&store, 1000..1300);
    run(&store, START + 4000 * DAY..START + 4000 * DAY + 300);
    drop(store);
    let store = Store::open(folder.path(), 10).unwrap();
    run(&store, START + 3 * HOUR..START + 4 * HOUR);
    let to_ms = (START + 3 * HOUR) * 1000;
    let after = store.query("", Range { from_ms: 0, to_ms }, 2000).series;
    let points = |all: &[headwater_metrics::Series]| all.iter().map(|s| s.points.len()).sum::<usize>();
    assert!(points(&after) + 4 >= points(&before), "{} of {}", points(&after), points(&before));
}

#[test]
fn a_damaged_block_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), 10).unwrap();
    run(&store, START..START + 1200);
    let range = Range { from_ms: START * 1000, to_ms: (START + 1200) * 1000 };
    let whole = store.query("", range, 2000);
    let blocks = fs::read_dir(folder.path().join("seconds")).unwrap().map(|entry| entry.unwrap().path());
    let blocks = blocks.filter(|path| path.extension().is_some_and(|extension| extension == "block"));
    let block = blocks.min().unwrap();
    let content = fs::read(&block).unwrap();
    for at in 0..content.len() {
        let mut harmed = content.clone();
        harmed[at] ^= 0x10;
        fs::write(&block, harmed).unwrap();
        let found = store.query("", range, 2000);
        for (found, whole) in found.series.iter().zip(&whole.series) {
            assert!(found.points.iter().all(|point| whole.points.contains(point)), "byte {at}");
            assert!(found.points.len() >= whole.points.len() - 10, "byte {at}");
        }
    }
    fs::write(&block, &content[..content.len() / 2]).unwrap();
    drop(store);
    let store = Store::open(folder.path(), 10).unwrap();
    let rest = store.query("flat", range, 2000).series[0].points.len();
    assert_eq!(rest, whole.series[0].points.len() - 10);
}

#[test]
fn there_are_so_many_series_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), 3).unwrap();
    let many = |n: i64| (0..n).map(|n| (format!("series/{n}"), n as f64)).collect::<Vec<_>>();
    assert_eq!(store.append(START * 1000, &many(5)).unwrap(), 2);
    assert_eq!(store.size().series, 3);
    store.retain(|name| name == "series/1").unwrap();
    assert_eq!(store.append(START * 1000 + 1000, &many(3)).unwrap(), 0);
    let answer = store.query("series/", all(), 100);
    let points = |name: &str| answer.series.iter().find(|series| series.name == name).unwrap().points.len();
    assert_eq!((points("series/0"), points("series/1")), (1, 1), "what was forgotten begins anew");
    assert_eq!(answer.series.len(), 3);
}

#[test]
fn what_is_no_number_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), 3).unwrap();
    for (second, figure) in [1.0, f64::NAN, f64::INFINITY, 1e300, 2.0].into_iter().enumerate() {
        store.append((START + second as i64) * 1000, &[("x".to_owned(), figure)]).unwrap();
    }
    let answer = store.query("x", Range { from_ms: START * 1000, to_ms: (START + 10) * 1000 }, 100);
    let points: Vec<_> =
        answer.series[0].points.iter().map(|point| (point.time_ms / 1000 - START, point.avg)).collect();
    assert_eq!(points, [(0, 1.0), (4, 2.0)]);
}

#[test]
fn an_empty_store_answers_with_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), 3).unwrap();
    for (from_ms, to_ms) in [(0, 1), (i64::MIN, i64::MAX), (5, -5)] {
        assert!(store.query("", Range { from_ms, to_ms }, 300).series.is_empty());
    }
}
