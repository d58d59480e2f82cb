//! Workspaces, and how clients connect to their broker.

use std::{collections::BTreeMap, io::Write};

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use headwater_control::Workspace;
use headwater_model::WorkspaceId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    App,
    as_of::AsOf,
    error::{Error, Result},
    extract::{Caller, Path},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(librdkafka))
        .routes(routes!(certificates))
}

/// A workspace.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Workspace)]
struct View {
    workspace_id: String,
    name: String,
    /// Always `Ready`.
    status: &'static str,
    organisation_id: String,
    repository_id: String,
    environment_name: String,
    branch: String,
    branch_protected: bool,
    /// `SharedKafka`: the platform's own broker.
    broker_type: &'static str,
    broker_settings: BrokerSettings,
    /// For those who may have the broker's password.
    #[serde(skip_serializing_if = "Option::is_none")]
    broker: Option<Broker>,
    version: u32,
    revision: i64,
    created_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BrokerSettings {
    broker_type: &'static str,
    sync_topics: bool,
}

/// How clients of the 0.5 generation connect.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Broker {
    address: String,
    /// `Sasl` or `SaslSsl`.
    security_mode: &'static str,
    /// `ScramSha256`.
    sasl_mechanism: &'static str,
    username: String,
    password: String,
    has_certificate: bool,
}

impl From<Workspace> for View {
    fn from(workspace: Workspace) -> Self {
        let broker = workspace.broker.map(|broker| Broker {
            address: broker.address,
            security_mode: if broker.tls { "SaslSsl" } else { "Sasl" },
            sasl_mechanism: "ScramSha256",
            username: broker.username,
            password: broker.password.expose().to_owned(),
            has_certificate: broker.tls,
        });
        Self {
            workspace_id: workspace.id.to_string(),
            name: workspace.name,
            status: "Ready",
            organisation_id: workspace.organisation.to_string(),
            repository_id: workspace.project.to_string(),
            environment_name: workspace.environment,
            branch: workspace.branch,
            branch_protected: false,
            broker_type: "SharedKafka",
            broker_settings: BrokerSettings { broker_type: "SharedKafka", sync_topics: false },
            broker,
            version: 2,
            revision: workspace.revision,
            created_at: workspace.created_at.to_string(),
        }
    }
}

/// The workspaces that the caller can read; an SDK token reads one.
#[utoipa::path(get, path = "/workspaces", tag = "workspaces", responses((status = 200, body = Vec<View>)),
    extensions(("x-permission" = json!("workspace:read"))))]
async fn list(State(app): State<App>, Caller(who): Caller) -> Result<Json<Vec<View>>> {
    let all = app.control.workspaces.list(&who).await?;
    Ok(Json(all.into_iter().map(View::from).collect()))
}

/// One workspace.
#[utoipa::path(get, path = "/workspaces/{workspaceId}", tag = "workspaces", params(("workspaceId" = String, Path)),
    responses((status = 200, body = View)), extensions(("x-permission" = json!("workspace:read"))))]
async fn get(State(app): State<App>, Caller(who): Caller, Path(id): Path<WorkspaceId>) -> Result<AsOf<View>> {
    Ok(AsOf::map(app.control.workspaces.get(&who, &id).await?, View::from))
}

/// The broker connection as librdkafka options, and nothing but connection options; `ssl.ca.cert` is the CA's PEM in
/// Base64.
#[utoipa::path(get, path = "/workspaces/{workspaceId}/broker/librdkafka", tag = "workspaces",
    params(("workspaceId" = String, Path)), responses((status = 200, body = BTreeMap<String, String>)),
    extensions(("x-permission" = json!("broker-credentials:read"))))]
async fn librdkafka(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<WorkspaceId>,
) -> Result<Json<BTreeMap<String, String>>> {
    Ok(Json(app.control.workspaces.librdkafka(&who, &id).await?))
}

/// The broker's CA certificate: a zip with `ca.cert`, or nothing (204) when the broker needs none.
#[utoipa::path(get, path = "/workspaces/{workspaceId}/certificates", tag = "workspaces",
    params(("workspaceId" = String, Path)),
    responses((status = 200, content_type = "application/zip", body = [u8]), (status = 204)),
    extensions(("x-permission" = json!("workspace:read"))))]
async fn certificates(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<WorkspaceId>,
) -> Result<Response> {
    let Some(pem) = app.control.workspaces.certificate(&who, &id).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let archive = zipped(&pem).map_err(|error| {
        tracing::error!(%error, "packing the certificate");
        Error::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The certificate could not be packed.")
    })?;
    Ok(([(header::CONTENT_TYPE, "application/zip")], archive).into_response())
}

fn zipped(pem: &str) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("ca.cert", SimpleFileOptions::default())?;
    archive.write_all(pem.as_bytes())?;
    Ok(archive.finish()?.into_inner())
}
