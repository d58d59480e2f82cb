//! What the kernel holds a program to, read back.

use std::{fs, path::Path};

use super::{
    Held,
    group::Group,
    mounts::{Controller, Place, Version},
    rlimits,
};
use crate::{EnforcedBy, Limits};

/// Version 1 says "no limit" with the largest number of pages.
const UNLIMITED: u64 = 1 << 60;

impl Held {
    /// What is in force for the program `pid`.
    pub(crate) fn in_force(&self, pid: u32) -> Limits {
        let rlimits = rlimits::of(pid).unwrap_or_default();
        let group = &self.group;
        let memory = match group.place(Controller::Memory) {
            Some(place) => least(place, memory),
            None => rlimits.data,
        };
        let processes = match group.place(Controller::Pids) {
            Some(place) => least(place, |folder, _| number(folder, "pids.max")),
            None => rlimits.processes.filter(|_| self.uid.is_some()),
        };
        Limits {
            cpu_millicores: group
                .place(Controller::Cpu)
                .and_then(|place| least(place, cpu))
                .map(|cpu| cpu as u32),
            memory_bytes: memory,
            processes,
            open_files: rlimits.open_files,
            enforced_by: enforced_by(group),
            note: self.note(),
        }
    }

    /// What is not held as asked, for people.
    fn note(&self) -> Option<String> {
        let holds = |controller| self.group.holds(controller);
        let mut parts = Vec::new();
        if !holds(Controller::Memory) {
            parts.push(format!(
                "Memory is looked at once a second, and a replica that uses more than {} is ended.",
                self.asked.memory()
            ));
        }
        if !holds(Controller::Cpu) {
            parts.push("CPU is not limited.".to_owned());
        }
        match (holds(Controller::Pids), self.uid) {
            (true, _) => {}
            (false, Some(_)) => {
                parts.push("All replicas of the workspace share the number of processes.".to_owned())
            }
            (false, None) => parts.push("The number of processes is not limited.".to_owned()),
        }
        let why = "The platform may not make control groups for this on this machine.";
        (!parts.is_empty()).then(|| format!("{why} {}", parts.join(" ")))
    }
}

fn enforced_by(group: &Group) -> EnforcedBy {
    // On a machine with both, what holds the memory is named.
    let named = Controller::ALL.into_iter().filter(|controller| *controller != Controller::Memory);
    let place = [Controller::Memory].into_iter().chain(named).find_map(|controller| group.place(controller));
    match place.map(|place| place.version) {
        Some(Version::Two) => EnforcedBy::Cgroup2,
        Some(Version::One) => EnforcedBy::Cgroup1,
        None => EnforcedBy::Rlimit,
    }
}

/// The least that a group and those around it allow.
fn least(place: &Place, of: impl Fn(&Path, Version) -> Option<u64>) -> Option<u64> {
    let around = place.folder.ancestors().take_while(|folder| folder.join("cgroup.procs").exists());
    around.filter_map(|folder| of(folder, place.version)).min()
}

fn memory(folder: &Path, version: Version) -> Option<u64> {
    let name = if version == Version::Two { "memory.max" } else { "memory.limit_in_bytes" };
    number(folder, name).filter(|bytes| *bytes < UNLIMITED)
}

/// In thousandths of a core.
fn cpu(folder: &Path, version: Version) -> Option<u64> {
    let (quota, period) = match version {
        Version::Two => {
            let text = fs::read_to_string(folder.join("cpu.max")).ok()?;
            let (quota, period) = text.trim().split_once(' ')?;
            (quota.parse::<u64>().ok()?, period.parse::<u64>().ok()?)
        }
        Version::One => (number(folder, "cpu.cfs_quota_us")?, number(folder, "cpu.cfs_period_us")?),
    };
    (quota * 1_000).checked_div(period)
}

/// The number in a file; nothing for `max` and `-1`.
fn number(folder: &Path, name: &str) -> Option<u64> {
    fs::read_to_string(folder.join(name)).ok()?.trim().parse().ok()
}
