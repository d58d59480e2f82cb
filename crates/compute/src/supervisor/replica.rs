//! The supervisor of one run of a replica: it owns the output and the exit status, and outlives the platform.
//!
//! SIGTERM asks the program's whole group to end; SIGQUIT ends it at once.

use std::{
    collections::VecDeque,
    io,
    path::PathBuf,
    process::{ExitCode, Stdio},
    time::Duration,
};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::unix::pipe,
    process::{ChildStderr, ChildStdout},
    signal::unix::{SignalKind, signal},
};

use super::{Launch, Outcome};
use crate::{
    Exit, Stream,
    folder::{read_record, write_record},
    log::{self, Lines, LogWriter},
    process::ProcessIdentity,
};

/// Record of the present run, within the replica's folder.
pub(crate) const RUNNING: &str = "running.json";
/// Record of how the last run ended, within the replica's folder.
pub(crate) const ENDED: &str = "ended.json";
/// A program that was asked to end and does not is ended after this, should nobody say otherwise.
const PATIENCE: Duration = Duration::from_secs(120);
/// Output taken at a time, in bytes.
const READ: usize = 32 * 1024;
/// Lines of errors that are looked through for the cause.
const REMEMBERED: usize = 40;

/// What a supervisor is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    /// The replica's folder.
    pub(crate) folder: PathBuf,
    /// The attempt's log.
    pub(crate) log: PathBuf,
    /// Number of the run.
    pub(crate) attempt: u32,
    pub(crate) launch: Launch,
}

/// Who runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) attempt: u32,
    pub(crate) supervisor: ProcessIdentity,
    /// The program itself; its process group has the same number.
    pub(crate) program: Option<ProcessIdentity>,
    pub(crate) started_at: Timestamp,
}

/// How a run ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) attempt: u32,
    pub(crate) exit: Exit,
}

pub(super) fn run(task: Task) -> io::Result<ExitCode> {
    // Neither the platform's terminal nor its process group reaches this process.
    rustix::process::setsid()?;
    let mut log = LogWriter::open(&task.log)?;
    let started_at = Timestamp::now();
    let outcome = match super::launch(&task.launch, Stdio::piped) {
        Ok(init) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(supervise(&task, init, &mut log, started_at))?
        }
        Err(error) => (Outcome { error: Some(error.to_string()), ..Outcome::default() }, Causes::default()),
    };
    let exit = exit(&outcome.0, &outcome.1);
    log.remark(&format!("ended: {}", exit.reason))?;
    write_record(&task.folder.join(ENDED), &Ended { attempt: task.attempt, exit })?;
    log::end(&task.log)?;
    Ok(ExitCode::SUCCESS)
}

async fn supervise(
    task: &Task,
    mut init: std::process::Child,
    log: &mut LogWriter,
    started_at: Timestamp,
) -> io::Result<(Outcome, Causes)> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut child_ended = signal(SignalKind::child())?;
    let mut hang_up = signal(SignalKind::hangup())?;

    let mut output = Output::new(init.stdout.take(), init.stderr.take())?;
    let program = program_of(init.id()).await;
    let running = Running {
        attempt: task.attempt,
        supervisor: ProcessIdentity::of(std::process::id())?,
        program: program.and_then(|pid| ProcessIdentity::of(pid).ok()),
        started_at,
    };
    write_record(&task.folder.join(RUNNING), &running)?;
    log.remark(&format!("started, attempt {}", task.attempt))?;

    let group = program.and_then(|pid| Pid::from_raw(pid as i32));
    let send = |which| {
        if let Some(group) = group {
            // A group that is gone has ended already.
            let _ = kill_process_group(group, which);
        }
    };
    let mut deadline = None;
    while init.try_wait()?.is_none() {
        let late = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            moved = output.pump(log) => moved?,
            _ = child_ended.recv() => {}
            _ = hang_up.recv() => {}
            _ = terminate.recv() => {
                send(Signal::TERM);
                deadline = Some(tokio::time::Instant::now() + PATIENCE);
            }
            _ = quit.recv() => init.kill()?,
            () = late => init.kill()?,
        }
    }
    // In case the init was ended and had no namespace to take everything with it.
    send(Signal::KILL);
    output.drain(log).await?;
    let outcome = read_record(&task.launch.outcome).unwrap_or_default();
    let killed = Outcome { signal: Some(Signal::KILL.as_raw()), ..Outcome::default() };
    Ok((outcome.unwrap_or(killed), output.causes))
}

