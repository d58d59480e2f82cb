//! Builds and replicas in memory: all succeed at once, and write what the test says.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use headwater_compute::{
    Attempt, BuildSpec, Builder, Environment, Error, Exit, Folders, Isolation, Limits, LogChunk, LogFound,
    LogQuery, LogSource, Logs, ReplicaEvent, ReplicaId, ReplicaSpec, ReplicaState, ReplicaStatus, Result,
    Run, Runtime, Usage,
};
use headwater_model::DeploymentId;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tempfile::TempDir;
use tokio::sync::broadcast;

pub(crate) struct Machine {
    replicas: Mutex<BTreeMap<ReplicaId, ReplicaSpec>>,
    dir: TempDir,
    logs: Logs,
    events: broadcast::Sender<ReplicaEvent>,
    /// The next look at the replicas panics.
    trap: AtomicBool,
    builds: AtomicUsize,
}

impl Default for Machine {
    fn default() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            replicas: Mutex::default(),
            logs: Logs::new(Folders::new(dir.path()).unwrap()),
            dir,
            events: broadcast::Sender::new(64),
            trap: AtomicBool::new(false),
            builds: AtomicUsize::new(0),
        }
    }
}

impl Machine {
    pub(crate) fn panic_once(&self) {
        self.trap.store(true, Ordering::SeqCst);
    }

    pub(crate) fn has_panicked(&self) -> bool {
        !self.trap.load(Ordering::SeqCst)
    }

    /// Adds a line to a log, as written now.
    pub(crate) fn say(&self, source: &LogSource, text: &str) {
        self.say_at(source, Timestamp::now(), text);
    }

    /// How many builds there were.
    pub(crate) fn builds(&self) -> usize {
        self.builds.load(Ordering::SeqCst)
    }

    /// Adds a line to a log.
    pub(crate) fn say_at(&self, source: &LogSource, time: Timestamp, text: &str) {
        let folder = self.folder(source);
        fs::create_dir_all(&folder).unwrap();
        let mut segment = fs::File::options();
        let segment = segment.append(true).create(true).open(folder.join(format!("{:020}.log", 0)));
        writeln!(segment.unwrap(), "{time:.6} out {text}").unwrap();
    }

    /// Says that nothing more comes of a run.
    pub(crate) fn end(&self, source: &LogSource) {
        fs::write(self.folder(source).join("ended"), "").unwrap();
    }

    fn folder(&self, source: &LogSource) -> PathBuf {
        let logs = self.dir.path().join("logs");
        match source {
            LogSource::Build(id) => logs.join("builds").join(id),
            LogSource::Run(Attempt { replica, number }) => {
                logs.join(format!("{}/{}/{}/{number}", replica.deployment, replica.version, replica.index))
            }
        }
    }

    pub(crate) fn announce(&self, id: ReplicaId) {
        let _ = self.events.send(ReplicaEvent { id });
    }

    /// What the replicas of a deployment were given.
    pub(crate) fn specs(&self, deployment: DeploymentId) -> Vec<ReplicaSpec> {
        let replicas = self.replicas.lock();
        replicas.values().filter(|spec| spec.id.deployment == deployment).cloned().collect()
    }
}

/// As the variable `FATE` has it: falls over again and again, ends well, or runs.
fn state(spec: &ReplicaSpec) -> ReplicaState {
    let exit = |code, reason: &str| Exit {
        code: Some(code),
        signal: None,
        out_of_memory: false,
        reason: reason.into(),
        at: Timestamp::now(),
    };
    match spec.variables.get("FATE").map(String::as_str) {
        Some("falls") => ReplicaState::Waiting { exit: exit(1, "exit code 1"), until: Timestamp::now() },
        Some("ends") => ReplicaState::Ended { exit: exit(0, "exit code 0") },
        _ => ReplicaState::Running { pid: 1 },
    }
}

#[async_trait]
impl Builder for Machine {
    async fn build(&self, spec: &BuildSpec) -> Result<Environment> {
        self.say(&LogSource::Build(spec.build_id.clone()), "built");
        self.builds.fetch_add(1, Ordering::SeqCst);
        Ok(Environment {
            id: spec.source_id.clone(),
            code: "/code".into(),
            readable: Vec::new(),
            command: vec!["true".into()],
            variables: BTreeMap::new(),
            cached: true,
        })
    }
}

#[async_trait]
impl Runtime for Machine {
    async fn start(&self, spec: ReplicaSpec) -> Result<()> {
        let id = spec.id.clone();
        self.replicas.lock().entry(id.clone()).or_insert(spec);
        self.announce(id);
        Ok(())
    }

    async fn stop(&self, id: &ReplicaId, _: Duration) -> Result<()> {
        self.replicas.lock().remove(id);
        self.announce(id.clone());
        Ok(())
    }

    async fn list(&self) -> Result<Vec<ReplicaStatus>> {
        assert!(!self.trap.swap(false, Ordering::SeqCst), "the trap that the test has set");
        let now = Timestamp::now();
        let status = |(id, spec): (&ReplicaId, &ReplicaSpec)| ReplicaStatus {
            id: id.clone(),
            state: state(spec),
            attempt: 1,
            // Often enough to be given up.
            restarts: if spec.variables.contains_key("FATE") { 2 } else { 0 },
            // Long enough ago to count as well.
            started_at: Some(now - SignedDuration::from_secs(30)),
            port: 1,
            usage: Some(Usage { at: now, cpu_millicores: 10.0, memory_bytes: 1 << 20 }),
            isolation: Isolation::default(),
            limits: Limits::default(),
            state_folder: None,
            out_of_memory: false,
        };
        Ok(self.replicas.lock().iter().map(status).collect())
    }

    async fn status(&self, id: &ReplicaId) -> Result<ReplicaStatus> {
        let mut all = self.list().await?.into_iter();
        all.find(|replica| replica.id == *id).ok_or_else(|| Error::UnknownReplica(id.clone()))
    }

    fn events(&self) -> broadcast::Receiver<ReplicaEvent> {
        self.events.subscribe()
    }

    async fn attempts(&self, deployment: DeploymentId) -> Result<Vec<Attempt>> {
        self.logs.attempts(deployment).await
    }

    async fn runs(&self, deployment: DeploymentId) -> Result<Vec<Run>> {
        self.logs.runs(deployment).await
    }

    async fn search(&self, query: LogQuery) -> Result<LogFound> {
        self.logs.search(query).await
    }

    async fn log(
        &self,
        source: &LogSource,
        offset: i64,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<LogChunk> {
        self.logs.read(source, offset, max_bytes, wait).await
    }

    async fn remove_log(&self, source: &LogSource) -> Result<()> {
        self.logs.remove(source).await
    }

    async fn remove_logs(&self, deployment: DeploymentId) -> Result<()> {
        self.logs.remove_all(deployment).await
    }
}
