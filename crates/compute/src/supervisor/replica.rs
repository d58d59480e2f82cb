//! The supervisor of one run of a replica: it owns the output and the exit status, and outlives the platform.
//!
//! SIGTERM asks the program's whole group to end; SIGQUIT ends it at once.

use std::{
    io,
    path::PathBuf,
    process::{ExitCode, Stdio},
    time::Duration,
};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::Instant,
};

use super::{
    Launch, Outcome, Verdict, life,
    outcome::{Causes, Circumstances, exit},
    output::{Journal, Output},
};
use crate::{
    Exit, Keeping,
    folder::{read_record, write_record},
    limits::Group,
    log,
    process::ProcessIdentity,
};

/// Record of the supervisor of the present run, within the replica's folder. It stands before the run begins.
pub(crate) const BEGUN: &str = "begun.json";
/// Record of the present run, within the replica's folder.
pub(crate) const RUNNING: &str = "running.json";
/// Record of how the last run ended, within the replica's folder.
pub(crate) const ENDED: &str = "ended.json";
/// A program that was asked to end and does not is ended after this, should nobody say otherwise.
const PATIENCE: Duration = Duration::from_secs(120);
/// An init ends all that is below it sooner than this.
const CLEARING: Duration = Duration::from_secs(3);

/// What a supervisor is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    /// The replica's folder.
    pub(crate) folder: PathBuf,
    /// The attempt's log.
    pub(crate) log: PathBuf,
    /// All logs of the deployment.
    pub(crate) logs: PathBuf,
    /// How much of them is kept.
    pub(crate) keeping: Keeping,
    /// Number of the run.
    pub(crate) attempt: u32,
    pub(crate) launch: Launch,
}

/// Who is to run a program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Begun {
    pub(crate) attempt: u32,
    pub(crate) supervisor: ProcessIdentity,
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
    life::keep_orphans()?;
    let mut journal = Journal::open(&task.log, task.keeping, &task.logs);
    let mut causes = Causes::default();
    let outcome = match &mut journal {
        Ok(journal) => supervise(&task, journal, &mut causes).unwrap_or_else(|error| {
            life::end_descendants();
            Outcome::failed(error)
        }),
        Err(error) => Outcome::failed(format!("opening its log: {error}")),
    };

    let held = &task.launch.held;
    let verdict = Verdict::on(&task.folder, task.attempt);
    let circumstances = Circumstances { causes: &causes, held, incidents: held.group.incidents(), verdict };
    let exit = exit(&outcome, &circumstances);
    let cleared = held.group.remove();
    if let Ok(journal) = &mut journal {
        if let Err(error) = cleared {
            // Whoever starts it next tries again.
            journal.remark(&format!("its control group could not be removed: {error}"));
        }
        journal.remark(&format!("ended: {}", exit.reason));
    }
    let remembered = log::exited(&task.log, &exit);
    let told = write_record(&task.folder.join(ENDED), &Ended { attempt: task.attempt, exit });
    // The log has ended, whether the record could be written or not.
    let closed = log::end(&task.log);
    told.and(closed).and(remembered).map(|()| ExitCode::SUCCESS)
}

fn supervise(task: &Task, journal: &mut Journal, causes: &mut Causes) -> io::Result<Outcome> {
    let started_at = Timestamp::now();
    let init = super::launch(&task.launch, Stdio::piped)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(follow(task, init, journal, causes, started_at))
}

async fn follow(
    task: &Task,
    mut init: std::process::Child,
    journal: &mut Journal,
    causes: &mut Causes,
    started_at: Timestamp,
) -> io::Result<Outcome> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut child_ended = signal(SignalKind::child())?;
    let mut hang_up = signal(SignalKind::hangup())?;

    let mut output = Output::new(init.stdout.take(), init.stderr.take(), causes)?;
    let program = program_of(init.id()).await;
    let running = Running {
        attempt: task.attempt,
        supervisor: ProcessIdentity::of(std::process::id())?,
        program: program.and_then(|pid| ProcessIdentity::of(pid).ok()),
        started_at,
    };
    write_record(&task.folder.join(RUNNING), &running)?;
    // A disk that is full stops nobody from running.
    let _ = log::began(&task.log, started_at);
    journal.remark(&format!("started, attempt {}", task.attempt));

    let group = program.and_then(|pid| Pid::from_raw(pid as i32));
    let mut program = Program { group, held: &task.launch.held.group, deadline: None, killed: false };
    while init.try_wait()?.is_none() {
        tokio::select! {
            moved = output.pump(journal) => moved?,
            _ = child_ended.recv() => {}
            _ = hang_up.recv() => {}
            _ = terminate.recv() => program.ask(),
            _ = quit.recv() => program.end(&mut init)?,
            () = program.late() => program.end(&mut init)?,
        }
    }
    // An init that was killed has left what was below it.
    task.launch.held.group.kill();
    life::end_descendants();
    output.drain(journal).await?;
    let outcome = read_record(&task.launch.outcome).unwrap_or_default();
    Ok(outcome.unwrap_or_else(Outcome::killed))
}

/// A program that may have to end.
struct Program<'a> {
    group: Option<Pid>,
    held: &'a Group,
    /// When more is done, should it not have ended by then.
    deadline: Option<Instant>,
    killed: bool,
}

impl Program<'_> {
    /// Asks the whole group to end.
    fn ask(&mut self) {
        self.send(Signal::TERM);
        self.deadline.get_or_insert(Instant::now() + PATIENCE);
    }

    /// Ends the group; its init then ends what else is below it. An init that does not is ended itself.
    fn end(&mut self, init: &mut std::process::Child) -> io::Result<()> {
        if self.killed || self.group.is_none() {
            self.deadline = None;
            return init.kill();
        }
        self.send(Signal::KILL);
        self.held.kill();
        self.killed = true;
        self.deadline = Some(Instant::now() + CLEARING);
        Ok(())
    }

    async fn late(&self) {
        match self.deadline {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    fn send(&self, signal: Signal) {
        if let Some(group) = self.group {
            // A group that is gone has ended already.
            let _ = kill_process_group(group, signal);
        }
    }
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
