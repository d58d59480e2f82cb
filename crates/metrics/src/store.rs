//! The store: both resolutions under one clock.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::atomic::{AtomicI64, Ordering},
};

use parking_lot::{Mutex, RwLock};

use crate::{
    Point, Result,
    head::Cell,
    level::{Level, Plan},
    names::Names,
    thin,
};

const MINUTE: i64 = 60;
/// An hour, and the time that a look at it takes.
const SECONDS: Plan = Plan { block: 300, merged: 300, keep: 3900 };
/// A month: two hours at a time, later put together by days.
const MINUTES: Plan = Plan { block: 120, merged: 1440, keep: 31 * 1440 };
/// A clock that has gone on for so many seconds without a jump is believed when it says that something is old.
const STEADY: i64 = 600;
/// The next figures of a clock that does not jump come within so many seconds.
const JUMP: i64 = 120;

/// Series of figures in a folder. One process at a time; all calls may wait for the disk.
pub struct Store {
    names: RwLock<Names>,
    seconds: Level<1>,
    minutes: Level<3>,
    /// Held while figures are written.
    clock: Mutex<Clock>,
    /// The second that was written last.
    newest: AtomicI64,
    max_series: usize,
}

#[derive(Default)]
struct Clock {
    last: Option<i64>,
    steady_since: i64,
}

/// What a second brought.
type Row = Vec<(u32, Cell<1>)>;

/// From when to when, in milliseconds since 1970 UTC.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// The first moment.
    pub from_ms: i64,
    /// The moment after the last.
    pub to_ms: i64,
}

/// Some series over some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Seconds from one point to the next.
    pub step_seconds: i64,
    /// The series that have points, by name.
    pub series: Vec<Series>,
}

/// A series over some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// What it was, in order; gaps have no points.
    pub points: Vec<Point>,
}

/// What a store takes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Series.
    pub series: usize,
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// Bytes of figures in memory.
    pub memory_bytes: usize,
}

impl Store {
    /// Opens or makes a store. New series are not taken while there are `max_series`.
    pub fn open(folder: impl Into<PathBuf>, max_series: usize) -> Result<Self> {
        let folder = folder.into();
        let (seconds, last) = Level::open(folder.join("seconds"), SECONDS)?;
        let (minutes, _) = Level::open(folder.join("minutes"), MINUTES)?;
        let mut names = Names::open(folder.join("names"))?;
        // The names file may have lost more to a power cut than the others.
        names.reserve(seconds.ids()?.into_iter().chain(minutes.ids()?).max().map_or(0, |id| id + 1));
        let newest = last.or(seconds.end().map(|end| end - 1)).unwrap_or(i64::MIN);
        let store = Self {
            names: RwLock::new(names),
            seconds,
            minutes,
            clock: Mutex::new(Clock { last, ..Clock::default() }),
            newest: AtomicI64::new(newest),
            max_series,
        };
        store.roll_all()?;
        Ok(store)
    }

    /// Writes the figures of the second of `at_ms`, each under its series' name; those of the same second before are
    /// written over. Says how many were refused because there are too many series.
    pub fn append(&self, at_ms: i64, figures: &[(String, f64)]) -> Result<usize> {
        let second = at_ms.div_euclid(1000);
        let mut clock = self.clock.lock();
        let (cells, refused) = self.cells(figures)?;
        if let Some(last) = clock.last.filter(|last| minute(*last) != minute(second)) {
            self.roll(minute(last))?;
            if block(last) != block(second) {
                // Once seconds are a block, minutes are not made of them again.
                self.names.read().sync()?;
                self.minutes.sync()?;
            }
        }
        let steady = clock.last.is_some_and(|last| (last..=last + JUMP).contains(&second));
        if !steady {
            clock.steady_since = second;
        }
        let turned = !cells.is_empty() && self.seconds.put(second, &cells)?;
        clock.last = Some(second);
        self.newest.store(second, Ordering::Relaxed);
        if turned && second - clock.steady_since >= STEADY {
            self.tidy(second)?;
        }
        Ok(refused)
    }

    /// Forgets the series whose names are not kept. Their figures are no longer found, and leave the disk with the blocks
    /// that they are in.
    pub fn retain(&self, keep: impl Fn(&str) -> bool) -> Result<()> {
        let mut names = self.names.write();
        if !names.retain(|name, _| keep(name))? {
            return Ok(());
        }
        let kept: HashSet<_> = names.all().collect();
        if let Some(head) = &mut self.seconds.state.write().head {
            head.retain(|id| kept.contains(&id));
        }
        if let Some(head) = &mut self.minutes.state.write().head {
            head.retain(|id| kept.contains(&id));
        }
        Ok(())
    }

