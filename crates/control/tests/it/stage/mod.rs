//! The product over a temporary folder: the embedded store, broker and repositories, and replicas that only seem to run.

mod held;
mod machine;

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::StreamExt;
use headwater_broker::{Broker, BrokerOptions};
use headwater_control::{Application, BrokerAccess, Control, Engines, Feed, FeedEvent, Settings};
use headwater_model::{Principal, ProjectId, Role, WorkspaceId, access::Policy};
use headwater_repo::{Change, Repositories};
use headwater_store::Store;
use headwater_topics::{Embedded, Topics};
use tempfile::TempDir;

pub(crate) use held::Held;
pub(crate) use machine::Machine;

/// Nothing here takes longer, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const APP: &str = "name: App\nlanguage: python\nrunEntryPoint: main.py\n";

pub(crate) struct Stage {
    pub(crate) control: Control,
    pub(crate) store: Store,
    pub(crate) access: BrokerAccess,
    pub(crate) kafka: Arc<Held>,
    pub(crate) repositories: Repositories,
    pub(crate) machine: Arc<Machine>,
    pub(crate) metrics: Arc<headwater_metrics::Store>,
    pub(crate) ws: WorkspaceId,
    pub(crate) admin: Principal,
    _dir: TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// With a repository that `seed` has put something into before the platform starts.
    pub(crate) async fn with(seed: impl FnOnce(&Path)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let repositories = Repositories::open(dir.path().join("repos")).unwrap();
        repositories.create(&project(), "main", "# Demo\n").await.unwrap();
        seed(&dir.path().join("repos/acme-demo.git"));
        let store = Store::open(dir.path()).await.unwrap();
        let access = BrokerAccess::open(&store).await.unwrap();
        let options = BrokerOptions { sync: false, ..BrokerOptions::new(dir.path().join("broker")) };
        let broker = Broker::open(options, Arc::new(access.clone()), Arc::new(Policy)).await.unwrap();
        let kafka = Arc::new(Held::new(Embedded::new(broker)));
        let machine = Arc::new(Machine::default());
        let metrics = Arc::new(headwater_metrics::Store::open(dir.path().join("metrics"), 1000).unwrap());
        let engines = Engines {
            store: store.clone(),
            broker_access: access.clone(),
            broker_topics: kafka.clone(),
            repositories: repositories.clone(),
            builder: machine.clone(),
            runtime: machine.clone(),
            routes: headwater_ingress::Routes::new(),
            metrics: metrics.clone(),
        };
        let control = Control::start(engines, settings(dir.path())).await.unwrap();
        let user = store.read().await.unwrap().users().await.unwrap().remove(0).id;
        Self {
            control,
            store,
            access,
            kafka,
            repositories,
            machine,
            metrics,
            ws: "acme-demo-dev".parse().unwrap(),
            admin: Principal::User { user, role: Role::Admin, token: None },
            _dir: dir,
        }
    }

    /// Commits files, as a person with an editor does.
    pub(crate) async fn commit(&self, files: &[(&str, &str)]) -> String {
        let put = |(path, text): &(&str, &str)| Change::Put {
            path: (*path).into(),
            content: text.as_bytes().to_vec().into(),
            executable: false,
        };
        let changes = files.iter().map(put).collect();
        self.repositories.commit_files(&project(), "main", "Change", ("Ada", "a@b"), changes).await.unwrap()
    }

    /// The application at a path, once it was found there.
    pub(crate) async fn application(&self, path: &str) -> Application {
        eventually(async || {
            let all = self.control.applications.list(&self.admin, &self.ws).await.unwrap().value;
            all.into_iter().find(|found| found.path == path)
        })
        .await
    }

    /// A topic that exists at the broker.
    pub(crate) async fn topic(&self, name: &str, partitions: i32) {
        let topic = headwater_control::CreateTopic {
            name: name.into(),
            partitions: Some(partitions),
            ..Default::default()
        };
        self.control.topics.create(&self.admin, &self.ws, topic).await.unwrap();
        let id = self.ws.topic(name).unwrap();
        eventually(async || self.kafka.describe(&id).await.ok()).await;
    }
}

pub(crate) fn project() -> ProjectId {
    "acme-demo".parse().unwrap()
}

fn settings(dir: &Path) -> Settings {
    Settings {
        http_url: "http://127.0.0.1:8000".into(),
        kafka_advertised: "127.0.0.1:9092".into(),
        kafka_ca_pem: None,
        domain: "localhost:8000".into(),
        public_url: "http://127.0.0.1:8001".into(),
        data_dir: dir.into(),
        organisation: "acme".into(),
        project: "demo".into(),
        environment: "dev".into(),
        administrator: "ada@example.org".into(),
    }
}

/// Adds a commit to `main` with files whose paths the platform itself would not write.
pub(crate) fn import(repository: &Path, files: &[(&str, &[u8])]) {
    let mut git = Command::new("git")
        .arg("--git-dir")
        .arg(repository)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = git.stdin.take().unwrap();
    to.write_all(b"commit refs/heads/main\ncommitter Ada <a@b> 1700000000 +0000\ndata 4\nPush\n").unwrap();
    to.write_all(b"from refs/heads/main^0\n").unwrap();
    for (path, content) in files {
        write!(to, "M 100644 inline \"{}\"\ndata {}\n", path.replace('\\', "\\\\"), content.len()).unwrap();
        to.write_all(content).unwrap();
        to.write_all(b"\n").unwrap();
    }
    drop(to);
    assert!(git.wait().unwrap().success());
}

/// What `look` finds, asked for until it does.
pub(crate) async fn eventually<T>(look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The next event of a feed: its cursor, and what it carries.
pub(crate) async fn next<T>(feed: &mut Feed<T>) -> (String, T) {
    match tokio::time::timeout(PATIENCE, feed.events.next()).await.unwrap().unwrap() {
        FeedEvent::Data { cursor, data } => (cursor, data),
        FeedEvent::Reset { cursor } => panic!("reset at {cursor}"),
        FeedEvent::Failed(error) => panic!("{error}"),
    }
}
