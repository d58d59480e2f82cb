//! Environments, and how clients connect to their broker.

use std::collections::BTreeMap;

use headwater_model::{OrganisationId, Principal, ProjectId, TopicConfig, WorkspaceId};
use headwater_store::Secret;
use jiff::Timestamp;

use crate::{Result, Seen};

/// How clients of a workspace connect to the broker.
#[derive(Debug, Clone)]
pub struct BrokerConnection {
    /// `bootstrap.servers`.
    pub address: String,
    /// The workspace id.
    pub username: String,
    /// Its password.
    pub password: Secret,
    /// Whether the listener speaks TLS; its CA is then [`Workspaces::certificate`].
    pub tls: bool,
}

/// A workspace.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// `{organisation}-{project}-{environment}`.
    pub id: WorkspaceId,
    /// Shown name.
    pub name: String,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The repository it runs, `{organisation}-{project}`.
    pub project: ProjectId,
    /// Last part of the id.
    pub environment: String,
    /// The branch it runs.
    pub branch: String,
    /// For those who may have the broker's password.
    pub broker: Option<BrokerConnection>,
    /// Grows with each change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Workspaces.
#[derive(Clone)]
pub struct Workspaces {}

impl Workspaces {
    /// Those that the caller can read; an SDK token reads one.
    pub async fn list(&self, _who: &Principal) -> Result<Vec<Workspace>> {
        todo!()
    }

    /// One.
    pub async fn get(&self, _who: &Principal, _id: &WorkspaceId) -> Result<Seen<Workspace>> {
        todo!()
    }

    /// The connection as librdkafka options, and nothing but connection options.
    pub async fn librdkafka(&self, _who: &Principal, _id: &WorkspaceId) -> Result<BTreeMap<String, String>> {
        todo!()
    }

    /// The CA certificate of the broker in PEM; none when it speaks no TLS.
    pub async fn certificate(&self, _who: &Principal, _id: &WorkspaceId) -> Result<Option<String>> {
        todo!()
    }

    /// What a topic gets where its maker says nothing.
    pub async fn default_topic_config(&self, _who: &Principal, _id: &WorkspaceId) -> Result<TopicConfig> {
        todo!()
    }
}
