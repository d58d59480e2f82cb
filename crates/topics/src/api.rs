//! The trait and the types it speaks in.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use headwater_model::{ReplicaId, TopicConfig, TopicId, WorkspaceId};

use crate::{Group, Result};

/// A topic to be made.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Full topic id.
    pub id: TopicId,
    /// Whose it is; recorded by the broker and decisive for access.
    pub owner: WorkspaceId,
    /// Its configuration.
    pub config: TopicConfig,
}

/// A topic as the broker has it.
#[derive(Debug, Clone)]
pub struct Description {
    /// Full topic id.
    pub id: TopicId,
    /// Whose it is, when recorded.
    pub owner: Option<WorkspaceId>,
    /// Its configuration as it is in force.
    pub config: TopicConfig,
}

/// A record's header; a header may have no value.
pub type Header = (String, Option<Bytes>);

/// A record to be written.
#[derive(Debug, Clone, Default)]
pub struct IncomingRecord {
    /// Decides the partition (murmur2, as Kafka's clients do) unless one is given.
    pub key: Option<Bytes>,
    /// The value; none is a tombstone.
    pub value: Option<Bytes>,
    /// Headers, in order.
    pub headers: Vec<Header>,
    /// Milliseconds since 1970 UTC; none is now.
    pub timestamp_ms: Option<i64>,
    /// Partition, when the caller chooses.
    pub partition: Option<i32>,
}

/// A record as it is kept.
#[derive(Debug, Clone)]
pub struct Record {
    /// Partition.
    pub partition: i32,
    /// Offset within the partition.
    pub offset: i64,
    /// Milliseconds since 1970 UTC.
    pub timestamp_ms: i64,
    /// Key.
    pub key: Option<Bytes>,
    /// Value; none is a tombstone.
    pub value: Option<Bytes>,
    /// Headers, in order.
    pub headers: Vec<Header>,
}

/// Where a record landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Partition.
    pub partition: i32,
    /// Offset within the partition.
    pub offset: i64,
}

/// Which records a reader wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// All that are appended.
    ReadUncommitted,
    /// Those of committed transactions, and those outside of transactions.
    ReadCommitted,
}

/// The offsets that a partition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watermarks {
    /// First offset kept.
    pub start: i64,
    /// Next offset to be written.
    pub end: i64,
    /// The offset before which everything is decided: the first of the oldest open transaction, or the end.
    pub last_stable: i64,
}

/// What a topic holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Content {
    /// Offsets from the first kept to the end, over all partitions: an estimate of the records with compaction or
    /// transactions.
    pub records: u64,
    /// Bytes that it takes, as sent (compressed).
    pub bytes: u64,
    /// The latest timestamp, milliseconds since 1970; none when it is empty.
    pub latest_ms: Option<i64>,
}

/// Counters since the broker started; rates are differences over time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes appended, as sent (compressed).
    pub bytes_in: u64,
    /// Bytes handed to readers.
    pub bytes_out: u64,
    /// Records appended.
    pub records_in: u64,
    /// Records handed to readers.
    pub records_out: u64,
}

/// A Kafka, embedded or external.
///
/// Implementations keep order per partition, and return from [`Topics::produce`] only when the records are as
/// durable as the broker promises for `acks=all`.
#[async_trait]
pub trait Topics: Send + Sync {
    /// Makes a topic. [`crate::Error::Exists`] when its name is taken.
    async fn create(&self, topic: &Definition) -> Result<()>;

    /// Brings a topic's partitions (grow only) and configuration to what is given.
    async fn update(&self, id: &TopicId, config: &TopicConfig) -> Result<()>;

    /// Removes a topic and its records.
    async fn delete(&self, id: &TopicId) -> Result<()>;

    /// Removes the records of a topic and keeps the topic.
    async fn clean(&self, id: &TopicId) -> Result<()>;

    /// All topics, internal ones left out.
    async fn list(&self) -> Result<Vec<Description>>;

    /// One topic. [`crate::Error::UnknownTopic`] when it does not exist.
    async fn describe(&self, id: &TopicId) -> Result<Description>;

    /// The offsets that each partition holds, by partition.
    async fn watermarks(&self, id: &TopicId) -> Result<Vec<Watermarks>>;

    /// The first offset of each partition whose record is at or after `timestamp_ms`; the end if there is none.
    async fn offsets_at(&self, id: &TopicId, timestamp_ms: i64) -> Result<Vec<i64>>;

    /// Appends records in order; the answer has a position for each.
    async fn produce(&self, id: &TopicId, records: Vec<IncomingRecord>) -> Result<Vec<Position>>;

    /// Reads from `from.offset` on: at most about `max_bytes`, but at least one record when there is one.
    /// When there is none it waits at most `wait`, is woken by the append, and may answer empty. A transaction's
    /// markers are never returned; the second value is the offset to read next.
    async fn fetch(
        &self,
        id: &TopicId,
        from: Position,
        max_bytes: usize,
        wait: Duration,
        isolation: Isolation,
    ) -> Result<(Vec<Record>, i64)>;

    /// Consumer groups that have members or positions, by name, each with its lag.
    async fn groups(&self) -> Result<Vec<Group>>;

    /// One consumer group. [`crate::Error::UnknownGroup`] when it has neither members nor positions.
    async fn group(&self, name: &str) -> Result<Group>;

    /// Removes a consumer group with its positions. [`crate::Error::GroupInUse`] while it has members.
    async fn delete_group(&self, name: &str) -> Result<()>;

    /// Moves a consumer group to these positions, also one that nobody has used; others stay. [`crate::Error::GroupInUse`] while it has members.
    async fn move_group(&self, name: &str, positions: &[(TopicId, Position)]) -> Result<()>;

    /// Whether a replica has consumed from one of these topics: it was given records, stood at the end of a partition or
    /// committed a position, by a request that came at `since_ms` (milliseconds since 1970) or later.
    async fn consumed(&self, replica: &ReplicaId, topics: &[TopicId], since_ms: i64) -> Result<bool>;

    /// What each topic holds. Cheap enough for every second.
    async fn contents(&self) -> Result<BTreeMap<TopicId, Content>>;

    /// Counters per topic.
    async fn traffic(&self) -> Result<BTreeMap<TopicId, Traffic>>;
}
