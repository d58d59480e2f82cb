//! The feed of a topic's records.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use headwater_model::{Invalid, TopicId};
use headwater_topics::{Error as Refused, Isolation, Position, Record, Topics};
use tokio::{sync::mpsc, time::Instant};

use super::{FeedEvent, MessageBatch};
use crate::{
    Result,
    topics::{message, newest},
};

/// Records that are shown before the feed goes on live.
const FIRST: usize = 20;
/// Records of one event.
pub(super) const BATCH: usize = 50;
/// Bytes of one event.
pub(super) const BATCH_BYTES: usize = 256 * 1024;
/// Time between two events.
pub(super) const PAUSE: Duration = Duration::from_millis(100);
/// Records that a partition may be ahead before the reader jumps to its end.
const BEHIND: i64 = 1000;
/// Longest wait for a record before partitions are looked at again.
pub(super) const WAIT: Duration = Duration::from_secs(10);

type Fetched = (Position, headwater_topics::Result<(Vec<Record>, i64)>);

/// A place in each partition of a topic.
pub(super) struct Reader {
    kafka: Arc<dyn Topics>,
    topic: TopicId,
    /// Next offset by partition.
    at: BTreeMap<i32, i64>,
    /// Records read and not passed on yet.
    batch: MessageBatch,
    bytes: usize,
}

impl Reader {
    /// Stands at `cursor`, or before the last records. The answered cursor is from before the first batch: whoever is cut
    /// off without having seen it opens anew there.
    pub(super) async fn open(
        kafka: Arc<dyn Topics>,
        topic: TopicId,
        cursor: Option<&str>,
    ) -> Result<(String, Self)> {
        let batch = MessageBatch::default();
        let mut reader = Self { kafka, topic, at: BTreeMap::new(), batch, bytes: 0 };
        if let Some(text) = cursor {
            reader.at = parse(text)?;
            return Ok((reader.cursor(), reader));
        }
        let (records, nexts) = newest(&*reader.kafka, &reader.topic, FIRST).await?;
        reader.at = (0..).zip(nexts).collect();
        let mut before = reader.at.clone();
        for record in &records {
            before.entry(record.partition).and_modify(|first| *first = record.offset.min(*first));
        }
        reader.take(records);
        Ok((place_text(&before), reader))
    }

    /// Where it stands: `partition:offset,…`.
    fn cursor(&self) -> String {
        place_text(&self.at)
    }

    /// Passes records on until the reader goes.
    pub(super) async fn follow(mut self, to: mpsc::Sender<FeedEvent<MessageBatch>>) {
        if let Err(error) = self.run(&to).await {
            let _ = to.send(FeedEvent::Failed(error)).await;
        }
    }

    async fn run(&mut self, to: &mpsc::Sender<FeedEvent<MessageBatch>>) -> Result<()> {
        let mut fetches: FuturesUnordered<BoxFuture<'static, Fetched>> = FuturesUnordered::new();
        let mut asked = BTreeSet::new();
        let mut next = Instant::now();
        loop {
            let marks = self.kafka.watermarks(&self.topic).await?;
            for (partition, mark) in (0..).zip(&marks) {
                // A partition that was added begins at its first record.
                let offset = *self.at.entry(partition).or_insert(mark.start);
                if asked.insert(partition) {
                    fetches.push(self.fetch(Position { partition, offset }));
                }
            }
            let full = self.batch.records.len() >= BATCH || self.bytes >= BATCH_BYTES;
            let some = !self.batch.records.is_empty() || self.batch.skipped > 0;
            tokio::select! {
                () = tokio::time::sleep_until(next), if some => {
                    if !self.send(to).await {
                        return Ok(());
                    }
                    next = Instant::now() + PAUSE;
                }
                // While a batch is full nothing more is read: what piles up is skipped at the next look.
                Some((at, fetched)) = fetches.next(), if !full => {
                    asked.remove(&at.partition);
                    let mark = usize::try_from(at.partition).ok().and_then(|index| marks.get(index));
                    // Records of an open transaction do not count: they are still to come.
                    self.fetched(at, fetched, mark.map_or(at.offset, |mark| mark.last_stable))?;
                }
            }
        }
    }

    fn fetch(&self, at: Position) -> BoxFuture<'static, Fetched> {
        let (kafka, topic) = (self.kafka.clone(), self.topic.clone());
        async move {
            let fetched = kafka.fetch(&topic, at, BATCH_BYTES, WAIT, Isolation::ReadCommitted).await;
            (at, fetched)
        }
        .boxed()
    }

    fn fetched(
        &mut self,
        at: Position,
        fetched: headwater_topics::Result<(Vec<Record>, i64)>,
        end: i64,
    ) -> Result<()> {
        let next = match fetched {
            Ok((records, next)) => {
                self.take(records);
                next
            }
            Err(Refused::OffsetOutOfRange { offset, start, end, .. }) => {
                self.skip(offset, start);
                if offset < start { start } else { end }
            }
            Err(error) => return Err(error.into()),
        };
        let jump = end - i64::try_from(BATCH).unwrap_or(i64::MAX);
        let behind = end - next > BEHIND;
        if behind {
            self.skip(next, jump);
        }
        self.at.insert(at.partition, if behind { jump } else { next });
        Ok(())
    }

    fn skip(&mut self, from: i64, to: i64) {
        self.batch.skipped += u64::try_from(to - from).unwrap_or(0);
    }

    /// Keeps the newest that fit.
    fn take(&mut self, records: Vec<Record>) {
        self.batch.scanned += records.len() as u64;
        let messages = records.into_iter().map(message);
        self.batch.records.extend(messages);
        self.bytes = self.batch.records.iter().map(|record| record.size).sum();
        let mut drop = self.batch.records.len().saturating_sub(BATCH);
        let mut bytes =
            self.bytes - self.batch.records[..drop].iter().map(|record| record.size).sum::<usize>();
        while bytes > BATCH_BYTES && drop + 1 < self.batch.records.len() {
            bytes -= self.batch.records[drop].size;
            drop += 1;
        }
        self.batch.records.drain(..drop);
        self.batch.skipped += u64::try_from(drop).unwrap_or(0);
        self.bytes = bytes;
    }

    async fn send(&mut self, to: &mpsc::Sender<FeedEvent<MessageBatch>>) -> bool {
        let data = std::mem::take(&mut self.batch);
        self.bytes = 0;
        to.send(FeedEvent::Data { cursor: self.cursor(), data }).await.is_ok()
    }
}

/// A place in each partition as a cursor: `partition:offset,…`.
pub(super) fn place_text(places: &BTreeMap<i32, i64>) -> String {
    let places: Vec<_> = places.iter().map(|(partition, offset)| format!("{partition}:{offset}")).collect();
    places.join(",")
}

/// Reads what [`place_text`] writes.
pub(super) fn parse(cursor: &str) -> Result<BTreeMap<i32, i64>> {
    let place = |part: &str| {
        let (partition, offset) = part.split_once(':')?;
        Some((partition.parse().ok()?, offset.parse().ok()?))
    };
    let places: Option<_> = cursor.split(',').filter(|part| !part.is_empty()).map(place).collect();
    places.ok_or_else(|| Invalid::new("cursor", "is not one that this channel gave").into())
}
