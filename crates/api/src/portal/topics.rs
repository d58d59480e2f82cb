//! Topics.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use headwater_control::{
    CreateTopic, Message, MessagesFrom, Origin, Topic, TopicContent, TopicMetrics, UpdateTopic,
};
use headwater_model::{
    Action, CleanupPolicy, Principal, Resource, TopicConfig, TopicId, TopicStatus, WorkspaceId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App,
    as_of::AsOf,
    error::{Error, Result},
    extract::{Caller, Path, Query, Unread},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(clean))
        .routes(routes!(clear_error))
        .routes(routes!(metrics))
        .routes(routes!(default_configuration))
        .routes(routes!(messages))
}

/// A topic.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Topic)]
struct View {
    /// The broker's name of the topic: `{workspaceId}-{name}`.
    id: String,
    name: String,
    workspace_id: String,
    /// `Creating`, `Ready`, `Deleting` or `Error`.
    #[schema(value_type = String)]
    status: TopicStatus,
    last_error: Option<String>,
    configuration: Configuration,
    persisted: bool,
    external: bool,
    /// Found at the broker: made through Kafka.
    unmanaged: bool,
    /// Made by user code or for a deployment's variable.
    sdk_topic: bool,
    /// Offsets from the first kept to the end, over all partitions: with compaction or transactions an estimate.
    records: u64,
    /// Bytes on disk.
    bytes: u64,
    /// The latest time stamp; null when it is empty.
    last_record_at: Option<String>,
    revision: i64,
    created_at: String,
    updated_at: String,
}

/// A topic's configuration; −1 is no limit.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TopicConfiguration)]
struct Configuration {
    partitions: i32,
    replication_factor: i16,
    retention_in_minutes: i64,
    retention_in_bytes: i64,
    /// `Delete`, `Compact` or `DeleteAndCompact`.
    #[schema(value_type = String)]
    cleanup_policy: CleanupPolicy,
}

impl From<TopicConfig> for Configuration {
    fn from(config: TopicConfig) -> Self {
        Self {
            partitions: config.partitions,
            replication_factor: config.replication_factor,
            retention_in_minutes: config.retention_in_minutes,
            retention_in_bytes: config.retention_in_bytes,
            cleanup_policy: config.cleanup_policy,
        }
    }
}

impl View {
    fn new(topic: Topic, contents: &BTreeMap<TopicId, TopicContent>) -> Self {
        let content = contents.get(&topic.id).copied().unwrap_or_default();
        let latest = content.latest_ms.and_then(|at| Timestamp::from_millisecond(at).ok());
        Self {
            records: content.records,
            bytes: content.bytes,
            last_record_at: latest.map(|at| at.to_string()),
            id: topic.id.to_string(),
            name: topic.name,
            workspace_id: topic.workspace.to_string(),
            status: topic.status,
            last_error: topic.last_error,
            configuration: topic.config.into(),
            persisted: false,
            external: false,
            unmanaged: topic.origin == Origin::Unmanaged,
            sdk_topic: topic.origin == Origin::Sdk,
            revision: topic.revision,
            created_at: topic.created_at.to_string(),
            updated_at: topic.updated_at.to_string(),
        }
    }
}

/// A topic to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CreateTopic)]
struct CreateRequest {
    /// Letters, digits, `.`, `_` and `-`; a full topic id is understood too.
    name: String,
    /// What differs from the workspace's default; nulls are the default.
    configuration: Option<WantedConfiguration>,
}

/// A topic's configuration as it is asked for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WantedTopicConfiguration)]
struct WantedConfiguration {
    partitions: Option<i32>,
    replication_factor: Option<i16>,
    retention_in_minutes: Option<i64>,
    retention_in_bytes: Option<i64>,
    /// `Delete`, `Compact` or `DeleteAndCompact`, in any case.
    cleanup_policy: Option<String>,
}

