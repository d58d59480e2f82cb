//! One replica: starts it, waits for its end, starts it again, stops it.

use std::{io, process::Child, sync::Arc, time::Duration};

use headwater_model::WorkspaceId;
use jiff::{SignedDuration, Timestamp};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{identity::Handle, launch, runtime::Shared};
use crate::{
    Attempt, Error, Exit, Isolation, ReplicaEvent, ReplicaId, ReplicaSpec, ReplicaState, ReplicaStatus,
    Result,
    folder::{self, read_record, write_record},
    log,
    supervisor::{self, ENDED, Ended, RUNNING, Running},
};

/// Pause before the second run; it doubles with each run that ends soon.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A run of this length was a good one.
const GOOD_RUN: SignedDuration = SignedDuration::from_secs(60);
/// A supervisor that does not show its program within this has failed.
const START: Duration = Duration::from_secs(30);
/// A supervisor that was told to end at once takes no longer.
const END: Duration = Duration::from_secs(5);

/// What is kept on disk of a replica. Its variables are not: they hold secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: ReplicaId,
    pub(super) workspace: WorkspaceId,
    pub(super) port: u16,
    pub(super) attempt: u32,
    pub(super) restarts: u32,
    pub(super) isolation: Isolation,
}

/// The record's file, within the replica's folder.
pub(super) const RECORD: &str = "replica.json";

/// What a replica is told.
pub(super) enum Command {
    Start(Box<ReplicaSpec>),
    Stop { grace: Duration, done: oneshot::Sender<()> },
}

/// Where a replica is.
enum Phase {
    Launch,
    Running(Handle, Running),
    Waiting { exit: Exit, until: Timestamp },
    Ended { exit: Exit },
}

/// Looks after one replica until it is stopped.
pub(super) struct Replica {
    shared: Arc<Shared>,
    record: Record,
    /// Nothing after the platform was started anew, until it is asked for again.
    spec: Option<ReplicaSpec>,
    commands: mpsc::Receiver<Command>,
    status: watch::Sender<ReplicaStatus>,
    /// Our own child, to be reaped; nothing when it was adopted.
    child: Option<Child>,
    pause: Duration,
}

impl Replica {
    pub(super) fn new(
        shared: Arc<Shared>,
        record: Record,
        spec: Option<ReplicaSpec>,
        commands: mpsc::Receiver<Command>,
        status: watch::Sender<ReplicaStatus>,
    ) -> Self {
        Self { shared, record, spec, commands, status, child: None, pause: FIRST_PAUSE }
    }

    /// Takes up a replica that another platform process started.
    pub(super) async fn adopt(self) {
        let phase = self.found().unwrap_or_else(|error| {
            tracing::error!(replica = ?self.record.id, %error, "adopting a replica");
            Phase::Ended { exit: lost() }
        });
        self.run(phase).await;
    }

    /// Starts a new replica.
    pub(super) async fn begin(self) {
        self.run(Phase::Launch).await;
    }

    async fn run(mut self, mut phase: Phase) {
        let cancelled = self.shared.cancelled.clone();
        loop {
            self.show(&phase);
            let next = tokio::select! {
                next = self.step(phase) => next,
                () = cancelled.cancelled() => return,
            };
            match next {
                Some(next) => phase = next,
                None => return,
            }
        }
    }

    /// One step of its life; nothing follows once it is stopped.
    async fn step(&mut self, phase: Phase) -> Option<Phase> {
        match phase {
            Phase::Launch => Some(match self.launch().await {
                Ok((handle, running)) => Phase::Running(handle, running),
                Err(error) => {
                    let exit = Exit { reason: error.to_string(), ..lost() };
                    self.after(exit)
                }
            }),
            Phase::Running(handle, running) => {
                tokio::select! {
                    ended = handle.ended() => {
                        if let Err(error) = ended {
                            tracing::warn!(%error, "waiting for a supervisor");
                        }
                        let exit = self.collect(&running);
                        let good = exit.at.duration_since(running.started_at) >= GOOD_RUN;
                        if good {
                            self.pause = FIRST_PAUSE;
                        }
                        Some(self.after(exit))
                    }
                    command = self.commands.recv() => match command? {
                        Command::Start(spec) => {
                            self.spec = Some(*spec);
                            Some(Phase::Running(handle, running))
                        }
                        Command::Stop { grace, done } => {
                            self.show_state(ReplicaState::Stopping);
                            self.end(handle, &running, grace).await;
                            self.forget(done);
                            None
                        }
                    },
                }
            }
            Phase::Waiting { exit, until } => {
                let pause = until.duration_since(Timestamp::now()).try_into().unwrap_or_default();
                tokio::select! {
                    () = sleep(pause) => {
                        self.record.restarts += 1;
                        Some(Phase::Launch)
                    }
                    command = self.commands.recv() => self.at_rest(command?, Phase::Waiting { exit, until }),
                }
            }
            Phase::Ended { exit } => {
                let command = self.commands.recv().await?;
                self.at_rest(command, Phase::Ended { exit })
            }
        }
    }

