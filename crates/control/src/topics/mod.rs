//! Topics: rows that say what should be, and the reconciler that makes the broker so.

mod messages;
mod reconcile;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use headwater_model::{
    Action, CleanupPolicy, Invalid, Principal, Resource, TopicConfig, TopicId, TopicStatus, WorkspaceId,
};
use headwater_store::{Origin, Topic, Write, clock};
use jiff::Timestamp;

pub(crate) use messages::{earliest, message, newest};
pub(crate) use reconcile::reconcile;

use crate::{Error, Message, Result, Seen, TopicContent, core::Core};

/// Longest that a request waits for the broker's word on whether a name is taken.
const ASK: Duration = Duration::from_secs(2);

/// A topic to be made; what is not given is the workspace's default.
#[derive(Debug, Clone, Default)]
pub struct CreateTopic {
    /// Its name; a full topic id is understood too.
    pub name: String,
    /// Number of partitions.
    pub partitions: Option<i32>,
    /// Copies of each record.
    pub replication_factor: Option<i16>,
    /// Age at which records leave; −1 is never.
    pub retention_in_minutes: Option<i64>,
    /// Size per partition at which the oldest leave; −1 is never.
    pub retention_in_bytes: Option<i64>,
    /// What happens to old records.
    pub cleanup_policy: Option<CleanupPolicy>,
}

/// A change to a topic: only what is given changes.
#[derive(Debug, Clone, Default)]
pub struct UpdateTopic {
    /// Number of partitions; only more.
    pub partitions: Option<i32>,
    /// Age at which records leave; −1 is never.
    pub retention_in_minutes: Option<i64>,
    /// Size per partition at which the oldest leave; −1 is never.
    pub retention_in_bytes: Option<i64>,
    /// What happens to old records.
    pub cleanup_policy: Option<CleanupPolicy>,
    /// The revision that the caller read; a newer one refuses the change.
    pub if_revision: Option<i64>,
}

/// A topic's traffic.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicMetrics {
    /// Full topic id.
    pub topic_id: String,
    /// Its name.
    pub name: String,
    /// Bytes appended per second.
    pub bytes_in_per_second: f64,
    /// Bytes handed to readers per second.
    pub bytes_out_per_second: f64,
    /// Records appended per second.
    pub records_in_per_second: f64,
}

/// Where to begin reading messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessagesFrom {
    /// The newest that there are.
    #[default]
    Newest,
    /// The oldest that are kept.
    Oldest,
    /// From a time on.
    At(Timestamp),
    /// From an offset of a partition on, that partition only.
    Offset {
        /// Partition.
        partition: i32,
        /// First offset.
        offset: i64,
    },
}

/// Topics.
#[derive(Clone)]
pub struct Topics {
    pub(crate) core: Arc<Core>,
}

