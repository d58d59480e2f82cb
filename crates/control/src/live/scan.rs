//! The feed of a topic's records from a place on, all of them in order, or those that a text is found in.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use headwater_model::{Invalid, TopicId};
use headwater_topics::{Error as Refused, Isolation, Position, Record, Topics, Watermarks};
use jiff::Timestamp;
use regex::bytes::{Regex, RegexBuilder};
use tokio::{sync::mpsc, time::Instant};

use super::{
    FeedEvent, MessageBatch,
    messages::{BATCH, BATCH_BYTES, PAUSE, WAIT, place_text},
};
use crate::{Result, topics::message};

/// Longest that a reader who is shown nothing hears nothing of how far the search is.
const PROGRESS: Duration = Duration::from_secs(1);
/// Longest text that is searched for.
const TEXT_MAX: usize = 500;

/// Where a feed of records begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedFrom {
    /// At the oldest that are kept.
    Earliest,
    /// With the next that arrive.
    Latest,
    /// From a time on.
    Time(Timestamp),
    /// At these offsets; partitions that are not named are left out.
    Offsets(BTreeMap<i32, i64>),
}

/// A place in each partition of a topic, from which on nothing is passed over.
pub(super) struct Scan {
    kafka: Arc<dyn Topics>,
    topic: TopicId,
    /// Next offset by partition; what is before it was passed on or does not match.
    at: BTreeMap<i32, i64>,
    /// Only the partitions of `at`, or also those that are added.
    closed: bool,
    filter: Option<Filter>,
    batch: MessageBatch,
    bytes: usize,
    /// When the reader was told something last.
    told: Instant,
}

impl Scan {
    /// Stands at `places`, or at the beginning that is wished.
    pub(super) async fn open(
        kafka: Arc<dyn Topics>,
        topic: TopicId,
        places: Option<BTreeMap<i32, i64>>,
        from: &FeedFrom,
        filter: Option<Filter>,
    ) -> Result<Self> {
        let at = match places {
            Some(places) => places,
            None => begin(&*kafka, &topic, from).await?,
        };
        let closed = matches!(from, FeedFrom::Offsets(_));
        let (batch, told) = (MessageBatch::default(), Instant::now());
        Ok(Self { kafka, topic, at, closed, filter, batch, bytes: 0, told })
    }

    /// Where it stands.
    pub(super) fn cursor(&self) -> String {
        place_text(&self.at)
    }

    /// Passes records on until the reader goes.
    pub(super) async fn follow(mut self, to: mpsc::Sender<FeedEvent<MessageBatch>>) {
        if let Err(error) = self.run(&to).await {
            let _ = to.send(FeedEvent::Failed(error)).await;
        }
    }

    async fn run(&mut self, to: &mpsc::Sender<FeedEvent<MessageBatch>>) -> Result<()> {
        loop {
            let marks = self.marks().await?;
            let behind = |(partition, mark): &(i32, Watermarks)| self.at[partition] < mark.last_stable;
            let behind: Vec<_> = marks.iter().filter(|mark| behind(mark)).map(|(p, _)| *p).collect();
            for partition in &behind {
                let fetched = self.fetch(*partition, Duration::ZERO).await;
                self.take(fetched, to).await?;
            }
            if behind.is_empty() {
                if self.batch.scanned > 0 && !self.send(to).await {
                    return Ok(());
                }
                let fetched = self.wait().await;
                self.take(fetched, to).await?;
            }
            if to.is_closed() {
                return Ok(());
            }
        }
    }

    /// Offsets of the partitions that are read. A partition that was added begins at its first record.
    async fn marks(&mut self) -> Result<Vec<(i32, Watermarks)>> {
        let marks = self.kafka.watermarks(&self.topic).await?;
        let marks: Vec<_> = (0..).zip(marks).collect();
        if !self.closed {
            for (partition, mark) in &marks {
                self.at.entry(*partition).or_insert(mark.start);
            }
        }
        Ok(marks.into_iter().filter(|(partition, _)| self.at.contains_key(partition)).collect())
    }

