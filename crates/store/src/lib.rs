//! Metadata: rows in SQLite (or Postgres), each mutation with its line in the change feed.
//!
//! [`Store::read`] opens a snapshot, [`Store::write`] the one mutation of a workspace; both go away when dropped, a
//! write without [`Write::commit`] leaves nothing. [`Store::changes`] follows a workspace's feed.

mod changes;
mod connect;
mod entity;
mod error;
mod key;
mod migrations;
mod rows;
mod secret;
mod store;
mod types;

pub use changes::{Changes, Event};
pub use error::{Error, Result};
pub use rows::{clock, people::Grant};
pub use secret::Secret;
pub use store::{Read, Store, Write};
pub use types::{
    Application, Build, BuildStatus, CommitSummary, Deployment, DeploymentVersion, Origin, Rollback, Token,
    TokenKind, Topic, User, Workspace,
};