/// The program below an init, as this namespace numbers it. Nothing when it ended before it was seen.
async fn program_of(init: u32) -> Option<u32> {
    let listing = format!("/proc/{init}/task/{init}/children");
    loop {
        let children = std::fs::read_to_string(&listing).ok()?;
        if let Some(first) = children.split_whitespace().next() {
            return first.parse().ok();
        }
        let state = std::fs::read_to_string(format!("/proc/{init}/stat")).ok()?;
        if state.rsplit(')').next()?.trim_start().starts_with(['Z', 'X']) {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The last lines of errors, in which the cause of an end is looked for.
#[derive(Default)]
struct Causes(VecDeque<String>);

impl Causes {
    fn remember(&mut self, written: &[u8]) {
        let text = String::from_utf8_lossy(written);
        for line in
            text.lines().filter_map(|line| line.splitn(3, ' ').nth(2)).filter(|line| !line.trim().is_empty())
        {
            if self.0.len() == REMEMBERED {
                self.0.pop_front();
            }
            self.0.push_back(line.chars().take(400).collect());
        }
    }

    /// The line that names the error, as interpreters write it: unindented, `SomethingError: …`.
    fn cause(&self) -> Option<&str> {
        let names = |line: &&String| {
            let name = line.split(':').next().unwrap_or_default();
            line.contains(':')
                && !name.contains(' ')
                && (name.ends_with("Error") || name.ends_with("Exception"))
        };
        self.0.iter().rev().find(names).or(self.0.back()).map(String::as_str)
    }
}

/// Both outputs of a program on their way into the log.
struct Output {
    out: Option<pipe::Receiver>,
    err: Option<pipe::Receiver>,
    out_lines: Lines,
    err_lines: Lines,
    out_bytes: Vec<u8>,
    err_bytes: Vec<u8>,
    causes: Causes,
}

impl Output {
    fn new(
        out: Option<std::process::ChildStdout>,
        err: Option<std::process::ChildStderr>,
    ) -> io::Result<Self> {
        let out = out.map(|out| ChildStdout::from_std(out)?.into_owned_fd()).transpose()?;
        let err = err.map(|err| ChildStderr::from_std(err)?.into_owned_fd()).transpose()?;
        Ok(Self {
            out: out.map(pipe::Receiver::from_owned_fd).transpose()?,
            err: err.map(pipe::Receiver::from_owned_fd).transpose()?,
            out_lines: Lines::new(Stream::Out),
            err_lines: Lines::new(Stream::Err),
            out_bytes: vec![0; READ],
            err_bytes: vec![0; READ],
            causes: Causes::default(),
        })
    }

    /// Moves what is there on one of the two outputs; waits when there is nothing. The program waits in turn while
    /// the disk is slower than it.
    async fn pump(&mut self, log: &mut LogWriter) -> io::Result<()> {
        let mut lines = Vec::new();
        tokio::select! {
            read = some(&mut self.out, &mut self.out_bytes) => match read? {
                0 => { self.out = None; self.out_lines.finish(Timestamp::now(), &mut lines); }
                n => self.out_lines.feed(&self.out_bytes[..n], Timestamp::now(), &mut lines),
            },
            read = some(&mut self.err, &mut self.err_bytes) => {
                match read? {
                    0 => { self.err = None; self.err_lines.finish(Timestamp::now(), &mut lines); }
                    n => self.err_lines.feed(&self.err_bytes[..n], Timestamp::now(), &mut lines),
                }
                self.causes.remember(&lines);
            }
        }
        log.append(&lines)
    }

    /// Moves what is left once the program has ended. Someone else may still hold an output open, so this is bounded.
    async fn drain(&mut self, log: &mut LogWriter) -> io::Result<()> {
        let bound = tokio::time::Instant::now() + Duration::from_secs(2);
        while self.out.is_some() || self.err.is_some() {
            match tokio::time::timeout_at(bound, self.pump(log)).await {
                Ok(moved) => moved?,
                Err(_) => break,
            }
        }
        let mut lines = Vec::new();
        self.out_lines.finish(Timestamp::now(), &mut lines);
        self.err_lines.finish(Timestamp::now(), &mut lines);
        log.append(&lines)
    }
}

async fn some(output: &mut Option<impl AsyncRead + Unpin>, bytes: &mut [u8]) -> io::Result<usize> {
    match output {
        Some(output) => output.read(bytes).await,
        None => std::future::pending().await,
    }
}

fn exit(outcome: &Outcome, causes: &Causes) -> Exit {
    let cause = causes.cause().map(|cause| format!(": {cause}")).unwrap_or_default();
    let reason = match (outcome.code, outcome.signal, &outcome.error) {
        (_, _, Some(error)) => error.clone(),
        (Some(0), _, _) => "exit code 0".to_owned(),
        (Some(code), _, _) => format!("exit code {code}{cause}"),
        (None, Some(signal), _) => {
            format!("killed by {}{}", signal_name(signal), if signal == 9 { "" } else { &cause })
        }
        (None, None, None) => "ended without a status".to_owned(),
    };
    Exit { code: outcome.code, signal: outcome.signal, out_of_memory: false, reason, at: Timestamp::now() }
}

fn signal_name(number: i32) -> String {
    let name = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL (illegal instruction)",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE (arithmetic error)",
        9 => "SIGKILL",
        11 => "SIGSEGV (invalid memory access)",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        24 => "SIGXCPU (CPU limit)",
        25 => "SIGXFSZ (file size limit)",
        31 => "SIGSYS (forbidden system call)",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_the_line_that_names_the_error() {
        let mut causes = Causes::default();
        causes.remember(b"t err Traceback (most recent call last):\nt err   File \"x\"\nt err ModuleNotFoundError: No module named 'pandas'\nt err \n");
        let outcome = Outcome { code: Some(1), ..Outcome::default() };
        assert_eq!(
            exit(&outcome, &causes).reason,
            "exit code 1: ModuleNotFoundError: No module named 'pandas'"
        );
        let outcome = Outcome { signal: Some(11), ..Outcome::default() };
        assert!(exit(&outcome, &Causes::default()).reason.starts_with("killed by SIGSEGV"));
    }
}
