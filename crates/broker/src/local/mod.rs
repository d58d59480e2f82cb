//! The broker without a socket, for the process that it lives in. Tenancy is the caller's care here.

mod groups;
mod packing;
mod reading;

use std::{collections::BTreeMap, time::Duration};

use futures::future::try_join_all;
use headwater_model::WorkspaceId;

use self::{packing::prepared, reading::look};
use crate::{
    Broker, Error, Result,
    catalogue::{
        NewTopic, Topic, check_growth,
        settings::{Intake, SETTINGS},
    },
    log::{Isolation, Offsets, Origin, Partition},
    records::{Record, lookup},
};

/// A topic as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicInfo {
    /// Full name.
    pub name: String,
    /// Whose it is, when recorded.
    pub owner: Option<WorkspaceId>,
    /// Number of partitions.
    pub partitions: i32,
    /// All settings by Kafka's names, defaults included.
    pub settings: BTreeMap<String, String>,
}

/// What a topic holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Content {
    /// Offsets between the first and the last record; more than there are records after compaction and transactions.
    pub records: u64,
    /// Bytes on disk, as sent (compressed).
    pub bytes: u64,
    /// The latest timestamp in it, milliseconds since 1970; none when it is empty.
    pub latest_ms: Option<i64>,
}

impl Broker {
    /// Makes a topic that belongs to `owner`; durable when this returns.
    pub async fn create_topic(
        &self,
        name: &str,
        owner: Option<WorkspaceId>,
        partitions: i32,
        settings: BTreeMap<String, String>,
    ) -> Result<()> {
        let new = NewTopic { name: name.to_owned(), owner, partitions, settings };
        self.inner.catalogue.create(new).await.map(drop)
    }

    /// Removes a topic with its records and all groups' positions in it.
    pub async fn delete_topic(&self, name: &str) -> Result<()> {
        self.inner.delete_topic(name).await
    }

    /// Adds partitions up to `count`; nothing happens when there are as many.
    pub async fn grow_topic(&self, name: &str, count: i32) -> Result<()> {
        let topic = self.existing(name)?;
        if topic.partition_count() == count {
            return Ok(());
        }
        check_growth(&topic, count)?;
        self.inner.catalogue.grow(name.to_owned(), count).await
    }

    /// Sets settings of a topic, beside those that it has.
    pub async fn alter_topic(&self, name: &str, settings: BTreeMap<String, String>) -> Result<()> {
        let change = move |own: &BTreeMap<String, String>| {
            Ok(own.clone().into_iter().chain(settings).collect::<BTreeMap<_, _>>())
        };
        self.inner.catalogue.alter(name.to_owned(), change).await
    }

    /// Removes all records of a topic.
    pub async fn clean_topic(&self, name: &str) -> Result<()> {
        let partitions = self.existing(name)?.partitions();
        let cleaned = tokio::task::spawn_blocking(move || {
            partitions.iter().try_for_each(|partition| partition.delete_records(-1).map(drop))
        });
        Ok(cleaned.await.map_err(|_| Error::Stopping)??)
    }

    /// All topics, by name.
    pub fn topics(&self) -> Vec<TopicInfo> {
        self.inner.catalogue.all().iter().map(|t| info(t)).collect()
    }

    /// One topic.
    pub fn topic(&self, name: &str) -> Result<TopicInfo> {
        self.existing(name).map(|t| info(&t))
    }

    /// What each topic holds.
    pub fn contents(&self) -> BTreeMap<String, Content> {
        self.inner.catalogue.all().iter().map(|topic| (topic.name.clone(), content(topic))).collect()
    }

    /// The offsets of each partition.
    pub fn offsets(&self, name: &str) -> Result<Vec<Offsets>> {
        Ok(self.existing(name)?.partitions().iter().map(Partition::offsets).collect())
    }

    /// The first offset of each partition whose record is at or after `timestamp_ms`; the end if there is none.
    pub async fn offsets_at(&self, name: &str, timestamp_ms: i64) -> Result<Vec<i64>> {
        let partitions = self.existing(name)?.partitions();
        let find = move |partition: &Partition| {
            let found = lookup::at_time(partition, timestamp_ms)?;
            Ok(found.map_or_else(|| partition.offsets().end, |(offset, _)| offset))
        };
        // Segments are walked and batches unpacked.
        aside(move || partitions.iter().map(find).collect()).await
    }

