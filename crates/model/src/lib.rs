//! The vocabulary of Headwater: ids, names, topics, deployments, applications and who may do what.
//!
//! Everything here is pure: no files, sockets or clocks. All other crates speak in these types.

pub mod access;
pub mod application;
pub mod change;
pub mod deployment;
mod error;
pub mod hosts;
pub mod id;
pub mod name;
pub mod pipeline;
pub mod topic;

pub use access::{Action, Authorize, Principal, Resource, Role};
pub use application::{Application, InputType, Variable};
pub use change::{Change, ChangeKind};
pub use deployment::{
    DeploymentSpec, DeploymentStatus, DeploymentType, GitReference, HealthCheck, HealthProbe, Outcome,
    Schedule,
};
pub use error::{Invalid, Kind};
pub use hosts::Hosts;
pub use id::{
    ApplicationId, DeploymentId, OrganisationId, ProjectId, ReplicaId, TokenId, TopicId, WorkspaceId,
};
pub use topic::{CleanupPolicy, TopicConfig, TopicStatus};
