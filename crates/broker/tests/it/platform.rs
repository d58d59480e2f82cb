//! A broker for a test, and the workspaces it knows.

use std::{net::SocketAddr, sync::Arc};

use headwater_broker::{
    Access, Advertised, Broker, BrokerOptions, Credential, NoAccess, ScramKeys, Security,
};
use headwater_model::{DeploymentId, Principal, ReplicaId, WorkspaceId, access::Policy};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::client::Client;

/// Two workspaces; each has a user of its name, and users of its replicas. Passwords are names backwards.
pub(crate) struct Workspaces(Vec<(WorkspaceId, ScramKeys)>);

pub(crate) const A: &str = "acme-demo-a";
pub(crate) const B: &str = "acme-demo-b";

pub(crate) fn password(user: &str) -> String {
    user.chars().rev().collect()
}

/// A replica of a deployment, at its first version.
pub(crate) fn replica(deployment: DeploymentId, index: u32) -> ReplicaId {
    ReplicaId { deployment, version: 1, index }
}

/// The user of a replica.
pub(crate) fn replica_user(workspace: &str, replica: &ReplicaId) -> String {
    format!("{workspace}.{}.{}", replica.deployment, replica.index)
}

impl Workspaces {
    pub(crate) fn two() -> Arc<Self> {
        let workspace = |id: &str| (id.parse().unwrap(), ScramKeys::new(&password(id)));
        Arc::new(Self(vec![workspace(A), workspace(B)]))
    }
}

impl Access for Workspaces {
    fn credential(&self, username: &str) -> Option<Credential> {
        let (name, place) = username.split_once('.').map_or((username, None), |(n, p)| (n, Some(p)));
        let (workspace, keys) = self.0.iter().find(|(id, _)| id.as_str() == name)?;
        let workspace = workspace.clone();
        let Some(place) = place else {
            let principal = Principal::Broker { workspace, replica: None };
            return Some(Credential { principal, keys: keys.clone() });
        };
        let (deployment, index) = place.split_once('.')?;
        let replica = replica(deployment.parse().ok()?, index.parse().ok()?);
        let principal = Principal::Broker { workspace, replica: Some(replica) };
        // The same at each look, or the user would seem to have another password.
        let keys = ScramKeys::derive(&password(username), vec![7; 24], ScramKeys::ITERATIONS);
        Some(Credential { principal, keys })
    }

    fn owner_of(&self, name: &str) -> Option<WorkspaceId> {
        let owns = |id: &WorkspaceId| name == id.as_str() || id.strip(name).is_some();
        self.0.iter().map(|(id, _)| id).find(|id| owns(id)).cloned()
    }
}

/// A broker that listens, on a folder that outlives it.
pub(crate) struct Platform {
    pub(crate) broker: Broker,
    pub(crate) address: SocketAddr,
    shutdown: CancellationToken,
    serving: JoinHandle<()>,
}

impl Platform {
    pub(crate) async fn start(options: BrokerOptions, access: Arc<dyn Access>, security: Security) -> Self {
        let broker = Broker::open(options, access, Arc::new(Policy)).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let advertised = Advertised { host: "broker.test".into(), port: 0 };
        let (serving, token) = (broker.clone(), shutdown.clone());
        let serving = tokio::spawn(async move {
            serving.serve(listener, advertised, security, token).await.unwrap();
        });
        Self { broker, address, shutdown, serving }
    }

    /// Without authentication.
    pub(crate) async fn open(folder: &tempfile::TempDir) -> Self {
        Self::start(options(folder), Arc::new(NoAccess), Security::None).await
    }

    /// For the two workspaces.
    pub(crate) async fn guarded(folder: &tempfile::TempDir) -> Self {
        Self::start(options(folder), Workspaces::two(), Security::Sasl).await
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// A client that has authenticated as a workspace.
    pub(crate) async fn user(&self, user: &str) -> Client {
        let mut client = self.client().await;
        assert_eq!(client.plain(user, &password(user)).await, 0);
        client
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.broker.shutdown().await;
        self.serving.await.unwrap();
    }
}

pub(crate) fn options(folder: &tempfile::TempDir) -> BrokerOptions {
    BrokerOptions { sync: false, ..BrokerOptions::new(folder.path()) }
}
