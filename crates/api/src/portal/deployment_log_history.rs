//! Output as Quix's clients page through it.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use futures::{StreamExt, TryStreamExt};
use headwater_control::{Choice, DeploymentRun, Download, LogEntry, SearchLogs};
use headwater_model::DeploymentId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    deployment_log_search::Order,
    deployment_logs::file_name,
    log_view::{SourceView, file, replica_of, run_id, run_of, text},
};
use crate::{
    App,
    error::{Error, Result},
    extract::{Caller, Path, Query},
};

const LINES: usize = 1000;
const MOST_LINES: usize = 10_000;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(page))
        .routes(routes!(filter))
        .routes(routes!(stats))
        .routes(routes!(download))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct PageQuery {
    /// From 1, which has the oldest lines.
    page_number: Option<usize>,
    /// 1 to 10000; 1000.
    lines_per_page: Option<usize>,
    /// Starts each line with its time.
    #[serde(default)]
    timestamps: bool,
}

/// A page of the whole kept output, oldest line first; 204 after the last page.
#[utoipa::path(get, path = "/deployments/{deploymentId}/logs/page", tag = "logs",
    params(("deploymentId" = String, Path), PageQuery),
    responses((status = 200, content_type = "text/plain", body = String), (status = 204)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn page(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
) -> Result<Response> {
    let count = lines("linesPerPage", query.lines_per_page)?;
    let number = query.page_number.unwrap_or(1);
    let before = number.checked_sub(1).and_then(|pages| pages.checked_mul(count));
    let before = before.ok_or_else(|| Error::invalid("pageNumber: pages are counted from 1"))?;
    let pieces = app.control.deployments.output(&who, DeploymentId(id), Download::default()).await?;
    let piece = futures::stream::once(async move {
        let mut skipped = 0;
        let mut entries: Vec<LogEntry> = Vec::new();
        let mut pieces = pieces;
        while entries.len() < count
            && let Some(piece) = pieces.try_next().await?
        {
            let skip = (before - skipped).min(piece.len());
            skipped += skip;
            let room = count - entries.len();
            entries.extend(piece.into_iter().skip(skip).take(room));
        }
        Ok(entries)
    });
    text(piece.boxed(), query.timestamps).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct FilterQuery {
    /// One run.
    instance_id: Option<String>,
    /// One replica: its number, or its name, which ends in the number.
    replica_id: Option<String>,
    /// Nanoseconds since 1970; not before.
    start: Option<i64>,
    /// Nanoseconds since 1970; before.
    end: Option<i64>,
    /// `Backward` or `Forward`.
    direction: Option<String>,
    /// 1 to 10000; 1000.
    limit: Option<usize>,
}

/// Lines of a time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogHistory)]
struct HistoryView {
    instance_id: Option<String>,
    replica_id: Option<String>,
    entries: Vec<HistoryEntry>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogHistoryEntry)]
struct HistoryEntry {
    /// Nanoseconds since 1970.
    timestamp: i64,
    log: String,
}

/// Lines of a time, in either order.
#[utoipa::path(get, path = "/deployments/{deploymentId}/logs/history/filter", tag = "logs",
    params(("deploymentId" = String, Path), FilterQuery), responses((status = 200, body = HistoryView)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn filter(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<FilterQuery>,
) -> Result<Json<HistoryView>> {
    let limit = lines("limit", query.limit)?;
    let direction = match query.direction.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("backward") => Order::Backward,
        Some("forward") => Order::Forward,
        Some(_) => return Err(Error::invalid("direction: give Backward or Forward")),
    };
    let mut choice = Choice { replica: replica_of(query.replica_id.as_deref())?, ..Choice::default() };
    if let Some(instance) = query.instance_id.as_deref() {
        choice = run_of(instance).ok_or_else(|| no_run(instance))?;
    }
    let mut asked = SearchLogs {
        from: query.start.map(time).transpose()?,
        to: query.end.map(time).transpose()?,
        choice,
        direction: direction.into(),
        limit,
        ..SearchLogs::default()
    };
    let mut entries = Vec::new();
    loop {
        let found = app.control.deployments.search(&who, DeploymentId(id), asked.clone()).await?;
        entries.extend(
            found.matches.into_iter().map(|found| HistoryEntry {
                timestamp: nanoseconds(found.entry.time),
                log: found.entry.text,
            }),
        );
        asked.limit = limit - entries.len();
        asked.cursor = found.cursor;
        if asked.limit == 0 || asked.cursor.is_none() {
            break;
        }
    }
    Ok(Json(HistoryView { instance_id: query.instance_id, replica_id: query.replica_id, entries }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatsQuery {
    /// Only of these runs, separated by commas.
    streams: Option<String>,
}

/// The times of which a run's output is kept.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LogStats)]
struct StatsView {
    instance_id: String,
    replica_id: String,
    /// Nanoseconds since 1970.
    first_timestamp: i64,
    last_timestamp: i64,
}

/// The times of which output is kept, by run.
#[utoipa::path(get, path = "/deployments/{deploymentId}/logs/history/stats", tag = "logs",
    params(("deploymentId" = String, Path), StatsQuery), responses((status = 200, body = Vec<StatsView>)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn stats(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<StatsQuery>,
) -> Result<Json<Vec<StatsView>>> {
    let wanted = |id: &str| query.streams.as_deref().is_none_or(|all| all.split(',').any(|one| one == id));
    let all = app.control.deployments.runs(&who, DeploymentId(id)).await?;
    let told = all.into_iter().filter_map(|DeploymentRun { replica_name, run, .. }| {
        let (first, last) = run.written?;
        let id = run_id(&run.attempt);
        wanted(&id).then_some(StatsView {
            instance_id: id,
            replica_id: replica_name,
            first_timestamp: nanoseconds(first),
            last_timestamp: nanoseconds(last),
        })
    });
    Ok(Json(told.collect()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
struct HistoryDownloadQuery {
    /// Starts each line with its time.
    #[serde(default)]
    include_timestamp: bool,
    /// RFC 3339; not before.
    #[param(value_type = Option<String>)]
    start_time: Option<Timestamp>,
    /// RFC 3339; before.
    #[param(value_type = Option<String>)]
    end_time: Option<Timestamp>,
}

/// The whole kept output of a time as a file, merged by time.
#[utoipa::path(get, path = "/deployments/{deploymentId}/logs/history/download", tag = "logs",
    params(("deploymentId" = String, Path), HistoryDownloadQuery),
    responses((status = 200, content_type = "text/plain", body = String)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn download(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<HistoryDownloadQuery>,
) -> Result<Response> {
    let (deployments, id) = (&app.control.deployments, DeploymentId(id));
    let asked = Download { from: query.start_time, to: query.end_time, ..Download::default() };
    let pieces = deployments.output(&who, id, asked).await?;
    let deployment = deployments.get(&who, id).await?.value;
    let called = file_name(&deployment.spec.name, SourceView::Run, &Choice::default());
    Ok(file(pieces, query.include_timestamp, &called))
}

fn lines(member: &str, asked: Option<usize>) -> Result<usize> {
    match asked.unwrap_or(LINES) {
        count @ 1..=MOST_LINES => Ok(count),
        count => Err(Error::invalid(format!("{member}: {count} is not between 1 and {MOST_LINES}"))),
    }
}

fn no_run(id: &str) -> Error {
    Error::new(StatusCode::NOT_FOUND, "not-found", format!("There is no run '{id}'."))
}

fn time(nanoseconds: i64) -> Result<Timestamp> {
    Timestamp::from_nanosecond(nanoseconds.into())
        .map_err(|_| Error::invalid(format!("{nanoseconds} is no time in nanoseconds since 1970")))
}

fn nanoseconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX)
}
