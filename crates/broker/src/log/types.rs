//! The words that a partition speaks in.

use bytes::Bytes;

/// The offsets of a partition at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offsets {
    /// First offset kept.
    pub start: i64,
    /// Next offset to be written; with one copy it is the high watermark too.
    pub end: i64,
    /// First offset of the oldest open transaction, or `end`: `read_committed` readers see what is before it.
    pub last_stable: i64,
}

/// Where a batch comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A client: every rule of the format is checked.
    Client,
    /// Built in this process: format and checksum are taken as right; sequences and epochs are still checked.
    Platform,
}

/// An accepted batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Offset of the last record: what to wait for with [`super::Partition::durable`].
    pub last_offset: i64,
    /// Milliseconds since 1970 when the topic stamps records itself, otherwise −1.
    pub append_time_ms: i64,
    /// First offset kept.
    pub log_start_offset: i64,
    /// The batch was stored before; the offsets are those of the first time.
    pub duplicate: bool,
}

/// Which records a reader wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// All that are appended.
    ReadUncommitted,
    /// Those of committed transactions, and those outside of transactions, before the last stable offset.
    ReadCommitted,
}

/// An aborted transaction that touches a read: from `first_offset` on, the producer's transactional records are
/// to be skipped until its abort marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Aborted {
    /// First offset of the transaction.
    pub first_offset: i64,
    /// The producer.
    pub producer_id: i64,
}

/// What a read returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Whole batches as stored; the first may begin before the offset asked for. Empty when there are none.
    pub records: Bytes,
    /// Aborted transactions among them, by first offset; empty unless [`Isolation::ReadCommitted`].
    pub aborted: Vec<Aborted>,
    /// The partition's offsets at the time of the read.
    pub offsets: Offsets,
}

/// A transaction that has written to a partition and has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenTransaction {
    /// The producer.
    pub producer_id: i64,
    /// Its epoch.
    pub epoch: i16,
    /// First offset of the transaction.
    pub first_offset: i64,
    /// Milliseconds since 1970 of the producer's last write here.
    pub last_write_ms: i64,
}
