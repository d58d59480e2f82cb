//! A data folder with a runtime on it, and programs to run.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use headwater_compute::{
    Confinement, Environment, Exit, Folders, LogSource, ProcessRuntime, ReplicaId, ReplicaSpec, ReplicaState,
    ReplicaStatus, Restart, Runtime as _, StateFolder,
};
use headwater_model::{DeploymentId, WorkspaceId};
use tempfile::TempDir;

/// Nothing here takes longer, even on a busy machine; an emulated one says how many seconds it takes.
pub(crate) fn patience() -> Duration {
    let said = std::env::var("HEADWATER_TEST_PATIENCE").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(said.unwrap_or(30))
}

/// Runs a test's body.
pub(crate) fn run<F: Future<Output = ()>>(body: impl FnOnce() -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(body());
}

pub(crate) struct Stage {
    pub(crate) dir: TempDir,
    pub(crate) runtime: ProcessRuntime,
    pub(crate) confinement: Arc<Confinement>,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("secret"), "of the platform").unwrap();
        let folders = Folders::new(dir.path()).unwrap();
        let confinement = Arc::new(Confinement::open(&folders, false).unwrap());
        let runtime = ProcessRuntime::open(folders, confinement.clone(), Default::default()).await.unwrap();
        Self { dir, runtime, confinement }
    }

    /// Lets go of everything and opens it anew, as a platform that is started again does.
    pub(crate) async fn reopen(&mut self) {
        self.runtime.shutdown().await;
        self.runtime =
            ProcessRuntime::open(self.folders(), self.confinement.clone(), Default::default()).await.unwrap();
    }

    pub(crate) fn folders(&self) -> Folders {
        Folders::new(self.dir.path()).unwrap()
    }

    /// A state folder with room.
    pub(crate) fn state(&self) -> StateFolder {
        StateFolder { path: self.folders().state(DeploymentId::new()), limit_bytes: 1 << 30 }
    }

    /// A replica that runs a shell script.
    pub(crate) fn script(&self, script: &str) -> ReplicaSpec {
        let code = self.dir.path().join("code");
        fs::create_dir_all(&code).unwrap();
        ReplicaSpec {
            id: ReplicaId { deployment: DeploymentId::new(), version: 1, index: 0 },
            workspace: workspace("acme-demo-dev"),
            environment: Environment {
                id: "shell".into(),
                code,
                readable: Vec::new(),
                command: vec!["/bin/sh".into(), "-c".into(), script.into()],
                variables: BTreeMap::new(),
                cached: true,
            },
            variables: BTreeMap::new(),
            cpu_millicores: 200,
            memory_in_mb: 200,
            state: None,
            restart: Restart::Never,
        }
    }

    /// Starts it and waits until it runs.
    pub(crate) async fn running(&self, spec: &ReplicaSpec) -> (ReplicaStatus, u32) {
        self.runtime.start(spec.clone()).await.unwrap();
        let status = self
            .until(&spec.id, "running", |status| matches!(status.state, ReplicaState::Running { .. }))
            .await;
        let ReplicaState::Running { pid } = status.state else { unreachable!("it was waited for") };
        (status, pid)
    }

    /// Waits until it has ended for good.
    pub(crate) async fn ended(&self, id: &ReplicaId) -> Exit {
        let status =
            self.until(id, "ended", |status| matches!(status.state, ReplicaState::Ended { .. })).await;
        let ReplicaState::Ended { exit } = status.state else { unreachable!("it was waited for") };
        exit
    }

    pub(crate) async fn until(
        &self,
        id: &ReplicaId,
        what: &str,
        right: impl Fn(&ReplicaStatus) -> bool,
    ) -> ReplicaStatus {
        let mut events = self.runtime.events();
        let deadline = Instant::now() + patience();
        loop {
            let status = self.runtime.status(id).await.unwrap();
            if right(&status) {
                return status;
            }
            assert!(Instant::now() < deadline, "not {what}: {status:?}");
            let _ = tokio::time::timeout(Duration::from_millis(100), events.recv()).await;
        }
    }

    /// Waits until a run's output has `text`, and answers all of it.
    pub(crate) async fn output(&self, id: &ReplicaId, attempt: u32, text: &str) -> String {
        let source = LogSource::Run(headwater_compute::Attempt { replica: id.clone(), number: attempt });
        let (mut all, mut offset) = (String::new(), 0);
        let deadline = Instant::now() + patience();
        while !all.contains(text) {
            assert!(Instant::now() < deadline, "no '{text}' in:\n{all}");
            let read = self.runtime.log(&source, offset, 1 << 20, Duration::from_secs(5)).await;
            match read {
                Ok(chunk) => {
                    all.push_str(std::str::from_utf8(&chunk.bytes).unwrap());
                    offset = chunk.next as i64;
                    assert!(!chunk.end || all.contains(text), "it ended without '{text}':\n{all}");
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
        all
    }
}

pub(crate) fn workspace(id: &str) -> WorkspaceId {
    id.parse().unwrap()
}

/// The processes whose command line or environment holds `mark`.
pub(crate) fn processes_with(mark: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let read = |name: &str| fs::read(entry.path().join(name)).unwrap_or_default();
        let holds = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).contains(mark);
        if pid != std::process::id() && (holds(read("cmdline")) || holds(read("environ"))) {
            found.push(pid);
        }
    }
    found
}

/// The mounts of the machine below a folder.
pub(crate) fn mounts_below(path: &Path) -> usize {
    let text = fs::read_to_string("/proc/self/mounts").unwrap();
    text.lines().filter(|line| line.contains(&path.display().to_string())).count()
}

pub(crate) fn files_below(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).collect()
}