    /// The series whose names begin with `prefix`, with at most `points` points each: at one second when the range lies
    /// within the last hour, else at one minute, or as much coarser as it takes.
    pub fn query(&self, prefix: &str, range: Range, points: usize) -> Answer {
        let newest = self.newest.load(Ordering::Relaxed);
        let from = range.from_ms.div_euclid(1000).max(newest.saturating_sub(MINUTES.keep * MINUTE));
        let to = div_ceil(range.to_ms, 1000).min(newest.saturating_add(1)).max(from);
        let fine = from >= newest.saturating_sub(SECONDS.keep);
        let step = thin::step(to - from, points, if fine { 1 } else { MINUTE });
        let (from, to) = (from.div_euclid(step) * step, div_ceil(to, step) * step);
        let names = self.names.read().starting_with(prefix);
        let ids: Vec<_> = names.iter().map(|(_, id)| *id).collect();
        let series = match fine {
            true => {
                let view = self.seconds.view(&ids, from..to);
                let points = |id| thin::thin(from, &view.cells(id), 1, step);
                collect(names, points)
            }
            false => {
                let span = minute(from)..minute(to);
                let view = self.minutes.view(&ids, span.clone());
                let points = |id| {
                    let mut cells = view.cells(id);
                    self.overlay_present(id, span.start, &mut cells);
                    thin::thin(span.start, &cells, MINUTE, step)
                };
                collect(names, points)
            }
        };
        Answer { step_seconds: step, series }
    }

    /// What it takes up.
    pub fn size(&self) -> Size {
        let names = self.names.read();
        Size {
            series: names.len(),
            disk_bytes: self.seconds.bytes() + self.minutes.bytes() + names.bytes(),
            memory_bytes: self.seconds.memory() + self.minutes.memory(),
        }
    }

    /// The figures under the series' numbers, and how many were refused.
    fn cells(&self, figures: &[(String, f64)]) -> Result<(Row, usize)> {
        let (mut cells, mut fresh) = (Vec::with_capacity(figures.len()), Vec::new());
        let names = self.names.read();
        for (name, figure) in figures {
            let figure = *figure as f32;
            match names.get(name) {
                _ if !figure.is_finite() => {}
                Some(id) => cells.push((id, [figure])),
                None => fresh.push((name, figure)),
            }
        }
        drop(names);
        if fresh.is_empty() {
            return Ok((cells, 0));
        }
        let mut names = self.names.write();
        let taken = self.max_series.saturating_sub(names.len()).min(fresh.len());
        for (name, figure) in &fresh[..taken] {
            cells.push((names.add(name)?, [*figure]));
        }
        Ok((cells, fresh.len() - taken))
    }

    /// Makes the cells of a minute of those of its seconds.
    fn roll(&self, minute: i64) -> Result<()> {
        let rows = {
            let state = self.seconds.state.read();
            let Some(head) = &state.head else { return Ok(()) };
            head.summaries(minute * MINUTE, MINUTE as usize)
        };
        if !rows.is_empty() {
            self.minutes.put(minute, &rows)?;
        }
        Ok(())
    }

    /// Makes the minutes of all seconds that are in memory: the last before a crash may be missing.
    fn roll_all(&self) -> Result<()> {
        let Some((start, slots)) =
            self.seconds.state.read().head.as_ref().map(|head| (head.start, head.slots))
        else {
            return Ok(());
        };
        let last = self.clock.lock().last.map(minute);
        for minute in minute(start)..minute(start + slots as i64) {
            if last.is_none_or(|last| minute != last) {
                self.roll(minute)?;
            }
        }
        Ok(())
    }

    /// Writes the minute that is not over into `cells`, of which the first is that of `from`.
    fn overlay_present(&self, id: u32, from: i64, cells: &mut [[f32; 3]]) {
        let present = minute(self.newest.load(Ordering::Relaxed));
        let Some(place) = usize::try_from(present - from).ok().and_then(|at| cells.get_mut(at)) else {
            return;
        };
        let state = self.seconds.state.read();
        let summary =
            state.head.as_ref().and_then(|head| head.summary(id, present * MINUTE, MINUTE as usize));
        if let Some(summary) = summary {
            *place = summary;
        }
    }

    /// Removes what is too old, puts blocks together, and forgets series of which nothing is left.
    fn tidy(&self, second: i64) -> Result<()> {
        self.seconds.expire(second);
        self.minutes.expire(minute(second));
        let named: HashSet<_> = self.names.read().all().collect();
        self.minutes.merge(minute(second), |id| named.contains(&id))?;
        let mut left = self.seconds.ids()?;
        left.extend(self.minutes.ids()?);
        self.names.write().retain(|_, id| left.contains(&id))?;
        Ok(())
    }
}

fn collect(names: Vec<(String, u32)>, points: impl Fn(u32) -> Vec<Point>) -> Vec<Series> {
    let series = names.into_iter().map(|(name, id)| Series { name, points: points(id) });
    series.filter(|series| !series.points.is_empty()).collect()
}

fn minute(second: i64) -> i64 {
    second.div_euclid(MINUTE)
}

fn block(second: i64) -> i64 {
    second.div_euclid(SECONDS.block)
}

/// Division that rounds up.
fn div_ceil(number: i64, by: i64) -> i64 {
    number.div_euclid(by) + i64::from(number.rem_euclid(by) != 0)
}
