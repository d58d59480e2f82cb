//! The process right above a program: arranges the sandbox, starts the program, reaps what is orphaned, and leaves
//! nothing behind.

use std::{
    fs,
    io::{self, Seek, Write},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    process::{Command, ExitCode, Stdio},
};

use rustix::{
    process::{
        Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, set_parent_process_death_signal, wait,
    },
    thread::set_no_new_privs,
};

use super::{Launch, Outcome};
use crate::sandbox;

/// Runs a program in its sandbox to its end.
pub(super) fn run(launch: Launch) -> io::Result<ExitCode> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // Opened now: the sandbox hides where it lies.
    let record =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&launch.outcome)?;
    let outcome = match start(&launch) {
        Ok(program) => reap(program)?,
        Err(error) => Outcome { error: Some(error.to_string()), ..Outcome::default() },
    };
    if !launch.sandbox.namespaces {
        kill_descendants();
    }
    write(record, &outcome)?;
    Ok(ExitCode::from(if outcome.code == Some(0) { 0 } else { 1 }))
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
        rustix::process::set_child_subreaper(Some(getpid()))?;
    }
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
    let child = command.spawn().map_err(with(&format!("starting '{program}'")))?;
    Ok(Pid::from_child(&child))
}

/// Waits for the program, and for every orphan that ends before it.
fn reap(program: Pid) -> io::Result<Outcome> {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == program => return Ok(outcome(status)),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn outcome(status: WaitStatus) -> Outcome {
    Outcome { code: status.exit_status(), signal: status.terminating_signal(), error: None }
}

/// Ends every process below this one, however deep and in whatever group.
fn kill_descendants() {
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
        if wait(WaitOptions::empty()).is_err() {
            return;
        }
    }
}
