//! Consumer groups, for the process that the broker lives in.

use headwater_model::ReplicaId;
use kafka_protocol::ResponseError;

use crate::{
    Broker, Error, GroupInfo, Result,
    groups::{Committed, Committer},
};

/// Who changes positions of groups that nobody is in.
const TOOL: Committer<'_> = Committer { member: "", instance: None, generation: -1, deployment: None };

impl Broker {
    /// Consumer groups that have members or positions, by name.
    pub fn groups(&self) -> Vec<GroupInfo> {
        self.inner.groups.overview()
    }

    /// One consumer group.
    pub fn group(&self, name: &str) -> Result<GroupInfo> {
        self.inner.groups.look(name).ok_or_else(|| Error::UnknownGroup(name.to_owned()))
    }

    /// Removes a consumer group that nobody is in, with its positions.
    pub async fn delete_group(&self, name: &str) -> Result<()> {
        self.inner.groups.delete(name).await.map_err(|code| refused(name, code))
    }

    /// Moves a consumer group that nobody is in to these positions: topic, partition and the next offset to read. A group
    /// that nobody has used begins there.
    pub async fn move_group(&self, name: &str, positions: Vec<(String, i32, i64)>) -> Result<()> {
        let mut places = Vec::with_capacity(positions.len());
        for (topic, partition, offset) in positions {
            let missing = || Error::UnknownTopic(format!("{topic}[{partition}]"));
            let found = self.existing(&topic)?.partition(partition).ok_or_else(missing)?;
            let (start, end) = (found.offsets().start, found.offsets().end);
            // A group must never be found beyond the end of its partition after a crash.
            let read = offset.min(end);
            if self.inner.options.sync && read > start {
                found.durable(read - 1).await?;
            }
            let committed = Committed { offset, leader_epoch: -1, metadata: None };
            places.push(((topic, partition), committed));
        }
        self.inner.groups.commit(name, &TOOL, places).await.map_err(|code| refused(name, code))
    }

    /// When a replica last asked for records of a topic that it was given, stood at the end of one of its partitions or
    /// committed a position in it: milliseconds since 1970. None when it has not since the broker started.
    pub fn consumed(&self, replica: &ReplicaId, topic: &str) -> Option<i64> {
        self.inner.readers.last(replica, topic)
    }
}

fn refused(group: &str, code: ResponseError) -> Error {
    match code {
        ResponseError::GroupIdNotFound | ResponseError::CoordinatorNotAvailable => {
            Error::UnknownGroup(group.to_owned())
        }
        ResponseError::NonEmptyGroup | ResponseError::UnknownMemberId => Error::GroupInUse(group.to_owned()),
        code => Error::invalid(code, format!("group '{group}' could not be changed: {code}")),
    }
}
