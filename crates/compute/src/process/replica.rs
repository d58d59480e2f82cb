//! One replica: starts it, waits for its end, starts it again, stops it.

use std::{io, path::Path, process::Child, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rustix::process::Signal;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::spawn_blocking,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    identity::Handle,
    phase::{Phase, START},
    run::{self, Record, Started},
    runtime::{Shared, Watched},
};
use crate::{
    Exit, ReplicaEvent, ReplicaSpec, ReplicaState, ReplicaStatus, Restart,
    folder::read_record,
    supervisor::{RUNNING, Running, Verdict},
};

/// Pause before the second run; it doubles with each run that ends soon.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// A run of this length was a good one.
const GOOD_RUN: SignedDuration = SignedDuration::from_secs(60);
/// A supervisor that was told to end at once takes no longer.
const END: Duration = Duration::from_secs(5);
/// Time between two looks for a program that is being started.
const GLANCE: Duration = Duration::from_millis(3);

/// What a replica is told.
pub(super) enum Command {
    Start(Box<ReplicaSpec>),
    Stop {
        grace: Duration,
        done: oneshot::Sender<()>,
    },
    /// It uses more than it may: it is asked to end, and ended when it was asked before or has to go `at_once`.
    Exceeded {
        verdict: Verdict,
        at_once: bool,
    },
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
    /// The run that was asked to end because it exceeds a limit.
    exceeded: Option<u32>,
}

impl Replica {
    pub(super) fn new(
        shared: Arc<Shared>,
        record: Record,
        spec: Option<ReplicaSpec>,
        commands: mpsc::Receiver<Command>,
        status: watch::Sender<ReplicaStatus>,
    ) -> Self {
        Self { shared, record, spec, commands, status, child: None, pause: FIRST_PAUSE, exceeded: None }
    }

    /// Takes up a replica that another platform process started.
    pub(super) async fn adopt(self) {
        let phase = loop {
            match run::found(&self.shared, &self.record).await {
                Ok(found) => break Phase::of(found, self.record.again),
                // It may run, so it is not given up: a second one would run beside it.
                Err(error) => tracing::error!(replica = ?self.record.id, %error, "adopting a replica"),
            }
            tokio::select! {
                () = sleep(FIRST_PAUSE) => {}
                () = self.shared.cancelled.cancelled() => return,
            }
        };
        self.run(phase).await;
    }

    /// Starts a new replica.
    pub(super) async fn begin(self) {
        self.run(Phase::Launch).await;
    }

