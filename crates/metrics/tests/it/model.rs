//! What a store should answer, worked out the slow way, and a store that is treated badly beside it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use headwater_metrics::{Point, Range, Series, Store};

const MINUTE: i64 = 60;
/// Further back than this, answers are by the minute.
const FINE: i64 = 3900;
const KEEP: i64 = 31 * 1440 * MINUTE;

type Figures = Vec<(String, f64)>;

/// A store and all that it was told.
pub(crate) struct Beside {
    folder: tempfile::TempDir,
    store: Option<Store>,
    told: Vec<(i64, Figures)>,
    newest: i64,
}

impl Beside {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Some(Store::open(folder.path(), 100).unwrap());
        Self { folder, store, told: Vec::new(), newest: i64::MIN }
    }

    pub(crate) fn append(&mut self, second: i64, figures: Figures) {
        self.store.as_ref().unwrap().append(second * 1000 + 499, &figures).unwrap();
        self.told.push((second, figures));
        self.newest = second;
    }

    pub(crate) fn forget(&mut self, name: &str) {
        self.store.as_ref().unwrap().retain(|other| other != name).unwrap();
        self.told.iter_mut().for_each(|(_, figures)| figures.retain(|(other, _)| other != name));
    }

    /// Ends without a word and starts anew, after `harm` was done to the folder.
    pub(crate) fn restart(&mut self, harm: impl FnOnce(&Path)) {
        self.store = None;
        harm(self.folder.path());
        self.store = Some(Store::open(self.folder.path(), 100).unwrap());
    }

    /// Ends and starts anew without some of the last bytes that were written of seconds.
    pub(crate) fn tear_seconds(&mut self, bytes: usize) {
        if self.told.is_empty() {
            return;
        }
        let mut torn = false;
        self.restart(|folder| torn = tear(&journal(&folder.join("seconds")).unwrap(), bytes));
        if torn {
            self.told.pop();
        }
        // What was newest may be lost with it, and is again with the next figures.
        self.append(self.newest + 1, vec![("after".to_owned(), 1.0)]);
    }

    /// The same of minutes that can be made of seconds again.
    pub(crate) fn tear_minutes(&mut self, bytes: usize) {
        self.restart(|folder| {
            let start = |path: &Path| path.file_stem().unwrap().to_str().unwrap().parse::<i64>().unwrap();
            let seconds = journal(&folder.join("seconds")).map(|path| start(&path));
            let minutes = journal(&folder.join("minutes"));
            if let (Some(seconds), Some(minutes)) = (seconds, minutes)
                && last_frame(&fs::read(&minutes).unwrap()).is_some_and(|(_, slot)| slot * MINUTE >= seconds)
            {
                tear(&minutes, bytes);
            }
        });
    }

    /// Asks both; the times are in seconds before the newest.
    pub(crate) fn compare(&self, back: i64, seconds: i64, points: usize) {
        if self.newest == i64::MIN {
            return;
        }
        let from = self.newest - back;
        let range = Range { from_ms: from * 1000, to_ms: (from + seconds) * 1000 };
        let answer = self.store.as_ref().unwrap().query("", range, points);
        let now = self.newest;
        let from = from.max(now - KEEP);
        let to = (self.newest - back + seconds).min(now + 1).max(from);
        let step = answer.step_seconds;
        assert!((to - from) / step < points as i64, "{step} s are too many points");
        let span = from.div_euclid(step) * step..(to + step - 1).div_euclid(step) * step;
        let expected: Vec<Series> = self
            .figures()
            .into_iter()
            .map(|(name, figures)| {
                let cells: BTreeMap<i64, (f32, f32, f32)> = match from >= now - FINE {
                    true => figures.into_iter().map(|(second, n)| (second, (n, n, n))).collect(),
                    false => minutes(figures),
                };
                Series { name, points: points_of(cells.range(span.clone()), step) }
            })
            .filter(|series| !series.points.is_empty())
            .collect();
        let names = |all: &[Series]| all.iter().map(|s| (s.name.clone(), s.points.len())).collect::<Vec<_>>();
        assert_eq!(names(&answer.series), names(&expected), "step {step}, span {span:?}");
        for (found, expected) in answer.series.iter().zip(&expected) {
            for (found, expected) in found.points.iter().zip(&expected.points) {
                let near = (found.avg - expected.avg).abs() <= expected.avg.abs() * 2e-5;
                let same =
                    (found.time_ms, found.min, found.max) == (expected.time_ms, expected.min, expected.max);
                assert!(near && same, "{found:?} instead of {expected:?}, step {step}");
            }
        }
    }

    fn figures(&self) -> BTreeMap<String, BTreeMap<i64, f32>> {
        let mut all: BTreeMap<String, BTreeMap<i64, f32>> = BTreeMap::new();
        for (second, figures) in &self.told {
            for (name, figure) in figures {
                all.entry(name.clone()).or_default().insert(*second, *figure as f32);
            }
        }
        all
    }
}

fn minutes(figures: BTreeMap<i64, f32>) -> BTreeMap<i64, (f32, f32, f32)> {
    let minutes: BTreeSet<_> = figures.keys().map(|second| second.div_euclid(MINUTE) * MINUTE).collect();
    let of = |minute| {
        let all: Vec<f32> = figures.range(minute..minute + MINUTE).map(|(_, n)| *n).collect();
        (minute, least_average_greatest(all.iter().map(|n| (*n, *n, *n))))
    };
    minutes.into_iter().map(of).collect()
}

fn least_average_greatest(all: impl Iterator<Item = (f32, f32, f32)> + Clone) -> (f32, f32, f32) {
    let count = all.clone().count() as f64;
    let min = all.clone().map(|n| n.0).fold(f32::INFINITY, f32::min);
    let avg = all.clone().map(|n| f64::from(n.1)).sum::<f64>() / count;
    (min, avg as f32, all.map(|n| n.2).fold(f32::NEG_INFINITY, f32::max))
}

fn points_of<'a>(cells: impl Iterator<Item = (&'a i64, &'a (f32, f32, f32))>, step: i64) -> Vec<Point> {
    let mut buckets: BTreeMap<i64, Vec<(f32, f32, f32)>> = BTreeMap::new();
    for (second, cell) in cells {
        buckets.entry(second.div_euclid(step) * step).or_default().push(*cell);
    }
    let point = |(second, cells): (i64, Vec<_>)| {
        let (min, avg, max) = least_average_greatest(cells.iter().copied());
        Point { time_ms: second * 1000, min, avg, max }
    };
    buckets.into_iter().map(point).collect()
}

fn journal(folder: &Path) -> Option<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "journal")).max()
}

/// Cuts some of the last frame off; says whether there was one.
fn tear(path: &Path, bytes: usize) -> bool {
    let content = fs::read(path).unwrap();
    let Some((len, _)) = last_frame(&content) else { return false };
    let kept = content.len() - 1 - bytes % len;
    fs::write(path, &content[..kept]).unwrap();
    true
}

/// How long the last frame is, and the slot that it is of.
fn last_frame(mut content: &[u8]) -> Option<(usize, i64)> {
    let mut last = None;
    while let Some(header) = content.first_chunk::<16>() {
        let len = 8 + u32::from_le_bytes(*header.first_chunk().unwrap()) as usize;
        last = Some((len, i64::from_le_bytes(*header.last_chunk().unwrap())));
        content = &content[len..];
    }
    last
}
