//! The traits and the types they speak in.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use headwater_model::{Application, DeploymentId, ReplicaId, WorkspaceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::{LogFound, LogLine, LogQuery, Result, Run, log};

/// What is to be built.
#[derive(Debug, Clone)]
pub struct BuildSpec {
    /// Names the build log; one build has one id.
    pub build_id: String,
    /// Whose code it is.
    pub workspace: WorkspaceId,
    /// The application's `app.yaml`.
    pub application: Application,
    /// A folder with the application's files at the wanted commit. The builder copies what it keeps.
    pub source: PathBuf,
    /// Content id of that folder (Git's tree id): the same id means the same bytes.
    pub source_id: String,
}

/// How far a build is; each is also a line of the build log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BuildPhase {
    /// Looking for an environment made before.
    Resolving,
    /// Installing what the application depends on.
    Installing,
    /// Placing the code.
    Copying,
    /// Done.
    Ready,
}

/// Something that can be run: code and what it depends on, on disk, never changed once made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// Identifies it by content: equal ids are equal environments.
    pub id: String,
    /// Folder with the application's code; the working directory of replicas.
    pub code: PathBuf,
    /// Further folders that replicas read (interpreter, packages).
    pub readable: Vec<PathBuf>,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Variables that the language needs (`PATH`, `VIRTUAL_ENV`, …).
    pub variables: BTreeMap<String, String>,
    /// Whether nothing had to be installed.
    pub cached: bool,
}

/// Makes environments.
#[async_trait]
pub trait Builder: Send + Sync {
    /// Builds, writing the build log as it goes. Asking twice for the same content is cheap and safe, also at once.
    /// Dropping the future cancels the build and ends its processes. [`crate::Error::Build`] has the reason in
    /// words, quoting the failing line.
    async fn build(&self, spec: &BuildSpec) -> Result<Environment>;
}

/// One run of one replica: every log line and figure belongs to exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The replica.
    pub replica: ReplicaId,
    /// Counts the runs of this replica at this version, from 1.
    pub number: u32,
}

/// What is to run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaSpec {
    /// Its place.
    pub id: ReplicaId,
    /// Whose it is; decides its user id and what it can see.
    pub workspace: WorkspaceId,
    /// What it runs.
    pub environment: Environment,
    /// All variables it gets, secrets included; nothing of the platform's own environment is passed on.
    pub variables: BTreeMap<String, String>,
    /// CPU limit in thousandths of a core.
    pub cpu_millicores: u32,
    /// Memory limit in MiB.
    pub memory_in_mb: u32,
    /// Folder that outlives replicas and is shared by those of the deployment.
    pub state: Option<StateFolder>,
    /// Whether it is started again when it ends.
    pub restart: Restart,
}

/// When a replica that ended is started again: after growing pauses (1 s doubling to 60 s, reset after a minute of
/// running).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Restart {
    /// Never.
    #[default]
    Never,
    /// When it ended in error, at most so many times.
    OnError(u32),
    /// Always.
    Always,
}

/// A folder that a deployment keeps its state in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateFolder {
    /// Where it is.
    pub path: PathBuf,
    /// What it may hold; a replica whose folder holds more is ended.
    pub limit_bytes: u64,
}

/// How it is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum ReplicaState {
    /// Its process is being made.
    Starting,
    /// Its process runs.
    Running {
        /// Process id on this machine.
        pid: u32,
    },
    /// It ended and will start again.
    Waiting {
        /// How it ended.
        exit: Exit,
        /// When it starts again.
        until: Timestamp,
    },
    /// It is being ended.
    Stopping,
    /// It ended for good.
    Ended {
        /// How.
        exit: Exit,
    },
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Exit {
    /// Exit code, when it ended by itself.
    pub code: Option<i32>,
    /// Signal, when one ended it.
    pub signal: Option<i32>,
    /// Whether it ran out of memory, where known.
    pub out_of_memory: bool,
    /// In words: `exit code 1: ModuleNotFoundError: No module named 'pandas'`, `killed by SIGKILL`, …
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

impl Exit {
    /// Whether it ended by itself with code 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

/// A replica as it is now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplicaStatus {
    /// Its place.
    pub id: ReplicaId,
    /// How it is doing.
    pub state: ReplicaState,
    /// Number of the present or last run.
    pub attempt: u32,
    /// Runs that ended in error since it was started.
    pub restarts: u32,
    /// When the present or last run began.
    pub started_at: Option<Timestamp>,
    /// Port given in `PORT`, on the loopback address.
    pub port: u16,
    /// Latest sample.
    pub usage: Option<Usage>,
    /// How it is kept from others, in words for the deployment's page.
    pub isolation: Isolation,
    /// What the present or last run is held to.
    pub limits: Limits,
    /// What its state folder holds, once that was measured.
    pub state_folder: Option<StateUsage>,
    /// Whether the last run that ended ran out of memory.
    pub out_of_memory: bool,
}

/// What the kernel says that a program is held to; what is absent is not limited.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// CPU in thousandths of a core, of all its processes together.
    pub cpu_millicores: Option<u32>,
    /// Memory in bytes, of all its processes together unless `note` says otherwise.
    pub memory_bytes: Option<u64>,
    /// Processes and threads.
    pub processes: Option<u64>,
    /// Open files of each process.
    pub open_files: Option<u64>,
    /// What enforces them.
    pub enforced_by: EnforcedBy,
    /// What is less than was asked for, in words.
    pub note: Option<String>,
}