impl Topics {
    /// All of a workspace, by name.
    pub async fn list(&self, who: &Principal, workspace: &WorkspaceId) -> Result<Seen<Vec<Topic>>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Topic(workspace.clone()))?;
        let read = self.core.store.read().await?;
        Ok(Seen { as_of: read.seq(workspace).await?, value: read.topics(workspace).await? })
    }

    /// One, by name or full id.
    pub async fn get(&self, who: &Principal, workspace: &WorkspaceId, topic: &str) -> Result<Seen<Topic>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Topic(workspace.clone()))?;
        let read = self.core.store.read().await?;
        let as_of = read.seq(workspace).await?;
        Ok(Seen { as_of, value: find(&read, workspace, topic).await? })
    }

    /// What the topics of a workspace hold. Those that are not at the broker yet are left out.
    pub async fn contents(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
    ) -> Result<BTreeMap<TopicId, TopicContent>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Topic(workspace.clone()))?;
        let mut all = self.core.kafka.contents().await?;
        all.retain(|id, _| workspace.strip(id.as_str()).is_some());
        Ok(all)
    }

    /// Asks for a topic. It can be read at once, usually `Creating`; `Ready` follows within milliseconds.
    pub async fn create(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        topic: CreateTopic,
    ) -> Result<Topic> {
        self.core.enter(who, workspace, Action::Create, &Resource::Topic(workspace.clone()))?;
        let id = workspace.topic(&topic.name)?;
        let config = topic.config();
        config.validate()?;
        self.core.store.read().await?.seq(workspace).await?;
        let at_broker = tokio::time::timeout(ASK, self.core.kafka.describe(&id)).await;
        let mut write = self.core.store.write(workspace).await?;
        if write.topic(&id).await?.is_some() {
            return Err(Error::TopicExists(topic.name));
        }
        if let Ok(Ok(found)) = at_broker {
            // Made through Kafka a moment ago. Clients read a topic that they are told exists, so it gets its row first.
            if reconcile::belongs(&found, workspace) {
                reconcile::import(write, workspace, &found).await?;
            }
            return Err(Error::TopicExists(topic.name));
        }
        let origin = match who {
            Principal::Sdk { .. } => Origin::Sdk,
            _ => Origin::Managed,
        };
        let created = write.create_topic(row(workspace, id, config, origin)).await?;
        write.commit().await?;
        self.core.topics_changed.notify_one();
        Ok(created)
    }

    /// Changes a topic.
    pub async fn update(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        topic: &str,
        change: UpdateTopic,
    ) -> Result<Topic> {
        self.core.enter(who, workspace, Action::Update, &Resource::Topic(workspace.clone()))?;
        let mut write = self.core.store.write(workspace).await?;
        let mut row = find(&write, workspace, topic).await?;
        if change.if_revision.is_some_and(|read_at| read_at != row.revision) {
            return Err(Error::Stale { what: "topic" });
        }
        let config = change.apply(&row.config)?;
        if config == row.config {
            return Ok(row);
        }
        row.config = config;
        if row.status == TopicStatus::Ready {
            row.status = TopicStatus::Creating;
        }
        if row.origin == Origin::Unmanaged {
            row.origin = Origin::Managed;
        }
        let saved = write.save_topic(row).await?;
        write.commit().await?;
        self.core.topics_changed.notify_one();
        Ok(saved)
    }

    /// Removes a topic and its records. One that deployments use is kept unless `force`.
    pub async fn delete(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        topic: &str,
        force: bool,
    ) -> Result<()> {
        self.core.enter(who, workspace, Action::Delete, &Resource::Topic(workspace.clone()))?;
        let mut write = self.core.store.write(workspace).await?;
        let mut row = find(&write, workspace, topic).await?;
        let deployments = write.deployments(workspace).await?;
        let uses = |name: &str| workspace.topic(name).is_ok_and(|id| id == row.id);
        let users: Vec<_> = deployments
            .into_iter()
            .filter(|of| !of.deleting && of.spec.inputs().chain(of.spec.outputs()).any(uses))
            .map(|of| of.spec.name)
            .collect();
        if !force && !users.is_empty() {
            return Err(Error::TopicInUse { topic: row.name, users });
        }
        if row.status != TopicStatus::Deleting {
            row.status = TopicStatus::Deleting;
            row.last_error = None;
            write.save_topic(row).await?;
            write.commit().await?;
        }
        self.core.topics_changed.notify_one();
        Ok(())
    }

    /// Removes the records and keeps the topic.
    pub async fn clean(&self, who: &Principal, workspace: &WorkspaceId, topic: &str) -> Result<()> {
        self.core.enter(who, workspace, Action::Update, &Resource::Topic(workspace.clone()))?;
        let row = find(&self.core.store.read().await?, workspace, topic).await?;
        Ok(self.core.kafka.clean(&row.id).await?)
    }

    /// Tries a topic in error again at once.
    pub async fn clear_error(&self, who: &Principal, workspace: &WorkspaceId, topic: &str) -> Result<Topic> {
        self.core.enter(who, workspace, Action::Update, &Resource::Topic(workspace.clone()))?;
        let mut write = self.core.store.write(workspace).await?;
        let mut row = find(&write, workspace, topic).await?;
        if row.status != TopicStatus::Error {
            return Ok(row);
        }
        row.status = TopicStatus::Creating;
        row.last_error = None;
        let saved = write.save_topic(row).await?;
        write.commit().await?;
        self.core.topics_changed.notify_one();
        Ok(saved)
    }

    /// Traffic of all topics of a workspace, over the last seconds.
    pub async fn metrics(&self, who: &Principal, workspace: &WorkspaceId) -> Result<Vec<TopicMetrics>> {
        let topics = self.list(who, workspace).await?.value;
        let sample = self.core.sampler.latest();
        let of = |topic: Topic| {
            let rates = sample.topics.get(&topic.id).copied().unwrap_or_default().calm;
            TopicMetrics {
                topic_id: topic.id.to_string(),
                name: topic.name,
                bytes_in_per_second: rates.bytes_in_per_second,
                bytes_out_per_second: rates.bytes_out_per_second,
                records_in_per_second: rates.records_in_per_second,
            }
        };
        Ok(topics.into_iter().map(of).collect())
    }

    /// At most `limit` messages (1–1000), oldest first, without waiting for more.
    pub async fn messages(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        topic: &str,
        from: MessagesFrom,
        limit: usize,
    ) -> Result<Vec<Message>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Topic(workspace.clone()))?;
        if !(1..=1000).contains(&limit) {
            return Err(Invalid::new("limit", "must be between 1 and 1000").into());
        }
        let row = find(&self.core.store.read().await?, workspace, topic).await?;
        let kafka = &*self.core.kafka;
        let records = match from {
            MessagesFrom::Newest => newest(kafka, &row.id, limit).await?.0,
            MessagesFrom::Oldest => earliest(kafka, &row.id, None, limit).await?,
            MessagesFrom::At(time) => {
                let offsets = kafka.offsets_at(&row.id, time.as_millisecond()).await?;
                let starts = (0..).zip(offsets).collect();
                earliest(kafka, &row.id, Some(starts), limit).await?
            }
            MessagesFrom::Offset { partition, offset } => {
                earliest(kafka, &row.id, Some(vec![(partition, offset)]), limit).await?
            }
        };
        Ok(records.into_iter().map(message).collect())
    }
}

