//! Lives that end together: what stands between the platform and a program ends with whoever started it, and takes
//! along what is below.

use std::{fs, io};

use rustix::process::{
    Pid, Signal, WaitOptions, getpid, kill_process, set_child_subreaper, set_parent_process_death_signal,
    wait,
};

/// Makes `signal` come when `parent`, the process that started this one, ends.
pub(super) fn follow(parent: u32, signal: Signal) -> io::Result<()> {
    set_parent_process_death_signal(Some(signal))?;
    // It does not come for a parent that has ended already. The number is the one that `/proc` shows: seen from the
    // first process of a namespace, the parent has none.
    let stat = fs::read_to_string("/proc/self/stat")?;
    let now = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
    match now == Some(parent) {
        true => Ok(()),
        false => Err(io::Error::other("whoever started this process has ended")),
    }
}

/// Makes orphans below this process its children, so that none gets away.
pub(super) fn keep_orphans() -> io::Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// Ends every process below this one, however deep and in whatever group or session.
pub(super) fn end_descendants() {
    let listing = format!("/proc/self/task/{}/children", getpid().as_raw_nonzero());
    loop {
        let children = fs::read_to_string(&listing).unwrap_or_default();
        let children: Vec<Pid> =
            children.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect();
        if children.is_empty() {
            return;
        }
        for child in children {
            // One that is gone already is what is wanted.
            let _ = kill_process(child, Signal::KILL);
        }
        // Its own children come to this process now.
        if wait(WaitOptions::empty()).is_err() {
            return;
        }
    }
}
