//! The whole, put together.

use std::{path::PathBuf, sync::Arc};

use headwater_compute::{Builder, Runtime};
use headwater_model::{Action, Authorize, Principal, Resource};
use headwater_repo::Repositories;
use headwater_store::Store;

use crate::{
    Applications, BrokerAccess, Deployments, Git, Live, People, Result, Sessions, Tokens, Topics, Workspaces,
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
    /// Access to repositories.
    pub git: Git,
}

impl Control {
    /// Makes what a first start needs, takes up where the last run ended and starts the reconcilers.
    pub async fn start(_engines: Engines, _settings: Settings) -> Result<Self> {
        todo!()
    }

    /// Ends the reconcilers and waits for them. Replicas stay as they are.
    pub async fn shutdown(&self) {
        todo!()
    }

    /// Whether `who` may do `action` on `what`; the same answer that every function here goes by.
    pub fn permits(&self, _who: &Principal, _action: Action, _what: &Resource) -> bool {
        todo!()
    }
}
