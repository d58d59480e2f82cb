//! What a token is, and what its holder may do.

use axum::{Json, extract::State};
use headwater_model::{Action, Resource, Role, WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    error::{Error, Result},
    extract::{Caller, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(details)).routes(routes!(query))
}

/// What a token says about itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TokenDetails)]
struct Details {
    token_id: Option<String>,
    name: Option<String>,
    user_id: Option<String>,
    workspace_id: Option<String>,
    organisation_id: String,
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    expires_at: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct Question {
    /// `Organisation`, `Workspace`, `Topic`, `Deployment`, `Application`, `Tokens` or `Profile`.
    resource_type: String,
    /// The workspace's id, or that of one of its objects after it; not needed for organisation and profile.
    resource_id: Option<String>,
    /// `Create`, `Read`, `Update`, `Delete` or `Write`.
    permission: String,
}

impl Question {
    fn action(&self) -> Result<Action> {
        match self.permission.to_ascii_lowercase().as_str() {
            "create" => Ok(Action::Create),
            "read" => Ok(Action::Read),
            "update" => Ok(Action::Update),
            "delete" => Ok(Action::Delete),
            "write" => Ok(Action::Write),
            other => Err(Error::invalid(format!("permission: '{other}' is not one"))),
        }
    }

    fn resource(&self) -> Result<Resource> {
        let workspace = || -> Result<WorkspaceId> {
            let id = self
                .resource_id
                .as_deref()
                .ok_or_else(|| Error::invalid("resourceId: a workspace id is needed"))?;
            Ok(id.parse()?)
        };
        match self.resource_type.to_ascii_lowercase().as_str() {
            "organisation" => Ok(Resource::Organisation),
            "profile" => Ok(Resource::Profile),
            "workspace" => workspace().map(Resource::Workspace),
            "topic" => workspace().map(Resource::Topic),
            "deployment" => workspace().map(Resource::Deployment),
            "application" => workspace().map(Resource::Application),
            "tokens" => workspace().map(Resource::Tokens),
            other => Err(Error::invalid(format!("resourceType: '{other}' is not one"))),
        }
    }
}

/// What the caller's token says about itself.
#[utoipa::path(get, path = "/auth/token/details", tag = "authorisation", responses((status = 200, body = Details)),
    extensions(("x-permission" = json!("profile:read"))))]
async fn details(State(app): State<App>, Caller(who): Caller) -> Result<Json<Details>> {
    let details = app.control.tokens.details(&who).await?;
    let token = details.token;
    Ok(Json(Details {
        token_id: token.as_ref().map(|token| token.id.to_string()),
        name: token.as_ref().map(|token| token.name.clone()),
        expires_at: token.and_then(|token| token.expires_at).map(|at| at.to_string()),
        user_id: details.user,
        workspace_id: details.workspace.map(|id| id.to_string()),
        organisation_id: details.organisation,
        role: details.role,
    }))
}

/// Whether the caller may do something.
#[utoipa::path(get, path = "/auth/permissions/query", tag = "authorisation", params(Question),
    responses((status = 200, body = bool)), extensions(("x-permission" = json!("profile:read"))))]
async fn query(
    State(app): State<App>,
    Caller(who): Caller,
    Query(question): Query<Question>,
) -> Result<Json<bool>> {
    Ok(Json(app.control.permits(&who, question.action()?, &question.resource()?)))
}