/// A change to a topic: only what is sent changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UpdateTopic)]
struct UpdateRequest {
    /// Only more.
    partitions: Option<i32>,
    retention_in_minutes: Option<i64>,
    retention_in_bytes: Option<i64>,
    cleanup_policy: Option<String>,
    /// The revision that the caller read; a newer one refuses the change.
    revision: Option<i64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DeleteQuery {
    /// Delete although deployments use it.
    #[serde(default)]
    force: bool,
}

/// A topic's traffic.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TopicMetrics)]
struct MetricsView {
    topic_id: String,
    name: String,
    bytes_in_per_second: f64,
    bytes_out_per_second: f64,
    records_in_per_second: f64,
    values_persisted_per_second: f64,
}

impl From<TopicMetrics> for MetricsView {
    fn from(metrics: TopicMetrics) -> Self {
        Self {
            topic_id: metrics.topic_id,
            name: metrics.name,
            bytes_in_per_second: metrics.bytes_in_per_second,
            bytes_out_per_second: metrics.bytes_out_per_second,
            records_in_per_second: metrics.records_in_per_second,
            values_persisted_per_second: 0.0,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MessagesQuery {
    /// `newest` (the default), `oldest`, or a time (RFC 3339).
    from: Option<String>,
    /// A partition, together with `offset`.
    partition: Option<i32>,
    /// First offset, together with `partition`.
    offset: Option<i64>,
    /// 1 to 1000; 50 when not given.
    limit: Option<usize>,
}

impl MessagesQuery {
    fn place(&self) -> Result<MessagesFrom> {
        match (self.partition, self.offset, self.from.as_deref()) {
            (Some(partition), Some(offset), None) => Ok(MessagesFrom::Offset { partition, offset }),
            (None, None, None | Some("newest")) => Ok(MessagesFrom::Newest),
            (None, None, Some("oldest")) => Ok(MessagesFrom::Oldest),
            (None, None, Some(text)) => {
                let time: Timestamp = text.parse().map_err(|_| {
                    Error::invalid(format!("from: '{text}' is not newest, oldest or an RFC 3339 time"))
                })?;
                Ok(MessagesFrom::At(time))
            }
            _ => Err(Error::invalid("Give partition and offset together, or from alone.")),
        }
    }
}

async fn view(app: &App, who: &Principal, topic: Topic) -> Result<View> {
    let contents = app.control.topics.contents(who, &topic.workspace).await?;
    Ok(View::new(topic, &contents))
}

fn policy(text: Option<String>) -> Result<Option<CleanupPolicy>> {
    Ok(text.map(|text| CleanupPolicy::parse(&text)).transpose()?)
}

/// The topics of a workspace, by name.
#[utoipa::path(get, path = "/{workspaceId}/topics", tag = "topics", params(("workspaceId" = String, Path)),
    responses((status = 200, body = Vec<View>)), extensions(("x-permission" = json!("topic:read"))))]
async fn list(
    State(app): State<App>,
    Caller(who): Caller,
    Path(ws): Path<WorkspaceId>,
) -> Result<AsOf<Vec<View>>> {
    let contents = app.control.topics.contents(&who, &ws).await?;
    let seen = app.control.topics.list(&who, &ws).await?;
    Ok(AsOf::map(seen, |all| all.into_iter().map(|topic| View::new(topic, &contents)).collect()))
}

/// Asks for a topic. It is visible at once and usually ready within milliseconds.
#[utoipa::path(post, path = "/{workspaceId}/topics", tag = "topics", params(("workspaceId" = String, Path)),
    request_body = CreateRequest, responses((status = 200, body = View), (status = 400, description = "Also when the name is taken")),
    extensions(("x-permission" = json!("topic:create"))))]
async fn create(
    State(app): State<App>,
    Caller(who): Caller,
    Path(ws): Path<WorkspaceId>,
    body: Unread,
) -> Result<Json<View>> {
    app.control.enter(&who, &ws, Action::Create, &Resource::Topic(ws.clone()))?;
    let request: CreateRequest = body.read()?;
    let wanted = request.configuration.unwrap_or_default();
    let topic = CreateTopic {
        name: request.name,
        partitions: wanted.partitions,
        replication_factor: wanted.replication_factor,
        retention_in_minutes: wanted.retention_in_minutes,
        retention_in_bytes: wanted.retention_in_bytes,
        cleanup_policy: policy(wanted.cleanup_policy)?,
    };
    let created = app.control.topics.create(&who, &ws, topic).await?;
    Ok(Json(view(&app, &who, created).await?))
}

/// One topic, by its name or full id.
#[utoipa::path(get, path = "/{workspaceId}/topics/{topic}", tag = "topics",
    params(("workspaceId" = String, Path), ("topic" = String, Path)), responses((status = 200, body = View)),
    extensions(("x-permission" = json!("topic:read"))))]
async fn get(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, topic)): Path<(WorkspaceId, String)>,
) -> Result<AsOf<View>> {
    let contents = app.control.topics.contents(&who, &ws).await?;
    Ok(AsOf::map(app.control.topics.get(&who, &ws, &topic).await?, |topic| View::new(topic, &contents)))
}