    async fn run(mut self, mut phase: Phase) {
        let cancelled = self.shared.cancelled.clone();
        while !cancelled.is_cancelled() {
            self.show(&phase);
            let next = match phase {
                // Not let go of half way, or whoever adopts it would begin another run beside this one.
                Phase::Launch => Some(self.launch().await),
                phase => tokio::select! {
                    next = self.step(phase) => next,
                    () = cancelled.cancelled() => return,
                },
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
            Phase::Launch => Some(self.launch().await),
            Phase::Begun(handle, running, until) => {
                let record = self.shared.folders.replica(&self.record.id).join(RUNNING);
                tokio::select! {
                    running = seen(&record, running.attempt) => Some(Phase::Running(handle, running)),
                    ended = handle.ended() => self.ended(ended, &running).await,
                    () = sleep_until(until) => {
                        handle.signal(Signal::KILL);
                        let _ = timeout(END, handle.ended()).await;
                        self.collect(&running).await;
                        let late = format!("it did not start within {} seconds", START.as_secs());
                        Some(self.after(run::unknown(late)))
                    }
                    command = self.commands.recv() => match command? {
                        Command::Start(spec) => {
                            self.ask(*spec);
                            Some(Phase::Begun(handle, running, until))
                        }
                        Command::Exceeded { .. } => Some(Phase::Begun(handle, running, until)),
                        Command::Stop { grace, done } => self.stop(handle, &running, grace, done).await,
                    },
                }
            }
            Phase::Running(handle, running) => {
                tokio::select! {
                    ended = handle.ended() => self.ended(ended, &running).await,
                    command = self.commands.recv() => match command? {
                        Command::Start(spec) => {
                            self.ask(*spec);
                            Some(Phase::Running(handle, running))
                        }
                        Command::Exceeded { verdict, at_once } => {
                            self.exceeded(&verdict, at_once, &handle, &running);
                            Some(Phase::Running(handle, running))
                        }
                        Command::Stop { grace, done } => self.stop(handle, &running, grace, done).await,
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
                    command = self.commands.recv() => {
                        self.at_rest(command?, Phase::Waiting { exit, until }).await
                    }
                }
            }
            Phase::Left { .. } | Phase::Ended { .. } => {
                let command = self.commands.recv().await?;
                self.at_rest(command, phase).await
            }
        }
    }

    /// A command while nothing runs.
    async fn at_rest(&mut self, command: Command, phase: Phase) -> Option<Phase> {
        match command {
            Command::Stop { done, .. } => {
                self.forget(done).await;
                return None;
            }
            Command::Start(spec) => self.ask(*spec),
            Command::Exceeded { .. } => return Some(phase),
        }
        Some(match phase {
            Phase::Left { exit: None } => Phase::Launch,
            // It ended while nobody was there to start it again.
            Phase::Left { exit: Some(exit) } | Phase::Ended { exit } => self.after(exit),
            phase => phase,
        })
    }

    fn ask(&mut self, spec: ReplicaSpec) {
        self.record.again = spec.restart;
        self.spec = Some(spec);
    }

    /// What follows an end.
    fn after(&mut self, exit: Exit) -> Phase {
        let again = match self.record.again {
            Restart::Never => false,
            Restart::OnError(times) => !exit.success() && self.record.restarts < times,
            Restart::Always => true,
        };
        match (again, &self.spec) {
            (false, _) => Phase::Ended { exit },
            (true, None) => Phase::Left { exit: Some(exit) },
            (true, Some(_)) => {
                let until = Timestamp::now().saturating_add(self.pause).unwrap_or(Timestamp::MAX);
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                Phase::Waiting { exit, until }
            }
        }
    }

    /// Begins a run.
    async fn launch(&mut self) -> Phase {
        let Some(spec) = self.spec.clone() else { return Phase::Left { exit: None } };
        let (shared, mut record) = (self.shared.clone(), self.record.clone());
        let begun = spawn_blocking(move || {
            let begun = run::begin(&shared, &spec, &mut record);
            (record, begun)
        });
        let begun = begun.await.map(|(record, begun)| {
            self.record = record;
            begun
        });
        match begun {
            Ok(Ok(Started { child, handle, running })) => {
                self.child = Some(child);
                Phase::Begun(handle, running, Instant::now() + START)
            }
            Ok(Err(error)) => self.after(run::unknown(error.to_string())),
            Err(error) => self.after(run::unknown(error.to_string())),
        }
    }

    /// The supervisor of a run has ended.
    async fn ended(&mut self, outcome: io::Result<()>, running: &Running) -> Option<Phase> {
        if let Err(error) = outcome {
            // Nothing can be waited for any more; the supervisor may well go on.
            tracing::warn!(%error, "waiting for a supervisor");
            return None;
        }
        let exit = self.collect(running).await;
        if exit.at.duration_since(running.started_at) >= GOOD_RUN {
            self.pause = FIRST_PAUSE;
        }
        Some(self.after(exit))
    }

    async fn collect(&mut self, running: &Running) -> Exit {
        if let Some(mut child) = self.child.take() {
            // It has ended: this only takes it off the process table.
            let _ = child.try_wait();
        }
        run::collect(&self.shared, &self.record, running).await
    }

    /// Has a run end that uses more than it may. Its supervisor is told why first.
    fn exceeded(&mut self, verdict: &Verdict, at_once: bool, handle: &Handle, running: &Running) {
        let asked = self.exceeded.replace(running.attempt) == Some(running.attempt);
        let folder = self.shared.folders.replica(&self.record.id);
        if !asked && let Err(error) = verdict.pass(&folder, running.attempt) {
            tracing::warn!(replica = ?self.record.id, %error, "noting why a replica is ended");
        }
        handle.signal(if asked || at_once { Signal::QUIT } else { Signal::TERM });
    }

    /// Ends a run: asks, waits, and ends it at once after the grace.
    async fn stop(
        &mut self,
        handle: Handle,
        running: &Running,
        grace: Duration,
        done: oneshot::Sender<()>,
    ) -> Option<Phase> {
        self.show_state(ReplicaState::Stopping);
        for (signal, patience) in [(Signal::TERM, grace), (Signal::QUIT, END), (Signal::KILL, END)] {
            handle.signal(signal);
            if timeout(patience, handle.ended()).await.is_ok() {
                break;
            }
        }
        self.collect(running).await;
        self.forget(done).await;
        None
    }

    /// Removes all but the logs.
    async fn forget(&mut self, done: oneshot::Sender<()>) {
        let folder = self.shared.folders.replica(&self.record.id);
        let removed = spawn_blocking(move || run::remove(&folder)).await;
        if let Err(error) = removed.map_err(io::Error::other).flatten() {
            tracing::warn!(%error, "removing a replica's folder");
        }
        self.shared.forget(&self.record.id, self.record.port);
        // Whoever asked may have gone.
        let _ = done.send(());
    }

    fn show(&mut self, phase: &Phase) {
        let running = match phase {
            Phase::Running(_, running) => Some(running),
            _ => None,
        };
        if let Some(exit) = phase.exit() {
            self.record.out_of_memory = exit.out_of_memory;
        }
        let (held, state) = (self.record.held.clone(), self.record.state.clone());
        let limits = held.as_ref().zip(running.and_then(|running| running.program.as_ref()));
        let limits = limits.map(|(held, program)| held.in_force(program.pid));
        self.shared.watch(
            &self.record.id,
            running.map(|running| Watched { supervisor: running.supervisor.pid, held, state }),
        );
        self.status.send_modify(|status| {
            status.started_at = phase.started_at(status.started_at);
            status.limits = limits.unwrap_or_else(|| status.limits.clone());
        });
        self.show_state(phase.state());
    }

    fn show_state(&self, state: ReplicaState) {
        self.status.send_modify(|status| {
            status.state = state;
            status.attempt = self.record.attempt;
            status.restarts = self.record.restarts;
            status.isolation = self.record.isolation.clone();
            status.out_of_memory = self.record.out_of_memory;
        });
        // Nobody may be listening.
        let _ = self.shared.events.send(ReplicaEvent { id: self.record.id.clone() });
    }
}

/// Waits until the program of a run shows.
async fn seen(record: &Path, attempt: u32) -> Running {
    loop {
        // One that cannot be read now can be later; it has its time.
        if let Ok(Some(running)) = read_record::<Running>(record)
            && running.attempt == attempt
        {
            return running;
        }
        sleep(GLANCE).await;
    }
}
