//! What deployments and builds say.

use std::{fmt::Write, time::Duration};

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use headwater_control::{Attempt, LogEntry};
use headwater_model::DeploymentId;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::deployment_view::RunView;
use crate::{
    App,
    error::{Error, Result},
    extract::{Caller, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(build_log))
        .routes(routes!(current))
        .routes(routes!(all))
        .routes(routes!(runs))
        .routes(routes!(run_log))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct CurrentQuery {
    /// One replica: its number, or its name, which ends in the number.
    replica_id: Option<String>,
    /// Starts each line with its time.
    #[serde(default)]
    timestamps: bool,
}

impl CurrentQuery {
    fn replica(&self) -> Result<Option<u32>> {
        let Some(text) = self.replica_id.as_deref() else { return Ok(None) };
        let number = text.rsplit('-').next().unwrap_or_default().parse();
        number.map(Some).map_err(|_| Error::invalid(format!("replicaId: '{text}' does not end in a number")))
    }
}

/// Lines as text; nothing at all is 204.
fn text(entries: Vec<LogEntry>, timestamps: bool) -> Response {
    if entries.is_empty() {
        return StatusCode::NO_CONTENT.into_response();
    }
    let mut out = String::new();
    for entry in entries {
        if timestamps {
            // Writing into a String cannot fail.
            let _ = write!(out, "{} ", entry.time);
        }
        out.push_str(&entry.text);
        out.push('\n');
    }
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], out).into_response()
}

/// The build log of the version that should run; 204 before the build begins.
#[utoipa::path(get, path = "/deployments/{deploymentId}/buildlogs", tag = "logs",
    params(("deploymentId" = String, Path), CurrentQuery),
    responses((status = 200, content_type = "text/plain", body = String), (status = 204)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn build_log(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<CurrentQuery>,
) -> Result<Response> {
    Ok(text(app.control.deployments.build_log(&who, DeploymentId(id)).await?, query.timestamps))
}

/// The end of the output of the newest runs, at most 64 KiB a replica; 204 when there is none.
#[utoipa::path(get, path = "/deployments/{deploymentId}/logs/current", tag = "logs",
    params(("deploymentId" = String, Path), CurrentQuery),
    responses((status = 200, content_type = "text/plain", body = String), (status = 204)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn current(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<CurrentQuery>,
) -> Result<Response> {
    let page =
        app.control.deployments.log(&who, DeploymentId(id), query.replica()?, None, Duration::ZERO).await?;
    Ok(text(page.entries, query.timestamps))
}

/// The whole kept output of all runs, oldest run first; 204 when there is none.
#[utoipa::path(get, path = "/deployments/{deploymentId}/logs/all", tag = "logs",
    params(("deploymentId" = String, Path), CurrentQuery),
    responses((status = 200, content_type = "text/plain", body = String), (status = 204)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn all(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<CurrentQuery>,
) -> Result<Response> {
    let replica = query.replica()?;
    let mut entries = Vec::new();
    for attempt in app.control.deployments.attempts(&who, DeploymentId(id)).await? {
        if replica.is_none_or(|wanted| wanted == attempt.replica.index) {
            entries.extend(app.control.deployments.attempt_log(&who, &attempt).await?);
        }
    }
    Ok(text(entries, query.timestamps))
}

/// The runs whose output is kept, oldest first.
#[utoipa::path(get, path = "/deployments/{deploymentId}/runs", tag = "logs", params(("deploymentId" = String, Path)),
    responses((status = 200, body = Vec<RunView>)), extensions(("x-permission" = json!("deployment:read"))))]
async fn runs(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<RunView>>> {
    let all = app.control.deployments.attempts(&who, DeploymentId(id)).await?;
    Ok(Json(all.into_iter().map(RunView::from).collect()))
}

/// The kept output of one run.
#[utoipa::path(get, path = "/deployments/{deploymentId}/runs/{runId}/logs", tag = "logs",
    params(("deploymentId" = String, Path), ("runId" = String, Path), CurrentQuery),
    responses((status = 200, content_type = "text/plain", body = String), (status = 204)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn run_log(
    State(app): State<App>,
    Caller(who): Caller,
    Path((id, run)): Path<(Uuid, String)>,
    Query(query): Query<CurrentQuery>,
) -> Result<Response> {
    let attempts = app.control.deployments.attempts(&who, DeploymentId(id)).await?;
    let named = |attempt: &Attempt| {
        format!("{}-{}-{}", attempt.replica.version, attempt.replica.index, attempt.number) == run
    };
    let Some(attempt) = attempts.into_iter().find(named) else {
        return Err(Error::new(StatusCode::NOT_FOUND, "not-found", format!("There is no run '{run}'.")));
    };
    Ok(text(app.control.deployments.attempt_log(&who, &attempt).await?, query.timestamps))
}
