//! A process that is never taken for another: numbers are used again, the pair with the start time is not.

use std::{fs, io, os::fd::OwnedFd};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};
use tokio::io::unix::AsyncFd;

use crate::readable::readable;

/// A process of this boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessIdentity {
    pub(crate) pid: u32,
    /// Field 22 of `/proc/PID/stat`: clock ticks since boot (proc(5)).
    started: u64,
    boot: String,
}

impl ProcessIdentity {
    /// The process that has this number now.
    pub(crate) fn of(pid: u32) -> io::Result<Self> {
        Ok(Self { pid, started: started(pid)?, boot: boot()? })
    }

    /// Whether the machine has run on since.
    pub(crate) fn is_of_this_boot(&self) -> bool {
        boot().is_ok_and(|boot| boot == self.boot)
    }

    /// A handle on the process, unless it ended.
    pub(crate) fn open(&self) -> io::Result<Option<Handle>> {
        let Some(pid) = Pid::from_raw(self.pid as i32) else { return Ok(None) };
        let fd = match pidfd_open(pid, PidfdFlags::NONBLOCK) {
            Ok(fd) => fd,
            Err(rustix::io::Errno::SRCH) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // Compared after the handle was taken: from here on the number cannot be used again unseen.
        let same = boot()? == self.boot && started(self.pid).is_ok_and(|started| started == self.started);
        match same {
            true => Ok(Some(Handle(readable(fd)?))),
            false => Ok(None),
        }
    }
}

/// A handle on a living process, child or not.
pub(crate) struct Handle(AsyncFd<OwnedFd>);

impl Handle {
    /// Waits until the process has ended.
    pub(crate) async fn ended(&self) -> io::Result<()> {
        self.0.readable().await?.retain_ready();
        Ok(())
    }

    /// Sends a signal; a process that has ended takes none.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = pidfd_send_signal(self.0.get_ref(), signal);
    }
}

fn started(pid: u32) -> io::Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name before may hold blanks and brackets; field 22 is the 20th after it.
    let field = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(19));
    field.and_then(|text| text.parse().ok()).ok_or_else(|| io::Error::other("unreadable /proc entry"))
}

fn boot() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}
