//! A partition: the public surface of the log.

use std::{path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use bytes::BytesMut;
use tokio::sync::watch;

use super::{
    Appended, Fetched, Isolation, LogSettings, Offsets, OpenTransaction, Origin, inner::Inner, recovery,
};
use crate::storage::{Error, Result, Storage};

/// The only leader epoch there is.
const LEADER_EPOCH: i32 = 0;

/// A partition of a topic: a folder of append-only segments. Cheap to clone.
///
/// Appending and reading are plain calls that touch the page cache, in tens of microseconds; only
/// [`durable`](Self::durable) and [`close`](Self::close) wait for the disk.
#[derive(Clone)]
pub struct Partition {
    inner: Arc<Inner>,
}

impl Partition {
    /// Opens the partition in `dir`, making it when it does not exist; repairs what a crash has torn. Blocks.
    pub fn open(storage: &Storage, dir: PathBuf, settings: Arc<ArcSwap<LogSettings>>) -> Result<Self> {
        Ok(Self { inner: Arc::new(recovery::open(storage, dir, settings)?) })
    }

    /// Appends one record batch; it is readable when this returns. `records` is stored as it is, but for the base
    /// offset and leader epoch (and the timestamps, when the topic stamps records itself).
    pub fn append(&self, records: BytesMut, origin: Origin) -> Result<Appended> {
        self.inner.append(records, origin)
    }

    /// Waits until the record at `offset` and all before it survive a power cut; at once with sync off.
    pub async fn durable(&self, offset: i64) -> Result<()> {
        let inner = &self.inner;
        let syncer = &inner.storage.syncer;
        if syncer.enabled() {
            return inner.gate.wait(syncer, inner, offset + 1).await;
        }
        inner.gate.check()?;
        self.sync_when_due();
        Ok(())
    }

    /// Starts a sync that nobody waits for when much was appended since the last. For whoever appends and does not
    /// wait for [`durable`](Self::durable): otherwise nothing would bound what is read again after a crash.
    pub fn sync_when_due(&self) {
        if self.inner.sync_due() {
            self.inner.gate.start(&self.inner.storage.syncer, &self.inner);
        }
    }

    /// Starts a sync that nobody waits for when anything appended is not durable. To be called every minute or so.
    pub fn sync_remainder(&self) {
        let inner = &self.inner;
        if !inner.gate.covers(self.offsets().end) || inner.sync_due() {
            inner.gate.start(&inner.storage.syncer, inner);
        }
    }

    /// Ends a producer's transaction here by a commit or abort marker. Wait for `durable(last_offset)` after.
    pub fn end_transaction(
        &self,
        producer_id: i64,
        epoch: i16,
        commit: bool,
        coordinator_epoch: i32,
    ) -> Result<Appended> {
        self.inner.end_transaction((producer_id, epoch), commit, coordinator_epoch)
    }

    /// Reads whole batches from the one that holds `offset` on, at most `max_bytes` of them; the first is returned
    /// whole even if it is larger when `at_least_one`. Empty at the end (or last stable offset).
    /// [`Error::OffsetOutOfRange`] outside of `start..=end`.
    pub fn read(
        &self,
        offset: i64,
        max_bytes: usize,
        isolation: Isolation,
        at_least_one: bool,
    ) -> Result<Fetched> {
        self.inner.read(offset, max_bytes, isolation, at_least_one)
    }

    /// About how many bytes a read from `offset` on would find without a bound: more by less than an interval of
    /// the index, and 0 exactly when there is nothing to read. Fails as the read would.
    pub fn available(&self, offset: i64, isolation: Isolation) -> Result<u64> {
        self.inner.available(offset, isolation)
    }

    /// `max.message.bytes`: the largest batch that [`append`](Self::append) takes.
    pub fn max_message_bytes(&self) -> usize {
        self.inner.settings.load().max_message_bytes
    }

    /// The partition's offsets now.
    pub fn offsets(&self) -> Offsets {
        *self.inner.offsets.borrow()
    }

    /// The offsets as they change: by appends, transaction ends and deletions. The receiver sees every change
    /// after the value it has borrowed last; a deletion wakes it too, and reads then fail with
    /// [`Error::Closed`].
    pub fn subscribe(&self) -> watch::Receiver<Offsets> {
        self.inner.offsets.subscribe()
    }

    /// The first record at or after `timestamp_ms`: its offset and timestamp.
    pub fn at_time(&self, timestamp_ms: i64) -> Result<Option<(i64, i64)>> {
        self.inner.at_time(timestamp_ms)
    }

    /// The first record with the largest timestamp: its offset and timestamp.
    pub fn max_timestamp(&self) -> Result<Option<(i64, i64)>> {
        self.inner.max_timestamp()
    }

    /// The latest timestamp of the newest segment that holds batches; none when nothing is kept. Cheap.
    pub fn latest_ms(&self) -> Option<i64> {
        let offsets = self.offsets();
        if offsets.start == offsets.end {
            return None;
        }
        let segments = self.inner.segments.load();
        let newest = segments.iter().rev().find(|segment| segment.size() > 0);
        newest.map(|segment| segment.max_timestamp()).filter(|at_ms| *at_ms >= 0)
    }

    /// For OffsetForLeaderEpoch: the epoch in force and the offset after its last record; `(-1, -1)` for an
    /// unknown epoch. With one copy there is one epoch, 0.
    pub fn end_offset_for_epoch(&self, epoch: i32) -> (i32, i64) {
        if epoch == LEADER_EPOCH { (epoch, self.offsets().end) } else { (-1, -1) }
    }

    /// Removes the records before `before` (−1: all); returns the first offset kept. Durable when it returns. Blocks.
    pub fn delete_records(&self, before: i64) -> Result<i64> {
        self.inner.delete_records(before)
    }

    /// Removes segments that are too old or too many, forgets idle producers, rolls an old segment; returns the
    /// number of segments removed. To be called every minute or so. Blocks.
    pub fn enforce_retention(&self) -> Result<usize> {
        self.inner.enforce_retention()
    }

    /// Transactions that have written here and have not ended, by first offset.
    pub fn open_transactions(&self) -> Vec<OpenTransaction> {
        self.inner.writer.lock().producers.transactions()
    }

    /// Bytes of all segments.
    pub fn size(&self) -> u64 {
        self.inner.segments.load().iter().map(|segment| segment.size()).sum()
    }

    /// Makes everything durable and notes it, so that the next open reads nothing twice. Later writes fail with
    /// [`Error::Closed`].
    pub async fn close(&self) -> Result<()> {
        self.inner.writer.lock().closed = true;
        let inner = self.inner.clone();
        let finished = tokio::task::spawn_blocking(move || inner.sync_now()).await;
        finished.unwrap_or(Err(Error::Closed))
    }

    /// Removes the partition with its folder; durable when it returns. Blocks.
    pub fn delete(&self) -> Result<()> {
        self.inner.delete()
    }
}
