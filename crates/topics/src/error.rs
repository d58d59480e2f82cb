//! Failures of a Kafka, as the platform sees them.

use headwater_model::Kind;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
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
    #[error("group '{0}' has members; stop its consumers first")]
    GroupInUse(String),
    /// The request breaks a rule of the broker.
    #[error("{0}")]
    Invalid(String),
    /// The offset is outside of what is kept.
    #[error("offset {offset} of '{topic}' is outside of {start}..{end}")]
    OffsetOutOfRange {
        /// Full topic id.
        topic: String,
        /// The offset asked for.
        offset: i64,
        /// First offset kept.
        start: i64,
        /// Next offset to be written.
        end: i64,
    },
    /// The broker does not answer, or cannot write now.
    #[error("the broker is not available: {0}")]
    Unavailable(String),
    /// A fault of ours.
    #[error("broker fault: {0}")]
    Internal(String),
}

impl Error {
    /// What the failure means to the caller.
    pub fn kind(&self) -> Kind {
        match self {
            Self::UnknownTopic(_) | Self::UnknownGroup(_) => Kind::NotFound,
            Self::Exists(_) | Self::GroupInUse(_) => Kind::Conflict,
            Self::Invalid(_) | Self::OffsetOutOfRange { .. } => Kind::Invalid,
            Self::Unavailable(_) => Kind::Unavailable,
            Self::Internal(_) => Kind::Internal,
        }
    }
}
