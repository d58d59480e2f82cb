//! Failures of the metadata store.

use headwater_model::{Invalid, Kind};

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such row.
    #[error("{what} '{id}' does not exist")]
    NotFound {
        /// Kind of object: `topic`, `deployment`, …
        what: &'static str,
        /// The id asked for.
        id: String,
    },
    /// A row with this name or id stands already.
    #[error("{what} '{id}' already exists")]
    Exists {
        /// Kind of object.
        what: &'static str,
        /// The id or name that is taken.
        id: String,
    },
    /// The row changed since the caller read it.
    #[error("{what} '{id}' changed meanwhile: it is at revision {found}, not {expected}")]
    Stale {
        /// Kind of object.
        what: &'static str,
        /// Its id.
        id: String,
        /// The revision that the caller read.
        expected: i64,
        /// The revision it has.
        found: i64,
    },
    /// A stored value cannot be read back: written by another version, or damaged.
    #[error("a stored value is not readable: {0}")]
    Corrupt(String),
    /// The key in `secrets.key` does not open what is stored.
    #[error("a stored secret cannot be opened; is secrets.key the one this folder was made with?")]
    Sealed,
    /// The database is busy or refused.
    #[error("the database failed: {0}")]
    Database(#[from] sea_orm::DbErr),
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
            Self::NotFound { .. } => Kind::NotFound,
            Self::Exists { .. } | Self::Stale { .. } => Kind::Conflict,
            Self::Corrupt(_) | Self::Sealed | Self::Database(_) | Self::Io { .. } => Kind::Internal,
        }
    }

    pub(crate) fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    pub(crate) fn exists(what: &'static str, id: impl ToString) -> Self {
        Self::Exists { what, id: id.to_string() }
    }

    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

impl From<Invalid> for Error {
    fn from(error: Invalid) -> Self {
        Self::Corrupt(error.to_string())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}
