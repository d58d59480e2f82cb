//! What can go wrong in the storage engine.

use std::{io, path::Path};

use headwater_model::Kind;

/// Result of the storage engine.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a partition or a journal. Cheap to clone, as one failed sync answers many waiters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The disk is full; nothing of the write is visible, and it may be repeated once there is space.
    #[error("the disk is full")]
    DiskFull,
    /// An earlier write or sync failed, so what is on the disk is not known; reads go on.
    #[error("writes are refused since a sync failed: {0}")]
    ReadOnly(String),
    /// The partition or journal was closed or deleted.
    #[error("the log is closed")]
    Closed,
    /// The operating system refused.
    #[error("{path}: {reason}")]
    Io {
        /// The file or folder concerned.
        path: String,
        /// What the operating system said.
        reason: String,
    },
    /// Stored bytes are not what was written.
    #[error("{path} is damaged: {reason}")]
    Corrupt {
        /// The file concerned.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Kafka error 1: the offset is not kept.
    #[error("offset {offset} is outside of {start}..{end}")]
    OffsetOutOfRange {
        /// The offset asked for.
        offset: i64,
        /// First offset kept.
        start: i64,
        /// Next offset to be written.
        end: i64,
    },
    /// Kafka error 2: the batch's checksum or length is wrong.
    #[error("the record batch is damaged: {0}")]
    CorruptMessage(&'static str),
    /// Kafka error 87: the batch breaks a rule.
    #[error("the record batch is not valid: {0}")]
    InvalidRecord(&'static str),
    /// Kafka error 43: not a record batch of version 2.
    #[error("record batches of version {0} are not supported")]
    UnsupportedFormat(i8),
    /// Kafka error 10: the batch is larger than the topic allows.
    #[error("the record batch has {size} bytes; the topic allows {max}")]
    TooLarge {
        /// Bytes of the batch.
        size: usize,
        /// Most bytes allowed.
        max: usize,
    },
    /// Kafka error 45: batches of the producer are missing before this one.
    #[error("producer {producer_id} sent sequence {sequence}, expected {expected}")]
    OutOfOrderSequence {
        /// The producer.
        producer_id: i64,
        /// The first sequence number of the batch.
        sequence: i32,
        /// The sequence number that would have followed.
        expected: i32,
    },
    /// Kafka error 47: a newer instance of the producer has written.
    #[error("producer {producer_id} has epoch {current}; epoch {epoch} is fenced")]
    InvalidProducerEpoch {
        /// The producer.
        producer_id: i64,
        /// The epoch it came with.
        epoch: i16,
        /// The newest epoch seen.
        current: i16,
    },
    /// Kafka error 48: the write does not fit the producer's open transaction.
    #[error("producer {0} has a transaction open; a write outside of it is refused")]
    InvalidTransactionState(i64),
    /// Kafka error 52: a newer transaction coordinator has written.
    #[error("transaction coordinator {epoch} is fenced by {current}")]
    CoordinatorFenced {
        /// The coordinator's epoch.
        epoch: i32,
        /// The newest epoch seen.
        current: i32,
    },
}

impl Error {
    /// What the failure means to the caller.
    pub fn kind(&self) -> Kind {
        match self {
            Self::DiskFull | Self::ReadOnly(_) | Self::Closed => Kind::Unavailable,
            Self::Io { .. } | Self::Corrupt { .. } => Kind::Internal,
            Self::OutOfOrderSequence { .. }
            | Self::InvalidProducerEpoch { .. }
            | Self::InvalidTransactionState(_)
            | Self::CoordinatorFenced { .. } => Kind::Conflict,
            Self::OffsetOutOfRange { .. }
            | Self::CorruptMessage(_)
            | Self::InvalidRecord(_)
            | Self::UnsupportedFormat(_)
            | Self::TooLarge { .. } => Kind::Invalid,
        }
    }

    /// An operating system's refusal at `path`.
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io { path: path.display().to_string(), reason: error.to_string() },
        }
    }

    /// Damage at `path`.
    pub(crate) fn corrupt(path: &Path, reason: impl Into<String>) -> Self {
        Self::Corrupt { path: path.display().to_string(), reason: reason.into() }
    }
}
