//! Consumer groups of a workspace: how far they are, and what people do about it.

use std::{collections::BTreeMap, sync::Arc};

use headwater_model::{Action, DeploymentId, Invalid, Principal, ReplicaId, Resource, TopicId, WorkspaceId};
use headwater_topics::{Error as Refused, Group, GroupPartition, Position, Watermarks};
use jiff::Timestamp;

use crate::{Error, Result, core::Core, deployments, topics};

/// A consumer group at a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicGroup {
    /// Its name at the broker.
    pub group: String,
    /// The topic's name.
    pub topic: String,
    /// Kafka's word for its state: `Stable`, `Empty`, …
    pub state: String,
    /// How many members it has, at whatever topic they work.
    pub members: usize,
    /// Deployments of the workspace whose replicas have joined it or committed for it, the latest last.
    pub deployments: Vec<DeploymentId>,
    /// Records that it is behind, over all partitions in which it has a position; none when it has none here.
    pub lag: Option<i64>,
    /// The topic's partitions that it has a position in or works on.
    pub partitions: Vec<PartitionLag>,
}

/// How far a group is in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionLag {
    /// Number of the partition.
    pub partition: i32,
    /// The next offset that it will read; none before it has committed one.
    pub committed: Option<i64>,
    /// The offset before which everything is decided.
    pub end: i64,
    /// Records between the two; none without a position.
    pub lag: Option<i64>,
    /// The member that works on it.
    pub member: Option<AtWork>,
}

/// A member that works on a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtWork {
    /// Its id within the group.
    pub id: String,
    /// The client's name for itself.
    pub client_id: String,
    /// The replica that it is, when it signed in as one.
    pub replica: Option<ReplicaId>,
}

/// Where a group is moved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveTo {
    /// The first records that are kept.
    Earliest,
    /// After all records that are decided.
    Latest,
    /// The first records at or after a time.
    At(Timestamp),
    /// These offsets, by partition; the group stays where it is in others.
    Offsets(BTreeMap<i32, i64>),
}

/// Consumer groups.
#[derive(Clone)]
pub struct Groups {
    pub(crate) core: Arc<Core>,
}

impl Groups {
    /// The workspace's groups at a topic, by name.
    pub async fn at_topic(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        topic: &str,
    ) -> Result<Vec<TopicGroup>> {
        self.core.enter(who, workspace, Action::Read, &Resource::Topic(workspace.clone()))?;
        let row = topics::find(&self.core.store.read().await?, workspace, topic).await?;
        let all = self.core.kafka.groups().await?;
        let here =
            all.iter().filter(|group| owns(workspace, &group.name) && group.topics().contains(&row.id));
        Ok(here.map(|group| self.seen_at(workspace, group, &row.id)).collect())
    }

    /// The groups that a deployment's replicas have joined or committed for, at each topic, by name.
    pub async fn of_deployment(&self, who: &Principal, id: DeploymentId) -> Result<Vec<TopicGroup>> {
        let workspace = deployments::find(&self.core, who, Action::Read, id).await?.workspace;
        let mut all = self.core.kafka.groups().await?;
        all.retain(|group| owns(&workspace, &group.name) && group.deployments.contains(&id));
        let at_topics = |group| {
            let topics: Vec<_> = Group::topics(group).into_iter().collect();
            topics.into_iter().map(|topic| self.seen_at(&workspace, group, topic)).collect::<Vec<_>>()
        };
        Ok(all.iter().flat_map(at_topics).collect())
    }

    /// Removes a group that nobody is in, with its positions. Its name may leave out the workspace.
    pub async fn delete(&self, who: &Principal, workspace: &WorkspaceId, group: &str) -> Result<()> {
        self.core.enter(who, workspace, Action::Update, &Resource::Topic(workspace.clone()))?;
        self.core.kafka.delete_group(&full(workspace, group)).await.map_err(refused)
    }

