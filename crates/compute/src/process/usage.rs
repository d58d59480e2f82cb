//! What replicas use, from `/proc`.

use std::{collections::HashMap, fs};

use jiff::Timestamp;

use crate::Usage;

/// One process of a listing.
#[derive(Debug, Clone, Copy)]
struct Entry {
    parent: u32,
    ticks: u64,
    pages: u64,
}

/// All processes of the machine at one moment.
pub(super) struct Snapshot {
    at: Timestamp,
    children: HashMap<u32, Vec<u32>>,
    entries: HashMap<u32, Entry>,
}

/// CPU time of a replica at one moment, to compare the next with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    at: Timestamp,
    ticks: u64,
}

impl Snapshot {
    /// Lists all processes.
    pub(super) fn take() -> std::io::Result<Self> {
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
    pub(super) fn of(&self, supervisor: u32, before: Option<Reading>) -> (Usage, Reading) {
        let (mut ticks, mut pages) = (0, 0);
        let mut open = vec![supervisor];
        while let Some(pid) = open.pop() {
            open.extend(self.children.get(&pid).into_iter().flatten());
            if let Some(entry) = self.entries.get(&pid).filter(|_| pid != supervisor) {
                ticks += entry.ticks;
                pages += entry.pages;
            }
        }
        let reading = Reading { at: self.at, ticks };
        let cpu = before.map_or(0.0, |before| {
            let seconds = (self.at.as_microsecond() - before.at.as_microsecond()) as f64 / 1e6;
            let used =
                ticks.saturating_sub(before.ticks) as f64 / rustix::param::clock_ticks_per_second() as f64;
            if seconds > 0.0 { used / seconds * 1000.0 } else { 0.0 }
        });
        let memory = pages * rustix::param::page_size() as u64;
        (Usage { at: self.at, cpu_millicores: cpu, memory_bytes: memory }, reading)
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
