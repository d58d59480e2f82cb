//! Environments, and how clients connect to their broker.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use headwater_model::{Action, OrganisationId, Principal, ProjectId, Resource, TopicConfig, WorkspaceId};
use headwater_store::Secret;
use jiff::Timestamp;

use crate::{Error, Result, Seen, core::Core};

/// How clients of a workspace connect to the broker.
#[derive(Debug, Clone)]
pub struct BrokerConnection {
    /// `bootstrap.servers`.
    pub address: String,
    /// The workspace id; for a replica a user of its own.
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
pub struct Workspaces {
    pub(crate) core: Arc<Core>,
}

impl Workspaces {
    /// Those that the caller can read; an SDK token reads one.
    pub async fn list(&self, who: &Principal) -> Result<Vec<Workspace>> {
        let all = self.core.store.read().await?.workspaces().await?;
        let mine = all
            .into_iter()
            .filter(|ws| self.core.permits(who, Action::Read, &Resource::Workspace(ws.id.clone())));
        Ok(mine.map(|row| self.view(who, row)).collect())
    }

    /// One.
    pub async fn get(&self, who: &Principal, id: &WorkspaceId) -> Result<Seen<Workspace>> {
        self.core.enter(who, id, Action::Read, &Resource::Workspace(id.clone()))?;
        let read = self.core.store.read().await?;
        Ok(Seen { as_of: read.seq(id).await?, value: self.view(who, read.workspace(id).await?) })
    }

    /// The connection as librdkafka options, and nothing but connection options: clients refuse to start on others.
    pub async fn librdkafka(&self, who: &Principal, id: &WorkspaceId) -> Result<BTreeMap<String, String>> {
        self.core.enter(who, id, Action::Read, &Resource::BrokerCredentials(id.clone()))?;
        let row = self.core.store.read().await?.workspace(id).await?;
        let refused = Error::Forbidden { action: "read", what: "broker password" };
        let broker = self.connection(who, row).ok_or(refused)?;
        let protocol = if broker.tls { "sasl_ssl" } else { "sasl_plaintext" };
        let mut options = BTreeMap::from([
            ("bootstrap.servers", broker.address),
            ("security.protocol", protocol.into()),
            ("sasl.mechanism", "SCRAM-SHA-256".into()),
            ("sasl.username", broker.username),
            ("sasl.password", broker.password.expose().to_owned()),
        ]);
        if let Some(pem) = &self.core.settings.kafka_ca_pem {
            options.insert("ssl.ca.cert", BASE64.encode(pem));
        }
        Ok(options.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// The CA certificate of the broker in PEM; none when it speaks no TLS.
    pub async fn certificate(&self, who: &Principal, id: &WorkspaceId) -> Result<Option<String>> {
        self.core.enter(who, id, Action::Read, &Resource::Workspace(id.clone()))?;
        self.core.store.read().await?.seq(id).await?;
        Ok(self.core.settings.kafka_ca_pem.clone())
    }

    /// What a topic gets where its maker says nothing.
    pub async fn default_topic_config(&self, who: &Principal, id: &WorkspaceId) -> Result<TopicConfig> {
        self.core.enter(who, id, Action::Read, &Resource::Topic(id.clone()))?;
        self.core.store.read().await?.seq(id).await?;
        Ok(TopicConfig::default())
    }

    fn view(&self, who: &Principal, row: headwater_store::Workspace) -> Workspace {
        let may_connect = self.core.permits(who, Action::Read, &Resource::BrokerCredentials(row.id.clone()));
        Workspace {
            id: row.id.clone(),
            name: row.name.clone(),
            organisation: row.organisation.clone(),
            project: row.project.clone(),
            environment: row.environment.clone(),
            branch: row.branch.clone(),
            revision: row.revision,
            created_at: row.created_at,
            broker: may_connect.then(|| self.connection(who, row)).flatten(),
        }
    }

    /// What the caller connects with; none for a replica whose deployment goes.
    fn connection(&self, who: &Principal, row: headwater_store::Workspace) -> Option<BrokerConnection> {
        let (username, password) = match who.replica() {
            Some(id) => self.core.replicas.user(id)?,
            None => (row.id.to_string(), row.broker_password),
        };
        Some(BrokerConnection {
            address: self.core.settings.kafka_advertised.clone(),
            username,
            password,
            tls: self.core.settings.kafka_ca_pem.is_some(),
        })
    }
}
