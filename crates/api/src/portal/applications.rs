//! Applications: folders with an `app.yaml`.

use axum::{Json, extract::State, http::StatusCode};
use headwater_control::{Application, Commit, CreateApplication, Entry, EntryKind, Tag};
use headwater_model::{Action, ApplicationId, Resource, Variable, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    as_of::AsOf,
    error::Result,
    extract::{Caller, Path, Query, Unread},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, delete))
        .routes(routes!(files))
        .routes(routes!(commits))
        .routes(routes!(tags))
}

/// An application.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Application)]
struct View {
    application_id: String,
    workspace_id: String,
    application_name: String,
    name: String,
    /// The folder, from the repository's root.
    path: String,
    language: String,
    dockerfile: Option<String>,
    run_entry_point: Option<String>,
    default_file: Option<String>,
    /// `{name, inputType, description?, defaultValue?, required, multiline?, options?}`.
    #[schema(value_type = Vec<Object>)]
    variables: Vec<Variable>,
    included_folders: Vec<String>,
    /// `Ready`, or `Error` when `app.yaml` cannot be read.
    status: &'static str,
    error_message: Option<String>,
    last_commit: Option<CommitView>,
    revision: i64,
    created_at: String,
    updated_at: String,
}

/// A commit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Commit)]
struct CommitView {
    reference: String,
    message: String,
    author_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_email: Option<String>,
    created_at: String,
}

impl From<Commit> for CommitView {
    fn from(commit: Commit) -> Self {
        Self {
            reference: commit.id,
            message: commit.message,
            author_name: commit.author_name,
            author_email: Some(commit.author_email),
            created_at: commit.time.to_string(),
        }
    }
}

impl From<Application> for View {
    fn from(application: Application) -> Self {
        let name = application.name().to_owned();
        let app = application.app;
        let last_commit = application.last_commit.map(|commit| CommitView {
            reference: commit.id,
            message: commit.message,
            author_name: commit.author,
            author_email: None,
            created_at: commit.time.to_string(),
        });
        let of = |pick: fn(&headwater_model::Application) -> Option<String>| app.as_ref().and_then(pick);
        Self {
            application_id: application.id.to_string(),
            workspace_id: application.workspace.to_string(),
            application_name: name.clone(),
            name,
            path: application.path,
            language: of(|app| Some(app.language.clone())).unwrap_or_default(),
            dockerfile: of(|app| app.dockerfile.clone()),
            run_entry_point: of(|app| app.run_entry_point.clone()),
            default_file: of(|app| app.default_file.clone()),
            variables: app.as_ref().map(|app| app.variables.clone()).unwrap_or_default(),
            included_folders: app.as_ref().map(|app| app.included_folders.clone()).unwrap_or_default(),
            status: if application.error.is_some() { "Error" } else { "Ready" },
            error_message: application.error,
            last_commit,
            revision: application.revision,
            created_at: application.created_at.to_string(),
            updated_at: application.updated_at.to_string(),
        }
    }
}

/// A path of an application.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = File)]
struct FileView {
    path: String,
    /// `file`, `executable`, `link` or `folder`.
    kind: &'static str,
    id: String,
}

impl From<Entry> for FileView {
    fn from(entry: Entry) -> Self {
        let kind = match entry.kind {
            EntryKind::File => "file",
            EntryKind::Executable => "executable",
            EntryKind::Link => "link",
            EntryKind::Folder => "folder",
        };
        Self { path: entry.path, kind, id: entry.id }
    }
}

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
struct TagView {
    name: String,
    /// The commit it leads to.
    reference: String,
}

impl From<Tag> for TagView {
    fn from(tag: Tag) -> Self {
        Self { name: tag.name, reference: tag.commit }
    }
}

/// An application to be made by a commit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CreateApplication)]
struct CreateRequest {
    application_name: String,
    /// Its folder; made of the name when not given.
    path: Option<String>,
    /// `Python`, `Node`, …
    language: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct AtQuery {
    /// A commit, tag or branch; the workspace's branch when not given.
    git_reference: Option<String>,
    /// 1 to 1000; 50 when not given.
    limit: Option<usize>,
}

/// The applications of a workspace, by name.
#[utoipa::path(get, path = "/{workspaceId}/applications", tag = "applications", params(("workspaceId" = String, Path)),
    responses((status = 200, body = Vec<View>)), extensions(("x-permission" = json!("application:read"))))]
