//! Resource limits of processes (getrlimit(2)): open files, and what no control group holds.

use std::{fs, io};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::{Held, mounts::Controller};

/// Memory that one process may ask for beyond twice its limit before the kernel refuses. Stacks of threads count although
/// they are hardly touched, so the limit itself would stop programs that are well below it.
const ROOM: u64 = 512 << 20;
/// Processes of all of a workspace's replicas together, as the kernel counts a user's. That is room for several replicas.
const PROCESSES_OF_USER: u64 = 4_096;

/// So many open files, or as many as this process may have.
pub(super) fn open_files(wanted: u64) -> u64 {
    getrlimit(Resource::Nofile).maximum.map_or(wanted, |most| most.min(wanted))
}

/// Sets those of this process, which its children inherit.
pub(super) fn set(held: &Held) -> io::Result<()> {
    set_one(Resource::Nofile, held.asked.open_files)?;
    if !held.group.holds(Controller::Memory) {
        set_one(Resource::Data, data(held.asked.memory_bytes))?;
    }
    if !held.group.holds(Controller::Pids) && held.uid.is_some() {
        set_one(Resource::Nproc, PROCESSES_OF_USER)?;
    }
    Ok(())
}

fn set_one(resource: Resource, wanted: u64) -> io::Result<()> {
    let value = getrlimit(resource).maximum.map_or(wanted, |most| most.min(wanted));
    Ok(setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}

/// Most that one process may hold. Address space itself is no measure: runtimes reserve much more than they use.
fn data(memory: u64) -> u64 {
    memory * 2 + ROOM
}

/// Those of a process that are in force.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) open_files: Option<u64>,
    pub(super) data: Option<u64>,
    pub(super) processes: Option<u64>,
}

/// Reads those of a process.
pub(super) fn of(pid: u32) -> io::Result<Found> {
    Ok(parse(&fs::read_to_string(format!("/proc/{pid}/limits"))?))
}

/// A line a limit (proc(5)): `Max open files            1024                 524288               files`.
fn parse(text: &str) -> Found {
    let soft = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Found {
        open_files: soft("Max open files"),
        data: soft("Max data size"),
        processes: soft("Max processes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
            Max data size             unlimited            unlimited            bytes     \n\
            Max processes             96365                96365                processes \n\
            Max open files            20000                30000                files     \n";
        let found = Found { open_files: Some(20_000), data: None, processes: Some(96_365) };
        assert_eq!(parse(text), found);
        assert!(of(std::process::id()).unwrap().open_files.is_some());
    }
}
