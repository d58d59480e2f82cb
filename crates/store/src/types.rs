//! What the rows mean: the types in which the store is read and written.

use headwater_model::{
    self as model, ApplicationId, DeploymentId, DeploymentSpec, DeploymentStatus, OrganisationId, Outcome,
    ProjectId, Role, TokenId, TopicConfig, TopicId, TopicStatus, WorkspaceId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Secret;

/// An environment: a project and a branch, with topics, applications and deployments of its own.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// `{organisation}-{project}-{environment}`.
    pub id: WorkspaceId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The repository it runs.
    pub project: ProjectId,
    /// Shown name.
    pub name: String,
    /// Last part of the id.
    pub environment: String,
    /// The branch it runs.
    pub branch: String,
    /// Its password at the broker; the user name is the id.
    pub broker_password: Secret,
    /// Grows with each change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// A UUID.
    pub id: String,
    /// E-mail address; also the Git user name.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// What they may do.
    pub role: Role,
    /// When they were added.
    pub created_at: Timestamp,
}

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    /// A workspace's own, for code that streams.
    Sdk(WorkspaceId),
    /// A person's, with at most this role.
    Personal {
        /// The person.
        user: String,
        /// The role it acts with.
        role: Role,
    },
}

/// A token; its secret is kept only as a hash (that of the one which deployments are given also sealed).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Shown name.
    pub name: String,
    /// What it stands for.
    pub kind: TokenKind,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last presented, to within a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it stops being accepted.
    pub expires_at: Option<Timestamp>,
}

/// How a topic came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Origin {
    /// Asked for by a person.
    Managed,
    /// Asked for by user code or made for a deployment's variable.
    Sdk,
    /// Found at the broker: made through Kafka.
    Unmanaged,
}

/// A topic: what it should be, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// `{workspaceId}-{name}`.
    pub id: TopicId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// What users call it.
    pub name: String,
    /// What it should be.
    pub config: TopicConfig,
    /// How far it is.
    pub status: TopicStatus,
    /// Why it is in error, in words.
    pub last_error: Option<String>,
    /// How it came to be.
    pub origin: Origin,
    /// Grows with each change.
    pub revision: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When its row changed last.
    pub updated_at: Timestamp,
}

/// A commit in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitSummary {
    /// Full hash.
    pub id: String,
    /// First line of the message.
    pub message: String,
    /// Author's name.
    pub author: String,
    /// When it was committed.
    pub time: Timestamp,
}

/// An application: a folder with `app.yaml` on the workspace's branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its id, kept for as long as its path stands.
    pub id: ApplicationId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The folder, from the repository's root.
    pub path: String,
    /// The last `app.yaml` that could be read; none when none ever could.
    pub app: Option<model::Application>,
    /// Why the present `app.yaml` cannot be read.
    pub error: Option<String>,
    /// The last commit that touched the folder.
    pub last_commit: Option<CommitSummary>,
    /// Git's id of the folder's content at the head of the branch.
    pub tree: Option<String>,
    /// Grows with each change.
    pub revision: i64,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// When its row changed last.
    pub updated_at: Timestamp,
}

impl Application {
    /// Shown name: that of `app.yaml`, or the folder's.
    pub fn name(&self) -> &str {
        self.app.as_ref().map_or(self.path.as_str(), |app| app.name.as_str())
    }
}

/// A deployment: what should run, and how far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Its id.
    pub id: DeploymentId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// What should run.
    pub spec: DeploymentSpec,
    /// The version that should run; grows with each change that needs new replicas, from 1.
    pub version: u32,
    /// The version whose replicas serve, while it differs from `version` or they run.
    pub running_version: Option<u32>,
    /// The commit of `version`.
    pub commit: String,
    /// The build of `version`.
    pub build: Option<String>,
    /// How far it is.
    pub status: DeploymentStatus,
    /// Why, in words.
    pub status_reason: Option<String>,
    /// How far a change is, while an older version serves.
    pub update_status: Option<DeploymentStatus>,
    /// Whether it should be removed.
    pub deleting: bool,
    /// When its replicas were placed.
    pub started_at: Option<Timestamp>,
    /// The last version that was well.
    pub good_version: Option<u32>,
    /// What the platform itself undid last, until someone changes the deployment.
    pub rollback: Option<Rollback>,
    /// When its schedule has it run next.
    pub next_run_at: Option<Timestamp>,
    /// Grows with each change.
    pub revision: i64,
    /// Grows with each change of someone (not when its status moves).
    pub wish_revision: i64,
    /// Who made it.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub updated_by: Option<String>,
    /// When it was changed last by someone (not when its status moved).
    pub updated_at: Timestamp,
}

/// An update that the platform undid because its replicas did not get well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollback {
    /// The version that did not get well.
    pub from: u32,
    /// The version that took its place.
    pub to: u32,
    /// Why, in words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// One version of a deployment: what was to run, from which code.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentVersion {
    /// The deployment.
    pub deployment: DeploymentId,
    /// Its number, from 1.
    pub version: u32,
    /// What was to run.
    pub spec: DeploymentSpec,
    /// The commit.
    pub commit: String,
    /// Git's id of the folder's content at that commit.
    pub tree: String,
    /// `app.yaml` at that commit.
    pub app: model::Application,
    /// The folder, from the repository's root.
    pub path: String,
    /// The build that made its environment.
    pub build: Option<String>,
    /// The environment once built, as the builder describes it.
    pub environment: Option<serde_json::Value>,
    /// First line of the commit's message.
    pub commit_message: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, in words.
    pub outcome_reason: Option<String>,
    /// The version whose content it repeats, when someone rolled back.
    pub rolled_back_to: Option<u32>,
    /// Who asked for it.
    pub created_by: Option<String>,
    /// When.
    pub created_at: Timestamp,
}

/// How a build is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BuildStatus {
    /// Waiting for a builder.
    Queued,
    /// Under way.
    Running,
    /// The environment stands.
    Succeeded,
    /// It could not be made.
    Failed,
    /// No longer wanted.
    Cancelled,
}

/// One build; its id names its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// Its id.
    pub id: String,
    /// Whose code it is.
    pub workspace: WorkspaceId,
    /// For which deployment.
    pub deployment: DeploymentId,
    /// For which version of it.
    pub version: u32,
    /// How it is doing.
    pub status: BuildStatus,
    /// Why it failed, in words.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When a builder took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}
