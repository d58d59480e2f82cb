//! A deployment as clients read it.

use std::collections::BTreeMap;

use headwater_control::{Attempt, Deployment, Isolation, Replica, ReplicaState};
use headwater_model::{
    DeploymentStatus, DeploymentType, GitReference, InputType, application::Choice, deployment::VariableValue,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::By;

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
    /// `Service` or `Job`.
    #[schema(value_type = String)]
    deployment_type: DeploymentType,
    /// `QueuedForBuild`, `Building`, `BuildFailed`, `BuildSuccessful`, `QueuedForDeployment`, `Deploying`,
    /// `DeploymentFailed`, `Starting`, `Running`, `RuntimeError`, `Stopping`, `Stopped`, `Completed` or `Deleting`.
    #[schema(value_type = String)]
    status: DeploymentStatus,
    /// Why, in words.
    status_reason: Option<String>,
    /// How far a change is while an older version serves; `None` when there is none.
    update_status: String,
    /// The commit that should run.
    git_reference: String,
    /// `Latest`, `Tag` or `Commit`: how the version was chosen.
    git_reference_type: &'static str,
    /// The tag, when one was chosen.
    git_tag: Option<String>,
    use_latest: bool,
    /// The folder at the head of the branch differs from what runs.
    latest_out_of_sync: bool,
    application_is_missing: bool,
    replicas: u32,
    running_replicas: u32,
    cpu_millicores: u32,
    memory_in_mb: u32,
    variables: BTreeMap<String, VariableView>,
    public_access: bool,
    url_prefix: Option<String>,
    /// By host.
    public_url: Option<String>,
    /// By host, then by path.
    public_urls: Vec<String>,
    state_enabled: bool,
    /// In GB.
    state_size: Option<u32>,
    /// Whether it should run.
    desired_running: bool,
    /// The version that should run; grows with each change that needs new replicas.
    version: u32,
    /// The version whose replicas serve.
    running_version: Option<u32>,
    build_id: Option<String>,
    restart_count: u32,
    started_at: Option<String>,
    revision: i64,
    created_at: String,
    created_by: Option<By>,
    updated_at: String,
    updated_by: Option<By>,
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
        let spec = deployment.spec;
        let (git_reference_type, git_tag) = match spec.git_reference {
            GitReference::Latest => ("Latest", None),
            GitReference::Tag(tag) => ("Tag", Some(tag)),
            GitReference::Commit(_) => ("Commit", None),
        };
        Self {
            deployment_id: deployment.id.to_string(),
            workspace_id: deployment.workspace_id.to_string(),
            application_id: spec.application_id.to_string(),
            application_name: deployment.application_name,
            name: spec.name,
            deployment_type: spec.deployment_type,
            status: deployment.status,
            status_reason: deployment.status_reason,
            update_status: deployment.update_status.map_or("None", DeploymentStatus::as_str).to_owned(),
            git_reference: deployment.commit,
            git_reference_type,
            use_latest: git_reference_type == "Latest",
            git_tag,
            latest_out_of_sync: deployment.out_of_date,
            application_is_missing: deployment.application_is_missing,
            replicas: spec.replicas,
            running_replicas: deployment.running_replicas,
            cpu_millicores: spec.cpu_millicores,
            memory_in_mb: spec.memory_in_mb,
            variables: spec.variables.into_iter().map(|(name, value)| (name, value.into())).collect(),
            public_access: spec.url_prefix.is_some(),
            url_prefix: spec.url_prefix,
            public_url: deployment.public_urls.first().cloned(),
            public_urls: deployment.public_urls,
            state_enabled: spec.state_size.is_some(),
            state_size: spec.state_size,
            desired_running: spec.running,
            version: deployment.version,
            running_version: deployment.running_version,
            build_id: deployment.build_id,
            restart_count: deployment.restarts,
            started_at: deployment.started_at.map(|at| at.to_string()),
            revision: deployment.revision,
            created_at: deployment.created_at.to_string(),
            created_by: deployment.created_by.map(|user| By::new(user, deployment.created_at)),
            updated_at: deployment.updated_at.to_string(),
            updated_by: deployment.updated_by.map(|user| By::new(user, deployment.updated_at)),
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
        }
    }
}

/// A run of a replica whose output is kept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Run)]
pub(super) struct RunView {
    /// `{version}-{replica}-{attempt}`.
    id: String,
    version: u32,
    replica: u32,
    attempt: u32,
}

impl From<Attempt> for RunView {
    fn from(attempt: Attempt) -> Self {
        let (version, replica, number) = (attempt.replica.version, attempt.replica.index, attempt.number);
        Self { id: format!("{version}-{replica}-{number}"), version, replica, attempt: number }
    }
}