    /// A command while nothing runs.
    fn at_rest(&mut self, command: Command, phase: Phase) -> Option<Phase> {
        match (command, phase) {
            (Command::Stop { done, .. }, _) => {
                self.forget(done);
                None
            }
            (Command::Start(spec), Phase::Ended { exit }) => {
                // It ended while nobody was there to start it again.
                let again = self.spec.is_none() && spec.restart;
                self.spec = Some(*spec);
                Some(if again { self.after(exit) } else { Phase::Ended { exit } })
            }
            (Command::Start(spec), phase) => {
                self.spec = Some(*spec);
                Some(phase)
            }
        }
    }

    /// What follows an end.
    fn after(&mut self, exit: Exit) -> Phase {
        if !self.spec.as_ref().is_some_and(|spec| spec.restart) {
            return Phase::Ended { exit };
        }
        let until = Timestamp::now().saturating_add(self.pause).unwrap_or(Timestamp::MAX);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Phase::Waiting { exit, until }
    }

    /// Starts a run and waits until its program is there, or has ended already.
    async fn launch(&mut self) -> Result<(Handle, Running)> {
        let io = || Error::io("starting a replica");
        let spec = self.spec.clone().ok_or(Error::UnknownReplica(self.record.id.clone()))?;
        let kept = launch::attempts(&self.shared.folders.attempts(&spec.id)).map_err(io())?;
        for old in kept.iter().rev().skip(launch::KEPT) {
            let attempt = Attempt { replica: spec.id.clone(), number: *old };
            folder::remove(&self.shared.folders.attempt_log(&attempt)).map_err(io())?;
        }
        self.record.attempt = kept.last().copied().unwrap_or(0).max(self.record.attempt) + 1;
        let attempt = Attempt { replica: spec.id.clone(), number: self.record.attempt };
        let task = launch::task(
            &self.shared.folders,
            &self.shared.confinement,
            &spec,
            self.record.port,
            attempt,
        )?;
        self.record.isolation = task.launch.sandbox.isolation();
        write_record(&task.folder.join(RECORD), &self.record).map_err(io())?;
        for stale in [RUNNING, ENDED] {
            let _ = std::fs::remove_file(task.folder.join(stale));
        }

        let child = supervisor::start(&task).map_err(io())?;
        let identity = super::ProcessIdentity::of(child.id()).map_err(io())?;
        self.child = Some(child);
        let handle = identity.open().map_err(io())?;
        let deadline = Instant::now() + START;
        loop {
            let running: Option<Running> = read_record(&task.folder.join(RUNNING)).map_err(io())?;
            match (running, &handle) {
                (Some(running), Some(_)) if running.attempt == self.record.attempt => {
                    return Ok((handle.ok_or(Error::UnknownLog)?, running));
                }
                (running, handle) => {
                    let gone = match handle {
                        Some(handle) => timeout(Duration::from_millis(3), handle.ended()).await.is_ok(),
                        None => true,
                    };
                    if gone || Instant::now() > deadline {
                        let none = Running {
                            attempt: self.record.attempt,
                            supervisor: identity,
                            program: running.and_then(|running| running.program),
                            started_at: Timestamp::now(),
                        };
                        let exit = self.collect(&none);
                        return Err(Error::Io {
                            what: exit.reason,
                            source: io::Error::other("it did not start"),
                        });
                    }
                }
            }
        }
    }