/// What enforces limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EnforcedBy {
    /// Control groups of version 2.
    Cgroup2,
    /// Control groups of version 1.
    Cgroup1,
    /// Resource limits of each process.
    Rlimit,
    /// Nothing, or nothing ran yet.
    #[default]
    None,
}

/// What a state folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StateUsage {
    /// Bytes on the disk.
    pub used_bytes: u64,
    /// Bytes that it may hold.
    pub limit_bytes: u64,
}

impl ReplicaStatus {
    /// Whether its process runs.
    pub fn is_running(&self) -> bool {
        matches!(self.state, ReplicaState::Running { .. })
    }

    /// Whether it runs or will again.
    pub fn is_alive(&self) -> bool {
        !matches!(self.state, ReplicaState::Ended { .. })
    }
}

/// What keeps a replica from the platform and from other replicas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Isolation {
    /// Own user id.
    pub uid: Option<u32>,
    /// Own process and mount namespaces: nothing of others is visible.
    pub namespaces: bool,
    /// Landlock rules in force.
    pub landlock: bool,
}

/// A sample of the program and everything it started.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// When.
    pub at: Timestamp,
    /// CPU used since the sample before, in thousandths of a core.
    pub cpu_millicores: f64,
    /// Resident memory in bytes.
    pub memory_bytes: u64,
}

/// What happened to a replica; the state after it is in [`Runtime::status`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaEvent {
    /// Which.
    pub id: ReplicaId,
}

/// Whose output is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LogSource {
    /// A build's log.
    Build(String),
    /// One run's output.
    Run(Attempt),
}

/// Which output a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
    /// The platform's own remarks: started, ended with …
    Platform,
}

impl LogChunk {
    /// Its lines; nothing of what a writer that was ended left of one. Levels are not told.
    pub fn lines(&self) -> impl Iterator<Item = LogLine> {
        log::lines(self)
    }
}

/// A piece of a log: whole lines `TIMESTAMP STREAM TEXT\n` (`2026-01-31T12:00:00.123456Z out hello`).
/// A line of the program that is longer than 64 KiB is cut into several, each but the last ending in `…`. The last line
/// of a log that was cut off has no end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogChunk {
    /// Byte offset of the first byte.
    pub offset: u64,
    /// The lines.
    pub bytes: Bytes,
    /// Byte offset to read from next.
    pub next: u64,
    /// Bytes that follow it already.
    pub left: u64,
    /// No more will come: the run ended and all is read.
    pub end: bool,
}

/// Starts, observes and stops replicas. Idempotent: asking twice is asking once.
#[async_trait]
pub trait Runtime: Send + Sync {
    /// Starts a replica unless it exists. Returns when the wish is recorded; see [`Runtime::events`].
    async fn start(&self, spec: ReplicaSpec) -> Result<()>;

    /// Ends a replica: SIGTERM to the group, then SIGKILL after `grace`. Returns when nothing of it is left
    /// but its logs. A replica that does not exist is stopped already.
    async fn stop(&self, id: &ReplicaId, grace: Duration) -> Result<()>;

    /// Every replica known, those that ended and were not stopped yet included.
    async fn list(&self) -> Result<Vec<ReplicaStatus>>;

    /// One replica; [`crate::Error::UnknownReplica`] when there is none.
    async fn status(&self, id: &ReplicaId) -> Result<ReplicaStatus>;

    /// Changes as they happen. A reader that falls behind sees `Lagged` and lists anew.
    fn events(&self) -> broadcast::Receiver<ReplicaEvent>;

    /// The attempts of a deployment whose output is kept, oldest first.
    async fn attempts(&self, deployment: DeploymentId) -> Result<Vec<Attempt>>;

    /// The same with what is known of each.
    async fn runs(&self, deployment: DeploymentId) -> Result<Vec<Run>>;

    /// Looks through logs, read as one in the order of time. Those that are gone hold nothing. Dropping the future stops it.
    async fn search(&self, query: LogQuery) -> Result<LogFound>;

    /// Reads a log from `offset`, at most `max_bytes` but one line at least; when there is nothing new waits at most
    /// `wait` for more. It starts at a line: what has left is passed over, as [`LogChunk::offset`] tells. A negative
    /// offset counts from the end. [`crate::Error::UnknownLog`] when
    /// there is none.
    async fn log(
        &self,
        source: &LogSource,
        offset: i64,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<LogChunk>;

    /// Forgets one log; one that is not there is forgotten already.
    async fn remove_log(&self, source: &LogSource) -> Result<()>;

    /// Forgets the logs of the runs of a deployment.
    async fn remove_logs(&self, deployment: DeploymentId) -> Result<()>;
}
