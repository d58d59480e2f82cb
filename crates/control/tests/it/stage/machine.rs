//! Builds and replicas in memory: all succeed at once, and write what the test says.

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use headwater_compute::{
    Attempt, BuildSpec, Builder, Environment, Error, Exit, Isolation, Limits, LogChunk, LogSource,
    ReplicaEvent, ReplicaId, ReplicaSpec, ReplicaState, ReplicaStatus, Result, Runtime, Usage,
};
use headwater_model::DeploymentId;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokio::sync::broadcast;

pub(crate) struct Machine {
    replicas: Mutex<BTreeMap<ReplicaId, ReplicaSpec>>,
    logs: Mutex<HashMap<LogSource, Vec<u8>>>,
    events: broadcast::Sender<ReplicaEvent>,
    /// The next look at the replicas panics.
    trap: AtomicBool,
    /// Each read of a log makes it longer.
    talkative: AtomicBool,
    builds: AtomicUsize,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            replicas: Mutex::default(),
            logs: Mutex::default(),
            events: broadcast::Sender::new(64),
            trap: AtomicBool::new(false),
            talkative: AtomicBool::new(false),
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

    pub(crate) fn talk_on(&self) {
        self.talkative.store(true, Ordering::SeqCst);
    }

    /// How many builds there were.
    pub(crate) fn builds(&self) -> usize {
        self.builds.load(Ordering::SeqCst)
    }

    /// Adds a line to a log.
    pub(crate) fn say(&self, source: &LogSource, text: &str) {
        self.logs.lock().entry(source.clone()).or_default().extend(line(text).as_bytes());
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

fn line(text: &str) -> String {
    format!("2026-01-31T12:00:00.000000Z out {text}\n")
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
        let logs = self.logs.lock();
        let run = |source: &LogSource| match source {
            LogSource::Run(attempt) if attempt.replica.deployment == deployment => Some(attempt.clone()),
            _ => None,
        };
        let mut all: Vec<_> = logs.keys().filter_map(run).collect();
        all.sort();
        Ok(all)
    }

    async fn log(
        &self,
        source: &LogSource,
        offset: i64,
        max_bytes: usize,
        wait: Duration,
    ) -> Result<LogChunk> {
        let chunk = {
            let mut logs = self.logs.lock();
            let log = logs.get_mut(source).ok_or(Error::UnknownLog)?;
            let from = match usize::try_from(offset) {
                Ok(offset) => offset.min(log.len()),
                // A tail begins with a line.
                Err(_) => {
                    let at = log.len().saturating_sub(offset.unsigned_abs() as usize);
                    let ends = log[at..].iter().position(|byte| *byte == b'\n');
                    if at == 0 { 0 } else { ends.map_or(at, |end| at + end + 1) }
                }
            };
            // Whole lines, one at least.
            let piece = &log[from..log.len().min(from + max_bytes)];
            let last = piece.iter().rposition(|byte| *byte == b'\n');
            let last = last.or_else(|| log[from..].iter().position(|byte| *byte == b'\n'));
            let whole = last.map_or(0, |end| end + 1);
            let bytes = log[from..from + whole].to_vec();
            if self.talkative.load(Ordering::SeqCst) {
                log.extend(line("and another").as_bytes());
            }
            LogChunk { offset: from as u64, next: (from + whole) as u64, bytes: bytes.into(), end: false }
        };
        if chunk.bytes.is_empty() {
            tokio::time::sleep(wait.min(Duration::from_millis(20))).await;
        }
        Ok(chunk)
    }

    async fn remove_log(&self, source: &LogSource) -> Result<()> {
        self.logs.lock().remove(source);
        Ok(())
    }

    async fn remove_logs(&self, _: DeploymentId) -> Result<()> {
        Ok(())
    }
}
