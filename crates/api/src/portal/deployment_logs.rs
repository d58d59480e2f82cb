//! What deployments and builds say.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use futures::StreamExt;
use headwater_control::{Begin, Choice, Download};
use headwater_model::{DeploymentId, name};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::log_view::{RunView, SourceView, file, replica_of, run_id, run_of, text};
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
        .routes(routes!(download))
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
    fn choice(&self) -> Result<Choice> {
        Ok(Choice { replica: replica_of(self.replica_id.as_deref())?, ..Choice::default() })
    }
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
    let pieces = app.control.deployments.build_log(&who, DeploymentId(id), Download::default()).await?;
    text(pieces, query.timestamps).await
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
    let deployments = &app.control.deployments;
    let page = deployments.log(&who, DeploymentId(id), query.choice()?, Begin::Past, Duration::ZERO).await?;
    let piece = futures::stream::once(async { Ok(page.entries) });
    text(piece.boxed(), query.timestamps).await
}

/// The whole kept output of all runs in the order of time; 204 when there is none.
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
    let asked = Download { choice: query.choice()?, ..Download::default() };
    text(app.control.deployments.output(&who, DeploymentId(id), asked).await?, query.timestamps).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct DownloadQuery {
    /// Number of the replica.
    replica: Option<u32>,
    version: Option<u32>,
    /// Run of the replica.
    attempt: Option<u32>,
    /// RFC 3339; not before.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// RFC 3339; before.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// Starts each line with its time.
    #[serde(default)]
    timestamps: bool,
    /// `run`, or `build` for a build log.
    #[serde(default)]
    #[param(inline)]
    source: SourceView,
}

/// The whole kept output as a file: of all replicas, merged by time, or of those that are asked for.
#[utoipa::path(get, path = "/deployments/{deploymentId}/logs/download", tag = "logs",
    params(("deploymentId" = String, Path), DownloadQuery),
    responses((status = 200, content_type = "text/plain", body = String)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn download(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<DownloadQuery>,
) -> Result<Response> {
    let (deployments, id) = (&app.control.deployments, DeploymentId(id));
    let choice = Choice { replica: query.replica, version: query.version, attempt: query.attempt };
    let asked = Download { choice, from: query.from, to: query.to };
    let pieces = match query.source {
        SourceView::Run => deployments.output(&who, id, asked).await?,
        SourceView::Build => deployments.build_log(&who, id, asked).await?,
    };
    let called = file_name(&deployments.get(&who, id).await?.value.spec.name, query.source, &choice);
    Ok(file(pieces, query.timestamps, &called))
}

/// `NAME-VERSION-REPLICA-ATTEMPT-DATE.log`, of what was asked for.
pub(super) fn file_name(deployment: &str, source: SourceView, choice: &Choice) -> String {
    let slug = Some(name::slug(deployment, 40)).filter(|slug| !slug.is_empty());
    let mut parts = vec![slug.unwrap_or_else(|| "deployment".into())];
    if source == SourceView::Build {
        parts.push("build".into());
    }
    let named = [("v", choice.version), ("replica", choice.replica), ("attempt", choice.attempt)];
    parts.extend(named.iter().filter_map(|(name, number)| number.map(|number| format!("{name}{number}"))));
    parts.push(Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string());
    parts.join("-") + ".log"
}

/// The runs whose output is kept, oldest first, also of replicas that are gone.
#[utoipa::path(get, path = "/deployments/{deploymentId}/runs", tag = "logs", params(("deploymentId" = String, Path)),
    responses((status = 200, body = Vec<RunView>)), extensions(("x-permission" = json!("deployment:read"))))]
async fn runs(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<RunView>>> {
    let all = app.control.deployments.runs(&who, DeploymentId(id)).await?;
    Ok(Json(all.into_iter().map(RunView::new).collect()))
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
    let deployments = &app.control.deployments;
    let all = deployments.runs(&who, DeploymentId(id)).await?;
    let known = all.iter().any(|kept| run_id(&kept.run.attempt) == run);
    let Some(choice) = run_of(&run).filter(|_| known) else {
        return Err(Error::new(StatusCode::NOT_FOUND, "not-found", format!("There is no run '{run}'.")));
    };
    let asked = Download { choice, ..Download::default() };
    text(deployments.output(&who, DeploymentId(id), asked).await?, query.timestamps).await
}
