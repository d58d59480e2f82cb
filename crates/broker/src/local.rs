//! The broker without a socket, for the process that it lives in. Tenancy is the caller's care here.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    time::Duration,
};

use bytes::BytesMut;
use futures::future::try_join_all;
use headwater_model::WorkspaceId;
use kafka_protocol::ResponseError;

use crate::{
    Broker, Error, Result,
    batch::{HEADER_LEN, Header, is_abort},
    catalogue::{
        NewTopic, Topic, check_growth,
        settings::{Intake, SETTINGS},
    },
    log::{Fetched, Isolation, Offsets, Origin, Partition},
    records::{Record, batches, decode, encode, intake, lookup},
    requests::IN_PLACE,
    storage,
};

/// Largest batch made of records that are appended together.
const BATCH_BYTES: usize = 512 * 1024;
/// Memory that the records of one read may take, unless more is asked for: compressed batches may unpack to a
/// hundred times their size.
const READ_BYTES: usize = 16 * 1024 * 1024;

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
            topic.count_out(seen.bytes);
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

/// The batches that records become, each of them checked: appending them fails only when the disk does.
fn prepared(records: &[Record], intake: &Intake, max: usize) -> Result<Vec<BytesMut>> {
    let mut batches = Vec::new();
    for chunk in chunks(records, max.min(BATCH_BYTES)) {
        let Some(mut batch) = encode(chunk.iter()) else { continue };
        if *intake != Intake::default() {
            let plain = batch.freeze();
            let header = Header::parse(&plain).expect("what was encoded just now has a header");
            let kept = intake::taken_in(intake, &header, &plain)?;
            batch = kept.unwrap_or_else(|| BytesMut::from(plain));
        }
        if batch.len() > max {
            return Err(storage::Error::TooLarge { size: batch.len(), max }.into());
        }
        batches.push(batch);
    }
    Ok(batches)
}

/// Runs of records whose batches have at most `most` bytes, but for single records that have more.
fn chunks(mut records: &[Record], most: usize) -> impl Iterator<Item = &[Record]> {
    // Numbers before a record and each of its headers take at most so many bytes.
    const RECORD: usize = 40;
    const FIELD: usize = 10;
    let size = |r: &Record| {
        let headers = r.headers.iter().map(|(n, v)| n.len() + v.as_ref().map_or(0, |v| v.len()) + FIELD);
        RECORD
            + r.key.as_ref().map_or(0, |k| k.len())
            + r.value.as_ref().map_or(0, |v| v.len())
            + headers.sum::<usize>()
    };
    std::iter::from_fn(move || {
        let mut bytes = HEADER_LEN;
        let fits = |r: &&Record| {
            let first = bytes == HEADER_LEN;
            bytes += size(r);
            first || bytes <= most
        };
        let count = records.iter().take_while(fits).count();
        let (chunk, rest) = records.split_at_checked(count).filter(|_| count > 0)?;
        records = rest;
        Some(chunk)
    })
}

/// What one look at a partition finds.
struct Seen {
    records: Vec<Record>,
    /// The offset after all that was looked at.
    next: i64,
    /// Bytes read, as they are stored.
    bytes: u64,
}

/// Reads once; here and now when that is little work.
async fn look(partition: &Partition, offset: i64, max_bytes: usize, isolation: Isolation) -> Result<Seen> {
    let most = max_bytes.max(READ_BYTES);
    let available = usize::try_from(partition.available(offset, isolation)?).unwrap_or(usize::MAX);
    if max_bytes.min(available) <= IN_PLACE {
        let fetched = partition.read(offset, max_bytes, isolation, true)?;
        let packed = batches(fetched.records.clone()).any(|(header, _)| header.compression() != 0);
        return match packed {
            true => aside(move || visible(fetched, offset, most)).await,
            false => visible(fetched, offset, most),
        };
    }
    let partition = partition.clone();
    aside(move || visible(partition.read(offset, max_bytes, isolation, true)?, offset, most)).await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Stopping))
}

/// What the reader is to see of a read, from `offset` on, as far as it fits into `most` bytes of memory.
fn visible(fetched: Fetched, offset: i64, most: usize) -> Result<Seen> {
    let mut aborted = fetched.aborted.iter().peekable();
    let mut skipped = HashSet::new();
    let mut seen = Seen { records: Vec::new(), next: offset, bytes: fetched.records.len() as u64 };
    let mut taken = 0;
    for (header, batch) in batches(fetched.records) {
        while let Some(begun) = aborted.next_if(|a| a.first_offset <= header.last_offset()) {
            skipped.insert(begun.producer_id);
        }
        let hidden = header.is_transactional() && skipped.contains(&header.producer_id);
        if header.is_control() {
            if is_abort(&batch, &header) == Some(true) {
                skipped.remove(&header.producer_id);
            }
        } else if !hidden {
            let broken = |e: io::Error| {
                let reason = format!("records at {} cannot be read: {e}", header.base_offset);
                Error::invalid(ResponseError::CorruptMessage, reason)
            };
            let mut decoded = decode(&header, &batch).map_err(broken)?;
            let unpacked = decoded.remaining();
            let mut beside = 0;
            while let Some(record) = decoded.next() {
                let record = record.map_err(broken)?;
                if record.offset < offset {
                    continue;
                }
                beside += overhead(&record);
                // Offsets within a compressed batch are the client's word; there is no going back, or beyond it.
                seen.next = record.offset.saturating_add(1).min(header.next_offset());
                seen.records.push(record);
                if taken + beside + unpacked - decoded.remaining() > most {
                    return Ok(seen);
                }
            }
            // What was unpacked stays in memory as long as any record of it.
            taken += beside + unpacked;
        }
        seen.next = header.next_offset();
    }
    Ok(seen)
}

/// Memory that a record takes beside its content.
fn overhead(record: &Record) -> usize {
    size_of::<Record>() + record.headers.len() * size_of::<(String, Option<bytes::Bytes>)>()
}
