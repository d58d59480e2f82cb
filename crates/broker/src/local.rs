//! The broker without a socket, for the process that it lives in. Tenancy is the caller's care here.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use futures::future::try_join_all;
use headwater_model::WorkspaceId;
use kafka_protocol::ResponseError;

use crate::{
    Broker, Error, Result,
    batch::is_abort,
    catalogue::{NewTopic, Topic, check_growth, settings::SETTINGS},
    log::{Fetched, Isolation, Offsets, Origin, Partition},
    records::{Record, batches, decode, encode, lookup},
};

/// Largest batch made of records that are appended together.
const BATCH_BYTES: usize = 512 * 1024;

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

    /// The offsets of each partition.
    pub fn offsets(&self, name: &str) -> Result<Vec<Offsets>> {
        Ok(self.existing(name)?.partitions().iter().map(Partition::offsets).collect())
    }

    /// The first offset of each partition whose record is at or after `timestamp_ms`; the end if there is none.
    pub fn offsets_at(&self, name: &str, timestamp_ms: i64) -> Result<Vec<i64>> {
        let find = |partition: &Partition| {
            let found = lookup::at_time(partition, timestamp_ms)?;
            Ok(found.map_or_else(|| partition.offsets().end, |(offset, _)| offset))
        };
        self.existing(name)?.partitions().iter().map(find).collect()
    }

    /// Appends records to partitions, in order; durable as for `acks=all` when this returns. Answers with the
    /// offset of each record.
    pub async fn append(&self, name: &str, batches: Vec<(i32, Vec<Record>)>) -> Result<Vec<Vec<i64>>> {
        let topic = self.existing(name)?;
        let mut offsets = Vec::with_capacity(batches.len());
        let mut written = Vec::new();
        for (index, records) in &batches {
            let partition =
                topic.partition(*index).ok_or_else(|| Error::UnknownTopic(format!("{name}[{index}]")))?;
            let mut placed = Vec::with_capacity(records.len());
            for chunk in chunks(records) {
                let Some(batch) = encode(chunk.iter()) else { continue };
                let size = batch.len() as u64;
                let appended = partition.append(batch, Origin::Platform)?;
                topic.count_in(size, chunk.len() as u64);
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
    /// next; markers of transactions are passed over, and with [`Isolation::ReadCommitted`] what was aborted.
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
            let fetched = partition.read(offset, max_bytes, isolation, true)?;
            topic.count_out(fetched.records.len() as u64);
            let moved = !fetched.records.is_empty();
            let (records, next) = visible(fetched, offset)?;
            offset = next;
            if !records.is_empty() {
                return Ok((records, offset));
            }
            // Markers alone are no news; there may be records behind them.
            if moved {
                continue;
            }
            match tokio::time::timeout_at(deadline, changes.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(Error::UnknownTopic(name.to_owned())),
                Err(_) => return Ok((Vec::new(), offset)),
            }
        }
    }

    /// Consumer groups that have members or positions, by name.
    pub fn groups(&self) -> Vec<String> {
        self.inner.groups.list().into_iter().map(|(id, ..)| id).collect()
    }

    /// The positions of a group: topic and partition, and the next offset it will read.
    pub fn group_positions(&self, group: &str) -> BTreeMap<(String, i32), i64> {
        let positions = self.inner.groups.positions(group);
        positions.into_iter().map(|(place, committed)| (place, committed.offset)).collect()
    }

    fn existing(&self, name: &str) -> Result<std::sync::Arc<Topic>> {
        self.inner.catalogue.get(name).ok_or_else(|| Error::UnknownTopic(name.to_owned()))
    }
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

/// Runs of records of about [`BATCH_BYTES`] each.
fn chunks(mut records: &[Record]) -> impl Iterator<Item = &[Record]> {
    let size = |r: &Record| {
        let headers: usize =
            r.headers.iter().map(|(n, v)| n.len() + v.as_ref().map_or(0, |v| v.len()) + 8).sum();
        r.key.as_ref().map_or(0, |k| k.len()) + r.value.as_ref().map_or(0, |v| v.len()) + headers + 24
    };
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |r: &&Record| {
            let first = bytes == 0;
            bytes += size(r);
            first || bytes <= BATCH_BYTES
        };
        let count = records.iter().take_while(fits).count();
        let (chunk, rest) = records.split_at_checked(count).filter(|_| count > 0)?;
        records = rest;
        Some(chunk)
    })
}

/// The records of a read that the reader is to see, from `offset` on, and the offset after all that was read.
fn visible(fetched: Fetched, offset: i64) -> Result<(Vec<Record>, i64)> {
    let mut aborted = fetched.aborted.iter().peekable();
    let mut skipped = HashSet::new();
    let mut records = Vec::new();
    let mut next = offset;
    for (header, batch) in batches(fetched.records) {
        while let Some(begun) = aborted.next_if(|a| a.first_offset <= header.last_offset()) {
            skipped.insert(begun.producer_id);
        }
        next = header.next_offset();
        if header.is_control() {
            if is_abort(&batch, &header) == Some(true) {
                skipped.remove(&header.producer_id);
            }
            continue;
        }
        if header.is_transactional() && skipped.contains(&header.producer_id) {
            continue;
        }
        let decoded = decode(&header, &batch).map_err(|e| {
            Error::invalid(
                ResponseError::CorruptMessage,
                format!("records at {} cannot be read: {e}", header.base_offset),
            )
        })?;
        records.extend(decoded.into_iter().filter(|r| r.offset >= offset));
    }
    Ok((records, next))
}
