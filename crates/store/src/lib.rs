//! Metadata: rows in SQLite (or Postgres), each mutation with its line in the change feed.

mod error;
mod secret;
mod types;

pub use error::{Error, Result};
pub use secret::Secret;
pub use types::{
    Application, Build, BuildStatus, CommitSummary, Deployment, DeploymentVersion, Origin, Token, TokenKind,
    Topic, User, Workspace,
};

/// The metadata store. Cheap to clone.
#[derive(Clone)]
pub struct Store {}
