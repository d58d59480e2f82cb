//! Consumer groups: how far they are behind, and where they go on.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use headwater_control::{MoveTo, PartitionLag, TopicGroup};
use headwater_model::{Action, DeploymentId, Resource, WorkspaceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    App,
    error::{Error, Result},
    extract::{Caller, Path, Unread},
};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(at_topic))
        .routes(routes!(of_deployment))
        .routes(routes!(delete))
        .routes(routes!(reset))
}

/// A consumer group at a topic.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsumerGroup)]
struct View {
    /// The broker's name of it: `{workspaceId}-…`.
    group: String,
    /// The topic's name.
    topic: String,
    /// `Stable`, `Empty`, `PreparingRebalance` or `CompletingRebalance`.
    state: String,
    /// How many members it has, at whatever topic they work.
    members: usize,
    /// Deployments whose replicas have joined it or committed for it, the latest last.
    deployment_ids: Vec<String>,
    /// Records that it is behind, over the partitions in which it has a position; null when it has none in this topic.
    lag: Option<i64>,
    partitions: Vec<PartitionView>,
}

/// How far a consumer group is in a partition.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConsumerGroupPartition)]
struct PartitionView {
    partition: i32,
    /// The next offset that it will read; null before it has committed one.
    committed: Option<i64>,
    /// The offset up to which readers of what is committed come.
    end: i64,
    /// Records between the two.
    lag: Option<i64>,
    /// The member that works on it.
    member_id: Option<String>,
    client_id: Option<String>,
    /// The deployment whose replica that is, and its number.
    deployment_id: Option<String>,
    replica: Option<u32>,
}

impl From<TopicGroup> for View {
    fn from(group: TopicGroup) -> Self {
        Self {
            group: group.group,
            topic: group.topic,
            state: group.state,
            members: group.members,
            deployment_ids: group.deployments.iter().map(ToString::to_string).collect(),
            lag: group.lag,
            partitions: group.partitions.into_iter().map(PartitionView::from).collect(),
        }
    }
}

impl From<PartitionLag> for PartitionView {
    fn from(partition: PartitionLag) -> Self {
        let replica = partition.member.as_ref().and_then(|member| member.replica.as_ref());
        Self {
            partition: partition.partition,
            committed: partition.committed,
            end: partition.end,
            lag: partition.lag,
            deployment_id: replica.map(|replica| replica.deployment.to_string()),
            replica: replica.map(|replica| replica.index),
            client_id: partition.member.as_ref().map(|member| member.client_id.clone()),
            member_id: partition.member.map(|member| member.id),
        }
    }
}

/// Where a consumer group is to go on.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ResetOffsets)]
struct ResetRequest {
    /// A topic, by its name or full id.
    topic: String,
    /// `"earliest"`, `"latest"`, `{"time": "2026-01-31T12:00:00Z"}`, or an offset for each partition that is to change:
    /// `{"0": 17}`.
    #[schema(value_type = Object)]
    to: Value,
}

impl ResetRequest {
    fn place(&self) -> Result<MoveTo> {
        let wrong = || {
            Error::invalid(
                "to: give 'earliest', 'latest', {\"time\": …} or offsets by partition: {\"0\": 17}",
            )
        };
        match &self.to {
            Value::String(word) if word == "earliest" => Ok(MoveTo::Earliest),
            Value::String(word) if word == "latest" => Ok(MoveTo::Latest),
            Value::Object(members) if members.len() == 1 && members.contains_key("time") => {
                let text = members["time"].as_str().ok_or_else(wrong)?;
                let time = text.parse::<Timestamp>();
                let wrong = |_| Error::invalid(format!("to: '{text}' is not an RFC 3339 time"));
                time.map(MoveTo::At).map_err(wrong)
            }
            Value::Object(members) if !members.is_empty() => {
                let place = |(partition, offset): (&String, &Value)| {
                    Some((partition.parse().ok()?, offset.as_i64()?))
                };
                let offsets: Option<BTreeMap<i32, i64>> = members.iter().map(place).collect();
                offsets.map(MoveTo::Offsets).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }
}

/// The consumer groups that read a topic, with what each has not read yet.
#[utoipa::path(get, path = "/{workspaceId}/topics/{topic}/groups", tag = "topics",
    params(("workspaceId" = String, Path), ("topic" = String, Path)), responses((status = 200, body = Vec<View>)),
    extensions(("x-permission" = json!("topic:read"))))]
async fn at_topic(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, topic)): Path<(WorkspaceId, String)>,
) -> Result<Json<Vec<View>>> {
    let groups = app.control.groups.at_topic(&who, &ws, &topic).await?;
    Ok(Json(groups.into_iter().map(View::from).collect()))
}

/// The consumer groups that a deployment's replicas have joined or committed for, at each of their topics.
#[utoipa::path(get, path = "/deployments/{deploymentId}/groups", tag = "deployments",
    params(("deploymentId" = String, Path)), responses((status = 200, body = Vec<View>)),
    extensions(("x-permission" = json!("deployment:read"))))]
async fn of_deployment(
    State(app): State<App>,
    Caller(who): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<View>>> {
    let groups = app.control.groups.of_deployment(&who, DeploymentId(id)).await?;
    Ok(Json(groups.into_iter().map(View::from).collect()))
}

/// Removes a consumer group that nobody is in, with its positions. Its name may leave out the workspace.
#[utoipa::path(delete, path = "/{workspaceId}/groups/{group}", tag = "topics",
    params(("workspaceId" = String, Path), ("group" = String, Path)),
    responses((status = 204), (status = 409, description = "It has members")),
    extensions(("x-permission" = json!("topic:update"))))]
async fn delete(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, group)): Path<(WorkspaceId, String)>,
) -> Result<StatusCode> {
    app.control.groups.delete(&who, &ws, &group).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a consumer group that nobody is in go on elsewhere in a topic.
#[utoipa::path(post, path = "/{workspaceId}/groups/{group}/offsets", tag = "topics",
    params(("workspaceId" = String, Path), ("group" = String, Path)), request_body = ResetRequest,
    responses((status = 200, body = View), (status = 409, description = "It has members")),
    extensions(("x-permission" = json!("topic:update"))))]
async fn reset(
    State(app): State<App>,
    Caller(who): Caller,
    Path((ws, group)): Path<(WorkspaceId, String)>,
    body: Unread,
) -> Result<Json<View>> {
    app.control.enter(&who, &ws, Action::Update, &Resource::Topic(ws.clone()))?;
    let request: ResetRequest = body.read()?;
    let to = request.place()?;
    Ok(Json(app.control.groups.reset(&who, &ws, &group, &request.topic, to).await?.into()))
}
