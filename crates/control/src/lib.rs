//! What the product does, without HTTP: workspaces, topics, applications, deployments, tokens, sign-in, live feeds.
//!
//! Every function takes the caller first and asks [`headwater_model::Authorize`] before it looks anything up. An
//! object in a workspace that the caller cannot read is not found; one that they can read but not treat so is forbidden.

mod applications;
mod bootstrap;
mod broker_access;
mod code;
mod control;
mod core;
mod deployments;
mod error;
mod git;
mod groups;
mod live;
mod metrics;
mod people;
mod secrets;
mod sessions;
mod tokens;
mod topics;
mod workspaces;

pub use applications::{Applications, CreateApplication};
pub use broker_access::BrokerAccess;
pub use control::{Control, Engines, Seen, Settings};
pub use deployments::{
    Begin, Choice, CreateDeployment, Deployment, DeploymentRun, Deployments, Download, FieldChange,
    FileChange, FileChangeKind, HIDDEN, LogEntry, LogMatch, LogMatches, LogPage, Pieces, Replica, SearchLogs,
    UpdateDeployment, Version,
};
pub use error::{Error, Result};
pub use git::{Git, Service};
pub use groups::{AtWork, Groups, MoveTo, PartitionLag, TopicGroup};
pub use live::{
    Content, DeploymentUsage, Feed, FeedEvent, FeedFrom, Live, LogsFrom, Message, MessageBatch, MessagesWish,
    Rates, ReplicaUsage, TopicRates,
};
pub use metrics::{FigureSeries, Figures, MAX_SERIES, Metrics, Wanted};
pub use people::{People, Profile};
pub use sessions::Sessions;
pub use tokens::{CreateToken, TokenDetails, TokenFor, Tokens};
pub use topics::{CreateTopic, MessagesFrom, TopicMetrics, Topics, UpdateTopic};
pub use workspaces::{BrokerConnection, Workspace, Workspaces};

pub use headwater_compute::{
    Attempt, Direction, EnforcedBy, Isolation, Level, Limits, ReplicaState, StateUsage, Stream, Usage,
};
pub use headwater_metrics::Point;
pub use headwater_repo::{Commit, Entry, EntryKind, Tag};
pub use headwater_store::{
    Application, CommitSummary, DeploymentVersion, Origin, Rollback, Secret, Token, TokenKind, Topic, User,
};
pub use headwater_topics::Content as TopicContent;
