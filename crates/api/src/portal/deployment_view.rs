//! A deployment as clients read it.

use std::collections::BTreeMap;

use headwater_control::{
    Deployment, EnforcedBy, Isolation, Limits, Replica, ReplicaState, Rollback, StateUsage,
};
use headwater_model::{
    DeploymentSpec, DeploymentStatus, DeploymentType, GitReference, InputType, Schedule, application::Choice,
    deployment::VariableValue,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{By, deployment_health::HealthView};

/// A deployment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Deployment)]
pub(super) struct View {
    deployment_id: String,
    workspace_id: String,
    application_id: String,
    application_name: String,
    name: String,
    /// `QueuedForBuild`, `Building`, `BuildFailed`, `BuildSuccessful`, `QueuedForDeployment`, `Deploying`,
    /// `DeploymentFailed`, `Starting`, `Running`, `RuntimeError`, `Stopping`, `Stopped`, `Completed` or `Deleting`.
    #[schema(value_type = String)]
    status: DeploymentStatus,
    /// Why, in words.
    status_reason: Option<String>,
    /// How far a change is while an older version serves; `None` when there is none.
    update_status: String,
    #[serde(flatten)]
    spec: SpecView,
    /// The folder at the head of the branch differs from what runs.
    latest_out_of_sync: bool,
    application_is_missing: bool,
    running_replicas: u32,
    /// By host.
    public_url: Option<String>,
    /// By host, then by path.
    public_urls: Vec<String>,
    /// Whether it should run.
    desired_running: bool,
    /// The version that should run; grows with each change that needs new replicas.
    version: u32,
    /// The version whose replicas serve.
    running_version: Option<u32>,
    build_id: Option<String>,
    restart_count: u32,
    started_at: Option<String>,
    /// What the platform itself undid last, until someone changes the deployment.
    rollback: Option<RollbackView>,
    /// When a job's schedule has it run next.
    next_run_at: Option<String>,
    /// Grows with each change, of its status too.
    revision: i64,
    /// Grows with each change of someone. Sent along with a change, it refuses the change when it grew meanwhile.
    wish_revision: i64,
    created_at: String,
    created_by: Option<By>,
    updated_at: String,
    updated_by: Option<By>,
}

/// What runs, and how.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeploymentSettings)]
pub(super) struct SpecView {
    /// `Service` or `Job`.
    #[schema(value_type = String)]
    deployment_type: DeploymentType,
    /// The commit.
    git_reference: String,
    /// `Latest`, `Tag` or `Commit`: how it was chosen.
    git_reference_type: &'static str,
    /// The tag, when one was chosen.
    git_tag: Option<String>,
    use_latest: bool,
    replicas: u32,
    cpu_millicores: u32,
    memory_in_mb: u32,
    variables: BTreeMap<String, VariableView>,
    public_access: bool,
    url_prefix: Option<String>,
    state_enabled: bool,
    /// In GB.
    state_size: Option<u32>,
    health_check: HealthView,
    /// How often a job's replica is started again after it ended in error.
    job_retries: u32,
    /// When a job runs: five fields of cron, in UTC.
    #[schema(value_type = Option<String>)]
    schedule: Option<Schedule>,
}

impl SpecView {
    pub(super) fn new(spec: DeploymentSpec, commit: String) -> Self {
        let health_check = spec.health().into();
        let (git_reference_type, git_tag) = match spec.git_reference {
            GitReference::Latest => ("Latest", None),
            GitReference::Tag(tag) => ("Tag", Some(tag)),
            GitReference::Commit(_) => ("Commit", None),
        };
        Self {
            deployment_type: spec.deployment_type,
            git_reference: commit,
            git_reference_type,
            use_latest: git_reference_type == "Latest",
            git_tag,
            replicas: spec.replicas,
            cpu_millicores: spec.cpu_millicores,
            memory_in_mb: spec.memory_in_mb,
            variables: spec.variables.into_iter().map(|(name, value)| (name, value.into())).collect(),
            public_access: spec.url_prefix.is_some(),
            url_prefix: spec.url_prefix,
            state_enabled: spec.state_size.is_some(),
            state_size: spec.state_size,
            health_check,
            job_retries: spec.job_retries,
            schedule: spec.schedule,
        }
    }
}

/// An update that the platform undid because its replicas did not get well.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Rollback)]
struct RollbackView {
    /// The version that did not get well.
    from: u32,
    /// The version that took its place.
    to: u32,
    reason: String,
    at: String,
}

impl From<Rollback> for RollbackView {
    fn from(of: Rollback) -> Self {
        Self { from: of.from, to: of.to, reason: of.reason, at: of.at.to_string() }
    }
}

/// A variable's value.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeploymentVariable)]
pub(super) struct VariableView {
    /// `InputTopic`, `OutputTopic`, `FreeText`, `HiddenText`, `Secret`, …
    #[serde(default)]
    #[schema(value_type = String)]
    pub(super) input_type: InputType,
    /// For topics the topic's name.
    #[serde(default)]
    pub(super) value: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    required: bool,
    /// Accepted for older clients, not kept.
    #[serde(default, skip_serializing)]
    #[schema(ignore)]
    #[allow(dead_code, reason = "clients send it")]
    options: Option<Vec<Choice>>,
}

impl From<VariableView> for VariableValue {
    fn from(view: VariableView) -> Self {
        Self {
            input_type: view.input_type,
            value: view.value.unwrap_or_default(),
            description: view.description,
            required: view.required,
        }
    }
}

impl From<VariableValue> for VariableView {
    fn from(value: VariableValue) -> Self {
        Self {
            input_type: value.input_type,
            value: Some(value.value),
            description: value.description,
            required: value.required,
            options: None,
        }
    }
}

impl From<Deployment> for View {
    fn from(deployment: Deployment) -> Self {
        Self {
            deployment_id: deployment.id.to_string(),
            workspace_id: deployment.workspace_id.to_string(),
            application_id: deployment.spec.application_id.to_string(),
            application_name: deployment.application_name,
            name: deployment.spec.name.clone(),
            status: deployment.status,
            status_reason: deployment.status_reason,
            update_status: deployment.update_status.map_or("None", DeploymentStatus::as_str).to_owned(),
            latest_out_of_sync: deployment.out_of_date,
            application_is_missing: deployment.application_is_missing,
            running_replicas: deployment.running_replicas,
            public_url: deployment.public_urls.first().cloned(),
            public_urls: deployment.public_urls,
            desired_running: deployment.spec.running,
            version: deployment.version,
            running_version: deployment.running_version,
            build_id: deployment.build_id,
            restart_count: deployment.restarts,
            started_at: deployment.started_at.map(|at| at.to_string()),
            rollback: deployment.rollback.map(RollbackView::from),
            next_run_at: deployment.next_run_at.map(|at| at.to_string()),
            revision: deployment.revision,
            wish_revision: deployment.wish_revision,
            created_at: deployment.created_at.to_string(),
            created_by: deployment.created_by.map(|user| By::new(user, deployment.created_at)),
            updated_at: deployment.updated_at.to_string(),
            updated_by: deployment.updated_by.map(|user| By::new(user, deployment.updated_at)),
            spec: SpecView::new(deployment.spec, deployment.commit),
        }
    }
}

/// A replica.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Replica)]
pub(super) struct ReplicaView {
    replica_id: String,
    index: u32,
    version: u32,
    /// The present or last run, from 1.
    attempt: u32,
    /// `Starting`, `Running`, `Waiting`, `Stopping` or `Ended`.
    status: &'static str,
    /// How the last run ended, in words.
    reason: Option<String>,
    exit_code: Option<i32>,
    pid: Option<u32>,
    port: u16,
    restart_count: u32,
    started_at: Option<String>,
    cpu_millicores: Option<f64>,
    memory_bytes: Option<u64>,
    isolation: IsolationView,
    limits: LimitsView,
    /// What the deployment's state folder holds; null without one, and until it was measured.
    state: Option<StateUsageView>,
    /// Whether the last run that ended ran out of memory.
    out_of_memory: bool,
}

/// What the kernel says that the present or last run is held to; null is not limited.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Limits)]
struct LimitsView {
    cpu_millicores: Option<u32>,
    /// Of all processes of the replica together.
    memory_bytes: Option<u64>,
    /// Processes and threads.
    processes: Option<u64>,
    /// Of each process.
    open_files: Option<u64>,
    /// `cgroup2`, `cgroup1`, `rlimit`, or `none` before the first run.
    enforced_by: &'static str,
    /// What is held less strictly than that, in words.
    note: Option<String>,
}

impl From<Limits> for LimitsView {
    fn from(limits: Limits) -> Self {
        let enforced_by = match limits.enforced_by {
            EnforcedBy::Cgroup2 => "cgroup2",
            EnforcedBy::Cgroup1 => "cgroup1",
            EnforcedBy::Rlimit => "rlimit",
            EnforcedBy::None => "none",
        };
        Self {
            cpu_millicores: limits.cpu_millicores,
            memory_bytes: limits.memory_bytes,
            processes: limits.processes,
            open_files: limits.open_files,
            enforced_by,
            note: limits.note,
        }
    }
}

/// What a state folder holds. A replica whose folder holds more than the limit is ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StateUsage)]
struct StateUsageView {
    used_bytes: u64,
    limit_bytes: u64,
}

impl From<StateUsage> for StateUsageView {
    fn from(StateUsage { used_bytes, limit_bytes }: StateUsage) -> Self {
        Self { used_bytes, limit_bytes }
    }
}

/// What keeps a replica from the platform and from others.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Isolation)]
struct IsolationView {
    /// Own user id.
    uid: Option<u32>,
    /// Own process and mount namespaces.
    namespaces: bool,
    /// Landlock rules in force.
    landlock: bool,
}

impl From<Isolation> for IsolationView {
    fn from(isolation: Isolation) -> Self {
        Self { uid: isolation.uid, namespaces: isolation.namespaces, landlock: isolation.landlock }
    }
}

impl From<Replica> for ReplicaView {
    fn from(replica: Replica) -> Self {
        let status = replica.status;
        let (word, pid, exit) = match status.state {
            ReplicaState::Starting => ("Starting", None, None),
            ReplicaState::Running { pid } => ("Running", Some(pid), None),
            ReplicaState::Waiting { exit, .. } => ("Waiting", None, Some(exit)),
            ReplicaState::Stopping => ("Stopping", None, None),
            ReplicaState::Ended { exit } => ("Ended", None, Some(exit)),
        };
        Self {
            replica_id: replica.name,
            index: status.id.index,
            version: status.id.version,
            attempt: status.attempt,
            status: word,
            reason: exit.as_ref().map(|exit| exit.reason.clone()),
            exit_code: exit.and_then(|exit| exit.code),
            pid,
            port: status.port,
            restart_count: status.restarts,
            started_at: status.started_at.map(|at| at.to_string()),
            cpu_millicores: status.usage.map(|usage| usage.cpu_millicores),
            memory_bytes: status.usage.map(|usage| usage.memory_bytes),
            isolation: status.isolation.into(),
            limits: status.limits.into(),
            state: status.state_folder.map(StateUsageView::from),
            out_of_memory: status.out_of_memory,
        }
    }
}
