//! The processes that stand between the platform and user code. All are the platform's binary called again:
//!
//! ```text
//! platform ─▶ replica: keeps the output and the exit status; outlives the platform
//!                └─▶ init: arranges the sandbox, reaps what is orphaned, leaves nothing behind
//!                      └─▶ the program
//! platform ─▶ step: a command of a build; ends with the platform
//!                └─▶ init ─▶ the program
//! ```

mod init;
mod replica;
mod step;

use std::{
    collections::BTreeMap,
    io::{self, Read},
    path::PathBuf,
    process::{Child, Command, ExitCode, Stdio},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::sandbox::Sandbox;

pub(crate) use replica::{ENDED, Ended, RUNNING, Running, Task};

/// The word on the command line that makes this binary a supervisor.
pub(crate) const WORD: &str = "supervise";

/// A program in its sandbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Launch {
    pub(crate) sandbox: Sandbox,
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// Working directory.
    pub(crate) folder: PathBuf,
    /// Its whole environment.
    pub(crate) variables: BTreeMap<String, String>,
    /// Whether it gets a process group of its own.
    pub(crate) own_group: bool,
    /// File that says how it ended.
    pub(crate) outcome: PathBuf,
}

/// How a program ended, as its init saw it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    /// Why it could not be started.
    pub(crate) error: Option<String>,
}

/// Plays the part that the command line names (`supervise replica|step|init`), to its end. `main` calls this before
/// anything else; nothing is answered when the binary was called as itself.
pub fn supervise() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != WORD {
        return None;
    }
    let part = arguments.next().unwrap_or_default();
    let outcome = match part.to_str() {
        Some("replica") => task().and_then(replica::run),
        Some("step") => task().and_then(step::run),
        Some("init") => task().and_then(init::run),
        _ => Err(io::Error::other("this command is the platform's own")),
    };
    Some(outcome.unwrap_or_else(|error| {
        eprintln!("headwater: {error}");
        ExitCode::from(125)
    }))
}

/// What to do comes on standard input: command lines and environments can be seen by others.
fn task<T: DeserializeOwned>() -> io::Result<T> {
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

/// Calls this binary again in another part. With `namespaces` the child is the first process of a namespace of its
/// own, so it must be this process's only child.
fn call(part: &str, task: &impl Serialize, prepare: impl FnOnce(&mut Command)) -> io::Result<Child> {
    let mut command = Command::new("/proc/self/exe");
    command.args([WORD, part]).env_clear().stdin(Stdio::piped());
    prepare(&mut command);
    let mut child = command.spawn()?;
    if let Some(stdin) = child.stdin.take() {
        serde_json::to_writer(&stdin, task)?;
    }
    Ok(child)
}

/// Starts the supervisor of a run, which outlives this process.
pub(crate) fn start(task: &Task) -> io::Result<Child> {
    call("replica", task, |command| {
        command.stdout(Stdio::null()).stderr(Stdio::null());
    })
}

/// Starts `launch` below an init.
fn launch(launch: &Launch, output: impl Fn() -> Stdio) -> io::Result<Child> {
    if launch.sandbox.namespaces {
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWPID)?;
    }
    call("init", launch, |command| {
        command.stdout(output()).stderr(output());
    })
}
