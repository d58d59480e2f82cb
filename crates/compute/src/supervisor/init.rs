//! The process right above a program: arranges the sandbox, starts the program, reaps what is orphaned, and leaves
//! nothing behind.

use std::{
    fs,
    io::{self, Seek, Write},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    process::{Command, ExitCode, Stdio},
};

use rustix::{
    process::{Pid, Signal, WaitOptions, WaitStatus, wait},
    thread::set_no_new_privs,
};
use tokio::signal::unix::{SignalKind, signal};

use super::{Launch, Outcome, life};
use crate::sandbox;

/// Runs a program in its sandbox to its end.
pub(super) fn run(launch: Launch, parent: u32) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut parent_ended = signal(SignalKind::terminate())?;
        let mut child_ended = signal(SignalKind::child())?;
        // The end of a namespace's first process takes everything along; otherwise this process has to do it.
        let last = if launch.sandbox.namespaces { Signal::KILL } else { Signal::TERM };
        life::follow(parent, last)?;
        // Opened now: the sandbox hides where it lies.
        let mut options = fs::OpenOptions::new();
        let record = options.write(true).create(true).truncate(true).mode(0o600).open(&launch.outcome)?;
        let outcome = match start(&launch) {
            Ok(program) => loop {
                if let Some(outcome) = reap(program)? {
                    break outcome;
                }
                tokio::select! {
                    _ = child_ended.recv() => {}
                    _ = parent_ended.recv() => {
                        break Outcome { signal: Some(Signal::KILL.as_raw()), ..Outcome::default() };
                    }
                }
            },
            Err(error) => Outcome { error: Some(error.to_string()), ..Outcome::default() },
        };
        life::end_descendants();
        write(record, &outcome)?;
        Ok(ExitCode::from(if outcome.code == Some(0) { 0 } else { 1 }))
    })
}

fn write(mut record: fs::File, outcome: &Outcome) -> io::Result<()> {
    record.rewind()?;
    record.write_all(&serde_json::to_vec(outcome)?)
}

/// Enters the sandbox and starts the program.
fn start(launch: &Launch) -> io::Result<Pid> {
    let sandbox = &launch.sandbox;
    let with = |what: &str| {
        let what = what.to_owned();
        move |error: io::Error| io::Error::other(format!("{what}: {error}"))
    };
    if !sandbox.namespaces {
        // Orphans come to this process, which ends them.
        life::keep_orphans()?;
    }
    let gate = launch.held.group.gate().map_err(with("opening the control group"))?;
    sandbox.enter().map_err(with("arranging the file system"))?;
    set_no_new_privs(true)?;
    sandbox::confine(sandbox).map_err(with("confining the program"))?;

    let (program, arguments) =
        launch.command.split_first().ok_or_else(|| io::Error::other("there is no command"))?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&launch.folder).stdin(Stdio::null());
    command.env_clear().envs(&launch.variables);
    if launch.own_group {
        command.process_group(0);
    }
    if let Some((uid, gid)) = sandbox.user() {
        // This drops all supplementary groups as well.
        command.uid(uid).gid(gid);
    }
    launch.held.limit_this_process().map_err(with("setting limits"))?;
    let child = gate.pass(|| command.spawn()).map_err(with(&format!("starting '{program}'")))?;
    Ok(Pid::from_child(&child))
}

/// Takes what has ended off the process table; how the program ended when it is among that.
fn reap(program: Pid) -> io::Result<Option<Outcome>> {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) if pid == program => return Ok(Some(outcome(status))),
            Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
            Ok(None) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

fn outcome(status: WaitStatus) -> Outcome {
    Outcome { code: status.exit_status(), signal: status.terminating_signal(), error: None }
}
