//! The embedded broker behind [`crate::Topics`], without a socket.

mod groups;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use async_trait::async_trait;
use headwater_broker::{Broker, Error as BrokerError, TopicInfo, log, records, storage};
use headwater_model::{CleanupPolicy, Kind, ReplicaId, TopicConfig, TopicId};

use crate::{
    Content, Definition, Description, Error, Group, IncomingRecord, Isolation, Position, Record, Result,
    Topics, Traffic, Watermarks, partitioner,
};

const MINUTE_MS: i64 = 60_000;

/// The embedded broker, reached in process.
pub struct Embedded {
    broker: Broker,
    /// Turns the partition of records without a key, call by call.
    turn: AtomicU32,
}

impl Embedded {
    /// Over a broker of this process.
    pub fn new(broker: Broker) -> Self {
        Self { broker, turn: AtomicU32::new(0) }
    }

    /// The partition of each record. Records without a key share one in a call, so that batches stay large.
    fn partitions(&self, records: &[IncomingRecord], count: i32) -> Result<Vec<i32>> {
        let turn = (self.turn.fetch_add(1, Ordering::Relaxed) % count.unsigned_abs().max(1)) as i32;
        let choose = |record: &IncomingRecord| match (record.partition, &record.key) {
            (Some(chosen), _) if (0..count).contains(&chosen) => Ok(chosen),
            (Some(chosen), _) => {
                Err(Error::Invalid(format!("partition {chosen} does not exist; the topic has {count}")))
            }
            (None, Some(key)) => Ok(partitioner::partition(key, count)),
            (None, None) => Ok(turn),
        };
        records.iter().map(choose).collect()
    }
}

#[async_trait]
impl Topics for Embedded {
    async fn create(&self, topic: &Definition) -> Result<()> {
        topic.config.validate().map_err(|e| Error::Invalid(e.to_string()))?;
        let settings = topic.config.to_kafka().into_iter().collect();
        let (name, owner) = (topic.id.as_str(), Some(topic.owner.clone()));
        self.broker
            .create_topic(name, owner, topic.config.partitions, settings)
            .await
            .map_err(|e| error(name, e))
    }

    async fn update(&self, id: &TopicId, config: &TopicConfig) -> Result<()> {
        config.validate().map_err(|e| Error::Invalid(e.to_string()))?;
        // Partitions first: they may be refused, and then nothing has changed.
        self.broker.grow_topic(id.as_str(), config.partitions).await.map_err(|e| error(id.as_str(), e))?;
        let settings = config.to_kafka().into_iter().collect();
        self.broker.alter_topic(id.as_str(), settings).await.map_err(|e| error(id.as_str(), e))
    }

    async fn delete(&self, id: &TopicId) -> Result<()> {
        self.broker.delete_topic(id.as_str()).await.map_err(|e| error(id.as_str(), e))
    }

    async fn clean(&self, id: &TopicId) -> Result<()> {
        self.broker.clean_topic(id.as_str()).await.map_err(|e| error(id.as_str(), e))
    }

    async fn list(&self) -> Result<Vec<Description>> {
        self.broker.topics().into_iter().map(describe).collect()
    }

    async fn describe(&self, id: &TopicId) -> Result<Description> {
        describe(self.broker.topic(id.as_str()).map_err(|e| error(id.as_str(), e))?)
    }

    async fn watermarks(&self, id: &TopicId) -> Result<Vec<Watermarks>> {
        let offsets = self.broker.offsets(id.as_str()).map_err(|e| error(id.as_str(), e))?;
        Ok(offsets
            .into_iter()
            .map(|o| Watermarks { start: o.start, end: o.end, last_stable: o.last_stable })
            .collect())
    }

    async fn offsets_at(&self, id: &TopicId, timestamp_ms: i64) -> Result<Vec<i64>> {
        self.broker.offsets_at(id.as_str(), timestamp_ms).await.map_err(|e| error(id.as_str(), e))
    }

