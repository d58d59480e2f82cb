//! The processes that stand between the platform and user code. All are the platform's binary called again:
//!
//! ```text
//! platform ─▶ replica: keeps the output and the exit status; outlives the platform
//!                └─▶ init: arranges the sandbox, reaps what is orphaned, leaves nothing behind
//!                      └─▶ the program, in the control group; none of the others is
//! platform ─▶ step: a command of a build; ends with the platform
//!                └─▶ init ─▶ the program
//! ```

mod init;
mod life;
mod outcome;
mod output;
mod replica;
mod step;
mod verdict;

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, ExitCode, Stdio},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{limits::Held, sandbox::Sandbox};

use outcome::Outcome;
pub(crate) use replica::{BEGUN, Begun, ENDED, Ended, RUNNING, Running, Task};
pub(crate) use verdict::Verdict;

/// The word on the command line that makes this binary a supervisor.
pub(crate) const WORD: &str = "supervise";

/// A program in its sandbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Launch {
    pub(crate) sandbox: Sandbox,
    /// What it may use. The group of it is removed once it has ended.
    pub(crate) held: Held,
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

/// Plays the part that the command line names (`supervise replica|step|init PARENT`), to its end. `main` calls this
/// before anything else; nothing is answered when the binary was called as itself.
pub fn supervise() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != WORD {
        return None;
    }
    let part = arguments.next().unwrap_or_default();
    let parent = arguments.next().and_then(|pid| pid.to_str()?.parse::<u32>().ok());
    let outcome = match (part.to_str(), parent) {
        (Some("replica"), _) => task().and_then(replica::run),
        (Some("step"), Some(parent)) => task().and_then(|launch| step::run(launch, parent)),
        (Some("init"), Some(parent)) => task().and_then(|launch| init::run(launch, parent)),
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

/// Calls this binary again in another part.
fn call(part: &str, prepare: impl FnOnce(&mut Command)) -> io::Result<Child> {
    let mut command = Command::new("/proc/self/exe");
    command.args([WORD, part]).arg(std::process::id().to_string()).env_clear().stdin(Stdio::piped());
    prepare(&mut command);
    command.spawn()
}

/// Tells a called process what to do; it does nothing before.
fn tell(child: &mut Child, task: &impl Serialize) -> io::Result<()> {
    let stdin = child.stdin.take().ok_or_else(|| io::Error::other("it was told already"))?;
    let text = serde_json::to_vec(task)?;
    (&stdin).write_all(&text)
}

/// Calls the supervisor of a run, which outlives this process. It waits for [`begin`], and ends when this process does
/// before.
pub(crate) fn wait_for_task() -> io::Result<Child> {
    call("replica", |command| {
        command.stdout(Stdio::null()).stderr(Stdio::null());
    })
}

/// Lets a supervisor begin its run.
pub(crate) fn begin(supervisor: &mut Child, task: &Task) -> io::Result<()> {
    tell(supervisor, task)
}

/// Starts `launch` below an init. With namespaces that is the first process of a namespace of its own, so it must be
/// this process's only child.
fn launch(launch: &Launch, output: impl Fn() -> Stdio) -> io::Result<Child> {
    if launch.sandbox.namespaces {
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWPID)?;
    }
    let mut init = call("init", |command| {
        // A signal to this process's group leaves the init, which then ends all that is below it.
        command.stdout(output()).stderr(output()).process_group(0);
    })?;
    tell(&mut init, launch)?;
    Ok(init)
}
