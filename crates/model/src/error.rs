//! What an error means to whoever receives it.

use serde::{Deserialize, Serialize};

/// The class of a failure. Every crate's error knows its kind; the edges turn it into a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// The request can never succeed as it stands.
    Invalid,
    /// The object does not exist, or the caller may not know that it does.
    NotFound,
    /// The object exists already, or changed since the caller read it.
    Conflict,
    /// Who is calling is not known.
    Unauthorised,
    /// The caller is known and may not do this.
    Forbidden,
    /// Something that is needed does not answer now; a retry may succeed.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Kind {
    /// Whether repeating the same request later may succeed.
    pub fn retryable(self) -> bool {
        matches!(self, Kind::Unavailable)
    }
}

/// A value that breaks a rule, with the rule in words that a user can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Invalid {
    /// Which input is wrong, as the caller named it.
    pub field: String,
    /// What is wrong with it and what is allowed.
    pub message: String,
}

impl Invalid {
    /// An invalid `field`, with the rule it breaks.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}
