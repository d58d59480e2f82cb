//! Failures of the broker, for its host and for Kafka's clients.

use std::net::SocketAddr;

use headwater_model::Kind;
use kafka_protocol::ResponseError;

use crate::storage;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Another process uses the data folder.
    #[error("{0} is in use by another process; stop it or choose another data folder")]
    InUse(String),
    /// The data folder cannot be used.
    #[error("{folder} cannot be used: {reason}; check that it exists and may be read and written")]
    Folder {
        /// The folder.
        folder: String,
        /// What the operating system said.
        reason: String,
    },
    /// Listening without authentication is for this machine alone.
    #[error(
        "{0} can be reached from other machines, and this listener asks for no credentials; use 127.0.0.1"
    )]
    NotLoopback(SocketAddr),
    /// The listener cannot be used.
    #[error("the listener cannot be used: {0}")]
    Listener(String),
    /// The topic or partition does not exist.
    #[error("topic '{0}' does not exist")]
    UnknownTopic(String),
    /// The topic exists already.
    #[error("topic '{0}' already exists")]
    Exists(String),
    /// The consumer group does not exist.
    #[error("group '{0}' does not exist")]
    UnknownGroup(String),
    /// The consumer group has members.
    #[error("group '{0}' has members; stop them first")]
    GroupInUse(String),
    /// The request breaks a rule.
    #[error("{reason}")]
    Invalid {
        /// Kafka's word for it.
        code: ResponseError,
        /// The rule, in words.
        reason: String,
    },
    /// The log refused.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// The broker is stopping.
    #[error("the broker is stopping")]
    Stopping,
}

impl Error {
    /// A broken rule.
    pub(crate) fn invalid(code: ResponseError, reason: impl Into<String>) -> Self {
        Self::Invalid { code, reason: reason.into() }
    }

    /// What the failure means to the caller.
    pub fn kind(&self) -> Kind {
        match self {
            Self::InUse(_) | Self::Exists(_) | Self::GroupInUse(_) => Kind::Conflict,
            Self::Folder { .. } | Self::Listener(_) | Self::Stopping => Kind::Unavailable,
            Self::NotLoopback(_) | Self::Invalid { .. } => Kind::Invalid,
            Self::UnknownTopic(_) | Self::UnknownGroup(_) => Kind::NotFound,
            Self::Storage(error) => error.kind(),
        }
    }

    /// The failure as Kafka's clients know it.
    pub(crate) fn code(&self) -> ResponseError {
        match self {
            Self::UnknownTopic(_) => ResponseError::UnknownTopicOrPartition,
            Self::Exists(_) => ResponseError::TopicAlreadyExists,
            Self::UnknownGroup(_) => ResponseError::GroupIdNotFound,
            Self::GroupInUse(_) => ResponseError::NonEmptyGroup,
            Self::Invalid { code, .. } => *code,
            Self::Storage(error) => code(error),
            Self::Stopping => ResponseError::CoordinatorNotAvailable,
            Self::InUse(_) | Self::Folder { .. } | Self::Listener(_) | Self::NotLoopback(_) => {
                ResponseError::UnknownServerError
            }
        }
    }
}

/// A failure of the log as Kafka's clients know it.
pub(crate) fn code(error: &storage::Error) -> ResponseError {
    use storage::Error as S;
    match error {
        S::DiskFull | S::ReadOnly(_) | S::Io { .. } | S::Corrupt { .. } => ResponseError::KafkaStorageError,
        S::Closed => ResponseError::NotLeaderOrFollower,
        S::OffsetOutOfRange { .. } => ResponseError::OffsetOutOfRange,
        S::CorruptMessage(_) => ResponseError::CorruptMessage,
        S::InvalidRecord(_) => ResponseError::InvalidRecord,
        S::UnsupportedFormat(_) => ResponseError::UnsupportedForMessageFormat,
        S::TooLarge { .. } => ResponseError::MessageTooLarge,
        S::OutOfOrderSequence { .. } => ResponseError::OutOfOrderSequenceNumber,
        S::InvalidProducerEpoch { .. } => ResponseError::InvalidProducerEpoch,
        S::InvalidTransactionState(_) => ResponseError::InvalidTxnState,
        S::CoordinatorFenced { .. } => ResponseError::TransactionCoordinatorFenced,
    }
}
