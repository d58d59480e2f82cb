//! What callers say and read about deployments.

use std::collections::BTreeMap;

use headwater_compute::{Level, ReplicaStatus, Stream};
use headwater_model::{
    ApplicationId, DeploymentId, DeploymentSpec, DeploymentStatus, DeploymentType, GitReference, HealthCheck,
    Schedule, WorkspaceId, deployment::VariableValue,
};
use headwater_store::{Rollback, User};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Stands for a hidden value in what callers read; sent back, it means "as it was".
pub const HIDDEN: &str = "••••••";

/// A deployment to be made; what is not given has the default named beside it.
#[derive(Debug, Clone)]
pub struct CreateDeployment {
    /// What to run.
    pub application_id: ApplicationId,
    /// Shown name; the application's.
    pub name: Option<String>,
    /// Service.
    pub deployment_type: Option<DeploymentType>,
    /// The head of the branch.
    pub git_reference: Option<GitReference>,
    /// 1.
    pub replicas: Option<u32>,
    /// 1000.
    pub cpu_millicores: Option<u32>,
    /// 1024.
    pub memory_in_mb: Option<u32>,
    /// The defaults of `app.yaml`; given values win.
    pub variables: BTreeMap<String, VariableValue>,
    /// Not public.
    pub public_access: Option<bool>,
    /// Made of the name; only with public access.
    pub url_prefix: Option<String>,
    /// No state.
    pub state_enabled: Option<bool>,
    /// 1 GB; only with state.
    pub state_size: Option<u32>,
    /// Starts at once.
    pub running: Option<bool>,
    /// Who is public listens, everyone else runs.
    pub health_check: Option<HealthCheck>,
    /// 0; only of a job.
    pub job_retries: Option<u32>,
    /// Once, at once; only of a job.
    pub schedule: Option<Schedule>,
}

impl CreateDeployment {
    /// A deployment of an application with all its defaults.
    pub fn of(application_id: ApplicationId) -> Self {
        Self {
            application_id,
            name: None,
            deployment_type: None,
            git_reference: None,
            replicas: None,
            cpu_millicores: None,
            memory_in_mb: None,
            variables: BTreeMap::new(),
            public_access: None,
            url_prefix: None,
            state_enabled: None,
            state_size: None,
            running: None,
            health_check: None,
            job_retries: None,
            schedule: None,
        }
    }
}

/// A change to a deployment: only what is given changes. A git reference, even the same, is resolved anew.
#[derive(Debug, Clone, Default)]
pub struct UpdateDeployment {
    /// Shown name.
    pub name: Option<String>,
    /// Service or job.
    pub deployment_type: Option<DeploymentType>,
    /// Version of the code.
    pub git_reference: Option<GitReference>,
    /// How many run side by side.
    pub replicas: Option<u32>,
    /// CPU limit of a replica, in thousandths of a core.
    pub cpu_millicores: Option<u32>,
    /// Memory limit of a replica, in MiB.
    pub memory_in_mb: Option<u32>,
    /// All variables, in place of those there are.
    pub variables: Option<BTreeMap<String, VariableValue>>,
    /// Whether it is public.
    pub public_access: Option<bool>,
    /// Public URL prefix.
    pub url_prefix: Option<String>,
    /// Whether it has state.
    pub state_enabled: Option<bool>,
    /// Size of the state folder in GB.
    pub state_size: Option<u32>,
    /// Whether it should run.
    pub running: Option<bool>,
    /// When a replica counts as well; none within makes it nobody's choice again.
    pub health_check: Option<Option<HealthCheck>>,
    /// How often a job's replica is started again.
    pub job_retries: Option<u32>,
    /// When a job runs; none within makes it run once.
    pub schedule: Option<Option<Schedule>>,
    /// The wish revision that the caller read; a newer one refuses the change.
    pub if_revision: Option<i64>,
}

/// A deployment as callers read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Its id.
    pub id: DeploymentId,
    /// Whose it is.
    pub workspace_id: WorkspaceId,
    /// What should run; hidden values are masked.
    pub spec: DeploymentSpec,
    /// The application's shown name.
    pub application_name: String,
    /// The application's folder is gone from the branch.
    pub application_is_missing: bool,
    /// How far it is.
    pub status: DeploymentStatus,
    /// Why, in words.
    pub status_reason: Option<String>,
    /// How far a change is, while an older version serves.
    pub update_status: Option<DeploymentStatus>,
    /// Number of the version that should run, from 1.
    pub version: u32,
    /// The version whose replicas serve.
    pub running_version: Option<u32>,
    /// The commit that should run.
    pub commit: String,
    /// The folder at the head of the branch differs from what runs.
    pub out_of_date: bool,
    /// The build of the version.
    pub build_id: Option<String>,
    /// Runs that ended in error, over all replicas of the version that serves.
    pub restarts: u32,
    /// Replicas that run now.
    pub running_replicas: u32,
    /// Public addresses: by host first, then by path; empty when it is not public.
    pub public_urls: Vec<String>,
    /// When its replicas were placed.
    pub started_at: Option<Timestamp>,
    /// What the platform itself undid last, until someone changes the deployment.
    pub rollback: Option<Rollback>,
    /// When its schedule has it run next.
    pub next_run_at: Option<Timestamp>,
    /// Grows with each change.
    pub revision: i64,
    /// Grows with each change of someone (not when its status moves).
    pub wish_revision: i64,
    /// Who made it.
    pub created_by: Option<User>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who changed it last.
    pub updated_by: Option<User>,
    /// When someone changed it last.
    pub updated_at: Timestamp,
}

/// A replica as callers read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Replica {
    /// `{deployment name as a slug}-{version}-{index}`.
    pub name: String,
    /// How it is doing.
    pub status: ReplicaStatus,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// Number of the replica; none in a build log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replica: Option<u32>,
    /// Version of the deployment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Run of the replica.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// When it was written.
    pub time: Timestamp,
    /// Which output it came from.
    pub stream: Stream,
    /// How loud it is; nothing where nothing says so, and in what is downloaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// The line, without its end.
    pub text: String,
}

/// A part of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The lines.
    pub entries: Vec<LogEntry>,
    /// Reading on from here gives what follows.
    pub cursor: String,
    /// No more will come from the runs that stand.
    pub end: bool,
}
