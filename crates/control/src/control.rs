//! The whole, put together.

use std::{path::PathBuf, sync::Arc, time::Duration};

use headwater_compute::{Builder, Runtime};
use headwater_model::{Action, Principal, Resource, WorkspaceId, access::Policy};
use headwater_repo::Repositories;
use headwater_store::Store;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Applications, BrokerAccess, Deployments, Git, Groups, Live, Metrics, People, Result, Sessions, Tokens,
    Topics, Workspaces, applications, bootstrap,
    core::Core,
    deployments::{self, Reconcilers},
    live::{self, Sampler},
    metrics::{self, Builds},
    tokens::Credentials,
    topics,
};

/// The engines that the product runs on; the binary chooses them.
pub struct Engines {
    /// Metadata.
    pub store: Store,
    /// Who may enter the broker; the same object that the broker was given.
    pub broker_access: BrokerAccess,
    /// The Kafka.
    pub broker_topics: Arc<dyn headwater_topics::Topics>,
    /// Git.
    pub repositories: Repositories,
    /// Makes environments.
    pub builder: Arc<dyn Builder>,
    /// Runs replicas.
    pub runtime: Arc<dyn Runtime>,
    /// Where public addresses lead.
    pub routes: headwater_ingress::Routes,
    /// Figures over time.
    pub metrics: Arc<headwater_metrics::Store>,
}

/// What the product must know about its surroundings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The Portal API as replicas and clients on this machine reach it: `http://127.0.0.1:8000`.
    pub http_url: String,
    /// `bootstrap.servers` that clients are given: `127.0.0.1:9092`.
    pub kafka_advertised: String,
    /// The CA of the Kafka listener in PEM, when it speaks TLS.
    pub kafka_ca_pem: Option<String>,
    /// The domain under which public applications answer by host, with the port: `localhost:8000`.
    pub domain: String,
    /// Where public applications answer by path: `http://127.0.0.1:8001`.
    pub public_url: String,
    /// The folder of all state.
    pub data_dir: PathBuf,
    /// Organisation of the first start.
    pub organisation: String,
    /// Project of the first start, without the organisation.
    pub project: String,
    /// Environment of the first start: last part of the workspace id.
    pub environment: String,
    /// E-mail address of the administrator of the first start.
    pub administrator: String,
}

/// A value with the position in its workspace's change feed at which it was read: changes after it are not in it yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen<T> {
    /// `seq` of the last change that the value has.
    pub as_of: i64,
    /// The value.
    pub value: T,
}

/// The product. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Control {
    /// Environments and their broker connections.
    pub workspaces: Workspaces,
    /// Topics.
    pub topics: Topics,
    /// Consumer groups.
    pub groups: Groups,
    /// Folders of code with an `app.yaml`.
    pub applications: Applications,
    /// What runs.
    pub deployments: Deployments,
    /// Access tokens.
    pub tokens: Tokens,
    /// Browser sign-in.
    pub sessions: Sessions,
    /// Who the caller is.
    pub people: People,
    /// Feeds.
    pub live: Live,
    /// Figures over time.
    pub metrics: Metrics,
    /// Access to repositories.
    pub git: Git,
    core: Arc<Core>,
}

impl Control {
    /// Makes what a first start needs, takes up where the last run ended and starts the reconcilers.
    pub async fn start(engines: Engines, settings: Settings) -> Result<Self> {
        bootstrap::rows(&engines.store, &settings).await?;
        engines.broker_access.refresh(&engines.store).await?;
        let core = Arc::new(Core {
            store: engines.store,
            kafka: engines.broker_topics,
            repositories: engines.repositories,
            builder: engines.builder,
            runtime: engines.runtime,
            routes: engines.routes,
            metrics: engines.metrics,
            builds: Builds::default(),
            settings,
            policy: Policy,
            credentials: Credentials::new(engines.broker_access.replicas.clone()),
            replicas: engines.broker_access.replicas,
            sampler: Sampler::default(),
            topics_changed: Notify::new(),
            reconcilers: Reconcilers::default(),
            scanning: tokio::sync::Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        });
        core.credentials.reload(&core.store).await?;
        bootstrap::things(&core).await?;
        applications::scan_all(&core).await;
        core.keep("topics", topics::reconcile);
        core.keep("applications", applications::follow);
        core.keep("deployments", deployments::supervise);
        core.keep("figures", live::sample);
        core.keep("metrics", metrics::keep);
        core.keep("tokens", write_down_use);
        Ok(Self {
            workspaces: Workspaces { core: core.clone() },
            topics: Topics { core: core.clone() },
            groups: Groups { core: core.clone() },
            applications: Applications { core: core.clone() },
            deployments: Deployments { core: core.clone() },
            tokens: Tokens { core: core.clone() },
            sessions: Sessions { core: core.clone() },
            people: People { core: core.clone() },
            live: Live { core: core.clone() },
            metrics: Metrics { core: core.clone() },
            git: Git { core: core.clone() },
            core,
        })
    }

    /// Ends the reconcilers and waits for them. Replicas stay as they are.
    pub async fn shutdown(&self) {
        self.core.stop.cancel();
        self.core.tasks.close();
        self.core.tasks.wait().await;
        if let Err(error) = self.core.credentials.flush(&self.core.store).await {
            tracing::warn!(%error, "the last use of tokens could not be written down");
        }
    }

    /// Whether `who` may do `action` on `what`; the same answer that every function here goes by.
    pub fn permits(&self, who: &Principal, action: Action, what: &Resource) -> bool {
        self.core.permits(who, action, what)
    }

    /// Refuses what `who` may not do in a workspace, as every function here does first: for edges that learn the
    /// workspace before the rest.
    pub fn enter(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        action: Action,
        what: &Resource,
    ) -> Result<()> {
        self.core.enter(who, workspace, action, what)
    }
}

/// Keeps when tokens were last used, to within half a minute.
async fn write_down_use(core: Arc<Core>) {
    loop {
        tokio::time::sleep(Duration::from_secs(30)).await;
        if let Err(error) = core.credentials.flush(&core.store).await {
            tracing::warn!(%error, "the last use of tokens could not be written down");
        }
    }
}
