//! Deployments: ask for them, change, start, stop and remove them.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use headwater_control::{CreateDeployment, UpdateDeployment};
use headwater_model::{
    Action, ApplicationId, DeploymentId, DeploymentType, GitReference, HealthCheck, Resource, Schedule,
    WorkspaceId,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    deployment_health::{self, HealthView, sent},
    deployment_view::{ReplicaView, VariableView, View},
};
use crate::{
    App,
    as_of::AsOf,
    error::{Error, Result},
    extract::{Body, Caller, Path, Query, Unread},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(create))
        .routes(routes!(get, update, delete))
        .routes(routes!(start))
        .routes(routes!(stop))
        .routes(routes!(replicas))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct ListQuery {
    /// Only those of this application.
    #[param(value_type = Option<String>)]
    application_id: Option<Uuid>,
}

/// What a deployment should be. To create, what is not sent has the default named beside it; to change, only what is
/// sent changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WantedDeployment)]
struct Wanted {
    /// Whose it is; needed to create.
    #[expect(dead_code, reason = "read before the rest, as `Place`")]
    workspace_id: Option<String>,
    /// What to run; needed to create.
    #[schema(value_type = Option<String>)]
    application_id: Option<Uuid>,
    /// The application's name.
    name: Option<String>,
    /// `Service` (the default) or `Job`.
    #[schema(value_type = Option<String>)]
    deployment_type: Option<DeploymentType>,
    /// A tag or commit; the head of the branch when not given.
    git_reference: Option<String>,
    /// `Tag`, `Commit` or `Any` (the default: a commit when it looks like one).
    git_reference_type: Option<ReferenceType>,
    /// The head of the branch.
    use_latest: Option<bool>,
    /// 1.
    replicas: Option<u32>,
    /// 1000.
    cpu_millicores: Option<u32>,
    /// 1024.
    memory_in_mb: Option<u32>,
    /// The defaults of `app.yaml`. A change replaces them all.
    variables: Option<BTreeMap<String, VariableView>>,
    /// No.
    public_access: Option<bool>,
    /// Made of the name.
    url_prefix: Option<String>,
    /// No.
    state_enabled: Option<bool>,
    /// In GB; 1.
    state_size: Option<u32>,
    /// Whether it should run.
    auto_start: Option<bool>,
    /// The other way round.
    disabled: Option<bool>,
    /// By the process alone, or by its port when it is public. Null means so again.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<HealthView>)]
    health_check: Option<Option<HealthView>>,
    /// How often a job's replica is started again after it ended in error, 0 to 20; 0.
    job_retries: Option<u32>,
    /// When a job runs: five fields of cron, in UTC. Once, at once. Null or an empty text means so again.
    #[serde(default, deserialize_with = "sent")]
    #[schema(value_type = Option<String>)]
    schedule: Option<Option<String>>,
    /// To change: the `wishRevision` that the caller read; a newer one refuses the change.
    revision: Option<i64>,
}

impl Wanted {
    fn reference(&self) -> Result<Option<GitReference>> {
        let text = self.git_reference.as_deref().filter(|text| !text.is_empty());
        if self.use_latest == Some(true) || matches!(self.git_reference_type, Some(ReferenceType::Latest)) {
            return Ok(Some(GitReference::Latest));
        }
        let Some(text) = text else { return Ok(None) };
        let like_commit = (7..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        Ok(Some(match self.git_reference_type.unwrap_or(ReferenceType::Any) {
            ReferenceType::Commit if !like_commit => {
                return Err(Error::invalid(format!(
                    "gitReference: '{text}' is not a commit of at least 7 digits"
                )));
            }
            ReferenceType::Commit => GitReference::Commit(text.to_ascii_lowercase()),
            ReferenceType::Any if like_commit => GitReference::Commit(text.to_ascii_lowercase()),
            _ => GitReference::Tag(text.to_owned()),
        }))
    }

    fn running(&self) -> Option<bool> {
        self.disabled.map(|disabled| !disabled).or(self.auto_start)
    }

    fn health_check(&mut self) -> Result<Option<Option<HealthCheck>>> {
        self.health_check.take().map(|sent| sent.map(HealthCheck::try_from).transpose()).transpose()
    }

    fn schedule(&mut self) -> Result<Option<Option<Schedule>>> {
        self.schedule.take().map(|sent| sent.map_or(Ok(None), deployment_health::schedule)).transpose()
    }

    fn values(
        variables: BTreeMap<String, VariableView>,
    ) -> BTreeMap<String, headwater_model::deployment::VariableValue> {
        variables.into_iter().map(|(name, value)| (name, value.into())).collect()
    }
}

/// Where a deployment should be.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    workspace_id: Option<String>,
}

/// How a reference is to be read.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[schema(as = GitReferenceType)]
enum ReferenceType {
    Commit,
    Tag,
    Any,
    Latest,
}

/// The deployments of a workspace, by name.
#[utoipa::path(get, path = "/workspaces/{workspaceId}/deployments", tag = "deployments",
    params(("workspaceId" = String, Path), ListQuery), responses((status = 200, body = Vec<View>)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn list(
    State(app): State<App>,
    Caller(who): Caller,
    Path(ws): Path<WorkspaceId>,
    Query(query): Query<ListQuery>,
) -> Result<AsOf<Vec<View>>> {
    let seen = app.control.deployments.list(&who, &ws, query.application_id.map(ApplicationId)).await?;
    Ok(AsOf::map(seen, |all| all.into_iter().map(View::from).collect()))
}

/// Asks for a deployment: it is built when needed, then started. Topics of its variables are made when missing.
#[utoipa::path(post, path = "/deployments", tag = "deployments", request_body = Wanted,
    responses((status = 200, body = View)), extensions(("x-permission" = json!("deployment:create"))))]
