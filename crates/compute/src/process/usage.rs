//! What replicas use: as their control groups count it, otherwise from `/proc`.

use std::{collections::HashMap, fs, io, time::Duration};

use jiff::Timestamp;

use super::runtime::Watched;
use crate::{Usage, limits::Reading};

/// Reads what replicas use.
#[derive(Default)]
pub(super) struct Meter(Option<Snapshot>);

impl Meter {
    /// What everything of a replica uses; all processes are listed for the first that has no group of its own.
    pub(super) fn read(&mut self, watched: &Watched) -> io::Result<Reading> {
        if let Some(reading) = watched.held.as_ref().and_then(|held| held.group.reading()) {
            return Ok(reading);
        }
        let snapshot = match self.0.take() {
            Some(snapshot) => snapshot,
            None => Snapshot::take()?,
        };
        Ok(self.0.insert(snapshot).below(watched.supervisor))
    }
}

/// The use between two readings.
pub(super) fn usage(before: Option<Reading>, now: Reading) -> Usage {
    let cpu = before.map_or(0.0, |before| {
        let seconds = (now.at.as_microsecond() - before.at.as_microsecond()) as f64 / 1e6;
        let used = now.cpu.saturating_sub(before.cpu).as_secs_f64();
        if seconds > 0.0 { used / seconds * 1000.0 } else { 0.0 }
    });
    Usage { at: now.at, cpu_millicores: cpu, memory_bytes: now.memory }
}

/// One process of a listing.
#[derive(Debug, Clone, Copy)]
struct Entry {
    parent: u32,
    ticks: u64,
    pages: u64,
}

/// All processes of the machine at one moment.
struct Snapshot {
    at: Timestamp,
    children: HashMap<u32, Vec<u32>>,
    entries: HashMap<u32, Entry>,
}

impl Snapshot {
    /// Lists all processes.
    fn take() -> io::Result<Self> {
        let mut entries = HashMap::new();
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        for file in fs::read_dir("/proc")? {
            let name = file?.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            // A process may end while it is looked at.
            let Some(entry) =
                fs::read_to_string(format!("/proc/{pid}/stat")).ok().and_then(|text| parse(&text))
            else {
                continue;
            };
            children.entry(entry.parent).or_default().push(pid);
            entries.insert(pid, entry);
        }
        Ok(Self { at: Timestamp::now(), children, entries })
    }

    /// What everything below `supervisor` uses.
    fn below(&self, supervisor: u32) -> Reading {
        let (mut ticks, mut pages) = (0, 0);
        let mut open = vec![supervisor];
        while let Some(pid) = open.pop() {
            open.extend(self.children.get(&pid).into_iter().flatten());
            if let Some(entry) = self.entries.get(&pid).filter(|_| pid != supervisor) {
                ticks += entry.ticks;
                pages += entry.pages;
            }
        }
        let cpu = Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64);
        Reading { at: self.at, cpu, memory: pages * rustix::param::page_size() as u64 }
    }
}

/// Fields 4, 14–17 and 24 of `/proc/PID/stat` (proc(5)): the parent, CPU ticks with those of reaped children,
/// resident pages.
fn parse(stat: &str) -> Option<Entry> {
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let number = |at: usize| fields.get(at - 3).and_then(|text| text.parse::<u64>().ok());
    let ticks = (14..=17).map(number).sum::<Option<u64>>()?;
    Some(Entry { parent: number(4)? as u32, ticks, pages: number(24)? })
}
