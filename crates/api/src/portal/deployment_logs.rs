//! What deployments and builds say.

use std::{fmt::Write, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, TryStreamExt};
use headwater_control::{Attempt, LogEntry, Pieces};
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

/// Lines as text, sent as they are read; nothing at all is 204.
async fn text(mut pieces: Pieces, timestamps: bool) -> Result<Response> {
    let first = loop {
        match pieces.try_next().await? {
            Some(entries) if entries.is_empty() => {}
            Some(entries) => break entries,
            None => return Ok(StatusCode::NO_CONTENT.into_response()),
        }
    };
    let all = futures::stream::once(async { Ok(first) }).chain(pieces);
    let body = Body::from_stream(all.map_ok(move |entries| lines(entries, timestamps)));
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response())
}

fn lines(entries: Vec<LogEntry>, timestamps: bool) -> String {
    let mut out = String::new();
    for entry in entries {
        if timestamps {
            // Writing into a String cannot fail.
            let _ = write!(out, "{} ", entry.time);
        }
        out.push_str(&entry.text);
        out.push('\n');
    }
    out
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
    text(app.control.deployments.build_log(&who, DeploymentId(id)).await?, query.timestamps).await
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
    let piece = futures::stream::once(async { Ok(page.entries) });
    text(piece.boxed(), query.timestamps).await
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
    let wanted = |attempt: &Attempt| replica.is_none_or(|wanted| wanted == attempt.replica.index);
    text(app.control.deployments.output(&who, DeploymentId(id), wanted).await?, query.timestamps).await
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
    if !attempts.iter().any(named) {
        return Err(Error::new(StatusCode::NOT_FOUND, "not-found", format!("There is no run '{run}'.")));
    }
    text(app.control.deployments.output(&who, DeploymentId(id), named).await?, query.timestamps).await
}
