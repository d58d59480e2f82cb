//! What can go wrong.

use std::{io, path::Path};

use headwater_model::Kind;

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Failures of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file does not read as it was written.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: String,
        /// How.
        reason: &'static str,
    },
}

impl Error {
    /// What the failure means to the caller.
    pub fn kind(&self) -> Kind {
        Kind::Internal
    }

    /// Whether the same may succeed later: a disk may have room again, a damaged file stays damaged.
    pub fn retry(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn damaged(path: &Path, reason: &'static str) -> Self {
        Self::Damaged { path: path.display().to_string(), reason }
    }
}
