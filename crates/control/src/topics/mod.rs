//! Topics: rows that say what should be, and the reconciler that makes the broker so.

use headwater_model::{CleanupPolicy, Principal, WorkspaceId};
use headwater_store::Topic;
use jiff::Timestamp;

use crate::{Message, Result, Seen};

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
pub struct Topics {}

impl Topics {
    /// All of a workspace, by name.
    pub async fn list(&self, _who: &Principal, _workspace: &WorkspaceId) -> Result<Seen<Vec<Topic>>> {
        todo!()
    }

    /// One, by name or full id.
    pub async fn get(&self, _who: &Principal, _workspace: &WorkspaceId, _topic: &str) -> Result<Seen<Topic>> {
        todo!()
    }

    /// Asks for a topic. It can be read at once, usually `Creating`; `Ready` follows within milliseconds.
    pub async fn create(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _topic: CreateTopic,
    ) -> Result<Topic> {
        todo!()
    }

    /// Changes a topic.
    pub async fn update(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _topic: &str,
        _change: UpdateTopic,
    ) -> Result<Topic> {
        todo!()
    }

    /// Removes a topic and its records. One that deployments use is kept unless `force`.
    pub async fn delete(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _topic: &str,
        _force: bool,
    ) -> Result<()> {
        todo!()
    }

    /// Removes the records and keeps the topic.
    pub async fn clean(&self, _who: &Principal, _workspace: &WorkspaceId, _topic: &str) -> Result<()> {
        todo!()
    }

    /// Tries a topic in error again at once.
    pub async fn clear_error(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _topic: &str,
    ) -> Result<Topic> {
        todo!()
    }

    /// Traffic of all topics of a workspace, over the last seconds.
    pub async fn metrics(&self, _who: &Principal, _workspace: &WorkspaceId) -> Result<Vec<TopicMetrics>> {
        todo!()
    }

    /// At most `limit` messages (1–1000), oldest first, without waiting for more.
    pub async fn messages(
        &self,
        _who: &Principal,
        _workspace: &WorkspaceId,
        _topic: &str,
        _from: MessagesFrom,
        _limit: usize,
    ) -> Result<Vec<Message>> {
        todo!()
    }
}