async fn list(
    State(app): State<App>,
    Caller(who): Caller,
    Path(ws): Path<WorkspaceId>,
) -> Result<AsOf<Vec<View>>> {
    let seen = app.control.applications.list(&who, &ws).await?;
    Ok(AsOf::map(seen, |all| all.into_iter().map(View::from).collect()))
}

/// Commits a folder with an `app.yaml` and a first program to the workspace's branch.
#[utoipa::path(post, path = "/{workspaceId}/applications", tag = "applications", params(("workspaceId" = String, Path)),
    request_body = CreateRequest, responses((status = 200, body = View)),
    extensions(("x-permission" = json!("application:create"))))]
async fn create(
    State(app): State<App>,
    Caller(who): Caller,
    Path(ws): Path<WorkspaceId>,
    body: Unread,
) -> Result<Json<View>> {
    app.control.enter(&who, &ws, Action::Create, &Resource::Application(ws.clone()))?;
    let request: CreateRequest = body.read()?;
    let application = CreateApplication {
        name: request.application_name,
        path: request.path,
        language: request.language.unwrap_or_else(|| "python".into()),
    };
    Ok(Json(app.control.applications.create(&who, &ws, application).await?.into()))
}

/// One application.
#[utoipa::path(get, path = "/{workspaceId}/applications/{applicationId}", tag = "applications",
    params(("workspaceId" = String, Path), ("applicationId" = String, Path)), responses((status = 200, body = View)),
    extensions(("x-permission" = json!("application:read"))))]
async fn get(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, id)): Path<(WorkspaceId, Uuid)>,
) -> Result<AsOf<View>> {
    Ok(AsOf::map(app.control.applications.get(&who, &ws, ApplicationId(id)).await?, View::from))
}

/// Removes the folder by a commit.
#[utoipa::path(delete, path = "/{workspaceId}/applications/{applicationId}", tag = "applications",
    params(("workspaceId" = String, Path), ("applicationId" = String, Path)),
    responses((status = 204), (status = 409, description = "Deployments run it")),
    extensions(("x-permission" = json!("application:delete"))))]
async fn delete(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, id)): Path<(WorkspaceId, Uuid)>,
) -> Result<StatusCode> {
    app.control.applications.delete(&who, &ws, ApplicationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The folder's files, relative to it.
#[utoipa::path(get, path = "/{workspaceId}/applications/{applicationId}/files", tag = "applications",
    params(("workspaceId" = String, Path), ("applicationId" = String, Path), AtQuery),
    responses((status = 200, body = Vec<FileView>)), extensions(("x-permission" = json!("application:read"))))]
async fn files(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, id)): Path<(WorkspaceId, Uuid)>,
    Query(at): Query<AtQuery>,
) -> Result<Json<Vec<FileView>>> {
    let all =
        app.control.applications.files(&who, &ws, ApplicationId(id), at.git_reference.as_deref()).await?;
    Ok(Json(all.into_iter().map(FileView::from).collect()))
}

/// Commits that touched the folder, newest first.
#[utoipa::path(get, path = "/{workspaceId}/applications/{applicationId}/commits", tag = "applications",
    params(("workspaceId" = String, Path), ("applicationId" = String, Path), AtQuery),
    responses((status = 200, body = Vec<CommitView>)), extensions(("x-permission" = json!("application:read"))))]
async fn commits(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, id)): Path<(WorkspaceId, Uuid)>,
    Query(at): Query<AtQuery>,
) -> Result<Json<Vec<CommitView>>> {
    let limit = at.limit.unwrap_or(50).clamp(1, 1000);
    let reference = at.git_reference.as_deref();
    let all = app.control.applications.commits(&who, &ws, ApplicationId(id), reference, limit).await?;
    Ok(Json(all.into_iter().map(CommitView::from).collect()))
}

/// Tags of the repository.
#[utoipa::path(get, path = "/{workspaceId}/applications/{applicationId}/tags", tag = "applications",
    params(("workspaceId" = String, Path), ("applicationId" = String, Path)),
    responses((status = 200, body = Vec<TagView>)), extensions(("x-permission" = json!("application:read"))))]
async fn tags(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, id)): Path<(WorkspaceId, Uuid)>,
) -> Result<Json<Vec<TagView>>> {
    let all = app.control.applications.tags(&who, &ws, ApplicationId(id)).await?;
    Ok(Json(all.into_iter().map(TagView::from).collect()))
}
