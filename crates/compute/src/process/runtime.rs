//! The runtime: all replicas of this machine.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use headwater_model::DeploymentId;
use parking_lot::Mutex;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    logs,
    ports::Ports,
    replica::{Command, Replica},
    run::{self, RECORD, Record},
    watch as watching,
};
use crate::{
    Attempt, Error, Folders, Isolation, Keeping, Limits, LogChunk, LogFound, LogQuery, LogSource, Logs,
    ReplicaEvent, ReplicaId, ReplicaSpec, ReplicaState, ReplicaStatus, Result, Run, Runtime, StateFolder,
    StateUsage, Usage,
    folder::{private, read_record, write_record},
    limits::{Held, Reading},
    sandbox::Confinement,
};

/// Events that a slow listener may be behind.
const EVENTS: usize = 1024;

/// What the replicas of a runtime share.
pub(super) struct Shared {
    pub(super) folders: Folders,
    pub(super) confinement: Arc<Confinement>,
    pub(super) keeping: Keeping,
    pub(super) events: broadcast::Sender<ReplicaEvent>,
    pub(super) cancelled: CancellationToken,
    ports: Ports,
    replicas: Mutex<HashMap<ReplicaId, Entry>>,
}

/// A replica as the runtime knows it.
pub(super) struct Entry {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<ReplicaStatus>,
    watched: Option<Watched>,
    pub(super) usage: Option<(Usage, Reading)>,
    pub(super) state: Option<StateUsage>,
}

/// What there is to watch of a replica that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Watched {
    pub(super) supervisor: u32,
    /// Nothing when a platform started it that held it to nothing.
    pub(super) held: Option<Held>,
    pub(super) state: Option<StateFolder>,
}

impl Shared {
    /// Takes a stopped replica off the list.
    pub(super) fn forget(&self, id: &ReplicaId, port: u16) {
        self.replicas.lock().remove(id);
        self.ports.release(port);
        let _ = self.events.send(ReplicaEvent { id: id.clone() });
    }

    /// Says what there is to watch of a replica.
    pub(super) fn watch(&self, id: &ReplicaId, watched: Option<Watched>) {
        if let Some(entry) = self.replicas.lock().get_mut(id)
            && entry.watched != watched
        {
            entry.watched = watched;
            entry.usage = None;
        }
    }

    /// All that there is to watch.
    pub(super) fn watched(&self) -> Vec<(ReplicaId, Watched)> {
        let replicas = self.replicas.lock();
        replicas.iter().filter_map(|(id, entry)| Some((id.clone(), entry.watched.clone()?))).collect()
    }

    /// Notes what was measured, if it is still the same run.
    pub(super) fn measured(&self, id: &ReplicaId, watched: &Watched, note: impl FnOnce(&mut Entry)) {
        let mut replicas = self.replicas.lock();
        if let Some(entry) = replicas.get_mut(id).filter(|entry| entry.watched.as_ref() == Some(watched)) {
            note(entry);
        }
    }

    /// Tells a replica something that will be told again should it have no ear for it now.
    pub(super) fn tell(&self, id: &ReplicaId, command: Command) {
        if let Some(entry) = self.replicas.lock().get(id) {
            let _ = entry.commands.try_send(command);
        }
    }

    /// The versions of a deployment that have replicas.
    pub(super) fn versions(&self, deployment: DeploymentId) -> HashSet<u32> {
        let replicas = self.replicas.lock();
        replicas.keys().filter(|id| id.deployment == deployment).map(|id| id.version).collect()
    }

    fn statuses(&self) -> Vec<ReplicaStatus> {
        self.replicas.lock().values().map(Entry::status).collect()
    }
}

impl Entry {
    fn status(&self) -> ReplicaStatus {
        let usage = self.usage.map(|(usage, _)| usage);
        ReplicaStatus { usage, state_folder: self.state, ..self.status.borrow().clone() }
    }
}

/// Replicas as supervised processes of this machine. They outlive it and are adopted by the next.
#[derive(Clone)]
pub struct ProcessRuntime {
    shared: Arc<Shared>,
    tasks: TaskTracker,
}

impl ProcessRuntime {
    /// Opens the runtime of a data folder and adopts the replicas that an earlier one left. It keeps as much output as
    /// `keeping` says.
    pub async fn open(folders: Folders, confinement: Arc<Confinement>, keeping: Keeping) -> Result<Self> {
        let io = || Error::io("opening the runtime");
        private(&folders.replicas()).map_err(io())?;
        let shared = Arc::new(Shared {
            confinement,
            folders,
            keeping,
            events: broadcast::channel(EVENTS).0,
            cancelled: CancellationToken::new(),
            ports: Ports::default(),
            replicas: Mutex::default(),
        });
        let runtime = Self { shared, tasks: TaskTracker::new() };
        runtime.adopt().map_err(io())?;
        runtime.tasks.spawn(watching::usages(runtime.shared.clone()));
        runtime.tasks.spawn(watching::state_folders(runtime.shared.clone()));
        runtime.tasks.spawn(logs::sweep(runtime.shared.clone()));
        Ok(runtime)
    }