impl CreateTopic {
    fn config(&self) -> TopicConfig {
        let usual = TopicConfig::default();
        TopicConfig {
            partitions: self.partitions.unwrap_or(usual.partitions),
            replication_factor: self.replication_factor.unwrap_or(usual.replication_factor),
            retention_in_minutes: self.retention_in_minutes.unwrap_or(usual.retention_in_minutes),
            retention_in_bytes: self.retention_in_bytes.unwrap_or(usual.retention_in_bytes),
            cleanup_policy: self.cleanup_policy.unwrap_or(usual.cleanup_policy),
        }
    }
}

impl UpdateTopic {
    fn apply(&self, present: &TopicConfig) -> Result<TopicConfig> {
        let config = TopicConfig {
            partitions: self.partitions.unwrap_or(present.partitions),
            replication_factor: present.replication_factor,
            retention_in_minutes: self.retention_in_minutes.unwrap_or(present.retention_in_minutes),
            retention_in_bytes: self.retention_in_bytes.unwrap_or(present.retention_in_bytes),
            cleanup_policy: self.cleanup_policy.unwrap_or(present.cleanup_policy),
        };
        if config.partitions < present.partitions {
            let message = format!("can only grow; the topic has {}", present.partitions);
            return Err(Invalid::new("partitions", message).into());
        }
        config.validate()?;
        Ok(config)
    }
}

/// A topic by name or full id.
pub(crate) async fn find(
    read: &headwater_store::Read,
    workspace: &WorkspaceId,
    topic: &str,
) -> Result<Topic> {
    let missing = || Error::not_found("topic", topic);
    let id = workspace.topic(topic).map_err(|_| missing())?;
    read.topic(&id).await?.ok_or_else(missing)
}

/// A fresh row, to be made on the broker.
pub(crate) fn row(workspace: &WorkspaceId, id: TopicId, config: TopicConfig, origin: Origin) -> Topic {
    let name = workspace.strip(id.as_str()).unwrap_or(id.as_str()).to_owned();
    let (workspace, now) = (workspace.clone(), clock());
    let status = TopicStatus::Creating;
    Topic {
        id,
        workspace,
        name,
        config,
        status,
        last_error: None,
        origin,
        revision: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Adds those of `names` that have no row; answers whether any was added.
pub(crate) async fn ensure(write: &mut Write, workspace: &WorkspaceId, names: &[String]) -> Result<bool> {
    let mut added = false;
    for name in names {
        let id = workspace.topic(name)?;
        if write.topic(&id).await?.is_none() {
            write.create_topic(row(workspace, id, TopicConfig::default(), Origin::Sdk)).await?;
            added = true;
        }
    }
    Ok(added)
}
