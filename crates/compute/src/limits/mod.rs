//! What a program may use: CPU, memory and processes by control groups (cgroups(7), version 1, 2 or both), open files
//! by a resource limit of each process. Where no control group can be written, resource limits hold what they can.
//!
//! Only the program and what it starts are in its group. Whoever watches it is not, so that running out of memory never
//! ends the watcher.

mod group;
mod groups;
mod in_force;
mod mounts;
mod rlimits;

use std::io;

use serde::{Deserialize, Serialize};

pub(crate) use group::{Group, Incidents, Reading};
pub(crate) use groups::Groups;

/// Processes and threads that a program may have on any machine. A service with all its thread pools has a few hundred;
/// a fork bomb of this size does no harm.
const PROCESSES: u64 = 512;
/// Further ones for each core: runtimes and numeric libraries make a thread for each core they see, in each process.
const PROCESSES_PER_CORE: u64 = 64;
/// Files and sockets that a process may have open, unless the platform itself may have fewer. Brokers and web servers
/// ask for this many; more only costs kernel memory.
const OPEN_FILES: u64 = 65_536;

/// Memory of a step of a build. Compiling a large native extension takes two to three GiB.
const BUILD_MEMORY: u64 = 4 << 30;
/// Processes and threads of a step of a build: a compiler for each core, each with threads of its own.
const BUILD_PROCESSES: u64 = 1_024;
/// CPU that the steps of a build leave to the rest of the machine, in thousandths of a core.
const BUILD_LEAVES: u32 = 250;

/// What a program may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) cpu_millicores: u32,
    pub(crate) memory_bytes: u64,
    pub(crate) processes: u64,
    pub(crate) open_files: u64,
}

impl Asked {
    /// Of a replica.
    pub(crate) fn of_replica(cpu_millicores: u32, memory_in_mb: u32) -> Self {
        Self {
            cpu_millicores,
            memory_bytes: u64::from(memory_in_mb) << 20,
            processes: PROCESSES + PROCESSES_PER_CORE * u64::from(cores()),
            open_files: rlimits::open_files(OPEN_FILES),
        }
    }

    /// Of a step of a build.
    pub(crate) fn of_build() -> Self {
        Self {
            cpu_millicores: (cores() * 1_000).saturating_sub(BUILD_LEAVES),
            memory_bytes: BUILD_MEMORY,
            processes: BUILD_PROCESSES,
            open_files: rlimits::open_files(OPEN_FILES),
        }
    }

    /// In words: `256 MB`.
    fn memory(&self) -> String {
        format!("{} MB", self.memory_bytes >> 20)
    }
}

fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32)
}

/// A program's limits, and what holds it to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) asked: Asked,
    pub(crate) group: Group,
    /// User id of the program, when it has one of its own.
    pub(crate) uid: Option<u32>,
}

impl Held {
    /// Holds this process and its children to what no control group does.
    pub(crate) fn limit_this_process(&self) -> io::Result<()> {
        rlimits::set(self)
    }

    /// How the program ran out of memory, in words, if the kernel has ended any of it for that.
    pub(crate) fn out_of_memory(&self, incidents: Incidents) -> Option<String> {
        (incidents.out_of_memory > 0).then(|| match incidents.by_own_limit {
            true => self.used_more(),
            false => {
                "out of memory: the machine, or the container that the platform runs in, has none left".into()
            }
        })
    }

    /// That the program has used more memory than it may, in words.
    pub(crate) fn used_more(&self) -> String {
        format!("out of memory: it used more than its {}", self.asked.memory())
    }
}