    /// Lets go of all replicas, which go on by themselves.
    pub async fn shutdown(&self) {
        self.shared.cancelled.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn adopt(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.shared.folders.replicas())? {
            let folder = entry?.path();
            match read_record::<Record>(&folder.join(RECORD)) {
                Ok(Some(record)) => {
                    self.shared.ports.note(record.port);
                    self.spawn(record, None);
                }
                // Killed before anything was asked for, or while the rest was removed.
                Ok(None) => {
                    if let Err(error) = run::remove(&folder) {
                        tracing::warn!(folder = %folder.display(), %error, "removing what is left of a replica");
                    }
                }
                Err(error) => {
                    tracing::error!(folder = %folder.display(), %error, "a replica's record is unreadable")
                }
            }
        }
        Ok(())
    }

    fn spawn(&self, record: Record, spec: Option<ReplicaSpec>) {
        let status = ReplicaStatus {
            id: record.id.clone(),
            state: ReplicaState::Starting,
            attempt: record.attempt,
            restarts: record.restarts,
            started_at: None,
            port: record.port,
            usage: None,
            isolation: record.isolation.clone(),
            limits: Limits::default(),
            state_folder: None,
            out_of_memory: record.out_of_memory,
        };
        let (status_sender, status) = watch::channel(status);
        let (commands, receiver) = mpsc::channel(8);
        let entry = Entry { commands, status, watched: None, usage: None, state: None };
        self.shared.replicas.lock().insert(record.id.clone(), entry);
        let adopted = spec.is_none();
        let replica = Replica::new(self.shared.clone(), record, spec, receiver, status_sender);
        self.tasks.spawn(async move {
            match adopted {
                true => replica.adopt().await,
                false => replica.begin().await,
            }
        });
    }

    fn logs(&self) -> Logs {
        Logs::new(self.shared.folders.clone())
    }

    fn commands(&self, id: &ReplicaId) -> Option<mpsc::Sender<Command>> {
        self.shared.replicas.lock().get(id).map(|entry| entry.commands.clone())
    }
}

#[async_trait]
impl Runtime for ProcessRuntime {
    async fn start(&self, spec: ReplicaSpec) -> Result<()> {
        if let Some(commands) = self.commands(&spec.id)
            && commands.send(Command::Start(Box::new(spec.clone()))).await.is_ok()
        {
            return Ok(());
        }
        let port = self.shared.ports.take().map_err(Error::io("starting a replica"))?;
        let record = Record {
            id: spec.id.clone(),
            workspace: spec.workspace.clone(),
            port,
            attempt: 0,
            restarts: 0,
            isolation: Isolation::default(),
            again: spec.restart,
            held: None,
            state: spec.state.clone(),
            out_of_memory: false,
        };
        let folder = self.shared.folders.replica(&spec.id);
        let kept = private(&folder).and_then(|()| write_record(&folder.join(RECORD), &record));
        if let Err(error) = kept {
            self.shared.ports.release(port);
            return Err(Error::io("starting a replica")(error));
        }
        self.spawn(record, Some(spec));
        Ok(())
    }

    async fn stop(&self, id: &ReplicaId, grace: Duration) -> Result<()> {
        let Some(commands) = self.commands(id) else { return Ok(()) };
        let (done, stopped) = oneshot::channel();
        if commands.send(Command::Stop { grace, done }).await.is_ok() {
            // An error says that another stop was first.
            let _ = stopped.await;
        }
        Ok(())
    }

    async fn list(&self) -> Result<Vec<ReplicaStatus>> {
        Ok(self.shared.statuses())
    }

    async fn status(&self, id: &ReplicaId) -> Result<ReplicaStatus> {
        let status = self.shared.replicas.lock().get(id).map(Entry::status);
        status.ok_or_else(|| Error::UnknownReplica(id.clone()))
    }

    fn events(&self) -> broadcast::Receiver<ReplicaEvent> {
        self.shared.events.subscribe()
    }

    async fn attempts(&self, deployment: DeploymentId) -> Result<Vec<Attempt>> {
        self.logs().attempts(deployment).await
    }

    async fn runs(&self, deployment: DeploymentId) -> Result<Vec<Run>> {
        self.logs().runs(deployment).await
    }

    async fn log(
        &self,
        source: &LogSource,
        offset: i64,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<LogChunk> {
        self.logs().read(source, offset, max_bytes, wait).await
    }

    async fn search(&self, query: LogQuery) -> Result<LogFound> {
        self.logs().search(query).await
    }

    async fn remove_log(&self, source: &LogSource) -> Result<()> {
        self.logs().remove(source).await
    }

    async fn remove_logs(&self, deployment: DeploymentId) -> Result<()> {
        self.logs().remove_all(deployment).await
    }
}