    /// Appends records to partitions, in order; durable as for `acks=all` when this returns. Answers with the
    /// offset of each record. Nothing is appended when the topic would refuse any of them.
    pub async fn append(&self, name: &str, batches: Vec<(i32, Vec<Record>)>) -> Result<Vec<Vec<i64>>> {
        let topic = self.existing(name)?;
        let intake = Intake::of(&topic.overrides());
        let mut ready = Vec::with_capacity(batches.len());
        for (index, records) in &batches {
            let partition =
                topic.partition(*index).ok_or_else(|| Error::UnknownTopic(format!("{name}[{index}]")))?;
            let batches = prepared(records, &intake, partition.max_message_bytes())?;
            ready.push((partition, batches));
        }
        let mut offsets = Vec::with_capacity(ready.len());
        let mut written = Vec::new();
        for (partition, batches) in ready {
            let mut placed = Vec::new();
            for batch in batches {
                let size = batch.len() as u64;
                let appended = partition.append(batch, Origin::Platform)?;
                topic.count_in(size, (appended.last_offset - appended.base_offset + 1) as u64);
                placed.extend(appended.base_offset..=appended.last_offset);
            }
            written.extend(placed.last().map(|last| (partition, *last)));
            offsets.push(placed);
        }
        try_join_all(written.iter().map(|(partition, last)| partition.durable(*last))).await?;
        Ok(offsets)
    }

    /// Reads records from `offset` on: about `max_bytes`, but at least one when there is one. When there is none it
    /// waits at most `wait`, is woken by the append, and may answer empty. The second value is the offset to read
    /// next; markers of transactions are passed over, and with [`Isolation::ReadCommitted`] what was aborted, for as
    /// long as there is time.
    pub async fn read(
        &self,
        name: &str,
        (index, mut offset): (i32, i64),
        max_bytes: usize,
        wait: Duration,
        isolation: Isolation,
    ) -> Result<(Vec<Record>, i64)> {
        let topic = self.existing(name)?;
        let partition =
            topic.partition(index).ok_or_else(|| Error::UnknownTopic(format!("{name}[{index}]")))?;
        let deadline = tokio::time::Instant::now() + wait;
        let mut changes = partition.subscribe();
        loop {
            changes.mark_unchanged();
            let seen = look(&partition, offset, max_bytes, isolation).await?;
            topic.count_out(seen.bytes, seen.records.len() as u64);
            offset = seen.next;
            if !seen.records.is_empty() {
                return Ok((seen.records, offset));
            }
            // Markers alone are no news; there may be records behind them.
            if seen.bytes > 0 {
                if tokio::time::Instant::now() >= deadline {
                    return Ok((Vec::new(), offset));
                }
                tokio::task::yield_now().await;
                continue;
            }
            match tokio::time::timeout_at(deadline, changes.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(Error::UnknownTopic(name.to_owned())),
                Err(_) => return Ok((Vec::new(), offset)),
            }
        }
    }

    fn existing(&self, name: &str) -> Result<std::sync::Arc<Topic>> {
        self.inner.catalogue.get(name).ok_or_else(|| Error::UnknownTopic(name.to_owned()))
    }
}

fn content(topic: &Topic) -> Content {
    let mut content = Content::default();
    for partition in topic.partitions().iter() {
        let Offsets { start, end, .. } = partition.offsets();
        content.records += u64::try_from(end - start).unwrap_or(0);
        content.bytes += partition.size();
        content.latest_ms = content.latest_ms.max(partition.latest_ms());
    }
    content
}

fn info(topic: &Topic) -> TopicInfo {
    let overrides = topic.overrides();
    let value = |name: &str, default: &str| overrides.get(name).map_or(default, String::as_str).to_owned();
    TopicInfo {
        name: topic.name.clone(),
        owner: topic.owner.clone(),
        partitions: topic.partition_count(),
        settings: SETTINGS.iter().map(|s| (s.name.to_owned(), value(s.name, s.default))).collect(),
    }
}

/// Runs what would hold up others on the blocking pool.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Stopping))
}
