//! Failures, as the caller should read them.

use headwater_model::{Invalid, Kind};

/// Result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong. The text is for the caller; [`Error::hint`] says what to do where that is not plain.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An input breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// There is no such object, or the caller may not know of it.
    #[error("There is no {what} '{id}'.")]
    NotFound {
        /// Kind of object: `workspace`, `topic`, …
        what: &'static str,
        /// The id or name asked for.
        id: String,
    },
    /// The caller sees the object and may not do this to it.
    #[error("You may not {action} this {what}.")]
    Forbidden {
        /// `read`, `create`, `change`, `delete`, `write to`.
        action: &'static str,
        /// Kind of object.
        what: &'static str,
    },
    /// A one-time link is used, expired or unknown.
    #[error("This sign-in link is not valid any more.")]
    LinkExpired,
    /// The name of a topic is taken. Clients look for this very sentence.
    #[error("Topic with name similar to '{0}' already exists.")]
    TopicExists(String),
    /// Deployments read or write the topic.
    #[error("The topic '{topic}' is used by {}.", .users.join(", "))]
    TopicInUse {
        /// The topic's name.
        topic: String,
        /// The names of the deployments.
        users: Vec<String>,
    },
    /// Somebody is in the consumer group.
    #[error("The group '{0}' has members.")]
    GroupInUse(String),
    /// Deployments run the application.
    #[error("The application '{application}' is run by {}.", .users.join(", "))]
    ApplicationInUse {
        /// The application's name.
        application: String,
        /// The names of the deployments.
        users: Vec<String>,
    },
    /// Other applications lie in the application's folder, and would go with it.
    #[error("The folder of the application '{application}' also holds {}.", .inner.join(", "))]
    ApplicationHolds {
        /// The application's name.
        application: String,
        /// The folders of the others.
        inner: Vec<String>,
    },
    /// Another object has this name.
    #[error("The {what} '{name}' is taken.")]
    Taken {
        /// `URL prefix`, `deployment name`, `application path`, …
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The object changed since the caller read it.
    #[error("The {what} changed since you read it.")]
    Stale {
        /// Kind of object.
        what: &'static str,
    },
    /// The application's `app.yaml` cannot be read, so it cannot be deployed.
    #[error("The application cannot be deployed: {0}")]
    BrokenApplication(String),
    /// The metadata store failed.
    #[error(transparent)]
    Store(headwater_store::Error),
    /// The broker refused or does not answer.
    #[error(transparent)]
    Topics(#[from] headwater_topics::Error),
    /// The builder or runtime refused.
    #[error(transparent)]
    Compute(#[from] headwater_compute::Error),
    /// The repository refused.
    #[error(transparent)]
    Repo(#[from] headwater_repo::Error),
    /// The store of figures failed.
    #[error(transparent)]
    Metrics(#[from] headwater_metrics::Error),
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
            Self::Invalid(_) | Self::TopicExists(_) | Self::BrokenApplication(_) => Kind::Invalid,
            Self::NotFound { .. } => Kind::NotFound,
            Self::Forbidden { .. } => Kind::Forbidden,
            Self::LinkExpired => Kind::Unauthorised,
            Self::TopicInUse { .. }
            | Self::GroupInUse(_)
            | Self::ApplicationInUse { .. }
            | Self::ApplicationHolds { .. }
            | Self::Taken { .. }
            | Self::Stale { .. } => Kind::Conflict,
            Self::Store(e) => e.kind(),
            Self::Topics(e) => e.kind(),
            Self::Compute(e) => e.kind(),
            Self::Repo(e) => e.kind(),
            Self::Metrics(e) => e.kind(),
            Self::Io { .. } => Kind::Internal,
        }
    }

    /// A stable word for programs, in kebab case.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::NotFound { .. } => "not-found",
            Self::Forbidden { .. } => "forbidden",
            Self::LinkExpired => "link-expired",
            Self::TopicExists(_) => "topic-exists",
            Self::TopicInUse { .. } => "topic-in-use",
            Self::GroupInUse(_) => "group-in-use",
            Self::ApplicationInUse { .. } => "application-in-use",
            Self::ApplicationHolds { .. } => "application-not-alone",
            Self::Taken { .. } => "name-taken",
            Self::Stale { .. } => "stale-revision",
            Self::BrokenApplication(_) => "broken-application",
            Self::Store(_) | Self::Metrics(_) | Self::Io { .. } => "internal",
            Self::Topics(e) => by_kind(e.kind(), "broker-unavailable"),
            Self::Compute(e) => by_kind(e.kind(), "compute-unavailable"),
            Self::Repo(e) => by_kind(e.kind(), "repository-unavailable"),
        }
    }

    /// What the caller can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::TopicInUse { .. } => {
                Some("Delete or change those deployments first, or delete with force.".into())
            }
            Self::GroupInUse(_) => {
                Some("Stop the deployments and clients that consume with it first.".into())
            }
            Self::ApplicationInUse { .. } => Some("Delete those deployments first.".into()),
            Self::ApplicationHolds { .. } => {
                Some("Delete those applications first, or remove its files with Git.".into())
            }
            Self::Stale { .. } => Some("Read it again and repeat the change.".into()),
            Self::LinkExpired => Some("Run `headwater sign-in` on the machine to get a fresh link.".into()),
            Self::BrokenApplication(_) => Some("Correct app.yaml, push, and deploy again.".into()),
            Self::Taken { .. } => Some("Choose another.".into()),
            _ => None,
        }
    }

    pub(crate) fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

fn by_kind(kind: Kind, unavailable: &'static str) -> &'static str {
    match kind {
        Kind::Invalid => "invalid",
        Kind::NotFound => "not-found",
        Kind::Conflict => "conflict",
        Kind::Unavailable => unavailable,
        _ => "internal",
    }
}

impl From<headwater_store::Error> for Error {
    fn from(error: headwater_store::Error) -> Self {
        use headwater_store::Error as S;
        match error {
            S::NotFound { what, id } => Self::NotFound { what, id },
            S::Exists { what, id } => Self::Taken { what, name: id },
            S::Stale { what, .. } => Self::Stale { what },
            other => Self::Store(other),
        }
    }
}
