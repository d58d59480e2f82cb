//! Tokens.

use axum::{Json, extract::State, http::StatusCode};
use headwater_control::{CreateToken, Token, TokenFor, TokenKind};
use headwater_model::{Action, Resource, Role, TokenId, WorkspaceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    error::Result,
    extract::{Body, Caller, Path, Unread},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_own, create_own))
        .routes(routes!(list_sdk, create_sdk))
        .routes(routes!(delete))
}

/// A token; its secret is shown once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Token)]
struct View {
    token_id: String,
    name: String,
    /// `sdk` or `personal`.
    kind: &'static str,
    workspace_id: Option<String>,
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
    created_at: String,
    last_used_at: Option<String>,
    expires_at: Option<String>,
}

impl From<Token> for View {
    fn from(token: Token) -> Self {
        let (kind, workspace_id, role) = match token.kind {
            TokenKind::Sdk(workspace) => ("sdk", Some(workspace.to_string()), None),
            TokenKind::Personal { role, .. } => ("personal", None, Some(role)),
        };
        Self {
            token_id: token.id.to_string(),
            name: token.name,
            kind,
            workspace_id,
            role,
            created_at: token.created_at.to_string(),
            last_used_at: token.last_used_at.map(|at| at.to_string()),
            expires_at: token.expires_at.map(|at| at.to_string()),
        }
    }
}

/// A token with its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedToken)]
struct Created {
    /// The secret, shown this once.
    value: String,
    #[serde(flatten)]
    token: View,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CreateToken)]
struct CreateRequest {
    name: String,
    /// RFC 3339; none is never.
    #[schema(value_type = Option<String>)]
    expires_at: Option<Timestamp>,
    /// A personal token's: at most the caller's own.
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
}

async fn create(app: &App, who: headwater_model::Principal, token: CreateToken) -> Result<Json<Created>> {
    let (token, secret) = app.control.tokens.create(&who, token).await?;
    Ok(Json(Created { value: secret.expose().to_owned(), token: token.into() }))
}

/// The caller's own tokens.
#[utoipa::path(get, path = "/tokens", tag = "tokens", responses((status = 200, body = Vec<View>)),
    extensions(("x-permission" = json!("profile:read"))))]
async fn list_own(State(app): State<App>, Caller(who): Caller) -> Result<Json<Vec<View>>> {
    Ok(Json(app.control.tokens.list(&who, None).await?.into_iter().map(View::from).collect()))
}

/// Makes a token that acts for the caller.
#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = CreateRequest,
    responses((status = 200, body = Created)), extensions(("x-permission" = json!("profile:create"))))]
async fn create_own(
    State(app): State<App>,
    Caller(who): Caller,
    Body(request): Body<CreateRequest>,
) -> Result<Json<Created>> {
    let kind = TokenFor::Personal { role: request.role };
    create(&app, who, CreateToken { name: request.name, kind, expires_at: request.expires_at }).await
}

/// A workspace's SDK tokens.
#[utoipa::path(get, path = "/workspaces/{workspaceId}/tokens", tag = "tokens", params(("workspaceId" = String, Path)),
    responses((status = 200, body = Vec<View>)), extensions(("x-permission" = json!("tokens:read"))))]
async fn list_sdk(
    State(app): State<App>,
    Caller(who): Caller,
    Path(ws): Path<WorkspaceId>,
) -> Result<Json<Vec<View>>> {
    Ok(Json(app.control.tokens.list(&who, Some(&ws)).await?.into_iter().map(View::from).collect()))
}

/// Makes an SDK token: for code that streams.
#[utoipa::path(post, path = "/workspaces/{workspaceId}/tokens", tag = "tokens", params(("workspaceId" = String, Path)),
    request_body = CreateRequest, responses((status = 200, body = Created)),
    extensions(("x-permission" = json!("tokens:create"))))]
async fn create_sdk(
    State(app): State<App>,
    Caller(who): Caller,
    Path(ws): Path<WorkspaceId>,
    body: Unread,
) -> Result<Json<Created>> {
    app.control.enter(&who, &ws, Action::Create, &Resource::Tokens(ws.clone()))?;
    let request: CreateRequest = body.read()?;
    let kind = TokenFor::Sdk(ws);
    create(&app, who, CreateToken { name: request.name, kind, expires_at: request.expires_at }).await
}

/// Revokes a token, at once: an SDK token, one's own, or as an administrator anybody's.
#[utoipa::path(delete, path = "/tokens/{tokenId}", tag = "tokens", params(("tokenId" = String, Path)),
    responses((status = 204)), extensions(("x-permission" = json!("owner or tokens:delete"))))]
async fn delete(State(app): State<App>, Caller(who): Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    app.control.tokens.delete(&who, TokenId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
