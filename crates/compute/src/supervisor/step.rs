//! A command of a build: runs in a sandbox, its output goes to the platform, and it ends with the platform.

use std::{
    io,
    process::{ExitCode, Stdio},
};

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use super::{Launch, Outcome, life};
use crate::folder::read_record;

pub(super) fn run(launch: Launch, parent: u32) -> io::Result<ExitCode> {
    life::keep_orphans()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut parent_ended = signal(SignalKind::terminate())?;
        let mut child_ended = signal(SignalKind::child())?;
        life::follow(parent, Signal::TERM)?;
        let mut init = super::launch(&launch, Stdio::inherit)?;
        let status = loop {
            if let Some(status) = init.try_wait()? {
                break Some(status);
            }
            tokio::select! {
                _ = child_ended.recv() => {}
                _ = parent_ended.recv() => break None,
            }
        };
        launch.held.group.kill();
        life::end_descendants();
        if status.is_none() {
            // The platform is gone and removes nothing; what is left now is swept by the next one.
            let _ = launch.held.group.remove();
        }
        if let Ok(Some(Outcome { error: Some(error), .. })) = read_record(&launch.outcome) {
            // Into the build log, where the reason of a failure is looked for.
            eprintln!("error: {error}");
        }
        Ok(ExitCode::from(if status.is_some_and(|status| status.success()) { 0 } else { 1 }))
    })
}
