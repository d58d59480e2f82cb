//! The control group of one program.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use super::{
    Asked,
    mounts::{Controller, Own, Place, Version},
};

/// Time in which a share of CPU is given, in microseconds: the kernel's default. A shorter one costs more switches, a
/// longer one makes for longer stops.
const PERIOD: u64 = 100_000;
/// Shortest run in a period that the kernel takes, in microseconds.
const SHORTEST: u64 = 1_000;
/// Memory is charged in pieces, so a limit counts as reached but for one part in so many.
const NEARLY: u64 = 64;
/// Processes that were ended are gone sooner than this.
const GONE: Duration = Duration::from_secs(5);
/// Time between two looks for processes that are being ended.
const GLANCE: Duration = Duration::from_millis(2);

/// Where a program is held, by what holds it there. Empty where no control group can be written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group(pub(super) BTreeMap<Controller, Place>);

/// CPU time used so far, at a moment, and memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) at: Timestamp,
    pub(crate) cpu: Duration,
    pub(crate) memory: u64,
}

/// What befell the processes of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Incidents {
    /// Processes that were ended because memory ran out.
    pub(crate) out_of_memory: u64,
    /// Whether it was the group's own limit that was reached.
    pub(crate) by_own_limit: bool,
    /// Processes that could not be started because there were too many.
    pub(crate) forks_refused: u64,
}

/// A way into a group and back out, opened while it can be seen.
pub(crate) struct Gate {
    inside: Vec<File>,
    outside: Vec<File>,
}

impl Gate {
    /// Does `work` inside. What it starts stays there.
    pub(crate) fn pass<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let entered = self.inside.iter().try_for_each(enter);
        let done = entered.and_then(|()| work());
        for group in &self.outside {
            // Only counted in the group then, and ended with it.
            let _ = enter(group);
        }
        done
    }
}

/// Moves this process, which has one thread.
fn enter(mut group: &File) -> io::Result<()> {
    group.write_all(b"0")
}

impl Group {
    pub(super) fn place(&self, controller: Controller) -> Option<&Place> {
        self.0.get(&controller)
    }

    pub(super) fn holds(&self, controller: Controller) -> bool {
        self.0.contains_key(&controller)
    }

    /// Whether the kernel ends all of it when its memory runs out, and not only the largest process.
    pub(crate) fn ends_whole(&self) -> bool {
        self.place(Controller::Memory).is_some_and(|place| place.version == Version::Two)
    }

    /// Whether its memory is held.
    pub(crate) fn holds_memory(&self) -> bool {
        self.holds(Controller::Memory)
    }

    /// Makes it, empty, and sets what is asked.
    pub(super) fn make(&self, asked: &Asked) -> io::Result<()> {
        self.remove()?;
        for place in self.places() {
            fs::create_dir(&place.folder)?;
        }
        let set = |controller| self.place(controller).map_or(Ok(()), |place| limit(controller, place, asked));
        Controller::ALL.into_iter().try_for_each(set)
    }