    fn fetch(&self, partition: i32, wait: Duration) -> BoxFuture<'static, Fetched> {
        let (kafka, topic, offset) = (self.kafka.clone(), self.topic.clone(), self.at[&partition]);
        async move {
            let at = Position { partition, offset };
            (at, kafka.fetch(&topic, at, BATCH_BYTES, wait, Isolation::ReadCommitted).await)
        }
        .boxed()
    }

    /// The first partition that has something new; after a while one that has nothing.
    async fn wait(&self) -> Fetched {
        let mut all: FuturesUnordered<_> =
            self.at.keys().map(|partition| self.fetch(*partition, WAIT)).collect();
        match all.next().await {
            Some(fetched) => fetched,
            // No partition is read.
            None => std::future::pending().await,
        }
    }

    async fn take(
        &mut self,
        (at, fetched): Fetched,
        to: &mpsc::Sender<FeedEvent<MessageBatch>>,
    ) -> Result<()> {
        let (records, next) = match fetched {
            Ok(found) => found,
            Err(Refused::OffsetOutOfRange { offset, start, end, .. }) => {
                self.batch.skipped += u64::try_from(start - offset).unwrap_or(0);
                self.at.insert(at.partition, offset.clamp(start, end));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        for record in records {
            let after = record.offset + 1;
            self.batch.scanned += 1;
            if self.filter.as_ref().is_none_or(|filter| filter.matches(&record)) {
                let message = message(record);
                self.bytes += message.size;
                self.batch.records.push(message);
            }
            self.at.insert(at.partition, after);
            let full = self.batch.records.len() >= BATCH || self.bytes >= BATCH_BYTES;
            if (full || self.told.elapsed() >= PROGRESS) && !self.send(to).await {
                return Ok(());
            }
        }
        self.at.insert(at.partition, next);
        Ok(())
    }

    /// Tells the reader, not more often than it can look.
    async fn send(&mut self, to: &mpsc::Sender<FeedEvent<MessageBatch>>) -> bool {
        tokio::time::sleep_until(self.told + PAUSE).await;
        let data = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let sent = to.send(FeedEvent::Data { cursor: self.cursor(), data }).await.is_ok();
        self.told = Instant::now();
        sent
    }
}

type Fetched = (Position, headwater_topics::Result<(Vec<Record>, i64)>);

async fn begin(kafka: &dyn Topics, topic: &TopicId, from: &FeedFrom) -> Result<BTreeMap<i32, i64>> {
    let marks = kafka.watermarks(topic).await?;
    Ok(match from {
        FeedFrom::Earliest => (0..).zip(marks.iter().map(|mark| mark.start)).collect(),
        FeedFrom::Latest => (0..).zip(marks.iter().map(|mark| mark.last_stable)).collect(),
        FeedFrom::Time(time) => (0..).zip(kafka.offsets_at(topic, time.as_millisecond()).await?).collect(),
        FeedFrom::Offsets(offsets) => {
            let known = 0..i32::try_from(marks.len()).unwrap_or(i32::MAX);
            if let Some(partition) = offsets.keys().find(|partition| !known.contains(partition)) {
                let message = format!("partition {partition} does not exist; the topic has {}", marks.len());
                return Err(Invalid::new("from", message).into());
            }
            offsets.clone()
        }
    })
}

/// A text that is looked for in keys, values and headers, in upper or lower case.
pub(super) struct Filter(Regex);

impl Filter {
    /// A filter; none for a text without letters.
    pub(super) fn new(text: &str) -> Result<Option<Self>> {
        if text.is_empty() {
            return Ok(None);
        }
        if text.len() > TEXT_MAX {
            return Err(Invalid::new("filter", format!("is longer than {TEXT_MAX} bytes")).into());
        }
        let found = RegexBuilder::new(&regex::escape(text)).case_insensitive(true).build();
        let wrong = |_| Invalid::new("filter", "cannot be searched for");
        Ok(Some(Self(found.map_err(wrong)?)))
    }

    fn matches(&self, record: &Record) -> bool {
        let found = |bytes: &Option<bytes::Bytes>| bytes.as_ref().is_some_and(|bytes| self.0.is_match(bytes));
        let in_header =
            |(name, value): &(String, Option<bytes::Bytes>)| self.0.is_match(name.as_bytes()) || found(value);
        found(&record.key) || found(&record.value) || record.headers.iter().any(in_header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_wherever_they_are() {
        let text = |text: &'static str| Some(bytes::Bytes::from_static(text.as_bytes()));
        let record = Record {
            partition: 0,
            offset: 0,
            timestamp_ms: 0,
            key: text("Key-1"),
            value: text("{\"Straße\": \"a.b\"}"),
            headers: vec![("Trace".into(), text("0xAB")), ("none".into(), None)],
        };
        let finds = |wanted: &str| Filter::new(wanted).unwrap().unwrap().matches(&record);
        for wanted in ["key-1", "STRAßE", "a.b", "trace", "0xab"] {
            assert!(finds(wanted), "{wanted}");
        }
        assert!(!finds("axb") && !finds("key-2"));
        assert!(Filter::new("").unwrap().is_none() && Filter::new(&"x".repeat(501)).is_err());
    }
}
