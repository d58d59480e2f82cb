//! One command of a build, in a sandbox, with its output in the build log.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{io::AsyncReadExt, process::Command, time::timeout};

use super::report::{Report, lines};
use crate::{
    Error, Result,
    limits::{Asked, Group, Groups, Held},
    sandbox::Sandbox,
    supervisor::{Launch, WORD},
};

/// Nothing that a build does takes longer.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// A command of a build.
pub(super) struct Step<'a> {
    pub(super) command: Vec<String>,
    pub(super) folder: &'a Path,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) sandbox: Sandbox,
    pub(super) groups: &'a Groups,
    /// A file of ours that the step may leave its outcome in.
    pub(super) outcome: PathBuf,
}

/// Ends everything that a step started, should it be dropped half way.
struct Processes(Option<Pid>);

impl Drop for Processes {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// The control group of a step, which goes with it.
struct Hold(Group);

impl Drop for Hold {
    fn drop(&mut self) {
        let group = std::mem::take(&mut self.0);
        // What is left in it may take a moment to end.
        std::thread::spawn(move || {
            group
                .remove()
                .inspect_err(|error| tracing::warn!(%error, "removing the control group of a build"))
        });
    }
}

impl Step<'_> {
    /// Runs it; whether it succeeded.
    pub(super) async fn run(self, report: &Report) -> Result<bool> {
        let asked = Asked::of_build();
        let group = self.groups.make(&format!("build-{}", uuid::Uuid::new_v4()), &asked);
        let group = group.map_err(Error::io("making the control group of a build"))?;
        let held = Held { asked, group: group.clone(), uid: self.sandbox.uid };
        let _hold = Hold(group);
        let launch = Launch {
            sandbox: self.sandbox,
            held,
            command: self.command,
            folder: self.folder.to_owned(),
            variables: self.variables,
            own_group: false,
            outcome: self.outcome,
        };
        match timeout(LIMIT, run(&launch, report)).await {
            Ok(outcome) => {
                let well = outcome.map_err(Error::io("running a step of the build"))?;
                let short = launch.held.out_of_memory(launch.held.group.incidents());
                short.filter(|_| !well).map_or(Ok(well), |reason| Err(Error::Build(reason)))
            }
            Err(_) => {
                Err(Error::Build(format!("the build took longer than {} minutes", LIMIT.as_secs() / 60)))
            }
        }
    }
}

async fn run(launch: &Launch, report: &Report) -> io::Result<bool> {
    let (input, mut task) = io::pipe()?;
    let mut command = Command::new("/proc/self/exe");
    command
        .args([WORD, "step"])
        .arg(std::process::id().to_string())
        .env_clear()
        .process_group(0)
        .kill_on_drop(true);
    command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let processes = Processes(child.id().and_then(|pid| Pid::from_raw(pid as i32)));
    drop(command);
    let text = serde_json::to_vec(launch)?;
    tokio::task::spawn_blocking(move || task.write_all(&text)).await.map_err(io::Error::other)??;

    let (mut out_lines, mut err_lines) = lines();
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    let (mut out_bytes, mut err_bytes) = (vec![0_u8; 16 * 1024], vec![0_u8; 16 * 1024]);
    while out.is_some() || err.is_some() {
        tokio::select! {
            read = async { out.as_mut().expect("guarded").read(&mut out_bytes).await }, if out.is_some() => {
                let n = read?;
                report.output(&mut out_lines, &out_bytes[..n]);
                if n == 0 { out = None; }
            }
            read = async { err.as_mut().expect("guarded").read(&mut err_bytes).await }, if err.is_some() => {
                let n = read?;
                report.output(&mut err_lines, &err_bytes[..n]);
                if n == 0 { err = None; }
            }
        }
    }
    let status = child.wait().await?;
    drop(processes);
    Ok(status.success())
}