    /// Opens the way in for this process.
    pub(crate) fn gate(&self) -> io::Result<Gate> {
        let open = |folder: &Path| OpenOptions::new().write(true).open(folder.join("cgroup.procs"));
        let own = Own::read()?;
        let (mut inside, mut outside, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (controller, place) in &self.0 {
            let home = match place.version {
                Version::One => own.by_controller.get(controller),
                Version::Two => own.unified.as_ref(),
            };
            if seen.insert(place) {
                inside.push(open(&place.folder)?);
                outside.extend(home.map(|home| open(home)).transpose()?);
            }
        }
        Ok(Gate { inside, outside })
    }

    /// What it uses; nothing where control groups do not count it.
    pub(crate) fn reading(&self) -> Option<Reading> {
        let memory = self.place(Controller::Memory)?;
        let (used, cached) = match memory.version {
            Version::Two => ("memory.current", "inactive_file"),
            Version::One => ("memory.usage_in_bytes", "total_inactive_file"),
        };
        // Files that the kernel keeps at hand and gives up at once when memory gets short are not the program's.
        let cached = field(&memory.folder, "memory.stat", cached).unwrap_or(0);
        let used = read(&memory.folder, used)?.saturating_sub(cached);
        let cpu = match self.place(Controller::Cpuacct) {
            Some(place) => Duration::from_nanos(read(&place.folder, "cpuacct.usage")?),
            None => {
                let unified = self.0.values().find(|place| place.version == Version::Two)?;
                Duration::from_micros(field(&unified.folder, "cpu.stat", "usage_usec")?)
            }
        };
        Some(Reading { at: Timestamp::now(), cpu, memory: used })
    }

    /// What befell it so far.
    pub(crate) fn incidents(&self) -> Incidents {
        let mut incidents = Incidents::default();
        if let Some(Place { version, folder }) = self.place(Controller::Memory) {
            let of = |name: &str, key: &str| field(folder, name, key).unwrap_or(0);
            let file = if *version == Version::Two { "memory.events" } else { "memory.oom_control" };
            incidents.out_of_memory = of(file, "oom_kill");
            incidents.by_own_limit = match version {
                Version::Two => of("memory.events", "oom") > 0,
                // How often the limit was met (`memory.failcnt`) is not counted by every kernel.
                Version::One => ["memory", "memory.memsw"].iter().any(|kind| {
                    let of = |name: &str| read(folder, &format!("{kind}.{name}"));
                    let most = of("max_usage_in_bytes").zip(of("limit_in_bytes"));
                    most.is_some_and(|(most, limit)| most >= limit - limit / NEARLY)
                }),
            };
        }
        if let Some(place) = self.place(Controller::Pids) {
            incidents.forks_refused = field(&place.folder, "pids.events", "max").unwrap_or(0);
        }
        incidents
    }

    /// Ends all that is in it, however it was started.
    pub(crate) fn kill(&self) {
        let places = self.places();
        let mut unified = places.iter().filter(|place| place.version == Version::Two);
        if unified.any(|place| write(&place.folder, "cgroup.kill", 1).is_ok()) {
            return;
        }
        let deadline = Instant::now() + GONE;
        loop {
            // What stands still starts nothing anew while the list is gone through.
            let frozen = self.place(Controller::Freezer).map(|place| place.folder.join("freezer.state"));
            if let Some(state) = &frozen {
                let _ = fs::write(state, "FROZEN");
            }
            let members: BTreeSet<i32> = places.iter().flat_map(|place| members(&place.folder)).collect();
            for pid in members.iter().filter_map(|pid| Pid::from_raw(*pid)) {
                let _ = kill_process(pid, Signal::KILL);
            }
            if let Some(state) = &frozen {
                let _ = fs::write(state, "THAWED");
            }
            if members.is_empty() || Instant::now() > deadline {
                return;
            }
            sleep(GLANCE);
        }
    }

    /// Ends all that is in it and removes it; one that is not there is removed already. This blocks.
    pub(crate) fn remove(&self) -> io::Result<()> {
        let deadline = Instant::now() + GONE;
        for place in self.places() {
            loop {
                match fs::remove_dir(&place.folder) {
                    Ok(()) => break,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                    Err(error) if error.kind() != io::ErrorKind::ResourceBusy => return Err(error),
                    Err(error) if Instant::now() > deadline => return Err(error),
                    Err(_) => self.kill(),
                }
                sleep(GLANCE);
            }
        }
        Ok(())
    }

    /// Its folders, each once.
    fn places(&self) -> BTreeSet<&Place> {
        self.0.values().collect()
    }
}

/// Sets what one controller holds.
fn limit(controller: Controller, Place { version, folder }: &Place, asked: &Asked) -> io::Result<()> {
    let quota = (u64::from(asked.cpu_millicores) * PERIOD / 1_000).max(SHORTEST);
    match (controller, version) {
        (Controller::Cpu, Version::Two) => write(folder, "cpu.max", format!("{quota} {PERIOD}")),
        (Controller::Cpu, Version::One) => {
            write(folder, "cpu.cfs_period_us", PERIOD)?;
            write(folder, "cpu.cfs_quota_us", quota)
        }
        (Controller::Memory, Version::Two) => {
            write(folder, "memory.max", asked.memory_bytes)?;
            // A half of a program that lost one of its processes seldom works.
            unless_missing(write(folder, "memory.oom.group", 1))?;
            unless_missing(write(folder, "memory.swap.max", 0))
        }
        (Controller::Memory, Version::One) => {
            write(folder, "memory.limit_in_bytes", asked.memory_bytes)?;
            match write(folder, "memory.memsw.limit_in_bytes", asked.memory_bytes) {
                // The kernel does not count swap; then none is used.
                Err(error) if missing(&error) => unless_missing(write(folder, "memory.swappiness", 0)),
                other => other,
            }
        }
        (Controller::Pids, _) => write(folder, "pids.max", asked.processes),
        (Controller::Cpuacct | Controller::Freezer, _) => Ok(()),
    }
}

fn write(folder: &Path, name: &str, value: impl ToString) -> io::Result<()> {
    OpenOptions::new().write(true).open(folder.join(name))?.write_all(value.to_string().as_bytes())
}

fn missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::Unsupported)
}

fn unless_missing(written: io::Result<()>) -> io::Result<()> {
    written.or_else(|error| if missing(&error) { Ok(()) } else { Err(error) })
}

fn read(folder: &Path, name: &str) -> Option<u64> {
    fs::read_to_string(folder.join(name)).ok()?.trim().parse().ok()
}

/// A figure of a file with lines `KEY VALUE`.
fn field(folder: &Path, name: &str, key: &str) -> Option<u64> {
    let text = fs::read_to_string(folder.join(name)).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))?;
    line.trim().parse().ok()
}

fn members(folder: &Path) -> Vec<i32> {
    let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    text.lines().filter_map(|pid| pid.parse().ok()).collect()
}