    /// How a run ended, once its supervisor has. A supervisor that was killed says nothing; then its program is ended.
    fn collect(&mut self, running: &Running) -> Exit {
        if let Some(mut child) = self.child.take() {
            // It has ended: this only takes it off the process table.
            let _ = child.try_wait();
        }
        let folder = self.shared.folders.replica(&self.record.id);
        let ended: Option<Ended> = read_record(&folder.join(ENDED)).unwrap_or_default();
        if let Some(ended) = ended.filter(|ended| ended.attempt == running.attempt) {
            return ended.exit;
        }
        self.kill_program(running);
        let attempt = Attempt { replica: self.record.id.clone(), number: running.attempt };
        let log = self.shared.folders.attempt_log(&attempt);
        let exit = lost();
        let told =
            log::LogWriter::open(&log).and_then(|mut log| log.remark(&format!("ended: {}", exit.reason)));
        if let Err(error) = told.and_then(|()| log::end(&log)) {
            tracing::warn!(%error, "closing the log of a lost replica");
        }
        exit
    }

    fn kill_program(&self, running: &Running) {
        let Some(program) = &running.program else { return };
        if let Ok(Some(_alive)) = program.open()
            && let Some(group) = Pid::from_raw(program.pid as i32)
        {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// Ends a run: asks, waits, and ends it at once after the grace.
    async fn end(&mut self, handle: Handle, running: &Running, grace: Duration) {
        handle.signal(Signal::TERM);
        if timeout(grace, handle.ended()).await.is_err() {
            handle.signal(Signal::QUIT);
            if timeout(END, handle.ended()).await.is_err() {
                handle.signal(Signal::KILL);
                sleep_until(Instant::now() + END).await;
            }
        }
        self.collect(running);
    }

    /// Removes all but the logs.
    fn forget(&mut self, done: oneshot::Sender<()>) {
        if let Err(error) = folder::remove(&self.shared.folders.replica(&self.record.id)) {
            tracing::warn!(%error, "removing a replica's folder");
        }
        self.shared.forget(&self.record.id, self.record.port);
        // Whoever asked may have gone.
        let _ = done.send(());
    }

    /// What another platform process left.
    fn found(&self) -> io::Result<Phase> {
        let folder = self.shared.folders.replica(&self.record.id);
        let ended: Option<Ended> = read_record(&folder.join(ENDED))?;
        let running: Option<Running> = read_record(&folder.join(RUNNING))?;
        if let Some(running) = running.filter(|running| running.attempt == self.record.attempt) {
            if let Some(handle) = running.supervisor.open()? {
                return Ok(Phase::Running(handle, running));
            }
            if ended.as_ref().is_none_or(|ended| ended.attempt != running.attempt) {
                self.kill_program(&running);
                let attempt = Attempt { replica: self.record.id.clone(), number: running.attempt };
                log::end(&self.shared.folders.attempt_log(&attempt))?;
            }
        }
        let exit =
            ended.filter(|ended| ended.attempt == self.record.attempt).map_or_else(lost, |ended| ended.exit);
        Ok(Phase::Ended { exit })
    }

    fn show(&self, phase: &Phase) {
        let state = match phase {
            Phase::Launch => ReplicaState::Starting,
            Phase::Running(_, running) => {
                ReplicaState::Running { pid: running.program.as_ref().unwrap_or(&running.supervisor).pid }
            }
            Phase::Waiting { exit, until } => ReplicaState::Waiting { exit: exit.clone(), until: *until },
            Phase::Ended { exit } => ReplicaState::Ended { exit: exit.clone() },
        };
        if let Phase::Running(_, running) = phase {
            let (started_at, supervisor) = (running.started_at, running.supervisor.pid);
            self.shared.supervised(&self.record.id, Some(supervisor));
            self.status.send_modify(|status| status.started_at = Some(started_at));
        } else {
            self.shared.supervised(&self.record.id, None);
        }
        self.show_state(state);
    }

    fn show_state(&self, state: ReplicaState) {
        self.status.send_modify(|status| {
            status.state = state;
            status.attempt = self.record.attempt;
            status.restarts = self.record.restarts;
            status.isolation = self.record.isolation.clone();
        });
        // Nobody may be listening.
        let _ = self.shared.events.send(ReplicaEvent { id: self.record.id.clone() });
    }
}

fn lost() -> Exit {
    Exit {
        code: None,
        signal: None,
        out_of_memory: false,
        reason: "its supervisor was killed, so how it ended is not known".into(),
        at: Timestamp::now(),
    }
}