    /// Moves a group that nobody is in to another place in a topic. Its name may leave out the workspace.
    pub async fn reset(
        &self,
        who: &Principal,
        workspace: &WorkspaceId,
        group: &str,
        topic: &str,
        to: MoveTo,
    ) -> Result<TopicGroup> {
        self.core.enter(who, workspace, Action::Update, &Resource::Topic(workspace.clone()))?;
        let row = topics::find(&self.core.store.read().await?, workspace, topic).await?;
        let (kafka, name) = (&self.core.kafka, full(workspace, group));
        // Otherwise a slip of the pen would make a group.
        kafka.group(&name).await.map_err(refused)?;
        let marks = kafka.watermarks(&row.id).await?;
        let each = |offset: fn(&Watermarks) -> i64| (0..).zip(marks.iter().map(offset)).collect();
        let offsets = match to {
            MoveTo::Earliest => each(|mark| mark.start),
            MoveTo::Latest => each(|mark| mark.last_stable),
            MoveTo::At(time) => {
                let found = kafka.offsets_at(&row.id, time.as_millisecond()).await?;
                (0..).zip(found).collect()
            }
            MoveTo::Offsets(offsets) => kept(offsets, &marks)?,
        };
        let position = |(partition, offset)| (row.id.clone(), Position { partition, offset });
        let positions: Vec<_> = offsets.into_iter().map(position).collect();
        kafka.move_group(&name, &positions).await.map_err(refused)?;
        let moved = kafka.group(&name).await.map_err(refused)?;
        Ok(self.seen_at(workspace, &moved, &row.id))
    }

    fn seen_at(&self, workspace: &WorkspaceId, group: &Group, topic: &TopicId) -> TopicGroup {
        let of_workspace =
            |id: &&DeploymentId| self.core.replicas.workspace(**id).as_ref() == Some(workspace);
        TopicGroup {
            group: group.name.clone(),
            topic: workspace.strip(topic.as_str()).unwrap_or(topic.as_str()).to_owned(),
            state: group.state.clone(),
            members: group.members.len(),
            deployments: group.deployments.iter().filter(of_workspace).copied().collect(),
            lag: group.of(Some(topic)).filter_map(|partition| partition.lag).reduce(|sum, lag| sum + lag),
            partitions: group.of(Some(topic)).map(|partition| partition_lag(group, partition)).collect(),
        }
    }
}

fn partition_lag(group: &Group, partition: &GroupPartition) -> PartitionLag {
    let at_work = partition.member.as_ref().and_then(|id| group.member(id)).map(|member| AtWork {
        id: member.id.clone(),
        client_id: member.client_id.clone(),
        replica: member.replica.clone(),
    });
    PartitionLag {
        partition: partition.partition,
        committed: partition.committed,
        end: partition.end,
        lag: partition.lag,
        member: at_work,
    }
}

/// Offsets that can be stood at.
fn kept(offsets: BTreeMap<i32, i64>, marks: &[Watermarks]) -> Result<BTreeMap<i32, i64>> {
    for (partition, offset) in &offsets {
        let mark = usize::try_from(*partition).ok().and_then(|index| marks.get(index));
        let mark = mark.ok_or_else(|| {
            Invalid::new("to", format!("partition {partition} does not exist; the topic has {}", marks.len()))
        })?;
        if !(mark.start..=mark.end).contains(offset) {
            let (start, end) = (mark.start, mark.end);
            let message = format!("partition {partition} has offsets from {start} to {end}, not {offset}");
            return Err(Invalid::new("to", message).into());
        }
    }
    Ok(offsets)
}

/// Whether a group is the workspace's: the broker lets nobody else use a name that begins so.
fn owns(workspace: &WorkspaceId, group: &str) -> bool {
    workspace.as_str() == group || workspace.strip(group).is_some()
}

/// A group's name at the broker.
fn full(workspace: &WorkspaceId, group: &str) -> String {
    match owns(workspace, group) {
        true => group.to_owned(),
        false => format!("{workspace}-{group}"),
    }
}

fn refused(error: Refused) -> Error {
    match error {
        Refused::UnknownGroup(name) => Error::not_found("group", name),
        Refused::GroupInUse(name) => Error::GroupInUse(name),
        other => other.into(),
    }
}