    async fn produce(&self, id: &TopicId, records: Vec<IncomingRecord>) -> Result<Vec<Position>> {
        let name = id.as_str();
        let count = self.broker.topic(name).map_err(|e| error(name, e))?.partitions;
        let chosen = self.partitions(&records, count)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64);
        let mut batches: BTreeMap<i32, Vec<records::Record>> = BTreeMap::new();
        let mut places = Vec::with_capacity(records.len());
        for (record, partition) in records.into_iter().zip(chosen) {
            let batch = batches.entry(partition).or_default();
            places.push((partition, batch.len()));
            batch.push(records::Record {
                offset: 0,
                timestamp: record.timestamp_ms.unwrap_or(now),
                key: record.key,
                value: record.value,
                headers: record.headers,
            });
        }
        let partitions: Vec<_> = batches.keys().copied().collect();
        let appended =
            self.broker.append(name, batches.into_iter().collect()).await.map_err(|e| error(name, e))?;
        let offsets: BTreeMap<_, _> = partitions.into_iter().zip(appended).collect();
        Ok(places
            .into_iter()
            .map(|(partition, at)| Position { partition, offset: offsets[&partition][at] })
            .collect())
    }

    async fn fetch(
        &self,
        id: &TopicId,
        from: Position,
        max_bytes: usize,
        wait: Duration,
        isolation: Isolation,
    ) -> Result<(Vec<Record>, i64)> {
        let isolation = match isolation {
            Isolation::ReadUncommitted => log::Isolation::ReadUncommitted,
            Isolation::ReadCommitted => log::Isolation::ReadCommitted,
        };
        let read =
            self.broker.read(id.as_str(), (from.partition, from.offset), max_bytes, wait, isolation).await;
        let (records, next) = read.map_err(|e| error(id.as_str(), e))?;
        let record = |r: records::Record| Record {
            partition: from.partition,
            offset: r.offset,
            timestamp_ms: r.timestamp,
            key: r.key,
            value: r.value,
            headers: r.headers,
        };
        Ok((records.into_iter().map(record).collect(), next))
    }

    async fn groups(&self) -> Result<Vec<Group>> {
        let offsets = groups::Ends::new(&self.broker);
        Ok(self.broker.groups().into_iter().map(|group| groups::group(group, &offsets)).collect())
    }

    async fn group(&self, name: &str) -> Result<Group> {
        let found = self.broker.group(name).map_err(|e| error(name, e))?;
        Ok(groups::group(found, &groups::Ends::new(&self.broker)))
    }

    async fn delete_group(&self, name: &str) -> Result<()> {
        self.broker.delete_group(name).await.map_err(|e| error(name, e))
    }

    async fn move_group(&self, name: &str, positions: &[(TopicId, Position)]) -> Result<()> {
        let position = |(topic, at): &(TopicId, Position)| (topic.to_string(), at.partition, at.offset);
        let positions = positions.iter().map(position).collect();
        self.broker.move_group(name, positions).await.map_err(|e| error(name, e))
    }

    async fn consumed(&self, replica: &ReplicaId, topics: &[TopicId], since_ms: i64) -> Result<bool> {
        let last = |topic: &TopicId| self.broker.consumed(replica, topic.as_str());
        Ok(topics.iter().filter_map(last).any(|at_ms| at_ms >= since_ms))
    }

    async fn contents(&self) -> Result<BTreeMap<TopicId, Content>> {
        let contents = self.broker.contents().into_iter().map(|(topic, c)| {
            let content = Content { records: c.records, bytes: c.bytes, latest_ms: c.latest_ms };
            Ok((topic_id(topic)?, content))
        });
        contents.collect()
    }

    async fn traffic(&self) -> Result<BTreeMap<TopicId, Traffic>> {
        let traffic = self.broker.traffic().into_iter().map(|(topic, t)| {
            let traffic = Traffic {
                bytes_in: t.bytes_in,
                bytes_out: t.bytes_out,
                records_in: t.records_in,
                records_out: t.records_out,
            };
            Ok((topic_id(topic)?, traffic))
        });
        traffic.collect()
    }
}

fn topic_id(name: String) -> Result<TopicId> {
    name.parse().map_err(|e| Error::Internal(format!("a topic has a name that topics cannot have: {e}")))
}

fn describe(info: TopicInfo) -> Result<Description> {
    let number = |name: &str| info.settings.get(name).and_then(|v| v.parse::<i64>().ok()).unwrap_or(-1);
    let minutes = match number("retention.ms") {
        ms @ ..0 => ms,
        ms => (ms / MINUTE_MS).max(1),
    };
    let policy = info.settings.get("cleanup.policy").and_then(|v| CleanupPolicy::parse(v).ok());
    let config = TopicConfig {
        partitions: info.partitions,
        replication_factor: 1,
        retention_in_minutes: minutes,
        retention_in_bytes: number("retention.bytes"),
        cleanup_policy: policy.unwrap_or(CleanupPolicy::Delete),
    };
    Ok(Description { id: topic_id(info.name)?, owner: info.owner, config })
}

fn error(topic: &str, error: BrokerError) -> Error {
    match error {
        BrokerError::UnknownTopic(name) => Error::UnknownTopic(name),
        BrokerError::Exists(name) => Error::Exists(name),
        BrokerError::UnknownGroup(name) => Error::UnknownGroup(name),
        BrokerError::GroupInUse(name) => Error::GroupInUse(name),
        BrokerError::Storage(storage::Error::OffsetOutOfRange { offset, start, end }) => {
            Error::OffsetOutOfRange { topic: topic.to_owned(), offset, start, end }
        }
        // Closed under our hands: somebody has deleted it.
        BrokerError::Storage(storage::Error::Closed) => Error::UnknownTopic(topic.to_owned()),
        other => match other.kind() {
            Kind::Invalid | Kind::Conflict => Error::Invalid(other.to_string()),
            Kind::Unavailable => Error::Unavailable(other.to_string()),
            _ => Error::Internal(other.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use headwater_broker::{BrokerOptions, NoAccess};
    use headwater_model::access::Policy;

    use super::*;
    use crate::conformance::conforms;

    /// A broker on a folder that goes with it.
    struct Fixture {
        topics: Embedded,
        _folder: tempfile::TempDir,
    }

    impl std::ops::Deref for Fixture {
        type Target = Embedded;
        fn deref(&self) -> &Embedded {
            &self.topics
        }
    }

    async fn fixture() -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let options = BrokerOptions { sync: false, ..BrokerOptions::new(folder.path()) };
        let broker = Broker::open(options, Arc::new(NoAccess), Arc::new(Policy)).await.unwrap();
        Fixture { topics: Embedded::new(broker), _folder: folder }
    }

    conforms!(fixture);
}
