//! Consumer groups.

use std::collections::BTreeSet;

use headwater_model::{DeploymentId, ReplicaId, TopicId};

/// A consumer group: who is in it, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Kafka's word for it: `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance` or `Dead`.
    pub state: String,
    /// Who is in it, by id.
    pub members: Vec<Member>,
    /// Deployments whose replicas have joined or committed, the latest last.
    pub deployments: Vec<DeploymentId>,
    /// Partitions that it has committed positions in or works on, by topic and number.
    pub partitions: Vec<GroupPartition>,
}

/// A member of a consumer group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id within the group.
    pub id: String,
    /// The client's name for itself.
    pub client_id: String,
    /// The replica that it is, when it signed in as one.
    pub replica: Option<ReplicaId>,
}

/// How far a consumer group is in a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupPartition {
    /// Full topic id.
    pub topic: TopicId,
    /// Partition.
    pub partition: i32,
    /// The next offset that it will read; none before it has committed one.
    pub committed: Option<i64>,
    /// The offset before which everything is decided: readers of what is committed come as far.
    pub end: i64,
    /// Records between the two; none while there is no position.
    pub lag: Option<i64>,
    /// The member that works on it.
    pub member: Option<String>,
}

impl Group {
    /// Records that it is behind, over all partitions with a position, of one topic or all.
    pub fn lag(&self, topic: Option<&TopicId>) -> i64 {
        self.of(topic).filter_map(|partition| partition.lag).sum()
    }

    /// Its partitions of one topic, or all.
    pub fn of(&self, topic: Option<&TopicId>) -> impl Iterator<Item = &GroupPartition> {
        self.partitions.iter().filter(move |partition| topic.is_none_or(|topic| partition.topic == *topic))
    }

    /// Topics that it has positions in or works on.
    pub fn topics(&self) -> BTreeSet<&TopicId> {
        self.partitions.iter().map(|partition| &partition.topic).collect()
    }

    /// A member by its id.
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }
}