async fn create(State(app): State<App>, Caller(who): Caller, body: Unread) -> Result<Json<View>> {
    let needed = |name: &str| Error::invalid(format!("{name}: is needed to create a deployment"));
    let Place { workspace_id } = body.read()?;
    let workspace: WorkspaceId = workspace_id.ok_or_else(|| needed("workspaceId"))?.parse()?;
    app.control.enter(&who, &workspace, Action::Create, &Resource::Deployment(workspace.clone()))?;
    let mut wanted: Wanted = body.read()?;
    let application = wanted.application_id.ok_or_else(|| needed("applicationId"))?;
    let deployment = CreateDeployment {
        application_id: ApplicationId(application),
        git_reference: wanted.reference()?,
        running: wanted.running(),
        health_check: wanted.health_check()?.flatten(),
        schedule: wanted.schedule()?.flatten(),
        job_retries: wanted.job_retries,
        name: wanted.name,
        deployment_type: wanted.deployment_type,
        replicas: wanted.replicas,
        cpu_millicores: wanted.cpu_millicores,
        memory_in_mb: wanted.memory_in_mb,
        variables: Wanted::values(wanted.variables.unwrap_or_default()),
        public_access: wanted.public_access,
        url_prefix: wanted.url_prefix,
        state_enabled: wanted.state_enabled,
        state_size: wanted.state_size,
    };
    Ok(Json(app.control.deployments.create(&who, &workspace, deployment).await?.into()))
}

/// One deployment.
#[utoipa::path(get, path = "/deployments/{deploymentId}", tag = "deployments", params(("deploymentId" = String, Path)),
    responses((status = 200, body = View)), extensions(("x-permission" = json!("deployment:read"))))]
async fn get(State(app): State<App>, Caller(who): Caller, Path(id): Path<Uuid>) -> Result<AsOf<View>> {
    Ok(AsOf::map(app.control.deployments.get(&who, DeploymentId(id)).await?, View::from))
}

/// Changes a deployment: only what is sent. A git reference, even the same, is resolved anew. What runs goes on until
/// the change stands ready.
#[utoipa::path(patch, path = "/deployments/{deploymentId}", tag = "deployments", params(("deploymentId" = String, Path)),
    request_body = Wanted, responses((status = 200, body = View)),
    extensions(("x-permission" = json!("deployment:update"))))]
async fn update(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Body(mut wanted): Body<Wanted>,
) -> Result<Json<View>> {
    let change = UpdateDeployment {
        git_reference: wanted.reference()?,
        running: wanted.running(),
        health_check: wanted.health_check()?,
        schedule: wanted.schedule()?,
        job_retries: wanted.job_retries,
        name: wanted.name,
        deployment_type: wanted.deployment_type,
        replicas: wanted.replicas,
        cpu_millicores: wanted.cpu_millicores,
        memory_in_mb: wanted.memory_in_mb,
        variables: wanted.variables.map(Wanted::values),
        public_access: wanted.public_access,
        url_prefix: wanted.url_prefix,
        state_enabled: wanted.state_enabled,
        state_size: wanted.state_size,
        if_revision: wanted.revision,
    };
    Ok(Json(app.control.deployments.update(&who, DeploymentId(id), change).await?.into()))
}

/// Ends its replicas and removes it, with its logs and state.
#[utoipa::path(delete, path = "/deployments/{deploymentId}", tag = "deployments",
    params(("deploymentId" = String, Path)), responses((status = 204)),
    extensions(("x-permission" = json!("deployment:delete"))))]
async fn delete(State(app): State<App>, Caller(who): Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    app.control.deployments.delete(&who, DeploymentId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Starts it; a job runs once more.
#[utoipa::path(put, path = "/deployments/{deploymentId}/start", tag = "deployments",
    params(("deploymentId" = String, Path)), responses((status = 200, body = View)),
    extensions(("x-permission" = json!("deployment:update"))))]
async fn start(State(app): State<App>, Caller(who): Caller, Path(id): Path<Uuid>) -> Result<Json<View>> {
    Ok(Json(app.control.deployments.start(&who, DeploymentId(id)).await?.into()))
}

/// Ends its replicas.
#[utoipa::path(put, path = "/deployments/{deploymentId}/stop", tag = "deployments",
    params(("deploymentId" = String, Path)), responses((status = 200, body = View)),
    extensions(("x-permission" = json!("deployment:update"))))]
async fn stop(State(app): State<App>, Caller(who): Caller, Path(id): Path<Uuid>) -> Result<Json<View>> {
    Ok(Json(app.control.deployments.stop(&who, DeploymentId(id)).await?.into()))
}

/// Its replicas as they are.
#[utoipa::path(get, path = "/deployments/{deploymentId}/replicas", tag = "deployments",
    params(("deploymentId" = String, Path)), responses((status = 200, body = Vec<ReplicaView>)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn replicas(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<ReplicaView>>> {
    let all = app.control.deployments.replicas(&who, DeploymentId(id)).await?;
    Ok(Json(all.into_iter().map(ReplicaView::from).collect()))
}