/// Changes a topic: only what is sent.
#[utoipa::path(patch, path = "/{workspaceId}/topics/{topic}", tag = "topics",
    params(("workspaceId" = String, Path), ("topic" = String, Path)), request_body = UpdateRequest,
    responses((status = 200, body = View)), extensions(("x-permission" = json!("topic:update"))))]
async fn update(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, topic)): Path<(WorkspaceId, String)>,
    body: Unread,
) -> Result<Json<View>> {
    app.control.enter(&who, &ws, Action::Update, &Resource::Topic(ws.clone()))?;
    let request: UpdateRequest = body.read()?;
    let change = UpdateTopic {
        partitions: request.partitions,
        retention_in_minutes: request.retention_in_minutes,
        retention_in_bytes: request.retention_in_bytes,
        cleanup_policy: policy(request.cleanup_policy)?,
        if_revision: request.revision,
    };
    let updated = app.control.topics.update(&who, &ws, &topic, change).await?;
    Ok(Json(view(&app, &who, updated).await?))
}

/// Removes a topic and its records.
#[utoipa::path(delete, path = "/{workspaceId}/topics/{topic}", tag = "topics",
    params(("workspaceId" = String, Path), ("topic" = String, Path), DeleteQuery),
    responses((status = 204), (status = 409, description = "Deployments use it")),
    extensions(("x-permission" = json!("topic:delete"))))]
async fn delete(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, topic)): Path<(WorkspaceId, String)>,
    Query(query): Query<DeleteQuery>,
) -> Result<StatusCode> {
    app.control.topics.delete(&who, &ws, &topic, query.force).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes the records and keeps the topic.
#[utoipa::path(post, path = "/{workspaceId}/topics/{topic}/clean", tag = "topics",
    params(("workspaceId" = String, Path), ("topic" = String, Path)), responses((status = 204)),
    extensions(("x-permission" = json!("topic:update"))))]
async fn clean(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, topic)): Path<(WorkspaceId, String)>,
) -> Result<StatusCode> {
    app.control.topics.clean(&who, &ws, &topic).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries a topic in error again at once.
#[utoipa::path(post, path = "/{workspaceId}/topics/{topic}/clear-error", tag = "topics",
    params(("workspaceId" = String, Path), ("topic" = String, Path)), responses((status = 200, body = View)),
    extensions(("x-permission" = json!("topic:update"))))]
async fn clear_error(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, topic)): Path<(WorkspaceId, String)>,
) -> Result<Json<View>> {
    let cleared = app.control.topics.clear_error(&who, &ws, &topic).await?;
    Ok(Json(view(&app, &who, cleared).await?))
}

/// Traffic of all topics of a workspace, over the last seconds.
#[utoipa::path(get, path = "/{workspaceId}/topics/metrics/all", tag = "topics", params(("workspaceId" = String, Path)),
    responses((status = 200, body = Vec<MetricsView>)), extensions(("x-permission" = json!("topic:read"))))]
async fn metrics(
    State(app): State<App>,
    Caller(who): Caller,
    Path(ws): Path<WorkspaceId>,
) -> Result<Json<Vec<MetricsView>>> {
    let all = app.control.topics.metrics(&who, &ws).await?;
    Ok(Json(all.into_iter().map(MetricsView::from).collect()))
}

/// What a topic gets where its maker says nothing.
#[utoipa::path(get, path = "/{workspaceId}/topics/config/default", tag = "topics", params(("workspaceId" = String, Path)),
    responses((status = 200, body = Configuration)), extensions(("x-permission" = json!("topic:read"))))]
async fn default_configuration(
    State(app): State<App>,
    Caller(who): Caller,
    Path(ws): Path<WorkspaceId>,
) -> Result<Json<Configuration>> {
    Ok(Json(app.control.workspaces.default_topic_config(&who, &ws).await?.into()))
}

/// Some messages of a topic, oldest first.
#[utoipa::path(get, path = "/{workspaceId}/topics/{topic}/messages", tag = "topics",
    params(("workspaceId" = String, Path), ("topic" = String, Path), MessagesQuery),
    responses((status = 200, body = Vec<Object>)), extensions(("x-permission" = json!("topic:read"))))]
async fn messages(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, topic)): Path<(WorkspaceId, String)>,
    Query(query): Query<MessagesQuery>,
) -> Result<Json<Vec<Message>>> {
    let limit = query.limit.unwrap_or(50);
    Ok(Json(app.control.topics.messages(&who, &ws, &topic, query.place()?, limit).await?))
}
