//! A command of a build: runs in a sandbox, its output goes to the platform, and it ends with the platform.

use std::{
    io,
    process::{ExitCode, Stdio},
};

use rustix::process::{Signal, set_parent_process_death_signal};

use super::Launch;

pub(super) fn run(launch: Launch) -> io::Result<ExitCode> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let mut init = super::launch(&launch, Stdio::inherit)?;
    let status = init.wait()?;
    Ok(ExitCode::from(if status.success() { 0 } else { 1 }))
}
