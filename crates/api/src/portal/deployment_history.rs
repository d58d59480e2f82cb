//! The versions of a deployment, and the way back.

use axum::{Json, extract::State};
use headwater_control::{FieldChange, FileChange, FileChangeKind, Version};
use headwater_model::DeploymentId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    By,
    deployment_view::{SpecView, View},
};
use crate::{
    App,
    error::Result,
    extract::{Body, Caller, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(versions)).routes(routes!(changes)).routes(routes!(roll_back))
}

/// A version of a deployment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeploymentVersion)]
struct VersionView {
    version: u32,
    /// It is the one that should run.
    current: bool,
    /// Its replicas serve.
    serving: bool,
    /// `Pending`, `Healthy`, `BuildFailed` or `RolledBack`.
    #[schema(value_type = String)]
    outcome: &'static str,
    /// Why, in words.
    outcome_reason: Option<String>,
    /// The version whose content it repeats.
    rolled_back_to: Option<u32>,
    /// First line of the commit's message.
    commit_message: Option<String>,
    build_id: Option<String>,
    created_at: String,
    created_by: Option<By>,
    /// What differs from the version before it.
    changes: Vec<ChangeView>,
    #[serde(flatten)]
    spec: SpecView,
}

/// One thing that differs. Hidden values are masked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FieldChange)]
struct ChangeView {
    /// `memoryInMb`, `variables.input`, …
    field: String,
    before: Option<String>,
    after: Option<String>,
}

impl From<FieldChange> for ChangeView {
    fn from(change: FieldChange) -> Self {
        Self { field: change.field, before: change.before, after: change.after }
    }
}

impl From<Version> for VersionView {
    fn from(of: Version) -> Self {
        let version = of.version;
        Self {
            version: version.version,
            current: of.current,
            serving: of.serving,
            outcome: version.outcome.as_str(),
            outcome_reason: version.outcome_reason,
            rolled_back_to: version.rolled_back_to,
            commit_message: version.commit_message,
            build_id: version.build,
            created_at: version.created_at.to_string(),
            created_by: of.created_by.map(|user| By::new(user, version.created_at)),
            changes: of.changes.into_iter().map(ChangeView::from).collect(),
            spec: SpecView::new(version.spec, version.commit),
        }
    }
}

/// What differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VersionChanges)]
struct ChangesView {
    changes: Vec<ChangeView>,
    /// Files of the application.
    files: Vec<FileView>,
}

/// A file that differs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FileChange)]
struct FileView {
    /// From the repository's root.
    path: String,
    /// `Added`, `Removed` or `Modified`.
    #[schema(value_type = String)]
    change: &'static str,
}

impl From<FileChange> for FileView {
    fn from(change: FileChange) -> Self {
        let word = match change.change {
            FileChangeKind::Added => "Added",
            FileChangeKind::Removed => "Removed",
            FileChangeKind::Modified => "Modified",
        };
        Self { path: change.path, change: word }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AgainstQuery {
    /// The version to compare with.
    against: u32,
}

#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = RollBack)]
struct RollBack {
    /// The version whose code, variables and limits are to run again.
    version: u32,
}

/// Its versions, newest first.
#[utoipa::path(get, path = "/deployments/{deploymentId}/versions", tag = "deployments",
    params(("deploymentId" = String, Path)), responses((status = 200, body = Vec<VersionView>)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn versions(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<VersionView>>> {
    let all = app.control.deployments.versions(&who, DeploymentId(id)).await?;
    Ok(Json(all.into_iter().map(VersionView::from).collect()))
}

/// What differs from another version to this one: settings, and files of the application.
#[utoipa::path(get, path = "/deployments/{deploymentId}/versions/{version}/changes", tag = "deployments",
    params(("deploymentId" = String, Path), ("version" = u32, Path), AgainstQuery),
    responses((status = 200, body = ChangesView)), extensions(("x-permission" = json!("deployment:read"))))]
async fn changes(
    State(app): State<App>,
    Caller(who): Caller,
    Path((id, version)): Path<(Uuid, u32)>,
    Query(query): Query<AgainstQuery>,
) -> Result<Json<ChangesView>> {
    let (changes, files) =
        app.control.deployments.changes(&who, DeploymentId(id), version, query.against).await?;
    Ok(Json(ChangesView {
        changes: changes.into_iter().map(ChangeView::from).collect(),
        files: files.into_iter().map(FileView::from).collect(),
    }))
}

/// Has a version of before run again, its code, variables and limits together, as a new version.
#[utoipa::path(post, path = "/deployments/{deploymentId}/rollback", tag = "deployments",
    params(("deploymentId" = String, Path)), request_body = RollBack, responses((status = 200, body = View)),
    extensions(("x-permission" = json!("deployment:update"))))]
async fn roll_back(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Body(wanted): Body<RollBack>,
) -> Result<Json<View>> {
    Ok(Json(app.control.deployments.roll_back(&who, DeploymentId(id), wanted.version).await?.into()))
}
