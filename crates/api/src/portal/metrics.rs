//! Figures over time.

use axum::{Json, extract::State};
use headwater_control::{FigureSeries, Figures, Wanted};
use headwater_model::{DeploymentId, WorkspaceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    error::Result,
    extract::{Caller, Path, Query},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(of_deployment)).routes(routes!(of_topic))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SpanQuery {
    /// From when (RFC 3339); an hour before the end.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Until when; now.
    #[param(value_type = Option<String>)]
    to: Option<Timestamp>,
    /// Points of a series at most, 10 to 2000; 300.
    points: Option<u32>,
}

impl From<SpanQuery> for Wanted {
    fn from(query: SpanQuery) -> Self {
        Self { from: query.from, to: query.to, points: query.points }
    }
}

/// Series over the same time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Metrics)]
struct View {
    /// Seconds from one point to the next: 1 at the finest, and at least 60 when more than the last hour is asked for.
    step_seconds: i64,
    from: String,
    to: String,
    series: Vec<SeriesView>,
}

/// A figure over time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MetricSeries)]
struct SeriesView {
    /// `cpuMillicores`, `memoryBytes`, `restarts`, `runningReplicas`, `lag`; of topics `bytesInPerSecond`,
    /// `bytesOutPerSecond`, `recordsInPerSecond`, `recordsOutPerSecond`.
    name: String,
    /// Of which replica; null is the whole.
    replica: Option<u32>,
    /// On which topic a group is behind.
    topic: Option<String>,
    /// The group that is behind.
    group: Option<String>,
    /// `millicores`, `bytes`, `count`, `records`, `bytesPerSecond` or `recordsPerSecond`.
    unit: &'static str,
    /// What the figure cannot exceed.
    limit: Option<f64>,
    /// Of each step its begin in milliseconds since 1970 UTC, the least, the average and the greatest. Gaps have no points.
    #[schema(value_type = Vec<Vec<f64>>)]
    points: Vec<(i64, f32, f32, f32)>,
}

impl From<Figures> for View {
    fn from(figures: Figures) -> Self {
        Self {
            step_seconds: figures.step_seconds,
            from: figures.from.to_string(),
            to: figures.to.to_string(),
            series: figures.series.into_iter().map(SeriesView::from).collect(),
        }
    }
}

impl From<FigureSeries> for SeriesView {
    fn from(series: FigureSeries) -> Self {
        let points = series.points.into_iter();
        Self {
            name: series.name,
            replica: series.replica,
            topic: series.topic,
            group: series.group,
            unit: series.unit,
            limit: series.limit,
            points: points.map(|point| (point.time_ms, point.min, point.avg, point.max)).collect(),
        }
    }
}

/// What a deployment used, and how far behind it was.
#[utoipa::path(get, path = "/deployments/{deploymentId}/metrics", tag = "deployments",
    params(("deploymentId" = String, Path), SpanQuery), responses((status = 200, body = View)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn of_deployment(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
    Query(span): Query<SpanQuery>,
) -> Result<Json<View>> {
    Ok(Json(app.control.metrics.deployment(&who, DeploymentId(id), span.into()).await?.into()))
}

/// What a topic carried.
#[utoipa::path(get, path = "/{workspaceId}/topics/{topic}/metrics", tag = "topics",
    params(("workspaceId" = String, Path), ("topic" = String, Path), SpanQuery), responses((status = 200, body = View)),
    extensions(("x-permission" = json!("topic:read"))))]
async fn of_topic(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, topic)): Path<(WorkspaceId, String)>,
    Query(span): Query<SpanQuery>,
) -> Result<Json<View>> {
    Ok(Json(app.control.metrics.topic(&who, &ws, &topic, span.into()).await?.into()))
}
