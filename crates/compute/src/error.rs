//! Failures of builds and replicas.

use headwater_model::Kind;

use crate::ReplicaId;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user's code or its dependencies cannot be built; the text quotes the line that failed.
    #[error("{0}")]
    Build(String),
    /// There is no such replica.
    #[error("replica {}/{}/{} does not exist", .0.deployment, .0.version, .0.index)]
    UnknownReplica(ReplicaId),
    /// There is no such log.
    #[error("there is no log yet")]
    UnknownLog,
    /// A tool that builds need is not there.
    #[error("{tool} is not installed: {hint}")]
    MissingTool {
        /// The program.
        tool: &'static str,
        /// How to get it.
        hint: String,
    },
    /// Nothing would keep user code from the platform's own files.
    #[error("{0}")]
    Unconfined(String),
    /// The operating system refused.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// What the failure means to the caller.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Build(_) => Kind::Invalid,
            Self::UnknownReplica(_) | Self::UnknownLog => Kind::NotFound,
            Self::MissingTool { .. } | Self::Unconfined(_) => Kind::Unavailable,
            Self::Io { .. } => Kind::Internal,
        }
    }

    /// An operating system error with what was being done.
    pub fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
